// SPDX-License-Identifier: MIT
// The async context of callbacks of I/O. Expected is what Node 20 prints.
import { AsyncLocalStorage } from "node:async_hooks";
import { exec } from "node:child_process";
import crypto from "node:crypto";
import dns from "node:dns";
import { EventEmitterAsyncResource } from "node:events";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import util from "node:util";
import zlib from "node:zlib";

const fail = (error) => { throw error; }; // nothing else ends the test then
const a = new AsyncLocalStorage();
const log = [];
const each = (context, name, start) => a.run(context, () =>
  new Promise((done) => start(() => { show(name); done(); })));
const show = (w) => log.push(`${w} ${a.getStore()}`);
await a.run("listen", () => new Promise((done) => {
  const server = http.createServer((req, res) => {
    show("http request");
    req.on("error", fail);
    req.on("data", () => show("req data"));
    req.on("end", () => { show("req end"); res.end("x"); });
    res.on("finish", () => show("res finish"));
  });
  server.listen(0, () => {
    show("listening");
    a.run("client", () => {
      const { port } = server.address();
      const req = http.request({ port, method: "POST", host: "127.0.0.1",
                                 agent: false }, (res) => {
        show("response");
        res.on("error", fail);
        res.on("data", () => show("res data"));
        res.on("end", () => {
          show("res end");
          server.close(() => { show("closed"); done(); });
        });
      });
      req.end("body");
    });
  });
}));
await a.run("net listen", () => new Promise((done) => {
  const server = net.createServer((s) => {
    show("connection");
    s.on("data", (d) => s.end(d));
  });
  server.listen(0, "127.0.0.1", () => {
    a.run("net client", () => {
      const c = net.connect(server.address().port, "127.0.0.1", () => {
        show("connect");
        c.write("hi");
      });
      c.on("data", () => show("client data"));
      c.on("close", () => { show("client close"); server.close(done); });
    });
  });
}));
await each("dns", "lookup", (d) => dns.lookup("localhost", d));
await each("exec", "exec", (d) => exec("true", d));
await each("gzip", "gzip", (d) => zlib.gzip("x", d));
await each("pbkdf2", "pbkdf2", (d) => crypto.pbkdf2("a", "b", 1, 8, "sha1", d));
await each("random", "randomBytes", (d) => crypto.randomBytes(4, d));
await each("stat", "stat", (d) => fs.stat("/", d));
await each("createReadStream", "fs close", (d) => {
  const stream = fs.createReadStream("/etc/passwd");
  stream.on("data", () => show("fs data"));
  stream.on("close", d);
});
const e = a.run("resource", () => new EventEmitterAsyncResource({ name: "E" }));
e.on("x", () => show("emitter resource"));
a.run("other", () => e.emit("x"));
await a.run("promisify", () =>
  util.promisify(setTimeout)(1).then(() => show("promisified")));
await each("abort", "abort", (d) => {
  const controller = new AbortController();
  controller.signal.addEventListener("abort", d);
  a.run("aborter", () => controller.abort());
});
await a.run("web stream", async () => {
  const reader = new Response("abc").body.getReader();
  await reader.read();
  show("web read");
});
console.log(log.join("\n"));
process.exit(0);
