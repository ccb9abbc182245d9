// SPDX-License-Identifier: MIT
// fs.ReadStream and fs.WriteStream by name. What they inherit and do comes with
// rill:internal/fs_streams, when somebody makes one or looks for it: most
// programs that import node:fs do neither. Functions, not classes: packages
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

// Stands in the place of what the object inherits, and brings that.
function standIn(object) {
  const arrived = () => {
    streams();
    return object;
  };
  return new Proxy({}, {
    get: (_, key, receiver) => Reflect.get(arrived(), key, receiver),
    set: (_, key, value, receiver) =>
      Reflect.set(arrived(), key, value, receiver),
    has: (_, key) => key in arrived(),
    getPrototypeOf: () => Object.getPrototypeOf(arrived()),
  });
}
for (const constructor of [ReadStream, WriteStream]) {
  for (const object of [constructor, constructor.prototype]) {
    Object.setPrototypeOf(object, standIn(object));
  }
}
