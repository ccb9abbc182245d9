// SPDX-License-Identifier: MIT
// WebSocket and CloseEvent (WHATWG WebSockets 3), on the sockets of
// rill:websocket.
import { isLackOfMemory } from "rill:internal/errors";
import {
  Event,
  eventHandlers,
  EventTarget,
  fireTrusted,
  MessageEvent,
} from "rill:internal/web/events";
import {
  constants,
  dictionary,
  enumerable,
  required,
  wellFormed,
} from "rill:internal/web/idl";
import { connectWebSocket } from "rill:websocket";

const CONNECTING = 0, OPEN = 1, CLOSING = 2, CLOSED = 3;
const encoder = new TextEncoder();
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

export class CloseEvent extends Event {
  #wasClean;
  #code;
  #reason;
  constructor(type, init = undefined) {
    required(arguments.length, 1, "CloseEvent");
    super(type, init);
    const { wasClean = false, code = 0, reason = "" } = dictionary(init);
    this.#wasClean = Boolean(wasClean);
    this.#code = code & 0xffff;
    this.#reason = wellFormed(reason);
  }
  get wasClean() {
    return this.#wasClean;
  }
  get code() {
    return this.#code;
  }
  get reason() {
    return this.#reason;
  }
  static {
    enumerable(this, "CloseEvent");
  }
}

function parse(text) {
  let url;
  try {
    url = new URL(text);
  } catch (error) {
    if (isLackOfMemory(error)) throw error;
    throw new DOMException(`${text} is no URL`, "SyntaxError");
  }
  if (url.protocol === "http:") url.protocol = "ws:";
  if (url.protocol === "https:") url.protocol = "wss:";
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw new DOMException(`A WebSocket's URL has the scheme ws or wss, not ${
      url.protocol.slice(0, -1)}`, "SyntaxError");
  }
  if (url.href.includes("#")) {
    throw new DOMException("A WebSocket's URL has no fragment", "SyntaxError");
  }
  return url;
}

function checkProtocols(list) {
  const seen = new Set();
  for (const name of list) {
    if (!token.test(name) || seen.has(name.toLowerCase())) {
      throw new DOMException(`${name} is no protocol, or there twice`,
                             "SyntaxError");
    }
    seen.add(name.toLowerCase());
  }
}

export class WebSocket extends EventTarget {
  #url;
  #state = CONNECTING;
  #socket = null;
  #abort = new AbortController();
  #binaryType = "blob";
  #buffered = 0;
  #last = null; // what is sent after a Blob waits for its bytes

  // As elsewhere outside of browsers, the second argument may also be
  // {protocols, headers, tls}.
  constructor(url, protocols = []) {
    required(arguments.length, 1, "WebSocket");
    super();
    this.#url = parse(wellFormed(url));
    let options = {};
    if (typeof protocols === "object" && protocols !== null &&
        protocols[Symbol.iterator] === undefined) {
      options = protocols;
      ({ protocols = [] } = options);
    }
    const list = typeof protocols === "object" && protocols !== null
      ? [...protocols].map(wellFormed) : [wellFormed(protocols)];
    checkProtocols(list);
    const { headers, tls } = options;
    this.#run({ protocols: list, headers, tls, compress: true,
                signal: this.#abort.signal });
  }

  async #run(options) {
    let socket;
    try {
      socket = await connectWebSocket(this.#url.href, options);
    } catch {
      await undefined; // whoever made it has its listeners by then
      this.#state = CLOSED;
      fireTrusted(this, new Event("error"));
      fireTrusted(this, new CloseEvent("close", { code: 1006 }));
      return;
    }
    this.#socket = socket;
    this.#state = OPEN;
    fireTrusted(this, new Event("open"));
    for (;;) {
      const message = await socket.receive();
      if (message === null) break;
      if (this.#state === OPEN) this.#deliver(message);
    }
    const { code, reason, clean } = await socket.closed;
    this.#state = CLOSED;
    if (!clean) fireTrusted(this, new Event("error"));
    fireTrusted(this, new CloseEvent("close", {
      wasClean: clean,
      code: clean ? code : 1006,
      reason: clean ? reason : "",
    }));
  }

  #deliver(message) {
    const data = typeof message === "string" ? message
      : this.#binaryType === "blob" ? new Blob([message]) : message.buffer;
    fireTrusted(this, new MessageEvent("message",
                                       { data, origin: this.#url.origin }));
  }

  get url() {
    return this.#url.href;
  }
  get readyState() {
    return this.#state;
  }
  get bufferedAmount() {
    return this.#buffered;
  }
  get extensions() {
    return this.#socket?.extensions ?? "";
  }
  get protocol() {
    return this.#socket?.protocol ?? "";
  }
  get binaryType() {
    return this.#binaryType;
  }
  set binaryType(type) {
    if (type === "blob" || type === "arraybuffer") this.#binaryType = type;
  }

  send(data) {
    required(arguments.length, 1, "send");
    if (this.#state === CONNECTING) {
      throw new DOMException("The WebSocket is not open yet",
                             "InvalidStateError");
    }
    const isBlob = data instanceof Blob;
    let bytes = data;
    if (ArrayBuffer.isView(data)) {
      // The caller may change it at once.
      bytes = this.#last === null ? data
        : data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength);
    } else if (data instanceof ArrayBuffer ||
               data instanceof SharedArrayBuffer) {
      bytes = this.#last === null ? data : data.slice();
    } else if (!isBlob) {
      bytes = wellFormed(data);
    }
    const length = isBlob ? data.size
      : typeof bytes === "string" ? encoder.encode(bytes).length
      : bytes.byteLength;
    this.#buffered += length;
    if (this.#state !== OPEN) return;
    const sent = () => {
      this.#buffered -= length;
    };
    // The next message must not come without this one: a failure is the end,
    // which the reader sees, if there is memory to end it.
    const lost = () => {
      this.#socket.close(1011).catch((error) => {
        if (isLackOfMemory(error)) throw error;
      });
    };
    if (!isBlob && this.#last === null) {
      this.#socket.send(bytes).then(sent, lost);
      return;
    }
    const after = Promise.resolve(this.#last)
      .then(() => isBlob ? data.arrayBuffer() : bytes)
      .then((ready) => this.#socket.send(ready))
      .then(sent, lost)
      .then(() => {
        if (this.#last === after) this.#last = null;
      });
    this.#last = after;
  }

  close(code = undefined, reason = undefined) {
    if (code !== undefined) {
      code = Math.min(Math.max(Math.round(Number(code)) || 0, 0), 65535);
      if (code !== 1000 && !(code >= 3000 && code <= 4999)) {
        throw new DOMException("The code is 1000 or 3000 to 4999",
                               "InvalidAccessError");
      }
    }
    const text = reason === undefined ? "" : wellFormed(reason);
    if (encoder.encode(text).length > 123) {
      throw new DOMException("The reason is longer than 123 bytes",
                             "SyntaxError");
    }
    if (this.#state >= CLOSING) return;
    const wasOpen = this.#state === OPEN;
    this.#state = CLOSING;
    if (!wasOpen) {
      this.#abort.abort();
      return;
    }
    const end = () => this.#socket.close(code ?? (text === "" ? null : 1000),
                                         text);
    if (this.#last === null) end();
    else this.#last.then(end);
  }

  static {
    constants(this, { CONNECTING, OPEN, CLOSING, CLOSED });
    eventHandlers(this, ["open", "error", "close", "message"]);
    enumerable(this, "WebSocket");
  }
}
