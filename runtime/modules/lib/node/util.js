// SPDX-License-Identifier: MIT
// node:util: inspect, format, promisify and the type tests.
import { format, formatWithOptions, inspect } from "rill:internal/inspect";
import { kindOf, isDeepEqual } from "rill:internal/util";

export { format, formatWithOptions, inspect };

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
  constructor.super_ = parent;
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
}

export const deprecate = (f) => f;
export const debuglog = () => Object.assign(() => {}, { enabled: false });
export const debug = debuglog;
export const isDeepStrictEqual = (a, b) => isDeepEqual(a, b, true);
export const isArray = Array.isArray;
export const stripVTControlCharacters = (text) =>
  String(text).replace(/\x1b\[[0-9;]*[A-Za-z]/g, "");
export const toUSVString = (text) => String(text).toWellFormed();

const is = (...kinds) => (value) => kinds.includes(kindOf(value));
export const types = {
  isArrayBuffer: is("ArrayBuffer"),
  isAnyArrayBuffer: is("ArrayBuffer", "SharedArrayBuffer"),
  isSharedArrayBuffer: is("SharedArrayBuffer"),
  isArgumentsObject: is("Arguments"),
  isAsyncFunction: (value) =>
    typeof value === "function" &&
    Object.prototype.toString.call(value) === "[object AsyncFunction]",
  isGeneratorFunction: (value) =>
    typeof value === "function" &&
    /Generator/.test(Object.prototype.toString.call(value)),
  isBigInt64Array: (value) => value instanceof BigInt64Array,
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
  isUint8Array: (value) => value instanceof Uint8Array,
  isWeakMap: is("WeakMap"),
  isWeakSet: is("WeakSet"),
};

const { TextDecoder, TextEncoder } = globalThis;
export { TextDecoder, TextEncoder };

export default {
  TextDecoder,
  TextEncoder,
  callbackify,
  debug,
  debuglog,
  deprecate,
  format,
  formatWithOptions,
  inherits,
  inspect,
  isArray,
  isDeepStrictEqual,
  promisify,
  stripVTControlCharacters,
  toUSVString,
  types,
};
