// SPDX-License-Identifier: MIT
// v8.Deserializer: reads what v8_writer.js and V8 write, up to version 15.
import { Buffer } from "node:buffer";
import { codedError } from "rill:internal/errors";
import { kindOf } from "rill:internal/introspect";
import {
  errorTags, flagBits, IS_RESIZABLE, TRACKS_LENGTH, VERSION, viewTags,
} from "rill:internal/v8_writer";

// Older ones wrote some things otherwise.
const OLDEST_VERSION = 13;
const ALL_FLAGS = Object.values(flagBits).reduce((all, bit) => all | bit);
// A string up to this length is faster put together than decoded.
const SHORT = 16;
// In place of an object that is not read to its end.
const UNFINISHED = Symbol("unfinished");

export const invalid = () => new Error("Unable to deserialize cloned data.");
const views = new Map(Object.entries(viewTags).map(
  ([name, tag]) => [tag, globalThis[name]]));
const errors = new Map(Object.entries(errorTags).map(
  ([name, tag]) => [tag, globalThis[name]]));

export class Deserializer {
  #bytes;
  #view;
  #at = 0;
  #version = 0;
  #objects = [];
  #transferred = new Map();

  constructor(buffer) {
    if (!ArrayBuffer.isView(buffer)) {
      throw codedError(TypeError, "ERR_INVALID_ARG_TYPE",
                       "buffer must be a TypedArray or a DataView");
    }
    this.buffer = buffer;
    const { byteOffset, byteLength } = buffer;
    this.#bytes = new Uint8Array(buffer.buffer, byteOffset, byteLength);
    this.#view = new DataView(buffer.buffer, byteOffset, byteLength);
  }
  readHeader() {
    const isHeader = this.#bytes[0] === 0xff &&
        this.#bytes.subarray(1).some((byte) => byte < 128);
    if (isHeader) {
      this.#at = 1;
      this.#version = this.#varint();
    }
    if (!isHeader || this.#version < OLDEST_VERSION || this.#version > VERSION) {
      throw new Error("Unable to deserialize cloned data due to invalid or " +
                      "unsupported version.");
    }
    return true;
  }
  readValue() {
    return this.#value();
  }
  getWireFormatVersion() {
    return this.#version;
  }
  transferArrayBuffer(id, buffer) {
    if (!kindOf(buffer).endsWith("ArrayBuffer")) {
      throw codedError(TypeError, "ERR_INVALID_ARG_TYPE",
                       "arrayBuffer must be an ArrayBuffer or SharedArrayBuffer");
    }
    this.#transferred.set(id >>> 0, buffer);
  }
  readUint32() {
    return this.#raw("ReadUint32", () => this.#varint());
  }
  readUint64() {
    const value = this.#raw("ReadUint64", () => this.#bigVarint());
    return [Number((value >> 32n) & 0xffffffffn), Number(value & 0xffffffffn)];
  }
  #bigVarint() {
    let value = 0n, byte, shift = 0n;
    do {
      byte = this.#byte();
      if (shift < 64n) value |= BigInt(byte & 127) << shift;
      shift += 7n;
    } while (byte > 127);
    return value;
  }
  readDouble() {
    return this.#raw("ReadDouble", () => this.#double());
  }
  // Where they begin in `buffer`.
  _readRawBytes(count) {
    return this.#raw("ReadRawBytes", () => this.#take(count >>> 0));
  }
  readRawBytes(count) {
    const at = this._readRawBytes(count);
    const { buffer, byteOffset } = this.buffer;
    return Buffer.from(buffer, byteOffset + at, count >>> 0);
  }

  // Of what is read by hand: the error names it.
  #raw(name, read) {
    try {
      return read();
    } catch {
      throw new Error(`${name}() failed`);
    }
  }
  #double() {
    return this.#view.getFloat64(this.#take(8), true);
  }
  // The place of the next bytes, which are read then.
  #take(count) {
    const at = this.#at;
    if (count > this.#bytes.length - at) throw invalid();
    this.#at += count;
    return at;
  }
  #byte() {
    return this.#bytes[this.#take(1)];
  }
  // The low 32 bits; what is above them is passed over.
  #varint() {
    let byte = this.#byte(), value = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = this.#byte();
      if (shift < 32) value |= (byte & 127) << shift;
    }
    return value >>> 0;
  }
  #peekTag() {
    while (this.#bytes[this.#at] === 0) this.#at++;
    const byte = this.#bytes[this.#at];
    return byte === undefined ? undefined : String.fromCharCode(byte);
  }
  #tag() {
    const tag = this.#peekTag();
    if (tag === undefined) throw invalid();
    this.#at++;
    return tag;
  }
  #keep(object) {
    this.#objects.push(object);
    return object;
  }

  #value() {
    const value = this.#plainValue(this.#tag());
    if (value instanceof ArrayBuffer && this.#peekTag() === "V") {
      this.#at++;
      return this.#bufferView(value);
    }
    return value;
  }
  #plainValue(tag) {
    switch (tag) {
      case "_": return undefined;
      case "0": return null;
      case "T": return true;
      case "F": return false;
      case "I": {
        const zigzag = this.#varint();
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
      case "U": return this.#varint();
      case "N": return this.#double();
      case "Z": return this.#bigint();
      case '"':
      case "c":
      case "S": return this.#string(tag);
      case "^": {
        const id = this.#varint();
        if (id >= this.#objects.length || this.#objects[id] === UNFINISHED) {
          throw invalid();
        }
        return this.#objects[id];
      }
      case "?":
        this.#varint();
        return this.#plainValue(this.#tag());
      default: return this.#object(tag);
    }
  }
  #object(tag) {
    switch (tag) {
      case "o": {
        const object = this.#keep({});
        if (this.#properties(object, "{") !== this.#varint()) throw invalid();
        return object;
      }
      case "A": return this.#denseArray();
      case "a": {
        const array = this.#keep([]);
        const length = (array.length = this.#varint());
        const count = this.#properties(array, "@");
        if (count !== this.#varint() || length !== this.#varint()) {
          throw invalid();
        }
        return array;
      }
      case "D": return this.#keep(new Date(this.#double()));
      case "y": return this.#keep(Object(true));
      case "x": return this.#keep(Object(false));
      case "n": return this.#keep(Object(this.#double()));
      case "z": return this.#keep(Object(this.#bigint()));
      case "s": return this.#keep(Object(this.#string(this.#tag())));
      case "R": {
        const source = this.#string(this.#tag());
        const bits = this.#varint();
        if (bits & ~ALL_FLAGS || bits >= 2 ** 31) throw invalid();
        if (bits & flagBits.u && bits & flagBits.v) throw invalid();
        return this.#keep(new RegExp(source, Object.keys(flagBits).filter(
          (flag) => bits & flagBits[flag]).join("")));
      }
      case ";": {
        const map = this.#keep(new Map());
        const list = this.#until(":");
        if (list.length % 2 !== 0) throw invalid();
        for (let i = 0; i < list.length; i += 2) map.set(list[i], list[i + 1]);
        return map;
      }
      case "'": {
        const set = this.#keep(new Set());
        for (const value of this.#until(",")) set.add(value);
        return set;
      }
      case "B": return this.#buffer(this.#varint(), undefined);
      case "~": {
        const length = this.#varint();
        return this.#buffer(length, { maxByteLength: this.#varint() });
      }
      case "t": {
        const buffer = this.#transferred.get(this.#varint());
        if (buffer === undefined) throw invalid();
        return this.#keep(buffer);
      }
      case "r": return this.#error();
      case "\\": {
        if (typeof this._readHostObject !== "function") throw invalid();
        const at = this.#objects.length;
        this.#keep(UNFINISHED);
        const object = this._readHostObject();
        if ((typeof object !== "object" || object === null) &&
            typeof object !== "function") {
          throw new TypeError("readHostObject must return an object");
        }
        return (this.#objects[at] = object);
      }
      default: throw invalid();
    }
  }
  #until(end) {
    const list = [];
    while (this.#peekTag() !== end) list.push(this.#value());
    this.#at++;
    if (this.#varint() !== list.length) throw invalid();
    return list;
  }
  // How many there were.
  #properties(object, end) {
    let count = 0;
    for (; this.#peekTag() !== end; count++) {
      const key = this.#value();
      if (typeof key !== "string" && typeof key !== "number" ||
          Object.hasOwn(object, key)) {
        throw invalid();
      }
      Object.defineProperty(object, key, {
        value: this.#value(),
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    this.#at++;
    return count;
  }
  #denseArray() {
    const length = this.#varint();
    if (length > this.#bytes.length - this.#at) throw invalid();
    const array = this.#keep(new Array(length));
    for (let i = 0; i < length; i++) {
      if (this.#peekTag() === "-") this.#at++;
      else array[i] = this.#value();
    }
    const count = this.#properties(array, "$");
    if (count !== this.#varint() || length !== this.#varint()) throw invalid();
    return array;
  }
  #string(tag) {
    const count = this.#varint();
    if (tag === "c" && count % 2 !== 0) throw invalid();
    const at = this.#take(count);
    if (tag === '"' && count <= SHORT) {
      let text = "";
      for (let i = at; i < at + count; i++) {
        text += String.fromCharCode(this.#bytes[i]);
      }
      return text;
    }
    const bytes = Buffer.from(this.#bytes.buffer, this.#bytes.byteOffset + at,
                              count);
    switch (tag) {
      case '"': return bytes.toString("latin1");
      case "c": return bytes.toString("utf16le");
      case "S": return bytes.toString("utf8");
      default: throw invalid();
    }
  }
  #bigint() {
    const bits = this.#varint(), count = bits >>> 1;
    const at = this.#take(count);
    if (count === 0) {
      if (bits & 1) throw invalid();
      return 0n;
    }
    // As text: shifted in byte by byte, a long one takes quadratic time.
    const bytes = Buffer.from(this.#bytes.subarray(at, at + count)).reverse();
    const value = BigInt(`0x${bytes.toString("hex")}`);
    return bits & 1 ? -value : value;
  }
  #buffer(length, options) {
    if (options !== undefined && options.maxByteLength < length) {
      throw invalid();
    }
    const at = this.#take(length);
    const buffer = this.#keep(new ArrayBuffer(length, options));
    new Uint8Array(buffer).set(this.#bytes.subarray(at, at + length));
    return buffer;
  }
  #bufferView(buffer) {
    const View = views.get(this.#tag());
    const offset = this.#varint(), length = this.#varint();
    const flags = this.#version >= 14 ? this.#varint() : 0;
    const size = View?.BYTES_PER_ELEMENT ?? 1;
    if (View === undefined || offset > buffer.byteLength || offset % size !== 0 ||
        length > buffer.byteLength - offset || length % size !== 0) {
      throw invalid();
    }
    const isTracking = (flags & TRACKS_LENGTH) !== 0;
    if (((flags & IS_RESIZABLE) !== 0) !== buffer.resizable ||
        isTracking && !buffer.resizable) {
      throw invalid();
    }
    return this.#keep(isTracking ? new View(buffer, offset)
                                 : new View(buffer, offset, length / size));
  }
  #error() {
    const at = this.#objects.length;
    this.#keep(UNFINISHED);
    let Class = Error, stack;
    const options = {};
    let message;
    for (;;) {
      const tag = String.fromCharCode(this.#varint());
      if (tag === ".") break;
      if (errors.has(tag)) Class = errors.get(tag);
      else if (tag === "m") message = this.#string(this.#tag());
      else if (tag === "c") options.cause = this.#value();
      else if (tag === "s") stack = this.#string(this.#tag());
      else throw invalid();
    }
    const error = new Class(message, options);
    Object.defineProperty(error, "stack", { value: stack, writable: true,
                                            configurable: true });
    return (this.#objects[at] = error);
  }
}
