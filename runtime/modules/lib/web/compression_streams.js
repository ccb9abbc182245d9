// SPDX-License-Identifier: MIT
// CompressionStream and DecompressionStream (WHATWG Compression).
import { open, run } from "rill:internal/zlib";
import { enumerable, required } from "rill:internal/web/idl";
import { createTransform } from "rill:internal/web/streams/transform";

const [NO_FLUSH, FINISH] = [0, 4]; // zlib's
const formats = { "__proto__": null, "deflate": 0, "gzip": 1, "deflate-raw": 2 };
const PIECE = 64 * 1024; // of the input: what one of them inflates to is bounded

function formatOf(format, name, count) {
  required(count, 1, name);
  const found = formats[`${format}`];
  if (found === undefined) {
    throw new TypeError(`${name}: "${format}" is no compression format`);
  }
  return found;
}

// A BufferSource's bytes, which may not be shared.
function bytesOf(chunk) {
  const isView = ArrayBuffer.isView(chunk);
  const buffer = isView ? chunk.buffer : chunk;
  if (!(buffer instanceof ArrayBuffer)) {
    throw new TypeError("The chunk is no ArrayBuffer and no view of one");
  }
  return isView ? new Uint8Array(buffer, chunk.byteOffset, chunk.byteLength)
      : new Uint8Array(buffer);
}

function put(transform, bytes) {
  if (bytes.length > 0) transform.enqueue(bytes);
}

export class CompressionStream {
  #transform;
  constructor(format) {
    const handle = open(false, formatOf(format, "CompressionStream",
                                        arguments.length), 15, -1, 8, 0);
    this.#transform = createTransform({
      transform: (chunk) => {
        put(this.#transform, run(handle, bytesOf(chunk), NO_FLUSH, Infinity)[0]);
      },
      flush: () => {
        put(this.#transform, run(handle, new Uint8Array(0), FINISH, Infinity)[0]);
      },
    });
  }
  get readable() {
    return this.#transform.readable;
  }
  get writable() {
    return this.#transform.writable;
  }
  static {
    enumerable(this, "CompressionStream");
  }
}

export class DecompressionStream {
  #transform;
  constructor(format) {
    const handle = open(true, formatOf(format, "DecompressionStream",
                                       arguments.length), 15, -1, 8, 0);
    let ended = false;
    const inflate = (bytes, flush) => {
      let result;
      try {
        result = run(handle, bytes, flush, Infinity);
      } catch (error) {
        if (error instanceof RangeError) throw error;
        throw new TypeError(`The compressed data is bad: ${error.message}`,
                            { cause: error });
      }
      const [output, left, isEnd] = result;
      ended = isEnd;
      put(this.#transform, output);
      if (left > 0) throw new TypeError("Something follows the compressed data");
    };
    this.#transform = createTransform({
      transform: (chunk) => {
        const bytes = bytesOf(chunk);
        if (ended && bytes.length > 0) {
          throw new TypeError("Something follows the compressed data");
        }
        for (let at = 0; at < bytes.length; at += PIECE) {
          inflate(bytes.subarray(at, at + PIECE), NO_FLUSH);
          if (ended && at + PIECE < bytes.length) {
            throw new TypeError("Something follows the compressed data");
          }
        }
      },
      flush: () => {
        if (!ended) inflate(new Uint8Array(0), FINISH);
        if (!ended) throw new TypeError("The compressed data has no end");
      },
    });
  }
  get readable() {
    return this.#transform.readable;
  }
  get writable() {
    return this.#transform.writable;
  }
  static {
    enumerable(this, "DecompressionStream");
  }
}
