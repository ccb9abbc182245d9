// SPDX-License-Identifier: MIT
// for-of, for-in, forEach, iterators made by hand.
const N = 5000;
const list = Array.from({ length: N }, (_, i) => i);
const map = new Map(list.map((i) => [i, i]));
const set = new Set(list);
const text = "abcdefghij".repeat(N / 10);
const objects = Object.fromEntries(list.slice(0, 100).map((i) => [`k${i}`, i]));
class Range {
  constructor(n) { this.n = n; }
  [Symbol.iterator]() {
    let i = 0;
    const { n } = this;
    return { next: () => i < n ? { value: i++, done: false } : { value: undefined, done: true } };
  }
}
bench("for-of array", () => {
  let sum = 0;
  for (const x of list) sum += x;
  return sum;
}, N);
bench("for-of entries", () => {
  let sum = 0;
  for (const [i, x] of list.entries()) sum += i + x;
  return sum;
}, N);
bench("for-of map", () => {
  let sum = 0;
  for (const [k, v] of map) sum += k + v;
  return sum;
}, N);
bench("for-of map values", () => {
  let sum = 0;
  for (const v of map.values()) sum += v;
  return sum;
}, N);
bench("for-of set", () => {
  let sum = 0;
  for (const x of set) sum += x;
  return sum;
}, N);
bench("for-of string", () => {
  let sum = 0;
  for (const c of text) if (c === "e") sum++;
  return sum;
}, N);
bench("for-of own iterator", () => {
  let sum = 0;
  for (const x of new Range(N)) sum += x;
  return sum;
}, N);
bench("for-in", () => {
  let sum = 0;
  for (let i = 0; i < 50; i++) for (const k in objects) sum += objects[k];
  return sum;
}, N);
bench("forEach", () => {
  let sum = 0;
  list.forEach((x) => { sum += x; });
  return sum;
}, N);
bench("Map forEach", () => {
  let sum = 0;
  map.forEach((v, k) => { sum += v + k; });
  return sum;
}, N);
bench("Array.from iterable", () => Array.from(new Range(N)).length, N);
