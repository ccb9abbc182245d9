// SPDX-License-Identifier: MIT
// Functions of node:fs that take several operations, written once for all forms:
// generators of the function's arguments that yield [operation, arguments...], or
// [function, arguments...] for what is not an operation, and get the result.
import { resolve } from "node:path";
import * as io from "rill:internal/files";
import * as sync from "rill:internal/fs-sync";
import { codedError, invalidArgument } from "rill:internal/errors";
import { copyMode, direntOf, named, objectOf, pathText } from "rill:internal/fs";

const perform = (from, [operation, ...values]) =>
  (typeof operation === "string" ? from[operation] : operation)(...values);

export function runSync(steps) {
  let step = steps.next();
  while (!step.done) {
    let value;
    try {
      value = perform(sync, step.value);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(value);
  }
  return step.value;
}

export async function runAsync(steps) {
  let step = steps.next();
  while (!step.done) {
    let value;
    try {
      value = await perform(io, step.value);
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    step = steps.next(value);
  }
  return step.value;
}

export function* readdir([folder, options]) {
  const path = pathText(folder);
  const { recursive, withFileTypes } = objectOf(options);
  const result = [];
  const folders = [""];
  for (const folder of folders) {
    const at = folder === "" ? path : `${path.replace(/\/$/, "")}/${folder}`;
    const list = yield ["readDirectory", at, { types: true }];
    for (const entry of list) {
      const name = folder === "" ? entry.name : `${folder}/${entry.name}`;
      result.push(withFileTypes ? direntOf(entry, at, options)
                                : named(name, options));
      if (recursive && entry.kind === "directory") folders.push(name);
    }
  }
  return result;
}

function systemError(code, errno, call, message, path, dest) {
  const error = codedError(Error, code, message);
  error.name = "SystemError";
  error.errno = errno;
  error.syscall = call;
  error.path = path;
  if (dest !== undefined) error.dest = dest;
  return error;
}

// Removing --------------------------------------------------------------------

const pause = (milliseconds, isSync) => {
  if (!isSync) {
    return new Promise((resolve) => setTimeout(resolve, milliseconds));
  }
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
};

const worthRetrying = ["EBUSY", "EMFILE", "ENFILE", "ENOTEMPTY", "EPERM"];

export function* rm([target, options], isSync) {
  const path = pathText(target);
  const { force = false, recursive = false, maxRetries = 0, retryDelay = 100 } =
      objectOf(options);
  for (let tries = 0;; tries++) {
    try {
      yield ["remove", path, { force, recursive }];
      return;
    } catch (error) {
      if (error.code === "EISDIR" && !recursive) {
        throw systemError(
          "ERR_FS_EISDIR", 21, "rm",
          `Path is a directory: rm returned EISDIR (is a directory) ${path}`,
          path);
      }
      if (tries >= maxRetries || !worthRetrying.includes(error.code)) {
        throw error;
      }
      yield [pause, retryDelay * (tries + 1), isSync];
    }
  }
}

export function* rmdir([path, options], isSync) {
  if (objectOf(options).recursive) {
    const status = yield ["lstat", pathText(path)];
    if (status.isDirectory) {
      yield* rm([path, { ...options, force: true }], isSync);
      return;
    }
  }
  yield ["removeDirectory", pathText(path)];
}

// Copying ---------------------------------------------------------------------

function* statusOf(path, dereference) {
  try {
    return yield [dereference ? "stat" : "lstat", path, { bigint: true }];
  } catch (error) {
    if (error.code === "ENOENT") return undefined;
    throw error;
  }
}

const copyError = (code, errno, text, what, src, dest) =>
  systemError(code, errno, "cp", `${text}: cp returned ${what}`, dest, src);

const join = (folder, name) =>
  folder.endsWith("/") ? folder + name : `${folder}/${name}`;
const parentOf = (path) => path.replace(/\/*[^/]+\/*$/, "") ||
    (path.startsWith("/") ? "/" : ".");

const isSame = (a, b) => a.ino === b.ino && a.dev === b.dev;

// Fails if src may not go to dest; gives both statuses.
function* checkCopy(src, dest, dereference) {
  const from = yield [dereference ? "stat" : "lstat", src, { bigint: true }];
  const to = yield* statusOf(dest, dereference);
  if (to !== undefined) {
    if (isSame(from, to)) {
      throw copyError("ERR_FS_CP_EINVAL", 22, "Invalid src or dest",
                      "EINVAL (src and dest cannot be the same) " + dest, src,
                      dest);
    }
    if (from.isDirectory && !to.isDirectory) {
      throw copyError("ERR_FS_CP_DIR_TO_NON_DIR", 21,
                      "Cannot overwrite non-directory with directory",
                      `EISDIR (cannot overwrite non-directory ${dest} with ` +
                      `directory ${src}) ${dest}`, src, dest);
    }
    if (!from.isDirectory && to.isDirectory) {
      throw copyError("ERR_FS_CP_NON_DIR_TO_DIR", 20,
                      "Cannot overwrite directory with non-directory",
                      `ENOTDIR (cannot overwrite directory ${dest} with ` +
                      `non-directory ${src}) ${dest}`, src, dest);
    }
  }
  if (from.isDirectory) {
    let folder = parentOf(dest);
    for (;;) {
      const status = yield* statusOf(folder, true);
      if (status !== undefined && isSame(status, from)) {
        throw copyError("ERR_FS_CP_EINVAL", 22, "Invalid src or dest",
                        `EINVAL (cannot copy ${src} to a subdirectory of ` +
                        `self ${dest}) ${dest}`, src, dest);
      }
      const real = status === undefined ? folder : yield ["realPath", folder];
      const next = parentOf(real);
      if (next === folder || real === "/") break;
      folder = next;
    }
  }
  return { from, to };
}

function* copyLink(src, dest, to, options) {
  let target = yield ["readLink", src];
  if (!options.verbatimSymlinks && !target.startsWith("/")) {
    target = resolve(parentOf(src), target);
  }
  if (to !== undefined) {
    if (!to.isSymbolicLink) {
      throw copyError("ERR_FS_CP_EEXIST", 17, "Target already exists",
                      `EEXIST (${dest} already exists) ${dest}`, src, dest);
    }
    yield ["unlink", dest];
  }
  yield ["symbolicLink", target, dest];
}

function* copyFile(src, dest, from, to, options) {
  if (to !== undefined) {
    if (options.force) {
      yield ["unlink", dest];
    } else if (options.errorOnExist) {
      throw copyError("ERR_FS_CP_EEXIST", 17, "Target already exists",
                      `EEXIST (${dest} already exists) ${dest}`, src, dest);
    } else {
      return;
    }
  }
  yield ["copyFile", src, dest, {
    ...copyMode(options.mode),
    preserveTimes: options.preserveTimestamps,
  }];
}

function* copyFolder(src, dest, from, to, options) {
  if (to === undefined) yield ["makeDirectory", dest];
  for (const name of yield ["readDirectory", src]) {
    const one = join(src, name), two = join(dest, name);
    if (!(yield* isWanted(options, one, two))) continue;
    const status = yield* checkCopy(one, two, options.dereference);
    yield* copyEntry(one, two, status, options);
  }
  if (to === undefined) {
    yield ["changeMode", dest, Number(from.mode & 0o7777n)];
  }
}

function* isWanted({ filter }, src, dest) {
  return filter === undefined || Boolean(yield [filter, src, dest]);
}

function* copyEntry(src, dest, { from, to }, options) {
  if (from.isDirectory) {
    if (!options.recursive) {
      throw systemError(
        "ERR_FS_EISDIR", 21, "cp",
        "Recursive option not enabled, cannot copy a directory: cp returned " +
        `EISDIR (${src} is a directory (not copied)) ${src}`, src);
    }
    yield* copyFolder(src, dest, from, to, options);
  } else if (from.isSymbolicLink) {
    yield* copyLink(src, dest, to, options);
  } else if (from.isFile || from.kind === "character" ||
             from.kind === "block") {
    yield* copyFile(src, dest, from, to, options);
  } else {
    const [code, text] = from.kind === "socket"
        ? ["ERR_FS_CP_SOCKET", "Cannot copy a socket file"]
        : ["ERR_FS_CP_FIFO_PIPE", "Cannot copy a FIFO pipe"];
    throw copyError(code, 22, text,
                    `EINVAL (cannot copy a ${from.kind} ${dest}) ${dest}`, src,
                    dest);
  }
}

export function* cp([from, to, given], isSync) {
  const options = { force: true, recursive: false, dereference: false,
                    ...objectOf(given) };
  if (options.filter !== undefined && typeof options.filter !== "function") {
    throw invalidArgument("options.filter", "of type function", options.filter);
  }
  const src = pathText(from, "src");
  const dest = pathText(to, "dest");
  const status = yield* checkCopy(src, dest, options.dereference);
  if (isSync && options.filter !== undefined) {
    const { filter } = options;
    options.filter = (...paths) => {
      const result = filter(...paths);
      if (typeof result?.then !== "function") return result;
      throw invalidArgument("options.filter", "a function that is not async",
                            filter);
    };
  }
  if (!(yield* isWanted(options, src, dest))) return;
  yield ["makeDirectory", parentOf(dest), { recursive: true }];
  yield* copyEntry(src, dest, status, options);
}
