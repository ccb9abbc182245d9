// rill:sync between tasks of several threads.
import { scope, spawn } from "rill:task";
import {
  Barrier, broadcast, CancellationToken, channel, Mutex, Notify, oneshot,
  RwLock, Semaphore, watch,
} from "rill:sync";

// Channels: many senders, one receiver.
{
  const [sender, receiver] = channel(4);
  const done = scope(async (s) => {
    for (let id = 0; id < 3; id++) {
      s.spawn(async (id) => {
        for (let i = 0; i < 100; i++) await sender.send({ id, i });
      }, id);
    }
  });
  sender.close();
  const next = [0, 0, 0];
  let ordered = true;
  for await (const { id, i } of receiver) ordered &&= next[id]++ === i;
  await done;
  console.log("channel", next, ordered);
}
{
  // A receiver moves.
  const [sender, receiver] = channel();
  const sum = spawn.with({ transfer: [receiver] })(async (receiver) => {
    let sum = 0;
    for await (const value of receiver) sum += value;
    return sum;
  }, receiver);
  for (let i = 0; i < 1000; i++) sender.trySend(i);
  sender.close();
  console.log("moved", await sum);
  try {
    receiver.tryReceive();
  } catch (error) {
    console.log(error.name);
  }
  const [, other] = channel();
  try {
    await spawn(() => other);
  } catch (error) {
    console.log(error.name, error.message);
  }
}
{
  const [sender, receiver] = channel(1);
  console.log(sender.trySend(1), sender.trySend(2), receiver.tryReceive(),
              receiver.tryReceive());
  receiver.close();
  console.log(sender.trySend(3), await sender.send(4), await receiver.receive());
  const controller = new AbortController();
  const [, never] = channel();
  const waiting = never.receive({ signal: controller.signal });
  controller.abort();
  await waiting.catch((error) => console.log(error.name));
}
{
  const [sender, receiver] = oneshot();
  spawn(() => sender.send("one"));
  console.log(await receiver.receive());
}

// A mutex over shared memory: no update is lost.
{
  const mutex = new Mutex();
  const memory = new Int32Array(new SharedArrayBuffer(4));
  await scope((s) => {
    for (let i = 0; i < 4; i++) {
      s.spawn(async () => {
        for (let k = 0; k < 200; k++) {
          using guard = await mutex.lock();
          const before = memory[0];
          for (let spin = 0; spin < 50; spin++);
          memory[0] = before + 1;
        }
      });
    }
  });
  console.log("mutex", memory[0]);
}
{
  const semaphore = new Semaphore(2);
  const counts = new Int32Array(new SharedArrayBuffer(8));
  await scope((s) => {
    for (let i = 0; i < 6; i++) {
      s.spawn(async () => {
        const guard = await semaphore.acquire();
        const now = Atomics.add(counts, 0, 1) + 1;
        if (now > 2) Atomics.add(counts, 1, 1);
        await null;
        Atomics.sub(counts, 0, 1);
        guard.release();
      });
    }
  });
  console.log("semaphore", counts[1], semaphore.available);
}
{
  const lock = new RwLock();
  const a = await lock.read(), b = await lock.read();
  let written = false;
  const writing = lock.write().then((guard) => {
    written = true;
    guard.release();
  });
  console.log("rwlock", written);
  a.release();
  b.release();
  await writing;
  console.log("rwlock", written);
}
{
  const barrier = new Barrier(3);
  const leaders = await Promise.all([
    barrier.wait(), spawn(() => barrier.wait()), spawn(() => barrier.wait())]);
  console.log("barrier", leaders.filter(Boolean).length);
}
{
  const notify = new Notify();
  const heard = spawn(async () => {
    await notify.notified();
    return "heard";
  });
  notify.notifyOne();
  console.log(await heard);
}
{
  const token = new CancellationToken();
  const child = token.child();
  const waits = spawn(async () => {
    await child.cancelled();
    return child.isCancelled;
  });
  token.cancel();
  console.log("token", await waits, token.signal.aborted);
}
{
  const sender = broadcast(16);
  const [a, b] = [sender.subscribe(), sender.subscribe()];
  await spawn(() => {
    for (let i = 0; i < 3; i++) sender.send({ i });
    sender.close();
  });
  sender.close();
  for (const receiver of [a, b]) {
    const seen = [];
    for await (const { i } of receiver) seen.push(i);
    console.log("broadcast", seen);
  }
}
{
  const sender = watch("start");
  const receiver = sender.subscribe();
  console.log("watch", receiver.value);
  await spawn(() => sender.send("changed"));
  console.log(await receiver.changed(), receiver.value);
  sender.close();
  console.log(await receiver.changed());
}
