// SPDX-License-Identifier: MIT
// node:fs: the synchronous functions, and the callback forms of
// node:fs/promises.
import * as sync from "rill:internal/fs-sync";
import * as promises from "node:fs/promises";
import {
  Dirent,
  Stats,
  constants,
  contents,
  dataOf,
  dirents,
  flagOf,
  times,
} from "rill:internal/fs";
import { loadBuiltin } from "rill:internal/modules";

function withMissingAllowed(options, work) {
  if (options?.throwIfNoEntry !== false) return work();
  try {
    return work();
  } catch (error) {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return undefined;
    throw error;
  }
}

const syncFunctions = {
  readFileSync: (path, options) => contents(sync.readFile(path), options),
  writeFileSync(path, data, options) {
    const bytes = dataOf(data, options);
    const flag = flagOf(options, "w");
    if (flag === "w") return sync.writeFile(path, bytes);
    if (flag === "a") return sync.appendFile(path, bytes);
    const fd = sync.open(path, flag, options?.mode);
    try {
      sync.write(fd, bytes);
    } finally {
      sync.close(fd);
    }
  },
  appendFileSync: (path, data, options) =>
    sync.appendFile(path, dataOf(data, options)),
  existsSync(path) {
    try {
      return sync.exists(path);
    } catch {
      return false;
    }
  },
  statSync: (path, options) =>
    withMissingAllowed(options, () => new Stats(sync.stat(path))),
  lstatSync: (path, options) =>
    withMissingAllowed(options, () => new Stats(sync.lstat(path))),
  fstatSync: (fd) => new Stats(sync.stat(fd)),
  accessSync: (path, mode) => sync.access(path, mode),
  readdirSync(path, options) {
    if (options?.recursive) {
      const result = [];
      for (const entry of dirents(sync.readDirectory(path, { types: true }), path)) {
        result.push(options.withFileTypes ? entry : entry.name);
        if (!entry.isDirectory()) continue;
        for (const name of syncFunctions.readdirSync(`${path}/${entry.name}`,
                                                     options)) {
          result.push(typeof name === "string" ? `${entry.name}/${name}`
                                               : name);
        }
      }
      return result;
    }
    return options?.withFileTypes
        ? dirents(sync.readDirectory(path, { types: true }), path)
        : sync.readDirectory(path);
  },
  mkdirSync: (path, options) => sync.makeDirectory(path, options),
  mkdtempSync: (prefix) => sync.makeTemporaryDirectory(prefix),
  rmdirSync: (path) => sync.removeDirectory(path),
  rmSync: (path, options) => sync.remove(path, options),
  unlinkSync: (path) => sync.unlink(path),
  renameSync: (from, to) => sync.rename(from, to),
  copyFileSync: (from, to, mode) => sync.copyFile(from, to, mode),
  realpathSync: (path) => sync.realPath(path),
  symlinkSync: (target, path) => sync.symbolicLink(target, path),
  readlinkSync: (path) => sync.readLink(path),
  chmodSync: (path, mode) => sync.changeMode(path, mode),
  utimesSync: (path, atime, mtime) =>
    sync.setTimes(path, ...times(atime, mtime)),
  truncateSync: (path, length) => sync.truncate(path, length),
  ftruncateSync: (fd, length) => sync.truncate(fd, length),
  openSync: (path, flags, mode) => sync.open(path, flags, mode),
  closeSync: (fd) => sync.close(fd),
  fsyncSync: (fd) => sync.sync(fd, false),
  readSync(fd, buffer, offset = 0, length, position = null) {
    if (typeof offset === "object" && offset !== null) {
      ({ offset = 0, length, position = null } = offset);
    }
    length ??= buffer.byteLength - offset;
    const bytes = sync.read(fd, length, position);
    buffer.set(bytes, offset);
    return bytes.length;
  },
  writeSync(fd, data, offset = 0, length, position = null) {
    if (typeof data === "string") {
      return sync.write(fd, data, typeof offset === "number" && offset > 0
          ? offset : null);
    }
    const end = length === undefined || length === null ? undefined
                                                        : offset + length;
    return sync.write(fd, data.subarray(offset, end), position);
  },
};
syncFunctions.realpathSync.native = syncFunctions.realpathSync;

// f(...args, callback) from a function that gives a promise.
const callbackForm = (name) => ({
  [name](...args) {
    const callback = args.pop();
    if (typeof callback !== "function") {
      const error = new TypeError(
        'The "cb" argument must be of type function. Received ' +
          typeof callback,
      );
      error.code = "ERR_INVALID_ARG_TYPE";
      throw error;
    }
    promises[name](...args).then(
      (value) => callback(null, value),
      (error) => callback(error),
    );
  },
})[name];

const names = [
  "access", "appendFile", "chmod", "copyFile", "lstat", "mkdir", "mkdtemp",
  "readFile", "readdir", "readlink", "realpath", "rename", "rm", "rmdir",
  "stat", "symlink", "truncate", "unlink", "utimes", "writeFile",
];
const callbacks = Object.fromEntries(names.map((n) => [n, callbackForm(n)]));
callbacks.realpath.native = callbacks.realpath;
callbacks.exists = (path, callback) =>
  promises.access(path).then(() => callback(true), () => callback(false));
callbacks.open = (path, flags, mode, callback) => {
  if (typeof flags === "function") [flags, callback] = ["r", flags];
  else if (typeof mode === "function") [mode, callback] = [undefined, mode];
  promises.open(path, flags, mode).then(
    (handle) => callback(null, handle.fd),
    (error) => callback(error),
  );
};
callbacks.close = (fd, callback = () => {}) =>
  new promises.FileHandle(fd).close().then(() => callback(null), callback);

// read(fd, buffer, offset, length, position, callback), or options for what
// is between buffer and callback.
callbacks.read = (fd, buffer, ...rest) => {
  const callback = rest.pop();
  const [offset, length, position] =
    typeof rest[0] === "object" && rest[0] !== null
        ? [rest[0].offset, rest[0].length, rest[0].position] : rest;
  new promises.FileHandle(fd).read(buffer, offset, length, position).then(
    ({ bytesRead }) => callback(null, bytesRead, buffer), callback);
};
// write(fd, bytes, offset, length, position, callback), or for text
// write(fd, text, position, encoding, callback).
callbacks.write = (fd, data, ...rest) => {
  const callback = rest.pop();
  const [offset, length, position] = typeof data === "string"
      ? [0, undefined, rest[0]] : rest;
  new promises.FileHandle(fd).write(data, offset, length, position).then(
    ({ bytesWritten }) => callback(null, bytesWritten, data), callback);
};
const handleForm = (method) => (fd, ...rest) => {
  const callback = rest.pop();
  new promises.FileHandle(fd)[method](...rest).then(
    (value) => callback(null, value), callback);
};
callbacks.fstat = handleForm("stat");
callbacks.fsync = callbacks.fdatasync = handleForm("sync");
callbacks.ftruncate = handleForm("truncate");

// Streams are loaded when they are first asked for.
const streams = () => loadBuiltin("rill:internal/fs_streams");
const createReadStream = (path, options) =>
  new (streams().ReadStream)(path, options);
const createWriteStream = (path, options) =>
  new (streams().WriteStream)(path, options);

const fs = {
  ...syncFunctions,
  ...callbacks,
  createReadStream,
  createWriteStream,
  get ReadStream() {
    return streams().ReadStream;
  },
  get WriteStream() {
    return streams().WriteStream;
  },
  promises: promises.default,
  constants,
  Stats,
  Dirent,
  F_OK: 0,
  R_OK: 4,
  W_OK: 2,
  X_OK: 1,
  watchFile() {
    throw new Error("fs.watchFile is not supported");
  },
  unwatchFile() {},
  watch() {
    throw new Error("fs.watch is not supported");
  },
};

export const {
  access, accessSync, appendFile, appendFileSync, chmod, chmodSync, close,
  closeSync, copyFile, copyFileSync, 
  exists, existsSync, fdatasync, fstat, fstatSync, fsync, fsyncSync,
  ftruncate, ftruncateSync, lstat, lstatSync, mkdir, mkdirSync, mkdtemp,
  mkdtempSync, open, openSync, read, readFile, readFileSync, readSync,
  readdir, readdirSync, readlink, readlinkSync, realpath, realpathSync,
  rename, renameSync, rm, rmSync, rmdir, rmdirSync, stat, statSync, symlink,
  symlinkSync, truncate, truncateSync, unlink, unlinkSync, unwatchFile,
  utimes, utimesSync, watch, watchFile, write, writeFile, writeFileSync,
  writeSync,
} = fs;
export { constants, createReadStream, createWriteStream, Dirent, Stats };
const promisesObject = fs.promises;
export { promisesObject as promises };
export default fs;
