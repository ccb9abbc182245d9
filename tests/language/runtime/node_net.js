// node:net and node:dns, as on Node.
import net from "node:net";
import dns from "node:dns";

const lines = [];
const log = (...values) => lines.push(values.join(" "));
const server = net.createServer((socket) => {
  socket.on("data", (data) => socket.write(data));
  socket.on("end", () => log("server end"));
  socket.on("close", (failed) => log("server close", failed));
});
const all = [];
const later = () => {
  let resolve;
  all.push(new Promise((r) => (resolve = r)));
  return resolve;
};
const closed = later(), refused = later(), named = later(), found = later(), used = later();
server.listen(0, "127.0.0.1", () => {
  log(server.listening, server.address().family);
  const client = net.connect(server.address().port, "127.0.0.1", () => {
    log("connected", client.remoteAddress, client.readyState);
    client.write("hello");
  });
  client.setEncoding("utf8");
  client.on("data", (data) => {
    log(data);
    if (data === "hello") client.end("bye");
  });
  client.on("end", () => log("client end"));
  client.on("close", (failed) => {
    log("client close", failed, client.bytesRead, client.bytesWritten);
    server.close(() => closed(log("closed")));
  });
});
net.connect(1, "127.0.0.1")
  .on("error", (error) => log(error.code, error.message))
  .on("close", (failed) => refused(log("refused close", failed)));
dns.lookup("nobody.invalid", (error) => named(log(error.code, error.message)));
dns.lookup("localhost", 4, (error, address, family) => found(log(address, family)));
const taken = net.createServer().listen(0, "127.0.0.1", () => {
  net.createServer()
    .on("error", (error) => {
      log(error.code);
      taken.close(used);
    })
    .listen(taken.address().port, "127.0.0.1");
});
await Promise.all(all);
console.log(lines.sort().join("\n"));
console.log(net.isIP("::1"), net.isIPv4("1.2.3.4"), net.isIP("x"));
