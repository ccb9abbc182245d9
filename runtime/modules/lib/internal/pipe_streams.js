// SPDX-License-Identifier: MIT
// Streams of Node over pipes, terminals and standard input.
import { adopt } from "node:buffer";
import { connectionSource } from "rill:internal/byte_streams";
import * as net from "rill:internal/net";
import { Duplex } from "rill:internal/streams/duplex";
import { Readable } from "rill:internal/streams/readable";
import { Writable } from "rill:internal/streams/writable";

const bytesOf = (chunk, encoding) =>
  typeof chunk === "string" && encoding !== "utf8" && encoding !== "utf-8"
    ? Buffer.from(chunk, encoding) : chunk;

// `cancelled`: the read was, by the stream itself.
function readFrom(stream, source, over, cancelled) {
  source.read().then((chunk) => {
    over?.();
    if (stream.destroyed) return;
    if (chunk === null) {
      stream.push(null);
      return;
    }
    stream.bytesRead += chunk.length;
    stream.push(adopt(chunk));
  }, (error) => {
    over?.();
    if (stream.destroyed) return;
    if (error.code === "ECANCELED") {
      cancelled?.();
      return;
    }
    // The other side of a terminal that is gone.
    if (error.code === "EIO") stream.push(null);
    else stream.destroy(error);
  });
}

export class PipeReadable extends Readable {
  #source;
  #isReading = false;
  #isStopped = false;
  #isUnreferenced = false;
  bytesRead = 0;
  constructor(source, options) {
    super({ highWaterMark: 64 * 1024, ...options });
    this.#source = source;
  }
  // For a child that inherits it; undefined: it is none.
  get pipeConnection() {
    return this.#source.connection;
  }
  _read() {
    if (this.#isStopped && this.listenerCount("readable") === 0) return;
    this.#isStopped = false;
    if (this.#isReading) return;
    this.#isReading = true;
    readFrom(this, this.#source, () => {
      this.#isReading = false;
    }, () => {
      if (this._readableState.reading) this._read();
    });
    if (this.#isUnreferenced) this.#update();
  }
  // Does a read under way keep the program running?
  #update() {
    if (this.#isReading && this.pipeConnection !== undefined) {
      net.reference(this.pipeConnection, !this.#isUnreferenced);
    }
  }
  // Reads nothing while it is paused, so that the program may end.
  stopWhilePaused() {
    let isComing = false;
    this.on("pause", () => {
      if (isComing) return;
      isComing = true;
      process.nextTick(() => {
        isComing = false;
        if (!this.isPaused() || this.#isStopped) return;
        this.#isStopped = true;
        this.#source.cancelRead();
        this._readableState.reading = false;
      });
    });
    this.on("resume", () => {
      if (!this.#isStopped) return;
      this.#isStopped = false;
      this._readableState.reading = false;
      this.read(0);
    });
  }
  _destroy(error, done) {
    this.#source.close().then(() => done(error), done);
  }
  ref() {
    this.#isUnreferenced = false;
    this.#update();
    return this;
  }
  unref() {
    this.#isUnreferenced = true;
    this.#update();
    return this;
  }
}

export class PipeWritable extends Writable {
  #connection;
  bytesWritten = 0;
  constructor(connection) {
    super({ decodeStrings: false });
    this.#connection = connection;
  }
  _write(chunk, encoding, done) {
    const bytes = bytesOf(chunk, encoding);
    this.bytesWritten += typeof bytes === "string" ? Buffer.byteLength(bytes)
                                                   : bytes.length;
    net.write.call(this.#connection, bytes).then(() => done(), done);
  }
  _final(done) {
    net.close.call(this.#connection).then(() => done(), done);
  }
  _destroy(error, done) {
    net.abort.call(this.#connection);
    done(error);
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
}

// Both ways: the descriptors of a child beyond the third.
export class PipeDuplex extends Duplex {
  #connection;
  #source;
  bytesRead = 0;
  constructor(connection) {
    super({ decodeStrings: false, allowHalfOpen: false });
    this.#connection = connection;
    this.#source = connectionSource(connection);
  }
  _read() {
    readFrom(this, this.#source);
  }
  _write(chunk, encoding, done) {
    net.write.call(this.#connection, bytesOf(chunk, encoding))
      .then(() => done(), done);
  }
  _final(done) {
    net.closeWrite.call(this.#connection).then(() => done(), () => done());
  }
  _destroy(error, done) {
    net.close.call(this.#connection).then(() => done(error), done);
  }
}
