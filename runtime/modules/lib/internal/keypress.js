// SPDX-License-Identifier: MIT
// Keys out of what a terminal sends, as node:readline names them.
import { StringDecoder } from "node:string_decoder";

// The ends of escape sequences: of xterm, rxvt, the Linux console, putty.
const letters = { A: "up", B: "down", C: "right", D: "left", E: "clear",
                  F: "end", H: "home", P: "f1", Q: "f2", R: "f3", S: "f4" };
const numbers = {
  1: "home", 2: "insert", 3: "delete", 4: "end", 5: "pageup", 6: "pagedown",
  7: "home", 8: "end", 11: "f1", 12: "f2", 13: "f3", 14: "f4", 15: "f5",
  17: "f6", 18: "f7", 19: "f8", 20: "f9", 21: "f10", 23: "f11", 24: "f12",
  200: "paste-start", 201: "paste-end",
};
const console_ = { A: "f1", B: "f2", C: "f3", D: "f4", E: "f5", 5: "pageup",
                   6: "pagedown" };

const whole =
  /^\x1b\x1b?(?:O(\d*)([A-Za-z])|\[\[([A-E]|[56]~)|\[(\d*)(?:;(\d+))?([~^$A-Za-z]))/;
const begun = /^\x1b\x1b?(?:O\d*|\[\[?[56]?|\[\d*(?:;\d*)?)?$/;

const keyOf = (sequence, name, ctrl = false, meta = false, shift = false) =>
  name === undefined ? { sequence, name, ctrl, meta, shift }
                     : { sequence, name, ctrl, meta, shift };

function escapeKey(match) {
  const [sequence, ssModifier, ssLetter, bracket, number, modifier, end] = match;
  let name, code, bits = 0, ctrl = false, shift = false;
  if (ssLetter !== undefined) {
    code = `O${ssLetter}`;
    bits = Number(ssModifier || 1) - 1;
    name = letters[ssLetter];
    if (name === undefined && "abcde".includes(ssLetter)) {
      name = letters[ssLetter.toUpperCase()];
      ctrl = true;
    }
  } else if (bracket !== undefined) {
    code = `[[${bracket}`;
    name = console_[bracket[0]];
  } else if (end === "~" || end === "^" || end === "$") {
    code = `[${number}${end}`;
    name = numbers[number];
    bits = Number(modifier || 1) - 1;
    if (end === "^") ctrl = true;
    if (end === "$") shift = true;
  } else {
    // ESC [ 1 ; modifier letter; the 1 is no part of the key.
    const plain = number === "" || number === "1";
    code = `[${plain ? "" : `${number}${modifier ? `;${modifier}` : ""}`}${end}`;
    bits = Number(modifier || 1) - 1;
    name = plain ? letters[end] : undefined;
    if (end === "Z") [name, shift] = ["tab", true];
    else if (plain && "abcde".includes(end)) {
      name = letters[end.toUpperCase()];
      shift = true;
    }
    if (name === undefined) bits = 0;
  }
  const key = keyOf(sequence, name ?? "undefined", ctrl || (bits & 4) !== 0,
                    (bits & 10) !== 0, shift || (bits & 1) !== 0);
  key.code = code;
  return key;
}

function plainKey(sequence, character, meta) {
  const code = character.codePointAt(0);
  switch (character) {
    case "\r":
      return keyOf(sequence, "return", false, meta);
    case "\n":
      return keyOf(sequence, "enter", false, meta);
    case "\t":
      return keyOf(sequence, "tab", false, meta);
    case "\b":
    case "\x7f":
      return keyOf(sequence, "backspace", false, meta);
    case "\x1b":
      return keyOf(sequence, "escape", false, meta);
    case " ":
      return keyOf(sequence, "space", false, meta);
  }
  if (code <= 0x1a) {
    return keyOf(sequence, String.fromCharCode(code + 96), true, meta);
  }
  if (/^[0-9A-Za-z]$/.test(character)) {
    return keyOf(sequence, character.toLowerCase(), false, meta,
                 /[A-Z]/.test(character));
  }
  return keyOf(sequence, undefined, false, meta);
}

// Calls emit(character or undefined, key) for each; the beginning of a sequence
// that may go on is the result.
function parse(text, isOver, emit) {
  while (text !== "") {
    if (text[0] !== "\x1b") {
      const character = String.fromCodePoint(text.codePointAt(0));
      text = text.slice(character.length);
      emit(character, plainKey(character, character, false));
      continue;
    }
    if (!isOver && begun.test(text) && text !== "\x1b\x1b") return text;
    const match = whole.exec(text);
    if (match !== null) {
      text = text.slice(match[0].length);
      emit(undefined, escapeKey(match));
      continue;
    }
    const next = text.length > 1 ? String.fromCodePoint(text.codePointAt(1)) : "";
    const sequence = `\x1b${next}`;
    text = text.slice(sequence.length);
    emit(undefined, next === "" ? keyOf("\x1b", "escape", false, true)
                                : plainKey(sequence, next, true));
  }
  return "";
}

const prepared = new WeakSet();

// The stream gets 'keypress' events while somebody listens to them. The editor,
// if there is one, is told what is pasted: there a tab is a tab.
export function emitKeypressEvents(stream, editor) {
  const { escapeCodeTimeout = 500 } = editor ?? {};
  if (prepared.has(stream)) return;
  prepared.add(stream);
  const decoder = new StringDecoder("utf8");
  let rest = "", timer;
  const emit = (character, key) => stream.emit("keypress", character, key);
  const flush = () => {
    const text = rest;
    rest = "";
    parse(text, true, emit);
  };
  const onData = (chunk) => {
    if (stream.listenerCount("keypress") === 0) {
      stream.removeListener("data", onData);
      stream.on("newListener", onNewListener);
      return;
    }
    clearTimeout(timer);
    const text = typeof chunk === "string" ? chunk : decoder.write(chunk);
    if (editor !== undefined) editor.isCompletionEnabled = text.length === 1;
    rest = parse(rest + text, false, emit);
    if (editor !== undefined) editor.isCompletionEnabled = true;
    if (rest !== "") timer = setTimeout(flush, escapeCodeTimeout);
  };
  const onNewListener = (event) => {
    if (event !== "keypress") return;
    stream.removeListener("newListener", onNewListener);
    stream.on("data", onData);
  };
  if (stream.listenerCount("keypress") > 0) stream.on("data", onData);
  else stream.on("newListener", onNewListener);
}
