// SPDX-License-Identifier: MIT
// How streams are constructed and end: _construct, destroy, 'error' and
// 'close'. Both halves of a duplex stream share this; `sides` gives the states
// that a stream has (_readableState, _writableState).
import {
  abortError,
  checkAbortSignal,
  codedError,
  invalidArgument,
  outOfRange,
} from "rill:internal/errors";
import { isOutOfMemory } from "rill:internal/introspect";
import { isNodeStream } from "rill:internal/streams/state";
import { nextTick } from "rill:internal/timers";

export const sides = (stream) => {
  const readable = stream._readableState, writable = stream._writableState;
  return readable === undefined ? (writable === undefined ? [] : [writable])
      : writable === undefined ? [readable] : [readable, writable];
};

// What the states of both kinds hold.
export function commonState(options, objectMode, highWaterMark) {
  return {
    objectMode: Boolean(objectMode),
    highWaterMark: Number(highWaterMark),
    length: 0,
    sync: true,
    constructed: true,
    autoDestroy: options.autoDestroy !== false,
    emitClose: options.emitClose !== false,
    destroyed: false,
    errored: null,
    errorEmitted: false,
    closed: false,
    closeEmitted: false,
    defaultEncoding: options.defaultEncoding ?? "utf8",
  };
}

const defaultMarks = { bytes: 16384, objects: 16 };
export const getDefaultHighWaterMark = (objectMode) =>
  defaultMarks[objectMode ? "objects" : "bytes"];
export function setDefaultHighWaterMark(objectMode, value) {
  if (typeof value !== "number") {
    throw invalidArgument("value", "of type number", value);
  }
  if (!Number.isInteger(value)) throw outOfRange("value", "an integer", value);
  if (value < 0 || value > Number.MAX_SAFE_INTEGER) {
    throw outOfRange("value", ">= 0 && <= 9007199254740991", value);
  }
  defaultMarks[objectMode ? "objects" : "bytes"] = value;
}

export function highWaterMarkOf(options, objectMode, side) {
  const mark = options.highWaterMark ?? options[`${side}HighWaterMark`];
  if (mark === undefined || mark === null) {
    return getDefaultHighWaterMark(objectMode);
  }
  if (!(Number.isInteger(mark) && mark >= 0)) {
    throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                     `The property 'options.highWaterMark' is invalid. ` +
                       `Received ${String(mark)}`);
  }
  return mark;
}

export function destroy(error, callback) {
  const readable = this._readableState, writable = this._writableState;
  if (readable?.destroyed || writable?.destroyed) {
    callback?.();
    return this;
  }
  try {
    beginDestroy(this, error, callback);
  } catch (failure) {
    if (!isOutOfMemory(failure) || (readable ?? writable)?.closed) throw failure;
    // It holds what is to be let go of, and can only be destroyed once.
    beginDestroy(this, error, callback);
  }
  return this;
}

function beginDestroy(stream, error, callback) {
  const states = sides(stream);
  for (const state of states) {
    state.destroyed = true;
    if (error) state.errored ??= error;
  }
  if (states.every((state) => state.constructed)) {
    finishDestroy(stream, states, error, callback);
  } else {
    stream.once(constructedEvent, (failure) =>
      finishDestroy(stream, states, error ?? failure, callback));
  }
}

function finishDestroy(stream, states, error, callback) {
  let called = false, isTold = false;
  const done = (failure) => {
    if (called) return;
    called = true;
    try {
      for (const state of states) {
        state.closed = true;
        if (failure) state.errored ??= failure;
      }
      callback?.(failure);
    } finally { // whatever the callback throws, or there is no memory for
      try {
        nextTick(tellEnd, stream, failure);
      } catch (error) {
        nextTick(tellEnd, stream, failure);
        throw error;
      }
    }
    isTold = true;
  };
  try {
    stream._destroy(error || null, done);
  } catch (failure) {
    if (called && !isTold) throw failure;
    if (!called && isOutOfMemory(failure)) destroyAgain(stream, failure, done);
    else done(failure);
  }
}

function tellEnd(stream, failure) {
  try {
    if (failure) emitError(stream, failure);
  } finally {
    emitClose(stream);
  }
}

// What a stream holds is let go of, though its first step ran out of memory.
function destroyAgain(stream, error, done) {
  try {
    stream._destroy(error, done);
  } catch {
    done(error);
  }
}

function emitError(stream, error) {
  const states = sides(stream);
  if (states.some((state) => state.errorEmitted)) return;
  for (const state of states) state.errorEmitted = true;
  stream.emit("error", error);
}

// A method of those that say more with 'close', or say it otherwise.
export const tellClose = Symbol("tellClose");

function emitClose(stream) {
  const states = sides(stream);
  for (const state of states) state.closeEmitted = true;
  if (states.some((state) => state.emitClose)) stream.emit("close");
  else stream[tellClose]?.();
}

// Reports an error the way the stream was asked to: by destroying itself, or
// only by the event.
export function errorOrDestroy(stream, error, sync = false) {
  const states = sides(stream);
  if (states.some((state) => state.destroyed)) return;
  if (states.some((state) => state.autoDestroy)) {
    stream.destroy(error);
    return;
  }
  for (const state of states) state.errored ??= error;
  if (sync) nextTick(emitError, stream, error);
  else emitError(stream, error);
}

// A method of those that end by destroy() alone: a step of theirs that failed
// does it.
export const destroyOnFailure = Symbol("destroyOnFailure");

export function failStep(stream, error) {
  if (stream[destroyOnFailure]) stream[destroyOnFailure](error);
  else errorOrDestroy(stream, error, true);
}

const constructedEvent = Symbol("constructed");

export function construct(stream, ready) {
  if (typeof stream._construct !== "function") return;
  const states = sides(stream);
  for (const state of states) state.constructed = false;
  stream.once(constructedEvent, (error) => {
    if (!error) ready();
  });
  if (stream.listenerCount(constructedEvent) > 1) return;
  let called = false;
  const done = (error) => {
    if (called) {
      errorOrDestroy(stream, error ?? codedError(
        Error, "ERR_MULTIPLE_CALLBACK", "Callback called multiple times"));
      return;
    }
    called = true;
    for (const state of sides(stream)) state.constructed = true;
    if (stream.destroyed) stream.emit(constructedEvent, error);
    else if (error) errorOrDestroy(stream, error, true);
    else nextTick(() => stream.emit(constructedEvent));
  };
  nextTick(() => {
    try {
      stream._construct((error) => nextTick(done, error));
    } catch (error) {
      nextTick(done, error);
    }
  });
}

// Options that stand in for methods of a subclass.
export function takeMethods(stream, options, names) {
  for (const name of names) {
    if (typeof options[name] === "function") stream[`_${name}`] = options[name];
  }
}

export function addAbortSignal(signal, stream) {
  checkAbortSignal(signal, "signal");
  if (!isNodeStream(stream)) {
    throw invalidArgument("stream", "an instance of Stream", stream);
  }
  const abort = () => stream.destroy(abortError(signal.reason));
  if (signal.aborted) {
    abort();
  } else {
    signal.addEventListener("abort", abort, { once: true });
    stream.once("close", () => signal.removeEventListener("abort", abort));
  }
  return stream;
}

// Getters that look into a state; `present` is when there is none.
export function stateGetters(prototype, side, getters) {
  for (const [name, [get, missing]] of Object.entries(getters)) {
    Object.defineProperty(prototype, name, {
      configurable: true,
      enumerable: false,
      get() {
        const state = this[side];
        return state === undefined ? missing : get(state, this);
      },
      set(value) {
        // Old code assigns to readable and writable.
        Object.defineProperty(this, name, {
          configurable: true,
          enumerable: true,
          writable: true,
          value,
        });
      },
    });
  }
}
