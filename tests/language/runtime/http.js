// The HTTP server, spoken to over raw sockets: keep-alive, pipelining, bodies
// both ways, what it refuses, failing handlers, closing.
import { serve } from "rill:http";
import { connect } from "rill:net";

const hostname = "127.0.0.1";
const seen = [];
const server = await serve(
  {
    hostname,
    maxHeaderBytes: 2048,
    maxHeaders: 20,
    maxBodyBytes: 1000,
    onError: (error) => {
      seen.push(`${error.name}: ${error.message}`);
    },
  },
  async (request) => {
    switch (request.path) {
      case "/":
        return "root";
      case "/about":
        return `${request.method} ${request.target} ${request.query} ${request.url}`;
      case "/headers":
        return JSON.stringify([...request.headers]);
      case "/header":
        return `${request.headers.get("X-A")} ${request.headers.has("x-b")}`;
      case "/text":
        return await request.text();
      case "/json":
        return { status: 201, headers: { "X-Kind": "json" }, body: JSON.stringify(await request.json()) };
      case "/pieces": {
        let length = 0;
        for await (const piece of request.body ?? []) length += piece.length;
        return String(length);
      }
      case "/ignore":
        return "ignored";
      case "/stream":
        return {
          headers: [["x-one", "1"], ["x-one", "2"]],
          body: (async function* () {
            yield "one ";
            await new Promise((resolve) => setTimeout(resolve, 5));
            yield new Uint8Array([116, 119, 111]);
          })(),
        };
      case "/sized":
        return { headers: { "content-length": "3" }, body: (async function* () { yield "abc"; })() };
      case "/short":
        return { headers: { "content-length": "9" }, body: (async function* () { yield "abc"; })() };
      case "/breaks":
        return { body: (async function* () { yield "abc"; throw new Error("broke"); })() };
      case "/empty":
        return { status: 204 };
      case "/unicode":
        return "\u00e4\u20ac";
      case "/throw":
        throw new RangeError("thrown");
      case "/number":
        return 12;
      case "/split":
        return { headers: { "x-evil": "a\r\nSet-Cookie: b" }, body: "" };
      case "/status":
        return { status: 42 };
      case "/close":
        return { headers: { connection: "close" }, body: "bye" };
    }
    return { status: 404, body: "nothing" };
  },
);
let { port } = server;

async function raw(...parts) {
  const c = await connect({ hostname, port });
  let text = "";
  const decoder = new TextDecoder();
  const reading = (async () => {
    try {
      for (;;) {
        const bytes = await c.read({ timeout: 30000 });
        if (bytes === null) break;
        text += decoder.decode(bytes, { stream: true });
      }
    } catch (error) {
      text += `[${error.code ?? error.name}]`;
    }
  })();
  for (const part of parts) {
    if (typeof part === "number") {
      await new Promise((resolve) => setTimeout(resolve, part));
    } else {
      await c.write(part).catch(() => {});
    }
  }
  await reading;
  await c.close();
  return text.replace(/Date: .*\r\n/g, "").replaceAll("\r\n", "|");
}
const last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
async function show(label, ...parts) {
  console.log(`${label}: ${await raw(...parts)}`);
}
const get = (path, more = "") => `GET ${path} HTTP/1.1\r\nHost: a\r\n${more}\r\n`;
const post = (path, body, more = "") =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n${more}\r\n${body}`;

await show("plain", last);
await show("about", get("/about?a=b?c"), last);
await show("headers", get("/headers", "X-B: 2\r\nx-a:  1 \t\r\nX-B: 3\r\n"), last);
await show("header", get("/header", "x-a: A\r\n"), last);
await show("pipelined", get("/") + get("/text") + get("/json") + get("/") + last);
await show("in pieces", "GE", 5, "T / HTT", 5, "P/1.1\r\nHost: a\r", 5, "\n\r", 5, "\n" + last);
await show("text", post("/text", "hello"), last);
await show("text in pieces", post("/text", "hello").slice(0, -3), 10, "llo" + last);
await show("json", post("/json", '{"a":[1,2]}'), last);
await show("bad json", post("/json", "{"), last);
await show("chunked", "POST /text HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n00A\r\n, 10 bytes\r\n0\r\nX-Sum: x\r\n\r\n", last);
await show("pieces", post("/pieces", "x".repeat(900)), last);
await show("not read", post("/ignore", "x".repeat(900)).slice(0, -10), 5, "x".repeat(10) + last);
await show("continue", post("/text", "later", "Expect: 100-continue\r\n").slice(0, -5), 20, "later" + last);
await show("head", "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + last);
await show("stream", get("/stream"), last);
await show("stream to 1.0", "GET /stream HTTP/1.0\r\n\r\n");
await show("1.0 kept", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n");
await show("sized", get("/sized"), last);
await show("short", get("/short") + last);
await show("breaks", get("/breaks") + last);
await show("empty", get("/empty"), last);
await show("unicode", get("/unicode"), last);
await show("absent", get("/absent"), last);
await show("throw", get("/throw"), last);
await show("number", get("/number"), last);
await show("split", get("/split"), last);
await show("status", get("/status"), last);
await show("close", get("/close"));
await show("empty line first", "\r\n" + last);
console.log(seen.splice(0));

// Refused, and nothing behind them is looked at.
const smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
for (const head of [
  "GET / HTTP/1.1\r\n\r\n", // no Host
  "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3\r\n\r\nabc",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3\r\n\r\nabc",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x3\r\n\r\nabc",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
  "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
  "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n folded\r\n\r\n",
  "GET / HTTP/1.1\r\n Host: a\r\n\r\n",
  "GET / HTTP/1.1\nHost: a\n\n",
  "GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
  "GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET a HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
  "GET / HTTP/2.0\r\nHost: a\r\n\r\n",
  "GET / http/1.1\r\nHost: a\r\n\r\n",
  "G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
  "\x16\x03\x01\x02\x00",
  `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(3000)}\r\n\r\n`,
  `GET /${"x".repeat(3000)}`,
  `GET / HTTP/1.1\r\nHost: a\r\n${"X: y\r\n".repeat(30)}\r\n`,
  "POST /text HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n",
  "POST /text HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n",
  "POST /text HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
  "POST /text HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n",
  "POST /text HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000005\r\nhello\r\n0\r\n\r\n",
  "POST /text HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3ff\r\n" + "x".repeat(1023) + "\r\n0\r\n\r\n",
  "POST /text HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n",
  "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
  "GET / HTTP/1.1\r\nHost: a\r\nExpect: much\r\n\r\n",
]) {
  const answer = await raw(head + smuggled);
  const status = /^HTTP\/1.1 (\d+)/.exec(answer)?.[1];
  const clean = answer.split("HTTP/1.1").length === 2 && answer.includes("Connection: close");
  console.log(status, clean, JSON.stringify(head.slice(0, 60)));
}
const impatient = await serve({ hostname, headerTimeout: 300 }, () => "never");
port = impatient.port;
await show("slow head", "GET / HT");
await impatient.close();
console.log(seen.splice(0));

// Closing lets what is under way end.
let release;
const slow = await serve({ hostname }, async () => {
  await new Promise((resolve) => (release = resolve));
  return "done";
});
const c = await connect({ hostname, port: slow.port });
const idle = await connect({ hostname, port: slow.port });
await c.write(get("/"));
while (release === undefined) await new Promise((resolve) => setTimeout(resolve, 1));
const closed = slow.close();
console.log(await idle.read());
release();
const response = new TextDecoder().decode(await c.read());
console.log(response.includes("Connection: close"), response.endsWith("done"));
await c.close();
await idle.close();
await closed;
await server.close();
console.log("closed");

// One connection at a time: the second waits until the first is gone.
const narrow = await serve({ hostname, maxConnections: 1 }, () => "ok");
const first = await connect({ hostname, port: narrow.port });
await first.write(get("/"));
await first.read();
const second = await connect({ hostname, port: narrow.port });
await second.write(get("/"));
console.log(await second.read({ timeout: 50 }).catch((error) => error.name));
await first.close();
console.log(new TextDecoder().decode(await second.read()).endsWith("ok"));
await second.close();
await narrow.close();

// A Unix socket; two servers on one port.
const path = `/tmp/rill-http-test-${process.pid}`;
const local = await serve({ path }, (request) => request.url);
const near = await connect({ path });
await near.write(get("/x"));
console.log(new TextDecoder().decode(await near.read()).split("\r\n").at(-1), local.address.path === path);
await near.close();
await local.close();
const one = await serve({ hostname, reusePort: true }, () => "1");
const two = await serve({ hostname, port: one.port, reusePort: true }, () => "2");
console.log(one.port === two.port);
await one.close();
await two.close();

// Synchronous handlers, responses of all kinds.
const kinds = await serve({ hostname, onError: (error) => ({ status: 503, body: error.message }) }, (request) => {
  switch (request.path) {
    case "/response": return new Response("text", { headers: { "x-a": "b" } });
    case "/json": return Response.json([1], { status: 201 });
    case "/bytes": return { body: new Uint8Array([104, 105]) };
    case "/buffer": return { body: new TextEncoder().encode("buffer").buffer };
    case "/iterable": return { body: ["a", "b"] };
    case "/stream": return new Response(new Blob(["blob"]).stream());
    case "/null": return new Response(null, { status: 204 });
    case "/getter": return { get body() { return "got"; } };
    case "/headers": return { headers: new Headers([["set-cookie", "a"], ["set-cookie", "b"]]), body: "" };
    case "/thenable": return { then(resolve) { resolve("then"); } };
    case "/error": return Response.error();
    case "/used": { const response = new Response("x"); response.text(); return response; }
    case "/throw": throw new Error("told");
  }
});
for (const target of ["/response", "/json", "/bytes", "/buffer", "/iterable", "/stream", "/null", "/getter", "/headers", "/thenable", "/error", "/used", "/throw", "/undefined"]) {
  const c = await connect({ hostname, port: kinds.port });
  await c.write(get(target, "Connection: close\r\n"));
  let text = "";
  for await (const chunk of c) text += new TextDecoder().decode(chunk);
  console.log(target, text.replace(/Date: .*\r\n/, "").replaceAll("\r\n", "|"));
}
await kinds.close();
