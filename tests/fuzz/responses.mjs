// Answers of a hostile server, to fetch and to node:http: a response, or an error;
// then the connection is gone.
import http from "node:http";
import { listen } from "rill:net";
import { check, fuzz, pieces } from "./driver.mjs";

const hostname = "127.0.0.1";
const listener = await listen({ hostname });
const { port } = listener.address;
const ok = "HTTP/1.1 200 OK\r\n";
const corpus = [
  `${ok}Content-Length: 5\r\n\r\nhello`,
  `${ok}Transfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: v\r\n\r\n`,
  `${ok}Transfer-Encoding: gzip, chunked\r\nContent-Encoding: gzip\r\n\r\n0\r\n\r\n`,
  `HTTP/1.1 100 Continue\r\n\r\n${ok}Connection: close\r\n\r\nuntil the end`,
  "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.0 200\r\n\r\nold",
  `${ok}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
  `${ok}Content-Length : 5\r\n folded\r\n\r\nhello`,
  "HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n",
  `${ok}Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\nx`,
  `${ok}Set-Cookie: a=b\r\nSet-Cookie: c\r\nContent-Length: 99999999999999999999\r\n\r\n`,
];
const byNode = () => new Promise((resolve, reject) => {
  const request = http.get({ host: hostname, port, agent: false, timeout: 3000 }, (response) => {
    response.resume().on("error", reject).on("close", resolve);
  });
  request.on("error", reject).on("timeout", () => reject(new Error("no end")))
    .on("upgrade", (response, socket) => socket.destroy(resolve()))
    .on("information", () => {});
});
const byFetch = async () => {
  const response = await fetch(`http://${hostname}:${port}/`,
    { redirect: "manual", signal: AbortSignal.timeout(3000) });
  await response.bytes();
};
await fuzz(corpus, async (input, random) => {
  const asked = random.below(3) === 0 ? byFetch : byNode;
  const asking = asked().then(() => null, (error) => error);
  const connection = await listener.accept({ timeout: 3000 });
  try {
    await connection.read({ timeout: 3000 });
    for (const piece of pieces(input, random)) await connection.write(piece);
  } catch (error) {
    check(["EPIPE", "ECONNRESET", "ECANCELED"].includes(error.code), error);
  }
  await connection.close();
  const error = await asking;
  check(error === null || error instanceof Error, error);
  check(error === null || !/no end|Timeout/.test(`${error.name} ${error.message}`),
        `${asked.name}: ${error}`);
});
await listener.close();
