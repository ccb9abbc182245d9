// ws: a server and a client of it, with compression, pings and both ends.
const { WebSocket, WebSocketServer } = require("ws");

const server = new WebSocketServer({ port: 0, perMessageDeflate: true }, () => {
  const client = new WebSocket(`ws://127.0.0.1:${server.address().port}/path`);
  client.on("open", () => {
    client.send("text");
    client.send(Buffer.alloc(100000, 1));
    client.ping("data");
  });
  let left = 3;
  const one = () => {
    if (--left === 0) client.close(1000, "bye");
  };
  client.on("message", (data, isBinary) => {
    console.log("message", isBinary, data.length);
    one();
  });
  client.on("pong", (data) => one());
  client.on("close", (code, reason) => {
    server.close(() => console.log("closed", code, String(reason)));
  });
});
server.on("connection", (socket, request) => {
  console.log(request.url, socket.extensions);
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
});
