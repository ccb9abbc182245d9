// SPDX-License-Identifier: MIT
// Texts that are compiled again and again, whose code is remembered: equal
// texts mean the same, nearly equal ones do not.
let wrong = 0;
const same = (a, b) => { if (a !== b) { wrong++; console.log("wrong:", a, b); } };

for (let round = 0; round < 4; round++) {
  // The parameters end in another place.
  same(new Function("a", "bb = 1; return typeof a")(1), "number");
  same(new Function("ab", "b = 1; return typeof a")(1), "undefined");
  same(new Function("", "abb = 1; return typeof a")(1), "undefined");
  same(new Function("abb = 1; return typeof a").toString(),
       "function anonymous(\n) {\nabb = 1; return typeof a\n}");
  same(new Function("a", "b", "return a + b")(1, 2), 3);
  same(new Function("a,b", "return a - b")(1, 2), -1);
  // Another kind of function, or a script.
  const GeneratorFunction = function* () {}.constructor;
  const AsyncFunction = async function () {}.constructor;
  same(new Function("x", "return x")(4), 4);
  same([...new GeneratorFunction("x", "yield x")(4)][0], 4);
  same(new GeneratorFunction("x", "return x")(4).next().value, 4);
  same(Object.prototype.toString.call(new AsyncFunction("x", "return x")(4)),
       "[object Promise]");
  same((0, eval)("var x = 4; x"), 4);
  // Wide texts.
  same((0, eval)("'\u0416' + 1"), "\u04161");
  same(new Function("\u0436", "return \u0436 + '\u0416'")("a"), "a\u0416");
  same(new Function("\u0436", "return \u0436 + '\u0417'")("a"), "a\u0417");
  // Each has functions and objects of its own.
  const f = (0, eval)("(function () { return [] })");
  const g = (0, eval)("(function () { return [] })");
  same(f === g || f() === g(), false);
  f.mark = round;
  same(g.mark, undefined);
  same(new Function("return 1") === new Function("return 1"), false);
  // Errors every time.
  let failed = 0;
  try { (0, eval)("1 +"); } catch (e) { failed += e instanceof SyntaxError; }
  try { new Function("}, function () {"); } catch (e) { failed++; }
  try { new Function("a", "}; function b() {"); } catch (e) { failed++; }
  same(failed, 3);
}

// More than are remembered, each a few times.
for (let i = 0; i < 3000; i++) {
  for (let k = 0; k < 3; k++) {
    same((0, eval)(`${i} + ${k >> 1}`), i + (k >> 1));
    same(new Function("a", `return a * ${i}`)(2), 2 * i);
  }
}
// Together more than is kept.
for (let round = 0; round < 3; round++) {
  for (let i = 0; i < 150; i++) {
    same((0, eval)(`/*${"-".repeat(10000)}*/ ${i}`), i);
  }
}
// Numbers that are read in several ways.
for (const text of ["0.1", "5.", ".5", "0.8178326490912345", "1e3", "1.5e-7",
  "123456789.123456789", "12345678901234567890", "4.35", "0.000001", "1_000.5",
  "9007199254740993", "2.2250738585072011e-308", "1.7976931348623157e308"]) {
  const plain = Number(text.replace("_", ""));
  same((0, eval)(text), plain);
  same((0, eval)(`'\u0416', ${text}`), plain);
  same((0, eval)(`(${text}).toString()`), String(plain));
}
for (const text of ["1.5a", "1.5_", "1.5\\u0061", "1.5\u{1d7d8}", "1._5", "1.5e"]) {
  let failed = false;
  try { (0, eval)(text); } catch { failed = true; }
  same(failed, true);
}
same((0, eval)("1.5.toFixed(1)"), "1.5");
same((0, eval)("1..toFixed(1)"), "1.0");
console.log("wrong:", wrong);
