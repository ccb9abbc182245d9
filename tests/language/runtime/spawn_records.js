// arguments: --workers=2
// Records of spawned functions: more than a block's wait at once, are listed and
// counted, are aborted while they are queued and while they wait, some twice,
// and are used again; what they need outside the heap does not grow then.
import { metrics } from "rill:runtime";
import { queuedTasks, spawn } from "rill:task";
import { sleep } from "rill:time";
import { dumpTasks } from "rill:trace";

const COUNT = 1700;
const waiting = async (i) => {
  try {
    await sleep(1e6);
  } finally {
    if (i % 5 === 0) await sleep(i % 2 === 0 ? 0 : 1e6);
  }
};
const becomes = async (condition) => {
  for (let i = 0; i < 3000 && !condition(); i++) await sleep(1);
  return condition();
};
const reasons = async (handles) => {
  const counts = new Map();
  for (const { status, reason } of await Promise.allSettled(handles)) {
    const key = status === "fulfilled" ? status : reason?.name ?? reason;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return JSON.stringify([...counts].sort());
};

for (let round = 0; round < 2; round++) {
  const handles = [];
  for (let i = 0; i < COUNT; i++) handles.push(spawn(waiting, i));
  console.log(await becomes(() => queuedTasks() === 0 &&
                                  metrics().tasks.alive === COUNT));
  const { tasks } = dumpTasks().executors.find((e) => e.name === "rill-task");
  const listed = tasks.filter((t) => t.name === "waiting");
  console.log(listed.length, new Set(listed.map((t) => t.id)).size,
              new Set(listed.map((t) => t.state)));
  handles.forEach((handle, i) => handle.abort(i % 3));
  // Those that would never end.
  handles.forEach((handle, i) => { if (i % 2 === 1) handle.abort("again"); });
  console.log(await reasons(handles), metrics().tasks.alive);
}

// Both workers compute, the others wait in the queue.
const flag = new Int32Array(new SharedArrayBuffer(8));
const busy = (flag) => {
  Atomics.add(flag, 1, 1);
  while (Atomics.load(flag, 0) === 0);
};
const computing = [spawn(busy, flag), spawn(busy, flag)];
console.log(await becomes(() => Atomics.load(flag, 1) === 2));
const queued = [];
for (let i = 0; i < COUNT; i++)
  queued.push(i % 2 === 0 ? spawn((x) => x, i) : spawn((x) => x, [i]));
console.log(queuedTasks());
for (const handle of queued) handle.abort("early");
console.log(await reasons(queued), queuedTasks());
Atomics.store(flag, 0, 1);
await Promise.all(computing);
let sum = 0;
for (let round = 0; round < 3; round++) {
  const all = [];
  for (let i = 0; i < COUNT; i++) all.push(spawn((x) => x, i));
  for (const handle of all) sum += await handle;
}
console.log(sum === 3 * COUNT * (COUNT - 1) / 2,
            await becomes(() => metrics().tasks.alive === 0));

// Some end by themselves while they are aborted.
const racing = [];
for (let i = 0; i < COUNT; i++) {
  const handle = spawn(async (ms) => { await sleep(ms); return ms; }, i % 3);
  handle.catch(() => {});
  racing.push(handle);
  if (i % 7 === 0) await sleep(0);
  if (i >= 20) racing[i - 20].abort("late");
}
const ends = JSON.parse(await reasons(racing)).map(([key]) => key);
console.log(ends.every((end) => end === "fulfilled" || end === "late"),
            await becomes(() => metrics().tasks.alive === 0));

// Some with reasons, for which blocks have rows of their own.
const burst = async () => {
  const handles = [];
  for (let i = 0; i < COUNT; i++) handles.push(spawn((x) => x, i));
  handles[COUNT - 1].abort("late");
  await reasons(handles);
};
const outside = () => process.memoryUsage().external;
for (let i = 0; i < 5; i++) await burst();
const before = outside();
for (let i = 0; i < 60; i++) await burst();
console.log(outside() - before < 100_000);
