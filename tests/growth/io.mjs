// Files, sockets, HTTP, processes; the other end is in this program.
import { exec } from "node:child_process";
import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import { mkdtempSync, createReadStream, readFileSync, rmSync, watch } from "node:fs";
import { open, readdir, readFile } from "node:fs/promises";
import * as http from "node:http";
import * as net from "node:net";
import { serve } from "rill:http";
import { connect, listen } from "rill:net";
import { run } from "rill:process";
import { upgradeWebSocket } from "rill:websocket";

let sink;
const FILE = import.meta.filename;
const folder = mkdtempSync("/tmp/rill-growth-");
const several = (n, f) => async () => { for (let i = 0; i < n; i++) await f(i); };
const answers = async (request) => {
  if (request.url.endsWith("/socket")) {
    const socket = upgradeWebSocket(request);
    for await (const message of socket) await socket.send(message);
    return undefined;
  }
  return new Response(request.method === "POST" ? await request.text() : "hello");
};
const server = await serve({ port: 0, hostname: "127.0.0.1" }, answers);
const url = `http://127.0.0.1:${server.port}/`;
const nodeServer = http.createServer((q, s) => s.end("x".repeat(2000))).listen(0);
const aborted = new AbortController();
const get = (options = {}) => new Promise((done, fail) => {
  http.get({ port: nodeServer.address().port, ...options }, (r) => r.resume().on("end", done))
    .on("error", fail);
});

export const close = async () => {
  await server.close();
  nodeServer.close();
  rmSync(folder, { recursive: true });
};

export default {
  "files read": several(20, async () => {
    sink = [await readFile(FILE, "utf8"), readFileSync(FILE), await readdir("/etc", { withFileTypes: true })];
  }),
  "files that are not there": several(20, () => readFile("/absent").catch((e) => { sink = e; })),
  "files opened": several(20, async () => {
    const file = await open(FILE);
    await file.read(Buffer.alloc(100));
    await file.close();
  }),
  "streams of files": several(10, (i) => new Promise((done) => {
    const stream = createReadStream(FILE).on("data", () => {}).on("close", done);
    if (i % 2 === 0) stream.destroy();
  })),
  watches: several(10, () => { watch(folder).close(); }),
  requests: several(20, async (i) => {
    const response = await fetch(url, { signal: aborted.signal });
    if (i % 2 === 0) sink = await response.text();
    else await response.body.cancel();
  }),
  uploads: several(10, async () => {
    sink = await (await fetch(url, { method: "POST", body: "x".repeat(5000) })).text();
  }),
  "requests that are aborted": several(20, async () => {
    const c = new AbortController();
    const request = fetch(url, { signal: c.signal });
    c.abort();
    await request.catch((e) => { sink = e; });
  }),
  "requests that are refused": several(20, () => fetch("http://127.0.0.1:1/").catch((e) => { sink = e; })),
  servers: several(5, async () => { await (await serve({ port: 0 }, answers)).close(); }),
  "Node's requests": several(10, () => get()),
  "Node's agents": several(5, async () => {
    const agent = new http.Agent({ keepAlive: true });
    await get({ agent });
    agent.destroy();
  }),
  WebSockets: several(5, () => new Promise((done) => {
    const socket = new WebSocket(`${url.replace("http", "ws")}socket`);
    socket.onopen = () => socket.send("x");
    socket.onmessage = () => socket.close();
    socket.onclose = done;
  })),
  connections: several(10, async () => {
    const listener = await listen({ port: 0 });
    const accepted = listener.accept();
    const client = await connect(listener.address);
    const peer = await accepted;
    await client.write("abc");
    sink = await peer.read();
    await Promise.all([client.close(), peer.close(), listener.close()]);
  }),
  "Node's connections": several(10, () => new Promise((done) => {
    const listener = net.createServer((c) => c.end("bye")).listen(0, () => {
      net.connect(listener.address().port).resume().on("close", () => listener.close(done));
    });
  })),
  datagrams: several(10, () => new Promise((done) => {
    const socket = createSocket("udp4").on("message", () => socket.close(done));
    socket.bind(0, () => socket.send("x", socket.address().port));
  })),
  names: several(10, () => lookup("localhost")),
  processes: several(3, async () => {
    await run("true", []);
    await new Promise((done) => { exec("echo hi", done); });
  }),
};
