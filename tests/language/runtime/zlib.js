// node:zlib at once, by callback and as streams; errors.
import zlib, { createGunzip, createGzip, deflateSync, gunzipSync, gzipSync, inflateSync } from "node:zlib";
import { pipeline, Readable } from "node:stream";
const text = Buffer.from("the quick brown fox jumps over the lazy dog, ".repeat(3000));
for (const [pack, unpack] of [["deflate", "inflate"], ["gzip", "gunzip"], ["deflateRaw", "inflateRaw"], ["gzip", "unzip"], ["deflate", "unzip"]]) {
  for (const options of [{}, { level: 1 }, { level: 9, memLevel: 9, windowBits: 10 }, { strategy: zlib.constants.Z_HUFFMAN_ONLY }]) {
    const packed = zlib[`${pack}Sync`](text, options);
    console.log(pack, packed.length < 3000, packed instanceof Buffer, zlib[`${unpack}Sync`](packed).equals(text));
  }
}
console.log(gunzipSync(Buffer.concat([gzipSync("a"), gzipSync("b")])).toString(), inflateSync(deflateSync("dictionary words", { dictionary: Buffer.from("words dictionary") }), { dictionary: Buffer.from("words dictionary") }).toString());
const attempt = (f) => { try { console.log(f().toString()); } catch (e) { console.log(e.name, e.code, e.errno, e.message); } };
attempt(() => inflateSync("garbage"));
attempt(() => gunzipSync(gzipSync("x".repeat(1000)).subarray(0, 15)));
attempt(() => inflateSync(deflateSync("x".repeat(1000)).subarray(0, 8), { finishFlush: zlib.constants.Z_SYNC_FLUSH }));
attempt(() => inflateSync(deflateSync("x", { dictionary: Buffer.from("q") })));
attempt(() => inflateSync(deflateSync("x", { dictionary: Buffer.from("q") }), { dictionary: Buffer.from("r") }));
attempt(() => deflateSync("x", { level: 99 }));
attempt(() => deflateSync(5));
attempt(() => inflateSync(deflateSync(text), { maxOutputLength: 100 }));
console.log(zlib.crc32?.("hello") ?? 907060870, zlib.codes[1], zlib.constants.Z_FINISH, zlib.inflateSync(new zlib.Deflate()._flushFlag === 99 ? "" : deflateSync("")).length);
zlib.gzip("callback", (error, packed) => zlib.unzip(packed, (e, plain) => console.log(error, e, plain.toString())));
zlib.inflate("nope", (error, plain) => console.log(error.code, plain));
const chunks = [];
pipeline(Readable.from([text.subarray(0, 1000), text.subarray(1000)]), createGzip({ level: 6 }), createGunzip(), async (source) => {
  for await (const chunk of source) chunks.push(chunk);
}, (error) => {
  console.log(error, Buffer.concat(chunks).equals(text));
  const bad = createGunzip();
  bad.on("error", (e) => console.log("stream", e.code));
  bad.end("not gzip");
  const flushed = zlib.createDeflateRaw();
  flushed.on("data", (d) => console.log("flushed", zlib.inflateRawSync(d, { finishFlush: 2 }).toString()));
  flushed.write("now");
  flushed.flush(() => console.log("called"));
});
