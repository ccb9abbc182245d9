// fetch: a peer that is done while the source of an upload gives nothing more,
// and what becomes of a signal that is used for many requests.
import { getEventListeners } from "node:events";
import net from "node:net";
import { serve } from "rill:http";

const answers = {
  refused: ["HTTP/1.1 413 No\r\nContent-Length: 5\r\n\r\nearly"],
  answered: ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nearly"],
  chunked: ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nearly\r\n0\r\n\r\n"],
  nothing: ["HTTP/1.1 204 No Content\r\n\r\n"],
  closed: ["HTTP/1.1 413 No\r\nConnection: close\r\n\r\nearly", "end"],
  ended: ["", "end"],
  dropped: ["", "destroy"],
  short: ["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nearly", "end"],
  cut: ["HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nearly\r\n", "end"],
};
const ends = [];
const raw = net.createServer((socket) => {
  let got = "";
  socket.on("error", () => {}).on("close", () => raw.emit("gone", got));
  socket.on("data", (data) => {
    got += data;
    if (!got.endsWith("\r\n1\r\nx\r\n")) return;
    const [answer, end] = answers[got.slice(6, got.indexOf(" ", 6))];
    socket.write(answer);
    if (end !== undefined) setImmediate(() => socket[end]());
  });
});
await new Promise((resolve) => raw.listen(0, "127.0.0.1", resolve));
const base = `http://127.0.0.1:${raw.address().port}`;
for (const name of Object.keys(answers)) {
  const gone = new Promise((resolve) => raw.once("gone", resolve));
  const cancelled = Promise.withResolvers();
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(Uint8Array.of(120));
    },
    cancel: () => cancelled.resolve("cancelled"),
  });
  const told = [name];
  try {
    const response = await fetch(`${base}/${name}`, { method: "POST", body, duplex: "half" });
    told.push(response.status);
    told.push(await response.text());
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // and nobody took the body
    told.push(error.name);
  }
  told.push(await cancelled.promise);
  // The body was not all: the server may not take it for that.
  told.push((await gone).endsWith("\r\n0\r\n\r\n"));
  console.log(...told);
}

// The signal has no listener once the response is over.
const { signal } = new AbortController();
const count = () => getEventListeners(signal, "abort").length;
raw.removeAllListeners("connection");
raw.on("connection", (socket) => {
  socket.on("error", () => {}).once("data", (data) => {
    if (`${data}`.startsWith("GET /redirect")) {
      socket.end("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n");
    } else {
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
      if (`${data}`.startsWith("GET /cut")) socket.end();
    }
  });
});
await fetch(`${base}/redirect`, { signal, redirect: "error" })
  .catch((error) => console.log(error.message, count()));
await (await fetch(`${base}/stays`, { signal })).body.cancel();
console.log(count());
await (await fetch(`${base}/cut`, { signal })).text()
  .catch((error) => console.log(error.name, count()));
raw.close();

// Nor for ever, if nobody reads the response.
const server = await serve({ hostname: "127.0.0.1" }, () => "x");
for (let i = 0; i < 50; i++) await fetch(`http://127.0.0.1:${server.port}/`, { signal });
for (let round = 0; round < 1000 && count() > 10; round++) {
  for (let i = 0, kept = []; i < 1e5; i++) kept[i % 100] = { round };
  await new Promise((resolve) => setTimeout(resolve));
}
console.log(count() <= 10);
server.abort();
