// esprima tokenizes and parses lodash with locations and comments.
const { readFileSync } = require("node:fs");
const esprima = require("esprima");

const source = readFileSync("node_modules/lodash/lodash.js", "utf8");
const tokens = esprima.tokenize(source, { loc: true });
const kinds = {};
for (const { type } of tokens) kinds[type] = (kinds[type] ?? 0) + 1;
console.log(kinds);
const tree = esprima.parseScript(source, {
  loc: true,
  range: true,
  comment: true,
});
console.log(tree.comments.length, JSON.stringify(tree.body).length);
console.log(JSON.stringify(tree.body[0], null, 1).slice(0, 2000));
for (const bad of ["let = = 1", "for (;;", "({ a b })", "'\\u{110000}'"]) {
  try {
    esprima.parseScript(bad);
  } catch (error) {
    console.log(error.message, error.index);
  }
}
