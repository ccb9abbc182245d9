// Every operation of rill:fs, rill:net, rill:http, rill:process, rill:websocket and
// rill:time that waits takes {signal, timeout}. Whoever exports a new one says here
// how it is called, or that it does not wait.
import * as fs from "rill:fs";
import * as http from "rill:http";
import * as net from "rill:net";
import * as processes from "rill:process";
import * as time from "rill:time";
import * as websocket from "rill:websocket";

const hostname = "127.0.0.1";
const folder = await fs.makeTemporaryDirectory("/tmp/rill-limits-");
const path = `${folder}/file`;
await fs.writeFile(path, "text");
const file = await fs.open(path, "r+");
const listener = await net.listen({ hostname });
const connection = await net.connect({ hostname, port: listener.address.port });
const datagram = await net.datagram({ hostname });
const child = processes.spawn(process.execPath, ["eval", "setInterval(() => {}, 1e6)"],
  { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
let request;
const requested = Promise.withResolvers();
const server = await http.serve({ hostname }, (r) => {
  if (r.path === "/socket") {
    try {
      websocket.upgradeWebSocket(r);
      requested.resolve();
    } catch (error) {
      requested.reject(error);
    }
    return new Promise(() => {});
  }
  request = r;
  return new Promise(() => {});
});
const poster = await net.connect({ hostname, port: server.port });
await poster.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n");
for (let i = 0; request === undefined; i++) {
  if (i === 5000) throw new Error("no request has come");
  await time.sleep(1);
}
const socket = await websocket.connectWebSocket(`ws://${hostname}:${server.port}/socket`);
await requested.promise;

const first = async (iterable) => (await iterable).next?.() ??
  iterable[Symbol.asyncIterator]().next();
// Operations by module: called with options they must look at.
const waits = {
  fs: {
    access: (o) => fs.access(path, undefined, o),
    appendFile: (o) => fs.appendFile(path, "x", o),
    changeMode: (o) => fs.changeMode(path, 0o600, o),
    changeOwner: (o) => fs.changeOwner(path, -1, -1, o),
    copy: (o) => fs.copy(path, `${path}2`, o),
    copyFile: (o) => fs.copyFile(path, `${path}3`, o),
    entries: (o) => first(fs.entries(folder, o)),
    exists: (o) => fs.exists(path, o),
    glob: (o) => first(fs.glob(`${folder}/*`, o)),
    link: (o) => fs.link(path, `${path}4`, o),
    lstat: (o) => fs.lstat(path, o),
    makeDirectory: (o) => fs.makeDirectory(`${folder}/d`, o),
    makeTemporaryDirectory: (o) => fs.makeTemporaryDirectory(`${folder}/t`, o),
    open: (o) => fs.open(path, "r", o),
    readDirectory: (o) => fs.readDirectory(folder, o),
    readFile: (o) => fs.readFile(path, o),
    readLines: (o) => first(fs.readLines(path, o)),
    readLink: (o) => fs.readLink(path, o),
    readStream: (o) => fs.readStream(path, o).getReader().read(),
    readText: (o) => fs.readText(path, o),
    realPath: (o) => fs.realPath(path, o),
    remove: (o) => fs.remove(`${path}5`, o),
    removeDirectory: (o) => fs.removeDirectory(`${folder}/e`, o),
    rename: (o) => fs.rename(path, `${path}6`, o),
    setTimes: (o) => fs.setTimes(path, 0, 0, o),
    stat: (o) => fs.stat(path, o),
    statFileSystem: (o) => fs.statFileSystem(path, o),
    symbolicLink: (o) => fs.symbolicLink(path, `${path}7`, o),
    temporaryDirectory: (o) => fs.temporaryDirectory({ directory: folder, ...o }),
    temporaryFile: (o) => fs.temporaryFile({ directory: folder, ...o }),
    truncate: (o) => fs.truncate(path, 4, o),
    unlink: (o) => fs.unlink(`${path}8`, o),
    walk: (o) => first(fs.walk(folder, o)),
    watch: (o) => first(fs.watch(folder, o)),
    writeFile: (o) => fs.writeFile(path, "text", o),
    writeStream: (o) => fs.writeStream(path, o).getWriter().write("x"),
  },
  File: {
    read: (o) => file.read(4, o),
    readInto: (o) => file.readInto(new Uint8Array(4), o),
    readAll: (o) => file.readAll(o),
    readText: (o) => file.readText(o),
    write: (o) => file.write("x", o),
    stat: (o) => file.stat(o),
    truncate: (o) => file.truncate(4, o),
    sync: (o) => file.sync(o),
    dataSync: (o) => file.dataSync(o),
    changeMode: (o) => file.changeMode(0o600, o),
    changeOwner: (o) => file.changeOwner(-1, -1, o),
    setTimes: (o) => file.setTimes(0, 0, o),
    lock: (o) => file.lock(o),
    lines: (o) => first(file.lines(o)),
  },
  net: {
    connect: (o) => net.connect({ hostname, port: listener.address.port, ...o }),
    datagram: (o) => net.datagram({ hostname, ...o }),
    listen: (o) => net.listen({ hostname, ...o }),
    lookup: (o) => net.lookup("localhost", o),
    resolve: (o) => net.resolve("localhost", "A", o),
  },
  Connection: {
    read: (o) => connection.read(o),
    write: (o) => connection.write("x", o),
    closeWrite: (o) => connection.closeWrite(o),
    close: (o) => connection.close(o),
    startTls: (o) => connection.startTls({ verify: false, ...o }),
  },
  Listener: { accept: (o) => listener.accept(o) },
  Datagram: {
    receive: (o) => datagram.receive(o),
    send: (o) => datagram.send("x", hostname, 9, o),
  },
  http: { serve: (o) => http.serve({ hostname, ...o }, () => "") },
  Server: {},
  HttpRequest: {
    arrayBuffer: (o) => request.arrayBuffer(o),
    blob: (o) => request.blob(o),
    bytes: (o) => request.bytes(o),
    chunk: (o) => request.chunk(o),
    formData: (o) => request.formData(o),
    json: (o) => request.json(o),
    text: (o) => request.text(o),
  },
  process: {
    run: (o) => processes.run(process.execPath, ["eval", ""], o),
    spawn: (o) => processes.spawn(process.execPath, ["eval", ""], o).status,
    signals: (o) => processes.signals("SIGUSR1").next(o),
  },
  Child: {},
  websocket: {
    connectWebSocket: (o) => websocket.connectWebSocket(
      `ws://${hostname}:${server.port}/socket`, o),
  },
  Socket: {
    receive: (o) => socket.receive(o),
    send: (o) => socket.send("x", o),
    ping: (o) => socket.ping(new Uint8Array(0), o),
  },
  time: {
    sleep: (o) => time.sleep(1, o),
    interval: (o) => first(time.interval(1, o)),
    timeout: (o) => time.timeout(() => new Promise(() => {}), o.timeout ?? 1e6, o),
  },
};
// What answers at once, or is told of an end by other means.
const immediate = {
  fs: "File matchGlob",
  File: "constructor descriptor path closed seek tryLock unlock readable writable close",
  net: "Connection Datagram Listener default isIP listenArguments tlsContext",
  Connection: "constructor localAddress remoteAddress ref unref tls readable writable " +
    "abort setNoDelay setKeepAlive",
  Listener: "constructor address ref unref close",
  Datagram: "constructor address setBroadcast setTTL setMulticastTTL " +
    "setMulticastLoopback joinGroup leaveGroup close",
  http: "HttpRequest RequestHeaders Server default limitsOf",
  Server: "constructor address port close abort ref unref", // close: see below
  HttpRequest: "constructor headers signal remoteAddress tls body method target path " +
    "query url",
  process: "Child args chdir cwd env execPath exit kill memoryUsage onExit onSignal pid " +
    "ppid resourceUsage stderr stdin stdout title umask",
  Child: "constructor status limited kill cut ref unref", // see spawn
  websocket: "Socket upgradeWebSocket",
  Socket: "constructor remoteAddress close",
  time: "deadline now",
};
const everything = {
  fs: Object.keys(fs), net: Object.keys(net), http: Object.keys(http),
  process: Object.keys(processes), websocket: Object.keys(websocket),
  time: Object.keys(time),
};
for (const [name, holder] of [
  ["File", fs.File], ["Connection", net.Connection], ["Listener", net.Listener],
  ["Datagram", net.Datagram], ["Server", http.Server],
  ["HttpRequest", http.HttpRequest], ["Child", processes.Child],
  ["Socket", websocket.Socket]]) {
  everything[name] = Object.getOwnPropertyNames(holder.prototype);
}
const reason = new Error("the reason");
const result = async (work) => {
  try {
    await work();
    return "no error";
  } catch (error) {
    return error === reason ? "the reason" : error.name;
  }
};
let count = 0;
for (const [kind, names] of Object.entries(everything)) {
  const known = new Set([...Object.keys(waits[kind]), ...immediate[kind].split(" ")]);
  for (const name of names) {
    if (!known.delete(name)) console.log(`${kind}.${name} is not listed`);
  }
  for (const name of known) console.log(`${kind}.${name} is not there`);
  for (const [name, work] of Object.entries(waits[kind])) {
    count++;
    const results = [
      await result(() => work({ signal: AbortSignal.abort(reason) })),
      await result(() => work({ signal: "signal" })),
      await result(() => work({ timeout: -1 })),
    ].join();
    if (results !== "the reason,TypeError,RangeError") {
      console.log(`${kind}.${name}: ${results}`);
    }
  }
}
console.log(count > 70);
// These wait for others for so long, or until then, and end them by force after that.
for (const [name, close] of [["Socket", (o) => socket.close(1000, "", o)],
                             ["Server", (o) => server.close(o)]]) {
  console.log(name, await result(() => close({ signal: "signal" })),
              await result(() => close({ timeout: -1 })),
              await result(() => close({ signal: AbortSignal.abort(reason) })));
}
child.kill("SIGKILL");
await child.status;
await file.close();
connection.abort();
poster.abort();
await Promise.all([listener.close(), datagram.close()]);
await fs.remove(folder, { recursive: true });

// A signal that does not let itself be listened to: nothing is left armed, or
// the program would not end.
const deaf = {
  aborted: false,
  throwIfAborted() {},
  addEventListener() {
    throw new Error("deaf");
  },
};
await time.sleep(0, { signal: deaf, timeout: 1e6 }).catch((error) => console.log(error.message));
