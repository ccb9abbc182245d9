// SPDX-License-Identifier: MIT
// Blob and File (W3C File API). A blob's bytes are a list of views that nobody
// changes, so that slices and blobs of blobs share them.
import { loadBuiltin } from "rill:internal/modules";
import { encodeUtf8 } from "rill:internal/text";
import { decode, newDecoder } from "rill:internal/web-encoding";
import {
  dictionary,
  enumerable,
  required,
  wellFormed,
} from "rill:internal/web/idl";

const secret = Symbol("blob");
const CHUNK = 65536;

const isBuffer = (value) => ArrayBuffer.isView(value) ||
    value instanceof ArrayBuffer || value instanceof SharedArrayBuffer;

// A media type as blobs keep it.
function convertType(type) {
  return /[^\x20-\x7e]/.test(type) ? "" : type.toLowerCase();
}

function bytesOf(part, endings) {
  if (ArrayBuffer.isView(part)) {
    return new Uint8Array(part.buffer, part.byteOffset, part.byteLength)
        .slice();
  }
  if (isBuffer(part)) {
    return new Uint8Array(part).slice();
  }
  return encodeUtf8(
      endings === "native" ? part.replace(/\r\n?/g, "\n") : part);
}

function partsOf(list, endings) {
  const pieces = [];
  for (const part of list) {
    if (isBlob(part)) {
      for (const piece of piecesOf(part)) pieces.push(piece);
    } else {
      const bytes = bytesOf(part, endings);
      if (bytes.length > 0) pieces.push(bytes);
    }
  }
  return pieces;
}

let isBlob, piecesOf;

export class Blob {
  #pieces;
  #size = 0;
  #type;

  constructor(parts = undefined, options = undefined) {
    if (parts === secret) {
      this.#pieces = options.pieces;
      this.#type = options.type;
    } else {
      const list = [];
      if (parts !== undefined) {
        if (parts === null || (typeof parts !== "object" &&
                               typeof parts !== "function")) {
          throw new TypeError("The parts of a Blob must be a sequence");
        }
        for (const part of parts) {
          list.push(isBlob(part) || isBuffer(part) ? part : wellFormed(part));
        }
      }
      options = dictionary(options);
      let { endings = "transparent" } = options;
      endings = `${endings}`;
      if (endings !== "transparent" && endings !== "native") {
        throw new TypeError(`"${endings}" is no way to end lines`);
      }
      const { type = "" } = options;
      this.#type = convertType(`${type}`);
      this.#pieces = partsOf(list, endings);
    }
    for (const piece of this.#pieces) this.#size += piece.length;
  }

  get size() {
    return this.#size;
  }
  get type() {
    return this.#type;
  }
  slice(start = undefined, end = undefined, contentType = undefined) {
    const size = this.#size;
    // [Clamp] long long, counted from the end if negative.
    const place = (value, byDefault) => {
      if (value === undefined) return byDefault;
      value = Number(value);
      value = Number.isNaN(value) ? 0 : Math.round(value);
      return value < 0 ? Math.max(size + value, 0) : Math.min(value, size);
    };
    const first = place(start, 0), last = Math.max(place(end, size), first);
    const pieces = [];
    let at = 0;
    for (const piece of this.#pieces) {
      const from = Math.max(first - at, 0);
      const to = Math.min(last - at, piece.length);
      if (from < to) pieces.push(piece.subarray(from, to));
      at += piece.length;
    }
    const type = contentType === undefined ? "" : convertType(`${contentType}`);
    return new Blob(secret, { pieces, type });
  }
  async bytes() {
    return this.#whole();
  }
  async arrayBuffer() {
    return this.#whole().buffer;
  }
  async text() {
    const [decoder] = newDecoder("utf-8", false, false);
    return decode(decoder, this.#whole(), false);
  }
  stream() {
    const pieces = this.#pieces;
    const { ReadableStream } =
        loadBuiltin("rill:internal/web/streams/readable");
    let index = 0, offset = 0;
    return new ReadableStream({
      type: "bytes",
      pull(controller) {
        if (index === pieces.length) {
          controller.close();
          controller.byobRequest?.respond(0);
          return;
        }
        const chunk = pieces[index].slice(offset, offset + CHUNK);
        offset += chunk.length;
        if (offset === pieces[index].length) {
          index++;
          offset = 0;
        }
        controller.enqueue(chunk);
      },
    });
  }

  #whole() {
    const bytes = new Uint8Array(this.#size);
    let at = 0;
    for (const piece of this.#pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return bytes;
  }

  [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
    if (depth < 0) return "[Blob]";
    const { size, type } = this;
    return `Blob ${inspect({ size, type }, options)}`;
  }

  static {
    isBlob = (value) =>
      typeof value === "object" && value !== null && #pieces in value;
    piecesOf = (blob) => blob.#pieces;
    enumerable(this, "Blob", {
      module: "rill:internal/web/blob",
      kind: "Blob",
      serialize: (blob) => (isBlob(blob)
          ? { pieces: blob.#pieces, type: blob.#type } : undefined),
    });
  }
}

let fileParts;

export class File extends Blob {
  #name;
  #lastModified;
  constructor(parts, name, options = undefined) {
    if (parts !== secret) {
      required(arguments.length, 2, "File");
      if (parts === undefined) {
        throw new TypeError("The parts of a File must be a sequence");
      }
    }
    super(parts, options);
    this.#name = wellFormed(name);
    const { lastModified } = dictionary(options);
    this.#lastModified = lastModified === undefined ? Date.now()
        : Math.trunc(Number(lastModified)) || 0;
  }
  get name() {
    return this.#name;
  }
  get lastModified() {
    return this.#lastModified;
  }
  get webkitRelativePath() {
    this.#name;
    return "";
  }
  static {
    fileParts = (file) => (#name in file
        ? { pieces: piecesOf(file), type: file.type, name: file.#name,
            lastModified: file.#lastModified }
        : undefined);
    enumerable(this, "File", {
      module: "rill:internal/web/blob",
      kind: "File",
      serialize: (file) => fileParts(file),
    });
  }
}

export { isBlob };

export const receive = (kind, parts) =>
  kind === "File" ? new File(secret, parts.name, parts)
      : new Blob(secret, parts);

// blob: URLs (File API 8) --------------------------------------------------------

const urls = new Map();

export const resolveObjectURL = (url) => urls.get(`${url}`);

export function createObjectURL(blob) {
  if (!isBlob(blob)) {
    throw new TypeError('The "obj" argument must be an instance of Blob');
  }
  const { crypto } = loadBuiltin("rill:internal/web/crypto");
  const url = `blob:nodedata:${crypto.randomUUID()}`;
  urls.set(url, blob);
  return url;
}

export function revokeObjectURL(url) {
  urls.delete(url.replace(/#.*$/s, ""));
}
