// node:http: server and client, as on Node.
import http from "node:http";
const server = http.createServer((req, res) => {
  if (req.url === "/hello") { res.setHeader("X-A", ["1", "2"]); res.end("hello"); return; }
  if (req.url === "/stream") { res.writeHead(202, { "content-type": "text/x" }); res.write("one "); setTimeout(() => { res.write("two "); res.end("three"); }, 5); return; }
  if (req.url === "/echo") { let s = ""; req.setEncoding("utf8"); req.on("data", (d) => s += d); req.on("end", () => { res.statusCode = 201; res.end(`${req.method} ${s} ${req.headers["x-one"]} ${req.headers["content-length"]} ${req.headers["transfer-encoding"]}`); }); return; }
  if (req.url === "/pipe") { req.pipe(res); return; }
  res.statusCode = 404; res.end();
});
function ask(options, body) {
  return new Promise((resolve) => {
    const r = http.request({ host: "127.0.0.1", port: server.address().port, ...options }, (res) => {
      let s = ""; res.setEncoding("utf8"); res.on("data", (d) => s += d);
      res.on("end", () => resolve([res.statusCode, res.statusMessage, res.headers["content-type"], res.headers["x-a"], res.headers["transfer-encoding"], res.headers["content-length"], s]));
    });
    r.on("error", (e) => resolve([e.code, e.message]));
    if (Array.isArray(body)) { for (const b of body) r.write(b); r.end(); } else r.end(body);
  });
}
server.listen(0, "127.0.0.1", async () => {
  console.log(await ask({ path: "/hello" }));
  console.log(await ask({ path: "/stream" }));
  console.log(await ask({ path: "/echo", method: "POST", headers: { "x-one": "1" } }, "body"));
  console.log(await ask({ path: "/echo", method: "POST" }, ["a", "b"]));
  console.log(await ask({ path: "/pipe", method: "PUT" }, ["x".repeat(10), "y"]));
  console.log(await ask({ path: "/none" }));
  console.log((await ask({ path: "/", port: 1 }))[0]);
  http.get({ host: "127.0.0.1", port: server.address().port, path: "/hello" }, (res) => { res.resume(); res.on("end", () => { server.close(() => console.log("closed")); server.closeAllConnections(); }); });
});
