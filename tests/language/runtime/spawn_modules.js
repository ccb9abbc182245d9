// Functions that use imports, modules, builtins and each other on workers.
import { strict as assert } from "node:assert";
import { readFile } from "rill:fs";
import * as path from "node:path";
import greet, * as library from "./worker/library.mjs";
import { isWorker, map, spawn } from "rill:task";
import json from "./worker/data.json" with { type: "json" };

// The worker's own copy of the module, not this one's.
console.log(await spawn(() => [greet("worker"), library.calls,
                               library.where]), library.calls);
console.log(await spawn(() => [isWorker(), path.basename("/a/b"), json.key]));
console.log(await spawn(async () => {
  const text = await readFile(import.meta.filename);
  return [text.length > 100, (await import("./worker/library.mjs")).where];
}));
console.log(await spawn(greet, "itself"));
const nested = await spawn(async () =>
  (await spawn((x) => x + 1, 1)) + (await map([1, 2], (x) => x * 2)).length);
console.log(nested, isWorker());
assert.equal(await spawn(() => assert.equal(1, 1)), undefined);

// Generators, accessors, inheritance from builtins, closures over loops.
class Stack extends Array {
  static of3 = Stack.of(1, 2, 3).length;
  get top() {
    return this.at(-1);
  }
  static #count = 5;
  static count() {
    return Stack.#count;
  }
}
function* upTo(n) {
  for (let i = 0; i < n; i++) yield i;
}
function Old(x) {
  this.x = x;
}
Old.prototype.get = function () {
  return this.x;
};
const closures = [];
for (let i = 0; i < 3; i++) closures.push(() => i * 10);
const frozen = Object.freeze({ list: [..."abc"] });
console.log(await spawn(() => {
  const stack = new Stack();
  stack.push(4, 5);
  return [stack.top, Stack.of3, Stack.count(), [...upTo(3)],
          new Old(7).get(), closures.map((f) => f()), frozen.list.join("")];
}));
const tag = (strings, ...values) => strings.raw.join("|") + values.join();
const re = /b+/gi;
console.log(await spawn((date, big) =>
  [tag`a${1}b${2}`, "aBBc".replace(re, "-"), date.getTime(), big ** 2n],
                        new Date(5), 12n));
assert.throws(() => spawn(() => eval("1")), { name: "DataCloneError" });
