// fastify: schemas, injected requests, hooks, errors, over a socket.
const fastify = require("fastify")();

fastify.get("/", async () => ({ hello: "world" }));
fastify.post("/checked", {
  schema: {
    body: {
      type: "object",
      required: ["a"],
      properties: { a: { type: "number" } },
    },
  },
}, async (request) => request.body);
fastify.get("/error", async () => {
  throw new Error("boom");
});
fastify.addHook("onSend", async (request, reply, payload) => {
  reply.header("x-hook", request.url);
  return payload;
});
async function main() {
  const injected = await fastify.inject({ method: "POST", url: "/checked",
                                          payload: { a: 2 } });
  console.log(injected.statusCode, injected.headers["x-hook"], injected.json());
  const address = await fastify.listen({ port: 0, host: "127.0.0.1" });
  for (const [method, path, body] of [
    ["GET", "/"], ["POST", "/checked", '{"a":1}'], ["POST", "/checked", '{"a":"z"}'],
    ["GET", "/error"], ["GET", "/none"],
  ]) {
    const headers = body ? { "content-type": "application/json" } : {};
    const response = await fetch(address + path, { method, body, headers });
    console.log(path, response.status, response.headers.get("x-hook"),
                await response.text());
  }
  await fastify.close();
  console.log("closed");
}
main();
