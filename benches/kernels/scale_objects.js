// SPDX-License-Identifier: MIT
// Objects with many properties: nanoseconds for each, at several sizes.

for (const n of [1e4, 1e5, 1e6]) {
  const size = n.toExponential().replace("+", "");
  const names = Array.from({ length: n }, (_, i) => `name${i}`);
  const full = {};
  for (const name of names) full[name] = 1;
  bench(`${size} add`, () => {
    const o = {};
    for (let i = 0; i < n; i++) o[names[i]] = i;
    return o;
  }, n);
  bench(`${size} read`, () => {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += full[names[i]];
    return sum;
  }, n);
  bench(`${size} keys`, () => Object.keys(full).length, n);
  bench(`${size} for-in`, () => {
    let count = 0;
    for (const name in full) count++;
    return count;
  }, n);
  bench(`${size} delete`, () => {
    const o = { ...full };
    for (let i = 0; i < n; i++) delete o[names[i]];
    return o;
  }, n);
  bench(`${size} JSON`, () => JSON.stringify(JSON.parse(JSON.stringify(full))).length, n);
}
