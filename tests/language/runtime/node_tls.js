// node:tls and node:https, as on Node. localhost.pem is for tests only.
import fs from "node:fs";
import https from "node:https";
import net from "node:net";
import { Duplex } from "node:stream";
import tls from "node:tls";

const pem = fs.readFileSync(new URL("localhost.pem", import.meta.url), "utf8");
const [cert, key] = pem.split(/(?=-----BEGIN P)/);
const listening = (server) =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () =>
    resolve(server.address().port)));
const closed = (socket) => new Promise((resolve) => socket.once("close", resolve));
// One that closes before it has given something fails.
const said = (socket) => new Promise((resolve, reject) => {
  socket.on("error", reject).once("close", reject).once("data", resolve);
});

class Wrapped extends Duplex {
  constructor(socket) {
    super();
    this.socket = socket;
    socket.on("data", (data) => this.push(data)).on("end", () => this.push(null));
  }
  _read() {}
  _write(chunk, encoding, callback) {
    this.socket.write(chunk, encoding, callback);
  }
  _final(callback) {
    this.socket.end(callback);
  }
}

const server = tls.createServer({ cert, key, ALPNProtocols: ["a"] }, (socket) => {
  console.log("server", socket.alpnProtocol, socket.servername, socket.encrypted);
  socket.pipe(socket);
});
const port = await listening(server);
{
  const client = tls.connect(
    { port, host: "127.0.0.1", servername: "localhost", ca: cert,
      ALPNProtocols: ["b", "a"] },
    () => console.log("client", client.authorized, client.getProtocol(),
                      client.alpnProtocol, client.getPeerCertificate().subject.CN));
  client.setEncoding("utf8").on("data", (data) => {
    console.log(data);
    client.end();
  });
  client.write("written before the handshake"); // waits for it
  await closed(client);
}

for (const options of [
  { servername: "localhost" },
  { servername: "localhost", ca: cert },
  { servername: "other.example", ca: cert },
  { ca: cert },
  { ca: cert, checkServerIdentity: () => new Error("not this one") },
]) {
  const plain = tls.createServer({ cert, key });
  plain.on("tlsClientError", () => {});
  const client = tls.connect({ port: await listening(plain), host: "127.0.0.1",
                               ...options });
  client.on("secureConnect", () => {
    console.log("secure", client.authorized);
    client.end();
  });
  client.on("error", (error) => console.log(error.code, error.message));
  client.resume();
  await closed(client);
  plain.close();
}

// Plain bytes to a TLS port.
const failure = new Promise((resolve) =>
  server.once("tlsClientError", (error) => resolve(error.code)));
net.connect(port, "127.0.0.1").end("GET / HTTP/1.1\r\n\r\n").resume();
console.log(await failure);

// By name, by callback.
{
  const other = tls.createServer({
    cert, key,
    SNICallback: (name, done) => setTimeout(done, 5, name === "bad.example" ? new Error("no") : null,
                                            tls.createSecureContext({ cert, key })),
  }, (socket) => socket.end(socket.servername));
  other.on("tlsClientError", () => console.log("refused"));
  const to = await listening(other);
  for (const servername of ["localhost", "bad.example"]) {
    const client = tls.connect({ port: to, host: "127.0.0.1", servername, ca: cert });
    client.on("error", () => {});
    client.on("data", (data) => console.log(String(data)));
    await closed(client);
  }
  other.close();
}

// STARTTLS, on both sides; and over a stream that is no socket.
{
  const mail = net.createServer((socket) => {
    socket.once("data", () => {
      socket.write("go");
      const inside = new tls.TLSSocket(socket, { isServer: true, cert, key });
      inside.on("data", (data) => inside.end(`${data}!`));
    });
  });
  const to = await listening(mail);
  for (const wrapped of [false, true]) {
    const socket = net.connect(to, "127.0.0.1");
    socket.write("starttls");
    console.log(String(await said(socket)));
    const below = wrapped ? new Wrapped(socket) : socket;
    const inside = tls.connect({ socket: below, servername: "localhost", ca: cert },
                               () => inside.write(wrapped ? "wrapped" : "inside"));
    console.log(String(await said(inside)));
    inside.destroy();
    socket.destroy();
  }
  mail.close();
}

const web = https.createServer({ cert, key }, (request, response) => {
  const { socket } = request;
  response.end(`${request.method} ${request.url} ${socket.encrypted} ${
    socket.getProtocol()}`);
});
const to = await listening(web);
for (const options of [{ ca: cert }, { rejectUnauthorized: false },
                       { agent: new https.Agent({ ca: cert }) }, {}]) {
  await new Promise((done) => {
    https.get({ host: "localhost", port: to, path: "/x", ...options }, (response) => {
      response.setEncoding("utf8").on("data", (body) => console.log(body))
        .on("close", done);
    }).on("error", (error) => done(console.log(error.code, error.message)));
  });
}
// A connection that goes on with another protocol is a TLSSocket.
web.on("upgrade", (request, socket, head) => {
  console.log(socket instanceof tls.TLSSocket, socket.encrypted, socket.authorized,
              socket.getProtocol(), request.headers.upgrade);
  socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n" +
    "Upgrade: echo\r\n\r\n");
  socket.pipe(socket);
});
await new Promise((done) => {
  const asked = https.request({ host: "localhost", port: to, ca: cert, headers: {
    connection: "upgrade", upgrade: "echo" } });
  asked.on("upgrade", (response, socket) => {
    console.log(response.statusCode, socket instanceof tls.TLSSocket);
    socket.on("data", (data) => {
      console.log(String(data));
      socket.end();
    });
    socket.on("close", done);
    socket.write("echoed");
  });
  asked.end();
});
web.close();
server.close();

const identity = (name, subjectaltname, CN = "cn.example") =>
  tls.checkServerIdentity(name, { subject: { CN }, subjectaltname })?.reason;
console.log(identity("a.example.com", "DNS:*.example.com"));
console.log(identity("a.b.example.com", "DNS:*.example.com"));
console.log(identity("cn.example", undefined));
console.log(identity("::1", "IP Address:0:0:0:0:0:0:0:1"));
try {
  tls.createSecureContext({ cert: "nothing" });
} catch (error) {
  console.log(error.code);
}
