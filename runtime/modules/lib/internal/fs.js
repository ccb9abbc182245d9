// SPDX-License-Identifier: MIT
// What node:fs and node:fs/promises share: Stats, Dirent, options.
import { adopt } from "node:buffer";
import { decode, encode } from "rill:internal/encoding";

export const constants = {
  F_OK: 0,
  R_OK: 4,
  W_OK: 2,
  X_OK: 1,
  COPYFILE_EXCL: 1,
  COPYFILE_FICLONE: 2,
  COPYFILE_FICLONE_FORCE: 4,
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_CREAT: 64,
  O_EXCL: 128,
  O_TRUNC: 512,
  O_APPEND: 1024,
  O_SYNC: 1052672,
  S_IFMT: 61440,
  S_IFREG: 32768,
  S_IFDIR: 16384,
  S_IFCHR: 8192,
  S_IFBLK: 24576,
  S_IFIFO: 4096,
  S_IFLNK: 40960,
  S_IFSOCK: 49152,
};

export class Stats {
  constructor(raw) {
    const { kind, isFile, isDirectory, isSymbolicLink, ...fields } = raw;
    Object.assign(this, fields);
    this.atime = new Date(raw.atimeMs);
    this.mtime = new Date(raw.mtimeMs);
    this.ctime = new Date(raw.ctimeMs);
    this.birthtime = new Date(raw.birthtimeMs);
  }
  isFile() {
    return (this.mode & constants.S_IFMT) === constants.S_IFREG;
  }
  isDirectory() {
    return (this.mode & constants.S_IFMT) === constants.S_IFDIR;
  }
  isSymbolicLink() {
    return (this.mode & constants.S_IFMT) === constants.S_IFLNK;
  }
  isBlockDevice() {
    return (this.mode & constants.S_IFMT) === constants.S_IFBLK;
  }
  isCharacterDevice() {
    return (this.mode & constants.S_IFMT) === constants.S_IFCHR;
  }
  isFIFO() {
    return (this.mode & constants.S_IFMT) === constants.S_IFIFO;
  }
  isSocket() {
    return (this.mode & constants.S_IFMT) === constants.S_IFSOCK;
  }
}

export class Dirent {
  #kind;
  constructor(name, kind, path) {
    this.name = name;
    this.path = path;
    this.parentPath = path;
    this.#kind = kind;
  }
  isFile() {
    return this.#kind === "file";
  }
  isDirectory() {
    return this.#kind === "directory";
  }
  isSymbolicLink() {
    return this.#kind === "link";
  }
  isBlockDevice() {
    return this.#kind === "block";
  }
  isCharacterDevice() {
    return this.#kind === "character";
  }
  isFIFO() {
    return this.#kind === "fifo";
  }
  isSocket() {
    return this.#kind === "socket";
  }
}

export const dirents = (list, path) =>
  list.map(({ name, kind }) => new Dirent(name, kind, String(path)));

export const encodingOf = (options) =>
  typeof options === "string" ? options : options?.encoding;

export const flagOf = (options, fallback) =>
  (typeof options === "object" && options?.flag) || fallback;

// The contents of a file by the options of readFile.
export function contents(bytes, options) {
  const encoding = encodingOf(options);
  return encoding && encoding !== "buffer" ? decode(bytes, encoding)
                                           : adopt(bytes);
}

export function dataOf(data, options) {
  if (typeof data === "string") {
    const encoding = encodingOf(options) ?? "utf8";
    return encoding === "utf8" || encoding === "utf-8" ? data
                                                       : encode(data, encoding);
  }
  if (ArrayBuffer.isView(data)) return data;
  const error = new TypeError(
    'The "data" argument must be of type string or an instance of Buffer, ' +
      "TypedArray, or DataView.",
  );
  error.code = "ERR_INVALID_ARG_TYPE";
  throw error;
}

const seconds = (time) =>
  time instanceof Date ? time.getTime() / 1000 : Number(time);
export const times = (atime, mtime) => [seconds(atime), seconds(mtime)];
