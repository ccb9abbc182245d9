// Sockets over loopback: TCP, Unix sockets, UDP, names; ends, resets,
// cancelling and errors.
import { connect, datagram, isIP, listen, lookup, resolve } from "rill:net";

const hostname = "127.0.0.1";
const text = (bytes) => new TextDecoder().decode(bytes);
async function failure(label, promise) {
  try {
    console.log(label, "gave", await promise);
  } catch (error) {
    const { name, syscall, message } = error;
    const code = name === "TimeoutError" ? "" : error.code;
    console.log(label, name, code, syscall, message.replace(/:\d+$/, ":PORT"));
  }
}

const listener = await listen({ hostname });
const serving = (async () => {
  for await (const connection of listener) {
    (async () => {
      for await (const chunk of connection) await connection.write(chunk);
    })();
  }
  console.log("listener ended");
})();
const { port } = listener.address;
const c = await connect({ port, hostname: "localhost" });
await c.write("hello");
console.log(text(await c.read()));
const three = new Uint8Array(3);
await c.write("abcdef");
console.log(await c.read(three), text(three), await c.read(three), text(three));
console.log(c.remoteAddress.address, c.remoteAddress.port === port);
await failure("slow read", c.read({ timeout: 20 }));
await failure("slow read with buffer", c.read(three, { timeout: 20 }));
await c.write("again");
console.log(text(await c.read()));
await c.write(new Uint8Array([0xe2, 0x82]));
await c.write("\u00e4\u{1f600}");
let bytes = 0;
while (bytes < 8) bytes += (await c.read()).length;
console.log(bytes);

// Both sides feel backpressure; all arrives.
const big = new Uint8Array(3_000_000).map((_, i) => i * 7);
let got = 0;
let same = true;
const reading = (async () => {
  while (got < big.length) {
    const chunk = await c.read();
    for (let i = 0; i < chunk.length; i += 1013) {
      same &&= chunk[i] === big[got + i];
    }
    got += chunk.length;
  }
})();
await c.write(big);
await reading;
console.log(got, same);

await failure("bad write", (async () => c.write(12))());
const pending = failure("pending read", c.read());
await failure("second read", c.read());
await c.closeWrite();
await pending;
await failure("write after end", c.write("x"));
await c.close();
await failure("read after close", c.read());
await listener.close();
await serving;
await failure("refused", connect({ port, hostname }));
await failure("nobody", lookup("nobody.invalid"));
await failure("port", connect({ port: 70000, hostname }));
const taken = await listen({ hostname });
await failure("taken", listen({ hostname, port: taken.address.port }));
await taken.close();
console.log(await lookup("localhost", { family: 4 }), await resolve(hostname));
console.log(isIP("::1"), isIP("1.2.3.4"), isIP("x"));

// Closing cancels a read that waits.
const other = await listen({ hostname });
const one = await connect({ port: other.address.port, hostname });
const two = await other.accept();
const cut = failure("cut off", two.read());
await two.close();
await cut;
console.log(await one.read());
await one.close();
await failure("slow accept", other.accept({ timeout: 20 }));

// Signals cancel what waits; what was not cancelled goes on.
const cutter = new AbortController();
await failure("aborted accept", (async () => {
  const waiting = other.accept({ signal: cutter.signal });
  cutter.abort(new Error("never mind"));
  return waiting;
})());
await failure("aborted before", other.accept({ signal: cutter.signal, timeout: 1000 }));
await failure("aborted connect", connect({ hostname, port: other.address.port, signal: cutter.signal }));
await failure("aborted lookup", lookup("localhost", { signal: cutter.signal }));
{
  const quiet = await connect({ hostname, port: other.address.port });
  const loud = await other.accept();
  const control = new AbortController();
  const cancelled = failure("aborted read", quiet.read({ signal: control.signal }));
  control.abort();
  await cancelled;
  await loud.write("still there");
  console.log(text(await quiet.read({ signal: AbortSignal.timeout(1000) })));
  const stuck = new AbortController();
  setTimeout(() => stuck.abort(new Error("stuck")), 30);
  await failure("aborted write", loud.write(new Uint8Array(50_000_000), { signal: stuck.signal }));
  await failure("write after that", loud.write("x"));
  await quiet.close();
}

// A reset.
const resetting = connect({ port: other.address.port, hostname });
const victim = await other.accept();
(await resetting).abort();
await failure("reset", victim.read());
await victim.close();
await other.close();

// Unix sockets.
const path = `/tmp/rill-net-test-${process.pid}`;
const local = await listen({ path });
const [near, far] = await Promise.all([connect({ path }), local.accept()]);
await far.write("unix");
console.log(text(await near.read()), near.remoteAddress.path === path);
await Promise.all([near.close(), far.close(), local.close()]);
await failure("no socket", connect({ path: "/nowhere/socket" }));
await failure("long path", connect({ path: "/tmp/" + "x".repeat(105) }));

// UDP.
const a = await datagram({ hostname });
const b = await datagram({ hostname });
await a.send("ping", hostname, b.address.port);
const packet = await b.receive();
console.log(text(packet.data), packet.address, packet.port === a.address.port);
await failure("slow receive", b.receive({ timeout: 20 }));
await a.close();
await b.close();
await failure("closed receive", b.receive());
