// SPDX-License-Identifier: MIT
// arguments: --workers=1
// rill:trace: what tasks wait for, and their stacks.
import { Mutex, channel } from "rill:sync";
import { spawn } from "rill:task";
import { sleep } from "rill:time";
import { listen } from "rill:net";
import { dumpTasks, dumpTasksText, startWatchdog } from "rill:trace";

async function inner() { await sleep(100000); }
async function sleeper() { await inner(); }
async function* endless() { yield await sleep(100000); }

const never = new Promise(() => {});
globalThis.kept = [never];
const m1 = new Mutex(), m2 = new Mutex();
const [sender, receiver] = channel();
globalThis.kept.push(sender);
const server = await listen({ port: 0, hostname: "127.0.0.1" });
const silent = await listen({ port: 0, hostname: "127.0.0.1" });

const tasks = {
  sleeping: async () => { await sleeper(); },
  timing: async () => { await new Promise((r) => setTimeout(r, 100000)); },
  waitingForever: async () => { await never; },
  iterating: async () => { for await (const x of endless()) void x; },
  receiving: async () => { await receiver.receive(); },
  accepting: async () => { await server.accept(); },
  fetching: async () => {
    await fetch(`http://127.0.0.1:${silent.address.port}/path`);
  },
  combining: async () => {
    await Promise.all([sleep(100000), never, Promise.resolve(1)]);
  },
  deriving: async () => { await sleeper().then((x) => x); },
  joining: async () => { await spawn(async () => {
    const time = await import("rill:time");
    await time.sleep(100000);
  }); },
  lockingA: async () => {
    using a = await m1.lock();
    await sleep(1);
    using b = await m2.lock();
  },
  lockingB: async () => {
    using b = await m2.lock();
    await sleep(1);
    using a = await m1.lock();
  },
};
for (const task of Object.values(tasks)) globalThis.kept.push(task());
for (let i = 0; i < 100; i++) globalThis.kept.push(sleeper());
await sleep(300);

const dump = dumpTasks();
const main = dump.isolates[0];
console.log(main.name, main.activity);
const numberless = (text) => text.replace(/\d+(\.\d+)* ms/, "N ms")
  .replace(/:\d+(\/|$)/, ":PORT$1").replace(/#\d+/, "#N");
for (const name of Object.keys(tasks)) {
  const task = main.tasks.find((t) => t.name === name);
  console.log(name, task.state, task.waitKind, numberless(task.waitsFor),
              task.locksHeld);
}
const sent = main.tasks.find((t) => t.name === "send");
console.log("fetch's own:", sent.waitKind, numberless(sent.waitsFor));
const running = main.tasks.find((t) => t.state === "running");
console.log(running.kind, running.stack.at(-1).line);
const stack = main.tasks.find((t) => t.name === "sleeping").stack;
console.log(stack.map((f) => `${f.async} ${f.function}`).join(", "));
const alike = main.tasks.find((t) => t.name === "sleeper" && t.count > 1);
console.log(alike.count);
console.log(dump.isolates[1].name, dump.isolates[1].tasks.map(
  (t) => `${t.kind} ${t.state} ${t.waitKind}`));
const names = new Map(main.tasks.map((t) => [t.id, t.name]));
console.log(dump.deadlocks.map((ring) => ring.map((id) => names.get(id)).sort()));
const text = dumpTasksText();
console.log(/lockingA: waiting for a mutex, holds 1 lock/.test(text),
            /Deadlock: 2 tasks wait in a ring/.test(text),
            /sleeper \(and 100 more like it\)/.test(text));
for (const bad of [0, 1.5, "x", undefined]) {
  try { startWatchdog(bad); } catch (e) { console.log(e.name); }
}

// Tasks that await each other.
let q;
const p = (async function first() { await null; await q; })();
q = (async function second() { await p; })();
globalThis.kept.push(p, q);
await sleep(1);
const again = dumpTasks();
const byId = new Map(again.isolates[0].tasks.map((t) => [t.id, t]));
console.log(again.deadlocks.map((ring) => ring.map((id) => byId.get(id).name)));
process.exit(0);
