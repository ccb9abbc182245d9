// SPDX-License-Identifier: MIT
// Array methods.
const N = 2000;
const list = Array.from({ length: N }, (_, i) => i * 7919 % 10007);
const nested = Array.from({ length: 100 }, (_, i) => [i, [i]]);
bench("push", () => {
  const a = [];
  for (let i = 0; i < N; i++) a.push(i);
  return a;
}, N);
bench("push and pop", () => {
  const stack = [];
  for (let i = 0; i < N; i++) { stack.push(i, i); stack.pop(); }
  return stack.length;
}, 2 * N);
bench("shift a queue", () => {
  const queue = list.slice(0, 500);
  let sum = 0;
  for (let i = 0; i < 2000; i++) { sum += queue.shift(); queue.push(i); }
  return sum;
}, 4000);
bench("unshift", () => {
  const a = [];
  for (let i = 0; i < 300; i++) a.unshift(i);
  return a;
}, 300);
bench("splice", () => {
  const a = list.slice(0, 200);
  for (let i = 0; i < 500; i++) { a.splice(i % 100, 1); a.splice(50, 0, i); }
  return a;
}, 1000);
bench("slice", () => {
  let sum = 0;
  for (let i = 0; i < 500; i++) sum += list.slice(i, i + 20).length;
  return sum;
}, 500);
bench("concat", () => {
  let sum = 0;
  for (let i = 0; i < 200; i++) sum += list.concat([1, 2], 3).length;
  return sum;
}, 200);
bench("indexOf and includes", () => {
  let sum = 0;
  for (let i = 0; i < 20; i++) sum += list.indexOf(i * 3) + (list.includes(-1) ? 1 : 0);
  return sum;
}, 40);
bench("map", () => list.map((x) => x + 1), N);
bench("filter", () => list.filter((x) => x & 1), N);
bench("reduce", () => list.reduce((a, b) => a + b, 0), N);
bench("some, every, find, findIndex", () =>
  list.some((x) => x < 0) || list.every((x) => x >= 0) && list.find((x) => x === -1) === undefined &&
  list.findIndex((x) => x === -1), 4 * N);
bench("flat and flatMap", () => nested.flat(2).length + nested.flatMap((x) => x).length, 200);
bench("fill", () => new Array(N).fill(0), N);
bench("reverse", () => list.slice().reverse(), N);
bench("join", () => list.join(), N);
bench("Array.from with a function", () => Array.from({ length: N }, (_, i) => i), N);
bench("Array.from an array", () => Array.from(list), N);
bench("Array.of and isArray", () => {
  let sum = 0;
  for (let i = 0; i < 1000; i++) if (Array.isArray(Array.of(i, 1))) sum++;
  return sum;
}, 2000);
bench("new Array and index", () => {
  const a = new Array(N);
  for (let i = 0; i < N; i++) a[i] = i;
  return a;
}, N);
bench("at, lastIndexOf, copyWithin", () => {
  let sum = 0;
  const a = list.slice();
  for (let i = 0; i < 200; i++) sum += a.at(-1) + a.lastIndexOf(list[1990]) + a.copyWithin(0, 10, 20).length;
  return sum;
}, 600);
