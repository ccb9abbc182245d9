// What listen of node:net and node:http takes from options that are null or of
// wrong types: a port, or an error, never more.
import http from "node:http";
import net from "node:net";

for (const [name, make] of [["net", net.createServer], ["http", http.createServer]]) {
  for (const options of [
    { port: 0, host: null }, { port: 0, path: null }, { port: 0, host: {} },
    { port: 0, host: 1n }, { port: 0, backlog: NaN }, { port: 0, backlog: "x" },
    { port: 0, host: "127.0.0.1", backlog: null },
  ]) {
    const server = make();
    const said = await new Promise((resolve) => {
      server.on("error", (error) => resolve(error.message));
      try {
        server.listen(options, () => resolve("listening"));
      } catch (error) {
        resolve(error.message);
      }
    });
    console.log(name, Object.entries(options).join(), said);
    if (said === "listening") await new Promise((done) => server.close(done));
  }
}
const server = net.createServer((socket) => socket.end()).listen(0, () =>
  net.connect({ port: server.address().port, host: null }, () => {
    console.log("connected");
    server.close();
  }).resume());
