// SPDX-License-Identifier: MIT
// process.stdin, process.stdout and process.stderr: made when first asked for.
import { DescriptorWritable, WriteStream } from
  "rill:internal/descriptor_streams";
import { loadBuiltin } from "rill:internal/modules";
import { descriptorKind } from "rill:internal/terminal";

const outputs = [];

function output(fd) {
  if (outputs[fd] !== undefined) return outputs[fd];
  const kind = descriptorKind(fd);
  const stream = kind === "TTY" ? new WriteStream(fd)
                                : new DescriptorWritable(fd);
  stream._type = kind === "TTY" ? "tty" : kind === "FILE" ? "fs" : "pipe";
  stream._isStdio = true;
  stream.destroySoon = stream.destroy;
  return outputs[fd] = stream;
}

let input;

function makeInput() {
  const kind = descriptorKind(0);
  // What reads is loaded only where somebody reads.
  const { ReadStream } = loadBuiltin("node:tty");
  const { PipeReadable } = loadBuiltin("rill:internal/pipe_streams");
  const { inputSource } = loadBuiltin("rill:internal/standard_input");
  const stream = kind === "TTY" ? new ReadStream(0)
                                : new PipeReadable(inputSource());
  stream.fd = 0;
  stream.stopWhilePaused();
  return stream;
}

export const stdin = () => input ??= makeInput();
export const stdout = () => output(1);
export const stderr = () => output(2);

// Nobody reads a descriptor any more.
export const broken = (fd) => output(fd).readerIsGone();
