// SPDX-License-Identifier: MIT
// util.MIMEType and util.MIMEParams.
import { codedError } from "rill:internal/errors";
import {
  isToken,
  isValue,
  mimeTypeText,
  parametersText,
  parseParameters,
} from "rill:internal/web/mime";

// The text as it is if `test` holds for all of it, which is said of `whole`.
function checked(text, whole, what, test) {
  if (test(text)) return text;
  const at = [...text].findIndex((letter) => !test(letter));
  throw codedError(TypeError, "ERR_INVALID_MIME_SYNTAX",
                   `The MIME syntax for a ${what} in "${whole}" is invalid${
                     at < 0 ? "" : ` at ${at}`}`);
}

let listOf, paramsOf;

export class MIMEParams {
  #list = new Map();
  delete(name) {
    this.#list.delete(name);
  }
  get(name) {
    return this.#list.get(name) ?? null;
  }
  has(name) {
    return this.#list.has(name);
  }
  set(name, value) {
    const [key, text] = [`${name}`, `${value}`];
    checked(key, key, "parameter name", isToken);
    this.#list.set(key, checked(text, text, "parameter value", isValue));
  }
  * entries() {
    yield* this.#list.entries();
  }
  * keys() {
    yield* this.#list.keys();
  }
  * values() {
    yield* this.#list.values();
  }
  toString() {
    return parametersText(this.#list);
  }
  static {
    listOf = (params) => params.#list;
    paramsOf = (list) => {
      const params = new MIMEParams();
      params.#list = list;
      return params;
    };
  }
}

export class MIMEType {
  #type;
  #subtype;
  #params;
  constructor(string) {
    const whole = `${string}`;
    const text = whole.replace(/^[\t\n\r ]+/, "");
    const slash = text.indexOf("/");
    const type = slash < 0 ? "" : text.slice(0, slash);
    this.#type = checked(type, whole, "type", isToken).toLowerCase();
    const [subtype] = /^[^;]*/.exec(text.slice(slash + 1));
    this.#subtype = checked(subtype.replace(/[\t\n\r ]+$/, ""), whole,
                            "subtype", isToken).toLowerCase();
    this.#params = paramsOf(
      parseParameters(text.slice(slash + 1 + subtype.length)));
  }
  get type() {
    return this.#type;
  }
  set type(value) {
    const text = `${value}`;
    this.#type = checked(text, text, "type", isToken).toLowerCase();
  }
  get subtype() {
    return this.#subtype;
  }
  set subtype(value) {
    const text = `${value}`;
    this.#subtype = checked(text, text, "subtype", isToken).toLowerCase();
  }
  get essence() {
    return `${this.#type}/${this.#subtype}`;
  }
  get params() {
    return this.#params;
  }
  toString() {
    return mimeTypeText({ essence: this.essence,
                          parameters: listOf(this.#params) });
  }
}

const hidden = (value) => ({ value, writable: true, configurable: true });
Object.defineProperties(MIMEParams.prototype, {
  [Symbol.iterator]: hidden(MIMEParams.prototype.entries),
  toJSON: hidden(MIMEParams.prototype.toString),
});
Object.defineProperty(MIMEType.prototype, "toJSON",
                      hidden(MIMEType.prototype.toString));
