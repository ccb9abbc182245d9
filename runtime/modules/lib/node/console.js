// SPDX-License-Identifier: MIT
// node:console
const { console } = globalThis;
if (console === undefined) {
  throw new Error("The host of this isolate allows no console");
}
export const {
  assert, clear, count, countReset, debug, dir, dirxml, error, group,
  groupCollapsed, groupEnd, info, log, profile, profileEnd, table, time,
  timeEnd, timeLog, timeStamp, trace, warn,
} = console;

// A console over two streams.
export class Console {
  #out;
  #error;
  constructor(out, error) {
    const options = typeof out?.write === "function" ? { stdout: out,
                                                         stderr: error } : out;
    this.#out = options.stdout;
    this.#error = options.stderr ?? options.stdout;
    for (const name of ["log", "info", "debug", "dir"]) {
      this[name] = (...values) => this.#print(this.#out, values);
    }
    for (const name of ["error", "warn", "trace"]) {
      this[name] = (...values) => this.#print(this.#error, values);
    }
  }
  #print(stream, values) {
    const { format } = process.getBuiltinModule("util");
    stream.write(`${format(...values)}\n`);
  }
}
export default Object.assign(console, { Console });
