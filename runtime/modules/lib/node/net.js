// SPDX-License-Identifier: MIT
// node:net over the handles of rill:net.
import { EventEmitter } from "node:events";
import { Duplex } from "node:stream";
import { BlockList, SocketAddress } from "rill:internal/block_list";
import { codedError } from "rill:internal/errors";
import * as native from "rill:internal/net";
import { isIP as familyOf } from "rill:net";
import { checkPort, normalize } from "rill:internal/socket_arguments";
import { tellClose } from "rill:internal/streams/destroy";
import { pauseBeforeRetry, throwLater } from "rill:internal/timers";
import { lookup } from "node:dns";

export const isIP = (text) => typeof text === "string" ? familyOf(text) : 0;
export const isIPv4 = (text) => isIP(text) === 4;
export const isIPv6 = (text) => isIP(text) === 6;

// Registered: node:http makes sockets of upgraded connections; node:tls puts
// a handshake before a socket is open, and takes the connection of another.
const connectionOf = Symbol.for("rill:connection");
const attachTo = Symbol.for("rill:attach");
const handshakeOf = Symbol.for("rill:handshake");
const takeFrom = Symbol.for("rill:take");
const acceptedOf = Symbol.for("rill:accepted");
const keepSocket = Symbol.for("rill:keep");
const familyName = (family) => family === 6 ? "IPv6" : "IPv4";

export class Socket extends Duplex {
  #connection = null;
  #isOpen = false; // bytes can go
  #waiting = []; // to be done once it is open
  #local;
  #remote;
  #timer;
  #timeout = 0;
  #unref = false;
  #noDelay;
  #keepAlive;
  connecting = false;
  bytesRead = 0;
  bytesWritten = 0;

  constructor(options = {}) {
    super({
      allowHalfOpen: options.allowHalfOpen ?? false,
      highWaterMark: options.highWaterMark,
      readable: options.readable,
      writable: options.writable,
      emitClose: false, // it says whether there was an error
      autoDestroy: true,
      decodeStrings: false,
    });
    if (options.signal !== undefined) {
      const abort = () => this.destroy(options.signal.reason);
      if (options.signal.aborted) abort();
      options.signal.addEventListener("abort", abort, { once: true });
    }
    const connection = options[connectionOf];
    if (connection !== undefined) this[attachTo](connection);
  }

  [attachTo](connection) {
    this.#connection = connection;
    this.connecting = false;
    this.#local = native.connectionAddress(connection, false);
    this.#remote = native.connectionAddress(connection, true);
    if (this.#noDelay !== undefined) this.setNoDelay(this.#noDelay);
    if (this.#keepAlive !== undefined) this.setKeepAlive(...this.#keepAlive);
    if (this.#unref) native.referenceConnection(connection, false);
    const handshake = this[handshakeOf]?.(connection);
    if (handshake === undefined) this.#open();
    else handshake.then(() => this.#open(), (error) => this.destroy(error));
  }

  #open() {
    if (this.destroyed) return;
    this.#isOpen = true;
    for (const action of this.#waiting.splice(0)) action();
  }

  // The connection goes on without this socket; what it has not read comes
  // again.
  [takeFrom]() {
    const connection = this.#connection;
    this.#connection = null;
    this.#isOpen = false;
    native.cancelRead(connection);
    this.pause();
    const unread = this.read();
    if (unread !== null) {
      native.unread(connection, typeof unread === "string"
        ? Buffer.from(unread, this.readableEncoding) : unread);
    }
    return connection;
  }

  connect(...args) {
    const [options, callback] = normalize(args);
    if (callback !== undefined) this.once("connect", callback);
    this.connecting = true;
    this.#connect(options);
    return this;
  }

  async #connect(options) {
    let connection;
    try {
      connection = await this.#dial(options);
      if (this.destroyed) {
        native.abort.call(connection);
        return;
      }
      this[attachTo](connection);
    } catch (error) {
      if (connection !== undefined) native.abort.call(connection);
      this.connecting = false;
      this.destroy(error);
      return;
    }
    this.#touch();
    this.emit("connect");
    this.emit("ready");
    this.read(0);
  }

  async #dial({ path, port, host = "localhost", family = 0, noDelay, keepAlive }) {
    if (noDelay !== undefined) this.#noDelay = Boolean(noDelay);
    if (keepAlive !== undefined) this.#keepAlive = [Boolean(keepAlive)];
    if (path !== undefined) {
      return native.connectTo(native.newConnection(true), String(path), 0);
    }
    const number = checkPort(port);
    const addresses = await new Promise((resolve, reject) => {
      lookup(host, { all: true, family }, (error, list) => {
        this.emit("lookup", error, list?.[0]?.address, list?.[0]?.family, host);
        if (error) reject(error);
        else resolve(list);
      });
    });
    let failure = codedError(Error, "ENOTFOUND", `${host} has no address`);
    for (const { address } of addresses) {
      if (this.destroyed) break;
      try {
        return await native.connectTo(native.newConnection(false), address,
                                      number);
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  #touch() {
    if (this.#timeout === 0) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.emit("timeout"), this.#timeout);
    this.#timer.unref();
  }

  _read() {
    if (!this.#isOpen) {
      this.#waiting.push(() => this._read());
      return;
    }
    const connection = this.#connection;
    native.read.call(connection).then(
      (chunk) => {
        if (this.#connection !== connection) {
          if (chunk !== null) native.unread(connection, chunk);
          return;
        }
        this.#touch();
        if (chunk === null) {
          this.#readEnd();
          return;
        }
        this.bytesRead += chunk.length;
        this.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
      },
      (error) => {
        if (this.destroyed || this.#connection !== connection) return;
        // As on Node, TLS without a close_notify is an ordinary end.
        if (error.code === "ERR_SSL_UNEXPECTED_EOF_WHILE_READING") {
          this.#readEnd();
        } else {
          this.destroy(error);
        }
      },
    );
  }

  // Its end is an event also if nobody listens for data.
  #readEnd() {
    this.push(null);
    this.read(0);
  }

  _write(chunk, encoding, callback) {
    if (!this.#isOpen) {
      if (!this.connecting && this.#connection === null) {
        callback(codedError(Error, "EPIPE", "This socket is not connected"));
        return;
      }
      this.#waiting.push(() => this._write(chunk, encoding, callback));
      return;
    }
    if (typeof chunk === "string" && encoding !== "utf8" && encoding !== "utf-8") {
      chunk = Buffer.from(chunk, encoding);
    }
    this.bytesWritten += typeof chunk === "string" ? Buffer.byteLength(chunk)
                                                   : chunk.length;
    this.#touch();
    native.write.call(this.#connection, chunk).then(() => callback(), callback);
  }

  _final(callback) {
    if (!this.#isOpen) {
      if (!this.connecting && this.#connection === null) callback();
      else this.#waiting.push(() => this._final(callback));
      return;
    }
    native.closeWrite.call(this.#connection).then(
      () => callback(),
      // The peer was faster.
      (error) => callback(error.code === "ENOTCONN" ? undefined : error),
    );
  }

  _destroy(error, callback) {
    clearTimeout(this.#timer);
    this.connecting = false;
    const connection = this.#connection;
    if (connection === null) callback(error);
    else native.close.call(connection).then(() => callback(error), callback);
  }

  [tellClose]() {
    this.emit("close", this.errored !== null);
  }

  destroySoon() {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  resetAndDestroy() {
    if (this.#connection !== null) native.abort.call(this.#connection);
    return this.destroy();
  }

  setTimeout(milliseconds, callback) {
    this.#timeout = Number(milliseconds);
    clearTimeout(this.#timer);
    if (callback !== undefined) {
      if (this.#timeout === 0) this.removeListener("timeout", callback);
      else this.once("timeout", callback);
    }
    this.#touch();
    return this;
  }

  get timeout() {
    return this.#timeout === 0 ? undefined : this.#timeout;
  }

  setNoDelay(on = true) {
    this.#noDelay = Boolean(on);
    if (this.#connection !== null) {
      native.setNoDelay.call(this.#connection, this.#noDelay);
    }
    return this;
  }

  setKeepAlive(on = false, delay = 0) {
    this.#keepAlive = [Boolean(on), delay];
    if (this.#connection !== null) {
      native.setKeepAlive.call(this.#connection, Boolean(on),
                               Math.max(1, Math.trunc(delay / 1000)));
    }
    return this;
  }

  // A socket keeps the program running while somebody reads from it.
  ref() {
    this.#unref = false;
    if (this.#connection !== null) {
      native.referenceConnection(this.#connection, true);
    }
    return this;
  }
  unref() {
    this.#unref = true;
    if (this.#connection !== null) {
      native.referenceConnection(this.#connection, false);
    }
    return this;
  }

  address() {
    const local = this.#local;
    if (local?.port === undefined) return {};
    return { ...local, family: familyName(local.family) };
  }
  get localAddress() {
    return this.#local?.address;
  }
  get localPort() {
    return this.#local?.port;
  }
  get localFamily() {
    return this.#local && familyName(this.#local.family);
  }
  get remoteAddress() {
    return this.#remote?.address;
  }
  get remotePort() {
    return this.#remote?.port;
  }
  get remoteFamily() {
    return this.#remote?.port && familyName(this.#remote.family);
  }
  get pending() {
    return this.#connection === null;
  }
  get readyState() {
    if (this.connecting) return "opening";
    if (this.readable && this.writable) return "open";
    return this.readable ? "readOnly" : this.writable ? "writeOnly" : "closed";
  }
  get bufferSize() {
    return this.writableLength;
  }
}
export { Socket as Stream };

// What the drop event tells.
function dropped(connection) {
  const [local, remote] = [false, true].map((side) =>
    native.connectionAddress(connection, side));
  return {
    localAddress: local?.address, localPort: local?.port,
    localFamily: local?.family && familyName(local.family),
    remoteAddress: remote?.address, remotePort: remote?.port,
    remoteFamily: remote?.family && familyName(remote.family),
  };
}

export class Server extends EventEmitter {
  #listener = null;
  #options;
  #sockets = new Set();
  #unref = false;
  #closing = false;
  maxConnections;

  constructor(options, onConnection) {
    super();
    if (typeof options === "function") [options, onConnection] = [{}, options];
    this.#options = options ?? {};
    if (onConnection !== undefined) this.on("connection", onConnection);
  }

  get listening() {
    return this.#listener !== null;
  }

  listen(...args) {
    const [options, callback] = normalize(args);
    if (this.#listener !== null) {
      throw codedError(Error, "ERR_SERVER_ALREADY_LISTEN",
                       "Listen method has been called more than once without " +
                         "closing.");
    }
    if (callback !== undefined) this.once("listening", callback);
    const { path, host, backlog = 511, signal } = options;
    const port = path === undefined ? checkPort(options.port ?? 0) : 0;
    const start = (address) => {
      try {
        this.#listener = path === undefined
          ? native.listen(false, address, port, backlog,
                          Boolean(options.reusePort))
          : native.listen(true, String(path), 0, backlog, false);
        this.#closing = false;
        if (this.#unref) native.reference(this.#listener, false);
        process.nextTick(() => {
          if (this.#listener !== null) this.emit("listening");
        });
        this.#accept(this.#listener);
      } catch (error) {
        const listener = this.#listener;
        this.#listener = null;
        if (listener !== null) native.closeListener.call(listener);
        process.nextTick(() => this.emit("error", error));
      }
    };
    signal?.addEventListener("abort", () => this.close());
    if (path !== undefined) start();
    else if (host === undefined) start("0.0.0.0");
    else if (isIP(host)) start(host);
    else {
      lookup(host, (error, address) => {
        if (error) this.emit("error", error);
        else start(address);
      });
    }
    return this;
  }

  // Goes on until the listener is closed, whatever becomes of one connection.
  async #accept(listener) {
    while (this.#listener === listener) {
      try {
        this.#accepted(await native.accept.call(listener));
      } catch (error) {
        if (this.#listener !== listener) return;
        process.nextTick(() => this.emit("error", error));
        // What it had no memory for is still there.
        await pauseBeforeRetry();
      }
    }
  }

  // What a listener of an event throws is nobody's.
  #accepted(connection) {
    try {
      if (this.maxConnections === undefined ||
          this.#sockets.size < this.maxConnections) {
        this[acceptedOf](connection);
      } else {
        this.emit("drop", dropped(connection));
        native.close.call(connection);
      }
    } catch (error) {
      throwLater(error);
    }
  }

  [acceptedOf](connection) {
    const socket = new Socket({ ...this.#options, [connectionOf]: connection });
    this[keepSocket](socket);
    this.emit("connection", socket);
    if (!this.#options.pauseOnConnect) socket.read(0);
  }

  [keepSocket](socket) {
    const { noDelay, keepAlive, keepAliveInitialDelay } = this.#options;
    if (noDelay !== undefined) socket.setNoDelay(noDelay);
    if (keepAlive) socket.setKeepAlive(true, keepAliveInitialDelay);
    socket.server = this;
    this.#sockets.add(socket);
    socket.once("close", () => {
      this.#sockets.delete(socket);
      this.#checkClosed();
    });
  }

  #checkClosed() {
    if (!this.#closing || this.#sockets.size !== 0) return;
    this.#closing = false;
    process.nextTick(() => this.emit("close"));
  }

  address() {
    if (this.#listener === null) return null;
    const address = native.listenerAddress(this.#listener);
    if (address.path !== undefined) return address.path;
    return { ...address, family: familyName(address.family) };
  }

  close(callback) {
    if (this.#listener === null) {
      if (callback !== undefined) {
        process.nextTick(callback, codedError(
          Error, "ERR_SERVER_NOT_RUNNING", "Server is not running."));
      }
      return this;
    }
    if (callback !== undefined) this.once("close", callback);
    const listener = this.#listener;
    this.#listener = null;
    this.#closing = true;
    native.closeListener.call(listener).then(() => this.#checkClosed());
    return this;
  }

  getConnections(callback) {
    process.nextTick(callback, null, this.#sockets.size);
    return this;
  }

  ref() {
    this.#unref = false;
    if (this.#listener !== null) native.reference(this.#listener, true);
    return this;
  }
  unref() {
    this.#unref = true;
    if (this.#listener !== null) native.reference(this.#listener, false);
    return this;
  }

  async [Symbol.asyncDispose]() {
    await new Promise((resolve) => this.close(resolve));
  }
}

export function createServer(options, onConnection) {
  return new Server(options, onConnection);
}

export function connect(...args) {
  const [options] = normalize(args);
  const socket = new Socket(options);
  if (options.timeout) socket.setTimeout(options.timeout);
  return socket.connect(...args);
}
export { connect as createConnection };

export const getDefaultAutoSelectFamily = () => true;
export const setDefaultAutoSelectFamily = () => {};
export const getDefaultAutoSelectFamilyAttemptTimeout = () => 250;
export const setDefaultAutoSelectFamilyAttemptTimeout = () => {};
export { BlockList, SocketAddress };

export default {
  BlockList, Server, Socket, Stream: Socket, connect, createConnection: connect,
  createServer, getDefaultAutoSelectFamily, isIP, isIPv4, isIPv6,
  setDefaultAutoSelectFamily, setDefaultAutoSelectFamilyAttemptTimeout,
  SocketAddress, getDefaultAutoSelectFamilyAttemptTimeout,
};
