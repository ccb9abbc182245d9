// SPDX-License-Identifier: MIT
// permessage-deflate of WebSockets (RFC 7692): what is agreed on, and the two
// directions, each with a window that goes from message to message unless it
// was agreed that it does not.
import { open, reset, run } from "rill:internal/zlib";

const SYNC_FLUSH = 2, RAW = 2;
const name = "permessage-deflate";
const tail = Uint8Array.of(0, 0, 255, 255); // ends each message, is not sent
export const offer = `${name}; client_max_window_bits`;

// [{name: value or true}, ...] of a Sec-WebSocket-Extensions field's elements
// that are permessage-deflate; null where a parameter is none of ours.
function* parse(field) {
  for (const element of field.split(",")) {
    const [first, ...parameters] = element.split(";").map((part) => part.trim());
    if (first !== name) continue;
    const found = {};
    let good = true;
    for (const parameter of parameters) {
      const [key, quoted] = parameter.split("=").map((part) => part.trim());
      const value = quoted?.replace(/^"(.*)"$/, "$1");
      if (Object.hasOwn(found, key)) good = false;
      if (/^(server|client)_no_context_takeover$/.test(key)) {
        if (value !== undefined) good = false;
      } else if (/^(server|client)_max_window_bits$/.test(key)) {
        if (value === undefined ? key[0] === "s" : !/^([89]|1[0-5])$/.test(value)) {
          good = false;
        }
      } else {
        good = false;
      }
      found[key] = value === undefined ? true : Number(value);
    }
    yield good ? found : null;
  }
}

// zlib makes no raw streams with a window of 8 bits.
const canMake = (bits) => bits !== 8;

// A server's answer to what a client offers: {field, deflate}; undefined: no
// compression.
export function accept(field) {
  for (const found of parse(field ?? "")) {
    if (found === null || !canMake(found.server_max_window_bits)) continue;
    const { server_max_window_bits: bits = 15,
            server_no_context_takeover: own = false,
            client_no_context_takeover: peer = false } = found;
    let answer = name;
    if (own) answer += "; server_no_context_takeover";
    if (peer) answer += "; client_no_context_takeover";
    if (bits !== 15) answer += `; server_max_window_bits=${bits}`;
    return { field: answer, deflate: new MessageDeflate(bits, own, peer) };
  }
  return undefined;
}

// What a server has made of our offer; undefined: no compression. Throws if that
// is no answer to it.
export function agree(field) {
  const list = [...parse(field)];
  const [found] = list;
  const elements = field.split(",").length;
  if (elements !== 1 || list.length !== 1 || found === null ||
      found.client_max_window_bits === true) {
    throw new Error(
      `The server answers with extensions that nobody asked for: ${field}`);
  }
  const { client_max_window_bits: bits = 15, client_no_context_takeover: own = false,
          server_no_context_takeover: peer = false } = found;
  // Without compression of our own it goes as well.
  return new MessageDeflate(canMake(bits) ? bits : null, own, peer);
}

class MessageDeflate {
  #bits;
  #resetsOwn;
  #resetsPeer;
  #deflater = null;
  #inflater = null;

  constructor(bits, resetsOwn, resetsPeer) {
    this.#bits = bits;
    this.#resetsOwn = resetsOwn;
    this.#resetsPeer = resetsPeer;
  }

  // Short messages do not get shorter.
  isWorth(length) {
    return this.#bits !== null && length >= 128;
  }

  compress(bytes) {
    this.#deflater ??= open(false, RAW, this.#bits, -1, 8, 0, undefined);
    const [out] = run(this.#deflater, bytes, SYNC_FLUSH, Infinity);
    if (this.#resetsOwn) reset(this.#deflater);
    return out.subarray(0, out.length - tail.length);
  }

  // Throws a RangeError beyond the limit.
  expand(bytes, limit) {
    this.#inflater ??= open(true, RAW, 15, -1, 8, 0, undefined);
    const whole = new Uint8Array(bytes.length + tail.length);
    whole.set(bytes);
    whole.set(tail, bytes.length);
    const [out, , ended] = run(this.#inflater, whole, SYNC_FLUSH, limit);
    if (ended || this.#resetsPeer) reset(this.#inflater);
    return out;
  }
}
