// SPDX-License-Identifier: MIT
// Recursion without end, or deep data, in whatever calls back or descends.
const N = 200000;
const nest = (make, value = 0, n = N) => {
  for (let i = 0; i < n; i++) value = make(value);
  return value;
};
const deepArray = (n = N) => nest((x) => [x], 0, n);
const deepObject = (n = N) => nest((a) => ({ a }), 0, n);

//# function: stack
(function f() { f(); })();
//# function with arguments: stack | memory
(function f(...a) { f(...a, 1); })();
//# arrow: stack
const f = (x) => f(x) + 1;
f();
//# method: stack
({ m() { this.m(); } }).m();
//# mutual: stack
const even = (n) => odd(n), odd = (n) => even(n);
even(1);
//# constructor: stack
new (class C { constructor() { new C(); } })();
//# field: stack
class C { x = new C(); }
new C();
//# static block: stack
(function f() { class S { static { f(); } } })();
//# super: stack
class A { constructor() { new B(); } }
class B extends A {}
new B();
//# super method: stack
class P { m() { this.m(); } }
class Q extends P { m() { super.m(); } }
new Q().m();
//# derived of a derived of a derived: stack | value | memory
let D = class {};
for (let i = 0; i < 20000; i++) D = class extends D {};
new D();
//# getter: stack
({ get x() { return this.x; } }).x;
//# setter: stack
({ set x(v) { this.x = v; } }).x = 1;
//# static getter: stack
class G { static get x() { return G.x; } }
G.x;
//# private method: stack
new (class { #m() { this.#m(); } m() { this.#m(); } })().m();
//# default parameter: stack
(function f(x = f()) {})();
//# destructuring: stack
(function f({ a = f({}) }) {})({});
//# computed key: stack
(function f() { return { [f()]: 1 }; })();
//# template: stack
(function f() { return `${f()}`; })();
//# tagged template: stack
(function f() { f``; })();
//# generator: stack
function* g() { yield* g(); }
[...g()];
//# generator of a generator: stack | memory | value
let gens = (function* () { yield 1; })();
for (let i = 0; i < 20000; i++) { const inner = gens; gens = (function* () { yield* inner; })(); }
gens.next();
//# async function: stack | memory
const a = async () => { await a(); };
await a();
//# async generator: stack | memory
async function* ag() { yield* ag(); }
for await (const x of ag()) x;
//# for of: stack
const it = { [Symbol.iterator]() { for (const x of it); } };
for (const x of it);
//# spread: stack
const sp = { [Symbol.iterator]() { return [...sp]; } };
[...sp];
//# try finally: stack
(function f() { try { f(); } finally { f; } })();
//# try catch that goes on: stack | value
let count = 0;
(function f() { try { f(); } catch (e) { if (++count < 1000) f(); throw e; } })();
//# with: stack
const w = { get x() { with (w) return x; } };
w.x;
//# eval: stack
(function f() { eval("f()"); })();
//# indirect eval: stack
globalThis.again = () => (0, eval)("again()");
again();
//# new Function: stack
globalThis.make = () => new Function("return make()")();
make();
//# eval in eval: stack
globalThis.text = "eval(text)";
eval(text);
//# direct eval in eval in eval: stack | error
let source = "1";
for (let i = 0; i < 2; i++) source = `eval(${JSON.stringify(source)})`;
eval(source);
(function f() { eval(source); f(); })();
//# call of call: stack
(function f() { f.call(); })();
//# apply: stack
(function f() { f.apply(null, []); })();
//# Reflect.apply: stack
(function f() { Reflect.apply(f, null, []); })();
//# Reflect.construct: stack
(function f() { Reflect.construct(f, []); })();
//# bind: stack
const bound = (function f() { bound(); }).bind();
bound();
//# bound of bound: stack | value
nest((f) => f.bind(), () => 1, N)();
//# bound constructors: stack | value
new (nest((f) => f.bind(), class {}, N))();
//# bound instanceof: stack | value
({}) instanceof nest((f) => f.bind(), class {}, N);
//# bound names: stack | value | memory
nest((f) => f.bind(), function f() {}, 20000).name.length;
//# call of call of call: stack | value | error
nest((f) => f.call.bind(f), () => 1, 5000)();

//# toString: stack
const s = { toString() { return `${s}`; } };
`${s}`;
//# valueOf: stack
const v = { valueOf() { return +v; } };
+v;
//# toPrimitive: stack
const p = { [Symbol.toPrimitive]() { return p + ""; } };
p + "";
//# toLocaleString: stack
const l = { toLocaleString() { return [l].toLocaleString(); } };
[l].toLocaleString();
//# hasInstance: stack
const h = { [Symbol.hasInstance]: (x) => x instanceof h };
1 instanceof h;
//# species: stack
class Sp extends Array { static get [Symbol.species]() { return new Sp(1).map((x) => x).constructor; } }
new Sp(1).map((x) => x);
//# isConcatSpreadable: stack
const cs = { get [Symbol.isConcatSpreadable]() { [].concat(cs); } };
[].concat(cs);
//# toStringTag: stack
const tag = { get [Symbol.toStringTag]() { return String(tag); } };
String(tag);
//# sort in sort: stack
const sort = () => [3, 1, 2].sort(sort);
sort();
//# toSorted: stack
const toSorted = () => [3, 1, 2].toSorted(toSorted);
toSorted();
//# typed sort: stack
const typed = () => new Uint8Array([3, 1, 2]).sort(typed);
typed();
//# map: stack
const map = () => [1].map(map);
map();
//# forEach: stack
const forEach = () => [1].forEach(forEach);
forEach();
//# filter: stack
const filter = () => [1].filter(filter);
filter();
//# reduce: stack
const reduce = () => [1, 2].reduce(reduce);
reduce();
//# reduceRight: stack
const reduceRight = () => [1, 2].reduceRight(reduceRight);
reduceRight();
//# find: stack
const find = () => [1].find(find);
find();
//# findLast: stack
const findLast = () => [1].findLast(findLast);
findLast();
//# every and some: stack
const some = () => [1].some(() => [1].every(some));
some();
//# flatMap: stack
const flatMap = () => [1].flatMap(flatMap);
flatMap();
//# Array.from: stack
const from = () => Array.from([1], from);
from();
//# Array.fromAsync: stack | memory | fuel
const fromAsync = () => Array.fromAsync([1], fromAsync);
await fromAsync();
//# typed array callbacks: stack
const tf = () => new Uint8Array(1).forEach(() => Uint8Array.from([1], tf));
tf();
//# Map and Set forEach: stack
const me = () => new Map([[1, 1]]).forEach(() => new Set([1]).forEach(me));
me();
//# groupBy: stack
const gb = () => Object.groupBy([1], () => Map.groupBy([1], gb));
gb();
//# replace callback: stack
const replace = () => "a".replace(/a/, replace);
replace();
//# replaceAll callback: stack
const replaceAll = () => "a".replaceAll("a", replaceAll);
replaceAll();
//# Symbol.replace: stack
const sr = { [Symbol.replace]: () => "a".replace(sr) };
"a".replace(sr);
//# regexp exec: stack
const re = /a/;
re.exec = () => re.test("a");
re.test("a");
//# regexp flags: stack
const rf = { get flags() { return RegExp.prototype[Symbol.matchAll].call(rf, ""); }, constructor: RegExp };
rf.flags;
//# split by itself: stack
const split = { [Symbol.split]: () => "a".split(split) };
"a".split(split);
//# JSON.parse reviver: stack
const reviver = () => JSON.parse("1", reviver);
reviver();
//# JSON.stringify toJSON: stack
const json = { toJSON: () => JSON.stringify(json) };
JSON.stringify(json);
//# JSON.stringify replacer: stack
const replacer = () => JSON.stringify(1, replacer);
replacer();
//# JSON.stringify getter: stack
const jg = { get x() { return JSON.stringify(jg); } };
JSON.stringify(jg);
//# JSON.stringify space: stack
const space = { __proto__: Number.prototype };
const jsp = () => JSON.stringify({}, null, Object.assign(new Number(1), { valueOf: jsp }));
jsp();
//# JSON.parse arrays: stack | error | value | memory
JSON.parse("[".repeat(N) + "]".repeat(N));
//# JSON.parse objects: stack | error | value | memory
JSON.parse('{"a":'.repeat(N) + "1" + "}".repeat(N));
//# JSON.parse unclosed: SyntaxError | stack | memory
JSON.parse("[".repeat(1e6));
//# JSON.parse deep with a reviver: stack | value | memory
JSON.parse("[".repeat(50000) + "]".repeat(50000), (k, v) => v);
//# JSON.stringify arrays: stack | value | memory
JSON.stringify(deepArray());
//# JSON.stringify objects: stack | value | memory
JSON.stringify(deepObject());
//# JSON.stringify indented: stack | value | memory
JSON.stringify(deepArray(2000), null, 1);
//# JSON.stringify of a circle: TypeError
const ring = { a: {} };
ring.a.b = ring;
JSON.stringify(ring);
//# JSON.stringify of proxies: stack | value | memory
JSON.stringify(nest((x) => new Proxy([x], {}), 0, 50000));
//# JSON of an endless getter: stack | memory
const endless = { get x() { return Object.create(endless, { x: { enumerable: true, get: () => Object.assign(Object.create(null), { get x() { return endless.x; } }) } }); } };
JSON.stringify({ get x() { return JSON.parse(JSON.stringify(endless.x)); } });
//# flat: stack | value | memory
deepArray().flat(Infinity);
//# array toString: stack | value | memory
String(deepArray());
//# array join: stack | value | memory
deepArray().join();
//# array toLocaleString: stack | value | memory
deepArray().toLocaleString();
//# array in itself: value
const self = [];
self.push(self);
String(self);
//# structuredClone arrays: stack | value | memory | error
structuredClone(deepArray());
//# structuredClone objects: stack | value | memory | error
structuredClone(deepObject());
//# structuredClone maps: stack | value | memory | error
structuredClone(nest((x) => new Map([[x, x]]), 0, 50000));
//# structuredClone sets: stack | value | memory | error
structuredClone(nest((x) => new Set([x]), 0, 50000));
//# structuredClone errors: stack | value | memory | error
structuredClone(nest((cause) => new Error("", { cause }), 0, 10000));
//# structuredClone getter: stack
const sc = { get x() { return structuredClone(sc); } };
structuredClone(sc);
//# console.log deep: stack | value
console.log(deepObject());
//# util.inspect as deep as it is: stack | value | memory
const { inspect } = await import("node:util");
inspect(deepArray(20000), { depth: null });
//# util.inspect custom: stack
const { inspect: ic } = await import("node:util");
const custom = { [ic.custom]: () => ic(custom) };
ic(custom);
//# util.isDeepStrictEqual: stack | value | memory
const { isDeepStrictEqual } = await import("node:util");
isDeepStrictEqual(deepArray(), deepArray());
//# assert.deepEqual: stack | value | error
const { default: assert } = await import("node:assert");
assert.deepStrictEqual(deepObject(), deepObject());
//# assert.deepEqual of different ones: error
const { default: as } = await import("node:assert");
as.deepStrictEqual(deepObject(5000), nest((a) => ({ a }), 1, 5000));
//# console.table: stack | value
console.table([deepObject()]);
//# console.log of proxies: stack | value
console.log(nest((x) => new Proxy({ x }, {}), 0, 50000));
//# console.log of maps: stack | value
console.log(nest((x) => new Map([[x, x]]), 0, 50000));
//# console.log of promises: stack | value
console.log(nest((x) => Promise.resolve({ x }), 0, 50000));
//# console.log of causes: stack | value | memory
console.log(nest((cause) => new Error("", { cause }), 0, 5000));
//# console.log of AggregateErrors: stack | value | memory
console.log(nest((e) => new AggregateError([e, e]), 0, 8));
//# cause that is itself: value
const ec = new Error("x");
ec.cause = ec;
console.log(ec);
//# causes thrown: Error
throw nest((cause) => new Error("x", { cause }), undefined, 5000);
//# AggregateErrors thrown: AggregateError
throw nest((e) => new AggregateError([e]), 0, 5000);
//# SuppressedErrors: SuppressedError
throw nest((e) => new SuppressedError(e, e), 0, 5000);
//# prepareStackTrace: stack | value spoils
Error.prepareStackTrace = () => new Error("x").stack;
new Error("x").stack;
//# prepareStackTrace that throws: stack | value | error spoils
Error.prepareStackTrace = () => { throw new Error("x"); };
new Error("x").stack;
null.x;
//# stackTraceLimit: stack spoils
Error.stackTraceLimit = Infinity;
(function f() { f(); })();
//# stack of a deep error: stack | value
(function f(n) { return n === 0 ? new Error("x").stack : f(n - 1); })(5000);

//# prototype chain get: value | stack | memory
nest((p) => Object.create(p), { x: 1 }).x;
//# prototype chain set: value | stack | memory
nest((p) => Object.create(p), { set x(v) {} }).x = 1;
//# prototype chain has: value | stack | memory
"y" in nest((p) => Object.create(p), {});
//# prototype chain for in: value | stack | memory
for (const k in nest((p) => Object.create(p), { x: 1 })) k;
//# prototype chain instanceof: value | stack | memory
nest((p) => Object.create(p), {}) instanceof Array;
//# prototype chain isPrototypeOf: value | stack | memory
Object.prototype.isPrototypeOf.call({}, nest((p) => Object.create(p), {}));
//# prototype chain setPrototypeOf: value | stack | memory
const low = {};
Object.setPrototypeOf(low, nest((p) => Object.create(p), {}));
//# prototype chain of arrays: value | stack | memory
Array.prototype.concat.call(nest((p) => Object.setPrototypeOf([], p), [], 5000), [1]).length;
//# prototype chain inspected: value | stack | memory
console.log(nest((p) => Object.create(p), {}));
//# prototype chain cyclic by proxies: stack
const pc = {};
Object.setPrototypeOf(pc, new Proxy({}, { get: (t, k, r) => pc[k] }));
pc.x;
//# proxy of proxies get: stack | value
nest((x) => new Proxy(x, {}), {}).x;
//# proxy of proxies set: stack | value
nest((x) => new Proxy(x, {}), {}).x = 1;
//# proxy of proxies has: stack | value
"x" in nest((x) => new Proxy(x, {}), {});
//# proxy of proxies delete: stack | value
delete nest((x) => new Proxy(x, {}), {}).x;
//# proxy of proxies ownKeys: stack | value
Reflect.ownKeys(nest((x) => new Proxy(x, {}), {}));
//# proxy of proxies keys: stack | value
Object.keys(nest((x) => new Proxy(x, {}), { a: 1 }));
//# proxy of proxies getOwnPropertyDescriptor: stack | value
Object.getOwnPropertyDescriptor(nest((x) => new Proxy(x, {}), { a: 1 }), "a");
//# proxy of proxies defineProperty: stack | value
Object.defineProperty(nest((x) => new Proxy(x, {}), {}), "a", { value: 1 });
//# proxy of proxies getPrototypeOf: stack | value
Object.getPrototypeOf(nest((x) => new Proxy(x, {}), {}));
//# proxy of proxies setPrototypeOf: stack | value
Object.setPrototypeOf(nest((x) => new Proxy(x, {}), {}), null);
//# proxy of proxies isExtensible: stack | value
Object.isExtensible(nest((x) => new Proxy(x, {}), {}));
//# proxy of proxies preventExtensions: stack | value
Object.preventExtensions(nest((x) => new Proxy(x, {}), {}));
//# proxy of proxies freeze: stack | value
Object.freeze(nest((x) => new Proxy(x, {}), {}));
//# proxy of proxies apply: stack | value
nest((x) => new Proxy(x, {}), () => 1)();
//# proxy of proxies construct: stack | value
new (nest((x) => new Proxy(x, {}), class {}))();
//# proxy of proxies typeof: value
typeof nest((x) => new Proxy(x, {}), () => 1);
//# proxy of proxies isArray: stack | value
Array.isArray(nest((x) => new Proxy(x, {}), []));
//# proxy of proxies instanceof: stack | value | memory
nest((x) => new Proxy(x, {}), {}) instanceof nest((x) => new Proxy(x, {}), class {});
//# proxy of proxies toString: stack | value
Object.prototype.toString.call(nest((x) => new Proxy(x, {}), []));
//# proxy of proxies in for in: stack | value
for (const k in nest((x) => new Proxy(x, {}), { a: 1 })) k;
//# proxy of proxies species: stack | value
Array.prototype.slice.call(nest((x) => new Proxy(x, {}), [1]));
//# proxy of proxies concat: stack | value
[].concat(nest((x) => new Proxy(x, {}), [1]));
//# proxy of proxies realm: stack | value
new (nest((x) => new Proxy(x, {}), function () {}))();
Reflect.construct(Array, [], nest((x) => new Proxy(x, {}), function () {}));
//# proxy of proxies JSON: stack | value
JSON.stringify(nest((x) => new Proxy(x, {}), [1]));
//# proxy of proxies clone: stack | error
structuredClone(nest((x) => new Proxy(x, {}), {}));
//# proxy of proxies with: stack | value
with (nest((x) => new Proxy(x, {}), { y: 1 })) y;
//# proxy of proxies Error.isError: value | stack
Error.isError(nest((x) => new Proxy(x, {}), new Error("x")));
//# proxy as prototype of a proxy: stack | value
nest((p) => new Proxy(Object.create(p), {}), {}, 50000).x;
//# proxies as prototypes set: stack | value
nest((p) => new Proxy(Object.create(p), {}), {}, 50000).x = 1;
//# proxy handlers of handlers: stack | value
nest((h) => new Proxy({}, h), {}, 50000).x;
//# proxy trap that asks itself: stack
const pt = new Proxy({}, { get: (t, k, r) => r[k] });
pt.x;
//# proxy set trap that sets itself: stack
const ps = new Proxy({}, { set: (t, k, v, r) => { r[k] = v; } });
ps.x = 1;
//# proxy ownKeys of itself: stack
const po = new Proxy({}, { ownKeys: () => Reflect.ownKeys(po) });
Reflect.ownKeys(po);
//# proxy getPrototypeOf of itself: stack
const pg = new Proxy({}, { getPrototypeOf: () => Object.getPrototypeOf(pg) });
pg instanceof Array;
//# proxy apply of itself: stack
const pa = new Proxy(() => {}, { apply: () => pa() });
pa();
//# proxy construct of itself: stack
const pk = new Proxy(class {}, { construct: () => new pk() });
new pk();

//# rope to the left: value | memory
let r1 = "";
for (let i = 0; i < 300000; i++) r1 = "ab" + r1;
r1.charCodeAt(5);
//# rope to the right: value | memory
let r2 = "";
for (let i = 0; i < 300000; i++) r2 += "abcdefghijklmnop";
r2.charCodeAt(5);
//# rope of ropes: value | memory
let r3 = "abcdefghijklmnop";
for (let i = 0; i < 100000; i++) r3 = (i % 2 ? "x" + r3 : r3 + "y");
[r3 === r3 + "", r3.slice(1), r3.at(-1), new Map([[r3, 1]]).get(r3), ({ [r3]: 1 })[r3]];
//# rope compared: value | memory
let r4 = "", r5 = "";
for (let i = 0; i < 100000; i++) { r4 = "abcdefghijklmnop" + r4; r5 += "abcdefghijklmnop"; }
r4 === r5 && r4 < r5 + "a";
//# slices of slices: value | memory
let slice = "a".repeat(1 << 20);
while (slice.length > 10) slice = slice.slice(1).slice(0, -1).slice(8);
slice;
//# closures of closures: stack
nest((f) => () => f(), () => 1)();
//# composed promises: value | memory
let pr = Promise.resolve(1);
for (let i = 0; i < 50000; i++) pr = pr.then((x) => x);
await pr;
//# promises of promises: value | memory
let pp = Promise.resolve(1);
for (let i = 0; i < 50000; i++) { const inner = pp; pp = new Promise((r) => r(inner)); }
await pp;
//# thenables of thenables: value | memory
await nest((x) => ({ then: (r) => r(x) }), 1, 50000);
//# synchronous thenables: stack
const st = { then(r) { st.then(r); } };
await st;
//# async functions awaiting each other: value | memory
const chain = async (n) => n === 0 ? 0 : 1 + await chain(n - 1);
await chain(3000);
//# async functions, deep: stack | memory | value
const deep = async (n) => n === 0 ? 0 : 1 + await deep(n - 1);
await deep(1e6);
//# rejections through chains: Error
let rj = Promise.reject(new Error("x"));
for (let i = 0; i < 20000; i++) rj = rj.then(() => 1).finally(() => {});
await rj;
//# Promise.all of Promise.all: value | memory
await nest((p) => Promise.all([p]), 1, 20000);
//# Promise.race of Promise.race: value | memory
await nest((p) => Promise.race([p]), 1, 20000);
//# Promise.any that fails deep: AggregateError | memory
await nest((p) => Promise.any([p]), Promise.reject(1), 5000);
//# promise subclass: stack
class PS extends Promise { then(a, b) { return new PS(() => {}).then(a, b); } }
await new PS((r) => r(1));
//# iterator helper chains: stack | value
nest((i) => i.map((x) => x), [1, 2].values(), 50000).next();
//# iterator filters: stack | value
nest((i) => i.filter(() => true), [1, 2].values(), 50000).toArray();
//# iterator flatMaps: stack | value
nest((i) => i.flatMap((x) => [x]), [1, 2].values(), 20000).toArray();
//# iterator take: stack | value
nest((i) => i.take(1), [1, 2].values(), 50000).toArray();
//# iterator drop: stack | value
nest((i) => i.drop(0), [1, 2].values(), 50000).next();
//# iterator returns: stack | value
nest((i) => i.map((x) => x), [1, 2].values(), 50000).return();
//# iterator concat: stack | value | error
nest((i) => Iterator.concat(i), [1], 20000).toArray();
//# iterator zip: stack | value | error
nest((i) => Iterator.zip([i]), [1].values(), 20000).toArray();
//# Iterator.from wrappers: stack | value
nest((i) => Iterator.from({ next: () => i.next() }), [1].values(), 20000).next();
//# generators delegating: stack | value
nest((i) => (function* () { return yield* i; })(), [1].values(), 20000).return(1);
//# async generators delegating: stack | value | memory
await nest((i) => (async function* () { return yield* i; })(), [1].values(), 5000).next();
//# async iterators thrown into: stack | value | memory | error
const ai = nest((i) => (async function* () { return yield* i; })(), [1, 2].values(), 5000);
await ai.next();
await ai.throw(new Error("x"));
//# WeakMap ephemerons: value | memory
const wm = new WeakMap();
let key = {};
const first = key;
for (let i = 0; i < 100000; i++) { const next = {}; wm.set(key, next); key = next; }
let walk = first, steps = 0;
while (walk) { walk = wm.get(walk); steps++; }
steps;
//# WeakMaps of WeakMaps: value | memory
nest((x) => { const m = new WeakMap(); m.set(x, m); return m; }, {}, 50000);
//# linked list: value | memory
let list = null;
for (let i = 0; i < 200000; i++) list = { list };
structuredClone(1);
//# Object.groupBy, entries, fromEntries in a circle: stack
const oe = { get a() { return Object.entries(oe); } };
oe.a;
//# Object.assign getter: stack
const oa = { get a() { return Object.assign({}, oa); } };
oa.a;
//# Object spread getter: stack
const os = { get a() { return { ...os }; } };
os.a;
//# Object.defineProperties getter: stack
const od = { get a() { return Object.defineProperties({}, od); } };
od.a;
//# freeze deep: value | stack
const freeze = (o) => { Object.freeze(o); if (o.a) freeze(o.a); };
freeze(deepObject());
//# Date toPrimitive: stack
const d = { [Symbol.toPrimitive]: () => +new Date(d) };
+new Date(d);
//# Date toJSON: stack
const dj = { toISOString: () => Date.prototype.toJSON.call(dj) };
dj.toISOString();
//# Number format: stack | memory
const nf = { valueOf: () => new Intl.NumberFormat("en").format(nf) };
new Intl.NumberFormat("en").format(nf);
//# Intl options: stack
const io = { get style() { return new Intl.NumberFormat("en", io); } };
io.style;
//# BigInt: stack
const bi = { valueOf: () => BigInt(bi) };
BigInt(bi);
//# Symbol description: stack
const sd = { toString: () => Symbol(sd).description };
Symbol(sd);
//# String.raw: stack
const sr2 = { get raw() { return [String.raw(sr2)]; } };
String.raw(sr2);
//# at of an index: stack
const ix = { valueOf: () => "x".at(ix) };
"x".at(ix);
//# typed array index: stack
const ti = { valueOf: () => new Uint8Array(4).fill(ti) };
new Uint8Array(4).fill(ti);
//# DataView: stack
const dv = { valueOf: () => new DataView(new ArrayBuffer(4)).getInt8(dv) };
dv.valueOf();
//# Atomics: stack
const at = { valueOf: () => Atomics.add(new Int32Array(4), 0, at) };
at.valueOf();
//# Math.max: stack
const mm = { valueOf: () => Math.max(mm) };
mm.valueOf();
//# parseFloat: stack
const pf = { toString: () => parseFloat(pf) };
pf.toString();
//# decodeURI: stack
const du = { toString: () => decodeURI(du) };
du.toString();
//# RegExp constructor: stack
const rc = { toString: () => new RegExp(rc) };
rc.toString();
//# Function constructor: stack
const fc = { toString: () => Function(fc) };
fc.toString();
//# localeCompare: stack
const lc = { toString: () => "a".localeCompare(lc) };
lc.toString();
//# normalize: stack
const no = { toString: () => "a".normalize(no) };
no.toString();
//# Map key by iteration: stack
const mk = { *[Symbol.iterator]() { yield new Map(mk); } };
new Map(mk);
//# Set like: stack
const sl = { size: 1, has: () => true, keys: () => new Set([1]).union(sl) };
new Set([1]).union(sl);
//# URL: stack
const ur = { toString: () => new URL(ur) };
ur.toString();
//# URLSearchParams: stack
const up = { get a() { return new URLSearchParams(up); } };
up.a;
//# Headers: stack
const hd = { get a() { return new Headers(hd); } };
hd.a;
//# TextEncoder: stack
const te = { toString: () => new TextEncoder().encode(te) };
te.toString();
//# events: stack
const et = new EventTarget();
let depth = 0;
et.addEventListener("x", () => { depth++; et.dispatchEvent(new Event("x")); });
et.dispatchEvent(new Event("x"));
(function f() { f(depth); })();
//# handleEvent: stack
const eh = new EventTarget();
eh.addEventListener("x", { get handleEvent() { eh.dispatchEvent(new Event("x")); } });
function f() { f(); }
eh.dispatchEvent(new Event("x"));
f();
//# node events: stack
const { default: EventEmitter } = await import("node:events");
const em = new EventEmitter();
em.on("x", () => em.emit("x"));
em.emit("x");
//# abort signals of abort signals: value | stack | memory
const ac = new AbortController();
nest((s) => AbortSignal.any([s]), ac.signal, 5000);
ac.abort();
//# abort listeners that abort: stack
let ab = null;
(function f() { const c = new AbortController(); c.signal.onabort = f; c.abort(); })();
(function g() { g(); })();
//# Blob of Blobs: value | stack | memory
await nest((b) => new Blob([b]), new Blob(["x"]), 20000).text();
//# streams through streams: value | stack | memory
let rs = new ReadableStream({ start(c) { c.enqueue(1); c.close(); } });
for (let i = 0; i < 500; i++) rs = rs.pipeThrough(new TransformStream());
for await (const x of rs) x;
//# tee of tee: value | stack | memory
let tee = new ReadableStream({ start(c) { c.enqueue(1); c.close(); } });
for (let i = 0; i < 1000; i++) [tee] = tee.tee();
await tee.getReader().read();
//# DisposableStack of stacks: value | stack | memory
nest((s) => { const n = new DisposableStack(); n.use(s); return n; }, new DisposableStack(), 50000).dispose();
//# dispose that disposes: stack
const ds = { [Symbol.dispose]() { using x = ds; } };
{ using x = ds; }
//# errors in disposal: SuppressedError | stack
const fail = () => { throw new Error("x"); };
{
  using stack = new DisposableStack();
  for (let i = 0; i < 20000; i++) stack.defer(fail);
}
//# async disposal: stack | memory
const ad = { async [Symbol.asyncDispose]() { await using x = ad; } };
{ await using x = ad; }
//# import in import: value | error | stack | memory
const module = (n) => `data:text/javascript,${encodeURIComponent(n === 0 ? "export default 1" : `export { default } from ${JSON.stringify(module(n - 1))}`)}`;
await import(module(5));
//# import of itself by eval: stack | value | error | memory
await import("data:text/javascript," + encodeURIComponent("function f() { eval('f()'); } f();"));
//# dynamic imports in a circle: value | error
await import("data:text/javascript," + encodeURIComponent("import(import.meta.url)"));
//# node:vm: stack
const vm = await import("node:vm");
globalThis.vmAgain = () => vm.runInThisContext("vmAgain()");
vmAgain();
//# node:vm contexts in contexts: stack | memory | error
const { runInNewContext } = await import("node:vm");
(function f() { runInNewContext("f()", { f }); })();
//# require of Module: stack | value | error
const { createRequire } = await import("node:module");
const rq = (function f() { createRequire("/a.js"); f(); });
rq();
//# async_hooks: stack | value
const { AsyncLocalStorage } = await import("node:async_hooks");
const als = new AsyncLocalStorage();
(function f() { als.run(1, f); })();
//# querystring and url: stack | value | error
const url = await import("node:url");
url.format({ get host() { return url.format(this); } });
//# Buffer: stack | error
const { Buffer } = await import("node:buffer");
const bf = { get length() { return Buffer.from(bf).length; } };
Buffer.from(bf);
//# spawn of a function that spawns: value | stack | error | deadline
const { spawn } = await import("rill:task");
await spawn(() => (function f() { return f(); })());
