// SPDX-License-Identifier: MIT
// What fills the memory: the heap's limit ends it with a RangeError, and what
// ran it has memory again afterwards. tests/language/runtime/memory_bombs.js has
// one for each builtin that multiplies its input; here are the kinds of things
// that a program can keep.
function keep(make) {
  for (const all = [];;) all.push(make(all.length));
}
async function keepAsync(make) {
  for (const all = [];;) all.push(await make(all.length));
}
const text = "x".repeat(1 << 16);

//# arrays: memory
keep(() => new Array(1000).fill(0));
//# arrays in globals: memory full
globalThis.kept = [];
for (;;) kept.push(new Array(1000).fill(0));
//# many globals: memory full
for (let i = 0;; i++) globalThis["kept" + i] = new Array(100).fill(i);
//# objects: memory
keep((i) => ({ i }));
//# shapes: memory
keep((i) => ({ ["a" + i]: 1, ["b" + i]: 2 }));
//# dictionaries: memory
keep((i) => { const o = {}; for (let k = 0; k < 1000; k++) o[`k${i}x${k}`] = k; return o; });
//# one large object: memory
for (let o = {}, i = 0;; i++) o["k" + i] = i;
//# names that die: memory | fuel
for (let i = 0; i < 2e5; i++) { const o = {}; o["some random name " + i] = i; }
keep(() => new Array(1000).fill(0));
//# symbols: memory
keep((i) => Symbol("s" + i));
//# registered symbols: memory
keep((i) => Symbol.for("s" + i + text.slice(0, 200)));
//# strings: memory
keep((i) => (text + i).toUpperCase());
//# string doubling: memory | RangeError
for (let s = "x";;) { s += s; s.at(0); }
//# string doubling by repeat: memory | RangeError
for (let s = "x";;) s = s.repeat(2);
//# string doubling by concat: memory | RangeError
for (let s = "xy";;) { s = s.concat(s); s.at(1); }
//# string doubling by join: memory | RangeError
for (let s = "x";;) s = [s, s].join("-");
//# string doubling by template: memory | RangeError
for (let s = "x";;) { s = `${s}${s}`; s.at(0); }
//# string doubling by padStart: memory | RangeError
for (let s = "x";;) s = s.padStart(s.length * 2, "ab");
//# string doubling by padEnd: memory | RangeError
for (let s = "x";;) s = s.padEnd(s.length * 2, s);
//# string doubling by replaceAll: memory | RangeError
for (let s = "x";;) s = s.replaceAll("x", "xx");
//# string doubling by replace: memory | RangeError
for (let s = "x";;) s = s.replace(/x+/g, "$&$&");
//# string doubling by split and join: memory | RangeError
for (let s = "xy";;) s = s.split("").join("xx");
//# string doubling by JSON: memory | RangeError
for (let s = "\\";;) s = JSON.stringify(s);
//# string doubling by escape: memory | RangeError
for (let s = "%";;) s = encodeURIComponent(s + s);
//# string doubling by raw: memory | RangeError
for (let s = "x";;) s = String.raw({ raw: [s, s] }, s);
//# string doubling by toWellFormed: memory | RangeError
for (let s = "\ud800";;) s = (s + s).toWellFormed();
//# string doubling by normalize: memory | RangeError
for (let s = "\ufdfa";;) s = (s + s).normalize("NFKD");
//# string doubling by upper case: memory | RangeError
for (let s = "\u0390";;) s = (s + s).toUpperCase();
//# string doubling by Function: memory | RangeError | SyntaxError
for (let s = "1;";;) { s += s; new Function(s); }
//# string doubling by String.fromCharCode: memory | RangeError | stack
for (let s = [65];;) { s = [...s, ...s]; String.fromCharCode(...s); }
//# ropes that are flattened: memory | RangeError
let rope = "abcdefghijklmnop";
keep((i) => { rope += rope.slice(0, 100000); return rope.charCodeAt(i) + rope.slice(i); });
//# ropes that are not: memory | RangeError
for (let s = "x", i = 0;; i++) s = s + "abcdefghijklmnop" + i;
//# ropes of ropes of ropes: memory | RangeError | value
let r = "x".repeat(20);
for (let i = 0; i < 100; i++) { r = r + r; if (r.length > 2 ** 28) break; }
r.charCodeAt(7);
//# rope as a property name: memory | RangeError
let name = "x".repeat(20);
for (;;) { name += name; ({})[name]; }
//# rope as a Map key: memory | RangeError
let mk = "x".repeat(20);
for (const m = new Map();;) { mk += mk; m.set(mk, mk); }
//# typed arrays: memory
keep(() => new Uint8Array(10000));
//# empty buffers: memory
keep(() => new ArrayBuffer(0));
//# buffers of a byte: memory
keep(() => new ArrayBuffer(1));
//# one buffer: memory | RangeError
new ArrayBuffer(2 ** 40);
//# buffers of what is left: memory
for (let n = 2 ** 30, all = []; ; ) { try { all.push(new ArrayBuffer(n)); } catch (e) { if (n < 16) throw e; n >>= 1; } }
//# resizable buffers: memory | RangeError
keep(() => { const b = new ArrayBuffer(1, { maxByteLength: 1 << 20 }); b.resize(1 << 20); return b; });
//# reserved address space: memory | RangeError
keep(() => new ArrayBuffer(0, { maxByteLength: 2 ** 32 }));
//# growable shared buffers: memory | RangeError
keep(() => { const b = new SharedArrayBuffer(1, { maxByteLength: 1 << 20 }); b.grow(1 << 20); return b; });
//# reserved shared address space: memory | RangeError unsanitized
keep(() => new SharedArrayBuffer(0, { maxByteLength: 2 ** 32 }));
//# DataViews: memory
const b = new ArrayBuffer(8);
keep(() => new DataView(b));
//# WebAssembly-sized typed array: memory | RangeError
new Float64Array(2 ** 30);
//# maps: memory
keep((i) => new Map([[i, i]]));
//# one map: memory
for (let m = new Map(), i = 0;; i++) m.set(i, i);
//# one set: memory
for (let s = new Set(), i = 0;; i++) s.add("k" + i);
//# WeakMaps: memory
const keys = [];
for (let w = new WeakMap();;) { const k = {}; keys.push(k); w.set(k, [k]); }
//# WeakRefs: memory
keep(() => new WeakRef({}));
//# finalization cells: memory
const registry = new FinalizationRegistry(() => {});
const held = [];
for (let i = 0;; i++) { const o = {}; held.push(o); registry.register(o, text.slice(i % 100), o); }
//# finalization cells of the dead: memory | value
const dead = new FinalizationRegistry(() => {});
for (let i = 0; i < 200000; i++) dead.register({}, { i });
//# closures: memory
keep((i) => () => i);
//# bound functions: memory
keep((i) => keep.bind(i, i));
//# classes: memory
keep((i) => class { #x = i; static y = i; m() {} });
//# functions of text: memory
keep((i) => new Function("a", "return a + " + i));
//# evals: memory
keep((i) => eval(`(function f${i}() { return "${text.slice(0, 300)}${i}" })`));
//# templates: memory
keep((i) => eval("((t) => t)`a" + i + "${1}b`"));
//# regexps: memory
keep((i) => { const r = new RegExp("(a{30}|c)b" + i); r.test("a"); return r; });
//# large regexps: memory | SyntaxError
keep((i) => new RegExp("(?:" + "[a-z]{3,9}".repeat(500) + ")" + i));
//# results of matches: memory
keep(() => /(x)(x)(?<n>x)/d.exec(text));
//# generators: memory
keep((i) => { const g = (function* () { const a = [i]; yield a; yield g; })(); g.next(); return g; });
//# async functions: memory
keep(() => (async () => { const a = new Array(100).fill(0); await new Promise(() => {}); return a; })());
//# async generators: memory
keep(() => { const g = (async function* () { yield 1; })(); g.next(); return g; });
//# requests of an async generator: memory
const ag = (async function* () { await new Promise(() => {}); })();
for (;;) ag.next({});
//# promises: memory
keep(() => new Promise(() => {}));
//# reactions of one promise: memory full
const pending = new Promise(() => {});
for (;;) pending.then(() => {});
//# chains of promises: memory
for (let p = Promise.resolve();;) p = p.then(() => {});
//# microtasks: memory
for (;;) queueMicrotask(() => {});
//# microtasks that make two: deadline | memory
const two = () => { queueMicrotask(two); queueMicrotask(two); };
two();
await new Promise(() => {});
//# unhandled rejections: memory | number | error
for (;;) Promise.reject(1);
//# awaits: deadline | memory
const busy = async () => { await 0; busy(); busy(); };
busy();
await new Promise(() => {});
//# nextTicks: memory full
const { default: process } = await import("node:process");
for (;;) process.nextTick(() => {});
//# timers: memory full
for (;;) setTimeout(() => {}, 1e9);
//# intervals: memory full
for (;;) setInterval(() => {}, 1e9);
//# immediates: memory full
const { setImmediate } = await import("node:timers");
for (;;) setImmediate(() => {});
//# sleeps: memory full
const { sleep } = await import("rill:time");
for (;;) sleep(1e9);
//# errors: memory
keep((i) => new Error("x" + i));
//# errors with long stacks: memory spoils
Error.stackTraceLimit = 1000;
keep((i) => (function f(n) { return n ? f(n - 1) : new Error("x"); })(200).stack);
//# errors with long messages: memory | RangeError
for (let e = new Error("x");;) e = new Error(e.message + e.stack);
//# BigInts: memory
keep((i) => (1n << 10000n) + BigInt(i));
//# BigInt doubling: memory | RangeError
for (let n = 3n;;) n *= n;
//# BigInt power: memory | RangeError
2n ** (2n ** 40n);
//# BigInt shift: memory | RangeError
1n << (2n ** 40n);
//# BigInt factorial: memory | RangeError
for (let n = 1n, i = 1n;; i++) n = n * n * i + 1n;
//# BigInt of text: memory | RangeError
for (let s = "9";;) { s += s; BigInt(s); }
//# dates: memory
keep((i) => new Date(i));
//# proxies: memory
keep(() => new Proxy({}, {}));
//# arguments: memory
keep(function () { return arguments; });
//# iterators: memory
const list = [1];
keep(() => list[Symbol.iterator]());
//# iterator helpers: memory full
let helper = [1].values();
for (;;) helper = helper.map((x) => x);
//# symbols as properties: memory
for (const o = {};;) o[Symbol()] = 1;
//# accessors: memory
for (let o = {}, i = 0;; i++) Object.defineProperty(o, "a" + i, { get: () => i });
//# sparse arrays: memory
for (let a = [], i = 0;; i += 1000) a[i % 4e9] = i;
//# arrays of arrays of arrays: memory
for (let a = [];;) a = [a, a, new Array(100).fill(a)];
//# array doubling: memory
for (let a = [1.5];;) a.push(...a.slice(0, 50000));
//# array doubling by concat: memory
for (let a = [1];;) a = a.concat(a);
//# array doubling by flatMap: memory
for (let a = new Array(1e5).fill(1);;) a = a.flatMap((x) => [x, x]);
//# array doubling by splice: memory
for (let a = [1, 2];;) a.splice(1, 0, ...a.slice(0, 50000));
//# array doubling by unshift: memory
for (let a = [1];;) a.unshift(...a.slice(0, 50000));
//# array length: memory | value
const sparse = [];
sparse.length = 2 ** 32 - 1;
sparse.fill(0);
//# Array.from a length: memory
Array.from({ length: 2 ** 32 - 1 }, () => 1);
//# keys of an array: memory
const kl = new Array(1e6).fill(0);
keep(() => Object.keys(kl));
//# entries: memory
const el = new Array(1e5).fill(0);
keep(() => Object.entries(el));
//# descriptors: memory
const dl = new Array(1e5).fill(0);
keep(() => Object.getOwnPropertyDescriptors(dl));
//# JSON.parse: memory
const json = "[" + "{},".repeat(1 << 16) + "1]";
keep(() => JSON.parse(json));
//# JSON.stringify of a shared graph: memory | RangeError
let graph = ["x"];
for (let i = 0; i < 60; i++) graph = [graph, graph];
JSON.stringify(graph);
//# toString of a shared graph: memory | RangeError
let shared = ["x"];
for (let i = 0; i < 60; i++) shared = [shared, shared, text];
String(shared);
//# inspect of a shared graph: memory | RangeError | fuel | value
let ig = ["x"];
for (let i = 0; i < 60; i++) ig = [ig, ig];
const { inspect } = await import("node:util");
inspect(ig, { depth: 18 }).length;
//# flat of a shared graph: memory | RangeError
let fg = ["x"];
for (let i = 0; i < 60; i++) fg = [fg, fg];
fg.flat(Infinity);
//# structuredClone: memory
const cl = new Array(10000).fill("x");
keep(() => structuredClone(cl));
//# console.log: value
for (let i = 0; i < 2000; i++) console.log(text);
//# console groups: value | memory spoils
for (let i = 0; i < 100000; i++) console.group();
console.log("x");
//# console counters and timers: memory
for (let i = 0;; i++) { console.count("c" + i); console.time("t" + i); }
//# URLs: memory
keep((i) => new URL("http://a/" + text + i));
//# URLSearchParams: memory
const params = new URLSearchParams();
for (let i = 0;; i++) params.append("a" + i, text);
//# headers: deadline | memory | error
const headers = new Headers();
for (let i = 0;; i++) headers.append("a" + i, text);
//# FormData: memory
const form = new FormData();
for (let i = 0;; i++) form.append("a" + i, text);
//# Blobs: memory
keep(() => new Blob([text]));
//# Blob doubling: memory | RangeError
for (let b = new Blob(["x"]);;) { b = new Blob([b, b]); await b.slice(0, 1).text(); if (b.size > 2 ** 30) await b.text(); }
//# encoders: memory
keep(() => new TextEncoder().encode(text));
//# decoders: memory
keep(() => new TextDecoder("utf-16le"));
//# text decoding: memory
const bytes = new Uint8Array(1 << 16);
keep(() => new TextDecoder().decode(bytes));
//# base64: memory | RangeError
for (let s = "x";;) s = btoa(s + s);
//# events: memory
keep(() => new Event("x"));
//# listeners: deadline | memory | error
const target = new EventTarget();
for (;;) target.addEventListener("x", () => {});
//# abort signals: memory full
const controller = new AbortController();
keep(() => AbortSignal.any([controller.signal]));
//# abort timeouts: memory full
keep(() => AbortSignal.timeout(1e9));
//# MessageChannels: memory | error
keep(() => new MessageChannel());
//# postMessage: memory full
const { port1, port2 } = new MessageChannel();
for (;;) port1.postMessage(text);
//# postMessage of buffers: memory full
const channel = new MessageChannel();
for (;;) channel.port1.postMessage(new ArrayBuffer(1 << 16));
//# BroadcastChannel: memory full
const one = new BroadcastChannel("memory"), other = new BroadcastChannel("memory");
other.onmessage = () => {};
for (;;) one.postMessage(text);
//# BroadcastChannels: memory full
keep((i) => new BroadcastChannel("memory" + i));
//# streams: memory
keep(() => new ReadableStream({ pull() {} }));
//# a stream's queue: memory
new ReadableStream({ start(c) { for (;;) c.enqueue(new Uint8Array(1000)); } });
//# a byte stream's queue: memory
new ReadableStream({ type: "bytes", start(c) { for (;;) c.enqueue(new Uint8Array(1000)); } });
//# a writable stream's queue: memory
const writer = new WritableStream({ write: () => new Promise(() => {}) }).getWriter();
for (;;) writer.write(new Uint8Array(1000)).catch(() => {});
//# a tee that one side reads: memory
const [left, right] = new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(10000)) }).tee();
for await (const x of left) x;
//# compression: memory | value
const big = new Blob([new Uint8Array(1 << 20)]);
await keepAsync(async () => new Response(big.stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer().then(() => new Array(10000).fill(0)));
//# decompression bomb: memory | TypeError
const zlib = await import("node:zlib");
let bomb = zlib.gzipSync(new Uint8Array(1 << 20));
const whole = Buffer.concat(new Array(100).fill(bomb));
await new Response(new Blob([whole]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
//# decompression bomb at once: memory | RangeError
const { gzipSync, gunzipSync } = await import("node:zlib");
gunzipSync(Buffer.concat(new Array(100).fill(gzipSync(new Uint8Array(1 << 20)))), { maxOutputLength: 2 ** 40 }).length;
//# Buffers: memory
const { Buffer: B } = await import("node:buffer");
keep(() => B.alloc(10000));
//# Buffer.concat: memory | RangeError
const { Buffer: C } = await import("node:buffer");
for (let b = C.from("x");;) b = C.concat([b, b]);
//# Buffer pool: memory
const { Buffer: D } = await import("node:buffer");
keep(() => D.from("x"));
//# Buffer.fill of a huge one: memory | RangeError
const { Buffer: E } = await import("node:buffer");
E.alloc(2 ** 40);
//# hashes: memory
const { createHash } = await import("node:crypto");
keep(() => createHash("sha256"));
//# random bytes: memory | RangeError
const { randomBytes } = await import("node:crypto");
keep(() => randomBytes(10000));
//# digests: deadline | memory | error
await keepAsync(() => crypto.subtle.digest("SHA-256", new Uint8Array(1000)));
//# event emitters: memory
const { default: EventEmitter } = await import("node:events");
keep(() => new EventEmitter().on("x", () => {}));
//# node streams: memory
const { PassThrough } = await import("node:stream");
const pass = new PassThrough();
for (;;) pass.write(new Uint8Array(1000));
//# AsyncLocalStorage: memory
const { AsyncLocalStorage } = await import("node:async_hooks");
keep((i) => new AsyncLocalStorage().run(i, () => Promise.resolve(i)));
//# contexts: memory
const vm = await import("node:vm");
keep(() => vm.createContext({}));
//# scripts: memory
const { Script } = await import("node:vm");
keep((i) => new Script("a" + i));
//# realms' globals: memory
const { runInNewContext } = await import("node:vm");
keep((i) => runInNewContext("new Array(100).fill(" + i + ")"));
//# modules: memory full
for (let i = 0;; i++) await import(`data:text/javascript,export default "${text.slice(0, 1000)}${i}"`);
//# Intl.NumberFormat: memory
keep(() => { const f = new Intl.NumberFormat("de"); f.format(1); return f; });
//# Intl.DateTimeFormat: memory
keep(() => { const f = new Intl.DateTimeFormat("de"); f.format(1); return f; });
//# Intl.Collator: memory
keep(() => { const f = new Intl.Collator("de"); f.compare("a", "b"); return f; });
//# Intl.PluralRules: memory
keep(() => { const f = new Intl.PluralRules("de"); f.select(1); return f; });
//# Intl.Segmenter: memory
keep(() => { const f = new Intl.Segmenter("de").segment(text)[Symbol.iterator](); f.next(); return f; });
//# Intl.ListFormat: memory
keep(() => { const f = new Intl.ListFormat("de"); f.format(["a", "b"]); return f; });
//# Intl.RelativeTimeFormat: memory
keep(() => { const f = new Intl.RelativeTimeFormat("de"); f.format(1, "day"); return f; });
//# Intl.DisplayNames: memory
keep(() => { const f = new Intl.DisplayNames("de", { type: "region" }); f.of("DE"); return f; });
//# channels: memory
const { channel } = await import("rill:sync");
keep(() => channel(1000));
//# a channel's queue: deadline | memory full
const { channel: c2 } = await import("rill:sync");
const [sender] = c2();
for (;;) sender.send(text);
//# broadcast: memory | value
const sync = await import("rill:sync");
keep(() => sync.broadcast(1000));
//# watches, mutexes, semaphores: deadline | memory | error
const { watch, Mutex, Semaphore, Notify } = await import("rill:sync");
keep(() => [watch(text), new Mutex(), new Semaphore(1), new Notify()]);
//# waiters of a mutex: memory full
const { Mutex: M } = await import("rill:sync");
const mutex = new M();
for (;;) mutex.lock();
//# spawned functions: memory | error full
const { spawn } = await import("rill:task");
keep(() => spawn(() => new Promise(() => {})));
//# results of spawned functions: memory | error
const { spawn: sp } = await import("rill:task");
await keepAsync(() => sp(() => new Array(10000).fill(0)));
//# spawned bombs: memory
const { spawn: sb } = await import("rill:task");
await sb(() => { for (const all = [];;) all.push(new Array(1000).fill(0)); });
//# pools: deadline | memory | error
const { Pool } = await import("rill:pool");
keep(() => new Pool({ workers: 1 }));
//# a pool's queue: memory | error full
const { Pool: P } = await import("rill:pool");
const pool = new P({ workers: 1, queueLimit: 1e9 });
for (;;) pool.evaluate("for (;;);", { timeout: 100 }).catch(() => {});
//# bombs in a pool: memory | RangeError
const { Pool: Q } = await import("rill:pool");
await using inner = new Q({ workers: 1, memory: 16 << 20 });
await inner.evaluate("const all = []; for (;;) all.push(new Array(1000).fill(0));");
//# workers: memory | error
keep(() => new Worker("data:text/javascript,setInterval(() => {}, 1e6)"));
//# a limit that is caught again and again: fuel | value
for (let i = 0; i < 20; i++) try { keep(() => new Array(1000).fill(0)); } catch (e) { if (e.message !== "Out of memory") throw e; }
//# a limit that is caught with everything kept: memory
const everything = [];
for (;;) try { for (;;) everything.push(new Array(1000).fill(0)); } catch (e) { for (let i = 0; i < 1000; i++) { everything.push({}); } throw e; }
//# a limit in a finally: memory
const more = [];
try { for (;;) more.push(new Array(1000).fill(0)); } finally { for (;;) more.push({}); }
//# a limit in a job: memory
await Promise.resolve().then(() => keep(() => new Array(1000).fill(0)));
//# a limit in a timer: memory | error
await new Promise((_, reject) => setTimeout(() => { try { keep(() => [1, 2, 3]); } catch (e) { reject(e); } }));
//# a limit in a getter of an error: memory | error
throw { get message() { keep(() => [1, 2, 3]); }, get stack() { keep(() => [1, 2, 3]); } };
//# a limit in toString of an error: memory | error
throw { toString() { keep(() => [1, 2, 3]); } };
//# a limit in a finalizer: deadline | memory | value spoils
const fr = new FinalizationRegistry(() => keep(() => [1, 2, 3]));
for (let i = 0; i < 100000; i++) fr.register({}, i);
await new Promise((r) => setTimeout(r, 5));
//# an exception that is large: error
throw new Array(1e6).fill("x");
//# a result that is large: value | memory
return new Array(1e6).fill(1.5);
//# a result whose getter fills the memory: value | memory
return { get x() { keep(() => [1, 2, 3]); } };
