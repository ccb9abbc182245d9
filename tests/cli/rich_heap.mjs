// Something of every kind that a heap can hold, for a snapshot of it, which is
// written to the file named. Prints how many bytes are alive.
import { writeHeapSnapshot, gcStatistics } from "rill:runtime";
import { createServer } from "node:http";
class Base {
  static #secret = { s: 1 };
  #own = [1, { two: 2 }];
  get own() { return this.#own; }
  static peek() { return this.#secret; }
}
class Derived extends Base {
  constructor() {
    super();
    this.self = this;
  }
  get twice() { return 2; }
}
const symbol = Symbol("described"), registered = Symbol.for("registered");
async function* letters() {
  yield "a";
  yield "b";
}
function* numbers() {
  const held = { inGenerator: true };
  yield 1;
  return held;
}
const generator = numbers(); generator.next();
const asyncLetters = letters(); await asyncLetters.next();
const never = new Promise(() => {});
async function waits() {
  const local = { inFiber: true };
  await never;
  return local;
}
waits(); never.then(() => {}, () => {}).finally(() => {});
const registry = new FinalizationRegistry(() => {}), token = {};
const targets = Array.from({ length: 300 }, (_, i) => ({ i }));
targets.forEach((t, i) =>
  registry.register(t, { held: i }, i % 2 ? token : undefined));
const sparse = []; sparse[4e9] = { far: true };
const frozen = Object.freeze({ a: Object.freeze([1, {}]) });
const accessors = {
  get g() { return 1; },
  set g(v) {},
  [symbol]: { bySymbol: 1 }, [Symbol.iterator]: null, 17: { byIndex: 1 },
};
const big = 2n ** 500n;
const rope = "x".repeat(1000) + Math.random(), slice = rope.slice(10, 900);
const maps = [
  new Map([[{ k: 1 }, { v: 1 }], ["s", rope]]), new Set([symbol, big, slice]),
  new WeakSet([token]), new WeakMap([[token, { eph: 1 }]]),
];
const many = new Map();
for (let i = 0; i < 20000; i++) many.set("key" + i, { i });
const dictionary = {};
for (let i = 0; i < 3000; i++)
  dictionary["name \u{1f600}" + i] = i % 3 ? i : { i };
for (let i = 0; i < 900; i += 2)
  delete dictionary["name \u{1f600}" + i];
const views = [
  new Uint8Array(1e5),
  new DataView(new ArrayBuffer(100)), new SharedArrayBuffer(64),
  new Float64Array(10).subarray(2),
];
const misc = [
  new Date(), /r(?<e>g)ex/giu,
  new Error("with a stack", { cause: new TypeError("inner") }),
  new Proxy({ target: 1 }, { handler: 1 }),
  Object(1),
  Object("boxed"),
  Object(symbol),
  Object(10n),
  (() => {}).bind({ bound: 1 }, { argument: 1 }),
  function () { return arguments; }(1, { mapped: 1 }),
  new Intl.NumberFormat("de"),
  new URL("http://example.org/"),
  new TextDecoder(),
  new AbortController(),
  new Headers({ a: "b" }),
  new WeakRef(token),
  [..."iter"][Symbol.iterator](),
  new Map([[1, 2]]).entries(),
  JSON, globalThis,
];
const text = "control \u0001 \u2028 \ud800 lone, \"quoted\" \\ back </script>";
const names = {
  "\u0001": 1, "\"": 2, "\\": { x: 1 }, "\ud83d": { lone: 1 }, "": { empty: 1 },
  __proto__: null,
};
const server = createServer(() => {});
setTimeout(() => {}, 1e6).unref?.();
const cyclic = { list: [] }; cyclic.list.push(cyclic); cyclic.self = cyclic;
const holes = [, { after: 1 }, , undefined, null, -0, NaN, 1e300];
globalThis.everything = {
  Base, Derived, d: new Derived(), symbol, registered, generator, asyncLetters,
  never, registry, token, targets, sparse, frozen, accessors, big, rope, slice,
  maps, many, dictionary, views, misc, text, names, server, cyclic, holes,
};
writeHeapSnapshot(process.argv[2]);
console.log(gcStatistics().liveBytes);
process.exit();
