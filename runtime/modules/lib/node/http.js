// SPDX-License-Identifier: MIT
// node:http: servers on rill:http's native server; messages and clients are in
// rill:internal/http_messages and http_client.
import { lookup } from "node:dns";
import { EventEmitter } from "node:events";
import { Socket as NetSocket } from "node:net";
import { limitsOf } from "rill:http";
import { codedError } from "rill:internal/errors";
import * as native from "rill:internal/http";
import { Agent, ClientRequest, globalAgent } from "rill:internal/http_client";
import {
  bytesOf,
  callable,
  cutOff,
  dropUnread,
  IncomingMessage,
  MessageSocket,
  OutgoingMessage,
  setSource,
} from "rill:internal/http_messages";
import {
  METHODS,
  STATUS_CODES,
  validateHeaderName,
  validateHeaderValue,
} from "rill:internal/http_names";
import { checkPort, normalize } from "rill:internal/socket_arguments";
import { destroyOnFailure, tellClose } from "rill:internal/streams/destroy";
import { throwLater } from "rill:internal/timers";

export {
  Agent,
  ClientRequest,
  globalAgent,
  IncomingMessage,
  METHODS,
  OutgoingMessage,
  STATUS_CODES,
  validateHeaderName,
  validateHeaderValue,
};
export const maxHeaderSize = 16384;

const noop = () => {};
// What node:https adds to a server.
const tlsContextOf = Symbol.for("rill:tls");
const messageSocketOf = Symbol.for("rill:message-socket");
const takenSocketOf = Symbol.for("rill:taken-socket");
const connectionOf = Symbol.for("rill:connection");

let writeHead; // as it is unless somebody overrides it
const handleOf = Symbol("handle"); // undefined: nobody reads it
const firstOf = Symbol("first"); // the only piece so far: it may be all
const whole = Symbol("whole");
const failedOf = Symbol("failed"); // a step of its own

// Who overrides writeHead sees each head.
function announce(response) {
  if (!response._announced && response.writeHead !== writeHead) {
    response.writeHead(response.statusCode);
  }
}

function startResponse(response) {
  if (response._sent) return;
  announce(response);
  const flat = response._flat();
  const length = response.getHeader("content-length");
  sendHead(response, (handle) => native.start(
    handle, response.statusCode, flat,
    length === undefined ? undefined : Number(length)));
}

// What is not of the plain kind is said before.
function sendHead(response, send) {
  const { sendDate, shouldKeepAlive } = response;
  const handle = response[handleOf];
  response._sent = response._announced = true;
  const usual = STATUS_CODES[response.statusCode] ?? "unknown";
  response.statusMessage ??= usual;
  if (handle === undefined) return;
  const isOther = response.statusMessage !== usual;
  if (isOther || !sendDate || !shouldKeepAlive) {
    native.decorate(handle, isOther ? `${response.statusMessage}` : undefined,
                    sendDate, shouldKeepAlive);
  }
  send(handle);
}

function pushPiece(response, chunk) {
  const handle = response[handleOf];
  return handle === undefined ? undefined : native.write(handle, chunk);
}

function flushFirst(response) {
  const first = response[firstOf];
  response[firstOf] = null;
  startResponse(response);
  pushPiece(response, first);
}

// What a stream's callback is told. The callback itself is called after this:
// what its listeners throw is not the step's.
function failureOf(step) {
  try {
    step();
  } catch (error) {
    return error;
  }
}

function checkHeadersNotSent(response) {
  if (response.headersSent) {
    throw codedError(Error, "ERR_HTTP_HEADERS_SENT",
                     "Cannot write headers after they are sent to the client");
  }
}

function inform(response, status, fields, callback) {
  const handle = response[handleOf];
  if (handle !== undefined) native.inform(handle, status, fields);
  if (typeof callback === "function") process.nextTick(callback);
}

export const ServerResponse = callable(function (request, handle) {
  OutgoingMessage.call(this);
  this.statusCode = 200;
  this.statusMessage = undefined;
  this.req = request;
  this.socket = request?.socket ?? null;
  this[handleOf] = handle;
  this[firstOf] = null;
  this[failedOf] = false;
  this.once("finish", () => process.nextTick(() => this.emit("close")));
}, class ServerResponse extends OutgoingMessage {
  writeHead(status, reason, headers) {
    checkHeadersNotSent(this);
    if (typeof reason === "object") [reason, headers] = [undefined, reason];
    if (!(status >= 100 && status <= 999)) {
      throw codedError(RangeError, "ERR_HTTP_INVALID_STATUS_CODE",
                       `Invalid status code: ${status}`);
    }
    this.statusCode = status | 0;
    if (typeof reason === "string") this.statusMessage = reason;
    if (Array.isArray(headers)) {
      const pairs = Array.isArray(headers[0]) ? headers.flat() : headers;
      if (pairs.length % 2 !== 0) {
        throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                         "The argument 'headers' is invalid.");
      }
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
    this._announced = true;
    this.statusMessage ??= STATUS_CODES[this.statusCode] ?? "unknown";
    return this;
  }
  _implicitHeader() {
    this.writeHead(this.statusCode);
  }
  writeContinue(callback) {
    inform(this, 100, [], callback);
  }
  writeProcessing(callback) {
    inform(this, 102, [], callback);
  }
  writeEarlyHints(hints, callback) {
    const { link, ...others } = hints;
    if (link === undefined) return;
    const fields = ["Link", [].concat(link).join(", ")];
    for (const [name, value] of Object.entries(others)) {
      validateHeaderName(name);
      validateHeaderValue(name, value);
      fields.push(name, `${value}`);
    }
    inform(this, 103, fields, callback);
  }
  assignSocket(socket) {
    this.socket = socket;
    this.emit("socket", socket);
  }
  detachSocket() {
    this.socket = null;
  }

  // What goes on the wire, for those who look.
  get _header() {
    if (!this.headersSent) return null;
    let text = `HTTP/1.1 ${this.statusCode} ${this.statusMessage}\r\n`;
    const flat = this._flat();
    for (let i = 0; i < flat.length; i += 2) {
      text += `${flat[i]}: ${flat[i + 1]}\r\n`;
    }
    if (this.sendDate && !this.hasHeader("date")) {
      text += `Date: ${new Date().toUTCString()}\r\n`;
    }
    if (!this.hasHeader("connection")) {
      text += `Connection: ${this.shouldKeepAlive ? "keep-alive" : "close"}\r\n`;
    }
    if (!this.hasHeader("content-length") && this[firstOf] !== whole) {
      text += "Transfer-Encoding: chunked\r\n";
    }
    return `${text}\r\n`;
  }

  flushHeaders() {
    startResponse(this);
  }

  _write(chunk, encoding, callback) {
    const bytes = bytesOf(chunk, encoding);
    this.socket?.touch?.();
    if (!this._sent && this[firstOf] === null) {
      announce(this);
      this[firstOf] = bytes;
      // The end often follows at once: then it is the whole body.
      process.nextTick(() => callback(failureOf(() => {
        if (this[firstOf] !== null) flushFirst(this);
      })));
      return;
    }
    let waiting;
    const failure = failureOf(() => {
      startResponse(this);
      waiting = pushPiece(this, bytes);
    });
    if (waiting === undefined) callback(failure);
    else waiting.then(() => callback(), callback);
  }

  end(chunk, encoding, callback) {
    if (typeof chunk === "function") [chunk, callback] = [undefined, chunk];
    if (typeof encoding === "function") [encoding, callback] = [undefined, encoding];
    const isWhole = !this._sent && this[firstOf] === null &&
      !this.writableEnded && !this.destroyed && this.writableLength === 0 &&
      this._trailers === undefined;
    if (isWhole) {
      if (chunk !== undefined && chunk !== null && typeof chunk !== "string" &&
          !ArrayBuffer.isView(chunk)) {
        throw codedError(TypeError, "ERR_INVALID_ARG_TYPE",
                         'The "chunk" argument must be of type string or an ' +
                           "instance of Buffer or Uint8Array.");
      }
      announce(this);
      const flat = this._flat();
      this[firstOf] = whole;
      sendHead(this, (handle) => native.respond(
        handle, this.statusCode, flat,
        chunk === null ? undefined : bytesOf(chunk, encoding ?? "utf8")));
      return super.end(callback);
    }
    return super.end(chunk, encoding, callback);
  }

  _final(callback) {
    callback(failureOf(() => {
      if (this[firstOf] === whole) return;
      if (this[firstOf] !== null) flushFirst(this);
      else startResponse(this);
      const handle = this[handleOf];
      if (handle !== undefined) native.end(handle, this._trailers, true);
    }));
  }

  _destroy(error, callback) {
    if (!this.writableFinished && this[handleOf] !== undefined) {
      native.abort(this[handleOf], true);
    }
    // Who gives it up knows why.
    callback(this[failedOf] ? error : null);
  }

  [destroyOnFailure](error) {
    this[failedOf] = true;
    this.destroy(error);
  }

  [tellClose]() {
    if (!this.writableFinished) this.emit("close");
  }
});

({ writeHead } = ServerResponse.prototype);

// Of a bad request, by the status that it would get.
const parseErrors = {
  __proto__: null,
  400: ["HPE_INVALID_CONSTANT", "Parse Error: Bad request"],
  408: ["ERR_HTTP_REQUEST_TIMEOUT", "Request timeout"],
  413: ["HPE_BODY_OVERFLOW", "Parse Error: Body too long"],
  431: ["HPE_HEADER_OVERFLOW", "Parse Error: Header overflow"],
  501: ["HPE_INVALID_TRANSFER_ENCODING",
        "Parse Error: Transfer-Encoding is not supported"],
  505: ["HPE_INVALID_VERSION", "Parse Error: Invalid HTTP version"],
};
const bodyError = ["HPE_INVALID_CHUNK_SIZE",
                   "Parse Error: Invalid character in chunk size"];
const [BAD_HEAD, BAD_BODY_ANSWERED] = [0, 2]; // runtime/io/http/server.h
const requestOf = Symbol.for("rill:request"); // a socket's last one
const countOf = Symbol("requests");

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
    for (const name of ["headersTimeout", "keepAliveTimeout", "requestTimeout",
                        "maxRequestsPerSocket"]) {
      if (this.#options[name] !== undefined) this[name] = this.#options[name];
    }
    if (onRequest !== undefined) this.on("request", onRequest);
  }

  get listening() {
    return this.#server !== null;
  }

  // One for all requests of a connection.
  #socketOf(handle) {
    let socket = native.connectionSocket(handle);
    if (socket === undefined) {
      const Socket = this[messageSocketOf] ?? MessageSocket;
      socket = new Socket(native.address(handle, true),
                          native.address(handle, false), () => {
        native.dropConnections(this.#server ?? this.#closed, false, socket);
      });
      native.connectionSocket(handle, socket);
      socket.server = this;
      socket[countOf] = 0;
      socket[requestOf] = handle;
      if (this.timeout > 0) {
        socket.setTimeout(this.timeout);
        socket.on("timeout", () => {
          if (!this.emit("timeout", socket)) socket.destroy();
        });
      }
      this.emit("connection", socket);
    }
    socket[requestOf] = handle;
    socket[countOf]++;
    socket.touch();
    return socket;
  }

  // The connection of a bad request, the status that it would get, and the part
  // that is bad.
  #onClientError = (connection, status, part) => {
    const [code, message] = part !== BAD_HEAD ? bodyError
      : parseErrors[status] ?? parseErrors[400];
    const socket = this.#takenSocket(connection);
    socket.on("error", noop);
    if (this.emit("clientError", codedError(Error, code, message), socket)) return;
    if (part === BAD_BODY_ANSWERED) {
      socket.destroy();
      return;
    }
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n` +
               "Connection: close\r\n\r\n");
  };

  #takenSocket(connection) {
    return this[takenSocketOf]?.(connection) ??
      new NetSocket({ [connectionOf]: connection });
  }

  #onRequest = (handle) => {
    const socket = this.#socketOf(handle);
    const { IncomingMessage: Incoming = IncomingMessage,
            ServerResponse: Answer = ServerResponse } = this.#options;
    const request = new Incoming(socket);
    request.method = handle.method;
    request.url = handle.target;
    request.httpVersion = native.version(handle);
    request.httpVersionMinor = request.httpVersion === "1.1" ? 1 : 0;
    request.rawHeaders = native.headerList(handle, true);
    if (this.maxHeadersCount > 0) {
      request.rawHeaders.length =
        Math.min(request.rawHeaders.length, 2 * this.maxHeadersCount);
    }
    const hasBody = native.hasBody(handle);
    setSource(request, !hasBody ? null
      : () => handle.chunk().then((chunk) => {
          socket.touch();
          if (chunk === null) request.rawTrailers = native.endBody(handle);
          return chunk;
        }));
    const response = new Answer(request, handle);
    const { expect, upgrade } = request.headers;
    const other = request.method === "CONNECT" ? "connect"
      : upgrade && this.listenerCount("upgrade") !== 0 ? "upgrade" : undefined;
    if (other !== undefined) {
      const connection = native.takeOver(handle);
      if (connection !== undefined) {
        request.socket = this.#takenSocket(connection);
        if (!this.emit(other, request, request.socket, Buffer.alloc(0))) {
          request.socket.destroy();
        }
        return;
      }
    }
    if (this.maxRequestsPerSocket > 0 &&
        socket[countOf] >= this.maxRequestsPerSocket) {
      response.shouldKeepAlive = false;
    }
    native.onClose(handle, () => {
      if (response.writableFinished) return;
      socket.destroyed = true;
      request.destroy(cutOff());
      response.destroy();
    });
    response.once("finish", () => {
      socket.touch();
      if (hasBody && dropUnread(request)) native.dropBody(handle);
    });
    const event = expect !== undefined && request.httpVersionMinor === 1 &&
      this.listenerCount("checkContinue") !== 0 ? "checkContinue" : "request";
    if (this.listenerCount(event) === 0) {
      response.statusCode = 404;
      response.end();
      return;
    }
    try {
      this.emit(event, request, response);
    } catch (error) {
      native.abort(handle);
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
          this.#onRequest, noop, this.#onFailure, this[tlsContextOf],
        );
        native.forNode(this.#server, (socket) => socket.ended());
        native.onClientError(this.#server, this.#onClientError);
        process.nextTick(() => {
          if (this.#server !== null) this.emit("listening");
        });
      } catch (error) {
        const server = this.#server;
        this.#server = null;
        if (server !== null) native.closeServer(server);
        process.nextTick(() => this.emit("error", error));
      }
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
  #onFailure = (request, error) => throwLater(error);

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
    const server = this.#server ?? this.#closed;
    process.nextTick(callback, null,
                     server === null ? 0 : native.connectionCount(server));
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
