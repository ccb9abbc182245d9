// The clients of test_tls.py: connects to the ports that it is told, and prints
// what became of each as a line of JSON.
import https from "node:https";
import { connect, listen } from "rill:net";
import { connectWebSocket } from "rill:websocket";
import { readFileSync } from "node:fs";

const [directory, text] = process.argv.slice(2);
const ports = JSON.parse(text);
const file = (name) => readFileSync(`${directory}/${name}`, "utf8");
const ca = file("ca.pem");
const hostname = "127.0.0.1";
const say = (name, value) => console.log(JSON.stringify([name, value]));
const decode = (bytes) => new TextDecoder().decode(bytes);

async function attempt(name, port, tls, action, more = {}) {
  let connection;
  try {
    connection = await connect({ hostname, port: ports[port], tls, ...more });
    say(name, (await action?.(connection)) ?? "connected");
    await connection.close();
  } catch (error) {
    connection?.abort();
    say(name, error.code ?? error.name);
  }
}

// All that comes, and how it ends.
async function drain(connection) {
  let length = 0;
  try {
    for await (const chunk of connection) length += chunk.length;
    return ["end", length];
  } catch (error) {
    return [error.code, length];
  }
}

const good = { ca, serverName: "localhost" };
await attempt("good", "good", good, async (connection) => {
  await connection.write("hello");
  return decode(await connection.read());
});
await attempt("address", "good", { ca }, () => "connected");
await attempt("untrusted", "good", { serverName: "localhost" });
await attempt("unverified", "good", { verify: false },
              ({ tls }) => [tls.authorized, tls.authorizationError]);
await attempt("wrong name", "good", { ca, serverName: "wrong.example" });
await attempt("expired", "expired", good);
await attempt("self-signed", "selfsigned", good);
await attempt("plain server", "plain", good);
await attempt("garbage", "garbage", good);
await attempt("hangs up", "hangup", good);
await attempt("resets", "reset", good);
await attempt("old", "good", { ...good, minVersion: "TLSv1.2", maxVersion: "TLSv1.2" },
              ({ tls }) => tls.protocol);
await attempt("half close", "half", good, async (connection) => {
  await connection.write("x".repeat(1000));
  await connection.closeWrite();
  return drain(connection);
});
await attempt("truncated", "truncate", good, drain);
await attempt("stalled", "stall", { ...good, handshakeTimeout: 300 });
await attempt("timeout", "stall", good, undefined, { timeout: 100 });
const controller = new AbortController();
setTimeout(() => controller.abort(), 50);
await attempt("aborted", "stall", good, undefined, { signal: controller.signal });

await attempt("no certificate", "mutual", good, drain);
await attempt("certificate", "mutual",
              { ...good, cert: file("client.pem"), key: file("client.key"),
                passphrase: "secret" }, drain);
await attempt("wrong passphrase", "mutual",
              { ...good, cert: file("client.pem"), key: file("client.key"),
                passphrase: "wrong" });
await attempt("wrong key", "mutual",
              { ...good, cert: file("client.pem"), key: file("server.key") });
await attempt("alpn", "alpn", { ...good, alpn: ["x", "two"] },
              ({ tls }) => tls.alpn);

// Tickets come after the handshake, with the first bytes.
let session;
await attempt("first", "good", good, async (connection) => {
  await connection.write("hello");
  await connection.read();
  ({ session } = connection.tls);
  return [connection.tls.resumed, session instanceof Uint8Array];
});
await attempt("resumed", "good", { ...good, session }, ({ tls }) => tls.resumed);

// A megabyte each way at once, read slowly.
await attempt("echo", "echo", good, async (connection) => {
  const bytes = new Uint8Array(1 << 20).map((_, i) => i * 31 >> 3);
  const written = connection.write(bytes).then(() => connection.closeWrite());
  let at = 0;
  for await (const chunk of connection) {
    for (const byte of chunk) if (byte !== bytes[at++]) return `wrong at ${at}`;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await written;
  return at;
});
await attempt("starttls", "starttls", undefined, async (connection) => {
  await connection.write("please\n");
  const line = decode(await connection.read());
  await connection.startTls({ ca, serverName: "localhost" });
  await connection.write("inside");
  return [line, decode(await connection.read()), connection.tls.protocol];
});
await attempt("websocket refused", "good", false, async () => {
  await connectWebSocket(`wss://127.0.0.1:${ports.good}/`, { tls: { ca } });
});

// Nobody takes what cannot be used.
for (const [name, tls] of [
  ["no cert", {}],
  ["no key", { cert: ca }],
  ["bad pem", { cert: "x", key: "y" }],
  ["wrong pair", { cert: file("server.pem"), key: file("other.key") }],
  ["bad version", { cert: ca, key: ca, minVersion: "SSLv3" }],
]) {
  try {
    (await listen({ tls })).close();
    say(name, "listening");
  } catch (error) {
    say(name, error.code ?? error.name);
  }
}

for (const [name, options] of [
  ["https", { ca }], ["https unverified", { rejectUnauthorized: false }],
  ["https untrusted", {}],
]) {
  await new Promise((done) => {
    https.get({ host: "localhost", port: ports.https, ...options }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (piece) => (body += piece))
        .on("end", () => done(say(name, body)));
    }).on("error", (error) => done(say(name, error.code)));
  });
}
await fetch(`https://localhost:${ports.https}/`)
  .catch((error) => say("fetch untrusted", error.code));
