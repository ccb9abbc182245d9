// Compressed bytes: what was compressed comes back, in whatever pieces, whatever
// the options; what was changed is an error with a code or bounded data, and the
// functions that wait, those that do not, and the streams agree.
import zlib from "node:zlib";
import { check, fuzz, pieces } from "./driver.mjs";

const text = Buffer.from("The quick brown fox. ".repeat(20));
const most = { maxOutputLength: 1 << 20 };
const formats = [
  ["deflateSync", "inflateSync", "deflate"],
  ["deflateRawSync", "inflateRawSync", "deflate-raw"],
  ["gzipSync", "gunzipSync", "gzip"],
];

const outcome = (work) => {
  try {
    return work();
  } catch (error) {
    check(typeof error.code === "string", error.stack);
    return error;
  }
};

async function throughStream(input, format, random) {
  const chunks = pieces(input, random);
  const stream = new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  }).pipeThrough(new DecompressionStream(format));
  const found = [];
  let length = 0;
  try {
    for await (const chunk of stream) {
      found.push(chunk);
      length += chunk.length;
      if (length > 1 << 20) break;
    }
  } catch (error) {
    check(error instanceof TypeError, error);
    return null;
  }
  return Buffer.concat(found);
}

const corpus = formats.flatMap(([pack]) => [
  zlib[pack](text), zlib[pack]("a"), zlib[pack](Buffer.alloc(50000)),
  zlib[pack](text, { level: 0 }),
]);
corpus.push(zlib.brotliCompressSync?.(text) ?? "brotli");
await fuzz(corpus, async (input, random) => {
  const [pack, unpack, format] = random.pick(formats);
  const found = outcome(() => zlib[unpack](input, most));
  const streamed = await throughStream(input, format, random);
  // The stream is stricter: nothing may follow the end.
  if (streamed !== null && streamed.length <= 1 << 20) {
    check(Buffer.isBuffer(found), `only the stream took it: ${found}`);
    check(found.equals(streamed), "stream and call differ");
  }
  outcome(() => zlib.unzipSync(input, most));
  if (zlib.brotliDecompressSync) outcome(() => zlib.brotliDecompressSync(input, most));
  const options = { level: random.below(10), memLevel: 1 + random.below(9),
                    windowBits: 9 + random.below(7), strategy: random.below(5) };
  const packed = zlib[pack](input, options);
  check(zlib[unpack](packed).equals(input), `there and back: ${JSON.stringify(options)}`);
  check((await throughStream(packed, format, random))?.equals(input), "stream back");
});
