// Modules whose loading or linking failed for want of memory are imported once
// more, and no lack of memory is a module that is not there: the scan of failing
// allocations has this. An error of a module's own evaluation stays with it.
import { createRequire } from "node:module";
import { answers } from "../answers.mjs";

const required = createRequire(`${import.meta.dirname}/fixtures/packages/x.js`);
const end = (path) => path.split("/").slice(-3);
await answers({
  cycle: async () => (await import("./fixtures/again/a.mjs")).seen(),
  waits: async () => (await import("./fixtures/again/waits.mjs")).value,
  json: async () =>
    (await import("./fixtures/data.json", { with: { type: "json" } })).default,
  commonjs: async () => Object.keys(await import("./fixtures/common.cjs")),
  reexport: async () =>
    Object.keys(await import("./fixtures/commonjs/reexport.cjs")),
  unknown: async () => (await import("./fixtures/other.js")).default,
  query: async () => {
    const one = await import("./fixtures/counter.mjs");
    return one === await import("./fixtures/counter.mjs?again");
  },
  data: async () => (await import("data:text/javascript,export default 4")).default,
  required: () => required("legacy"),
  conditions: () => required("conditions"),
  resolved: () => end(required.resolve("legacy")),
  paths: () => end(required.resolve("legacy", {
    paths: ["/", `${import.meta.dirname}/fixtures/packages`],
  })),
  url: () => end(import.meta.resolve("./missing.js")).at(-1),
  builtin: async () => (await import("node:querystring")).escape("&"),
});
