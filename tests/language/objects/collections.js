// Map, Set and the weak ones: order, mutation during iteration, odd keys.
const show = (...a) => console.log(a.map((v) => typeof v === "string" ? v : JSON.stringify(v)).join(" "));
const m = new Map([[NaN, "nan"], [0, "zero"], ["a", 1], [1n, "big"], [1, "one"]]);
show(m.get(NaN), m.get(-0), m.get("a"), m.get(1n), m.get(1.0), m.size);
m.delete("a");
m.set("a", 2);
show([...m.keys()].map(String));
const seen = [];
const w = new Map([[1, 1], [2, 2], [3, 3]]);
for (const [k] of w) {
  seen.push(k);
  if (k === 1) { w.delete(1); w.delete(2); w.set(4, 4); }
  if (k === 4) { w.clear(); w.set(5, 5); }
}
show(seen, [...w]);
const s = new Set();
for (let i = 0; i < 1000; i++) s.add(i);
let n = 0;
for (const x of s) { n++; if (x % 2) s.delete(x); if (x < 10) s.add(1000 + x); }
show(n, s.size, [...s].slice(-3));
const it = s.values();
it.next();
s.clear();
s.add("fresh");
show(it.next(), it.next(), it.next());
const a = new Set([1, 2, 3]), b = new Set([3, 4]);
show([...a.union(b)], [...a.intersection(b)], [...a.difference(b)], [...a.symmetricDifference(b)]);
show(a.isSubsetOf(b), new Set([3]).isSubsetOf(a), a.isSupersetOf(new Set([1])), a.isDisjointFrom(new Set([9])));
show([...Map.groupBy([1, 2, 3], (x) => x % 2 === 0)]);
const order = [];
new Map([["x", 1], ["y", 2]]).forEach(function (v, k, map) { order.push(k, v, map.size, this.t); }, { t: "t" });
show(order);
const long = new Map();
for (let i = 0; i < 20000; i++) long.set("key" + i, i);
for (let i = 0; i < 20000; i += 2) long.delete("key" + i);
let sum = 0;
for (const v of long.values()) sum += v;
show(long.size, sum, long.get("key" + 777), long.has("key" + 778));
const wm = new WeakMap(), key = {}, sym = Symbol("k");
wm.set(key, 1).set(sym, 2);
show(wm.get(key), wm.get(sym), wm.has({}), wm.delete(key), wm.has(key));
for (const bad of [1, "s", null, Symbol.for("registered")]) {
  try { wm.set(bad, 1); show("accepted"); } catch (e) { show(e.constructor.name); }
}
show(new WeakRef(key).deref() === key, new WeakSet([key]).has(key));
class Counted extends Map { get(k) { return super.get(k) ?? 0; } set(k, v) { return super.set(k, v + 1); } }
const counted = new Counted([["a", 1]]);
show(counted.get("a"), counted.get("b"), counted instanceof Map, Object.prototype.toString.call(counted));
try { Map(); } catch (e) { show(e.message); }
try { new Map([1]); } catch (e) { show(e.message); }
try { Map.prototype.get.call(new Set(), 1); } catch (e) { show(e.constructor.name); }
const strings = new Set(["ab", "a" + String.fromCharCode(98), ["a", "b"].join("")]);
show(strings.size);
