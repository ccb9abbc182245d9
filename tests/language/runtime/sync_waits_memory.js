// arguments: --max-heap=32M
// What waits on an object of rill:sync has a record outside the heap, which
// counts until it waits no longer.
import { channel, Mutex, Notify, Semaphore } from "rill:sync";

const external = () => process.memoryUsage().external;

async function counts(name, wait, end) {
  const waits = [], before = external();
  for (let i = 0; i < 10000; i++) waits.push(wait());
  const waiting = external() - before;
  await end(waits);
  const left = external() - before;
  console.log(name, waiting > 10000 * 100, left < 10000 * 10);
}

const notify = new Notify();
await counts("notify", () => notify.notified(), async (waits) => {
  notify.notifyAll();
  await Promise.all(waits);
});
const [sender, receiver] = channel(1);
await sender.send(0);
await counts("full channel", () => sender.send(1), async (waits) => {
  receiver.close();
  await Promise.allSettled(waits);
});
const controller = new AbortController(), { signal } = controller;
await counts("aborted", () => notify.notified({ signal }), async (waits) => {
  controller.abort();
  await Promise.allSettled(waits);
});
const semaphore = new Semaphore(0);
await counts("semaphore", () => semaphore.acquire(), async (waits) => {
  semaphore.close();
  await Promise.allSettled(waits);
});
const mutex = new Mutex(), guard = await mutex.lock();
await counts("mutex", () => mutex.lock(), async (waits) => {
  guard.release();
  for (const wait of waits) (await wait).release();
});

// More of them than there is memory for.
let count = 0;
try {
  for (;; count++) notify.notified();
} catch (e) {
  console.log(e.name, e.message, count > 1000);
}
notify.notifyAll();
await null;
console.log([..."usable"].reverse().join(""));
