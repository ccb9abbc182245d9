// Errors of TypeScript files have Node's codes.
import { createRequire } from "node:module";
import { writeFileSync } from "node:fs";
import { temporaryDirectory } from "rill:fs";

await using folder = await temporaryDirectory();
const require = createRequire(import.meta.url);
for (const text of ["enum A { x }", "namespace N { export const a = 1 }",
  "class A { constructor(private x) {} }", "let x: = 1;", "let x = (1;"]) {
  for (const name of ["a.ts", "a.mts", "a.cts"]) {
    const path = `${folder.path}/${Math.random()}${name}`;
    writeFileSync(path, text);
    const got = name === "a.cts" ? Promise.try(require, path) : import(path);
    console.log(name, await got.catch((error) => [error.name, error.code]));
  }
}
const javascript = `${folder.path}/a.mjs`;
writeFileSync(javascript, "enum A {}");
console.log(await import(javascript).catch((error) => error.code));
