// SPDX-License-Identifier: MIT
// node:path, POSIX rules. path.posix is the module itself.
import win32 from "rill:internal/path_win32";
import { invalidArgument } from "rill:internal/errors";
import { cwd } from "rill:internal/process";

export const sep = "/";
export const delimiter = ":";

function checkString(value, name) {
  if (typeof value !== "string") {
    throw invalidArgument(name, "of type string", value);
  }
}

// Resolves "." and ".." of the segments; leading ".." stay if allowed.
function normalizeSegments(path, allowAboveRoot) {
  const kept = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") {
      kept.push(segment);
    } else if (kept.length > 0 && kept[kept.length - 1] !== "..") {
      kept.pop();
    } else if (allowAboveRoot) {
      kept.push("..");
    }
  }
  return kept.join("/");
}

export function isAbsolute(path) {
  checkString(path, "path");
  return path.startsWith("/");
}

export function normalize(path) {
  checkString(path, "path");
  if (path.length === 0) return ".";
  const absolute = path.startsWith("/");
  const trailing = path.endsWith("/");
  let result = normalizeSegments(path, !absolute);
  if (result.length === 0 && !absolute) result = ".";
  if (result.length > 0 && trailing) result += "/";
  return absolute ? "/" + result : result;
}

export function join(...paths) {
  const parts = [];
  for (const path of paths) {
    checkString(path, "path");
    if (path.length > 0) parts.push(path);
  }
  return parts.length === 0 ? "." : normalize(parts.join("/"));
}

export function resolve(...paths) {
  let resolved = "";
  for (let i = paths.length - 1; i >= 0 && !resolved.startsWith("/"); i--) {
    if (typeof paths[i] !== "string") checkString(paths[i], `paths[${i}]`);
    if (paths[i].length > 0) {
      resolved = resolved === "" ? paths[i] : paths[i] + "/" + resolved;
    }
  }
  if (!resolved.startsWith("/")) resolved = cwd() + "/" + resolved;
  return "/" + normalizeSegments(resolved, false);
}

export function relative(from, to) {
  checkString(from, "from");
  checkString(to, "to");
  const source = resolve(from).split("/").filter(Boolean);
  const target = resolve(to).split("/").filter(Boolean);
  let common = 0;
  while (common < source.length && common < target.length &&
         source[common] === target[common]) {
    common++;
  }
  return [
    ...source.slice(common).map(() => ".."),
    ...target.slice(common),
  ].join("/");
}

// The end of the path without trailing slashes, not below 1 for "/...".
function trimmedEnd(path) {
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end--;
  return end;
}

export function dirname(path) {
  checkString(path, "path");
  if (path.length === 0) return ".";
  const slash = path.lastIndexOf("/", trimmedEnd(path) - 1);
  if (slash < 0) return ".";
  if (slash === 0) return "/";
  return slash === 1 && path[0] === "/" ? "//" : path.slice(0, slash);
}

export function basename(path, suffix) {
  checkString(path, "path");
  if (suffix !== undefined) checkString(suffix, "suffix");
  let end = path.length;
  while (end > 0 && path[end - 1] === "/") end--;
  const base = path.slice(path.lastIndexOf("/", end - 1) + 1, end);
  if (suffix !== undefined && base !== suffix && base.endsWith(suffix)) {
    return base.slice(0, base.length - suffix.length);
  }
  return base;
}

export function extname(path) {
  const base = basename(path);
  const dot = base.lastIndexOf(".");
  return dot <= 0 || base === ".." ? "" : base.slice(dot);
}

export function parse(path) {
  checkString(path, "path");
  const root = path.startsWith("/") ? "/" : "";
  const base = basename(path);
  const ext = extname(path);
  let dir = dirname(path);
  if (dir === "//") dir = "/";
  if (dir === "." && !path.startsWith(".")) dir = "";
  if (dir === "." && !path.slice(0, trimmedEnd(path)).includes("/")) dir = "";
  return {
    root,
    dir,
    base,
    ext,
    name: ext === "" ? base : base.slice(0, base.length - ext.length),
  };
}

export function format(parts) {
  const dir = parts.dir || parts.root;
  const ext = parts.ext ? (parts.ext[0] === "." ? "" : ".") + parts.ext : "";
  const base = parts.base || (parts.name || "") + ext;
  if (!dir) return base;
  return dir === parts.root ? dir + base : dir + "/" + base;
}

export const toNamespacedPath = (path) => path;
export { toNamespacedPath as _makeLong };

const path = {
  _makeLong: toNamespacedPath,
  basename,
  delimiter,
  dirname,
  extname,
  format,
  isAbsolute,
  join,
  normalize,
  parse,
  relative,
  resolve,
  sep,
  toNamespacedPath,
};
path.posix = win32.posix = path;
path.win32 = win32;
export { win32 };
export const posix = path;
export default path;
