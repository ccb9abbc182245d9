// SPDX-License-Identifier: MIT
// Property access: one shape, a few, many.
const makers = [
  (i) => ({ x: i, y: 1 }), (i) => ({ y: 1, x: i }), (i) => ({ z: 0, x: i, y: 1 }),
  (i) => ({ a: 0, b: 0, x: i, y: 1 }),
];
const mono = Array.from({ length: 64 }, (_, i) => makers[0](i));
const poly = Array.from({ length: 64 }, (_, i) => makers[i & 3](i));
const mega = Array.from({ length: 64 }, (_, i) => ({ [`k${i}`]: 0, x: i, y: 1 }));
const read = (list) => () => {
  let sum = 0;
  for (let k = 0; k < 100; k++) {
    for (let i = 0; i < 64; i++) sum += list[i].x + list[i].y;
  }
  return sum;
};
bench("read, one shape", () => {
  let sum = 0;
  for (let k = 0; k < 100; k++) {
    for (let i = 0; i < 64; i++) sum += mono[i].x + mono[i].y;
  }
  return sum;
}, 12800);
bench("read, four shapes", () => {
  let sum = 0;
  for (let k = 0; k < 100; k++) {
    for (let i = 0; i < 64; i++) sum += poly[i].x + poly[i].y;
  }
  return sum;
}, 12800);
bench("read, many shapes", () => {
  let sum = 0;
  for (let k = 0; k < 100; k++) {
    for (let i = 0; i < 64; i++) sum += mega[i].x + mega[i].y;
  }
  return sum;
}, 12800);
bench("write, one shape", () => {
  for (let k = 0; k < 100; k++) {
    for (let i = 0; i < 64; i++) { mono[i].x = k; mono[i].y = i; }
  }
}, 12800);
bench("write, many shapes", () => {
  for (let k = 0; k < 100; k++) {
    for (let i = 0; i < 64; i++) { mega[i].x = k; mega[i].y = i; }
  }
}, 12800);
bench("add", () => {
  let last;
  for (let i = 0; i < 3000; i++) {
    last = {};
    last.a = i;
    last.b = 1;
    last.c = 2;
    last.d = 3;
  }
  return last;
}, 12000);
bench("update in place", () => {
  const o = { n: 0, m: 1 };
  for (let i = 0; i < 12000; i++) { o.n += i; o.m++; }
  return o.n + o.m;
}, 24000);
bench("delete", () => {
  let sum = 0;
  for (let i = 0; i < 2000; i++) {
    const o = { a: 1, b: 2, c: i };
    delete o.b;
    sum += o.c;
  }
  return sum;
}, 2000);
bench("optional chains", () => {
  const list = [{ a: { b: 1 } }, {}, null, { a: null }];
  let sum = 0;
  for (let i = 0; i < 10000; i++) sum += list[i & 3]?.a?.b ?? 0;
  return sum;
}, 10000);
