// SPDX-License-Identifier: MIT
// FileReader (W3C File API 6) and the events of its progress. A blob's bytes are
// in memory, so there is one progress event at most.
import { isLackOfMemory } from "rill:internal/errors";
import { setImmediate } from "rill:internal/timers";
import { Blob } from "rill:internal/web/blob";
import { DOMException } from "rill:internal/web/dom_exception";
import { TextDecoder } from "rill:internal/web/encoding";
import {
  Event,
  eventHandlers,
  EventTarget,
  fireTrusted,
} from "rill:internal/web/events";
import {
  constants,
  dictionary,
  enumerable,
  required,
} from "rill:internal/web/idl";
import { parseMimeType } from "rill:internal/web/mime";

export class ProgressEvent extends Event {
  #lengthComputable;
  #loaded;
  #total;
  constructor(type, init = undefined) {
    required(arguments.length, 1, "ProgressEvent");
    super(type, init);
    const { lengthComputable = false, loaded = 0, total = 0 } = dictionary(init);
    this.#lengthComputable = Boolean(lengthComputable);
    this.#loaded = Number(loaded);
    this.#total = Number(total);
  }
  get lengthComputable() {
    return this.#lengthComputable;
  }
  get loaded() {
    return this.#loaded;
  }
  get total() {
    return this.#total;
  }
  static {
    enumerable(this, "ProgressEvent");
  }
}

const [EMPTY, LOADING, DONE] = [0, 1, 2];

// The encoding of text (6.4): a byte order mark's, else the label's, else the
// type's, else UTF-8.
function decoderFor(bytes, label, type) {
  const [a, b, c] = bytes;
  if (a === 0xef && b === 0xbb && c === 0xbf) return new TextDecoder();
  if (a === 0xfe && b === 0xff) return new TextDecoder("utf-16be");
  if (a === 0xff && b === 0xfe) return new TextDecoder("utf-16le");
  for (const name of [label, parseMimeType(type)?.parameters.get("charset")]) {
    try {
      if (name !== undefined) return new TextDecoder(name);
    } catch (error) {
      if (isLackOfMemory(error)) throw error;
      // no encoding: the next one
    }
  }
  return new TextDecoder();
}

const latin1 = (bytes) => {
  let text = "";
  for (let at = 0; at < bytes.length; at += 8192) {
    text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return text;
};

const forms = {
  buffer: (bytes) => bytes.buffer,
  binary: latin1,
  text: (bytes, label, type) => decoderFor(bytes, label, type).decode(bytes),
  url: (bytes, label, type) =>
    `data:${type || "application/octet-stream"};base64,${btoa(latin1(bytes))}`,
};

export class FileReader extends EventTarget {
  #state = EMPTY;
  #result = null;
  #error = null;
  #turn; // of the read under way

  get readyState() {
    return this.#state;
  }
  get result() {
    return this.#result;
  }
  get error() {
    return this.#error;
  }
  #fire(type, blob, loaded) {
    const total = blob?.size ?? 0;
    fireTrusted(this, new ProgressEvent(type, {
      lengthComputable: blob !== undefined, loaded, total,
    }));
  }
  #read(name, blob, form, label = undefined) {
    if (!(blob instanceof Blob)) {
      throw new TypeError(`${name}: the argument is no Blob`);
    }
    if (this.#state === LOADING) {
      throw new DOMException("The reader reads already", "InvalidStateError");
    }
    const turn = this.#turn = {};
    this.#state = LOADING;
    this.#result = this.#error = null;
    const later = (work) => setImmediate(() => {
      if (this.#turn === turn) work();
    });
    const finish = (type, loaded) => {
      this.#state = DONE;
      this.#fire(type, blob, loaded);
      // In a turn of its own, which a read that began meanwhile does without.
      later(() => this.#fire("loadend", blob, loaded));
    };
    later(() => {
      this.#fire("loadstart", blob, 0);
      blob.arrayBuffer().then((buffer) => later(() => {
        if (blob.size > 0) this.#fire("progress", blob, blob.size);
        later(() => {
          this.#result = form(new Uint8Array(buffer), label, blob.type);
          finish("load", blob.size);
        });
      }), (error) => later(() => {
        this.#error = error;
        finish("error", 0);
      }));
    });
  }
  readAsArrayBuffer(blob) {
    required(arguments.length, 1, "readAsArrayBuffer");
    this.#read("readAsArrayBuffer", blob, forms.buffer);
  }
  readAsBinaryString(blob) {
    required(arguments.length, 1, "readAsBinaryString");
    this.#read("readAsBinaryString", blob, forms.binary);
  }
  readAsText(blob, encoding = undefined) {
    required(arguments.length, 1, "readAsText");
    this.#read("readAsText", blob, forms.text, encoding);
  }
  readAsDataURL(blob) {
    required(arguments.length, 1, "readAsDataURL");
    this.#read("readAsDataURL", blob, forms.url);
  }
  abort() {
    const wasLoading = this.#state === LOADING;
    this.#result = null;
    if (!wasLoading) return;
    this.#turn = undefined;
    this.#state = DONE;
    this.#fire("abort", undefined, 0);
    if (this.#state !== LOADING) this.#fire("loadend", undefined, 0);
  }
  static {
    constants(this, { EMPTY, LOADING, DONE });
    eventHandlers(this, ["loadstart", "progress", "load", "abort", "error",
                         "loadend"]);
    enumerable(this, "FileReader");
  }
}
