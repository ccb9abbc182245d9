// Threads and children, for test_memory.py.
import { run } from "rill:process";
import { channel, Mutex } from "rill:sync";
import { spawn } from "rill:task";

const [sender, receiver] = channel(2);
const task = spawn(async (s) => {
  for (let i = 0; i < 10; i++) await s.send({ i, list: [i, i] });
  s.close();
}, sender);
sender.close();
for await (const { i } of receiver) i;
await task;
const mutex = new Mutex();
using guard = await mutex.lock();
for (let i = 0; i < 500; i++) structuredClone(mutex);
const worker = new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
try {
  await new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = (event) => reject(new Error(`worker ${event.message}`));
    worker.postMessage({ text: "x".repeat(1000), map: new Map([[1, 2]]) });
    setTimeout(reject, 1000, new Error("worker ETIMEDOUT")).unref();
  });
} finally {
  worker.terminate();
}
await run("cat", [], { input: "abc", timeout: 1000 });
console.log("end");
