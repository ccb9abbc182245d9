// Tasks, what they wait for, timers, workers and pools.
import { AsyncLocalStorage } from "node:async_hooks";
import { Worker as NodeWorker } from "node:worker_threads";
import { Pool } from "rill:pool";
import { Barrier, broadcast, CancellationToken, channel, Mutex, Notify, oneshot, RwLock,
         Semaphore, watch } from "rill:sync";
import { JoinSet, map, scope, select, spawn, transfer } from "rill:task";
import { interval, sleep, timeout } from "rill:time";

let sink, unique = 0;
const list = (length, f) => Array.from({ length }, (_, i) => f(i));
const all = (length, f) => Promise.allSettled(list(length, f));
const pool = new Pool({ workers: 1 });
const cancelled = new CancellationToken();
class Point { #x = 1; get x() { return this.#x; } }

export const close = () => pool.close();

export default {
  timers: async () => {
    list(300, (i) => { const t = setTimeout(() => {}, 1); if (i % 2 === 0) clearTimeout(t); });
    const t = setInterval(() => {}, 1);
    await sleep(3);
    clearInterval(t);
  },
  sleeps: () => all(300, () => sleep(1)),
  "sleeps that are aborted": async () => {
    const c = new AbortController();
    const waits = all(300, () => sleep(1e6, { signal: c.signal }));
    c.abort();
    await waits;
  },
  timeouts: () => all(100, (i) => timeout(() => sleep(2), i % 2 === 0 ? 1000 : 1)),
  intervals: async () => {
    let n = 0;
    for await (sink of interval(1)) if (++n > 3) break;
  },
  "signals that abort later": () => {
    list(100, () => { sink = AbortSignal.any([AbortSignal.timeout(1), AbortSignal.timeout(1e6)]); });
    return sleep(2);
  },
  spawn: () => all(1100, (i) => spawn((x) => x, i)),
  "spawned async functions": () => all(1100, (i) => spawn(async (x) => { await null; return x; }, i)),
  "spawned functions that throw": () => all(300, (i) => spawn((x) => { throw new TypeError(x); }, i)),
  "spawned functions that are aborted": async () => {
    const handles = list(600, () => spawn(() => new Promise(() => {})));
    handles.forEach((handle, i) => handle.abort(i));
    await Promise.allSettled(handles);
  },
  "handles that nobody keeps": async () => {
    list(300, (i) => spawn((x) => x, i));
    await spawn(() => {});
  },
  "new functions": () => all(50, () => spawn(new Function("x", `return x + ${unique++}`), 1)),
  "new names": () => all(50, () => spawn((k) => ({ [`${k}r`]: 1 }), `key${unique++}`)),
  "instances on other threads": () => all(100, () => spawn((a) => [a, a.x], new Point())),
  "buffers on other threads": () => all(50, () => {
    const b = new Uint8Array(5000);
    return spawn((x) => new Uint8Array(x.length), transfer(b, [b.buffer]));
  }),
  scopes: () => all(30, (i) => scope(async (s) => {
    list(5, (j) => s.spawn(async (x) => { if (x === 20) throw x; return x; }, i + j));
  })),
  "join sets": async () => {
    const set = new JoinSet();
    list(100, (i) => set.spawn((x) => x, i));
    for await (sink of set);
  },
  map: () => map(list(100, (i) => i), (x) => x * 2),
  select: () => all(100, () => select({ a: Promise.resolve(1), b: new Promise(() => {}) })),
  channels: async () => {
    for (let i = 0; i < 20; i++) {
      const [sender, receiver] = channel(4);
      const sent = (async () => { for (let j = 0; j < 10; j++) await sender.send({ j }); sender.close(); })();
      for await (sink of receiver);
      await sent;
    }
  },
  "channels that nobody keeps": () => all(50, () => channel(4)[0].send(new Uint8Array(1000))),
  "channels to other threads": () => all(20, async () => {
    const [sender, receiver] = channel(2);
    const sum = spawn(async (r) => { let n = 0; for await (const x of r) n += x; return n; }, receiver);
    for (let j = 0; j < 5; j++) await sender.send(j);
    sender.close();
    return sum;
  }),
  oneshots: () => all(50, async (i) => {
    const [sender, receiver] = oneshot();
    if (i % 2 === 0) sender.send(1);
    else sender.close?.();
    return receiver.receive?.();
  }),
  "broadcasts and watches": () => all(50, async () => {
    const [sender, receiver] = broadcast(3);
    sender.send(1);
    const [watched] = watch(1);
    watched.send(2);
    return receiver.receive?.();
  }),
  locks: async () => {
    const mutex = new Mutex();
    await all(50, async () => { using guard = await mutex.lock(); sink = guard; await null; });
    list(50, () => { sink = [new Mutex(), new Semaphore(2), new Notify(), new RwLock(), new Barrier(2)]; });
  },
  "locks that are not waited for": async () => {
    const mutex = new Mutex();
    using guard = await mutex.lock();
    sink = guard;
    const c = new AbortController();
    const waits = all(50, () => mutex.lock({ signal: c.signal }));
    c.abort();
    await waits;
  },
  "children of a token": () => { list(100, (i) => { sink = cancelled.child(); if (i % 2) sink.cancel(); }); },
  "async contexts": () => all(50, () => new AsyncLocalStorage().run({}, async () => { await null; })),
  "message channels": () => all(20, (i) => new Promise((done) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { port1.close(); done(); };
    port2.postMessage(new Uint8Array(100));
    if (i % 2 === 0) new MessageChannel().port1.postMessage(1);
  })),
  workers: () => all(2, () => new Promise((done) => {
    new NodeWorker(new URL("./worker.mjs", import.meta.url)).on("exit", done);
  })),
  evaluations: () => all(20, (i) => pool.evaluate(i % 2 === 0 ? `1 + ${unique++}` : "null.x")),
  sessions: () => all(5, async () => {
    const session = pool.session(`s${unique++}`);
    await session.evaluate("globalThis.x = 1");
    await session.close();
  }),
  pools: async () => {
    const p = new Pool({ workers: 1 });
    await p.evaluate("1");
    await p.close();
  },
};
