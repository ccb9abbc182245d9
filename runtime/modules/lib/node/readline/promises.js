// SPDX-License-Identifier: MIT
// node:readline/promises
import { invalidArgument } from "rill:internal/errors";
import { LineInterface } from "rill:internal/readline_interface";
import * as cursor from "rill:internal/terminal_cursor";

export class Interface extends LineInterface {
  question(query, options) {
    return this.ask(query, options);
  }
}

// Cursor movements that are gathered, and sent together by commit.
export class Readline {
  #stream;
  #autoCommit;
  #parts = [];
  #collector = { write: (text) => this.#take(text) };
  constructor(stream, { autoCommit = false } = {}) {
    if (typeof stream?.write !== "function") {
      throw invalidArgument("stream", "an instance of Stream", stream);
    }
    this.#stream = stream;
    this.#autoCommit = autoCommit;
  }
  #take(text) {
    if (this.#autoCommit) process.nextTick(() => this.#stream.write(text));
    else this.#parts.push(text);
    return true;
  }
  clearLine(direction) {
    cursor.clearLine(this.#collector, direction);
    return this;
  }
  clearScreenDown() {
    cursor.clearScreenDown(this.#collector);
    return this;
  }
  cursorTo(x, y) {
    cursor.cursorTo(this.#collector, x, y);
    return this;
  }
  moveCursor(dx, dy) {
    cursor.moveCursor(this.#collector, dx, dy);
    return this;
  }
  commit() {
    return new Promise((resolve) => {
      this.#stream.write(this.#parts.join(""), () => resolve());
      this.#parts = [];
    });
  }
  rollback() {
    this.#parts = [];
    return this;
  }
}

export const createInterface = (input, output, completer, terminal) =>
  new Interface(input, output, completer, terminal);

export default { Interface, Readline, createInterface };
