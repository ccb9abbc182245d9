// SPDX-License-Identifier: MIT
// fs.ReadStream and fs.WriteStream.
import { adopt } from "node:buffer";
import { Readable, Writable } from "node:stream";
import * as io from "rill:internal/files";
import { outOfRange } from "rill:internal/errors";

const optionsOf = (options) =>
  typeof options === "string" ? { encoding: options } : options ?? {};

// What both do: open, close.
function open(stream, done) {
  if (typeof stream.fd === "number") {
    done();
    return;
  }
  io.open(stream.path, stream.flags, stream.mode).then((fd) => {
    stream.fd = fd;
    done();
    stream.emit("open", fd);
    stream.emit("ready");
  }, done);
}

function close(stream, error, done) {
  const { fd } = stream;
  stream.fd = null;
  if (typeof fd !== "number" || !stream.autoClose) {
    done(error);
    return;
  }
  io.close(fd).then(() => done(error), (failure) => done(error ?? failure));
}

function setUp(stream, path, options, flags) {
  stream.path = path;
  stream.fd = options.fd?.fd ?? options.fd ?? null;
  stream.flags = options.flags ?? flags;
  stream.mode = options.mode ?? 0o666;
  stream.autoClose = options.autoClose ?? true;
  stream.start = options.start;
}

export class ReadStream extends Readable {
  constructor(path, options) {
    options = optionsOf(options);
    const { start, end = Infinity } = options;
    if (start !== undefined && !(start >= 0 && start <= end)) {
      throw outOfRange("start", `<= "end" (here: ${end})`, start);
    }
    super({
      highWaterMark: 64 * 1024,
      emitClose: true,
      ...options,
      autoDestroy: options.autoClose ?? true,
    });
    setUp(this, path, options, "r");
    this.end = end;
    this.position = start;
    this.bytesRead = 0;
  }
  _construct(done) {
    // The fields are set when the constructor is through; this runs later.
    open(this, done);
  }
  _read(size) {
    const left = this.end === Infinity ? size
        : this.end - (this.start ?? 0) + 1 - this.bytesRead;
    const count = Math.min(size, left);
    if (count <= 0) {
      this.push(null);
      return;
    }
    io.read(this.fd, count, this.position ?? null).then((bytes) => {
      this.bytesRead += bytes.length;
      if (this.position !== undefined) this.position += bytes.length;
      this.push(bytes.length === 0 ? null : adopt(bytes));
    }, (error) => this.destroy(error));
  }
  _destroy(error, done) {
    close(this, error, done);
  }
  close(callback) {
    if (callback) this.once("close", callback);
    this.destroy();
  }
  get pending() {
    return this.fd === null;
  }
}

export class WriteStream extends Writable {
  constructor(path, options) {
    options = optionsOf(options);
    super({
      emitClose: true,
      ...options,
      decodeStrings: true,
      autoDestroy: options.autoClose ?? true,
    });
    setUp(this, path, options, "w");
    this.position = options.start;
    this.bytesWritten = 0;
    if (options.encoding) this.setDefaultEncoding(options.encoding);
  }
  _construct(done) {
    open(this, done);
  }
  _write(chunk, encoding, done) {
    io.write(this.fd, chunk, this.position ?? null).then((count) => {
      this.bytesWritten += count;
      if (this.position !== undefined) this.position += count;
      done();
    }, done);
  }
  _destroy(error, done) {
    close(this, error, done);
  }
  close(callback) {
    if (callback) {
      if (this.closed) {
        process.nextTick(callback);
        return;
      }
      this.once("close", callback);
    }
    if (!this.autoClose) this.once("finish", () => this.destroy());
    this.end();
  }
  get pending() {
    return this.fd === null;
  }
}
