// SPDX-License-Identifier: MIT
// node:tty: whether a descriptor is a terminal. The streams of terminals are
// process.stdin, process.stdout and process.stderr.
import { info } from "rill:internal/process";

export const isatty = (fd) => Boolean(info().tty[fd]);

export function ReadStream() {
  throw new Error("tty.ReadStream: use process.stdin");
}
export function WriteStream() {
  throw new Error("tty.WriteStream: use process.stdout or process.stderr");
}

export default { ReadStream, WriteStream, isatty };
