// Texts that are compiled again: functions of the same text have nothing in
// common but what they do.
const make = () => new Function("a", "b", "return [a + b, (x => x)`t`, () => a]");
const [f, g] = [make(), make()];
console.log(f === g, f.prototype === g.prototype, f(1, 2)[0], g("x", "y")[0], f(1)[1] === g(1)[1], f.toString() === g.toString());
f.own = 1;
console.log(g.own, new Function("a,b", "return a").length, new Function("a", "b", "return a").length);
const strict = [0, 1].map(() => new Function("'use strict'; return this")), sloppy = [0, 1].map(() => new Function("return this"));
console.log(strict.map((h) => h()), sloppy.map((h) => h() === globalThis));
const GeneratorFunction = Object.getPrototypeOf(function* () {}).constructor;
console.log([...new GeneratorFunction("yield 1")()], (() => { try { return new Function("yield 1"); } catch (e) { return e.name; } })());
for (let i = 0; i < 3; i++) {
  try {
    new Function("/*", "*/){");
  } catch (e) {
    console.log(e.name);
  }
}
let sum = 0;
for (let i = 0; i < 200; i++) sum += new Function(`return ${i % 90}`)() + (0, eval)(`var shared = ${i % 70}; shared`);
console.log(sum, shared);
console.log((0, eval)("typeof q"), (0, eval)("var q = 1; typeof q"), (0, eval)("typeof q"), (0, eval)("let q2 = 5; q2"), typeof q2);
for (const text of ["ü = 1; ü", "'\u{1F600}'.length", "(function () { return 7 })"]) console.log(String((0, eval)(text)), String((0, eval)(text)));
