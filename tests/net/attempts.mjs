// Everything once, each in its turn, errors taken; used by test_failing_calls.py.
import { readFileSync } from "node:fs";
import { serve } from "rill:http";
import { connect, datagram, listen } from "rill:net";
import { connectWebSocket, upgradeWebSocket } from "rill:websocket";

const hostname = "127.0.0.1";
const timeout = 1000;
async function attempt(label, work) {
  try {
    await work();
    console.log(label, "done");
  } catch (error) {
    console.log(label, error.code ?? "", error.syscall ?? "", error.message);
    if (!(error instanceof Error)) process.exit(3);
  }
}

// Some bytes both ways, to a listener of this program, and the end.
async function exchange(listener, options) {
  try {
    const accepted = listener.accept({ timeout });
    accepted.catch(() => {});
    const one = await connect({ hostname, port: listener.address.port, timeout,
                                ...options });
    try {
      const two = await accepted;
      await one.write("ping", { timeout });
      await two.read({ timeout });
      await two.write(new Uint8Array(100000), { timeout });
      let got = 0;
      while (got < 100000) got += (await one.read({ timeout })).length;
      one.setKeepAlive();
      one.remoteAddress;
      await one.closeWrite({ timeout });
      await two.read({ timeout });
      await two.close();
    } finally {
      await one.close();
    }
  } finally {
    await listener.close();
  }
}
await attempt("tcp", async () => exchange(await listen({ hostname })));
await attempt("tls", async () => {
  const pem = readFileSync(
    new URL("../language/runtime/localhost.pem", import.meta.url), "utf8");
  const tls = { cert: pem, key: pem, handshakeTimeout: timeout };
  await exchange(await listen({ hostname, tls }),
                 { tls: { ca: pem, handshakeTimeout: timeout } });
});
await attempt("unix", async () => {
  const path = `/tmp/rill-attempts-${process.pid}`;
  const listener = await listen({ path });
  try {
    const accepted = listener.accept({ timeout });
    accepted.catch(() => {});
    const one = await connect({ path, timeout });
    await one.write("x", { timeout });
    const two = await accepted;
    await two.read({ timeout });
    await one.close();
    await two.close();
  } finally {
    await listener.close();
  }
});
await attempt("udp", async () => {
  const a = await datagram({ hostname }), b = await datagram({ hostname });
  try {
    await a.send("x", hostname, b.address.port);
    await b.receive({ timeout });
  } finally {
    await a.close();
    await b.close();
  }
});
await attempt("http", async () => {
  const server = await serve({ hostname, onError() {} }, async (request) => {
    const socket = upgradeWebSocket(request);
    if (socket !== null) {
      for await (const message of socket) await socket.send(message);
      return;
    }
    return (await request.text()) + "x".repeat(70000);
  });
  try {
    const c = await connect({ hostname, port: server.port, timeout });
    try {
      await c.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc", { timeout });
      while ((await c.read({ timeout })) !== null);
    } finally {
      await c.close();
    }
    const socket = await connectWebSocket(`ws://${hostname}:${server.port}/`, { timeout });
    await socket.send("x");
    await socket.receive();
    await socket.close(1000, "", { timeout });
  } finally {
    await server.close({ timeout: 200 });
  }
});
console.log("end");
