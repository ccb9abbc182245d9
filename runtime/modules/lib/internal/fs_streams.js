// SPDX-License-Identifier: MIT
// fs.ReadStream and fs.WriteStream.
import { adopt } from "node:buffer";
import { Readable, Writable } from "node:stream";
import * as io from "rill:internal/files";
import { inspect } from "rill:internal/inspect";
import {
  checkAbortSignal,
  checkFunction,
  codedError,
  invalidArgument,
  outOfRange,
} from "rill:internal/errors";
import { flagsOf, integer, modeOf, objectOf as optionsOf, pathOf } from
  "rill:internal/fs";
import { ReadStream, WriteStream } from "rill:internal/fs_classes";

const ownOperations = {
  ...io,
  open: async (path, flags, mode) =>
    io.open(path, flagsOf(flags), modeOf(mode)),
  sync: (fd) => io.sync(fd, false),
};

// Operations of the `fs` option, or our own. Those that it leaves out are our
// own, if it has any.
function operationsOf({ fs, fd }, needed) {
  if (fs === undefined || fs === null) {
    return typeof fd?.fd === "number" ? ofHandle(fd) : ownOperations;
  }
  const all = ["open", "close", ...needed];
  const absent = all.every((name) => fs[name] === undefined);
  for (const name of all) {
    if (absent || fs[name] !== undefined) {
      checkFunction(fs[name], `options.fs.${name}`);
    }
  }
  const promised = (name) => (...args) => new Promise((resolve, reject) => {
    fs[name](...args, (error, value) => (error ? reject(error)
                                               : resolve(value)));
  });
  const read = fs.read === undefined ? undefined : promised("read");
  return {
    open: fs.open === undefined ? ownOperations.open : promised("open"),
    async read(fd, length, position) {
      if (read === undefined) return io.read(fd, length, position);
      const buffer = Buffer.allocUnsafe(length);
      const count = await read(fd, buffer, 0, length, position);
      return buffer.subarray(0, count);
    },
    write: fs.write === undefined ? io.write : (fd, chunk, position) =>
      promised("write")(fd, chunk, 0, chunk.length, position),
    close: fs.close === undefined ? io.close : promised("close"),
    sync: fs.fsync === undefined ? ownOperations.sync : promised("fsync"),
  };
}

const ofHandle = (handle) => ({
  ...ownOperations,
  close: () => handle.close(),
});

// What both do: open, close.
function open(stream, done) {
  if (typeof stream.fd === "number") {
    done();
    return;
  }
  operations.get(stream).open(stream.path, stream.flags, stream.mode)
    .then((fd) => {
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
  const { close, sync } = operations.get(stream);
  const finish = () => close(fd)
    .then(() => done(error), (failure) => done(error ?? failure));
  if (!stream.flush) {
    finish();
    return;
  }
  sync(fd).catch((failure) => {
    error ??= failure;
  }).then(finish);
}

const operations = new WeakMap();

function setUp(stream, path, options, flags, needed) {
  const { encoding, fd, signal } = options;
  if (encoding && encoding !== "buffer" && !Buffer.isEncoding(encoding)) {
    throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                     `The argument 'encoding' is invalid encoding. Received ${
                       inspect(encoding)}`);
  }
  if (signal !== undefined) checkAbortSignal(signal, "options.signal");
  if (typeof fd === "number") {
    integer(fd, "fd", 0, 2147483647);
  } else if (fd !== undefined && fd !== null && typeof fd.fd !== "number") {
    throw invalidArgument("options.fd",
                          "of type number or an instance of FileHandle", fd);
  }
  operations.set(stream, operationsOf(options, needed));
  const handle = typeof options.fd?.fd === "number" ? options.fd : undefined;
  if (handle === undefined && typeof options.fd !== "number") {
    stream.path = pathOf(path);
  } else {
    stream.path = path;
  }
  stream.fd = handle?.fd ?? options.fd ?? null;
  stream.flags = options.flags ?? flags;
  stream.mode = options.mode ?? 0o666;
  stream.autoClose = options.autoClose ?? true;
  stream.start = options.start;
  handle?.once("close", () => stream.destroy());
}

function checkPlace(value, name) {
  if (value === undefined) return;
  if (typeof value !== "number") {
    throw invalidArgument(name, "of type number", value);
  }
  if (value !== Infinity && !Number.isInteger(value)) {
    throw outOfRange(name, "an integer", value);
  }
  if (value < 0) {
    throw outOfRange(name, ">= 0 && <= 9007199254740991", value);
  }
}

// What a constructor makes of a stream, and what its prototype has, except for
// what a program has put there before.
function complete(constructor, parent, methods) {
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
  Object.setPrototypeOf(constructor, parent);
  for (const key of Reflect.ownKeys(methods)) {
    if (Object.hasOwn(constructor.prototype, key)) continue;
    Object.defineProperty(constructor.prototype, key,
                          Object.getOwnPropertyDescriptor(methods, key));
  }
}

export function initReadStream(stream, path, options) {
  options = optionsOf(options);
  const { start, end = Infinity } = options;
  checkPlace(start, "start");
  checkPlace(end, "end");
  if (start > end) {
    throw outOfRange("start", `<= "end" (here: ${end})`, start);
  }
  setUp(stream, path, options, "r", ["read"]);
  Readable.call(stream, {
    highWaterMark: 64 * 1024,
    emitClose: true,
    ...options,
    autoDestroy: options.autoClose ?? true,
  });
  stream.end = end;
  stream.position = start;
  stream.bytesRead = 0;
}

complete(ReadStream, Readable, {
  _construct(done) {
    // The fields are set when the constructor is through; this runs later.
    open(this, done);
  },
  _read(size) {
    const left = this.end === Infinity ? size
        : this.end - (this.start ?? 0) + 1 - this.bytesRead;
    const count = Math.min(size, left);
    if (count <= 0) {
      this.push(null);
      return;
    }
    const { read } = operations.get(this);
    read(this.fd, count, this.position ?? null).then((bytes) => {
      this.bytesRead += bytes.length;
      if (this.position !== undefined) this.position += bytes.length;
      this.push(bytes.length === 0 ? null : adopt(bytes));
    }, (error) => this.destroy(error));
  },
  _destroy(error, done) {
    close(this, error, done);
  },
  close(callback) {
    if (callback) this.once("close", callback);
    this.destroy();
  },
  get pending() {
    return this.fd === null;
  },
});

export function initWriteStream(stream, path, options) {
  options = optionsOf(options);
  checkPlace(options.start, "start");
  const { flush = false } = options;
  if (flush !== null && typeof flush !== "boolean") {
    throw invalidArgument("options.flush", "of type boolean", flush);
  }
  setUp(stream, path, options, "w", ["write"]);
  stream.flush = flush ?? false;
  Writable.call(stream, {
    emitClose: true,
    ...options,
    decodeStrings: true,
    autoDestroy: options.autoClose ?? true,
  });
  stream.position = options.start;
  stream.bytesWritten = 0;
  if (options.encoding) stream.setDefaultEncoding(options.encoding);
}

complete(WriteStream, Writable, {
  _construct(done) {
    open(this, done);
  },
  _write(chunk, encoding, done) {
    const { write } = operations.get(this);
    write(this.fd, chunk, this.position ?? null).then((count) => {
      this.bytesWritten += count;
      if (this.position !== undefined) this.position += count;
      if (count === chunk.length) done();
      else this._write(chunk.subarray(count), encoding, done);
    }, done);
  },
  // What has gathered goes in one write.
  _writev(list, done) {
    this._write(Buffer.concat(list.map(({ chunk }) => chunk)), "buffer", done);
  },
  _destroy(error, done) {
    close(this, error, done);
  },
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
  },
  get pending() {
    return this.fd === null;
  },
});
