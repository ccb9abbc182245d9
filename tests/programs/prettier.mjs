// prettier formats JavaScript, TypeScript, CSS, Markdown, HTML and YAML.
import { readFileSync } from "node:fs";
import * as babel from "prettier/plugins/babel";
import * as estree from "prettier/plugins/estree";
import * as html from "prettier/plugins/html";
import * as markdown from "prettier/plugins/markdown";
import * as postcss from "prettier/plugins/postcss";
import * as typescript from "prettier/plugins/typescript";
import * as yaml from "prettier/plugins/yaml";
import { format } from "prettier/standalone";

const plugins = [babel, estree, html, markdown, postcss, typescript, yaml];
const read = (path) => readFileSync(`node_modules/${path}`, "utf8");
const inputs = [
  ["babel", read("mustache/mustache.js"), { semi: false, singleQuote: true }],
  ["typescript", read("rxjs/src/internal/Observable.ts"), { printWidth: 60 }],
  ["markdown", read("commander/Readme.md"), { proseWrap: "always" }],
  ["css", "a{color:red;b:c}@media (min-width:1px){.x,#y>z{margin:0 auto!important}}"],
  ["less", ".m(@a:1){width:~'calc(@{a})'} .n{.m(2);&:hover{color:@c}}"],
  ["html", "<!doctype html><p class='b  a'>x<b>y</b><script>let a=1</script><pre>\n z</pre>"],
  ["yaml", "a:   [1,2,  {b: c}]\nd: |\n   text\n\n# note\ne:    &x f\n"],
];
for (const [parser, source, options] of inputs) {
  console.log(`--- ${parser}`);
  console.log(await format(source, { parser, plugins, ...options }));
}
