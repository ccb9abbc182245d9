// SPDX-License-Identifier: MIT
// TextEncoderStream and TextDecoderStream (WHATWG Encoding 7.5, 7.6).
import { encodeUtf8 } from "rill:internal/text";
import { TextDecoder } from "rill:internal/web/encoding";
import { enumerable } from "rill:internal/web/idl";
import { createTransform } from "rill:internal/web/streams/transform";

const isLead = (unit) => unit >= 0xd800 && unit <= 0xdbff;

export class TextEncoderStream {
  #transform;
  constructor() {
    let pending = ""; // a lead surrogate whose trail may come
    this.#transform = createTransform({
      transform: (chunk) => {
        let text = pending + `${chunk}`;
        pending = "";
        if (text === "") return;
        if (isLead(text.charCodeAt(text.length - 1))) {
          pending = text.at(-1);
          text = text.slice(0, -1);
          if (text === "") return;
        }
        this.#transform.enqueue(encodeUtf8(text));
      },
      flush: () => {
        if (pending !== "") this.#transform.enqueue(encodeUtf8(pending));
      },
    });
  }
  get encoding() {
    this.#transform;
    return "utf-8";
  }
  get readable() {
    return this.#transform.readable;
  }
  get writable() {
    return this.#transform.writable;
  }
  static {
    enumerable(this, "TextEncoderStream");
  }
}

export class TextDecoderStream {
  #decoder;
  #transform;
  constructor(label = "utf-8", options = undefined) {
    this.#decoder = new TextDecoder(label, options);
    const put = (text) => {
      if (text !== "") this.#transform.enqueue(text);
    };
    this.#transform = createTransform({
      transform: (chunk) => {
        if (chunk === undefined) throw new TypeError("The chunk is no buffer");
        put(this.#decoder.decode(chunk, { stream: true }));
      },
      flush: () => put(this.#decoder.decode()),
    });
  }
  get encoding() {
    return this.#decoder.encoding;
  }
  get fatal() {
    return this.#decoder.fatal;
  }
  get ignoreBOM() {
    return this.#decoder.ignoreBOM;
  }
  get readable() {
    return this.#transform.readable;
  }
  get writable() {
    return this.#transform.writable;
  }
  static {
    enumerable(this, "TextDecoderStream");
  }
}
