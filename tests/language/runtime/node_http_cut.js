// node:http: peers that leave, that send what is no body, and that send on
// after the answer. None of it is an uncaught error, which would end this.
import { once } from "node:events";
import http from "node:http";
import net from "node:net";

const { log } = console;
const event = (emitter, name) =>
  new Promise((resolve) => emitter.once(name, (...values) => resolve(values)));
const listening = async (server) => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server.address().port;
};
const show = (text) => JSON.stringify(text
  .replace(/(Date|Connection|Keep-Alive): [^\r]*\r\n/g, ""));
const chunked = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
const sized = (path) => `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc`;

// A connection whose text is collected; sends more once the server has got some.
async function connect(port, server, first, then) {
  const socket = net.connect(port, "127.0.0.1");
  let got = "";
  socket.setEncoding("latin1").on("data", (data) => {
    got += data;
    if (/last$|\r\n\r\nab$/.test(got)) socket.end();
  });
  socket.on("error", () => {});
  await once(socket, "connect");
  const closed = event(socket, "close");
  const received = event(server, "received"), over = event(server, "over");
  socket.write(first);
  const isReceived = await Promise.race([
    received.then(() => true), closed.then(() => false),
  ]);
  if (!isReceived) throw new Error("closed before the request was received");
  if (then === undefined) socket.destroy();
  else socket.write(then);
  await closed;
  await over;
  return got;
}

const finished = [];
const server = http.createServer(async (request, response) => {
  const { url } = request;
  if (url === "/last") {
    response.end("last");
    return;
  }
  for (const name of ["aborted", "close"]) {
    request.on(name, () => {
      log(url, name, request.complete, request.errored?.code);
      if (name === "close") server.emit("over");
    });
  }
  if (url === "/destroyed" || url === "/short") {
    response.on("close", () => finished.push(response.writableFinished));
    server.emit("received");
    if (url === "/destroyed") {
      response.destroy(new Error("given up"));
      return;
    }
    request.resume();
    response.setHeader("Content-Length", 5);
    response.write("ab");
    response.end();
    return;
  }
  if (url === "/listens") request.on("error", (error) => log(error.code, error.message));
  if (url === "/begun") response.write("begun");
  if (url === "/early" || url === "/unread") response.end("early");
  if (url === "/unread") {
    server.emit("received");
    return;
  }
  let body = "";
  request.on("data", (data) => {
    body += data;
    if (body === "abc") server.emit("received");
  });
  request.on("end", () => log(url, body, request.rawTrailers));
});
const port = await listening(server);

// What is no chunk.
const onClientError = (error, socket) => {
  log("clientError", error.code, socket.writable);
  socket.end("HTTP/1.1 400 Mine\r\n\r\n");
};
server.on("clientError", onClientError);
log(show(await connect(port, server, chunked, "zz\r\n")));
server.removeListener("clientError", onClientError);
log(show(await connect(port, server, chunked, "zz\r\n")));
log(show(await connect(port, server, chunked.replace("/", "/begun"), "zz\r\n")));

// Who leaves.
await connect(port, server, sized("/"));
await connect(port, server, sized("/listens"));

// The answer comes before the body's end: the connection goes on.
const last = "GET /last HTTP/1.1\r\nHost: a\r\n\r\n";
log(show(await connect(port, server, sized("/early"), `def${last}`)));
log(show(await connect(port, server, chunked.replace("/", "/early"),
                       `3\r\ndef\r\n0\r\nX-T: 1\r\n\r\n${last}`)));
log(show(await connect(port, server, sized("/unread"), `def${last}`)));

// A response that the server gives up, and one that is not all it said.
for (const path of ["/destroyed", "/short"]) {
  const asked = `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
  log(show(await connect(port, server, asked, "")), finished.splice(0));
}
server.close();
await event(server, "close");

// A response that is cut off, and a body that nothing but the end tells.
const cutting = net.createServer((socket) => {
  socket.once("data", (data) => {
    const isWhole = `${data}`.startsWith("GET /whole");
    socket.write(`HTTP/1.1 200 OK\r\n${isWhole ? "" : "Content-Length: 9\r\n"}\r\nabc`);
    cutting.once("cut", () => socket.end());
  });
});
const cut = await listening(cutting);
for (const path of ["/cut", "/whole"]) {
  const request = http.get({ port: cut, host: "127.0.0.1", path, agent: false });
  const told = [], ofRequest = [];
  request.on("error", (error) => ofRequest.push(error.code));
  const closed = event(request, "close");
  const [response] = await once(request, "response");
  for (const name of ["end", "aborted"]) response.on(name, () => told.push(name));
  response.on("data", (data) => {
    told.push(`${data}`);
    cutting.emit("cut");
  });
  await event(response, "close");
  await closed;
  log(told, response.complete, response.aborted, response.errored?.code, ofRequest);
}
cutting.close();

// A long body that nobody reads is not waited for: Node reads it all.
const unread = http.createServer((request, response) => response.end("early"));
const length = 1e9;
const sender = net.connect(await listening(unread), "127.0.0.1");
sender.on("error", () => {}).resume();
sender.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
let sent = 0;
const more = (error) => {
  if (error) return;
  sent += 65536;
  if (sent < length) sender.write(Buffer.alloc(65536), more);
};
more();
await event(sender, "close");
log("closed", sent < length);
unread.close();
