// MessagePort as an emitter, environment data: what Node 20 prints.
import {
  getEnvironmentData, isMainThread, MessageChannel, parentPort, setEnvironmentData, threadId, Worker,
  workerData,
} from "node:worker_threads";

if (workerData?.nested !== undefined) {
  const { nested, buffer, port } = workerData;
  port.postMessage({ nested, threadId, bytes: buffer.byteLength });
  if (nested > 0) {
    const { port1, port2 } = new MessageChannel();
    port1.on("message", (value) => {
      port.postMessage({ ...value, differs: value.threadId !== threadId });
    });
    const inner = new Worker(new URL(import.meta.url), {
      workerData: { nested: nested - 1, buffer, port: port2 }, transferList: [buffer, port2],
    });
    await new Promise((resolve) => inner.on("exit", resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
    port1.close();
  }
  port.close();
} else if (isMainThread) {
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

  // Both ends hear of the end, whether they take messages or not.
  {
    const { port1, port2 } = new MessageChannel();
    port1.on("close", (event) => console.log("close 1", event.type));
    port2.on("close", () => console.log("close 2"));
    port1.close(() => console.log("closed"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    port2.close();
    port1.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  {
    const { port1, port2 } = new MessageChannel();
    port2.on("message", (value) => console.log("got", value));
    port2.on("x", () => {}).addEventListener("y", () => {});
    port1.postMessage(undefined);
    port1.postMessage(null);
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(["message", "x", "y"].every((name) => port2.eventNames().includes(name)));
    console.log(port2.removeAllListeners("x") === port2, port2.listenerCount("x"));
    port2.removeAllListeners();
    console.log(port2.listenerCount("message"), port2.listenerCount("y"));
    console.log(port2.getMaxListeners(), port2.setMaxListeners(3) === port2, port2.getMaxListeners());
    try {
      port2.setMaxListeners(-1);
    } catch (error) {
      console.log(error.code);
    }
    console.log(new MessageEvent("message", { data: undefined }).data);
    port2.close();
  }
  // Workers of workers have numbers of their own; transferred is what they are given.
  {
    const { port1, port2 } = new MessageChannel();
    const buffer = new ArrayBuffer(8);
    const ids = new Set();
    port1.on("message", ({ nested, threadId, bytes, differs }) => {
      ids.add(threadId);
      console.log(nested, bytes, differs, ids.size);
    });
    const outer = new Worker(new URL(import.meta.url), {
      workerData: { nested: 1, buffer, port: port2 }, transferList: [buffer, port2],
    });
    console.log(buffer.byteLength, outer.threadId > 0);
    await new Promise((resolve) => outer.on("exit", resolve));
    await new Promise((resolve) => setTimeout(resolve, 20));
    console.log(ids.has(outer.threadId));
    port1.close();
  }
  // One listener in another's place: the messages that come are its.
  {
    const heir = new Worker(new URL(import.meta.url), { workerData: { heir: true } });
    heir.on("message", (value) => {
      console.log(value);
      if (value === "ready") heir.postMessage("the second's");
    });
    await new Promise((resolve) => heir.on("exit", resolve));
  }
} else if (workerData?.heir) {
  const first = () => {};
  parentPort.on("message", first);
  setTimeout(() => {
    parentPort.off("message", first);
    parentPort.once("message", (value) => parentPort.postMessage(value));
    parentPort.postMessage("ready");
  }, 1);
} else {
  setEnvironmentData("own", 1);
  parentPort.postMessage([getEnvironmentData("k"), getEnvironmentData("gone")]);
}
