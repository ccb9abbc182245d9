// What a scope's limit, or a task's abort, does to those who wait: the reason is
// thrown where they await, their finally blocks are waited for, and their places
// in queues are others'.
import { scope, spawn } from "rill:task";
import { channel, Mutex, Semaphore } from "rill:sync";
import { interval, sleep } from "rill:time";

const name = async (promise) => {
  try {
    return await promise;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};

console.log(await name(scope(async () => {
  try {
    await sleep(1e6);
  } catch (error) {
    console.log("body:", error.name);
    throw error;
  } finally {
    await sleep(1);
    console.log("cleaned up");
  }
}, { timeout: 5 })));

// A body that is no async function has nothing to clean up.
console.log(await name(scope((s) => new Promise((resolve) => {
  s.signal.addEventListener("abort", () => console.log("told:", s.signal.reason.name));
}), { timeout: 5 })));

// Children are aborted and waited for.
const ended = new Semaphore(0);
console.log(await name(scope(async (s) => {
  const [sender, receiver] = channel();
  s.spawn(async (sender) => {
    try {
      // Once it waits: one that is running has no finally blocks.
      setTimeout(() => sender.send("begun"), 1);
      await new Promise(() => {});
    } finally {
      ended.add();
    }
  }, sender);
  await receiver.receive({ signal: s.signal });
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 50);
  await scope(() => new Promise(() => {}), { signal: controller.signal });
}, { timeout: 1e6 })), ended.available);

// An error of the body's own is that of the scope, though there are limits.
console.log(await name(scope(() => {
  throw new Error("own");
}, { timeout: 1e6 })));
console.log(await name(scope(async (s) => s.spawn((n) => n + 1, 41), { timeout: 1e6 })));

// Locks that a stopped waiter queued for.
const mutex = new Mutex(), begun = new Semaphore(0);
let held = await mutex.lock();
const waiter = spawn(async () => {
  queueMicrotask(() => begun.add());
  using lock = await mutex.lock();
});
await begun.acquire();
waiter.abort();
console.log(await name(waiter));
console.log(await name(scope(async () => {
  using lock = await mutex.lock();
}, { timeout: 5 })));
held.release();
held = await mutex.lock();
console.log("the lock goes on");

// A tick that nobody waited for until it came is the next one's.
const ticks = interval(1e6, { delay: 1 });
console.log(await name(interval(1e6, { delay: 1e6 }).next({ timeout: 1 })));
console.log(await name(ticks.next({ signal: AbortSignal.abort(new Error("no")) })));
console.log((await ticks.next()).value);
await ticks.return();
console.log((await ticks.next()).done);
const limited = interval(1, { timeout: 20 });
console.log(await name((async () => {
  for await (const tick of limited);
})()), (await limited.next()).done);

// Aborted twice before the worker has looked: its finally block is not waited
// for.
for (let i = 0; i < 50; i++) {
  const waits = new Semaphore(0);
  const stuck = spawn(async () => {
    try {
      queueMicrotask(() => waits.add());
      await new Promise(() => {});
    } finally {
      await new Promise(() => {});
    }
  });
  await waits.acquire();
  stuck.abort();
  stuck.abort();
  await stuck.catch(() => {});
}
console.log("both heard");
