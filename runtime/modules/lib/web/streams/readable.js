// SPDX-License-Identifier: MIT
// ReadableStream, its default reader and default controller (WHATWG Streams 4).
// What the specification keeps in internal slots is in plain objects, which the
// public objects hold privately; its abstract operations work on those.
import { isOutOfMemory } from "rill:internal/introspect";
import { loadBuiltin } from "rill:internal/modules";
import {
  dictionary,
  enumerable,
  illegalConstructor,
  required,
} from "rill:internal/web/idl";
import { isSignal } from "rill:internal/web/abort";
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
  react,
  rejectedDeferred,
  rejectedWith,
  resolvedDeferred,
  resolvedWith,
  sizeOf,
  upon,
} from "rill:internal/web/streams/common";

const secret = Symbol("stream");

// Loaded when there is something for them to do: together they are three
// quarters of what streams are.
const bytes = () => loadBuiltin("rill:internal/web/streams/byte");
const pipes = () => loadBuiltin("rill:internal/web/streams/pipe");
const writables = () => loadBuiltin("rill:internal/web/streams/writable");
const transfers = () => loadBuiltin("rill:internal/web/streams/transfer");

export class Readable {
  state = "readable"; // or "closed", "errored"
  storedError = undefined;
  disturbed = false;
  reader = undefined;
  controller = undefined;
  ended = undefined; // whenEnded's
  self = undefined; // the ReadableStream
}

export const isLocked = (stream) => stream.reader !== undefined;

// Each of a reader's requests, taken out, is told; what telling one throws, which
// is a lack of memory, is that one's error.
function tellAll(reader, tell) {
  const { requests } = reader;
  while (requests.length > 0) tellFirst(reader, tell);
}
export function tellFirst(reader, tell) {
  const request = reader.requests.shift();
  let isTold = false;
  try {
    tell(request);
    isTold = true;
  } catch (error) {
    request.error(error);
    isTold = true;
    throw error;
  } finally {
    // Who fails for this is to tell it when there is stack again.
    if (!isTold) reader.requests.unshift(request);
  }
}

// ReadableStreamCancel
export function cancelStream(stream, reason) {
  stream.disturbed = true;
  if (stream.state === "closed") return resolvedWith(undefined);
  if (stream.state === "errored") return rejectedWith(stream.storedError);
  closeStream(stream);
  const { reader } = stream;
  if (reader !== undefined && reader.isByob) {
    tellAll(reader, (request) => request.close(undefined));
  }
  return react(stream.controller.cancelSteps(reason), () => undefined);
}

// ReadableStreamClose
export function closeStream(stream) {
  stream.state = "closed";
  stream.ended?.resolve(undefined);
  const { reader } = stream;
  if (reader === undefined) return;
  reader.closed.resolve(undefined);
  if (!reader.isByob) {
    tellAll(reader, (request) => request.close());
  }
}

// ReadableStreamError
export function errorStream(stream, error) {
  stream.state = "errored";
  stream.storedError = error;
  stream.ended?.reject(error);
  const { reader } = stream;
  if (reader === undefined) return;
  markHandled(reader.closed.promise);
  reader.closed.reject(error);
  tellAll(reader, (request) => request.error(error));
}

export const hasDefaultReader = (stream) =>
  stream.reader !== undefined && !stream.reader.isByob;
export const hasByobReader = (stream) =>
  stream.reader !== undefined && stream.reader.isByob;

// Readers (4.3) ------------------------------------------------------------------

export class Reader {
  requests = []; // of read or, with isByob, of read into
  closed = undefined; // deferred
  constructor(stream, isByob) {
    if (isLocked(stream)) {
      throw new TypeError("The stream is locked to a reader");
    }
    this.stream = stream;
    this.isByob = isByob;
    stream.reader = this;
    this.closed = stream.state === "readable" ? deferred()
        : stream.state === "closed" ? resolvedDeferred()
        : rejectedDeferred(stream.storedError);
  }
}

// ReadableStreamReaderGenericRelease and the release of its requests.
export function releaseReader(reader) {
  const { stream } = reader;
  const error = new TypeError("The reader was released");
  if (stream.state === "readable") {
    markHandled(reader.closed.promise);
    reader.closed.reject(error);
  } else {
    reader.closed = rejectedDeferred(error);
  }
  stream.controller.releaseSteps();
  stream.reader = undefined;
  reader.stream = undefined;
  tellAll(reader, (request) => request.error(error));
}

// ReadableStreamDefaultReaderRead
export function readFrom(reader, request) {
  const { stream } = reader;
  stream.disturbed = true;
  if (stream.state === "closed") request.close();
  else if (stream.state === "errored") request.error(stream.storedError);
  else stream.controller.pullSteps(request);
}

// A read whose result a promise gets.
class ReadRequest {
  constructor(result) {
    this.result = result;
  }
  chunk(value) {
    this.result.resolve({ value, done: false });
  }
  close() {
    this.result.resolve({ value: undefined, done: true });
  }
  error(reason) {
    this.result.reject(reason);
  }
}

export const released = "The reader has been released";

export class ReadableStreamDefaultReader {
  #reader;
  constructor(stream) {
    required(arguments.length, 1, "ReadableStreamDefaultReader");
    this.#reader = stream instanceof Reader ? stream
        : new Reader(readableOf(stream), false);
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
  read() {
    try {
      const reader = this.#reader;
      if (reader.stream === undefined) return fail(released);
      const result = deferred();
      readFrom(reader, new ReadRequest(result));
      return result.promise;
    } catch (error) {
      return rejectedWith(error);
    }
  }
  releaseLock() {
    if (this.#reader.stream !== undefined) releaseReader(this.#reader);
  }
  static {
    enumerable(this, "ReadableStreamDefaultReader");
  }
}

// The default controller (4.6) ---------------------------------------------------

class DefaultController {
  self = undefined;
  stream;
  queue = new Queue();
  started = false;
  closeRequested = false;
  pulling = false;
  pullAgain = false;
  highWaterMark;
  size; // undefined: 1 for every chunk
  pull; // undefined: nothing to call
  cancel;
  pulled = undefined; // reactions to pull, made once
  pullFailed = undefined;
  broken = undefined; // as a writable stream's controller's

  cancelSteps(reason) {
    this.queue.clear();
    const { cancel } = this;
    clearAlgorithms(this);
    return cancel === undefined ? resolvedWith(undefined) : cancel(reason);
  }
  pullSteps(request) {
    if (this.queue.length > 0) {
      const chunk = this.queue.shift();
      if (this.closeRequested && this.queue.length === 0) {
        clearAlgorithms(this);
        closeStream(this.stream);
      } else {
        callPullIfNeeded(this);
      }
      request.chunk(chunk);
      return;
    }
    this.stream.reader.requests.push(request);
    callPullIfNeeded(this);
  }
  releaseSteps() {}

  // Of callPullIfNeeded, which byte controllers share.
  shouldPull() {
    const { stream } = this;
    if (!canCloseOrEnqueue(this) || !this.started) return false;
    if (hasDefaultReader(stream) && stream.reader.requests.length > 0) {
      return true;
    }
    return desiredSize(this) > 0;
  }
  fail(error) {
    errorController(this, error);
  }
}

export function callPullIfNeeded(controller) {
  if (controller.pull === undefined || !controller.shouldPull()) return;
  if (controller.pulling) {
    controller.pullAgain = true;
    return;
  }
  controller.pulling = true;
  controller.pulled ??= () => {
    controller.pulling = false;
    if (controller.pullAgain) {
      controller.pullAgain = false;
      callPullIfNeeded(controller);
    }
  };
  controller.pullFailed ??= (error) => {
    controller.broken?.(error);
    controller.fail(error);
  };
  try {
    upon(controller.pull(), controller.pulled, controller.pullFailed);
  } catch (error) { // for want of memory or stack
    controller.pullFailed(error);
  }
}

function clearAlgorithms(controller) {
  controller.pull = controller.cancel = controller.size = undefined;
}

// ReadableStreamDefaultControllerHasBackpressure
export const hasBackpressure = (controller) => !controller.shouldPull();
export const canCloseOrEnqueue = (controller) =>
  !controller.closeRequested && controller.stream.state === "readable";

export function desiredSize(controller) {
  const { state } = controller.stream;
  if (state === "errored") return null;
  return state === "closed" ? 0
      : controller.highWaterMark - controller.queue.total;
}

export function closeController(controller) {
  if (!canCloseOrEnqueue(controller)) return;
  controller.closeRequested = true;
  if (controller.queue.length === 0) {
    clearAlgorithms(controller);
    closeStream(controller.stream);
  }
}

export function enqueueChunk(controller, chunk) {
  if (!canCloseOrEnqueue(controller)) return;
  const { stream } = controller;
  if (hasDefaultReader(stream) && stream.reader.requests.length > 0) {
    tellFirst(stream.reader, (request) => request.chunk(chunk));
  } else {
    try {
      const { size } = controller;
      controller.queue.push(chunk, size === undefined ? 1 : size(chunk));
    } catch (error) {
      errorController(controller, error);
      throw error;
    }
  }
  callPullIfNeeded(controller);
}

// Of a stream that is over, whose end could not tell all for want of memory or
// stack.
export function tellRest({ reader }, error) {
  if (reader !== undefined) {
    tellAll(reader, (request) => request.error(error));
  }
}

export function errorController(controller, error) {
  const { stream } = controller;
  if (stream.state !== "readable") {
    tellRest(stream, error);
    return;
  }
  controller.queue.clear();
  clearAlgorithms(controller);
  errorStream(controller.stream, error);
}

// What follows an algorithm's start: its result is a promise's value.
export function afterStart(controller, result) {
  upon(resolvedWith(result), () => {
    controller.started = true;
    callPullIfNeeded(controller);
  }, (error) => {
    // It started, maybe, and what follows could not be done.
    if (isOutOfMemory(error)) controller.broken?.(error);
    controller.fail(error);
  });
}

// SetUpReadableStreamDefaultController
function setUpController(stream, controller, { start, pull, cancel, broken },
                         highWaterMark, size) {
  controller.stream = stream;
  controller.highWaterMark = highWaterMark;
  controller.size = size;
  controller.pull = pull;
  controller.cancel = cancel;
  controller.broken = broken;
  stream.controller = controller;
  afterStart(controller, start?.());
}

// CreateReadableStream
export function createReadable(algorithms, highWaterMark = 1,
                               size = undefined) {
  const stream = new Readable();
  new ReadableStream(secret, stream);
  const controller = new DefaultController();
  new ReadableStreamDefaultController(secret, controller);
  setUpController(stream, controller, algorithms, highWaterMark, size);
  return stream;
}

// CreateReadableByteStream
export function createReadableBytes(algorithms) {
  const stream = new Readable();
  new ReadableStream(secret, stream);
  bytes().setUpByteController(stream, algorithms, 0, undefined);
  return stream;
}

export class ReadableStreamDefaultController {
  #controller;
  constructor(key = undefined, controller = undefined) {
    if (key !== secret) throw illegalConstructor();
    this.#controller = controller;
    controller.self = this;
  }
  get desiredSize() {
    return desiredSize(this.#controller);
  }
  close() {
    if (!canCloseOrEnqueue(this.#controller)) {
      throw new TypeError("The stream is not in a state that permits close");
    }
    closeController(this.#controller);
  }
  enqueue(chunk = undefined) {
    if (!canCloseOrEnqueue(this.#controller)) {
      throw new TypeError("The stream is not in a state that permits enqueue");
    }
    enqueueChunk(this.#controller, chunk);
  }
  error(reason = undefined) {
    errorController(this.#controller, reason);
  }
  static {
    enumerable(this, "ReadableStreamDefaultController");
  }
}

// ReadableStream (4.2) -----------------------------------------------------------

// The dictionary UnderlyingSource as algorithms. `controller`: the object that
// its methods get.
function sourceAlgorithms(source, members, controller) {
  const { start, pull, cancel } = members;
  return {
    start: () => callStart(start, source, controller),
    pull: pull && (() => callForPromise(pull, source, [controller])),
    cancel: cancel && ((reason) => callForPromise(cancel, source, [reason])),
  };
}

// [EnforceRange] unsigned long long
export function enforceRange(value, what) {
  const number = Math.trunc(Number(value));
  if (!(number >= 0 && number <= Number.MAX_SAFE_INTEGER)) {
    throw new TypeError(`${what} is out of range`);
  }
  return number;
}

const noMembers = Object.freeze({ __proto__: null });

function sourceMembers(source) {
  if (source === undefined) return noMembers;
  let chunkSize = source.autoAllocateChunkSize;
  if (chunkSize !== undefined) {
    chunkSize = enforceRange(chunkSize, "autoAllocateChunkSize");
  }
  const cancel = callback(source, "cancel"), pull = callback(source, "pull"),
      start = callback(source, "start");
  let { type } = source;
  if (type !== undefined && (type = `${type}`) !== "bytes") {
    throw new TypeError(`"${type}" is no type of a readable stream`);
  }
  return { chunkSize, cancel, pull, start, type };
}

// StreamPipeOptions
function pipeOptions(options) {
  const { preventAbort, preventCancel, preventClose, signal } =
      dictionary(options);
  if (signal !== undefined && !isSignal(signal)) {
    throw new TypeError('"signal" must be an AbortSignal');
  }
  return {
    preventAbort: Boolean(preventAbort),
    preventCancel: Boolean(preventCancel),
    preventClose: Boolean(preventClose),
    signal,
  };
}

let readableOf, isReadable;

export class ReadableStream {
  #stream;
  constructor(underlyingSource = undefined, strategy = undefined) {
    if (underlyingSource === secret) {
      this.#stream = strategy;
      strategy.self = this;
      return;
    }
    const source = convertUnderlying(underlyingSource, "source");
    strategy = convertStrategy(strategy);
    const members = sourceMembers(source);
    const stream = new Readable();
    if (members.type === "bytes") {
      if (strategy.size !== undefined) {
        throw new RangeError("A byte stream's strategy has no size function");
      }
      const highWaterMark = highWaterMarkOf(strategy, 0);
      if (members.chunkSize === 0) {
        throw new TypeError("autoAllocateChunkSize must be greater than 0");
      }
      this.#stream = stream;
      stream.self = this;
      bytes().setUpByteController(
          stream,
          (controller) => sourceAlgorithms(source, members, controller),
          highWaterMark, members.chunkSize);
      return;
    }
    const size = sizeOf(strategy), highWaterMark = highWaterMarkOf(strategy, 1);
    this.#stream = stream;
    stream.self = this;
    const controller = new DefaultController();
    const object = new ReadableStreamDefaultController(secret, controller);
    setUpController(stream, controller,
                    sourceAlgorithms(source, members, object), highWaterMark,
                    size);
  }

  static from(asyncIterable) {
    required(arguments.length, 1, "ReadableStream.from");
    return pipes().readableFrom(asyncIterable).self;
  }

  get locked() {
    return isLocked(this.#stream);
  }
  cancel(reason = undefined) {
    try {
      if (isLocked(this.#stream)) return fail("The stream is locked");
      return cancelStream(this.#stream, reason);
    } catch (error) {
      return rejectedWith(error);
    }
  }
  getReader(options = undefined) {
    this.#stream;
    let { mode } = dictionary(options);
    if (mode === undefined) return new ReadableStreamDefaultReader(this);
    if ((mode = `${mode}`) !== "byob") {
      throw new TypeError(`"${mode}" is no mode of a reader`);
    }
    return new (bytes().ReadableStreamBYOBReader)(this);
  }
  pipeThrough(transform, options = undefined) {
    const stream = this.#stream;
    required(arguments.length, 1, "pipeThrough");
    transform = dictionary(transform, "transform");
    const { readable } = transform;
    if (!isReadable(readable)) {
      throw new TypeError("transform.readable must be a ReadableStream");
    }
    const { writable } = transform;
    if (!writables().isWritable(writable)) {
      throw new TypeError("transform.writable must be a WritableStream");
    }
    options = pipeOptions(options);
    if (isLocked(stream)) throw new TypeError("The stream is locked");
    const target = writables().writableOf(writable);
    if (target.writer !== undefined) {
      throw new TypeError("transform.writable is locked");
    }
    markHandled(pipes().pipeTo(stream, target, options));
    return readable;
  }
  pipeTo(destination, options = undefined) {
    try {
      const stream = this.#stream;
      required(arguments.length, 1, "pipeTo");
      if (!writables().isWritable(destination)) {
        return fail("The destination must be a WritableStream");
      }
      options = pipeOptions(options);
      const target = writables().writableOf(destination);
      if (isLocked(stream)) return fail("The stream is locked");
      if (target.writer !== undefined) return fail("The destination is locked");
      return pipes().pipeTo(stream, target, options);
    } catch (error) {
      return rejectedWith(error);
    }
  }
  tee() {
    return pipes().tee(this.#stream).map((branch) => branch.self);
  }
  values(options = undefined) {
    const stream = this.#stream;
    const { preventCancel } = dictionary(options);
    return new ReadableStreamIterator(new Reader(stream, false),
                                      Boolean(preventCancel));
  }

  [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
    if (depth < 0) return "[ReadableStream]";
    const { locked } = this;
    const supportsBYOB = this.#stream.controller.isBytes === true;
    return "ReadableStream " +
        inspect({ locked, state: this.#stream.state, supportsBYOB }, options);
  }

  static {
    isReadable = (value) =>
      typeof value === "object" && value !== null && #stream in value;
    readableOf = (value) => {
      if (!isReadable(value)) throw new TypeError("It is no ReadableStream");
      return value.#stream;
    };
    Object.defineProperty(this.prototype, Symbol.asyncIterator, {
      value: this.prototype.values,
      writable: true,
      configurable: true,
    });
    enumerable(this, "ReadableStream", {
      module: "rill:internal/web/streams/readable",
      kind: "ReadableStream",
      serialize: () => null,
      transfer: (stream) => transfers().sendReadable(readableOf(stream)),
    });
  }
}

export { isReadable, readableOf };

export const receive = (kind, port) => transfers().receiveReadable(port).self;

// Asynchronous iteration (4.2.5, Web IDL 2.5.10) -----------------------------------

const asyncIteratorPrototype = Object.getPrototypeOf(
    Object.getPrototypeOf((async function* () {}).prototype));

let nextOf, returnOf;
class ReadableStreamIterator {
  #reader;
  #preventCancel;
  #ongoing; // the promise that next and return wait for, while
  #pending = 0; // so many of them are not settled
  #settled = (result) => {
    if (--this.#pending === 0) this.#ongoing = undefined;
    return result;
  };
  #failed = (error) => {
    if (--this.#pending === 0) this.#ongoing = undefined;
    throw error;
  };
  #finished = false;
  constructor(reader, preventCancel) {
    this.#reader = reader;
    this.#preventCancel = preventCancel;
  }
  static {
    class IteratorRequest extends ReadRequest {
      constructor(result, iterator) {
        super(result);
        this.iterator = iterator;
      }
      close() {
        this.iterator.#finished = true;
        try {
          releaseReader(this.iterator.#reader);
        } finally {
          super.close();
        }
      }
      error(reason) {
        this.iterator.#finished = true;
        try {
          releaseReader(this.iterator.#reader);
        } finally {
          super.error(reason);
        }
      }
    }
    const step = (it) => {
      const result = deferred();
      if (it.#finished) result.resolve({ value: undefined, done: true });
      else readFrom(it.#reader, new IteratorRequest(result, it));
      return react(result.promise, it.#settled, it.#failed);
    };
    const finish = (it, value) => {
      let result;
      if (it.#finished || it.#preventCancel) {
        result = resolvedWith(undefined);
      } else {
        result = cancelStream(it.#reader.stream, value);
      }
      if (!it.#finished) releaseReader(it.#reader);
      it.#finished = true;
      return react(result, () => it.#settled({ value, done: true }),
                   it.#failed);
    };
    // One at a time: what is asked for meanwhile waits for the last promise.
    const queued = (it, work) => {
      const ongoing = it.#ongoing;
      it.#pending++;
      return it.#ongoing =
          ongoing === undefined ? work() : react(ongoing, work, work);
    };
    nextOf = (it) => queued(it, () => step(it));
    returnOf = (it, value) => queued(it, () => finish(it, value));
  }
}
Object.setPrototypeOf(ReadableStreamIterator.prototype, asyncIteratorPrototype);
delete ReadableStreamIterator.prototype.constructor;
for (const [name, value] of Object.entries({
  next() {
    try {
      return nextOf(this);
    } catch (error) {
      return rejectedWith(error);
    }
  },
  return(value = undefined) {
    try {
      return returnOf(this, value);
    } catch (error) {
      return rejectedWith(error);
    }
  },
})) {
  Object.defineProperty(ReadableStreamIterator.prototype, name, {
    value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
Object.defineProperty(ReadableStreamIterator.prototype.return, "length",
                      { value: 1, configurable: true });
