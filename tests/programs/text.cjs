// fuse.js, lunr, compromise, jsonata: searching, understanding, querying.
const Fuse = require("fuse.js");
const jsonata = require("jsonata");
const lunr = require("lunr");
const nlp = require("compromise");

const books = Array.from({ length: 300 }, (_, i) => ({ id: i, title: `The ${["quick", "lazy", "old", "grey"][i % 4]} ${["fox", "dog", "sea", "man", "wolf"][i % 5]} ${i}`, author: { name: `Author ${i % 17}` }, price: i / 4 }));
console.log(new Fuse(books, { keys: ["title", "author.name"], includeScore: true, threshold: 0.3 }).search("quik fox").slice(0, 5).map((r) => [r.item.id, r.score.toFixed(6)]));
const index = lunr(function () {
  this.ref("id");
  this.field("title", { boost: 2 });
  for (const book of books) this.add(book);
});
console.log(index.search("quick~1 +wolf -12").slice(0, 5).map((r) => [r.ref, r.score.toFixed(5)]), JSON.stringify(index).length);
const text = nlp("Dr. Smith didn't walk to Paris on March 3rd; she was running quickly. We have twenty-two cats!");
console.log(text.sentences().toPastTense().text(), text.people().text(), text.places().out("array"), text.numbers().toNumber().text(), text.verbs().json().length, text.nouns().toPlural().text());
Promise.all(["$sum(b.price)", "b[price > 70].title", "b{author.name: $count(title)}", "($f := function($n) { $n < 2 ? $n : $f($n - 1) + $f($n - 2) }; $f(12))", "b[0..2].{ 't': $uppercase(title), 'p': price & '!' }", "$map([1..5], function($x) { $x * 2 }) ~> $reverse", "$match('a1b22', /\\d+/).match"].map((q) => jsonata(q).evaluate({ b: books }))).then((all) => {
  for (const one of all) console.log(JSON.stringify(one));
  jsonata("b[").evaluate({}).catch((e) => console.log(e.code));
}, (e) => console.log(e.message)).catch((e) => console.log(e.code, e.message));
