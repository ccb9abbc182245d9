// stream/consumers, compose, Duplex.from, duplexPair, and what stream says of
// a stream: each line is what Node 20 prints.
import * as stream from "node:stream";
import consumers, { arrayBuffer, blob, buffer, json, text } from
  "node:stream/consumers";
import { CompressionStream, DecompressionStream } from "node:stream/web";

const { compose, Duplex, PassThrough, Readable, Transform, Writable } = stream;

// consumers
const source = () => Readable.from([Buffer.from("{\"a\":"), Buffer.from("[1,2]}")]);
console.log(await text(source()), await json(source()), await buffer(source()));
console.log(await arrayBuffer(source()), (await blob(source())).size);
console.log(await text(Readable.from(["x", "y"])), Object.keys(consumers));
console.log(await text([Uint8Array.of(0xe2, 0x82), Uint8Array.of(0xac)]));
console.log(await text(new Blob(["web"]).stream()));
await json(Readable.from(["no"])).catch((e) => console.log(e.name));
await text(Readable.from((function* () { yield "a"; throw new Error("cut"); })()))
  .catch((e) => console.log(e.message));
await buffer(undefined).catch((e) => console.log(e.name));
console.log(await text(new Blob(["there and back"]).stream()
  .pipeThrough(new CompressionStream("gzip"))
  .pipeThrough(new DecompressionStream("gzip"))));

// compose
const upper = () => new Transform({
  transform(chunk, encoding, done) { done(null, `${chunk}`.toUpperCase()); },
});
async function* twice(chunks) {
  for await (const chunk of chunks) yield `${chunk}${chunk}`;
}
let made = compose(upper(), twice);
made.end("ab");
console.log(await text(made));
made = compose(async function* (chunks) {
  for await (const chunk of chunks) yield String(chunk).length;
}, async function* (numbers) {
  for await (const number of numbers) yield number + 1;
});
made.write("four");
made.end("seven..");
console.log(await made.toArray());
made = compose(source(), upper());
console.log(made.writable, made.readable, await text(made));
let got = "";
made = compose(upper(), new Writable({ write(c, e, done) { got += c; done(); } }));
console.log(made.writable, made.readable);
await new Promise((resolve) => made.end("sink").on("finish", resolve));
console.log(got);
console.log(await Readable.from(["a", "b"]).compose(twice).toArray());
made = compose(upper(), new Transform({
  transform(chunk, encoding, done) { done(new Error("broken")); },
}));
made.on("error", (e) => console.log("error", e.message));
await new Promise((resolve) => { made.on("close", resolve); made.end("x"); });
console.log(made.destroyed);
for (const bad of [[], [new Writable(), upper()], [upper(), Readable.from([])]]) {
  try {
    compose(...bad);
  } catch (e) {
    console.log(e.code, e.message.split(". Received")[0]);
  }
}

// Duplex.from
console.log(await Duplex.from(["x", "y"]).toArray());
console.log(await Duplex.from(Promise.resolve("later")).toArray());
console.log(await text(Duplex.from(new Blob(["blob"]))));
let sum = 0;
made = Duplex.from(async (chunks) => { for await (const n of chunks) sum += n; });
console.log(made.readable, made.writable);
for (const n of [1, 2, 3]) made.write(n);
await new Promise((resolve) => made.end(resolve));
console.log(sum);
made = Duplex.from({ readable: Readable.from(["r"]), writable: upper() });
console.log(made.readable, made.writable);
made.end();
console.log(await made.toArray());
try {
  Duplex.from(5);
} catch (e) {
  console.log(e.code);
}

// duplexPair
const [left, right] = stream.duplexPair();
right.setEncoding("utf8").on("data", (c) => {
  console.log("right", c);
  right.end(`re: ${c}`);
});
left.on("data", (c) => console.log("left", `${c}`));
await new Promise((resolve) => { left.on("end", resolve); left.end("hello"); });

// what it says of streams
const failed = new Readable({ read() {} });
failed.on("error", () => {});
failed.destroy(new Error("y"));
const aReadable = new ReadableStream({ start(c) { c.enqueue(1); } });
const subjects = [
  undefined, null, {}, new Readable(), new Writable(), new PassThrough(), failed,
  new Writable().destroy(), new PassThrough().end(), new Duplex({ readable: false }),
  new Duplex({ writable: false }), aReadable, new WritableStream(),
  new TransformStream(),
  new ReadableStream({ start(c) { c.close(); } }),
  new ReadableStream({ start(c) { c.error(1); } }),
];
for (const name of ["isReadable", "isWritable", "isErrored", "isDisturbed", "isDestroyed"]) {
  console.log(name, subjects.map((s) => stream[name](s)).join(" "));
}
aReadable.getReader().read();
console.log(stream.isDisturbed(aReadable));

// destroy
const unfinished = new PassThrough();
unfinished.on("error", (e) => console.log(e.name, e.code));
await new Promise((resolve) => { unfinished.on("close", resolve); stream.destroy(unfinished); });
const other = { on() {}, pipe() {}, close() { console.log("closed"); } };
stream.destroy(other);
console.log(stream.isDestroyed(other));
stream.destroy(null);

// high water marks
console.log(stream.getDefaultHighWaterMark(true));
stream.setDefaultHighWaterMark(false, 100);
stream.setDefaultHighWaterMark(true, 3);
console.log(new Readable().readableHighWaterMark, stream.getDefaultHighWaterMark(true),
            new Writable({ objectMode: true }).writableHighWaterMark);
for (const bad of ["1", -1, 1.5]) {
  try {
    stream.setDefaultHighWaterMark(false, bad);
  } catch (e) {
    console.log(e.code, e.message);
  }
}

// some, every, find, wrap
const numbers = () => Readable.from([1, 2, 3]);
console.log(await numbers().some((n) => n > 2), await numbers().every((n) => n > 2),
            await numbers().find((n) => n > 1), await numbers().find((n) => n > 9));
const { EventEmitter, getEventListeners } = await import("node:events");
const old = Object.assign(new EventEmitter(), { pause() {}, resume() {} });
setImmediate(() => { old.emit("data", "old"); old.emit("end"); });
console.log(await Readable.wrap(old).toArray());
console.log(stream._isUint8Array(Buffer.from("")), stream._isUint8Array("x"),
            stream._uint8ArrayToBuffer(Uint8Array.of(1, 2)));

// a peer that ends its side does not end what we are still writing
const both = new Duplex({
  read() {},
  write(chunk, encoding, done) {
    setImmediate(() => { console.log("written", `${chunk}`); done(); });
  },
  final(done) { console.log("final"); setImmediate(done); },
});
for (const name of ["prefinish", "finish", "end", "error", "close"]) {
  both.on(name, () => console.log(name));
}
both.resume();
both.write("one", (e) => console.log("one is out", e?.code));
both.write("two", (e) => console.log("two is out", e?.code));
both.end((e) => console.log("all is out", e?.code));
both.push(null);
await new Promise((resolve) => stream.finished(both, (e) => {
  console.log("finished", e?.code);
  resolve();
}));
const nested = compose(compose(new PassThrough(), upper()),
                       compose(new PassThrough(), compose(upper(), twice)));
for (const name of ["prefinish", "finish", "end", "error", "close"]) {
  nested.on(name, () => console.log("nested", name));
}
nested.on("data", (chunk) => console.log(`${chunk}`));
nested.end("x");
await new Promise((resolve) => stream.finished(nested, (e) => {
  console.log("finished", e?.code);
  resolve();
}));

// what the methods of arrays take, and the signals they heed
const failure = async (act) => {
  try {
    await act();
    return "taken";
  } catch (e) {
    return `${e.code} ${e.message}`;
  }
};
const aborted = AbortSignal.abort();
const names = ["some", "every", "find", "forEach", "map", "filter", "flatMap"];
for (const name of names) {
  console.log(name, await failure(() => numbers()[name](5)));
}
for (const act of [
  () => numbers().reduce(), () => Readable.from([]).reduce(() => {}),
  () => numbers().take(-1), () => numbers().drop("x").toArray(),
  () => numbers().some(() => true, 5), () => numbers().toArray({ signal: 5 }),
  () => numbers().map(() => 1, { concurrency: 0 }),
  () => numbers().map(() => 1, { concurrency: "1" }),
  () => new Readable({ signal: 5 }), () => stream.addAbortSignal(5, new Readable()),
]) {
  console.log(await failure(act));
}
console.log((await failure(() => stream.addAbortSignal(aborted, 5))).split(" ", 1));
for (const name of [...names, "toArray"]) {
  const first = name === "toArray" ? [] : [() => [1]];
  const gives = numbers()[name](...first, { signal: aborted });
  console.log(name, await failure(() => gives.toArray?.() ?? gives));
}
const ways = [];
for (const name of names) {
  const gives = numbers()[name]((chunk, given) => {
    ways.push(given.signal instanceof AbortSignal);
    return [];
  });
  await (gives.toArray?.() ?? gives);
}
await numbers().reduce((sum, chunk, given) => ways.push(given.signal.aborted), 0);
console.log(ways.length, ways.includes(undefined), ways.filter((way) => way === true).length);
const { signal } = new AbortController();
await numbers().map((n) => n, { signal }).filter(() => true, { signal }).toArray({ signal });
console.log(getEventListeners(signal, "abort").length);

// what is destroyed at once has not finished
const given = new Writable({ write(chunk, encoding, done) { done(); } });
for (const name of ["finish", "close"]) given.on(name, () => console.log("given up", name));
given.end((e) => console.log(e?.code));
given.destroy();
await new Promise((resolve) => given.on("close", resolve));
console.log(given.writableFinished);

// a source that gives no more is ended by the signal, or by the scope's end
const disposed = new Readable({ read() {} });
disposed.on("error", (e) => console.log("disposed", e.code));
console.log(await disposed[Symbol.asyncDispose](), disposed.destroyed);
const over = numbers();
await over.toArray();
console.log(await over[Symbol.asyncDispose](), over.errored);
