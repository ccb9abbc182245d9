// spawn runs the real function on another thread.
import { JoinSet, map, scope, select, spawn, transfer } from "rill:task";

function fib(n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}
const constants = { five: 5 };
let counter = 1;
class Point {
  #x;
  constructor(x) {
    this.#x = x;
  }
  get x() {
    return this.#x;
  }
  twice() {
    return this.x * 2;
  }
  static origin = 7;
}
class Point3 extends Point {
  twice() {
    return super.twice() + 1;
  }
}

console.log(await spawn(fib, 20));
console.log(await spawn((a, b) => a + b + constants.five, 1, 2));
console.log(await spawn(async () => {
  await null;
  return new Point3(21).twice() + Point.origin;
}));

// Captured variables are copies; closures that share one still do.
const bump = () => ++counter, read = () => counter;
console.log(await spawn(() => [bump(), bump(), read()]), counter);

// Mutual recursion, symbols, builtins by identity.
const isEven = (n) => n === 0 || isOdd(n - 1);
const isOdd = (n) => n !== 0 && isEven(n - 1);
const key = Symbol("key");
const { max } = Math;
console.log(await spawn(() => [isEven(10), { [key]: 3 }[key], max(1, 2)]));
console.log(await spawn(() => new Map([[1, new Set([2])]])));
const f = await spawn((n) => (m) => n + m, 40);
console.log(f(2));

// Errors come back with their stack.
function fails() {
  null.property;
}
try {
  await spawn(fails);
} catch (error) {
  console.log(error instanceof TypeError, error.message);
  console.log(/at fails .*spawn\.js:\d+:\d+/.test(error.stack));
}

// What cannot be cloned is named.
const socket = { handle: { pending: Promise.resolve() } };
for (const bad of [
  () => spawn(() => socket.handle),
  () => spawn((x) => x, { a: [new WeakMap()] }),
  () => ((parameter) => spawn(() => parameter))(new WeakSet()),
  () => spawn(() => new WeakRef({})),
]) {
  try {
    await bad();
  } catch (error) {
    console.log(error.name, error.message);
  }
}

// Transfer.
const buffer = new ArrayBuffer(8);
console.log(await spawn.with({ transfer: [buffer] })((b) => b.byteLength,
                                                     buffer),
            buffer.byteLength);

const made = await spawn(() => {
  const { buffer } = new Uint8Array([1, 2, 3]);
  return transfer({ buffer }, [buffer]);
});
console.log(new Uint8Array(made.buffer));

// Aborting script that never returns, before it starts, and while it awaits.
const spinning = spawn(() => {
  for (;;);
});
setTimeout(() => spinning.abort(), 20);
await spinning.catch((error) => console.log("spinning", error.name));
await spawn.with({ timeout: 20 })(() => {
  for (;;);
}).catch((error) => console.log("timeout", error.name));
const controller = new AbortController();
const waiting = spawn.with({ signal: controller.signal })(async () => {
  await new Promise(() => {});
});
setTimeout(() => controller.abort(new Error("enough")), 20);
await waiting.catch((error) => console.log("waiting", error.message));
const later = spawn(async () => {
  await new Promise((resolve) => setTimeout(resolve, 10));
  for (;;);
});
setTimeout(() => later.abort(), 60);
await later.catch((error) => console.log("later", error.name));

// Scopes, sets, select, map.
console.log(await scope(async (s) => {
  const a = s.spawn((x) => x + 1, 1);
  return (await a) + (await s.spawn(() => 40));
}));
try {
  await scope((s) => {
    s.spawn(() => {
      for (;;);
    });
    s.spawn(() => {
      throw new RangeError("sibling");
    });
  });
} catch (error) {
  console.log(error.name, error.message);
}
const set = new JoinSet();
for (let i = 0; i < 5; i++) set.spawn((x) => x * x, i);
let sum = 0;
for await (const value of set) sum += value;
console.log(sum, set.size);
const { key: winner, value } = await select({
  slow: spawn(() => {
    for (;;);
  }),
  fast: spawn(() => "first"),
});
console.log(winner, value);
console.log(await map([3, 1, 2], (x, i) => x * 10 + i, { concurrency: 2 }));

const handles = [];
for (let i = 0; i < 100000; i++) handles.push(spawn((x) => x * 2, i));
let total = 0;
for (const handle of handles) total += await handle;
console.log(total);
