// SPDX-License-Identifier: MIT
// node:http's ClientRequest: a request on a socket of an agent's, and the
// response that comes back, parsed as strictly as the server parses requests.
import { codedError } from "rill:internal/errors";
import { chunkedStep, isTrailer, responseHead } from "rill:internal/http";
import { Agent, globalAgent, ownSocket } from "rill:internal/http_agent";
import {
  bytesOf,
  cutOff,
  IncomingMessage,
  OutgoingMessage,
  setSource,
} from "rill:internal/http_messages";
import { validateHeaderValue } from "rill:internal/http_names";
import { tellClose } from "rill:internal/streams/destroy";
import { nextTick } from "rill:internal/timers";

export { Agent, globalAgent };

const MAX_HEAD = 16384;
const BODY_AHEAD = 65536;
const [NEEDS_MORE, DATA, TRAILERS, END] = [0, 1, 2, 3];
const empty = new Uint8Array(0);
const ignore = () => {};

const parseErrors = new WeakSet();
function parseError(code, message) {
  const error = codedError(Error, code, `Parse Error: ${message}`);
  parseErrors.add(error);
  return error;
}
const headErrors = {
  400: ["HPE_INVALID_HEADER_TOKEN", "Invalid response head"],
  417: ["HPE_INVALID_STATUS", "Invalid status code"],
  431: ["HPE_HEADER_OVERFLOW", "Header overflow"],
  501: ["HPE_INVALID_TRANSFER_ENCODING", "Unsupported Transfer-Encoding"],
  505: ["HPE_INVALID_VERSION", "Invalid HTTP version"],
};
const hangUp = () => codedError(Error, "ECONNRESET", "socket hang up");

// The pieces of a body between the socket, which is paused when they are too
// many, and the message that pulls them.
class BodyQueue {
  #pieces = [];
  #length = 0;
  #waiting; // {resolve, reject} of a pull
  #end; // null, or an error; undefined: it goes on
  constructor(socket) {
    this.socket = socket;
  }
  push(bytes) {
    if (bytes.length === 0) return;
    if (this.#waiting !== undefined) {
      this.#settle("resolve", bytes);
      return;
    }
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    if (this.#length > BODY_AHEAD) this.socket.pause();
  }
  end(error) {
    if (this.#end !== undefined) return;
    this.#end = error;
    if (this.#waiting === undefined) return;
    if (error === null) this.#settle("resolve", null);
    else this.#settle("reject", error);
  }
  #settle(how, value) {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting[how](value);
  }
  pull() {
    if (this.#pieces.length > 0) {
      const bytes = this.#pieces.shift();
      this.#length -= bytes.length;
      if (this.#length <= BODY_AHEAD && this.#end === undefined) {
        this.socket.resume();
      }
      return Promise.resolve(bytes);
    }
    if (this.#end === null) return Promise.resolve(null);
    if (this.#end !== undefined) return Promise.reject(this.#end);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }
}

// Takes a connection's bytes apart. request: onHead(head), which says what the
// body is: "none", "tunnel", or "some"; onEnd(trailers), onBad(error).
class ResponseReader {
  #request;
  #held = empty; // of a head, or of trailers
  #state = "head";
  #left = 0;
  #chunks;
  #queue;
  constructor(request, socket) {
    this.#request = request;
    this.socket = socket;
  }
  take(bytes) {
    try {
      while (bytes.length > 0) {
        const rest = this.#step(bytes);
        if (rest === undefined) return;
        // With what a script has made of subarray it might go on for ever.
        if (!(rest.length < bytes.length)) {
          throw parseError("HPE_INTERNAL", "Nothing was used");
        }
        bytes = rest;
      }
    } catch (error) {
      if (!parseErrors.has(error)) throw error; // a listener's
      this.#state = "over";
      this.#queue?.end(error);
      this.#request.onBad(error);
    }
  }
  // What is left over; undefined: all was used, or nothing can be.
  #step(bytes) {
    switch (this.#state) {
      case "head":
        return this.#head(bytes);
      case "length": {
        const piece = bytes.subarray(0, this.#left);
        this.#left -= piece.length;
        this.#queue.push(piece);
        const rest = bytes.subarray(piece.length);
        if (this.#left === 0) this.#finish([], rest);
        return rest;
      }
      case "chunked":
        return this.#chunk(bytes);
      case "close":
        this.#queue.push(bytes);
        return undefined;
      default:
        return undefined;
    }
  }
  #head(bytes) {
    if (this.#held.length > 0) bytes = Buffer.concat([this.#held, bytes]);
    this.#held = empty;
    const found = responseHead(bytes, 2000);
    if (typeof found === "number") {
      throw parseError(...(headErrors[found] ?? headErrors[400]));
    }
    const limit = this.#request.maxHeaderSize ?? MAX_HEAD;
    if ((found === undefined ? bytes.length : found[0]) > limit) {
      throw parseError(...headErrors[431]);
    }
    if (found === undefined) {
      this.#held = bytes;
      return undefined;
    }
    const rest = bytes.subarray(found[0]);
    const [, status, , minor, length, chunked, keepAlive] = found;
    if (status < 200 && status !== 101) {
      this.#request.onInterim(found);
      return rest;
    }
    this.#queue = new BodyQueue(this.socket);
    const kind = this.#request.onHead(found, this.#queue, rest);
    if (kind === "tunnel") {
      this.#state = "over";
      return undefined;
    }
    this.canStay = keepAlive;
    if (kind === "none" || (length === 0 && !chunked)) {
      this.#finish([], rest);
    } else if (chunked) {
      this.#state = "chunked";
      this.#chunks = new Uint8Array(32);
    } else if (length > 0) {
      this.#state = "length";
      this.#left = length;
    } else {
      this.#state = "close";
      this.canStay = false;
    }
    return rest.length === 0 ? undefined : rest;
  }
  #chunk(bytes) {
    for (let at = 0; at < bytes.length;) {
      const inTrailers = this.#left === 1;
      const [result, next, start, length] = chunkedStep(this.#chunks, bytes, at);
      if (result > END) {
        throw parseError("HPE_INVALID_CHUNK_SIZE",
                         "Invalid character in chunk size");
      }
      if (result === DATA) this.#queue.push(bytes.subarray(start, start + length));
      if (inTrailers) this.#held = Buffer.concat([this.#held, bytes.subarray(at, next)]);
      if (result === TRAILERS) this.#left = 1;
      at = next;
      if (result === END) {
        const lines = this.#held.length === 0 ? []
          : Buffer.from(this.#held).latin1Slice().split("\r\n");
        this.#held = empty;
        this.#left = 0;
        this.#finish(lines.filter((line) => line !== "").flatMap((line) => {
          const colon = line.indexOf(":"), name = line.slice(0, colon);
          if (!isTrailer(name)) throw parseError(...headErrors[400]);
          return [name, line.slice(colon + 1).trim()];
        }), bytes.subarray(at));
        return undefined;
      }
      if (result === NEEDS_MORE) break;
    }
    return undefined;
  }
  #finish(trailers, rest = empty) {
    this.#state = "over";
    // Nobody asked for what follows: who knows what comes next.
    if (rest.length > 0) this.canStay = false;
    this.#request.onEnd(trailers);
    this.#queue.end(null);
  }
  // The peer's end: of a body that nothing else ends.
  end() {
    if (this.#state === "close") this.#finish([]);
  }
  // The connection's.
  close(error) {
    if (!error) this.end();
    if (this.#state === "length" || this.#state === "chunked" ||
               this.#state === "close") {
      this.#state = "over";
      this.#queue.end(error ?? cutOff());
    }
  }
}

function optionsOf(url) {
  const { username, password, hostname } = url;
  return {
    protocol: url.protocol,
    hostname: hostname.startsWith("[") ? hostname.slice(1, -1) : hostname,
    hash: url.hash,
    search: url.search,
    pathname: url.pathname,
    path: url.pathname + url.search,
    href: url.href,
    ...(url.port !== "" ? { port: Number(url.port) } : {}),
    ...(username || password
      ? { auth: decodeURIComponent(`${username}:${password}`) } : {}),
  };
}

const withoutBody = /^(GET|HEAD|DELETE|OPTIONS|TRACE|CONNECT)$/;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const checkPath = (path) => {
  if (!/[^\x21-\xff]/.test(path)) return;
  throw codedError(TypeError, "ERR_UNESCAPED_CHARACTERS",
                   "Request path contains unescaped characters");
};

export class ClientRequest extends OutgoingMessage {
  aborted = false;
  reusedSocket = false;
  res = null;
  timeout;
  #options;
  #reader;
  #isAnswered = false; // the response's head is there
  #isComplete = false; // its body as well
  #isSent = false; // the request's body
  #isGone = false; // the socket is no longer ours
  #error;
  #waiting; // a write, until there is a socket
  #chunked = false;
  #detach;

  constructor(input, options, callback, defaultAgent = globalAgent) {
    super();
    if (typeof input === "string") input = optionsOf(new URL(input));
    else if (input instanceof URL) input = optionsOf(input);
    if (typeof options === "function") [options, callback] = [undefined, options];
    options = this.#options = { ...input, ...options };
    let { agent } = options;
    if (agent === false) agent = new defaultAgent.constructor();
    else if (agent === undefined || agent === null) {
      agent = typeof options.createConnection === "function" ? undefined
        : defaultAgent;
    } else if (typeof agent.addRequest !== "function") {
      throw codedError(TypeError, "ERR_INVALID_ARG_TYPE",
                       'The "options.agent" property must be one of Agent-like ' +
                         "Object, undefined, or false.");
    }
    this.agent = agent;
    const expected = (agent ?? defaultAgent).protocol;
    this.protocol = options.protocol ?? defaultAgent.protocol;
    if (expected !== undefined && this.protocol !== expected) {
      throw codedError(TypeError, "ERR_INVALID_PROTOCOL",
                       `Protocol "${this.protocol}" not supported. Expected ` +
                         `"${expected}"`);
    }
    this.path = options.path || "/";
    checkPath(this.path);
    const method = options.method ?? "GET";
    if (typeof method !== "string" || !token.test(method)) {
      throw codedError(TypeError, "ERR_INVALID_HTTP_TOKEN",
                       `Method must be a valid HTTP token ["${method}"]`);
    }
    this.method = method.toUpperCase();
    const defaultPort = options.defaultPort ?? (agent ?? defaultAgent).defaultPort;
    const port = options.port = options.port || defaultPort || 80;
    const host = options.host =
      options.hostname || options.host || "localhost";
    this.host = host;
    this.maxHeaderSize = options.maxHeaderSize;
    this.shouldKeepAlive = agent === undefined ? false
      : agent.keepAlive || agent.maxSockets !== Infinity;
    const { headers } = options;
    if (Array.isArray(headers)) {
      const pairs = Array.isArray(headers[0]) ? headers.flat() : headers;
      for (let i = 0; i < pairs.length; i += 2) {
        this.appendHeader(pairs[i], pairs[i + 1]);
      }
    } else if (headers) {
      for (const name of Object.keys(headers)) {
        if (headers[name] !== undefined) this.setHeader(name, headers[name]);
      }
    }
    if (!this.hasHeader("host") && options.setHost !== false) {
      const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
      this.setHeader("Host", Number(port) === defaultPort ? name
        : `${name}:${port}`);
    }
    if (options.auth && !this.hasHeader("authorization")) {
      this.setHeader("Authorization",
                     `Basic ${Buffer.from(options.auth).toString("base64")}`);
    }
    if (callback !== undefined) this.once("response", callback);
    if (options.timeout !== undefined) this.timeout = Number(options.timeout);
    const { signal } = options;
    if (signal !== undefined) {
      const abort = () => {
        const error = new Error("The operation was aborted",
                                { cause: signal.reason });
        this.destroy(Object.assign(error, { name: "AbortError",
                                            code: "ABORT_ERR" }));
      };
      if (signal.aborted) nextTick(abort);
      else {
        signal.addEventListener("abort", abort, { once: true });
        this.once("close", () => signal.removeEventListener("abort", abort));
      }
    }
    if (this.agent !== undefined) this.agent.addRequest(this, options);
    else {
      ownSocket(this, { ...options, path: options.socketPath },
                options.createConnection);
    }
  }

  // From an agent, once.
  onSocket(socket, error) {
    nextTick(() => {
      if (error || (socket.destroyed && !this.destroyed)) {
        this.destroy(error ?? hangUp());
      } else if (this.destroyed) {
        this.#giveBack(socket);
      } else {
        this.#attach(socket);
      }
    });
  }

  // A request that was given up before it had its socket.
  #giveBack(socket) {
    if (this.agent === undefined || this.#error) {
      socket.on("error", ignore); // the request has told it
      socket.destroy(this.#error);
    } else {
      socket.emit("free");
    }
  }

  #attach(socket) {
    this.socket = socket;
    socket._httpMessage = this;
    socket.emit("reused");
    const reader = this.#reader = new ResponseReader(this, socket);
    const onData = (bytes) => reader.take(bytes);
    const onEnd = () => {
      reader.end();
      if (!this.#isAnswered) this.#fail(hangUp());
      else socket.end?.();
    };
    const onError = (error) => {
      reader.close(error);
      this.#fail(error);
    };
    const onClose = () => {
      reader.close();
      // What a response lacks is its own matter.
      if (this.#isAnswered) this.destroy();
      else this.#fail(hangUp());
      this.#leave();
    };
    const onTimeout = () => this.emit("timeout");
    const listeners = { data: onData, end: onEnd, error: onError,
                        close: onClose, timeout: onTimeout };
    for (const [name, listener] of Object.entries(listeners)) {
      socket.on(name, listener);
    }
    this.#detach = () => {
      for (const [name, listener] of Object.entries(listeners)) {
        socket.removeListener(name, listener);
      }
    };
    if (this.timeout) socket.setTimeout(this.timeout);
    this.emit("socket", socket);
    if (this.destroyed) return;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
    if (this.hasHeader("expect")) this.flushHeaders();
  }

  #leave() {
    this.#detach?.();
    this.#detach = undefined;
    this.#isGone = true;
  }

  // Runs once there is a socket.
  #withSocket(work) {
    if (this.#reader !== undefined) work(this.socket);
    else this.#waiting = () => work(this.socket);
  }

  // False: something in it is not to be sent, and the request is over.
  #sendHead(socket) {
    if (this._sent) return true;
    try {
      this.#writeHead(socket);
      return true;
    } catch (error) {
      this.destroy(error);
      return false;
    }
  }
  #writeHead(socket) {
    if (this.hasHeader("transfer-encoding")) {
      this.#chunked = /\bchunked\s*$/i.test(this.getHeader("transfer-encoding"));
      // RFC 9112 6.2: not with the other, which someone may go by.
      this._fields.delete("content-length");
      if (!this.#chunked) this.shouldKeepAlive = false;
    } else if (!this.hasHeader("content-length")) {
      if (!withoutBody.test(this.method) || this.#hasBody) {
        this.#chunked = true;
        this._fields.set("transfer-encoding", ["Transfer-Encoding", "chunked"]);
      }
    }
    if (!this.hasHeader("connection") && !this.hasHeader("upgrade")) {
      this._fields.set("connection",
                       ["Connection", this.shouldKeepAlive ? "keep-alive" : "close"]);
    } else if (/\bclose\b/i.test(this.getHeader("connection") ?? "")) {
      this.shouldKeepAlive = false;
    }
    const flat = this._flat();
    this._sent = true;
    const length = this.getHeader("content-length");
    if (/^\d+$/.test(length)) this.#left = Number(length);
    const method = `${this.method}`, path = `${this.path}`;
    checkPath(path); // it may have been set since
    if (!token.test(method)) throw new TypeError(`${method} is no method`);
    let text = `${method} ${path} HTTP/1.1\r\n`;
    for (let i = 0; i < flat.length; i += 2) {
      // What a value gives as its text now.
      validateHeaderValue(flat[i], flat[i + 1]);
      text += `${flat[i]}: ${flat[i + 1]}\r\n`;
    }
    socket.write(`${text}\r\n`, "latin1");
  }
  #hasBody = false;
  #left = Infinity; // of what its Content-Length says

  _write(chunk, encoding, callback) {
    const bytes = bytesOf(chunk, encoding);
    this.#hasBody = true;
    this.#withSocket((socket) => {
      if (!this.#sendHead(socket)) return callback();
      socket.cork?.();
      const data = typeof bytes === "string" ? Buffer.from(bytes) : bytes;
      // More would be the beginning of another request.
      if (data.length > this.#left) {
        socket.uncork?.();
        callback(codedError(Error, "ERR_HTTP_CONTENT_LENGTH_MISMATCH",
                            "The request's body is longer than its Content-Length"));
        return;
      }
      this.#left -= data.length;
      if (this.#chunked) socket.write(`${data.length.toString(16)}\r\n`, "latin1");
      const done = socket.write(data, this.#chunked ? undefined : callback);
      if (this.#chunked) socket.write("\r\n", "latin1", callback);
      socket.uncork?.();
      return done;
    });
  }

  end(chunk, encoding, callback) {
    if (typeof chunk === "function") [chunk, callback] = [undefined, chunk];
    if (typeof encoding === "function") [encoding, callback] = [undefined, encoding];
    if (!this._sent && !this.#hasBody && !this.writableEnded &&
        this.writableLength === 0 && this._trailers === undefined) {
      const has = chunk !== undefined && chunk !== null && chunk.length !== 0;
      if (!this.hasHeader("transfer-encoding") &&
          !this.hasHeader("content-length") &&
          (has || !withoutBody.test(this.method))) {
        const length = !has ? 0 : typeof chunk === "string"
          ? Buffer.byteLength(chunk, encoding) : chunk.byteLength ?? chunk.length;
        this.setHeader("Content-Length", length);
      }
    }
    return super.end(chunk, encoding, callback);
  }

  flushHeaders() {
    this.#hasBody ||= !withoutBody.test(this.method);
    if (this._sent) return;
    if (this.#reader !== undefined) this.#sendHead(this.socket);
    else if (this.#waiting === undefined) {
      this.#waiting = () => this.#sendHead(this.socket);
    }
  }

  _final(callback) {
    this.#withSocket((socket) => {
      if (!this.#sendHead(socket)) return callback();
      if (this.#chunked) {
        let text = "0\r\n";
        const list = this._trailers ?? [];
        for (let i = 0; i < list.length; i += 2) text += `${list[i]}: ${list[i + 1]}\r\n`;
        socket.write(`${text}\r\n`, "latin1");
      }
      this.#isSent = true;
      callback();
      if (this.#isComplete) this.#release();
    });
  }

  // What the reader finds --------------------------------------------------------

  #messageOf([, status, reason, minor, , , , , fields]) {
    const message = new IncomingMessage(this.socket);
    message.statusCode = status;
    message.statusMessage = reason;
    message.httpVersion = `1.${minor}`;
    message.httpVersionMinor = minor;
    message.rawHeaders = fields;
    message.req = this;
    return message;
  }

  onInterim(head) {
    const { statusCode, statusMessage, httpVersion, httpVersionMinor, headers,
            rawHeaders } = this.#messageOf(head);
    if (statusCode === 100) this.emit("continue");
    this.emit("information", {
      statusCode, statusMessage, httpVersion, httpVersionMajor: 1,
      httpVersionMinor, headers, rawHeaders,
    });
  }

  onHead(head, queue, rest) {
    const status = head[1];
    const message = this.res = this.#messageOf(head);
    this.#isAnswered = true;
    const event = status === 101 ? "upgrade"
      : this.method === "CONNECT" && status < 300 ? "connect" : undefined;
    if (event !== undefined) {
      const { socket } = this;
      this.#isComplete = true;
      this.#leave();
      socket.emit("agentRemove");
      socket._readableState.flowing = null; // until somebody reads again
      this.destroyed = true;
      if (this.listenerCount(event) === 0) socket.destroy();
      else this.emit(event, message, socket, Buffer.from(rest));
      nextTick(() => this.emit("close"));
      return "tunnel";
    }
    const hasBody = !(this.method === "HEAD" || status === 204 || status === 304);
    setSource(message, hasBody ? () => queue.pull() : null);
    message.once("close", () => {
      if (!this.#isComplete && !this.#isGone) this.socket.destroy();
    });
    if (!this.emit("response", message)) message.resume();
    return hasBody ? "some" : "none";
  }

  onEnd(trailers) {
    this.#isComplete = true;
    this.res.rawTrailers = trailers;
    if (this.#isSent) this.#release();
  }

  onBad(error) {
    this.#fail(error);
  }

  // The socket is the agent's again.
  #release() {
    if (this.#isGone) return;
    const { socket } = this;
    this.#leave();
    if (this.timeout) socket.setTimeout(0);
    // A body that is shorter than was said takes from the next request. What
    // the peer has sent beyond its response is no answer to that.
    if (this.#left !== Infinity && this.#left > 0) this.#reader.canStay = false;
    const drop = () => socket.destroy();
    socket.on("data", drop);
    socket.once("reused", () => socket.removeListener("data", drop));
    socket.resume?.();
    if (this.shouldKeepAlive && this.#reader.canStay && !socket.destroyed) {
      nextTick(() => socket.emit("free"));
    } else {
      socket.destroy();
    }
    nextTick(() => this.emit("close"));
  }

  #fail(error) {
    if (this.destroyed || this.#error !== undefined) return;
    if (this.#isComplete) return;
    this.destroy(error);
  }

  _destroy(error, callback) {
    const { socket } = this;
    if (!error && !this.#isAnswered) error = hangUp();
    this.#error = error ?? undefined;
    if (this.res !== null && !this.#isComplete && !this.res.destroyed) {
      this.#reader.close(error?.code?.startsWith("HPE_") ? error : undefined);
    }
    const wasOurs = socket !== undefined && socket !== null && !this.#isGone;
    if (wasOurs) {
      // First, so that it is done again where memory was lacking for it.
      socket.on("error", ignore);
      socket.destroy();
      this.#leave();
    }
    callback(error);
  }

  [tellClose]() {
    this.emit("close");
  }

  abort() {
    if (this.aborted) return;
    this.aborted = true;
    nextTick(() => this.emit("abort"));
    this.destroy();
  }
  setTimeout(milliseconds, callback) {
    if (callback !== undefined) this.once("timeout", callback);
    this.timeout = milliseconds;
    if (this.socket !== undefined && !this.#isGone) {
      this.socket.setTimeout(milliseconds);
    }
    return this;
  }
  setNoDelay(on) {
    this.#onSocket((socket) => socket.setNoDelay(on));
  }
  setSocketKeepAlive(on, delay) {
    this.#onSocket((socket) => socket.setKeepAlive(on, delay));
  }
  #onSocket(work) {
    if (this.socket) work(this.socket);
    else this.once("socket", work);
  }
}
