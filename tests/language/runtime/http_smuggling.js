// What smuggles requests and splits responses: the clients' side, header injection
// from scripts, and what the parser's unit test cannot show of the server.
import http from "node:http";
import { serve } from "rill:http";
import { connect, listen } from "rill:net";
import { connectWebSocket } from "rill:websocket";

const hostname = "127.0.0.1";
const show = (name, value) => console.log(`${name}: ${value}`);

// The clients ----------------------------------------------------------------
// A server that gives the answer on each connection, and counts them.
const listener = await listen({ hostname });
const { port } = listener.address;
let answers, connections = 0;
(async () => {
  for await (const connection of listener) {
    connections++;
    (async () => {
      for (const answer of answers) {
        let head = "";
        while (!head.includes("\r\n\r\n")) {
          const bytes = await connection.read();
          if (bytes === null) return connection.close();
          head += new TextDecoder().decode(bytes);
        }
        await connection.write(answer);
      }
      await connection.read();
      await connection.close();
    })().catch(() => connection.abort());
  }
})();
const ask = (agent, method = "GET") => new Promise((resolve) => {
  http.request({ host: hostname, port, agent, method }, async (response) => {
    try {
      let body = "";
      for await (const piece of response) body += piece;
      resolve(`${response.statusCode} ${body}`);
    } catch (error) {
      resolve(error.code);
    }
  }).on("error", (error) => resolve(error.code)).end();
});

const good = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
const evil = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
// Each answer with another one behind it: the second request must not get that.
for (const [name, answer, method] of [
  ["plain", ""],
  ["1xx with a length", "HTTP/1.1 103 Early Hints\r\nContent-Length: 70\r\n\r\n"],
  ["204 with a length", "HTTP/1.1 204 No\r\nContent-Length: 4\r\n\r\n"],
  ["304 with a length", "HTTP/1.1 304 No\r\nContent-Length: 4\r\n\r\n"],
  ["204 chunked", "HTTP/1.1 204 No\r\nTransfer-Encoding: chunked\r\n\r\n"],
  ["HEAD with a length", good, "HEAD"],
  ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 9\r\n\r\ngood"],
  ["length and chunks", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
  ["space before the colon", "HTTP/1.1 200 OK\r\nContent-Length : 4\r\n\r\ngood"],
  ["folded", "HTTP/1.1 200 OK\r\nX: y\r\n Content-Length: 4\r\n\r\ngood"],
  ["bare CR", "HTTP/1.1 200 OK\r\nX: y\rContent-Length: 4\r\n\r\ngood"],
  ["bare LF", "HTTP/1.1 200 OK\nContent-Length: 4\n\ngood"],
  ["chunks in 1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
  ["chunked not last", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"],
  ["chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n"],
  ["trailers that frame", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nContent-Length: 4\r\n\r\n"],
]) {
  answers = [(answer || good) + evil, good];
  connections = 0;
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  // The second waits for the first one's socket.
  const both = Promise.all([ask(agent, method), ask(agent)]);
  show(name, `${await both} ${connections}`);
  agent.destroy();
}
for (const [name, answer] of [
  ["fetch, plain", good],
  ["fetch, space before the colon", "HTTP/1.1 200 OK\r\nX : y\r\nContent-Length: 4\r\n\r\ngood"],
  ["fetch, folded", "HTTP/1.1 200 OK\r\nX: y\r\n folded\r\nContent-Length: 4\r\n\r\ngood"],
  ["fetch, bare CR", "HTTP/1.1 200 OK\r\nX: y\rz\r\nContent-Length: 4\r\n\r\ngood"],
  ["fetch, more behind it", good + evil],
  ["fetch, two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 9\r\n\r\ngood"],
  ["fetch, both", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n"],
]) {
  answers = [answer, good];
  connections = 0;
  const texts = [];
  for (let i = 0; i < 2; i++) {
    texts.push(await fetch(`http://${hostname}:${port}/`).then((r) => r.text())
      .catch((error) => error.name));
  }
  show(name, `${texts} ${name.includes("plain") ? "" : connections > 1}`);
}
await listener.close();

// Injection ------------------------------------------------------------------
const line = "a\r\nEvil: b";
const attempt = async (name, work) => {
  try {
    show(name, await work() ?? "no error");
  } catch (error) {
    show(name, error.code ?? error.name);
  }
};
let seen = "";
const sink = await listen({ hostname }), sunk = [];
(async () => {
  for await (const connection of sink) {
    sunk.push(connection);
    (async () => {
      for await (const bytes of connection) seen += new TextDecoder().decode(bytes);
    })().catch(() => {});
  }
})();
const where = { host: hostname, port: sink.address.port, agent: false };
const request = (options) => new Promise((resolve, reject) => {
  const r = http.request({ ...where, ...options }, resolve).on("error", reject);
  try {
    options.work?.(r);
    r.end(options.body);
  } catch (error) {
    r.destroy();
    reject(error);
  }
});
let told = 0;
const changing = { toString: () => told++ === 0 ? "a" : line };
for (const text of [line, "a\nb", "a\rb", "a\0b", "\u010a"]) {
  const name = JSON.stringify(text);
  await attempt(`header ${name}`, () => request({ headers: { x: text } }));
  await attempt(`name ${name}`, () => request({ headers: { [text]: "x" } }));
  await attempt(`path ${name}`, () => request({ path: `/${text}` }));
  await attempt(`method ${name}`, () => request({ method: text }));
  await attempt(`fetch header ${name}`, () => fetch("http://127.0.0.1:1/", { headers: { x: text } }));
  await attempt(`fetch method ${name}`, () => fetch("http://127.0.0.1:1/", { method: text }));
  await attempt(`protocol ${name}`, () => connectWebSocket(
    `ws://${hostname}:${sink.address.port}/`, { protocols: [text] }));
  await attempt(`WebSocket ${name}`, () => new WebSocket("ws://127.0.0.1:1/", [text]));
  await attempt(`WebSocket header ${name}`, () => connectWebSocket(
    `ws://${hostname}:${sink.address.port}/`, { headers: { x: text } }));
  await attempt(`trailer ${name}`, () => request({
    method: "POST", work: (r) => r.addTrailers({ x: text }) }));
}
await attempt("a value that changes", () => request({ headers: { x: changing } }));
await attempt("a path that changes", () => request({ work: (r) => r.path = `/ ${line}` }));
await attempt("a trailer that frames", () => request({
  method: "POST", work: (r) => r.addTrailers({ "Content-Length": "1" }) }));
await attempt("a body that is too long", () => request({
  method: "POST", headers: { "content-length": 1 }, body: "GET / HTTP/1.1" }));
seen = seen.replace(/Sec-WebSocket-Key: .*/g, "");
show("sent", /Evil|GET \/ HTTP\/1.1\r\n\r\n/.test(seen));
await sink.close();
for (const connection of sunk) connection.abort(); // of requests left open

// Of a server's responses.
const forms = {
  "/value": () => ({ headers: { x: line } }),
  "/name": () => ({ headers: { [line]: "x" } }),
  "/nul": () => ({ headers: { x: "a\0b" } }),
  "/response": () => new Response("", { headers: { x: "a" }, statusText: line }),
  "/status": () => ({ status: "200 OK\r\nEvil: b" }),
  "/list": () => ({ headers: [["x", line]], body: ["a"] }),
};
const server = await serve({ hostname, onError: (error) => ({ status: 500, body: error.name }) },
  (r) => forms[r.path]());
const nodeForms = {
  "/value": (r) => r.setHeader("x", line),
  "/changing": (r) => r.setHeader("x", { toString: () => told++ % 2 === 0 ? "a" : line }),
  "/name": (r) => r.setHeader(line, "x"),
  "/message": (r) => { r.statusMessage = line; },
  "/writeHead": (r) => r.writeHead(200, line, { x: "y" }),
  "/list": (r) => r.writeHead(200, ["x", line]),
  "/hints": (r) => r.writeEarlyHints({ link: line }),
  "/trailer": (r) => { r.write("x"); r.addTrailers({ x: line }); },
};
const nodeServer = http.createServer((r, response) => {
  try {
    nodeForms[r.url](response);
    response.end();
  } catch (error) {
    response.writableEnded || response.destroy();
  }
});
await new Promise((resolve) => nodeServer.listen(0, hostname, resolve));
told = 0;
for (const [kind, at, paths] of [["rill:http", server.port, forms],
                                 ["node:http", nodeServer.address().port, nodeForms]]) {
  for (const path of Object.keys(paths)) {
    const c = await connect({ hostname, port: at });
    await c.write(`GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    let text = "";
    try {
      for await (const bytes of c) text += new TextDecoder().decode(bytes);
    } catch {}
    show(`${kind} ${path}`, /\nEvil/.test(text));
  }
}
await server.close();
nodeServer.close();

// The server -----------------------------------------------------------------
const strict = await serve({ hostname }, async (r) => {
  const host = r.headers.get("host");
  const seen = host === "a" ? r.path : `${r.path} of ${host}, ${[...r.headers]}, ${r.url}, ${r.query}`;
  return `${seen}:${await r.text()}`;
});
const raw = async (text) => {
  const c = await connect({ hostname, port: strict.port });
  await c.write(text);
  await c.closeWrite().catch(() => {});
  let all = "";
  try {
    for await (const bytes of c) all += new TextDecoder().decode(bytes);
  } catch {}
  return [...all.matchAll(/HTTP\/1.1 (\d+)[^]*?\r\n\r\n(.*?)(?=HTTP|$)/g)]
    .map(([, status, body]) => `${status} ${body}`).join(" | ");
};
const next = "GET /next HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
for (const [name, text] of [
  ["GET with a body", "GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nbody"],
  ["GET with a request as its body", `GET /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${next.length}\r\n\r\n${next}`],
  ["a body without a length", "POST /a HTTP/1.1\r\nHost: a\r\n\r\nbody\r\n\r\n"],
  ["h2c", "GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n"],
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["HTTP/0.9", "GET /a\r\n"],
  ["trailers that frame", "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nContent-Length: 9\r\n\r\n"],
  ["trailers", "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Sum: 9\r\n\r\n"],
  ["another host", "GET http://b?x HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["the same host", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n"],
  ["Connection: Content-Length", "GET /a HTTP/1.1\r\nHost: a\r\nConnection: Content-Length\r\nContent-Length: 4\r\n\r\nbody"],
  ["after close", "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"],
]) {
  show(name, await raw(text + next));
}
await strict.close();
