// SPDX-License-Identifier: MIT
// Code of eval is freed when it has run, unless something can still ask for it.
const kept = [];
const lines = (error) => error.stack.split("\n").filter((line) => line.includes("<anonymous>")).length > 0;
let wrong = 0;
const check = (good, what) => { if (!good) { wrong++; console.log("wrong:", what); } };
let serial = 0;
globalThis.makeError = () => new Error("made in a call");
globalThis.keep = (value) => { kept.push(value); return value; };
for (let i = 0; i < 400; i++) {
  serial++;
  // Values that outlive it.
  check((0, eval)(`var v${i & 7} = [${serial}, "text ${serial}", ${serial}n, 0.5]; v${i & 7}`)[2] === BigInt(serial), "array");
  check((0, eval)(`({ a${i}: ${serial}, b: { c: "d${serial}" } })`).b.c === `d${serial}`, "object");
  check((0, eval)(`/a${serial}+/g`).test(`a${serial}`), "regular expression");
  check((0, eval)(`String.raw\`x${serial}\``) === `x${serial}`, "template");
  keep((0, eval)(`"a string that is long enough ${serial}"`));
  // Code that is asked for afterwards.
  keep((0, eval)(`makeError(${serial})`));
  keep((0, eval)(`new Error("here ${serial}")`));
  try { (0, eval)(`null.x${serial}`); } catch (e) { keep(e); }
  try { (0, eval)(`\n  throw new TypeError("${serial}")`); } catch (e) { keep(e); }
  keep((0, eval)(`() => ${serial}`));
  keep((0, eval)(`(class { static x = ${serial}; m() { return ${serial}; } })`));
  keep((0, eval)(`let l${i} = ${serial}; () => eval("l${i}")`));
  // Direct eval, with names around it.
  const local = serial;
  check(eval(`var inner = ${serial}; inner + local`) === 2 * local, "direct");
  keep(eval(`{ let block = ${serial}; eval("() => block") }`));
  check(eval(`typeof inner`) === "number", "variable of eval");
  const o = { x: serial };
  check(new Function("o", `with (o) { return eval("x + ${serial}") }`)(o) === 2 * serial, "with");
  // Evaluates in itself.
  check((0, eval)(`(0, eval)("${serial} + 1") + eval("${serial} + 2")`) === 2 * serial + 3, "nested");
  // A long loop, which the compiler may see.
  if (i % 100 === 0) check((0, eval)(`var sum${i} = 0; for (var k${i} = 0; k${i} < 30000; k${i}++) sum${i} += k${i} & 1; sum${i}`) === 15000, "loop");
}
if (globalThis.gc) gc();
serial = 0;
for (let i = 0; i < 400; i++) {
  serial++;
  const [text, error, here, property, thrown, arrow, Class, letter, block] = kept.slice(i * 9, i * 9 + 9);
  check(text === `a string that is long enough ${serial}`, "text");
  check(lines(error) && lines(here) && lines(property) && lines(thrown), "stack");
  check(thrown.stack.includes(":2:"), "line");
  check(arrow() === serial && Class.x === serial && new Class().m() === serial, "closures");
  check(letter() === serial && block() === serial, "environments");
  check(arrow.toString() === `() => ${serial}`, "toString");
}
console.log("wrong:", wrong);
