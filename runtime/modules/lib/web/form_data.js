// SPDX-License-Identifier: MIT
// FormData (XMLHttpRequest Standard 5), without forms.
import { Blob, File, isBlob } from "rill:internal/web/blob";
import {
  enumerable,
  pairIterators,
  required,
  wellFormed,
} from "rill:internal/web/idl";

const iterate = pairIterators("FormData");

// Create an entry: a string, or a File.
function entryValue(count, value, filename) {
  if (!isBlob(value)) {
    if (count > 2) {
      throw new TypeError("Only a Blob can have a file name");
    }
    return wellFormed(value);
  }
  if (value instanceof File && filename === undefined) return value;
  const name = filename === undefined ? "blob" : wellFormed(filename);
  const options = { type: value.type };
  if (value instanceof File) options.lastModified = value.lastModified;
  return new File([value], name, options);
}

export class FormData {
  #list = []; // names and values in turn
  constructor(form = undefined) {
    if (form !== undefined) {
      throw new TypeError("FormData: there are no forms here");
    }
  }
  append(name, value, filename = undefined) {
    const list = this.#list;
    required(arguments.length, 2, "append");
    list.push(wellFormed(name), entryValue(arguments.length, value, filename));
  }
  delete(name) {
    const list = this.#list;
    required(arguments.length, 1, "delete");
    name = wellFormed(name);
    for (let i = 0; i < list.length;) {
      if (list[i] === name) list.splice(i, 2);
      else i += 2;
    }
  }
  get(name) {
    const list = this.#list;
    required(arguments.length, 1, "get");
    name = wellFormed(name);
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name) return list[i + 1];
    }
    return null;
  }
  getAll(name) {
    const list = this.#list, values = [];
    required(arguments.length, 1, "getAll");
    name = wellFormed(name);
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name) values.push(list[i + 1]);
    }
    return values;
  }
  has(name) {
    const list = this.#list;
    required(arguments.length, 1, "has");
    name = wellFormed(name);
    for (let i = 0; i < list.length; i += 2) {
      if (list[i] === name) return true;
    }
    return false;
  }
  set(name, value, filename = undefined) {
    const list = this.#list;
    required(arguments.length, 2, "set");
    name = wellFormed(name);
    value = entryValue(arguments.length, value, filename);
    let found = false;
    for (let i = 0; i < list.length;) {
      if (list[i] !== name) {
        i += 2;
      } else if (found) {
        list.splice(i, 2);
      } else {
        list[i + 1] = value;
        found = true;
        i += 2;
      }
    }
    if (!found) list.push(name, value);
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
  forEach(callback, thisArgument = undefined) {
    const list = this.#list;
    if (typeof callback !== "function") {
      throw new TypeError('The "callback" argument must be of type function');
    }
    for (let i = 0; i < list.length; i += 2) {
      callback.call(thisArgument, list[i + 1], list[i], this);
    }
  }
  static {
    Object.defineProperty(this.prototype, Symbol.iterator, {
      value: this.prototype.entries,
      writable: true,
      configurable: true,
    });
    enumerable(this, "FormData");
  }
}

// multipart/form-data (HTML 4.10.21.8): {blob, boundary}.
const escape = (text) => text.replace(/\n/g, "%0A").replace(/\r/g, "%0D")
    .replace(/"/g, "%22");
const lines = (text) => text.replace(/\r\n?|\n/g, "\r\n");
export function encodeMultipart(form, boundary) {
  const parts = [];
  for (const [name, value] of form) {
    let head = `--${boundary}\r\nContent-Disposition: form-data; ` +
        `name="${escape(lines(name))}"`;
    if (typeof value === "string") {
      parts.push(`${head}\r\n\r\n${lines(value)}\r\n`);
    } else {
      head += `; filename="${escape(value.name)}"\r\nContent-Type: ` +
          `${value.type || "application/octet-stream"}\r\n\r\n`;
      parts.push(head, value, "\r\n");
    }
  }
  parts.push(`--${boundary}--\r\n`);
  return new Blob(parts, { type: `multipart/form-data; boundary=${boundary}` });
}
