// Started by worker.js.
let port;
onmessage = ({ data, ports }) => {
  if (data === "throw") throw new RangeError("uncaught in the worker");
  if (data === "spin") for (;;);
  if (data === "close") close();
  if (ports.length > 0) {
    [port] = ports;
    port.onmessage = ({ data }) => port.postMessage([data, "by port"]);
    port.postMessage("hello");
    return;
  }
  postMessage({ echo: data, name, isSelf: self === globalThis });
};
