// What could not be begun for want of memory is begun by another call, and what
// came meanwhile is not lost (tests/faults/test_allocations.py).
import { connect, datagram, listen } from "rill:net";

const listener = await listen({ port: 0 });
const receiver = await datagram({ port: 0 }), sender = await datagram();
let error, client, server;

const nothing = () => {};
nothing();

// A lack of memory is told of before nothing().
function once(begin) {
  const promise = begin();
  nothing();
  return promise;
}
function again(begin) {
  let promise;
  try {
    promise = once(begin);
  } catch {
    promise = begin();
  }
  promise.catch(nothing);
  return promise;
}

async function exchange() {
  const accepted = again(() => listener.accept());
  client = await connect({ port: listener.address.port });
  server = await accepted;
  for (let k = 0; k < 4; k++) {
    const read = again(() => server.read());
    await client.write("x");
    await read;
  }
  const received = again(() => receiver.receive());
  await sender.send("x", "127.0.0.1", receiver.address.port);
  await received;
}

for (let i = 0; i < 20 && error === undefined; i++) {
  try {
    await exchange();
  } catch (caught) {
    error = caught;
  }
  client?.abort();
  server?.abort();
}
console.log(error?.code);
if (error?.code === "EBUSY") await new Promise(() => {}); // that is a finding
await Promise.all([listener.close(), receiver.close(), sender.close()]);
