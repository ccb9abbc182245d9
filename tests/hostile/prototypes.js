// SPDX-License-Identifier: MIT
// Prototypes and globals are frozen, replaced, or given accessors that throw or
// never end; then everything of the runtime is used. It may fail with an error;
// it must not crash, go on for ever beyond its limits, or spoil other isolates.
// isolate: fresh
const MODULES = "fs net http process runtime sync task time test trace pool".split(" ").map((m) => "rill:" + m)
  .concat("assert async_hooks buffer child_process console constants crypto dgram diagnostics_channel dns events fs fs/promises http http2 https module net os path perf_hooks process querystring readline stream stream/promises stream/web string_decoder test timers timers/promises tls tty url util v8 vm worker_threads zlib".split(" ").map((m) => "node:" + m));
// What the harness needs, from before.
const { apply, ownKeys, getOwnPropertyDescriptor, defineProperty, getPrototypeOf } = Reflect;
const G = globalThis, TypeErrorBefore = TypeError, PromiseBefore = Promise, thenBefore = Promise.prototype.then;
const setTimeoutBefore = setTimeout;
const ignore = () => {};
const builtins = [];
for (const name of Object.getOwnPropertyNames(globalThis)) {
  let value;
  try { value = globalThis[name]; } catch { continue; }
  if (typeof value === "function") builtins[builtins.length] = [name, value, value.prototype];
}
async function attempt(use) {
  try { const value = use(); if (value instanceof PromiseBefore) apply(thenBefore, value, [ignore, ignore]); } catch {}
}
// Each thing once; errors are all the same.
async function useAll() {
  const uses = [
    () => console.log({ a: [1, new Map([[1, new Set([2])]])], b: new Error("x"), c: () => {}, d: new Date(0), e: /x/, f: new Uint8Array(3), g: Promise.resolve(1), h: Symbol("x"), i: new Proxy({}, {}) }),
    () => console.table([{ a: 1 }]), () => console.error(new Error("x", { cause: new TypeError("y") })),
    () => console.group("x"), () => console.groupEnd(), () => console.count(), () => console.assert(false, "x"), () => console.dir({}, { depth: 9 }), () => console.time("x"), () => console.timeEnd("x"), () => console.trace("x"),
    () => structuredClone({ a: [1, new Map([[1, new Set([2])]])], b: new Error("x"), c: new Date(0), d: /x/, e: new Uint8Array(3) }),
    () => structuredClone(new ArrayBuffer(8), { transfer: [new ArrayBuffer(8)] }),
    () => new URL("http://a:b@c:1/d/../e?f=g#h").href, () => new URLSearchParams({ a: "1" }).toString(), () => [...new URLSearchParams("a=1&b=2")],
    () => new TextEncoder().encode("\u20ac"), () => new TextDecoder().decode(new Uint8Array([0xe2, 0x82, 0xac])), () => new TextEncoder().encodeInto("x", new Uint8Array(4)),
    () => { const c = new AbortController(); c.signal.addEventListener("abort", ignore); c.abort(); return AbortSignal.any([c.signal]); }, () => AbortSignal.timeout(1),
    () => { const t = new EventTarget(); t.addEventListener("x", ignore, { once: true }); t.dispatchEvent(new Event("x")); t.dispatchEvent(new CustomEvent("x", { detail: 1 })); },
    () => new Headers({ a: "1" }).get("a"), () => new Request("http://a/").url, () => new Response("x", { status: 201 }).text(), () => new Response(JSON.stringify({ a: 1 })).json(), () => { const f = new FormData(); f.append("a", "b"); return [...f]; }, () => new Response(new FormData()).formData(),
    () => new Blob(["a", new Uint8Array(3)]).text(), () => new Blob(["a"]).stream().getReader().read(), () => new File(["a"], "b").arrayBuffer(),
    () => new ReadableStream({ start(c) { c.enqueue(1); c.close(); } }).pipeThrough(new TransformStream()).getReader().read(),
    () => new WritableStream().getWriter().write(1), () => new ReadableStream().tee(), () => new CompressionStream("gzip"), () => new TextDecoderStream(), () => new ReadableStream({ type: "bytes", pull(c) { c.enqueue(new Uint8Array(3)); } }).getReader({ mode: "byob" }).read(new Uint8Array(3)),
    () => { const { port1, port2 } = new MessageChannel(); port2.onmessage = ignore; port1.postMessage({ a: 1 }); port1.close(); }, () => new BroadcastChannel("p").close(),
    () => crypto.getRandomValues(new Uint8Array(4)), () => crypto.randomUUID(), () => crypto.subtle.digest("SHA-256", new Uint8Array(4)),
    () => performance.now(), () => performance.mark("x"), () => performance.measure("x"), () => queueMicrotask(ignore), () => clearTimeout(setTimeout(ignore, 1)), () => clearInterval(setInterval(ignore, 1)),
    () => atob(btoa("x")), () => new DOMException("x", "AbortError").code, () => navigator.userAgent, () => new WebSocket("ws://127.0.0.1:1"), () => fetch("http://127.0.0.1:1/"), () => new Worker("data:text/javascript,1"),
    () => JSON.parse(JSON.stringify({ a: [1, { b: "x" }] })), () => [3, 1, 2].sort().map(String).join(), () => "a-b".split("-").concat("abc".replace(/b/, "x"), [..."abc".matchAll(/./g)]), () => Array.from(new Map([[1, 2]])), () => Object.entries({ a: 1 }), () => new Intl.NumberFormat("en").format(1e6), () => new Intl.DateTimeFormat("en").format(0), () => new Date().toString(), () => BigInt("5") ** 5n, () => Promise.all([1, 2]), () => Promise.any([1]), () => new Error("x").stack, () => eval("1 + 1"), () => new Function("return 1")(), () => `${[1, { a: 1 }]}`,
    () => (async () => { for await (const x of [1, 2]) x; })(), () => (function* () { yield* [1, 2]; })().next(), () => { const [a, ...b] = [1, 2]; ({ ...{ a, b } }); }, () => new (class extends Array { #x = 1; static y = 2; })(3), () => { using x = { [Symbol.dispose]() {} }; },
  ];
  for (let i = 0; i < uses.length; i++) await attempt(uses[i]);
  for (let i = 0; i < MODULES.length; i++) {
    let m;
    try { m = await import(MODULES[i]); } catch { continue; }
    await attempt(() => useModule(MODULES[i], m));
  }
  await attempt(() => usePool());
  await attempt(() => useTasks());
}
function useModule(name, m) {
  const tries = {
    "rill:fs": () => [m.matchGlob?.("*.x", "a.x"), m.readFile?.("/nowhere")],
    "rill:sync": () => { const c = m.mpsc(1); c.sender?.send(1); return new m.Mutex(1).lock(); },
    "rill:time": () => m.sleep(1), "rill:task": () => m.spawn(() => 1), "rill:runtime": () => Object.keys(m).map((k) => { try { return m[k]?.name; } catch {} }),
    "node:util": () => [m.inspect({ a: [1, new Map([[1, 2]])] }, { colors: true, depth: null }), m.format("%s %d %j %o", "x", 1, {}, {}), m.isDeepStrictEqual({ a: [1] }, { a: [1] }), m.promisify(setTimeoutBefore), m.types.isDate(1)],
    "node:events": () => { const e = new m.default(); e.on("x", ignore); e.once("x", ignore); e.emit("x", 1); e.emit("error", new Error("x")); },
    "node:buffer": () => [m.Buffer.from("x").toString("base64"), m.Buffer.concat([m.Buffer.alloc(3), m.Buffer.from([1, 2])]).indexOf(1), m.Buffer.from("abc").equals(m.Buffer.from("abd"))],
    "node:assert": () => m.default.deepStrictEqual({ a: [1, new Map()] }, { a: [1, new Set()] }),
    "node:path": () => m.resolve("/a", "..", "b"), "node:url": () => m.parse("http://a/b?c"), "node:querystring": () => m.parse("a=1&b=2"), "node:string_decoder": () => new m.StringDecoder("utf8").write(new Uint8Array([0xe2])),
    "node:stream": () => { const p = new m.PassThrough(); p.write("x"); p.end(); p.on("data", ignore); return m.Readable.from([1, 2]).toArray?.(); },
    "node:crypto": () => [m.createHash("sha256").update("x").digest("hex"), m.randomBytes(4), m.createHmac("sha256", "k").update("x").digest()],
    "node:zlib": () => m.gunzipSync(m.gzipSync("x")), "node:timers": () => m.setImmediate(ignore), "node:process": () => [m.default.nextTick(ignore), m.default.cwd?.(), m.default.env.X, m.default.hrtime()], "node:os": () => m.cpus(),
    "node:vm": () => [m.runInNewContext("[1, 2].map((x) => x)"), m.runInThisContext("1")], "node:v8": () => m.deserialize(m.serialize({ a: [1] })), "node:async_hooks": () => new m.AsyncLocalStorage().run(1, ignore), "node:module": () => m.createRequire("/a.js")("node:path"),
    "node:fs": () => m.readFileSync("/nowhere"), "node:net": () => m.connect(1), "node:http": () => m.get("http://127.0.0.1:1/").on("error", ignore), "node:child_process": () => m.spawn("x").on("error", ignore), "node:readline": () => m.createInterface({ input: null }), "node:test": () => m.test?.("x", ignore), "node:worker_threads": () => new m.MessageChannel(), "node:perf_hooks": () => m.performance.now(), "node:dns": () => m.lookup("x", ignore), "node:diagnostics_channel": () => m.channel("x").publish(1),
  };
  return tries[name]?.();
}
async function usePool() {
  const { Pool } = await import("rill:pool");
  const pool = new Pool({ workers: 1, timeout: 20 });
  await pool.evaluate("[1, 2].map((x) => x + 1)", { arguments: [{ a: [1] }] });
  await pool.call((n) => n + 1, [1]);
  pool.statistics;
  await pool.close();
}
async function useTasks() {
  const { spawn, scope } = await import("rill:task");
  const list = [1, { a: 2 }];
  await spawn((x) => [x, list], 5);
}
// What the runtime's own scripts are likely to use.
const targets = [
  [Object.prototype, ["constructor", "toString", "valueOf", "hasOwnProperty", "__proto__",
    "__defineGetter__", "isPrototypeOf", "propertyIsEnumerable"]],
  [Array.prototype, ["push", "pop", "shift", "unshift", "splice", "slice", "map", "forEach",
    "filter", "join", "concat", "indexOf", "includes", "sort", Symbol.iterator, "keys",
    "values", "entries", "reduce", "some", "every", "find", "at", "fill", "flat",
    "constructor"]],
  [Function.prototype, ["call", "apply", "bind", "toString", Symbol.hasInstance,
    "constructor"]],
  [Promise.prototype, ["then", "catch", "finally", "constructor"]],
  [String.prototype, ["split", "replace", "replaceAll", "slice", "indexOf", "startsWith",
    "endsWith", "trim", "toLowerCase", "charCodeAt", "codePointAt", "padStart", "repeat",
    "match", Symbol.iterator, "substring", "at", "includes"]],
  [RegExp.prototype, ["exec", "test", Symbol.replace, Symbol.split, Symbol.match,
    Symbol.matchAll, "flags", "source"]],
  [Map.prototype, ["get", "set", "has", "delete", "forEach", Symbol.iterator, "entries",
    "clear"]],
  [Set.prototype, ["add", "has", "delete", "forEach", Symbol.iterator]],
  [WeakMap.prototype, ["get", "set", "has", "delete"]],
  [WeakSet.prototype, ["add", "has", "delete"]],
  [Error.prototype, ["toString", "name", "message"]],
  [Number.prototype, ["toString", "toFixed", "valueOf"]],
  [Symbol.prototype, ["toString", "description", Symbol.toPrimitive]],
  [Date.prototype, ["toISOString", "getTime", "valueOf", Symbol.toPrimitive]],
  [getPrototypeOf(Uint8Array.prototype), ["set", "subarray", "slice", "fill", "length",
    "buffer", "byteLength", "byteOffset", Symbol.toStringTag, Symbol.iterator]],
  [ArrayBuffer.prototype, ["byteLength", "slice", "transfer", "resizable", "detached"]],
  [getPrototypeOf([][Symbol.iterator]()), ["next"]],
  [getPrototypeOf(new Map()[Symbol.iterator]()), ["next"]],
  [Iterator.prototype, [Symbol.iterator, "map", "return"]],
  [getPrototypeOf(function* () {}.prototype), ["next", "return", "throw"]],
  [getPrototypeOf(getPrototypeOf(async function* () {}.prototype)), [Symbol.asyncIterator]],
  [Object, ["keys", "defineProperty", "defineProperties", "assign", "freeze", "create",
    "getPrototypeOf", "setPrototypeOf", "getOwnPropertyDescriptor", "getOwnPropertyNames",
    "entries", "fromEntries", "values", "hasOwn", "is"]],
  [Array, ["isArray", "from", "of", Symbol.species]],
  [Promise, ["resolve", "reject", "all", "race", "any", "allSettled", "withResolvers",
    Symbol.species, "try"]],
  [Reflect, ["apply", "construct", "get", "set", "has", "ownKeys", "defineProperty",
    "getOwnPropertyDescriptor", "getPrototypeOf"]],
  [JSON, ["parse", "stringify"]],
  [Symbol, ["for"]],
  [Number, ["isInteger", "isSafeInteger", "isFinite", "isNaN", "parseInt"]],
  [String, ["fromCharCode", "fromCodePoint", "raw"]],

  [Error, ["captureStackTrace", "stackTraceLimit", "prepareStackTrace", "isError"]],
  [ArrayBuffer, ["isView", Symbol.species]],
  [EventTarget.prototype, ["addEventListener", "dispatchEvent", "removeEventListener"]],
  [AbortSignal.prototype, ["aborted", "reason", "throwIfAborted"]],
  [ReadableStream.prototype, ["getReader", "pipeTo", Symbol.asyncIterator]],
  [globalThis, ["Promise", "Array", "Object", "JSON", "Map", "Set", "WeakMap", "Symbol",
    "Reflect", "Error", "TypeError", "RangeError", "Uint8Array", "ArrayBuffer", "Date",
    "RegExp", "String", "Number", "Math", "Proxy", "DOMException", "AbortController",
    "AbortSignal", "Event", "EventTarget", "ReadableStream", "URL", "TextEncoder",
    "TextDecoder", "queueMicrotask", "setTimeout", "clearTimeout", "console", "crypto",
    "performance", "structuredClone", "Buffer", "process", "globalThis"]],
];
// Some of what is used never ends to wait, or cannot be awaited: no longer than
// that, and without `await`, which looks at the promise's constructor.
const useAllAtMost = (ms) => new PromiseBefore((resolve) => {
  setTimeoutBefore(resolve, ms);
  apply(thenBefore, useAll(), [resolve, resolve]);
});
// Each is replaced alone, everything is used, and it is put back.
async function oneByOne(make) {
  for (let i = 0; i < targets.length; i++) {
    const object = targets[i][0], names = targets[i][1];
    for (let j = 0; j < names.length; j++) {
      const before = getOwnPropertyDescriptor(object, names[j]);
      try { defineProperty(object, names[j], make(object, names[j])); } catch { continue; }
      try { await useAllAtMost(20); } catch {}
      if (before === undefined) delete object[names[j]]; else defineProperty(object, names[j], before);
    }
  }
}
// With any object as its result, what walks up prototypes or iterates has no end.
const isEndless = (object, name) => name === "next" || (object === Object && name === "getPrototypeOf");
// All own properties of an object, as far as they can be, become the same.
function redefineAll(object, make) {
  for (const name of ownKeys(object)) try { defineProperty(object, name, make()); } catch {}
}
const endlessFunctions = (object) => redefineAll(object, () => ({ value() { for (;;); }, writable: true, configurable: true }));
const endlessGetters = (object) => redefineAll(object, () => ({ get() { for (;;); }, configurable: true }));
const recursiveFunctions = (object) => redefineAll(object, () => ({ value: function f() { return f(); }, writable: true, configurable: true }));
const fillMemory = () => { for (const all = [];;) all[all.length] = new G.Float64Array(1000); };
const bombs = (object) => redefineAll(object, () => ({ value() { fillMemory(); }, writable: true, configurable: true }));

//# nothing is changed: value
await useAll();
//# everything is frozen: value | error
for (const [, value, prototype] of builtins) { Object.freeze(value); if (prototype) Object.freeze(prototype); }
Object.freeze(globalThis);
await useAll();
//# prototypes are sealed before the modules come: value | error
for (const p of [Object, Function, Array, Promise, String, Number, RegExp, Map, Set, Error, Uint8Array, ArrayBuffer, Symbol]) Object.freeze(p.prototype);
await useAll();
//# one by one, throwing functions: value | error
await oneByOne((object, name) => ({ value() { throw new TypeErrorBefore("hostile"); }, writable: true, configurable: true }));
//# one by one, functions that return nothing: value | error
await oneByOne((object, name) => ({ value() {}, writable: true, configurable: true }));
//# one by one, functions that return strange objects: value | error
await oneByOne((object, name) => isEndless(object, name) ? undefined : { value() { return { length: -1, then: 5, next: ignore, done: "x", value: this }; }, writable: true, configurable: true });
//# one by one, functions that return promises that never settle: value | error
await oneByOne((object, name) => isEndless(object, name) ? undefined : { value() { return new PromiseBefore(ignore); }, writable: true, configurable: true });
//# prototypes without end: value
Object.getPrototypeOf = () => ({});
await useAll();
//# arrays without end: fuel
getPrototypeOf([][Symbol.iterator]()).next = () => ({});
await useAll();
//# one by one, no functions: value | error
await oneByOne((object, name) => ({ value: 1, writable: true, configurable: true }));
//# one by one, undefined: value | error
await oneByOne((object, name) => ({ value: undefined, writable: true, configurable: true }));
//# one by one, throwing getters: value | error
await oneByOne((object, name) => ({ get() { throw new TypeErrorBefore("hostile"); }, set() { throw new TypeErrorBefore("hostile"); }, configurable: true }));
//# one by one, proxies: value | error
await oneByOne((object, name) => ({ value: new Proxy(object[name] ?? ignore, { apply: (t, r, a) => apply(t, r, a), get() { throw new TypeErrorBefore("hostile"); } }), writable: true, configurable: true }));
//# all of Object.prototype are endless functions: fuel | deadline | value | error
endlessFunctions(Object.prototype);
await useAll();
//# all of Array.prototype are endless functions: fuel | deadline | value | error
endlessFunctions(Array.prototype);
await useAll();
//# all of Function.prototype are endless functions: fuel | deadline | value | error
endlessFunctions(Function.prototype);
await useAll();
//# all of Promise.prototype are endless functions: fuel | deadline | value | error
endlessFunctions(Promise.prototype);
await useAll();
//# all of String.prototype are endless functions: fuel | deadline | value | error
endlessFunctions(String.prototype);
await useAll();
//# all of Map.prototype are endless functions: fuel | deadline | value | error
endlessFunctions(Map.prototype);
await useAll();
//# all of RegExp.prototype are endless functions: fuel | deadline | value | error
endlessFunctions(RegExp.prototype);
await useAll();
//# all of Object are endless functions: fuel | deadline | value | error
endlessFunctions(Object);
await useAll();
//# all of Reflect are endless functions: fuel | deadline | value | error
endlessFunctions(Reflect);
await useAll();
//# all of Object.prototype are endless getters: fuel | deadline | value | error
endlessGetters(Object.prototype);
await useAll();
//# all of Array.prototype are endless getters: fuel | deadline | value | error
endlessGetters(Array.prototype);
await useAll();
//# all of Function.prototype are endless getters: fuel | deadline | value | error
endlessGetters(Function.prototype);
await useAll();
//# all of Promise.prototype are endless getters: fuel | deadline | value | error
endlessGetters(Promise.prototype);
await useAll();
//# all of String.prototype are endless getters: fuel | deadline | value | error
endlessGetters(String.prototype);
await useAll();
//# all of Map.prototype are endless getters: fuel | deadline | value | error
endlessGetters(Map.prototype);
await useAll();
//# all of RegExp.prototype are endless getters: fuel | deadline | value | error
endlessGetters(RegExp.prototype);
await useAll();
//# all of Object are endless getters: fuel | deadline | value | error
endlessGetters(Object);
await useAll();
//# all of Reflect are endless getters: fuel | deadline | value | error
endlessGetters(Reflect);
await useAll();
//# all of Object.prototype are recursive functions: value | error
recursiveFunctions(Object.prototype);
await useAll();
//# all of Array.prototype are recursive functions: value | error
recursiveFunctions(Array.prototype);
await useAll();
//# all of Function.prototype are recursive functions: value | error
recursiveFunctions(Function.prototype);
await useAll();
//# all of Promise.prototype are recursive functions: value | error
recursiveFunctions(Promise.prototype);
await useAll();
//# all of String.prototype are recursive functions: value | error
recursiveFunctions(String.prototype);
await useAll();
//# all of Map.prototype are recursive functions: value | error
recursiveFunctions(Map.prototype);
await useAll();
//# all of RegExp.prototype are recursive functions: value | error
recursiveFunctions(RegExp.prototype);
await useAll();
//# all of Object are recursive functions: value | error
recursiveFunctions(Object);
await useAll();
//# all of Reflect are recursive functions: value | error
recursiveFunctions(Reflect);
await useAll();
//# all of Object.prototype are bombs: value | error
bombs(Object.prototype);
await useAll();
//# all of Array.prototype are bombs: value | error
bombs(Array.prototype);
await useAll();
//# all of Function.prototype are bombs: value | error
bombs(Function.prototype);
await useAll();
//# all of Promise.prototype are bombs: value | error
bombs(Promise.prototype);
await useAll();
//# all of String.prototype are bombs: value | error
bombs(String.prototype);
await useAll();
//# all of Map.prototype are bombs: value | error
bombs(Map.prototype);
await useAll();
//# all of RegExp.prototype are bombs: value | error
bombs(RegExp.prototype);
await useAll();
//# all of Object are bombs: value | error
bombs(Object);
await useAll();
//# all of Reflect are bombs: value | error
bombs(Reflect);
await useAll();
//# every iterator is endless: fuel | deadline | value | error
Array.prototype[Symbol.iterator] = function () { return { next: () => ({ done: false, value: 1 }) }; };
await useAll();
//# every iterator is a bomb: value | error
Array.prototype[Symbol.iterator] = function* () { fillMemory(); };
await useAll();
//# Object.prototype has a then: value | error
defineProperty(Object.prototype, "then", { get() { return undefined; }, configurable: true });
await useAll();
//# Object.prototype has a then that resolves: value | error
defineProperty(Object.prototype, "then", { value(r) { r?.(1); }, configurable: true });
await useAll();
//# Object.prototype has a then that never does: value | error | deadline
defineProperty(Object.prototype, "then", { value() {}, configurable: true });
await useAll();
//# Object.prototype has options: value | error
for (const name of ["signal", "timeout", "transfer", "get", "set", "value", "writable", "enumerable", "configurable", "done", "next", "return", "length", "code", "cause", "name", "message", "stack", "highWaterMark", "size", "type", "mode", "stream", "fatal", "encoding", "flag", "workers", "fresh", "session", "arguments", "bootstrap", "memory", "depth", "colors", "detail", "once", "passive", "capture", "method", "body", "headers", "status", "0", "1", "-1", "undefined"])
  defineProperty(Object.prototype, name, { __proto__: null, get() { return { valueOf: () => 1, toString: () => "x", length: 3 }; }, set(v) {}, configurable: true });
await useAll();
//# Object.prototype has setters for numbers: value | error
for (let i = 0; i < 20; i++) defineProperty(Object.prototype, i, { get() { return "hostile"; }, set() { throw new TypeErrorBefore("set"); }, configurable: true });
await useAll();
//# Array.prototype has setters for numbers: value | error
for (let i = 0; i < 20; i++) defineProperty(Array.prototype, i, { get() { return "hostile"; }, set() { throw new TypeErrorBefore("set"); }, configurable: true });
await useAll();
//# Array.prototype is a proxy's: value | error
Object.setPrototypeOf(Array.prototype, new Proxy(Object.prototype, { get(t, k, r) { if (typeof k === "string" && k[0] === "x") throw 1; return t[k]; }, set() { throw new TypeErrorBefore("set"); }, has() { throw new TypeErrorBefore("has"); } }));
await useAll();
//# Object.prototype has a prototype: TypeError
Object.setPrototypeOf(Object.prototype, {});
//# prototypes have no prototypes: value | error
for (const [, , p] of builtins) if (p) try { Object.setPrototypeOf(p, null); } catch {}
await useAll();
//# prototypes in a circle: TypeError
Object.setPrototypeOf(Array.prototype, []);
Object.setPrototypeOf(Array.prototype, Object.create(Array.prototype));
//# prototypes are exchanged: value | error
for (let i = 1; i < builtins.length; i++) if (builtins[i][2] && builtins[i - 1][2]) try { Object.setPrototypeOf(builtins[i][2], builtins[i - 1][2]); } catch {}
await useAll();
//# constructors inherit from proxies: value | error
for (const [, value] of builtins) try { Object.setPrototypeOf(value, new Proxy(Function.prototype, { get(t, k) { throw new TypeErrorBefore("get"); } })); } catch {}
await useAll();
//# all globals are deleted: value | error
for (const name of ownKeys(G)) delete G[name];
await useAll();
//# all globals are getters that throw: value | error
for (const name of Object.getOwnPropertyNames(globalThis)) try { defineProperty(G, name, { get() { throw new TypeErrorBefore("hostile"); }, configurable: true }); } catch {}
await useAll();
//# all globals are proxies: value | error
for (const [name, value] of builtins) try { G[name] = new Proxy(value, { get(t, k) { return t[k]; }, construct(t, a) { return {}; }, apply() { return {}; } }); } catch {}
await useAll();
//# all globals are endless: fuel | deadline | value | error
for (const [name] of builtins) try { defineProperty(G, name, { get() { for (;;); }, configurable: true }); } catch {}
await useAll();
//# all of all prototypes are deleted: value | error
for (let i = 0; i < builtins.length; i++) { const p = builtins[i][2]; if (!p) continue; const keys = ownKeys(p); for (let k = 0; k < keys.length; k++) if (keys[k] !== "then") delete p[keys[k]]; }
await useAll();
//# all of everything is deleted: value | error
const kept = builtins.map((b) => b);
for (let i = 0; i < kept.length; i++) for (let o = 1; o < 3; o++) { if (!kept[i][o]) continue; const keys = ownKeys(kept[i][o]); for (let k = 0; k < keys.length; k++) try { delete kept[i][o][keys[k]]; } catch {} }
await useAll();
//# all of all prototypes throw: value | error
const list = builtins;
for (let i = 0; i < list.length; i++) { if (!list[i][2]) continue; const keys = ownKeys(list[i][2]); for (let k = 0; k < keys.length; k++) try { if (keys[k] !== "constructor") defineProperty(list[i][2], keys[k], { value() { throw new TypeErrorBefore("hostile"); }, configurable: true }); } catch {} }
await useAll();
//# the global's prototype is replaced: value | error
try { Object.setPrototypeOf(globalThis, new Proxy({}, { get() { throw new TypeErrorBefore("get"); }, has() { throw new TypeErrorBefore("has"); } })); } catch {}
await useAll();
//# the global's prototype is a proxy that has everything: value | error
try { Object.setPrototypeOf(globalThis, new Proxy({}, { get: () => 1, has: () => true })); } catch {}
await useAll();
//# the global is frozen in the middle: value | error
await import("node:util");
Object.freeze(globalThis);
await useAll();
//# species are hostile: value | error
for (const C of [Array, Promise, RegExp, ArrayBuffer, Map, Set, getPrototypeOf(Uint8Array)]) defineProperty(C, Symbol.species, { get() { return function () { throw new TypeErrorBefore("species"); }; }, configurable: true });
await useAll();
//# the stack is prepared by a bomb: value | error
Error.prepareStackTrace = fillMemory;
await useAll();
//# the stack is prepared without end: fuel | deadline | value | error
Error.prepareStackTrace = () => { for (;;); };
await useAll();
//# errors have no stacks: value | error
Object.defineProperty(Error, "stackTraceLimit", { get() { throw new TypeErrorBefore("limit"); }, configurable: true });
await useAll();
//# uncaught errors that are hostile: error
throw new Proxy(new Error("x"), { get() { throw new TypeErrorBefore("get"); }, getPrototypeOf() { throw 1; } });
//# uncaught errors without end: error
throw new Proxy(new Error("x"), { get() { for (;;); }, getPrototypeOf() { for (;;); } });
//# uncaught errors that are revoked: error
const r = Proxy.revocable({}, {});
r.revoke();
throw r.proxy;
//# uncaught errors in jobs that are hostile: error
setTimeoutBefore(() => { throw { get name() { throw 1; }, get message() { throw 2; }, get stack() { throw 3; }, toString() { throw 4; } }; });
await new Promise(() => {});
//# results that are hostile: value | DataCloneError
return new Proxy({}, { get(t, k) { if (k === "then") return undefined; throw 1; } });
//# results with a then that is hostile: TypeError
return { get then() { throw new TypeError("then"); } };
//# private names of the runtime are out of reach: value
const symbols = [];
for (const o of [new URL("http://a/"), new Headers(), new AbortController().signal, new Event("x"), new Blob([]), new ReadableStream()])
  for (let p = o; p; p = getPrototypeOf(p)) for (const k of ownKeys(p)) if (typeof k === "symbol") symbols.push([p, k]);
for (const [p, k] of symbols) try { defineProperty(p, k, { value: 1 }); } catch {} 
await useAll();
//# methods of the web's classes on others: value
for (const [name, C, p] of builtins) {
  if (!p) continue;
  for (const k of ownKeys(p)) {
    const d = getOwnPropertyDescriptor(p, k);
    for (const f of [d.value, d.get, d.set]) {
      if (typeof f !== "function" || f === C) continue;
      for (const self of [undefined, null, 1, "x", {}, [], new Proxy({}, {}), new Proxy(f, {}), Object.create(p), p]) {
        if (self === p && (k === "then" || typeof k === "symbol")) continue;
        if (/^(repeat|pad|fill)/.test(String(k))) continue;
        try { const v = apply(f, self, []); if (v instanceof PromiseBefore) apply(thenBefore, v, [ignore, ignore]); } catch {}
        try { const v = apply(f, self, [{}, -1, Symbol.iterator]); if (v instanceof PromiseBefore) apply(thenBefore, v, [ignore, ignore]); } catch {}
      }
    }
  }
}
//# constructors with strange arguments: value
for (const [name, C] of builtins) {
  for (const args of [[], [undefined], [null], [-1], [NaN], ["x"], [{}], [[]], [Symbol()], [1n], [() => {}], [new Proxy({}, {})], [{ length: -1 }], ["x", null, {}]]) {
    if (name === "Worker") continue;
    for (const call of [() => new C(...args), () => C(...args), () => Reflect.construct(C, args, Object), () => Reflect.construct(C, args, new Proxy(C, {}))]) {
      try { const v = call(); if (v instanceof PromiseBefore) apply(thenBefore, v, [ignore, ignore]); } catch {}
    }
  }
}
//# Math returns nothing: fuel | deadline | value | error
redefineAll(Math, () => ({ value() {} }));
await useAll();
