// Workers: programs on threads of their own, and ports between isolates.
import { Worker as ThreadWorker } from "node:worker_threads";

const url = new URL("./worker/echo.mjs", import.meta.url);
const next = (target, type = "message") =>
  new Promise((resolve) => target.addEventListener(type, resolve,
                                                   { once: true }));

const worker = new Worker(url, { name: "echo" });
worker.postMessage({ a: [1, new Map([[1, 2]])] });
console.log((await next(worker)).data);

const buffer = new ArrayBuffer(8);
worker.postMessage(buffer, [buffer]);
console.log((await next(worker)).data.echo.byteLength, buffer.byteLength);

worker.postMessage("throw");
const event = await next(worker, "error");
console.log(event.error instanceof RangeError, event.message);

// A port of this isolate goes to the other one, and messages both ways.
const { port1, port2 } = new MessageChannel();
port1.postMessage("early");
worker.postMessage("port", [port2]);
const heard = [];
port1.onmessage = ({ data }) => heard.push(data);
while (heard.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
port1.postMessage({ late: 1 });
while (heard.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
console.log(heard);

worker.postMessage("spin");
worker.terminate();

const closing = new Worker(url);
closing.postMessage("close");

const thread = new ThreadWorker(new URL("./worker/threads.mjs", import.meta.url),
                                { workerData: { seed: 1 } });
thread.on("message", (message) => console.log(message));
thread.on("exit", (code) => console.log("exit", code));
thread.postMessage(21);
