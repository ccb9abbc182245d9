// fetch, Request, Response and Headers, against a server of our own.
import { serve } from "rill:http";
const s = await serve({ hostname: "127.0.0.1", onError() {} }, async (request) => {
  switch (request.path) {
    case "/echo": return new Response(await request.text(), { status: 201, statusText: "Made", headers: { "x-method": request.method, "x-type": request.headers.get("content-type") ?? "none" } });
    case "/json": return Response.json({ a: [1, 2] });
    case "/redirect": return Response.redirect("http://127.0.0.1:" + s.port + "/json");
    case "/big": return new Response(new Uint8Array(3_000_000).fill(5));
    case "/headers": return Response.json([...request.headers]);
    case "/hang": await new Promise(() => {});
    case "/loop": return { status: 302, headers: { location: "/loop" } };
    case "/cut": return { headers: {"content-length": "10"}, body: (async function*(){ yield "abc"; throw 1; })() };
    case "/stream": return new Response((async function*(){ yield "one "; yield "two"; })());
  }
  return new Response("?", { status: 404 });
});
const base = "http://127.0.0.1:" + s.port;
let r = await fetch(base + "/json");
console.log(r.status, r.ok, r.url === base + "/json", r.headers.get("content-type"), await r.json(), r.bodyUsed);
r = await fetch(base + "/echo", { method: "POST", body: "häl" });
console.log(r.status, r.statusText, r.headers.get("x-method"), r.headers.get("x-type"), await r.text());
r = await fetch(base + "/echo", { method: "PUT", body: new URLSearchParams({ a: "b c" }) });
console.log(r.headers.get("x-method"), r.headers.get("x-type"), await r.text());
r = await fetch(base + "/echo", { method: "POST" });
console.log(r.headers.get("x-method"), r.headers.get("x-type"), await r.text());
r = await fetch(base + "/echo", { method: "POST", body: (async function*(){ yield "streamed "; await null; yield "up"; })() });
console.log(r.headers.get("x-method"), r.headers.get("x-type"), await r.text());
r = await fetch(base + "/redirect");
console.log(r.status, r.redirected, r.url === base + "/json", await r.json());
r = await fetch(base + "/redirect", { redirect: "manual" });
console.log(r.status, r.headers.get("location") === base + "/json");
await fetch(base + "/redirect", { redirect: "error" }).catch((e) => console.log(e.name, e.message));
await fetch(base + "/loop").catch((e) => console.log(e.name, e.code));
r = await fetch(base + "/big"); console.log((await r.bytes()).length);
r = await fetch(base + "/stream"); console.log(await r.text());
r = await fetch(base + "/nothing"); console.log(r.status, r.ok, await r.text());
r = await fetch(base + "/json", { method: "HEAD" }); console.log(r.status, r.headers.get("content-length"), r.body);
await fetch("http://127.0.0.1:1/").catch((e) => console.log(e.name, e.code));
await fetch("ftp://a/").catch((e) => console.log(e.name, e.message));
const c = new AbortController(); setTimeout(() => c.abort(new Error("enough")), 20);
await fetch(base + "/hang", { signal: c.signal }).catch((e) => console.log(e.message));
await fetch(base + "/hang", { signal: AbortSignal.timeout(20) }).catch((e) => console.log(e.name));
r = await fetch(base + "/cut"); await r.text().catch((e) => console.log(e.name, e.message));
console.log(await (await fetch("data:text/plain;base64,aGk=")).text());
const sent = await (await fetch(base + "/headers", { headers: { "X-Empty": "", "x-a": "b" } })).json();
console.log(sent.filter(([name]) => name !== "host" && name !== "accept-encoding"));
await s.close({ timeout: 50 });

const h = new Headers([["B", "2"], ["a", " 1 "]]);
h.append("b", "3");
h.append("Set-Cookie", "x");
h.append("set-cookie", "y");
console.log([...h], h.get("B"), h.getSetCookie(), h.has("c"), h.get("c"));
h.set("b", "4");
h.delete("a");
console.log([...h.keys()]);
for (const bad of [["a b", "c"], ["", "c"], ["a", "b\nc"], ["a", "\u20ac"]]) {
  try {
    new Headers([bad]);
  } catch (error) {
    console.log(error.name, error.message);
  }
}
const request = new Request("http://a/b?c#d", { method: "post", body: "x" });
const copy = request.clone();
console.log(request.method, request.url, await request.text(), request.bodyUsed, copy.bodyUsed, await copy.text());
await request.text().catch((error) => console.log(error.name, error.message));
const again = new Request(new Request("http://a/", { method: "PUT", body: "y", headers: { k: "v" } }), { headers: { l: "w" } });
console.log(again.method, again.headers.get("k"), again.headers.get("l"), await again.text());
for (const attempt of [
  () => new Request("/relative"),
  () => new Request("http://u:p@a/"),
  () => new Request("http://a/", { body: "x" }),
  () => new Request("http://a/", { method: "CONNECT" }),
  () => new Response("x", { status: 204 }),
  () => new Response("x", { status: 99 }),
  () => Response.redirect("http://a/", 200),
]) {
  try {
    attempt();
  } catch (error) {
    console.log(error.name, error.message);
  }
}
console.log(Response.error().type, Response.error().status);

// Forms, both ways.
const form = new FormData();
form.append("a", "\u00e4\r\n\"");
form.append("b\"", "2");
form.append("file", new File(["x\r\n--y"], "n\u00e4me.txt", { type: "text/x" }));
form.append("empty", "");
const formServer = await serve({ hostname: "127.0.0.1" }, async (request) => {
  const got = await request.formData();
  const list = [];
  for (const [name, value] of got) {
    list.push([name, typeof value === "string" ? value : [value.name, value.type, await value.text()]]);
  }
  return Response.json(list);
});
const formUrl = `http://127.0.0.1:${formServer.port}/`;
console.log(await (await fetch(formUrl, { method: "POST", body: form })).json());
console.log(await (await fetch(formUrl, { method: "POST", body: new URLSearchParams("a=b&c=") })).json());
await formServer.close({ timeout: 50 });
for (const [type, text] of [["text/plain", "a"], ["multipart/form-data; boundary=x", "--y"], ["multipart/form-data; boundary=x", "--x\r\n\r\n\r\n--x--"]]) {
  await new Response(text, { headers: { "content-type": type } }).formData()
    .catch((error) => console.log(error.name, error.message));
}

// Streams.
const streamed = new Response(new ReadableStream({
  start(controller) {
    controller.enqueue(new TextEncoder().encode("a"));
    controller.enqueue(new TextEncoder().encode("b"));
    controller.close();
  },
}));
const twin = streamed.clone();
let pieces = "";
for await (const piece of streamed.body) pieces += new TextDecoder().decode(piece);
console.log(pieces, await twin.text(), await new Response(new Blob(["x", "y"])).text());
