// arguments: --workers=2
// What a task waits for may be in an async generator that it iterates over: the
// finally blocks of that run, too, when the task is stopped.
// (It says that it has begun once it waits: running script would be ended.)
import { spawn } from "rill:task";
import { sleep } from "rill:time";
import { Semaphore } from "rill:sync";

const begun = new Semaphore(0);
const steps = new Int32Array(new SharedArrayBuffer(12));

async function stop(task) {
  Atomics.store(steps, 0, 0);
  Atomics.store(steps, 1, 0);
  Atomics.store(steps, 2, 0);
  const handle = spawn(task);
  await begun.acquire();
  handle.abort();
  await handle.catch((error) => console.log(error.name));
  console.log(...steps);
}

await stop(async () => {
  async function* generator() {
    try {
      yield 1;
      queueMicrotask(() => begun.add());
      await sleep(1e8);
    } finally {
      await sleep(2);
      Atomics.add(steps, 0, 1);
    }
  }
  try {
    for await (const x of generator()) Atomics.add(steps, 2, x);
  } finally {
    Atomics.add(steps, 1, 1);
  }
});

// One in another, before the first value.
await stop(async () => {
  async function* inner() {
    try {
      queueMicrotask(() => begun.add());
      await new Promise(() => {});
    } finally {
      Atomics.add(steps, 0, 1);
    }
  }
  async function* outer() {
    try {
      yield* inner();
    } finally {
      Atomics.add(steps, 1, 1);
    }
  }
  try {
    await outer().next();
  } finally {
    Atomics.add(steps, 2, 1);
  }
});

// A generator that catches it and goes on: its value is what is waited for.
await stop(async () => {
  async function* generator() {
    try {
      queueMicrotask(() => begun.add());
      await sleep(1e8);
    } catch (error) {
      Atomics.add(steps, 0, error.name === "AbortError" ? 1 : 100);
      yield 10;
    }
  }
  for await (const x of generator()) Atomics.add(steps, 1, x);
});
