// SPDX-License-Identifier: MIT
// A line that is edited on a terminal: text, cursor, history, undo. It knows no
// streams; `draw` shows it after each change.
import { columnsOf, withoutControls } from "rill:internal/string_width";

const UNDO_DEPTH = 2048;

const nextOf = (text, at) => {
  const code = text.codePointAt(at);
  return code === undefined ? 0 : code > 0xffff ? 2 : 1;
};
const previousOf = (text, at) => {
  if (at === 0) return 0;
  return at > 1 && text.codePointAt(at - 2) > 0xffff ? 2 : 1;
};
// Marks that combine with the character before go with it.
const isMark = (text, at) => at < text.length && /^\p{M}/u.test(text.slice(at));

export function lengthRight(text, at) {
  let length = nextOf(text, at);
  while (length > 0 && isMark(text, at + length)) length++;
  return length;
}
export function lengthLeft(text, at) {
  let length = previousOf(text, at);
  while (length > 0 && length < at && isMark(text, at - length)) {
    length += previousOf(text, at - length);
  }
  return length;
}

const word = /^\s*(?:[^\w\s]+|\w+)?/;
const wordAfter = /^(?:\s+|[^\w\s]+|\w+)\s*/;
export const wordLeft = (text, at) =>
  word.exec([...text.slice(0, at)].reverse().join(""))[0].length;
export const wordRight = (text, at) =>
  wordAfter.exec(text.slice(at))?.[0].length ?? 0;

// Where the cursor stands after a text that begins at the left margin.
export function positionAfter(text, columns, tabSize) {
  let offset = 0, rows = 0;
  for (const character of withoutControls(text)) {
    if (character === "\n") {
      rows += Math.ceil(offset / columns) || 1;
      offset = 0;
    } else if (character === "\t") {
      offset += tabSize - (offset % tabSize);
    } else {
      const width = columnsOf(character);
      if (width === 2 && (offset + 1) % columns === 0) offset++;
      offset += width;
    }
  }
  const cols = columns === Infinity ? offset : offset % columns;
  if (columns !== Infinity) rows += (offset - cols) / columns;
  return { cols, rows };
}

// The lines entered before, the last one first.
export class History {
  #index = -1;
  #prefix = "";
  constructor(lines, size, isUnique) {
    this.lines = lines;
    this.size = size;
    this.isUnique = isUnique;
  }
  add(line) {
    this.reset();
    if (this.size === 0 || line.trim() === "" || this.lines[0] === line) {
      return false;
    }
    if (this.isUnique) {
      const same = this.lines.indexOf(line);
      if (same >= 0) this.lines.splice(same, 1);
    }
    this.lines.unshift(line);
    if (this.lines.length > this.size) this.lines.pop();
    return true;
  }
  reset() {
    this.#index = -1;
  }
  get index() {
    return this.#index;
  }
  // The next line back (1) or forth (-1) that begins with what was typed before
  // the first step; undefined: none.
  step(by, line, cursor) {
    if (this.#index === -1) {
      if (by < 0) return undefined;
      this.#prefix = line.slice(0, cursor);
    }
    let at = this.#index + by;
    while (at >= 0 && at < this.lines.length &&
           (!this.lines[at].startsWith(this.#prefix) || this.lines[at] === line)) {
      at += by;
    }
    if (at >= this.lines.length) return undefined;
    this.#index = at < 0 ? -1 : at;
    return at < 0 ? this.#prefix : this.lines[at];
  }
}

// What was there before: undo, redo, and what was cut.
export class Changes {
  #undo = [];
  #redo = [];
  #cut = [];
  #cutAt = 0;
  before(text, cursor) {
    this.#redo.length = 0;
    this.#undo.push({ text, cursor });
    if (this.#undo.length > UNDO_DEPTH) this.#undo.shift();
  }
  #move(from, to, text, cursor) {
    const state = from.pop();
    if (state !== undefined) to.push({ text, cursor });
    return state;
  }
  undo(text, cursor) {
    return this.#move(this.#undo, this.#redo, text, cursor);
  }
  redo(text, cursor) {
    return this.#move(this.#redo, this.#undo, text, cursor);
  }
  forget() {
    this.#undo.length = this.#redo.length = 0;
  }
  keep(text) {
    if (text === "" || text === this.#cut[0]) return;
    this.#cut.unshift(text);
    this.#cut.length = Math.min(this.#cut.length, 32);
    this.#cutAt = 0;
  }
  get cut() {
    return this.#cut[this.#cutAt] ?? "";
  }
  // The one that was cut before that.
  older() {
    if (this.#cut.length > 1) this.#cutAt = (this.#cutAt + 1) % this.#cut.length;
    return this.cut;
  }
}
