// SPDX-License-Identifier: MIT
// Headers (WHATWG Fetch 5.1).
import { enumerable, pairIterators, required } from "rill:internal/web/idl";

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const badValue = /[\0\r\n]|[^\0-\xff]/;

function nameOf(value) {
  const name = `${value}`;
  if (!token.test(name)) {
    throw new TypeError(`${JSON.stringify(name)} is no header name`);
  }
  return name;
}

function valueOf(value) {
  const text = `${value}`.replace(/^[\t\n\r ]+|[\t\n\r ]+$/g, "");
  if (badValue.test(text)) {
    throw new TypeError(`${JSON.stringify(text)} is no header value`);
  }
  return text;
}

const iterate = pairIterators("Headers");
let lock, adopt;
// The list itself; rill:http reads it, too.
export const listOf = Symbol.for("rill:headers");

export class Headers {
  // Names in lower case and values in turn, in the order they were added.
  #list = [];
  #sorted = null;
  #immutable = false;

  constructor(init = undefined) {
    if (init === undefined) return;
    if (init === null ||
        (typeof init !== "object" && typeof init !== "function")) {
      throw new TypeError("Headers are made of an object or of pairs");
    }
    if (#list in init) {
      this.#list = init.#list.slice();
      return;
    }
    const iterator = init[Symbol.iterator];
    if (iterator !== undefined && iterator !== null) {
      if (typeof iterator !== "function") {
        throw new TypeError("Headers are made of an object or of pairs");
      }
      for (const pair of init) {
        const parts = [...pair];
        if (parts.length !== 2) {
          throw new TypeError("A header is a pair of a name and a value");
        }
        this.append(parts[0], parts[1]);
      }
      return;
    }
    for (const key of Reflect.ownKeys(init)) {
      const descriptor = Reflect.getOwnPropertyDescriptor(init, key);
      if (!descriptor?.enumerable) continue;
      this.append(key, init[key]);
    }
  }

  get [listOf]() {
    return this.#list;
  }

  #change() {
    if (this.#immutable) throw new TypeError("These headers are immutable");
    this.#sorted = null;
  }

  append(name, value) {
    required(arguments.length, 2, "Headers.append");
    const key = nameOf(name), text = valueOf(value);
    this.#change();
    this.#list.push(key.toLowerCase(), text);
  }

  delete(name) {
    required(arguments.length, 1, "Headers.delete");
    const key = nameOf(name).toLowerCase();
    this.#change();
    this.#remove(key, 0);
  }

  #remove(key, from) {
    const list = this.#list;
    for (let i = list.length - 2; i >= from; i -= 2) {
      if (list[i] === key) list.splice(i, 2);
    }
  }

  get(name) {
    required(arguments.length, 1, "Headers.get");
    const key = nameOf(name).toLowerCase(), list = this.#list;
    let found = null;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === key) {
        found = found === null ? list[i + 1] : `${found}, ${list[i + 1]}`;
      }
    }
    return found;
  }

  getSetCookie() {
    const list = this.#list, cookies = [];
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === "set-cookie") cookies.push(list[i + 1]);
    }
    return cookies;
  }

  has(name) {
    required(arguments.length, 1, "Headers.has");
    const key = nameOf(name).toLowerCase(), list = this.#list;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === key) return true;
    }
    return false;
  }

  set(name, value) {
    required(arguments.length, 2, "Headers.set");
    const key = nameOf(name).toLowerCase(), text = valueOf(value);
    this.#change();
    const list = this.#list;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] !== key) continue;
      list[i + 1] = text;
      this.#remove(key, i + 2);
      return;
    }
    list.push(key, text);
  }

  // Sorted, values of a name joined, cookies apart.
  #sort() {
    if (this.#sorted !== null) return this.#sorted;
    const list = this.#list, names = new Set(), sorted = [];
    for (let i = 0; i < list.length; i += 2) names.add(list[i]);
    for (const name of [...names].sort()) {
      if (name === "set-cookie") {
        for (const cookie of this.getSetCookie()) sorted.push(name, cookie);
      } else {
        sorted.push(name, this.get(name));
      }
    }
    return (this.#sorted = sorted);
  }

  forEach(callback, thisArgument = undefined) {
    required(arguments.length, 1, "Headers.forEach");
    if (typeof callback !== "function") {
      throw new TypeError("Headers.forEach needs a function");
    }
    for (let i = 0; i < this.#sort().length; i += 2) {
      const sorted = this.#sort();
      callback.call(thisArgument, sorted[i + 1], sorted[i], this);
    }
  }

  keys() {
    return iterate(this.#sort(), 0);
  }

  values() {
    return iterate(this.#sort(), 1);
  }

  entries() {
    return iterate(this.#sort(), 2);
  }

  static {
    lock = (headers) => {
      headers.#immutable = true;
      return headers;
    };
    adopt = (list) => {
      const headers = new Headers();
      headers.#list = list;
      return headers;
    };
  }
}

enumerable(Headers, "Headers");
Object.defineProperty(Headers.prototype, Symbol.iterator, {
  value: Headers.prototype.entries,
  writable: true,
  configurable: true,
});

// The headers made immutable; Headers around a checked list.
export { lock, adopt };
