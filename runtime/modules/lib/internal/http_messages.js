// SPDX-License-Identifier: MIT
// node:http's messages in both directions, for servers and clients.
import { EventEmitter } from "node:events";
import { Readable, Writable } from "node:stream";
import { codedError } from "rill:internal/errors";
import { isTrailer } from "rill:internal/http";
import { destroyOnFailure } from "rill:internal/streams/destroy";
import {
  validateHeaderName,
  validateHeaderValue,
} from "rill:internal/http_names";
import { nextTick } from "rill:internal/timers";

// Stands in for the socket of a message: the bytes belong to the native side.
export class MessageSocket extends EventEmitter {
  encrypted = false;
  destroyed = false;
  readable = true;
  writable = true;
  timeout = 0;
  #timer;
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
  // Nothing is read or written for so long, as far as messages show.
  setTimeout(milliseconds, callback) {
    if (callback !== undefined) this.once("timeout", callback);
    clearTimeout(this.#timer);
    this.timeout = milliseconds;
    if (milliseconds > 0) {
      this.#timer = setTimeout(() => this.emit("timeout"), milliseconds);
      this.#timer.unref();
    }
    return this;
  }
  // Something was: the time begins anew.
  touch() {
    this.#timer?.refresh();
  }
  // The connection is over.
  ended() {
    clearTimeout(this.#timer);
    this.destroyed = true;
    this.readable = this.writable = false;
    this.emit("close", false);
  }
  end() {
    return this.destroy();
  }
  destroySoon() {
    this.destroy();
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
  cork() {}
  uncork() {}
  pause() {
    return this;
  }
  resume() {
    return this;
  }
}

// Makes a class whose constructor can be called on an object, too, as classes
// do that inherit by util.inherits. What it has to do is `initialize`.
export function callable(initialize, Class) {
  function Callable(...args) {
    if (new.target === undefined && !(this instanceof Callable)) {
      return new Callable(...args);
    }
    initialize.apply(this, args);
  }
  Object.setPrototypeOf(Callable, Object.getPrototypeOf(Class));
  Callable.prototype = Class.prototype;
  Object.defineProperties(Callable.prototype,
                          { constructor: { value: Callable } });
  Object.defineProperties(Callable, {
    prototype: { writable: false, enumerable: false },
    name: { value: Class.name },
  });
  return Callable;
}

// Repeated fields of these keep their first value.
const single = new Set([
  "age", "authorization", "content-length", "content-type", "etag", "expires",
  "from", "host", "if-modified-since", "if-unmodified-since", "last-modified",
  "location", "max-forwards", "proxy-authorization", "referer", "retry-after",
  "server", "user-agent",
]);

// {name: value} of [name, value, ...]: repeated ones are joined.
function joined(raw) {
  const headers = {};
  for (let i = 0; i < raw.length; i += 2) {
    const name = raw[i].toLowerCase(), value = raw[i + 1];
    if (name === "set-cookie") (headers[name] ??= []).push(value);
    else if (headers[name] === undefined) headers[name] = value;
    else if (name === "cookie") headers[name] += `; ${value}`;
    else if (!single.has(name)) headers[name] += `, ${value}`;
  }
  return headers;
}

function distinct(raw) {
  const found = Object.create(null);
  for (let i = 0; i < raw.length; i += 2) {
    (found[raw[i].toLowerCase()] ??= []).push(raw[i + 1]);
  }
  return found;
}

const headersOf = Symbol("headers"), trailersOf = Symbol("trailers");
const pullOf = Symbol("pull"), timerOf = Symbol("timer");

export const IncomingMessage = callable(function (socket) {
  Readable.call(this, { highWaterMark: 65536 });
  this.httpVersion = "1.1";
  this.httpVersionMajor = 1;
  this.httpVersionMinor = 1;
  this.complete = false;
  this.aborted = false;
  this.rawHeaders = [];
  this.rawTrailers = [];
  this.method = null;
  this.url = "";
  this.statusCode = null;
  this.statusMessage = null;
  this.socket = socket;
  this[headersOf] = this[trailersOf] = undefined;
  this[pullOf] = null;
}, class IncomingMessage extends Readable {
  get connection() {
    return this.socket;
  }

  get headers() {
    return (this[headersOf] ??= joined(this.rawHeaders));
  }
  set headers(value) {
    this[headersOf] = value;
  }
  get headersDistinct() {
    return distinct(this.rawHeaders);
  }
  get trailers() {
    return this[trailersOf] ?? joined(this.rawTrailers);
  }
  set trailers(value) {
    this[trailersOf] = value;
  }
  get trailersDistinct() {
    return distinct(this.rawTrailers);
  }

  // Of the socket, of which there is one.
  setTimeout(milliseconds, callback) {
    if (callback !== undefined) this.once("timeout", callback);
    this.socket?.setTimeout(milliseconds);
    return this;
  }

  _read() {
    const pull = this[pullOf];
    if (pull === null) {
      this.complete = true;
      this.push(null);
      return;
    }
    pull().then(
      (chunk) => {
        if (chunk === null) {
          this.complete = true;
          this[pullOf] = null;
          this.push(null);
        } else {
          this.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
        }
      },
      (error) => {
        if (!this.destroyed) {
          this.destroy(error.code?.startsWith("HPE_") ? error : cutOff());
        }
      },
    );
  }

  _destroy(error, callback) {
    if (!this.readableEnded || !this.complete) {
      this.aborted = true;
      this.emit("aborted");
      if (!this.complete) this.socket?.destroy(error);
    }
    // A peer that leaves is nobody's error unless somebody listens.
    nextTick(() => callback(this.listenerCount("error") === 0 ? null : error));
  }
});

// What a message gets that its peer does not end.
export const cutOff = () => codedError(Error, "ECONNRESET", "aborted");

// Where the body comes from: () => promise of bytes or null; null: no body.
export function setSource(message, pull) {
  message[pullOf] = pull;
  if (pull === null) message.complete = true;
}

// Its body is dropped, if nobody reads it. Is it so?
export function dropUnread(message) {
  if (message.readableDidRead || message.readableFlowing !== null ||
      message.listenerCount("readable") > 0) {
    return false;
  }
  setSource(message, null);
  message.resume();
  return true;
}

function checkNotSent(message) {
  if (message.headersSent) {
    throw codedError(Error, "ERR_HTTP_HEADERS_SENT",
                     "Cannot set headers after they are sent to the client");
  }
}

export const OutgoingMessage = callable(function () {
  Writable.call(this, {
    decodeStrings: false,
    highWaterMark: 65536,
    autoDestroy: false,
    emitClose: false,
  });
  this._fields = new Map(); // lower-case name: [name, value]
  this._trailers = undefined; // [name, value, ...]
  this._sent = false; // the head is on its way
  this._announced = false; // by writeHead: nothing changes any more
  this.sendDate = true;
  this.chunkedEncoding = false;
  this.shouldKeepAlive = true;
  this[timerOf] = undefined;
}, class OutgoingMessage extends Writable {
  [destroyOnFailure](error) {
    this.destroy(error);
  }
  get headersSent() {
    return this._sent || this._announced;
  }
  setHeader(name, value) {
    checkNotSent(this);
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
    checkNotSent(this);
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
  addTrailers(headers) {
    const pairs = Array.isArray(headers) ? headers : Object.entries(headers);
    this._trailers ??= [];
    for (const [name, value] of pairs) {
      validateHeaderName(name);
      if (!isTrailer(name)) {
        throw codedError(Error, "ERR_HTTP_TRAILER_INVALID",
                         `${name} cannot come behind the body`);
      }
      const text = value === undefined ? value : `${value}`;
      validateHeaderValue(name, text);
      this._trailers.push(name, text);
    }
  }

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
  // Nothing happened for so long: until it is over.
  setTimeout(milliseconds, callback) {
    if (callback !== undefined) this.once("timeout", callback);
    clearTimeout(this[timerOf]);
    if (milliseconds > 0) {
      this[timerOf] = setTimeout(() => this.emit("timeout"), milliseconds);
      this.once("close", () => clearTimeout(this[timerOf]));
    }
    return this;
  }
});

export const bytesOf = (chunk, encoding) =>
  typeof chunk !== "string" || encoding === "utf8" || encoding === "utf-8"
    ? chunk
    : Buffer.from(chunk, encoding);
