// SPDX-License-Identifier: MIT
// Clones of what has no end, no bottom, or more than it shows: structuredClone,
// messages, spawned functions, arguments and results of pools, channels.
const nest = (make, value, n) => { for (let i = 0; i < n; i++) value = make(value); return value; };
const check = (condition, what) => { if (!condition) throw new EvalError(what); };
const bomb = () => nest((a) => [a, a, { a, b: a }], "x", 25);

//# shared graph: value
const g = structuredClone(bomb());
check(g[0] === g[1] && g[2].a === g[0], "not shared");
//# shared strings: value
const s = "x".repeat(1 << 16);
structuredClone(new Array(100).fill(s));
//# strings by the thousand: memory | value
const t = "x".repeat(1 << 16);
structuredClone(Array.from({ length: 1000 }, (_, i) => t + i));
//# deep: value | stack | error
structuredClone(nest((a) => [a], 1, 1000000));
//# deep, by each kind: value | stack | memory | error
for (const make of [(a) => [a], (a) => ({ a }), (a) => new Map([[a, 1]]), (a) => new Map([[1, a]]), (a) => new Set([a]), (cause) => new Error("x", { cause }), (a) => Object.assign([], { a }), (a) => new AggregateError([a])]) structuredClone(nest(make, 1, 10000));
//# sparse: value
const sp = [1];
sp.length = 2 ** 32 - 1;
sp[4e9] = 2;
check(structuredClone(sp)[4e9] === 2, "lost");
//# sparse arrays by the thousand: value | memory
structuredClone(Array.from({ length: 1000 }, () => { const a = []; a.length = 2 ** 32 - 1; return a; }));
//# sparse, filled by a getter: value | memory
const sg = [];
Object.defineProperty(sg, 5, { get() { sg.length = 2 ** 32 - 1; sg[4e9] = 1; return 1; }, enumerable: true });
structuredClone(sg);
//# map that holds itself: value
const m = new Map();
m.set(m, m);
const mc = structuredClone(m);
check(mc.get(mc) === mc, "map");
//# set that holds itself: value
const st = new Set();
st.add(st).add(m0 => 0);
st.clear();
st.add(st);
check(structuredClone(st).size === 1, "set");
//# everything that holds everything: value
const all = [{}, [], new Map(), new Set(), new Error("x")];
for (const x of all) { x.all = all; x.set?.(x, all); x.add?.(all); }
structuredClone(all);
//# getters that grow: fuel | stack | memory
const grow = () => ({ get a() { return grow(); }, get b() { return grow(); } });
structuredClone(grow());
//# getters that add properties: value | memory | fuel
const ga = { get a() { for (let i = 0; i < 100; i++) Object.defineProperty(ga, "x" + i + Math.random(), { get: () => 1, enumerable: true }); return 1; } };
structuredClone(ga);
//# map that grows by a getter: value
const mg = new Map([[{ get a() { for (let i = 0; i < 1000; i++) mg.set(i, i); return 1; } }, 1]]);
check(structuredClone(mg).size === 1, "grew");
//# transfers twice: DataCloneError
const b1 = new ArrayBuffer(8);
structuredClone(b1, { transfer: [b1, b1] });
//# transfers what is detached: DataCloneError
const b2 = new ArrayBuffer(8);
structuredClone(b2, { transfer: [b2] });
structuredClone(1, { transfer: [b2] });
//# transfers without end: fuel | memory
structuredClone(1, { transfer: { *[Symbol.iterator]() { for (;;) yield new ArrayBuffer(8); } } });
//# transfers by the hundred thousand: value | memory
const many = Array.from({ length: 50000 }, () => new ArrayBuffer(8));
structuredClone(many, { transfer: many });
//# transfers shared memory: DataCloneError
const sab = new SharedArrayBuffer(8);
structuredClone(sab, { transfer: [sab] });
//# transfers what is no object: TypeError | DataCloneError
structuredClone(1, { transfer: [1] });
//# transfers a proxy: DataCloneError | TypeError
structuredClone(1, { transfer: [new Proxy(new ArrayBuffer(8), {})] });
//# transfers ports by the thousand: value | memory | error
for (let i = 0; i < 1000; i++) { const { port1, port2 } = new MessageChannel(); structuredClone(port1, { transfer: [port1] }).close(); port2.close(); }
//# a port through itself: error
const mc2 = new MessageChannel();
mc2.port1.postMessage(mc2.port2, [mc2.port2]);
mc2.port1.postMessage(1, [mc2.port1]);
//# shared memory by the thousand: value
const shared = new SharedArrayBuffer(8);
const copies = structuredClone(Array.from({ length: 10000 }, (_, i) => new Uint8Array(shared, i % 8)));
check(copies[0].buffer === copies[9999].buffer, "not shared");
//# shared memory in a loop: memory | value
let last = new SharedArrayBuffer(1 << 16);
for (let i = 0; i < 2000; i++) structuredClone(last);
//# huge buffers: memory | RangeError | value
structuredClone(Array.from({ length: 20 }, () => new ArrayBuffer(1 << 20)));
//# views of one buffer: value
const vb = new ArrayBuffer(1 << 16);
structuredClone(Array.from({ length: 1000 }, (_, i) => new Uint8Array(vb, i)));
//# what cannot be cloned, deep: DataCloneError | stack
structuredClone(nest((a) => ({ a }), () => {}, 5000));
//# what cannot be cloned, deeper than a message: DataCloneError | stack
structuredClone(nest((a) => ({ ["k".repeat(1000)]: a }), Symbol(), 1000));
//# what cannot be cloned, wide: DataCloneError
structuredClone(Array.from({ length: 1e5 }, (_, i) => i === 99999 ? () => {} : i));
//# proxies: DataCloneError
structuredClone({ a: [new Proxy({}, {})] });
//# getters that throw: TypeError
structuredClone({ a: new ArrayBuffer(10), get b() { throw new TypeError("x"); } });
//# errors with strange members: value | error
const er = new Error("x");
Object.defineProperty(er, "message", { get() { return er; } });
Object.defineProperty(er, "name", { get() { return { toString() { return "TypeError"; } }; } });
Object.defineProperty(er, "stack", { get() { for (let i = 0; i < 1000; i++) er["x" + i] = 1; return {}; } });
er.cause = er;
structuredClone(er);
//# regexps with strange members: value
const re = /a/g;
re.lastIndex = 5;
Object.defineProperty(re, "source", { get() { throw 1; } });
Object.setPrototypeOf(re, null);
check(structuredClone(re).lastIndex === 0, "lastIndex");
//# prototypes of the copies replaced: value
const op = Object.prototype;
Object.defineProperty(op, "hostile", { set() { throw new Error("called"); }, get() { throw new Error("called"); }, configurable: true });
try { structuredClone({ hostile: 1, a: [{ hostile: 2 }] }); } finally { delete op.hostile; }
//# __proto__ as a name: value
const pr = JSON.parse('{"__proto__": {"x": 1}, "a": 1}');
check(Object.getPrototypeOf(structuredClone(pr)) === Object.prototype, "prototype");
//# boxed and strange primitives: value
structuredClone([Object(1), Object("x".repeat(100000)), Object(1n << 100000n), Object(true), -0, NaN, new Date(NaN), 1n << 100000n]);
//# long names: value | memory
structuredClone({ ["x".repeat(1 << 20)]: 1 });
//# many names: value | memory
structuredClone(Object.fromEntries(Array.from({ length: 50000 }, (_, i) => ["n" + i, i])));
//# Blobs of Blobs: value
const blob = nest((b) => new Blob([b, b]), new Blob(["x"]), 16);
await structuredClone(blob).slice(0, 2).text();
//# streams that are transferred: value | error
const rs = new ReadableStream({ pull(c) { c.enqueue(1); } });
const moved = structuredClone(rs, { transfer: [rs] });
await moved.getReader().read();
//# streams that are transferred while locked: error
const lk = new ReadableStream();
lk.getReader();
structuredClone(lk, { transfer: [lk] });

//# postMessage of bombs: value
const { port1, port2 } = new MessageChannel();
for (let i = 0; i < 10; i++) port1.postMessage(bomb());
await new Promise((r) => { let n = 0; port2.onmessage = () => { if (++n === 10) r(); }; });
port1.close();
//# postMessage of what cannot be cloned: DataCloneError
new MessageChannel().port1.postMessage({ a: { b: () => {} } });
//# postMessage of deep ones: value | stack | error
const deep = new MessageChannel();
deep.port1.postMessage(nest((a) => [a], 1, 100000));
await new Promise((r) => { deep.port2.onmessage = deep.port2.onmessageerror = r; });
deep.port1.close();
//# BroadcastChannel of bombs: value
const bc = new BroadcastChannel("clones"), bd = new BroadcastChannel("clones");
const heard = new Promise((r) => { bd.onmessage = r; });
bc.postMessage(bomb());
await heard;
bc.close(), bd.close();

//# spawn captures a bomb: value
const { spawn } = await import("rill:task");
const captured = bomb();
check(await spawn(() => captured.length) === 3, "captured");
//# spawn captures a deep one: value | stack | error
const { spawn: s1 } = await import("rill:task");
const low = nest((a) => ({ a }), 1, 100000);
await s1(() => low.a !== 1);
//# spawn captures a circle: value
const { spawn: s2 } = await import("rill:task");
const circle = { get me() { return 1; } };
const ring = { ring: null, fn: () => ring };
ring.ring = ring;
await s2(() => ring.fn().ring === ring);
//# spawn captures a chain of functions: value | stack | error
const { spawn: s3 } = await import("rill:task");
const chain = nest((f) => () => f(), () => 1, 2000);
await s3(chain);
//# spawn captures a very long chain of functions: value | stack | error
const { spawn: s4 } = await import("rill:task");
const longer = nest((f) => () => f(), () => 1, 100000);
await s4(() => typeof longer);
//# spawn captures deep classes: value | stack | error
const { spawn: s5 } = await import("rill:task");
const D = nest((C) => class extends C {}, class {}, 2000);
await s5(() => { new D(); });
//# spawn captures a proxy: error
const { spawn: s6 } = await import("rill:task");
const px = new Proxy({}, {});
await s6(() => px);
//# spawn captures what throws: error | value
const { spawn: s7 } = await import("rill:task");
const thrower = { get x() { throw new TypeError("x"); } };
await s7(() => Object.keys(thrower));
//# spawn returns a bomb: value
const { spawn: r1 } = await import("rill:task");
const returned = await r1(() => { let a = "x"; for (let i = 0; i < 25; i++) a = [a, a]; return a; });
check(returned[0] === returned[1], "not shared");
//# spawn returns a deep one: value | stack | error
const { spawn: r2 } = await import("rill:task");
await r2(() => { let a = 1; for (let i = 0; i < 200000; i++) a = [a]; return a; });
//# spawn returns more than there is room for: memory | error
const { spawn: r3 } = await import("rill:task");
await r3(() => new Array(3e6).fill(1.5));
await r3(() => Array.from({ length: 2000 }, (_, i) => "x".repeat(30000) + i));
//# spawn returns what cannot be cloned: error
const { spawn: r4 } = await import("rill:task");
await r4(() => new Proxy({}, {}));
//# spawn throws a bomb: error
const { spawn: r5 } = await import("rill:task");
await r5(() => { let a = "x"; for (let i = 0; i < 25; i++) a = [a, a]; throw a; });
//# spawn throws what cannot be cloned: error
const { spawn: r6 } = await import("rill:task");
await r6(() => { throw { get x() { throw 1; }, f() {} }; });
//# spawn throws deep causes: error
const { spawn: r7 } = await import("rill:task");
await r7(() => { let e = new Error("x"); for (let i = 0; i < 20000; i++) e = new Error("x", { cause: e }); throw e; });
//# spawn returns a getter without end: deadline
const { spawn: r8 } = await import("rill:task");
await r8(() => ({ get x() { for (;;); } }));
//# spawn changes the prototypes there: value
const { spawn: r9 } = await import("rill:task");
for (let i = 0; i < 4; i++) await r9(() => { Array.prototype.x = 1; Object.defineProperty(Object.prototype, "then", { get() { return undefined; }, configurable: true }); return 1; });

//# pool arguments that are a bomb: value
const { Pool } = await import("rill:pool");
await using p1 = new Pool({ workers: 1 });
check(await p1.evaluate("(a) => a.length", { arguments: [bomb()] }) === 3, "arguments");
//# pool arguments that are deep: value | stack | error
const { Pool: P2 } = await import("rill:pool");
await using p2 = new P2({ workers: 1 });
let threw;
try { await p2.evaluate("(a) => 1", { arguments: [nest((a) => [a], 1, 200000)] }); } catch (e) { threw = e; }
check(await p2.evaluate("1 + 1") === 2, "not usable");
if (threw) throw threw;
//# pool arguments that cannot be cloned: error
const { Pool: P3 } = await import("rill:pool");
await using p3 = new P3({ workers: 1 });
await p3.evaluate("(a) => 1", { arguments: [new Proxy({}, {})] });
//# pool arguments larger than its memory: memory | error
const { Pool: P4 } = await import("rill:pool");
await using p4 = new P4({ workers: 1, memory: 4 << 20 });
let full;
try { await p4.evaluate("(a) => a.length", { arguments: [new Array(1e6).fill(1.5)] }); } catch (e) { full = e; }
check(await p4.evaluate("1 + 1") === 2, "not usable");
throw full;
//# pool results that are a bomb: value
const { Pool: P5 } = await import("rill:pool");
await using p5 = new P5({ workers: 1 });
const result = await p5.evaluate("let a = 'x'; for (let i = 0; i < 25; i++) a = [a, a]; a");
check(result[0] === result[1], "not shared");
//# pool results that are deep: value | stack | error
const { Pool: P6 } = await import("rill:pool");
await using p6 = new P6({ workers: 1 });
let low6;
try { await p6.evaluate("let a = 1; for (let i = 0; i < 200000; i++) a = [a]; a"); } catch (e) { low6 = e; }
check(await p6.evaluate("1 + 1") === 2, "not usable");
if (low6) throw low6;
//# pool results with getters without end: error
const { Pool: P7 } = await import("rill:pool");
await using p7 = new P7({ workers: 1, timeout: 20 });
let end7;
try { await p7.evaluate("({ get x() { for (;;); } })"); } catch (e) { end7 = e; }
check(end7.isTimeout, "no timeout");
check(await p7.evaluate("1 + 1", { timeout: 60000 }) === 2, "not usable");
throw end7;
//# pool results that cannot be cloned: error
const { Pool: P8 } = await import("rill:pool");
await using p8 = new P8({ workers: 1 });
await p8.evaluate("({ a: { b: () => {} } })");
//# pool throws what cannot be cloned: error
const { Pool: P9 } = await import("rill:pool");
await using p9 = new P9({ workers: 1 });
await p9.evaluate("throw { f() {}, get x() { throw 1; } }");
//# pool throws deep causes: error
const { Pool: Q1 } = await import("rill:pool");
await using q1 = new Q1({ workers: 1 });
await q1.evaluate("let e = new Error('x'); for (let i = 0; i < 20000; i++) e = new Error('x', { cause: e }); throw e");
//# pool throws with getters without end: error
const { Pool: Q2 } = await import("rill:pool");
await using q2 = new Q2({ workers: 1, timeout: 20 });
await q2.evaluate("throw { get message() { for (;;); }, get name() { for (;;); }, get stack() { for (;;); }, toString() { for (;;); } }");
//# pool functions that capture bombs: value
const { Pool: Q3 } = await import("rill:pool");
await using q3 = new Q3({ workers: 1 });
const inside = bomb();
check(await q3.call((n) => inside.length + n, [1]) === 4, "captured");
//# pool batch of everything hostile: value
const { Pool: Q4 } = await import("rill:pool");
await using q4 = new Q4({ workers: 2, timeout: 20, memory: 8 << 20 });
const ends = await q4.batch(["for (;;);", "(function f() { f(); })()", "const all = []; for (;;) all.push(new Array(1000).fill(0));", "/^(a|aa|b\\1)*\\1c$/.test('a'.repeat(80) + 'cx')", "throw 1", "await new Promise(() => {})", "({ get x() { for (;;); } })", "new Proxy({}, {})"]);
check(ends.every((e) => e.status === "rejected"), JSON.stringify(ends));
check((await q4.batch(["1 + 1", "2 + 2"], { timeout: 60000 })).every((e) => e.status === "fulfilled"), "not usable");
//# pool that is closed by what it runs: value | error
const { Pool: Q5 } = await import("rill:pool");
const q5 = new Q5({ workers: 1 });
const running = q5.evaluate("for (;;);").catch((e) => e);
await q5.close();
check((await running).isCancelled, "not cancelled");
//# channels of bombs: value | error
const { channel } = await import("rill:sync");
const [sender, receiver] = channel(4);
await sender.send(bomb());
for await (const x of receiver) { check(x.length === 3, "sent"); break; }
//# channels of deep ones: value | stack | error
const { channel: c2 } = await import("rill:sync");
const [s2, r2] = c2(4);
await s2.send(nest((a) => [a], 1, 100000));
for await (const x of r2) break;
//# channels of what cannot be cloned: error
const { channel: c3 } = await import("rill:sync");
await c3(4)[0].send(new Proxy({}, {}));
