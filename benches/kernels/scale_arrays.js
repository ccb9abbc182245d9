// SPDX-License-Identifier: MIT
// Arrays: nanoseconds for each, at several sizes.

for (const n of [1e5, 1e6, 1e7]) {
  const size = n.toExponential().replace("+", "");
  const full = new Array(n);
  for (let i = 0; i < n; i++) full[i] = i;
  bench(`${size} push`, () => {
    const list = [];
    for (let i = 0; i < n; i++) list.push(i);
    return list.length;
  }, n);
  bench(`${size} for-of`, () => {
    let sum = 0;
    for (const x of full) sum += x;
    return sum;
  }, n);
  bench(`${size} map`, () => full.map((x) => x + 1).length, n);
  bench(`${size} slice, indexOf, reverse`, () => full.slice().reverse().indexOf(-1), n);
  bench(`${size} sort`, () => Float64Array.from(full, (x) => x * 7919 % 10007).sort()[0], n);
}
