// arguments: --max-heap=24M
// A message for which the receiver has no memory: an event messageerror, or, if
// nobody listens to that, an error that nobody caught.
const text = "x".repeat(9 << 20);
const send = async (listen) => {
  const { port1, port2 } = new MessageChannel();
  listen(port2);
  port1.postMessage(text);
  port1.postMessage("next");
  await new Promise((resolve, reject) => {
    const limit = setTimeout(reject, 20000, new Error("no message"));
    port2.addEventListener("message", () => {
      clearTimeout(limit);
      resolve();
    });
    port2.start();
  });
  port2.close();
};
process.once("uncaughtException", (error) => console.log("uncaught", `${error}`));
await send(() => {});
await send((port) => port.onmessageerror = ({ type }) => console.log(type));
console.log(text.length);
