// graceful-fs, resolve-from, import-fresh and require-from-string: what tools
// build on node:fs and node:module.
const fs = require("fs");
const os = require("os");
const path = require("path");
const gracefulFs = require("graceful-fs");
const importFresh = require("import-fresh");
const requireFromString = require("require-from-string");
const resolveFrom = require("resolve-from");

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "tools-"));
const short = (text) => String(text).replaceAll(folder, "FOLDER");
fs.mkdirSync(path.join(folder, "node_modules/inner"), { recursive: true });
fs.writeFileSync(path.join(folder, "node_modules/inner/index.js"),
                 "module.exports = 'inner';");

console.log(short(resolveFrom(folder, "inner")), resolveFrom.silent(folder, "nowhere"));
console.log(resolveFrom(folder, "fs"));
try {
  resolveFrom(folder, "./nowhere");
} catch (e) {
  console.log(e.code, short(e.message.split("\n")[0]));
}

console.log(requireFromString("module.exports = 1 + 1"));
console.log(short(requireFromString("module.exports = __filename",
                                    path.join(folder, "made.js"))));
console.log(requireFromString("module.exports = require('inner')", path.join(folder, "made.js"),
                              { prependPaths: [path.join(folder, "node_modules")] }));

const counting = path.join(folder, "counting.js");
fs.writeFileSync(counting, "global.count = (global.count ?? 0) + 1;\nmodule.exports = global.count;");
console.log(importFresh(counting), importFresh(counting), require(counting));

const file = path.join(folder, "file.txt");
gracefulFs.writeFileSync(file, "graceful");
let text = "";
gracefulFs.createReadStream(file, "utf8").on("data", (chunk) => { text += chunk; })
  .on("close", () => {
    console.log(text);
    const writer = gracefulFs.createWriteStream(file, { flags: "a" });
    writer.end(" writes", () => {
      const reader = new gracefulFs.ReadStream(file);
      console.log(gracefulFs.readFileSync(file, "utf8"), writer instanceof gracefulFs.WriteStream,
                  reader instanceof fs.ReadStream);
      reader.on("close", () => gracefulFs.readdir(folder, (error, names) => {
        console.log(error, names);
        fs.rmSync(folder, { recursive: true });
      })).on("open", () => reader.destroy());
    });
  });
