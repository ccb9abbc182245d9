// SPDX-License-Identifier: MIT
// rill:http: an HTTP/1.1 server. The hot path, a handler that gives a string or
// {status, headers, body} of plain values, is native; everything else ends in
// `answer` here.
import * as native from "rill:internal/http";
import { checkLimits, withLimits } from "rill:internal/limits";
import { loadBuiltin } from "rill:internal/modules";
import { listenArguments } from "rill:net";

const tlsModule = () => loadBuiltin("rill:internal/tls");

// The read side of the web's Headers.
export class RequestHeaders {
  #request;

  constructor(request) {
    this.#request = request;
  }

  get(name) {
    return native.header(this.#request, String(name));
  }

  has(name) {
    return native.header(this.#request, String(name)) !== null;
  }

  *entries() {
    const names = new Set();
    const list = native.headerList(this.#request);
    for (let i = 0; i < list.length; i += 2) names.add(list[i]);
    for (const name of [...names].sort()) {
      yield [name, native.header(this.#request, name)];
    }
  }

  *keys() {
    for (const [name] of this.entries()) yield name;
  }

  *values() {
    for (const [, value] of this.entries()) yield value;
  }

  forEach(callback, thisArgument) {
    for (const [name, value] of this.entries()) {
      callback.call(thisArgument, value, name, this);
    }
  }

  [Symbol.iterator]() {
    return this.entries();
  }

  get [Symbol.toStringTag]() {
    return "Headers";
  }
}

const headersOf = Symbol("headers");
const signalOf = Symbol("signal");

export class HttpRequest {
  constructor() {
    throw new TypeError("Illegal constructor: HttpRequest");
  }

  get headers() {
    return (this[headersOf] ??= new RequestHeaders(this));
  }

  // Aborts when the peer leaves before it has its response.
  get signal() {
    if (this[signalOf] === undefined) {
      const controller = new AbortController();
      this[signalOf] = controller.signal;
      native.onClose(this, () => controller.abort());
    }
    return this[signalOf];
  }

  get remoteAddress() {
    return native.address(this, true);
  }

  // As a Connection's.
  get tls() {
    return tlsModule().tlsOf(this);
  }

  // Pieces as they come; null: the request has no body.
  get body() {
    return native.hasBody(this) ? pieces(this) : null;
  }

  async blob(limits = undefined) {
    return new Blob([await this.bytes(limits)],
                    { type: this.headers.get("content-type") ?? "" });
  }

  async formData(limits = undefined) {
    const type = this.headers.get("content-type") ?? "";
    const headers = { "content-type": type };
    return new Response(await this.bytes(limits), { headers }).formData();
  }

  async arrayBuffer(limits = undefined) {
    const { buffer, byteOffset, byteLength } = await this.bytes(limits);
    return buffer.slice(byteOffset, byteOffset + byteLength);
  }

  async *[Symbol.asyncIterator]() {
    yield* pieces(this);
  }
}

async function* pieces(request) {
  for (;;) {
    const piece = await request.chunk();
    if (piece === null) return;
    yield piece;
  }
}

function define(prototype, name, descriptor) {
  Object.defineProperty(prototype, name, { configurable: true, ...descriptor });
}
for (const name of ["method", "target", "path", "query", "url"]) {
  define(HttpRequest.prototype, name, { get: native[name], enumerable: true });
}
for (const name of ["text", "json", "bytes", "chunk"]) {
  define(HttpRequest.prototype, name, { value: native[name], writable: true });
}

export class Server {
  constructor() {
    throw new TypeError("Illegal constructor: Server");
  }

  get address() {
    return native.serverAddress(this);
  }

  get port() {
    return native.serverAddress(this)?.port;
  }

  // Waits for the requests under way; after `timeout` milliseconds, or when
  // the signal aborts, not any longer.
  async close({ timeout, signal } = {}) {
    checkLimits(signal, timeout);
    const abort = () => native.abortServer(this);
    const closed = native.closeServer(this);
    const timer = timeout === undefined ? undefined : setTimeout(abort, timeout);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    try {
      await closed;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  abort() {
    return native.abortServer(this);
  }

  ref() {
    native.referenceServer(this, true);
    return this;
  }

  unref() {
    native.referenceServer(this, false);
    return this;
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }
}

// A read of the body that is cut off leaves it as it is: the next one goes on.
const limitedBody = (request, operation, argument, signal, timeout) =>
  withLimits(operation, signal, timeout,
             () => native[operation].call(request),
             () => native.cancelBody(request));
native.setUp(HttpRequest.prototype, Server.prototype, limitedBody);

function addField(fields, name, value) {
  if (Array.isArray(value)) {
    for (const one of value) fields.push(String(name), String(one));
  } else if (value !== undefined) {
    fields.push(String(name), String(value));
  }
}

// [name, value, ...] of a Headers, pairs, or an object.
function flatten(headers) {
  const fields = [];
  if (headers === undefined || headers === null) return fields;
  if (typeof headers[Symbol.iterator] === "function") {
    for (const [name, value] of headers) addField(fields, name, value);
  } else {
    for (const name of Object.keys(headers)) {
      addField(fields, name, headers[name]);
    }
  }
  return fields;
}

function fieldOf(fields, name) {
  for (let i = 0; i < fields.length; i += 2) {
    if (fields[i].toLowerCase() === name) return fields[i + 1];
  }
  return undefined;
}

// Declared by the handler for a streamed body.
function lengthOf(fields) {
  const text = fieldOf(fields, "content-length");
  if (text === undefined) return undefined;
  if (!/^[0-9]{1,15}$/.test(text)) {
    throw new TypeError(`${text} is no Content-Length`);
  }
  return Number(text);
}

async function stream(request, status, fields, body) {
  const iterator =
    typeof body[Symbol.asyncIterator] === "function"
      ? body[Symbol.asyncIterator]()
      : body[Symbol.iterator]();
  let done = false;
  try {
    if (!native.start(request, status, fields, lengthOf(fields))) return;
    for (;;) {
      const step = await iterator.next();
      done = Boolean(step.done);
      if (done) break;
      const waiting = native.write(request, step.value);
      if (waiting !== undefined) await waiting;
    }
    native.end(request);
  } finally {
    if (!done) await iterator.return?.();
  }
}

// The body of a web Response: bytes if it has them, else its pieces. Its source
// is told when the peer leaves, though a piece be waited for.
const bodyOf = Symbol.for("rill:body"), listOf = Symbol.for("rill:headers");
function webBody(request, body) {
  if (body === null) return null;
  const whole = body.takeWhole();
  if (whole !== null) return whole;
  const pull = body.take(), { signal } = request;
  const leave = async () => {
    try {
      await body.drop(signal.reason);
    } catch (error) {
      report(error);
    }
  };
  if (signal.aborted) leave();
  else signal.addEventListener("abort", leave);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      const value = await pull();
      return { value, done: value === null };
    },
    async return() {
      await body.drop();
      return { done: true };
    },
  };
}

// A response that is not of the plain forms.
async function answer(request, response) {
  const isObject = typeof response === "object" && response !== null;
  if (!isObject) {
    throw new TypeError(
      `A response is a string or {status, headers, body}, not ${String(response)}`,
    );
  }
  const { status = 200, headers } = response;
  const fields = headers?.[listOf] ?? flatten(headers);
  let body;
  if (bodyOf in response) {
    body = webBody(request, response[bodyOf]);
  } else {
    ({ body } = response);
  }
  if (body === null || body === undefined) {
    native.respond(request, Number(status), fields, undefined);
  } else if (
    typeof body === "string" ||
    ArrayBuffer.isView(body) ||
    body instanceof ArrayBuffer
  ) {
    if (typeof body === "string" && fieldOf(fields, "content-type") === undefined) {
      fields.push("Content-Type", "text/plain;charset=utf-8");
    }
    native.respond(request, Number(status), fields, body);
  } else if (
    typeof body[Symbol.asyncIterator] === "function" ||
    typeof body[Symbol.iterator] === "function"
  ) {
    await stream(request, Number(status), fields, body);
  } else {
    throw new TypeError("A response's body is a string, bytes or an iterable");
  }
}

// An embedded isolate may have no console.
const report = (error) => globalThis.console?.error(error);
// A response that cannot be given: what gives its body is told, if it is no
// other's.
async function discard(response, reason) {
  try {
    const body = response?.[bodyOf];
    if (body && !body.used) await body.drop(reason);
  } catch (error) {
    report(error);
  }
}
const lostPeer = new Set(["ECANCELED", "ECONNRESET", "EPIPE"]);

const limitNames = {
  maxHeaderBytes: [16384, 61440],
  maxHeaders: [100, 10000],
  maxConnections: [100000, 4294967295],
  maxBodyBytes: [16 * 1024 * 1024, Number.MAX_SAFE_INTEGER],
  headerTimeout: [10000, 4294967295],
  requestTimeout: [300000, 4294967295],
  idleTimeout: [60000, 4294967295],
};

// In the order that native.serve takes them.
export function limitsOf(options) {
  return Object.entries(limitNames).map(([name, [usual, most]]) => {
    const value = options[name] ?? usual;
    const number = value === Infinity ? most : Number(value);
    if (!(number >= 0 && number <= most)) {
      throw new RangeError(`${name} must be 0 to ${most}, not ${value}`);
    }
    return Math.trunc(number);
  });
}

// serve({port, hostname, path, backlog, reusePort, tls, onError, onTlsError,
// ...limits},
// handler): a promise of a Server.
export async function serve(options, handler) {
  if (typeof options === "function") [options, handler] = [handler ?? {}, options];
  handler ??= options.fetch;
  if (typeof handler !== "function") {
    throw new TypeError("serve needs a function that answers requests");
  }
  const { onError = report, onTlsError, tls } = options;
  const context = tls && tlsModule().serverContext(
    { alpn: ["http/1.1"], ...tls, onError: onTlsError });

  const onFailure = async (request, error) => {
    // The peer left: what the handler could not do then is no news.
    const signal = request[signalOf];
    if (signal?.aborted && error === signal.reason) return;
    if (lostPeer.has(error?.code) && !native.isPending(request)) return;
    try {
      const response = await onError(error, request);
      if (response === undefined) {
        await answer(request, { status: 500, body: "Internal Server Error" });
      } else if (typeof response === "string") {
        await answer(request, { status: 500, body: response });
      } else {
        await answer(request, response);
      }
    } catch (failure) {
      report(failure);
      native.abort(request);
    }
  };
  // A web Response that is all there is answered at once.
  const onOther = (request, response) => {
    try {
      const whole = response?.[bodyOf]?.takeWhole() ?? null;
      if (whole !== null) {
        native.respond(request, response.status, response.headers[listOf], whole);
        return;
      }
    } catch (error) {
      discard(response, error);
      onFailure(request, error);
      return;
    }
    answerSlowly(request, response);
  };
  const answerSlowly = async (request, response) => {
    let value;
    try {
      // A thenable of another kind is waited for like a promise.
      value = await response;
      if (typeof value === "string") {
        await answer(request, { body: value });
      } else {
        await answer(request, value);
      }
    } catch (error) {
      // Once it has begun, a response can only be cut off.
      if (!native.isPending(request)) native.abort(request);
      discard(value, error);
      await onFailure(request, error);
    }
  };
  return native.serve(
    ...(await listenArguments(options)),
    limitsOf(options),
    handler,
    onOther,
    onFailure,
    context || undefined,
  );
}

export default { serve };
