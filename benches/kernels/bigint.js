// SPDX-License-Identifier: MIT
// BigInt: small ones, long ones, conversions.
bench("small", () => {
  let a = 1n;
  for (let i = 0; i < 3000; i++) a = (a * 31n + 7n) & 0xffffffffn;
  return a;
}, 9000);
bench("64 bits", () => {
  let a = 0xcbf29ce484222325n;
  for (let i = 0; i < 2000; i++) a = BigInt.asUintN(64, (a ^ 0x61n) * 0x100000001b3n);
  return a;
}, 6000);
bench("factorial", () => {
  let a = 1n;
  for (let i = 1n; i <= 300n; i++) a *= i;
  return a;
}, 300);
bench("division", () => {
  let a = 3n ** 400n, sum = 0n;
  for (let i = 0; i < 200; i++) { sum += a / 1000003n; a -= sum % 7n; }
  return sum;
}, 400);
bench("to string", () => (7n ** 1000n).toString().length, 1);
bench("from string", () => BigInt("1234567890".repeat(60)) % 10n, 1);
bench("comparison", () => {
  let sum = 0;
  for (let i = 0n; i < 3000n; i++) if (i > 1500n) sum++;
  return sum;
}, 6000);
