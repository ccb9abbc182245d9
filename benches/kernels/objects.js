// SPDX-License-Identifier: MIT
// Functions of Object.
const o = { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 };
const entries = Object.entries(o);
const N = 1000;
const repeat = (call) => () => {
  let kept;
  for (let i = 0; i < N; i++) kept = call(o);
  return kept;
};
bench("keys", repeat((o) => Object.keys(o)), N);
bench("values", repeat((o) => Object.values(o)), N);
bench("entries", repeat((o) => Object.entries(o)), N);
bench("assign", repeat((o) => Object.assign({}, o)), N);
bench("fromEntries", repeat(() => Object.fromEntries(entries)), N);
bench("freeze", repeat(() => Object.freeze({ a: 1, b: 2 })), N);
bench("create", repeat((o) => Object.create(o)), N);
bench("defineProperty", repeat(() => Object.defineProperty({}, "x", { value: 1, writable: true })), N);
bench("getOwnPropertyDescriptor", repeat((o) => Object.getOwnPropertyDescriptor(o, "c")), N);
bench("getPrototypeOf", repeat((o) => Object.getPrototypeOf(o)), N);
bench("entries in a loop", () => {
  let sum = 0;
  for (let i = 0; i < 200; i++) for (const [k, v] of Object.entries(o)) sum += v + k.length;
  return sum;
}, 1200);
bench("toString and valueOf", () => {
  const money = { n: 5, valueOf() { return this.n; }, toString() { return "m"; } };
  let sum = 0;
  for (let i = 0; i < N; i++) sum += money + 1 + `${money}`.length;
  return sum;
}, 2 * N);
bench("structuredClone by hand", () => {
  const clone = (v) => Array.isArray(v) ? v.map(clone)
    : v !== null && typeof v === "object"
      ? Object.fromEntries(Object.entries(v).map(([k, x]) => [k, clone(x)])) : v;
  return clone({ a: [1, 2, { b: 3 }], c: { d: [4, 5], e: "f" } });
}, 6);
