// What spawn costs and gains: CPU work on two workers against one, the way of
// one task there and back, 100,000 tasks. Times are the best of some rounds, for
// machines that do other things too.
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

await Promise.all([spawn(work, 1e7), spawn(work, 1e7)]);
let one = Infinity, two = Infinity;
for (let round = 0; round < 15; round++) {
  one = Math.min(one, await time(() => spawn(work, 5e6)));
  two = Math.min(two, await time(
      () => Promise.all([spawn(work, 5e6), spawn(work, 5e6)])));
}
console.log(`two workers of ${availableWorkers()}: ` +
            `${(2 * one / two).toFixed(2)} times one`);

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
