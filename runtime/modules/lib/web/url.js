// SPDX-License-Identifier: MIT
// URL and URLSearchParams (WHATWG URL 6).
import { loadBuiltin } from "rill:internal/modules";
import * as native from "rill:internal/url";
import { enumerable, pairIterators, wellFormed } from "rill:internal/web/idl";

// native.parse gives [href, offsets...]; these are the offsets' places.
const SCHEME_END = 1;
const USERNAME_END = 2;
const PASSWORD_START = 3;
const PASSWORD_END = 4;
const HOST_START = 5;
const HOST_END = 6;
const PORT_END = 7;
const PATH_START = 8;
const PATH_END = 9;
const QUERY_END = 10;

// UrlPart of runtime/web/url.h.
const [PROTOCOL, USERNAME, PASSWORD, HOST, HOSTNAME, PORT, PATHNAME, SEARCH,
       HASH] = [0, 1, 2, 3, 4, 5, 6, 7, 8];

function invalid(input, base) {
  const error = new TypeError("Invalid URL");
  error.code = "ERR_INVALID_URL";
  error.input = input;
  if (base !== undefined) error.base = base;
  return error;
}

let setSearch, paramsOf, updateParams;

// Loaded when somebody has to do with blobs.
const blobs = () => loadBuiltin("rill:internal/web/blob");

export class URL {
  #parts;
  #params;

  constructor(url, base = undefined) {
    if (arguments.length === 0) {
      throw new TypeError('The "url" argument must be specified');
    }
    url = `${url}`;
    if (base !== undefined) base = `${base}`;
    const parts = native.parse(url, base);
    if (parts === null) throw invalid(url, base);
    this.#parts = parts;
  }

  static parse(url, base = undefined) {
    if (arguments.length === 0) {
      throw new TypeError('The "url" argument must be specified');
    }
    url = `${url}`;
    if (base !== undefined) base = `${base}`;
    return native.parse(url, base) === null ? null : new URL(url, base);
  }
  static canParse(url, base = undefined) {
    if (arguments.length === 0) {
      throw new TypeError('The "url" argument must be specified');
    }
    return native.parse(`${url}`, base === undefined ? base : `${base}`)
        !== null;
  }

  static createObjectURL(object) {
    return blobs().createObjectURL(object);
  }
  static revokeObjectURL(url) {
    if (arguments.length === 0) {
      throw new TypeError('The "url" argument must be specified');
    }
    blobs().revokeObjectURL(`${url}`);
  }

  get href() {
    return this.#parts[0];
  }
  set href(value) {
    this.#parts;
    value = `${value}`;
    const parts = native.parse(value, undefined);
    if (parts === null) throw invalid(value);
    this.#parts = parts;
    this.#refresh();
  }
  get origin() {
    const p = this.#parts;
    switch (this.protocol) {
      case "http:":
      case "https:":
      case "ws:":
      case "wss:":
      case "ftp:":
        return p[0].slice(0, p[SCHEME_END]) + "//" +
            p[0].slice(p[HOST_START], p[PORT_END]);
      case "blob:": {
        const inner = native.parse(this.pathname, undefined);
        if (inner === null || !/^https?:/.test(inner[0])) return "null";
        return inner[0].slice(0, inner[SCHEME_END]) + "//" +
            inner[0].slice(inner[HOST_START], inner[PORT_END]);
      }
      default:
        return "null";
    }
  }
  get protocol() {
    const p = this.#parts;
    return p[0].slice(0, p[SCHEME_END]);
  }
  set protocol(value) {
    this.#change(PROTOCOL, value);
  }
  get username() {
    const p = this.#parts;
    const end = p[USERNAME_END];
    return end > p[SCHEME_END] ? p[0].slice(p[SCHEME_END] + 2, end) : "";
  }
  set username(value) {
    this.#change(USERNAME, value);
  }
  get password() {
    const p = this.#parts;
    return p[0].slice(p[PASSWORD_START], p[PASSWORD_END]);
  }
  set password(value) {
    this.#change(PASSWORD, value);
  }
  get host() {
    const p = this.#parts;
    return p[0].slice(p[HOST_START], p[PORT_END]);
  }
  set host(value) {
    this.#change(HOST, value);
  }
  get hostname() {
    const p = this.#parts;
    return p[0].slice(p[HOST_START], p[HOST_END]);
  }
  set hostname(value) {
    this.#change(HOSTNAME, value);
  }
  get port() {
    const p = this.#parts;
    return p[0].slice(p[HOST_END] + 1, p[PORT_END]);
  }
  set port(value) {
    this.#change(PORT, value);
  }
  get pathname() {
    const p = this.#parts;
    return p[0].slice(p[PATH_START], p[PATH_END]);
  }
  set pathname(value) {
    this.#change(PATHNAME, value);
  }
  get search() {
    const p = this.#parts;
    return p[QUERY_END] - p[PATH_END] > 1
        ? p[0].slice(p[PATH_END], p[QUERY_END]) : "";
  }
  set search(value) {
    this.#change(SEARCH, value);
    this.#refresh();
  }
  get searchParams() {
    this.#parts;
    return this.#params ??= paramsOf(this, this.search);
  }
  get hash() {
    const p = this.#parts;
    return p[0].length - p[QUERY_END] > 1 ? p[0].slice(p[QUERY_END]) : "";
  }
  set hash(value) {
    this.#change(HASH, value);
  }

  toString() {
    return this.#parts[0];
  }
  toJSON() {
    return this.#parts[0];
  }

  #change(part, value) {
    this.#parts = native.change(this.#parts[0], part, `${value}`);
  }
  #refresh() {
    if (this.#params !== undefined) updateParams(this.#params, this.search);
  }

  [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
    if (depth < 0) return this.href;
    const shown = {};
    for (const key of ["href", "origin", "protocol", "username", "password",
                       "host", "hostname", "port", "pathname", "search",
                       "searchParams", "hash"]) {
      shown[key] = this[key];
    }
    return `${this.constructor.name} ${inspect(shown, options)}`;
  }

  static {
    setSearch = (url, text) => url.#change(SEARCH, text);
    enumerable(this, "URL");
  }
}

function pairs(init) {
  const list = [];
  const method = init[Symbol.iterator];
  if (method !== undefined && method !== null) {
    if (typeof method !== "function") {
      throw new TypeError("The init object must be iterable");
    }
    for (const pair of { [Symbol.iterator]: () => method.call(init) }) {
      if (pair === null || typeof pair !== "object" ||
          typeof pair[Symbol.iterator] !== "function") {
        throw new TypeError("Each query pair must be an iterable");
      }
      const [...parts] = pair;
      if (parts.length !== 2) {
        throw new TypeError("Each query pair must be a [name, value] tuple");
      }
      list.push(wellFormed(parts[0]), wellFormed(parts[1]));
    }
    return list;
  }
  const seen = new Map();
  for (const key of Reflect.ownKeys(init)) {
    const descriptor = Reflect.getOwnPropertyDescriptor(init, key);
    if (descriptor === undefined || !descriptor.enumerable) continue;
    seen.set(wellFormed(key), wellFormed(init[key]));
  }
  for (const [name, value] of seen) list.push(name, value);
  return list;
}

const iterate = pairIterators("URLSearchParams");

export class URLSearchParams {
  #list = []; // names and values in turn
  #url;

  constructor(init = "") {
    if ((typeof init === "object" && init !== null) ||
        typeof init === "function") {
      this.#list = pairs(init);
    } else {
      init = `${init}`;
      if (init !== "") {
        this.#list = native.parseQuery(init[0] === "?" ? init.slice(1) : init);
      }
    }
  }

  get size() {
    return this.#list.length / 2;
  }
  append(name, value) {
    const list = this.#list;
    need(arguments.length, 2);
    list.push(wellFormed(name), wellFormed(value));
    this.#update();
  }
  delete(name, value = undefined) {
    const list = this.#list;
    need(arguments.length, 1);
    name = wellFormed(name);
    if (value !== undefined) value = wellFormed(value);
    const left = [];
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] !== name || (value !== undefined && list[i + 1] !== value)) {
        left.push(list[i], list[i + 1]);
      }
    }
    replace(list, left);
    this.#update();
  }
  get(name) {
    const list = this.#list;
    need(arguments.length, 1);
    name = wellFormed(name);
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name) return list[i + 1];
    }
    return null;
  }
  getAll(name) {
    const list = this.#list;
    need(arguments.length, 1);
    name = wellFormed(name);
    const values = [];
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name) values.push(list[i + 1]);
    }
    return values;
  }
  has(name, value = undefined) {
    const list = this.#list;
    need(arguments.length, 1);
    name = wellFormed(name);
    if (value !== undefined) value = wellFormed(value);
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name && (value === undefined || list[i + 1] === value)) {
        return true;
      }
    }
    return false;
  }
  set(name, value) {
    const list = this.#list;
    need(arguments.length, 2);
    name = wellFormed(name);
    value = wellFormed(value);
    const left = [];
    let found = false;
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] !== name) {
        left.push(list[i], list[i + 1]);
      } else if (!found) {
        left.push(name, value);
        found = true;
      }
    }
    if (!found) left.push(name, value);
    replace(list, left);
    this.#update();
  }
  sort() {
    const list = this.#list, entries = [];
    for (let i = 0; i < list.length; i += 2) {
      entries.push([list[i], list[i + 1]]);
    }
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    replace(list, entries.flat());
    this.#update();
  }
  forEach(callback, thisArgument = undefined) {
    const list = this.#list;
    if (typeof callback !== "function") {
      throw new TypeError('The "callback" argument must be of type function');
    }
    for (let i = 0; i < list.length; i += 2) {
      callback.call(thisArgument, list[i + 1], list[i], this);
    }
  }
  entries() {
    return iterate(this.#list, 2);
  }
  keys() {
    return iterate(this.#list, 0);
  }
  values() {
    return iterate(this.#list, 1);
  }
  toString() {
    return native.formatQuery(this.#list);
  }

  #update() {
    if (this.#url === undefined) return;
    setSearch(this.#url, native.formatQuery(this.#list));
  }

  [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
    if (depth < 0) return "[Object]";
    const shown = [];
    for (let i = 0; i < this.#list.length; i += 2) {
      shown.push(`${inspect(this.#list[i], options)} => ` +
                 inspect(this.#list[i + 1], options));
    }
    return shown.length === 0 ? "URLSearchParams {}"
        : `URLSearchParams { ${shown.join(", ")} }`;
  }

  static {
    paramsOf = (url, search) => {
      const params = new URLSearchParams(search);
      params.#url = url;
      return params;
    };
    updateParams = (params, search) => {
      replace(params.#list,
              search === "" ? [] : native.parseQuery(search.slice(1)));
    };
    enumerable(this, "URLSearchParams");
    Object.defineProperty(this.prototype, Symbol.iterator, {
      value: this.prototype.entries,
      writable: true,
      configurable: true,
    });
  }
}

function need(count, required) {
  if (count < required) {
    const names = ["name", "value"].slice(0, required)
        .map((name) => `"${name}"`).join(" and ");
    throw new TypeError(
        `The ${names} argument${required > 1 ? "s" : ""} must be specified`);
  }
}

// Iterators hold the list itself: it stays the same array.
function replace(list, content) {
  list.length = 0;
  for (let i = 0; i < content.length; i++) list.push(content[i]);
}
