// What streams, channels and events give is whole, or memory was lacking.
import { AsyncLocalStorage } from "node:async_hooks";
import { EventEmitter, on, once } from "node:events";
import fs from "node:fs";
import readline from "node:readline";
import { Duplex, PassThrough, Readable, Transform, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import timers from "node:timers/promises";
import util from "node:util";
import zlib from "node:zlib";
import * as files from "rill:fs";
import * as sync from "rill:sync";
import * as tasks from "rill:task";
import * as time from "rill:time";
import { answers } from "../answers.mjs";

const file = `${import.meta.dirname}/localhost.pem`;
const text = async (stream) => String(Buffer.concat(await Array.fromAsync(stream)));
const collect = async (stream) => (await Array.fromAsync(stream)).map(String).join("|");

await answers({
  from: () => collect(Readable.from(["a", "b", "c"])),
  pipe: async () => {
    const out = [];
    await pipeline(Readable.from(["a", "b"]), new Transform({
      transform(chunk, encoding, done) { done(null, `${chunk}!`); },
    }), new Writable({ write(chunk, encoding, done) { out.push(`${chunk}`); done(); } }));
    return out;
  },
  through: async () => `${await text(Readable.from(["xy", "z"]).pipe(new PassThrough()))}`,
  gzip: async () => text(Readable.from([Buffer.from("hello ".repeat(1000))])
    .pipe(zlib.createGzip()).pipe(zlib.createGunzip())).then((t) => t.length),
  readFile: () => text(fs.createReadStream(file)).then((t) => t.length),
  lines: async () => (await Array.fromAsync(readline.createInterface({ input: fs.createReadStream(file) }))).length,
  methods: () => Readable.from([1, 2, 3, 4]).filter((n) => n % 2).map((n) => n * 2).toArray(),
  events: async () => {
    const e = new EventEmitter();
    const heard = [];
    e.on("x", (v) => heard.push(v)).once("x", (v) => heard.push(`once ${v}`));
    e.emit("x", 1); e.emit("x", 2);
    const later = once(e, "y");
    e.emit("y", 3);
    return [heard, await later];
  },
  iterated: async () => {
    const e = new EventEmitter(), got = [];
    const it = on(e, "x");
    e.emit("x", 1); e.emit("x", 2);
    got.push((await it.next()).value, (await it.next()).value);
    await it.return();
    return got;
  },
  storage: () => {
    const s = new AsyncLocalStorage();
    return s.run(1, async () => { await null; return s.getStore(); });
  },
  timers: async () => [await timers.setTimeout(1, "a"), await timers.setImmediate("b")],
  channel: async () => {
    const [sender, receiver] = sync.channel(10);
    for (let i = 0; i < 5; i++) await sender.send({ i });
    sender.close();
    return Array.fromAsync(receiver);
  },
  broadcast: async () => {
    const sender = sync.broadcast(8), a = sender.subscribe(), b = sender.subscribe();
    sender.send([1]); sender.send("x");
    return [await a.receive(), await a.receive(), await b.receive()];
  },
  watch: async () => {
    const sender = sync.watch(1), receiver = sender.subscribe();
    sender.send(2);
    return await receiver.changed() ?? 2;
  },
  oneshot: async () => {
    const [sender, receiver] = sync.oneshot();
    sender.send(new Map([[1, 2]]));
    return [...await receiver.receive()];
  },
  mutex: async () => {
    const mutex = new sync.Mutex(), order = [];
    await Promise.all([1, 2, 3].map((n) => mutex.run(async () => { order.push(n); await null; order.push(n); })));
    return order;
  },
  select: async () => tasks.select([new Promise(() => {}), Promise.resolve(3)]),
  sleep: async () => await time.sleep(1) ?? null,
  web: async () => collect(new ReadableStream({ start(c) { c.enqueue("a"); c.enqueue("b"); c.close(); } })
    .pipeThrough(new TransformStream({ transform(x, c) { c.enqueue(x + x); } }))),
  tee: async () => {
    const [a, b] = new ReadableStream({ start(c) { c.enqueue("a"); c.close(); } }).tee();
    return [await collect(a), await collect(b)];
  },
  bytes: async () => collect(new ReadableStream({ type: "bytes", start(c) { c.enqueue(new Uint8Array([1])); c.close(); } })),
  deflate: async () => new Response(new Blob(["hello ".repeat(500)]).stream().pipeThrough(new CompressionStream("deflate"))
    .pipeThrough(new DecompressionStream("deflate"))).text().then((t) => t.length),
  duplex: () => collect(Duplex.from(["d", "e"])),
  promisify: () => util.promisify(fs.readFile)(file).then((b) => b.length),
  channelPorts: () => new Promise((resolve, reject) => {
    const { port1, port2 } = new MessageChannel();
    port2.onmessage = ({ data }) => resolve(data);
    port2.onmessageerror = () => reject(new Error("Out of memory"));
    port1.postMessage({ a: [1] });
  }),
  temporary: async () => {
    await using f = await files.temporaryFile();
    await f.write("abc");
    await f.seek(0);
    return f.readText();
  },
});
