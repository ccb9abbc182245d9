// terser minifies lodash, with a source map.
import { readFileSync } from "node:fs";
import { minify } from "terser";

const source = readFileSync("node_modules/lodash/lodash.js", "utf8");
const { code, map } = await minify({ "lodash.js": source }, {
  sourceMap: { filename: "lodash.min.js" },
  compress: { passes: 1 },
});
console.log(code);
console.log(map.length);
const small = await minify(`
  function f(unused, { a, b = a + 1 } = {}) { if (false) dead(); else return a ? b : b; }
  const g = async () => { for await (const x of [1 + 2, "a" + "b"]) console.log(x, f()); };
  export class C { #p = 1; static { g(); } get p() { return this.#p ?? 2; } }
`, { module: true, toplevel: true, ecma: 2022 });
console.log(small.code);
