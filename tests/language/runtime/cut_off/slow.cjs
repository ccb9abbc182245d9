const fs = require("node:fs");
exports.early = 1;
fs.writeFileSync(`${globalThis.cutOff}/begun`, "");
while (!fs.existsSync(`${globalThis.cutOff}/go`));
exports.late = 2;
