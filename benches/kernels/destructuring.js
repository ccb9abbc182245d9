// SPDX-License-Identifier: MIT
// Patterns, spread and rest of arrays and objects.
bench("array pattern", () => {
  let a = 1, b = 2, sum = 0;
  const pair = [3, 4];
  for (let i = 0; i < 5000; i++) {
    const [x, y] = pair;
    [a, b] = [b, a];
    sum += x + y + a;
  }
  return sum;
}, 10000);
bench("object pattern", () => {
  const o = { a: 1, b: 2, c: { d: 3 } };
  let sum = 0;
  for (let i = 0; i < 10000; i++) {
    const { a, b, c: { d }, e = 4 } = o;
    sum += a + b + d + e;
  }
  return sum;
}, 10000);
bench("parameters", () => {
  const length = ({ x, y }) => x * x + y * y;
  let sum = 0;
  for (let i = 0; i < 10000; i++) sum += length({ x: i, y: 1 });
  return sum;
}, 10000);
bench("array spread", () => {
  const list = [1, 2, 3, 4, 5, 6, 7, 8];
  let sum = 0;
  for (let i = 0; i < 5000; i++) sum += [0, ...list, 9].length;
  return sum;
}, 5000);
bench("array rest", () => {
  const list = [1, 2, 3, 4, 5, 6, 7, 8];
  let sum = 0;
  for (let i = 0; i < 3000; i++) { const [first, ...rest] = list; sum += rest.length + first; }
  return sum;
}, 3000);
bench("object spread", () => {
  const o = { a: 1, b: 2, c: 3, d: 4 };
  let sum = 0;
  for (let i = 0; i < 3000; i++) sum += { ...o, e: i }.e;
  return sum;
}, 3000);
bench("object rest", () => {
  const o = { a: 1, b: 2, c: 3, d: 4 };
  let sum = 0;
  for (let i = 0; i < 3000; i++) { const { a, ...rest } = o; sum += rest.d + a; }
  return sum;
}, 3000);
bench("spread of a set", () => {
  const set = new Set([1, 2, 3, 4, 5, 6, 7, 8]);
  let sum = 0;
  for (let i = 0; i < 1000; i++) sum += [...set].length;
  return sum;
}, 1000);
bench("object literals", () => {
  let last;
  for (let i = 0; i < 10000; i++) last = { id: i, name: "n", on: true, next: last === undefined };
  return last;
}, 10000);
bench("array literals", () => {
  let last;
  for (let i = 0; i < 10000; i++) last = [i, 1, 2, 3];
  return last;
}, 10000);
bench("computed keys of literals", () => {
  let last;
  for (let i = 0; i < 5000; i++) last = { [i & 1 ? "a" : "b"]: i, c: 1 };
  return last;
}, 5000);
