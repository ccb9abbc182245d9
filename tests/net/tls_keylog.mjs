// Both sides of a handshake are told of the same secrets, by rill:net and node:tls.
//   tls_keylog.mjs CERTIFICATE KEY
import { listen, connect } from "rill:net";
import https from "node:https";
import tls from "node:tls";
import { readFileSync } from "node:fs";
const [cert, key] = process.argv.slice(2).map((path) => readFileSync(path, "utf8"));
const server = [], client = [];
const l = await listen({ hostname: "127.0.0.1", tls: { cert, key, keylog: (x) => server.push(x) } });
const [a, b] = await Promise.all([l.accept(), connect({ hostname: "localhost", port: l.address.port,
    tls: { verify: false, keylog: (x) => client.push(x) } })]);
await b.write("x"); await a.read(); await b.close(); await a.close(); await l.close();
console.log(server.length, client.length, server.sort().join()===client.sort().join(), client[0].split(" ").length);
const s = tls.createServer({ cert, key }, (c) => c.end("hi"));
let n = 0, m = 0;
s.on("keylog", (line, socket) => { n++; if (!Buffer.isBuffer(line) || !(socket instanceof tls.TLSSocket)) console.log("bad"); });
s.listen(0, () => { const c = tls.connect({ port: s.address().port, host: "localhost", rejectUnauthorized: false }); c.on("keylog", (line) => { m++; if (line.at(-1) !== 10) console.log("bad"); }); c.resume(); c.on("close", () => { console.log(n > 0, n === m); s.close(); }); });
await new Promise((resolve) => s.on("close", resolve));
// node:https, whose server has no socket while the hands are shaken.
const told = [], heard = [];
const web = https.createServer({ cert, key }, (request, response) => response.end("hi"));
const agent = new https.Agent({ rejectUnauthorized: false });
const get = () => new Promise((resolve, reject) => https.get(
  { port: web.address().port, host: "localhost", agent },
  (response) => response.resume().on("end", resolve)).on("error", reject));
web.listen(0, async () => {
  await get();
  web.on("keylog", (line, socket) => {
    told.push(`${line}`);
    if (!Buffer.isBuffer(line) || !(socket.remotePort > 0)) console.log("bad");
  });
  agent.on("keylog", (line, socket) => {
    heard.push(`${line}`);
    if (!(socket instanceof tls.TLSSocket)) console.log("bad");
  });
  await get();
  console.log(told.length, told.sort().join() === heard.sort().join());
  web.close();
});
