// The web's classes, and node: modules that wait for nothing outside.
import { createHash, createHmac } from "node:crypto";
import { EventEmitter, on, once } from "node:events";
import { createInterface } from "node:readline";
import { PassThrough, pipeline, Readable } from "node:stream";
import { aborted, inspect } from "node:util";
import { deserialize, serialize } from "node:v8";
import { createContext, runInContext, Script } from "node:vm";
import { createGzip, gunzipSync, gzipSync } from "node:zlib";

let sink, unique = 0;
const times = (n, f) => () => { for (let i = 0; i < n; i++) f(i); };
const several = (n, f) => async () => { for (let i = 0; i < n; i++) await f(i); };
const emitter = new EventEmitter();
const lasting = new AbortController().signal;
const BYTES = new Uint8Array(1000);

export default {
  clones: times(100, () => {
    sink = structuredClone({ a: [1, new Map([[1, { b: 2 }]]), new Date(), /x/g, new Error("e")] });
  }),
  "clones that fail": times(100, () => {
    try { structuredClone({ a: [1, { f() {} }] }); } catch (e) { sink = e; }
  }),
  transfers: times(100, () => {
    const b = new ArrayBuffer(1000);
    sink = structuredClone(b, { transfer: [b] });
  }),
  events: times(200, () => {
    const target = new EventTarget();
    target.addEventListener("a", () => {}, { once: true });
    target.addEventListener("a", () => {}, { signal: lasting });
    target.dispatchEvent(new Event("a"));
    new EventEmitter().on("x", () => {}).emit("x");
  }),
  "events awaited": several(30, async () => {
    const event = once(emitter, "x", { signal: lasting });
    emitter.emit("x");
    await event;
    const events = on(emitter, "y", { signal: lasting });
    emitter.emit("y");
    await events.next();
    await events.return();
  }),
  "signals of signals": times(100, () => { sink = AbortSignal.any([lasting, new AbortController().signal]); }),
  "resources of a signal": times(50, () => { aborted(lasting, {}); }),
  URLs: times(200, () => {
    const url = new URL(`http://a.b/c?d=${unique++}`);
    url.searchParams.append("e", "f");
    sink = url.href;
    URL.revokeObjectURL(URL.createObjectURL(new Blob(["a"])));
  }),
  encodings: times(100, () => {
    sink = new TextDecoder().decode(new TextEncoder().encode("h\xe9llo"));
    new TextDecoder("utf-16le").decode(BYTES.subarray(0, 3), { stream: true });
  }),
  blobs: several(20, async () => { sink = await new Blob(["abc", BYTES]).slice(1).text(); }),
  "web streams": several(20, async () => {
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    writer.write("x");
    writer.close();
    for await (sink of readable);
    new ReadableStream({ pull(c) { c.enqueue(1); } }).getReader().read();
  }),
  compression: several(5, async () => {
    sink = await new Response(new Blob([BYTES]).stream().pipeThrough(new CompressionStream("gzip"))).bytes();
  }),
  zlib: several(5, async () => {
    sink = gunzipSync(gzipSync(BYTES));
    const stream = createGzip();
    stream.end("x");
    for await (sink of stream);
  }),
  "zlib that nobody ends": times(5, () => { createGzip().write("x"); }),
  hashes: several(20, async () => {
    sink = [await crypto.subtle.digest("SHA-256", BYTES), createHash("sha1").update("x").digest("hex")];
    createHash("sha256").update("x");
    createHmac("sha256", "k");
  }),
  pipelines: several(10, () => new Promise((done) => {
    pipeline(Readable.from(["a", "b"]), new PassThrough(), new PassThrough().resume(), done);
  })),
  lines: several(10, async () => {
    for await (sink of createInterface({ input: Readable.from(["a\nb\n"]) }));
  }),
  contexts: times(3, () => { sink = runInContext("x + 1", createContext({ x: 1 })); }),
  scripts: times(50, () => { sink = new Script(`1 + ${unique++}`).runInThisContext(); }),
  serialization: times(50, () => { sink = deserialize(serialize({ a: [1, "x", new Map()] })); }),
  inspection: times(50, () => { sink = inspect({ a: [1, { b: new Map([[1, 2]]) }] }, { depth: 5 }); }),
  measures: times(50, () => {
    performance.mark("a");
    performance.measure("b", "a");
    performance.clearMarks();
    performance.clearMeasures();
  }),
};
