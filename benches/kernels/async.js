// SPDX-License-Identifier: MIT
// Async functions, promises, async generators.
async function one(x) { return x; }
async function two(x) { return await one(x) + 1; }
async function* count(n) { for (let i = 0; i < n; i++) yield i; }
bench("await a value", async () => {
  let sum = 0;
  for (let i = 0; i < 3000; i++) sum += await i;
  return sum;
}, 3000);
bench("await a call", async () => {
  let sum = 0;
  for (let i = 0; i < 3000; i++) sum += await one(i);
  return sum;
}, 3000);
bench("await two calls deep", async () => {
  let sum = 0;
  for (let i = 0; i < 2000; i++) sum += await two(i);
  return sum;
}, 2000);
bench("then chain", () => {
  let p = Promise.resolve(0);
  for (let i = 0; i < 2000; i++) p = p.then((x) => x + 1);
  return p;
}, 2000);
bench("new Promise", async () => {
  let sum = 0;
  for (let i = 0; i < 2000; i++) sum += await new Promise((resolve) => resolve(i));
  return sum;
}, 2000);
bench("Promise.all", async () => (await Promise.all(Array.from({ length: 1000 }, (_, i) => one(i)))).length, 1000);
bench("async generator", async () => {
  let sum = 0;
  for await (const x of count(2000)) sum += x;
  return sum;
}, 2000);
bench("for await over an array", async () => {
  const list = Array.from({ length: 1000 }, (_, i) => one(i));
  let sum = 0;
  for await (const x of list) sum += x;
  return sum;
}, 1000);
bench("rejection", async () => {
  const fail = async () => { throw 1; };
  let sum = 0;
  for (let i = 0; i < 1000; i++) { try { await fail(); } catch (e) { sum += e; } }
  return sum;
}, 1000);
const queue = globalThis.queueMicrotask ?? ((job) => Promise.resolve().then(job));
bench("queueMicrotask", () => new Promise((resolve) => {
  let n = 0;
  const step = () => { if (++n === 2000) resolve(n); else queue(step); };
  step();
}), 2000);
