// SPDX-License-Identifier: MIT
// Making instances; private members, accessors, statics.
class Point { constructor(x, y) { this.x = x; this.y = y; } }
class Point3 extends Point { constructor(x, y, z) { super(x, y); this.z = z; } }
class Fields { a = 1; b = 2; c = 3; }
class Private {
  #n = 0;
  static #made = 0;
  constructor() { Private.#made++; }
  add(k) { this.#n += k; return this.#twice(); }
  #twice() { return this.#n * 2; }
  get n() { return this.#n; }
  set n(value) { this.#n = value; }
  static is(o) { return #n in o; }
}
const one = new Private();
const accessors = { stored: 1, get value() { return this.stored; }, set value(v) { this.stored = v; } };
bench("new", () => {
  let last;
  for (let i = 0; i < 10000; i++) last = new Point(i, 1);
  return last;
}, 10000);
bench("new, derived", () => {
  let last;
  for (let i = 0; i < 5000; i++) last = new Point3(i, 1, 2);
  return last;
}, 5000);
bench("fields", () => {
  let last;
  for (let i = 0; i < 5000; i++) last = new Fields();
  return last;
}, 5000);
bench("new with private members", () => {
  let last;
  for (let i = 0; i < 5000; i++) last = new Private();
  return last;
}, 5000);
bench("private members", () => {
  let sum = 0;
  for (let i = 0; i < 5000; i++) sum += one.add(1);
  return sum;
}, 5000);
bench("private brand", () => {
  let sum = 0;
  for (let i = 0; i < 10000; i++) if (Private.is(i & 1 ? one : accessors)) sum++;
  return sum;
}, 10000);
bench("getters and setters of classes", () => {
  for (let i = 0; i < 5000; i++) one.n = one.n + 1;
}, 10000);
bench("getters and setters of literals", () => {
  for (let i = 0; i < 5000; i++) accessors.value = accessors.value + 1;
}, 10000);
bench("function constructor", () => {
  function Old(x) { this.x = x; }
  Old.prototype.get = function () { return this.x; };
  let sum = 0;
  for (let i = 0; i < 5000; i++) sum += new Old(i).get();
  return sum;
}, 5000);
bench("class definition", () => {
  let last;
  for (let i = 0; i < 300; i++) last = class { a() {} b() {} static c() {} };
  return last;
}, 300);
