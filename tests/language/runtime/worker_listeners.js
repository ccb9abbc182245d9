// What a listener of a worker's messages throws is an error that nobody caught:
// the next message comes all the same.
import { Worker } from "node:worker_threads";

const worker = new Worker(new URL("./worker/counting.mjs", import.meta.url));
process.on("uncaughtException", ({ message }) => console.log("uncaught", message));
worker.on("message", (count) => {
  worker.postMessage(count);
  throw new Error(count);
});
worker.on("exit", (code) => console.log("exit", code));
worker.postMessage(0);
