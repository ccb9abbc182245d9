// Files and formats: .js names of .ts files, .mts, .cts, types among imports.
import type { Only } from "./fixtures/missing.js";
import type Whole from "./fixtures/missing.js";
import { type Options, start, type Other as Another } from "./fixtures/lib.js";
import * as ns from "./fixtures/lib.ts";
import strict from "./fixtures/strict.mts";
import { createRequire } from "node:module";
import plain, { named } from "./fixtures/plain.cjs";
export type { Options } from "./fixtures/lib.ts";
export type * from "./fixtures/missing.js";

const options: Options = { level: 2 };
console.log(start(options), Object.keys(ns).join(), strict);
console.log(plain.name, named);
const require = createRequire(import.meta.url);
console.log(require("./fixtures/plain.cts").name, require("./fixtures/lib.ts").start({ level: 3 }));
console.log((await import("./fixtures/lib.js")) === ns);

const refused = [
  "./fixtures/enum.ts", "./fixtures/untyped_import.ts", "./fixtures/untyped_export.ts",
  "./fixtures/view.tsx", "typed", "./fixtures/property.ts",
];
for (const name of refused) {
  try {
    await import(name);
    console.log(name, "loaded");
  } catch (e: any) {
    console.log(e.code ?? e.name, e.message.replace(/\/.*\//, "/"));
  }
}
try { require("./fixtures/lib") } catch (e: any) { console.log(e.code) }
