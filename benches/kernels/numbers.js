// SPDX-License-Identifier: MIT
// Numbers and text; Math; BigInt.
const N = 3000;
const texts = Array.from({ length: 100 }, (_, i) => `${i * 37}`);
const decimals = Array.from({ length: 100 }, (_, i) => `${i}.${i * 7 % 100}e${i % 20}`);
bench("integer to string", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += String(i * 1001).length;
  return sum;
}, N);
bench("double to string", () => {
  let sum = 0;
  for (let i = 0; i < 1000; i++) sum += `${i / 7}`.length;
  return sum;
}, 1000);
bench("toFixed", () => {
  let sum = 0;
  for (let i = 0; i < 1000; i++) sum += (i / 7).toFixed(2).length;
  return sum;
}, 1000);
bench("toString of a radix", () => {
  let sum = 0;
  for (let i = 0; i < 1000; i++) sum += (i * 7919).toString(16).length;
  return sum;
}, 1000);
bench("Number of integers", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += Number(texts[i % 100]);
  return sum;
}, N);
bench("parseInt", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += parseInt(texts[i % 100], 10);
  return sum;
}, N);
bench("parseFloat", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += parseFloat(decimals[i % 100]);
  return sum;
}, N);
bench("Math functions", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += Math.floor(i / 3) + Math.max(i, 5) + Math.abs(-i) + Math.sqrt(i) + Math.min(i, 2);
  return sum;
}, 5 * N);
bench("Math of angles", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += Math.sin(i) * Math.cos(i);
  return sum;
}, 2 * N);
bench("Math.random", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += Math.random();
  return sum;
}, N);
bench("modulo and power", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) sum += (i % 7) + (i * 0.5) % 3 + (i & 7) ** 2;
  return sum;
}, 3 * N);
bench("isInteger and isNaN", () => {
  let sum = 0;
  for (let i = 0; i < N; i++) if (Number.isInteger(i / 2) && !isNaN(i)) sum++;
  return sum;
}, 2 * N);
