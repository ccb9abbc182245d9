// What the fault tests attack: an HTTP server and an echo server. Prints their
// ports; ends when standard input's parent kills it.
import { serve } from "rill:http";
import { listen } from "rill:net";

const hostname = "127.0.0.1";
const http = await serve(
  {
    hostname,
    headerTimeout: 500,
    requestTimeout: 700,
    idleTimeout: 900,
    onError: () => {},
  },
  async (request) => {
    switch (request.path) {
      case "/big":
        return { body: new Uint8Array(50_000_000) };
      case "/stream":
        return {
          body: (async function* () {
            for (let i = 0; i < 1000; i++) yield new Uint8Array(100_000);
          })(),
        };
      case "/slow":
        await new Promise((resolve) => setTimeout(resolve, 200));
        return "slow";
      case "/body":
        return String((await request.bytes()).length);
    }
    return "ok";
  },
);
const echo = await listen({ hostname });
console.log(http.port, echo.address.port);
async function answer(connection) {
  try {
    for await (const chunk of connection) await connection.write(chunk);
  } catch {
    // The peer is gone.
  }
}
for await (const connection of echo) answer(connection);
