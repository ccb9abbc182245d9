// SPDX-License-Identifier: MIT
// node:module: createRequire, the list of builtins, and what packages use of
// Module. What only matters when it is replaced (_load, _extensions) is left
// out: require() here is native and would not call it.
import { dirname, isAbsolute, resolve } from "node:path";
import { codedError, invalidArgument } from "rill:internal/errors";
import {
  builtinNames, compileCommonJs, modulePrototype, requireFor,
} from "rill:internal/modules";
import { fileURLToPath } from "node:url";

const all = builtinNames();
export const builtinModules = all.filter((name) => !/^test(\/|$)/.test(name));
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
export const isBuiltin = (name) => {
  const text = String(name);
  return text.startsWith("node:") ? all.includes(text.slice(5))
                                  : builtinModules.includes(text);
};

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
const requireOf = (module, filename) =>
  requireFor(module?.filename ? module : filename || resolve("[module]"));

// Where a package is, by the module's own `paths`; undefined: by its folder.
// Those are looked at in their order, before what is above the file.
function foundByPaths(module, request) {
  if (!Array.isArray(ownPaths.get(module)) || isBuiltin(request) ||
      /^(\.{0,2}(\/|$)|#|[a-z]+:)/.test(request)) {
    return undefined;
  }
  for (const folder of ownPaths.get(module)) {
    const { resolve: find } = requireFor(resolve(folder, "[module]"));
    try {
      return folder.endsWith("/node_modules")
        ? find(request, { paths: [dirname(folder)] })
        : find(resolve(folder, request));
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return undefined;
}

// All modules inherit this, those that were there before.
Module.prototype = modulePrototype();
const ownPaths = new WeakMap(); // module -> its `paths`, once looked at or set
Object.defineProperties(Module.prototype, {
  constructor: { value: Module, writable: true, configurable: true },
  paths: {
    get() {
      if (!ownPaths.has(this) && typeof this.filename === "string") {
        ownPaths.set(this, _nodeModulePaths(dirname(this.filename)));
      }
      return ownPaths.get(this);
    },
    set(paths) {
      ownPaths.set(this, paths);
    },
    enumerable: true,
    configurable: true,
  },
});
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
    return requireOf(this)(foundByPaths(this, id) ?? id);
  },
  _compile(content, filename) {
    const run = compileCommonJs(`${content}`, `${filename}`);
    const plain = requireOf(this, filename);
    const require = Object.assign(
      (id) => plain(foundByPaths(this, id) ?? id),
      plain,
      { resolve: (id, options) => options?.paths === undefined
        ? foundByPaths(this, id) ?? plain.resolve(id)
        : plain.resolve(id, options) });
    return run.call(this.exports, this.exports, require, this,
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
  const { resolve: find } = requireOf(parent);
  if (options?.paths !== undefined) {
    return find(request, { paths: options.paths });
  }
  // A parent need not be a module.
  if (Array.isArray(parent?.paths) && !ownPaths.has(parent)) {
    ownPaths.set(parent, parent.paths);
  }
  return foundByPaths(parent, request) ?? find(request);
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
