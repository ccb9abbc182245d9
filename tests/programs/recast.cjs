// recast changes a source and keeps the layout of the rest; escodegen, meriyah.
const { readFileSync } = require("node:fs");
const recast = require("recast");
const escodegen = require("escodegen");
const meriyah = require("meriyah");

const source = readFileSync("node_modules/mustache/mustache.js", "utf8");
const tree = recast.parse(source);
recast.types.visit(tree, {
  visitVariableDeclaration(path) {
    path.node.kind = "let";
    this.traverse(path);
  },
  visitIdentifier(path) {
    if (path.node.name === "view") path.node.name = "looked";
    this.traverse(path);
  },
});
console.log(recast.print(tree).code);
console.log(recast.prettyPrint(tree, { tabWidth: 2, quote: "double" }).code.length);
console.log(escodegen.generate(meriyah.parseScript(source, { next: true }), { format: { compact: false, quotes: "double" } }));
