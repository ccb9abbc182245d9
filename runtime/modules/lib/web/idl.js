// SPDX-License-Identifier: MIT
// What the web's classes have in common (Web IDL): enumerable members, tagged
// prototypes, conversions, iterators over pairs.
import { markPlatform } from "rill:internal/clone";

// Makes the members of an interface enumerable, and tags its prototype.
// Structured clone refuses its objects, unless there are hooks:
//   module, kind          what receives them: the module's receive(kind, data,
//                         was it transferred) gives the new object
//   serialize(object)     data to clone, or undefined: it is none of the class
//   transfer(object)      the same, when it is in a transfer list
export function enumerable(Class, name, hooks = null) {
  markPlatform(Class.prototype, hooks);
  for (const target of [Class, Class.prototype]) {
    for (const key of Object.getOwnPropertyNames(target)) {
      if (target === Class ? key === "prototype" || key === "name" ||
          key === "length" : key === "constructor") {
        continue;
      }
      Object.defineProperty(target, key, { enumerable: true });
    }
  }
  Object.defineProperty(Class.prototype, Symbol.toStringTag, {
    value: name,
    configurable: true,
  });
}

// Constants of an interface, on it and on its prototype.
export function constants(Class, values) {
  for (const target of [Class, Class.prototype]) {
    for (const key of Object.keys(values)) {
      Object.defineProperty(target, key, {
        value: values[key],
        enumerable: true,
      });
    }
  }
}

// USVString.
export const wellFormed = (value) => `${value}`.toWellFormed();

const nothing = Object.freeze({ __proto__: null });

// A dictionary: an object, or nothing.
export function dictionary(value, what = "options") {
  if (value === undefined || value === null) return nothing;
  if (typeof value !== "object" && typeof value !== "function") {
    throw new TypeError(`The "${what}" argument must be of type object`);
  }
  return value;
}

export function required(count, needed, name) {
  if (count < needed) {
    throw new TypeError(`${name}: ${needed} argument${needed > 1 ? "s" : ""} ` +
                        `required, but only ${count} present`);
  }
}

export const illegalConstructor = () => {
  const error = new TypeError("Illegal constructor");
  error.code = "ERR_ILLEGAL_CONSTRUCTOR";
  return error;
};

const iteratorPrototype =
    Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()));

// Default iterator objects of an interface (Web IDL 3.7.9) over a list that
// holds names and values in turn and may change under way. The result makes
// one: kind 0 iterates names, 1 values, 2 both.
export function pairIterators(name) {
  class PairIterator {
    #list;
    #kind;
    #index = 0;
    constructor(list, kind) {
      this.#list = list;
      this.#kind = kind;
    }
    next() {
      const list = this.#list, i = this.#index, kind = this.#kind;
      if (i >= list.length) return { value: undefined, done: true };
      this.#index = i + 2;
      const value = kind === 2 ? [list[i], list[i + 1]] : list[i + kind];
      return { value, done: false };
    }
  }
  Object.setPrototypeOf(PairIterator.prototype, iteratorPrototype);
  delete PairIterator.prototype.constructor;
  enumerable(PairIterator, `${name} Iterator`);
  return (list, kind) => new PairIterator(list, kind);
}
