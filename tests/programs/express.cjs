// express: routing, bodies, static files, errors, over a socket.
const express = require("express");

const app = express();
app.use(express.json());
app.get("/hi/:name", (request, response) =>
  response.json({ name: request.params.name, query: request.query }));
app.post("/things", (request, response) => response.status(201).send(request.body));
app.use("/static", express.static(__dirname));
app.get("/error", () => {
  throw new Error("boom");
});
app.use((error, request, response, next) => {
  response.status(500).send(`failed: ${error.message}`);
});
const requests = [
  ["GET", "/hi/there?x=1&y[]=2"], ["POST", "/things", '{"a":1}'],
  ["POST", "/things", "{"], ["GET", "/error"], ["GET", "/none"],
  ["GET", "/static/express.cjs"], ["HEAD", "/hi/head"],
];
const server = app.listen(0, "127.0.0.1", async () => {
  for (const [method, path, body] of requests) {
    const headers = body ? { "content-type": "application/json" } : {};
    const response = await fetch(`http://127.0.0.1:${server.address().port}${path}`,
                                 { method, body, headers });
    console.log(method, path, response.status, response.headers.get("content-type"),
                response.headers.get("etag")?.length,
                (await response.text()).slice(0, 50));
  }
  server.close(() => console.log("closed"));
  server.closeAllConnections();
});
