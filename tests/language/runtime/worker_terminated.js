// A worker that is terminated before it has begun has an end, too.
import { Worker } from "node:worker_threads";

const file = new URL("./worker/endless.mjs", import.meta.url);
const codes = [];
for (let i = 0; i < 20; i++) {
  const worker = new Worker(file);
  worker.on("exit", (code) => codes.push(code));
  if (await worker.terminate() !== 1) console.log("another code");
}
console.log(codes.length, codes.every((code) => code === 1));
