// SPDX-License-Identifier: MIT
// What scripts replace, and what they call of the runtime then (replaced.c).
// The prelude ends with a function: it replaces the builtin of a number, and
// returns what it has replaced with what, or undefined beyond the last. What
// follows it, each behind a line `//# name`, is the body of an async function
// that loops over nothing by itself.
globalThis.sample = { map: new Map([[1, 2]]), set: new Set([1, 2]), list: [1, 2] };
globalThis.replaceBuiltin = (number) => {
  const iterators = {
    arrayIterator: Object.getPrototypeOf([][Symbol.iterator]()),
    mapIterator: Object.getPrototypeOf(new Map()[Symbol.iterator]()),
    setIterator: Object.getPrototypeOf(new Set()[Symbol.iterator]()),
    stringIterator: Object.getPrototypeOf(""[Symbol.iterator]()),
    asyncGenerator: Object.getPrototypeOf(async function* () {}).prototype,
    generator: Object.getPrototypeOf(function* () {}).prototype,
  };
  const holders = {
    Math, Object, Reflect, Number, Array, String, Promise, JSON, ArrayBuffer,
    Symbol, Date,
    "Array.prototype": Array.prototype,
    "String.prototype": String.prototype,
    "Number.prototype": Number.prototype,
    "Function.prototype": Function.prototype,
    "Promise.prototype": Promise.prototype,
    "Map.prototype": Map.prototype,
    "Set.prototype": Set.prototype,
    "WeakMap.prototype": WeakMap.prototype,
    "RegExp.prototype": RegExp.prototype,
    "TypedArray.prototype": Object.getPrototypeOf(Uint8Array.prototype),
    "ArrayBuffer.prototype": ArrayBuffer.prototype,
    ...iterators,
  };
  const things = {
    "nothing": () => undefined,
    "0": () => 0,
    "this": function () { return this; },
    "an error": () => { throw new Error("replaced"); },
    "more": () => ({ done: false, value: 1 }),
  };
  for (const [holderName, holder] of Object.entries(holders)) {
    for (const key of Reflect.ownKeys(holder)) {
      const own = Reflect.getOwnPropertyDescriptor(holder, key);
      const isMethod = typeof own.value === "function";
      if (!own.configurable || (!isMethod && own.get === undefined)) continue;
      if (key === "constructor") continue;
      for (const [thingName, thing] of Object.entries(things)) {
        if (thingName === "more" && key !== "next" &&
            key !== Symbol.iterator) continue;
        if (number-- > 0) continue;
        Object.defineProperty(holder, key, isMethod
          ? { value: thing, writable: true, configurable: true }
          : { get: thing, configurable: true });
        return `${holderName} ${String(key)}: ${thingName}`;
      }
    }
  }
};

//# streams
const stream = new ReadableStream({
  start(controller) {
    controller.enqueue("a");
    controller.enqueue("b");
    controller.close();
  },
}).pipeThrough(new TransformStream({
  transform(chunk, controller) { controller.enqueue(chunk + chunk); },
}));
const reader = stream.getReader();
await reader.read();
await reader.read();
await reader.read();
const bytes = new ReadableStream({
  type: "bytes",
  autoAllocateChunkSize: 8,
  pull(controller) {
    controller.byobRequest.view[0] = 1;
    controller.byobRequest.respond(1);
  },
});
const byob = bytes.getReader({ mode: "byob" });
await byob.read(new Uint8Array(4), { min: 3 });
await byob.cancel();
const queued = new ReadableStream({
  type: "bytes",
  start(controller) {
    controller.enqueue(new Uint8Array(10));
    controller.enqueue(new Uint8Array(10));
    controller.close();
  },
});
const part = queued.getReader({ mode: "byob" });
await part.read(new Uint8Array(3));
await part.read(new Uint8Array(100), { min: 17 });
const writer = new WritableStream({ write() {} }).getWriter();
writer.write("x");
await writer.close();
//# streams of bytes
const stream = new Blob(["some text", new Uint8Array(100)]).stream();
const [one, two] = stream.tee();
await new Response(one).text();
await new Response(two.pipeThrough(new CompressionStream("gzip"))).arrayBuffer();
await new Response(new Blob(["abc"]).stream().pipeThrough(new TextDecoderStream())).body.cancel();
//# forms
const form = new FormData();
form.append("a", "1");
form.append("file", new Blob(["text"]), "name.txt");
const response = new Response(form);
const back = await response.formData();
back.get("a");
const headers = new Headers({ a: "1", b: "2" });
headers.append("a", "3");
headers.get("a");
await new Response("a=1&b=%20", {
  headers: { "content-type": "application/x-www-form-urlencoded" },
}).formData();
//# URLs
const url = new URL("https://a:b@example.com:8080/x/../y?q=1&r=2#h");
url.searchParams.append("s", "ä");
url.searchParams.sort();
url.searchParams.delete("q");
String(url);
new URLSearchParams({ a: "1", b: "2" }).toString();
new URLSearchParams("a=1&a=2").getAll("a");
//# events
const target = new EventTarget();
target.addEventListener("a", () => {}, { once: true });
target.addEventListener("a", { handleEvent() {} });
target.dispatchEvent(new Event("a"));
target.dispatchEvent(new CustomEvent("a", { detail: 1 }));
const controller = new AbortController();
const all = AbortSignal.any([controller.signal, AbortSignal.timeout(1000)]);
all.addEventListener("abort", () => {});
controller.abort();
const { EventEmitter, once } = await import("node:events");
const emitter = new EventEmitter();
emitter.on("x", () => {});
emitter.once("x", () => {});
const heard = once(emitter, "x");
emitter.emit("x", 1, 2);
emitter.removeAllListeners();
await heard;
//# console
console.log({ a: [1, 2, { b: sample.map }], c: sample.set }, "%s", 1);
console.log("%s %d %o", "a", 1, [1, 2, 3]);
console.log(new Array(200).fill(1), new Uint8Array(300), "x".repeat(200));
console.table([{ a: 1 }, { a: 2, b: "c" }]);
console.error(new Error("a", { cause: new TypeError("b") }));
//# time
const { interval, sleep, timeout } = await import("rill:time");
await sleep(1);
await timeout(sleep(1), 100);
const ticks = interval(1);
await ticks.next?.();
await ticks.return?.();
setTimeout(() => {}, 1);
clearTimeout(setTimeout(() => {}, 1000));
await new Promise((resolve) => setImmediate(resolve));
//# sync
const sync = await import("rill:sync");
const mutex = new sync.Mutex();
const guard = await mutex.lock();
const second = mutex.lock();
guard.release();
(await second).release();
const pair = sync.channel(2);
await pair[0].send(1);
await pair[0].send({ a: [1] });
await pair[1].receive();
await pair[1].receive();
const sender = sync.broadcast(4);
const receiver = sender.subscribe();
sender.send(1);
await receiver.receive();
sync.watch(1);
const semaphore = new sync.Semaphore(2);
(await semaphore.acquire()).release();
//# task
const { JoinSet, map, scope, select, spawn } = await import("rill:task");
await scope(async (s) => { await s.spawn(() => 1); });
let n = 0;
await map({ [Symbol.iterator]: () => ({ next: () => ({ done: n > 2, value: n++ }) }) },
          async (x) => x + 1);
await select({ a: Promise.resolve(1), b: new Promise(() => {}) });
const set = new JoinSet();
set.spawn?.(() => 1);
await set.next?.();
await spawn((a) => a + 1, 1);
//# fs
const fs = await import("rill:fs");
const folder = await fs.temporaryDirectory();
const path = folder.path + "/a.txt";
await fs.writeFile(path, "one\ntwo\n");
const lines = fs.readLines(path);
await lines.next();
await lines.next();
await lines.return();
const walking = fs.walk(folder.path);
await walking.next();
await walking.next();
const found = fs.glob("*.txt", { cwd: folder.path });
await found.next();
await found.next();
const file = await fs.open(path);
await file.read(4);
await file.close();
await new Response(fs.readStream(path)).text();
await folder.remove?.();
//# node:fs and streams
const fs = await import("node:fs");
const { Readable, Transform, pipeline } = await import("node:stream");
const readable = () => new Readable({
  read() {
    this.push("abc");
    this.push(null);
  },
});
const reading = readable();
reading.on("readable", () => { reading.read(1); reading.read(2); });
await new Promise((resolve) => {
  pipeline(readable(), new Transform({
    transform(chunk, encoding, callback) { callback(null, chunk); },
  }).resume(), resolve);
});
fs.readdirSync("/tmp");
Buffer.from("aä€").toString("base64");
Buffer.concat([Buffer.from("a"), Buffer.alloc(100, "xy")]).indexOf("b");
//# http
const { serve } = await import("rill:http");
const server = await serve({ port: 0, hostname: "127.0.0.1" },
                           async (request) => {
  const text = await request.text();
  return new Response("hello " + text, { headers: { a: "b" } });
});
try {
  const response = await fetch(`http://127.0.0.1:${server.port}/`, { method: "POST", body: "text" });
  await response.text();
} finally {
  await server.close?.();
}
//# node:http
const { createServer, get } = await import("node:http");
const server = createServer((request, response) => response.end("x"));
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
try {
  await new Promise((resolve, reject) => {
    get({ port: server.address().port, host: "127.0.0.1", agent: false },
        (response) => response.resume().on("end", resolve)).on("error", reject);
  });
} finally {
  server.close();
}
//# test
const { describe, expect, mock, test } = await import("rill:test");
expect([1, { a: 2 }]).toEqual([1, { a: 2 }]);
const fn = mock.fn(() => 1);
fn(1);
expect(fn).toHaveBeenCalledTimes?.(1);
try {
  expect({ a: [1, 2, 3], b: "long\ntext\nx" }).toEqual({ a: [1, 3], b: "text" });
} catch {}
test("a", () => {});
describe("b", () => { test("c", async () => { expect(1).toBe(1); }); });
await new Promise((resolve) => setTimeout(resolve, 5));
//# clones and messages
structuredClone({ a: sample, b: new Error("x") });
const { port1, port2 } = new MessageChannel();
const heard = new Promise((resolve) => { port2.onmessage = resolve; });
port1.postMessage({ a: [1] });
await heard;
port1.close();
//# util and path
const util = await import("node:util");
util.inspect({ a: { b: { c: {} } } }, { depth: 0 });
util.format("%s %j", "a", {});
util.isDeepStrictEqual([1, { a: 1 }], [1, { a: 1 }]);
util.parseArgs({ args: ["-a", "--b=c"], options: { a: { type: "boolean", short: "a" }, b: { type: "string" } } });
const path = await import("node:path");
path.relative("/a/b/c", "/a/d");
path.resolve("a/../b");
(await import("node:querystring")).parse("a=1&b=2");
new (await import("node:string_decoder")).StringDecoder("utf8").write(Buffer.from("ä"));
(await import("node:assert")).deepStrictEqual({ a: 1 }, { a: 1 });
