// exit: 3
// stderr: rill: shutdown: task stubborn #
// stderr: did not end while draining
// stderr: rill: shutdown: hook late took longer than 10 ms
// stderr: rill: shutdown: hook broken failed: Error: hook
// rill:runtime: figures, and a shutdown in its phases.
import {
  compilerStatistics,
  features,
  gcStatistics,
  memory,
  metrics,
  onShutdown,
  phase,
  shutdown,
  shutdownSignal,
  versions,
} from "rill:runtime";
import { abortTasks, pendingTasks, spawn } from "rill:task";
import { Semaphore } from "rill:sync";
import { sleep } from "rill:time";

const add = (list) => list.reduce((a, b) => a + b, 0);
await Promise.all(Array.from({ length: 20 }, (_, i) => spawn((n) => n, i)));
// A worker writes down how long a poll took when it is over.
const timed = () => add(metrics().workers.slice(1).map((w) => add(w.pollTimes)));
for (let i = 0; i < 1000 && timed() < 20; i++) await sleep(1);
const m = metrics();
console.log(m.workers[0].name, m.workers[0].hasIsolate, m.workers[0].rounds > 0);
const others = m.workers.slice(1);
console.log(others.length === features.workers,
            add(others.map((w) => w.polls)) >= 20,
            add(others.map((w) => add(w.pollTimes))) >= 20);
console.log(others.some((w) => w.busy > 0), others[0].name, m.tasks.spawned);
console.log(Object.keys(m).join(), Object.keys(m.tasks).join());

for (let i = 0, junk; i < 3e5; i++) junk = [i, junk?.[0]];
globalThis.gc?.();
const gc = gcStatistics();
console.log(gc.heapBytes > 0, gc.pauses.count === add(gc.pauses.buckets),
            gc.safepointWaits.count === add(gc.safepointWaits.buckets));
console.log(typeof compilerStatistics()?.compiled, memory().rss > 1e6);
console.log(typeof versions.rill, typeof versions.libuv);

const victim = spawn.with({ name: "victim" })(() => new Promise(() => {}));
console.log(pendingTasks().map(({ name }) => name).join());
abortTasks();
console.log(await victim.catch((error) => error.name), pendingTasks().length);

onShutdown(async ({ reason }) => {
  console.log("first to be added, last to run", reason);
  goOn.add();
  await quick;
  await waits.acquire();
}, { timeout: 20000 }); // what failed elsewhere is not waited for for ever
onShutdown(async function late({ signal }) {
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
}, { timeout: 10 });
onShutdown(function broken() {
  throw new Error("hook");
});
onShutdown(() => console.log("never"))();
onShutdown(async () => {
  console.log(phase(), shutdownSignal.aborted);
  await sleep(1);
});
const goOn = new Semaphore(0), waits = new Semaphore(0);
const quick = spawn.with({ name: "quick" })(async () => {
  await goOn.acquire();
  return "quick";
});
quick.then((value) => console.log(value, phase()));
const stubborn = spawn.with({ name: "stubborn" })(async () => {
  try {
    queueMicrotask(() => waits.add());
    await new Promise(() => {});
  } finally {
    console.log("its finally block");
  }
});
stubborn.catch((error) => console.log(error.message, phase()));
console.log(phase());
try {
  shutdown({ drain: -1 });
} catch (error) {
  console.log(error.message);
}
const report = await shutdown({ drain: 100, cancel: 1e6, code: 3, reason: "test", exit: false });
console.log(report.reason, report.drained, report.blockers[0].name, phase());
process.exitCode = 3;
