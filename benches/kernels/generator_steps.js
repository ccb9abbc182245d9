// SPDX-License-Identifier: MIT
// 5e6 steps of a generator.
function* count(n) { for (let i = 0; i < n; i++) yield i; }
bench("5e6 steps", () => {
  let sum = 0;
  for (const x of count(5e6)) sum += x;
  return sum;
}, 5e6);
