// Node's streams as the web's, and back.
import { Duplex, PassThrough, Readable, Writable } from "node:stream";

const web = Readable.toWeb(Readable.from([Buffer.from("a"), Buffer.from("bc")],
                                         { objectMode: false }));
console.log(await new Response(web).text());

let text = "";
for await (const chunk of Readable.fromWeb(new Blob(["hello"]).stream())) {
  text += Buffer.from(chunk);
}
console.log(text);

const out = [];
const sink = new Writable({
  write(chunk, encoding, callback) {
    out.push(`${chunk}`);
    setImmediate(callback);
  },
});
const writer = Writable.toWeb(sink).getWriter();
await writer.write("one");
await writer.write("two");
await writer.close();
console.log(out, sink.writableFinished);

const seen = [];
const node = Writable.fromWeb(new WritableStream({ write: (c) => void seen.push(`${c}`) }));
node.write("x");
await new Promise((resolve) => node.end("y", resolve));
console.log(seen);

const { readable, writable } = Duplex.toWeb(new PassThrough());
const reading = new Response(readable).text();
const both = writable.getWriter();
await both.write("through");
await both.close();
console.log(await reading);

const failing = new Readable({ read() { this.destroy(new Error("no")); } });
await new Response(Readable.toWeb(failing)).text().catch((e) => console.log(e.message));

const joined = Duplex.fromWeb(new TransformStream());
joined.end("joined");
for await (const chunk of joined) console.log(`${chunk}`);

// The web's streams as parts of pipeline and compose, and what finished says of
// them; what is no part.
{
  const { compose, finished, pipeline, promises, PassThrough, Transform } =
    await import("node:stream");
  const { text } = await import("node:stream/consumers");
  const { getEventListeners } = await import("node:events");
  const upper = () => new Transform({
    transform(chunk, encoding, done) { done(null, `${chunk}`.toUpperCase()); },
  });
  const doubling = () => new TransformStream({
    transform(chunk, controller) { controller.enqueue(`${chunk}${chunk}`); },
  });
  let got = [];
  const sink = () => new WritableStream({ write(chunk) { got.push(`${chunk}`); } });
  await promises.pipeline(Readable.from(["a", "b"]), sink());
  await promises.pipeline(new Blob(["c"]).stream(), doubling(), upper(), doubling(), sink());
  await promises.pipeline(["d"], doubling(), async (chunks) => {
    for await (const chunk of chunks) got.push(chunk);
  });
  console.log(got);
  let composed = compose(upper(), doubling(), upper());
  composed.end("a");
  console.log(await text(composed));
  composed = compose(doubling(), upper());
  composed.end("b");
  console.log(await text(composed));
  got = [];
  composed = compose(upper(), sink());
  composed.end("c");
  await promises.finished(composed);
  console.log(got, await text(compose(Promise.resolve("d"), upper())));

  const controller = new AbortController();
  const ends = (stream, options = {}) =>
    promises.finished(stream, options).then(() => "done", (error) => error.message);
  const closing = new ReadableStream({ start: (c) => queueMicrotask(() => c.close()) });
  const failing = new ReadableStream({
    start: (c) => queueMicrotask(() => c.error(new Error("failed"))),
  });
  const written = sink();
  setImmediate(() => written.close());
  const waited = ends(new ReadableStream(), controller);
  console.log(await ends(closing, controller), closing.locked, await ends(closing),
              await ends(failing), await ends(failing), await ends(written));
  controller.abort();
  console.log(await waited);

  // No listener is left.
  const { signal } = new AbortController();
  for (let i = 0; i < 3; i++) {
    const stream = new PassThrough();
    const end = promises.finished(stream, { signal });
    stream.end();
    stream.resume();
    await end;
    await promises.finished(sink().close() && closing, { signal });
  }
  console.log(getEventListeners(signal, "abort").length);

  const given = () => Readable.from(["a"]);
  const stopped = given().compose(upper(), { signal: controller.signal });
  console.log(await stopped.toArray().catch((error) => error.name));
  for (const wrong of [
    () => compose(5), () => compose(upper(), 5), () => compose(upper(), null),
    () => compose(undefined, upper()), () => given().compose(5),
    () => given().compose(upper(), 5), () => given().compose(upper(), { signal: 5 }),
    () => compose(() => 5), () => compose(upper(), () => {}),
    () => pipeline(given(), upper()), () => pipeline(given(), 5, () => {}),
    () => pipeline(null, upper(), () => {}),
    () => finished(upper()), () => finished(upper(), {}), () => finished(5, () => {}),
    () => finished(doubling(), () => {}), () => finished(upper(), 5, () => {}),
    () => finished(upper(), { signal: 5 }, () => {}),
  ]) {
    try {
      wrong();
      console.log("taken", wrong);
    } catch (error) {
      console.log(error.code, error.message);
    }
  }
}
