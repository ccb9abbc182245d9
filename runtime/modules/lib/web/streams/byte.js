// SPDX-License-Identifier: MIT
// Readable byte streams: their controller, BYOB reader and BYOB request
// (WHATWG Streams 4.4, 4.7, 4.8).
import {
  dictionary,
  enumerable,
  illegalConstructor,
  required,
} from "rill:internal/web/idl";
import {
  deferred,
  fail,
  rejectedWith,
  resolvedWith,
} from "rill:internal/web/streams/common";
import {
  afterStart,
  callPullIfNeeded,
  cancelStream,
  closeStream,
  enforceRange,
  errorStream,
  hasByobReader,
  hasDefaultReader,
  readableOf,
  Reader,
  released,
  releaseReader,
  tellFirst,
  tellRest,
} from "rill:internal/web/streams/readable";

const secret = Symbol("bytes");
const { isView } = ArrayBuffer;
const transferBuffer = (buffer) => buffer.transfer();
const isShared = (buffer) => buffer instanceof SharedArrayBuffer;

// A view that Web IDL's ArrayBufferView takes.
function checkView(view) {
  if (!isView(view)) throw new TypeError("The chunk must be a view of bytes");
  if (isShared(view.buffer)) {
    throw new TypeError("The view must not be of a SharedArrayBuffer");
  }
}

class ByteController {
  isBytes = true;
  self = undefined;
  stream;
  queue = []; // {buffer, byteOffset, byteLength}
  total = 0;
  started = false;
  closeRequested = false;
  pulling = false;
  pullAgain = false;
  highWaterMark;
  chunkSize; // autoAllocateChunkSize
  pull;
  cancel;
  pulled = undefined; // reactions to pull, made once
  pullFailed = undefined;
  byobRequest = null;
  pendingPullIntos = [];

  cancelSteps(reason) {
    clearPendingPullIntos(this);
    resetQueue(this);
    const { cancel } = this;
    clearAlgorithms(this);
    return cancel === undefined ? resolvedWith(undefined) : cancel(reason);
  }
  pullSteps(request) {
    if (this.total > 0) {
      fillReadRequest(this, request);
      return;
    }
    if (this.chunkSize !== undefined) {
      let buffer;
      try {
        buffer = new ArrayBuffer(this.chunkSize);
      } catch (error) {
        request.error(error);
        return;
      }
      this.pendingPullIntos.push({
        buffer,
        bufferByteLength: this.chunkSize,
        byteOffset: 0,
        byteLength: this.chunkSize,
        bytesFilled: 0,
        minimumFill: 1,
        elementSize: 1,
        View: Uint8Array,
        readerType: "default",
      });
    }
    this.stream.reader.requests.push(request);
    callPullIfNeeded(this);
  }
  releaseSteps() {
    if (this.pendingPullIntos.length > 0) {
      const [first] = this.pendingPullIntos;
      first.readerType = "none";
      this.pendingPullIntos = [first];
    }
  }
  shouldPull() {
    const { stream } = this;
    if (stream.state !== "readable" || this.closeRequested || !this.started) {
      return false;
    }
    return stream.reader?.requests.length > 0 || desiredSize(this) > 0;
  }
  fail(error) {
    errorController(this, error);
  }
}

function clearAlgorithms(controller) {
  controller.pull = controller.cancel = undefined;
}

function resetQueue(controller) {
  controller.queue = [];
  controller.total = 0;
}

function desiredSize(controller) {
  const { state } = controller.stream;
  if (state === "errored") return null;
  return state === "closed" ? 0 : controller.highWaterMark - controller.total;
}

function invalidateByobRequest(controller) {
  if (controller.byobRequest === null) return;
  invalidate(controller.byobRequest);
  controller.byobRequest = null;
}

function clearPendingPullIntos(controller) {
  invalidateByobRequest(controller);
  controller.pendingPullIntos = [];
}

function errorController(controller, error) {
  if (controller.stream.state !== "readable") {
    tellRest(controller.stream, error);
    return;
  }
  clearPendingPullIntos(controller);
  resetQueue(controller);
  clearAlgorithms(controller);
  errorStream(controller.stream, error);
}

function closeController(controller) {
  const { stream } = controller;
  if (controller.closeRequested || stream.state !== "readable") return;
  if (controller.total > 0) {
    controller.closeRequested = true;
    return;
  }
  if (controller.pendingPullIntos.length > 0) {
    const [first] = controller.pendingPullIntos;
    if (first.bytesFilled % first.elementSize !== 0) {
      const error = new TypeError("Bytes are left that fill no element");
      errorController(controller, error);
      throw error;
    }
  }
  clearAlgorithms(controller);
  closeStream(stream);
}

function handleQueueDrain(controller) {
  if (controller.total === 0 && controller.closeRequested) {
    clearAlgorithms(controller);
    closeStream(controller.stream);
  } else {
    callPullIfNeeded(controller);
  }
}

function fillReadRequest(controller, request) {
  const { buffer, byteOffset, byteLength } = controller.queue.shift();
  controller.total -= byteLength;
  handleQueueDrain(controller);
  request.chunk(new Uint8Array(buffer, byteOffset, byteLength));
}

function processReadRequests(controller) {
  const { requests } = controller.stream.reader;
  while (requests.length > 0 && controller.total > 0) {
    tellFirst(controller.stream.reader,
              (request) => fillReadRequest(controller, request));
  }
}

// ReadableByteStreamControllerConvertPullIntoDescriptor
function convertPullInto({ buffer, byteOffset, bytesFilled, elementSize,
                           View }) {
  return new View(transferBuffer(buffer), byteOffset,
                  bytesFilled / elementSize);
}

function commitPullInto(stream, descriptor) {
  const done = stream.state === "closed";
  tellFirst(stream.reader, (request) => {
    const view = convertPullInto(descriptor);
    if (done) request.close(view);
    else request.chunk(view);
  });
}

function enqueueToQueue(controller, buffer, byteOffset, byteLength) {
  controller.queue.push({ buffer, byteOffset, byteLength });
  controller.total += byteLength;
}

function enqueueClone(controller, buffer, byteOffset, byteLength) {
  let clone;
  try {
    clone = buffer.slice(byteOffset, byteOffset + byteLength);
  } catch (error) {
    errorController(controller, error);
    throw error;
  }
  enqueueToQueue(controller, clone, 0, byteLength);
}

function enqueueDetachedPullInto(controller, descriptor) {
  if (descriptor.bytesFilled > 0) {
    enqueueClone(controller, descriptor.buffer, descriptor.byteOffset,
                 descriptor.bytesFilled);
  }
  controller.pendingPullIntos.shift();
}

// ReadableByteStreamControllerFillPullIntoDescriptorFromQueue: is it ready?
function fillPullInto(controller, descriptor) {
  const most = Math.min(controller.total,
                        descriptor.byteLength - descriptor.bytesFilled);
  const mostFilled = descriptor.bytesFilled + most;
  const aligned = mostFilled - mostFilled % descriptor.elementSize;
  const ready = aligned >= descriptor.minimumFill;
  let left = ready ? aligned - descriptor.bytesFilled : most;
  while (left > 0) {
    const [head] = controller.queue;
    const count = Math.min(left, head.byteLength);
    new Uint8Array(descriptor.buffer,
                   descriptor.byteOffset + descriptor.bytesFilled, count)
        .set(new Uint8Array(head.buffer, head.byteOffset, count));
    if (head.byteLength === count) {
      controller.queue.shift();
    } else {
      head.byteOffset += count;
      head.byteLength -= count;
    }
    controller.total -= count;
    descriptor.bytesFilled += count;
    left -= count;
  }
  return ready;
}

function processPullIntos(controller) {
  const filled = [];
  while (controller.pendingPullIntos.length > 0 && controller.total > 0) {
    if (!fillPullInto(controller, controller.pendingPullIntos[0])) continue;
    filled.push(controller.pendingPullIntos.shift());
  }
  return filled;
}

function commitAll(controller, filled) {
  for (const descriptor of filled) {
    commitPullInto(controller.stream, descriptor);
  }
}

function enqueueChunk(controller, chunk) {
  const { stream } = controller;
  if (controller.closeRequested || stream.state !== "readable") return;
  const { buffer, byteOffset, byteLength } = chunk;
  if (buffer.detached) throw new TypeError("The chunk's buffer is detached");
  const moved = transferBuffer(buffer);
  if (controller.pendingPullIntos.length > 0) {
    const [first] = controller.pendingPullIntos;
    if (first.buffer.detached) {
      throw new TypeError("The BYOB request's buffer is detached");
    }
    invalidateByobRequest(controller);
    first.buffer = transferBuffer(first.buffer);
    if (first.readerType === "none") {
      enqueueDetachedPullInto(controller, first);
    }
  }
  if (hasDefaultReader(stream)) {
    processReadRequests(controller);
    if (stream.reader.requests.length === 0) {
      enqueueToQueue(controller, moved, byteOffset, byteLength);
    } else {
      if (controller.pendingPullIntos.length > 0) {
        controller.pendingPullIntos.shift();
      }
      tellFirst(stream.reader, (request) => request.chunk(
          new Uint8Array(moved, byteOffset, byteLength)));
    }
  } else {
    enqueueToQueue(controller, moved, byteOffset, byteLength);
    if (hasByobReader(stream)) {
      commitAll(controller, processPullIntos(controller));
    }
  }
  callPullIfNeeded(controller);
}

// ReadableByteStreamControllerPullInto
function pullInto(controller, view, min, request) {
  const { stream } = controller;
  const View = view instanceof DataView ? DataView
      : globalTypes.get(typeName(view));
  const elementSize = View.BYTES_PER_ELEMENT ?? 1;
  const { byteOffset, byteLength } = view;
  let buffer;
  try {
    buffer = transferBuffer(view.buffer);
  } catch (error) {
    request.error(error);
    return;
  }
  const descriptor = {
    buffer,
    bufferByteLength: buffer.byteLength,
    byteOffset,
    byteLength,
    bytesFilled: 0,
    minimumFill: min * elementSize,
    elementSize,
    View,
    readerType: "byob",
  };
  if (controller.pendingPullIntos.length > 0) {
    controller.pendingPullIntos.push(descriptor);
    stream.reader.requests.push(request);
    return;
  }
  if (stream.state === "closed") {
    request.close(new View(buffer, byteOffset, 0));
    return;
  }
  if (controller.total > 0) {
    if (fillPullInto(controller, descriptor)) {
      const filled = convertPullInto(descriptor);
      handleQueueDrain(controller);
      request.chunk(filled);
      return;
    }
    if (controller.closeRequested) {
      const error = new TypeError("There are too few bytes left for the view");
      errorController(controller, error);
      request.error(error);
      return;
    }
  }
  controller.pendingPullIntos.push(descriptor);
  stream.reader.requests.push(request);
  callPullIfNeeded(controller);
}

// The intrinsic constructors, by the name that %TypedArray%'s tag gives.
const typedArray = Object.getPrototypeOf(Uint8Array);
const globalTypes = new Map(
    [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array,
     Int32Array, Uint32Array, Float32Array, Float64Array, BigInt64Array,
     BigUint64Array, globalThis.Float16Array].filter((type) => type)
        .map((type) => [type.name, type]));
const typeName = Function.prototype.call.bind(Object.getOwnPropertyDescriptor(
    typedArray.prototype, Symbol.toStringTag).get);

function respond(controller, bytesWritten) {
  const [first] = controller.pendingPullIntos;
  if (controller.stream.state === "closed") {
    if (bytesWritten !== 0) {
      throw new TypeError("The stream is closed: bytesWritten must be 0");
    }
  } else {
    if (bytesWritten === 0) throw new TypeError("bytesWritten must not be 0");
    if (first.bytesFilled + bytesWritten > first.byteLength) {
      throw new RangeError("bytesWritten is out of range");
    }
  }
  first.buffer = transferBuffer(first.buffer);
  respondInternal(controller, bytesWritten);
}

function respondWithNewView(controller, view) {
  const [first] = controller.pendingPullIntos;
  const { byteLength } = view;
  if (controller.stream.state === "closed") {
    if (byteLength !== 0) {
      throw new TypeError("The stream is closed: the view must be empty");
    }
  } else if (byteLength === 0) {
    throw new TypeError("The view must not be empty");
  }
  if (first.byteOffset + first.bytesFilled !== view.byteOffset) {
    throw new RangeError("The view begins elsewhere");
  }
  if (first.bufferByteLength !== view.buffer.byteLength) {
    throw new RangeError("The view's buffer has another length");
  }
  if (first.bytesFilled + byteLength > first.byteLength) {
    throw new RangeError("The view is too long");
  }
  first.buffer = transferBuffer(view.buffer);
  respondInternal(controller, byteLength);
}

function respondInternal(controller, bytesWritten) {
  const [first] = controller.pendingPullIntos;
  invalidateByobRequest(controller);
  if (controller.stream.state === "closed") {
    respondWhenClosed(controller, first);
  } else {
    respondWhenReadable(controller, bytesWritten, first);
  }
  callPullIfNeeded(controller);
}

function respondWhenClosed(controller, first) {
  const { stream } = controller;
  if (first.readerType === "none") controller.pendingPullIntos.shift();
  if (!hasByobReader(stream)) return;
  const filled = [];
  while (filled.length < stream.reader.requests.length) {
    filled.push(controller.pendingPullIntos.shift());
  }
  commitAll(controller, filled);
}

function respondWhenReadable(controller, bytesWritten, descriptor) {
  descriptor.bytesFilled += bytesWritten;
  if (descriptor.readerType === "none") {
    enqueueDetachedPullInto(controller, descriptor);
    commitAll(controller, processPullIntos(controller));
    return;
  }
  if (descriptor.bytesFilled < descriptor.minimumFill) return;
  controller.pendingPullIntos.shift();
  const remainder = descriptor.bytesFilled % descriptor.elementSize;
  if (remainder > 0) {
    const end = descriptor.byteOffset + descriptor.bytesFilled;
    enqueueClone(controller, descriptor.buffer, end - remainder, remainder);
  }
  descriptor.bytesFilled -= remainder;
  const filled = processPullIntos(controller);
  commitPullInto(controller.stream, descriptor);
  commitAll(controller, filled);
}

// For byte streams' tee.
export const byteControls = {
  close: closeController,
  enqueue: enqueueChunk,
  error: errorController,
  respond,
  respondWithNewView,
  request: (controller) => byobRequestOf(controller),
};

// SetUpReadableByteStreamController; `algorithms` makes them for the
// controller's object.
export function setUpByteController(stream, algorithms, highWaterMark,
                                    chunkSize) {
  const controller = new ByteController();
  const object = new ReadableByteStreamController(secret, controller);
  controller.stream = stream;
  controller.highWaterMark = highWaterMark;
  controller.chunkSize = chunkSize;
  const { start, pull, cancel } = algorithms(object);
  controller.pull = pull;
  controller.cancel = cancel;
  stream.controller = controller;
  afterStart(controller, start?.());
}

export class ReadableByteStreamController {
  #controller;
  constructor(key = undefined, controller = undefined) {
    if (key !== secret) throw illegalConstructor();
    this.#controller = controller;
    controller.self = this;
  }
  get byobRequest() {
    return byobRequestOf(this.#controller);
  }
  get desiredSize() {
    return desiredSize(this.#controller);
  }
  close() {
    const controller = this.#controller;
    if (controller.closeRequested || controller.stream.state !== "readable") {
      throw new TypeError("The stream is not in a state that permits close");
    }
    closeController(controller);
  }
  enqueue(chunk) {
    const controller = this.#controller;
    required(arguments.length, 1, "enqueue");
    checkView(chunk);
    if (chunk.byteLength === 0 || chunk.buffer.byteLength === 0) {
      throw new TypeError("The chunk must not be empty");
    }
    if (controller.closeRequested || controller.stream.state !== "readable") {
      throw new TypeError("The stream is not in a state that permits enqueue");
    }
    enqueueChunk(controller, chunk);
  }
  error(reason = undefined) {
    errorController(this.#controller, reason);
  }
  static {
    enumerable(this, "ReadableByteStreamController");
  }
}

// The BYOB request (4.8) ---------------------------------------------------------

let invalidate;

export class ReadableStreamBYOBRequest {
  #controller;
  #view;
  constructor(key = undefined, controller = undefined, view = undefined) {
    if (key !== secret) throw illegalConstructor();
    this.#controller = controller;
    this.#view = view;
  }
  get view() {
    return this.#view;
  }
  respond(bytesWritten) {
    const controller = this.#controller;
    required(arguments.length, 1, "respond");
    bytesWritten = enforceRange(bytesWritten, "bytesWritten");
    if (controller === undefined) {
      throw new TypeError("The BYOB request has been invalidated");
    }
    if (this.#view.buffer.detached) {
      throw new TypeError("The BYOB request's buffer is detached");
    }
    respond(controller, bytesWritten);
  }
  respondWithNewView(view) {
    const controller = this.#controller;
    required(arguments.length, 1, "respondWithNewView");
    checkView(view);
    if (controller === undefined) {
      throw new TypeError("The BYOB request has been invalidated");
    }
    if (view.buffer.detached) throw new TypeError("The buffer is detached");
    respondWithNewView(controller, view);
  }
  static {
    invalidate = (request) => {
      request.#controller = undefined;
      request.#view = null;
    };
    enumerable(this, "ReadableStreamBYOBRequest");
  }
}

function byobRequestOf(controller) {
  if (controller.byobRequest === null &&
      controller.pendingPullIntos.length > 0) {
    const [first] = controller.pendingPullIntos;
    const view = new Uint8Array(first.buffer,
                                first.byteOffset + first.bytesFilled,
                                first.byteLength - first.bytesFilled);
    controller.byobRequest =
        new ReadableStreamBYOBRequest(secret, controller, view);
  }
  return controller.byobRequest;
}

// The BYOB reader (4.4) ------------------------------------------------------------

// ReadableStreamBYOBReaderRead
export function readInto(reader, view, min, request) {
  const { stream } = reader;
  stream.disturbed = true;
  if (stream.state === "errored") request.error(stream.storedError);
  else pullInto(stream.controller, view, min, request);
}

export class ReadableStreamBYOBReader {
  #reader;
  constructor(stream) {
    required(arguments.length, 1, "ReadableStreamBYOBReader");
    const inner = readableOf(stream);
    if (inner.reader === undefined && !inner.controller.isBytes) {
      throw new TypeError("The stream is no byte stream");
    }
    this.#reader = new Reader(inner, true);
  }
  get closed() {
    try {
      return this.#reader.closed.promise;
    } catch (error) {
      return rejectedWith(error);
    }
  }
  cancel(reason = undefined) {
    try {
      const { stream } = this.#reader;
      return stream === undefined ? fail(released)
          : cancelStream(stream, reason);
    } catch (error) {
      return rejectedWith(error);
    }
  }
  read(view, options = undefined) {
    try {
      const reader = this.#reader;
      required(arguments.length, 1, "read");
      checkView(view);
      let { min = 1 } = dictionary(options);
      min = enforceRange(min, "min");
      if (view.buffer.detached) return fail("The view's buffer is detached");
      if (view.byteLength === 0 || view.buffer.byteLength === 0) {
        return fail("The view must not be empty");
      }
      if (min === 0) return fail("min must not be 0");
      if (min > (view.length ?? view.byteLength)) {
        return rejectedWith(new RangeError("min is more than the view holds"));
      }
      if (reader.stream === undefined) return fail(released);
      const result = deferred();
      readInto(reader, view, min, {
        chunk: (value) => result.resolve({ value, done: false }),
        close: (value) => result.resolve({ value, done: true }),
        error: (reason) => result.reject(reason),
      });
      return result.promise;
    } catch (error) {
      return rejectedWith(error);
    }
  }
  releaseLock() {
    if (this.#reader.stream !== undefined) releaseReader(this.#reader);
  }
  static {
    enumerable(this, "ReadableStreamBYOBReader");
  }
}
