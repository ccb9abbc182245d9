// SPDX-License-Identifier: MIT
// node:http's clients: libcurl's transfers, but for requests that ask for an
// upgrade, which have a socket of their own.
import { EventEmitter } from "node:events";
import { connect } from "node:net";
import { codedError } from "rill:internal/errors";
import * as fetcher from "rill:internal/fetch";
import {
  bytesOf,
  IncomingMessage,
  MessageSocket,
  OutgoingMessage,
  setSource,
} from "rill:internal/http_messages";
import { STATUS_CODES } from "rill:internal/http_names";
import { loadBuiltin } from "rill:internal/modules";

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

const pem = (value) => value === undefined || value === null ? undefined
  : Buffer.concat([value].flat().map((one) =>
      Buffer.from(typeof one === "string" ? `${one}\n` : one?.pem ?? one)));

// [ca, cert, key, passphrase, verify]; undefined: libcurl's own rules.
function tlsOptions({ ca, cert, key, passphrase, rejectUnauthorized }) {
  const verify = rejectUnauthorized !== false &&
    process.env.NODE_TLS_REJECT_UNAUTHORIZED !== "0";
  if (ca === undefined && cert === undefined && verify) return undefined;
  return [pem(ca), pem(cert), pem(key), passphrase, verify];
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
  #options;
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
    // An agent's are for all its requests.
    this.#options = { ...options.agent?.options, ...options };
    this.protocol = scheme;
    this.method = (options.method ?? "GET").toUpperCase();
    this.path = options.path ?? "/";
    this.host = options.hostname ?? options.host ?? "localhost";
    this.agent = options.agent ?? globalAgent;
    this.socket = new MessageSocket(undefined, undefined, () => this.destroy());
    if (scheme === "https:") this.socket.encrypted = true;
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
    if (this.hasHeader("upgrade")) {
      this.#startUpgrade();
      return;
    }
    // libcurl says how the body's end shows.
    const length = this.getHeader("content-length");
    if (body === true && length !== undefined) body = Number(length);
    this._fields.delete("content-length");
    this._fields.delete("transfer-encoding");
    const fields = this._flat();
    this._sent = true;
    if (!this.hasHeader("accept")) fields.push("Accept", null);
    if (!this.hasHeader("content-type")) fields.push("Content-Type", null);
    if (!this.hasHeader("expect")) fields.push("Expect", null);
    this.#handle = fetcher.start(
      this.method, this.#url, fields, body, "manual", false,
      this.protocol === "https:" ? tlsOptions(this.#options) : undefined);
    fetcher.head(this.#handle).then((head) => this.#onHead(head),
                                    (error) => this.#fail(error));
  }

  // What becomes of the connection is the caller's: so it is a socket of ours.
  #startUpgrade() {
    const { hostname, port, host } = new URL(this.#url);
    const fields = this._flat();
    this._sent = true;
    if (!this.hasHeader("host")) fields.unshift("Host", host);
    let text = `${this.method} ${this.path} HTTP/1.1\r\n`;
    for (let i = 0; i < fields.length; i += 2) {
      text += `${fields[i]}: ${fields[i + 1]}\r\n`;
    }
    const name = hostname.replace(/^\[|\]$/g, "");
    const socket = this.protocol === "http:"
      ? connect(Number(port || 80), name)
      : loadBuiltin("node:tls").connect({
          ...this.#options, host: name, port: Number(port || 443),
          path: undefined, ALPNProtocols: ["http/1.1"],
        });
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
      : error.code === "ECONNRESET" ? "socket hang up"
      : error.message.replace("fetch failed: SSL certificate problem: ", "");
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
