// SPDX-License-Identifier: MIT
// TextEncoder, TextDecoder and their streams (WHATWG Encoding 7).
import { encodeUtf8 } from "rill:internal/text";
import { decode, encodeInto, newDecoder } from "rill:internal/web-encoding";
import { dictionary, enumerable, required } from "rill:internal/web/idl";

export class TextEncoder {
  #brand;
  get encoding() {
    this.#brand;
    return "utf-8";
  }
  encode(input = "") {
    this.#brand;
    return encodeUtf8(input);
  }
  encodeInto(source, destination) {
    this.#brand;
    required(arguments.length, 2, "encodeInto");
    return encodeInto(source, destination);
  }
  static {
    enumerable(this, "TextEncoder");
  }
}

export class TextDecoder {
  #decoder;
  #encoding;
  #fatal;
  #ignoreBOM;

  constructor(label = "utf-8", options = undefined) {
    label = `${label}`;
    options = dictionary(options);
    this.#fatal = Boolean(options.fatal);
    this.#ignoreBOM = Boolean(options.ignoreBOM);
    const made = newDecoder(label, this.#fatal, this.#ignoreBOM);
    if (made === null) {
      const error = new RangeError(`The "${label}" encoding is not supported`);
      error.code = "ERR_ENCODING_NOT_SUPPORTED";
      throw error;
    }
    [this.#decoder, this.#encoding] = made;
  }
  get encoding() {
    return this.#encoding;
  }
  get fatal() {
    return this.#fatal;
  }
  get ignoreBOM() {
    return this.#ignoreBOM;
  }
  decode(input = undefined, options = undefined) {
    const stream = options !== undefined && Boolean(dictionary(options).stream);
    try {
      return decode(this.#decoder, input, stream);
    } catch (error) {
      if (error instanceof TypeError && this.#fatal) {
        error.code = "ERR_ENCODING_INVALID_ENCODED_DATA";
      }
      throw error;
    }
  }
  static {
    enumerable(this, "TextDecoder");
  }
}
