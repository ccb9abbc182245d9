// The system has no room for the first datagram (fail_call.c): it waits, the others
// behind it, and what is cut off meanwhile is not sent.
import { datagram } from "rill:net";

const hostname = "127.0.0.1";
const to = await datagram({ hostname }), from = await datagram({ hostname });
const { port } = to.address;
const send = (text, options) => from.send(text, hostname, port, options)
  .then(() => "sent", (error) => error.name);
const controller = new AbortController();
const sent = [
  send("first", { signal: controller.signal }),
  send("second", { timeout: 60000 }),
  send("third", { signal: controller.signal }),
  send("fourth"),
];
controller.abort();
console.log((await Promise.all(sent)).join());
console.log(await send("fifth"));
for (let i = 0; i < 3; i++) {
  console.log(new TextDecoder().decode((await to.receive()).data));
}
await from.close();
await to.close();
console.log("end");
