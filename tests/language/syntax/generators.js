// Generators: return, throw, yield*, delegation, laziness, early exit.
function* basic() { try { const x = yield 1; console.log("got", x); yield 2; } finally { console.log("cleanup"); } }
const g = basic(); console.log(g.next("ignored"), g.next("sent"), g.return("r"), g.next());
const g2 = basic(); g2.next(); try { g2.throw(new Error("t")); } catch (e) { console.log(e.message); }
function* inner() { try { const a = yield "i1"; console.log("inner", a); } catch (e) { yield "caught " + e; } return "inner result"; }
function* outer() { const r = yield* inner(); console.log("r", r); yield* [10, 20]; return "done"; }
const o = outer(); console.log(o.next(), o.throw("T"), o.next(), o.next(), o.next(), o.next());
function* naturals() { for (let n = 0; ; n++) yield n; }
const firsts = []; for (const n of naturals()) { if (n > 3) break; firsts.push(n); } console.log(firsts);
const [a, b, ...none] = (function* () { yield 1; yield 2; })(); console.log(a, b, none);
console.log(Math.max(...(function* () { yield* [3, 1, 4]; })()), Array.from({ length: 3 }, (_, i) => i * i));
const it = { *[Symbol.iterator]() { yield* "ab"; } }; console.log([...it]);
function* withReturn() { try { yield 1; } finally { return "overridden"; } }
const w = withReturn(); w.next(); console.log(w.return("x"));
function* args() { yield arguments.length; yield this === undefined; }
console.log([...args(1, 2)]);
const gen = (function* () { gen.next(); })(); try { gen.next(); } catch (e) { console.log(e.name, e.message); }
function* fib(n, [x, y] = [0, 1]) { if (n > 0) { yield x; yield* fib(n - 1, [y, x + y]); } }
console.log([...fib(10)].join());
console.log(Object.prototype.toString.call(g), typeof basic.prototype, basic.hasOwnProperty("prototype"));
let s = 0; for (const x of (function* () { for (let i = 0; i < 10000; i++) yield i; })()) s += x; console.log(s);
