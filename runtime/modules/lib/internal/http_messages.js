// SPDX-License-Identifier: MIT
// node:http's messages in both directions, for servers and clients.
import { EventEmitter } from "node:events";
import { Readable, Writable } from "node:stream";
import { codedError } from "rill:internal/errors";
import {
  validateHeaderName,
  validateHeaderValue,
} from "rill:internal/http_names";

// Stands in for the socket of a message: the bytes belong to the native side.
export class MessageSocket extends EventEmitter {
  encrypted = false;
  destroyed = false;
  readable = true;
  writable = true;
  #remote;
  #local;
  #destroy;

  constructor(remote, local, destroy) {
    super();
    this.#remote = remote;
    this.#local = local;
    this.#destroy = destroy;
  }
  get remoteAddress() {
    return this.#remote?.address;
  }
  get remotePort() {
    return this.#remote?.port;
  }
  get remoteFamily() {
    return this.#remote && `IPv${this.#remote.family}`;
  }
  get localAddress() {
    return this.#local?.address;
  }
  get localPort() {
    return this.#local?.port;
  }
  address() {
    return this.#local ?? {};
  }
  destroy(error) {
    if (!this.destroyed) {
      this.destroyed = true;
      this.#destroy(error);
    }
    return this;
  }
  setTimeout() {
    return this;
  }
  setNoDelay() {
    return this;
  }
  setKeepAlive() {
    return this;
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
}

// Repeated fields of these keep their first value.
const single = new Set([
  "age", "authorization", "content-length", "content-type", "etag", "expires",
  "from", "host", "if-modified-since", "if-unmodified-since", "last-modified",
  "location", "max-forwards", "proxy-authorization", "referer", "retry-after",
  "server", "user-agent",
]);

export class IncomingMessage extends Readable {
  httpVersion = "1.1";
  httpVersionMajor = 1;
  httpVersionMinor = 1;
  complete = false;
  aborted = false;
  rawHeaders = [];
  rawTrailers = [];
  trailers = {};
  method = undefined;
  url = "";
  statusCode = null;
  statusMessage = null;
  socket;
  #headers;
  #pull = null;

  constructor(socket) {
    super({ highWaterMark: 65536 });
    this.socket = socket;
  }

  get connection() {
    return this.socket;
  }

  get headers() {
    if (this.#headers !== undefined) return this.#headers;
    const headers = {}, raw = this.rawHeaders;
    for (let i = 0; i < raw.length; i += 2) {
      const name = raw[i].toLowerCase(), value = raw[i + 1];
      if (name === "set-cookie") (headers[name] ??= []).push(value);
      else if (headers[name] === undefined) headers[name] = value;
      else if (name === "cookie") headers[name] += `; ${value}`;
      else if (!single.has(name)) headers[name] += `, ${value}`;
    }
    return (this.#headers = headers);
  }
  set headers(value) {
    this.#headers = value;
  }

  get headersDistinct() {
    const distinct = Object.create(null), raw = this.rawHeaders;
    for (let i = 0; i < raw.length; i += 2) {
      (distinct[raw[i].toLowerCase()] ??= []).push(raw[i + 1]);
    }
    return distinct;
  }

  setTimeout(milliseconds, callback) {
    if (callback !== undefined) this.once("timeout", callback);
    return this;
  }

  // Where the body comes from: () => promise of bytes or null; null: no body.
  static setSource(message, pull) {
    message.#pull = pull;
  }

  _read() {
    const pull = this.#pull;
    if (pull === null) {
      this.complete = true;
      this.push(null);
      return;
    }
    pull().then(
      (chunk) => {
        if (chunk === null) {
          this.complete = true;
          this.#pull = null;
          this.push(null);
        } else {
          this.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
        }
      },
      (error) => {
        this.aborted = true;
        if (!this.destroyed) {
          this.emit("aborted");
          this.destroy(codedError(Error, "ECONNRESET", error.message));
        }
      },
    );
  }

  _destroy(error, callback) {
    if (!this.readableEnded && !this.complete) this.socket?.destroy(error);
    callback(error);
  }
}
export const { setSource } = IncomingMessage;

export class OutgoingMessage extends Writable {
  _fields = new Map(); // lower-case name: [name, value]
  headersSent = false;
  sendDate = true;
  chunkedEncoding = false;
  shouldKeepAlive = true;

  constructor() {
    super({
      decodeStrings: false,
      highWaterMark: 65536,
      autoDestroy: false,
      emitClose: false,
    });
  }

  #check() {
    if (this.headersSent) {
      throw codedError(Error, "ERR_HTTP_HEADERS_SENT",
                       "Cannot set headers after they are sent to the client");
    }
  }
  setHeader(name, value) {
    this.#check();
    validateHeaderName(name);
    for (const one of Array.isArray(value) ? value : [value]) {
      validateHeaderValue(name, one);
    }
    this._fields.set(name.toLowerCase(), [name, value]);
    return this;
  }
  setHeaders(headers) {
    for (const [name, value] of headers) this.setHeader(name, value);
    return this;
  }
  appendHeader(name, value) {
    const old = this._fields.get(name.toLowerCase());
    if (old === undefined) return this.setHeader(name, value);
    return this.setHeader(old[0], [].concat(old[1], value));
  }
  getHeader(name) {
    return this._fields.get(String(name).toLowerCase())?.[1];
  }
  hasHeader(name) {
    return this._fields.has(String(name).toLowerCase());
  }
  removeHeader(name) {
    this.#check();
    this._fields.delete(String(name).toLowerCase());
  }
  getHeaderNames() {
    return [...this._fields.keys()];
  }
  getRawHeaderNames() {
    return [...this._fields.values()].map(([name]) => name);
  }
  getHeaders() {
    const headers = Object.create(null);
    for (const [name, [, value]] of this._fields) headers[name] = value;
    return headers;
  }
  addTrailers() {}

  // [name, value, name, value, ...]
  _flat() {
    const flat = [];
    for (const [name, value] of this._fields.values()) {
      if (Array.isArray(value)) {
        for (const one of value) flat.push(name, `${one}`);
      } else {
        flat.push(name, `${value}`);
      }
    }
    return flat;
  }

  get finished() {
    return this.writableEnded;
  }
  get connection() {
    return this.socket;
  }
  setTimeout(milliseconds, callback) {
    if (callback !== undefined) this.once("timeout", callback);
    return this;
  }
}

export const bytesOf = (chunk, encoding) =>
  typeof chunk !== "string" || encoding === "utf8" || encoding === "utf-8"
    ? chunk
    : Buffer.from(chunk, encoding);
