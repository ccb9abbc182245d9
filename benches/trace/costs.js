// SPDX-License-Identifier: MIT
// What rill:trace and the async context cost: nanoseconds of processor time a
// piece, the least of nine. Usage: rill run benches/trace/costs.js
import { AsyncLocalStorage } from "node:async_hooks";
import { dumpTasks, event, span, startTrace, stopTrace } from "rill:trace";
import { sleep } from "rill:time";

async function measure(name, count, work) {
  let least = Infinity;
  for (let i = 0; i < 9; i++) {
    const start = process.cpuUsage();
    await work(count);
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, user + system);
    await sleep(30); // for the exporter
  }
  console.log(`${name}: ${((least * 1e3) / count).toFixed(0)} ns`);
}

async function awaits(n) {
  for (let i = 0; i < n; i++) await null;
}
function events(n) {
  for (let i = 0; i < n; i++) event("something", { i });
}
function spans(n) {
  for (let i = 0; i < n; i++) span("something", () => i);
}
const storage = new AsyncLocalStorage();

await measure("await", 1e6, awaits);
await measure("await, in a context", 1e6, (n) => storage.run(1, awaits, n));
await measure("AsyncLocalStorage.run", 1e5, (n) => {
  for (let i = 0; i < n; i++) storage.run(i, () => i);
});
await measure("getStore", 1e6, (n) => storage.run(1, () => {
  for (let i = 0; i < n; i++) storage.getStore();
}));
await measure("event, off", 1e6, events);
await measure("span, off", 1e6, spans);
startTrace({ form: "json", file: "/dev/null" });
await measure("event, json", 5000, events);
await measure("span, json", 2500, spans);
console.log(`dropped: ${stopTrace()}`);

for (const count of [1000, 100000]) {
  const list = Array.from({ length: count }, async () => { await sleep(1e6); });
  await sleep(1);
  const start = performance.now();
  const dump = dumpTasks();
  const took = performance.now() - start;
  console.log(`dump of ${dump.isolates[0].taskCount} tasks: ` +
              `${took.toFixed(1)} ms`, list.length);
}
process.exit(0);
