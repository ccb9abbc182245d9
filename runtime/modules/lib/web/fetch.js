// SPDX-License-Identifier: MIT
// Request, Response and fetch (WHATWG Fetch 5.3 to 5.6), without what only
// browsers have: caches, modes and credentials are kept and mean nothing.
import { isLackOfMemory } from "rill:internal/errors";
import { loadBuiltin } from "rill:internal/modules";
import * as trace from "rill:internal/trace";
import * as native from "rill:internal/fetch";
import { addBody, Body, bodyOf, extract } from "rill:internal/web/body";
import { adopt, Headers, listOf, lock } from "rill:internal/web/headers";
import { dictionary, enumerable, required } from "rill:internal/web/idl";
import { mimeTypeText, parseMimeType } from "rill:internal/web/mime";

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const usualMethods = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "POST",
                              "PUT"]);
const choices = {
  cache: ["default", "no-store", "reload", "no-cache", "force-cache",
          "only-if-cached"],
  credentials: ["same-origin", "omit", "include"],
  mode: ["cors", "navigate", "no-cors", "same-origin"],
  redirect: ["follow", "error", "manual"],
};

function methodOf(value) {
  const method = `${value}`, upper = method.toUpperCase();
  if (!token.test(method) || upper === "CONNECT" || upper === "TRACE" ||
      upper === "TRACK") {
    throw new TypeError(`${JSON.stringify(method)} is no method for a request`);
  }
  return usualMethods.has(upper) ? upper : method;
}

function setType(headers, body) {
  if (body === null || body.type === null) return;
  const list = headers[listOf];
  if (list.length === 0) {
    list.push("content-type", body.type);
  } else if (!headers.has("content-type")) {
    headers.append("Content-Type", body.type);
  }
}

let blobOf;

export class Request {
  #method = "GET";
  #url;
  #blob; // of a blob: URL, which may be revoked later
  #headers;
  #signal = null;
  #options = {};
  #integrity = "";
  #keepalive = false;
  #referrer = "about:client";
  #body;

  constructor(input, init = undefined) {
    required(arguments.length, 1, "Request");
    init = dictionary(init, "init");
    let inherited = null;
    if (typeof input === "object" && input !== null && #method in input) {
      const from = input;
      this.#method = from.#method;
      this.#url = from.#url;
      this.#blob = from.#blob;
      this.#headers = new Headers(from.#headers);
      this.#signal = from.#signal;
      this.#options = { ...from.#options };
      this.#integrity = from.#integrity;
      this.#keepalive = from.#keepalive;
      this.#referrer = from.#referrer;
      inherited = from;
    } else {
      const url = new URL(`${input}`);
      if (url.username !== "" || url.password !== "") {
        throw new TypeError("A request's URL holds no user or password");
      }
      this.#url = url.href;
      if (url.protocol === "blob:") {
        this.#blob = loadBuiltin("rill:internal/web/blob")
          .resolveObjectURL(url.href.replace(/#.*$/s, ""));
      }
      this.#headers = new Headers();
    }
    for (const [name, values] of Object.entries(choices)) {
      if (init[name] === undefined) continue;
      const value = `${init[name]}`;
      if (!values.includes(value) || value === "navigate") {
        throw new TypeError(`${name} cannot be ${JSON.stringify(value)}`);
      }
      this.#options[name] = value;
    }
    if (init.method !== undefined) this.#method = methodOf(init.method);
    if (init.integrity !== undefined) this.#integrity = `${init.integrity}`;
    if (init.keepalive !== undefined) this.#keepalive = Boolean(init.keepalive);
    if (init.referrer !== undefined) {
      const referrer = `${init.referrer}`;
      this.#referrer = referrer === "" ? "" : new URL(referrer).href;
    }
    if (init.signal !== undefined) {
      if (init.signal !== null && !(init.signal instanceof AbortSignal)) {
        throw new TypeError("A request's signal is an AbortSignal");
      }
      this.#signal = init.signal;
    }
    if (init.headers !== undefined) this.#headers = new Headers(init.headers);
    const given = init.body ?? null;
    if ((given !== null || (inherited?.[bodyOf] ?? null) !== null) &&
        (this.#method === "GET" || this.#method === "HEAD")) {
      throw new TypeError(`A ${this.#method} request has no body`);
    }
    let body = null;
    if (given !== null) {
      body = extract(given);
      if (body.bytes === null && init.duplex === undefined &&
          typeof ReadableStream === "function" &&
          given instanceof ReadableStream) {
        throw new TypeError('A streamed body needs the option duplex: "half"');
      }
      setType(this.#headers, body);
    } else if (inherited !== null && inherited[bodyOf] !== null) {
      const old = inherited[bodyOf];
      if (old.used || old.stream?.locked) {
        throw new TypeError("The request's body has already been read");
      }
      body = old.stream === null
        ? new Body(old.bytes, old.pull, old.cancel, old.type)
        : extract(old.stream);
      if (old.stream === null) old.used = true;
    }
    this.#body = body;
  }

  get [bodyOf]() {
    return this.#body;
  }
  get method() {
    return this.#method;
  }
  get url() {
    return this.#url;
  }
  get headers() {
    return this.#headers;
  }
  get destination() {
    return "";
  }
  get referrer() {
    return this.#referrer;
  }
  get referrerPolicy() {
    return "";
  }
  get mode() {
    return this.#options.mode ?? "cors";
  }
  get credentials() {
    return this.#options.credentials ?? "same-origin";
  }
  get cache() {
    return this.#options.cache ?? "default";
  }
  get redirect() {
    return this.#options.redirect ?? "follow";
  }
  get integrity() {
    return this.#integrity;
  }
  get keepalive() {
    return this.#keepalive;
  }
  get duplex() {
    return "half";
  }
  get signal() {
    return (this.#signal ??= new AbortController().signal);
  }

  clone() {
    const body = this[bodyOf]?.clone() ?? null;
    const copy = new Request(this.#url, { headers: this.#headers });
    copy.#method = this.#method;
    copy.#signal = this.#signal;
    copy.#options = { ...this.#options };
    copy.#integrity = this.#integrity;
    copy.#keepalive = this.#keepalive;
    copy.#referrer = this.#referrer;
    copy.#blob = this.#blob;
    copy.#body = body;
    return copy;
  }
  static {
    blobOf = (request) => request.#blob;
  }
}

const noBody = new Set([101, 103, 204, 205, 304]);
const redirects = new Set([301, 302, 303, 307, 308]);
let makeResponse;

export class Response {
  #type = "default";
  #url = "";
  #redirected = false;
  #status = 200;
  #statusText = "";
  #headers;
  #body;

  constructor(body = null, init = undefined) {
    if (init === undefined) {
      this.#headers = new Headers();
      this.#body = extract(body);
      setType(this.#headers, this.#body);
      return;
    }
    init = dictionary(init, "init");
    if (init.status !== undefined) {
      const status = Math.trunc(Number(init.status));
      if (!(status >= 200 && status <= 599)) {
        throw new RangeError(`The status must be 200 to 599, not ${init.status}`);
      }
      this.#status = status;
    }
    if (init.statusText !== undefined) {
      const text = `${init.statusText}`;
      if (/[^\t\x20-\x7e\x80-\xff]/.test(text)) {
        throw new TypeError("The status text has characters it cannot have");
      }
      this.#statusText = text;
    }
    this.#headers = new Headers(init.headers);
    const extracted = extract(body);
    if (extracted !== null && noBody.has(this.#status)) {
      throw new TypeError(`A response of status ${this.#status} has no body`);
    }
    setType(this.#headers, extracted);
    this.#body = extracted;
  }

  static error() {
    const response = new Response();
    response.#type = "error";
    response.#status = 0;
    lock(response.#headers);
    return response;
  }

  static json(data, init = undefined) {
    required(arguments.length, 1, "Response.json");
    const text = JSON.stringify(data);
    if (text === undefined) throw new TypeError("The value is no JSON");
    const headers = new Headers(dictionary(init, "init").headers);
    if (!headers.has("content-type")) {
      headers.set("Content-Type", "application/json");
    }
    return new Response(text, { ...init, headers });
  }

  static redirect(url, status = 302) {
    required(arguments.length, 1, "Response.redirect");
    const { href } = new URL(`${url}`);
    if (!redirects.has(status)) {
      throw new RangeError(`${status} is no status of a redirect`);
    }
    const response = new Response(null, { status });
    response.#headers.set("Location", href);
    lock(response.#headers);
    return response;
  }

  get [bodyOf]() {
    return this.#body;
  }
  get type() {
    return this.#type;
  }
  get url() {
    return this.#url;
  }
  get redirected() {
    return this.#redirected;
  }
  get status() {
    return this.#status;
  }
  get ok() {
    return this.#status >= 200 && this.#status <= 299;
  }
  get statusText() {
    return this.#statusText;
  }
  get headers() {
    return this.#headers;
  }

  clone() {
    const copy = new Response();
    copy.#body = this.#body?.clone() ?? null;
    copy.#type = this.#type;
    copy.#url = this.#url;
    copy.#redirected = this.#redirected;
    copy.#status = this.#status;
    copy.#statusText = this.#statusText;
    copy.#headers = new Headers(this.#headers);
    return copy;
  }

  static {
    makeResponse = (head, body) => {
      const response = new Response();
      response.#body = body;
      response.#type = "basic";
      [response.#status, response.#statusText, response.#url] = head;
      response.#redirected = head[3] > 0;
      const list = [];
      for (let i = 4; i < head.length; i += 2) {
        list.push(head[i].toLowerCase(), head[i + 1]);
      }
      response.#headers = lock(adopt(list));
      return response;
    };
  }
}

addBody(Request);
addBody(Response);
enumerable(Request, "Request");
enumerable(Response, "Response");

async function dropBody(body, reason) {
  try {
    await body.drop(reason);
  } catch (error) {
    // How the request ended is the news, unless the source does not hear of it.
    if (isLackOfMemory(error)) throw error;
  }
}

// Sends what a body gives, piece by piece. Gives what drops the rest: that is
// done, too, when the transfer is over, though a piece be waited for.
function sendBody(handle, body, transfer) {
  let unsent = body;
  const drop = (reason) => {
    if (unsent === null) return;
    unsent = null;
    dropBody(body, reason);
  };
  native.over(handle).then(() => drop(transfer.failure?.reason));
  const sendAll = async () => {
    try {
      const pull = body.take();
      for (;;) {
        const piece = await pull();
        if (unsent === null) return;
        if (piece === null) break;
        if (!(await native.send(handle, piece))) {
          drop(transfer.failure?.reason);
          return;
        }
      }
      unsent = null;
      await native.send(handle, null);
    } catch (error) {
      transfer.failure ??= { reason: error };
      native.cancel(handle);
    }
  };
  sendAll();
  return drop;
}

// The end of a transfer that a signal asks for. Who has asked for a response
// and reads it no more does not keep it by the signal.
const collected = new FinalizationRegistry((release) => release());
function watchSignal(signal, handle, transfer) {
  const weak = new WeakRef(handle);
  const onAbort = () => {
    transfer.failure = { reason: signal.reason };
    const alive = weak.deref();
    if (alive !== undefined) native.cancel(alive);
  };
  const release = () => signal.removeEventListener("abort", onAbort);
  collected.register(handle, release);
  signal.addEventListener("abort", onAbort);
  return release;
}

const FETCH = 3, INFO = 3; // of trace/events.h

// With tracing on, a span goes from the call to the response's head.
export async function fetch(input, init = undefined) {
  const request = new Request(input, init);
  if (!trace.wants(FETCH, INFO)) return send(request, input, init);
  const span = trace.begin(FETCH, INFO, `fetch ${request.method} ${request.url}`,
                           "");
  let told = "";
  try {
    const response = await send(request, input, init);
    told = `"status":${response.status}`;
    return response;
  } catch (error) {
    told = `"error":${JSON.stringify(String(error?.message ?? error))}`;
    throw error;
  } finally {
    trace.end(FETCH, INFO, span, told);
  }
}

async function start(request) {
  const fields = [], list = request.headers[listOf];
  for (let i = 0; i < list.length; i += 2) {
    // libcurl says how the body's end shows.
    if (list[i] === "content-length" || list[i] === "transfer-encoding") continue;
    fields.push(list[i], list[i + 1]);
  }
  if (!request.headers.has("user-agent")) fields.push("User-Agent", "rill");
  if (!request.headers.has("accept")) fields.push("Accept", "*/*");
  // Or libcurl asks, and waits for a second for those that do not answer.
  if (!request.headers.has("expect")) fields.push("Expect", null);
  const body = request[bodyOf];
  let sent = null;
  if (body !== null) {
    // What has to be pulled is sent after the request, by sendBody.
    sent = body.isWhole ? await body.all() : true;
    if (!request.headers.has("content-type")) fields.push("Content-Type", null);
  } else if (/^(POST|PUT|PATCH)$/.test(request.method)) {
    sent = new Uint8Array(0);
    fields.push("Content-Type", null);
  }
  return native.start(
    request.method,
    request.url,
    fields,
    sent,
    request.redirect,
    true,
  );
}

async function send(request, input, init) {
  const given = init?.signal ?? (input instanceof Request ? input.signal : null);
  const body = request[bodyOf];
  const transfer = { failure: undefined }; // {reason}: what ended it
  const failed = (error) =>
    transfer.failure === undefined ? error : transfer.failure.reason;
  let handle = null, head;
  let release = () => {};
  let drop = (reason) => {
    if (body !== null) dropBody(body, reason);
  };
  const end = (reason) => {
    release();
    if (handle !== null) native.cancel(handle);
    drop(reason);
  };
  try {
    given?.throwIfAborted();
    const { protocol } = new URL(request.url);
    if (protocol === "data:") return fetchData(request.url);
    if (protocol === "blob:") return await fetchBlob(request);
    if (protocol !== "http:" && protocol !== "https:") {
      throw new TypeError(`fetch failed: the scheme ${protocol} is not known`);
    }
    handle = await start(request);
    if (given) release = watchSignal(given, handle, transfer);
    if (body?.isWhole === false) drop = sendBody(handle, body, transfer);
    head = await native.head(handle);
  } catch (error) {
    const reason = failed(error);
    end(reason);
    throw reason;
  }
  const status = head[0];
  if (redirects.has(status) && request.redirect === "error") {
    end();
    throw new TypeError("fetch failed: the response is a redirect");
  }
  if (request.method === "HEAD" || noBody.has(status)) {
    release();
    return makeResponse(head, null);
  }
  const pull = async () => {
    try {
      const bytes = await native.read(handle);
      if (bytes === null) release();
      return bytes;
    } catch (error) {
      release();
      throw failed(error);
    }
  };
  return makeResponse(head, new Body(null, pull, end));
}

// blob: URLs (WHATWG Fetch 4.3, scheme fetch).
async function fetchBlob(request) {
  const blob = blobOf(request);
  if (request.method !== "GET" || blob === undefined) {
    throw new TypeError("fetch failed: the blob: URL is not known");
  }
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const type = blob.type === "" ? [] : ["content-type", blob.type];
  return makeResponse([200, "OK", request.url, 0, ...type,
                       "content-length", `${blob.size}`],
                      new Body(bytes, null, null));
}

// data: URLs (WHATWG Fetch 6).
function fetchData(url) {
  const text = url.slice(5).replace(/#.*$/s, "");
  const comma = text.indexOf(",");
  if (comma < 0) throw new TypeError("fetch failed: the data: URL has no comma");
  let type = text.slice(0, comma).replace(/^[\t\n\f\r ]+|[\t\n\f\r ]+$/g, "");
  const isBase64 = /; *base64$/i.test(type);
  if (isBase64) type = type.replace(/; *base64$/i, "");
  if (type.startsWith(";")) type = `text/plain${type}`;
  const parsed = parseMimeType(type);
  type = parsed === null ? "text/plain;charset=US-ASCII" : mimeTypeText(parsed);
  const raw = text.slice(comma + 1).replace(/%([0-9a-f]{2})/gi, (_, hex) =>
    String.fromCharCode(parseInt(hex, 16)));
  let latin1 = raw;
  if (isBase64) {
    try {
      latin1 = atob(raw);
    } catch (error) {
      if (isLackOfMemory(error)) throw error;
      throw new TypeError("fetch failed: the data: URL is no base64");
    }
  }
  const bytes = Uint8Array.from(latin1, (c) => c.charCodeAt(0));
  return makeResponse([200, "OK", url, 0, "content-type", type],
                      new Body(bytes, null, null));
}

export { Headers };
