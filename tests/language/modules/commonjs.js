// CommonJS: require, cycles, cache, JSON, main, exports.
const path = require("path");
const first = require("./fixtures/common.cjs");
console.log(first.path, first.other, require("./fixtures/common.cjs") === first);
console.log(require("./fixtures/data.json").list, require("./fixtures/other").value);
console.log(require.main === module, typeof __dirname, path.basename(__filename), module.exports === exports, this === exports);
try { require("./nope"); } catch (e) { console.log(e.code); }
console.log(require.resolve("./fixtures/other.js") === path.join(__dirname, "fixtures/other.js"));
console.log(typeof require("fs").readFileSync, require("node:os").EOL === "\n", require("util").inspect({ a: 1 }));
