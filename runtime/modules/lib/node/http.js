// SPDX-License-Identifier: MIT
// node:http: servers on rill:http's native server, clients on libcurl. The
// socket of a message is a stand-in that knows its addresses: the bytes belong
// to the native side.
import { EventEmitter } from "node:events";
import { Readable, Writable } from "node:stream";
import { codedError } from "rill:internal/errors";
import {
  METHODS,
  STATUS_CODES,
  validateHeaderName,
  validateHeaderValue,
} from "rill:internal/http_names";
import * as native from "rill:internal/http";
import * as fetcher from "rill:internal/fetch";
import { limitsOf } from "rill:http";
import { checkPort, normalize } from "rill:internal/socket_arguments";
import { lookup } from "node:dns";
import { Socket } from "node:net";

export { METHODS, STATUS_CODES, validateHeaderName, validateHeaderValue };
export const maxHeaderSize = 16384;

const noop = () => {};
const connectionOf = Symbol.for("rill:connection");

class MessageSocket extends EventEmitter {
  encrypted = false;
  destroyed = false;
  readable = true;
  writable = true;
  #remote;
  #local;
  #destroy;

  constructor(remote, local, destroy, encrypted = false) {
    super();
    this.#remote = remote;
    this.#local = local;
    this.#destroy = destroy;
    if (encrypted) this.encrypted = true;
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
const { setSource } = IncomingMessage;

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

const bytesOf = (chunk, encoding) =>
  typeof chunk !== "string" || encoding === "utf8" || encoding === "utf-8"
    ? chunk
    : Buffer.from(chunk, encoding);

export class ServerResponse extends OutgoingMessage {
  statusCode = 200;
  statusMessage = undefined;
  req;
  socket;
  #request;
  #first = null; // the only piece so far, kept in case that it is all

  constructor(request, handle) {
    super();
    this.req = request;
    this.socket = request.socket;
    this.#request = handle;
    this.once("finish", () => process.nextTick(() => this.emit("close")));
  }

  writeHead(status, reason, headers) {
    if (this.headersSent) {
      throw codedError(Error, "ERR_HTTP_HEADERS_SENT",
                       "Cannot write headers after they are sent to the client");
    }
    if (typeof reason === "object") [reason, headers] = [undefined, reason];
    if (!(status >= 100 && status <= 999)) {
      throw codedError(RangeError, "ERR_HTTP_INVALID_STATUS_CODE",
                       `Invalid status code: ${status}`);
    }
    this.statusCode = status | 0;
    if (typeof reason === "string") this.statusMessage = reason;
    if (Array.isArray(headers)) {
      const pairs = Array.isArray(headers[0]) ? headers.flat() : headers;
      const seen = new Set();
      for (let i = 0; i < pairs.length; i += 2) {
        const key = `${pairs[i]}`.toLowerCase();
        if (seen.has(key)) this.appendHeader(pairs[i], pairs[i + 1]);
        else this.setHeader(pairs[i], pairs[i + 1]);
        seen.add(key);
      }
    } else if (headers !== undefined && headers !== null) {
      for (const name of Object.keys(headers)) {
        this.setHeader(name, headers[name]);
      }
    }
    return this;
  }
  writeContinue() {}
  writeProcessing() {}
  assignSocket() {}
  detachSocket() {}

  flushHeaders() {
    this.#start();
  }

  #start() {
    if (this.headersSent) return;
    const flat = this._flat();
    this.headersSent = true;
    const length = this.getHeader("content-length");
    native.start(this.#request, this.statusCode, flat,
                 length === undefined ? undefined : Number(length));
    this.statusMessage ??= STATUS_CODES[this.statusCode];
  }

  #push(chunk) {
    return native.write(this.#request, chunk);
  }

  _write(chunk, encoding, callback) {
    const bytes = bytesOf(chunk, encoding);
    if (!this.headersSent && this.#first === null) {
      this.#first = bytes;
      // The end often follows at once: then it is the whole body.
      process.nextTick(() => {
        try {
          if (this.#first !== null) this.#flush();
          callback();
        } catch (error) {
          callback(error);
        }
      });
      return;
    }
    try {
      this.#start();
      const waiting = this.#push(bytes);
      if (waiting === undefined) callback();
      else waiting.then(() => callback(), callback);
    } catch (error) {
      callback(error);
    }
  }

  #flush() {
    const first = this.#first;
    this.#first = null;
    this.#start();
    this.#push(first);
  }

  end(chunk, encoding, callback) {
    if (typeof chunk === "function") [chunk, callback] = [undefined, chunk];
    if (typeof encoding === "function") [encoding, callback] = [undefined, encoding];
    const isWhole = !this.headersSent && this.#first === null &&
      !this.writableEnded && !this.destroyed && this.writableLength === 0;
    if (isWhole) {
      const flat = this._flat();
      this.headersSent = true;
      if (chunk !== undefined && chunk !== null && typeof chunk !== "string" &&
          !ArrayBuffer.isView(chunk)) {
        throw codedError(TypeError, "ERR_INVALID_ARG_TYPE",
                         'The "chunk" argument must be of type string or an ' +
                           "instance of Buffer or Uint8Array.");
      }
      native.respond(this.#request, this.statusCode, flat,
                     chunk === null ? undefined : bytesOf(chunk, encoding ?? "utf8"));
      this.statusMessage ??= STATUS_CODES[this.statusCode];
      this.#first = whole;
      return super.end(callback);
    }
    return super.end(chunk, encoding, callback);
  }

  _final(callback) {
    try {
      if (this.#first !== whole) {
        if (this.#first !== null) this.#flush();
        else this.#start();
        native.end(this.#request);
      }
      callback();
    } catch (error) {
      callback(error);
    }
  }

  _destroy(error, callback) {
    callback(error);
    if (this.writableFinished) return;
    native.abort(this.#request);
    process.nextTick(() => this.emit("close"));
  }
}
const whole = Symbol("whole");

export class Server extends EventEmitter {
  #server = null;
  #options;
  timeout = 0;
  keepAliveTimeout = 5000;
  headersTimeout = 60000;
  requestTimeout = 300000;
  maxHeadersCount = null;
  maxRequestsPerSocket = 0;

  constructor(options, onRequest) {
    super();
    if (typeof options === "function") [options, onRequest] = [{}, options];
    this.#options = options ?? {};
    if (onRequest !== undefined) this.on("request", onRequest);
  }

  get listening() {
    return this.#server !== null;
  }

  #onRequest = (handle) => {
    const socket = new MessageSocket(native.address(handle, true),
                                     native.address(handle, false),
                                     () => native.abort(handle));
    const { IncomingMessage: Incoming = IncomingMessage,
            ServerResponse: Answer = ServerResponse } = this.#options;
    const request = new Incoming(socket);
    request.method = handle.method;
    request.url = handle.target;
    request.httpVersion = native.version(handle);
    request.httpVersionMinor = request.httpVersion === "1.1" ? 1 : 0;
    request.rawHeaders = native.headerList(handle);
    setSource(request, native.hasBody(handle) ? () => handle.chunk() : null);
    const response = new Answer(request, handle);
    if (this.listenerCount("upgrade") !== 0 && request.headers.upgrade) {
      const connection = native.takeOver(handle);
      if (connection !== undefined) {
        request.socket = new Socket({ [connectionOf]: connection });
        this.emit("upgrade", request, request.socket, Buffer.alloc(0));
        return;
      }
    }
    native.onClose(handle, () => {
      request.aborted = true;
      if (!response.writableFinished) {
        socket.destroyed = true;
        request.emit("aborted");
        response.destroy();
        request.destroy();
      }
    });
    response.once("finish", () => socket.emit("finish"));
    if (this.listenerCount("request") === 0) {
      response.statusCode = 404;
      response.end();
      return;
    }
    try {
      this.emit("request", request, response);
    } catch (error) {
      response.destroy();
      throw error;
    }
  };

  listen(...args) {
    if (this.#server !== null) {
      throw codedError(Error, "ERR_SERVER_ALREADY_LISTEN",
                       "Listen method has been called more than once without " +
                         "closing.");
    }
    const [options, callback] = normalize(args);
    const { path, host = "0.0.0.0", backlog = 511, reusePort = false } = options;
    const port = path === undefined ? checkPort(options.port ?? 0) : 0;
    if (callback !== undefined) this.once("listening", callback);
    const start = (address) => {
      try {
        this.#server = native.serve(
          path !== undefined, path ?? address, port, backlog,
          Boolean(reusePort),
          limitsOf({
            maxHeaderBytes: this.#options.maxHeaderSize,
            maxHeaders: this.maxHeadersCount ?? 2000,
            maxBodyBytes: Infinity,
            headerTimeout: this.headersTimeout,
            requestTimeout: this.requestTimeout,
            idleTimeout: this.keepAliveTimeout,
          }),
          this.#onRequest, noop, this.#onFailure,
        );
      } catch (error) {
        process.nextTick(() => this.emit("error", error));
        return;
      }
      process.nextTick(() => {
        if (this.#server !== null) this.emit("listening");
      });
    };
    if (path !== undefined || /^[\d.]+$|:/.test(host)) start(host);
    else {
      lookup(host, (error, address) => {
        if (error) this.emit("error", error);
        else start(address);
      });
    }
    return this;
  }

  // A listener threw: as from any other callback, that is nobody's.
  #onFailure = (request, error) => {
    process.nextTick(() => {
      throw error;
    });
  };

  address() {
    if (this.#server === null) return null;
    const address = native.serverAddress(this.#server);
    if (address.path !== undefined) return address.path;
    return { ...address, family: `IPv${address.family}` };
  }

  close(callback) {
    if (this.#server === null) {
      if (callback !== undefined) {
        process.nextTick(callback, codedError(
          Error, "ERR_SERVER_NOT_RUNNING", "Server is not running."));
      }
      return this;
    }
    if (callback !== undefined) this.once("close", callback);
    const server = this.#server;
    this.#server = null;
    this.#closed = server;
    native.closeServer(server).then(() => this.emit("close"));
    return this;
  }
  #closed = null;
  closeAllConnections() {
    const server = this.#server ?? this.#closed;
    if (server !== null) native.dropConnections(server, false);
  }
  closeIdleConnections() {
    const server = this.#server ?? this.#closed;
    if (server !== null) native.dropConnections(server, true);
  }
  setTimeout(milliseconds, callback) {
    if (typeof callback === "function") this.on("timeout", callback);
    this.timeout = milliseconds;
    return this;
  }
  getConnections(callback) {
    process.nextTick(callback, null, 0);
  }
  ref() {
    if (this.#server !== null) native.referenceServer(this.#server, true);
    return this;
  }
  unref() {
    if (this.#server !== null) native.referenceServer(this.#server, false);
    return this;
  }
  async [Symbol.asyncDispose]() {
    await new Promise((resolve) => this.close(resolve));
  }
}

export const createServer = (options, onRequest) =>
  new Server(options, onRequest);

// Connections are libcurl's to keep.
export class Agent extends EventEmitter {
  maxSockets = Infinity;
  maxFreeSockets = 256;
  sockets = {};
  requests = {};
  freeSockets = {};
  defaultPort = 80;
  protocol = "http:";
  constructor(options = {}) {
    super();
    this.options = { ...options };
    this.keepAlive = options.keepAlive ?? false;
  }
  destroy() {}
}
export const globalAgent = new Agent({ keepAlive: true });

function requestUrl(options, protocol) {
  const scheme = options.protocol ?? options.agent?.protocol ?? protocol;
  let host = options.hostname ?? options.host ?? "localhost";
  if (host.includes(":") && !host.startsWith("[")) host = `[${host}]`;
  const port = options.port ? `:${options.port}` : "";
  const path = options.path ?? "/";
  if (/[^\x21-\xff]/.test(path)) {
    throw codedError(TypeError, "ERR_UNESCAPED_CHARACTERS",
                     "Request path contains unescaped characters");
  }
  return `${scheme}//${host}${port}${path}`;
}

export class ClientRequest extends OutgoingMessage {
  method;
  path;
  host;
  protocol;
  aborted = false;
  reusedSocket = false;
  socket;
  #url;
  #handle = null;
  #answered = false;
  #timer;
  #timeout = 0;
  #body = [];
  #streaming = false;

  constructor(input, options, callback, protocol = "http:") {
    super();
    if (typeof input === "string") input = new URL(input);
    if (typeof options === "function") [options, callback] = [undefined, options];
    if (input instanceof URL) {
      const { username, password } = input;
      options = {
        protocol: input.protocol,
        hostname: input.hostname,
        port: input.port,
        path: input.pathname + input.search,
        ...(username || password
          ? { auth: decodeURIComponent(`${username}:${password}`) }
          : {}),
        ...options,
      };
    } else {
      options = { ...input, ...options };
    }
    const scheme = options.protocol ?? protocol;
    if (scheme !== "http:" && scheme !== "https:") {
      throw codedError(TypeError, "ERR_INVALID_PROTOCOL",
                       `Protocol "${scheme}" not supported. Expected "http:"`);
    }
    this.#url = requestUrl(options, protocol);
    this.protocol = scheme;
    this.method = (options.method ?? "GET").toUpperCase();
    this.path = options.path ?? "/";
    this.host = options.hostname ?? options.host ?? "localhost";
    this.agent = options.agent ?? globalAgent;
    this.socket = new MessageSocket(undefined, undefined, () => this.destroy(),
                                    scheme === "https:");
    if (Array.isArray(options.headers)) {
      for (let i = 0; i < options.headers.length; i += 2) {
        this.appendHeader(options.headers[i], options.headers[i + 1]);
      }
    } else if (options.headers) {
      for (const name of Object.keys(options.headers)) {
        if (options.headers[name] !== undefined) {
          this.setHeader(name, options.headers[name]);
        }
      }
    }
    if (options.auth && !this.hasHeader("authorization")) {
      this.setHeader("Authorization",
                     `Basic ${Buffer.from(options.auth).toString("base64")}`);
    }
    if (callback !== undefined) this.once("response", callback);
    if (options.timeout) this.setTimeout(options.timeout);
    if (options.signal !== undefined) {
      const abort = () => this.destroy(options.signal.reason);
      if (options.signal.aborted) process.nextTick(abort);
      options.signal.addEventListener("abort", abort, { once: true });
    }
    process.nextTick(() => {
      if (!this.destroyed) this.emit("socket", this.socket);
    });
  }

  // Starts the transfer. Without a length the body goes out in chunks.
  #start(body) {
    if (this.#handle !== null || this.destroyed) return;
    if (this.hasHeader("upgrade") && this.protocol === "http:") {
      this.#startUpgrade();
      return;
    }
    // libcurl says how the body's end shows.
    const length = this.getHeader("content-length");
    if (body === true && length !== undefined) body = Number(length);
    this._fields.delete("content-length");
    this._fields.delete("transfer-encoding");
    const fields = this._flat();
    this.headersSent = true;
    if (!this.hasHeader("accept")) fields.push("Accept", null);
    if (!this.hasHeader("content-type")) fields.push("Content-Type", null);
    if (!this.hasHeader("expect")) fields.push("Expect", null);
    this.#handle = fetcher.start(this.method, this.#url, fields, body, "manual",
                                 false);
    fetcher.head(this.#handle).then((head) => this.#onHead(head),
                                    (error) => this.#fail(error));
  }

  // What becomes of the connection is the caller's: so it is a socket of ours.
  #startUpgrade() {
    const { hostname, port, host } = new URL(this.#url);
    const fields = this._flat();
    this.headersSent = true;
    if (!this.hasHeader("host")) fields.unshift("Host", host);
    let text = `${this.method} ${this.path} HTTP/1.1\r\n`;
    for (let i = 0; i < fields.length; i += 2) {
      text += `${fields[i]}: ${fields[i + 1]}\r\n`;
    }
    const socket = new Socket();
    this.socket = socket;
    let head = Buffer.alloc(0);
    const fail = (error) => this.#fail(error);
    const onEnd = () => fail(codedError(Error, "ECONNRESET", "socket hang up"));
    const onData = (chunk) => {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) {
        if (head.length > 65536) {
          socket.destroy();
          fail(codedError(Error, "HPE_HEADER_OVERFLOW", "Header overflow"));
        }
        return;
      }
      socket.removeListener("data", onData);
      socket.removeListener("end", onEnd);
      socket.removeListener("error", fail);
      socket._readableState.flowing = null; // until somebody reads again
      this.#onUpgrade(socket, head.toString("latin1", 0, end),
                      head.subarray(end + 4));
    };
    socket.on("data", onData).once("end", onEnd).on("error", fail);
    socket.connect(Number(port || 80), hostname.replace(/^\[|\]$/g, ""));
    socket.write(`${text}\r\n`, "latin1");
  }

  #onUpgrade(socket, head, rest) {
    if (this.destroyed) {
      socket.destroy();
      return;
    }
    clearTimeout(this.#timer);
    this.#answered = true;
    const lines = head.split("\r\n");
    const [, status, reason] = /^HTTP\/1\.[01] (\d{3}) ?(.*)$/.exec(lines[0]) ?? [];
    const message = new IncomingMessage(socket);
    message.statusCode = Number(status ?? 0);
    message.statusMessage = reason ?? "";
    for (const line of lines.slice(1)) {
      const colon = line.indexOf(":");
      message.rawHeaders.push(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    message.req = this;
    this.res = message;
    if (message.statusCode === 101) {
      if (this.listenerCount("upgrade") === 0) socket.destroy();
      else this.emit("upgrade", message, socket, rest);
      return;
    }
    // Refused: the body is what is there, then what comes until the end.
    let first = rest;
    setSource(message, () => {
      if (first !== null && first.length !== 0) {
        const bytes = first;
        first = null;
        return Promise.resolve(bytes);
      }
      return Promise.resolve(null);
    });
    message.once("close", () => socket.destroy());
    if (!this.emit("response", message)) message.resume();
  }

  #fail(error) {
    clearTimeout(this.#timer);
    if (this.destroyed) return;
    const { port, hostname } = new URL(this.#url);
    const text = error.code === "ECONNREFUSED"
      ? `connect ECONNREFUSED ${hostname}:${port || 80}`
      : error.code === "ENOTFOUND" ? `getaddrinfo ENOTFOUND ${hostname}`
      : error.code === "ECONNRESET" ? "socket hang up" : error.message;
    this.destroy(Object.assign(codedError(Error, error.code, text),
                               { cause: error }));
  }

  #onHead(head) {
    if (this.destroyed) return;
    clearTimeout(this.#timer);
    this.#answered = true;
    const message = new IncomingMessage(this.socket);
    [message.statusCode, message.statusMessage] = head;
    message.statusMessage ||= STATUS_CODES[head[0]] ?? "";
    message.rawHeaders = head.slice(4);
    message.req = this;
    this.res = message;
    const handle = this.#handle;
    const bodiless = this.method === "HEAD" || head[0] === 204 || head[0] === 304;
    setSource(message, bodiless ? null : () => fetcher.read(handle));
    message.once("close", () => {
      fetcher.cancel(handle);
      this.emit("close");
    });
    if (!this.emit("response", message)) message.resume();
  }

  _write(chunk, encoding, callback) {
    const bytes = bytesOf(chunk, encoding);
    if (this.#handle === null) {
      this.#streaming = true;
      this.#start(true);
    }
    if (this.#handle === null) {
      callback();
      return;
    }
    fetcher.send(this.#handle, bytes).then(() => callback(), callback);
  }

  end(chunk, encoding, callback) {
    if (typeof chunk === "function") [chunk, callback] = [undefined, chunk];
    if (typeof encoding === "function") [encoding, callback] = [undefined, encoding];
    if (!this.#streaming && this.writableLength === 0 && !this.writableEnded &&
        !this.destroyed) {
      const has = chunk !== undefined && chunk !== null && chunk.length !== 0;
      const sends = has || !/^(GET|HEAD|DELETE|OPTIONS|TRACE)$/.test(this.method);
      this.#start(sends ? bytesOf(has ? chunk : "", encoding ?? "utf8") : null);
      return super.end(callback);
    }
    return super.end(chunk, encoding, callback);
  }

  flushHeaders() {
    this.#streaming = true;
    this.#start(true);
  }

  _final(callback) {
    if (this.#streaming && this.#handle !== null) {
      fetcher.send(this.#handle, null).then(() => callback(), callback);
    } else {
      callback();
    }
  }

  _destroy(error, callback) {
    clearTimeout(this.#timer);
    if (this.#handle !== null && !this.#answered) fetcher.cancel(this.#handle);
    if (!error && !this.#answered) {
      error = codedError(Error, "ECONNRESET", "socket hang up");
    }
    callback(error);
    process.nextTick(() => this.emit("close"));
  }

  abort() {
    this.aborted = true;
    process.nextTick(() => this.emit("abort"));
    this.res?.destroy();
    this.destroy();
  }
  setTimeout(milliseconds, callback) {
    if (callback !== undefined) this.once("timeout", callback);
    clearTimeout(this.#timer);
    if (milliseconds > 0 && !this.#answered) {
      this.#timer = setTimeout(() => this.emit("timeout"), milliseconds);
    }
    return this;
  }
  setNoDelay() {}
  setSocketKeepAlive() {}
  onSocket() {}
}

export const request = (input, options, callback) =>
  new ClientRequest(input, options, callback);
export function get(input, options, callback) {
  const outgoing = request(input, options, callback);
  outgoing.end();
  return outgoing;
}
export const setMaxIdleHTTPParsers = noop;

export default {
  Agent, ClientRequest, IncomingMessage, METHODS, OutgoingMessage, STATUS_CODES,
  Server, ServerResponse, createServer, get, globalAgent, maxHeaderSize, request,
  setMaxIdleHTTPParsers, validateHeaderName, validateHeaderValue,
};
