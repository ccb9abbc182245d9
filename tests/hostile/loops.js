// SPDX-License-Identifier: MIT
// Loops without end, in the language and in builtins that call back.
const spin = () => { for (;;); };
const ever = () => new Promise(() => {});
const END = 2 ** 53 - 1;

//# for: fuel
for (;;);
//# while: fuel
while (true) {}
//# do while: fuel
do ; while (1);
//# nested continue: fuel
outer: for (;;) { for (let i = 0; i < 3; i++) continue outer; }
//# labelled break in a loop: fuel
for (;;) a: { b: { break a; } }
//# switch in a loop: fuel
for (let i = 0;; i ^= 1) switch (i) { case 0: continue; default: }
//# comma and void: fuel
for (;; void 0, 0) null, 0;
//# with: fuel
with ({ x: 1 }) { for (;;) x; }
//# for in of itself: fuel
for (;;) for (const k in { a: 1 }) k;
//# for of a generator: fuel
for (const x of (function* () { for (;;) yield 1; })()) x;
//# for await: fuel
for await (const x of (async function* () { for (;;) yield 1; })()) x;
//# for await of a synchronous one: fuel
for await (const x of (function* () { for (;;) yield 1; })()) x;
//# try finally: fuel
for (;;) try { break; } finally { continue; }
//# finally without end: fuel
try { for (;;); } finally { for (;;); }
//# catch of everything: fuel
for (;;) try { for (;;) null.x; } catch {}
//# catch of the end: fuel
function again() { try { spin(); } catch { again(); } finally { again(); } }
again();
//# generator that returns by yielding: fuel
function* g() { try { yield 1; } finally { for (;;) yield 2; } }
for (const x of g()) { for (const y of { [Symbol.iterator]: () => { const i = g(); i.next(); i.return(); return i; } }) y; }
//# iterator that closes for ever: fuel
for (const x of { [Symbol.iterator]: () => ({ next: () => ({ value: 1 }), return: spin }) }) break;
//# destructuring of a generator: fuel
const [...all] = { [Symbol.iterator]: () => ({ next: () => ({ get value() { spin(); } }) }) };
//# spread of a proxy: fuel
[...new Proxy([1], { get: (t, k) => k === "length" ? END : t[k] })];
//# mutual recursion by tail: fuel
(function trampoline(f) { for (;;) f = f(); })(function f() { return f; });
//# getter: fuel
({ get x() { for (;;); } }).x;
//# setter: fuel
({ set x(v) { for (;;); } }).x = 1;
//# getters in a circle: fuel
const o = { get a() { return o.b; }, get b() { for (;;) this.c; }, get c() { return 1; } };
o.a;
//# toString: fuel
`${{ toString: spin }}`;
//# valueOf: fuel
+{ valueOf: spin };
//# toPrimitive: fuel
[] + { [Symbol.toPrimitive]: spin };
//# property key: fuel
({})[{ toString: spin }];
//# hasInstance: fuel
1 instanceof { [Symbol.hasInstance]: spin };
//# species: fuel
class A extends Array { static get [Symbol.species]() { spin(); } }
new A(1, 2, 3).map((x) => x);
//# species constructor: fuel
const a = [1, 2];
a.constructor = { [Symbol.species]: function () { spin(); } };
a.slice();
//# isConcatSpreadable: fuel
[].concat({ get [Symbol.isConcatSpreadable]() { spin(); } });
//# concat of an endless one: fuel | RangeError
[].concat({ [Symbol.isConcatSpreadable]: true, length: END - 1 });
//# toStringTag: fuel
String({ get [Symbol.toStringTag]() { spin(); } });
//# unscopables: fuel
with ({ x: 1, get [Symbol.unscopables]() { spin(); } }) x;
//# sort comparator: fuel
[3, 1, 2].sort(spin);
//# sort of an endless one: fuel
Array.prototype.sort.call({ length: END }, () => 0);
//# sort comparator that sorts: fuel
const numbers = Array.from({ length: 100 }, (_, i) => i * 7 % 100);
numbers.sort(function compare(x, y) { for (;;) numbers.toSorted((p, q) => p - q); });
//# replace callback: fuel
"aaa".replace(/a/g, spin);
//# replaceAll with no end of work: fuel
"a".repeat(1e6).replaceAll("a", () => "a".repeat(3).replace(/a/g, (x) => x));
//# regexp exec replaced: fuel
const r = /a/g;
r.exec = () => [""];
"aaa".replace(r, "");
//# regexp lastIndex that never ends: fuel
"x".match({ __proto__: RegExp.prototype, flags: "g", exec: () => ({ 0: "", index: 0 }), lastIndex: 0 });
//# regexp split species: value | fuel
"aaa".split({ __proto__: RegExp.prototype, flags: "", constructor: { [Symbol.species]: function () { return { exec: () => [""], get lastIndex() { return 0; }, set lastIndex(i) {} }; } } });
//# matchAll: fuel
for (const m of "a".matchAll({ __proto__: RegExp.prototype, flags: "g", constructor: { [Symbol.species]: function () { return { exec: () => [""], lastIndex: 0 }; } } })) m;
//# symbol replace of a string: fuel
"x".replace({ [Symbol.replace]: spin });
//# JSON reviver: fuel
JSON.parse("[1,2]", spin);
//# JSON reviver that grows: value
JSON.parse("[1]", function (k, v) { if (Array.isArray(this)) this.length = 1e9; return v; });
//# toJSON: fuel
JSON.stringify({ toJSON: spin });
//# toJSON that gives another: memory | stack | fuel
const next = () => ({ a: { toJSON: next } });
JSON.stringify(next());
//# replacer: fuel
JSON.stringify([1], spin);
//# JSON of an endless proxy: fuel
JSON.stringify(new Proxy([], { get: (t, k) => k === "length" ? END : k === "toJSON" ? undefined : 0 }));
//# proxy get: fuel
new Proxy({}, { get: spin }).x;
//# proxy set: fuel
new Proxy({}, { set: spin }).x = 1;
//# proxy has: fuel
1 in new Proxy({}, { has: spin });
//# proxy has in with: fuel
with (new Proxy({}, { has: spin })) x;
//# proxy deleteProperty: fuel
delete new Proxy({}, { deleteProperty: spin }).x;
//# proxy ownKeys: fuel
Object.keys(new Proxy({}, { ownKeys: spin }));
//# proxy getOwnPropertyDescriptor: fuel
Object.keys(new Proxy({ a: 1 }, { getOwnPropertyDescriptor: spin }));
//# proxy defineProperty: fuel
Object.defineProperty(new Proxy({}, { defineProperty: spin }), "x", {});
//# proxy getPrototypeOf: fuel
Object.create(new Proxy({}, { getPrototypeOf: spin })) instanceof Array;
//# proxy setPrototypeOf: fuel
Object.setPrototypeOf(new Proxy({}, { setPrototypeOf: spin }), null);
//# proxy isExtensible: fuel
Object.isExtensible(new Proxy({}, { isExtensible: spin }));
//# proxy preventExtensions: fuel
Object.freeze(new Proxy({}, { preventExtensions: spin }));
//# proxy apply: fuel
new Proxy(() => {}, { apply: spin })();
//# proxy construct: fuel
new new Proxy(class {}, { construct: spin })();
//# proxy handler that is a proxy: fuel
new Proxy({}, new Proxy({}, { get: spin })).x;
//# prototype chain that changes at each step: fuel
for (const o = {};;) { Object.setPrototypeOf(o, { __proto__: { x: 1 } }); o.x; }
//# proxy as prototype that never ends: fuel
const p = new Proxy({}, { getPrototypeOf: () => Object.create({}), get(t, k, r) { for (;;) Reflect.getPrototypeOf(r); } });
Object.create(p).x;
//# array length getter: fuel
Array.prototype.indexOf.call({ get length() { return END; } }, 1);
//# array fill of an endless one: fuel
Array.prototype.fill.call(new Proxy({ length: END }, {}), 1);
//# array reverse of an endless one: fuel
Array.prototype.reverse.call({ length: END });
//# array from an endless iterator: fuel
Array.from({ [Symbol.iterator]: () => ({ next: () => ({ done: false, get value() { spin(); } }) }) });
//# array from an array-like: fuel | memory
Array.from({ length: 2 ** 32 - 1 });
//# array flat of a circle: stack | memory | fuel
const circle = [];
circle.push(circle, circle);
circle.flat(Infinity);
//# array join by toString: fuel
[{ toString: spin }].join();
//# array reduce: fuel
[1, 2].reduce(spin);
//# iterator helpers: fuel
Iterator.from({ next: () => ({ done: false, value: 1 }) }).filter(() => false).next();
//# iterator flatMap of nothing: fuel
Iterator.from({ next: () => ({ done: false, value: 1 }) }).flatMap(() => []).next();
//# iterator drop: fuel
Iterator.from({ next: () => ({ done: false, value: 1 }) }).drop(Infinity).next();
//# map forEach that adds: fuel
const m = new Map([[0, 0]]);
m.forEach((v, k) => { m.delete(k); m.set(k, v); });
//# set for of that adds: fuel
const s = new Set([0]);
for (const x of s) { s.delete(x); s.add(x); }
//# set methods: fuel
new Set([1]).union({ size: 1, has: () => true, keys: () => ({ next: () => ({ value: 1 }) }) });
//# groupBy: fuel
Object.groupBy({ [Symbol.iterator]: () => ({ next: () => ({ value: 1 }) }) }, spin);
//# Object.assign: fuel
Object.assign({}, { get a() { spin(); } });
//# Object.fromEntries: fuel
Object.fromEntries({ [Symbol.iterator]: () => ({ next: () => ({ value: ["a", 1] }) }) });
//# Reflect.apply with an endless list: fuel
Reflect.apply(Math.max, null, { length: 1, get 0() { spin(); } });
//# Function constructor: fuel
new Function({ toString: spin });
//# eval: fuel
eval("for (;;);");
//# eval for ever: fuel
for (;;) eval("1");
//# new Function for ever: fuel
for (;;) new Function("return 1")();
//# class fields: fuel
new class { x = spin(); };
//# class static block: fuel
class S { static { for (;;); } }
//# class heritage: fuel
class H extends (() => { for (;;); })() {}
//# computed member: fuel
({ [(() => { for (;;); })()]: 1 });
//# default parameter: fuel
((x = spin()) => x)();
//# tagged template: fuel
spin`${1}`;
//# tagged template argument: fuel
((...x) => x)`${spin()}`;
//# optional chaining: fuel
({ get a() { spin(); } })?.a?.b;
//# nullish assignment: fuel
({ get a() { spin(); } }).a ??= 1;
//# delete of a getter's: fuel
delete { get a() { spin(); } }.a.b;
//# using: fuel
{ using x = { [Symbol.dispose]: spin }; }
//# await using: fuel
{ await using x = { [Symbol.asyncDispose]: spin }; }
//# DisposableStack: fuel
{ using x = new DisposableStack(); x.defer(spin); }
//# thenable: fuel
await { then: spin };
//# thenables without end: fuel
await { then(resolve) { resolve(this); } };
//# async recursion by promises: fuel
const turn = () => Promise.resolve().then(turn);
turn();
await ever();
//# await in a loop: fuel
for (;;) await null;
//# async generator: fuel
async function* ag() { for (;;) await 1; }
await ag().next();
//# queueMicrotask: fuel
const micro = () => queueMicrotask(micro);
micro();
//# promise executor: fuel
new Promise(spin);
//# Promise.all of an endless one: fuel
Promise.all({ [Symbol.iterator]: () => ({ next: () => ({ value: 1, get done() { spin(); } }) }) });
//# promise then getter: fuel
await { get then() { spin(); } };
//# promise constructor: fuel
const q = Promise.resolve(1);
q.constructor = { get [Symbol.species]() { spin(); } };
q.then();
//# promise finally: fuel
await Promise.reject(1).finally(spin);
//# unhandled rejections without end: fuel
for (;;) { Promise.reject(1).catch(() => {}); await 0; }
//# nothing settles it: deadline | value | error
await ever();
//# setTimeout without end: deadline
const tick = () => setTimeout(tick, 0);
tick();
await new Promise((r) => setTimeout(r, 1e9));
//# setInterval: deadline
setInterval(() => {}, 0);
await new Promise((r) => setTimeout(r, 1e9));
//# setTimeout that spins: fuel
await new Promise(() => setTimeout(spin, 0));
//# setImmediate: fuel | deadline
const { setImmediate } = await import("node:timers");
const soon = () => setImmediate(soon);
soon();
await new Promise((r) => setTimeout(r, 1e9));
//# process.nextTick: fuel
const { default: process } = await import("node:process");
const t = () => process.nextTick(t);
t();
await ever();
//# event dispatch: fuel
const target = new EventTarget();
target.addEventListener("x", spin);
target.dispatchEvent(new Event("x"));
//# events that dispatch: stack | value
const again = new EventTarget();
again.addEventListener("x", () => again.dispatchEvent(new Event("x")));
again.dispatchEvent(new Event("x"));
//# abort listeners: fuel
const c = new AbortController();
c.signal.addEventListener("abort", spin);
c.abort();
//# MessageChannel ping pong: deadline | fuel
const { port1, port2 } = new MessageChannel();
port1.onmessage = (e) => port1.postMessage(0);
port2.onmessage = (e) => port2.postMessage(0);
port1.postMessage(0);
await new Promise((r) => setTimeout(r, 1e9));
//# streams that pull for ever: fuel | deadline
for await (const x of new ReadableStream({ pull: (c) => c.enqueue(1) })) x;
//# stream size function: fuel
new ReadableStream({ start: (c) => c.enqueue(1) }, { highWaterMark: 1, size: spin });
//# pipe without end: fuel | deadline
await new ReadableStream({ pull: (c) => c.enqueue(1) }).pipeTo(new WritableStream());
//# Atomics.wait: deadline
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
//# Atomics.waitAsync: deadline
await Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1e9).value;
//# Atomics spin lock: fuel
for (const a = new Int32Array(new SharedArrayBuffer(4)); !Atomics.load(a, 0););
//# console.log of a getter: fuel
console.log({ get [Symbol.toStringTag]() { spin(); } });
//# console.log of inspect.custom: fuel
console.log({ [Symbol.for("nodejs.util.inspect.custom")]: spin });
//# console.log for ever: fuel
for (;;) console.log("x");
//# console.table of an endless one: fuel
console.table({ [Symbol.iterator]: undefined, get a() { spin(); } });
//# prepareStackTrace: fuel spoils
Error.prepareStackTrace = spin;
new Error("x").stack;
//# stack getter: fuel spoils
Object.defineProperty(Error, "stackTraceLimit", { get: spin, configurable: true });
new Error("x");
spin();
//# message getter when it is thrown: fuel | error
throw { get message() { spin(); }, get stack() { spin(); }, get name() { spin(); } };
//# structuredClone of getters: fuel
structuredClone({ get x() { spin(); } });
//# structuredClone that grows: fuel | memory | stack
structuredClone({ get x() { return { __proto__: null, get x() { spin(); } }; } });
//# URLSearchParams: fuel
new URLSearchParams({ [Symbol.iterator]: () => ({ next: () => ({ value: ["a", "b"], get done() { spin(); } }) }) });
//# TextEncoder: fuel
new TextEncoder().encode({ toString: spin });
//# Intl options: fuel
new Intl.NumberFormat("en", { get style() { spin(); } });
//# Intl locales: fuel
new Intl.Collator({ length: END, get 0() { spin(); } });
//# Date: fuel
new Date({ [Symbol.toPrimitive]: spin });
//# BigInt: fuel
BigInt({ valueOf: spin });
//# parseInt: fuel
parseInt({ toString: spin });
//# WeakRef and finalizers: fuel spoils
const registry = new FinalizationRegistry(spin);
for (;;) { registry.register({}, 1); new WeakRef({}); await 0; }
//# module top level: fuel
await import("data:text/javascript,for(;;);");
//# module top-level await: deadline
await import("data:text/javascript,await new Promise((r) => setTimeout(r, 1e9))");
//# modules without end: fuel | deadline | memory
for (let i = 0;; i++) await import(`data:text/javascript,export default ${i}`);
//# spawned loop: deadline
const { spawn } = await import("rill:task");
await spawn(() => { for (;;); });
//# sleep: deadline
const { sleep } = await import("rill:time");
await sleep(1e9);
//# channel that nobody feeds: deadline
const { channel } = await import("rill:sync");
const [sender, receiver] = channel(1);
for await (const x of receiver) sender.send(x);
//# select without end: deadline
const { select } = await import("rill:task");
await select({ a: () => ever(), b: () => new Promise((r) => setTimeout(r, 1e9)) });
//# glob: value | error
const { matchGlob } = await import("rill:fs");
matchGlob("*a".repeat(30) + "b", "a".repeat(300));
