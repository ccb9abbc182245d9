// SPDX-License-Identifier: MIT
// Proxy, Reflect, Symbol.
const target = { a: 1, b: 2 };
const plain = new Proxy(target, {});
const trapped = new Proxy(target, {
  get: (o, key, receiver) => Reflect.get(o, key, receiver),
  set: (o, key, value) => Reflect.set(o, key, value),
  has: (o, key) => key in o,
});
const called = new Proxy((x) => x, { apply: (f, self, args) => f(...args) });
const key = Symbol("key");
const N = 2000;
bench("get, no trap", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += plain.a;
  return sum;
}, N);
bench("get", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += trapped.a;
  return sum;
}, N);
bench("set", () => { for (let i = 0; i < N; i++) trapped.b = i; }, N);
bench("has", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) if ("a" in trapped) sum++;
  return sum;
}, N);
bench("apply", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += called(i);
  return sum;
}, N);
bench("Reflect.get and has", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) if (Reflect.has(target, "b")) sum += Reflect.get(target, "a");
  return sum;
}, 2 * N);
bench("Reflect.ownKeys", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += Reflect.ownKeys(target).length;
  return sum;
}, N);
bench("Reflect.apply and construct", () => {
  class C { constructor(x) { this.x = x; } }
  let sum = 0;
  for (let i = 0; i < N; i++) sum += Reflect.apply(Math.max, null, [i, 1]) + Reflect.construct(C, [1]).x;
  return sum;
}, 2 * N);
bench("symbols as keys", () => {
  const o = { [key]: 1 };
  let sum = 0;
  for (let i = 0; i < N; i++) { sum += o[key]; o[key] = i; }
  return sum;
}, 2 * N);
bench("Symbol.toPrimitive", () => {
  const o = { [Symbol.toPrimitive]: () => 3 };
  let sum = 0;
  for (let i = 0; i < N; i++) sum += o * 2;
  return sum;
}, N);
