// Done once the file is there.
import fs from "node:fs";
fs.writeFileSync(`${globalThis.cutOff}/begun`, "");
while (!fs.existsSync(`${globalThis.cutOff}/go`));
export const deep = 1;
