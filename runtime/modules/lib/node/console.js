// SPDX-License-Identifier: MIT
// node:console
import { codedError, invalidArgument, outOfRange } from "rill:internal/errors";
import { loadBuiltin } from "rill:internal/modules";

const { console } = globalThis;
if (console === undefined) {
  throw new Error("The host of this isolate allows no console");
}
export const {
  assert, clear, count, countReset, debug, dir, dirxml, error, group,
  groupCollapsed, groupEnd, info, log, profile, profileEnd, table, time,
  timeEnd, timeLog, timeStamp, trace, warn,
} = console;

// A console over two streams. What a console is made of is loaded with the first.
const states = new WeakMap(); // Console -> its methods
const ignore = () => {};

function checkStream(stream, name) {
  if (typeof stream?.write !== "function") {
    throw codedError(
      TypeError, "ERR_CONSOLE_WRITABLE_STREAM",
      `Console expects a writable stream instance for ${name}`);
  }
}

// What goes wrong in a stream is nothing to who prints.
function writeIgnoring(stream, text) {
  const listen = () => {
    if (stream.listenerCount?.("error") === 0) stream.once("error", ignore);
  };
  try {
    listen();
    stream.write(text, (error) => {
      if (error) listen();
    });
  } catch {
    // as above
  } finally {
    stream.removeListener?.("error", ignore);
  }
}

export function Console(...args) {
  if (new.target === undefined) return new Console(...args);
  const options = typeof args[0]?.write === "function"
    ? { stdout: args[0], stderr: args[1], ignoreErrors: args[2] }
    : args[0] ?? {};
  const {
    stdout, stderr = stdout, ignoreErrors = true, colorMode = "auto",
    inspectOptions, groupIndentation = 2,
  } = options;
  checkStream(stdout, "stdout");
  checkStream(stderr, "stderr");
  if (!["auto", true, false].includes(colorMode)) {
    throw codedError(
      TypeError, "ERR_INVALID_ARG_VALUE", "The argument 'colorMode' must be " +
        `one of: 'auto', true, false. Received ${String(colorMode)}`);
  }
  if (typeof groupIndentation !== "number") {
    throw invalidArgument("groupIndentation", "of type number",
                          groupIndentation);
  }
  if (!Number.isInteger(groupIndentation)) {
    throw outOfRange("groupIndentation", "an integer", groupIndentation);
  }
  if (groupIndentation < 0 || groupIndentation > 1000) {
    throw outOfRange("groupIndentation", ">= 0 && <= 1000", groupIndentation);
  }
  if (inspectOptions !== undefined &&
      (typeof inspectOptions !== "object" || inspectOptions === null)) {
    throw invalidArgument("options.inspectOptions", "of type object",
                          inspectOptions);
  }
  const { consoleMethods } = loadBuiltin("rill:internal/console");
  states.set(this, consoleMethods({
    write(isError, text) {
      const stream = isError ? stderr : stdout;
      if (ignoreErrors) writeIgnoring(stream, text);
      else stream.write(text);
    },
    optionsFor: (isError) => ({
      colors: colorMode === "auto" ? Boolean((isError ? stderr : stdout).isTTY)
                                   : colorMode,
      ...inspectOptions,
    }),
    isTerminal: () => Boolean(stdout.isTTY),
    indentation: " ".repeat(groupIndentation),
    topmost: this.trace,
  }));
  // Its own, so that they can be passed on; a derived class may have others.
  for (const name of Object.keys(Console.prototype)) {
    this[name] = this[name].bind(this);
  }
}
for (const name of [
  "assert", "clear", "count", "countReset", "debug", "dir", "dirxml", "error",
  "group", "groupCollapsed", "groupEnd", "info", "log", "profile",
  "profileEnd", "table", "time", "timeEnd", "timeLog", "timeStamp", "trace",
  "warn",
]) {
  Console.prototype[name] = {
    [name](...values) {
      return states.get(this)[name](...values);
    },
  }[name];
}
Object.defineProperty(Console, Symbol.hasInstance, {
  value(object) {
    return object === console || states.has(object);
  },
});
export default Object.assign(console, { Console });
