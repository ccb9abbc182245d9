// arguments: --stress-jit
// Inlined callees: results, guards, stacks, this.
function Point(x, y) { this.x = x; this.y = y; }
Point.prototype.getX = function () { return this.x; };
Point.prototype.sum = function (k) { return this.getX() + this.y + (k === undefined ? 0 : k); };
Point.prototype.bad = function bad(o) { return o.q.z; };
Point.prototype.set = function (v) { this.x = v; this.y = v + 1; return this; };
function add(a, b) { return a + b; }
function inner(o) { return o.missing.deep; }
function outer(o) { return inner(o); }
function run(n, p) {
  let s = 0;
  for (let i = 0; i < n; i++) {
    s = add(s, p.sum(i & 1));
    s += p.sum();
    p.set(i % 5);
  }
  return s;
}
console.log(run(1000, new Point(1, 2)));
for (let i = 0; i < 3; i++) {
  try { outer({}); } catch (e) {
    console.log(e.message, e.stack.split('\n').slice(1, 3).map((l) => l.trim().split(' ')[1]).join(' '));
  }
}
// Another callee than was inlined: back to the baseline, then again and again.
Point.prototype.getX = function () { return 7; };
console.log(run(1000, new Point(1, 2)));
const odd = new Point(3, 4);
odd.sum = function (k) { return 1000; };
console.log(run(100, odd), run(100, new Point(1, 1)), run(100, odd));
// Sloppy this of plain calls, primitives as receivers.
function self() { return this; }
function loose() { return self() === globalThis; }
String.prototype.kind = function () { return typeof this; };
function kind(s) { return s.kind(); }
for (let i = 0; i < 5; i++) { loose(); kind('a'); }
console.log(loose(), kind('a'));
// Fewer and more arguments, defaults of missing ones.
function pair(a, b) { return [a, b]; }
function some() { return [pair(1), pair(1, 2), pair(1, 2, 3)]; }
for (let i = 0; i < 5; i++) some();
console.log(JSON.stringify(some()));
// Captured variables of the callee, not of the caller.
function counter() { let n = 0; return { up() { return ++n; }, get() { return n; } }; }
const one = counter(), two = counter();
function both() { one.up(); two.up(); two.up(); return one.get() * 100 + two.get(); }
for (let i = 0; i < 10; i++) both();
console.log(both());
// An exception thrown by an inlined body is caught by the caller's handler.
function thrower(v) { return v.a.b; }
function catcher(v) { try { return thrower(v); } catch (e) { return 'caught'; } finally { one.up(); } }
for (let i = 0; i < 10; i++) catcher({ a: { b: 1 } });
console.log(catcher({}), catcher({ a: { b: 2 } }), one.get());
// captureStackTrace hides an inlined function.
function MyError() { Error.captureStackTrace(this, MyError); }
function make() { return new MyError(); }
function makeOuter() { return make(); }
for (let i = 0; i < 5; i++) makeOuter();
console.log(makeOuter().stack.split('\n')[1].trim().split(' ')[1]);
