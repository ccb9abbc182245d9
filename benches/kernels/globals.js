// SPDX-License-Identifier: MIT
// Global names, eval, with, Function.
globalThis.kernelGlobal = 1;
globalThis.kernelFunction = (x) => x + 1;
bench("read and write", () => {
  for (let i = 0; i < 10000; i++) kernelGlobal = kernelGlobal + 1 & 1023;
  return kernelGlobal;
}, 10000);
bench("call", () => {
  let sum = 0;
  for (let i = 0; i < 10000; i++) sum = kernelFunction(sum);
  return sum;
}, 10000);
bench("indirect eval", () => {
  let sum = 0;
  for (let i = 0; i < 200; i++) sum += (0, eval)("1 + 2");
  return sum;
}, 200);
bench("new texts evaluated", () => {
  let sum = 0;
  for (let i = 0; i < 100; i++) sum += (0, eval)(`var x${i & 7} = ${i}; x${i & 7} + ${Math.random()}`);
  return sum;
}, 100);
bench("new Function", () => {
  let sum = 0;
  for (let i = 0; i < 100; i++) sum += new Function("a", `return a + ${i}`)(1);
  return sum;
}, 100);
bench("with", () => {
  const o = { a: 1, b: 2 };
  let sum = 0;
  with (o) { for (let i = 0; i < 2000; i++) sum += a + b; }
  return sum;
}, 4000);
