// decimal.js: pi and e to 300 digits, functions, rounding modes.
import Decimal from "decimal.js";

Decimal.set({ precision: 300 });
// Machin's formula.
function arctanOfInverse(n) {
  let term = new Decimal(1).div(n), sum = term, k = 1;
  const square = n * n;
  for (;;) {
    term = term.div(-square);
    const part = term.div(k += 2);
    if (part.e < -305) return sum;
    sum = sum.plus(part);
  }
}
console.log(arctanOfInverse(5).times(16).minus(arctanOfInverse(239).times(4)).toString());
console.log(Decimal.exp(1).toString());
console.log(new Decimal(2).sqrt().toFixed(200));
console.log(new Decimal("1.5").pow("2.5").toString());
Decimal.set({ precision: 40 });
for (const f of ["sin", "cos", "tan", "atan", "ln", "log10", "cbrt", "cosh"]) {
  console.log(f, Decimal[f]("0.7").toString());
}
for (let rounding = 0; rounding <= 8; rounding++) {
  Decimal.set({ rounding });
  console.log(rounding, ["2.5", "-2.5", "1.45", "-0.55"].map((n) =>
    new Decimal(n).toDecimalPlaces(n.length > 3 ? 1 : 0).toString()).join(" "));
}
console.log(new Decimal("0xff.8").toString(), new Decimal(255.5).toHexadecimal(),
            new Decimal("1e-400").toExponential(), new Decimal(-0).toString(),
            String(new Decimal(NaN)), new Decimal("123456.789").toFraction(100).join("/"));
