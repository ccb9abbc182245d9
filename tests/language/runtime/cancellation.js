// Every operation that waits, cut off in each way: by a signal that is aborted
// before it starts or while it waits, by a timeout. It fails with the signal's
// reason or a TimeoutError, and nothing of it is left: no descriptor, no request,
// no handle, no timer. Then, with limits that never come, it is done, and its
// timer does not keep the program running. All that rill:task, rill:sync and
// rill:time export is either here or known not to wait.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import timers from "node:timers/promises";
import * as files from "rill:fs";
import { serve } from "rill:http";
import { connect, datagram, listen, lookup, resolve } from "rill:net";
import { run, signals, spawn } from "rill:process";
import * as sync from "rill:sync";
import * as time from "rill:time";
import * as tasks from "rill:task";
import { connectWebSocket, upgradeWebSocket } from "rill:websocket";

const { spawn: task, JoinSet } = tasks;

const hostname = "127.0.0.1";
const folder = await files.temporaryDirectory();
const at = (name) => `${folder.path}/${name}`;
fs.writeFileSync(at("file"), "text\n".repeat(1000));
// Whoever opens it for reading waits for a writer.
spawnSync("mkfifo", [at("pipe")]);

const pem = fs.readFileSync(new URL("localhost.pem", import.meta.url), "utf8");
const huge = new Uint8Array(50_000_000);

// Two ends of a TCP connection, to which nobody writes.
async function pair(tls) {
  const listener = await listen({ hostname, tls: tls && { cert: pem, key: pem } });
  const accepted = listener.accept();
  const here = await connect({ hostname, port: listener.address.port,
                               tls: tls && { ca: pem } });
  const there = await accepted;
  await listener.close();
  return { here, there, async end() {
    here.abort();
    there.abort();
  } };
}
const socketPair = async (start, finish) => {
  const ends = await pair(false);
  return { start: (limits) => start(ends, limits), finish: () => finish?.(ends),
           end: ends.end };
};
const securePair = async (start, finish) => {
  const ends = await pair(true);
  return { start: (limits) => start(ends, limits), finish: () => finish?.(ends),
           end: ends.end };
};

// A request whose body does not come.
async function body(read) {
  const started = Promise.withResolvers(), over = Promise.withResolvers();
  const server = await serve({ hostname }, async (request) => {
    started.resolve(request);
    await over.promise;
    return "";
  });
  const client = await connect({ hostname, port: server.port });
  await client.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n" +
    "Content-Type: application/x-www-form-urlencoded\r\n\r\n");
  const request = await started.promise;
  return {
    start: (limits) => read(request, limits),
    finish: () => client.write("{}"),
    async end() {
      over.resolve();
      client.abort();
      await server.close({ timeout: 0 });
    },
  };
}

// A WebSocket to a server that says nothing until it is told.
async function webSocket(start, finish) {
  let theirs;
  const server = await serve({ hostname }, (request) => {
    theirs = upgradeWebSocket(request);
  });
  const socket = await connectWebSocket(`ws://${hostname}:${server.port}/`);
  return {
    start: (limits) => start(socket, limits),
    finish: () => finish?.(theirs, socket),
    async end() {
      await Promise.all([socket.close(1000, "", { timeout: 0 }),
                         theirs.close(1000, "", { timeout: 0 })]);
      await server.close({ timeout: 0 });
    },
  };
}

// A listener that accepts nothing by itself, with options for a client.
async function silent(start, finish) {
  const listener = await listen({ hostname });
  return {
    start: (limits) => start(listener.address.port, limits),
    finish: () => finish?.(listener),
    end: () => listener.close(),
  };
}

// What does not wait is only ever cut off before it starts.
const plain = (start) => async () => ({ start, async end() {} });
const whole = async (iterable) => {
  for await (const item of iterable) item;
};
// {start(limits): a promise; finish(): lets one that waits be done; end()}.
const withFile = (start, flags = "r+") => async () => {
  const file = await files.open(at("file"), flags);
  return { start: (limits) => start(file, limits), end: () => file.close() };
};
// Opens the other end of the pipe, so that its readers are told of the end.
const openPipe = async () => (await files.open(at("pipe"), "w")).close();
const onPipe = (start) => async () => ({ start, finish: openPipe, async end() {} });

const quick = {
  access: plain((l) => files.access(at("file"), 0, l)),
  appendFile: plain((l) => files.appendFile(at("new"), "x", l)),
  changeMode: plain((l) => files.changeMode(at("file"), 0o600, l)),
  changeOwner: plain((l) => files.changeOwner(at("file"), process.getuid(),
                                              process.getgid(), l)),
  copy: plain((l) => files.copy(at("file"), at("copy"), l)),
  copyFile: plain((l) => files.copyFile(at("file"), at("copy"), l)),
  exists: plain((l) => files.exists(at("file"), l)),
  glob: plain((l) => whole(files.glob(at("**"), l))),
  link: plain((l) => files.link(at("file"), at(`link${Math.random()}`), l)),
  lstat: plain((l) => files.lstat(at("file"), l)),
  makeDirectory: plain((l) => files.makeDirectory(at("a/b"), { recursive: true, ...l })),
  makeTemporaryDirectory: plain((l) => files.makeTemporaryDirectory(at("t"), l)),
  entries: plain((l) => whole(files.entries(folder.path, l))),
  readDirectory: plain((l) => files.readDirectory(folder.path, l)),
  readLines: plain((l) => whole(files.readLines(at("file"), l))),
  readStream: plain((l) => whole(files.readStream(at("file"), l))),
  realPath: plain((l) => files.realPath(at("file"), l)),
  remove: plain((l) => files.remove(at("none"), { force: true, ...l })),
  rename: plain((l) => files.rename(at("file"), at("file"), l)),
  setTimes: plain((l) => files.setTimes(at("file"), 1, 1, l)),
  stat: plain((l) => files.stat(at("file"), l)),
  statFileSystem: plain((l) => files.statFileSystem(at("file"), l)),
  symbolicLink: plain((l) => files.symbolicLink("x", at(`s${Math.random()}`), l)),
  temporaryDirectory: plain(async (l) => {
    await using one = await files.temporaryDirectory({ directory: folder.path, ...l });
  }),
  "temporaryDirectory.remove": async () => {
    const one = await files.temporaryDirectory({ directory: folder.path });
    return { start: (l) => one.remove(l), end: () => one.remove() };
  },
  temporaryFile: plain(async (l) => {
    await using one = await files.temporaryFile({ directory: folder.path, ...l });
  }),
  truncate: plain((l) => files.truncate(at("file"), 5000, l)),
  walk: plain((l) => whole(files.walk(folder.path, l))),
  writeFile: plain((l) => files.writeFile(at("new"), "x", l)),
  "writeFile atomic": plain((l) => files.writeFile(at("new"), "x", { atomic: true, ...l })),
  writeStream: plain(async (l) => {
    const writer = files.writeStream(at("new"), l).getWriter();
    await writer.write("x");
    await writer.close();
  }),
  "File.read": withFile((file, l) => file.read(10, l)),
  "File.readInto": withFile((file, l) => file.readInto(new Uint8Array(10), l)),
  "File.readAll": withFile((file, l) => file.readAll(l)),
  "File.readText": withFile((file, l) => file.readText(l)),
  "File.write": withFile((file, l) => file.write("text", l)),
  "File.seek": withFile((file, l) => file.seek(0, "start", l)),
  "File.stat": withFile((file, l) => file.stat(l)),
  "File.truncate": withFile((file, l) => file.truncate(5000, l)),
  "File.sync": withFile((file, l) => file.sync(l)),
  "File.dataSync": withFile((file, l) => file.dataSync(l)),
  "File.changeMode": withFile((file, l) => file.changeMode(0o600, l)),
  "File.changeOwner": withFile((file, l) => file.changeOwner(process.getuid(),
                                                             process.getgid(), l)),
  "File.setTimes": withFile((file, l) => file.setTimes(1, 1, l)),
  "File.lines": withFile((file, l) => whole(file.lines(l))),
  "File.tryLock": withFile((file, l) => file.tryLock(l)),
  "File.unlock": withFile((file, l) => file.unlock(l)),
  "Lock.release": withFile(async (file, l) => {
    const lock = await file.tryLock();
    try {
      await lock.release(l);
    } finally {
      await lock.release();
    }
  }),
  lookup: plain((l) => lookup("localhost", l)),
  "Datagram.send": async () => {
    const socket = await datagram({ hostname });
    return { start: (l) => socket.send("x", hostname, socket.address.port, l),
             end: () => socket.close() };
  },
  "listen by name": plain(async (l) => {
    await using listener = await listen({ hostname: "localhost", ...l });
  }),
  "datagram by name": plain(async (l) => {
    await using socket = await datagram({ hostname: "localhost", ...l });
  }),
  "serve by name": plain(async (l) => {
    await using server = await serve({ hostname: "localhost", ...l }, () => "");
  }),
};

const waiting = {
  open: onPipe(async (l) => (await files.open(at("pipe"), "r", l)).close()),
  readFile: onPipe((l) => files.readFile(at("pipe"), l)),
  readText: onPipe((l) => files.readText(at("pipe"), l)),
  readLines: onPipe((l) => whole(files.readLines(at("pipe"), l))),
  readStream: onPipe((l) => whole(files.readStream(at("pipe"), l))),
  "File.lock": async () => {
    const [one, two] = await Promise.all(
      [1, 2].map(() => files.open(at("file"), "r+")));
    const lock = await one.lock();
    return {
      start: async (l) => (await two.lock(l)).release(),
      finish: () => lock.release(),
      end: () => Promise.all([one.close(), two.close()]),
    };
  },
  "watch.next": async () => {
    const watcher = files.watch(folder.path);
    return { start: (l) => watcher.next(l),
             finish: () => fs.writeFileSync(at("new"), "y"),
             end: () => watcher.close() };
  },
  connect: () => silent(
    async (port, l) => {
      const opened = await connect({ hostname, port, tls: { ca: pem }, ...l });
      await opened.close();
    },
    async (listener) => {
      const accepted = await listener.accept();
      await accepted.startTls({ server: true, cert: pem, key: pem });
      await accepted.read();
      await accepted.close();
    }),
  "Listener.accept": async () => {
    const listener = await listen({ hostname });
    return {
      start: async (l) => (await listener.accept(l)).close(),
      finish: async () => (await connect({ hostname, port: listener.address.port })).close(),
      end: () => listener.close(),
    };
  },
  "TlsListener.accept": async () => {
    const listener = await listen({ hostname, tls: { cert: pem, key: pem } });
    return {
      start: async (l) => (await listener.accept(l)).close(),
      async finish() {
        const one = await connect({ hostname, port: listener.address.port,
                                    tls: { ca: pem } });
        await one.close();
      },
      end: () => listener.close(),
    };
  },
  "Connection.read": () => socketPair(({ here }, l) => here.read(l),
                                      ({ there }) => there.write("x")),
  "Connection.read into": () => socketPair(
    ({ here }, l) => here.read(new Uint8Array(5), l), ({ there }) => there.write("x")),
  "Connection.write": () => socketPair(({ here }, l) => here.write(huge, l),
                                       ({ there }) => there.abort()),
  "Connection.closeWrite": () => socketPair(({ here }, l) => {
    here.write(huge).catch(() => {});
    return here.closeWrite(l);
  }, ({ there }) => whole(there)),
  "Connection.close": () => socketPair(({ here }, l) => {
    here.write(huge).catch(() => {});
    return here.close(l);
  }, ({ there }) => whole(there)),
  "Connection.startTls": () => socketPair(
    ({ here }, l) => here.startTls({ serverName: "localhost", ca: pem, ...l }),
    ({ there }) => there.startTls({ server: true, cert: pem, key: pem })),
  "TLS read": () => securePair(({ here }, l) => here.read(l),
                               ({ there }) => there.write("x")),
  "TLS write": () => securePair(({ here }, l) => here.write(huge, l),
                                ({ there }) => there.abort()),
  "Datagram.receive": async () => {
    const socket = await datagram({ hostname });
    return { start: (l) => socket.receive(l),
             finish: () => socket.send("x", hostname, socket.address.port),
             end: () => socket.close() };
  },
  resolve: async () => {
    const server = await datagram({ hostname });
    const servers = [`${hostname}:${server.address.port}`];
    return {
      start: (l) => resolve("example.test", "TXT", { servers, ...l }),
      async finish() {
        const { data, address, port } = await server.receive();
        data[2] = 0x81;
        data[3] = 0x83; // no such name
        await server.send(data, address, port);
      },
      end: () => server.close(),
    };
  },
  "request.text": () => body((request, l) => request.text(l)),
  "request.json": () => body((request, l) => request.json(l)),
  "request.bytes": () => body((request, l) => request.bytes(l)),
  "request.chunk": () => body((request, l) => request.chunk(l)),
  "request.blob": () => body((request, l) => request.blob(l)),
  "request.arrayBuffer": () => body((request, l) => request.arrayBuffer(l)),
  "request.formData": () => body((request, l) => request.formData(l)),
  connectWebSocket: () => silent(
    (port, l) => connectWebSocket(`ws://${hostname}:${port}/`, l),
    async (listener) => (await listener.accept()).close()),
  "WebSocket receive": () => webSocket((socket, l) => socket.receive(l),
                                       (theirs) => theirs.send("x")),
  "WebSocket send": () => webSocket((socket, l) => socket.send(huge, l),
                                    (theirs) => theirs.receive()),
  run: plain((l) => run("cat", [], { stdin: "pipe", grace: 0, ...l })),
  "spawn, status": plain((l) => spawn("cat", { ...l }).status),
  "child.stdout.read": async () => {
    const child = spawn("cat");
    return { start: (l) => child.stdout.read(l),
             finish: () => child.stdin.write("x"),
             async end() {
               await child[Symbol.asyncDispose]();
             } };
  },
  "child.stdout.text": async () => {
    const child = spawn("cat");
    return { start: (l) => child.stdout.text(l),
             finish: () => child.stdin.close(),
             async end() {
               await child[Symbol.asyncDispose]();
             } };
  },
  "child.stdin.write": async () => {
    const child = spawn("sleep", ["100"]);
    return { start: (l) => child.stdin.write(huge, l), finish: () => child.kill(),
             async end() {
               await child[Symbol.asyncDispose]();
             } };
  },
  "child.stdin.close": async () => {
    const child = spawn("sleep", ["100"]);
    child.stdin.write(huge).catch(() => {});
    return { start: (l) => child.stdin.close(l), finish: () => child.kill(),
             async end() {
               await child[Symbol.asyncDispose]();
             } };
  },
  "signals.next": async () => {
    const listening = signals("SIGUSR2");
    return { start: (l) => listening.next(l),
             finish: () => process.kill(process.pid, "SIGUSR2"),
             end: () => listening.return() };
  },
  sleep: plain((l) => time.sleep(l === undefined ? 1 : 1e6, l)),
  interval: plain((l) => time.interval(1e6, { ...l, delay: 1e6 }).next()),
  "Interval.next": plain(async (l) => {
    const ticks = time.interval(1e6, { delay: 1e6 });
    try {
      await ticks.next(l);
    } finally {
      await ticks.return();
    }
  }),
  timeout: plain(({ signal, timeout = 1e6 }) =>
    time.timeout(new Promise(() => {}), timeout, { signal })),
  deadline: plain(async ({ signal, timeout = 1e6 }) => {
    using limit = time.deadline(timeout, { signal });
    await limit.run((s) => time.sleep(1e6, { signal: s }));
  }),
  "Semaphore.acquire": async () => {
    const semaphore = new sync.Semaphore(0);
    return { start: (l) => semaphore.acquire(1, l),
             finish: () => semaphore.add(1), async end() {} };
  },
  "Mutex.lock": async () => {
    const mutex = new sync.Mutex();
    const held = await mutex.lock();
    return { start: (l) => mutex.lock(l), finish: () => held.release(), async end() {} };
  },
  "Mutex.run": async () => {
    const mutex = new sync.Mutex();
    const held = await mutex.lock();
    return { start: (l) => mutex.run(() => {}, l), finish: () => held.release(),
             async end() {} };
  },
  "RwLock.read": async () => {
    const lock = new sync.RwLock();
    const held = await lock.write();
    return { start: (l) => lock.read(l), finish: () => held.release(), async end() {} };
  },
  "RwLock.write": async () => {
    const lock = new sync.RwLock();
    const held = await lock.read();
    return { start: (l) => lock.write(l), finish: () => held.release(), async end() {} };
  },
  "Notify.notified": async () => {
    const notify = new sync.Notify();
    return { start: (l) => notify.notified(l), finish: () => notify.notifyAll(),
             async end() {} };
  },
  "Barrier.wait": async () => {
    const barrier = new sync.Barrier(2);
    return { start: (l) => barrier.wait(l), finish: () => barrier.wait(),
             async end() {} };
  },
  "CancellationToken.cancelled": async () => {
    const token = new sync.CancellationToken();
    return { start: (l) => token.cancelled(l), finish: () => token.cancel(),
             async end() {} };
  },
  "Receiver.next": async () => {
    const [sender, receiver] = sync.channel();
    return { start: (l) => receiver.next(l), finish: () => sender.send(1),
             async end() {} };
  },
  "Receiver.receive": async () => {
    const [sender, receiver] = sync.channel();
    return { start: (l) => receiver.receive(l), finish: () => sender.send(1),
             async end() {} };
  },
  "Sender.send": async () => {
    const [sender, receiver] = sync.channel(1);
    sender.send(1);
    return { start: (l) => sender.send(2, l), finish: () => receiver.receive(),
             async end() {} };
  },
  "Sender.closed": async () => {
    const [sender, receiver] = sync.channel(1);
    return { start: (l) => sender.closed(l), finish: () => receiver.close(),
             async end() {} };
  },
  "OneshotSender.closed": async () => {
    const [sender, receiver] = sync.oneshot();
    return { start: (l) => sender.closed(l), async end() {},
             finish: () => task.with({ transfer: [receiver] })(() => {}, receiver) };
  },
  "OneshotReceiver.receive": async () => {
    const [sender, receiver] = sync.oneshot();
    return { start: (l) => receiver.receive(l), finish: () => sender.send(1),
             async end() {} };
  },
  "BroadcastReceiver.next": async () => {
    const sender = sync.broadcast(2);
    const receiver = sender.subscribe();
    return { start: (l) => receiver.next(l), finish: () => sender.send(1),
             async end() {} };
  },
  "BroadcastReceiver.receive": async () => {
    const sender = sync.broadcast(2);
    const receiver = sender.subscribe();
    return { start: (l) => receiver.receive(l), finish: () => sender.send(1),
             async end() {} };
  },
  "WatchReceiver.changed": async () => {
    const sender = sync.watch(1);
    const receiver = sender.subscribe();
    return { start: (l) => receiver.changed(l), finish: () => sender.send(2),
             async end() {} };
  },
  "Sessions.wait": async () => {
    const sessions = new sync.Sessions();
    let session;
    return { start: (l) => sessions.wait(session = sessions.open(), l),
             finish: () => sessions.complete(session, 1), async end() {} };
  },
  "task.spawn": plain((l) => task.with(l)(() => {
    for (;;);
  })),
  "Scope.with": plain((l) => tasks.scope((s) => s.with(l)(() => {
    for (;;);
  }))),
  scope: async () => {
    const { promise, resolve } = Promise.withResolvers();
    return { start: (l) => tasks.scope(async () => await promise, l),
             finish: resolve, async end() {} };
  },
  "scope of a plain promise": async () => {
    const { promise, resolve } = Promise.withResolvers();
    return { start: (l) => tasks.scope(() => promise, l), finish: resolve,
             async end() {} };
  },
  "scope of a task": plain((l) => tasks.scope((s) => void s.spawn(() => {
    for (;;);
  }), l)),
  select: async () => {
    const { promise, resolve } = Promise.withResolvers();
    const [, receiver] = sync.channel();
    return { start: (l) => tasks.select([promise, receiver], l),
             finish: resolve, async end() {} };
  },
  map: plain((l) => tasks.map([1, 2, 3], () => {
    for (;;);
  }, l)),
  "JoinSet.next": async () => {
    const set = new JoinSet();
    const [sender, receiver] = sync.channel(1);
    set.add(task.with({ transfer: [receiver] })(
      async (r) => void await r.receive(), receiver));
    return { start: (l) => set.next(l), finish: () => sender.send(1),
             async end() {
               await set[Symbol.asyncDispose]();
             } };
  },
  pipeTo: plain(({ signal, timeout }) =>
    new ReadableStream().pipeTo(new WritableStream(),
                                { signal: signal ?? AbortSignal.timeout(timeout) })),
  fetch: () => silent(
    (port, { signal, timeout }) => fetch(`http://${hostname}:${port}/`,
                                         { signal: signal ?? AbortSignal.timeout(timeout) }),
    async (listener) => (await listener.accept()).close()),
  "setTimeout of node:timers/promises": plain(({ signal, timeout }) =>
    timers.setTimeout(1e6, 0, { signal: signal ?? AbortSignal.timeout(timeout) })),
};
// They end by themselves only after very long, or never.
const endless = new Set(["run", "spawn, status", "sleep", "interval",
  "Interval.next", "timeout", "deadline", "task.spawn", "Scope.with",
  "scope of a task", "map", "pipeTo", "setTimeout of node:timers/promises"]);
// What becomes of others when what they wait for comes to nothing.
const fails = {
  "Connection.write": "Error: write ECONNRESET",
  "TLS write": "Error: write EPIPE",
  resolve: "Error: queryTxt ENOTFOUND example.test",
  connectWebSocket: "Error: The server's answer is no WebSocket handshake",
  "WebSocket send": "Error: write EPIPE",
  "child.stdin.write": "Error: write EPIPE",
  fetch: "TypeError",
};
// Exports of the three modules, and their objects' methods, that do not wait.
const instant = new Set(["CancellationToken.cancel", "CancellationToken.child",
  "Guard.release", "Interval.reset", "Interval.return", "JoinHandle.abort",
  "JoinHandle.detach", "JoinSet.abortAll", "JoinSet.add", "JoinSet.spawn",
  "Mutex.tryLock", "Notify.notifyAll", "Notify.notifyOne",
  "BroadcastReceiver.return", "BroadcastSender.close", "BroadcastSender.send",
  "BroadcastSender.subscribe", "OneshotSender.close", "OneshotSender.send",
  "Receiver.close", "Receiver.return", "Receiver.tryReceive", "RwLock.tryRead",
  "RwLock.tryWrite", "Scope.cancel", "Semaphore.add", "Semaphore.close",
  "Semaphore.tryAcquire", "Sessions.cancel", "Sessions.cancelService",
  "Sessions.close", "Sessions.complete", "Sessions.forget", "Sessions.open",
  "Sessions.reject", "Sender.close", "Sender.trySend", "WatchSender.close",
  "WatchSender.send", "WatchSender.subscribe", "abortTasks", "availableWorkers",
  "broadcast", "channel", "isWorker", "now", "oneshot", "pendingTasks",
  "queuedTasks", "startedWorkers", "transfer", "watch",
  // Their time limit is the argument of deadline().
  "Deadline.run",
  // Scope.with without options.
  "Scope.spawn", "Scope.fail", "Scope.release", "Scope.close",
  // Hooks of the runtime.
  "callWhenLoaded", "receive", "takeTransfer"]);

function checkComplete(known) {
  const check = (name) => {
    if (!known.has(name) && !instant.has(name)) console.log(`${name} is not tried`);
  };
  const checkMethods = (prototype, name) => {
    const members = Object.getOwnPropertyDescriptors(prototype);
    for (const [key, { value }] of Object.entries(members)) {
      if (typeof value === "function" && key !== "constructor") check(`${name}.${key}`);
    }
  };
  const isClass = (value) => `${value}`.startsWith("class");
  let scoped;
  tasks.scope((s) => {
    scoped = s;
  });
  const objects = { Deadline: time.deadline(1e9), Guard: new sync.Mutex().tryLock(),
                    Interval: time.interval(1), Scope: scoped };
  for (const [name, object] of Object.entries(objects)) {
    const prototype = Object.getPrototypeOf(object);
    if (prototype.constructor.name !== name) console.log(`no ${name}`);
    checkMethods(prototype, name);
  }
  for (const module of [tasks, sync, time]) {
    for (const [name, value] of Object.entries(module)) {
      if (typeof value !== "function") continue;
      if (!isClass(value)) check(module === tasks && name === "spawn" ? "task.spawn" : name);
      else checkMethods(value.prototype, name);
    }
  }
}

// Handles close on the loop's next turns, what others do in the process comes
// and goes: more than there were is a leak if it is more again each time.
const held = () => fs.readdirSync("/proc/self/fd").length +
                   process.getActiveResourcesInfo().length;
async function heldAfter(before, wait) {
  for (const end = performance.now() + wait; ;) {
    const now = held();
    if (now <= before || performance.now() > end) return now;
    await time.sleep(5);
  }
}
async function leaks(once) {
  let before = held();
  for (const wait of [20, 100, 500, 10_000]) {
    await once();
    const now = await heldAfter(before, wait);
    if (now <= before) return false;
    before = now;
  }
  return true;
}

const reason = new Error("enough");
const nameOf = (error) =>
  error === reason ? "reason" : error instanceof DOMException ? error.name
  : error.name === "AbortError" && error.cause === reason ? "reason" // Node's way
  : error.name === "AbortError" && error.cause?.name === "TimeoutError"
    ? "TimeoutError"
  : error.message.startsWith("fetch failed") ? "TypeError" : `${error}`;
let count = 0;
async function tried(name, mode, make, limits, expected, during = () => {}) {
  const once = async () => {
    const { start, finish, end } = await make();
    let got;
    try {
      const promise = Promise.try(start, limits());
      const done = promise.then(() => "done", nameOf);
      await during(finish);
      got = await done;
    } finally {
      await end();
    }
    if (![expected].flat().includes(got)) {
      console.log(`${name}, ${mode}: ${got} instead of ${expected}`);
    }
  };
  if (await leaks(once)) console.log(`${name}, ${mode}: leaks`);
  count++;
}

// A signal's timeout keeps nothing running.
const running = setTimeout(() => {}, 1e6);
const all = { ...quick, ...waiting };
checkComplete(new Set(Object.keys(all)));
for (const [name, make] of Object.entries(all)) {
  await tried(name, "aborted before", make,
              () => ({ signal: AbortSignal.abort(reason) }), "reason");
  let controller;
  const waits = name in waiting;
  const ended = waits ? "reason" : ["reason", "done"];
  await tried(name, "aborted during", make, () => {
    controller = new AbortController();
    return { signal: controller.signal };
  }, ended, async () => {
    if (waits) await time.sleep(5);
    controller.abort(reason);
  });
  await tried(name, "timeout", make, () => ({ timeout: waits ? 5 : 0 }),
              waits ? "TimeoutError" : ["TimeoutError", "done"]);
  if (!endless.has(name)) {
    await tried(name, "in time", make,
                () => ({ signal: new AbortController().signal, timeout: 3e6 }),
                fails[name] ?? "done", (finish) => waits && finish());
  }
}
await folder.remove();
clearTimeout(running);
console.log(count > 100 ? "all cut off" : `only ${count}`);
