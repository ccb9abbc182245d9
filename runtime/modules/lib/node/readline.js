// SPDX-License-Identifier: MIT
// node:readline: the lines of a stream. There is no editing of lines on a
// terminal.
import { EventEmitter, on } from "node:events";
import { StringDecoder } from "node:string_decoder";

export class Interface extends EventEmitter {
  #input;
  #output;
  #decoder = new StringDecoder("utf8");
  #rest = "";
  #prompt;
  #question = null;
  #listeners = {};
  closed = false;
  line = "";

  constructor(input, output, options = {}) {
    super();
    if (input?.input !== undefined) ({ input, output, ...options } = input);
    this.#input = input;
    this.#output = output;
    this.#prompt = options.prompt ?? "> ";
    this.#listeners = {
      data: (chunk) => this.#take(
        typeof chunk === "string" ? chunk : this.#decoder.write(chunk)),
      end: () => {
        this.#take(this.#decoder.end());
        if (this.#rest !== "") this.#emitLine(this.#rest.replace(/\r$/, ""));
        this.#rest = "";
        this.close();
      },
      error: (error) => this.emit("error", error),
    };
    for (const [event, listener] of Object.entries(this.#listeners)) {
      input.on(event, listener);
    }
    input.resume?.();
  }
  #take(text) {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop();
    for (const line of lines) this.#emitLine(line);
  }
  #emitLine(line) {
    if (this.closed) return;
    const question = this.#question;
    this.#question = null;
    this.line = line;
    if (question !== null) question(line);
    else this.emit("line", line);
  }
  get input() {
    return this.#input;
  }
  get output() {
    return this.#output;
  }
  setPrompt(text) {
    this.#prompt = text;
  }
  getPrompt() {
    return this.#prompt;
  }
  prompt() {
    this.#output?.write(this.#prompt);
  }
  question(query, options, callback = options) {
    this.#output?.write(query);
    this.#question = callback;
  }
  write(text) {
    this.#take(String(text));
  }
  pause() {
    this.#input.pause?.();
    this.emit("pause");
    return this;
  }
  resume() {
    this.#input.resume?.();
    this.emit("resume");
    return this;
  }
  close() {
    if (this.closed) return;
    this.closed = true;
    for (const [event, listener] of Object.entries(this.#listeners)) {
      this.#input.removeListener(event, listener);
    }
    this.#input.pause?.();
    this.emit("close");
  }
  async *[Symbol.asyncIterator]() {
    try {
      for await (const [line] of on(this, "line", { close: ["close"] })) {
        yield line;
      }
    } finally {
      this.close();
    }
  }
  [Symbol.dispose]() {
    this.close();
  }
}

export const createInterface = (input, output, options) =>
  new Interface(input, output, options);

function escape(stream, sequence, callback) {
  if (typeof stream?.write !== "function") return true;
  return stream.write(`\x1b[${sequence}`, callback);
}
export const clearLine = (stream, direction, callback) =>
  escape(stream, direction < 0 ? "1K" : direction > 0 ? "0K" : "2K", callback);
export const clearScreenDown = (stream, callback) =>
  escape(stream, "0J", callback);
export const cursorTo = (stream, x, y, callback) =>
  typeof y === "number" ? escape(stream, `${y + 1};${x + 1}H`, callback)
                        : escape(stream, `${x + 1}G`, y ?? callback);
export function moveCursor(stream, dx, dy, callback) {
  const step = (n, forward, back) =>
    n === 0 ? "" : `\x1b[${Math.abs(n)}${n > 0 ? forward : back}`;
  const text = step(dx, "C", "D") + step(dy, "B", "A");
  return text === "" ? true : stream.write(text, callback);
}

export default {
  Interface,
  clearLine,
  clearScreenDown,
  createInterface,
  cursorTo,
  moveCursor,
};
