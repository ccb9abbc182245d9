// @babel/parser parses a script, TypeScript declarations, and JSX with flow.
const { readFileSync } = require("node:fs");
const { parse, parseExpression } = require("@babel/parser");

function count(tree) {
  const kinds = new Map();
  const visit = (node) => {
    if (Array.isArray(node)) return node.forEach(visit);
    if (typeof node?.type !== "string") return;
    kinds.set(node.type, (kinds.get(node.type) ?? 0) + 1);
    for (const key in node) if (key !== "loc") visit(node[key]);
  };
  visit(tree.program);
  return [...kinds].sort(([a], [b]) => (a < b ? -1 : 1));
}

const read = (path) => readFileSync(`node_modules/${path}`, "utf8");
console.log(count(parse(read("lodash/lodash.js"), { tokens: true })));
console.log(count(parse(read("typescript/lib/lib.es5.d.ts"), {
  sourceType: "module",
  plugins: [["typescript", { dts: true }]],
})));
const element = parseExpression("<a b={c} {...d}>text <e.f/> {g}</a>", {
  plugins: ["jsx", "flow"],
});
console.log(JSON.stringify(element, null, 1));
const recovered = parse("let a; let a; return 1; await 2", {
  errorRecovery: true,
});
for (const error of recovered.errors) console.log(error.code, error.message);
