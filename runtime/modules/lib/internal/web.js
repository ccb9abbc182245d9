// SPDX-License-Identifier: MIT
// Web globals: TextEncoder and TextDecoder (WHATWG Encoding, UTF-8, UTF-16LE
// and Latin-1), atob, btoa, structuredClone.
import { decode, encode } from "rill:internal/encoding";
import { decodeUtf8, encodeUtf8 } from "rill:internal/text";

export class TextEncoder {
  get encoding() {
    return "utf-8";
  }
  encode(text = "") {
    return encodeUtf8(text);
  }
  encodeInto(text, target) {
    let read = 0, written = 0;
    for (const character of String(text)) {
      const bytes = encodeUtf8(character);
      if (written + bytes.length > target.length) break;
      target.set(bytes, written);
      written += bytes.length;
      read += character.length;
    }
    return { read, written };
  }
}

const labels = {
  "utf8": "utf-8",
  "utf-8": "utf-8",
  "unicode-1-1-utf-8": "utf-8",
  "utf-16le": "utf-16le",
  "utf-16": "utf-16le",
  "latin1": "windows-1252",
  "ascii": "windows-1252",
  "iso-8859-1": "windows-1252",
  "windows-1252": "windows-1252",
};

export class TextDecoder {
  #encoding;
  #fatal;
  #ignoreBOM;
  #pending = new Uint8Array(0);

  constructor(label = "utf-8", { fatal = false, ignoreBOM = false } = {}) {
    this.#encoding = labels[String(label).trim().toLowerCase()];
    if (this.#encoding === undefined) {
      throw new RangeError(`The "${label}" encoding is not supported`);
    }
    this.#fatal = Boolean(fatal);
    this.#ignoreBOM = Boolean(ignoreBOM);
  }
  get encoding() {
    return this.#encoding;
  }
  get fatal() {
    return this.#fatal;
  }
  get ignoreBOM() {
    return this.#ignoreBOM;
  }
  decode(input = new Uint8Array(0), { stream = false } = {}) {
    let bytes = ArrayBuffer.isView(input)
        ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
        : new Uint8Array(input);
    if (this.#pending.length > 0) {
      const joined = new Uint8Array(this.#pending.length + bytes.length);
      joined.set(this.#pending);
      joined.set(bytes, this.#pending.length);
      bytes = joined;
    }
    let end = bytes.length;
    if (stream) {
      end = this.#encoding === "utf-8" ? completeUtf8(bytes)
          : this.#encoding === "utf-16le" ? end & ~1 : end;
    }
    this.#pending = bytes.slice(end);
    bytes = bytes.subarray(0, end);
    if (this.#encoding === "utf-8") {
      return decodeUtf8(bytes, this.#fatal, this.#ignoreBOM);
    }
    return decode(bytes, this.#encoding === "utf-16le" ? "utf16le" : "latin1");
  }
}

// Where the last complete sequence ends.
function completeUtf8(bytes) {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back];
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return need > back ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}

function invalidCharacter() {
  const error = new Error("Invalid character");
  error.name = "InvalidCharacterError";
  return error;
}

export function btoa(text) {
  const string = String(text);
  for (let i = 0; i < string.length; i++) {
    if (string.charCodeAt(i) > 255) throw invalidCharacter();
  }
  return decode(encode(string, "latin1"), "base64");
}

export function atob(text) {
  const clean = String(text).replace(/[\t\n\f\r ]/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(clean) ||
      clean.replace(/=+$/, "").length % 4 === 1) {
    throw invalidCharacter();
  }
  return decode(encode(clean, "base64"), "latin1");
}
