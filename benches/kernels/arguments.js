// SPDX-License-Identifier: MIT
// The object `arguments`.
function sum() {
  let total = 0;
  for (let i = 0; i < arguments.length; i++) total += arguments[i];
  return total;
}
function first() { return arguments[0]; }
function forward() { return sum.apply(this, arguments); }
function mapped(a) { arguments[0] = a + 1; return a; }
function kept() { return arguments; }
bench("length and elements", () => {
  let total = 0;
  for (let i = 0; i < 5000; i++) total += sum(i, 1, 2, 3);
  return total;
}, 5000);
bench("first", () => {
  let total = 0;
  for (let i = 0; i < 10000; i++) total += first(i, 1);
  return total;
}, 10000);
bench("forwarded by apply", () => {
  let total = 0;
  for (let i = 0; i < 5000; i++) total += forward(i, 1, 2);
  return total;
}, 5000);
bench("mapped", () => {
  let total = 0;
  for (let i = 0; i < 10000; i++) total += mapped(i);
  return total;
}, 10000);
bench("kept", () => {
  let total = 0;
  for (let i = 0; i < 5000; i++) total += kept(i, 1, 2).length;
  return total;
}, 5000);
bench("spread of arguments", () => {
  function all() { return Math.max(...arguments); }
  let total = 0;
  for (let i = 0; i < 5000; i++) total += all(i, 1, 2);
  return total;
}, 5000);
