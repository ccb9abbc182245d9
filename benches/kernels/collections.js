// SPDX-License-Identifier: MIT
// Map, Set, WeakMap.
const N = 3000;
const names = Array.from({ length: N }, (_, i) => `name${i}`);
const keys = Array.from({ length: N }, (_, i) => ({ i }));
const byNumber = new Map(names.map((name, i) => [i, name]));
const byName = new Map(names.map((name, i) => [name, i]));
const byObject = new Map(keys.map((key, i) => [key, i]));
const weak = new WeakMap(keys.map((key, i) => [key, i]));
bench("set numbers", () => {
  const map = new Map();
  for (let i = 0; i < N; i++) map.set(i, i);
  return map.size;
}, N);
bench("set strings", () => {
  const map = new Map();
  for (let i = 0; i < N; i++) map.set(names[i], i);
  return map.size;
}, N);
bench("get by number", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += byNumber.get(i).length;
  return sum;
}, N);
bench("get by string", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += byName.get(names[i]);
  return sum;
}, N);
bench("get by new string", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += byName.get("name" + i);
  return sum;
}, N);
bench("get by object", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += byObject.get(keys[i]);
  return sum;
}, N);
bench("has, missing", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) if (byNumber.has(-i - 1)) sum++;
  return sum;
}, N);
bench("Set add and has", () => {
  const set = new Set();
  for (let i = 0; i < N; i++) { set.add(i & 511); if (set.has(i)) set.delete(i - 1); }
  return set.size;
}, 2 * N);
bench("delete and set again", () => {
  const map = new Map(byNumber);
  for (let i = 0; i < N; i++) { map.delete(i); map.set(i + N, 1); }
  return map.size;
}, 2 * N);
bench("WeakMap get", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += weak.get(keys[i]);
  return sum;
}, N);
bench("WeakMap set", () => {
  const map = new WeakMap();
  for (let i = 0; i < 1000; i++) map.set(keys[i], i);
  return map;
}, 1000);
bench("count words", () => {
  const counts = new Map();
  for (let i = 0; i < N; i++) {
    const name = names[(i * 7) % 100];
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts.size;
}, N);
bench("Map from entries", () => new Map(byNumber).size, N);
bench("object as a table", () => {
  const table = {};
  for (let i = 0; i < 1000; i++) table[names[i]] = i;
  let sum = 0;
  for (let i = 0; i < 1000; i++) sum += table[names[i]];
  return sum;
}, 2000);
