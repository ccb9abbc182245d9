// What spawn costs and gains: CPU work on two workers against one, the way of
// one task there and back, 100,000 tasks. Times are the best of some rounds, for
// machines that do other things too; for the work they are also given without
// the time that the worker who was last had to wait for a processor, which only
// the system can shorten.
import { readdirSync, readFileSync } from "node:fs";
import { availableWorkers, spawn } from "rill:task";

function work(n) {
  let s = 0;
  for (let i = 0; i < n; i++) s = (s * 31 + i) | 0;
  return s;
}
const time = async (fn) => {
  const start = performance.now();
  await fn();
  return performance.now() - start;
};

// Milliseconds that workers ran and waited for a processor until now.
function schedules() {
  const workers = new Map();
  for (const thread of readdirSync("/proc/self/task")) {
    const read = (name) =>
      readFileSync(`/proc/self/task/${thread}/${name}`, "utf8");
    if (!read("comm").startsWith("rill-task")) continue;
    const [run, wait] = read("schedstat").split(" ");
    workers.set(thread, { run: run / 1e6, wait: wait / 1e6 });
  }
  return workers;
}
// [milliseconds, those without waiting for a processor]
async function timeWithout(fn) {
  const before = schedules();
  const all = await time(fn);
  let last = 0, waited = 0;
  for (const [thread, { run, wait }] of schedules()) {
    const b = before.get(thread) ?? { run: 0, wait: 0 };
    if (run - b.run + wait - b.wait <= last) continue;
    last = run - b.run + wait - b.wait;
    waited = wait - b.wait;
  }
  return [all, all - waited];
}

await Promise.all([spawn(work, 1e7), spawn(work, 1e7)]);
const one = [Infinity, Infinity], two = [Infinity, Infinity];
const better = (best, times) =>
  times.forEach((t, i) => best[i] = Math.min(best[i], t));
for (let round = 0; round < 15; round++) {
  better(one, await timeWithout(() => spawn(work, 5e6)));
  better(two, await timeWithout(
      () => Promise.all([spawn(work, 5e6), spawn(work, 5e6)])));
}
console.log(`two workers of ${availableWorkers()}: ` +
            `${(2 * one[0] / two[0]).toFixed(2)} times one; without waiting ` +
            `for a processor ${(2 * one[1] / two[1]).toFixed(2)}`);

let trip = Infinity;
for (let round = 0; round < 10; round++) {
  trip = Math.min(trip, await time(async () => {
    for (let i = 0; i < 200; i++) await spawn((x) => x, i);
  }) / 200);
}
console.log(`there and back: ${(trip * 1000).toFixed(1)} us`);

let sum = 0, all = Infinity;
for (let round = 0; round < 3; round++) {
  sum = 0;
  all = Math.min(all, await time(async () => {
    const handles = [];
    for (let i = 0; i < 100000; i++) handles.push(spawn((x) => x * 2, i));
    for (const handle of handles) sum += await handle;
  }));
}
console.log(`100,000 tasks: ${all.toFixed(0)} ms, ` +
            `${sum === 9999900000 ? "right" : "WRONG"} sum`);
