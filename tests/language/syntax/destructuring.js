// Destructuring: order of evaluation, defaults, rest, holes, iterator closing.
const order = [];
const tap = (name, value) => (order.push(name), value);
const { [tap("key1", "a")]: x = tap("default1", 1), [tap("key2", "b")]: { c: y = tap("default2", 2) } = tap("default3", {}), ...rest } = { a: undefined, z: 26, q: 17 };
console.log(x, y, rest, order.join());
const [p, , q = 5, ...[r, s]] = [1, 2, undefined, 4, 5, 6];
console.log(p, q, r, s);
function f({ a = 1, b: { c = 2 } = {} } = {}, [d, e = d] = [3], ...others) { return [a, c, d, e, others]; }
console.log(f(), f({ a: 10, b: { c: 20 } }, [30], 40, 50), f.length);
let m = 1, n = 2; [m, n] = [n, m]; console.log(m, n);
const o = {}; [o.a, o["b"], ...o.rest] = "xyzw"; console.log(o);
({ a: o.c, length: o.len } = { a: "A", length: 3 }); console.log(o.c, o.len);
const iterable = { closed: 0, [Symbol.iterator]() { let i = 0; return { next: () => ({ value: i++, done: false }), return: () => { iterable.closed++; return {}; } }; } };
const [i0, i1] = iterable; console.log(i0, i1, iterable.closed);
try { const [bad = (() => { throw new Error("stop"); })()] = { [Symbol.iterator]() { return { next: () => ({ value: undefined, done: false }), return: () => { iterable.closed++; return {}; } }; } }; } catch (e) { console.log(e.message, iterable.closed); }
for (const [k, { v = "dflt" }] of Object.entries({ one: { v: 1 }, two: {} })) console.log(k, v);
for (const { length } of ["a", "bb"]) console.log(length);
for (const v in { x: 1, y: 2 }) console.log(v);
try { const { z } = null; } catch (e) { console.log(e.name); }
try { const [z] = {}; } catch (e) { console.log(e.name); }
const fn = ({ a }, b = a, c = () => a + b) => c();
console.log(fn({ a: 2 }), fn({ a: 2 }, 5));
var { a: va = 1, b: vb = va } = {}; console.log(va, vb);
console.log((({ a, ...r }) => r)({ a: 1, [Symbol.for("s")]: 2, b: 3 }));
{ // More keys are left out of the rest than fit in the stack's list of them.
  const all = { 1.5: "number", 3: "index", [Symbol.iterator]: "symbol", kept: 1 }, half = 1.5;
  for (const c of "abcdefghijklmnop") all[c] = c;
  const { [half]: number, 3: index, [Symbol.iterator]: symbol, a, b, c, d, e, f, g, h, i, j, k, l, m, n, ["o"]: last, ...others } = all;
  console.log(number, index, symbol, a, n, last, others, Reflect.ownKeys(others).length);
}
