// var, let, closures per iteration, TDZ, eval, with, arguments.
const fs = [];
for (let i = 0; i < 3; i++) fs.push(() => i++);
console.log(fs.map((f) => f()).join(), fs.map((f) => f()).join());
try { early; let early = 1; } catch (e) { console.log(e.message); }
try { const k = 1; k = 2; } catch (e) { console.log(e.message); }
function dynamic() {
  var local = 1;
  eval('var made = local + 1; function inner() { return made; }');
  console.log(made, inner(), eval('local = 5; local'), local, delete made, typeof made);
}
dynamic();
console.log((0, eval)('typeof local'), eval('let z = 3; z'), typeof z);
with ({ w: 1, get g() { return this.w + 1; }, [Symbol.unscopables]: { hidden: true }, hidden: 2 }) {
  w = 10;
  console.log(w, g, typeof hidden);
}
function mapped(a, b) { arguments[0] = 'x'; b = 'y'; return [a, arguments[1], arguments.length].join(); }
console.log(mapped(1, 2, 3), mapped(1));
function strict(a) { 'use strict'; arguments[0] = 'x'; return a; }
console.log(strict(1));
function defaults(a, b = a + 1, { c = b, ...d } = { e: 1 }, ...rest) { return JSON.stringify([a, b, c, d, rest]); }
console.log(defaults(1), defaults(1, 2, { c: 3, f: 4 }, 5, 6), defaults.length);
switch (3) { case 1: let q = 1; default: console.log('default'); case 2: console.log('two'); break; case 4: console.log('four'); }
outer: for (var i = 0; i < 3; i++) { for (;;) { if (i === 1) continue outer; if (i === 2) break outer; break; } console.log('i', i); }
function fin() { for (const x of [1, 2]) { try { return x; } finally { if (x === 1) continue; } } return 'none'; }
console.log(fin());
function f2() { try { throw 1; } catch (e) { return 'c' + e; } finally { console.log('f'); } }
console.log(f2());
console.log([typeof hoisted, hoisted()].join()); function hoisted() { return 'h'; }
{ function block() { return 'b'; } } console.log(block());
console.log(((a, b) => a + b).length, (function () { return typeof this; })(), (function () { 'use strict'; return typeof this; })());
console.log(new Function('a', 'b = 2', 'return a + b')(1), (() => { try { new Function('}{'); } catch (e) { return e.name; } })());
var { length, [0]: first = 'none', ...others } = 'hi'; console.log(length, first, JSON.stringify(others));
for (const k in { a: 1, __proto__: { b: 2 } }) console.log(k);
const o = { a: 1, b: 2, c: 3 }; for (const k in o) { if (k === 'a') delete o.b; console.log(k); }
function deep(n) { return n === 0 ? 0 : 1 + deep(n - 1); }
console.log(deep(5000)); try { (function inf() { inf(); })(); } catch (e) { console.log(e instanceof RangeError); }
console.log([1, 2, 3].includes(2) && `${[1, 2]}` + `${{}}`, typeof (a1 => a1 ?? 1), null ?? 'n', undefined?.x, o?.['a'], o.z?.y.z);
label: { console.log('in'); break label; }
console.log([..."a😀b"].length, 2 ** -1, -7 % 3, 7 >>> 1, -1 >>> 0, 5 & 6 | 8 ^ 3, ~5, +'0x1f', 0.1 + 0.2, 1e21, -0 === 0, Object.is(-0, 0), 1 / -0);
