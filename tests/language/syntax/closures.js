// Per-iteration bindings, TDZ, hoisting, arguments, default parameter scopes.
const fs = [];
for (let i = 0; i < 3; i++) fs.push(() => i++);
console.log(fs.map((f) => f()), fs.map((f) => f()));
for (const k of [1, 2]) fs.push(() => k);
for (const k in { a: 1, b: 2 }) fs.push(() => k);
for (var v = 0; v < 2; v++) fs.push(() => v);
console.log(fs.slice(3).map((f) => f()));
let outer = "outer";
try { (() => { outer; let q = inner; let inner = 1; })(); } catch (e) { console.log(e.name, e.message); }
try { (() => { typeof tdz; let tdz; })(); } catch (e) { console.log(e.name, e.message); }
console.log(typeof hoisted, hoisted(), typeof notyet);
function hoisted() { return "h"; }
var notyet = function () {};
{ function inBlock() { return "block"; } }
console.log(inBlock());
function args(a, b = 2) { arguments[0] = "changed"; return [a, b, arguments.length, [...arguments]]; }
console.log(args(1), args(1, 2, 3));
function sloppy(a) { arguments[0] = "changed"; a += "!"; return [a, arguments[0]]; }
console.log(sloppy(1));
function strict(a) { "use strict"; arguments[0] = "changed"; return [a, this]; }
console.log(strict(1));
function defaults(a, f = () => a, b = f()) { var a = "shadow"; return [a, f(), b]; }
console.log(defaults("param"));
const fact = function self(n) { try { self = null; } catch {} return n < 2 ? 1 : n * self(n - 1); };
console.log(fact(10));
function counter() { let n = 0; return { inc: () => ++n, get n() { return n; } }; }
const c1 = counter(), c2 = counter(); c1.inc(); c1.inc(); c2.inc(); console.log(c1.n, c2.n);
switch (3) { case 1: z = 1; default: let z = 2; var sw = () => z; case 9: z++; }
console.log(sw());
label: { console.log("in"); break label; }
outerLoop: for (let i = 0; ; i++) { for (let j = 0; ; j++) { if (j === 2) continue outerLoop; if (i === 2) break outerLoop; console.log(i, j); } }
do { var once = true; } while (false); console.log(once);
console.log((function () { return typeof this; })(), (function () { "use strict"; return typeof this; })(), (() => typeof this)());
with ({ wx: 1, outer: "with" }) { console.log(wx, outer); var wx2 = wx + 1; }
console.log(wx2, eval("var ev = 5; ev + 1"), ev, (0, eval)("typeof ev"));
console.log(new Function("a", "b = 2", "return a * b")(21));
(function (a, b) { delete arguments[0]; console.log(arguments.length, 0 in arguments, a); })(1, 2);
