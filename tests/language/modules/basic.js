// ES modules: cycles, live bindings, namespaces, dynamic import, JSON, CommonJS.
import def, { count, increment, default as again } from "./fixtures/counter.mjs";
import * as ns from "./fixtures/counter.mjs";
import { a, readB } from "./fixtures/cycle_a.mjs";
import data from "./fixtures/data.json" with { type: "json" };
import cjs, { named } from "./fixtures/common.cjs";
import pkg, { sub } from "pkg";
import { feature } from "pkg/feature";
console.log(def, count, again === def);
increment();
console.log(count, ns.count, Object.keys(ns), ns[Symbol.toStringTag]);
try { ns.count = 5; } catch (e) { console.log(e.name); }
try { count = 5; } catch (e) { console.log(e.name, e.message); }
console.log(a, readB(), data.list, cjs.named, named, pkg, sub, feature);
console.log(import.meta.url.startsWith("file:///"), typeof this);
const dynamic = await import("./fixtures/counter.mjs");
console.log(dynamic === ns, (await import("./fixtures/tla.mjs")).value);
for (const bad of ["./fixtures/missing.mjs", "no-such-package", "./fixtures/broken.mjs", "node:nothing"]) {
  try { await import(bad); } catch (e) { console.log(e.name, e.code ?? ""); }
}
