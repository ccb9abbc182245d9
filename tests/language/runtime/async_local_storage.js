// SPDX-License-Identifier: MIT
// Expected is what Node 20 prints.
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { EventEmitter, once } from "node:events";
import { Readable, pipeline, Transform, Writable } from "node:stream";
import { readFile } from "node:fs";
import { promises as fsp } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

const a = new AsyncLocalStorage(), b = new AsyncLocalStorage();
const show = (what) => console.log(what, a.getStore(), b.getStore());
const tick = () => new Promise((r) => setTimeout(r, 1));

show("outside");
a.run(1, () => {
  show("run");
  b.run(2, () => show("nested"));
  a.exit(() => show("exit"));
  show("back");
});
console.log(a.run(1, (x, y) => x + y, 20, 22));
try {
  a.run(5, () => { throw new Error("boom"); });
} catch (e) { show(e.message); }

await a.run("await", async () => {
  show("before");
  await null;
  show("after null");
  await tick();
  show("after timer");
  await Promise.reject(1).catch(() => show("catch"));
  await { then(resolve) { show("thenable"); resolve(); } };
  show("after thenable");
  await b.run("inner", async () => { await tick(); show("inner"); });
  show("after inner");
  const results = await Promise.all([1, 2].map((n) =>
    a.run(n, async () => { await tick(); return a.getStore(); })));
  console.log(results);
  await delay(1);
  show("promise timer");
});
show("top after");

// then: the context is that of the call of then.
const p = a.run("maker", () => tick());
await a.run("user", () => p.then(() => show("then")));
let resolveOuter;
const q = new Promise((r) => (resolveOuter = r));
const done = a.run("waits", () => q.then(() => show("q")));
a.run("resolves", () => resolveOuter());
await done;

// queues
await new Promise((resolve) => {
  a.run("queues", () => {
    queueMicrotask(() => show("microtask"));
    process.nextTick(() => show("tick"));
    setImmediate(() => {
      show("immediate");
      let n = 0;
      const i = setInterval(() => {
        show("interval");
        if (++n < 2) return;
        clearInterval(i);
        setTimeout((x) => { show("timeout " + x); resolve(); }, 1, "arg");
      }, 1);
    });
  });
});

// generators run in the caller's context
function* generate() { show("gen 1"); yield 1; show("gen 2"); }
const g = a.run("maker", () => generate());
a.run("first", () => g.next());
a.run("second", () => g.next());
async function* stream() {
  show("async gen 1"); yield 1; await null; show("async gen 2"); yield 2;
}
await a.run("loop", async () => {
  for await (const x of stream()) show("item " + x);
});

// event emitters: that of emit
const e = new EventEmitter();
a.run("on", () => e.on("x", () => show("listener")));
a.run("emit", () => e.emit("x"));
await a.run("once", async () => {
  setTimeout(() => e.emit("y"), 1);
  await once(e, "y");
  show("once");
});

// streams
await a.run("stream", () => new Promise((resolve) => {
  const upper = new Transform({
    transform(chunk, _, done) { show("transform"); done(null, chunk); } });
  const sink = new Writable({
    write(chunk, _, done) { show("write " + chunk); setTimeout(done, 1); } });
  pipeline(Readable.from(["a", "b"]), upper, sink, (e) => {
    show("pipeline"); resolve();
  });
}));

// files
await a.run("file", () => new Promise((resolve) =>
  readFile("/dev/null", () => { show("readFile"); resolve(); })));
await a.run("file", async () => {
  await fsp.readFile("/dev/null");
  show("fs promises");
});

// resources
const resource = a.run("resource", () => new AsyncResource("X"));
a.run("other", () => resource.runInAsyncScope(() => show("scope")));
const bound = a.run("bound", () => AsyncResource.bind(function (x) {
  show("bound " + x + " " + this.name);
}));
bound.call({ name: "this" }, 1);
console.log(bound.length);
const snapshot = a.run("snapshot", () => AsyncLocalStorage.snapshot());
snapshot((x) => show("snapshot " + x), 3);
a.run("z", () => {
  const f = AsyncLocalStorage.bind(() => show("als bind"));
  a.run("other", f);
});

// enterWith
await (async () => {
  await null;
  a.enterWith("entered");
  show("entered");
  await null;
  show("still");
  setTimeout(() => show("timer of entered"), 1);
  await tick();
})();
show("not outside");
await a.run("r", async () => {
  a.enterWith("changed");
  await null;
  show("changed");
});
const c = new AsyncLocalStorage();
c.run(1, () => {
  c.disable();
  console.log("disabled", c.getStore());
  c.run(2, () => console.log("again", c.getStore()));
});
try { new AsyncResource(); } catch (e) { console.log(e.code); }
try { AsyncResource.bind(1); } catch (e) { console.log(e.code); }
