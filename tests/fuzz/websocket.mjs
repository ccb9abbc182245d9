// Frames from a hostile client, in pieces: whatever comes, the socket ends, with
// a code that the protocol knows, once the client has ended; messages are strings
// or bytes within the limit. The server goes on.
import { serve } from "rill:http";
import { connect } from "rill:net";
import { upgradeWebSocket } from "rill:websocket";
import { check, fuzz, pieces } from "./driver.mjs";

const hostname = "127.0.0.1", maxMessageBytes = 3000;
let ended;
const server = await serve({ hostname }, async (request) => {
  const socket = upgradeWebSocket(request, { maxMessageBytes, compress: true });
  try {
    for await (const message of socket) {
      check(message.length <= maxMessageBytes, message.length);
      check(typeof message === "string" || message instanceof Uint8Array, message);
    }
    ended.resolve(await socket.closed);
  } catch (error) {
    ended.reject(error);
  }
});
const head = (extensions) => `GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n` +
  `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n${extensions}` +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
// Masked by zeroes, so that what is changed means what it says.
const frame = (first, payload, mask = [0, 0, 0, 0]) =>
  [first, 128 | payload.length, ...mask, ...payload];
const text = [...new TextEncoder().encode("hello ä")];
const corpus = [
  frame(0x81, text), frame(0x82, [1, 2, 3], [1, 2, 3, 4]), frame(0x89, text),
  [...frame(0x01, text), ...frame(0x89, []), ...frame(0x80, text)],
  frame(0x88, [3, 232, 98, 121, 101]), frame(0x88, []),
  [0x82, 254, 1, 0, 0, 0, 0, 0, ...Array(256).fill(7)],
  [0x82, 255, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1],
  frame(0xc1, [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]),
];
await fuzz(corpus, async (input, random) => {
  ended = Promise.withResolvers();
  ended.promise.catch(() => {});
  const client = await connect({ hostname, port: server.port });
  const isCompressed = random.below(2) === 1;
  await client.write(head(isCompressed
    ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : ""));
  try {
    for (const piece of pieces(input, random)) await client.write(piece);
    await client.closeWrite();
  } catch (error) {
    check(["EPIPE", "ECONNRESET", "ENOTCONN", "ECANCELED"].includes(error.code), error);
  }
  const { code } = await ended.promise;
  check(code >= 1000 && code <= 4999, code);
  client.abort();
});
await server.close({ timeout: 0 });
