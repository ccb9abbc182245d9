// SPDX-License-Identifier: MIT
// Cursor movements, as node:readline and the streams of node:tty have them.
import { checkFunction, codedError } from "rill:internal/errors";

function send(stream, text, callback) {
  if (callback !== undefined) checkFunction(callback, "callback");
  if (stream === null || stream === undefined || text === "") {
    if (callback !== undefined) process.nextTick(callback, null);
    return true;
  }
  return stream.write(text, callback);
}

export const clearLine = (stream, direction, callback) =>
  send(stream, direction < 0 ? "\x1b[1K" : direction > 0 ? "\x1b[0K" : "\x1b[2K",
       callback);

export const clearScreenDown = (stream, callback) =>
  send(stream, "\x1b[0J", callback);

export function cursorTo(stream, x, y, callback) {
  if (typeof y === "function") [y, callback] = [undefined, y];
  if (callback !== undefined) checkFunction(callback, "callback");
  for (const [name, value] of [["x", x], ["y", y]]) {
    if (Number.isNaN(value)) {
      throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                       `The argument '${name}' is invalid. Received NaN`);
    }
  }
  if (stream === null || stream === undefined ||
      (typeof x !== "number" && typeof y !== "number")) {
    return send(undefined, "", callback);
  }
  if (typeof x !== "number") {
    throw codedError(TypeError, "ERR_INVALID_CURSOR_POS",
                     "Cannot set cursor row without setting its column");
  }
  return send(stream, typeof y === "number" ? `\x1b[${y + 1};${x + 1}H`
                                            : `\x1b[${x + 1}G`, callback);
}

export function moveCursor(stream, dx, dy, callback) {
  const step = (n, forward, back) =>
    !n ? "" : `\x1b[${Math.abs(n)}${n > 0 ? forward : back}`;
  return send(stream, step(dx, "C", "D") + step(dy, "B", "A"), callback);
}
