// SPDX-License-Identifier: MIT
// node:fs: the synchronous functions, and the callback forms of
// node:fs/promises.
import * as io from "rill:internal/files";
import * as sync from "rill:internal/fs-sync";
import * as promises from "node:fs/promises";
import {
  checkFunction,
  invalidArgument,
  isLackOfMemory,
} from "rill:internal/errors";
import {
  constants,
  Dirent,
  fdOf,
  functions,
  pathOf,
  readArguments,
  readvArguments,
  Stats,
  stepNames,
  steps,
  writeArguments,
  writevArguments,
} from "rill:internal/fs";
import { ReadStream, streams, WriteStream } from
  "rill:internal/fs_classes";
import { Dir } from "rill:internal/fs_dir";
import { forms } from "rill:internal/fs_handle";
import { loadBuiltin } from "rill:internal/modules";
import { nextTick } from "rill:internal/timers";

const customPromise = Symbol.for("nodejs.util.promisify.custom");
const fs = {};

// Synchronous -----------------------------------------------------------------

const isMissing = (error) =>
  error.code === "ENOENT" || error.code === "ENOTDIR";

for (const [name, [operation, operands, result]] of Object.entries(functions)) {
  const run = sync[operation];
  const plain = (...args) => {
    const value = run(...operands(...args));
    return result === undefined ? value : result(value, ...args);
  };
  const canMiss = name === "stat" || name === "lstat" || name === "fstat";
  const form = canMiss ? (path, options) => {
    if (options?.throwIfNoEntry !== false) return plain(path, options);
    try {
      return plain(path, options);
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  } : plain;
  Object.defineProperty(form, "name", { value: `${name}Sync` });
  fs[`${name}Sync`] = form;
}
for (const name of stepNames) {
  const key = `${name}Sync`;
  fs[key] = {
    [key](...args) {
      const { [name]: start, runSync } = steps();
      return runSync(start(args, true));
    },
  }[key];
}
Object.assign(fs, {
  existsSync(path) {
    try {
      return sync.exists(pathOf(path));
    } catch (error) {
      if (isLackOfMemory(error)) throw error;
      return false;
    }
  },
  readSync(fd, ...args) {
    fdOf(fd);
    const { length, position, take } = readArguments(...args);
    return take(sync.read(fd, length, position));
  },
  writeSync(fd, ...args) {
    fdOf(fd);
    const { data, position } = writeArguments(...args);
    return sync.write(fd, data, position);
  },
  readvSync(fd, buffers, at) {
    const { length, position, take } = readvArguments(buffers, at);
    return take(sync.read(fdOf(fd), length, position));
  },
  writevSync(fd, buffers, at) {
    const { data, position } = writevArguments(buffers, at);
    return sync.write(fdOf(fd), data, position);
  },
  opendirSync: (path, options) =>
    loadBuiltin("rill:internal/fs_dir").openSync(path, options),
});
fs.realpathSync.native = fs.realpathSync;

// With callbacks --------------------------------------------------------------

// Outside of the promise's job, so that what it throws is uncaught.
const settle = (promise, callback, ...before) => promise.then(
  (value) => nextTick(callback, null, ...before, value),
  (error) => nextTick(callback, error),
);

function callbackOf(args) {
  const callback = args.pop();
  // The first argument is never meant as one.
  if (args.length === 0) checkFunction(undefined, "cb");
  checkFunction(callback, "cb");
  return callback;
}

for (const name of [...Object.keys(functions), ...stepNames]) {
  const run = forms[name];
  const operands = functions[name]?.[1];
  fs[name] = {
    [name](...args) {
      const callback = callbackOf(args);
      operands?.(...args); // what is wrong with them is thrown
      run(...args).then((value) => value === undefined
          ? nextTick(callback, null) : nextTick(callback, null, value),
                        (error) => nextTick(callback, error));
    },
  }[name];
}
fs.realpath.native = fs.realpath;

function closeQuietly(error) {
  if (error) throw error;
}
const { close } = fs;
fs.close = { close: (fd, callback = closeQuietly) => close(fd, callback) }.close;

// read(fd, buffer, offset, length, position, callback) and its kin: the
// callback gets the count and the buffers, util.promisify an object of both.
function transfer(name, operation, take, countName, bufferName) {
  fs[name] = {
    [name](fd, ...args) {
      const callback = callbackOf(args);
      fdOf(fd);
      const call = take(...args);
      io[operation](fd, call.data ?? call.length, call.position).then(
        (result) => nextTick(callback, null,
                             call.take === undefined ? result
                                                     : call.take(result),
                             call.buffer ?? args[0]),
        (error) => nextTick(callback, error));
    },
  }[name];
  Object.defineProperty(fs[name], customPromise, {
    value: (...args) => new Promise((resolve, reject) => {
      fs[name](...args, (error, count, buffers) => {
        if (error) reject(error);
        else resolve({ [countName]: count, [bufferName]: buffers });
      });
    }),
  });
}
transfer("read", "read", readArguments, "bytesRead", "buffer");
transfer("readv", "read", readvArguments, "bytesRead", "buffers");
transfer("write", "write", writeArguments, "bytesWritten", "buffer");
transfer("writev", "write", writevArguments, "bytesWritten", "buffers");

fs.exists = {
  exists(path, callback) {
    checkFunction(callback, "cb");
    promises.access(path).then(() => nextTick(callback, true),
                               () => nextTick(callback, false));
  },
}.exists;
Object.defineProperty(fs.exists, customPromise, {
  value: (path) => promises.access(path).then(() => true, () => false),
});
fs.opendir = {
  opendir(path, ...rest) {
    const callback = rest.pop();
    checkFunction(callback, "cb");
    settle(promises.opendir(path, rest[0]), callback);
  },
}.opendir;

// Seldom used -----------------------------------------------------------------

const watchers = () => loadBuiltin("rill:internal/fs_watchers");

Object.assign(fs, {
  createReadStream: (path, options) => new ReadStream(path, options),
  createWriteStream: (path, options) => new WriteStream(path, options),
  watch: (path, options, listener) => watchers().watch(path, options, listener),
  watchFile: (path, options, listener) =>
    watchers().watchFile(path, options, listener),
  unwatchFile: (path, listener) => watchers().unwatchFile(path, listener),
  async openAsBlob(path, { type = "" } = {}) {
    if (typeof type !== "string") {
      throw invalidArgument("options.type", "of type string", type);
    }
    return new Blob([await promises.readFile(path)], { type });
  },
  _toUnixTimestamp(time, name = "time") {
    const seconds = functions.utimes[1]("", time, time)[1];
    return seconds instanceof Date ? seconds.getTime() / 1000 : seconds;
  },
});

const lazy = {
  ReadStream: () => (streams(), ReadStream),
  WriteStream: () => (streams(), WriteStream),
  FileReadStream: () => (streams(), ReadStream),
  FileWriteStream: () => (streams(), WriteStream),
};
for (const [name, get] of Object.entries(lazy)) {
  Object.defineProperty(fs, name, {
    get,
    set(value) {
      Object.defineProperty(fs, name, { value, writable: true });
    },
    enumerable: true,
    configurable: true,
  });
}
Object.assign(fs, {
  constants,
  Dir,
  Dirent,
  Stats,
  lchmod: undefined, // of macOS
  lchmodSync: undefined,
  F_OK: 0,
  R_OK: 4,
  W_OK: 2,
  X_OK: 1,
  promises: promises.default,
});

export const {
  F_OK, R_OK, W_OK, X_OK,
  _toUnixTimestamp, access, accessSync, appendFile, appendFileSync, chmod,
  chmodSync, chown, chownSync, copyFile, copyFileSync, cp, cpSync,
  createReadStream, createWriteStream, exists, existsSync, fchmod, fchmodSync,
  fchown, fchownSync, fdatasync, fdatasyncSync, fstat, fstatSync, fsync,
  fsyncSync, ftruncate, ftruncateSync, futimes, futimesSync, lchmod, lchmodSync,
  lchown, lchownSync, link, linkSync, lstat, lstatSync, lutimes, lutimesSync, mkdir, mkdirSync,
  mkdtemp, mkdtempSync, open, openAsBlob, openSync, opendir, opendirSync, read,
  readFile, readFileSync, readSync, readdir, readdirSync, readlink,
  readlinkSync, readv, readvSync, realpath, realpathSync, rename, renameSync,
  rm, rmSync, rmdir, rmdirSync, stat, statSync, statfs, statfsSync, symlink,
  symlinkSync, truncate, truncateSync, unlink, unlinkSync, unwatchFile, utimes,
  utimesSync, watch, watchFile, write, writeFile, writeFileSync, writeSync,
  writev, writevSync,
} = fs;
const closeFile = fs.close;
const closeFileSync = fs.closeSync;
export { closeFile as close, closeFileSync as closeSync };
export {
  constants,
  Dir,
  Dirent,
  ReadStream,
  ReadStream as FileReadStream,
  Stats,
  WriteStream,
  WriteStream as FileWriteStream,
};
const promisesObject = fs.promises;
export { promisesObject as promises };
export default fs;
