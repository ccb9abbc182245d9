// SPDX-License-Identifier: MIT
// Elements by index and by computed name.
const N = 8000;
const ints = Array.from({ length: N }, (_, i) => i);
const doubles = Array.from({ length: N }, (_, i) => i + 0.5);
const mixed = Array.from({ length: N }, (_, i) => i & 1 ? i : `${i}`);
const names = Array.from({ length: 16 }, (_, i) => `name${i}`);
const table = Object.fromEntries(names.map((name, i) => [name, i]));
const text = "the quick brown fox jumps over the lazy dog";
bench("read integers", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += ints[i];
  return sum;
}, N);
bench("read doubles", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += doubles[i];
  return sum;
}, N);
bench("read mixed", () => {
  let last;
  for (let i = 0; i < N; i++) last = mixed[i];
  return last;
}, N);
bench("write", () => { for (let i = 0; i < N; i++) ints[i] = i; }, N);
bench("append by index", () => {
  const list = [];
  for (let i = 0; i < N; i++) list[i] = i;
  return list;
}, N);
bench("holes", () => {
  const list = new Array(N);
  for (let i = 0; i < N; i += 2) list[i] = i;
  let sum = 0;
  for (let i = 0; i < N; i++) if (list[i] !== undefined) sum++;
  return sum;
}, N);
bench("computed names", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += table[names[i & 15]];
  return sum;
}, N);
bench("write computed names", () => {
  for (let i = 0; i < N; i++) table[names[i & 15]] = i;
}, N);
bench("characters", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) if (text[i % 43] === "o") sum++;
  return sum;
}, N);
bench("two dimensions", () => {
  const rows = [];
  for (let i = 0; i < 64; i++) rows.push(new Array(64).fill(i));
  let sum = 0;
  for (let i = 0; i < 64; i++) for (let j = 0; j < 64; j++) sum += rows[j][i];
  return sum;
}, 4096);
