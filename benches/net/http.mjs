// The HTTP server of benches/net/run.py: rill run http.mjs PORT
import { serve } from "rill:http";

const json = { "content-type": "application/json" };
await serve(
  { hostname: "127.0.0.1", port: Number(process.argv[2]) },
  async (request) => {
    if (request.path === "/json") {
      return { headers: json, body: JSON.stringify({ message: "Hello, World!" }) };
    }
    return "Hello, World!";
  },
);
