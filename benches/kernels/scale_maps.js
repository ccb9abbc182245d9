// SPDX-License-Identifier: MIT
// Maps and sets: nanoseconds for each, at several sizes.

for (const n of [1e4, 1e5, 1e6]) {
  const size = n.toExponential().replace("+", "");
  const names = Array.from({ length: n }, (_, i) => `name${i}`);
  const full = new Map(names.map((name, i) => [name, i]));
  bench(`${size} set numbers`, () => {
    const map = new Map();
    for (let i = 0; i < n; i++) map.set(i, i);
    return map.size;
  }, n);
  bench(`${size} set strings`, () => {
    const map = new Map();
    for (let i = 0; i < n; i++) map.set(names[i], i);
    return map.size;
  }, n);
  bench(`${size} get`, () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += full.get(names[i]);
    return sum;
  }, n);
  bench(`${size} delete from the front`, () => {
    const set = new Set(names);
    for (const name of set) set.delete(name);
    return set.size;
  }, n);
}
