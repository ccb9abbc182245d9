// SPDX-License-Identifier: MIT
// rill:fs: the operations (vm/io_operations.def), and what is made of them:
// open files, streams, directories as iterators, temporary files. Every
// operation takes {signal, timeout} in its last argument.
import {
  changeMode,
  changeOwner,
  close as closeDescriptor,
  lock as lockDescriptor,
  makeTemporaryDirectory,
  open as openDescriptor,
  read as readDescriptor,
  readDirectory,
  readEntries,
  readFile,
  readText,
  remove,
  seek,
  setTimes,
  stat,
  sync,
  truncate,
  unlink,
  write as writeDescriptor,
} from "rill:internal/files";
import { codedError, outOfRange } from "rill:internal/errors";
import { loadBuiltin } from "rill:internal/modules";
import { dictionary } from "rill:internal/web/idl";

export {
  access,
  appendFile,
  changeMode,
  changeOwner,
  copy,
  copyFile,
  exists,
  link,
  lstat,
  makeDirectory,
  makeTemporaryDirectory,
  readDirectory,
  readFile,
  readLink,
  readText,
  realPath,
  remove,
  removeDirectory,
  rename,
  setTimes,
  stat,
  statFileSystem,
  symbolicLink,
  truncate,
  unlink,
  writeFile,
} from "rill:internal/files";

const secret = Symbol("File");
const defaultChunk = 65536;

// A file that nobody can close any more is closed.
const forgotten = new FinalizationRegistry((fd) => {
  closeDescriptor(fd).catch(() => {});
});

const whence = { start: 0, current: 1, end: 2 };

export class File {
  #fd;
  #path;
  #closing;

  constructor(key, fd, path) {
    if (key !== secret) throw new TypeError("Files are opened by open()");
    this.#fd = fd;
    this.#path = path;
    forgotten.register(this, fd, this);
  }

  // The number that the system knows it by. It stays this object's to close.
  get descriptor() {
    if (this.#fd < 0) {
      throw codedError(Error, "EBADF", `The file is closed: '${this.#path}'`);
    }
    return this.#fd;
  }
  get path() {
    return this.#path;
  }
  get closed() {
    return this.#fd < 0;
  }

  // At most so many bytes; null at the end. From `position`, or from where the
  // file stands.
  async read(length = defaultChunk, options = undefined) {
    const bytes = await readDescriptor(this.descriptor, length,
                                       options?.position, options);
    return bytes.length === 0 && length > 0 ? null : bytes;
  }
  // Into a buffer; gives the number of bytes, 0 at the end.
  async readInto(buffer, options = undefined) {
    const target = bytesOf(buffer);
    const bytes = await readDescriptor(this.descriptor, target.length,
                                       options?.position, options);
    target.set(bytes);
    return bytes.length;
  }
  // What there is from where the file stands.
  async readAll(options = undefined) {
    return await readFile(this.descriptor, options);
  }
  async readText(options = undefined) {
    return await readText(this.descriptor, options);
  }
  // All of the data (a string, a buffer); gives the number of bytes.
  async write(data, options = undefined) {
    return await writeDescriptor(this.descriptor, data, options?.position,
                                 options);
  }
  async seek(offset, from = "start", options = undefined) {
    if (whence[from] === undefined) {
      throw outOfRange("from", 'one of "start", "current" and "end"', from);
    }
    return await seek(this.descriptor, offset, whence[from], options);
  }
  async stat(options = undefined) {
    return await stat(this.descriptor, options);
  }
  async truncate(length = 0, options = undefined) {
    await truncate(this.descriptor, length, options);
  }
  // To the disk: all, or only what is needed to read the contents again.
  async sync(options = undefined) {
    await sync(this.descriptor, false, options);
  }
  async dataSync(options = undefined) {
    await sync(this.descriptor, true, options);
  }
  async changeMode(mode, options = undefined) {
    await changeMode(this.descriptor, mode, options);
  }
  async changeOwner(user, group, options = undefined) {
    await changeOwner(this.descriptor, user, group, options);
  }
  async setTimes(accessed, modified, options = undefined) {
    await setTimes(this.descriptor, accessed, modified, options);
  }

  // An advisory lock (flock): exclusive, or shared. It is waited for, which
  // takes a thread of the pool.
  async lock(options = undefined) {
    const { shared = false } = dictionary(options);
    await lockDescriptor(this.descriptor, shared ? "shared" : "exclusive",
                         options);
    return new Lock(this);
  }
  // The lock, or null: another has it.
  async tryLock(options = undefined) {
    const { shared = false } = dictionary(options);
    try {
      await lockDescriptor(this.descriptor,
                           shared ? "try shared" : "try exclusive", options);
    } catch (error) {
      if (error.code === "EAGAIN") return null;
      throw error;
    }
    return new Lock(this);
  }
  async unlock(options = undefined) {
    await lockDescriptor(this.descriptor, "unlock", options);
  }

  // Streams from where the file stands. They leave it open.
  get readable() {
    return streamOf(async () => this, {}, false);
  }
  get writable() {
    return sinkOf(async () => this, undefined, false);
  }
  lines(options = undefined) {
    return linesOf(this, options, false);
  }
  async *[Symbol.asyncIterator]() {
    for (let chunk; (chunk = await this.read()) !== null;) yield chunk;
  }

  // Waits for operations that still use it, but ends the wait for a lock.
  close() {
    if (this.#closing === undefined) {
      const fd = this.#fd;
      this.#fd = -1;
      forgotten.unregister(this);
      this.#closing = closeDescriptor(fd);
    }
    return this.#closing;
  }
  [Symbol.asyncDispose]() {
    return this.close();
  }
}

class Lock {
  #file;
  constructor(file) {
    this.#file = file;
  }
  async release(options = undefined) {
    const file = this.#file;
    if (file === undefined || file.closed) return;
    this.#file = undefined;
    try {
      await file.unlock(options);
    } catch (error) {
      this.#file = file; // it is still held
      throw error;
    }
  }
  [Symbol.asyncDispose]() {
    return this.release();
  }
}

const bytesOf = (buffer) =>
  ArrayBuffer.isView(buffer)
      ? new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
      : new Uint8Array(buffer);

export async function open(path, flags = "r", options = undefined) {
  const fd = await openDescriptor(path, flags, options?.mode, options);
  return new File(secret, fd, path);
}

// Streams ---------------------------------------------------------------------

// Bytes of a file, read as they are asked for. `end` is not read.
function streamOf(openFile, options, closes) {
  const { start, end = Infinity, chunkSize = defaultChunk, signal, timeout } =
      options;
  if (!(chunkSize >= 1)) throw outOfRange("chunkSize", ">= 1", chunkSize);
  let file;
  let position = start;
  let left = end - (start ?? 0);
  if (!(left >= 0)) throw outOfRange("end", ">= start", end);
  const close = () => (closes && file !== undefined ? file.close() : undefined);
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      try {
        file ??= await openFile();
        const request = controller.byobRequest;
        const length = Math.min(request?.view.byteLength ?? chunkSize, left);
        const chunk = length === 0 ? null
            : await file.read(length, { position, signal, timeout });
        if (chunk === null) {
          await close();
          controller.close();
          request?.respond(0);
          return;
        }
        left -= chunk.length;
        if (position !== undefined) position += chunk.length;
        if (request === null) {
          controller.enqueue(chunk);
        } else {
          bytesOf(request.view).set(chunk);
          request.respond(chunk.length);
        }
      } catch (error) {
        await close();
        throw error;
      }
    },
    cancel: close,
  }, { highWaterMark: 0 });
}

export function readStream(path, options = undefined) {
  const limits = dictionary(options);
  return streamOf(() => open(path, "r", limits), limits, true);
}

function sinkOf(openFile, options, closes) {
  const { start, signal, timeout } = dictionary(options);
  let file;
  let position = start;
  const close = () => (closes && file !== undefined ? file.close() : undefined);
  return new WritableStream({
    async start() {
      file = await openFile();
    },
    async write(chunk) {
      try {
        const count = await file.write(chunk, { position, signal, timeout });
        if (position !== undefined) position += count;
      } catch (error) {
        await close();
        throw error;
      }
    },
    close,
    abort: close,
  });
}

// Options: flags ("w"), mode, start, signal, timeout.
export function writeStream(path, options = undefined) {
  const { flags = "w" } = dictionary(options);
  return sinkOf(() => open(path, flags, options), options, true);
}

// Lines without their ends, "\n" or "\r\n".
async function* linesOf(file, options, closes) {
  const { encoding = "utf-8", chunkSize = defaultChunk } = dictionary(options);
  try {
    const decoder = new TextDecoder(encoding);
    let rest = "";
    for (;;) {
      const chunk = await file.read(chunkSize, options);
      const text = chunk === null ? decoder.decode()
          : decoder.decode(chunk, { stream: true });
      const lines = text.split("\n");
      lines[0] = rest + lines[0];
      rest = lines.pop();
      for (const line of lines) {
        yield line.endsWith("\r") ? line.slice(0, -1) : line;
      }
      if (chunk === null) break;
    }
    if (rest !== "") yield rest;
  } finally {
    if (closes) await file.close();
  }
}

export async function* readLines(path, options = undefined) {
  yield* linesOf(await open(path, "r", options), options, true);
}

// Directories -----------------------------------------------------------------

class Entry {
  constructor(name, kind, folder, depth) {
    this.name = name;
    this.kind = kind;
    this.path = folder === "" ? name
        : folder.endsWith("/") ? folder + name : `${folder}/${name}`;
    this.depth = depth;
  }
  get isFile() {
    return this.kind === "file";
  }
  get isDirectory() {
    return this.kind === "directory";
  }
  get isSymbolicLink() {
    return this.kind === "link";
  }
}

const O_DIRECTORY = 65536;

// The entries of a directory, as the system gives them: in no order, a few
// hundred at a time.
export async function* entries(path, options = undefined) {
  const folder = await open(path, O_DIRECTORY, options);
  try {
    for (;;) {
      const list = await readEntries(folder.descriptor, options);
      if (list.length === 0) return;
      for (const { name, kind } of list) {
        yield new Entry(name, kind, `${path}`, 1);
      }
    }
  } finally {
    await folder.close();
  }
}

// All that is below a directory, each folder before what it holds, sorted by
// name. Options: depth (how far down), enter(entry) (false: not into this
// folder), followLinks, onError(error, path) (instead of failing), signal,
// timeout (of each step).
export async function* walk(path, options = undefined) {
  const { depth = Infinity, enter, followLinks = false, onError, signal,
          timeout } = dictionary(options);
  const limits = { signal, timeout, types: true };
  const identity = async (folder) => {
    const { dev, ino } = await stat(folder, { signal, timeout });
    return `${dev}:${ino}`;
  };
  // Folders that are being looked through: [their entries, the next one, who
  // they are, to notice links that lead back].
  const stack = [];
  const down = async (folder) => {
    try {
      const self = followLinks ? await identity(folder) : undefined;
      if (self !== undefined && stack.some((level) => level.self === self)) {
        return;
      }
      const list = await readDirectory(folder, limits);
      stack.push({ folder, list, next: 0, self });
    } catch (error) {
      if (onError === undefined || signal?.aborted) throw error;
      onError(error, folder);
    }
  };
  const isFolder = async (entry) => {
    if (entry.kind !== "link" || !followLinks) return entry.isDirectory;
    try {
      return (await stat(entry.path, { signal, timeout })).isDirectory;
    } catch (error) {
      if (error.code === "ENOENT" || error.code === "ELOOP") return false;
      throw error;
    }
  };
  if (depth >= 1) await down(`${path}`);
  while (stack.length > 0) {
    const level = stack[stack.length - 1];
    if (level.next === level.list.length) {
      stack.length--;
      continue;
    }
    const { name, kind } = level.list[level.next++];
    const entry = new Entry(name, kind, level.folder, stack.length);
    yield entry;
    if (stack.length < depth && await isFolder(entry) &&
        (enter === undefined || enter(entry))) {
      await down(entry.path);
    }
  }
}

// The paths that match any of the patterns. See internal/fs_glob.js.
export async function* glob(patterns, options = undefined) {
  yield* loadBuiltin("rill:internal/fs_glob").glob(patterns, options);
}

// Whether a path matches a pattern, by the same rules, without any file.
export function matchGlob(pattern, path, options = undefined) {
  return loadBuiltin("rill:internal/fs_glob").matchGlob(pattern, path, options);
}

// What happens to files, as an async iterator. See internal/fs_watch.js.
export function watch(path, options = undefined) {
  return loadBuiltin("rill:internal/fs_watch").watch(path, options);
}

// Temporary files -------------------------------------------------------------

const temporaryFolder = () => loadBuiltin("node:os").tmpdir();

class TemporaryFile extends File {
  #kept = false;
  // It stays when it is closed.
  keep() {
    this.#kept = true;
    return this.path;
  }
  async close() {
    try {
      if (!this.#kept && !this.closed) {
        this.#kept = true;
        await unlink(this.path).catch(ignoreMissing);
      }
    } finally {
      await super.close();
    }
  }
}

function ignoreMissing(error) {
  if (error.code !== "ENOENT") throw error;
}

// An open file with a new name, for reading and writing, that is removed when it
// is closed. Options: directory, prefix, suffix, signal, timeout.
export async function temporaryFile(options = undefined) {
  const { directory = temporaryFolder(), prefix = "rill-", suffix = "" } =
      dictionary(options);
  for (;;) {
    const name = crypto.randomUUID().replaceAll("-", "").slice(0, 16);
    const path = `${directory}/${prefix}${name}${suffix}`;
    try {
      const fd = await openDescriptor(path, "wx+", 0o600, options);
      return new TemporaryFile(secret, fd, path);
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
  }
}

class TemporaryDirectory {
  #kept = false;
  constructor(path) {
    this.path = path;
  }
  keep() {
    this.#kept = true;
    return this.path;
  }
  // Cut off, what is left of it can be removed by another call.
  async remove(options = undefined) {
    if (this.#kept) return;
    const { signal, timeout } = dictionary(options);
    this.#kept = true;
    try {
      await remove(this.path, { recursive: true, force: true, signal, timeout });
    } catch (error) {
      this.#kept = false;
      throw error;
    }
  }
  [Symbol.asyncDispose]() {
    return this.remove();
  }
}

// A new folder that is removed, with all that is in it, when it is disposed of.
export async function temporaryDirectory(options = undefined) {
  const { directory = temporaryFolder(), prefix = "rill-" } =
      dictionary(options);
  return new TemporaryDirectory(
    await makeTemporaryDirectory(`${directory}/${prefix}`, options));
}
