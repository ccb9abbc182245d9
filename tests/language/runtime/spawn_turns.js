// arguments: --workers=2
// Who waits for a worker that only computes, and who does not.
import { spawn } from "rill:task";
import { sleep } from "rill:time";
import { Semaphore } from "rill:sync";

const at = (bytes) => new Int32Array(new SharedArrayBuffer(bytes));
// Two that have met are on two workers. One computes until the other, by timers
// of its own, has counted: timers of other isolates go on.
const begun = new Semaphore(0);
const places = at(8), count = at(4);
const meet = (places, own) => {
  Atomics.store(places, own, 1);
  while (Atomics.load(places, 1 - own) === 0);
};
const counter = spawn(async (places, count) => {
  meet(places, 0);
  for (let i = 0; i < 20; i++) {
    await sleep(1);
    Atomics.add(count, 0, 1);
  }
}, places, count);
const computer = spawn((places, count) => {
  meet(places, 1);
  while (Atomics.load(count, 0) < 20);
  return Atomics.load(count, 0);
}, places, count);
console.log("beside it:", await computer);
await counter;

// One worker is kept busy, so that the others share one isolate: script there
// runs from await to await, and what was due meanwhile comes afterwards.
const stop = at(4), order = [];
const blocker = spawn((stop) => {
  begun.add();
  while (Atomics.load(stop, 0) === 0);
}, stop);
await begun.acquire();
const due = at(4);
const sleeper = spawn(async (due) => {
  begun.add();
  await sleep(1);
  Atomics.store(due, 0, 1);
}, due);
await begun.acquire();
const seen = await spawn((due) => {
  const until = performance.now() + 30;
  const before = Atomics.load(due, 0);
  while (performance.now() < until);
  return before === Atomics.load(due, 0);
}, due);
await sleeper;
console.log("not in the middle:", seen, Atomics.load(due, 0));

// What has not begun is begun by others: the main thread's spawns are answered
// while a task that was begun computes, and new tasks do not wait behind it.
Atomics.store(stop, 0, 1);
await blocker;
const many = at(4), all = [];
const long = spawn((many) => {
  begun.add();
  while (Atomics.load(many, 0) < 100);
}, many);
await begun.acquire();
for (let i = 0; i < 100; i++) {
  all.push(spawn((many) => Atomics.add(many, 0, 1), many));
}
await long;
await Promise.all(all);
console.log("around it:", Atomics.load(many, 0));
