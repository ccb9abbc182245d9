// SPDX-License-Identifier: MIT
// TransformStream (WHATWG Streams 6).
import { loadBuiltin } from "rill:internal/modules";
import {
  enumerable,
  illegalConstructor,
} from "rill:internal/web/idl";
import {
  callback,
  callForPromise,
  callStart,
  convertStrategy,
  convertUnderlying,
  deferred,
  highWaterMarkOf,
  react,
  rejectedWith,
  resolvedWith,
  sizeOf,
  upon,
} from "rill:internal/web/streams/common";
import {
  canCloseOrEnqueue,
  closeController,
  createReadable,
  desiredSize,
  enqueueChunk,
  errorController,
  hasBackpressure,
} from "rill:internal/web/streams/readable";
import {
  createWritable,
  errorWritableIfNeeded,
} from "rill:internal/web/streams/writable";

// Loaded when a stream goes to another thread.
const transfers = () => loadBuiltin("rill:internal/web/streams/transfer");

const secret = Symbol("transform");

class Transform {
  readable;
  writable;
  controller;
  backpressure = undefined;
  backpressureChange = undefined; // deferred
}

class Controller {
  stream;
  transform; // algorithms
  flush;
  cancel;
  finish = undefined; // deferred, once the stream is finishing
}

function setBackpressure(stream, backpressure) {
  stream.backpressureChange?.resolve(undefined);
  stream.backpressureChange = deferred();
  stream.backpressure = backpressure;
}

function unblockWrite(stream) {
  if (stream.backpressure) setBackpressure(stream, false);
}

function clearAlgorithms(controller) {
  controller.transform = controller.flush = controller.cancel = undefined;
}

function errorWritableAndUnblock(stream, error) {
  clearAlgorithms(stream.controller);
  errorWritableIfNeeded(stream.writable.controller, error);
  unblockWrite(stream);
}

function errorTransform(stream, error) {
  errorController(stream.readable.controller, error);
  errorWritableAndUnblock(stream, error);
}

function enqueue(controller, chunk) {
  const { stream } = controller;
  const readable = stream.readable.controller;
  if (!canCloseOrEnqueue(readable)) {
    throw new TypeError("The readable side is closed or errored");
  }
  try {
    enqueueChunk(readable, chunk);
  } catch (error) {
    // A strategy that throws has done so already, a lack of memory has not.
    errorController(readable, error);
    errorWritableAndUnblock(stream, error);
    throw stream.readable.storedError;
  }
  if (hasBackpressure(readable) !== stream.backpressure) {
    setBackpressure(stream, true);
  }
}

function terminate(controller) {
  const { stream } = controller;
  closeController(stream.readable.controller);
  errorWritableAndUnblock(
      stream, new TypeError("The transform stream has been terminated"));
}

function performTransform(controller, chunk) {
  return react(controller.transform(chunk), undefined, (error) => {
    errorTransform(controller.stream, error);
    throw error;
  });
}

// The writable side's sink ----------------------------------------------------

function sinkWrite(stream, chunk) {
  const { controller } = stream;
  if (!stream.backpressure) return performTransform(controller, chunk);
  return react(stream.backpressureChange.promise, () => {
    const { writable } = stream;
    if (writable.state === "erroring") throw writable.storedError;
    return performTransform(controller, chunk);
  });
}

function sinkAbort(stream, reason) {
  const { controller, readable } = stream;
  if (controller.finish !== undefined) return controller.finish.promise;
  const finish = controller.finish = deferred();
  const done = controller.cancel(reason);
  clearAlgorithms(controller);
  upon(done, () => {
    if (readable.state === "errored") {
      finish.reject(readable.storedError);
    } else {
      errorController(readable.controller, reason);
      finish.resolve(undefined);
    }
  }, (error) => {
    errorController(readable.controller, error);
    finish.reject(error);
  });
  return finish.promise;
}

function sinkClose(stream) {
  const { controller, readable } = stream;
  if (controller.finish !== undefined) return controller.finish.promise;
  const finish = controller.finish = deferred();
  const done = controller.flush();
  clearAlgorithms(controller);
  upon(done, () => {
    if (readable.state === "errored") {
      finish.reject(readable.storedError);
    } else {
      closeController(readable.controller);
      finish.resolve(undefined);
    }
  }, (error) => {
    errorController(readable.controller, error);
    finish.reject(error);
  });
  return finish.promise;
}

// The readable side's source -----------------------------------------------------

function sourceCancel(stream, reason) {
  const { controller, writable } = stream;
  if (controller.finish !== undefined) return controller.finish.promise;
  const finish = controller.finish = deferred();
  const done = controller.cancel(reason);
  clearAlgorithms(controller);
  upon(done, () => {
    if (writable.state === "errored") {
      finish.reject(writable.storedError);
    } else {
      errorWritableIfNeeded(writable.controller, reason);
      unblockWrite(stream);
      finish.resolve(undefined);
    }
  }, (error) => {
    errorWritableIfNeeded(writable.controller, error);
    unblockWrite(stream);
    finish.reject(error);
  });
  return finish.promise;
}

function sourcePull(stream) {
  setBackpressure(stream, false);
  return stream.backpressureChange.promise;
}

// InitializeTransformStream and SetUpTransformStreamDefaultController.
function setUp(algorithms, started, writableStrategy, readableStrategy) {
  const stream = new Transform();
  const controller = new Controller();
  const start = () => started;
  const broken = (error) => errorTransform(stream, error);
  stream.controller = controller;
  controller.stream = stream;
  controller.transform = algorithms.transform;
  controller.flush = algorithms.flush;
  controller.cancel = algorithms.cancel;
  stream.writable = createWritable({
    start,
    write: (chunk) => sinkWrite(stream, chunk),
    close: () => sinkClose(stream),
    abort: (reason) => sinkAbort(stream, reason),
    broken,
  }, writableStrategy.highWaterMark, writableStrategy.size);
  stream.readable = createReadable({
    start,
    pull: () => sourcePull(stream),
    cancel: (reason) => sourceCancel(stream, reason),
    broken,
  }, readableStrategy.highWaterMark, readableStrategy.size);
  setBackpressure(stream, true);
  return stream;
}

// "Set up" for other standards (9.1.3): {transform(chunk), flush()} of plain
// functions that may return promises. Gives {readable, writable, enqueue,
// terminate, error}.
export function createTransform({ transform, flush }) {
  const done = () => resolvedWith(undefined);
  const stream = setUp({
    transform: (chunk) => callForPromise(transform, undefined, [chunk]),
    flush: flush === undefined ? done : () => callForPromise(flush, undefined, []),
    cancel: done,
  }, undefined, { highWaterMark: 1, size: undefined },
                       { highWaterMark: 0, size: undefined });
  const { controller } = stream;
  return {
    readable: stream.readable.self,
    writable: stream.writable.self,
    enqueue: (chunk) => enqueue(controller, chunk),
    terminate: () => terminate(controller),
    error: (error) => errorTransform(stream, error),
  };
}

export class TransformStreamDefaultController {
  #controller;
  constructor(key = undefined, controller = undefined) {
    if (key !== secret) throw illegalConstructor();
    this.#controller = controller;
  }
  get desiredSize() {
    return desiredSize(this.#controller.stream.readable.controller);
  }
  enqueue(chunk = undefined) {
    enqueue(this.#controller, chunk);
  }
  error(reason = undefined) {
    errorTransform(this.#controller.stream, reason);
  }
  terminate() {
    terminate(this.#controller);
  }
  static {
    enumerable(this, "TransformStreamDefaultController");
  }
}

let newReceived;

export class TransformStream {
  #stream;
  constructor(transformer = undefined, writableStrategy = undefined,
              readableStrategy = undefined) {
    if (transformer === secret) {
      this.#stream = writableStrategy;
      return;
    }
    const object = convertUnderlying(transformer, "transformer");
    writableStrategy = convertStrategy(writableStrategy);
    readableStrategy = convertStrategy(readableStrategy);
    const members = { __proto__: null };
    if (object !== undefined) {
      members.cancel = callback(object, "cancel");
      members.flush = callback(object, "flush");
      if (object.readableType !== undefined) {
        throw new RangeError("readableType must be undefined");
      }
      members.start = callback(object, "start");
      members.transform = callback(object, "transform");
      if (object.writableType !== undefined) {
        throw new RangeError("writableType must be undefined");
      }
    }
    const { cancel, flush, start, transform } = members;
    const readable = {
      highWaterMark: highWaterMarkOf(readableStrategy, 0),
      size: sizeOf(readableStrategy),
    };
    const writable = {
      highWaterMark: highWaterMarkOf(writableStrategy, 1),
      size: sizeOf(writableStrategy),
    };
    let controllerObject;
    const nothing = () => resolvedWith(undefined);
    const started = deferred();
    const stream = this.#stream = setUp({
      transform: transform === undefined ? (chunk) => {
        try {
          enqueue(stream.controller, chunk);
          return resolvedWith(undefined);
        } catch (error) {
          return rejectedWith(error);
        }
      } : (chunk) => callForPromise(transform, object, [chunk, controllerObject]),
      flush: flush === undefined ? nothing
          : () => callForPromise(flush, object, [controllerObject]),
      cancel: cancel === undefined ? nothing
          : (reason) => callForPromise(cancel, object, [reason]),
    }, started.promise, writable, readable);
    controllerObject =
        new TransformStreamDefaultController(secret, stream.controller);
    started.resolve(callStart(start, object, controllerObject));
  }
  get readable() {
    return this.#stream.readable.self;
  }
  get writable() {
    return this.#stream.writable.self;
  }

  [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
    if (depth < 0) return "[TransformStream]";
    const { readable, writable } = this;
    return `TransformStream ${inspect({ readable, writable }, options)}`;
  }

  static {
    newReceived = (readable, writable) =>
      new TransformStream(secret, { readable, writable });
    enumerable(this, "TransformStream", {
      module: "rill:internal/web/streams/transform",
      kind: "TransformStream",
      serialize: () => null,
      transfer(transform) {
        const { readable, writable } = transform.#stream;
        return transfers().sendTransform(readable, writable);
      },
    });
  }
}

export const receive = (kind, ports) =>
  newReceived(...transfers().receiveTransform(ports));
