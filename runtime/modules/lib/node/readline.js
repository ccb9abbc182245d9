// SPDX-License-Identifier: MIT
// node:readline
import { promisify } from "node:util";
import { emitKeypressEvents } from "rill:internal/keypress";
import { Interface, LineInterface } from "rill:internal/readline_interface";
import { clearLine, clearScreenDown, cursorTo, moveCursor } from
  "rill:internal/terminal_cursor";
import * as promises from "node:readline/promises";

const { question } = LineInterface.prototype;
Object.defineProperty(question, promisify.custom, {
  value(query, options) {
    return this.ask(query, options);
  },
});

export const createInterface = (input, output, completer, terminal) =>
  new Interface(input, output, completer, terminal);

export {
  Interface, clearLine, clearScreenDown, cursorTo, emitKeypressEvents,
  moveCursor, promises,
};
export default {
  Interface,
  clearLine,
  clearScreenDown,
  createInterface,
  cursorTo,
  emitKeypressEvents,
  moveCursor,
  promises,
};
