// A source that closes, errors or enqueues with hardly any stack left: whatever
// that comes to, who reads is told.
let deepest = 0;
const descend = (depth, left, work) => {
  deepest = depth;
  return left === 0 ? work() : descend(depth + 1, left - 1, work) || 0;
};
try {
  descend(0, Infinity);
} catch {}
const most = deepest;

const works = {
  close: (controller) => controller.close(),
  error: (controller) => controller.error("error"),
  enqueue: (controller) => controller.enqueue(new Uint8Array(1)),
};
for (const type of [undefined, "bytes"]) {
  for (const [name, work] of Object.entries(works)) {
    let untold = 0;
    // Some of these depths end within what tells the reader.
    for (let depth = most - 50; depth < most; depth++) {
      const stream = new ReadableStream({
        type,
        pull: (controller) => descend(0, depth, () => work(controller)),
      }, { highWaterMark: 0 });
      const reader = stream.getReader();
      reader.closed.catch(() => {});
      untold++;
      const told = () => untold--;
      reader.read().then(told, told);
    }
    await new Promise((resolve) => setTimeout(resolve));
    console.log(type ?? "values", name, untold);
  }
}
