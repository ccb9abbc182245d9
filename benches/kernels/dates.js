// SPDX-License-Identifier: MIT
// Date.
const N = 500;
bench("now", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += Date.now() & 1;
  return sum;
}, N);
bench("from fields", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += Date.UTC(2020, i % 12, 1 + i % 28) + new Date(2020, i % 12, 3).getTime();
  return sum;
}, 2 * N);
bench("fields", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) {
    const d = new Date(i * 86400000);
    sum += d.getUTCFullYear() + d.getMonth() + d.getDate() + d.getHours();
  }
  return sum;
}, 4 * N);
bench("set fields", () => {
  const d = new Date(0);
  for (let i = 0; i < N; i++) d.setUTCDate(1 + i % 28);
  return d;
}, N);
bench("parse", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += Date.parse("2020-02-03T04:05:06.789Z");
  return sum;
}, N);
bench("toISOString", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += new Date(i * 86400000).toISOString().length;
  return sum;
}, N);
bench("toString", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += new Date(i * 86400000).toString().length;
  return sum;
}, N);
