// SPDX-License-Identifier: MIT
// rill:trace: spans and events, through awaits, tasks, files and requests.
import { event, isEnabled, span, startTrace, stopTrace } from "rill:trace";
import { makeTemporaryDirectory, readText, remove, writeFile } from "rill:fs";
import { serve } from "rill:http";
import { spawn } from "rill:task";
import { sleep } from "rill:time";

const folder = await makeTemporaryDirectory("/tmp/rill-trace-");
const file = `${folder}/events.json`;
console.log(isEnabled(), span("off", () => 5), stopTrace());
using off = span("off too");
console.log(off.id);

const filter = "info,gc=off,jit=off,app=debug";
startTrace({ form: "json", file, filter });
try { startTrace(); } catch (e) { console.log(e.message); }
console.log(isEnabled("debug"), isEnabled("trace"));

const result = await span("outer", { a: 1, big: 10n }, async (s) => {
  event("plain");
  await sleep(2);
  event("detailed", { x: "\"quoted\"\n" }, { level: "debug" });
  event("too detailed", {}, { level: "trace" });
  {
    using inner = span("inner");
    await sleep(1);
    inner.setAttribute("late", [1, 2]);
    event("within");
  }
  event("after inner");
  await Promise.all(["one", "two"].map((name) =>
    span(name, async () => { await sleep(3); event(`in ${name}`); })));
  await writeFile(`${folder}/x`, "text");
  await readText(`${folder}/missing`).catch(() => {});
  s.setAttribute("done", true);
  return 42;
});
console.log(result);
try { span("throws", () => { throw new Error("no"); }); } catch {}
await span("rejects", async () => { throw new Error("later"); }).catch(() => {});
await span("spawns", () => spawn(async function remote() {
  const { event } = await import("rill:trace");
  event("on a worker");
}));
const server = await serve({ port: 0, hostname: "127.0.0.1" }, async () => {
  await sleep(1);
  event("in handler");
  return { status: 201, body: "made" };
});
await (await fetch(`http://127.0.0.1:${server.address.port}/a?b`)).text();
await server.close();
for (const bad of [() => span("x", 5), () => event("x", {}, { level: "loud" }),
                   () => startTrace({ form: "xml" })]) {
  try { bad(); } catch (e) { console.log(e.name, e.message); }
}
console.log(stopTrace());
try {
  startTrace({ filter: "nonsense" });
} catch (e) { console.log(e.message); }
try {
  startTrace({ file: `${folder}/no/such/file` });
} catch (e) { console.log(e.message.replace(folder, "")); }

const events = (await readText(file)).trim().split("\n").map((l) => JSON.parse(l));
const names = new Map(events.filter((e) => e.type === "begin")
  .map((e) => [e.span, e.name]));
for (const e of events) {
  if (e.type === "begin") continue;
  const name = (e.name ?? "").replace(/:\d+\//, ":PORT/");
  const attributes = JSON.stringify(e.attributes).replace(folder, "");
  console.log(e.type, e.category, e.level, name, "in",
              names.get(e.parent) ?? "-", attributes);
}
const begun = events.filter((e) => e.type === "begin").length;
console.log(begun === events.filter((e) => e.type === "end").length,
            events.every((e) => e.type !== "end" || e.durationMs >= 0));
await remove(folder, { recursive: true });
