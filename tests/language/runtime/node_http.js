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
      res.on("error", (e) => resolve([e.code, e.message]));
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
  http.get({ host: "127.0.0.1", port: server.address().port, path: "/hello" }, (res) => { res.resume(); res.on("close", () => { server.close(() => console.log("closed")); server.closeAllConnections(); }); });
});

await new Promise((resolve) => server.on("close", resolve));

// Another protocol on the connection.
const upgrading = http.createServer((request, response) => response.writeHead(426).end("no"));
upgrading.on("upgrade", (request, socket, head) => {
  socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n");
  socket.on("data", (data) => socket.write(`${data}${data}`));
  socket.on("end", () => socket.end());
  socket.on("error", () => {});
});
await new Promise((resolve) => upgrading.listen(0, "127.0.0.1", resolve));
const target = { port: upgrading.address().port, host: "127.0.0.1" };
await new Promise((resolve) => {
  const request = http.request({ ...target, headers: { Connection: "Upgrade", Upgrade: "echo" } });
  request.on("upgrade", (response, socket, head) => {
    console.log(response.statusCode, response.headers.upgrade, head.length);
    socket.setEncoding("utf8");
    socket.on("data", (data) => {
      console.log(data);
      socket.end();
    });
    socket.on("close", resolve);
    socket.write("twice");
  });
  request.end();
});
const refused = await new Promise((resolve) => http.get(target, resolve));
console.log(refused.statusCode);
refused.resume();
upgrading.close();
upgrading.closeAllConnections();
