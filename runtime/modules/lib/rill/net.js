// SPDX-License-Identifier: MIT
// rill:net: TCP, Unix sockets, UDP and names. Every operation that waits takes
// {signal, timeout}: an AbortSignal, and milliseconds after which it fails with
// a TimeoutError.
import * as native from "rill:internal/net";
import { withLimits } from "rill:internal/limits";

// What a cancelled operation does: a read, accept or receive only stops
// waiting; a write may be half done, so it takes the connection with it.
const operations = {
  read: [native.read, native.cancelRead],
  write: [native.write, (connection) => native.abort.call(connection)],
  accept: [native.accept, native.cancelAccept],
  receive: [native.receive, native.cancelReceive],
};

function cancellable(handle, operation, argument, signal, timeout) {
  const [start, cancel] = operations[operation];
  return withLimits(
    operation,
    signal,
    timeout,
    () => (argument === undefined ? start.call(handle) : start.call(handle, argument)),
    () => cancel(handle),
  );
}

function noConstructor(name) {
  throw new TypeError(`Illegal constructor: ${name}`);
}

export class Connection {
  constructor() {
    noConstructor("Connection");
  }

  get localAddress() {
    return native.connectionAddress(this, false);
  }

  get remoteAddress() {
    return native.connectionAddress(this, true);
  }

  get readable() {
    return new ReadableStream(
      {
        pull: async (controller) => {
          const chunk = await this.read();
          if (chunk === null) {
            controller.close();
          } else {
            controller.enqueue(chunk);
          }
        },
        cancel: () => this.close(),
      },
      { highWaterMark: 0 },
    );
  }

  get writable() {
    return new WritableStream({
      write: (chunk) => this.write(chunk),
      close: () => this.closeWrite(),
      abort: () => this.abort(),
    });
  }

  async *[Symbol.asyncIterator]() {
    try {
      for (;;) {
        const chunk = await this.read();
        if (chunk === null) return;
        yield chunk;
      }
    } finally {
      await this.close();
    }
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }
}

export class Listener {
  constructor() {
    noConstructor("Listener");
  }

  get address() {
    return native.listenerAddress(this);
  }

  ref() {
    native.reference(this, true);
    return this;
  }

  unref() {
    native.reference(this, false);
    return this;
  }

  async *[Symbol.asyncIterator]() {
    try {
      for (;;) {
        let connection;
        try {
          connection = await this.accept();
        } catch (error) {
          if (error.code === "ECANCELED") return; // it was closed
          throw error;
        }
        yield connection;
      }
    } finally {
      await this.close();
    }
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }
}

export class Datagram {
  constructor() {
    noConstructor("Datagram");
  }

  get address() {
    return native.datagramAddress(this);
  }

  setBroadcast(on = true) {
    native.datagramOption(this, "broadcast", Boolean(on));
  }

  setTTL(hops) {
    native.datagramOption(this, "ttl", Number(hops));
  }

  setMulticastTTL(hops) {
    native.datagramOption(this, "multicastTtl", Number(hops));
  }

  setMulticastLoopback(on = true) {
    native.datagramOption(this, "multicastLoopback", Boolean(on));
  }

  joinGroup(group) {
    native.datagramOption(this, "join", String(group));
  }

  leaveGroup(group) {
    native.datagramOption(this, "leave", String(group));
  }

  async *[Symbol.asyncIterator]() {
    try {
      for (;;) {
        let packet;
        try {
          packet = await this.receive();
        } catch (error) {
          if (error.code === "ECANCELED") return;
          throw error;
        }
        yield packet;
      }
    } finally {
      await this.close();
    }
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }
}

function install(prototype, methods) {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(prototype, name, {
      value,
      writable: true,
      configurable: true,
    });
  }
}

const { read, write, closeWrite, close, abort, setNoDelay, setKeepAlive } =
  native;
install(Connection.prototype, {
  read,
  write,
  closeWrite,
  close,
  abort,
  setNoDelay,
  setKeepAlive,
});
install(Listener.prototype, {
  accept: native.accept,
  close: native.closeListener,
});
install(Datagram.prototype, {
  receive: native.receive,
  send: native.send,
  close: native.closeDatagram,
});
native.setUp(
  Connection.prototype,
  Listener.prototype,
  Datagram.prototype,
  cancellable,
);

function checkPort(port, least) {
  const number = Number(port);
  if (!Number.isInteger(number) || number < least || number > 65535) {
    throw new RangeError(`The port must be ${least} to 65535, not ${port}`);
  }
  return number;
}

let lastLookup = 0;

// All addresses of a name: [{address, family}, ...].
export async function lookup(name, options = {}) {
  const { family = 0, signal, timeout } = options;
  if (family !== 0 && family !== 4 && family !== 6) {
    throw new RangeError(`The family must be 0, 4 or 6, not ${family}`);
  }
  const id = ++lastLookup;
  const flat = await withLimits(
    "lookup",
    signal,
    timeout,
    () => native.lookup(String(name), family, id),
    () => native.cancelLookup(id),
  );
  const list = [];
  for (let i = 0; i < flat.length; i += 2) {
    list.push({ address: flat[i], family: flat[i + 1] });
  }
  return list;
}

// Names to addresses ("A", "AAAA"), or addresses to names ("PTR"), as texts.
export async function resolve(name, type = "A", options = {}) {
  if (type === "PTR") {
    const id = ++lastLookup;
    const { signal, timeout } = options;
    return [
      await withLimits(
        "resolve",
        signal,
        timeout,
        () => native.reverse(String(name), id),
        () => native.cancelLookup(id),
      ),
    ];
  }
  if (type !== "A" && type !== "AAAA") {
    throw new TypeError(`resolve knows A, AAAA and PTR records, not ${type}`);
  }
  const family = type === "A" ? 4 : 6;
  const list = await lookup(name, { ...options, family });
  return list.map((entry) => entry.address);
}

// 4, 6, or 0: no address.
export function isIP(text) {
  return native.addressFamily(String(text));
}

export async function connect(options) {
  const { port, path, hostname = "localhost", signal, timeout } = options;
  if (path === undefined) checkPort(port, 1);
  let current;
  let cancelled = false;
  const limit =
    timeout === undefined ? undefined : performance.now() + timeout;
  const start = async () => {
    if (path !== undefined) {
      current = native.newConnection(true);
      return native.connectTo(current, String(path), 0);
    }
    const left = limit === undefined ? undefined : limit - performance.now();
    const addresses = isIP(hostname)
      ? [{ address: String(hostname) }]
      : await lookup(hostname, { signal, timeout: left });
    let failure;
    for (const { address } of addresses) {
      if (cancelled) break;
      current = native.newConnection(false);
      try {
        return await native.connectTo(current, address, Number(port));
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  };
  return withLimits("connect", signal, timeout, start, () => {
    cancelled = true;
    if (current !== undefined) native.abort.call(current);
  });
}

// What listens on the first of a name's addresses. Without a hostname: on all
// addresses of the machine.
export async function listenArguments(options) {
  const { port = 0, path, hostname, backlog = 511, reusePort = false } = options;
  if (path !== undefined) return [true, String(path), 0, backlog, false];
  let address = hostname ?? "0.0.0.0";
  if (!isIP(address)) address = (await lookup(address))[0].address;
  return [false, String(address), checkPort(port, 0), backlog, reusePort];
}

export async function listen(options = {}) {
  return native.listen(...(await listenArguments(options)));
}

export async function datagram(options = {}) {
  const { port = 0, reuseAddress = false, reusePort = false } = options;
  let address = options.hostname ?? "0.0.0.0";
  if (!isIP(address)) address = (await lookup(address))[0].address;
  return native.newDatagram(
    String(address),
    checkPort(port, 0),
    Boolean(reuseAddress),
    Boolean(reusePort),
  );
}

export default { connect, datagram, isIP, listen, lookup, resolve };
