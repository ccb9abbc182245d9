// SPDX-License-Identifier: MIT
// Making closures, captured variables.
function counter() {
  let n = 0;
  return () => ++n;
}
const shared = counter();
bench("make", () => {
  let kept;
  for (let i = 0; i < 10000; i++) kept = () => i;
  return kept;
}, 10000);
bench("captured variable", () => {
  let last = 0;
  for (let i = 0; i < 10000; i++) last = shared();
  return last;
}, 10000);
bench("three scopes up", () => {
  let a = 0;
  const outer = () => {
    let b = 1;
    const middle = () => {
      let c = 2;
      return () => { a = (a + b + c) & 1023; c ^= 1; return a; };
    };
    return middle();
  };
  const inner = outer();
  let sum = 0;
  for (let i = 0; i < 10000; i++) sum += inner();
  return sum;
}, 10000);
bench("scope of each iteration", () => {
  const list = [];
  for (let i = 0; i < 2000; i++) {
    const square = i * i;
    list.push(() => square + i);
  }
  let sum = 0;
  for (const f of list) sum += f();
  return sum;
}, 2000);
bench("written by the closure", () => {
  let sum = 0;
  const add = (k) => { sum += k; };
  for (let i = 0; i < 10000; i++) add(i);
  return sum;
}, 10000);
bench("immediately called", () => {
  let sum = 0;
  for (let i = 0; i < 5000; i++) sum += (function (k) { return k + 1; })(i);
  return sum;
}, 5000);
