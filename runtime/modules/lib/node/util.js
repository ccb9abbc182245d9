// SPDX-License-Identifier: MIT
// node:util: inspect, format, promisify and the type tests.
import { format, formatWithOptions, inspect } from "rill:internal/inspect";
import {
  checkAbortSignal,
  checkFunction,
  codedError,
  invalidArgument,
} from "rill:internal/errors";
import { MIMEParams, MIMEType } from "rill:internal/mime_type";
import { loadBuiltin } from "rill:internal/modules";
import { kindOf, isDeepEqual } from "rill:internal/util";
import { TextDecoder, TextEncoder } from "rill:internal/web/encoding";

export { format, formatWithOptions, inspect };

// Loaded when it is first called.
export const parseArgs = (config) =>
  loadBuiltin("rill:internal/parse_args").parseArgs(config);

const custom = Symbol.for("nodejs.util.promisify.custom");
export function promisify(original) {
  if (typeof original !== "function") {
    throw new TypeError('The "original" argument must be of type function');
  }
  if (original[custom] !== undefined) return original[custom];
  return Object.defineProperties(
    Object.setPrototypeOf(function (...args) {
      return new Promise((resolve, reject) => {
        original.call(this, ...args, (error, value) => {
          if (error) reject(error);
          else resolve(value);
        });
      });
    }, Object.getPrototypeOf(original)),
    Object.getOwnPropertyDescriptors(original),
  );
}
promisify.custom = custom;

export function callbackify(original) {
  return function (...args) {
    const callback = args.pop();
    original.apply(this, args).then(
      (value) => queueMicrotask(() => callback(null, value)),
      (error) => queueMicrotask(() => callback(error)),
    );
  };
}

export function inherits(constructor, parent) {
  checkFunction(constructor, "ctor");
  checkFunction(parent, "superCtor");
  Object.defineProperty(constructor, "super_", {
    value: parent,
    writable: true,
    configurable: true,
  });
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

// f, which warns when it is first called.
const warned = new Set();
export function deprecate(f, message, code) {
  if (process.noDeprecation) return f;
  let first = true;
  const wrapper = function (...values) {
    if (first && !process.noDeprecation) {
      first = false;
      if (code === undefined || !warned.has(code)) {
        warned.add(code);
        process.emitWarning(message, "DeprecationWarning", code);
      }
    }
    return new.target ? Reflect.construct(f, values, new.target)
                      : f.apply(this, values);
  };
  Object.setPrototypeOf(wrapper, f);
  if (f.prototype) wrapper.prototype = f.prototype;
  return wrapper;
}

// A function that prints to standard error if NODE_DEBUG names the section.
export function debuglog(section) {
  const names = (process.env.NODE_DEBUG ?? "").toUpperCase().split(",");
  const enabled = names.includes(section.toUpperCase());
  return Object.assign((...values) => {
    if (!enabled) return;
    process.stderr.write(
      `${section.toUpperCase()} ${process.pid}: ${format(...values)}\n`);
  }, { enabled });
}
export const debug = debuglog;

// Loaded when they are first called.
const systemErrors = () => loadBuiltin("rill:internal/system_errors");
export const getSystemErrorMap = () => systemErrors().getSystemErrorMap();
export const getSystemErrorName = (number) =>
  systemErrors().getSystemErrorName(number);
export const _errnoException = (...values) =>
  systemErrors()._errnoException(...values);
export const _exceptionWithHostPort = (...values) =>
  systemErrors()._exceptionWithHostPort(...values);
export function parseEnv(content) {
  if (typeof content !== "string") {
    throw invalidArgument("content", "of type string", content);
  }
  return loadBuiltin("rill:internal/parse_env").parseEnv(content);
}

// Calls f unless the resource is collected by then. Apart from what else holds
// the resource: a closure keeps its whole scope.
function whileAlive(resource, f) {
  const of = new WeakRef(resource);
  return (event) => {
    if (of.deref() !== undefined) f(event);
  };
}

// The promise of a signal's being aborted, for as long as the resource lives.
let watched;
export async function aborted(signal, resource) {
  checkAbortSignal(signal, "signal");
  if (resource === null || (typeof resource !== "object" &&
                            typeof resource !== "function")) {
    throw invalidArgument("resource", "of type object", resource);
  }
  if (signal.aborted) return undefined;
  const { addAbortListener } = loadBuiltin("node:events");
  const { promise, resolve } = Promise.withResolvers();
  const listener = whileAlive(resource, resolve);
  addAbortListener(signal, listener);
  watched ??= new FinalizationRegistry(({ from, listener }) =>
    from.deref()?.removeEventListener("abort", listener));
  watched.register(resource, { from: new WeakRef(signal), listener });
  return promise;
}

// deprecate() looks at `process`, which few programs that import this have.
let logged;
export function log(...values) {
  logged ??= deprecate((text) => {
    const now = new Date();
    const time = [now.getHours(), now.getMinutes(), now.getSeconds()]
      .map((number) => `${number}`.padStart(2, "0")).join(":");
    const month = now.toDateString().slice(4, 7);
    console.log("%s - %s", `${now.getDate()} ${month} ${time}`, text);
  }, "The `util.log API is deprecated.", "DEP0059");
  logged(format(...values));
}

export function styleText(styles, text) {
  return [styles].flat().reduce((result, style) => {
    const codes = inspect.colors[style];
    if (codes === undefined) {
      throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                       `The argument 'format' must be one of: ${
                         Object.keys(inspect.colors).join(", ")}. Received ${
                         inspect(style)}`);
    }
    return `\x1b[${codes[0]}m${result}\x1b[${codes[1]}m`;
  }, text);
}
export const isDeepStrictEqual = (a, b) => isDeepEqual(a, b, true);
export const isArray = Array.isArray;
export const stripVTControlCharacters = (text) =>
  String(text).replace(/\x1b\[[0-9;]*[A-Za-z]/g, "");
export const toUSVString = (text) => String(text).toWellFormed();

export const isBoolean = (value) => typeof value === "boolean";
export const isNumber = (value) => typeof value === "number";
export const isString = (value) => typeof value === "string";
export const isSymbol = (value) => typeof value === "symbol";
export const isFunction = (value) => typeof value === "function";
export const isNull = (value) => value === null;
export const isUndefined = (value) => value === undefined;
export const isNullOrUndefined = (value) =>
  value === null || value === undefined;
export const isObject = (value) => value !== null && typeof value === "object";
export const isPrimitive = (value) => !isObject(value) && !isFunction(value);
export const isBuffer = (value) => Buffer.isBuffer(value);
export const isDate = (value) => types.isDate(value);
export const isError = (value) =>
  types.isNativeError(value) || value instanceof Error;
export const isRegExp = (value) => types.isRegExp(value);
export const _extend = (target, source) =>
  isObject(source) ? Object.assign(target, source) : target;

const is = (...kinds) => (value) => kinds.includes(kindOf(value));
export const types = {
  isArrayBufferView: ArrayBuffer.isView,
  isBigIntObject: is("BigInt"),
  isExternal: () => false,
  isArrayBuffer: is("ArrayBuffer"),
  isAnyArrayBuffer: is("ArrayBuffer", "SharedArrayBuffer"),
  isSharedArrayBuffer: is("SharedArrayBuffer"),
  isArgumentsObject: is("Arguments"),
  isCryptoKey: () => false, // there are none, and no KeyObject
  isKeyObject: () => false,
  isAsyncFunction: (value) =>
    typeof value === "function" &&
    Object.prototype.toString.call(value) === "[object AsyncFunction]",
  isGeneratorFunction: (value) =>
    typeof value === "function" &&
    /Generator/.test(Object.prototype.toString.call(value)),
  isBoxedPrimitive: is("Number", "String", "Boolean", "BigInt", "Symbol"),
  isDataView: is("DataView"),
  isDate: is("Date"),
  isGeneratorObject: is("Generator", "AsyncGenerator"),
  isMap: is("Map"),
  isMapIterator: is("MapIterator"),
  isModuleNamespaceObject: is("Module"),
  isNativeError: is("Error"),
  isNumberObject: is("Number"),
  isBooleanObject: is("Boolean"),
  isStringObject: is("String"),
  isSymbolObject: is("Symbol"),
  isPromise: is("Promise"),
  isProxy: is("Proxy"),
  isRegExp: is("RegExp"),
  isSet: is("Set"),
  isSetIterator: is("SetIterator"),
  isTypedArray: is("TypedArray"),
  isWeakMap: is("WeakMap"),
  isWeakSet: is("WeakSet"),
};

const typedArrayName = Object.getOwnPropertyDescriptor(
  Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag).get;
for (const name of [
  "BigInt64Array", "BigUint64Array", "Float32Array", "Float64Array",
  "Int16Array", "Int32Array", "Int8Array", "Uint16Array", "Uint32Array",
  "Uint8Array", "Uint8ClampedArray",
]) {
  types[`is${name}`] = (value) =>
    ArrayBuffer.isView(value) && typedArrayName.call(value) === name;
}

export { MIMEParams, MIMEType, TextDecoder, TextEncoder };

export default {
  MIMEParams,
  MIMEType,
  TextDecoder,
  TextEncoder,
  _errnoException,
  _exceptionWithHostPort,
  _extend,
  aborted,
  callbackify,
  debug,
  debuglog,
  deprecate,
  format,
  formatWithOptions,
  getSystemErrorMap,
  getSystemErrorName,
  inherits,
  inspect,
  isArray,
  isBoolean,
  isBuffer,
  isDate,
  isDeepStrictEqual,
  isError,
  isFunction,
  isNull,
  isNullOrUndefined,
  isNumber,
  isObject,
  isPrimitive,
  isRegExp,
  isString,
  isSymbol,
  isUndefined,
  log,
  parseArgs,
  parseEnv,
  promisify,
  stripVTControlCharacters,
  styleText,
  toUSVString,
  types,
};
