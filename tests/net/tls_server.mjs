// The servers that test_tls.py attacks. Prints their ports, and then a line for
// each handshake that failed; ends when its parent kills it.
import https from "node:https";
import { serve } from "rill:http";
import { listen, tlsContext } from "rill:net";
import { readFileSync } from "node:fs";
import { upgradeWebSocket } from "rill:websocket";

const file = (name) => readFileSync(`${process.argv[2]}/${name}`, "utf8");
const cert = file("server.pem"), key = file("server.key"), ca = file("ca.pem");
const hostname = "127.0.0.1";
const onTlsError = (error) => console.log(error.code);

async function echo(connection) {
  try {
    for await (const chunk of connection) await connection.write(chunk);
  } catch (error) {
    console.log("echo", error.code);
  }
}

async function echoes(tls) {
  const listener = await listen({ hostname, tls, onTlsError });
  (async () => {
    for await (const connection of listener) echo(connection);
  })();
  return listener.address.port;
}

// Says who came, then echoes.
async function tells(tls, tell) {
  const listener = await listen({ hostname, tls, onTlsError });
  (async () => {
    for await (const connection of listener) {
      connection.write(`${tell(connection.tls)}\n`).then(() => echo(connection));
    }
  })();
  return listener.address.port;
}

const other = { cert: file("other.pem"), key: file("other.key") };
const ports = {
  echo: await echoes({ cert, key, alpn: ["echo", "two"], handshakeTimeout: 1500 }),
  mutual: await tells({ cert, key, ca, requestCert: true },
                      ({ peerCertificate }) => peerCertificate.subject.CN),
  sni: await tells({
    cert, key,
    sni: async (name) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (name === "fails.example") throw new Error("no such name");
      if (name === "wrong.example") return tlsContext({}); // a client's
      return name === "a.other.example" ? other : undefined;
    },
  }, ({ serverName }) => serverName),
  map: await tells({ cert, key, sni: { "*.other.example": other } },
                   ({ serverName }) => serverName),
};

// STARTTLS: a line in the clear, then both turn to TLS.
const plain = await listen({ hostname });
(async () => {
  for await (const connection of plain) {
    try {
      await connection.read();
      await connection.write("go\n");
      await connection.startTls({ server: true, cert, key });
      echo(connection);
    } catch (error) {
      console.log(error.code);
    }
  }
})();
ports.starttls = plain.address.port;

const server = await serve(
  { hostname, tls: { cert, key, handshakeTimeout: 1500 }, idleTimeout: 10000,
    onTlsError: ({ code }) => console.log("http", code) },
  async (request) => {
    const socket = upgradeWebSocket(request);
    if (socket !== null) {
      for await (const message of socket) await socket.send(message);
      return;
    }
    switch (request.path) {
      case "/big":
        return { body: new Uint8Array(20_000_000) };
      case "/stream":
        return {
          body: (async function* () {
            for (let i = 0; i < 100; i++) yield new Uint8Array(10_000);
          })(),
        };
      case "/body":
        return String((await request.bytes()).length);
    }
    return `${request.url} ${request.tls.protocol}`;
  });
ports.http = server.port;

const node = https.createServer({ cert, key }, (request, response) => {
  request.resume().on("end", () => response.end("node"));
});
node.on("tlsClientError", ({ code }) => console.log("node", code));
await new Promise((resolve) => node.listen(0, hostname, resolve));
ports.node = node.address().port;
console.log(JSON.stringify(ports));
