// @babel/core with preset-env compiles modern modules to ES5.
const { readFileSync } = require("node:fs");
const babel = require("@babel/core");

for (const file of ["marked/lib/marked.esm.js", "zod/v3/types.js"]) {
  const result = babel.transformSync(
    readFileSync(`node_modules/${file}`, "utf8"),
    {
      babelrc: false,
      configFile: false,
      compact: false,
      sourceMaps: true,
      presets: [[require("@babel/preset-env"), {
        targets: "ie 11",
        modules: "commonjs",
      }]],
    },
  );
  console.log(result.code);
  console.log(result.map.mappings.length, result.map.names.slice(0, 50));
}
const { code } = babel.transformSync(`
  class A { #x = 1; static s = 2; get x() { return this.#x; } }
  async function* g(...a) { for await (const { b = 1, ...c } of a) yield* c; }
  const t = \`a\${1 ** 2}\` ?? a?.b?.[c]?.(d); label: for (let i of t) continue label;
`, { babelrc: false, configFile: false, presets: [require("@babel/preset-env")],
     targets: "chrome 50" });
console.log(code);
