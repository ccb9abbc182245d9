// Started by worker.js.
import { isMainThread, parentPort, workerData } from "node:worker_threads";
parentPort.once("message", (n) => {
  parentPort.postMessage({ isMainThread, workerData, twice: n * 2 });
});
