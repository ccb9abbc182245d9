// SPDX-License-Identifier: MIT
// The promise forms of the table of internal/fs.js, those that take descriptors
// too, writeFile, and FileHandle: for node:fs/promises and node:fs.
import { EventEmitter } from "node:events";
import * as io from "rill:internal/files";
import { abortError, codedError } from "rill:internal/errors";
import { loadBuiltin } from "rill:internal/modules";
import {
  functions,
  objectOf,
  readArguments,
  readvArguments,
  stepNames,
  steps,
  writeArguments,
  writevArguments,
} from "rill:internal/fs";

// The reason of a signal is the cause of Node's AbortError.
function withAbortError(error, options) {
  const signal = options?.signal;
  return signal?.aborted && error === signal.reason ? abortError(error) : error;
}

function promiseForm(name) {
  const [operation, operands, result] = functions[name];
  const run = io[operation];
  return {
    async [name](...args) {
      const list = operands(...args);
      try {
        const value = await run(...list);
        return result === undefined ? value : result(value, ...args);
      } catch (error) {
        throw withAbortError(error, list.at(-1));
      }
    },
  }[name];
}

export const forms = {};
for (const name of Object.keys(functions)) forms[name] = promiseForm(name);
for (const name of stepNames) {
  forms[name] = {
    async [name](...args) {
      const { [name]: start, runAsync } = steps();
      return runAsync(start(args, false));
    },
  }[name];
}

export async function writeFile(path, data, options) {
  if (data?.[Symbol.asyncIterator] === undefined &&
      (data?.[Symbol.iterator] === undefined || typeof data === "string" ||
       ArrayBuffer.isView(data))) {
    return forms.writeFile(path, data, options);
  }
  // Chunks of an iterable or a stream.
  const { signal, flag = "w", mode, encoding } = objectOf(options);
  const isHandle = path instanceof FileHandle;
  const handle = isHandle ? path : await open(path, flag, mode);
  try {
    for await (const chunk of data) {
      if (signal?.aborted) throw abortError(signal.reason);
      await forms.writeFile(handle, chunk, { encoding, signal });
    }
  } finally {
    if (!isHandle) await handle.close();
  }
}

// Handles ---------------------------------------------------------------------

// One that nobody can close any more is closed.
const forgotten = new FinalizationRegistry((fd) => {
  io.close(fd).catch(() => {});
});

function closedError(call) {
  const error = codedError(Error, "EBADF", "file closed");
  error.syscall = call;
  return error;
}

class FileHandle extends EventEmitter {
  #fd;
  #closing;
  constructor(fd) {
    super();
    this.#fd = fd;
    forgotten.register(this, fd, this);
  }
  get fd() {
    return this.#fd;
  }
  get [Symbol.toStringTag]() {
    return "FileHandle";
  }
  #open(call) {
    if (this.#fd < 0) throw closedError(call);
    return this.#fd;
  }
  close() {
    if (this.#closing !== undefined) return this.#closing;
    if (this.#fd < 0) return Promise.resolve();
    const fd = this.#fd;
    this.#fd = -1;
    forgotten.unregister(this);
    this.#closing = io.close(fd).then(() => {
      this.emit("close");
    });
    return this.#closing;
  }
  async [Symbol.asyncDispose]() {
    await this.close();
  }

  async read(...args) {
    const fd = this.#open("read");
    const { buffer, length, position, take } = readArguments(...args);
    const bytes = await io.read(fd, length, position);
    return { bytesRead: take(bytes), buffer };
  }
  async readv(buffers, position) {
    const fd = this.#open("read");
    const { length, position: at, take } = readvArguments(buffers, position);
    return { bytesRead: take(await io.read(fd, length, at)), buffers };
  }
  async write(buffer, ...rest) {
    const fd = this.#open("write");
    const { data, position } = writeArguments(buffer, ...rest);
    return { bytesWritten: await io.write(fd, data, position), buffer };
  }
  async writev(buffers, position) {
    const fd = this.#open("write");
    const { data, position: at } = writevArguments(buffers, position);
    return { bytesWritten: await io.write(fd, data, at), buffers };
  }
  async readFile(options) {
    return forms.readFile(this.#open("read"), options);
  }
  async writeFile(data, options) {
    this.#open("write");
    return writeFile(this, data, options);
  }
  async appendFile(data, options) {
    this.#open("write");
    return writeFile(this, data, options);
  }
  async stat(options) {
    return forms.fstat(this.#open("fstat"), options);
  }
  async truncate(length) {
    return forms.ftruncate(this.#open("ftruncate"), length);
  }
  async sync() {
    return forms.fsync(this.#open("fsync"));
  }
  async datasync() {
    return forms.fdatasync(this.#open("fdatasync"));
  }
  async chmod(mode) {
    return forms.fchmod(this.#open("fchmod"), mode);
  }
  async chown(uid, gid) {
    return forms.fchown(this.#open("fchown"), uid, gid);
  }
  async utimes(atime, mtime) {
    return forms.futimes(this.#open("futime"), atime, mtime);
  }

  createReadStream(options) {
    const { ReadStream } = loadBuiltin("rill:internal/fs_classes");
    return new ReadStream(undefined, { ...objectOf(options), fd: this });
  }
  createWriteStream(options) {
    const { WriteStream } = loadBuiltin("rill:internal/fs_classes");
    return new WriteStream(undefined, { ...objectOf(options), fd: this });
  }
  readLines(options) {
    return loadBuiltin("node:readline").createInterface({
      input: this.createReadStream(options),
      crlfDelay: Infinity,
    });
  }
  readableWebStream() {
    const fd = this.#open("read");
    const handle = this;
    return new ReadableStream({
      type: "bytes",
      autoAllocateChunkSize: 16384,
      async pull(controller) {
        const { view } = controller.byobRequest;
        const bytes = await io.read(fd, view.byteLength, null);
        view.set(bytes);
        if (bytes.length === 0) controller.close();
        controller.byobRequest.respond(bytes.length);
      },
      cancel: () => handle.close(),
    });
  }
}

export const open = async (path, flags, mode) =>
  new FileHandle(await forms.open(path, flags, mode));
