// What a listener of a worker's messages throws is an error that nobody caught:
// the next message comes all the same.
import { Worker } from "node:worker_threads";

const worker = new Worker(new URL("./worker/counting.mjs", import.meta.url));
process.on("uncaughtException", (error) => {
  console.log("uncaught", error.message);
  if (error instanceof RangeError) process.exit(1); // no memory to go on with
});
worker.on("message", (count) => {
  worker.postMessage(count);
  throw new Error(count);
});
worker.on("exit", (code) => console.log("exit", code));
worker.postMessage(0);
