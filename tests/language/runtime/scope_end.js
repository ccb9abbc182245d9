// arguments: --workers=3
// A task that is stopped in the middle of a scope is over when its children are:
// whoever joins it finds nothing of it running.
import { scope, spawn } from "rill:task";
import { sleep } from "rill:time";
import { Semaphore } from "rill:sync";

// What another thread has no memory to do is not waited for for ever.
const soon = { timeout: 20000 };
const begun = new Semaphore(0);
const ended = new Int32Array(new SharedArrayBuffer(4));
// It says that it has begun once it waits: running script would be stopped.
const child = async () => {
  try {
    queueMicrotask(() => begun.add());
    await new Promise(() => {});
  } finally {
    await sleep(20);
    Atomics.add(ended, 0, 1);
  }
};
const show = async (what, parent) => {
  const error = await parent.catch((error) => error);
  console.log(what, error.name ?? error, Atomics.load(ended, 0), parent.finished);
  Atomics.store(ended, 0, 0);
};

// In the scope's synchronous part, and after an await.
let parent = spawn(() => scope((s) => {
  s.spawn(child);
  s.spawn(child);
  for (;;);
}));
await begun.acquire(2, soon);
parent.abort();
await show("synchronous", parent);
parent = spawn(() => scope(async (s) => {
  await sleep(1);
  s.spawn(child);
  for (;;);
}));
await begun.acquire(1, soon);
parent.abort("reason");
await show("after an await", parent);

// Where an AbortError cannot reach it.
parent = spawn(() => {
  scope(async (s) => {
    s.spawn(child);
    await new Promise(() => {});
  });
  return { then() {} };
});
await begun.acquire(1, soon);
parent.abort();
await show("out of reach", parent);

// Children of children.
parent = spawn(() => scope((s) => {
  s.spawn((child) => scope((s) => {
    s.spawn(child);
    for (;;);
  }), child);
  for (;;);
}));
await begun.acquire(1, soon);
parent.abort();
await show("nested", parent);

// A second abort does not wait for finally blocks, of children either.
const slow = async () => {
  try {
    queueMicrotask(() => begun.add());
    await new Promise(() => {});
  } finally {
    queueMicrotask(() => begun.add());
    await new Promise(() => {});
  }
};
parent = spawn((slow) => scope((s) => {
  s.spawn(slow);
  for (;;);
}), slow);
await begun.acquire(1, soon);
parent.abort();
await begun.acquire(1, soon);
console.log("waits", parent.finished);
parent.abort();
await show("twice", parent);

// What was detached stays.
const go = new Semaphore(0);
parent = spawn(() => scope((s) => {
  s.spawn(async () => {
    begun.add();
    await go.acquire();
    Atomics.add(ended, 0, 5);
    begun.add();
  }).detach();
  for (;;);
}));
await begun.acquire(1, soon);
parent.abort();
await show("detached", parent);
go.add();
await begun.acquire(1, soon);
console.log(Atomics.load(ended, 0));

// The worker is free meanwhile, and many may end so.
const parents = [];
for (let i = 0; i < 50; i++) {
  parents.push(spawn(() => scope(async (s) => {
    for (let k = 0; k < 4; k++) s.spawn(child);
    await { then() {} };
  })));
}
await begun.acquire(200, soon);
Atomics.store(ended, 0, 0);
for (const p of parents) p.abort();
await Promise.allSettled(parents);
console.log(Atomics.load(ended, 0));
