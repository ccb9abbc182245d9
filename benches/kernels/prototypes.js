// SPDX-License-Identifier: MIT
// Methods of prototypes, inheritance, instanceof, in, typeof.
class Shape { area() { return 1; } name() { return "shape"; } }
class Square extends Shape { constructor(n) { super(); this.n = n; } area() { return this.n * this.n; } }
class Circle extends Shape { constructor(n) { super(); this.n = n; } area() { return this.n * 3; } }
class Line extends Shape { constructor(n) { super(); this.n = n; } area() { return super.area() + this.n; } }
const same = Array.from({ length: 32 }, (_, i) => new Square(i));
const three = Array.from({ length: 33 }, (_, i) => new [Square, Circle, Line][i % 3](i));
const deep = (() => {
  let o = { value: 1 };
  for (let i = 0; i < 10; i++) o = Object.create(o);
  return o;
})();
bench("method, one class", () => {
  let sum = 0;
  for (let k = 0; k < 300; k++) for (let i = 0; i < 32; i++) sum += same[i].area();
  return sum;
}, 9600);
bench("method, three classes", () => {
  let sum = 0;
  for (let k = 0; k < 300; k++) for (let i = 0; i < 33; i++) sum += three[i].area();
  return sum;
}, 9900);
bench("inherited method", () => {
  let sum = 0;
  for (let k = 0; k < 300; k++) for (let i = 0; i < 33; i++) sum += three[i].name().length;
  return sum;
}, 9900);
bench("long chain", () => {
  let sum = 0;
  for (let i = 0; i < 10000; i++) sum += deep.value;
  return sum;
}, 10000);
bench("instanceof", () => {
  let sum = 0;
  for (let k = 0; k < 300; k++) for (let i = 0; i < 33; i++) if (three[i] instanceof Circle) sum++;
  return sum;
}, 9900);
bench("in", () => {
  let sum = 0;
  for (let k = 0; k < 300; k++) for (let i = 0; i < 33; i++) {
    if ("n" in three[i]) sum++;
    if ("m" in three[i]) sum++;
  }
  return sum;
}, 19800);
bench("hasOwn", () => {
  let sum = 0;
  for (let k = 0; k < 300; k++) for (let i = 0; i < 33; i++) {
    if (Object.hasOwn(three[i], "n")) sum++;
    if (three[i].hasOwnProperty("m")) sum++;
  }
  return sum;
}, 19800);
bench("typeof", () => {
  const list = [1, "a", null, undefined, {}, () => 1, true, 5n];
  let sum = 0;
  for (let i = 0; i < 10000; i++) {
    if (typeof list[i & 7] === "string") sum++;
    if (typeof list[i & 7] === "function") sum++;
  }
  return sum;
}, 20000);
