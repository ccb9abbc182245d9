// SPDX-License-Identifier: MIT
// Calls, returns, argument passing.
function none() { return 1; }
function two(a, b) { return a + b; }
function six(a, b, c, d, e, f) { return a + f; }
function missing(a, b, c) { return c === undefined ? a : b; }
function defaults(a, b = 2, c = a + b) { return a + c; }
function rest(first, ...others) { return others.length + first; }
function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
const object = { n: 1, method(k) { return this.n + k; } };
const repeat = (call) => () => {
  let sum = 0;
  for (let i = 0; i < 10000; i++) sum += call(i);
  return sum;
};
bench("no argument", () => {
  let sum = 0;
  for (let i = 0; i < 10000; i++) sum += none();
  return sum;
}, 10000);
bench("two arguments", () => {
  let sum = 0;
  for (let i = 0; i < 10000; i++) sum = two(sum, i);
  return sum;
}, 10000);
bench("six arguments", () => {
  let sum = 0;
  for (let i = 0; i < 10000; i++) sum += six(1, i, i, i, i, 2);
  return sum;
}, 10000);
bench("missing arguments", repeat((i) => missing(i)), 10000);
bench("surplus arguments", repeat((i) => two(i, 1, 2, 3)), 10000);
bench("defaults", repeat((i) => defaults(i)), 10000);
bench("rest", repeat((i) => rest(i, 1, 2)), 10000);
bench("spread", () => {
  const args = [1, 2, 3];
  let sum = 0;
  for (let i = 0; i < 10000; i++) sum += six(...args, i, 1, 2);
  return sum;
}, 10000);
bench("method", repeat((i) => object.method(i)), 10000);
bench("recursion", () => fibonacci(18), 8361);
bench("Function.call", repeat((i) => two.call(null, i, 1)), 10000);
bench("Function.apply", repeat((i) => two.apply(null, [i, 1])), 10000);
bench("bound", repeat(two.bind(null, 1)), 10000);
