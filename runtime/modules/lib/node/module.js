// SPDX-License-Identifier: MIT
// node:module: createRequire, the list of builtins, and what packages use of
// Module. What only matters when it is replaced (_load, _extensions) is left
// out: require() here is native and would not call it.
import { dirname, isAbsolute, resolve } from "node:path";
import { codedError, invalidArgument } from "rill:internal/errors";
import { builtinNames, compileCommonJs, requireFor } from
  "rill:internal/modules";
import { fileURLToPath } from "node:url";

export const builtinModules = builtinNames();
export function createRequire(file) {
  const text = String(file?.href ?? file);
  const path = text.startsWith("file:") ? fileURLToPath(text) : text;
  if (!path.startsWith("/")) {
    throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                     "The argument 'filename' must be a file URL object, file " +
                       `URL string, or absolute path string. Received '${text}'`);
  }
  return requireFor(path);
}
export const isBuiltin = (name) =>
  builtinModules.includes(String(name).replace(/^node:/, ""));


export function Module(id = "", parent = undefined) {
  this.id = id;
  this.path = dirname(id);
  this.exports = {};
  this.filename = null;
  this.loaded = false;
  if (Array.isArray(parent?.children)) parent.children.push(this);
  this.children = [];
  Object.defineProperty(this, "parent", { value: parent, writable: true,
                                          configurable: true });
}

// Of a module without a file, what the working directory has.
const requireOf = (filename) => requireFor(filename || resolve("[module]"));

Object.assign(Module.prototype, {
  require(id) {
    if (typeof id !== "string") {
      throw invalidArgument("id", "of type string", id);
    }
    if (id === "") {
      throw codedError(
        TypeError, "ERR_INVALID_ARG_VALUE",
        "The argument 'id' must be a non-empty string. Received ''");
    }
    return requireOf(this.filename)(id);
  },
  _compile(content, filename) {
    const run = compileCommonJs(`${content}`, `${filename}`);
    return run.call(this.exports, this.exports, requireOf(filename), this,
                    filename, dirname(filename));
  },
});

// The folders that a package is looked for in, from one on.
export function _nodeModulePaths(from) {
  const paths = [];
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    if (!folder.endsWith("/node_modules")) {
      paths.push(folder === "/" ? "/node_modules" : `${folder}/node_modules`);
    }
    if (folder === "/") return paths;
  }
}

export function _resolveFilename(request, parent, isMain = false,
                                 options = undefined) {
  isAbsolute(request); // throws for what is no string
  if (isBuiltin(request)) return request;
  if (request === "") {
    throw codedError(Error, "MODULE_NOT_FOUND", "Cannot find module ''");
  }
  const paths = options?.paths ??
    (parent?.filename ? undefined : parent?.paths?.map(dirname));
  const { resolve: find } = requireOf(parent?.filename);
  return paths === undefined ? find(request) : find(request, { paths });
}

const wrapper = [
  "(function (exports, require, module, __filename, __dirname) { ", "\n});",
];
const wrap = (script) => wrapper[0] + script + wrapper[1];

export const { cache: _cache } = requireFor("/");

export default Object.assign(Module, {
  Module,
  _cache,
  _nodeModulePaths,
  _resolveFilename,
  builtinModules,
  createRequire,
  isBuiltin,
  wrap,
  wrapper,
});
