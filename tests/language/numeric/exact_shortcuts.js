// toFixed in 128 bits, BigInts of one limb, methods of primitives: the ways that
// leave the general one must end where it does.
const numbers = [0, -0, 0.5, 1.5, 2.5, -0.5, 1.005, 1.45, 8.345, 0.000001, -0.0000001, 1e-300, 5e-324, 123.456, 1e18, 0.1 + 0.2, 1.255, 10.235, 1e20, 4.5e15, 9007199254740993, 0.045, -1.5, 99999999.995, 1e10 - 0.005];
for (const n of numbers) console.log([0, 1, 2, 5, 8, 9, 20].map((digits) => n.toFixed(digits)).join(" "));
const bigints = [0n, 1n, -1n, 2n ** 63n, -(2n ** 63n), 2n ** 64n - 1n, -(2n ** 64n), 2n ** 64n + 5n, 255n, -128n];
for (const n of bigints) {
  console.log([0, 1, 7, 8, 63, 64, 65, 128].map((bits) => `${BigInt.asIntN(bits, n)}/${BigInt.asUintN(bits, n)}`).join(" "));
  let up = n, down = n;
  console.log(`${++up} ${--down} ${bigints.map((m) => `${n < m}${n <= m}${n > m}${n >= m}`.replace(/[a-su-z]/g, "")).join(" ")}`);
}
const kinds = [1, 1.5, "s", true, 7n, Symbol("x"), { toString: () => "o" }, -0];
for (let round = 0; round < 3; round++) console.log(kinds.map((v) => v.toString()).join());
Number.prototype.toString = () => "replaced";
console.log((5).toString(), kinds.map((v) => v.toString()).join());
