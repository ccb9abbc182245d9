// Handshakes for which there is no certificate, for test_memory.py.
import { readFileSync } from "node:fs";
import { connect, listen } from "rill:net";

const pem = readFileSync(
  new URL("../language/runtime/localhost.pem", import.meta.url), "utf8");
const hostname = "127.0.0.1";
const handshakeTimeout = 1000;
const sni = async () => {
  throw new Error("no certificate");
};
await using listener = await listen({
  hostname, tls: { cert: pem, key: pem, handshakeTimeout, sni },
});
const { port } = listener.address;
let accepting = false;
async function accept() {
  if (accepting) return;
  accepting = true;
  try {
    await listener.accept();
  } finally {
    accepting = false;
  }
}
const tls = { ca: pem, serverName: "localhost", handshakeTimeout };
for (let i = 0; i < 100; i++) {
  accept().catch(() => {});
  await connect({ hostname, port, tls, timeout: 1000 }).then(
    () => console.log("a connection"), () => {});
}
await listener.close();
console.log("end");
