// SPDX-License-Identifier: MIT
// v8.Serializer: values in the format that V8 stores them in, version 15, so
// that Node reads what was written here and the other way round. What is one
// byte there is one here: a tag, variable-length integers of seven bits a byte,
// numbers and two-byte strings little-endian. Every object has a number, by
// which it is named when it comes again.
import { Buffer } from "node:buffer";
import { isHost } from "rill:internal/clone";
import { codedError } from "rill:internal/errors";
import { kindOf, tracksLength } from "rill:internal/introspect";

export const VERSION = 15;
export const code = (letter) => letter.charCodeAt(0);

export const flagBits = { g: 1, i: 2, m: 4, y: 8, u: 16, s: 32, d: 128, v: 256 };
export const errorTags = {
  EvalError: "E", RangeError: "R", ReferenceError: "F", SyntaxError: "S",
  TypeError: "T", URIError: "U",
};
export const viewTags = {
  Int8Array: "b", Uint8Array: "B", Uint8ClampedArray: "C", Int16Array: "w",
  Uint16Array: "W", Int32Array: "d", Uint32Array: "D", Float32Array: "f",
  Float64Array: "F", DataView: "?", BigInt64Array: "q", BigUint64Array: "Q",
};

const isInt32 = (value) => value === (value | 0) && !Object.is(value, -0);
const { call } = Function.prototype;
const typedArrayName = call.bind(Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get);
// Of what kind a view is, whatever its class says.
export const viewName = (view) => typedArrayName(view) ?? "DataView";

// A view's flags.
export const TRACKS_LENGTH = 1;
export const IS_RESIZABLE = 2;

// Most keys begin with a letter, and need no look at the number.
function isIndex(key) {
  const first = key.charCodeAt(0);
  if (!(first >= 48 && first <= 57)) return false;
  const index = Number(key);
  return String(index >>> 0) === key && index < 2 ** 32 - 1;
}

// As the error names what it cannot write.
function shownAs(object, kind) {
  if (kind === "Proxy") return "#<Object>";
  const { constructor } = object;
  return typeof constructor === "function" && kind !== "Symbol"
    ? `#<${constructor.name || "Object"}>`
    : Object.prototype.toString.call(object);
}

export class Serializer {
  #bytes = new Uint8Array(256);
  #dataView = new DataView(this.#bytes.buffer);
  #length = 0;
  #ids = new Map();
  #transferred = new Map();
  #viewsAreHosts = false;

  writeHeader() {
    this.#byte(0xff);
    this.#byte(VERSION);
  }
  // True, or what cannot be written is thrown.
  writeValue(value) {
    this.#value(value);
    return true;
  }
  releaseBuffer() {
    const result = Buffer.from(this.#bytes.buffer.transfer(this.#length));
    this.#replace(new Uint8Array(256));
    this.#length = 0;
    return result;
  }
  transferArrayBuffer(id, buffer) {
    if (kindOf(buffer) !== "ArrayBuffer") {
      throw codedError(TypeError, "ERR_INVALID_ARG_TYPE",
                       "arrayBuffer must be an ArrayBuffer");
    }
    this.#transferred.set(buffer, id >>> 0);
  }
  writeUint32(value) {
    this.#varint(value >>> 0);
  }
  writeUint64(high, low) {
    let rest = (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
    for (; rest > 127n; rest >>= 7n) this.#byte(Number(rest & 127n) | 128);
    this.#byte(Number(rest));
  }
  writeDouble(value) {
    const at = this.#grow(8);
    this.#dataView.setFloat64(at, value, true);
  }
  writeRawBytes(source) {
    if (!ArrayBuffer.isView(source)) {
      throw codedError(TypeError, "ERR_INVALID_ARG_TYPE",
                       "source must be a TypedArray or a DataView");
    }
    this.#rawBytes(
      new Uint8Array(source.buffer, source.byteOffset, source.byteLength));
  }
  _setTreatArrayBufferViewsAsHostObjects(on) {
    this.#viewsAreHosts = Boolean(on);
  }

  #replace(bytes) {
    this.#bytes = bytes;
    this.#dataView = new DataView(bytes.buffer);
  }
  #grow(count) {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#bytes.length) {
      const bytes = new Uint8Array(
        Math.max(this.#length, this.#bytes.length * 2));
      bytes.set(this.#bytes);
      this.#replace(bytes);
    }
    return at;
  }
  #rawBytes(bytes) {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
  }
  #byte(value) {
    if (this.#length === this.#bytes.length) {
      this.#grow(1);
      this.#length--;
    }
    this.#bytes[this.#length++] = value;
  }
  #tag(letter) {
    this.#byte(code(letter));
  }
  #varint(value) {
    for (; value > 127; value = Math.floor(value / 128)) {
      this.#byte((value % 128) | 128);
    }
    this.#byte(value);
  }
  #double(tag, value) {
    this.#tag(tag);
    this.writeDouble(value);
  }
  #cannot(shown) {
    throw this._getDataCloneError(`${shown} could not be cloned.`);
  }

  #value(value) {
    switch (typeof value) {
      case "undefined":
        this.#tag("_");
        break;
      case "boolean":
        this.#tag(value ? "T" : "F");
        break;
      case "number":
        if (isInt32(value)) {
          this.#tag("I");
          this.#varint(((value << 1) ^ (value >> 31)) >>> 0);
        } else {
          this.#double("N", value);
        }
        break;
      case "bigint":
        this.#tag("Z");
        this.#bigint(value);
        break;
      case "string":
        this.#string(value);
        break;
      case "object":
        if (value === null) this.#tag("0");
        else this.#object(value);
        break;
      default:
        this.#cannot(String(value));
    }
  }
  #string(text) {
    if (/^[\x00-\xff]*$/.test(text)) {
      this.#tag('"');
      this.#varint(text.length);
      const at = this.#grow(text.length);
      for (let i = 0; i < text.length; i++) {
        this.#bytes[at + i] = text.charCodeAt(i);
      }
      return;
    }
    // Its units stand at an even place.
    const count = text.length * 2;
    const lengthBytes = Math.max(1, Math.ceil((32 - Math.clz32(count)) / 7));
    if ((this.#length + 1 + lengthBytes) % 2 === 1) this.#byte(0);
    this.#tag("c");
    this.#varint(count);
    const at = this.#grow(count);
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      this.#bytes[at + 2 * i] = unit & 255;
      this.#bytes[at + 2 * i + 1] = unit >> 8;
    }
  }
  // The sign, and how many bytes follow: whole words of 64 bits.
  #bigint(value) {
    const digits = value === 0n ? ""
        : (value < 0n ? -value : value).toString(16);
    const count = Math.ceil(digits.length / 16) * 8;
    this.#varint(count * 2 + (value < 0n ? 1 : 0));
    this.#rawBytes(Buffer.from(digits.padStart(count * 2, "0"), "hex").reverse());
  }

  #object(object) {
    const known = this.#ids.get(object);
    if (known !== undefined) {
      this.#tag("^");
      this.#varint(known);
      return;
    }
    const isView = ArrayBuffer.isView(object);
    if (isView && !this.#viewsAreHosts) this.#object(object.buffer);
    this.#ids.set(object, this.#ids.size);
    if (isView) this.#view(object);
    else this.#byKind(object, kindOf(object));
  }
  #byKind(object, kind) {
    switch (kind) {
      case "Array": return this.#array(object);
      case "Date": return this.#double("D", object.getTime());
      case "Boolean": return this.#tag(object.valueOf() ? "y" : "x");
      case "Number": return this.#double("n", object.valueOf());
      case "BigInt":
        this.#tag("z");
        return this.#bigint(object.valueOf());
      case "String":
        this.#tag("s");
        return this.#string(object.valueOf());
      case "RegExp":
        this.#tag("R");
        this.#string(object.source);
        return this.#varint([...object.flags].reduce(
          (bits, flag) => bits | flagBits[flag], 0));
      case "Map": return this.#entries(object, ";", ":");
      case "Set": return this.#entries(object, "'", ",");
      case "ArrayBuffer": return this.#buffer(object);
      case "SharedArrayBuffer": return this.#shared(object);
      case "Error": return this.#error(object);
      case "Object":
        if (isHost(object)) return this.#cannot(shownAs(object, kind));
        this.#tag("o");
        this.#end("{", this.#properties(object, Object.keys(object)));
        return undefined;
      default:
        return this.#cannot(shownAs(object, kind));
    }
  }
  #end(tag, ...counts) {
    this.#tag(tag);
    for (const count of counts) this.#varint(count);
  }
  // How many there were.
  #properties(object, keys) {
    let count = 0;
    for (const key of keys) {
      if (!Object.hasOwn(object, key)) continue; // a getter removed it
      if (isIndex(key)) this.#value(Number(key));
      else this.#string(key);
      this.#value(object[key]);
      count++;
    }
    return count;
  }
  // Dense if it has no holes. Numbers that are not all small ones are stored
  // as doubles in V8, and written as such.
  #array(array) {
    const { length } = array;
    const keys = Object.keys(array);
    let isDense = keys.length >= length;
    for (let i = 0; isDense && i < length; i++) isDense = keys[i] === `${i}`;
    if (!isDense) {
      this.#end("a", length);
      this.#end("@", this.#properties(array, keys), length);
      return;
    }
    const areDoubles = array.every((value) => typeof value === "number") &&
        !array.every(isInt32);
    this.#end("A", length);
    for (let i = 0; i < length; i++) {
      if (areDoubles) this.#double("N", array[i]);
      else if (Object.hasOwn(array, i)) this.#value(array[i]);
      else this.#tag("-");
    }
    this.#end("$", this.#properties(array, keys.slice(length)), length);
  }
  #entries(collection, begin, end) {
    const all = [];
    for (const entry of collection) {
      if (begin === ";") all.push(...entry);
      else all.push(entry);
    }
    this.#tag(begin);
    for (const value of all) this.#value(value);
    this.#end(end, all.length);
  }
  #buffer(buffer) {
    const id = this.#transferred.get(buffer);
    if (id !== undefined) {
      this.#end("t", id);
      return;
    }
    if (buffer.detached) {
      throw this._getDataCloneError(
        "An ArrayBuffer is detached and could not be cloned.");
    }
    if (buffer.resizable) {
      this.#end("~", buffer.byteLength, buffer.maxByteLength);
    } else {
      this.#end("B", buffer.byteLength);
    }
    this.#rawBytes(new Uint8Array(buffer));
  }
  #shared(buffer) {
    if (typeof this._getSharedArrayBufferId !== "function") {
      this.#cannot("#<SharedArrayBuffer>");
    }
    this.#end("u", this._getSharedArrayBufferId(buffer) >>> 0);
  }
  #view(view) {
    if (this.#viewsAreHosts) {
      this.#tag("\\");
      if (typeof this._writeHostObject !== "function") {
        this.#cannot(`#<${viewName(view)}>`);
      }
      this._writeHostObject(view);
      return;
    }
    this.#tag("V");
    const { buffer } = view, isTracking = tracksLength(view);
    const isResizable = kindOf(buffer) === "ArrayBuffer" && buffer.resizable;
    this.#end(viewTags[viewName(view)], view.byteOffset,
              isTracking ? 0 : view.byteLength,
              (isTracking ? TRACKS_LENGTH : 0) |
              (isResizable ? IS_RESIZABLE : 0));
  }
  #error(error) {
    this.#tag("r");
    const tag = errorTags[error.name];
    if (tag !== undefined) this.#tag(tag);
    if (Object.hasOwn(error, "message")) {
      this.#tag("m");
      this.#string(`${error.message}`);
    }
    if (Object.hasOwn(error, "cause")) {
      this.#tag("c");
      this.#value(error.cause);
    }
    if (typeof error.stack === "string") {
      this.#tag("s");
      this.#string(error.stack);
    }
    this.#tag(".");
  }
}
Serializer.prototype._getDataCloneError = Error;
