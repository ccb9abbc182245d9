// SPDX-License-Identifier: MIT
// node:string_decoder: bytes that come in pieces to text. What cannot be
// decoded yet, because a character or a group is cut, waits for the next piece.
import { codedError } from "rill:internal/errors";
import { decode, normalizeEncoding } from "rill:internal/encoding";

// How many of the last bytes begin a UTF-8 sequence that they do not complete.
function cutUtf8(bytes) {
  for (let back = 1; back <= 3 && back <= bytes.length; back++) {
    const byte = bytes[bytes.length - back];
    if (byte >= 0xc2 && byte <= 0xf4) {
      const need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      if (need <= back) return 0;
      return back === 1 || validSecond(byte, bytes[bytes.length - back + 1])
          ? back : 0;
    }
    if (byte < 0x80 || byte > 0xbf) return 0;
  }
  return 0;
}

// Not overlong, not a surrogate, not beyond U+10FFFF.
function validSecond(first, second) {
  if (first === 0xe0) return second >= 0xa0;
  if (first === 0xed) return second <= 0x9f;
  if (first === 0xf0) return second >= 0x90;
  if (first === 0xf4) return second <= 0x8f;
  return true;
}

function cutUtf16(bytes) {
  const odd = bytes.length & 1;
  const high = bytes[bytes.length - odd - 1];
  return high >= 0xd8 && high <= 0xdb ? odd + 2 : odd;
}

export function StringDecoder(encoding) {
  if (!(this instanceof StringDecoder)) return new StringDecoder(encoding);
  this.encoding = normalizeEncoding(encoding ?? "utf8");
  if (this.encoding === undefined) {
    throw codedError(TypeError, "ERR_UNKNOWN_ENCODING",
                     `Unknown encoding: ${encoding}`);
  }
  this.pending = new Uint8Array(0);
}

Object.assign(StringDecoder.prototype, {
  write(bytes) {
    if (typeof bytes === "string") return bytes;
    if (!ArrayBuffer.isView(bytes)) {
      throw codedError(
        TypeError, "ERR_INVALID_ARG_TYPE",
        'The "buf" argument must be an instance of Buffer, TypedArray, or ' +
          "DataView.");
    }
    let all = bytes;
    if (this.pending.length > 0) {
      all = new Uint8Array(this.pending.length + bytes.length);
      all.set(this.pending);
      all.set(bytes, this.pending.length);
    }
    const cut = this.encoding === "utf8" ? cutUtf8(all)
        : this.encoding === "utf16le" ? cutUtf16(all)
        : this.encoding.startsWith("base64") ? all.length % 3 : 0;
    const end = all.length - cut;
    this.pending = Uint8Array.prototype.slice.call(all, end);
    return decode(all.subarray(0, end), this.encoding);
  },
  end(bytes) {
    const text = bytes === undefined ? "" : this.write(bytes);
    const rest = this.pending;
    this.pending = new Uint8Array(0);
    return rest.length === 0 ? text : text + decode(rest, this.encoding);
  },
  text(bytes, from) {
    this.pending = new Uint8Array(0);
    return this.write(bytes.subarray(from));
  },
});

export default { StringDecoder };
