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
const connectionOf = Symbol.for("rill:connection");

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
    const Socket = this[messageSocketOf] ?? MessageSocket;
    const socket = new Socket(native.address(handle, true),
                              native.address(handle, false),
                              () => native.abort(handle), handle);
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
        request.socket = new NetSocket({ [connectionOf]: connection });
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
          this.#onRequest, noop, this.#onFailure, this[tlsContextOf],
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
