// Both sides of a handshake are told of the same secrets, by rill:net and node:tls.
//   tls_keylog.mjs CERTIFICATE KEY
import { listen, connect } from "rill:net";
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
