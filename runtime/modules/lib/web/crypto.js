// SPDX-License-Identifier: MIT
// crypto: random values and digests (W3C Web Cryptography API 10 and 14.3.5).
// Keys, and what is done with them, are not there.
import {
  digestFinish,
  digestNew,
  digestUpdate,
  randomFill,
} from "rill:internal/crypto";
import { DOMException } from "rill:internal/web/dom_exception";
import {
  enumerable,
  illegalConstructor,
  required,
} from "rill:internal/web/idl";

const secret = Symbol("crypto");
const integerArrays = new Set([
  "Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array",
  "Int32Array", "Uint32Array", "BigInt64Array", "BigUint64Array",
]);
const kindOf = Function.prototype.call.bind(Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get);

const digests = {
  __proto__: null,
  "SHA-1": "sha1",
  "SHA-256": "sha256",
  "SHA-384": "sha384",
  "SHA-512": "sha512",
};

// A copy of the bytes of a BufferSource.
function copyOf(data) {
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
        .slice();
  }
  if (data instanceof ArrayBuffer) return new Uint8Array(data).slice();
  throw new TypeError(
      'The "data" argument must be an ArrayBuffer or a view of one');
}

export class SubtleCrypto {
  #brand;
  constructor(key = undefined) {
    if (key !== secret) throw illegalConstructor();
  }
  async digest(algorithm, data) {
    this.#brand;
    required(arguments.length, 2, "digest");
    const name = typeof algorithm === "object" && algorithm !== null
        ? algorithm.name : algorithm;
    if (name === undefined) throw new TypeError("The algorithm has no name");
    const bytes = copyOf(data);
    const digest = digests[`${name}`.toUpperCase()];
    if (digest === undefined) {
      throw new DOMException("Unrecognized algorithm name",
                             "NotSupportedError");
    }
    const state = digestNew(digest);
    digestUpdate(state, bytes);
    const result = digestFinish(state);
    return result.buffer.byteLength === result.byteLength ? result.buffer
        : result.slice().buffer;
  }
  static {
    enumerable(this, "SubtleCrypto");
  }
}

export class Crypto {
  #subtle = new SubtleCrypto(secret);
  constructor(key = undefined) {
    if (key !== secret) throw illegalConstructor();
  }
  get subtle() {
    return this.#subtle;
  }
  getRandomValues(array) {
    this.#subtle;
    required(arguments.length, 1, "getRandomValues");
    if (!ArrayBuffer.isView(array)) {
      throw new TypeError("The argument must be an integer-typed array");
    }
    if (!integerArrays.has(kindOf(array))) {
      throw new DOMException("The array must hold integers",
                             "TypeMismatchError");
    }
    if (array.byteLength > 65536) {
      throw new DOMException(
          `The ArrayBufferView's byte length (${array.byteLength}) exceeds ` +
          "the number of bytes of entropy available via this API (65536)",
          "QuotaExceededError");
    }
    randomFill(new Uint8Array(array.buffer, array.byteOffset,
                              array.byteLength));
    return array;
  }
  randomUUID() {
    this.#subtle;
    const bytes = new Uint8Array(16);
    randomFill(bytes);
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }
  static {
    enumerable(this, "Crypto");
  }
}

export const crypto = new Crypto(secret);
