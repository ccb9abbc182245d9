// Without import and export a .ts file is CommonJS; types do not change that.
import type { Options } from "./fixtures/lib.ts";
export type Level = Options["level"];
const level: Level = require("./fixtures/lib.js").start({ level: 1 } satisfies Options);
console.log(level, typeof module, __filename.endsWith("script.ts"));
