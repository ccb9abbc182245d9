// The same for Node: node echo-node.mjs PORT
import net from "node:net";

net
  .createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("data", (chunk) => socket.write(chunk));
    socket.on("error", () => {});
  })
  .listen(Number(process.argv[2]), "127.0.0.1");
