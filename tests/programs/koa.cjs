// koa: middleware, streams as bodies, errors, over a socket.
const Koa = require("koa");
const { Readable } = require("node:stream");

const app = new Koa();
app.silent = true;
app.use(async (context, next) => {
  await next();
  context.set("X-Seen", context.path);
});
app.use((context) => {
  if (context.path === "/json") context.body = { a: [1, 2] };
  else if (context.path === "/stream") context.body = Readable.from(["a", "b"]);
  else if (context.path === "/tea") context.throw(418, "tea");
  else if (context.path === "/cookie") context.cookies.set("name", "value");
  else context.body = "hello";
});
const server = app.listen(0, "127.0.0.1", async () => {
  for (const path of ["/", "/json", "/stream", "/tea", "/cookie"]) {
    const response =
      await fetch(`http://127.0.0.1:${server.address().port}${path}`);
    console.log(path, response.status, response.headers.get("x-seen"),
                response.headers.get("set-cookie"), await response.text());
  }
  server.close(() => console.log("closed"));
  server.closeAllConnections();
});
