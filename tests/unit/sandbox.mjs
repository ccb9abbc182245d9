// SPDX-License-Identifier: MIT
// What test_sandbox.c runs in isolates that lack rights: each operation that
// reaches something is to be refused. Gives the list of those that were not, as
// text. `rights` has a member for each right that the isolate has; `place` is a
// directory of the host's with a file "secret.txt" and a program "program.js".
const secret = `${place}/secret.txt`;
const made = `${place}/made`;
const program = `${place}/program.js`;
const problems = [];
const pause = (ms) => import("node:timers/promises")
  .then((timers) => timers.setTimeout(ms));
const limit = async (promise) => {
  let over;
  const end = new Promise((resolve) => over = resolve);
  pause(5000).then(() => over("nothing happened"));
  return Promise.race([promise, end]);
};

// An operation must throw, reject, or give an error to a callback or listener,
// that says that the host does not allow it.
async function refused(name, run) {
  try {
    const result = await limit(Promise.resolve(run()));
    if (!(result instanceof Error)) {
      problems.push(`${name}: ${String(result).slice(0, 200)}`);
      return;
    }
    throw result;
  } catch (error) {
    const text = `${error?.message ?? error} ${error?.cause?.message}`;
    if (!text.includes("The host of this isolate allows no")) {
      problems.push(`${name}: not refused, but: ${text.slice(0, 200)}`);
    }
  }
}
// The result tells nothing.
function same(name, got, wanted) {
  const text = JSON.stringify(got);
  if (text !== JSON.stringify(wanted)) problems.push(`${name}: ${text}`);
}
const event = (thing, ...names) => new Promise((resolve) => {
  thing.on("error", resolve);
  for (const name of names) thing.on(name, () => resolve(`was ${name}`));
});
const callback = (fn, ...args) => new Promise((resolve) =>
  fn(...args, (error, value) => resolve(error ?? `gave ${value}`)));

async function files() {
  const fs = await import("rill:fs");
  const node = (await import("node:fs")).default;
  const promises = node.promises;
  // Every exported function, with arguments that would do something.
  const arguments_ = {
    writeFile: [made, "x"], appendFile: [secret, "x"], rename: [secret, made],
    link: [secret, made], symbolicLink: [secret, made], symlink: [secret, made],
    copyFile: [secret, made], copy: [secret, made], cp: [secret, made],
    truncate: [secret, 0], chmod: [secret, 0], changeMode: [secret, 0],
    lchown: [secret, 0, 0], chown: [secret, 0, 0], changeOwner: [secret, 0, 0],
    utimes: [secret, 1, 1], lutimes: [secret, 1, 1], setTimes: [secret, 1, 1],
    makeDirectory: [made], mkdir: [made], makeTemporaryDirectory: [made],
    mkdtemp: [made], rmdir: [place], removeDirectory: [place],
    readdir: [place], readDirectory: [place], access: [secret],
    rm: [secret], remove: [secret], unlink: [secret], readv: [0, [new Uint8Array(1)]],
    writev: [1, [new Uint8Array(1)]], read: [0, new Uint8Array(1), 0, 1, 0],
    write: [1, new Uint8Array(1), 0, 1, 0], fchown: [0, 0, 0], fchmod: [0, 0],
    futimes: [0, 1, 1], ftruncate: [0, 0], fstat: [0], fsync: [1], fdatasync: [1],
    openAsBlob: [secret], temporaryFile: [{ directory: place }],
    temporaryDirectory: [{ directory: place }],
  };
  const of = (name) => arguments_[name.replace(/Sync$/, "")] ?? [secret];
  const first = async (iterable) => {
    for await (const item of iterable) return `gave ${item}`;
    return "ended";
  };
  const notOperations = new Set(["matchGlob", "default", "File", "watch"]);
  const iterables = new Set(["entries", "walk", "glob", "readLines"]);
  for (const name of Object.keys(fs)) {
    if (notOperations.has(name) || typeof fs[name] !== "function") continue;
    if (iterables.has(name)) {
      const at = name === "glob" ? `${place}/*`
          : name === "readLines" ? secret : place;
      await refused(`rill:fs ${name}`, () => first(fs[name](at)));
    } else if (name === "readStream") {
      await refused(`rill:fs ${name}`, () => first(fs.readStream(secret)));
    } else if (name === "writeStream") {
      await refused(`rill:fs ${name}`, () =>
        fs.writeStream(made).getWriter().write(new Uint8Array(1)));
    } else {
      await refused(`rill:fs ${name}`, () => fs[name](...of(name)));
    }
  }
  await refused("rill:fs exists", () => fs.exists(secret));
  await refused("rill:fs watch", () => first(fs.watch(place)));
  const skipped = /^(_|[A-Z])|^(close|closeSync|exists|existsSync|promises|watch|watchFile|unwatchFile|createReadStream|createWriteStream|glob|globSync|lchmod|lchmodSync|opendir)$/;
  for (const name of Object.keys(node)) {
    if (typeof node[name] !== "function" || skipped.test(name)) continue;
    await refused(`node:fs ${name}`, () =>
      name.endsWith("Sync") ? node[name](...of(name))
      : name === "openAsBlob" ? node[name](secret).then((b) => b.text())
      : callback(node[name], ...of(name)));
  }
  same("existsSync", node.existsSync(secret), false);
  same("exists", await new Promise((done) => node.exists(secret, done)), false);
  if (node.globSync !== undefined) {
    await refused("node:fs globSync", () => node.globSync(`${place}/*`));
  }
  for (const name of Object.keys(promises)) {
    if (typeof promises[name] !== "function" || skipped.test(name)) continue;
    await refused(`node:fs/promises ${name}`, () => promises[name](...of(name)));
  }
  await refused("opendir", () => callback(node.opendir, place));
  await refused("promises.opendir", () => promises.opendir(place));
  await refused("promises.watch", () => first(promises.watch(place)));
  await refused("fs.watch", () => event(node.watch(place), "change"));
  await refused("createReadStream", () =>
    event(node.createReadStream(secret), "data", "end"));
  await refused("createWriteStream", () =>
    event(node.createWriteStream(made).end("x"), "finish"));
  node.watchFile(secret, { interval: 5 }, (now) => {
    if (now.size !== 0) problems.push("watchFile sees the file");
  });
  await pause(20);
  node.unwatchFile(secret);

  // Modules and programs
  const { createRequire } = await import("node:module");
  const require = createRequire(`${place}/`);
  for (const text of [program, `file://${program}`, "./program.js"]) {
    await refused(`import ${text}`, () => import(text));
    await refused(`require ${text}`, () => require(text));
    await refused(`require.resolve ${text}`, () => require.resolve(text));
  }
  await refused("import of text", () =>
    import(secret, { with: { type: "text" } }));
  await refused("import within data:", () =>
    import(`data:text/javascript,import ${JSON.stringify(program)}`));
  if (typeof Worker === "function") {
    await refused("Worker", () => new Worker(program));
    await refused("Worker of nothing", () => new Worker(`${place}/no.js`));
  }
  const { Worker: NodeWorker } = await import("node:worker_threads");
  await refused("worker_threads", () => new NodeWorker(program));

  // The engine's own files
  const v8 = await import("node:v8");
  const runtime = await import("rill:runtime");
  await refused("v8.writeHeapSnapshot", () => v8.writeHeapSnapshot(made));
  await refused("writeHeapSnapshot", () => runtime.writeHeapSnapshot(made));
  const trace = await import("rill:trace");
  await refused("startTrace", () => trace.startTrace({ file: made }));

  if (rights.net) { // sockets that are files
    const net = await import("rill:net");
    await refused("listen on a path", () => net.listen({ path: made }));
    await refused("connect to a path", () => net.connect({ path: made }));
    const http = await import("rill:http");
    await refused("serve on a path", () => http.serve({ path: made }, () => ""));
    const nodeNet = await import("node:net");
    await refused("node:net on a path", () =>
      event(nodeNet.createServer().listen(made), "listening"));
    await refused("node:net to a path", () =>
      event(nodeNet.connect(made), "connect"));
  }
}

async function network() {
  let net;
  await refused("rill:net", async () => {
    net = await import("rill:net");
    return net.lookup("localhost");
  });
  if (net === undefined) return; // which is enough
  const hostname = "127.0.0.1";
  await refused("listen", () => net.listen({ hostname }));
  await refused("connect", () => net.connect({ hostname, port: 1 }));
  await refused("connect to a path", () => net.connect({ path: made }));
  await refused("datagram", () => net.datagram({ hostname }));
  await refused("lookup", () => net.lookup("localhost"));
  await refused("resolve", () => net.resolve("localhost", "A"));
  await refused("resolve TXT", () => net.resolve("localhost", "TXT"));
}
async function networkOfModules() {
  for (const name of ["lookup", "resolve4", "resolveTxt", "reverse"]) {
    await refused(`dns.${name}`, async () =>
      callback((await import("node:dns"))[name], "127.0.0.1"));
  }
  await refused("dns.promises", async () =>
    (await import("node:dns")).promises.lookup("localhost"));
  await refused("dgram", async () => {
    const dgram = await import("node:dgram");
    const socket = dgram.createSocket("udp4");
    const result = event(socket, "listening");
    socket.bind(0);
    return result;
  });
  await refused("node:net connect", async () =>
    event((await import("node:net")).connect(1, "127.0.0.1"), "connect"));
  await refused("node:net listen", async () =>
    event((await import("node:net")).createServer().listen(0), "listening"));
  await refused("node:http", async () =>
    event((await import("node:http")).get("http://127.0.0.1:1/"), "response"));
  await refused("rill:http", async () =>
    (await import("rill:http")).serve({ hostname: "127.0.0.1" }, () => ""));
  await refused("os.networkInterfaces", async () =>
    (await import("node:os")).networkInterfaces());
  await refused("node:tls", async () =>
    event((await import("node:tls")).connect(1, "127.0.0.1"), "connect"));
}
async function networkOfWeb() {
  await refused("fetch", () => fetch("http://127.0.0.1:1/"));
  await refused("WebSocket", () => new Promise((resolve) => {
    const socket = new WebSocket("ws://127.0.0.1:1/");
    socket.onopen = () => resolve("opened");
    socket.onerror = (e) => resolve(e.error ?? new Error(e.message));
  }));
  await refused("connectWebSocket", async () =>
    (await import("rill:websocket")).connectWebSocket("ws://127.0.0.1:1/"));
}

async function processes() {
  const mine = await import("rill:process");
  const node = await import("node:child_process");
  const { default: process } = await import("node:process");
  const os = await import("node:os");
  const { pid } = process;
  await refused("spawn", () => mine.spawn("touch", [made]));
  await refused("run", () => mine.run("touch", [made]));
  for (const name of ["execSync", "execFileSync", "spawnSync"]) {
    await refused(`node ${name}`, () => {
      const result = node[name]("touch", [made]);
      return result?.error ?? `gave ${result}`;
    });
  }
  for (const name of ["exec", "execFile", "spawn", "fork"]) {
    await refused(`node ${name}`, () => event(
      name === "exec" ? node.exec(`touch ${made}`)
      : name === "fork" ? node.fork(program) : node[name]("touch", [made]),
      "spawn", "exit"));
  }
  await refused("process.kill", () => process.kill(pid, 0));
  await refused("rill kill", () => mine.kill(pid, "SIGUSR1"));
  await refused("process.abort", () => process.abort());
  await refused("signals of node", () => process.on("SIGUSR2", () => {}));
  await refused("onSignal", () => mine.onSignal("SIGUSR2", () => {}));
  await refused("signals", async () => {
    for await (const signal of mine.signals("SIGUSR2")) return signal;
  });
  await refused("chdir", () => process.chdir("/"));
  await refused("rill chdir", () => mine.chdir("/"));
  await refused("umask", () => process.umask());
  await refused("set umask", () => process.umask(0));
  await refused("rill umask", () => mine.umask(0));
  for (const name of ["setuid", "seteuid", "setgid", "setegid"]) {
    await refused(name, () => process[name](0));
  }
  same("process.env", Object.keys(process.env), []);
  same("env", Object.keys(mine.env), []);
  process.env.RILL_SANDBOX = "1"; // the host's stays as it is
  await refused("process.env.TZ", () => {
    process.env.TZ = "Asia/Tokyo";
    return process.env.TZ;
  });
  process.title = "sandbox";
  same("process.title", process.title, "rill");
  same("os.hostname", os.hostname(), "localhost");
  same("os.homedir", os.homedir(), "");
  await refused("os.userInfo", () => os.userInfo());
  await refused("os.getPriority", () => os.getPriority(1));
  await refused("os.setPriority", () => os.setPriority(0, 19));
  await refused("process.stdin", () => event(process.stdin.resume(), "end"));
  await refused("rill stdin", () => mine.stdin.read());
  await refused("setRawMode", () => mine.stdin.setRawMode(true));
  const trace = await import("rill:trace");
  await refused("dumpTasks", () => trace.dumpTasks());
  await refused("dumpTasksText", () => trace.dumpTasksText());
  await refused("startWatchdog", () => trace.startWatchdog(1000));
  await refused("startTrace", () => trace.startTrace({}));
  await refused("stopTrace", () => trace.stopTrace());
}

// Natives of the engine's own are nobody else's.
async function internals() {
  const found = [];
  const { createRequire } = await import("node:module");
  const inner = "rill:internal/child";
  const own = [
    () => import(inner),
    () => createRequire("rill:fs")(inner),
    () => createRequire("node:fs")(inner),
    () => createRequire("/x.js")(inner),
    () => (0, eval)(`import("${inner}")\n//# sourceURL=rill:fs`),
    () => new Function(`return import("${inner}")\n//# sourceURL=rill:fs`)(),
    () => import(`data:text/javascript,import "${inner}"`),
    async () => (await import("node:vm")).runInThisContext(
      `import("${inner}")`, { filename: "rill:fs" }),
    async () => (await import("node:vm")).compileFunction(
      `return import("${inner}")`)(),
    async () => {
      const { EventEmitter } = await import("node:events");
      let result;
      globalThis.take = (promise) => result = promise;
      new EventEmitter().on("x", eval).emit("x", `take(import("${inner}"))`);
      await result;
    },
  ];
  for (const take of own) {
    try {
      await take();
      found.push(String(take));
    } catch {}
  }
  same("internals", found, []);
}

async function tasks() {
  const { spawn } = await import("rill:task");
  if (!rights.console) {
    await refused("spawn of a task", () => spawn(() => 1));
    const { default: process } = await import("node:process");
    await refused("process.stdout", () => callback((text, done) =>
      process.stdout.write(text, done), "reached"));
    return;
  }
  // Tasks have the rights of who spawned them.
  const inherited = await spawn(async (place, rights) => {
    const reached = [];
    const attempt = async (name, fn) => {
      try {
        await fn();
        reached.push(name);
      } catch {}
    };
    if (!rights.files) {
      await attempt("files", async () =>
        (await import("rill:fs")).readText(`${place}/secret.txt`));
      await attempt("modules", () => import(`${place}/program.js`));
    }
    if (!rights.net) {
      await attempt("net", async () => (await import("rill:net")).listen({}));
    }
    if (!rights.process) {
      await attempt("process", async () =>
        (await import("node:child_process")).execFileSync("true"));
      if (Object.keys((await import("node:process")).default.env).length > 0) {
        reached.push("env");
      }
    }
    return reached;
  }, place, rights);
  same("tasks", inherited, []);
}

// Each module is there, or says what it lacks. Those that only hold functions
// work without any right.
async function modules() {
  const { builtinModules } = await import("node:module");
  const own = ["context", "fs", "http", "net", "process", "runtime", "sync", "task",
               "test", "time", "trace", "websocket"].map((name) => `rill:${name}`);
  for (const name of [...builtinModules.map((one) => `node:${one}`), ...own]) {
    try {
      await import(name);
    } catch (error) {
      if (!/^The host of this isolate allows no /.test(error.message)) {
        problems.push(`${name}: ${error.message}`);
      }
    }
  }
  const { EventEmitter, once } = await import("node:events");
  const emitter = new EventEmitter();
  const waiting = once(emitter, "x");
  emitter.emit("x", 1);
  same("events.once", (await waiting)[0], 1);
  const { channel, Mutex } = await import("rill:sync");
  const [sender, receiver] = channel();
  await sender.send({ a: [1] });
  same("channel", await receiver.receive(), { a: [1] });
  same("timeout", await new Mutex().lock().then(() => receiver.receive({ timeout: 1 }))
    .catch((error) => error.name), "TimeoutError");
  const { deadline, sleep } = await import("rill:time");
  same("deadline", await deadline(1).run(() => sleep(10000)).catch((error) => error.name),
       "TimeoutError");
  const { pipeline } = await import("node:stream/promises");
  const { Readable, PassThrough } = await import("node:stream");
  const through = new PassThrough();
  await pipeline(Readable.from(["a", "b"]), through);
  same("streams", String(through.read()), "ab");
  const { inspect, TextDecoder } = await import("node:util");
  same("inspect", inspect({ a: new Map([[1, new TextDecoder().decode(new Uint8Array([65]))]]) }),
       "{ a: Map(1) { 1 => 'A' } }");
  const { default: zlib } = await import("node:zlib");
  same("zlib", String(zlib.inflateSync(zlib.deflateSync("text"))), "text");
  const { createHash, randomUUID } = await import("node:crypto");
  same("crypto", [createHash("md5").update("").digest("hex"), randomUUID().length],
       ["d41d8cd98f00b204e9800998ecf8427e", 36]);
  const { URL } = await import("node:url");
  same("url", new URL("../b", "http://a/b/c").href, "http://a/b");
  const { ReadableStream } = await import("node:stream/web");
  same("web streams", (await new ReadableStream({
    start(c) {
      c.enqueue(1);
    } }).getReader().read()).value, 1);
  const { performance } = await import("node:perf_hooks");
  same("performance", typeof performance.now(), "number");
  const { Buffer, Blob } = await import("node:buffer");
  same("buffer", Buffer.from(await new Blob(["x"]).arrayBuffer()).toString("hex"), "78");
}

await modules();
if (!rights.files) await files();
if (!rights.net) {
  await network();
  await networkOfModules();
  if (rights.console) await networkOfWeb();
}
if (!rights.process) await processes();
await internals();
await tasks();
globalThis.report = problems.join("\n");
