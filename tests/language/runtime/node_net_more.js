// node:net: half open sockets, pauses, time limits, paths, limits on numbers,
// BlockList, and sockets that do not keep the program running.
import net from "node:net";
import os from "node:os";
import path from "node:path";

const listening = (server, ...where) =>
  new Promise((resolve) => server.listen(...where, () => resolve(server.address())));
const event = (emitter, name) =>
  new Promise((resolve) => emitter.once(name, (...values) => resolve(values)));

{ // Half open: the answer comes after the end of the question.
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    let text = "";
    socket.setEncoding("utf8").on("data", (data) => (text += data));
    socket.on("end", () => {
      console.log("server", socket.readyState, text);
      setTimeout(() => socket.end("late answer"), 20);
    });
  });
  const { port } = await listening(server, 0, "127.0.0.1");
  const client = net.connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  client.end("question");
  const [answer] = await event(client, "data");
  console.log(String(answer));
  client.resume();
  await event(client, "close");
  server.close();
}
{ // Nobody listens for data: the end is told all the same.
  const server = net.createServer((socket) => socket.on("end", () => console.log("end")));
  const { port } = await listening(server, 0, "127.0.0.1");
  const client = net.connect(port, "127.0.0.1", () => client.end());
  await event(client, "close");
  server.close();
}
{ // A paused socket is read no further.
  const server = net.createServer((socket) => socket.end(Buffer.alloc(300000)));
  const { port } = await listening(server, 0, "127.0.0.1");
  const client = net.connect(port, "127.0.0.1");
  let length = 0;
  client.on("data", (data) => {
    if (length === 0) {
      client.pause();
      const before = length + data.length;
      setTimeout(() => {
        console.log("paused", client.isPaused(), length === before);
        client.resume();
      }, 20);
    }
    length += data.length;
  });
  await event(client, "end");
  console.log(length, client.bytesRead);
  server.close();
}
{ // A time limit without traffic.
  const server = net.createServer(() => {});
  const { port } = await listening(server, 0, "127.0.0.1");
  const client = net.connect({ port, host: "127.0.0.1", timeout: 30 });
  console.log(client.timeout);
  await event(client, "timeout");
  console.log("timeout", client.destroyed);
  client.destroy();
  await event(client, "close");
  server.close();
  console.log(client.destroyed, server.listening);
}
{ // A path.
  const where = path.join(os.tmpdir(), `rill-net-${process.pid}`);
  const server = net.createServer((socket) => socket.pipe(socket));
  console.log(await listening(server, where) === where);
  const client = net.connect(where, () => client.write("by path"));
  console.log(String((await event(client, "data"))[0]), client.remoteAddress);
  client.end();
  await event(client, "close");
  server.close();
  await event(server, "close");
}
{ // More than there may be.
  const server = net.createServer();
  server.maxConnections = 1;
  const { port } = await listening(server, 0, "127.0.0.1");
  const first = net.connect(port, "127.0.0.1");
  await event(server, "connection");
  const second = net.connect(port, "127.0.0.1");
  const [who] = await event(server, "drop");
  console.log(who.remoteAddress, who.remoteFamily, typeof who.remotePort);
  server.getConnections((error, count) => console.log(error, count));
  second.on("error", () => {});
  await event(second, "close");
  first.destroy();
  server.close();
  await event(server, "close");
}
{
  const list = new net.BlockList();
  list.addAddress("123.123.123.123");
  list.addRange("10.0.0.1", "10.0.0.10");
  list.addSubnet("8592:757c:efae:4e45::", 64, "ipv6");
  console.log(list.check("123.123.123.123"), list.check("10.0.0.3"),
              list.check("10.0.0.11"), list.check("222.111.111.222"),
              list.check("::ffff:7b7b:7b7b", "ipv6"),
              list.check("::ffff:123.123.123.123", "ipv6"),
              list.check("8592:757c:efae:4e45::1", "ipv6"),
              list.check("8592:757c:efae:4e46::1", "ipv6"));
  console.log(list.rules);
  const address = new net.SocketAddress({ address: "::1", family: "ipv6", port: 5 });
  console.log(address.address, address.port, address.family, address.flowlabel);
  for (const wrong of [() => list.addSubnet("1.2.3.4", 33), () => list.addAddress("x"),
                       () => list.addRange("1.1.1.2", "1.1.1.1"),
                       () => new net.SocketAddress({ family: "ipv5" })]) {
    try {
      wrong();
    } catch (error) {
      console.log(error.code);
    }
  }
}
{
  // The peer is done before it reads what we send: all of it arrives.
  let got = 0;
  const server = net.createServer({ allowHalfOpen: true }, (socket) => {
    socket.end("bye");
    socket.on("data", (bytes) => { got += bytes.length; });
    socket.pause();
    server.emit("accepted", socket);
  });
  const { port } = await listening(server, 0, "127.0.0.1");
  const socket = net.connect(port, "127.0.0.1");
  const accepted = event(server, "accepted");
  for (let i = 0; i < 10; i++) {
    socket.write(Buffer.alloc(4e6), (error) => { if (error) console.log(error.code); });
  }
  socket.end((error) => console.log("all is out", error?.code));
  socket.on("data", (bytes) => console.log(`${bytes}`));
  const [peer] = await accepted;
  await event(socket, "end");
  setImmediate(() => peer.resume());
  await event(peer, "end");
  console.log(got);
  server.close();
  await event(server, "close");
}
// Left open, but of no weight.
const server = net.createServer((socket) => socket.unref());
const { port } = await listening(server, 0, "127.0.0.1");
const idle = net.connect(port, "127.0.0.1");
await event(idle, "connect");
idle.unref();
server.unref();
console.log("over");
