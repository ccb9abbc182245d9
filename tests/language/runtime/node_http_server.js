// node:http's server: what is on the wire, and its events.
import http from "node:http";
import net from "node:net";
import { inherits } from "node:util";

const { log } = console;
const server = http.createServer();
let connections = 0;
server.on("connection", (socket) => {
  connections++;
  socket.on("close", () => connections--);
});
server.on("clientError", (error, socket) => {
  log("clientError", error.code);
  socket.end("HTTP/1.1 400 Bad\r\n\r\n");
});
server.on("checkContinue", (request, response) => {
  log("checkContinue", request.headers.expect);
  response.writeContinue();
  request.resume().on("end", () => response.end("continued"));
});
server.on("connect", (request, socket) => {
  log("connect", request.url);
  socket.write("HTTP/1.1 200 OK\r\n\r\n");
  socket.pipe(socket);
});
const answers = {
  "/trailers"(request, response) {
    request.resume().on("end", () => {
      log(request.trailers, request.rawTrailers);
      response.writeHead(200, { Trailer: "X-End" });
      response.write("a");
      response.addTrailers({ "X-End": "yes" });
      response.end("b");
    });
  },
  "/early"(request, response) {
    response.writeEarlyHints({ link: "</s.css>; rel=preload" });
    response.end("ok");
  },
  "/reason"(request, response) {
    response.writeHead(299, "My Reason", ["X-A", "1", "X-A", "2"]);
    log(response.headersSent);
    response.end();
  },
  "/message"(request, response) {
    response.statusCode = 404;
    response.statusMessage = "Nope";
    response.end("x");
  },
  "/timeout"(request, response) {
    response.setTimeout(20, () => response.end("late"));
  },
  "/bare"(request, response) {
    response.sendDate = false;
    response.shouldKeepAlive = false;
    response.end(JSON.stringify(request.rawHeaders));
  },
};
server.on("request", (request, response) => {
  const answer = answers[request.url];
  if (answer !== undefined) answer(request, response);
  else response.end(`${request.method} ${request.url}`);
});

const raw = (text) => new Promise((resolve) => {
  const socket = net.connect(server.address().port, "127.0.0.1");
  let got = "";
  socket.on("data", (data) => {
    got += data;
    if (got.endsWith("ping")) socket.end();
  });
  socket.on("error", () => {}).on("close", () => resolve(got));
  socket.write(text);
});
const show = async (text) =>
  log(JSON.stringify((await raw(text)).replace(/Date: [^\r]*/g, "Date: D")));
const get = (path, rest = "") =>
  show(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${rest}\r\n`);

await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
await show("POST /trailers HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" +
           "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-T: 1\r\nX-T: 2\r\n\r\n");
await get("/early");
await get("/reason");
await get("/message");
await get("/timeout");
await get("/bare", "X-Case: Kept\r\n");
await show("POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" +
           "Expect: 100-continue\r\nContent-Length: 1\r\n\r\nx");
await show("garbage\r\n\r\n");
await show("GET / HTTP/1.1\r\nHost: a b\r\n\r\n");
await show("CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\nping");
await show("GET /1 HTTP/1.1\r\nHost: a\r\n\r\n" +
           "GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
while (connections > 0) await new Promise((resolve) => setTimeout(resolve, 1));

// A connection has one socket, which ends it.
const sockets = new Set();
server.on("connection", (socket) => sockets.add(socket));
await new Promise((resolve) => {
  const socket = net.connect(server.address().port, "127.0.0.1");
  socket.on("close", resolve);
  socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  socket.once("data", () => {
    server.getConnections((error, count) => {
      log(sockets.size, count);
      for (const one of sockets) one.destroy();
    });
  });
});

// Classes that inherit the old way, and heads that somebody listens to.
function Old(request) {
  http.ServerResponse.call(this, request);
}
inherits(Old, http.ServerResponse);
const old = new Old({ method: "GET" });
old.writeHead = function (status) {
  this.setHeader("x-seen", status);
  return http.ServerResponse.prototype.writeHead.apply(this, arguments);
};
old.on("finish", () => {
  log(old instanceof http.OutgoingMessage, old.getHeader("x-seen"));
  log(old._header.split("\r\n")[0]);
  server.close(() => log("closed"));
});
old.end("x");
