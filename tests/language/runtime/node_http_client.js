// node:http's client against a server that says what it is told to: sockets of
// an agent, bodies of each kind, and responses that are refused.
import http from "node:http";
import net from "node:net";
import { Duplex } from "node:stream";

const { log } = console;
const answers = {
  "/ok": "HTTP/1.1 200 Fine\r\nX-A: 1\r\nX-A: 2\r\nSet-Cookie: a\r\n" +
    "Set-Cookie: b\r\nContent-Length: 2\r\n\r\nhi",
  "/chunked": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" +
    "2;x=y\r\nhi\r\n0\r\nX-T: v\r\n\r\n",
  "/early": "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
  "/none": "HTTP/1.1 204 No\r\nX: 1\r\n\r\n",
  "/close": "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx",
  "/old": "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
  "/status": "HTTP/1.1 2x0 OK\r\n\r\n",
  "/version": "HTTP/2.0 200 OK\r\n\r\n",
  "/lengths": "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
  "/both": "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n" +
    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "/coding": "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nx",
  "/name": "HTTP/1.1 200 OK\r\nA B: 1\r\n\r\n",
  "/fold": "HTTP/1.1 200 OK\r\nA: 1\r\n b\r\n\r\n",
  "/feed": "HTTP/1.1 200 OK\nA: 1\n\n",
  "/chunk": "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  "/long": `HTTP/1.1 200 OK\r\nA: ${"x".repeat(20000)}\r\n\r\n`,
  "/more": "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxyz",
  "h:1": "HTTP/1.1 200 OK\r\n\r\nTUNNEL",
};
const ends = {
  "/cut": "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhi",
  "/end": "HTTP/1.1 200 OK\r\n\r\nuntil the end",
  "/empty": "",
};
const server = net.createServer((socket) => {
  let text = "";
  socket.on("error", () => {}).on("data", (data) => {
    text += data;
    if (!text.includes("\r\n\r\n")) return;
    const path = text.split(" ")[1];
    if (path === "/echo") {
      if (!text.endsWith("END") && !text.endsWith("0\r\n\r\n")) return;
      const body = JSON.stringify(text.replace(/Host: .*/, "Host: H"));
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    } else if (path === "/continue") {
      if (/expect/i.test(text)) socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      setTimeout(() => socket.write(answers["/none"]), 10);
    } else if (ends[path] !== undefined) {
      socket.end(ends[path]);
    } else if (answers[path] !== undefined) {
      // In small pieces: the parser finds its place again.
      const bytes = Buffer.from(answers[path]);
      const step = bytes.length > 1000 ? bytes.length : 7;
      for (let at = 0; at < bytes.length; at += step) {
        socket.write(bytes.subarray(at, at + step));
      }
    }
    text = "";
  });
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address();
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

const go = (path, options = {}, body = undefined) => new Promise((resolve) => {
  const seen = [path];
  const request = http.request({ port, host: "127.0.0.1", path, agent, ...options });
  request.on("response", (message) => {
    let text = "";
    seen.push(message.statusCode, message.statusMessage,
              JSON.stringify(message.headers));
    message.on("data", (data) => text += data)
      .on("end", () => seen.push("end", text, JSON.stringify(message.trailers)))
      .on("error", (error) => seen.push("message", error.code, error.message))
      .on("close", () => setImmediate(resolve, seen));
  });
  request.on("information", (info) => seen.push("information", info.statusCode));
  request.on("continue", () => seen.push("continue"));
  request.on("connect", (message, socket, head) => {
    seen.push("connect", message.statusCode);
    let text = `${head}`;
    const check = () => {
      if (text !== "TUNNEL") return;
      seen.push(text);
      socket.destroy();
      resolve(seen);
    };
    socket.on("data", (data) => {
      text += data;
      check();
    });
    socket.on("close", () => resolve(seen));
    check();
  });
  request.on("timeout", () => {
    seen.push("timeout");
    request.destroy();
  });
  request.on("error", (error) => {
    seen.push("error", error.code, error.message);
    setImmediate(resolve, seen);
  });
  request.on("socket", (socket) =>
    seen.push(request.reusedSocket ? "reused" : "new", socket instanceof net.Socket));
  if (Array.isArray(body)) {
    for (const piece of body) request.write(piece);
    request.end();
  } else {
    request.end(body);
  }
});
for (const path of [...Object.keys(answers).filter((p) => p !== "h:1"),
                    ...Object.keys(ends)]) {
  log((await go(path)).join(" | "));
}
log((await go("/slow", { timeout: 30 })).join(" | "));
log((await go("h:1", { method: "CONNECT" })).join(" | "));
log((await go("/continue", { method: "POST", headers: { Expect: "100-continue" } },
              "x")).join(" | "));
log((await go("/echo", { method: "POST" }, "END")).join(" | "));
log((await go("/echo", { method: "PUT" }, ["one", "two"])).join(" | "));
log((await go("/ok", { agent: false })).slice(0, 5).join(" | "));

// One socket for all; the others wait.
const many = await Promise.all([1, 2, 3].map(() => go("/ok")));
log(many.map((seen) => seen[1]).join());
log(Object.keys(agent.sockets).length, Object.values(agent.freeSockets)[0].length);

// A socket that no request gets is not left open, nor does it take a place.
class Unfit extends Duplex {
  on(name, listener) {
    if (name === "free") throw new Error("unfit");
    return super.on(name, listener);
  }
}
for (const isAtOnce of [false, true]) {
  const unfit = new Unfit(), own = new http.Agent();
  own.createConnection = (options, callback) =>
    isAtOnce ? callback(null, unfit) : unfit;
  try {
    http.get({ agent: own });
  } catch (error) {
    log(error.message, unfit.destroyed, Object.keys(own.sockets).length);
  }
}

const controller = new AbortController();
const aborted = go("/slow", { signal: controller.signal });
controller.abort();
log((await aborted).join(" | "));
agent.destroy();
server.close(() => log("closed"));
