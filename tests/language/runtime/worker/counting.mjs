// Started by worker_listeners.js.
import { parentPort } from "node:worker_threads";
parentPort.on("message", (count) => {
  if (count === 3) process.exit();
  parentPort.postMessage(count + 1);
});
