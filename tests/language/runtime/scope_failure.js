// arguments: --workers=2
// A child's error is thrown where the scope's body awaits.
import { map, scope } from "rill:task";
import { sleep } from "rill:time";
import { Semaphore } from "rill:sync";

const long = 1e8;
const fail = () => { throw new RangeError("child"); };
const show = async (what, promise) => {
  try {
    console.log(what, "gives", await promise);
  } catch (error) {
    console.log(what, "throws", error.name, error.message);
  }
};

await show("in sleep", scope(async (s) => {
  s.spawn(fail);
  try {
    await sleep(long);
  } catch (error) {
    console.log("  in the body", error.name, s.signal.aborted);
    throw error;
  } finally {
    await sleep(5);
    console.log("  finally");
  }
}));

await show("in a promise of its own", scope(async (s) => {
  s.spawn(fail);
  await new Promise(() => {});
}));

await show("in a call", scope(async (s) => {
  const inner = async () => {
    try {
      await sleep(long);
    } finally {
      console.log("  finally of the call");
    }
  };
  s.spawn(fail);
  await inner();
}));

await show("in the child's promise, and then in sleep", scope(async (s) => {
  await s.spawn(fail).catch(() => new Promise(() => {}));
}));
await show("in the child's promise, which it catches, and then in sleep", scope(async (s) => {
  try {
    await s.spawn(fail);
  } catch (error) {
    console.log("  caught", error.message);
    if (error.message !== "child") throw error; // nothing else will come
  }
  await sleep(long);
}));

await show("a body that catches", scope(async (s) => {
  s.spawn(fail);
  try {
    await sleep(long);
  } catch (error) {
    console.log("  caught", error.message);
  }
  await sleep(1);
  console.log("  goes on");
  return "a value";
}));

await show("in a scope of its own", scope(async (outer) => {
  outer.spawn(fail);
  await scope(async (inner) => {
    inner.spawn(async () => {
      const { sleep } = await import("rill:time");
      await sleep(1e8);
    });
    await sleep(long);
  });
}));

// Another child has ended, finally blocks and all, when the scope has.
const begun = new Semaphore(0), steps = new Int32Array(new SharedArrayBuffer(4));
await show("in another child's promise", scope(async (s) => {
  const other = s.spawn(async () => {
    try {
      begun.add();
      await sleep(1e8);
    } finally {
      await sleep(5);
      Atomics.add(steps, 0, 1);
    }
  });
  await begun.acquire();
  s.spawn(fail);
  await other;
}));
console.log(steps[0]);

// The second error is not thrown into what the first one runs.
await show("two errors", scope(async (s) => {
  s.spawn(fail);
  s.spawn(fail);
  try {
    await sleep(long);
  } finally {
    await sleep(5);
    console.log("  finally, whole");
  }
}));

await show("a body that is no function of async", scope((s) => {
  s.spawn(fail);
  return sleep(long);
}));

let returned = 0;
await show("map", map({
  async *[Symbol.asyncIterator]() {
    try {
      yield 1;
      await sleep(long);
    } finally {
      returned++;
    }
  },
}, fail));
console.log(returned);
