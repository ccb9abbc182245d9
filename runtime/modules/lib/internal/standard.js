// SPDX-License-Identifier: MIT
// stdin, stdout and stderr of rill:process.
import { ByteReader } from "rill:internal/byte_streams";
import { env } from "rill:internal/environment";
import { withLimits } from "rill:internal/limits";
import { info, writeWaiting } from "rill:internal/process";
import { inputSource } from "rill:internal/standard_input";
import { colorDepth, onResize, setRawMode, sizeOf } from
  "rill:internal/terminal_size";

const { tty } = info();

class Input extends ByteReader {
  constructor() {
    super({
      read: () => inputSource().read(),
      cancelRead: () => inputSource().cancelRead(),
      // It stays what it is: others may read on.
      close: async () => {},
    });
  }
  get isTerminal() {
    return tty[0];
  }
  // Keys as they are typed. Left by the function's result, or by its disposal;
  // in any case when the program ends.
  setRawMode(on = true) {
    setRawMode(0, Boolean(on));
    const leave = () => setRawMode(0, false);
    return { leave, [Symbol.dispose]: leave };
  }
}

class Output {
  #fd;
  constructor(fd) {
    this.#fd = fd;
  }
  // A promise of the reader's having taken it, which has what was written before
  // by then, too. Cut off, it stops waiting; the text is still written.
  write(data, { signal, timeout } = {}) {
    return withLimits("write", signal, timeout,
                      async () => writeWaiting(this.#fd === 2, data),
                      () => {});
  }
  get writable() {
    return new WritableStream({ write: (chunk) => this.write(chunk) });
  }
  get isTerminal() {
    return tty[this.#fd];
  }
  get columns() {
    return this.isTerminal ? sizeOf(this.#fd)[0] : undefined;
  }
  get rows() {
    return this.isTerminal ? sizeOf(this.#fd)[1] : undefined;
  }
  // Calls listener(columns, rows); {stop()} and disposable.
  onResize(listener) {
    return onResize(this.#fd, listener);
  }
  // 1, 4, 8 or 24 bits; 1 if this is no terminal, unless FORCE_COLOR says so.
  get colorDepth() {
    return this.isTerminal || env.FORCE_COLOR !== undefined ? colorDepth(env) : 1;
  }
}

export const stdin = new Input();
export const stdout = new Output(1);
export const stderr = new Output(2);
