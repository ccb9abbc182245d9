// SPDX-License-Identifier: MIT
// node:tty: the streams of terminals.
import { WriteStream, checkDescriptor, isatty } from
  "rill:internal/descriptor_streams";
import { PipeReadable } from "rill:internal/pipe_streams";
import { inputSource, openSource } from "rill:internal/standard_input";
import { setRawMode } from "rill:internal/terminal_size";

export class ReadStream extends PipeReadable {
  isRaw = false;
  isTTY = true;
  constructor(fd, options) {
    checkDescriptor(fd);
    super(fd === 0 ? inputSource() : openSource(fd), options);
    this.fd = fd;
  }
  setRawMode(on) {
    on = Boolean(on);
    try {
      setRawMode(this.fd, on);
      this.isRaw = on;
    } catch (error) {
      this.emit("error", error);
    }
    return this;
  }
}

export { WriteStream, isatty };
export default { ReadStream, WriteStream, isatty };
