// parse5 parses HTML; xml2js, papaparse, nearley and antlr4 parse the rest.
import { readFileSync } from "node:fs";
import nearley from "nearley";
import Papa from "papaparse";
import * as parse5 from "parse5";
import xml2js from "xml2js";

const html = "<!doctype html><title>a&amp;b</title><p>x<p>y<table><tr><td>1<td>2<div>foster</table><b><i>over</b>lap</i><svg><circle r=1 /></svg><script>if (a < b) {}</script><select><option>1<option selected>2</select>&nosuch;&copy";
console.log(parse5.serialize(parse5.parse(html)));
const big = html.repeat(200);
console.log(parse5.serialize(parse5.parseFragment(big)).length, parse5.parse(html, { onParseError: (e) => console.log(e.code, e.startOffset) }).childNodes.length);
const xml = `<r a="1"><!-- c --><x>1</x><x b='2'>t<y/>u</x><![CDATA[<z>]]></r>`;
console.log(JSON.stringify(await xml2js.parseStringPromise(xml)), new xml2js.Builder().buildObject({ r: { $: { a: 1 }, x: ["1", { _: "t", $: { b: 2 } }] } }));
console.log(Papa.parse('a,b\n1,"x ""q""\ny"\n3,4,5', { header: true, dynamicTyping: true }), Papa.unparse([{ a: 1, b: 'x,"y"' }]));
const grammar = nearley.Grammar.fromCompiled({ Lexer: undefined, ParserStart: "sum", ParserRules: [
  { name: "sum", symbols: ["sum", { literal: "+" }, "product"], postprocess: ([a, , b]) => a + b }, { name: "sum", symbols: ["product"], postprocess: ([x]) => x },
  { name: "product", symbols: ["product", { literal: "*" }, "digit"], postprocess: ([a, , b]) => a * b }, { name: "product", symbols: ["digit"], postprocess: ([x]) => x },
  { name: "digit", symbols: [/[0-9]/], postprocess: ([d]) => Number(d) }] });
const parser = new nearley.Parser(grammar);
parser.feed("1+2*3+4*5*6");
console.log(parser.results);
try {
  parser.feed("+*");
} catch (error) {
  console.log(error.message.split("\n").slice(0, 8).join("\n"), error.offset);
}
