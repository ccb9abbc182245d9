// SPDX-License-Identifier: MIT
// pipeTo, tee and ReadableStream.from (WHATWG Streams 4.9.1, 4.2.4).
import { addAlgorithm } from "rill:internal/web/abort";
import {
  deferred,
  markHandled,
  react,
  rejectedWith,
  resolvedWith,
  upon,
} from "rill:internal/web/streams/common";
import { byteControls, readInto } from "rill:internal/web/streams/byte";
import {
  canCloseOrEnqueue,
  cancelStream,
  closeController,
  createReadable,
  createReadableBytes,
  enqueueChunk,
  errorController,
  readFrom,
  Reader,
  releaseReader,
} from "rill:internal/web/streams/readable";
import {
  abortStream,
  closeQueuedOrInFlight,
  closeWithErrorPropagation,
  releaseWriter,
  Writer,
  writerDesiredSize,
  writeTo,
} from "rill:internal/web/streams/writable";

// ReadableStreamPipeTo -----------------------------------------------------------

export function pipeTo(source, target, { preventAbort, preventCancel,
                                         preventClose, signal }) {
  const reader = new Reader(source, false);
  const writer = new Writer(target);
  source.disturbed = true;
  const result = deferred();
  let shuttingDown = false, isOver = false;
  let lastWrite = resolvedWith(undefined);
  let forgetSignal;

  const finalize = (failed, error) => {
    isOver = true;
    try {
      if (writer.stream !== undefined) releaseWriter(writer);
      if (reader.stream !== undefined) releaseReader(reader);
      forgetSignal?.();
    } finally {
      if (failed) result.reject(error);
      else result.resolve(undefined);
    }
  };
  // A step of the pipe threw, for want of memory or stack: nobody is left to
  // wait at either end.
  const breakOff = (error) => {
    try {
      try {
        if (target.state === "writable") markHandled(abortStream(target, error));
      } finally {
        if (source.state === "readable") markHandled(cancelStream(source, error));
      }
    } finally {
      finalize(true, error);
    }
  };
  // What has been read must have been written. More may be written meanwhile.
  const writesFinished = () => {
    const awaited = lastWrite;
    return react(awaited,
                 () => (awaited === lastWrite ? undefined : writesFinished()));
  };
  const shutdown = (failed, error, action = undefined) => {
    if (shuttingDown) return;
    shuttingDown = true;
    const act = action === undefined ? () => finalize(failed, error)
        : () => {
          upon(action(), () => finalize(failed, error),
                (reason) => finalize(true, reason));
        };
    try {
      if (target.state === "writable" && !closeQueuedOrInFlight(target)) {
        upon(writesFinished(), act, breakOff);
      } else {
        act();
      }
    } catch (error) {
      breakOff(error);
    }
  };

  if (signal !== undefined) {
    const abort = () => {
      const error = signal.reason;
      const actions = [];
      if (!preventAbort) {
        actions.push(() => (target.state === "writable"
            ? abortStream(target, error) : resolvedWith(undefined)));
      }
      if (!preventCancel) {
        actions.push(() => (source.state === "readable"
            ? cancelStream(source, error) : resolvedWith(undefined)));
      }
      shutdown(true, error,
               () => allOf(actions.map((action) => action())));
    };
    if (signal.aborted) {
      abort();
      return result.promise;
    }
    forgetSignal = addAlgorithm(signal, abort);
  }

  const sourceErrored = () => {
    const error = source.storedError;
    if (preventAbort) shutdown(true, error);
    else shutdown(true, error, () => abortStream(target, error));
  };
  const sourceClosed = () => {
    if (preventClose) shutdown(false);
    else shutdown(false, undefined, () => closeWithErrorPropagation(writer));
  };
  const targetErrored = () => {
    const error = target.storedError;
    if (preventCancel) shutdown(true, error);
    else shutdown(true, error, () => cancelStream(source, error));
  };

  // The conditions of shutdown, errors forward first.
  if (source.state === "errored") sourceErrored();
  if (target.state === "errored") {
    targetErrored();
  } else {
    upon(writer.closed.promise, undefined, targetErrored);
  }
  if (source.state === "closed") {
    sourceClosed();
  } else {
    upon(reader.closed.promise, sourceClosed, (error) => {
      if (source.state === "errored") sourceErrored();
      else if (!isOver) breakOff(error); // sourceClosed threw
    });
  }
  if (closeQueuedOrInFlight(target) || target.state === "closed") {
    const error = new TypeError("The destination is closed");
    if (preventCancel) shutdown(true, error);
    else shutdown(true, error, () => cancelStream(source, error));
  }

  const ignore = () => {};
  let isReading = false;
  const request = {
    chunk(chunk) {
      const write = () => (writer.stream === undefined ? undefined
          : react(writeTo(writer, chunk), undefined, ignore));
      // What the source enqueues later must not be written within its call.
      lastWrite = isReading ? write()
          : react(react(resolvedWith(undefined), write), undefined, readFailed);
      next();
    },
    close: ignore,
    error: ignore,
  };
  const read = () => {
    if (shuttingDown) return;
    // Backpressure may have come back since `ready`.
    if (writerDesiredSize(writer) > 0) {
      isReading = true;
      try {
        readFrom(reader, request);
      } finally {
        isReading = false;
      }
    } else {
      next();
    }
  };
  // What fails the writer's end is told by its `closed`.
  const readFailed = (error) => {
    if (target.state === "writable" && !shuttingDown) {
      shuttingDown = true;
      breakOff(error);
    }
  };
  const next = () => {
    if (!shuttingDown) upon(writer.ready.promise, read, readFailed);
  };
  next();
  return result.promise;
}

// Waits for all; rejects with the first reason.
function allOf(promises) {
  const result = deferred();
  let left = promises.length;
  if (left === 0) result.resolve(undefined);
  for (const promise of promises) {
    upon(promise, () => {
      if (--left === 0) result.resolve(undefined);
    }, (reason) => result.reject(reason));
  }
  return result.promise;
}

// ReadableStreamTee ------------------------------------------------------------

export function tee(stream) {
  return stream.controller.isBytes ? teeBytes(stream) : teeDefault(stream);
}

// Both branches' cancellation: the stream is canceled once both are. What their
// own steps throw, for want of memory or stack, ends them and the stream:
// `guarded` are steps, `breakOff` is for the error of a read of a stream that
// did not fail. fail(controller, error) errors a branch.
function cancelBoth(stream, branches, fail) {
  const canceled = [false, false], reasons = [undefined, undefined];
  const result = deferred();
  const cancel = (branch) => (reason) => {
    canceled[branch] = true;
    reasons[branch] = reason;
    if (canceled[1 - branch]) {
      result.resolve(cancelStream(stream, [reasons[0], reasons[1]]));
    }
    return result.promise;
  };
  const breakOff = (error) => {
    for (const { controller } of branches) fail(controller, error);
    result.resolve(cancelStream(stream, error));
  };
  const guarded = (step) => () => {
    try {
      step();
    } catch (error) {
      breakOff(error);
    }
  };
  return { canceled, result, cancel, breakOff, guarded };
}

function teeDefault(stream) {
  const reader = new Reader(stream, false);
  const branches = [];
  const { canceled, result, cancel, breakOff, guarded } =
      cancelBoth(stream, branches, errorController);
  let reading = false, readAgain = false;
  const pull = () => {
    if (reading) {
      readAgain = true;
      return resolvedWith(undefined);
    }
    reading = true;
    readFrom(reader, {
      chunk(chunk) {
        queueMicrotask(guarded(() => {
          readAgain = false;
          for (let i = 0; i < 2; i++) {
            const { controller } = branches[i];
            if (!canceled[i] && canCloseOrEnqueue(controller)) {
              enqueueChunk(controller, chunk);
            }
          }
          reading = false;
          if (readAgain) pull();
        }));
      },
      close() {
        reading = false;
        for (let i = 0; i < 2; i++) {
          if (!canceled[i]) closeController(branches[i].controller);
        }
        if (!canceled[0] || !canceled[1]) result.resolve(undefined);
      },
      error(error) {
        reading = false;
        if (stream.state !== "errored") breakOff(error);
      },
    });
    return resolvedWith(undefined);
  };
  for (let i = 0; i < 2; i++) {
    branches.push(
        createReadable({ start: undefined, pull, cancel: cancel(i) }));
  }
  upon(reader.closed.promise, undefined, (error) => {
    for (const { controller } of branches) errorController(controller, error);
    if (!canceled[0] || !canceled[1]) result.resolve(undefined);
  });
  return branches;
}

function teeBytes(stream) {
  let reader = new Reader(stream, false);
  const branches = [];
  const { canceled, result, cancel, breakOff, guarded } =
      cancelBoth(stream, branches, byteControls.error);
  let reading = false;
  const readAgainFor = [false, false];

  const forwardErrors = (thisReader) => {
    upon(thisReader.closed.promise, undefined, (error) => {
      if (thisReader !== reader) return;
      for (const { controller } of branches) {
        byteControls.error(controller, error);
      }
      if (!canceled[0] || !canceled[1]) result.resolve(undefined);
    });
  };
  const switchReader = (isByob) => {
    if (reader.isByob === isByob) return;
    releaseReader(reader);
    reader = new Reader(stream, isByob);
    forwardErrors(reader);
  };
  // A copy for the other branch; if there is none, all ends in that error.
  const cloneChunk = (chunk) => new Uint8Array(chunk.buffer.slice(
      chunk.byteOffset, chunk.byteOffset + chunk.byteLength));
  const afterChunk = () => {
    reading = false;
    if (readAgainFor[0]) pull(0);
    else if (readAgainFor[1]) pull(1);
  };

  const pullWithDefaultReader = () => {
    switchReader(false);
    readFrom(reader, {
      chunk(chunk) {
        queueMicrotask(guarded(() => {
          readAgainFor[0] = readAgainFor[1] = false;
          let second = chunk;
          if (!canceled[0] && !canceled[1]) second = cloneChunk(chunk);
          const chunks = [chunk, second];
          for (let i = 0; i < 2; i++) {
            if (!canceled[i]) {
              byteControls.enqueue(branches[i].controller, chunks[i]);
            }
          }
          afterChunk();
        }));
      },
      close() {
        reading = false;
        for (let i = 0; i < 2; i++) {
          if (!canceled[i]) byteControls.close(branches[i].controller);
        }
        for (const { controller } of branches) {
          if (controller.pendingPullIntos.length > 0) {
            byteControls.respond(controller, 0);
          }
        }
        if (!canceled[0] || !canceled[1]) result.resolve(undefined);
      },
      error(error) {
        reading = false;
        if (stream.state !== "errored") breakOff(error);
      },
    });
  };

  const pullWithByobReader = (view, branch) => {
    switchReader(true);
    const byob = branches[branch].controller;
    const other = branches[1 - branch].controller;
    readInto(reader, view, 1, {
      chunk(chunk) {
        queueMicrotask(guarded(() => {
          readAgainFor[0] = readAgainFor[1] = false;
          const byobCanceled = canceled[branch];
          if (!canceled[1 - branch]) {
            const clone = cloneChunk(chunk);
            if (!byobCanceled) byteControls.respondWithNewView(byob, chunk);
            byteControls.enqueue(other, clone);
          } else if (!byobCanceled) {
            byteControls.respondWithNewView(byob, chunk);
          }
          afterChunk();
        }));
      },
      close(chunk) {
        reading = false;
        if (!canceled[branch]) byteControls.close(byob);
        if (!canceled[1 - branch]) byteControls.close(other);
        if (chunk !== undefined) {
          if (!canceled[branch]) byteControls.respondWithNewView(byob, chunk);
          if (!canceled[1 - branch] && other.pendingPullIntos.length > 0) {
            byteControls.respond(other, 0);
          }
        }
        if (!canceled[branch] || !canceled[1 - branch]) {
          result.resolve(undefined);
        }
      },
      error(error) {
        reading = false;
        if (stream.state !== "errored") breakOff(error);
      },
    });
  };

  const pull = (branch) => {
    if (reading) {
      readAgainFor[branch] = true;
      return resolvedWith(undefined);
    }
    reading = true;
    const request = byteControls.request(branches[branch].controller);
    if (request === null) pullWithDefaultReader();
    else pullWithByobReader(request.view, branch);
    return resolvedWith(undefined);
  };
  for (let i = 0; i < 2; i++) {
    branches.push(createReadableBytes(
        () => ({
          start: undefined,
          pull: () => pull(i),
          cancel: cancel(i),
        })));
  }
  forwardErrors(reader);
  return branches;
}

// ReadableStreamFromIterable --------------------------------------------------------

export function readableFrom(iterable) {
  let method, isSync = false;
  if (iterable !== undefined && iterable !== null) {
    method = iterable[Symbol.asyncIterator];
    if (method === undefined || method === null) {
      method = iterable[Symbol.iterator];
      isSync = true;
    }
  }
  if (typeof method !== "function") {
    throw new TypeError("The argument must be iterable");
  }
  const iterator = method.call(iterable);
  if (iterator === null ||
      (typeof iterator !== "object" && typeof iterator !== "function")) {
    throw new TypeError("The iterator must be an object");
  }
  const nextMethod = iterator.next;
  const isObject = (value) =>
    value !== null && (typeof value === "object" || typeof value === "function");
  // What a sync iterator yields is awaited (CreateAsyncFromSyncIterator).
  const unwrap = (result) => {
    if (!isObject(result)) throw new TypeError("The result must be an object");
    const done = Boolean(result.done);
    if (done) return { done, value: undefined };
    const { value } = result;
    return isSync ? react(resolvedWith(value), (v) => ({ done, value: v }),
                          (error) => {
                            closeQuietly(iterator);
                            throw error;
                          })
        : { done, value };
  };
  const stream = createReadable({
    start: undefined,
    pull() {
      let next;
      try {
        next = nextMethod.call(iterator);
        next = isSync ? resolvedWith(unwrap(next))
            : react(resolvedWith(next), unwrap);
      } catch (error) {
        return rejectedWith(error);
      }
      return react(next, ({ done, value }) => {
        if (done) closeController(stream.controller);
        else enqueueChunk(stream.controller, value);
      });
    },
    cancel(reason) {
      let done;
      try {
        const method = iterator.return;
        if (method === undefined || method === null) {
          return resolvedWith(undefined);
        }
        done = method.call(iterator, reason);
      } catch (error) {
        return rejectedWith(error);
      }
      return react(resolvedWith(done), (result) => {
        if (!isObject(result)) {
          throw new TypeError("The result of return must be an object");
        }
      });
    },
  }, 0);
  return stream;
}

function closeQuietly(iterator) {
  try {
    iterator.return?.();
  } catch {
    // The error that is on its way counts.
  }
}
