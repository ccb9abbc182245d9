// The same for Node: node http-node.mjs PORT
import { readFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";

const { TLS_PEM } = process.env;
const pem = TLS_PEM && readFileSync(TLS_PEM);
(pem ? https : http)
  .createServer({ cert: pem, key: pem }, (request, response) => {
    if (request.url === "/json") {
      response.setHeader("content-type", "application/json");
      response.end(JSON.stringify({ message: "Hello, World!" }));
      return;
    }
    response.setHeader("content-type", "text/plain;charset=utf-8");
    response.end("Hello, World!");
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
