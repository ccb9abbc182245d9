// Every operation on sockets can be cut off, and takes nothing with it that it
// need not.
import { readFileSync } from "node:fs";
import { serve } from "rill:http";
import { connect, listen } from "rill:net";
import { connectWebSocket, upgradeWebSocket } from "rill:websocket";

const hostname = "127.0.0.1";
const timeout = 20;
const pem = readFileSync(new URL("localhost.pem", import.meta.url), "utf8");
const name = (error) => error.name;
// Of what comes at once, unless what it follows from has failed.
const soon = { timeout: 5000 };

for (const secure of [false, true]) {
  const tls = secure ? { cert: pem, key: pem } : undefined;
  const listener = await listen({ hostname, tls });
  console.log("accept", await listener.accept({ timeout }).catch(name));
  const aborted = AbortSignal.abort(new Error("enough"));
  console.log("accept", await listener.accept({ signal: aborted })
    .catch(({ message }) => message));
  const accepted = listener.accept();
  const one = await connect({ hostname, port: listener.address.port,
                              tls: secure && { ca: pem } });
  const two = await accepted;
  console.log("read", await one.read({ timeout }).catch(name));
  await two.write("not lost");
  console.log(new TextDecoder().decode(await one.read()));
  // The peer does not read.
  const huge = new Uint8Array(20_000_000);
  console.log("write", await one.write(huge, { timeout }).catch(name));
  console.log("read", (await one.read(soon).catch(({ code }) => code)));
  await two.close();
  for (const end of ["closeWrite", "close"]) {
    const accepted = listener.accept();
    const three = await connect({ hostname, port: listener.address.port,
                                  tls: secure && { ca: pem } });
    const four = await accepted;
    three.write(huge).catch(() => {});
    console.log(end, await three[end]({ timeout }).catch(name));
    await four.close();
  }
  await listener.close();
  console.log("accept", await listener.accept().catch(({ code }) => code));
}

// A handshake that gets no answer.
const silent = await listen({ hostname });
const { port } = silent.address;
const hidden = silent.accept(soon);
console.log("connect", await connect({ hostname, port, tls: true, timeout }).catch(name));
await (await hidden).close();
const plain = silent.accept();
const upgrading = await connect({ hostname, port });
console.log("startTls", await upgrading.startTls({ serverName: "localhost", timeout })
  .catch(name));
console.log(await upgrading.read(soon).catch(({ code }) => code));
await (await plain).close();
await silent.close();

const server = await serve({ hostname }, async (request) => {
  const socket = upgradeWebSocket(request);
  for await (const message of socket) await socket.send(message);
});
const socket = await connectWebSocket(`ws://${hostname}:${server.port}/`);
console.log("receive", await socket.receive({ timeout }).catch(name));
await socket.send("a");
await socket.send("b", { timeout: 1000 });
console.log(await socket.receive(), await socket.receive({ timeout: 1000 }));
const waiting = socket.receive();
console.log(await socket.receive().catch(({ message }) => message));
await socket.send("c");
console.log(await waiting);
console.log("receive", await socket.receive({ timeout }).catch(name));
console.log(await socket.close());
console.log(await socket.receive());
await server.close();

// A peer that neither reads nor says anything more.
const deaf = await listen({ hostname });
for (const limits of [{ timeout }, { signal: AbortSignal.timeout(timeout) }]) {
  const accepted = deaf.accept();
  const opened = connectWebSocket(`ws://${hostname}:${deaf.address.port}/`);
  const connection = await accepted;
  const key = /key: (.*)\r/i.exec(new TextDecoder().decode(await connection.read()))[1];
  const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(
    `${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`));
  await connection.write("HTTP/1.1 101 Fine\r\nUpgrade: websocket\r\n" +
    `Connection: Upgrade\r\nSec-WebSocket-Accept: ${
      Buffer.from(digest).toString("base64")}\r\n\r\n`);
  const open = await opened;
  open.send(new Uint8Array(16_000_000)).catch(() => {});
  console.log(await open.close(1000, "", limits));
  await connection.close();
}
await deaf.close();
