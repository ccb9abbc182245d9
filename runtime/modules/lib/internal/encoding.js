// SPDX-License-Identifier: MIT
// Text to bytes and back, by Node's encoding names.
import {
  decodeLatin1,
  decodeUtf8,
  encodeLatin1,
  encodeUtf8,
} from "rill:internal/text";

const base64Alphabet =
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function toBase64(bytes, url) {
  const alphabet = url ? base64Alphabet.slice(0, 62) + "-_" : base64Alphabet;
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const a = bytes[i], b = bytes[i + 1], c = bytes[i + 2];
    text += alphabet[a >> 2] + alphabet[((a & 3) << 4) | (b >> 4)];
    if (i + 1 < bytes.length) text += alphabet[((b & 15) << 2) | (c >> 6)];
    else if (!url) text += "=";
    if (i + 2 < bytes.length) text += alphabet[c & 63];
    else if (!url) text += "=";
  }
  return text;
}

const base64Values = new Map(
  [...base64Alphabet].map((c, i) => [c.charCodeAt(0), i]),
);
base64Values.set(45, 62).set(95, 63);

function fromBase64(text) {
  const bytes = [];
  let bits = 0, count = 0;
  for (let i = 0; i < text.length; i++) {
    const value = base64Values.get(text.charCodeAt(i));
    if (text[i] === "=") break;
    if (value === undefined) continue;
    bits = ((bits << 6) | value) & 0xffffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes.push((bits >> count) & 255);
    }
  }
  return Uint8Array.from(bytes);
}

function toHex(bytes) {
  let text = "";
  for (const byte of bytes) text += (byte < 16 ? "0" : "") + byte.toString(16);
  return text;
}

function fromHex(text) {
  const bytes = [];
  for (let i = 0; i + 1 < text.length; i += 2) {
    const byte = Number.parseInt(text.slice(i, i + 2), 16);
    if (Number.isNaN(byte)) break;
    bytes.push(byte);
  }
  return Uint8Array.from(bytes);
}

function fromUtf16(text) {
  const bytes = new Uint8Array(text.length * 2);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    bytes[2 * i] = unit & 255;
    bytes[2 * i + 1] = unit >> 8;
  }
  return bytes;
}

function toUtf16(bytes) {
  let text = "";
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    text += String.fromCharCode(bytes[i] | (bytes[i + 1] << 8));
  }
  return text;
}

function unknown(encoding) {
  const error = new TypeError(`Unknown encoding: ${encoding}`);
  error.code = "ERR_UNKNOWN_ENCODING";
  return error;
}

export function normalizeEncoding(encoding) {
  switch (String(encoding).toLowerCase()) {
    case "utf8":
    case "utf-8":
      return "utf8";
    case "latin1":
    case "binary":
      return "latin1";
    case "ascii":
      return "ascii";
    case "hex":
      return "hex";
    case "base64":
      return "base64";
    case "base64url":
      return "base64url";
    case "ucs2":
    case "ucs-2":
    case "utf16le":
    case "utf-16le":
      return "utf16le";
    default:
      return undefined;
  }
}

export function encode(text, encoding = "utf8") {
  switch (normalizeEncoding(encoding)) {
    case "utf8":
      return encodeUtf8(text);
    case "latin1":
    case "ascii":
      return encodeLatin1(text);
    case "hex":
      return fromHex(text);
    case "base64":
    case "base64url":
      return fromBase64(text);
    case "utf16le":
      return fromUtf16(text);
    default:
      throw unknown(encoding);
  }
}

export function decode(bytes, encoding = "utf8") {
  switch (normalizeEncoding(encoding)) {
    case "utf8":
      return decodeUtf8(bytes, false, true);
    case "latin1":
      return decodeLatin1(bytes);
    case "ascii":
      return decodeLatin1(bytes.map((b) => b & 127));
    case "hex":
      return toHex(bytes);
    case "base64":
      return toBase64(bytes, false);
    case "base64url":
      return toBase64(bytes, true);
    case "utf16le":
      return toUtf16(bytes);
    default:
      throw unknown(encoding);
  }
}
