// SPDX-License-Identifier: MIT
// node:zlib: deflate, gzip and raw deflate, at once and as streams. Brotli and
// Zstandard are not there.
import { Buffer, adopt } from "node:buffer";
import { Transform } from "node:stream";
import { encode } from "rill:internal/encoding";
import {
  checkFunction,
  codedError,
  invalidArgument,
  isLackOfMemory,
  outOfRange,
} from "rill:internal/errors";
import { nextTick } from "rill:internal/timers";
import {
  checksum,
  open,
  reset,
  run,
  setParameters,
} from "rill:internal/zlib";

export const constants = {
  Z_NO_FLUSH: 0,
  Z_PARTIAL_FLUSH: 1,
  Z_SYNC_FLUSH: 2,
  Z_FULL_FLUSH: 3,
  Z_FINISH: 4,
  Z_BLOCK: 5,
  Z_OK: 0,
  Z_STREAM_END: 1,
  Z_NEED_DICT: 2,
  Z_ERRNO: -1,
  Z_STREAM_ERROR: -2,
  Z_DATA_ERROR: -3,
  Z_MEM_ERROR: -4,
  Z_BUF_ERROR: -5,
  Z_VERSION_ERROR: -6,
  Z_NO_COMPRESSION: 0,
  Z_BEST_SPEED: 1,
  Z_BEST_COMPRESSION: 9,
  Z_DEFAULT_COMPRESSION: -1,
  Z_FILTERED: 1,
  Z_HUFFMAN_ONLY: 2,
  Z_RLE: 3,
  Z_FIXED: 4,
  Z_DEFAULT_STRATEGY: 0,
  Z_MIN_WINDOWBITS: 8,
  Z_MAX_WINDOWBITS: 15,
  Z_DEFAULT_WINDOWBITS: 15,
  Z_MIN_CHUNK: 64,
  Z_MAX_CHUNK: Infinity,
  Z_DEFAULT_CHUNK: 16384,
  Z_MIN_MEMLEVEL: 1,
  Z_MAX_MEMLEVEL: 9,
  Z_DEFAULT_MEMLEVEL: 8,
  Z_MIN_LEVEL: -1,
  Z_MAX_LEVEL: 9,
  Z_DEFAULT_LEVEL: -1,
};
export const codes = Object.fromEntries(
  ["Z_OK", "Z_STREAM_END", "Z_NEED_DICT", "Z_ERRNO", "Z_STREAM_ERROR",
   "Z_DATA_ERROR", "Z_MEM_ERROR", "Z_BUF_ERROR", "Z_VERSION_ERROR"]
    .flatMap((name) => [[name, constants[name]], [constants[name], name]]));

const [zlibFormat, gzipFormat, rawFormat, anyFormat] = [0, 1, 2, 3];

// name: [inflates, format]
const kinds = {
  Deflate: [false, zlibFormat],
  Inflate: [true, zlibFormat],
  Gzip: [false, gzipFormat],
  Gunzip: [true, gzipFormat],
  DeflateRaw: [false, rawFormat],
  InflateRaw: [true, rawFormat],
  Unzip: [true, anyFormat],
};

function option(options, name, low, high, missing) {
  const value = options[name] ?? missing;
  if (typeof value !== "number") {
    throw invalidArgument(`options.${name}`, "of type number", value);
  }
  if (!(value >= low && value <= high)) {
    throw outOfRange(`options.${name}`, `>= ${low} and <= ${high}`, value);
  }
  return value;
}

function openKind(name, options) {
  const [inflates, format] = kinds[name];
  const bits = option(options, "windowBits", inflates ? 0 : 8, 15, 15);
  // zlib has no raw deflate with 8 bits.
  return open(inflates, format, !inflates && bits === 8 ? 9 : bits || 15,
              option(options, "level", -1, 9, -1),
              option(options, "memLevel", 1, 9, 8),
              option(options, "strategy", 0, 4, 0), options.dictionary);
}

function bytesOf(data) {
  if (typeof data === "string") return encode(data, "utf8");
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) {
    return new Uint8Array(data);
  }
  throw invalidArgument(
    "buffer",
    "of type string or an instance of Buffer, TypedArray, DataView, or " +
      "ArrayBuffer", data);
}

function limited(work, limit) {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError && !isLackOfMemory(error)) {
      throw codedError(RangeError, "ERR_BUFFER_TOO_LARGE",
                       `Cannot create a Buffer larger than ${limit} bytes`);
    }
    throw error;
  }
}

// All of the input in one go.
function convert(name, data, options = {}) {
  options ??= {};
  let bytes = bytesOf(data);
  const handle = openKind(name, options);
  const limit = options.maxOutputLength ?? Infinity;
  const flush = options.finishFlush ?? constants.Z_FINISH;
  const parts = [];
  let total = 0;
  for (;;) {
    const [part, left, ended] = limited(
      () => run(handle, bytes, flush, limit - total), limit);
    parts.push(part);
    total += part.length;
    // A gzip file may have several members; what follows them is dropped.
    if (!ended || left === 0 || name !== "Gunzip") break;
    bytes = bytes.subarray(bytes.length - left);
    if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) break;
    reset(handle);
  }
  return parts.length === 1 ? adopt(parts[0]) : Buffer.concat(parts);
}

class ZlibBase extends Transform {
  #name;
  #handle;
  #options;
  #ended = false;
  bytesWritten = 0;

  constructor(name, options = {}) {
    options ??= {};
    super({ ...options, autoDestroy: true });
    this.#name = name;
    this.#options = options;
    this.#handle = openKind(name, options);
  }
  #run(bytes, flush) {
    if (this.#ended) {
      if (bytes.length === 0 || this.#name !== "Gunzip" ||
          bytes[0] !== 0x1f) {
        return;
      }
      reset(this.#handle);
      this.#ended = false;
    }
    this.bytesWritten += bytes.length;
    const limit = this.#options.maxOutputLength ?? Infinity;
    const [part, left, ended] =
      limited(() => run(this.#handle, bytes, flush, limit), limit);
    const size = this.#options.chunkSize ?? constants.Z_DEFAULT_CHUNK;
    for (let at = 0; at < part.length; at += size) {
      this.push(adopt(part.subarray(at, at + size)));
    }
    this.#ended = ended;
    if (ended && left > 0) {
      this.bytesWritten -= left;
      this.#run(bytes.subarray(bytes.length - left), flush);
    }
  }
  #step(bytes, flush, done) {
    let failure;
    try {
      this.#run(bytes, flush);
    } catch (error) {
      failure = error;
    }
    done(failure); // what its listeners throw is not the step's
  }
  _transform(chunk, encoding, done) {
    this.#step(bytesOf(chunk), this.#options.flush ?? constants.Z_NO_FLUSH,
               done);
  }
  _flush(done) {
    if (this.#ended) {
      done();
    } else {
      this.#step(new Uint8Array(0),
                 this.#options.finishFlush ?? constants.Z_FINISH, done);
    }
  }
  flush(kind, callback) {
    if (typeof kind === "function") [kind, callback] = [undefined, kind];
    // After what was written before.
    this.write(Buffer.alloc(0), () => {
      this.#run(new Uint8Array(0), kind ?? constants.Z_FULL_FLUSH);
      callback?.();
    });
  }
  params(level, strategy, callback) {
    this.flush(constants.Z_SYNC_FLUSH, () => {
      setParameters(this.#handle, level, strategy);
      callback?.();
    });
  }
  reset() {
    reset(this.#handle);
    this.#ended = false;
  }
  close(callback) {
    if (callback) this.once("close", callback);
    this.destroy();
  }
}

const functions = {};
for (const name of Object.keys(kinds)) {
  const method = name[0].toLowerCase() + name.slice(1);
  // Constructors that may be called without new.
  const constructor = { [name]: function (options) {
    return Reflect.construct(ZlibBase, [name, options],
                             new.target ?? constructor);
  } }[name];
  Object.setPrototypeOf(constructor, ZlibBase);
  constructor.prototype = Object.create(ZlibBase.prototype, {
    constructor: { value: constructor, writable: true, configurable: true },
  });
  Object.assign(functions, {
    [name]: constructor,
    [`create${name}`]: (options) => new constructor(options),
    [`${method}Sync`]: (data, options) => convert(name, data, options),
    [method](data, options, callback) {
      if (typeof options === "function") [options, callback] = [{}, options];
      checkFunction(callback, "callback");
      bytesOf(data);
      let result, failure = null;
      try {
        result = convert(name, data, options);
      } catch (error) {
        failure = error;
      }
      nextTick(callback, failure, result);
    },
  });
}

export const crc32 = (data, start = 0) => checksum(bytesOf(data), start);

export const {
  Deflate, DeflateRaw, Gunzip, Gzip, Inflate, InflateRaw, Unzip, createDeflate,
  createDeflateRaw, createGunzip, createGzip, createInflate, createInflateRaw,
  createUnzip, deflate, deflateRaw, deflateRawSync, deflateSync, gunzip,
  gunzipSync, gzip, gzipSync, inflate, inflateRaw, inflateRawSync, inflateSync,
  unzip, unzipSync,
} = functions;
export default { ...constants, ...functions, codes, constants, crc32 };
