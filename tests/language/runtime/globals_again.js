// A global whose module could not be made, for want of memory, is there the next
// time: the scan of failing allocations has it.
const uses = {
  url: () => new URL("http://a/b").pathname,
  streams: () => new ReadableStream().locked,
  abort: () => new AbortController().signal.aborted,
  decoder: () => new TextDecoder().encoding,
  blob: () => new Blob(["x"]).size,
  headers: () => new Headers({ a: "b" }).get("a"),
  clone: () => structuredClone({ a: 1 }).a,
  time: () => performance.now() > 0,
  compression: () => new CompressionStream("gzip").readable.locked,
  timer: () => clearTimeout(setTimeout(() => {}, 1)),
  node: () => process.getBuiltinModule("node:http").METHODS.length > 5,
};
for (const [name, use] of Object.entries(uses)) {
  let result;
  try {
    result = use();
  } catch (error) {
    if (error.message !== "Out of memory") throw error;
    result = use();
  }
  console.log(name, result);
}
