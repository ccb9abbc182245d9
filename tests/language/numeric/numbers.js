// Numbers as text and back, Math, BigInt.
console.log(0.1 + 0.2, 1e21, 1e-7, -0, 123456789012345680000, 5e-324);
console.log((255).toString(16), (-255.5).toString(2), (0.1).toString(3));
console.log((1.005).toFixed(2), (0.5).toFixed(0), (-1.5).toFixed(0),
            (1e21).toFixed(2), (0).toFixed(3));
console.log((12345).toExponential(), (0).toExponential(2),
            (123.456).toPrecision(4), (0.000001).toPrecision(2));
console.log(Number(" 0x1F "), Number("1_0"), Number(""), Number("-Infinity"));
console.log(parseInt("0x1f"), parseInt("12px", 10), parseInt("z", 36),
            parseFloat("3.14abc"), parseFloat("."));
console.log(Number.MAX_SAFE_INTEGER, Number.EPSILON > 0,
            Number.isInteger(5.0), Number.isSafeInteger(2 ** 53));
for (const bad of [() => (1).toString(37), () => (1).toFixed(101),
                   () => Number.prototype.valueOf.call("")]) {
  try {
    bad();
  } catch (e) {
    console.log(e.name);
  }
}
console.log(Math.max(), Math.min(1, -0, 0), Math.max(NaN, 1), Math.round(-0.5),
            Math.round(2.5), Math.round(-2.5), Math.sign(-3), Math.trunc(-4.7));
console.log(Math.hypot(3, 4), Math.clz32(1), Math.imul(0xffffffff, 5),
            Math.fround(5.5), Math.cbrt(27), Math.log2(8));
console.log(1 / Math.round(-0.2), Object.is(Math.floor(-0), -0));
const r = Math.random();
console.log(r >= 0 && r < 1);

console.log(2n ** 100n, -7n / 2n, -7n % 2n, 5n & -2n, -5n >> 1n, 1n << 70n);
console.log(BigInt("0xff"), BigInt(2 ** 60), BigInt.asIntN(8, 255n),
            BigInt.asUintN(64, -1n));
console.log(2n > 1, 2n == 2, 1n < 1.5, (123n).toString(36), typeof 1n);
console.log(BigInt("123456789012345678901234567890") * -3n);
for (const bad of [() => 1n + 1, () => BigInt(1.5), () => 1n / 0n,
                   () => 2n ** -1n, () => BigInt("x"), () => +1n]) {
  try {
    bad();
  } catch (e) {
    console.log(e.name);
  }
}
let factorial = 1n;
for (let i = 1n; i <= 50n; i++) factorial *= i;
console.log(factorial);
