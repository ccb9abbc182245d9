// SPDX-License-Identifier: MIT
// Streams through a MessagePort (WHATWG Streams 8.2): what transferring one is
// made of.
import { DOMException } from "rill:internal/web/dom_exception";
import {
  connectedPorts,
  listen,
  post,
  postError,
} from "rill:internal/web/message";
import {
  deferred,
  react,
  rejectedWith,
  resolvedWith,
  upon,
} from "rill:internal/web/streams/common";
import { pipeTo } from "rill:internal/web/streams/pipe";
import {
  closeController,
  createReadable,
  enqueueChunk,
  errorController,
  isLocked,
} from "rill:internal/web/streams/readable";
import {
  createWritable,
  errorWritableIfNeeded,
  isWritableLocked,
} from "rill:internal/web/streams/writable";

const noOptions = {
  preventAbort: false,
  preventCancel: false,
  preventClose: false,
  signal: undefined,
};

const locked = () =>
  new DOMException("The stream is locked", "DataCloneError");

// PackAndPostMessageHandlingError
function postOrFail(port, type, value) {
  try {
    post(port, { type, value });
    return undefined;
  } catch (error) {
    postError(port, error);
    return error;
  }
}

// SetUpCrossRealmTransformReadable
function readableOnPort(port) {
  const stream = createReadable({
    start: undefined,
    pull() {
      post(port, { type: "pull", value: undefined });
      return resolvedWith(undefined);
    },
    cancel(reason) {
      const error = postOrFail(port, "error", reason);
      port.close();
      return error === undefined ? resolvedWith(undefined)
          : rejectedWith(error);
    },
  }, 0);
  const { controller } = stream;
  listen(port, ({ type, value }) => {
    if (type === "chunk") {
      enqueueChunk(controller, value);
    } else if (type === "close") {
      closeController(controller);
      port.close();
    } else if (type === "error") {
      errorController(controller, value);
      port.close();
    }
  }, () => {
    const error =
        new DOMException("A chunk could not be cloned", "DataCloneError");
    postError(port, error);
    errorController(controller, error);
    port.close();
  });
  return stream;
}

// SetUpCrossRealmTransformWritable
function writableOnPort(port) {
  let backpressure = deferred();
  const stream = createWritable({
    start: undefined,
    write(chunk) {
      if (backpressure === undefined) {
        backpressure = deferred();
        backpressure.resolve(undefined);
      }
      return react(backpressure.promise, () => {
        backpressure = deferred();
        const error = postOrFail(port, "chunk", chunk);
        if (error !== undefined) {
          port.close();
          throw error;
        }
      });
    },
    close() {
      post(port, { type: "close", value: undefined });
      port.close();
      return resolvedWith(undefined);
    },
    abort(reason) {
      const error = postOrFail(port, "error", reason);
      port.close();
      return error === undefined ? resolvedWith(undefined)
          : rejectedWith(error);
    },
  }, 1, undefined);
  const release = () => {
    const waiting = backpressure;
    backpressure = undefined;
    waiting?.resolve(undefined);
  };
  listen(port, ({ type, value }) => {
    if (type === "pull") {
      release();
    } else if (type === "error") {
      errorWritableIfNeeded(stream.controller, value);
      release();
    }
  }, () => {
    const error =
        new DOMException("A chunk could not be cloned", "DataCloneError");
    postError(port, error);
    errorWritableIfNeeded(stream.controller, error);
    port.close();
  });
  return stream;
}

// Transfer steps: give the port that goes with the message.
export function sendReadable(stream) {
  if (isLocked(stream)) throw locked();
  const [port, other] = connectedPorts();
  upon(pipeTo(stream, writableOnPort(port), noOptions), undefined, () => {});
  return other;
}
export function sendWritable(stream) {
  if (isWritableLocked(stream)) throw locked();
  const [port, other] = connectedPorts();
  upon(pipeTo(readableOnPort(port), stream, noOptions), undefined, () => {});
  return other;
}
export function sendTransform(readable, writable) {
  if (isLocked(readable) || isWritableLocked(writable)) throw locked();
  return [sendReadable(readable), sendWritable(writable)];
}

// Transfer-receiving steps.
export const receiveReadable = (port) => readableOnPort(port);
export const receiveWritable = (port) => writableOnPort(port);
export const receiveTransform = ([readable, writable]) =>
  [receiveReadable(readable), receiveWritable(writable)];
