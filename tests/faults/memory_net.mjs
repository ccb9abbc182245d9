// Sockets, for test_memory.py.
import { serve } from "rill:http";
import { connect, datagram, listen, lookup } from "rill:net";
import { connectWebSocket, upgradeWebSocket } from "rill:websocket";

const hostname = "127.0.0.1";
const timeout = 1000;
{
  await lookup("localhost", { timeout });
  await using listener = await listen({ hostname });
  const accepted = listener.accept({ timeout });
  await using here = await connect({ hostname, port: listener.address.port, timeout });
  await using there = await accepted;
  await here.write("abc", { timeout });
  await there.read({ timeout });
}
{
  await using socket = await datagram({ hostname });
  await socket.send("x", hostname, socket.address.port, { timeout });
  await socket.receive({ timeout });
}
{
  const server = await serve({ hostname }, async (request) => {
    const socket = upgradeWebSocket(request);
    if (socket === null) return (await request.text()).toUpperCase();
    for await (const message of socket) await socket.send(message);
  });
  try {
    const url = `${hostname}:${server.port}/`;
    const response = await fetch(`http://${url}`, {
      method: "POST", body: "x".repeat(100000), signal: AbortSignal.timeout(timeout),
    });
    await response.text();
    const socket = await connectWebSocket(`ws://${url}`, { timeout });
    await socket.send("a", { timeout });
    await socket.receive({ timeout });
    await socket.close(1000, "", { timeout });
  } finally {
    await server.close({ timeout: 100 });
  }
}
console.log("end");
