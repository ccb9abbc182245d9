// SPDX-License-Identifier: MIT
// Writable streams. One chunk is with _write at a time; the others wait in
// state.buffered. 'finish' comes after _final, when nothing is left.
import { Buffer } from "node:buffer";
import { codedError, invalidArgument } from "rill:internal/errors";
import { normalizeEncoding } from "rill:internal/encoding";
import {
  addAbortSignal,
  commonState,
  construct,
  destroy,
  errorOrDestroy,
  failStep,
  highWaterMarkOf,
  stateGetters,
  takeMethods,
} from "rill:internal/streams/destroy";
import { Stream } from "rill:internal/streams/legacy";
import { nextTick } from "rill:internal/timers";

export function initWritable(stream, options, isDuplex) {
  const objectMode = options.objectMode ||
      (isDuplex && options.writableObjectMode);
  const mark = highWaterMarkOf(options, objectMode, "writable");
  stream._writableState = {
    ...commonState(options, objectMode, mark),
    buffered: [],
    decodeStrings: options.decodeStrings !== false,
    ending: false,
    ended: false,
    finished: false,
    finalCalled: false,
    prefinished: false,
    writing: false,
    flushing: false,
    corked: 0,
    needDrain: false,
    pending: 0, // callbacks of writes that were not called yet
    endCallbacks: [],
    writable: true,
  };
}

export const writableMethods = ["write", "writev", "destroy", "final",
                                "construct"];

export function Writable(options = {}) {
  const isDuplex = this?._readableState !== undefined;
  if (!isDuplex && !(this instanceof Writable)) return new Writable(options);
  options ??= {};
  initWritable(this, options, isDuplex);
  takeMethods(this, options, writableMethods);
  Stream.call(this, options);
  if (options.signal) addAbortSignal(options.signal, this);
  construct(this, () => writableReady(this));
}
Object.setPrototypeOf(Writable.prototype, Stream.prototype);
Object.setPrototypeOf(Writable, Stream);
// A duplex stream is both, though it inherits from Readable only.
Object.defineProperty(Writable, Symbol.hasInstance, {
  value(object) {
    return Function.prototype[Symbol.hasInstance].call(this, object) ||
        (this === Writable && object?._writableState !== undefined);
  },
});

export function writableReady(stream) {
  const state = stream._writableState;
  if (!state.writing) flush(stream, state);
  maybeFinish(stream, state);
}

const coded = (code, message) => codedError(Error, code, message);
const multipleCallback = () =>
  coded("ERR_MULTIPLE_CALLBACK", "Callback called multiple times");
const destroyedError = (method) =>
  coded("ERR_STREAM_DESTROYED",
        `Cannot call ${method} after a stream was destroyed`);

function write(stream, chunk, encoding, callback) {
  const state = stream._writableState;
  if (typeof encoding === "function") [encoding, callback] = [null, encoding];
  encoding = encoding ? encoding : state.defaultEncoding;
  if (encoding !== "buffer" && encoding !== "utf8" &&
      normalizeEncoding(encoding) === undefined) {
    throw codedError(TypeError, "ERR_UNKNOWN_ENCODING",
                     `Unknown encoding: ${encoding}`);
  }
  if (typeof callback !== "function") callback = () => {};
  if (chunk === null) {
    throw codedError(TypeError, "ERR_STREAM_NULL_VALUES",
                     "May not write null values to stream");
  }
  if (!state.objectMode) {
    if (typeof chunk === "string") {
      if (state.decodeStrings) {
        chunk = Buffer.from(chunk, encoding);
        encoding = "buffer";
      }
    } else if (chunk instanceof Uint8Array) {
      if (!Buffer.isBuffer(chunk)) {
        chunk = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      }
      encoding = "buffer";
    } else {
      throw invalidArgument(
        "chunk", "of type string or an instance of Buffer or Uint8Array",
        chunk);
    }
  }
  const error = state.ending
      ? coded("ERR_STREAM_WRITE_AFTER_END", "write after end")
      : state.destroyed ? destroyedError("write") : undefined;
  if (error !== undefined) {
    nextTick(callback, error);
    errorOrDestroy(stream, error, true);
    return error;
  }
  state.pending++;
  const length = state.objectMode ? 1 : chunk.length;
  state.length += length;
  const below = state.length < state.highWaterMark;
  if (!below) state.needDrain = true;
  const entry = { chunk, encoding, callback, length };
  if (state.writing || state.corked || state.errored || !state.constructed) {
    state.buffered.push(entry);
  } else {
    start(stream, state, [entry], false);
  }
  return below && !state.errored && !state.destroyed;
}

// Hands entries to _write (one) or to _writev.
function start(stream, state, entries, several) {
  let called = false;
  state.writing = true;
  state.sync = true;
  const done = (error) => {
    if (called) {
      errorOrDestroy(stream, multipleCallback());
      return;
    }
    called = true;
    afterWrite(stream, state, entries, error);
  };
  if (state.destroyed) done(destroyedError("write"));
  else if (several) stream._writev(entries, done);
  else stream._write(entries[0].chunk, entries[0].encoding, done);
  state.sync = false;
}

function afterWrite(stream, state, entries, error) {
  const { sync } = state;
  state.writing = false;
  for (const { length } of entries) state.length -= length;
  const report = () => {
    state.pending -= entries.length;
    for (const { callback } of entries) callback(error ?? null);
  };
  if (error) {
    state.errored ??= error;
    const fail = () => {
      try {
        report();
        failBuffered(state);
      } finally {
        failStep(stream, error); // whatever a callback throws
      }
    };
    if (sync) nextTick(fail);
    else fail();
    return;
  }
  if (state.buffered.length > 0) flush(stream, state);
  const proceed = () => {
    const drain = !state.ending && !stream.destroyed && state.length === 0 &&
        state.needDrain;
    if (drain) {
      state.needDrain = false;
      stream.emit("drain");
    }
    report();
    if (state.destroyed) failBuffered(state);
    maybeFinish(stream, state);
  };
  if (sync) nextTick(proceed);
  else proceed();
}

function failBuffered(state) {
  if (state.writing) return;
  const entries = state.buffered.splice(0);
  for (const { callback, length } of entries) {
    state.length -= length;
    state.pending--;
    callback(state.errored ?? destroyedError("write"));
  }
  for (const callback of state.endCallbacks.splice(0)) {
    callback(state.errored ?? destroyedError("end"));
  }
}

function flush(stream, state) {
  if (state.corked || state.flushing || state.destroyed ||
      !state.constructed) {
    return;
  }
  state.flushing = true;
  if (state.buffered.length > 1 && stream._writev) {
    start(stream, state, state.buffered.splice(0), true);
  } else {
    while (state.buffered.length > 0 && !state.writing) {
      start(stream, state, [state.buffered.shift()], false);
    }
  }
  state.flushing = false;
}

function maybeFinish(stream, state, sync) {
  if (!state.ending || state.destroyed || !state.constructed ||
      state.length !== 0 || state.errored || state.buffered.length > 0 ||
      state.finished || state.writing) {
    return;
  }
  if (!state.finalCalled) {
    state.finalCalled = true;
    if (typeof stream._final === "function") {
      state.pending++;
      let called = false;
      const done = (error) => {
        if (called) {
          errorOrDestroy(stream, error ?? multipleCallback());
          return;
        }
        called = true;
        state.pending--;
        if (error) {
          for (const f of state.endCallbacks.splice(0)) f(error);
          failStep(stream, error);
        } else {
          state.prefinished = true;
          stream.emit("prefinish");
          nextTick(finish, stream, state);
        }
      };
      try {
        stream._final(done);
      } catch (error) {
        done(error);
      }
      return;
    }
    state.prefinished = true;
    stream.emit("prefinish");
  }
  if (!state.prefinished || state.pending > 0) return;
  if (!sync) finish(stream, state);
  else nextTick(() => {
    if (!state.destroyed) finish(stream, state);
  });
}

function finish(stream, state) {
  if (state.finished || state.errored || state.closeEmitted ||
      state.pending > 0) {
    return;
  }
  state.finished = true;
  for (const callback of state.endCallbacks.splice(0)) callback();
  stream.emit("finish");
  if (!state.autoDestroy) return;
  const readable = stream._readableState;
  if (!readable || (readable.autoDestroy &&
                    (readable.endEmitted || readable.readable === false))) {
    stream.destroy();
  }
}

const methods = {
  _write(chunk, encoding, done) {
    if (!this._writev) {
      throw coded("ERR_METHOD_NOT_IMPLEMENTED",
                  "The _write() method is not implemented");
    }
    this._writev([{ chunk, encoding }], done);
  },
  _writev: null,
  _destroy(error, done) {
    done(error);
  },
  write(chunk, encoding, callback) {
    return write(this, chunk, encoding, callback) === true;
  },
  end(chunk, encoding, callback) {
    const state = this._writableState;
    if (typeof chunk === "function") {
      [chunk, encoding, callback] = [undefined, undefined, chunk];
    } else if (typeof encoding === "function") {
      [encoding, callback] = [undefined, encoding];
    }
    let error;
    if (chunk !== undefined && chunk !== null) {
      const result = write(this, chunk, encoding);
      if (result instanceof Error) error = result;
    }
    if (state.corked) {
      state.corked = 1;
      this.uncork();
    }
    if (error === undefined) {
      if (!state.errored && !state.ending) {
        state.ending = true;
        maybeFinish(this, state, true);
        state.ended = true;
      } else if (state.finished) {
        error = coded("ERR_STREAM_ALREADY_FINISHED",
                      "Cannot call end after a stream was finished");
      } else if (state.destroyed) {
        error = destroyedError("end");
      }
    }
    if (typeof callback === "function") {
      if (error || state.finished) nextTick(callback, error);
      else state.endCallbacks.push(callback);
    }
    return this;
  },
  cork() {
    this._writableState.corked++;
  },
  uncork() {
    const state = this._writableState;
    if (state.corked === 0) return;
    state.corked--;
    if (!state.writing) flush(this, state);
  },
  setDefaultEncoding(encoding) {
    if (normalizeEncoding(encoding) === undefined) {
      throw codedError(TypeError, "ERR_UNKNOWN_ENCODING",
                       `Unknown encoding: ${encoding}`);
    }
    this._writableState.defaultEncoding = String(encoding).toLowerCase();
    return this;
  },
  destroy(error, callback) {
    const state = this._writableState;
    if (!state.destroyed &&
        (state.buffered.length > 0 || state.endCallbacks.length > 0)) {
      try {
        nextTick(failBuffered, state);
      } catch {
        nextTick(failBuffered, state); // who waits for them is told
      }
    }
    return destroy.call(this, error, callback);
  },
};
Object.assign(Writable.prototype, methods);
Writable.prototype.pipe = function () {
  errorOrDestroy(this, coded("ERR_STREAM_CANNOT_PIPE",
                             "Cannot pipe, not readable"));
};

const getters = {
  writable: [(s) => s.writable !== false && !s.destroyed && !s.errored &&
                    !s.ending && !s.ended, false],
  writableAborted: [(s) => (s.destroyed || Boolean(s.errored)) && !s.finished,
                    false],
  writableCorked: [(s) => s.corked, 0],
  writableEnded: [(s) => s.ending, false],
  writableFinished: [(s) => s.finished, false],
  writableHighWaterMark: [(s) => s.highWaterMark, undefined],
  writableLength: [(s) => s.length, undefined],
  writableNeedDrain: [(s) => !s.destroyed && !s.ending && s.needDrain, false],
  writableObjectMode: [(s) => s.objectMode, false],
  writableBuffer: [(s) => s.buffered, undefined],
};
stateGetters(Writable.prototype, "_writableState", {
  ...getters,
  errored: [(s) => s.errored, null],
  closed: [(s) => s.closed, false],
});
Object.defineProperty(Writable.prototype, "destroyed", {
  configurable: true,
  get() {
    return this._writableState?.destroyed ?? false;
  },
  set(value) {
    if (this._writableState) this._writableState.destroyed = value;
  },
});

// What a duplex stream takes over from Writable.
export function mixInWritable(prototype) {
  for (const name of Object.keys(methods)) {
    if (name !== "destroy" && name !== "_destroy") {
      prototype[name] = methods[name];
    }
  }
  prototype.destroy = methods.destroy;
  stateGetters(prototype, "_writableState", getters);
}
