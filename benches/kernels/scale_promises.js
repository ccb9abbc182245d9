// SPDX-License-Identifier: MIT
// Deep promise chains: nanoseconds for each, at several sizes.

for (const n of [1e3, 1e4, 1e5]) {
  const size = n.toExponential().replace("+", "");
  bench(`${size} then chain`, () => {
    let p = Promise.resolve(0);
    for (let i = 0; i < n; i++) p = p.then((x) => x + 1);
    return p;
  }, n);
  bench(`${size} promises of promises`, () => {
    let p = Promise.resolve(0);
    for (let i = 0; i < n; i++) { const inner = p; p = new Promise((resolve) => resolve(inner)); }
    return p;
  }, n);
  bench(`${size} async recursion`, () => {
    const deep = async (k) => k === 0 ? 0 : await deep(k - 1) + 1;
    const step = async (k) => { let sum = 0; for (let i = 0; i < k; i++) sum += await deep(10); return sum; };
    return step(n / 10);
  }, n);
  bench(`${size} Promise.all`, async () => (await Promise.all(Array.from({ length: n }, async (_, i) => i))).length, n);
}
