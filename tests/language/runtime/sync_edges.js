// rill:sync and select: the edges, in one isolate and across several.
import { JoinSet, scope, select, spawn } from "rill:task";
import {
  broadcast, channel, LaggedError, Notify, oneshot, RwLock, Semaphore, watch,
} from "rill:sync";
import { sleep } from "rill:time";

// What is awaited comes from tasks, which may have failed.
const soon = { timeout: 12000 };
const name = async (fn) => {
  try {
    return await fn();
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};

// A select takes one value; what came for the losers is not lost.
{
  const [a, fromA] = channel(), [b, fromB] = channel();
  a.trySend("a1");
  b.trySend("b1");
  const seen = [];
  for (let i = 0; i < 2; i++) {
    const { key, value } = await select({ a: fromA, b: fromB });
    seen.push(`${key}:${value.value}`);
  }
  console.log(seen.sort().join());
  // Many values of two threads, by select alone.
  const senders = [a, b].map((sender, id) => spawn(async () => {
    for (let i = 0; i < 200; i++) await sender.send(id * 1000 + i);
    sender.close();
  }));
  a.close();
  b.close();
  const next = [0, 0];
  let open = [fromA, fromB], ordered = true;
  while (open.length > 0) {
    const { key, value: { value, done } } = await select(open);
    if (done) {
      open = open.filter((_, i) => i !== key);
      continue;
    }
    const id = value >= 1000 ? 1 : 0;
    ordered &&= next[id]++ === value % 1000;
  }
  await Promise.all(senders);
  console.log(next.join(), ordered);
}
{
  const [, never] = channel();
  let reason;
  const { key } = await select({
    never,
    late: (signal) => {
      signal.addEventListener("abort", () => reason = signal.reason.name);
      return sleep(1000, { signal });
    },
    soon: (signal) => sleep(1, { signal }),
  });
  console.log(key, reason);
  console.log(await name(() => select({ never, x: Promise.reject(new Error("x")) })));
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error("stop")), 2);
  console.log(await name(() => select({ never }, { signal: controller.signal })));
  console.log(await name(() => select({})));
}

// Senders learn that their receiver is gone, on another thread, too.
{
  const [sender, receiver] = channel(1);
  const told = spawn(async () => {
    await sender.closed();
    return sender.isClosed;
  });
  console.log(sender.isClosed);
  receiver.close();
  console.log("closed", await told, sender.isClosed);
  const [one, other] = oneshot();
  await spawn.with({ transfer: [other] })((other) => {}, other);
  await one.closed();
  console.log("oneshot", one.isClosed, one.send(1));
  const [quiet, listener] = oneshot();
  quiet.close();
  console.log(await name(() => listener.receive()));
}

// A writer that waits goes before readers that come later.
{
  const lock = new RwLock();
  const order = [];
  const held = lock.tryRead();
  console.log(held !== null, lock.tryWrite());
  const writes = lock.write().then((guard) => {
    order.push("write");
    guard.release();
  });
  const reads = spawn(async () => {
    using guard = await lock.read();
  }).then(() => order.push("read"));
  await sleep(20);
  console.log("fair", order.length, lock.tryRead());
  held.release();
  await Promise.all([writes, reads]);
  console.log(order.join());
}

// Who asks for many permits is not overtaken for ever by those who ask for one.
{
  const permits = new Semaphore(3);
  const order = [];
  const first = await permits.acquire(2);
  const many = permits.acquire(3).then((guard) => {
    order.push("three");
    guard.release();
  });
  const one = permits.acquire(1).then((guard) => {
    order.push("one");
    guard.release();
  });
  await sleep(1);
  console.log("permits", order.length, permits.tryAcquire());
  first.release();
  await Promise.all([many, one]);
  console.log(order.join(), permits.available);
  permits.close();
  console.log(await name(() => permits.acquire()));
}

// One, and all of those who wait.
{
  const notify = new Notify();
  const ready = new Semaphore(0);
  const tasks = new JoinSet();
  for (let i = 0; i < 4; i++) {
    tasks.spawn(async (i) => {
      const notified = notify.notified();
      ready.add();
      await notified;
      return i;
    }, i);
  }
  await ready.acquire(4, soon);
  notify.notifyOne();
  await tasks.next();
  console.log("notify", tasks.size);
  notify.notifyAll();
  let left = 0;
  for await (const _ of tasks) left++;
  console.log("notify", left);
}

// Receivers that are too slow.
{
  const sender = broadcast(2);
  const strict = sender.subscribe(), lenient = sender.subscribe();
  await spawn(() => {
    for (let i = 0; i < 5; i++) sender.send(i);
  });
  try {
    await strict.next({ lag: "throw" });
  } catch (error) {
    console.log(error instanceof LaggedError, error.count, error.message);
  }
  console.log((await strict.next({ lag: "throw" })).value);
  console.log((await lenient.next()).value, lenient.lost);
}
{
  const sender = watch(1);
  const receiver = sender.subscribe();
  console.log("watch", receiver.value, receiver.hasChanged);
  await spawn(() => sender.send(2));
  console.log("watch", receiver.hasChanged, await receiver.changed(),
              receiver.value, receiver.hasChanged);
  const { key, value } = await select({
    receiver, sent: sleep(1).then(() => sender.send(3)).then(() => sleep(500)),
  });
  console.log(key, value.value);
}

// A scope takes no child once one has failed, and waits for all that it has,
// even where its own task is aborted.
{
  console.log(await name(() => scope(async (s) => {
    const failing = s.spawn(() => {
      throw new Error("child");
    });
    await failing.catch(() => {});
    s.spawn(() => {});
  })));
  const ended = new Semaphore(0);
  const [begun, hasBegun] = oneshot();
  const parent = spawn(() => scope(async (s) => {
    s.spawn(async () => {
      try {
        queueMicrotask(() => begun.send(1)); // it waits: else the abort ends it
        await new Promise(() => {});
      } finally {
        ended.add();
      }
    });
  }));
  await Promise.race([hasBegun.receive(), parent]); // unless it fails
  parent.abort();
  // A parent that is stopped in its middle ends without waiting for its children.
  console.log(await name(() => parent), "child ended",
              await ended.acquire(1, soon).then(() => 1));
}
// A second abort does not wait for finally blocks.
{
  const [begun, hasBegun] = oneshot();
  const stuck = spawn(async () => {
    try {
      queueMicrotask(() => begun.send(1)); // it waits: else the abort ends it
      await new Promise(() => {});
    } finally {
      await new Promise(() => {});
    }
  });
  await Promise.race([hasBegun.receive(), stuck]);
  stuck.abort();
  await sleep(20);
  console.log("stuck", stuck.finished);
  stuck.abort(new Error("again"));
  console.log(await name(() => stuck), stuck.finished);
}
