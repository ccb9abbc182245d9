// jsdom parses a page, runs its scripts, answers selectors, fires events.
const { JSDOM } = require("jsdom");

const dom = new JSDOM(`<!doctype html><title>t</title><ul id=list><li class="a b">1<li>2</ul><form><input name=x value=1><select name=y><option>p<option selected>q</select></form>
<script>const ul = document.getElementById("list"); for (let i = 3; i < 50; i++) { const li = document.createElement("li"); li.textContent = "<" + i + ">"; li.dataset.index = i; ul.append(li); }
ul.addEventListener("click", (e) => { window.clicked = e.target.textContent + e.bubbles + e.eventPhase; }); class X extends HTMLElement { connectedCallback() { this.innerHTML = "<b>x</b>"; } } customElements.define("x-y", X); document.body.append(new X());</script>`,
  { runScripts: "dangerously", url: "https://example.org/a?b#c", pretendToBeVisual: false });
const { document, window } = { document: dom.window.document, window: dom.window };
console.log(document.title, document.querySelectorAll("li:nth-child(odd):not(.a)[data-index]").length, document.querySelector("x-y").outerHTML);
document.querySelector("li:last-child").click();
console.log(window.clicked, window.location.href, [...new window.FormData(document.forms[0]).entries()], document.querySelector("li").matches(".a.b"));
const range = document.createRange();
range.selectNodeContents(document.querySelector("ul"));
console.log(range.toString().length, window.getComputedStyle(document.querySelector("li")).display, document.evaluate("count(//li)", document, null, 1, null).numberValue);
const observer = new window.MutationObserver((records) => console.log(records.map((r) => `${r.type}:${r.target.nodeName}`)));
observer.observe(document.body, { childList: true, subtree: true, attributes: true });
document.querySelector("ul").setAttribute("title", "x");
document.querySelector("ul").firstChild.remove();
document.body.style.cssText = "color: red; margin: 1px 2px";
console.log(document.body.style.marginLeft, new window.DOMParser().parseFromString("<r><a b='c'/></r>", "text/xml").documentElement.innerHTML, new window.XMLSerializer().serializeToString(document.createElementNS("http://www.w3.org/2000/svg", "svg")));
console.log(dom.serialize());
