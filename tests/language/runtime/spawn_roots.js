// An async function that is spawned has no promise while it waits: all ways in
// which it goes on, ends and is ended.
import { spawn } from "rill:task";
import { Semaphore } from "rill:sync";

const tell = async (name, task) => {
  try {
    console.log(name, await task);
  } catch (error) {
    console.log(name, "threw", error.name, error.message);
  }
};
const imports = () => import("rill:time");
const forms = {
  "first await with few registers, then with more": async (imports) => {
    const { sleep } = await imports();
    await sleep(1);
    let sum = 0;
    for (let i = 0; i < 4; i++) {
      const a = i * 2, b = a + 1, c = await Promise.resolve(b);
      sum += a + b + c;
    }
    await sleep(1);
    return sum;
  },
  "throws after a wait": async (imports) => {
    await imports();
    throw new RangeError("late");
  },
  "throws before one": async () => { throw new RangeError("early"); },
  "returns a promise": async (imports) => {
    await imports();
    return Promise.resolve("promised");
  },
  "returns a promise that is rejected": async (imports) => {
    await imports();
    return Promise.reject(new TypeError("rejected"));
  },
  "returns a thenable": async (imports) => {
    await imports();
    return { then(resolve) { queueMicrotask(() => resolve("then")); } };
  },
  "a thenable that throws": async (imports) => {
    await imports();
    return { then() { throw new SyntaxError("no"); } };
  },
  "new.target and this": async function (imports) {
    await imports();
    return [this === undefined, new.target === undefined].join();
  },
  "a context of its own": async (imports) => {
    const { AsyncLocalStorage } = await import("node:async_hooks");
    const storage = new AsyncLocalStorage();
    storage.enterWith(1);
    await imports();
    storage.enterWith(2);
    await imports();
    return storage.getStore();
  },
};
for (const [name, form] of Object.entries(forms)) await tell(name, spawn(form, imports));

// Aborted while it waits, in each state that its registers may be in.
const begun = new Semaphore(0);
const waits = {
  "aborted in its first wait": async (begun) => {
    const { sleep } = await import("rill:time");
    queueMicrotask(() => begun.add());
    try { await sleep(1e6); } finally { console.log("finally"); }
  },
  "aborted in a later one": async (begun) => {
    const { sleep } = await import("rill:time");
    await sleep(0);
    const a = await 1, b = await 2, c = await 3;
    queueMicrotask(() => begun.add());
    try { await new Promise(() => {}); } finally { console.log("finally", a + b + c); }
  },
  "aborted in a function that it awaits": async (begun) => {
    const inner = async () => {
      queueMicrotask(() => begun.add());
      try { await new Promise(() => {}); } finally { console.log("inner"); }
    };
    try { await inner(); } finally { console.log("outer"); }
  },
};
for (const [name, form] of Object.entries(waits)) {
  const task = spawn(form, begun);
  await begun.acquire();
  task.abort();
  await tell(name, task);
}

// While promises are observed.
const hooked = spawn(async () => {
  const { createHook } = await import("node:async_hooks");
  let made = 0;
  const hook = createHook({ init: (id, type) => { made += type === "PROMISE"; } }).enable();
  await (async () => { await 1; })();
  hook.disable();
  return made > 0;
});
await tell("observed", hooked);
