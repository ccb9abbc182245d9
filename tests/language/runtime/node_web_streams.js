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
