// SPDX-License-Identifier: MIT
// What a builtin works on changes underfoot: arrays shrink and grow, buffers are
// detached, resized or transferred, maps and listeners are changed while they
// are walked, proxies are revoked in their own traps.
const big = (n = 1000) => Array.from({ length: n }, (_, i) => ({ i }));
const check = (condition, what) => { if (!condition) throw new EvalError(what); };
// A value that does something when it is converted.
const doing = (what, value = 0) => ({ valueOf() { what(); return value; }, toString() { what(); return String(value); } });
const junk = () => { for (let i = 0; i < 100; i++) new Array(20).fill(i); };

//# sort that shrinks: value
const a = big();
a.sort((x, y) => { a.length = 0; junk(); return y.i - x.i; });
//# sort that grows: value
const b = big();
b.sort((x, y) => { if (b.length < 5000) b.push(x, y); return y.i - x.i; });
//# sort that lies: value
const c = big();
let seed = 1;
c.sort(() => (seed = seed * 16807 % 2147483647) % 3 - 1);
check(c.length === 1000 && new Set(c.map((x) => x.i)).size === 1000, "elements were lost");
//# sort that makes it sparse: value
const sp = big();
sp.sort((x, y) => { delete sp[x.i]; sp[100000] = y; return x.i - y.i; });
//# sort that freezes: TypeError | value
const sf = big();
sf.sort((x, y) => { Object.freeze(sf); return y.i - x.i; });
//# sort of a frozen one: TypeError
Object.freeze([3, 1, 2]).sort();
//# sort of a proxy that is revoked: TypeError
const sr = Proxy.revocable(big(), {});
sr.proxy.sort(() => (sr.revoke(), 1));
//# sort with a getter for its length: value
Array.prototype.sort.call({ get length() { this[3] = 1; return 4; }, 0: 3, 1: 2, 2: 1 });
//# toSorted that shrinks: value
const ts = big();
check(ts.toSorted((x, y) => { ts.length = 0; return y.i - x.i; }).length === 1000, "length");
//# splice that shrinks by valueOf: value
const s1 = big();
s1.splice(doing(() => { s1.length = 1; junk(); }, 500), doing(() => { s1.length = 0; }, 400), 1, 2, 3);
//# splice by species: value
const s2 = big();
s2.constructor = { [Symbol.species]: function (n) { s2.length = 2; junk(); return []; } };
s2.splice(1, 900, 1, 2);
//# splice into itself by species: value
const s3 = big(100);
s3.constructor = { [Symbol.species]: function () { return s3; } };
s3.splice(10, 50);
//# slice that shrinks: value
const l1 = big();
l1.slice(0, doing(() => { l1.length = 5; junk(); }, 1000)).length;
//# slice by species: value | TypeError
const l2 = big();
l2.constructor = { [Symbol.species]: function () { l2.length = 0; l2.push(1); return Object.freeze([]); } };
l2.slice();
//# concat that shrinks: value
const k1 = big();
[].concat({ get [Symbol.isConcatSpreadable]() { k1.length = 0; junk(); return false; } }, k1, k1);
k1.concat({ get [Symbol.isConcatSpreadable]() { k1.length = 0; return true; }, get length() { k1.push(1); return 3; } });
//# concat with a getter that shrinks: value
const k2 = big();
Object.defineProperty(k2, 5, { get() { k2.length = 3; junk(); return 1; }, configurable: true });
[].concat(k2, k2);
//# copyWithin that shrinks: value
const w1 = big();
w1.copyWithin(0, doing(() => { w1.length = 10; junk(); }, 500), 1000);
//# fill that shrinks: value
const f1 = big();
f1.fill(0, doing(() => { f1.length = 10; junk(); }), 1000);
check(f1.length <= 1000, "length");
//# fill that makes a dictionary: value
const f2 = big();
f2.fill(7, doing(() => { f2[1e9] = 1; f2.length = 1e9; f2.length = 1000; }));
//# flat that shrinks: value
const t1 = big();
Object.defineProperty(t1, 3, { get() { t1.length = 0; junk(); return [1, 2]; }, configurable: true });
[t1, t1].flat(2);
//# flatMap that shrinks: value
const t2 = big();
t2.flatMap((x) => { t2.length = 3; return [x, x]; });
//# join that shrinks: value
const j1 = big();
j1[0] = doing(() => { j1.length = 0; junk(); });
j1.join(doing(() => { j1.length = 100; }, "-"));
//# join that grows: value
const j2 = [doing(() => { for (let i = 0; i < 10000; i++) j2.push(i); }), 1, 2];
j2.join();
//# join in itself: value
const j3 = [doing(() => j3.join()), 1];
j3.join();
//# toLocaleString that shrinks: value
const j4 = [{ toLocaleString() { j4.length = 0; junk(); return "x"; } }, 1, 2];
j4.toLocaleString();
//# indexOf that shrinks: value
const i1 = big();
i1.indexOf({}, doing(() => { i1.length = 0; junk(); }));
i1.includes(undefined, doing(() => { i1.length = 0; }));
i1.lastIndexOf({}, doing(() => { i1.length = 0; }, 900));
//# indexOf with getters: value
const i2 = big();
Object.defineProperty(i2, 10, { get() { i2.length = 11; junk(); }, configurable: true });
i2.indexOf({});
i2.includes({});
//# reverse with getters: value | TypeError
const r1 = big();
Object.defineProperty(r1, 10, { get() { r1.length = 11; }, set(v) { r1.push(v); }, configurable: true });
r1.reverse();
//# shift and unshift with setters: value | TypeError
const u1 = big(10);
Object.defineProperty(u1, 3, { get() { u1.length = 4; return 1; }, set() { u1.length = 2; } });
u1.shift();
u1.unshift(1, 2, 3);
//# push by a setter of the prototype: value
const pu = [];
Object.setPrototypeOf(pu, { __proto__: Array.prototype, set 1(v) { pu.length = 0; } });
Array.prototype.push.call(pu, 1, 2, 3);
//# pop with a getter: value | TypeError
const po = [1, 2];
Object.defineProperty(po, 1, { get() { po.length = 0; return 1; }, configurable: true });
po.pop();
//# callbacks that shrink: value
for (const name of ["map", "forEach", "filter", "some", "every", "find", "findIndex", "findLast", "findLastIndex", "reduce", "reduceRight", "flatMap"]) {
  const array = big();
  array[name]((...x) => { array.length = 3; junk(); return name === "every"; }, 1);
}
//# callbacks that grow: value
for (const name of ["map", "forEach", "filter", "some", "every", "find", "findLast", "reduce", "reduceRight", "flatMap"]) {
  const array = big(10);
  array[name]((...x) => { array.push(...array.slice(0, 100)); return name === "every"; }, 1);
}
//# callbacks that change the elements' kind: value
for (const name of ["map", "forEach", "filter", "some", "every", "reduce", "reduceRight", "sort"]) {
  const array = [1, 2, 3, 4, 5, 6, 7, 8];
  array[name]((x) => { array[2] = 1.5; array[3] = {}; array[1e6] = 1; return 1; });
}
//# Array.from of what changes: value
const af = big();
Array.from(af, (x, i) => { if (i === 3) af.length = 4; return x; });
Array.from({ length: 5, get 0() { this.length = 0; return 1; } });
//# Array.from into a strange one: value | TypeError
Array.from.call(function () { return Object.freeze({}); }, [1]);
//# spread of what changes: value
const sc = big();
[...sc, ...(sc.length = 0, sc), ...sc];
//# iterators of what shrinks: value
const it = big();
let seen = 0;
for (const x of it) if (++seen === 5) { it.length = 0; junk(); it.length = 20; }
//# iterators of what changes its kind: value
const ik = [1, 2, 3];
for (const [i, x] of ik.entries()) if (i === 0) { ik[1] = "x"; ik[2] = 1.5; ik[5000] = {}; ik.length = 10; }
//# iterator prototypes changed on the way: value
const ip = [1, 2, 3], proto = Object.getPrototypeOf([][Symbol.iterator]()), next = proto.next;
try {
  for (const x of ip) proto.next = function () { proto.next = next; return { done: true }; };
  [...ip];
} finally { proto.next = next; }
//# destructuring of what changes: value
const de = [1, 2, 3];
const { length, [(de.length = 0, "0")]: zero } = de;
//# iterators closed twice: value | error
const ic = (function* () { try { yield 1; yield 2; } finally { yield 3; } })();
for (const x of ic) break;
ic.return();
ic.return();
ic.next();
//# iterators that close by throwing: error
for (const x of { [Symbol.iterator]: () => ({ next: () => ({ value: 1 }), return() { throw new TypeError("x"); } }) }) break;
//# iterators without objects: TypeError
for (const x of { [Symbol.iterator]: () => ({ next: () => 1 }) });
//# generator that enters itself: TypeError
const g = (function* () { g.next(); })();
g.next();
//# generator that ends itself: TypeError
const gr = (function* () { gr.return(); })();
gr.next();
//# generator entered by its getter: TypeError
const gg = (function* () { yield* { [Symbol.iterator]: () => ({ next() { gg.next(); } }) }; })();
gg.next();
//# iterator helper that enters itself: TypeError
const ih = [1].values().map(() => ih.next());
ih.next();
//# iterator helper that returns itself: TypeError | value
const ir = [1, 2].values().map(() => ir.return());
ir.next();
//# async generator that awaits itself: deadline | value | error
const ag = (async function* () { yield 1; ag.return(); yield 2; })();
for await (const x of ag) ag.return();
//# arguments aliased: value
function alias(x, y) {
  arguments[0] = 5;
  check(x === 5, "not aliased");
  delete arguments[0];
  arguments[0] = 6;
  check(x === 5, "aliased still");
  arguments.length = 1e6;
  Array.prototype.reverse.call({ __proto__: arguments, length: 2 });
  Object.defineProperty(arguments, 1, { get: () => 7 });
  Object.freeze(arguments);
  y = 9;
  return Array.prototype.slice.call(arguments, 0, 3);
}
alias(1, 2, 3);
//# arguments kept: value
function keeper(x) { const a = arguments; return [() => a, (v) => { x = v; }, () => x]; }
const [args, set, get] = keeper(1);
set(2);
check(args()[0] === 2, "not aliased");
args()[0] = 3;
check(get() === 3, "not aliased back");
//# for in that deletes: value
const fi = Object.fromEntries(Array.from({ length: 1000 }, (_, i) => ["k" + i, i]));
let walked = 0;
for (const k in fi) { walked++; for (const other in fi) { delete fi[other]; break; } junk(); }
//# for in that adds: value
const fa = { a: 1 };
let added = 0;
for (const k in fa) { if (added++ > 1000) throw new EvalError("endless"); fa["b" + added] = 1; }
//# for in with the prototype changed: value
const fp = { a: 1, b: 2, __proto__: { c: 3 } };
for (const k in fp) Object.setPrototypeOf(fp, { ["x" + k]: 1 });
//# for in of a proxy that is revoked: TypeError
const fr = Proxy.revocable({ a: 1, b: 2 }, {});
for (const k in fr.proxy) fr.revoke();
//# Object.assign with getters that delete: value
const oa = { get a() { delete oa.b; delete oa.c; junk(); return 1; }, b: 2, c: 3 };
Object.assign({}, oa);
({ ...oa });
//# Object.assign onto its source: value
const oo = { get a() { for (let i = 0; i < 100; i++) oo["x" + i] = i; return 1; }, set a(v) {}, b: 1 };
Object.assign(oo, oo);
//# Object.entries with getters that delete: value
const oe = { get a() { for (const k in oe) if (k !== "a") delete oe[k]; junk(); return 1; }, b: 2, c: 3, d: 4 };
Object.entries(oe);
Object.values(oe);
//# defineProperties with getters that delete: value
const dp = { get a() { delete dp.b; return { value: 1 }; }, b: { value: 1 } };
Object.defineProperties({}, dp);
//# descriptors with getters: value | TypeError
const target = {};
Object.defineProperty(target, "a", { get value() { Object.freeze(target); return 1; } });
//# groupBy that changes: value
const og = big();
Object.groupBy(og, (x) => { og.length = 3; return x.i; });
//# fromEntries that changes: value
const ofe = [["a", 1], ["b", 2]];
Object.fromEntries({ *[Symbol.iterator]() { yield ofe[0]; ofe.length = 0; yield { get 0() { junk(); return "x"; }, 1: 1 }; } });
//# JSON.stringify with toJSON that deletes: value
const js = { a: { toJSON() { delete js.b; delete js.c; js.d = 1; junk(); return 1; } }, b: 2, c: 3 };
JSON.stringify(js);
//# JSON.stringify of an array that shrinks: value
const ja = [{ toJSON() { ja.length = 1; junk(); } }, 1, 2, 3];
JSON.stringify(ja);
//# JSON.stringify with a replacer that changes: value
const jr = { a: [1, 2, 3], b: { c: 1 } };
JSON.stringify(jr, function (k, v) { if (k === "0") { this.length = 0; delete jr.b; } return v; });
//# JSON.parse with a reviver that changes: value
JSON.parse('{"a":[1,2,3],"b":{"c":1}}', function (k, v) { if (k === "0") { this.length = 1; this[5] = {}; } if (k === "1") delete this[0]; return v; });
//# JSON.parse with a reviver that puts proxies: value
JSON.parse('[[1],[2],{"a":1}]', function (k, v) { if (k === "0" && Array.isArray(v)) this[1] = new Proxy([1, 2], {}); return v; });
//# JSON.parse with a reviver that revokes: TypeError
const rev = Proxy.revocable([1, 2], {});
JSON.parse("[1,2]", function (k, v) { if (k === "0") { this[1] = rev.proxy; rev.revoke(); } return v; });
//# Map changed while it is walked: value
const m = new Map(Array.from({ length: 1000 }, (_, i) => [i, i]));
for (const [k] of m) { m.delete(k + 1); m.delete(k); if (k < 500) m.set("x" + k, 1); if (k === 400) { m.clear(); junk(); m.set(1, 1); } }
//# Map forEach that clears: value
const mf = new Map([[1, 1], [2, 2]]);
let turns = 0;
mf.forEach((v, k) => { mf.clear(); if (turns++ < 1000) for (let i = 0; i < 40; i++) mf.set(turns * 100 + i, i); });
//# Set forEach that clears: value
const sfe = new Set([1, 2]);
let rounds = 0;
sfe.forEach((v) => { sfe.delete(v); if (rounds++ < 1000) sfe.add(v); });
//# Set methods whose arguments change the set: value
const su = new Set(Array.from({ length: 100 }, (_, i) => i));
const other = { size: 50, has(v) { su.delete(v + 1); su.add(v + 1000); su.clear(); junk(); return true; }, keys: () => [1, 2, 3][Symbol.iterator]() };
for (const name of ["intersection", "difference", "isSubsetOf", "isDisjointFrom", "union", "symmetricDifference", "isSupersetOf"]) {
  su.clear();
  for (let i = 0; i < 40; i++) su.add(i);
  su[name](other);
}
//# Set methods whose iterators change the set: value
const sv = new Set();
const changing = { size: 5, has: () => true, keys: () => ({ n: 0, next() { sv.clear(); for (let i = 0; i < 100; i++) sv.add(i * this.n); return { done: this.n++ > 20, value: this.n }; } }) };
for (const name of ["union", "symmetricDifference", "isSupersetOf", "isDisjointFrom", "intersection", "difference"]) {
  for (let i = 0; i < 40; i++) sv.add(i);
  sv[name](changing);
}
//# Map constructor that changes its prototype: value
const add = Map.prototype.set;
try {
  Map.prototype.set = function (k, v) { add.call(this, k, v); delete Map.prototype.set; Map.prototype.set = add; junk(); return this; };
  new Map([[1, 1], [2, 2]]);
} finally { Map.prototype.set = add; }
//# getOrInsertComputed that changes: value | TypeError
const mg = new Map();
mg.getOrInsertComputed?.(1, () => { for (let i = 0; i < 1000; i++) mg.set(i, i); mg.clear(); return 5; });
//# regexp whose lastIndex is changed by a callback: value
const re = /a/g;
"aaaa".replace(re, () => { re.lastIndex = 0; re.compile?.("b", "g"); junk(); return "x"; });
//# regexp recompiled in its own replacement: value
const rc = /(a)(b)?/g;
"abab".replace(rc, { toString() { rc.compile("(((x))))?".slice(0, 7)); return "$1$2$3"; } });
//# regexp recompiled by lastIndex: value
const rl = /a(b)(c)/g;
rl.lastIndex = { valueOf() { rl.compile("z", "y"); junk(); return 0; } };
rl.exec("abc");
//# regexp exec that returns strange results: value | TypeError | memory
const rx = /a/g;
let times = 0;
rx.exec = () => times++ > 3 ? null : { length: 2 ** 32, index: { valueOf() { rx.lastIndex = 1e9; return -5; } }, 0: { toString: () => "abc" }, groups: { get x() { junk(); return "y"; } } };
"aaa".replace(rx, "$1$<x>$&$`$'");
//# regexp result with a huge length: value | memory | fuel | RangeError | TypeError
const rh = /a/;
rh.exec = () => ({ length: 1e5, index: 0, 0: "a" });
"aaa".replace(rh, "$99");
//# regexp of another's flags: value | error
const rf = /a/;
Object.defineProperty(rf, "flags", { get() { rf.lastIndex = 5; return "gy"; } });
[..."aaa".matchAll(rf)];
"aaa".replace(rf, "b");
"aaa".split(rf);
//# split with a limit that changes: value
const rs = /,/;
"a,b,c".split(rs, doing(() => { rs.compile("b"); rs.lastIndex = 7; }, 5));
//# replace with a text that changes: value
let t = "abc";
t.replace({ toString() { t = "x"; return "b"; } }, { toString() { junk(); return "$&"; } });

//# fill of a buffer that is detached: value | TypeError
const d1 = new Uint8Array(1 << 16);
d1.fill(doing(() => { d1.buffer.transfer(); junk(); }, 7));
//# fill of a buffer that shrinks: value | TypeError
const d2b = new ArrayBuffer(1 << 16, { maxByteLength: 1 << 16 }), d2 = new Uint8Array(d2b);
d2.fill(7, 0, doing(() => { d2b.resize(10); junk(); }, 1 << 16));
check(d2.length === 10, "length");
//# set of an array that detaches: value | TypeError
const d3 = new Uint8Array(1000);
d3.set([1, doing(() => { d3.buffer.transfer(); junk(); }), ...new Array(900).fill(3)]);
//# set of an array that shrinks the buffer: value | RangeError | TypeError
const d4b = new ArrayBuffer(1000, { maxByteLength: 2000 }), d4 = new Uint8Array(d4b);
d4.set({ length: 1000, get 5() { d4b.resize(1); junk(); return 1; } });
//# set of itself, overlapping and resized: value | RangeError
const d5b = new ArrayBuffer(1000, { maxByteLength: 2000 }), d5 = new Uint8Array(d5b);
d5.set(d5.subarray(0, 500), doing(() => d5b.resize(600), 100));
//# subarray of what is detached: value | TypeError | RangeError
const d6 = new Uint8Array(1000);
d6.subarray(doing(() => d6.buffer.transfer(), 5), 10);
//# subarray by species: value | TypeError
const d7 = new Uint8Array(1000);
d7.constructor = { [Symbol.species]: function () { d7.buffer.transfer(); return new Uint8Array(1); } };
d7.subarray(1, 5);
//# sort that detaches: value | TypeError
const d8 = new Float64Array(1000).map((_, i) => -i);
d8.sort((x, y) => { if (d8.length) d8.buffer.transfer(); junk(); return x - y; });
//# sort that shrinks the buffer: value
const d9b = new ArrayBuffer(8000, { maxByteLength: 16000 }), d9 = new Float64Array(d9b);
d9.sort((x, y) => { d9b.resize(80); junk(); d9b.resize(8000); d9b.resize(16); return x - y; });
//# slice that detaches: value | TypeError
const e1 = new Uint8Array(1 << 16);
e1.slice(0, doing(() => { e1.buffer.transfer(); junk(); }, 1 << 16));
//# slice by species that detaches: value | TypeError
const e2 = new Uint8Array(1000);
e2.constructor = { [Symbol.species]: function (n) { e2.buffer.transfer(); return new Uint8Array(n); } };
e2.slice();
//# slice by species into itself: value | TypeError
const e3 = new Uint8Array(1000);
e3.constructor = { [Symbol.species]: function (n) { return new Uint8Array(e3.buffer, 1); } };
e3.slice(0, 900);
//# slice by species that shrinks: value | TypeError
const e4b = new ArrayBuffer(1000, { maxByteLength: 1000 }), e4 = new Uint8Array(e4b);
e4.constructor = { [Symbol.species]: function (n) { e4b.resize(10); return new Uint8Array(n); } };
e4.slice();
//# with that detaches: value | TypeError | RangeError
const e5 = new Uint8Array(1000);
e5.with(5, doing(() => { e5.buffer.transfer(); junk(); }));
//# with that shrinks: value | TypeError | RangeError
const e6b = new ArrayBuffer(1000, { maxByteLength: 1000 }), e6 = new Uint8Array(e6b);
e6.with(500, doing(() => e6b.resize(10)));
//# join that detaches: value | TypeError
const e7 = new Uint8Array(1000);
e7.join(doing(() => { e7.buffer.transfer(); junk(); }, ","));
//# join that shrinks: value | TypeError
const e8b = new ArrayBuffer(1000, { maxByteLength: 1000 }), e8 = new Uint8Array(e8b);
e8.join(doing(() => e8b.resize(5), ","));
//# toLocaleString that detaches: value | TypeError
const e9 = new Uint8Array(10), locale = Number.prototype.toLocaleString;
try {
  Number.prototype.toLocaleString = function () { e9.buffer.transfer(); return "x"; };
  e9.toLocaleString();
} finally { Number.prototype.toLocaleString = locale; }
//# copyWithin that shrinks: value | TypeError
const f3b = new ArrayBuffer(1 << 16, { maxByteLength: 1 << 16 }), f3 = new Uint8Array(f3b);
f3.copyWithin(0, doing(() => f3b.resize(100), 10), 1 << 16);
//# copyWithin that detaches: value | TypeError
const f4 = new Uint8Array(1 << 16);
f4.copyWithin(0, 1, doing(() => { f4.buffer.transfer(); junk(); }, 1 << 16));
//# indexOf that shrinks: value | TypeError
const f5b = new ArrayBuffer(1 << 16, { maxByteLength: 1 << 16 }), f5 = new Uint8Array(f5b);
f5.indexOf(1, doing(() => f5b.resize(10)));
f5.includes(undefined, doing(() => f5b.resize(5)));
f5.lastIndexOf(1, doing(() => f5b.resize(0), 5));
//# element stores that detach: value
const f6 = new Uint8Array(10);
f6[3] = doing(() => f6.buffer.transfer(), 7);
f6[9] = 1;
//# element stores that shrink: value
const f7b = new ArrayBuffer(100, { maxByteLength: 100 }), f7 = new Float64Array(f7b, 0, 2);
f7[1] = doing(() => f7b.resize(8), 1.5);
//# defineProperty that detaches: value | TypeError
const f8 = new Uint8Array(10);
Object.defineProperty(f8, 0, { get value() { f8.buffer.transfer(); return 1; }, writable: true, enumerable: true, configurable: true });
//# callbacks that detach: value | TypeError
for (const name of ["map", "forEach", "filter", "some", "every", "find", "findIndex", "findLast", "findLastIndex", "reduce", "reduceRight"]) {
  const array = new Int32Array(1000);
  array[name](() => { if (array.length) array.buffer.transfer(); junk(); return name === "every"; }, 1);
}
//# callbacks that shrink the buffer: value | TypeError
for (const name of ["map", "forEach", "filter", "some", "every", "find", "findLast", "reduce", "reduceRight"]) {
  const buffer = new ArrayBuffer(4000, { maxByteLength: 4000 }), array = new Int32Array(buffer);
  array[name](() => { buffer.resize(8); junk(); return name === "every"; }, 1);
}
//# loops over what is detached: value | TypeError
const h1 = new Uint8Array(100);
for (const x of h1) if (h1.length) h1.buffer.transfer();
//# loops over what shrinks: value | TypeError
const h2b = new ArrayBuffer(100, { maxByteLength: 100 }), h2 = new Uint8Array(h2b);
let sum = 0;
for (let i = 0; i < 200; i++) { sum += h2[i] ?? 0; if (i === 50) h2b.resize(3); h2[i] = 1; }
for (const x of h2) h2b.resize(1);
//# typed array of a buffer that is detached: value | TypeError | RangeError
const h3 = new ArrayBuffer(100);
new Uint8Array(h3, doing(() => h3.transfer(), 0), doing(() => junk(), 10));
//# typed array of an array that detaches: value | TypeError
const h4 = new Uint8Array(100);
new Uint8Array({ length: 100, get 3() { h4.buffer.transfer(); return h4[5]; } });
//# typed array of a typed array by species: value | TypeError
const h5 = new Uint8Array(100);
Object.defineProperty(h5.buffer, "constructor", { get() { h5.buffer.transfer(); return ArrayBuffer; } });
new Uint16Array(h5);
//# ArrayBuffer slice by species: value | TypeError
const h6 = new ArrayBuffer(1000);
h6.constructor = { [Symbol.species]: function (n) { h6.transfer(); return new ArrayBuffer(n); } };
h6.slice(0, 900);
//# ArrayBuffer slice that shrinks: value | TypeError
const h7 = new ArrayBuffer(1000, { maxByteLength: 1000 });
h7.constructor = { [Symbol.species]: function (n) { h7.resize(1); return new ArrayBuffer(n); } };
h7.slice(0, doing(() => h7.resize(500), 900));
//# resize in resize: value | RangeError | TypeError
const h8 = new ArrayBuffer(1000, { maxByteLength: 2000 });
h8.resize(doing(() => h8.resize(1500), 100));
h8.resize(doing(() => h8.transfer(), 100));
//# transfer in transfer: TypeError
const h9 = new ArrayBuffer(1000);
h9.transfer(doing(() => h9.transfer(), 100));
//# DataView of what is detached: TypeError | RangeError
const v1 = new DataView(new ArrayBuffer(100));
v1.setFloat64(doing(() => v1.buffer.transfer(), 8), 1);
//# DataView of what shrinks: TypeError | RangeError
const v2b = new ArrayBuffer(100, { maxByteLength: 100 }), v2 = new DataView(v2b);
v2.setFloat64(50, doing(() => v2b.resize(10)));
//# DataView by a prototype that detaches: value | TypeError | RangeError
const v3 = new ArrayBuffer(100);
Reflect.construct(DataView, [v3, 10], new Proxy(function () {}, { get(t, k) { v3.transfer(); return t[k]; } }));
//# Atomics of what is detached: TypeError | RangeError
const v4 = new Int32Array(100);
Atomics.store(v4, doing(() => {}, 5), doing(() => { v4.buffer.transfer(); junk(); }, 1));
//# Atomics of what shrinks: TypeError | RangeError
const v5b = new ArrayBuffer(400, { maxByteLength: 400 }), v5 = new Int32Array(v5b);
Atomics.add(v5, 50, doing(() => v5b.resize(8)));
//# Atomics.compareExchange of what shrinks: TypeError | RangeError
const v6b = new ArrayBuffer(400, { maxByteLength: 400 }), v6 = new Int32Array(v6b);
Atomics.compareExchange(v6, 50, 0, doing(() => v6b.resize(8)));
//# TextDecoder of what is detached: value | TypeError
const x1 = new Uint8Array(1 << 16);
new TextDecoder().decode(x1, { get stream() { x1.buffer.transfer(); junk(); return false; } });
//# TextEncoder.encodeInto what is detached: value | TypeError
const x2 = new Uint8Array(1000);
new TextEncoder().encodeInto({ toString() { x2.buffer.transfer(); return "abc"; } }, x2);
//# structuredClone that detaches what it copies: value | error
const x3 = new ArrayBuffer(1000);
structuredClone({ get a() { x3.transfer(); return 1; }, x3 });
//# structuredClone that detaches what it transfers: error | value
const x4 = new ArrayBuffer(1000);
structuredClone({ get a() { x4.transfer(); return 1; }, x4 }, { transfer: [x4] });
//# structuredClone whose transfer list detaches: error | value
const x5 = new ArrayBuffer(1000), x5b = new ArrayBuffer(10);
structuredClone(x5, { transfer: { *[Symbol.iterator]() { yield x5; x5.transfer(); yield x5b; } } });
//# structuredClone that shrinks what it copies: value | error
const x6 = new ArrayBuffer(1000, { maxByteLength: 1000 });
structuredClone([new Uint8Array(x6), { get a() { x6.resize(1); } }, new Uint8Array(x6), x6]);
//# structuredClone of views out of bounds: value | error
const x7 = new ArrayBuffer(1000, { maxByteLength: 1000 }), x7v = new Uint8Array(x7, 500, 100);
x7.resize(10);
structuredClone(x7v);
//# structuredClone that changes what it walks: value
const x8 = { get a() { delete x8.b; x8.c.length = 0; x8.d.clear(); junk(); return 1; }, b: 1, c: big(), d: new Map([[1, { get x() { x8.d.clear(); } }], [2, 2]]) };
structuredClone(x8);
//# structuredClone of an array that shrinks: value
const x9 = [{ get a() { x9.length = 1; junk(); } }, 1, 2, 3, {}];
structuredClone(x9);
//# getRandomValues of what is detached: value | TypeError | QuotaExceededError
const y1 = new Uint8Array(100);
y1.buffer.transfer();
crypto.getRandomValues(y1);
//# digest of what is detached: value | TypeError
const y2 = new Uint8Array(1 << 20);
const digest = crypto.subtle.digest("SHA-256", y2);
y2.buffer.transfer();
await digest;
//# Blob of what is detached: value | TypeError
const y3 = new Uint8Array(1000);
await new Blob([y3, { toString() { y3.buffer.transfer(); return "x"; } }, y3]).text();
//# Buffer of what is detached: value | error
const { Buffer } = await import("node:buffer");
const y4 = Buffer.alloc(1000);
y4.write({ toString() { return "x"; } } + "", 0);
y4.fill(doing(() => y4.buffer.transfer(), 3));
y4.toString("hex");
y4.copy(Buffer.alloc(10));
//# Buffer methods with arguments that detach: value | error
const { Buffer: B } = await import("node:buffer");
for (const name of ["writeDoubleLE", "writeInt32BE", "readDoubleLE", "slice", "subarray", "toString", "indexOf", "equals", "compare", "copy", "fill", "write"]) {
  const y = B.alloc(1000);
  try { y[name](doing(() => { if (y.length) y.buffer.transfer(); }, 1), doing(() => { if (y.length) y.buffer.transfer(); }, 1)); } catch {}
}
//# zlib of what is detached: value | error
const zlib = await import("node:zlib");
const y5 = new Uint8Array(1 << 16);
const zipped = new Promise((r) => zlib.gzip(y5, r));
y5.buffer.transfer();
await zipped;
zlib.gunzipSync(zlib.gzipSync(new Uint8Array(10)), { get maxOutputLength() { junk(); return 100; } });
//# stream chunks that are detached: value | error
const y6 = new Uint8Array(1000);
const stream = new ReadableStream({ type: "bytes", start(c) { c.enqueue(y6); } });
const reader = stream.getReader({ mode: "byob" });
const view = new Uint8Array(100);
const read = reader.read(view);
try { view.buffer.transfer(); } catch {}
await read;
//# BYOB requests answered with other buffers: value | error
let controller;
const by = new ReadableStream({ type: "bytes", start(c) { controller = c; }, pull(c) { const v = c.byobRequest?.view; if (v) { v.buffer.transfer(); try { c.byobRequest.respond(5); } catch { c.error(new Error("x")); } } else c.close(); } });
await by.getReader({ mode: "byob" }).read(new Uint8Array(10)).catch(() => {});
//# messages that detach: value | error
const { port1, port2 } = new MessageChannel();
const y7 = new ArrayBuffer(100);
port1.postMessage({ get a() { y7.transfer(); return y7; } }, [y7]);
//# ports that transfer themselves: error
const { port1: p1 } = new MessageChannel();
p1.postMessage(p1, [p1]);
//# TextDecoderStream of what is detached: value | error
const y8 = new Uint8Array(100);
const ds = new TextDecoderStream(), w = ds.writable.getWriter();
const written = w.write(y8);
y8.buffer.transfer();
w.close();
for await (const x of ds.readable) x;
//# Uint8Array base64 into what is detached: value | TypeError | error
const y9 = new Uint8Array(100);
y9.setFromBase64("AAAA", { get alphabet() { y9.buffer.transfer(); return "base64"; } });
//# toBase64 of what is detached: value | TypeError
const z1 = new Uint8Array(100);
z1.toBase64({ get omitPadding() { z1.buffer.transfer(); return false; } });

//# proxy revoked in get: TypeError | value
const q1 = Proxy.revocable({}, { get() { q1.revoke(); junk(); return 1; } });
q1.proxy.x + q1.proxy.y;
//# proxy revoked in each trap: value
for (const trap of ["get", "set", "has", "deleteProperty", "ownKeys", "getOwnPropertyDescriptor", "defineProperty", "getPrototypeOf", "setPrototypeOf", "isExtensible", "preventExtensions", "apply", "construct"]) {
  const make = () => { const p = Proxy.revocable(function () {}, { get [trap]() { p.revoke(); junk(); return undefined; } }); return p.proxy; };
  const inside = () => { const p = Proxy.revocable(function () {}, { [trap](...a) { p.revoke(); junk(); return Reflect[trap](...a); } }); return p.proxy; };
  for (const kind of [make, inside]) for (const use of [(p) => p.x, (p) => { p.x = 1; }, (p) => "x" in p, (p) => delete p.x, (p) => Reflect.ownKeys(p), (p) => ({ ...p }), (p) => Object.keys(p), (p) => Object.defineProperty(p, "x", {}), (p) => p instanceof Object, (p) => Object.setPrototypeOf(p, null), (p) => Object.isExtensible(p), (p) => Object.freeze(p), (p) => p(), (p) => new p(), (p) => JSON.stringify([p]), (p) => [].concat(p), (p) => Array.isArray(p), (p) => { for (const k in p) k; }, (p) => class extends p {}, (p) => Object.create(p).x, (p) => Reflect.construct(Object, [], p), (p) => `${p}`]) {
    try { use(kind()); } catch (e) { if (!(e instanceof TypeError)) throw e; }
  }
}
//# proxies that break the invariants: value
const frozen = Object.freeze({ a: 1 });
for (const handler of [{ get: () => 2 }, { has: () => false }, { ownKeys: () => [] }, { ownKeys: () => ["a", "a"] }, { ownKeys: () => ({ length: 2 ** 32 }) }, { getOwnPropertyDescriptor: () => undefined }, { getOwnPropertyDescriptor: () => ({ value: 3, configurable: true }) }, { isExtensible: () => true }, { getPrototypeOf: () => null }, { getPrototypeOf: () => 5 }, { deleteProperty: () => true }, { defineProperty: () => true }, { set: () => true }, { preventExtensions: () => true }]) {
  const p = new Proxy(frozen, handler);
  for (const use of [() => p.a, () => "a" in p, () => Reflect.ownKeys(p), () => Object.keys(p), () => Object.getOwnPropertyDescriptor(p, "a"), () => Object.isExtensible(p), () => Object.getPrototypeOf(p), () => delete p.a, () => Object.defineProperty(p, "b", { value: 1 }), () => { p.a = 3; }, () => Object.isFrozen(p), () => JSON.stringify(p), () => { for (const k in p) k; }, () => Object.entries(p)]) {
    try { use(); } catch (e) { if (!(e instanceof TypeError) && !(e instanceof RangeError)) throw e; }
  }
}
//# ownKeys that lies about its length: memory | RangeError | TypeError | fuel
Reflect.ownKeys(new Proxy({}, { ownKeys: () => ({ length: 2 ** 32 - 1, get 0() { return "a"; } }) }));
//# proxy whose target changes in its trap: value | TypeError
const q2t = { a: 1 };
const q2 = new Proxy(q2t, { ownKeys() { Object.preventExtensions(q2t); return ["a", "b"]; }, getOwnPropertyDescriptor(t, k) { delete t.a; return { value: 1, configurable: true, enumerable: true }; } });
Object.entries(q2);
//# class fields on a proxy: value
class Base { constructor(o) { return o; } }
class Fields extends Base { #p = 1; x = this.#p; [Symbol.toPrimitive] = 5; static has(o) { return #p in o; } }
const q3 = new Proxy({}, { defineProperty(t, k, d) { junk(); return Reflect.defineProperty(t, k, d); } });
new Fields(q3);
check(Fields.has(q3), "no private field");
//# class fields that define twice: TypeError
class Base2 { constructor(o) { return o; } }
class Twice extends Base2 { #p = 1; }
const q4 = {};
new Twice(q4);
new Twice(q4);
//# class fields on a frozen one: TypeError
class Base3 { constructor() { return Object.freeze({}); } }
new (class extends Base3 { x = 1; })();
//# private fields on many shapes: value
class Base4 { constructor(o) { return o; } }
class Stamp extends Base4 { #p = 1; static get(o) { return o.#p; } static set(o, v) { o.#p = v; } }
const things = [{}, [], () => {}, new Map(), new Uint8Array(5), new Proxy({}, {}), new Date(), /x/, new Error("x"), globalThis.Symbol, Promise.resolve()];
for (const o of things) { new Stamp(o); Stamp.set(o, 5); check(Stamp.get(o) === 5, "lost"); }
//# super that is replaced: value | TypeError | ReferenceError
class Sub extends Object { m() { Object.setPrototypeOf(Sub.prototype, { m() { return 5; } }); return super.m(); } constructor() { Object.setPrototypeOf(Sub, class { constructor() { return []; } }); super(); } }
new Sub();
Sub.prototype.m();
//# this before super: ReferenceError
new (class extends Object { constructor() { try { super(); } finally { super(); } } })();
//# prototypes changed in a lookup: value
const l = { __proto__: { __proto__: { x: 1 } } };
const read2 = () => l.x;
for (let i = 0; i < 100; i++) read2();
Object.setPrototypeOf(Object.getPrototypeOf(l), { get x() { Object.setPrototypeOf(l, null); junk(); return 2; } });
check(read2() === 2 && read2() === undefined, "stale");
//# caches with shapes that change in a setter: value
function store(o, v) { o.a = v; o.b = v; return o.a; }
for (let i = 0; i < 200; i++) store({ a: 1, b: 2 }, i);
const evil = { set a(v) { delete evil.b; Object.defineProperty(evil, "b", { get() { return v; }, set() { delete evil.a; }, configurable: true }); } };
for (let i = 0; i < 200; i++) store(evil, i);
//# properties deleted in their own getters: value
const og2 = { get x() { delete og2.x; og2.x = 5; junk(); return og2.x; } };
for (let i = 0; i < 100; i++) og2.x;
//# elements that become accessors in a loop: value
const el = [1, 2, 3, 4];
let total = 0;
for (let i = 0; i < el.length; i++) { total += el[i]; if (i === 1) Object.defineProperty(el, 2, { get() { el.length = 3; return 10; } }); }
//# the array prototype gets elements: value
try {
  const holes = [1, , 3];
  Object.defineProperty(Array.prototype, 1, { get() { holes.length = 1; return 7; }, set(v) { throw new RangeError("set"); }, configurable: true });
  holes.indexOf(7);
  [...holes, ...[1, , 3]];
  [1, , 3].map((x) => x).concat([, ,]).slice().sort();
  [, 5].reverse;
} finally { delete Array.prototype[1]; }
//# promises resolved in their own resolution: value
let res;
const pr = new Promise((r) => { res = r; });
res({ then(a, b) { res(5); a(1); a(2); b(3); res(4); } });
check(await pr === 1, "resolved wrongly");
//# promises whose then is changed while it runs: value
const th = { get then() { th.then2 = 1; delete th.then; return (r) => r(7); }, configurable: true };
await { get then() { Object.defineProperty(this, "then", { value: undefined }); return (r) => r(7); } };
//# promise resolved with itself: TypeError
let self;
const ps = new Promise((r) => { self = r; });
self(ps);
await ps;
//# promise constructor that changes: value | TypeError
const pc = Promise.resolve(1);
Object.defineProperty(pc, "constructor", { get() { junk(); return class { static [Symbol.species] = function (e) { e(() => {}, () => {}); e; }; }; } });
try { pc.then(); } catch {}
await pc;
//# Promise.all whose elements resolve twice: value
await Promise.all([{ then(r) { r(1); r(2); r(3); } }, { then(r) { r(1); r(1); } }]);
//# Promise.all with a resolve that changes: value
const resolve = Promise.resolve;
try {
  Promise.resolve = function (x) { Promise.resolve = resolve; return { then(a) { a(x); a(x); } }; };
  await Promise.all([1, 2, 3]);
} finally { Promise.resolve = resolve; }
//# events whose listeners change: value
const et = new EventTarget();
let calls = 0;
const listener = () => { if (calls++ > 1000) throw new EvalError("endless"); et.removeEventListener("x", listener); et.addEventListener("x", () => calls++); for (let i = 0; i < 10; i++) et.addEventListener("x", listener); };
et.addEventListener("x", listener);
et.dispatchEvent(new Event("x"));
//# abort listeners that abort again: value
const ac = new AbortController();
ac.signal.onabort = () => { ac.abort(2); ac.signal.addEventListener("abort", () => { throw new EvalError("late"); }); };
ac.abort(1);
//# URLSearchParams changed while it is walked: value
const us = new URLSearchParams("a=1&b=2&c=3");
let params = 0;
for (const [k] of us) { us.delete(k); if (params++ < 50) us.append(k, "x"); us.sort(); }
us.forEach((v, k) => us.delete(k));
//# Headers changed while they are walked: value
const hs = new Headers({ a: "1", b: "2", c: "3" });
for (const [k] of hs) { hs.delete(k); hs.append("a" + k.slice(0, 3), "x"); if ([...hs].length > 100) break; }
hs.forEach((v, k) => hs.delete(k));
//# FormData changed while it is walked: value
const fd = new FormData();
fd.append("a", "1");
let forms = 0;
for (const [k] of fd) { fd.delete(k); if (forms++ < 50) fd.append("b", "2"); }
//# timers cleared by timers: value
await new Promise((r) => { const all = []; for (let i = 0; i < 100; i++) all.push(setTimeout(() => { for (const t of all) clearTimeout(t); junk(); setTimeout(r, 0); }, 0)); });
//# stack traces that change: value | error
Error.prepareStackTrace = (e, frames) => { frames.length = 0; delete Error.prepareStackTrace; e.stack = 1; junk(); return frames; };
new Error("x").stack;
null?.x;
//# captureStackTrace on strange things: value | TypeError
for (const o of [Object.freeze({}), new Proxy({}, { defineProperty() { junk(); return false; } }), globalThis, []]) { try { Error.captureStackTrace?.(o); } catch {} }
//# toString that changes the operands: value
let left = { toString() { left = "z"; right = 1; return "a"; } }, right = { toString() { junk(); return "b"; } };
check(left + right === "ab", "operands");
//# compound assignment to what is deleted: value
const cd = { x: 1, y: { valueOf() { delete cd.x; junk(); return 2; } } };
cd.x += cd.y;
//# with whose object changes: value | ReferenceError
const wi = { a: 1 };
with (wi) { a = (delete wi.a, 5); }
//# typeof document.all games with bigints: value | error
BigInt.asUintN(doing(junk, 64), 5n) + BigInt.asIntN(doing(junk, 3), -1n);
//# eval that declares what is used: value
(function () { const f = () => typeof x1; f(); eval("var x1 = 1; var f2 = function () { return x1; }"); f2(); delete globalThis.x1; return f(); })();
//# tagged templates kept and changed: value | TypeError
const tags = [];
const tag = (t) => { tags.push(t); return t; };
const tagged = () => tag`a${1}b`;
tagged();
try { tags[0].length = 0; } catch {}
try { tags[0].raw[0] = "x"; } catch {}
check(tagged()[0] === "a" && tagged() === tags[0], "changed");
//# weak things that die in a walk: value
const wm = new WeakMap(), ws = new WeakSet();
for (let i = 0; i < 20000; i++) { const k = {}; wm.set(k, { k }); ws.add(k); if (i % 3) wm.delete(k); }
//# getters on the global object: value
Object.defineProperty(globalThis, "hostileGlobal", { get() { delete globalThis.hostileGlobal; junk(); return 1; }, configurable: true });
check(hostileGlobal === 1 && typeof hostileGlobal === "undefined", "global");
