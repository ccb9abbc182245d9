// The HTTP server of benches/net/run.py: rill run http.mjs PORT. With a key and
// certificate in the file TLS_PEM, it speaks HTTPS.
import { readFileSync } from "node:fs";
import { serve } from "rill:http";

const json = { "content-type": "application/json" };
const { TLS_PEM } = process.env;
const pem = TLS_PEM && readFileSync(TLS_PEM, "utf8");
const tls = pem && { cert: pem, key: pem };
await serve(
  { hostname: "127.0.0.1", port: Number(process.argv[2]), tls },
  async (request) => {
    if (request.path === "/json") {
      return { headers: json, body: JSON.stringify({ message: "Hello, World!" }) };
    }
    return "Hello, World!";
  },
);
