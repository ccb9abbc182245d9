// SPDX-License-Identifier: MIT
// readline.Interface: lines of a stream, edited if it is a terminal's.
import { EventEmitter } from "node:events";
import { StringDecoder } from "node:string_decoder";
import { abortError, checkFunction, codedError, invalidArgument, outOfRange }
  from "rill:internal/errors";
import { emitKeypressEvents } from "rill:internal/keypress";
import {
  Changes, History, lengthLeft, lengthRight, positionAfter, wordLeft, wordRight,
} from "rill:internal/line_editor";
import { stringWidth } from "rill:internal/string_width";
import { clearScreenDown, cursorTo, moveCursor } from
  "rill:internal/terminal_cursor";

const LINE_END = /\r\n|\n|\r(?!\n)|\u2028|\u2029/;
const LINES_AHEAD = 1024;

function optionsOf(input, output, completer, terminal) {
  return typeof input?.on !== "function" && input?.input !== undefined
    ? input : { input, output, completer, terminal };
}

function checkOptions({ input, completer, historySize, history, tabSize,
                        prompt, signal }) {
  if (completer !== undefined && typeof completer !== "function") {
    throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                     `The argument 'completer' is invalid. Received ${completer}`);
  }
  if (input === undefined || input === null) {
    throw invalidArgument("input", "an instance of Stream", input);
  }
  if (history !== undefined && !Array.isArray(history)) {
    throw invalidArgument("history", "an instance of Array", history);
  }
  if (historySize !== undefined && typeof historySize !== "number") {
    throw invalidArgument("historySize", "of type number", historySize);
  }
  if (historySize !== undefined && !(historySize >= 0)) {
    throw outOfRange("historySize", ">= 0", historySize);
  }
  if (tabSize !== undefined && !(Number.isInteger(tabSize) && tabSize >= 1)) {
    throw outOfRange("tabSize", ">= 1 && <= 4294967295", tabSize);
  }
}

// Old code calls readline.Interface without new.
export function Interface(...args) {
  return new.target === undefined ? new LineInterface(...args)
                                  : Reflect.construct(LineInterface, args, new.target);
}

export class LineInterface extends EventEmitter {
  line = "";
  cursor = 0;
  closed = false;
  paused = false;
  isCompletionEnabled = true;
  #input;
  #output;
  #completer;
  #prompt;
  #oldPrompt;
  #question = null;
  #decoder = new StringDecoder("utf8");
  #rest = "";
  #history;
  #changes = new Changes();
  #previousRows = 0;
  #returnAt = 0;
  #lastWasTab = false;
  #yankedLength = -1;
  #undo = [];

  constructor(...args) {
    super();
    const options = optionsOf(...args);
    checkOptions(options);
    const { input, output, signal } = options;
    this.#input = input;
    this.#output = output ?? undefined;
    this.#completer = options.completer;
    this.#prompt = `${options.prompt ?? "> "}`;
    this.#history = new History(options.history ?? [],
                                options.historySize ?? 30,
                                Boolean(options.removeHistoryDuplicates));
    this.tabSize = options.tabSize ?? 8;
    this.crlfDelay = options.crlfDelay ? Math.max(100, options.crlfDelay) : 100;
    this.escapeCodeTimeout = options.escapeCodeTimeout ?? 500;
    this.terminal = Boolean(options.terminal ?? output?.isTTY);
    this.#listen("error", (error) => this.emit("error", error));
    if (this.terminal) this.#setUpTerminal();
    else this.#setUpLines();
    if (signal !== undefined) {
      const abort = () => this.close();
      if (signal.aborted) process.nextTick(abort);
      else {
        signal.addEventListener("abort", abort, { once: true });
        this.#undo.push(() => signal.removeEventListener("abort", abort));
      }
    }
    input.resume?.();
  }

  #listen(event, listener, emitter = this.#input) {
    emitter.on(event, listener);
    this.#undo.push(() => emitter.removeListener(event, listener));
  }

  #setUpLines() {
    this.#listen("data", (chunk) => this.#takeText(
      typeof chunk === "string" ? chunk : this.#decoder.write(chunk)));
    this.#listen("end", () => {
      this.#takeText(this.#decoder.end());
      if (this.#rest !== "") this.#deliver(this.#rest.replace(/\r$/, ""));
      this.#rest = "";
      this.close();
    });
  }

  #setUpTerminal() {
    emitKeypressEvents(this.#input, this);
    this.#listen("keypress", (text, key) => this._ttyWrite(text, key));
    this.#listen("end", () => {
      if (this.line !== "") this.#deliver(this.line);
      this.close();
    });
    this.#setRaw(true);
    if (this.#output !== undefined) {
      this.#listen("resize", () => this.#draw(), this.#output);
    }
  }

  #setRaw(on) {
    this.#input.setRawMode?.(on);
  }

  get input() {
    return this.#input;
  }
  get output() {
    return this.#output;
  }
  get completer() {
    return this.#completer;
  }
  get history() {
    return this.#history.lines;
  }
  set history(lines) {
    this.#history.lines = lines;
  }
  get historySize() {
    return this.#history.size;
  }
  get historyIndex() {
    return this.#history.index;
  }
  get columns() {
    return this.#output?.columns || Infinity;
  }

  setPrompt(text) {
    this.#prompt = `${text}`;
  }
  getPrompt() {
    return this.#prompt;
  }
  prompt(keepCursor) {
    if (this.paused) this.resume();
    if (this.terminal && process.env.TERM !== "dumb") {
      if (!keepCursor) this.cursor = 0;
      this.#draw();
    } else {
      this.#send(this.#prompt);
    }
  }
  #send(text) {
    if (this.#output !== undefined) this.#output.write(text);
  }

  question(query, options, callback) {
    if (typeof options === "function") [options, callback] = [{}, options];
    const signal = options?.signal;
    if (this.closed) throw codedError(Error, "ERR_USE_AFTER_CLOSE",
                                      "readline was closed");
    if (typeof callback !== "function") return;
    if (signal?.aborted) return;
    if (signal !== undefined) {
      const abort = () => this.#cancelQuestion();
      const inner = callback;
      signal.addEventListener("abort", abort, { once: true });
      callback = (answer) => {
        signal.removeEventListener("abort", abort);
        inner(answer);
      };
    }
    this.#ask(query, callback);
  }
  #ask(query, callback) {
    if (this.#question !== null) {
      this.prompt();
      return;
    }
    this.#oldPrompt = this.#prompt;
    this.setPrompt(query);
    this.#question = callback;
    this.prompt();
  }
  #cancelQuestion() {
    if (this.#question === null) return;
    this.#question = null;
    this.setPrompt(this.#oldPrompt);
    this.#leaveLine();
  }

  // A promise of the answer, for readline/promises.
  ask(query, { signal } = {}) {
    return new Promise((resolve, reject) => {
      if (this.closed) {
        throw codedError(Error, "ERR_USE_AFTER_CLOSE", "readline was closed");
      }
      if (signal?.aborted) throw abortError(signal.reason);
      const abort = () => {
        this.#cancelQuestion();
        reject(abortError(signal.reason));
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#ask(query, (answer) => {
        signal?.removeEventListener("abort", abort);
        resolve(answer);
      });
    });
  }

  #deliver(line) {
    if (this.closed) return;
    const question = this.#question;
    if (question === null) {
      this.emit("line", line);
      return;
    }
    this.#question = null;
    this.setPrompt(this.#oldPrompt);
    question(line);
  }

  // Lines of a stream that is no terminal.
  #takeText(text) {
    if (text === "" || this.closed) return;
    // The second half of \r\n, if it comes soon enough.
    if (this.#returnAt !== 0 && Date.now() - this.#returnAt <= this.crlfDelay &&
        text[0] === "\n") {
      text = text.slice(1);
    }
    this.#returnAt = text.endsWith("\r") ? Date.now() : 0;
    const lines = (this.#rest + text).split(LINE_END);
    this.#rest = lines.pop();
    for (const line of lines) this.#deliver(line);
  }

  write(text, key) {
    if (this.closed) {
      throw codedError(Error, "ERR_USE_AFTER_CLOSE", "readline was closed");
    }
    if (this.paused) this.resume();
    if (this.terminal) this._ttyWrite(text, key);
    else if (text !== undefined) this.#takeText(String(text));
  }

  pause() {
    if (this.paused) return this;
    this.#input.pause?.();
    this.paused = true;
    this.emit("pause");
    return this;
  }
  resume() {
    if (!this.paused) return this;
    this.#input.resume?.();
    this.paused = false;
    this.emit("resume");
    return this;
  }
  close() {
    if (this.closed) return;
    for (const f of this.#undo) f();
    this.pause();
    if (this.terminal) this.#setRaw(false);
    this.closed = true;
    this.emit("close");
  }

  // Who is slower than the input stops it.
  [Symbol.asyncIterator]() {
    const lines = [];
    let at = 0, waiting = null;
    const give = () => {
      const { resolve } = waiting;
      if (at < lines.length) resolve({ value: lines[at++], done: false });
      else if (this.closed) resolve({ value: undefined, done: true });
      else return;
      waiting = null;
      if (at === lines.length) lines.length = at = 0;
    };
    this.on("line", (line) => {
      lines.push(line);
      if (waiting !== null) give();
      else if (lines.length - at > LINES_AHEAD) this.pause();
    });
    this.once("close", () => waiting !== null && give());
    return {
      next: () => new Promise((resolve) => {
        waiting = { resolve };
        give();
        if (waiting !== null && !this.closed) this.resume();
      }),
      return: async (value) => {
        this.close();
        return { value, done: true };
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }
  [Symbol.dispose]() {
    this.close();
  }

  // Drawing ------------------------------------------------------------------------

  #position(text) {
    return positionAfter(text, this.columns, this.tabSize);
  }
  getCursorPos() {
    return this.#position(this.#prompt + this.line.slice(0, this.cursor));
  }

  #draw() {
    if (this.#output === undefined || this.closed) return;
    const shown = this.#prompt + this.line;
    const end = this.#position(shown), at = this.getCursorPos();
    if (this.#previousRows > 0) moveCursor(this.#output, 0, -this.#previousRows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
    this.#send(shown);
    // The terminal goes to the next row only with the next character.
    if (end.cols === 0 && shown !== "") this.#send(" ");
    cursorTo(this.#output, at.cols);
    if (end.rows > at.rows) moveCursor(this.#output, 0, at.rows - end.rows);
    this.#previousRows = at.rows;
  }
  _refreshLine() {
    this.#draw();
  }

  #moveTo(at) {
    at = Math.max(0, Math.min(at, this.line.length));
    const before = this.getCursorPos();
    this.cursor = at;
    const now = this.getCursorPos();
    if (before.rows === now.rows) {
      moveCursor(this.#output, now.cols - before.cols, 0);
    } else {
      this.#draw();
    }
  }

  #insert(text) {
    this.#changes.before(this.line, this.cursor);
    const { line, cursor } = this;
    this.line = line.slice(0, cursor) + text + line.slice(cursor);
    this.cursor += text.length;
    if (cursor < line.length || this.getCursorPos().cols === 0) this.#draw();
    else this.#send(text);
  }

  // Takes out what is between.
  #remove(from, to, keep = false) {
    if (from >= to) return;
    this.#changes.before(this.line, this.cursor);
    if (keep) this.#changes.keep(this.line.slice(from, to));
    this.line = this.line.slice(0, from) + this.line.slice(to);
    this.cursor = from;
    this.#draw();
  }

  #restore(state) {
    if (state === undefined) return;
    this.line = state.text;
    this.cursor = state.cursor;
    this.#draw();
  }

  #show(line) {
    if (line === undefined) return;
    this.#changes.before(this.line, this.cursor);
    this.line = line;
    this.cursor = line.length;
    this.#draw();
  }

  #leaveLine() {
    this.#moveTo(this.line.length);
    this.#send("\r\n");
    this.line = "";
    this.cursor = 0;
    this.#previousRows = 0;
  }
  clearLine() {
    this.#leaveLine();
  }

  #enter() {
    const { line } = this;
    if (this.#history.add(line)) this.emit("history", this.#history.lines);
    this.#changes.forget();
    this.#leaveLine();
    this.#deliver(line);
  }

  // Completion -----------------------------------------------------------------------

  #complete(wasTab) {
    const before = this.line.slice(0, this.cursor);
    const use = (error, result) => {
      this.resume();
      if (error) {
        this.#send(`Tab completion error: ${error.stack ?? error}`);
        this.#draw();
      } else if (result?.[0]?.length > 0 &&
                 this.line.slice(0, this.cursor) === before) {
        this.#offer(result[0], result[1], wasTab);
      }
    };
    this.pause();
    try {
      if (this.#completer.length >= 2) {
        this.#completer(before, use);
      } else {
        Promise.resolve(this.#completer(before))
          .then((result) => use(null, result), use);
      }
    } catch (error) {
      use(error);
    }
  }

  #offer(completions, from, wasTab) {
    const list = completions.filter((text) => text !== "");
    let common = list[0] ?? "";
    for (const text of list) {
      while (!text.startsWith(common)) common = common.slice(0, -1);
    }
    if (common.startsWith(from) && common.length > from.length) {
      this.#insert(common.slice(from.length));
      return;
    }
    if (!wasTab) return;
    this.#changes.before(this.line, this.cursor);
    const width = Math.max(...completions.map(stringWidth)) + 2;
    const perRow = Math.max(1, Math.min(completions.length,
                                        Math.floor(this.columns / width) || 1));
    let text = "\r\n", column = 0;
    for (const entry of completions) {
      if (entry === "" || column === perRow) {
        text += "\r\n";
        column = 0;
        if (entry === "") continue;
      }
      text += ++column === perRow
        ? entry : entry + " ".repeat(width - stringWidth(entry));
    }
    this.#send(`${text}\r\n\r\n`);
    this.#previousRows = 0;
    this.#draw();
  }

  // Keys --------------------------------------------------------------------------------

  _ttyWrite(text, key = {}) {
    const wasTab = this.#lastWasTab, yanked = this.#yankedLength;
    this.#lastWasTab = this.#yankedLength = false;
    if (key.name !== "up" && key.name !== "down" &&
        !(key.ctrl && (key.name === "p" || key.name === "n"))) {
      this.#history.reset();
    }
    if (key.name === "escape") return;
    if (key.sequence === "\x1f" || (key.ctrl && key.name === "_")) {
      this.#restore(this.#changes.undo(this.line, this.cursor));
    } else if (key.sequence === "\x1e" || (key.ctrl && key.name === "^")) {
      this.#restore(this.#changes.redo(this.line, this.cursor));
    } else if (key.ctrl && key.shift) {
      if (key.name === "delete") this.#remove(this.cursor, this.line.length, true);
      if (key.name === "backspace") this.#remove(0, this.cursor, true);
    } else if (key.ctrl) {
      this.#controlKey(key);
    } else if (key.meta) {
      this.#metaKey(key, yanked);
    } else {
      this.#plainKey(text, key, wasTab);
    }
  }

  #controlKey({ name }) {
    const { line, cursor } = this;
    switch (name) {
      case "c":
        if (this.listenerCount("SIGINT") > 0) this.emit("SIGINT");
        else this.close();
        return;
      case "d":
        if (line === "") this.close();
        else this.#remove(cursor, cursor + lengthRight(line, cursor));
        return;
      case "z":
        this.#suspend();
        return;
      case "h":
        this.#remove(cursor - lengthLeft(line, cursor), cursor);
        return;
      case "u":
        this.#remove(0, cursor, true);
        return;
      case "k":
        this.#remove(cursor, line.length, true);
        return;
      case "a":
        this.#moveTo(0);
        return;
      case "e":
        this.#moveTo(line.length);
        return;
      case "b":
        this.#moveTo(cursor - lengthLeft(line, cursor));
        return;
      case "f":
        this.#moveTo(cursor + lengthRight(line, cursor));
        return;
      case "l":
        cursorTo(this.#output, 0, 0);
        clearScreenDown(this.#output);
        this.#previousRows = 0;
        this.#draw();
        return;
      case "n":
        this.#show(this.#history.step(-1, line, cursor));
        return;
      case "p":
        this.#show(this.#history.step(1, line, cursor));
        return;
      case "y":
        this.#yank();
        return;
      case "w":
      case "backspace":
        this.#remove(cursor - wordLeft(line, cursor), cursor, true);
        return;
      case "delete":
        this.#remove(cursor, cursor + wordRight(line, cursor), true);
        return;
      case "left":
        this.#moveTo(cursor - wordLeft(line, cursor));
        return;
      case "right":
        this.#moveTo(cursor + wordRight(line, cursor));
    }
  }

  #metaKey({ name }, yanked) {
    const { line, cursor } = this;
    switch (name) {
      case "b":
        this.#moveTo(cursor - wordLeft(line, cursor));
        return;
      case "f":
        this.#moveTo(cursor + wordRight(line, cursor));
        return;
      case "d":
      case "delete":
        this.#remove(cursor, cursor + wordRight(line, cursor), true);
        return;
      case "backspace":
        this.#remove(cursor - wordLeft(line, cursor), cursor, true);
        return;
      case "y":
        if (yanked === false) return;
        this.line = line.slice(0, cursor - yanked) + line.slice(cursor);
        this.cursor -= yanked;
        this.#changes.older();
        this.#yank();
        this.#draw();
    }
  }

  #yank() {
    const { cut } = this.#changes;
    this.#insert(cut);
    this.#yankedLength = cut.length;
  }

  #plainKey(text, { name }, wasTab) {
    const { line, cursor } = this;
    if (this.#returnAt !== 0 && name !== "enter") this.#returnAt = 0;
    switch (name) {
      case "return":
        this.#returnAt = Date.now();
        this.#enter();
        return;
      case "enter":
        if (this.#returnAt === 0 ||
            Date.now() - this.#returnAt > this.crlfDelay) {
          this.#enter();
        }
        this.#returnAt = 0;
        return;
      case "backspace":
        this.#remove(cursor - lengthLeft(line, cursor), cursor);
        return;
      case "delete":
        this.#remove(cursor, cursor + lengthRight(line, cursor));
        return;
      case "left":
        this.#moveTo(cursor - lengthLeft(line, cursor));
        return;
      case "right":
        this.#moveTo(cursor + lengthRight(line, cursor));
        return;
      case "home":
        this.#moveTo(0);
        return;
      case "end":
        this.#moveTo(line.length);
        return;
      case "up":
        this.#show(this.#history.step(1, line, cursor));
        return;
      case "down":
        this.#show(this.#history.step(-1, line, cursor));
        return;
      case "tab":
        if (typeof this.#completer === "function" && this.isCompletionEnabled) {
          this.#lastWasTab = true;
          this.#complete(wasTab);
          return;
        }
    }
    if (typeof text !== "string" || text === "") return;
    const lines = text.split(/\r\n|\n|\r/);
    lines.forEach((part, i) => {
      if (i > 0) this.#enter();
      if (part !== "") this.#insert(part);
    });
  }

  // ^Z: the terminal is as it was until the program goes on.
  #suspend() {
    if (this.listenerCount("SIGTSTP") > 0) {
      this.emit("SIGTSTP");
      return;
    }
    process.once("SIGCONT", () => {
      if (!this.paused) {
        this.pause();
        this.emit("SIGCONT");
      }
      this.resume();
      this.#setRaw(true);
      this.#draw();
    });
    this.#setRaw(false);
    process.kill(process.pid, "SIGTSTP");
  }
}
Interface.prototype = LineInterface.prototype;
Object.defineProperty(LineInterface.prototype, "constructor",
                      { value: Interface });
