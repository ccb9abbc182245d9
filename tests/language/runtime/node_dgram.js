// node:dgram, as on Node.
import dgram from "node:dgram";

const event = (emitter, name) =>
  new Promise((resolve) => emitter.once(name, (...values) => resolve(values)));
const code = (work) => {
  try {
    work();
    return "done";
  } catch (error) {
    return error.code;
  }
};

const server = dgram.createSocket("udp4");
console.log(code(() => server.address()));
server.bind(0, "127.0.0.1");
await event(server, "listening");
const { address, family, port } = server.address();
console.log(address, family, port > 0, code(() => server.bind(0)));
server.on("message", (message, from) => {
  server.send(`${message}!`, from.port, from.address);
});

const client = dgram.createSocket({ type: "udp4" }, (message, { address, family, size }) =>
  console.log(String(message), address, family, size));
const sent = await new Promise((resolve) =>
  client.send("hello", port, "127.0.0.1", (error, bytes) => resolve([error, bytes])));
console.log(...sent);
await event(client, "message");
client.send(Buffer.from("xxmiddlexx"), 2, 6, port, "localhost");
await event(client, "message");
client.send(["a", Buffer.from("b"), "c"], port);
await event(client, "message");
client.connect(port, "127.0.0.1");
await event(client, "connect");
console.log(client.remoteAddress().address, client.remoteAddress().port === port);
client.send("connected");
await event(client, "message");
client.send("0123456789", 3, 2);
await event(client, "message");
console.log(code(() => client.send("x", port)), code(() => client.connect(port)));
client.disconnect();
console.log(code(() => client.disconnect()), code(() => client.remoteAddress()));
client.setBroadcast(true);
console.log(client.setTTL(10), client.setMulticastTTL(3),
            client.setMulticastLoopback(true),
            client.getRecvBufferSize() > 0, client.getSendBufferSize() > 0);
console.log(code(() => client.send("x", 0)), code(() => client.send(5, port)),
            code(() => client.send("abc", 2, 5, port)),
            code(() => dgram.createSocket("udp5")));
await new Promise((resolve) => client.close(resolve));
console.log(code(() => client.send("x", port)), code(() => client.close()));

const controller = new AbortController();
const ended = dgram.createSocket({ type: "udp4", signal: controller.signal });
ended.bind();
controller.abort();
await event(ended, "close");
const taken = dgram.createSocket("udp4");
taken.bind(port, "127.0.0.1");
const [error] = await event(taken, "error");
console.log(error.code, error.syscall);
taken.close();
const six = dgram.createSocket("udp6");
six.bind(0, "::1");
await event(six, "listening");
six.on("message", (message, { family }) => {
  console.log(String(message), family);
  six.close();
});
six.send("to myself", six.address().port, "::1");
await event(six, "close");
// It waits, but does not keep the program running.
server.unref();
console.log("over");
