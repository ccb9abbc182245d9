// highlight.js marks up sources in many languages.
const { readFileSync } = require("node:fs");
const hljs = require("highlight.js");

const read = (path) => readFileSync(`node_modules/${path}`, "utf8").slice(0, 30000);
for (const [language, path] of [["javascript", "lodash/lodash.js"], ["typescript", "typescript/lib/lib.es5.d.ts"], ["json", "lodash/package.json"], ["markdown", "commander/Readme.md"]]) {
  const { value, relevance } = hljs.highlight(read(path), { language });
  console.log(language, relevance, value.length, value.slice(0, 3000));
}
for (const code of ["def f(x):\n  return [y for y in x if y] # c", "SELECT * FROM t WHERE a = 'b';", "#include <x>\nint main(void) { return 0; }", "fn main() { let x: &str = \"a\"; }", "<p class=\"x\">&amp;</p>", "body { color: #fff }"]) {
  const { language, relevance, value } = hljs.highlightAuto(code);
  console.log(language, relevance, value);
}
