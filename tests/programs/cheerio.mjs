// cheerio selects in and changes a page.
import * as cheerio from "cheerio";

const $ = cheerio.load(`<ul class=fruits>${Array.from({ length: 300 }, (_, i) => `<li class="${["apple", "pear"][i % 2]}" data-n=${i}>F ${i} <a href="/x/${i}?a=1&amp;b">go</a></li>`).join("")}</ul>`);
console.log($(".apple:nth-child(3n) > a[href*='2']").length, $("li").eq(5).next().text(), $("ul").find(".pear").map((_, e) => $(e).data("n")).get().slice(-3));
$("li:contains('F 1')").addClass("one").attr("title", "<q>").slice(10).remove();
$("ul").prepend("<li>first</li>").wrap("<div id=w></div>");
console.log($.html().length, $("li").first().parent().attr("class"), $("#w").html().slice(0, 700), $("a").last().prop("outerHTML"));
console.log($.extract({ links: [{ selector: "a", value: "href" }], first: "li" }).links.length, cheerio.load("<r><X y='1'/></r>", { xml: true }).xml());
