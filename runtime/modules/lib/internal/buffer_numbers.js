// SPDX-License-Identifier: MIT
// Buffer's read and write methods: readUInt8 to writeDoubleBE, and integers of
// 1 to 6 bytes.
import { codedError, invalidArgument, outOfRange } from "rill:internal/errors";

function checkOffset(buffer, offset, size) {
  if (typeof offset !== "number") {
    throw invalidArgument("offset", "of type number", offset);
  }
  if (!Number.isInteger(offset)) {
    throw outOfRange("offset", "an integer", offset);
  }
  if (offset < 0 || offset + size > buffer.length) {
    if (buffer.length < size) {
      throw codedError(RangeError, "ERR_BUFFER_OUT_OF_BOUNDS",
                       "Attempt to access memory outside buffer bounds");
    }
    throw outOfRange("offset", `>= 0 and <= ${buffer.length - size}`, offset);
  }
}

// Digits in groups of three, as Node shows large numbers.
const grouped = (value) =>
  String(value).replace(/\B(?=(\d{3})+$)/g, "_");

function checkValue(value, low, high, bits, signed) {
  if (!(value < low || value > high)) return; // NaN is written as 0
  const suffix = typeof low === "bigint" ? "n" : "";
  const power = (exponent) => `2${suffix} ** ${exponent}${suffix}`;
  const range = bits <= 32 ? `>= ${low} and <= ${high}`
      : signed ? `>= -(${power(bits - 1)}) and < ${power(bits - 1)}`
      : `>= 0${suffix} and < ${power(bits)}`;
  const error = outOfRange("value", range, value);
  if (Math.abs(Number(value)) > 2 ** 32) {
    error.message = error.message.replace(/[^ ]*$/, grouped(value) + suffix);
  }
  throw error;
}

const view = (bytes) =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

export const numberMethods = {};

function define(name, read, write) {
  numberMethods[`read${name}`] = read;
  numberMethods[`write${name}`] = write;
  if (name.includes("UInt")) {
    const alias = name.replace("UInt", "Uint");
    numberMethods[`read${alias}`] = read;
    numberMethods[`write${alias}`] = write;
  }
}

// Integers of 1, 2 and 4 bytes, byte by byte; `at` says where each byte, from
// the lowest, stands. A missing byte is undefined: then the offset is wrong.
function readInteger(size, signed, [first, second, third, fourth]) {
  const checked = (buffer, offset) => checkOffset(buffer, offset, size);
  if (size === 1) {
    return function (offset = 0) {
      const value = this[offset];
      if (value === undefined || typeof offset !== "number") {
        checked(this, offset);
      }
      return signed ? (value << 24) >> 24 : value;
    };
  }
  if (size === 2) {
    return function (offset = 0) {
      const low = this[offset + first], high = this[offset + second];
      if (low === undefined || high === undefined ||
          typeof offset !== "number") {
        checked(this, offset);
      }
      const value = low | (high << 8);
      return signed ? (value << 16) >> 16 : value;
    };
  }
  return function (offset = 0) {
    if (this[offset] === undefined || this[offset + 3] === undefined ||
        typeof offset !== "number") {
      checked(this, offset);
    }
    const value = this[offset + first] | (this[offset + second] << 8) |
        (this[offset + third] << 16) | (this[offset + fourth] << 24);
    return signed ? value : value >>> 0;
  };
}

function writeInteger(size, low, high, at) {
  const [first, second, third, fourth] = at;
  return function (value, offset = 0) {
    value = +value;
    if (value < low || value > high) {
      checkValue(value, low, high, 8 * size, low < 0);
    }
    if (this[offset] === undefined || this[offset + size - 1] === undefined ||
        typeof offset !== "number") {
      checkOffset(this, offset, size);
    }
    this[offset + first] = value;
    if (size > 1) this[offset + second] = value >>> 8;
    if (size > 2) {
      this[offset + third] = value >>> 16;
      this[offset + fourth] = value >>> 24;
    }
    return offset + size;
  };
}

for (const size of [1, 2, 4]) {
  for (const order of size === 1 ? [""] : ["LE", "BE"]) {
    const at = Array.from({ length: size }, (_, i) => i);
    if (order === "BE") at.reverse();
    for (const signed of [false, true]) {
      const low = signed ? -(2 ** (8 * size - 1)) : 0;
      define(`${signed ? "Int" : "UInt"}${8 * size}${order}`,
             readInteger(size, signed, at),
             writeInteger(size, low, 2 ** (8 * size - signed) - 1, at));
    }
  }
}

for (const [name, type, size] of [
  ["Float", "Float32", 4], ["Double", "Float64", 8],
  ["BigUInt64", "BigUint64", 8], ["BigInt64", "BigInt64", 8],
]) {
  const get = DataView.prototype[`get${type}`];
  const set = DataView.prototype[`set${type}`];
  const isBig = name.startsWith("Big");
  const signed = name === "BigInt64";
  const low = signed ? -(2n ** 63n) : 0n;
  const high = signed ? 2n ** 63n - 1n : 2n ** 64n - 1n;
  for (const order of ["LE", "BE"]) {
    const little = order === "LE";
    define(name + order, function (offset = 0) {
      checkOffset(this, offset, size);
      return get.call(view(this), offset, little);
    }, function (value, offset = 0) {
      if (isBig) checkValue(value, low, high, 64, signed);
      checkOffset(this, offset, size);
      set.call(view(this), offset, value, little);
      return offset + size;
    });
  }
}

function checkLength(length) {
  if (typeof length !== "number") {
    throw invalidArgument("byteLength", "of type number", length);
  }
  if (!(Number.isInteger(length) && length >= 1 && length <= 6)) {
    throw outOfRange("byteLength", ">= 1 and <= 6", length);
  }
}

for (const order of ["LE", "BE"]) {
  for (const signed of [false, true]) {
    const at = (offset, length, i) =>
      order === "LE" ? offset + i : offset + length - 1 - i;
    define(`${signed ? "Int" : "UInt"}${order}`, function (offset, length) {
      checkLength(length);
      checkOffset(this, offset, length);
      let value = 0;
      for (let i = length - 1; i >= 0; i--) {
        value = value * 256 + this[at(offset, length, i)];
      }
      return signed && value >= 2 ** (8 * length - 1)
          ? value - 2 ** (8 * length) : value;
    }, function (value, offset, length) {
      checkLength(length);
      value = +value;
      checkValue(value, signed ? -(2 ** (8 * length - 1)) : 0,
                 2 ** (8 * length - signed) - 1, 8 * length, signed);
      checkOffset(this, offset, length);
      let left = value < 0 ? value + 2 ** (8 * length) : value;
      for (let i = 0; i < length; i++) {
        this[at(offset, length, i)] = left % 256;
        left = Math.floor(left / 256);
      }
      return offset + length;
    });
  }
}
