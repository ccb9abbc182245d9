// An accept() that ends, also for want of memory, takes no connection from the
// one after it: the scan of failing allocations has this.
import { readFileSync } from "node:fs";
import { connect, listen } from "rill:net";

const hostname = "127.0.0.1";
const pem = readFileSync(new URL("localhost.pem", import.meta.url), "utf8");
const listener = await listen({
  hostname,
  tls: { cert: pem, key: pem },
  onTlsError(error) {
    throw error;
  },
});
console.log(await listener.accept({ timeout: 1 }).catch(({ name }) => name));
const accepted = listener.accept();
const one = await connect({ hostname, port: listener.address.port,
                            tls: { ca: pem } });
const two = await accepted;
console.log(two.remoteAddress.port === one.localAddress.port);
await Promise.all([one.close(), two.close(), listener.close()]);
