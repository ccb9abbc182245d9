// SPDX-License-Identifier: MIT
// What the three forms of node:fs share: constants, Stats, Dirent, arguments
// checked, and the table of functions that are one operation each. The
// synchronous form is made of rill:internal/fs-sync, the others of
// rill:internal/files.
import { adopt } from "node:buffer";
import { decode, encode, normalizeEncoding } from "rill:internal/encoding";
import {
  codedError,
  invalidArgument,
  outOfRange,
} from "rill:internal/errors";
import { loadBuiltin } from "rill:internal/modules";

export const constants = {
  UV_FS_SYMLINK_DIR: 1,
  UV_FS_SYMLINK_JUNCTION: 2,
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  UV_DIRENT_UNKNOWN: 0,
  UV_DIRENT_FILE: 1,
  UV_DIRENT_DIR: 2,
  UV_DIRENT_LINK: 3,
  UV_DIRENT_FIFO: 4,
  UV_DIRENT_SOCKET: 5,
  UV_DIRENT_CHAR: 6,
  UV_DIRENT_BLOCK: 7,
  S_IFMT: 61440,
  S_IFREG: 32768,
  S_IFDIR: 16384,
  S_IFCHR: 8192,
  S_IFBLK: 24576,
  S_IFIFO: 4096,
  S_IFLNK: 40960,
  S_IFSOCK: 49152,
  O_CREAT: 64,
  O_EXCL: 128,
  UV_FS_O_FILEMAP: 0,
  O_NOCTTY: 256,
  O_TRUNC: 512,
  O_APPEND: 1024,
  O_DIRECTORY: 65536,
  O_NOATIME: 262144,
  O_NOFOLLOW: 131072,
  O_SYNC: 1052672,
  O_DSYNC: 4096,
  O_DIRECT: 16384,
  O_NONBLOCK: 2048,
  S_IRWXU: 448,
  S_IRUSR: 256,
  S_IWUSR: 128,
  S_IXUSR: 64,
  S_IRWXG: 56,
  S_IRGRP: 32,
  S_IWGRP: 16,
  S_IXGRP: 8,
  S_IRWXO: 7,
  S_IROTH: 4,
  S_IWOTH: 2,
  S_IXOTH: 1,
  F_OK: 0,
  R_OK: 4,
  W_OK: 2,
  X_OK: 1,
  UV_FS_COPYFILE_EXCL: 1,
  COPYFILE_EXCL: 1,
  UV_FS_COPYFILE_FICLONE: 2,
  COPYFILE_FICLONE: 2,
  UV_FS_COPYFILE_FICLONE_FORCE: 4,
  COPYFILE_FICLONE_FORCE: 4,
};

// Results ---------------------------------------------------------------------

class StatsBase {
  #is(kind) {
    return (Number(this.mode) & constants.S_IFMT) === kind;
  }
  isDirectory() {
    return this.#is(constants.S_IFDIR);
  }
  isFile() {
    return this.#is(constants.S_IFREG);
  }
  isBlockDevice() {
    return this.#is(constants.S_IFBLK);
  }
  isCharacterDevice() {
    return this.#is(constants.S_IFCHR);
  }
  isSymbolicLink() {
    return this.#is(constants.S_IFLNK);
  }
  isFIFO() {
    return this.#is(constants.S_IFIFO);
  }
  isSocket() {
    return this.#is(constants.S_IFSOCK);
  }
}

function fill(stats, raw) {
  const { kind, isFile, isDirectory, isSymbolicLink, ...fields } = raw;
  Object.assign(stats, fields);
  for (const name of ["atime", "mtime", "ctime", "birthtime"]) {
    stats[name] = new Date(Math.round(Number(raw[`${name}Ms`])));
  }
}

export class Stats extends StatsBase {
  constructor(raw) {
    super();
    fill(this, raw);
  }
}

class BigIntStats extends StatsBase {
  constructor(raw) {
    super();
    fill(this, raw);
  }
}

export const statsOf = (raw, options) =>
  options?.bigint ? new BigIntStats(raw) : new Stats(raw);

// What is told of a file that is not there.
export function noStats(bigint) {
  const names = ["dev", "mode", "nlink", "uid", "gid", "rdev", "blksize", "ino",
                 "size", "blocks", "atimeMs", "mtimeMs", "ctimeMs",
                 "birthtimeMs"];
  if (bigint) names.push("atimeNs", "mtimeNs", "ctimeNs", "birthtimeNs");
  const zero = bigint ? 0n : 0;
  return statsOf(Object.fromEntries(names.map((n) => [n, zero])), { bigint });
}

class StatFs {
  constructor(raw) {
    Object.assign(this, raw);
  }
}

export class Dirent {
  #kind;
  constructor(name, kind, path) {
    this.name = name;
    this.parentPath = path;
    this.path = path;
    this.#kind = kind;
  }
  isDirectory() {
    return this.#kind === "directory";
  }
  isFile() {
    return this.#kind === "file";
  }
  isBlockDevice() {
    return this.#kind === "block";
  }
  isCharacterDevice() {
    return this.#kind === "character";
  }
  isSymbolicLink() {
    return this.#kind === "link";
  }
  isFIFO() {
    return this.#kind === "fifo";
  }
  isSocket() {
    return this.#kind === "socket";
  }
}

// A name as the encoding option wants it.
export function named(name, options) {
  const encoding = encodingOf(options);
  if (encoding === "buffer") return adopt(encode(name));
  return encoding && encoding !== "utf8" && encoding !== "utf-8"
      ? decode(encode(name), encoding) : name;
}

export const direntOf = ({ name, kind }, path, options) =>
  new Dirent(named(name, options), kind, path);

// Arguments -------------------------------------------------------------------

const isUrl = (value) =>
  typeof value?.href === "string" && typeof value.protocol === "string";

export function pathOf(value, name = "path") {
  let path = value;
  if (typeof value !== "string" && !(value instanceof Uint8Array)) {
    if (!isUrl(value)) {
      throw invalidArgument(
        name, "of type string or an instance of Buffer or URL", value);
    }
    path = loadBuiltin("node:url").fileURLToPath(value);
  }
  if (typeof path === "string" ? path.includes("\0") : path.includes(0)) {
    const { inspect } = loadBuiltin("node:util");
    throw codedError(
      TypeError, "ERR_INVALID_ARG_VALUE",
      `The ${name.includes(".") ? "property" : "argument"} '${name}' must be ` +
      "a string, Uint8Array, or URL without null bytes. Received " +
      inspect(path));
  }
  return path;
}

// The path as text, for those who join names to it.
export function pathText(value, name = "path") {
  const path = pathOf(value, name);
  return typeof path === "string" ? path : decode(path);
}

export function fdOf(value, name = "fd") {
  if (typeof value !== "number") {
    throw invalidArgument(name, "of type number", value);
  }
  return integer(value, name, 0, 2147483647);
}

export function integer(value, name, least, most) {
  if (typeof value !== "number") {
    throw invalidArgument(name, "of type number", value);
  }
  if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
  if (value < least || value > most) {
    throw outOfRange(name, `>= ${least} && <= ${most}`, value);
  }
  return value;
}

// A FileHandle, a descriptor, or a path.
const fileOf = (value) =>
  typeof value === "number" ? fdOf(value)
  : typeof value?.fd === "number" ? value.fd : pathOf(value);

export function objectOf(options) {
  if (options === undefined || options === null) return {};
  if (typeof options === "string") return { encoding: options };
  if (typeof options === "object") return options;
  throw invalidArgument("options", "of type string or an instance of Object",
                        options);
}

const encodingOf = (options) =>
  typeof options === "string" ? options : options?.encoding;

// The contents of a file by the options of readFile.
function contents(bytes, path, options) {
  const encoding = encodingOf(options);
  return encoding && encoding !== "buffer" ? decode(bytes, encoding)
                                           : adopt(bytes);
}

function dataOf(data, options, name = "data") {
  if (typeof data === "string") {
    const encoding = encodingOf(options) ?? "utf8";
    return encoding === "utf8" || encoding === "utf-8" ? data
                                                       : encode(data, encoding);
  }
  if (ArrayBuffer.isView(data)) return data;
  throw invalidArgument(
    name,
    "of type string or an instance of Buffer, TypedArray, or DataView", data);
}

const openFlags = new Set([
  "r", "rs", "sr", "r+", "rs+", "sr+", "w", "wx", "xw", "w+", "wx+", "xw+", "a",
  "ax", "xa", "a+", "ax+", "xa+", "as", "sa", "as+", "sa+",
]);

export function flagsOf(flags) {
  if (flags === undefined || flags === null || openFlags.has(flags)) {
    return flags;
  }
  if (typeof flags === "number") {
    return integer(flags, "flags", -2147483648, 2147483647);
  }
  const { inspect } = loadBuiltin("node:util");
  throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                   `The argument 'flags' is invalid. Received ${inspect(flags)}`);
}

export function modeOf(mode) {
  if (mode === undefined || mode === null) return undefined;
  if (typeof mode === "number") return integer(mode, "mode", 0, 4294967295);
  if (typeof mode === "string" && /^[0-7]+$/.test(mode)) {
    return parseInt(mode, 8);
  }
  const { inspect } = loadBuiltin("node:util");
  throw codedError(
    TypeError, "ERR_INVALID_ARG_VALUE",
    "The argument 'mode' must be a 32-bit unsigned integer or an octal " +
    `string. Received ${inspect(mode)}`);
}

function neededMode(mode) {
  const number = modeOf(mode);
  if (number !== undefined) return number;
  throw invalidArgument("mode", "of type number", mode);
}

function checkEncoding(encoding) {
  if (typeof encoding !== "string" || encoding === "buffer" ||
      encoding === "" || normalizeEncoding(encoding) !== undefined) {
    return;
  }
  throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                   "The argument 'encoding' is invalid encoding. Received " +
                   `'${encoding}'`);
}

// Of readFile, writeFile and appendFile.
function contentOptions(options, flag) {
  const { signal, mode, flush, encoding } = objectOf(options);
  checkEncoding(encoding);
  if (signal !== undefined && typeof signal?.aborted !== "boolean") {
    throw invalidArgument("options.signal", "an instance of AbortSignal",
                          signal);
  }
  return {
    signal,
    mode: modeOf(mode),
    flush,
    flag: flagsOf(objectOf(options).flag ?? flag),
  };
}

const lengthOf = (length = 0, name = "len") =>
  Math.max(0, integer(length ?? 0, name, -9007199254740991, 9007199254740991));

function secondsOf(time) {
  if (typeof time === "string" && Number(time) == time) return Number(time);
  if (time instanceof Date) return time;
  if (typeof time === "number") {
    return Number.isFinite(time) ? (time < 0 ? Date.now() / 1000 : time)
                                 : Date.now() / 1000;
  }
  throw invalidArgument("time", "an instance of Date or an Time in seconds",
                        time);
}

const timesOf = (atime, mtime) => [secondsOf(atime), secondsOf(mtime)];

const ownerOf = (uid, gid) =>
  [integer(uid, "uid", -1, 4294967295), integer(gid, "gid", -1, 4294967295)];

export function copyMode(mode = 0) {
  if (typeof mode !== "number") {
    throw invalidArgument("mode", "of type number", mode);
  }
  if (!(mode >= 0 && mode <= 7)) {
    throw codedError(RangeError, "ERR_OUT_OF_RANGE",
                     "mode is out of range: >= 0 && <= 7");
  }
  return {
    exclusive: (mode & 1) !== 0,
    clone: (mode & 2) !== 0,
    cloneOnly: (mode & 4) !== 0,
  };
}

const ownLinks = { followLinks: false };
const nameOfFirst = (name, path, options) => named(name, options);
const statsResult = (raw, path, options) => statsOf(raw, options);
const onPath = (path, ...rest) => [pathOf(path), ...rest];

// name: [operation, its arguments from the function's, the function's result
// from the operation's and from the arguments].
export const functions = {
  access: ["access", (path, mode) => onPath(path, mode)],
  appendFile: ["appendFile", (path, data, options) =>
    [fileOf(path), dataOf(data, options), contentOptions(options, "a")]],
  chmod: ["changeMode", (path, mode) => onPath(path, neededMode(mode))],
  chown: ["changeOwner", (path, uid, gid) => onPath(path, ...ownerOf(uid, gid))],
  close: ["close", (fd) => [fdOf(fd)]],
  copyFile: ["copyFile", (from, to, mode) =>
    [pathOf(from, "src"), pathOf(to, "dest"), copyMode(mode)]],
  fchmod: ["changeMode", (fd, mode) => [fdOf(fd), neededMode(mode)]],
  fchown: ["changeOwner", (fd, uid, gid) => [fdOf(fd), ...ownerOf(uid, gid)]],
  fdatasync: ["sync", (fd) => [fdOf(fd), true]],
  fstat: ["stat", (fd, options) => [fdOf(fd), options], statsResult],
  fsync: ["sync", (fd) => [fdOf(fd), false]],
  ftruncate: ["truncate", (fd, length) => [fdOf(fd), lengthOf(length)]],
  futimes: ["setTimes", (fd, atime, mtime) =>
    [fdOf(fd), ...timesOf(atime, mtime)]],
  lchown: ["changeOwner", (path, uid, gid) =>
    onPath(path, ...ownerOf(uid, gid), ownLinks)],
  link: ["link", (from, to) =>
    [pathOf(from, "existingPath"), pathOf(to, "newPath")]],
  lstat: ["lstat", onPath, statsResult],
  lutimes: ["setTimes", (path, atime, mtime) =>
    onPath(path, ...timesOf(atime, mtime), ownLinks)],
  mkdir: ["makeDirectory", (path, options) => onPath(path, {
    recursive: options?.recursive,
    mode: modeOf(typeof options === "object" ? options?.mode : options),
  })],
  mkdtemp: ["makeTemporaryDirectory", (prefix) => [pathOf(prefix, "prefix")],
            nameOfFirst],
  open: ["open", (path, flags, mode) =>
    onPath(path, flagsOf(flags), modeOf(mode))],
  readFile: ["readFile", (path, options) =>
    [fileOf(path), contentOptions(options, "r")], contents],
  readlink: ["readLink", (path) => onPath(path), nameOfFirst],
  realpath: ["realPath", (path) => onPath(path), nameOfFirst],
  rename: ["rename", (from, to) =>
    [pathOf(from, "oldPath"), pathOf(to, "newPath")]],
  stat: ["stat", onPath, statsResult],
  statfs: ["statFileSystem", onPath, (raw) => new StatFs(raw)],
  symlink: ["symbolicLink", (target, path) =>
    [pathOf(target, "target"), pathOf(path)]],
  truncate: ["truncate", (path, length) => onPath(path, lengthOf(length))],
  unlink: ["unlink", (path) => onPath(path)],
  utimes: ["setTimes", (path, atime, mtime) =>
    onPath(path, ...timesOf(atime, mtime))],
  writeFile: ["writeFile", (path, data, options) =>
    [fileOf(path), dataOf(data, options), contentOptions(options, "w")]],
};

// Functions of several operations, as generators of [operation, arguments...]:
// in internal/fs_steps.js, which is loaded when the first of them is called.
export const stepNames = ["cp", "readdir", "rm", "rmdir"];
export const steps = () => loadBuiltin("rill:internal/fs_steps");

// Reading and writing parts ---------------------------------------------------

function viewOf(buffer) {
  if (!ArrayBuffer.isView(buffer)) {
    throw invalidArgument("buffer",
                          "an instance of Buffer, TypedArray, or DataView",
                          buffer);
  }
  return buffer;
}

function positionOf(position) {
  if (position === undefined || position === null) return null;
  if (typeof position !== "number" && typeof position !== "bigint") {
    throw invalidArgument("position", "of type number or bigint", position);
  }
  return position < 0 ? null : position;
}

// (buffer, offset, length, position), (buffer, options), (options) or ():
// {buffer, length, position, take(bytes): how many}.
export function readArguments(buffer, offset, length, position) {
  if (buffer === undefined || !ArrayBuffer.isView(buffer) &&
      typeof buffer === "object" && buffer !== null) {
    const options = buffer ?? {};
    buffer = options.buffer ?? Buffer.alloc(16384);
    ({ offset, length, position } = options);
  } else if (typeof offset === "object" && offset !== null) {
    ({ offset, length, position } = offset);
  }
  const { byteLength, byteOffset } = viewOf(buffer);
  offset = offset === undefined || offset === null ? 0
      : integer(offset, "offset", 0, Number.MAX_SAFE_INTEGER);
  length ??= byteLength - offset;
  if (length !== 0 && byteLength === 0) {
    const { inspect } = loadBuiltin("node:util");
    throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                     "The argument 'buffer' is empty and cannot be written. " +
                     `Received ${inspect(buffer)}`);
  }
  integer(offset, "offset", 0, byteLength);
  if (length < 0) throw outOfRange("length", ">= 0", length);
  if (length > byteLength - offset) {
    throw outOfRange("length", `<= ${byteLength - offset}`, length);
  }
  return {
    buffer,
    length,
    position: positionOf(position),
    take(bytes) {
      new Uint8Array(buffer.buffer, byteOffset + offset, length).set(bytes);
      return bytes.length;
    },
  };
}

// (buffer, offset, length, position), (buffer, options) or (text, position,
// encoding): {data, position}.
export function writeArguments(buffer, offset, length, position) {
  if (typeof buffer === "string") {
    const data = dataOf(buffer, typeof length === "string" ? length : "utf8");
    return { data, position: positionOf(offset) };
  }
  if (!ArrayBuffer.isView(buffer)) dataOf(buffer, undefined, "buffer");
  if (typeof offset === "object" && offset !== null) {
    ({ offset, length, position } = offset);
  }
  const { byteLength, byteOffset } = buffer;
  offset ??= 0;
  integer(offset, "offset", 0, Number.MAX_SAFE_INTEGER);
  if (offset > byteLength) throw outOfRange("offset", `<= ${byteLength}`, offset);
  length ??= byteLength - offset;
  integer(length, "length", 0, Number.MAX_SAFE_INTEGER);
  if (length > byteLength - offset) {
    throw outOfRange("length", `<= ${byteLength - offset}`, length);
  }
  return {
    data: new Uint8Array(buffer.buffer, byteOffset + offset, length),
    position: positionOf(position),
  };
}

function viewList(buffers) {
  if (!Array.isArray(buffers) || !buffers.every(ArrayBuffer.isView)) {
    throw invalidArgument("buffers", "an instance of ArrayBufferView[]",
                          buffers);
  }
  return buffers.map((b) =>
    new Uint8Array(b.buffer, b.byteOffset, b.byteLength));
}

// The same of readv and writev: one operation for all of the buffers.
export function readvArguments(buffers, position) {
  const views = viewList(buffers);
  return {
    length: views.reduce((sum, view) => sum + view.length, 0),
    position: typeof position === "number" ? position : null,
    take(bytes) {
      let at = 0;
      for (const view of views) {
        view.set(bytes.subarray(at, at + view.length));
        at += view.length;
      }
      return bytes.length;
    },
  };
}

export function writevArguments(buffers, position) {
  return {
    data: Buffer.concat(viewList(buffers)),
    position: typeof position === "number" ? position : null,
  };
}
