// webpack bundles ES modules, CommonJS, JSON and a lazy chunk. (Its default hash
// is WebAssembly.)
const path = require("node:path");
const webpack = require("webpack");
const fs = require("node:fs");
const os = require("node:os");

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "webpack-"));
fs.writeFileSync(path.join(folder, "index.js"), `import { a, unused } from "./a.js"; import data from "./data.json"; import * as b from "./b.cjs";
import("./lazy.js").then(({ lazy }) => console.log(lazy)); console.log(a(data.x), b.default.y, typeof require, DEFINED);`);
fs.writeFileSync(path.join(folder, "a.js"), `export const a = (x) => x + 1; export const unused = () => "never"; export { default as c } from "./b.cjs";`);
fs.writeFileSync(path.join(folder, "b.cjs"), `exports.y = 2; exports.z = require("./data.json");`);
fs.writeFileSync(path.join(folder, "data.json"), `{"x": 1, "unusedKey": [1, 2]}`);
fs.writeFileSync(path.join(folder, "lazy.js"), `export const lazy = "later";`);
webpack({
  context: folder, entry: "./index.js", mode: "production", target: "node", devtool: false,
  output: { path: path.join(folder, "dist"), filename: "main.js", chunkFilename: "[id].js", hashFunction: "sha256" },
  optimization: { minimize: false, moduleIds: "named", chunkIds: "named" },
  plugins: [new webpack.DefinePlugin({ DEFINED: JSON.stringify("yes") })],
}, (error, stats) => {
  console.log(error, stats?.toString({ all: false, errors: true, warnings: true, modules: true, assets: true }));
  for (const name of fs.readdirSync(path.join(folder, "dist")).sort()) console.log(name, fs.readFileSync(path.join(folder, "dist", name), "utf8"));
  const log = console.log;
  require(path.join(folder, "dist", "main.js"));
  setTimeout(() => fs.rmSync(folder, { recursive: true }), 50);
});
