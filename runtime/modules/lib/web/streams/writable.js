// SPDX-License-Identifier: MIT
// WritableStream, its writer and its controller (WHATWG Streams 5). As in
// readable.js, internal slots are in plain objects behind the public ones.
import { isOutOfMemory } from "rill:internal/introspect";
import { loadBuiltin } from "rill:internal/modules";
import { AbortController } from "rill:internal/web/abort";
import {
  enumerable,
  illegalConstructor,
  required,
} from "rill:internal/web/idl";
import {
  callback,
  callForPromise,
  callStart,
  convertStrategy,
  convertUnderlying,
  deferred,
  fail,
  highWaterMarkOf,
  markHandled,
  Queue,
  rejectedDeferred,
  rejectedWith,
  resolvedDeferred,
  resolvedWith,
  sizeOf,
  upon,
} from "rill:internal/web/streams/common";

// Loaded when a stream goes to another thread.
const transfers = () => loadBuiltin("rill:internal/web/streams/transfer");

const secret = Symbol("stream");
const closeSentinel = Symbol("close");

class Writable {
  state = "writable"; // or "erroring", "errored", "closed"
  storedError = undefined;
  backpressure = false;
  controller = undefined;
  writer = undefined;
  // Deferreds, undefined if there is no such request.
  closeRequest = undefined;
  inFlightWrite = undefined;
  inFlightClose = undefined;
  pendingAbort = undefined; // {result, reason, wasAlreadyErroring}
  writeRequests = [];
  ended = undefined; // whenEnded's
  self = undefined; // the WritableStream
}

export const isWritableLocked = (stream) => stream.writer !== undefined;
export const closeQueuedOrInFlight = (stream) =>
  stream.closeRequest !== undefined || stream.inFlightClose !== undefined;

// WritableStreamAbort
export function abortStream(stream, reason) {
  if (stream.state === "closed" || stream.state === "errored") {
    return resolvedWith(undefined);
  }
  stream.controller.abortController.abort(reason);
  const { state } = stream;
  if (state === "closed" || state === "errored") return resolvedWith(undefined);
  if (stream.pendingAbort !== undefined) {
    return stream.pendingAbort.result.promise;
  }
  const wasAlreadyErroring = state === "erroring";
  if (wasAlreadyErroring) reason = undefined;
  const result = deferred();
  stream.pendingAbort = { result, reason, wasAlreadyErroring };
  if (!wasAlreadyErroring) startErroring(stream, reason);
  return result.promise;
}

// WritableStreamClose
function closeWritable(stream) {
  const { state } = stream;
  if (state === "closed" || state === "errored") {
    return fail(`The stream is ${state}`);
  }
  const result = stream.closeRequest = deferred();
  if (stream.writer !== undefined && stream.backpressure &&
      state === "writable") {
    stream.writer.stopWaiting();
  }
  stream.controller.queue.push(closeSentinel, 0);
  advanceQueue(stream.controller);
  return result.promise;
}

function startErroring(stream, reason) {
  stream.state = "erroring";
  stream.storedError = reason;
  if (stream.writer !== undefined) rejectReady(stream.writer, reason);
  if (stream.inFlightWrite === undefined &&
      stream.inFlightClose === undefined && stream.controller.started) {
    finishErroring(stream);
  }
}

function dealWithRejection(stream, error) {
  if (stream.state === "writable") startErroring(stream, error);
  else if (stream.state !== "closed") finishErroring(stream);
}

function finishErroring(stream) {
  stream.state = "errored";
  const { controller, storedError } = stream;
  controller.queue.clear();
  for (const request of stream.writeRequests) request.reject(storedError);
  stream.writeRequests = [];
  const abort = stream.pendingAbort;
  if (abort === undefined) {
    rejectCloseAndClosed(stream);
    return;
  }
  stream.pendingAbort = undefined;
  if (abort.wasAlreadyErroring) {
    abort.result.reject(storedError);
    rejectCloseAndClosed(stream);
    return;
  }
  const algorithm = controller.abort;
  clearAlgorithms(controller);
  const done = algorithm === undefined ? resolvedWith(undefined)
      : algorithm(abort.reason);
  upon(done, () => {
    abort.result.resolve(undefined);
    rejectCloseAndClosed(stream);
  }, (reason) => {
    abort.result.reject(reason);
    rejectCloseAndClosed(stream);
  });
}

// WritableStreamRejectCloseAndClosedPromiseIfNeeded
function rejectCloseAndClosed(stream) {
  stream.closeRequest?.reject(stream.storedError);
  stream.closeRequest = undefined;
  stream.ended?.reject(stream.storedError);
  if (stream.writer !== undefined) {
    stream.writer.closedIsPending = false;
    stream.writer.closed.reject(stream.storedError);
    markHandled(stream.writer.closed.promise);
  }
}

function finishInFlightWrite(stream, failed, error) {
  const request = stream.inFlightWrite;
  stream.inFlightWrite = undefined;
  if (failed) {
    request?.reject(error); // none: it was written, and the next step failed
    dealWithRejection(stream, error);
  } else {
    request.resolve(undefined);
  }
}

function finishInFlightClose(stream) {
  stream.inFlightClose.resolve(undefined);
  stream.inFlightClose = undefined;
  if (stream.state === "erroring") {
    stream.storedError = undefined;
    stream.pendingAbort?.result.resolve(undefined);
    stream.pendingAbort = undefined;
  }
  stream.state = "closed";
  stream.ended?.resolve(undefined);
  if (stream.writer !== undefined) {
    stream.writer.closedIsPending = false;
    stream.writer.closed.resolve(undefined);
  }
}

function finishInFlightCloseWithError(stream, error) {
  stream.inFlightClose?.reject(error);
  stream.inFlightClose = undefined;
  stream.pendingAbort?.result.reject(error);
  stream.pendingAbort = undefined;
  dealWithRejection(stream, error);
}

function updateBackpressure(stream, backpressure) {
  const { writer } = stream;
  if (writer !== undefined && backpressure !== stream.backpressure) {
    if (backpressure) writer.startWaiting();
    else writer.stopWaiting();
  }
  stream.backpressure = backpressure;
}

// The controller (5.4) -------------------------------------------------------------

class Controller {
  self = undefined;
  stream;
  queue = new Queue();
  started = false;
  highWaterMark;
  size; // undefined: 1 for every chunk
  write; // undefined: nothing to call
  close;
  abort;
  abortController = new AbortController();
  written = undefined; // reactions to write, made once
  writeFailed = undefined;
  // A transform's: what fails one side is the other's failure, too, though it
  // was a lack of memory or stack that kept the transform from saying so.
  broken = undefined;
}

function clearAlgorithms(controller) {
  controller.write = controller.close = controller.abort = undefined;
  controller.size = undefined;
}

const desiredSize = (controller) =>
  controller.highWaterMark - controller.queue.total;

function advanceQueue(controller) {
  const { stream } = controller;
  if (!controller.started || stream.inFlightWrite !== undefined) return;
  if (stream.state === "erroring") {
    finishErroring(stream);
    return;
  }
  if (controller.queue.length === 0) return;
  const chunk = controller.queue.peek();
  if (chunk === closeSentinel) processClose(controller);
  else processWrite(controller, chunk);
}

// What throws beyond the algorithm's call does so for want of memory or stack.
function processClose(controller) {
  const { stream } = controller;
  const failed = (error) => {
    if (stream.state === "writable") controller.broken?.(error);
    finishInFlightCloseWithError(stream, error);
  };
  controller.queue.shift();
  stream.inFlightClose = stream.closeRequest;
  stream.closeRequest = undefined;
  const algorithm = controller.close;
  try {
    const done = algorithm === undefined ? resolvedWith(undefined) : algorithm();
    clearAlgorithms(controller);
    upon(done, () => finishInFlightClose(stream), failed);
  } catch (error) {
    failed(error);
  }
}

function processWrite(controller, chunk) {
  const { stream } = controller;
  controller.written ??= () => {
    finishInFlightWrite(stream, false);
    controller.queue.shift();
    if (!closeQueuedOrInFlight(stream) && stream.state === "writable") {
      updateBackpressure(stream, desiredSize(controller) <= 0);
    }
    advanceQueue(controller);
  };
  controller.writeFailed ??= (error) => {
    if (stream.state === "writable") controller.broken?.(error);
    if (stream.state === "writable") clearAlgorithms(controller);
    finishInFlightWrite(stream, true, error);
  };
  stream.inFlightWrite = stream.writeRequests.shift();
  const algorithm = controller.write;
  try {
    const done = algorithm === undefined ? resolvedWith(undefined)
                                         : algorithm(chunk);
    upon(done, controller.written, controller.writeFailed);
  } catch (error) {
    controller.writeFailed(error);
  }
}

// WritableStreamDefaultControllerErrorIfNeeded
export function errorWritableIfNeeded(controller, error) {
  if (controller.stream.state !== "writable") return;
  clearAlgorithms(controller);
  startErroring(controller.stream, error);
}

function setUpController(stream, controller, algorithms, highWaterMark, size) {
  controller.stream = stream;
  controller.highWaterMark = highWaterMark;
  controller.size = size;
  controller.write = algorithms.write;
  controller.close = algorithms.close;
  controller.abort = algorithms.abort;
  controller.broken = algorithms.broken;
  stream.controller = controller;
  updateBackpressure(stream, desiredSize(controller) <= 0);
  upon(resolvedWith(algorithms.start?.()), () => {
    controller.started = true;
    advanceQueue(controller);
  }, (error) => {
    controller.started = true;
    // It started, maybe, and what follows could not be done.
    if (isOutOfMemory(error) && stream.state === "writable") {
      controller.broken?.(error);
    }
    if (stream.state !== "errored") dealWithRejection(stream, error);
  });
}

// CreateWritableStream
export function createWritable(algorithms, highWaterMark, size) {
  const stream = new Writable();
  new WritableStream(secret, stream);
  const controller = new Controller();
  new WritableStreamDefaultController(secret, controller);
  setUpController(stream, controller, algorithms, highWaterMark, size);
  return stream;
}

export class WritableStreamDefaultController {
  #controller;
  constructor(key = undefined, controller = undefined) {
    if (key !== secret) throw illegalConstructor();
    this.#controller = controller;
    controller.self = this;
  }
  get signal() {
    return this.#controller.abortController.signal;
  }
  error(reason = undefined) {
    errorWritableIfNeeded(this.#controller, reason);
  }
  static {
    enumerable(this, "WritableStreamDefaultController");
  }
}

// Writers (5.3) ----------------------------------------------------------------------

export class Writer {
  closed;
  closedIsPending; // `closed` is not settled
  ready;
  readyIsPending;
  stream;
  constructor(stream) {
    if (isWritableLocked(stream)) {
      throw new TypeError("The stream is locked to a writer");
    }
    this.stream = stream;
    stream.writer = this;
    switch (stream.state) {
      case "writable":
        this.readyIsPending =
            !closeQueuedOrInFlight(stream) && stream.backpressure;
        this.ready = this.readyIsPending ? deferred() : resolvedDeferred();
        this.closed = deferred();
        this.closedIsPending = true;
        break;
      case "erroring":
        this.ready = rejectedDeferred(stream.storedError);
        this.closed = deferred();
        this.closedIsPending = true;
        break;
      case "closed":
        this.ready = resolvedDeferred();
        this.closed = resolvedDeferred();
        break;
      default:
        this.ready = rejectedDeferred(stream.storedError);
        this.closed = rejectedDeferred(stream.storedError);
    }
  }
  startWaiting() {
    this.ready = deferred();
    this.readyIsPending = true;
  }
  stopWaiting() {
    this.ready.resolve(undefined);
    this.readyIsPending = false;
  }
}

// WritableStreamDefaultWriterEnsureReadyPromiseRejected
function rejectReady(writer, error) {
  if (writer.readyIsPending) {
    writer.readyIsPending = false;
    writer.ready.reject(error);
    markHandled(writer.ready.promise);
  } else {
    writer.ready = rejectedDeferred(error);
  }
}

export function releaseWriter(writer) {
  const { stream } = writer;
  const error = new TypeError("The writer was released");
  rejectReady(writer, error);
  if (writer.closedIsPending) {
    writer.closed.reject(error);
    markHandled(writer.closed.promise);
  } else {
    writer.closed = rejectedDeferred(error);
  }
  stream.writer = undefined;
  writer.stream = undefined;
}

// WritableStreamDefaultWriterWrite
export function writeTo(writer, chunk) {
  const { stream } = writer, { controller } = stream;
  let size = 1;
  if (controller.size !== undefined) {
    try {
      size = Number(controller.size(chunk));
    } catch (error) {
      errorWritableIfNeeded(controller, error);
    }
  }
  if (stream !== writer.stream) return fail(released);
  const { state } = stream;
  if (state === "errored") return rejectedWith(stream.storedError);
  if (closeQueuedOrInFlight(stream) || state === "closed") {
    return fail("The stream is closing or closed");
  }
  if (state === "erroring") return rejectedWith(stream.storedError);
  const request = deferred();
  stream.writeRequests.push(request);
  try {
    controller.queue.push(chunk, size);
  } catch (error) {
    const isBadSize = !(size >= 0) || size === Infinity;
    if (!isBadSize) controller.broken?.(error);
    errorWritableIfNeeded(controller, error);
    return request.promise;
  }
  if (!closeQueuedOrInFlight(stream) && stream.state === "writable") {
    updateBackpressure(stream, desiredSize(controller) <= 0);
  }
  advanceQueue(controller);
  return request.promise;
}

// WritableStreamDefaultWriterCloseWithErrorPropagation
export function closeWithErrorPropagation(writer) {
  const { stream } = writer;
  if (closeQueuedOrInFlight(stream) || stream.state === "closed") {
    return resolvedWith(undefined);
  }
  if (stream.state === "errored") return rejectedWith(stream.storedError);
  return closeWritable(stream);
}

export function writerDesiredSize({ stream }) {
  switch (stream.state) {
    case "errored":
    case "erroring":
      return null;
    case "closed":
      return 0;
    default:
      return desiredSize(stream.controller);
  }
}

const released = "The writer has been released";

export class WritableStreamDefaultWriter {
  #writer;
  constructor(stream) {
    required(arguments.length, 1, "WritableStreamDefaultWriter");
    this.#writer = new Writer(writableOf(stream));
  }
  get closed() {
    try {
      return this.#writer.closed.promise;
    } catch (error) {
      return rejectedWith(error);
    }
  }
  get desiredSize() {
    if (this.#writer.stream === undefined) throw new TypeError(released);
    return writerDesiredSize(this.#writer);
  }
  get ready() {
    try {
      return this.#writer.ready.promise;
    } catch (error) {
      return rejectedWith(error);
    }
  }
  abort(reason = undefined) {
    try {
      const { stream } = this.#writer;
      return stream === undefined ? fail(released)
          : abortStream(stream, reason);
    } catch (error) {
      return rejectedWith(error);
    }
  }
  close() {
    try {
      const { stream } = this.#writer;
      if (stream === undefined) return fail(released);
      if (closeQueuedOrInFlight(stream)) {
        return fail("The stream is already closing");
      }
      return closeWritable(stream);
    } catch (error) {
      return rejectedWith(error);
    }
  }
  releaseLock() {
    if (this.#writer.stream !== undefined) releaseWriter(this.#writer);
  }
  write(chunk = undefined) {
    try {
      const writer = this.#writer;
      return writer.stream === undefined ? fail(released)
          : writeTo(writer, chunk);
    } catch (error) {
      return rejectedWith(error);
    }
  }
  static {
    enumerable(this, "WritableStreamDefaultWriter");
  }
}

// WritableStream (5.2) ------------------------------------------------------------

let writableOf, isWritable;

export class WritableStream {
  #stream;
  constructor(underlyingSink = undefined, strategy = undefined) {
    if (underlyingSink === secret) {
      this.#stream = strategy;
      strategy.self = this;
      return;
    }
    const sink = convertUnderlying(underlyingSink, "sink");
    strategy = convertStrategy(strategy);
    const members = { __proto__: null };
    if (sink !== undefined) {
      for (const name of ["abort", "close", "start"]) {
        members[name] = callback(sink, name);
      }
      if (sink.type !== undefined) {
        throw new RangeError("A sink's type must be undefined");
      }
      members.write = callback(sink, "write");
    }
    const { abort, close, start, write } = members;
    const size = sizeOf(strategy), highWaterMark = highWaterMarkOf(strategy, 1);
    const stream = new Writable();
    this.#stream = stream;
    stream.self = this;
    const controller = new Controller();
    const object = new WritableStreamDefaultController(secret, controller);
    setUpController(stream, controller, {
      start: () => callStart(start, sink, object),
      write: write && ((chunk) => callForPromise(write, sink, [chunk, object])),
      close: close && (() => callForPromise(close, sink, [])),
      abort: abort && ((reason) => callForPromise(abort, sink, [reason])),
    }, highWaterMark, size);
  }

  get locked() {
    return isWritableLocked(this.#stream);
  }
  abort(reason = undefined) {
    try {
      if (isWritableLocked(this.#stream)) return fail("The stream is locked");
      return abortStream(this.#stream, reason);
    } catch (error) {
      return rejectedWith(error);
    }
  }
  close() {
    try {
      const stream = this.#stream;
      if (isWritableLocked(stream)) return fail("The stream is locked");
      if (closeQueuedOrInFlight(stream)) {
        return fail("The stream is already closing");
      }
      return closeWritable(stream);
    } catch (error) {
      return rejectedWith(error);
    }
  }
  getWriter() {
    this.#stream;
    return new WritableStreamDefaultWriter(this);
  }

  [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
    if (depth < 0) return "[WritableStream]";
    return "WritableStream " +
        inspect({ locked: this.locked, state: this.#stream.state }, options);
  }

  static {
    isWritable = (value) =>
      typeof value === "object" && value !== null && #stream in value;
    writableOf = (value) => {
      if (!isWritable(value)) throw new TypeError("It is no WritableStream");
      return value.#stream;
    };
    enumerable(this, "WritableStream", {
      module: "rill:internal/web/streams/writable",
      kind: "WritableStream",
      serialize: () => null,
      transfer: (stream) => transfers().sendWritable(writableOf(stream)),
    });
  }
}

export { isWritable, writableOf };

export const receive = (kind, port) => transfers().receiveWritable(port).self;
