// What a stream's callbacks and listeners throw is theirs, not the step's that
// called them; a callback that is called again with an error reports it.
import http from "node:http";
import { Writable } from "node:stream";
import { createGzip } from "node:zlib";

const { log } = console;
process.on("uncaughtException", (error) => {
  log("uncaught", error.message);
  // What follows an error of somebody else's would be waited for in vain.
  if (!error.message.startsWith("a callback")) process.exit(1);
});
const closed = (stream) => new Promise((resolve) => {
  stream.on("error", (error) => log("error", error.message)).on("close", resolve);
});

const server = http.createServer((request, response) => {
  response.on("error", (error) => log("error", error.message));
  if (request.url === "/prefinish") {
    response.on("prefinish", () => {
      throw new Error("a listener");
    });
  }
  for (const path of ["/first", "/second"]) {
    response.write("x", () => {
      if (request.url === path) throw new Error(`a callback of ${path}`);
    });
  }
  response.end("x");
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
for (const path of ["/first", "/second", "/prefinish"]) {
  const url = `http://127.0.0.1:${server.address().port}${path}`;
  log(path, await (await fetch(url)).text());
}
server.close();
server.closeAllConnections();

const twice = new Writable({
  final(done) {
    done();
    done(new Error("again"));
  },
});
twice.end();
await closed(twice);

const zip = createGzip().resume();
zip.write("x", () => {
  throw new Error("a callback of gzip");
});
zip.end();
await closed(zip);

const failing = new Writable({
  write(chunk, encoding, done) {
    done(new Error("a failed write"));
  },
});
failing.write("x", () => {
  throw new Error("a callback of a failed write");
});
await closed(failing);

const destroyed = new Writable();
const end = closed(destroyed);
try {
  destroyed.destroy(new Error("destroyed"), () => {
    throw new Error("a callback of destroy");
  });
} catch (error) {
  log("thrown", error.message);
  if (!error.message.startsWith("a callback")) throw error;
}
await end;
