// SPDX-License-Identifier: MIT
// Bodies of requests and responses (WHATWG Fetch 5.2, 5.3). A body is bytes, or
// a source that is pulled; a ReadableStream is made of it only for who asks.
import { loadBuiltin } from "rill:internal/modules";
import { decodeLatin1 } from "rill:internal/text";
import { Blob, File } from "rill:internal/web/blob";
import { encodeMultipart, FormData } from "rill:internal/web/form_data";

const streams = () => loadBuiltin("rill:internal/web/streams/readable");
const encoder = new TextEncoder();
const encode = (text) => encoder.encode(text);
const decode = (bytes) => new TextDecoder().decode(bytes);

// Registered: rill:http knows web responses by it, without loading them.
export const bodyOf = Symbol.for("rill:body");

export class Body {
  #bytes; // Uint8Array, or null
  #text; // the same as a string, not encoded yet; or null
  pull; // () => promise of bytes or null; or null
  cancel; // reason => anything
  stream = null; // once asked for
  type; // Content-Type that goes with it, or null
  #taken = false;

  constructor(source, pull, cancel, type = null) {
    this.#text = typeof source === "string" ? source : null;
    this.#bytes = this.#text === null ? source : null;
    this.pull = pull;
    this.cancel = cancel;
    this.type = type;
  }

  // Somebody has read of it, or may.
  get used() {
    return this.#taken ||
      (this.stream !== null && streams().readableOf(this.stream).disturbed);
  }
  set used(is) {
    this.#taken = is;
  }

  get bytes() {
    if (this.#text !== null) {
      this.#bytes = encode(this.#text);
      this.#text = null;
    }
    return this.#bytes;
  }

  // Bytes that are all there, and no stream that somebody may be reading.
  get isWhole() {
    return this.stream === null && this.bytes !== null;
  }

  // All of it at once, as text or bytes, for who only hands it on; null: it has
  // to be pulled. Marks it as used.
  takeWhole() {
    if (this.used || this.stream !== null) return null;
    const whole = this.#text ?? this.#bytes;
    if (whole !== null) this.used = true;
    return whole;
  }

  // The stream of it, which is its only way out from then on.
  toStream() {
    if (this.stream !== null) return this.stream;
    const { bytes, pull, cancel } = this;
    if (bytes !== null) {
      this.stream = new ReadableStream({
        type: "bytes",
        pull(controller) {
          if (bytes.length !== 0) controller.enqueue(bytes.slice());
          controller.close();
          controller.byobRequest?.respond(0);
        },
      }, { highWaterMark: 0 });
    } else {
      this.stream = new ReadableStream({
        type: "bytes",
        async pull(controller) {
          const chunk = await pull();
          if (chunk === null) {
            controller.close();
            controller.byobRequest?.respond(0);
          } else {
            controller.enqueue(chunk);
          }
        },
        cancel: (reason) => cancel?.(reason),
      }, { highWaterMark: 0 });
    }
    return this.stream;
  }

  // Marks it as used, and gives how to read it.
  take() {
    if (this.used || this.stream?.locked) {
      throw new TypeError("The body has already been read, or is locked");
    }
    this.used = true;
    if (this.stream === null) {
      if (this.pull !== null) return this.pull;
      let rest = this.bytes;
      return async () => {
        const bytes = rest;
        rest = null;
        return bytes;
      };
    }
    const reader = this.stream.getReader();
    this.cancel = (reason) => reader.cancel(reason);
    return async () => {
      const { value, done } = await reader.read();
      if (done) return null;
      if (!(value instanceof Uint8Array)) {
        throw new TypeError("A body's stream gives Uint8Arrays");
      }
      return value;
    };
  }

  // Nobody takes the rest: what gives it is told.
  async drop(reason) {
    if (this.cancel !== null) {
      await this.cancel(reason);
    } else {
      await this.stream?.cancel(reason);
    }
  }

  async all() {
    if (this.isWhole) {
      if (this.used) throw new TypeError("The body has already been read");
      this.used = true;
      return this.bytes.slice();
    }
    const pull = this.take();
    const pieces = [];
    let length = 0;
    for (;;) {
      const piece = await pull();
      if (piece === null) break;
      pieces.push(piece);
      length += piece.length;
    }
    if (pieces.length === 1) return pieces[0];
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  clone() {
    if (this.used || this.stream?.locked) {
      throw new TypeError("The body has already been read, or is locked");
    }
    if (this.isWhole) {
      return new Body(this.bytes, null, null, this.type);
    }
    const [one, two] = this.toStream().tee();
    this.stream = one;
    return ofStream(two, this.type);
  }
}

// A stream of the script's own.
function ofStream(stream, type = null) {
  const body = new Body(null, null, null, type);
  body.stream = stream;
  return body;
}

const isInstance = (value, name) =>
  typeof globalThis[name] === "function" && value instanceof globalThis[name];

// Extracting a body (5.2); null: none.
export function extract(value) {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") {
    return new Body(value, null, null, "text/plain;charset=UTF-8");
  }
  if (typeof value === "object") {
    if (ArrayBuffer.isView(value)) {
      const { buffer, byteOffset, byteLength } = value;
      return new Body(new Uint8Array(buffer, byteOffset, byteLength).slice(),
                      null, null);
    }
    if (value instanceof ArrayBuffer) {
      return new Body(new Uint8Array(value).slice(), null, null);
    }
    if (isInstance(value, "URLSearchParams")) {
      return new Body(`${value}`, null, null,
                      "application/x-www-form-urlencoded;charset=UTF-8");
    }
    if (isInstance(value, "ReadableStream")) {
      if (value.locked) throw new TypeError("The stream is locked");
      return ofStream(value);
    }
    if (value instanceof FormData) {
      const boundary = `----rill${crypto.randomUUID()}`;
      const body = extract(encodeMultipart(value, boundary));
      body.type = `multipart/form-data; boundary=${boundary}`;
      return body;
    }
    if (value instanceof Blob) {
      let left = value;
      const pull = async () => {
        if (left === null) return null;
        const bytes = new Uint8Array(await left.arrayBuffer());
        left = null;
        return bytes.length === 0 ? null : bytes;
      };
      return new Body(null, pull, null, value.type || null);
    }
    const iterator = value[Symbol.asyncIterator];
    if (typeof iterator === "function") {
      const source = iterator.call(value);
      const pull = async () => {
        const { value: chunk, done } = await source.next();
        if (done) return null;
        return typeof chunk === "string" ? encode(chunk) : chunk;
      };
      return new Body(null, pull, () => source.return?.());
    }
  }
  return new Body(`${value}`.toWellFormed(), null, null,
                  "text/plain;charset=UTF-8");
}

async function whole(owner) {
  const body = owner[bodyOf];
  return body === null ? new Uint8Array(0) : body.all();
}

// The parameters of Content-Disposition, in their order, so that none is found
// within another's text; undefined: there are none. Quoted ones have no escapes
// but %0A, %0D and %22 (HTML 4.10.21.8).
function dispositionOf(head) {
  const text =
    /^content-disposition:[ \t]*form-data[ \t]*(;.*?)[ \t]*$/im.exec(head)?.[1];
  if (text === undefined) return undefined;
  const one = /;[ \t]*([^\s=;"]+)=(?:"([^"]*)"|([^\s;"]*))[ \t]*/y;
  const found = new Map();
  for (let at = 0; at < text.length; at = one.lastIndex) {
    one.lastIndex = at;
    const [, name, quoted, token] = one.exec(text) ?? [];
    if (name === undefined) return undefined;
    found.set(name.toLowerCase(),
              quoted?.replace(/%0D/gi, "\r").replace(/%0A/gi, "\n")
                .replace(/%22/g, '"') ?? token);
  }
  return found;
}

// multipart/form-data (RFC 7578).
function parseMultipart(bytes, boundary) {
  const bad = () => new TypeError("The body is no multipart/form-data");
  const form = new FormData();
  const text = decodeLatin1(bytes);
  const delimiter = `\r\n--${boundary}`;
  // The first delimiter has no line before it.
  let at = text.startsWith(delimiter.slice(2)) ? delimiter.length - 2
                                               : text.indexOf(delimiter);
  if (at < 0) throw bad();
  if (at !== delimiter.length - 2) at += delimiter.length;
  while (!text.startsWith("--", at)) {
    const start = text.indexOf("\r\n", at);
    const blank = text.indexOf("\r\n\r\n", start);
    const next = text.indexOf(delimiter, blank + 2);
    if (start < 0 || blank < 0 || next < 0) throw bad();
    const head = decode(bytes.subarray(start + 2, blank));
    const parameters = dispositionOf(head);
    const name = parameters?.get("name");
    if (name === undefined) throw bad();
    const value = bytes.subarray(blank + 4, Math.max(blank + 4, next));
    const file = parameters.get("filename");
    if (file === undefined) {
      form.append(name, decode(value));
    } else {
      const type = /^content-type:\s*(.*?)\s*$/im.exec(head)?.[1] ?? "text/plain";
      form.append(name, new File([value], file, { type }));
    }
    at = next + delimiter.length;
  }
  return form;
}

// The members that Request and Response share.
export function addBody(Class) {
  const members = {
    get body() {
      const body = this[bodyOf];
      return body === null ? null : body.toStream();
    },
    get bodyUsed() {
      return this[bodyOf] !== null && this[bodyOf].used;
    },
    async arrayBuffer() {
      const bytes = await whole(this);
      return bytes.byteLength === bytes.buffer.byteLength
        ? bytes.buffer
        : bytes.slice().buffer;
    },
    async blob() {
      const bytes = await whole(this);
      return new Blob([bytes], { type: this.headers.get("content-type") ?? "" });
    },
    async bytes() {
      return whole(this);
    },
    async json() {
      return JSON.parse(decode(await whole(this)));
    },
    async text() {
      return decode(await whole(this));
    },
    async formData() {
      const type = this.headers.get("content-type") ?? "";
      const boundary =
        /^multipart\/form-data\s*;.*boundary="?([^";]+)"?/i.exec(type)?.[1];
      if (boundary !== undefined) {
        return parseMultipart(await whole(this), boundary);
      }
      if (type.startsWith("application/x-www-form-urlencoded")) {
        const form = new FormData();
        // A byte order mark is text here.
        const text = new TextDecoder("utf-8", { ignoreBOM: true })
          .decode(await whole(this));
        for (const [name, value] of new URLSearchParams(`?${text}`)) {
          form.append(name, value);
        }
        return form;
      }
      throw new TypeError(`A body of type ${JSON.stringify(type)} is no form`);
    },
  };
  for (const [name, descriptor] of
    Object.entries(Object.getOwnPropertyDescriptors(members))) {
    Object.defineProperty(Class.prototype, name, descriptor);
  }
}
