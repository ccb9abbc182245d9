// MessagePort as an emitter, environment data: what Node 20 prints.
import {
  getEnvironmentData, isMainThread, MessageChannel, parentPort, setEnvironmentData, Worker,
} from "node:worker_threads";

if (isMainThread) {
  const { port1, port2 } = new MessageChannel();
  const log = (v, ...rest) => console.log("got", v, rest.length);
  console.log(port2.on("message", log) === port2, port2.listenerCount("message"));
  port2.on("message", log);
  port2.once("message", (v) => console.log("once", v));
  console.log(port2.listenerCount("message"));
  port1.postMessage("hello");
  port1.postMessage({ again: true });
  await new Promise((resolve) => setTimeout(resolve, 20));
  console.log(port2.off("message", log).listenerCount("message"));
  const { port1: other } = new MessageChannel();
  other.on("custom", (value) => console.log("custom", value));
  console.log(other.emit("custom", 7), other.emit("none"));
  other.on("message", (value) => console.log("emitted", value));
  other.addEventListener("message", (event) => console.log("event", event.data));
  console.log(other.emit("message", 8));
  other.removeListener("custom", log);
  const closed = new Promise((resolve) => port2.on("close", resolve));
  port1.close();
  console.log((await closed).type);
  other.close();

  setEnvironmentData("k", { v: new Map([[1, 2]]) });
  setEnvironmentData("gone", 1);
  setEnvironmentData("gone", undefined);
  console.log(getEnvironmentData("k"), getEnvironmentData("gone"));
  const worker = new Worker(new URL(import.meta.url));
  worker.on("message", (value) => console.log(value));
  await new Promise((resolve) => worker.on("exit", resolve));
} else {
  setEnvironmentData("own", 1);
  parentPort.postMessage([getEnvironmentData("k"), getEnvironmentData("gone")]);
}
