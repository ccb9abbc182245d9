// SPDX-License-Identifier: MIT
// fs.Dir: the entries of a directory, as the system gives them. The open
// directory is a descriptor, which keeps the place.
import * as io from "rill:internal/files";
import * as sync from "rill:internal/fs-sync";
import { checkFunction, codedError } from "rill:internal/errors";
import { constants, direntOf, objectOf, pathText } from "rill:internal/fs";
import { nextTick } from "rill:internal/timers";

function opendirError(error) {
  if (error.syscall === "open") {
    error.syscall = "opendir";
    error.message = error.message.replace(", open '", ", opendir '");
  }
  return error;
}

const forgotten = new FinalizationRegistry((fd) => {
  io.close(fd).catch(() => {});
});

export class Dir {
  #path;
  #options;
  #fd;
  #ready = []; // entries that were read and not given yet
  #folder; // where they are
  #below = []; // folders still to read, of a recursive one
  #reading = Promise.resolve();

  constructor(fd, path, options) {
    this.#fd = fd;
    this.#path = this.#folder = path;
    this.#options = options;
    forgotten.register(this, fd, this);
  }
  get path() {
    return this.#path;
  }

  #check() {
    if (this.#fd < 0) {
      throw codedError(Error, "ERR_DIR_CLOSED", "Directory handle was closed");
    }
  }

  #take() {
    const entry = this.#ready.pop();
    if (entry === undefined) return undefined;
    if (this.#options.recursive && entry.kind === "directory") {
      this.#below.push(`${this.#folder}/${entry.name}`);
    }
    return direntOf(entry, this.#folder, this.#options);
  }

  async #readNext() {
    this.#check();
    for (;;) {
      const entry = this.#take();
      if (entry !== undefined) return entry;
      this.#ready = (await io.readEntries(this.#fd)).reverse();
      if (this.#ready.length > 0) continue;
      if (this.#below.length === 0) return null;
      const folder = this.#below.shift();
      const fd = await io.open(folder, constants.O_DIRECTORY)
        .catch((error) => Promise.reject(opendirError(error)));
      await io.close(this.#fd);
      this.#moveTo(fd, folder);
    }
  }
  #moveTo(fd, folder) {
    forgotten.unregister(this);
    forgotten.register(this, fd, this);
    this.#fd = fd;
    this.#folder = folder;
  }
  readSync() {
    this.#check();
    for (;;) {
      const entry = this.#take();
      if (entry !== undefined) return entry;
      this.#ready = sync.readEntries(this.#fd).reverse();
      if (this.#ready.length > 0) continue;
      if (this.#below.length === 0) return null;
      const folder = this.#below.shift();
      let fd;
      try {
        fd = sync.open(folder, constants.O_DIRECTORY);
      } catch (error) {
        throw opendirError(error);
      }
      sync.close(this.#fd);
      this.#moveTo(fd, folder);
    }
  }

  // One after another, though they be asked for at once.
  read(callback) {
    const promise = this.#reading.then(() => this.#readNext());
    this.#reading = promise.catch(() => {});
    return withCallback(promise, callback);
  }
  close(callback) {
    const promise = this.#reading.then(() => {
      this.#check();
      const fd = this.#fd;
      this.#fd = -1;
      forgotten.unregister(this);
      return io.close(fd);
    });
    return withCallback(promise, callback);
  }
  closeSync() {
    this.#check();
    const fd = this.#fd;
    this.#fd = -1;
    forgotten.unregister(this);
    sync.close(fd);
  }

  async *[Symbol.asyncIterator]() {
    try {
      for (let entry; (entry = await this.read()) !== null;) yield entry;
    } finally {
      await this.close();
    }
  }
  entries() {
    return this[Symbol.asyncIterator]();
  }
  async [Symbol.asyncDispose]() {
    if (this.#fd >= 0) await this.close();
  }
}

function withCallback(promise, callback) {
  if (callback === undefined) return promise;
  checkFunction(callback, "callback");
  promise.then((value) => nextTick(callback, null, value),
               (error) => nextTick(callback, error));
}

export async function open(path, options) {
  const text = pathText(path);
  try {
    return new Dir(await io.open(text, constants.O_DIRECTORY), text,
                   objectOf(options));
  } catch (error) {
    throw opendirError(error);
  }
}

export function openSync(path, options) {
  const text = pathText(path);
  try {
    return new Dir(sync.open(text, constants.O_DIRECTORY), text,
                   objectOf(options));
  } catch (error) {
    throw opendirError(error);
  }
}
