// WebSocket and CloseEvent of the web, over TCP and TLS.
import { serve } from "rill:http";
import { upgradeWebSocket } from "rill:websocket";
import { readFileSync } from "node:fs";

const pem = readFileSync(new URL("localhost.pem", import.meta.url), "utf8");
const [cert, key] = pem.split(/(?=-----BEGIN P)/);

for (const tls of [undefined, { cert, key }]) {
  const server = await serve({ hostname: "127.0.0.1", tls }, async (request) => {
    const socket = upgradeWebSocket(request, { protocol: request.headers.get("sec-websocket-protocol")?.split(",")[0] });
    if (!socket) return { status: 426 };
    for await (const m of socket) { if (m === "bye") { await socket.close(4001, "so long"); return; } if (m === "cut") { request; return socket.close(); } await socket.send(m); }
  });
  const w = new WebSocket(`${tls ? "https" : "http"}://127.0.0.1:${server.port}/x?y`, tls ? { protocols: ["a", "b"], tls: { ca: cert } } : ["a", "b"]);
  console.log(w.readyState, w.url.replace(/\d{4,}/, "PORT"), w.binaryType);
  try { w.send("x"); } catch (e) { console.log(e.name); }
  w.onopen = () => { console.log("open", w.protocol, w.readyState); w.send("hi"); w.send(new Uint8Array([1, 2, 3])); w.send(new Blob(["blob"])); w.send(new Uint8Array([9])); w.binaryType = "blob"; console.log(w.bufferedAmount); };
  w.onerror = () => console.log("error");
  let n = 0;
  w.onmessage = async (e) => { console.log(e.data, e.origin.replace(/\d{4,}/, "PORT")); if (++n == 1) w.binaryType = "arraybuffer"; if (n == 4) w.send("bye"); };
  await new Promise((r) => w.onclose = (e) => { console.log(e.code, e.reason, e.wasClean, w.readyState, w.bufferedAmount); r(); });
  const v = new WebSocket(`${tls ? "wss" : "ws"}://127.0.0.1:${server.port}/`, { tls: { ca: cert } });
  v.onopen = () => v.close(3000, "me");
  await new Promise((r) => v.onclose = (e) => { console.log(e.code, e.reason, e.wasClean); r(); });
  const u = new WebSocket(`${tls ? "wss" : "ws"}://127.0.0.1:${server.port}/`);
  u.onerror = () => console.log("error");
  u.close();
  await new Promise((r) => u.onclose = (e) => { console.log(e.code, e.reason, e.wasClean); r(); });
  await server.close();
}
for (const bad of [["no"], ["ftp://x"], ["ws://x/#a"], ["ws://x", ["a", "A"]], ["ws://x", "b d"]]) try { new WebSocket(...bad); } catch (e) { console.log(e.name); }
// A Blob that cannot be read is the end, with nothing behind it.
{
  const server = await serve({ hostname: "127.0.0.1" }, async (request) => {
    const socket = upgradeWebSocket(request);
    for await (const message of socket) await socket.send(message);
  });
  const w = new WebSocket(`ws://127.0.0.1:${server.port}/`);
  w.onopen = () => {
    const blob = new Blob(["blob"]);
    blob.arrayBuffer = () => { throw new Error("unreadable"); };
    for (const message of ["first", blob, "last"]) w.send(message);
  };
  w.onmessage = (e) => console.log(e.data);
  await new Promise((r) => w.onclose = (e) => { console.log(e.code, e.wasClean); r(); });
  await server.close();
}
