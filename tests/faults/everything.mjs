// Everything of the runtime once, each in its turn, errors taken; run by
// test_faults.py. Each line: what, "done" or the error's code and operation.
import fs from "node:fs";
import fsp from "node:fs/promises";
import * as files from "rill:fs";
import os from "node:os";
import path from "node:path";
import dns from "node:dns/promises";
import * as net from "rill:net";
import { serve } from "rill:http";
import { spawn as spawnTask } from "rill:task";
import { socketAttempts } from "../net/sockets.mjs";

const hostname = "127.0.0.1";
const timeout = 1000;
const operation = /^[a-z][A-Za-z_ ]+ E[A-Z0-9]+|took longer than|fetch failed|out of memory|allocat|abort|closed|exit|thread|worker|memory/i;

async function attempt(label, work) {
  try {
    await work();
    console.log(label, "done");
  } catch (error) {
    if (!(error instanceof Error)) {
      console.log(label, "no error:", String(error));
      process.exitCode = 3;
      return;
    }
    const named = error.syscall !== undefined || operation.test(error.message);
    console.log(label, error.code ?? error.name, error.syscall ?? "",
      error.message, named ? "" : "[unnamed]");
  }
}

// Once more, should there have been no memory for the first call.
function again(call) {
  try {
    call();
  } catch {
    call();
  }
}

let folder = path.join(os.tmpdir(), `rill-faults-${process.pid}`);
await attempt("mkdtemp", async () => {
  folder = await fsp.mkdtemp(path.join(os.tmpdir(), "rill-faults-"));
});
const at = (name) => path.join(folder, name);
await attempt("files", async () => {
  await fsp.writeFile(at("a"), "x".repeat(1000));
  await fsp.readFile(at("a"), "utf8");
  await fsp.copyFile(at("a"), at("b"));
  await fsp.appendFile(at("b"), "y");
  await fsp.rename(at("b"), at("c"));
  await fsp.stat(at("c"));
  await fsp.lstat(at("c"));
  await fsp.access(at("c"));
  await fsp.chmod(at("c"), 0o600);
  await fsp.utimes(at("c"), 1, 2);
  await fsp.symlink(at("c"), at("d"));
  await fsp.readlink(at("d"));
  await fsp.realpath(at("d"));
  await fsp.readdir(folder);
  await fsp.readdir(folder, { withFileTypes: true });
  await fsp.truncate?.(at("c"), 1);
  await fsp.unlink(at("d"));
  await fsp.mkdir(at("e/f"), { recursive: true });
  await fsp.rmdir(at("e/f"));
});
await attempt("file handle", async () => {
  const file = await fsp.open(at("a"), "r+");
  try {
    await file.stat();
    await file.read(new Uint8Array(10), 0, 10, 0);
    await file.write("abc");
  } finally {
    await file.close();
  }
});
await attempt("files, waiting", () => {
  fs.writeFileSync(at("g"), "x");
  fs.readFileSync(at("g"));
  fs.statSync(at("g"));
  fs.existsSync(at("g"));
  fs.readdirSync(folder);
  fs.unlinkSync(at("g"));
});
await attempt("file streams", async () => {
  fs.writeFileSync(at("h"), "x".repeat(200000));
  for await (const chunk of fs.createReadStream(at("h"))) chunk.length;
  await new Promise((resolve, reject) => {
    const out = fs.createWriteStream(at("i"));
    out.on("error", reject).on("finish", resolve);
    out.end("abc");
  });
});
await attempt("watching", async () => {
  const watcher = fs.watch(folder);
  const told = new Promise((resolve) => watcher.on("change", resolve));
  const failed = new Promise((resolve, reject) => watcher.on("error", reject));
  failed.catch(() => {});
  try {
    fs.writeFileSync(at("watched"), "x");
    await Promise.race([told, failed, new Promise((resolve, reject) =>
      setTimeout(reject, timeout, new Error("watch ETIMEDOUT")).unref())]);
  } finally {
    watcher.close();
  }
});
await attempt("rill:fs", async () => {
  const rill = await import("rill:fs");
  await using one = await rill.temporaryDirectory({ dir: folder });
  await using two = await rill.temporaryFile({ dir: folder });
  for await (const line of rill.readLines(at("a"))) line.length;
  for await (const entry of rill.walk(folder)) entry.path;
});
await attempt("system", () => {
  os.hostname(), os.homedir(), os.tmpdir(), os.uptime(), os.release();
  os.loadavg(), os.totalmem(), os.freemem();
  process.memoryUsage(), process.uptime(), process.execPath;
});
for (const [name, work] of Object.entries({
  cpus: () => os.cpus(),
  interfaces: () => os.networkInterfaces(),
  user: () => os.userInfo(),
  priority: () => os.setPriority(0, os.getPriority(0)),
  usage: () => process.resourceUsage(),
  title: () => (process.title = process.title),
  disk: () => fs.statfsSync(folder),
})) {
  await attempt(`system ${name}`, work);
}
await attempt("timers", async () => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => setImmediate(resolve));
  const timer = setInterval(() => {}, 1);
  again(() => clearInterval(timer));
});
await attempt("names", async () => {
  await dns.lookup("localhost");
  await net.resolve?.(hostname, "PTR");
});
await attempt("signals", async () => {
  const { promise: got, resolve, reject } = Promise.withResolvers();
  got.catch(() => {});
  process.once("SIGUSR2", resolve);
  const timer = setTimeout(reject, timeout, new Error("kill ETIMEDOUT"));
  try {
    process.kill(process.pid, "SIGUSR2");
    await got;
  } finally {
    clearTimeout(timer);
  }
});
await attempt("terminal", async () => {
  const tty = await import("node:tty");
  tty.isatty(0);
  process.stdout.columns;
});
// What fails ends the child: nothing else would.
async function untilClosed(begin, use) {
  const child = begin();
  try {
    await new Promise((resolve, reject) => {
      child.on("error", reject).on("close", resolve);
      use(child, reject);
    });
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
}
await attempt("children", async () => {
  const { spawn } = await import("node:child_process");
  const stdio = ["pipe", "pipe", "inherit"];
  const begin = () => spawn("cat", { stdio, uid: process.getuid() });
  await untilClosed(begin, (child) => {
    child.stdout?.on("error", () => {}).resume();
    child.stdin?.on("error", () => {}).end("abc");
  });
});
await attempt("rill:process", async () => {
  const { run, spawn } = await import("rill:process");
  await run("cat", [], { input: "abc", timeout });
  const child = spawn("sleep", ["10"]);
  child.kill();
  await child.exited;
});
await attempt("fork", async () => {
  const { fork } = await import("node:child_process");
  const { pathname } = new URL("./child.mjs", import.meta.url);
  const env = { ...process.env, FAIL_CALL: "" };
  await untilClosed(() => fork(pathname, [], { env }), (child, reject) => {
    child.on("message", () => child.disconnect());
    child.send?.("x", (error) => error && reject(error));
  });
});
await attempt("children, waiting", async () => {
  const { spawnSync } = await import("node:child_process");
  const done = spawnSync("cat", { input: "abc" });
  if (done.error) throw done.error;
});
for (const [label, work] of Object.entries(socketAttempts(5000000, folder))) {
  await attempt(label, work);
}
await attempt("dgram", async () => {
  const dgram = await import("node:dgram");
  const socket = dgram.createSocket("udp4");
  try {
    await new Promise((resolve, reject) => {
      socket.on("error", reject);
      socket.bind(0, hostname, resolve);
    });
    socket.setTTL(3), socket.setRecvBufferSize(10000), socket.getSendBufferSize();
    socket.setMulticastInterface(hostname);
    await new Promise((resolve, reject) => {
      socket.on("message", resolve);
      socket.connect(socket.address().port, hostname, () =>
        socket.send("x", (error) => error && reject(error)));
      setTimeout(reject, timeout, new Error("receive ETIMEDOUT")).unref();
    });
  } finally {
    try {
      socket.close();
    } catch {
      try {
        socket.close(); // there was no memory for the first
      } catch {} // it is not open
    }
  }
});
await attempt("node:http", async () => {
  const { createServer, get } = await import("node:http");
  const server = createServer((request, response) => response.end("x"));
  try {
    await new Promise((resolve, reject) => {
      server.on("error", reject);
      server.listen(0, hostname, resolve);
    });
    await new Promise((resolve, reject) => {
      get({ port: server.address().port, host: hostname, timeout, agent: false },
          (response) => response.resume().on("error", reject).on("close", resolve))
        .on("timeout", () => reject(new Error("read ETIMEDOUT"))).on("error", reject);
    });
  } finally {
    again(() => server.close());
    again(() => server.closeAllConnections());
  }
});
await attempt("fetch", async () => {
  const server = await serve({ hostname, onError() {} }, () => "hello");
  try {
    const response = await fetch(`http://${hostname}:${server.port}/`,
      { signal: AbortSignal.timeout(timeout) });
    await response.text();
  } finally {
    await server.close({ timeout: 200 });
  }
});
await attempt("tasks", async () => {
  await spawnTask((x) => x + 1, 1);
});
await attempt("workers", async () => {
  const worker = new Worker(new URL("./worker.mjs", import.meta.url), { type: "module" });
  let timer;
  try {
    await new Promise((resolve, reject) => {
      worker.onmessage = resolve;
      worker.onerror = (event) => reject(new Error(`worker ${event.message}`));
      worker.postMessage("x");
      timer = setTimeout(reject, timeout, new Error("worker ETIMEDOUT"));
    });
  } finally {
    again(() => worker.terminate());
    clearTimeout(timer);
  }
});
await attempt("cleaning", () => fsp.rm(folder, { recursive: true, force: true }));
try {
  fs.rmSync(folder, { recursive: true, force: true });
} catch {}
console.log("end");
