// Module of node:module as packages use it: what Node 20 prints.
import { mkdtempSync, rmSync, mkdirSync, writeFileSync } from "node:fs";
import Module, { _cache, _nodeModulePaths, _resolveFilename, createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

const folder = mkdtempSync(join(tmpdir(), "rill_module_"));
const short = (text) => String(text).replaceAll(folder, "FOLDER");
mkdirSync(join(folder, "node_modules/pkg"), { recursive: true });
writeFileSync(join(folder, "node_modules/pkg/index.js"), "module.exports = 'pkg';");
writeFileSync(join(folder, "near.js"), "module.exports = __filename;");

console.log(Module === Module.Module, typeof Module, Module._resolveFilename === _resolveFilename);
console.log(_nodeModulePaths("/a/node_modules/b/c"), _nodeModulePaths("/"));
console.log(Module.wrap("x"), Module.wrapper);

// A module of text, as require-from-string makes it.
const parent = new Module("/x/parent.js");
const made = new Module("/x/y.js", parent);
console.log(Object.keys(made), made.id, made.path, made.filename, made.loaded, made.paths);
console.log(made.parent === parent, parent.children[0] === made, new Module().id === "");
made.filename = join(folder, "y.js");
made.paths = _nodeModulePaths(folder);
console.log(made._compile(
  "#!/usr/bin/env node\nmodule.exports = { a: __filename, b: __dirname, c: typeof require, " +
    "d: require.resolve('fs'), e: this === exports, f: arguments.length, g: require('pkg') };",
  join(folder, "y.js")));
console.log(short(JSON.stringify(made.exports)));
for (const text of ["throw new Error('in it')", "("]) {
  try {
    made._compile(text, "/x/z.js");
  } catch (e) {
    console.log(e.name, e.message === "in it" && /\/x\/z\.js:1:7/.test(e.stack));
  }
}
console.log(made.require("path") === createRequire("/")("path"), short(made.require("./near.js")));
for (const id of [5, ""]) {
  try {
    made.require(id);
  } catch (e) {
    console.log(e.code, e.message);
  }
}

// Names to files, as resolve-from does it.
const of = (file) => ({ id: file, filename: file, paths: _nodeModulePaths(folder) });
for (const values of [
  ["fs"], ["node:fs", null], ["./nope", of(join(folder, "n.js"))], ["nope", of(join(folder, "n.js"))],
  ["./near.js", of(join(folder, "n.js"))], ["pkg", of(join(folder, "noop.js"))],
  ["pkg", { id: "x", paths: _nodeModulePaths(folder) }], ["./near.js", null, false, { paths: [folder] }],
  ["pkg", null, false, { paths: [folder] }], [join(folder, "near"), null], [5, null], ["", null],
]) {
  try {
    console.log(short(_resolveFilename(...values)));
  } catch (e) {
    console.log(e.name, e.code, short(e.message.split("\n")[0]));
  }
}

// The cache, as import-fresh clears it.
const require = createRequire(join(folder, "n.js"));
const near = require.resolve("./near.js");
require("./near.js");
console.log(_cache === require.cache, _cache[near].exports === near, delete _cache[near]);
writeFileSync(near, "module.exports = 'again';");
console.log(require("./near.js"));
rmSync(folder, { recursive: true });
