// What sockets can do, once each, with a time limit: for everything.mjs and
// attempts.mjs.
import { readFileSync } from "node:fs";
import path from "node:path";
import { serve } from "rill:http";
import { connect, datagram, listen } from "rill:net";
import { connectWebSocket, upgradeWebSocket } from "rill:websocket";

const hostname = "127.0.0.1";
const timeout = 1000;

// Again, should the first call have failed for want of memory.
async function close(handle, ...options) {
  try {
    await handle.close(...options);
  } catch {
    await handle.close(...options);
  }
}

// Some bytes both ways, more than the system takes at once.
async function exchange(listener, bytes, options, look) {
  try {
    const accepted = listener.accept({ timeout });
    accepted.catch(() => {});
    const one = await connect({ hostname, port: listener.address.port, timeout,
                                ...options });
    try {
      const two = await accepted;
      await one.write("ping", { timeout });
      await two.read({ timeout });
      const written = two.write(new Uint8Array(bytes), { timeout });
      written.catch(() => {});
      let got = 0;
      while (got < bytes) {
        const chunk = await one.read({ timeout });
        if (chunk === null) break;
        got += chunk.length;
      }
      await written;
      look(one);
      await one.closeWrite({ timeout });
      await two.read({ timeout });
      await two.close();
    } finally {
      await close(one);
    }
  } finally {
    await close(listener);
  }
}

// {label: function}. bytes: how many one side sends; folder: for a socket.
export const socketAttempts = (bytes, folder) => ({
  tcp: async () =>
    exchange(await listen({ hostname }), bytes, {}, (connection) => {
      connection.setKeepAlive();
      connection.setNoDelay();
      connection.remoteAddress;
    }),
  tls: async () => {
    const pem = readFileSync(
      path.join(import.meta.dirname, "../language/runtime/localhost.pem"), "utf8");
    const tls = { cert: pem, key: pem, handshakeTimeout: timeout, alpn: "a",
                  sni: async () => undefined };
    const mine = { ca: pem, serverName: "localhost", handshakeTimeout: timeout,
                   alpn: "a" };
    await exchange(await listen({ hostname, tls }), bytes, { tls: mine }, (connection) => {
      connection.tls.peerCertificate;
      connection.tls.session;
    });
  },
  unix: async () => {
    const listener = await listen({ path: path.join(folder, "socket") });
    try {
      listener.address;
      const accepted = listener.accept({ timeout });
      accepted.catch(() => {});
      const one = await connect({ path: path.join(folder, "socket"), timeout });
      await one.write("x", { timeout });
      const two = await accepted;
      await two.read({ timeout });
      await one.close();
      await two.close();
    } finally {
      await listener.close();
    }
  },
  udp: async () => {
    const a = await datagram({ hostname });
    try {
      const b = await datagram({ hostname });
      try {
        await a.send("x", hostname, b.address.port);
        await b.receive({ timeout });
        a.setBroadcast?.(true);
        a.setTTL?.(3);
        a.setMulticastTTL?.(3);
        a.setMulticastLoopback?.(true);
      } finally {
        await b.close();
      }
    } finally {
      await a.close();
    }
  },
  http: async () => {
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
      try {
        await socket.send("x");
        await socket.receive();
      } finally {
        await socket.close(1000, "", { timeout });
      }
    } finally {
      await close(server, { timeout: 200 });
    }
  },
});
