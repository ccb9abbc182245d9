// mathjs: expressions, units, matrices, fractions, complex and big numbers.
import { all, create } from "mathjs";

const math = create(all, {});
for (const text of [
  "2 + 3 * 4^2 / 5", "sqrt(-4) + 2i", "12.7 cm to inch", "sin(45 deg)^2",
  "det([-1, 2; 3, 1])", "inv([1, 2; 3, 4])", "fraction(1, 3) + fraction(2, 7)",
  "bignumber(1) / 3", "5! + gamma(4.5)", "1:3:20", "[1, 2; 3, 4] .* 2'",
  "f(x) = x^2 + 1; f(7)", "std([1, 2, 3, 4.5])", "gcd(84, 36) + lcm(4, 6)",
  "cross([1, 2, 3], [4, 5, 6])", "5 km/h * 3 s to m", "0x1F xor 0b101",
  "mode([1, 2, 2, 3])", "2 > 1 ? \"a\" : \"b\"", "log(1000, 10)",
]) {
  console.log(text, "=", math.format(math.evaluate(text), { precision: 12 }));
}
console.log(math.derivative("x^3 * sin(2 x) / e^x", "x").toString());
console.log(math.simplify("3 x + 2 y - x + (a + b)^2 / (a + b) + 0 * z").toString());
console.log(math.rationalize("(x + 1) / (x - 1) + x / 2").toString());
console.log(math.parse("a[1, 2:end] + {b: f(c, -d)}.b").toTex());
const size = 60;
const matrix = math.matrix(Array.from({ length: size }, (_, i) =>
  Array.from({ length: size }, (_, k) => ((i * 31 + k * 17) % 23) + (i === k ? 50 : 0))));
console.log(math.format(math.det(matrix), 10));
console.log(math.format(math.multiply(matrix, math.inv(matrix)).get([3, 3]), 8));
console.log(math.format(math.eigs([[2, 1, 0], [1, 3, 1], [0, 1, 4]]).values, 8));
const big = math.create({ number: "BigNumber", precision: 100 }, math.all ?? all);
console.log(big.evaluate("pi * e ^ (1/7)").toString());
