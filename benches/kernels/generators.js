// SPDX-License-Identifier: MIT
// Generators.
function* count(n) { for (let i = 0; i < n; i++) yield i; }
function* squares(source) { for (const x of source) yield x * x; }
function* tree(depth) { if (depth > 0) { yield* tree(depth - 1); yield depth; yield* tree(depth - 1); } }
function* echo() { let x = 0; for (;;) x = yield x; }
bench("for-of", () => {
  let sum = 0;
  for (const x of count(5000)) sum += x;
  return sum;
}, 5000);
bench("next", () => {
  const it = count(5000);
  let sum = 0;
  for (let r = it.next(); !r.done; r = it.next()) sum += r.value;
  return sum;
}, 5000);
bench("pipeline", () => {
  let sum = 0;
  for (const x of squares(count(3000))) sum += x;
  return sum;
}, 3000);
bench("delegation", () => {
  let sum = 0;
  for (const x of tree(9)) sum += x;
  return sum;
}, 511);
bench("spread", () => [...count(3000)].length, 3000);
bench("make and take one", () => {
  let sum = 0;
  for (let i = 0; i < 3000; i++) sum += count(1).next().value;
  return sum;
}, 3000);
bench("values sent in", () => {
  const it = echo();
  let sum = 0;
  it.next();
  for (let i = 0; i < 5000; i++) sum += it.next(i).value;
  return sum;
}, 5000);
bench("left early", () => {
  let sum = 0;
  for (let i = 0; i < 1000; i++) for (const x of count(10)) { sum += x; if (x === 2) break; }
  return sum;
}, 1000);
