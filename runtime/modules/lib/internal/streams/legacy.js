// SPDX-License-Identifier: MIT
// Stream: what all of Node's streams inherit from, with the pipe of the days
// before backpressure, which packages still call.
import { EventEmitter } from "node:events";

export function Stream(options) {
  EventEmitter.call(this, options);
}
Object.setPrototypeOf(Stream.prototype, EventEmitter.prototype);
Object.setPrototypeOf(Stream, EventEmitter);

Stream.prototype.pipe = function (target, options) {
  const source = this;
  let ended = false;
  const onData = (chunk) => {
    if (target.writable && target.write(chunk) === false) source.pause?.();
  };
  const onDrain = () => {
    if (source.readable) source.resume?.();
  };
  const onEnd = () => {
    if (!ended) target.end();
    ended = true;
  };
  const onClose = () => {
    if (!ended && typeof target.destroy === "function") target.destroy();
    ended = true;
  };
  const onError = function (error) {
    cleanUp();
    if (EventEmitter.listenerCount(this, "error") === 0) {
      this.emit("error", error);
    }
  };
  const listeners = [
    [source, "data", onData],
    [target, "drain", onDrain],
    [source, "error", onError],
    [target, "error", onError],
  ];
  if (!target._isStdio && options?.end !== false) {
    listeners.push([source, "end", onEnd], [source, "close", onClose]);
  }
  const cleanUp = () => {
    for (const [emitter, event, listener] of listeners) {
      emitter.removeListener(event, listener);
    }
  };
  listeners.push([source, "end", cleanUp], [source, "close", cleanUp],
                 [target, "close", cleanUp]);
  for (const [emitter, event, listener] of listeners) {
    emitter.on(event, listener);
  }
  target.emit("pipe", source);
  return target;
};
