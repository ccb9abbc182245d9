// SPDX-License-Identifier: MIT
// fs.ReadStream and fs.WriteStream by name. What they inherit and do comes with
// rill:internal/fs_streams, when the first is made or fs.ReadStream is read:
// most programs that import node:fs make none. Functions, not classes: packages
// call them on objects of their own.
import { loadBuiltin } from "rill:internal/modules";

export const streams = () => loadBuiltin("rill:internal/fs_streams");

export function ReadStream(path, options) {
  if (!(this instanceof ReadStream)) return new ReadStream(path, options);
  streams().initReadStream(this, path, options);
}

export function WriteStream(path, options) {
  if (!(this instanceof WriteStream)) return new WriteStream(path, options);
  streams().initWriteStream(this, path, options);
}
