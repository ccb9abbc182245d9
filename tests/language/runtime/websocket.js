// WebSockets: our own client and server, then a raw client that errs.
import { serve } from "rill:http";
import { connect } from "rill:net";
import { connectWebSocket, upgradeWebSocket } from "rill:websocket";

const hostname = "127.0.0.1";
const ends = [];
const server = await serve({ hostname, onError: (e) => console.log(e.message) }, async (request) => {
  const socket = upgradeWebSocket(request, {
    protocol: request.headers.get("sec-websocket-protocol") === null ? undefined : "chat",
    maxMessageBytes: 300000,
  });
  if (socket === null) return { status: 426, body: "no handshake" };
  socket.closed.then(({ code, reason }) => ends.push(`${code} ${reason}`));
  for await (const message of socket) {
    await socket.send(message);
    if (message === "bye") await socket.close(4000, "as you wish");
  }
});
const url = `ws://${hostname}:${server.port}/path?query`;
const s = await connectWebSocket(url, { protocols: ["chat", "other"] });
console.log(s.protocol);
for (const message of ["", "a", "\u00e4\u20ac\u{1f600}", "x".repeat(125), "x".repeat(126), "y".repeat(65535), "z".repeat(65536), "w".repeat(250000)]) {
  await s.send(message);
  console.log(message.length, (await s.receive()) === message);
}
await s.send(new Uint8Array([0, 255, 7]));
console.log(await s.receive());
await s.ping(new Uint8Array([1]));
await s.send("after ping");
console.log(await s.receive());
console.log(await s.close(3001, "enough"), await s.closed, await s.receive());
await s.send("late").catch((error) => console.log(error.message));
const t = await connectWebSocket(url);
await t.send("bye");
console.log(t.protocol, await t.receive(), await t.receive(), await t.closed);
await connectWebSocket(`ws://${hostname}:${server.port}/`, { headers: { upgrade: "x" } })
  .catch((error) => console.log(error.message));
console.log(ends.splice(0));

// Raw frames: what the server says before it ends.
const handshake = (more = "") => `GET / HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\n` +
  `Connection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\n` +
  `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`;
async function frames(label, ...parts) {
  const c = await connect({ hostname, port: server.port });
  await c.write(handshake());
  const one = new Uint8Array(1);
  let head = "";
  while (!head.endsWith("\r\n\r\n")) {
    await c.read(one);
    head += String.fromCharCode(one[0]);
  }
  if (label === "accept") console.log(head.includes("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
  for (const part of parts) {
    await c.write(new Uint8Array(part)).catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const got = [];
  for (;;) {
    const chunk = await c.read({ timeout: 2000 }).catch(() => null);
    if (chunk === null) break;
    got.push(...chunk);
  }
  await c.close();
  const bytes = got.length > 4 && got[0] === 0x88
    ? `close ${got[2] << 8 | got[3]} ${String.fromCharCode(...got.slice(4))}`
    : got.join(" ");
  console.log(`${label}: ${bytes}`);
}
const key = [1, 2, 3, 4];
const masked = (first, text) => [first, 128 | text.length, ...key,
  ...[...text].map((c, i) => c.charCodeAt(0) ^ key[i % 4])];
const end = masked(0x88, "\x03\xe8");
await frames("accept", end);
await frames("fragments", masked(0x01, "ab"), masked(0x89, "p"), masked(0x00, "c"), masked(0x80, "d"), end);
await frames("byte by byte", ...[...masked(0x81, "hi"), ...end].map((byte) => [byte]));
await frames("no mask", [0x81, 1, 65]);
await frames("reserved bit", masked(0xc1, "a"));
await frames("unknown opcode", masked(0x83, "a"));
await frames("long ping", [0x89, 128 | 126, 0, 126, ...key]);
await frames("split ping", masked(0x09, "a"));
await frames("lone continuation", masked(0x80, "a"));
await frames("text in text", masked(0x01, "a"), masked(0x81, "b"));
await frames("bad UTF-8", masked(0x81, "\xff"));
await frames("bad close code", masked(0x88, "\x03\xed"));
await frames("short close", masked(0x88, "\x03"));
await frames("padded length", [0x81, 128 | 126, 0, 5, ...key]);
await frames("too long", [0x81, 128 | 127, 0, 0, 0, 0, 0, 16, 0, 0, ...key]);
await frames("too long at all", [0x81, 128 | 127, 128, 0, 0, 0, 0, 0, 0, 0, ...key]);
await frames("empty close", masked(0x88, ""));
await server.close({ timeout: 100 });
console.log(ends);
