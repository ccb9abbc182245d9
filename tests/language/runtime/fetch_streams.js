// Streams as bodies of fetch and of rill:http: all of a large one goes up, through
// a proxy, too; a source is told when nobody takes the rest, even while a piece is
// waited for.
import { serve } from "rill:http";
import { sleep, timeout } from "rill:time";

const events = [];
let told = Promise.withResolvers();
const tell = (...event) => {
  events.push(event.join(" "));
  told.resolve();
  told = Promise.withResolvers();
};

// Until so many have been told of: a cancel() that fails tells nobody.
const heard = async (count) => {
  while (events.length < count) await timeout(told.promise, 12000);
};

const pieces = (count, length) => new ReadableStream({
  start(controller) {
    for (let i = 0; i < count; i++) controller.enqueue(new Uint8Array(length));
    controller.close();
  },
});
const endless = (name) => new ReadableStream({
  pull(controller) {
    controller.enqueue(new Uint8Array(10000));
  },
  cancel(reason) {
    tell(name, "cancelled", reason);
  },
});
const stuck = (name) => new ReadableStream({
  start(controller) {
    controller.enqueue(new Uint8Array(10));
  },
  cancel(reason) {
    tell(name, "cancelled", reason?.name);
  },
});

const origin = await serve({
  hostname: "127.0.0.1",
  onError: (error) => tell("onError", error),
}, async (request) => {
  switch (request.path) {
    case "/count": {
      let length = 0;
      for await (const piece of request.body) length += piece.length;
      return `${length} ${request.headers.get("expect")}`;
    }
    case "/again": {
      const first = await request[request.query || "text"]();
      const told = [];
      for (const form of ["text", "json", "bytes", "arrayBuffer", "blob", "chunk"]) {
        told.push(await request[form]().catch((error) => error.message));
      }
      return JSON.stringify([first?.length, ...told]);
    }
    case "/refuse":
      return { status: 413, headers: { connection: "close" }, body: "no" };
    case "/hang":
      request.signal.addEventListener("abort", () => tell("peer left"));
      await sleep(1e6, { signal: request.signal });
      break;
    case "/late":
      tell("asked");
      await new Promise((resolve) => request.signal.addEventListener("abort", resolve));
      return new Response(stuck("late"));
    case "/stuck":
      return new Response(stuck("response"));
  }
});
const base = `http://127.0.0.1:${origin.port}`;
const proxy = await serve({ hostname: "127.0.0.1" }, async (request) => {
  const { method, body, signal } = request;
  const response = await fetch(base + request.target, { method, body, signal });
  return new Response(response.body, response);
});
const through = `http://127.0.0.1:${proxy.port}`;

for (const url of [base, through]) {
  for (const [count, length] of [[1, 1], [7, 10000], [100, 10000], [3, 1000000]]) {
    const response = await fetch(`${url}/count`,
      { method: "POST", body: pieces(count, length), duplex: "half" });
    console.log(response.status, await response.text());
  }
}

for (const [query, body] of [["", "12"], ["chunk", "12"], ["bytes", "3"]]) {
  const response = await fetch(`${base}/again?${query}`, { method: "POST", body });
  console.log(await response.text());
}

const controller = new AbortController();
const cut = fetch(`${base}/hang`,
  { method: "POST", body: stuck("upload"), duplex: "half", signal: controller.signal });
setTimeout(() => controller.abort(), 50);
await cut.catch((error) => {
  if (error.name !== "AbortError") throw error; // and nobody tells anything
  console.log(error.name);
});
await heard(2);
console.log(events.splice(0).sort());

const refused = await fetch(`${base}/refuse`,
  { method: "POST", body: endless("refused"), duplex: "half" }).catch((error) => {
    if (error instanceof RangeError) throw error; // the source's, which is over
    return error;
  });
console.log(refused.status === 413 || refused.code);
await heard(1);
console.log(events.splice(0).map((text) => text.split(" ", 2).join(" ")));

for (const url of [base, through]) {
  const response = await fetch(`${url}/stuck`);
  const reader = response.body.getReader();
  console.log((await reader.read()).value.length);
  await reader.cancel();
  await heard(1);
  console.log(events.splice(0));
}
// The peer has left before there is a response.
const leaving = new AbortController();
const left = fetch(`${base}/late`, { signal: leaving.signal }).catch((error) => {
  if (error.name !== "AbortError") told.reject(error);
  return error.name;
});
await heard(1);
leaving.abort();
console.log(await left);
await heard(2);
console.log(events.splice(0));
// A request that does not even begin, and a response that cannot be given:
// nobody takes the body.
for (const [url, signal] of [[`${base}/count`, AbortSignal.abort()], ["ftp://x/", null]]) {
  await fetch(url, { method: "POST", body: stuck("unsent"), duplex: "half", signal })
    .catch((error) => tell("fetch", error.name));
  await heard(2);
  console.log(events.splice(0).sort());
}
const wrong = await serve({ hostname: "127.0.0.1", onError: (error) => error.message }, () =>
  Object.defineProperty(new Response(stuck("wrong")), "status", {
    get() {
      throw new RangeError("no status");
    },
  }));
tell(await (await fetch(`http://127.0.0.1:${wrong.port}`)).text());
await heard(2);
console.log(events.splice(0));
await wrong.close();
await proxy.close();
await origin.close();
