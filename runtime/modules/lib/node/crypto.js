// SPDX-License-Identifier: MIT
// node:crypto: digests, HMAC, PBKDF2, HKDF and random values. Ciphers, keys and
// signatures are not there.
import { Buffer, adopt } from "node:buffer";
import { Transform } from "node:stream";
import { encode } from "rill:internal/encoding";
import {
  digestBlockSize,
  digestFinish,
  digestNew,
  digestUpdate,
  randomFill as fill,
} from "rill:internal/crypto";
import {
  checkFunction,
  codedError,
  invalidArgument,
  outOfRange,
} from "rill:internal/errors";
import { nextTick } from "rill:internal/timers";
import { crypto as webcrypto } from "rill:internal/web/crypto";

const hashes = ["md5", "sha1", "sha224", "sha256", "sha384", "sha512"];
export const getHashes = () => [...hashes];
export const getCiphers = () => [];
export const getCurves = () => [];

function bytesOf(data, encoding, name = "data") {
  if (typeof data === "string") {
    return encode(data, encoding === "buffer" ? "utf8" : encoding);
  }
  if (ArrayBuffer.isView(data) || data instanceof ArrayBuffer) return data;
  throw invalidArgument(
    name,
    "of type string or an instance of Buffer, TypedArray, or DataView", data);
}

function newState(name) {
  if (typeof name !== "string") {
    throw invalidArgument("algorithm", "of type string", name);
  }
  const plain = name.toLowerCase().replace(/^rsa-/, "").replace("-", "");
  const state = digestNew(plain);
  if (state !== undefined) return state;
  throw codedError(Error, "ERR_OSSL_EVP_UNSUPPORTED",
                   "Digest method not supported");
}

const shown = (bytes, encoding) =>
  encoding && encoding !== "buffer" ? adopt(bytes).toString(encoding)
                                    : adopt(bytes);

const updateAfterDigest = () =>
  codedError(Error, "ERR_CRYPTO_HASH_FINALIZED", "Digest already called");

class Hashing extends Transform {
  _transform(chunk, encoding, done) {
    this.update(chunk, encoding);
    done();
  }
  _flush(done) {
    this.push(this.digest());
    done();
  }
}

export class Hash extends Hashing {
  #state;
  #finished = false;
  constructor(algorithm, options) {
    super(options);
    this.#state = algorithm instanceof Hash ? algorithm.#state.slice()
                                            : newState(algorithm);
  }
  copy(options) {
    if (this.#finished) throw updateAfterDigest();
    return new Hash(this, options);
  }
  update(data, encoding) {
    if (this.#finished) throw updateAfterDigest();
    digestUpdate(this.#state, bytesOf(data, encoding));
    return this;
  }
  digest(encoding) {
    if (this.#finished) throw updateAfterDigest();
    this.#finished = true;
    return shown(digestFinish(this.#state), encoding);
  }
}

function hmacStates(algorithm, key) {
  const inner = newState(algorithm), outer = inner.slice();
  const size = digestBlockSize(inner);
  let bytes = new Uint8Array(key.buffer ?? key, key.byteOffset ?? 0,
                             key.byteLength);
  if (bytes.length > size) {
    const state = inner.slice();
    digestUpdate(state, bytes);
    bytes = digestFinish(state);
  }
  const pad = (value) =>
    Uint8Array.from({ length: size }, (_, i) => (bytes[i] ?? 0) ^ value);
  digestUpdate(inner, pad(0x36));
  digestUpdate(outer, pad(0x5c));
  return [inner, outer];
}

// The HMAC of data (an array of pieces) from two states, which stay good.
function hmacOf([inner, outer], ...pieces) {
  const first = inner.slice(), second = outer.slice();
  for (const piece of pieces) digestUpdate(first, piece);
  digestUpdate(second, digestFinish(first));
  return digestFinish(second);
}

export class Hmac extends Hashing {
  #states;
  constructor(algorithm, key, options) {
    super(options);
    this.#states = hmacStates(algorithm,
                              bytesOf(key, options?.encoding, "key"));
  }
  update(data, encoding) {
    if (this.#states === undefined) throw updateAfterDigest();
    digestUpdate(this.#states[0], bytesOf(data, encoding));
    return this;
  }
  digest(encoding) {
    if (this.#states === undefined) return shown(new Uint8Array(0), encoding);
    const result = hmacOf(this.#states);
    this.#states = undefined;
    return shown(result, encoding);
  }
}

export const createHash = (algorithm, options) => new Hash(algorithm, options);
export const createHmac = (algorithm, key, options) =>
  new Hmac(algorithm, key, options);
export const hash = (algorithm, data, encoding = "hex") =>
  createHash(algorithm).update(data).digest(encoding);

// RFC 8018 5.2
export function pbkdf2Sync(password, salt, iterations, length, digest) {
  const states = hmacStates(digest, bytesOf(password, undefined, "password"));
  const saltBytes = bytesOf(salt, undefined, "salt");
  const result = Buffer.alloc(length);
  for (let at = 0, block = 1; at < length; block++) {
    const index = Buffer.alloc(4);
    index.writeUInt32BE(block);
    let last = hmacOf(states, saltBytes, index);
    const sum = last.slice();
    for (let i = 1; i < iterations; i++) {
      last = hmacOf(states, last);
      for (let k = 0; k < sum.length; k++) sum[k] ^= last[k];
    }
    result.set(sum.subarray(0, length - at), at);
    at += sum.length;
  }
  return result;
}

// RFC 5869
export function hkdfSync(digest, key, salt, info, length) {
  const extracted = hmacOf(hmacStates(digest, bytesOf(salt)), bytesOf(key));
  const states = hmacStates(digest, extracted);
  const result = new Uint8Array(length);
  let last = new Uint8Array(0);
  for (let at = 0, block = 1; at < length; block++) {
    last = hmacOf(states, last, bytesOf(info), Uint8Array.of(block));
    result.set(last.subarray(0, length - at), at);
    at += last.length;
  }
  return result.buffer;
}

// f(...args, callback) from a function that gives its result at once.
const callbackForm = (work) => (...args) => {
  const callback = args.pop();
  checkFunction(callback, "callback");
  const value = work(...args);
  nextTick(callback, null, value);
};
export const pbkdf2 = callbackForm(pbkdf2Sync);
export const hkdf = callbackForm(hkdfSync);

export function randomFillSync(target, offset = 0, size) {
  const bytes = new Uint8Array(target.buffer ?? target, target.byteOffset ?? 0,
                               target.byteLength);
  fill(bytes.subarray(offset, size === undefined ? undefined : offset + size));
  return target;
}
export const randomFill = callbackForm(randomFillSync);

export function randomBytes(size, callback) {
  if (typeof size !== "number") {
    throw invalidArgument("size", "of type number", size);
  }
  if (!(size >= 0 && size <= 2 ** 31 - 1)) {
    throw outOfRange("size", ">= 0 && <= 2147483647", size);
  }
  const bytes = randomFillSync(Buffer.alloc(size));
  if (callback === undefined) return bytes;
  checkFunction(callback, "callback");
  return void nextTick(callback, null, bytes);
}
export const pseudoRandomBytes = randomBytes;

export function randomInt(low, high, callback) {
  if (typeof high !== "number") [low, high, callback] = [0, low, high];
  if (!Number.isSafeInteger(low)) {
    throw invalidArgument("min", "a safe integer", low);
  }
  if (!Number.isSafeInteger(high)) {
    throw invalidArgument("max", "a safe integer", high);
  }
  const range = high - low;
  if (!(range > 0 && range < 2 ** 48)) {
    throw outOfRange("max", `greater than the value of "min" (${low})`, high);
  }
  const bytes = new Uint8Array(6);
  const limit = 2 ** 48 - (2 ** 48 % range);
  let drawn;
  do {
    fill(bytes);
    drawn = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
  } while (drawn >= limit);
  const value = low + (drawn % range);
  if (callback === undefined) return value;
  return void nextTick(callback, null, value);
}

// RFC 9562, version 4
export function randomUUID() {
  const bytes = new Uint8Array(16);
  fill(bytes);
  bytes[6] = (bytes[6] & 15) | 64;
  bytes[8] = (bytes[8] & 63) | 128;
  return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export function getRandomValues(view) {
  if (!ArrayBuffer.isView(view) || view instanceof DataView ||
      view instanceof Float32Array || view instanceof Float64Array) {
    const error = new Error(
      "The data argument must be an integer-type TypedArray");
    error.name = "TypeMismatchError";
    throw error;
  }
  if (view.byteLength > 65536) {
    const error = new Error(`The requested length exceeds 65,536 bytes`);
    error.name = "QuotaExceededError";
    throw error;
  }
  return randomFillSync(view);
}

export function timingSafeEqual(a, b) {
  if (a.byteLength !== b.byteLength) {
    throw codedError(RangeError, "ERR_CRYPTO_TIMING_SAFE_EQUAL_LENGTH",
                     "Input buffers must have the same byte length");
  }
  const view = (x) => new Uint8Array(x.buffer ?? x, x.byteOffset, x.byteLength);
  const left = view(a), right = view(b);
  let difference = 0;
  for (let i = 0; i < left.length; i++) difference |= left[i] ^ right[i];
  return difference === 0;
}

export { webcrypto };
export const { subtle } = webcrypto;

export default {
  Hash,
  Hmac,
  createHash,
  createHmac,
  getCiphers,
  getCurves,
  getHashes,
  getRandomValues,
  hash,
  hkdf,
  hkdfSync,
  pbkdf2,
  pbkdf2Sync,
  pseudoRandomBytes,
  randomBytes,
  randomFill,
  randomFillSync,
  randomInt,
  randomUUID,
  subtle,
  timingSafeEqual,
  webcrypto,
};
