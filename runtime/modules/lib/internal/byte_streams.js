// SPDX-License-Identifier: MIT
// Bytes that come and go: the pipes of a child, standard input and output.
import { invalidArgument } from "rill:internal/errors";
import { withLimits } from "rill:internal/limits";
import * as net from "rill:internal/net";

// Sources: read() gives a promise of bytes or null; cancelRead() makes a pending
// one fail, without loss.
export const connectionSource = (connection) => ({
  connection,
  read: () => net.read.call(connection),
  cancelRead: () => net.cancelRead(connection),
  close: () => net.close.call(connection),
});

const DRAIN_LIMIT = 64 * 1024;

export class ByteReader {
  #source;
  #reason; // why it was cut off
  #ahead = []; // read before anybody asked
  #draining = null;
  #readers = 0;
  #isOver = false;
  constructor(source) {
    this.#source = source;
  }

  // A promise of bytes; null at the end.
  async read({ signal, timeout } = {}) {
    if (this.#draining !== null) await this.#draining;
    if (this.#reason !== undefined) throw this.#reason;
    if (this.#ahead.length > 0) return this.#ahead.shift();
    if (this.#isOver) return null;
    this.#readers++;
    try {
      const chunk = await withLimits("read", signal, timeout,
                                     () => this.#source.read(),
                                     () => this.#source.cancelRead());
      if (chunk === null) this.#end();
      return chunk;
    } catch (error) {
      throw this.#reason !== undefined && error.code === "ECANCELED"
        ? this.#reason : error;
    } finally {
      this.#readers--;
    }
  }

  #end() {
    this.#isOver = true;
    return this.#source.close();
  }

  // The writer is gone: takes what there is, so that no descriptor waits for
  // somebody to read. Not more than a pipe holds.
  drain() {
    if (this.#readers === 0 && !this.#isOver) this.#draining ??= this.#drain();
  }
  async #drain() {
    let length = 0;
    try {
      while (length < DRAIN_LIMIT) {
        const chunk = await this.#source.read();
        if (chunk === null) {
          this.#end();
          break;
        }
        this.#ahead.push(chunk);
        length += chunk.length;
      }
    } catch (error) {
      // If it was closed, who reads is told of that.
      if (error.code !== "ECANCELED") this.#reason ??= error;
    } finally {
      this.#draining = null;
    }
  }

  async *[Symbol.asyncIterator]() {
    try {
      for (let chunk; (chunk = await this.read()) !== null;) yield chunk;
    } finally {
      await this.close();
    }
  }

  // All that is left. A limit: maxBytes.
  async bytes(options = {}) {
    const { maxBytes = Infinity } = options;
    const chunks = [];
    let length = 0;
    for (let chunk; (chunk = await this.read(options)) !== null;) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) {
        const error = new RangeError(`more than ${maxBytes} bytes`);
        error.code = "ERR_OUT_OF_RANGE";
        error.bytes = joined(chunks, length).subarray(0, maxBytes);
        throw error;
      }
    }
    return joined(chunks, length);
  }

  async text(options) {
    return new TextDecoder().decode(await this.bytes(options));
  }

  // Ended by \n or \r\n, which they do not include.
  async *lines(options) {
    const decoder = new TextDecoder();
    let rest = "";
    try {
      for (;;) {
        const chunk = await this.read(options);
        rest += chunk === null ? decoder.decode()
                               : decoder.decode(chunk, { stream: true });
        let at = 0;
        for (let end; (end = rest.indexOf("\n", at)) >= 0; at = end + 1) {
          yield rest.slice(at, rest[end - 1] === "\r" && end > at ? end - 1 : end);
        }
        rest = rest.slice(at);
        if (chunk === null) break;
      }
      if (rest !== "") yield rest;
    } finally {
      if (!options?.keepOpen) await this.close();
    }
  }

  get readable() {
    return new ReadableStream(
      {
        pull: async (controller) => {
          const chunk = await this.read();
          if (chunk === null) controller.close();
          else controller.enqueue(chunk);
        },
        cancel: () => this.close(),
      },
      { highWaterMark: 0 },
    );
  }

  close() {
    return this.#end();
  }

  // What is read from now on fails for this reason.
  cut(reason) {
    this.#reason = reason;
    return this.#end();
  }

  [Symbol.asyncDispose]() {
    return this.close();
  }
}

function joined(chunks, length) {
  if (chunks.length === 1) return chunks[0];
  const all = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}

// The writing end of a pipe.
export class PipeWriter {
  #connection;
  #writes = 0;
  constructor(connection) {
    this.#connection = connection;
  }

  // A promise of the system's having taken it. A write that is cut off may be
  // half done, so it takes the pipe with it.
  async write(data, { signal, timeout } = {}) {
    this.#writes++;
    try {
      await withLimits("write", signal, timeout,
                       () => net.write.call(this.#connection, data),
                       () => net.abort.call(this.#connection));
    } finally {
      this.#writes--;
    }
  }

  // The reader is gone. A write under way ends by itself; one that comes fails.
  readerIsGone() {
    if (this.#writes === 0) this.cut();
  }

  get writable() {
    return new WritableStream({
      write: (chunk) => this.write(chunk),
      close: () => this.close(),
      abort: () => this.cut(),
    });
  }

  // After what is written; cut off, without the rest of it.
  close({ signal, timeout } = {}) {
    return withLimits("close", signal, timeout,
                      () => net.close.call(this.#connection),
                      () => this.cut());
  }
  cut() {
    net.abort.call(this.#connection);
  }
  [Symbol.asyncDispose]() {
    return this.close();
  }
}

// Writes text, bytes, or what an iterable gives of them, then closes.
export async function feed(writer, data) {
  if (typeof data === "string" || ArrayBuffer.isView(data) ||
      data instanceof ArrayBuffer) {
    await writer.write(data);
  } else if (typeof data?.[Symbol.asyncIterator] === "function" ||
             typeof data?.[Symbol.iterator] === "function") {
    for await (const chunk of data) await writer.write(chunk);
  } else {
    throw invalidArgument("input", "a string, bytes or an iterable of them",
                          data);
  }
  await writer.close();
}
