// SPDX-License-Identifier: MIT
// rill:net: TCP, Unix sockets, UDP and names. Every operation that waits takes
// {signal, timeout}: an AbortSignal, and milliseconds after which it fails with
// a TimeoutError.
import * as native from "rill:internal/net";
import { checkLimits, withLimits } from "rill:internal/limits";
import { loadBuiltin } from "rill:internal/modules";

const tlsModule = () => loadBuiltin("rill:internal/tls");

// What a cancelled operation does: a read, accept or receive only stops
// waiting; a write or an end may be half done, so it takes the connection with
// it. A datagram that the system had no room for is let go of; it may still be
// sent.
const abort = (connection) => native.abort.call(connection);
function sendAll([data, address, port]) {
  return native.send.call(this, data, address, port);
}
const operations = {
  read: [native.read, native.cancelRead],
  write: [native.write, abort],
  closeWrite: [native.closeWrite, abort],
  close: [native.close, abort],
  accept: [native.accept, native.cancelAccept],
  receive: [native.receive, native.cancelReceive],
  send: [sendAll, native.cancelSend],
};

function cancellable(handle, operation, argument, signal, timeout) {
  const [start, cancel] = operations[operation];
  let promise;
  return withLimits(
    operation,
    signal,
    timeout,
    () => promise = argument === undefined ? start.call(handle)
                                           : start.call(handle, argument),
    () => cancel(handle, promise),
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

  // A read that waits keeps the program running, unless this is unref'ed.
  ref() {
    native.referenceConnection(this, true);
    return this;
  }

  unref() {
    native.referenceConnection(this, false);
    return this;
  }

  // What a handshake came to; undefined: there was none.
  get tls() {
    return tlsModule().tlsOf(this);
  }

  // Goes on with TLS, as a client or, with {server: true}, as a server: a
  // promise of the connection. If it fails, that is closed.
  startTls(options = {}) {
    const { server = false, signal, timeout } = options;
    const tls = tlsModule();
    return withLimits(
      "startTls",
      signal,
      timeout,
      async () =>
        server ? tls.startServer(this, tls.serverContext(options))
               : tls.startClient(this, options),
      () => this.abort(),
    );
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
    if (new.target !== TlsListener) noConstructor("Listener");
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

// Gives connections whose handshake is done. Several are under way at a time,
// so that one slow peer keeps nobody waiting; one that fails is only told to
// onTlsError. It takes connections from the system only while somebody waits.
class TlsListener extends Listener {
  #listener;
  #context;
  #onError;
  #most;
  #shaking = new Set();
  #ready = [];
  #waiting = [];
  #pumping = false;

  constructor(listener, context, { onTlsError, maxHandshakes = 256 }) {
    super();
    this.#listener = listener;
    this.#context = context;
    this.#onError = onTlsError;
    this.#most = maxHandshakes;
  }

  get address() {
    return native.listenerAddress(this.#listener);
  }

  accept({ signal, timeout } = {}) {
    if (this.#ready.length !== 0) return Promise.resolve(this.#ready.shift());
    const waiter = Promise.withResolvers();
    return withLimits(
      "accept",
      signal,
      timeout,
      () => {
        this.#waiting.push(waiter);
        try {
          this.#pump();
        } catch (error) {
          this.#forget(waiter);
          throw error;
        }
        return waiter.promise;
      },
      () => this.#forget(waiter),
    );
  }

  #forget(waiter) {
    this.#waiting = this.#waiting.filter((one) => one !== waiter);
  }

  async #pump() {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#waiting.length !== 0 && this.#shaking.size < this.#most) {
        this.#secure(await native.accept.call(this.#listener));
      }
    } catch (error) {
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    } finally {
      this.#pumping = false;
    }
  }

  async #secure(connection) {
    const address = connection.remoteAddress;
    this.#shaking.add(connection);
    try {
      await tlsModule().startServer(connection, this.#context);
      if (this.#waiting.length === 0) {
        this.#ready.push(connection);
      } else {
        this.#waiting[0].resolve(connection);
        this.#waiting.shift();
      }
    } catch (error) {
      connection.abort();
      this.#onError?.(error, address);
    } finally {
      this.#shaking.delete(connection);
      this.#pump();
    }
  }

  ref() {
    native.reference(this.#listener, true);
    return this;
  }

  unref() {
    native.reference(this.#listener, false);
    return this;
  }

  // Connections that nobody has accepted go with it.
  async close() {
    for (const connection of this.#shaking) connection.abort();
    for (const connection of this.#ready.splice(0)) connection.close();
    await native.closeListener.call(this.#listener);
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

const { read, write, closeWrite, close, setNoDelay, setKeepAlive } = native;
install(Connection.prototype, {
  read,
  write,
  closeWrite,
  close,
  abort: native.abort,
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

// Records of a type. Names to addresses ("A", "AAAA") and addresses to names
// ("PTR") by the system's resolver; others, or if there are `servers`, by asking
// name servers.
export async function resolve(name, type = "A", options = {}) {
  const { servers, signal, timeout } = options;
  if (servers !== undefined || !["A", "AAAA", "PTR"].includes(type)) {
    const dns = loadBuiltin("rill:internal/dns_client");
    const given = { servers: servers?.map(dns.parseServer) };
    const controller = new AbortController();
    const asked = type === "PTR" && isIP(name) ? dns.reverseName(name)
                                               : String(name);
    const records = await withLimits(
      "resolve", signal, timeout,
      () => dns.query(asked, type, { ...given, signal: controller.signal }),
      () => controller.abort());
    return records.map(({ value }) => value);
  }
  if (type === "PTR") {
    const id = ++lastLookup;
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
  const tls = options.tls === true ? {} : options.tls || undefined;
  if (path === undefined) checkPort(port, 1);
  let current;
  let cancelled = false;
  const limit =
    timeout === undefined ? undefined : performance.now() + timeout;
  const open = async () => {
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
  const start = tls === undefined ? open : async () => {
    const connection = await open();
    try {
      return await tlsModule().startClient(connection, tls, hostname);
    } catch (error) {
      connection.abort();
      throw error;
    }
  };
  return withLimits("connect", signal, timeout, start, () => {
    cancelled = true;
    if (current !== undefined) native.abort.call(current);
  });
}

// What listens on the first of a name's addresses. Without a hostname: on all
// addresses of the machine.
export async function listenArguments(options) {
  const { port = 0, path, hostname, backlog = 511, reusePort = false, signal,
          timeout } = options;
  checkLimits(signal, timeout);
  signal?.throwIfAborted();
  if (path !== undefined) return [true, String(path), 0, backlog, false];
  let address = hostname ?? "0.0.0.0";
  if (!isIP(address)) {
    [{ address }] = await lookup(address, { signal, timeout });
  }
  return [false, String(address), checkPort(port, 0), backlog, reusePort];
}

export async function listen(options = {}) {
  const { tls } = options;
  const context = tls && tlsModule().serverContext(tls);
  const listener = native.listen(...(await listenArguments(options)));
  return context ? new TlsListener(listener, context, options) : listener;
}

// Certificates and rules of TLS that many connections share, as {context}.
export function tlsContext(options) {
  const { TlsContext } = tlsModule();
  return new TlsContext(options);
}

export async function datagram(options = {}) {
  const { port = 0, reuseAddress = false, reusePort = false, signal, timeout } =
    options;
  checkLimits(signal, timeout);
  signal?.throwIfAborted();
  let address = options.hostname ?? "0.0.0.0";
  if (!isIP(address)) {
    [{ address }] = await lookup(address, { signal, timeout });
  }
  return native.newDatagram(
    String(address),
    checkPort(port, 0),
    Boolean(reuseAddress),
    Boolean(reusePort),
  );
}

export default {
  connect, datagram, isIP, listen, lookup, resolve, tlsContext,
};
