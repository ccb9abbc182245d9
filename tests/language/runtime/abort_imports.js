// Top-level code of modules that a task imports ends with the task: code that
// loops, and code that waits for ever. Afterwards the same module can be loaded
// on the same thread, and is evaluated anew.
import { spawnSync } from "node:child_process";
import { Semaphore } from "rill:sync";
import { scope, spawn } from "rill:task";
import { setup } from "./abort_imports/setup.mjs";

const begun = new Semaphore(0), cleaned = new Semaphore(0);
const ways = {
  awaited: async (url) => {
    setup(begun, cleaned);
    await import(url);
  },
  returned: (url) => {
    setup(begun, cleaned);
    return import(url);
  },
  then: (url) => {
    setup(begun, cleaned);
    return import(url).then((module) => module, (error) => {
      throw error;
    });
  },
  all: async (url) => {
    setup(begun, cleaned);
    await Promise.all([1, import(url)]);
  },
};
const urlOf = (name) => new URL(`abort_imports/${name}`, import.meta.url).href;
const outcome = (promise) => promise.then(() => "done", (error) => error.name);
// Or cannot any more: it may have failed before.
async function hasBegun(task) {
  const ended = new AbortController();
  outcome(task).then(() => ended.abort());
  await begun.acquire(1, { signal: ended.signal }).catch(() => {});
}

const names = ["loop.mjs", "imports.mjs", "nested.mjs", "awaits_and_loops.mjs",
  "loops_then_awaits.mjs", "after_wait.mjs", "imports_cjs.mjs", "never.mjs",
  "imports_never.mjs", "nested_never.mjs"];
for (const name of names) {
  const got = [];
  // What waits behind a plain reaction is nobody's to end.
  const mayWait = name.includes("never");
  const used = mayWait ? [ways.awaited, ways.returned] : Object.values(ways);
  for (const way of used) {
    const task = spawn(way, urlOf(name));
    await hasBegun(task);
    task.abort();
    got.push(await outcome(task));
  }
  const timed = spawn.with({ timeout: 20 })(ways.awaited, urlOf(name));
  got.push(await outcome(timed));
  while (begun.tryAcquire());
  got.push(await outcome(scope(async (s) => {
    s.spawn(ways.awaited, urlOf(name));
    await begun.acquire(1, { signal: s.signal });
    throw new RangeError("enough");
  })));
  console.log(name, got.join());
}

// Those that wait had their finally blocks.
console.log(cleaned.available >= 9);

// The threads are free, and load what was cut off anew.
const again = names.map((name) => spawn(async (url) => {
  globalThis.quick = true;
  globalThis.begun = globalThis.cleaned = () => {};
  await import(url);
  return "done";
}, urlOf(name)));
console.log((await Promise.all(again)).join());
// One that others wait for, too, goes on for them.
{
  const task = spawn(async (url) => {
    globalThis.quick = false;
    let release;
    globalThis.begun = () => {};
    globalThis.gate = new Promise((resolve) => release = resolve);
    const one = import(url);
    const two = import(url);
    setTimeout(release, 1);
    return [typeof await one, typeof await two].join();
  }, "data:text/javascript,await globalThis.gate");
  console.log(await task);
}

// The end of the program does not wait for it.
const child = spawnSync(process.execPath, ["run",
  new URL("abort_imports/program.mjs", import.meta.url).pathname]);
console.log(child.status, String(child.stdout), String(child.stderr));
