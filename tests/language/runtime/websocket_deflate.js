// Compressed messages of WebSockets: agreed on or not, with and without a window
// that goes on, bombs, and what is no compressed message.
import { connect, listen } from "rill:net";
import { serve } from "rill:http";
import { connectWebSocket, upgradeWebSocket } from "rill:websocket";

const hostname = "127.0.0.1";
let compress = true;
const server = await serve({ hostname }, async (request) => {
  const socket = upgradeWebSocket(request, { compress, maxMessageBytes: 100000 });
  if (socket === null) return { status: 426 };
  for await (const message of socket) await socket.send(message);
});
const url = `ws://${hostname}:${server.port}/`;

for (const mine of [true, false]) {
  for (compress of [true, false]) {
    const socket = await connectWebSocket(url, { compress: mine });
    console.log(mine, compress, JSON.stringify(socket.extensions));
    for (const message of ["short", "long ".repeat(1000), "long ".repeat(1000),
                           new Uint8Array(5000).fill(7), "grüße ".repeat(100)]) {
      await socket.send(message);
      const back = await socket.receive();
      console.log(typeof back, back.length, String(back) === String(message));
    }
    await socket.close();
  }
}
compress = true;
const web = new WebSocket(url);
web.onopen = () => web.send("x".repeat(1000));
web.onmessage = ({ data }) => {
  console.log(web.extensions, data.length);
  web.close();
};
await new Promise((done) => (web.onclose = done));

// By hand, as offered.
async function raw(offer, bytes) {
  const connection = await connect({ hostname, port: server.port });
  await connection.write(`GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n` +
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
    `Sec-WebSocket-Extensions: ${offer}\r\n\r\n`);
  let answer = Buffer.alloc(0);
  while (!answer.includes("\r\n\r\n")) {
    answer = Buffer.concat([answer, await connection.read()]);
  }
  const field = /extensions: (.*)\r/i.exec(String(answer))?.[1];
  if (bytes === undefined) {
    connection.abort();
    return field;
  }
  await connection.write(Uint8Array.from(bytes));
  let rest = Buffer.alloc(0);
  for (;;) {
    const chunk = await connection.read();
    if (chunk === null) break;
    rest = Buffer.concat([rest, chunk]);
    if (rest[0] === 0x88 || rest[0] === 0xc1) break;
  }
  connection.abort();
  // A close frame's code, or the message's first byte.
  return rest[0] === 0x88 ? rest.readUInt16BE(2) : rest.length;
}
for (const offer of [
  "permessage-deflate", "x-other, permessage-deflate; client_max_window_bits",
  "permessage-deflate; server_max_window_bits=10; server_no_context_takeover",
  "permessage-deflate; server_max_window_bits=8",
  "permessage-deflate; server_max_window_bits=8, permessage-deflate",
  "permessage-deflate; client_no_context_takeover", "permessage-deflate; what",
  "permessage-deflate; server_no_context_takeover=1", "permessage-bzip2",
]) {
  console.log(offer, "->", await raw(offer));
}
const mask = [0, 0, 0, 0];
// RFC 7692 7.2.3.1: "Hello".
const hello = [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00];
console.log(await raw("permessage-deflate", [0xc1, 0x80 | 7, ...mask, ...hello,
                                             0x88, 0x80, ...mask]));
console.log("no deflate data", await raw("permessage-deflate",
                                         [0xc1, 0x84, ...mask, 0xff, 0xff, 0xff, 0xff]));
console.log("compressed ping", await raw("permessage-deflate", [0xc9, 0x80, ...mask]));
console.log("compressed continuation",
            await raw("permessage-deflate", [0x41, 0x81, ...mask, 0, 0xc0, 0x80, ...mask]));
console.log("nothing agreed", await raw("none", [0xc1, 0x87, ...mask, ...hello]));
const bomb = await connectWebSocket(url, { compress: true });
await bomb.send("x".repeat(1000000)); // a thousand bytes on the way
console.log(await bomb.receive(), await bomb.closed);
await server.close();

// A server that makes it up.
const liar = await listen({ hostname });
for (const field of ["permessage-deflate; what", "x-other",
                     "permessage-deflate, permessage-deflate"]) {
  const accepted = liar.accept();
  const attempt = connectWebSocket(`ws://${hostname}:${liar.address.port}/`,
                                   { compress: true });
  attempt.catch(() => {});
  const connection = await Promise.race([accepted, attempt]);
  const key = /key: (.*)\r/i.exec(new TextDecoder().decode(await connection.read()))[1];
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(
    `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`));
  await connection.write("HTTP/1.1 101 Fine\r\nUpgrade: websocket\r\n" +
    `Connection: Upgrade\r\nSec-WebSocket-Accept: ${Buffer.from(digest).toString("base64")}\r\n` +
    `Sec-WebSocket-Extensions: ${field}\r\n\r\n`);
  await attempt.catch((error) => console.log(error.message));
  await connection.close();
}
await liar.close();
