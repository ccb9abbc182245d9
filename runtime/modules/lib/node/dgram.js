// SPDX-License-Identifier: MIT
// node:dgram over the datagrams of rill:net.
import { EventEmitter } from "node:events";
import { isIP } from "node:net";
import { codedError, invalidArgument } from "rill:internal/errors";
import * as native from "rill:internal/net";
import { lookup } from "node:dns";

const notRunning = () =>
  codedError(Error, "ERR_SOCKET_DGRAM_NOT_RUNNING", "Not running");

function checkPort(port, name, least = 1) {
  const number = typeof port === "string" ? Number(port) : port;
  if (Number.isInteger(number) && number >= least && number <= 65535) return number;
  throw codedError(RangeError, "ERR_SOCKET_BAD_PORT",
                   `${name} should be ${least === 0 ? ">= 0" : "> 0"} and < ` +
                     `65536. Received ${typeof port === "number"
                       ? `type number (${port})` : String(port)}.`);
}

function checkHops(hops) {
  if (typeof hops !== "number") throw invalidArgument("ttl", "of type number", hops);
}

function bytesOf(message) {
  if (typeof message === "string") return Buffer.from(message);
  if (ArrayBuffer.isView(message)) {
    return new Uint8Array(message.buffer, message.byteOffset, message.byteLength);
  }
  if (Array.isArray(message)) return Buffer.concat(message.map(bytesOf));
  throw invalidArgument("buffer",
                        "of type string or an instance of Buffer, " +
                          "TypedArray, or DataView",
                        message);
}

export class Socket extends EventEmitter {
  type;
  #options;
  #handle = null;
  #state = "unbound"; // binding, bound, closed
  #remote = null;
  #unref = false;
  #waiting = []; // for the binding

  constructor(options, onMessage) {
    super();
    if (typeof options === "string") options = { type: options };
    const { type, signal } = options ?? {};
    if (type !== "udp4" && type !== "udp6") {
      throw codedError(TypeError, "ERR_SOCKET_BAD_TYPE",
                       "Bad socket type specified. Valid types are: udp4, udp6");
    }
    this.type = type;
    this.#options = options;
    if (typeof onMessage === "function") this.on("message", onMessage);
    if (signal !== undefined) {
      const close = () => {
        if (this.#state !== "closed") this.close();
      };
      if (signal.aborted) process.nextTick(close);
      else {
        signal.addEventListener("abort", close, { once: true });
        this.once("close", () => signal.removeEventListener("abort", close));
      }
    }
  }

  #check() {
    if (this.#state === "closed") throw notRunning();
  }

  #resolve(address, callback) {
    const family = this.type === "udp4" ? 4 : 6;
    if (isIP(address)) {
      callback(null, address);
      return;
    }
    const find = this.#options.lookup ?? lookup;
    find(address, family, callback);
  }

  bind(...args) {
    this.#check();
    if (this.#state !== "unbound") {
      throw codedError(Error, "ERR_SOCKET_ALREADY_BOUND", "Socket is already bound");
    }
    if (typeof args.at(-1) === "function") this.once("listening", args.pop());
    let [port = 0, address] = args;
    if (typeof port === "object" && port !== null) ({ port = 0, address } = port);
    this.#state = "binding";
    const number = port ? checkPort(port, "Port", 0) : 0;
    this.#resolve(address || (this.type === "udp4" ? "0.0.0.0" : "::"),
                  (error, found) => {
      if (this.#state !== "binding") return; // closed meanwhile
      if (error) {
        this.#fail(error);
        return;
      }
      try {
        this.#handle = native.newDatagram(found, number,
                                          Boolean(this.#options.reuseAddr),
                                          Boolean(this.#options.reusePort));
      } catch (failure) {
        this.#fail(failure);
        return;
      }
      this.#state = "bound";
      if (this.#unref) native.referenceDatagram(this.#handle, false);
      for (const action of this.#waiting.splice(0)) action(null);
      this.#receive(this.#handle);
      process.nextTick(() => {
        if (this.#state === "bound") this.emit("listening");
      });
    });
    return this;
  }

  #fail(error) {
    this.#state = "unbound";
    for (const action of this.#waiting.splice(0)) action(error);
    process.nextTick(() => this.emit("error", error));
  }

  async #receive(handle) {
    for (;;) {
      let packet;
      try {
        packet = await native.receive.call(handle);
      } catch (error) {
        if (error.code === "ECANCELED") return; // closed
        this.emit("error", error);
        return;
      }
      const { data, address, port, family } = packet;
      if (this.#remote !== null &&
          (this.#remote.port !== port || this.#remote.address !== address)) continue;
      this.emit("message", Buffer.from(data.buffer, data.byteOffset, data.length),
                { address, family: `IPv${family}`, port, size: data.length });
    }
  }

  // Calls back once it is bound; binds it if nobody did.
  #whenBound(action) {
    if (this.#state === "bound") {
      action(null);
      return;
    }
    this.#waiting.push(action);
    if (this.#state === "unbound") this.bind({ port: 0 });
  }

  send(message, ...args) {
    this.#check();
    const callback = typeof args.at(-1) === "function" ? args.pop() : undefined;
    let bytes = bytesOf(message);
    // (message[, offset, length][, port][, address]); a connected one has no port.
    const isConnected = this.#remote !== null;
    const hasRange = isConnected
      ? args.length >= 2
      : args.length >= 3 && typeof args[1] === "number" &&
        (typeof args[2] === "number" || typeof args[2] === "string");
    if (hasRange) {
      const [offset, length] = args.splice(0, 2);
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
        throw codedError(RangeError, "ERR_BUFFER_OUT_OF_BOUNDS",
                         '"length" is outside of buffer bounds');
      }
      bytes = bytes.subarray(offset, offset + length);
    }
    let [port, address] = args;
    if (isConnected) {
      ({ port, address } = this.#remote);
    } else {
      port = checkPort(port, "Port");
    }
    address ||= this.type === "udp4" ? "127.0.0.1" : "::1";
    const done = (error, count) => {
      if (callback !== undefined) process.nextTick(callback, error, count);
      else if (error) process.nextTick(() => this.emit("error", error));
    };
    this.#resolve(address, (error, found) => {
      if (error) {
        done(error);
        return;
      }
      this.#whenBound((failure) => {
        if (failure || this.#state !== "bound") {
          if (failure && callback !== undefined) done(failure);
          return;
        }
        native.send.call(this.#handle, bytes, found, port)
          .then(() => done(null, bytes.length), done);
      });
    });
  }

  connect(port, address, callback) {
    this.#check();
    if (typeof address === "function") [address, callback] = [undefined, address];
    if (this.#remote !== null) {
      throw codedError(Error, "ERR_SOCKET_DGRAM_IS_CONNECTED", "Already connected");
    }
    const number = checkPort(port, "Port");
    if (callback !== undefined) this.once("connect", callback);
    this.#resolve(address || (this.type === "udp4" ? "127.0.0.1" : "::1"),
                  (error, found) => {
      this.#whenBound((failure) => {
        if (error ?? failure) {
          if (error) process.nextTick(() => this.emit("error", error));
          return;
        }
        this.#remote = { address: found, port: number };
        process.nextTick(() => this.emit("connect"));
      });
    });
  }
  #needRemote() {
    if (this.#remote !== null) return this.#remote;
    throw codedError(Error, "ERR_SOCKET_DGRAM_NOT_CONNECTED", "Not connected");
  }
  disconnect() {
    this.#needRemote();
    this.#remote = null;
  }
  remoteAddress() {
    const { address, port } = this.#needRemote();
    return { address, family: `IPv${isIP(address)}`, port };
  }

  close(callback) {
    this.#check();
    if (typeof callback === "function") this.once("close", callback);
    const handle = this.#handle;
    this.#state = "closed";
    this.#handle = null;
    const closed = handle === null ? Promise.resolve()
                                   : native.closeDatagram.call(handle);
    closed.then(() => process.nextTick(() => this.emit("close")));
    return this;
  }
  async [Symbol.asyncDispose]() {
    if (this.#state !== "closed") {
      await new Promise((resolve) => this.close(resolve));
    }
  }

  #bound() {
    this.#check();
    if (this.#handle !== null) return this.#handle;
    throw Object.assign(codedError(Error, "EBADF", "getsockname EBADF"),
                        { errno: -9, syscall: "getsockname" });
  }
  address() {
    const { address, port, family } = native.datagramAddress(this.#bound());
    return { address, family: `IPv${family}`, port };
  }
  setBroadcast(on) {
    native.datagramOption(this.#bound(), "broadcast", Boolean(on));
  }
  setTTL(hops) {
    checkHops(hops);
    native.datagramOption(this.#bound(), "ttl", hops);
    return hops;
  }
  setMulticastTTL(hops) {
    checkHops(hops);
    native.datagramOption(this.#bound(), "multicastTtl", hops);
    return hops;
  }
  setMulticastLoopback(on) {
    native.datagramOption(this.#bound(), "multicastLoopback", Boolean(on));
    return on;
  }
  setMulticastInterface(address) {
    native.datagramOption(this.#bound(), "multicastInterface", `${address}`);
  }
  #membership(name, group, address) {
    if (!group) {
      throw codedError(TypeError, "ERR_MISSING_ARGS",
                       'The "multicastAddress" argument must be specified');
    }
    const change = () => native.datagramOption(
      this.#handle, name, `${group}`,
      address === undefined ? undefined : `${address}`);
    if (this.#state === "bound") change();
    else this.#whenBound((error) => error || change());
  }
  addMembership(group, address) {
    this.#check();
    this.#membership("join", group, address);
  }
  dropMembership(group, address) {
    this.#check();
    this.#membership("leave", group, address);
  }
  getRecvBufferSize() {
    return native.datagramOption(this.#bound(), "receiveBuffer", 0);
  }
  getSendBufferSize() {
    return native.datagramOption(this.#bound(), "sendBuffer", 0);
  }
  setRecvBufferSize(size) {
    native.datagramOption(this.#bound(), "receiveBuffer", size);
  }
  setSendBufferSize(size) {
    native.datagramOption(this.#bound(), "sendBuffer", size);
  }

  ref() {
    this.#unref = false;
    if (this.#handle !== null) native.referenceDatagram(this.#handle, true);
    return this;
  }
  unref() {
    this.#unref = true;
    if (this.#handle !== null) native.referenceDatagram(this.#handle, false);
    return this;
  }
}

export const createSocket = (options, onMessage) => new Socket(options, onMessage);

export default { Socket, createSocket };
