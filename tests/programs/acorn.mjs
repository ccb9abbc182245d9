// acorn parses the largest file of the typescript package.
import { readFileSync } from "node:fs";
import * as acorn from "acorn";

const source = readFileSync("node_modules/typescript/lib/typescript.js", "utf8");
const tree = acorn.parse(source, { ecmaVersion: 2022 });
let nodes = 0;
const kinds = new Map();
const pending = [tree];
while (pending.length > 0) {
  const node = pending.pop();
  nodes++;
  kinds.set(node.type, (kinds.get(node.type) ?? 0) + 1);
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) {
      for (const item of value) if (item?.type) pending.push(item);
    } else if (value?.type) {
      pending.push(value);
    }
  }
}
console.log(tree.end, nodes);
for (const [kind, count] of [...kinds].sort()) console.log(kind, count);
