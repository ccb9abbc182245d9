// SPDX-License-Identifier: MIT
// node:fs/promises
import { codedError } from "rill:internal/errors";
import { constants, objectOf } from "rill:internal/fs";
import { forms, open, writeFile } from "rill:internal/fs_handle";
import { loadBuiltin } from "rill:internal/modules";

export const {
  access, chmod, chown, copyFile, cp, lchown, link, lstat, lutimes, mkdir,
  mkdtemp, readFile, readdir, readlink, realpath, rename, rm, rmdir, stat,
  statfs, symlink, truncate, unlink, utimes,
} = forms;

export const appendFile = (path, data, options) =>
  writeFile(path, data, { ...objectOf(options), flag: options?.flag ?? "a" });

export async function lchmod() {
  throw codedError(Error, "ERR_METHOD_NOT_IMPLEMENTED",
                   "The lchmod() method is not implemented");
}

export async function opendir(path, options) {
  return loadBuiltin("rill:internal/fs_dir").open(path, options);
}

export function watch(path, options) {
  return loadBuiltin("rill:internal/fs_watchers").watchPromises(path, options);
}

export { constants, open, writeFile };

export default {
  access, appendFile, chmod, chown, constants, copyFile, cp, lchmod, lchown,
  link, lstat, lutimes, mkdir, mkdtemp, open, opendir, readFile, readdir,
  readlink, realpath, rename, rm, rmdir, stat, statfs, symlink, truncate,
  unlink, utimes, watch, writeFile,
};
