// Modules whose loading or linking failed for want of memory are imported once
// more: the scan of failing allocations has this. An error of a module's own
// evaluation stays with it.
import { createRequire } from "node:module";

const required = createRequire(`${import.meta.dirname}/fixtures/packages/x.js`);
const uses = {
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
  required: async () => required("legacy"),
  conditions: async () => required("conditions"),
  resolved: async () => required.resolve("legacy").split("/").slice(-3),
  paths: async () => required.resolve("legacy", {
    paths: ["/", `${import.meta.dirname}/fixtures/packages`],
  }).split("/").slice(-3),
  url: async () => import.meta.resolve("./missing.js").split("/").at(-1),
  builtin: async () => (await import("node:querystring")).escape("&"),
};
function finding(...what) {
  console.error(...what);
  process.abort();
}
for (const [name, use] of Object.entries(uses)) {
  const results = [];
  for (let i = 0; i < 2; i++) {
    try {
      results.push(JSON.stringify(await use()));
    } catch (error) {
      if (error.message !== "Out of memory") finding(name, i, error);
    }
  }
  if (results.length === 2 && results[0] !== results[1]) finding(results);
  console.log(name, results[0]);
}
