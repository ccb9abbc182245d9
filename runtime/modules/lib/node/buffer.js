// SPDX-License-Identifier: MIT
// node:buffer: the part of Buffer that file and text handling uses.
import { decode, encode, normalizeEncoding } from "rill:internal/encoding";

export class Buffer extends Uint8Array {
  static from(value, encodingOrOffset, length) {
    if (typeof value === "string") {
      return adopt(encode(value, encodingOrOffset));
    }
    if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
      return new Buffer(value, encodingOrOffset, length);
    }
    if (value?.type === "Buffer" && Array.isArray(value.data)) {
      value = value.data;
    }
    if (value === null || typeof value !== "object") {
      throw new TypeError(
        "The first argument must be of type string or an instance of Buffer, " +
          "ArrayBuffer, or Array or an Array-like Object.",
      );
    }
    const buffer = new Buffer(value.length ?? 0);
    for (let i = 0; i < buffer.length; i++) buffer[i] = value[i];
    return buffer;
  }
  static of(...bytes) {
    return Buffer.from(bytes);
  }
  static alloc(size, fill, encoding) {
    const buffer = new Buffer(size);
    return fill === undefined ? buffer : buffer.fill(fill, 0, size, encoding);
  }
  static allocUnsafe(size) {
    return new Buffer(size);
  }
  static allocUnsafeSlow(size) {
    return new Buffer(size);
  }
  static isBuffer(value) {
    return value instanceof Buffer;
  }
  static isEncoding(encoding) {
    return normalizeEncoding(encoding) !== undefined;
  }
  static byteLength(value, encoding) {
    return typeof value === "string" ? encode(value, encoding).length
                                     : value.byteLength;
  }
  static compare(a, b) {
    return a.compare(b);
  }
  static concat(list, total) {
    total ??= list.reduce((sum, bytes) => sum + bytes.length, 0);
    const result = new Buffer(total);
    let at = 0;
    for (const bytes of list) {
      const part = bytes.length > total - at ? bytes.subarray(0, total - at)
                                             : bytes;
      result.set(part, at);
      at += part.length;
    }
    return result;
  }

  toString(encoding, start = 0, end = this.length) {
    return decode(this.subarray(start, end), encoding);
  }
  toLocaleString(encoding, start, end) {
    return this.toString(encoding, start, end);
  }
  toJSON() {
    return { type: "Buffer", data: Array.from(this) };
  }
  equals(other) {
    return this.compare(other) === 0;
  }
  compare(other) {
    const length = Math.min(this.length, other.length);
    for (let i = 0; i < length; i++) {
      if (this[i] !== other[i]) return this[i] < other[i] ? -1 : 1;
    }
    return Math.sign(this.length - other.length);
  }
  slice(start, end) {
    return this.subarray(start, end);
  }
  write(text, offset = 0, length = this.length - offset, encoding = "utf8") {
    if (typeof offset === "string") {
      encoding = offset;
      offset = 0;
      length = this.length;
    }
    const bytes = encode(text, encoding);
    const count = Math.min(bytes.length, length, this.length - offset);
    this.set(bytes.subarray(0, count), offset);
    return count;
  }
  fill(value, start = 0, end = this.length, encoding = "utf8") {
    if (typeof value !== "string") return super.fill(value, start, end);
    const bytes = encode(value, encoding);
    if (bytes.length === 0) return super.fill(0, start, end);
    for (let i = start; i < end; i++) {
      this[i] = bytes[(i - start) % bytes.length];
    }
    return this;
  }
  copy(target, targetStart = 0, start = 0, end = this.length) {
    const part = this.subarray(start, end);
    const count = Math.min(part.length, target.length - targetStart);
    target.set(part.subarray(0, count), targetStart);
    return count;
  }
  indexOf(value, from = 0, encoding = "utf8") {
    if (typeof value === "number") return super.indexOf(value & 255, from);
    const bytes = typeof value === "string" ? encode(value, encoding) : value;
    outer: for (let i = from; i <= this.length - bytes.length; i++) {
      for (let k = 0; k < bytes.length; k++) {
        if (this[i + k] !== bytes[k]) continue outer;
      }
      return i;
    }
    return -1;
  }
  includes(value, from, encoding) {
    return this.indexOf(value, from, encoding) >= 0;
  }
  [Symbol.for("nodejs.util.inspect.custom")]() {
    const shown = [...this.subarray(0, 50)]
        .map((b) => b.toString(16).padStart(2, "0")).join(" ");
    const more = this.length - 50;
    return `<Buffer${shown && " "}${shown}${
      more > 0 ? ` ... ${more} more byte${more > 1 ? "s" : ""}` : ""}>`;
  }
}

const views = {
  UInt8: ["getUint8", "setUint8", 1],
  Int8: ["getInt8", "setInt8", 1],
  UInt16: ["getUint16", "setUint16", 2],
  Int16: ["getInt16", "setInt16", 2],
  UInt32: ["getUint32", "setUint32", 4],
  Int32: ["getInt32", "setInt32", 4],
  Float: ["getFloat32", "setFloat32", 4],
  Double: ["getFloat64", "setFloat64", 8],
  BigUInt64: ["getBigUint64", "setBigUint64", 8],
  BigInt64: ["getBigInt64", "setBigInt64", 8],
};
for (const [name, [get, set, size]] of Object.entries(views)) {
  for (const order of size === 1 ? [""] : ["LE", "BE"]) {
    const little = order === "LE";
    const view = (b) => new DataView(b.buffer, b.byteOffset, b.byteLength);
    const methods = {
      [`read${name}${order}`](offset = 0) {
        return view(this)[get](offset, little);
      },
      [`write${name}${order}`](value, offset = 0) {
        view(this)[set](offset, value, little);
        return offset + size;
      },
    };
    for (const [key, value] of Object.entries(methods)) {
      Object.defineProperty(Buffer.prototype, key, {
        value,
        writable: true,
        configurable: true,
      });
    }
  }
}

// Views the bytes as a Buffer without copying.
export function adopt(bytes) {
  return new Buffer(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export const kMaxLength = 2 ** 32;
export const constants = { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: 2 ** 29 - 24 };
export default { Buffer, constants, kMaxLength };
