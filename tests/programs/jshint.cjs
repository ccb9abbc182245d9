// jshint and uglify-js on a library.
const { readFileSync } = require("node:fs");
const { JSHINT } = require("jshint");
const uglify = require("uglify-js");

const source = readFileSync("node_modules/mustache/mustache.js", "utf8");
JSHINT(source, { undef: true, unused: true, curly: true, eqeqeq: true, esversion: 5, maxcomplexity: 4 });
for (const e of JSHINT.errors) console.log(`${e.line}:${e.character} ${e.code} ${e.reason}`);
console.log(JSON.stringify(JSHINT.data()).length);
const { code, map } = uglify.minify(source, { sourceMap: true, toplevel: true });
console.log(code, map.length);
