// SPDX-License-Identifier: MIT
// node:fs/promises
import * as io from "rill:internal/files";
import {
  Stats,
  constants,
  contents,
  dataOf,
  dirents,
  flagOf,
  times,
} from "rill:internal/fs";

export class FileHandle {
  constructor(fd) {
    this.fd = fd;
  }
  async close() {
    if (this.fd >= 0) await io.close(this.fd);
    this.fd = -1;
  }
  readFile(options) {
    return readFile(this.fd, options);
  }
  writeFile(data, options) {
    return writeFile(this.fd, data, options);
  }
  appendFile(data, options) {
    return writeFile(this.fd, data, options);
  }
  async stat() {
    return new Stats(await io.stat(this.fd));
  }
  truncate(length) {
    return io.truncate(this.fd, length);
  }
  sync() {
    return io.sync(this.fd, false);
  }
  async read(buffer, offset = 0, length = buffer.byteLength - offset,
             position = null) {
    const bytes = await io.read(this.fd, length, position);
    buffer.set(bytes, offset);
    return { bytesRead: bytes.length, buffer };
  }
  async write(data, offset = 0, length, position = null) {
    const part = typeof data === "string" ? data
        : data.subarray(offset, length === undefined ? undefined
                                                     : offset + length);
    return { bytesWritten: await io.write(this.fd, part, position),
             buffer: data };
  }
  async [Symbol.asyncDispose]() {
    await this.close();
  }
}

export const open = async (path, flags, mode) =>
  new FileHandle(await io.open(path, flags, mode));

export async function readFile(path, options) {
  return contents(await io.readFile(path?.fd ?? path), options);
}
export async function writeFile(path, data, options) {
  const bytes = dataOf(data, options);
  const flag = flagOf(options, "w");
  if (flag === "w") return io.writeFile(path?.fd ?? path, bytes);
  if (flag === "a") return io.appendFile(path?.fd ?? path, bytes);
  const fd = await io.open(path, flag, options?.mode);
  try {
    await io.write(fd, bytes);
  } finally {
    await io.close(fd);
  }
}
export async function appendFile(path, data, options) {
  return io.appendFile(path?.fd ?? path, dataOf(data, options));
}
export const stat = async (path) => new Stats(await io.stat(path));
export const lstat = async (path) => new Stats(await io.lstat(path));
export const access = async (path, mode) => io.access(path, mode);
export async function readdir(path, options) {
  if (options?.recursive) {
    const result = [];
    for (const entry of dirents(await io.readDirectory(path, { types: true }), path)) {
      result.push(options.withFileTypes ? entry : entry.name);
      if (!entry.isDirectory()) continue;
      const inner = await readdir(`${path}/${entry.name}`, options);
      result.push(...inner.map((name) =>
        typeof name === "string" ? `${entry.name}/${name}` : name));
    }
    return result;
  }
  return options?.withFileTypes
      ? dirents(await io.readDirectory(path, { types: true }), path)
      : io.readDirectory(path);
}
export const mkdir = async (path, options) => io.makeDirectory(path, options);
export const mkdtemp = async (prefix) => io.makeTemporaryDirectory(prefix);
export const rmdir = async (path) => io.removeDirectory(path);
export const rm = async (path, options) => io.remove(path, options);
export const unlink = async (path) => io.unlink(path);
export const rename = async (from, to) => io.rename(from, to);
export const copyFile = async (from, to, mode) => io.copyFile(from, to, mode);
export const realpath = async (path) => io.realPath(path);
export const symlink = async (target, path) => io.symbolicLink(target, path);
export const readlink = async (path) => io.readLink(path);
export const chmod = async (path, mode) => io.changeMode(path, mode);
export const utimes = async (path, atime, mtime) =>
  io.setTimes(path, ...times(atime, mtime));
export const truncate = async (path, length) => io.truncate(path, length);
export { constants };

export default {
  access,
  appendFile,
  chmod,
  constants,
  copyFile,
  lstat,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readdir,
  readlink,
  realpath,
  rename,
  rm,
  rmdir,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
};
