// SPDX-License-Identifier: MIT
// Text to bytes and back, by Node's encoding names.
import {
  decodeLatin1,
  decodeUtf8,
  encodeLatin1,
  encodeUtf8,
} from "rill:internal/text";

const { toBase64: toBase64Text, toHex: toHexText } = Uint8Array.prototype;

const toBase64 = (bytes, url) =>
  toBase64Text.call(bytes, url ? { alphabet: "base64url", omitPadding: true }
                               : { alphabet: "base64" });

// Node takes both alphabets, drops what is in neither and stops at padding.
function fromBase64(text) {
  try {
    return Uint8Array.fromBase64(text);
  } catch {
    const clean = text.replace(/=.*$/s, "").replace(/[^A-Za-z0-9+/_-]/g, "")
      .replaceAll("-", "+").replaceAll("_", "/");
    return Uint8Array.fromBase64(
      clean.length % 4 === 1 ? clean.slice(0, -1) : clean);
  }
}

const toHex = (bytes) => toHexText.call(bytes);

// Up to the first pair that is no number.
function fromHex(text) {
  const even = text.length & 1 ? text.slice(0, -1) : text;
  const end = even.search(/[^0-9a-f]/i);
  return Uint8Array.fromHex(end < 0 ? even : even.slice(0, end & ~1));
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
  const units = [];
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    units.push(bytes[i] | (bytes[i + 1] << 8));
  }
  let text = "";
  for (let i = 0; i < units.length; i += 4096) {
    text += String.fromCharCode(...units.slice(i, i + 4096));
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
      return decodeUtf8(bytes);
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
