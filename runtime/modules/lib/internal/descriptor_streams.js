// SPDX-License-Identifier: MIT
// Node's streams of output: process.stdout, process.stderr, tty.WriteStream.
import { env as ownEnvironment } from "rill:internal/environment";
import { codedError, invalidArgument, outOfRange } from "rill:internal/errors";
import { write as writeFile } from "rill:internal/fs-sync";
import { listenToBreaks, writeError, writeOutput } from "rill:internal/process";
import { Writable } from "rill:internal/streams/writable";
import { descriptorKind } from "rill:internal/terminal";
import * as cursor from "rill:internal/terminal_cursor";
import { colorDepth, onResize, sizeOf } from "rill:internal/terminal_size";

export const isatty = (fd) =>
  Number.isInteger(fd) && fd >= 0 && fd <= 2147483647 &&
  descriptorKind(fd) === "TTY";

export function checkDescriptor(fd) {
  if (!Number.isInteger(fd) || fd < 0) {
    throw codedError(RangeError, "ERR_INVALID_FD",
                     `"fd" must be a positive integer: ${fd}`);
  }
  if (!isatty(fd)) {
    throw codedError(Error, "ERR_TTY_INIT_FAILED",
                     "TTY initialization failed: uv_tty_init returned EINVAL " +
                       "(invalid argument)");
  }
}

const brokenPipe = () => Object.assign(
  new Error("write EPIPE"), { errno: -32, code: "EPIPE", syscall: "write" });

// Output to a descriptor, written at once as Node does it to files, pipes and
// terminals.
export class DescriptorWritable extends Writable {
  #send;
  #resize;
  constructor(fd) {
    super({ decodeStrings: false });
    this.fd = fd;
    this.#send = fd === 1 ? writeOutput : fd === 2 ? writeError
                                        : (chunk) => writeFile(fd, chunk);
    this.on("newListener", (event) => {
      if (event === "error" && (fd === 1 || fd === 2)) listenToBreaks(fd);
      if (event === "resize" && this.isTTY && this.#resize === undefined) {
        this.#resize = onResize(fd, () => this.emit("resize"));
      }
    });
  }
  // What goes through without waiting needs no queue.
  write(chunk, encoding, callback) {
    const state = this._writableState;
    if (typeof chunk !== "string" || state.corked !== 0 || state.ending ||
        state.destroyed || state.errored ||
        (encoding !== undefined && encoding !== "utf8" && encoding !== null &&
         typeof encoding !== "function")) {
      return super.write(chunk, encoding, callback);
    }
    if (this.#send(chunk) === true) this.readerIsGone();
    if (typeof encoding === "function") process.nextTick(encoding);
    else if (typeof callback === "function") process.nextTick(callback);
    return true;
  }
  _write(chunk, encoding, done) {
    let failure;
    try {
      const isBroken = this.#send(
        typeof chunk === "string" && encoding !== "utf8"
          ? Buffer.from(chunk, encoding) : chunk);
      if (isBroken === true) failure = brokenPipe();
    } catch (error) {
      failure = error;
    }
    done(failure); // what its listeners throw is not the step's
  }
  readerIsGone() {
    this.destroy(brokenPipe());
  }
  // Standard output stays open, whatever a stream does with it.
  _destroy(error, done) {
    this.#resize?.stop();
    done(error);
  }
}

const colorsOf = (depth) => 2 ** depth;

export class WriteStream extends DescriptorWritable {
  isTTY = true;
  constructor(fd) {
    checkDescriptor(fd);
    super(fd);
  }
  get columns() {
    return sizeOf(this.fd)[0];
  }
  get rows() {
    return sizeOf(this.fd)[1];
  }
  getWindowSize() {
    return sizeOf(this.fd);
  }
  getColorDepth(env = ownEnvironment) {
    return colorDepth(env);
  }
  // (count = 16, env) or (env)
  hasColors(count, env) {
    if (env === undefined && (count === undefined ||
        (typeof count === "object" && count !== null))) {
      [count, env] = [16, count];
    } else if (typeof count !== "number") {
      throw invalidArgument("count", "of type number", count);
    } else if (!(Number.isInteger(count) && count >= 2)) {
      throw outOfRange("count", ">= 2", count);
    }
    return count <= colorsOf(this.getColorDepth(env));
  }
  clearLine(direction, callback) {
    return cursor.clearLine(this, direction, callback);
  }
  clearScreenDown(callback) {
    return cursor.clearScreenDown(this, callback);
  }
  cursorTo(x, y, callback) {
    return cursor.cursorTo(this, x, y, callback);
  }
  moveCursor(dx, dy, callback) {
    return cursor.moveCursor(this, dx, dy, callback);
  }
}
