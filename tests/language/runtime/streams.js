// ReadableStream, WritableStream, TransformStream, MessageChannel.
const log = (...words) => console.log(...words);
const collect = async (stream) => {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
};
let pulled = 0;
const numbers = () => new ReadableStream({
  pull(controller) {
    if (++pulled > 5) controller.close();
    else controller.enqueue(pulled);
  },
});
log(await collect(numbers()));
log(await collect(ReadableStream.from(new Set(["a", Promise.resolve("b")]))));

const written = [];
const doubled = new TransformStream({
  transform: (chunk, controller) => controller.enqueue(chunk * 2),
  flush: (controller) => controller.enqueue("end"),
});
pulled = 0;
await numbers().pipeThrough(doubled).pipeTo(new WritableStream({
  write(chunk) { written.push(chunk); },
  close() { written.push("closed"); },
}, new CountQueuingStrategy({ highWaterMark: 3 })));
log(written);

const [left, right] = ReadableStream.from([1, 2, 3]).tee();
log(await Promise.all([collect(left), collect(right)]));

const bytes = new ReadableStream({
  type: "bytes",
  pull(controller) {
    const { view } = controller.byobRequest;
    view.fill(7);
    controller.byobRequest.respond(Math.min(3, view.byteLength));
  },
});
const reader = bytes.getReader({ mode: "byob" });
const { value, done } = await reader.read(new Uint16Array(4), { min: 3 });
log(value, done);
reader.releaseLock();
await bytes.cancel();

const broken = new ReadableStream({ start(c) { c.error(new Error("broken")); } });
await broken.getReader().read().catch((error) => log(error.message));
const stop = new AbortController();
const endless = new ReadableStream({ pull(c) { c.enqueue("x"); } });
let count = 0;
await endless.pipeTo(new WritableStream({
  write() { if (++count === 3) stop.abort("enough"); },
  abort(reason) { log("aborted", reason); },
}), { signal: stop.signal }).catch((reason) => log("rejected", reason));
try {
  endless.getReader({ mode: "wrong" });
} catch (error) {
  log(error.name);
}

const { port1, port2 } = new MessageChannel();
port1.onmessage = async ({ data, ports }) => {
  log(data.map, ports.length, await collect(data.stream));
  ports[0].postMessage("through a moved port");
};
const other = new MessageChannel();
const stream = ReadableStream.from(["over", "a", "port"]);
port2.postMessage({ map: new Map([[1, 2]]), stream },
                  [stream, other.port2]);
other.port1.onmessage = ({ data }) => log(data);
const [one, two] = [new BroadcastChannel("x"), new BroadcastChannel("x")];
two.onmessage = ({ data }) => {
  log("broadcast", data);
  one.close();
  two.close();
};
one.postMessage([1]);
log(endless.locked, stream.locked);
