// CompressionStream and DecompressionStream.
const through = async (bytes, stream) =>
  new Uint8Array(await new Response(
    new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
const text = "hello ".repeat(1000);
for (const format of ["gzip", "deflate", "deflate-raw"]) {
  const small = await through(text, new CompressionStream(format));
  const back = await through(small, new DecompressionStream(format));
  console.log(format, small.length < 100, new TextDecoder().decode(back) === text);
  const bad = {
    "cut": small.subarray(0, small.length - 1),
    "longer": Uint8Array.of(...small, 0),
    "changed": small.with(0, 7),
    "empty": new Uint8Array(0),
  };
  for (const [what, bytes] of Object.entries(bad)) {
    await through(bytes, new DecompressionStream(format))
      .then(() => console.log(what, "passed"), (e) => console.log(what, e.name));
  }
}
for (const make of [() => new CompressionStream("zip"),
                    () => new DecompressionStream(),
                    () => CompressionStream("gzip")]) {
  try {
    make();
  } catch (error) {
    console.log(error.name, error.message);
  }
}
const { readable, writable } = new CompressionStream("gzip");
readable.getReader().read().catch((error) => console.log(error.name));
await writable.getWriter().write("text").catch((error) => console.log(error.name, error.message));
