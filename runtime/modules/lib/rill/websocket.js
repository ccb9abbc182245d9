// SPDX-License-Identifier: MIT
// rill:websocket: WebSockets (RFC 6455) over connections of rill:net. A socket
// is an async iterable of messages: strings and Uint8Arrays. Compression (RFC
// 7692) is used if it is asked for.
import { isLackOfMemory } from "rill:internal/errors";
import {
  acceptKey,
  mask,
  random,
  responseHead,
  upgrade,
} from "rill:internal/http";
import { checkLimits, withLimits } from "rill:internal/limits";
import { loadBuiltin } from "rill:internal/modules";
import { unread } from "rill:internal/net";
import { connect } from "rill:net";

const CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;
const COMPRESSED = 0x40; // RSV1
const deflateModule = () => loadBuiltin("rill:internal/message_deflate");
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

class ProtocolError extends Error {
  constructor(code, message) {
    super(message);
    this.name = "WebSocketError";
    this.code = code;
  }
}

function concat(first, second) {
  const joined = new Uint8Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

function isCloseCode(code) {
  return (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 &&
    code !== 1006) || (code >= 3000 && code <= 4999);
}

export class Socket {
  #connection;
  #isClient;
  #deflate; // undefined: no compression
  #limit;
  #buffer = new Uint8Array(0); // read, not looked at
  #at = 0;
  #reading = false;
  #left = null; // a message that nobody waits for any more
  #closeSent = false;
  #ended = null; // {code, reason, clean} once it is over
  #resolveClosed;
  protocol;
  extensions;
  // A promise of {code, reason, clean}: how it ended; clean: by the peer's word.
  closed;

  constructor(connection, { isClient, protocol = "", maxMessageBytes, deflate,
                            extensions = "" }) {
    this.#connection = connection;
    this.#deflate = deflate;
    this.extensions = extensions;
    this.#isClient = isClient;
    this.#limit = maxMessageBytes ?? 16 * 1024 * 1024;
    this.protocol = protocol;
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  get remoteAddress() {
    return this.#connection.remoteAddress;
  }

  // Makes sure of `count` bytes. False: the peer ended.
  async #fill(count) {
    while (this.#buffer.length - this.#at < count) {
      const chunk = await this.#connection.read();
      if (chunk === null) return false;
      this.#buffer = this.#at === this.#buffer.length
        ? chunk
        : concat(this.#buffer.subarray(this.#at), chunk);
      this.#at = 0;
    }
    return true;
  }

  // A payload, unmasked. Long ones are read into place.
  async #payload(length) {
    const payload = new Uint8Array(length);
    const there = Math.min(length, this.#buffer.length - this.#at);
    payload.set(this.#buffer.subarray(this.#at, this.#at + there));
    this.#at += there;
    for (let at = there; at < length;) {
      const count = await this.#connection.read(payload.subarray(at));
      if (count === null) return null;
      at += count;
    }
    return payload;
  }

  // {final, kind, compressed, payload}, or null: the connection ended.
  async #frame(soFar) {
    if (!(await this.#fill(2))) return null;
    const bytes = this.#buffer, at = this.#at;
    const first = bytes[at], second = bytes[at + 1];
    const kind = first & 15, final = first >= 128;
    const compressed = (first & COMPRESSED) !== 0;
    if ((first & 0x30) !== 0 ||
        (compressed && (this.#deflate === undefined ||
                        (kind !== TEXT && kind !== BINARY)))) {
      throw new ProtocolError(1002, "reserved bits");
    }
    if ((kind > BINARY && kind < CLOSE) || kind > PONG) {
      throw new ProtocolError(1002, "unknown opcode");
    }
    if (second >= 128 === this.#isClient) {
      throw new ProtocolError(1002, "wrong masking");
    }
    let length = second & 127;
    if (kind >= CLOSE && (!final || length > 125)) {
      throw new ProtocolError(1002, "bad control frame");
    }
    const extra = length === 126 ? 2 : length === 127 ? 8 : 0;
    const head = 2 + extra + (this.#isClient ? 0 : 4);
    if (!(await this.#fill(head))) return null;
    const view = new DataView(this.#buffer.buffer,
                              this.#buffer.byteOffset + this.#at, head);
    if (extra === 2) {
      length = view.getUint16(2);
      if (length < 126) throw new ProtocolError(1002, "length not minimal");
    } else if (extra === 8) {
      const long = view.getBigUint64(2);
      if (long < 65536n) throw new ProtocolError(1002, "length not minimal");
      if (long > BigInt(this.#limit)) throw new ProtocolError(1009, "too long");
      length = Number(long);
    }
    if (kind < CLOSE && soFar + length > this.#limit) {
      throw new ProtocolError(1009, "too long");
    }
    const key = this.#isClient ? 0 : view.getInt32(2 + extra, true);
    this.#at += head;
    const payload = await this.#payload(length);
    if (payload === null) return null;
    if (!this.#isClient) mask(payload, 0, key);
    return { final, kind, compressed, payload };
  }

  // A message, or null once the socket is closed. One that comes after {signal,
  // timeout} have cut this off is the next call's.
  receive(limits = undefined) {
    if (this.#reading && this.#left === null) {
      return Promise.reject(new Error("A message is already waited for"));
    }
    let message;
    const start = () => {
      message = this.#left ?? this.#receive();
      this.#left = null;
      return message;
    };
    if (limits === undefined) return start();
    const { signal, timeout } = limits;
    return withLimits("receive", signal, timeout, start, () => {
      this.#left = message;
    });
  }

  async #receive() {
    if (this.#ended !== null) return null;
    this.#reading = true;
    try {
      return await this.#message();
    } catch (error) {
      if (error instanceof ProtocolError) {
        await this.#sendClose(error.code, error.message);
        this.#end(error.code, error.message);
      } else if (this.#ended === null) {
        this.#end(1006, "");
      }
      return null;
    } finally {
      this.#reading = false;
    }
  }

  async #message() {
    let kind = CONTINUATION, compressed = false;
    const pieces = [];
    let length = 0;
    for (;;) {
      const frame = await this.#frame(length);
      if (frame === null) {
        this.#end(1006, "");
        return null;
      }
      if (frame.kind === PING) {
        await this.#send(PONG, frame.payload);
        continue;
      }
      if (frame.kind === PONG) continue;
      if (frame.kind === CLOSE) {
        await this.#onClose(frame.payload);
        return null;
      }
      if ((frame.kind === CONTINUATION) !== (kind !== CONTINUATION)) {
        throw new ProtocolError(1002, "wrong continuation");
      }
      if (kind === CONTINUATION) ({ kind, compressed } = frame);
      pieces.push(frame.payload);
      length += frame.payload.length;
      if (frame.final) break;
    }
    let bytes = pieces[0];
    if (pieces.length > 1) {
      bytes = new Uint8Array(length);
      let at = 0;
      for (const piece of pieces) {
        bytes.set(piece, at);
        at += piece.length;
      }
    }
    if (compressed) bytes = this.#expand(bytes);
    return kind === TEXT ? this.#text(bytes) : bytes;
  }

  #expand(bytes) {
    try {
      return this.#deflate.expand(bytes, this.#limit);
    } catch (error) {
      if (isLackOfMemory(error)) throw error;
      throw error instanceof RangeError
        ? new ProtocolError(1009, "too long")
        : new ProtocolError(1007, "what was compressed cannot be expanded");
    }
  }

  #text(bytes) {
    try {
      return decoder.decode(bytes);
    } catch (error) {
      if (isLackOfMemory(error)) throw error;
      throw new ProtocolError(1007, "text is not UTF-8");
    }
  }

  async #onClose(payload) {
    let code = 1005, reason = "";
    if (payload.length === 1) throw new ProtocolError(1002, "bad close frame");
    if (payload.length >= 2) {
      code = payload[0] << 8 | payload[1];
      if (!isCloseCode(code)) throw new ProtocolError(1002, "bad close code");
      reason = this.#text(payload.subarray(2));
    }
    await this.#sendClose(code === 1005 ? null : code, "");
    this.#end(code, reason, true);
  }

  #end(code, reason, clean = false) {
    if (this.#ended !== null) return;
    this.#ended = { code, reason, clean };
    this.#resolveClosed(this.#ended);
    // Who is not there will not read what is still to be written.
    if (code === 1006) this.#connection.abort();
    else this.#connection.close();
  }

  #send(kind, payload, limits = undefined) {
    if (limits !== undefined) {
      // Now: what is compressed must be sent, for the next depends on it.
      try {
        checkLimits(limits.signal, limits.timeout);
        limits.signal?.throwIfAborted();
      } catch (error) {
        return Promise.reject(error);
      }
    }
    let first = 128 | kind;
    if (kind < CLOSE && this.#deflate?.isWorth(payload.length)) {
      first |= COMPRESSED;
      payload = this.#deflate.compress(payload);
    }
    const masked = this.#isClient ? 4 : 0;
    const length = payload.length;
    const extra = length < 126 ? 0 : length < 65536 ? 2 : 8;
    const head = 2 + extra + masked;
    const frame = new Uint8Array(head + length);
    frame[0] = first;
    frame[1] = (masked === 4 ? 128 : 0) |
      (extra === 0 ? length : extra === 2 ? 126 : 127);
    if (extra === 2) {
      frame[2] = length >> 8;
      frame[3] = length;
    } else if (extra === 8) {
      new DataView(frame.buffer).setBigUint64(2, BigInt(length));
    }
    frame.set(payload, head);
    if (masked === 4) {
      const key = random();
      new DataView(frame.buffer).setInt32(head - 4, key, true);
      mask(frame, head, key);
    }
    const written = limits === undefined ? this.#connection.write(frame)
                                         : this.#connection.write(frame, limits);
    written.catch(() => this.#end(1006, ""));
    return written;
  }

  async #sendClose(code, reason) {
    if (this.#closeSent) return;
    this.#closeSent = true;
    let payload = new Uint8Array(0);
    if (code !== null) {
      const text = encoder.encode(reason);
      payload = new Uint8Array(2 + text.length);
      payload[0] = code >> 8;
      payload[1] = code;
      payload.set(text, 2);
    }
    try {
      await this.#send(CLOSE, payload);
    } catch {
      // The peer is gone: nothing is left to say.
    }
  }

  // A promise that the system has taken the message. What the limits cut off may
  // be half sent, so it takes the connection with it.
  send(data, limits = undefined) {
    if (this.#closeSent || this.#ended !== null) {
      return Promise.reject(new Error("The WebSocket is closed"));
    }
    if (typeof data === "string") {
      return this.#send(TEXT, encoder.encode(data), limits);
    }
    return this.#send(BINARY, data instanceof Uint8Array
      ? data
      : ArrayBuffer.isView(data)
        ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
        : new Uint8Array(data), limits);
  }

  ping(data = new Uint8Array(0), limits = undefined) {
    return this.#send(PING, data, limits);
  }

  // Says that it ends, and waits until the peer agrees, at most `timeout` ms or
  // until the signal aborts. The code is one that RFC 6455 (7.4) lets a frame
  // have; null: none is said.
  async close(code = 1000, reason = "", { signal, timeout = 5000 } = {}) {
    if (code !== null && !isCloseCode(code)) {
      throw new RangeError(`${code} is no code of a close frame`);
    }
    if (encoder.encode(reason).length > 123) {
      throw new RangeError("The reason is longer than 123 bytes");
    }
    checkLimits(signal, timeout);
    if (this.#ended !== null) return this.#ended;
    const giveUp = () => this.#end(1006, "");
    const timer = setTimeout(giveUp, timeout);
    try {
      if (signal?.aborted) giveUp();
      signal?.addEventListener("abort", giveUp);
      await this.#sendClose(code, reason);
      // Messages that are under way are dropped.
      while ((!this.#reading || this.#left !== null) &&
             (await this.receive()) !== null);
      return await this.closed;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
    }
  }

  async *[Symbol.asyncIterator]() {
    try {
      for (;;) {
        const message = await this.receive();
        if (message === null) return;
        yield message;
      }
    } finally {
      if (this.#ended === null) await this.close();
    }
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }
}

// Makes a Socket of a request to rill:http's server, whose handler then answers
// nothing more. Null: the request asks for no WebSocket.
// With `compress`, messages are, if the client can do that too.
export function upgradeWebSocket(request, options = {}) {
  const { protocol, maxMessageBytes, compress = false } = options;
  const agreed = compress
    ? deflateModule().accept(request.headers.get("sec-websocket-extensions"))
    : undefined;
  const connection = upgrade(request, protocol, agreed?.field);
  if (connection === undefined) return null;
  return new Socket(connection, { isClient: false, protocol, maxMessageBytes,
                                  deflate: agreed?.deflate,
                                  extensions: agreed?.field });
}

// Connects to a ws: or wss: URL; for that, options.tls is connect's.
export async function connectWebSocket(url, options = {}) {
  const { protocols = [], headers = {}, signal, timeout, maxMessageBytes,
          compress = false } = options;
  const { protocol: scheme, hostname, host, port, pathname, search } =
    new URL(url);
  if (scheme !== "ws:" && scheme !== "wss:") {
    throw new TypeError(`${url} is no ws: or wss: URL`);
  }
  const connection = await connect({
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: port !== "" ? Number(port) : scheme === "ws:" ? 80 : 443,
    tls: scheme === "wss:" && (options.tls ?? true),
    signal,
    timeout,
  });
  try {
    const key = btoa(String.fromCharCode(
      ...new Uint8Array(Int32Array.from({ length: 4 }, random).buffer)));
    let head = `GET ${pathname}${search} HTTP/1.1\r\nHost: ${host}\r\n` +
      "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
      `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n`;
    for (const name of protocols) {
      if (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) continue;
      throw new TypeError(`${name} is no protocol`);
    }
    if (protocols.length !== 0) {
      head += `Sec-WebSocket-Protocol: ${protocols.join(", ")}\r\n`;
    }
    if (compress) {
      head += `Sec-WebSocket-Extensions: ${deflateModule().offer}\r\n`;
    }
    for (const [name, value] of new Headers(headers)) {
      head += `${name}: ${value}\r\n`;
    }
    await connection.write(`${head}\r\n`, { signal, timeout });
    const limits = signal === undefined && timeout === undefined
      ? undefined
      : { signal, timeout };
    let answer = new Uint8Array(0), found;
    while (found === undefined) {
      const chunk = await connection.read(limits);
      if (chunk === null || answer.length > 16384) {
        throw new Error("The server's answer is no WebSocket handshake");
      }
      answer = concat(answer, chunk);
      found = responseHead(answer, 100);
    }
    if (typeof found === "number") {
      throw new Error("The server's answer is no WebSocket handshake");
    }
    const [end, status, reason, minor, , , , isUpgrade, list] = found;
    // What follows the head is frames.
    unread(connection, answer.subarray(end));
    const fields = new Headers();
    for (let i = 0; i < list.length; i += 2) fields.append(list[i], list[i + 1]);
    const protocol = fields.get("sec-websocket-protocol") ?? "";
    if (status !== 101 || minor !== 1 || !isUpgrade ||
        fields.get("upgrade")?.toLowerCase() !== "websocket" ||
        fields.get("sec-websocket-accept") !== acceptKey(key) ||
        (protocol !== "" && !protocols.includes(protocol))) {
      throw new Error("The server's answer is no WebSocket handshake: " +
                      `HTTP/1.${minor} ${status} ${reason}`);
    }
    const extensions = fields.get("sec-websocket-extensions") ?? "";
    if (extensions !== "" && !compress) {
      throw new Error(`The server answers with extensions that nobody asked for: ${
        extensions}`);
    }
    const deflate = extensions === "" ? undefined
                                      : deflateModule().agree(extensions);
    return new Socket(connection, { isClient: true, protocol, maxMessageBytes,
                                    deflate, extensions });
  } catch (error) {
    connection.abort();
    throw error;
  }
}
