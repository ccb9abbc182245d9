// SPDX-License-Identifier: MIT
// path.win32: Windows' rules, on any system. A path is a device (a drive
// or \\server\share), whether it begins at the device's root, and segments.
import { cwd } from "rill:internal/process";
import { invalidArgument } from "rill:internal/errors";

export const sep = "\\";
export const delimiter = ";";

const unc = /^[\\/]{2}([^\\/]+)[\\/]+([^\\/]+)(?:[\\/]+|$)/;

// { device, absolute, rest, root }: root is the text that rest comes after.
function split(path, name = "path") {
  if (typeof path !== "string") {
    throw invalidArgument(name, "of type string", path);
  }
  const share = unc.exec(path);
  if (share !== null) {
    const [root, server, folder] = share;
    return { device: `\\\\${server}\\${folder}`, absolute: true,
             root, rest: path.slice(root.length) };
  }
  const [, device, separator] = /^([A-Za-z]:)?([\\/]?)/.exec(path);
  const root = (device ?? "") + separator;
  return { device: device ?? "", absolute: separator !== "", root,
           rest: path.slice(root.length) };
}

function normalizeSegments(path, allowAboveRoot) {
  const kept = [];
  for (const segment of path.split(/[\\/]+/)) {
    if (segment === "" || segment === ".") continue;
    if (segment !== "..") kept.push(segment);
    else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
    else if (allowAboveRoot) kept.push("..");
  }
  return kept.join("\\");
}

const endsInSeparator = (path) => /[\\/]$/.test(path);

export const isAbsolute = (path) => split(path).absolute;

export function normalize(path) {
  if (path === "") return ".";
  const { device, absolute, rest } = split(path);
  let tail = normalizeSegments(rest, !absolute);
  if (tail === "" && !absolute) tail = ".";
  if (tail !== "" && endsInSeparator(path)) tail += "\\";
  return device + (absolute ? "\\" : "") + tail;
}

export function join(...paths) {
  const parts = paths.filter((path) => (split(path), path !== ""));
  if (parts.length === 0) return ".";
  let joined = parts.join("\\");
  // Only a first part that is a share makes the result one.
  if (!/^[\\/]{2}[^\\/]/.test(parts[0])) {
    joined = joined.replace(/^[\\/]{2,}/, "\\");
  }
  return normalize(joined);
}

export function resolve(...paths) {
  let device = "", tail = "", absolute = false;
  for (let i = paths.length - 1; i >= -1 && !(device && absolute); i--) {
    const path = i >= 0 ? paths[i] : cwd();
    const parts = split(path, `paths[${i}]`);
    if (path === "") continue;
    if (parts.device !== "") {
      if (device !== "" &&
          parts.device.toLowerCase() !== device.toLowerCase()) {
        continue;
      }
      device ||= parts.device;
    }
    if (!absolute) {
      tail = tail === "" ? parts.rest : `${parts.rest}\\${tail}`;
      absolute = parts.absolute;
    }
  }
  tail = normalizeSegments(tail, !absolute);
  return device + (absolute ? "\\" : "") + tail || ".";
}

export function relative(from, to) {
  split(from, "from");
  split(to, "to");
  if (from === to) return "";
  const [a, b] = [resolve(from), resolve(to)];
  const [source, target] = [a, b].map((p) => p.split("\\").filter(Boolean));
  let common = 0;
  while (common < source.length && common < target.length &&
         source[common].toLowerCase() === target[common].toLowerCase()) {
    common++;
  }
  if (common === 0) return b;
  return [
    ...source.slice(common).map(() => ".."),
    ...target.slice(common),
  ].join("\\");
}

export function dirname(path) {
  const { root, rest } = split(path);
  const parent = rest.replace(/[\\/]+$/, "").replace(/[^\\/]+$/, "");
  return root + parent.replace(/[\\/]$/, "") || ".";
}

export function basename(path, suffix) {
  const { device, rest } = split(path);
  const tail = device.length > 2 ? path : rest;
  const base = /([^\\/]*)[\\/]*$/.exec(tail)[1];
  return suffix !== undefined && base !== suffix && base.endsWith(suffix)
      ? base.slice(0, base.length - suffix.length) : base;
}

export function extname(path) {
  const base = basename(path);
  const dot = base.lastIndexOf(".");
  return dot <= 0 || base === ".." ? "" : base.slice(dot);
}

export function parse(path) {
  const { root, rest } = split(path);
  const base = rest === "" ? "" : basename(rest);
  const ext = extname(base);
  const folder = dirname(path);
  return {
    root,
    dir: rest.replace(/[\\/]+$/, "").search(/[\\/]/) < 0 ? root : folder,
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
  return dir === parts.root ? dir + base : `${dir}\\${base}`;
}

export function toNamespacedPath(path) {
  if (typeof path !== "string" || path === "") return path;
  const full = resolve(path);
  if (/^[A-Za-z]:\\/.test(full)) return `\\\\?\\${full}`;
  return /^\\\\[^?.]/.test(full) ? `\\\\?\\UNC\\${full.slice(2)}` : path;
}

export { toNamespacedPath as _makeLong };

const win32 = {
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
win32.win32 = win32;
export default win32;
