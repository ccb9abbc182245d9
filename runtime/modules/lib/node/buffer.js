// SPDX-License-Identifier: MIT
// node:buffer. Buffer is a function, because old code calls it without `new`;
// its instances are made by Bytes, a subclass of Uint8Array with the same
// prototype. Numbers in buffers are in internal/buffer_numbers.
import { atob, btoa } from "rill:internal/web-encoding";
import { Blob, File, resolveObjectURL } from "rill:internal/web/blob";
import { numberMethods } from "rill:internal/buffer_numbers";
import { decode, encode, normalizeEncoding } from "rill:internal/encoding";
import {
  codedError,
  invalidArgument,
  isLackOfMemory,
  outOfRange,
} from "rill:internal/errors";
import { kindOf } from "rill:internal/introspect";

class Bytes extends Uint8Array {}

export const kMaxLength = 2 ** 32;
export const kStringMaxLength = 2 ** 29 - 24;
export const constants = {
  MAX_LENGTH: kMaxLength,
  MAX_STRING_LENGTH: kStringMaxLength,
};
export const INSPECT_MAX_BYTES = 50;

export function Buffer(value, encodingOrOffset, length) {
  if (typeof value === "number") {
    if (typeof encodingOrOffset === "string") {
      throw invalidArgument("string", "of type string", value);
    }
    return Buffer.alloc(value);
  }
  return Buffer.from(value, encodingOrOffset, length);
}
Object.setPrototypeOf(Buffer, Uint8Array);
Buffer.prototype = Bytes.prototype;
Object.defineProperty(Bytes.prototype, "constructor", {
  value: Buffer,
  writable: true,
  configurable: true,
});
Object.defineProperty(Buffer, Symbol.species, {
  configurable: true,
  get: () => Bytes,
});

// Views the bytes as a Buffer without copying.
export const adopt = (bytes) =>
  new Bytes(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function checkSize(size) {
  if (typeof size !== "number") {
    throw invalidArgument("size", "of type number", size);
  }
  if (!(size >= 0 && size <= kMaxLength)) {
    throw outOfRange("size", `>= 0 && <= ${kMaxLength}`, size);
  }
}

const isArrayBuffer = (value) => {
  const kind = kindOf(value);
  return kind === "ArrayBuffer" || kind === "SharedArrayBuffer";
};

function fromArrayLike(list) {
  const length = Number(list.length);
  if (!(length > 0)) return new Bytes(0);
  const bytes = new Bytes(length);
  for (let i = 0; i < length; i++) bytes[i] = list[i];
  return bytes;
}

function fromObject(value, encoding, length) {
  if (isArrayBuffer(value)) return new Bytes(value, encoding, length);
  if (ArrayBuffer.isView(value) && kindOf(value) === "TypedArray") {
    return new Bytes(value);
  }
  const primitive = value.valueOf?.();
  if (primitive !== value && primitive !== null && primitive !== undefined &&
      (typeof primitive === "string" || typeof primitive === "object")) {
    return Buffer.from(primitive, encoding, length);
  }
  if (value.length !== undefined) return fromArrayLike(value);
  if (value.type === "Buffer" && Array.isArray(value.data)) {
    return fromArrayLike(value.data);
  }
  if (typeof value[Symbol.toPrimitive] === "function") {
    const text = value[Symbol.toPrimitive]("string");
    if (typeof text === "string") return Buffer.from(text, encoding);
  }
  return undefined;
}

// Plain functions: some packages construct with them.
Object.assign(Buffer, {
  from: function (value, encoding, length) {
    if (typeof value === "string") {
      return adopt(encode(value, encoding || "utf8"));
    }
    const made = value !== null && typeof value === "object"
        ? fromObject(value, encoding, length) : undefined;
    if (made !== undefined) return made;
    throw invalidArgument(
      "first argument",
      "of type string or an instance of Buffer, ArrayBuffer, or Array or an " +
        "Array-like Object", value);
  },
  of: function (...bytes) {
    return fromArrayLike(bytes);
  },
  alloc: function (size, fill, encoding) {
    checkSize(size);
    const buffer = new Bytes(size);
    return fill === undefined || fill === 0 || size === 0
        ? buffer : buffer.fill(fill, 0, size, encoding);
  },
  allocUnsafe: function (size) {
    checkSize(size);
    return new Bytes(size);
  },
  allocUnsafeSlow: function (size) {
    checkSize(size);
    return new Bytes(size);
  },
  copyBytesFrom: (view, offset = 0, length = view.length - offset) =>
    adopt(view.slice(offset, offset + length)),
  isBuffer: (value) => value instanceof Bytes,
  isEncoding: (encoding) =>
    typeof encoding === "string" && normalizeEncoding(encoding) !== undefined,
  byteLength: function (value, encoding) {
    if (typeof value === "string") {
      switch (normalizeEncoding(encoding ?? "utf8")) {
        case "latin1":
        case "ascii":
          return value.length;
        case "utf16le":
          return value.length * 2;
        case "hex":
          return value.length >>> 1;
        case "base64":
        case "base64url":
          return Math.floor(value.replace(/=*$/, "").length * 3 / 4);
        default:
          return encode(value, "utf8").length;
      }
    }
    if (ArrayBuffer.isView(value) || isArrayBuffer(value)) {
      return value.byteLength;
    }
    throw invalidArgument(
      "string", "of type string or an instance of Buffer or ArrayBuffer",
      value);
  },
  compare: function (a, b) {
    checkBytes(a, "buf1");
    checkBytes(b, "buf2");
    return compareBytes(a, b);
  },
  concat: function (list, total) {
    if (!Array.isArray(list)) {
      throw invalidArgument("list", "an instance of Array", list);
    }
    if (total === undefined) {
      total = 0;
      for (const bytes of list) total += bytes.length;
    }
    const result = new Bytes(total);
    let at = 0;
    for (let i = 0; i < list.length; i++) {
      checkBytes(list[i], `list[${i}]`);
      const left = total - at;
      if (left <= 0) break;
      result.set(list[i].length > left ? list[i].subarray(0, left) : list[i],
                 at);
      at += list[i].length;
    }
    return result;
  },
  poolSize: 8192,
});

function checkBytes(value, name) {
  if (!(value instanceof Uint8Array)) {
    throw invalidArgument(name, "an instance of Buffer or Uint8Array", value);
  }
}

function compareBytes(a, b) {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return Math.sign(a.length - b.length);
}

// A position as slice() takes them.
function clamp(at, length, missing) {
  if (at === undefined) return missing;
  at = Math.trunc(Number(at)) || 0;
  if (at < 0) at += length;
  return at < 0 ? 0 : at > length ? length : at;
}

// indexOf and lastIndexOf
function search(buffer, value, from, encoding, forward) {
  if (typeof from === "string") [encoding, from] = [from, undefined];
  from = Number(from);
  if (Number.isNaN(from)) from = forward ? 0 : buffer.length;
  from = Math.trunc(from);
  if (from < 0) from += buffer.length;
  if (typeof value === "number") {
    return forward
        ? Uint8Array.prototype.indexOf.call(buffer, value & 255, from)
        : from < 0 ? -1
        : Uint8Array.prototype.lastIndexOf.call(buffer, value & 255, from);
  }
  if (typeof value === "string") value = encode(value, encoding || "utf8");
  else if (!(value instanceof Uint8Array)) {
    throw invalidArgument(
      "value",
      "one of type number or string or an instance of Buffer or Uint8Array",
      value);
  }
  const last = buffer.length - value.length;
  if (value.length === 0) return Math.min(Math.max(from, 0), buffer.length);
  const matches = (at) => {
    for (let k = 1; k < value.length; k++) {
      if (buffer[at + k] !== value[k]) return false;
    }
    return true;
  };
  if (forward) {
    for (let i = Math.max(from, 0); i <= last; i++) {
      i = Uint8Array.prototype.indexOf.call(buffer, value[0], i);
      if (i < 0 || i > last) return -1;
      if (matches(i)) return i;
    }
  } else {
    for (let i = Math.min(from, last); i >= 0; i--) {
      if (buffer[i] === value[0] && matches(i)) return i;
    }
  }
  return -1;
}

function swap(buffer, size) {
  if (buffer.length % size !== 0) {
    throw codedError(RangeError, "ERR_INVALID_BUFFER_SIZE",
                     `Buffer size must be a multiple of ${size * 8}-bits`);
  }
  for (let i = 0; i < buffer.length; i += size) {
    Uint8Array.prototype.subarray.call(buffer, i, i + size).reverse();
  }
  return buffer;
}

const methods = {
  toString(encoding, start, end) {
    if (arguments.length === 0) return decode(this, "utf8");
    const from = Math.max(Math.trunc(start) || 0, 0);
    const to = Math.min(end === undefined ? Infinity : Math.trunc(end) || 0,
                        this.length);
    if (from >= to) return "";
    return decode(
      from === 0 && to === this.length ? this : this.subarray(from, to),
      encoding || "utf8");
  },
  toLocaleString(encoding, start, end) {
    return this.toString(encoding, start, end);
  },
  toJSON() {
    return { type: "Buffer", data: Array.from(this) };
  },
  equals(other) {
    checkBytes(other, "otherBuffer");
    return this === other ||
        (this.length === other.length && compareBytes(this, other) === 0);
  },
  compare(target, targetStart = 0, targetEnd = target.length, start = 0,
          end = this.length) {
    checkBytes(target, "target");
    return compareBytes(this.subarray(start, end),
                        target.subarray(targetStart, targetEnd));
  },
  slice(start, end) {
    return this.subarray(start, end);
  },
  subarray(start, end) {
    const from = clamp(start, this.length, 0);
    const to = Math.max(clamp(end, this.length, this.length), from);
    return new Bytes(this.buffer, this.byteOffset + from, to - from);
  },
  write(text, offset, length, encoding) {
    if (typeof text !== "string") {
      throw codedError(TypeError, "ERR_INVALID_ARG_TYPE",
                       "argument must be a string");
    }
    if (typeof offset === "string") {
      [encoding, offset, length] = [offset, 0, undefined];
    } else if (typeof length === "string") {
      [encoding, length] = [length, undefined];
    }
    offset ??= 0;
    if (!(offset >= 0 && offset <= this.length)) {
      throw outOfRange("offset", `>= 0 && <= ${this.length}`, offset);
    }
    const room = Math.min(length ?? this.length, this.length - offset);
    const form = normalizeEncoding(encoding || "utf8");
    const bytes = encode(text, encoding || "utf8");
    let count = Math.min(bytes.length, room);
    if (count < bytes.length) {
      // No part of a character is written.
      if (form === "utf8") while ((bytes[count] & 0xc0) === 0x80) count--;
      else if (form === "utf16le") count &= ~1;
    }
    this.set(count === bytes.length ? bytes : bytes.subarray(0, count), offset);
    return count;
  },
  fill(value, start, end, encoding) {
    if (typeof start === "string") {
      [encoding, start, end] = [start, undefined, undefined];
    } else if (typeof end === "string") {
      [encoding, end] = [end, undefined];
    }
    start ??= 0;
    end ??= this.length;
    if (!(start >= 0 && start <= this.length)) {
      throw outOfRange("offset", `>= 0 && <= ${this.length}`, start);
    }
    if (!(end >= 0 && end <= this.length)) {
      throw outOfRange("end", `>= 0 && <= ${this.length}`, end);
    }
    const bytes = typeof value === "string" ? encode(value, encoding || "utf8")
        : value instanceof Uint8Array ? value : undefined;
    if (bytes === undefined) {
      Uint8Array.prototype.fill.call(this, value & 255, start, end);
      return this;
    }
    if (bytes.length === 0) {
      if (typeof value === "string" && value !== "") {
        throw codedError(
          TypeError, "ERR_INVALID_ARG_VALUE",
          `The argument 'value' is invalid. Received '${value}'`);
      }
      Uint8Array.prototype.fill.call(this, 0, start, end);
    } else if (bytes.length === 1) {
      Uint8Array.prototype.fill.call(this, bytes[0], start, end);
    } else {
      for (let i = start; i < end; i++) {
        this[i] = bytes[(i - start) % bytes.length];
      }
    }
    return this;
  },
  copy(target, targetStart = 0, start = 0, end = this.length) {
    checkBytes(target, "target");
    if (targetStart >= target.length || start >= end) return 0;
    const count = Math.min(end - start, this.length - start,
                           target.length - targetStart);
    if (count <= 0) return 0;
    target.set(start === 0 && count === this.length
        ? this : this.subarray(start, start + count), targetStart);
    return count;
  },
  indexOf(value, from, encoding) {
    return search(this, value, from, encoding, true);
  },
  lastIndexOf(value, from, encoding) {
    return search(this, value, from, encoding, false);
  },
  includes(value, from, encoding) {
    return search(this, value, from, encoding, true) >= 0;
  },
  swap16() {
    return swap(this, 2);
  },
  swap32() {
    return swap(this, 4);
  },
  swap64() {
    return swap(this, 8);
  },
  [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
    const shown = Array.prototype.map.call(
      this.subarray(0, INSPECT_MAX_BYTES),
      (byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const left = this.length - INSPECT_MAX_BYTES;
    const more = left > 0 ? ` ... ${left} more byte${left > 1 ? "s" : ""}` : "";
    const own = Object.keys(this).filter((key) => !/^\d+$/.test(key)).map(
      (key) => `${key}: ${inspect ? inspect(this[key], options) : this[key]}`);
    return `<Buffer ${[shown + more, ...own].filter(Boolean).join(", ")}>`;
  },
  ...numberMethods,
};
// utf8Write, hexSlice, ...: toString and write by one encoding.
for (const name of ["ascii", "base64", "base64url", "hex", "latin1", "ucs2",
                    "utf8"]) {
  methods[`${name}Slice`] = function (start, end) {
    return this.toString(name, start, end);
  };
  methods[`${name}Write`] = function (text, offset, length) {
    return this.write(text, offset, length, name);
  };
}
for (const key of Reflect.ownKeys(methods)) {
  Object.defineProperty(Buffer.prototype, key, {
    value: methods[key],
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
for (const [name, key] of [["parent", "buffer"], ["offset", "byteOffset"]]) {
  Object.defineProperty(Buffer.prototype, name, {
    enumerable: true,
    configurable: true,
    get() {
      return this instanceof Bytes ? this[key] : undefined;
    },
  });
}

export const SlowBuffer = (size) => Buffer.alloc(size);
export const isAscii = (bytes) =>
  new Uint8Array(bytes.buffer ?? bytes, bytes.byteOffset, bytes.byteLength)
    .every((byte) => byte < 128);
export function isUtf8(bytes) {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch (error) {
    if (isLackOfMemory(error)) throw error;
    return false;
  }
}
export const transcode = (bytes, from, to) =>
  Buffer.from(adopt(bytes).toString(from), to);
export { atob, btoa };

export { Blob, File, resolveObjectURL };
export default {
  Blob,
  Buffer,
  INSPECT_MAX_BYTES,
  SlowBuffer,
  atob,
  btoa,
  constants,
  isAscii,
  isUtf8,
  kMaxLength,
  kStringMaxLength,
  transcode,
  File,
  resolveObjectURL,
};
