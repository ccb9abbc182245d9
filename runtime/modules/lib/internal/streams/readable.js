// SPDX-License-Identifier: MIT
// Readable streams. Chunks wait in state.buffer until they are read or, while
// the stream flows, go out as 'data' as soon as they are pushed.
import { Buffer } from "node:buffer";
import { StringDecoder } from "node:string_decoder";
import {
  abortError,
  checkAbortSignal,
  checkObject,
  codedError,
  invalidArgument,
} from "rill:internal/errors";
import { loadBuiltin } from "rill:internal/modules";
import {
  addAbortSignal,
  commonState,
  construct,
  destroy,
  errorOrDestroy,
  highWaterMarkOf,
  stateGetters,
  takeMethods,
} from "rill:internal/streams/destroy";
import { Stream } from "rill:internal/streams/legacy";
import { operators } from "rill:internal/streams/operators";
import { destroyStream } from "rill:internal/streams/state";
import { nextTick } from "rill:internal/timers";

export function initReadable(stream, options, isDuplex) {
  const objectMode = options.objectMode ||
      (isDuplex && options.readableObjectMode);
  const mark = highWaterMarkOf(options, objectMode, "readable");
  stream._readableState = {
    ...commonState(options, objectMode, mark),
    buffer: [],
    pipes: [],
    flowing: null,
    ended: false,
    endEmitted: false,
    reading: false,
    needReadable: false,
    emittedReadable: false,
    readableListening: false,
    resumeScheduled: false,
    readingMore: false,
    dataEmitted: false,
    waitingForDrain: new Set(),
    decoder: null,
    encoding: null,
  };
  if (options.encoding) {
    stream._readableState.decoder = new StringDecoder(options.encoding);
    stream._readableState.encoding = options.encoding;
  }
}

export function Readable(options = {}) {
  if (!(this instanceof Readable)) return new Readable(options);
  options ??= {};
  initReadable(this, options, false);
  takeMethods(this, options, ["read", "destroy", "construct"]);
  Stream.call(this, options);
  if (options.signal) addAbortSignal(options.signal, this);
  construct(this, () => {
    if (this._readableState.needReadable) readMore(this);
  });
}
Object.setPrototypeOf(Readable.prototype, Stream.prototype);
Object.setPrototypeOf(Readable, Stream);

// ---- from the source to the buffer

function toChunk(stream, state, chunk, encoding) {
  if (state.objectMode) return chunk;
  if (typeof chunk === "string") {
    const from = encoding || state.defaultEncoding;
    return state.decoder !== null && state.encoding === from
        ? chunk : Buffer.from(chunk, from);
  }
  if (chunk instanceof Uint8Array) {
    return Buffer.isBuffer(chunk) ? chunk
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  throw invalidArgument(
    "chunk", "of type string or an instance of Buffer or Uint8Array", chunk);
}

const wantsMore = (state) =>
  !state.ended && (state.length < state.highWaterMark || state.length === 0);

function add(stream, chunk, encoding, first) {
  const state = stream._readableState;
  if (chunk === null) {
    state.reading = false;
    endOfSource(stream, state);
    return false;
  }
  try {
    if (chunk !== undefined) chunk = toChunk(stream, state, chunk, encoding);
    else if (!state.objectMode) chunk = "";
  } catch (error) {
    errorOrDestroy(stream, error);
    return false;
  }
  if (!state.objectMode && chunk.length === 0) {
    state.reading = false;
    readMoreSoon(stream, state);
    return wantsMore(state);
  }
  if (first) {
    if (state.endEmitted) {
      errorOrDestroy(stream, codedError(
        Error, "ERR_STREAM_UNSHIFT_AFTER_END_EVENT",
        "stream.unshift() after end event"));
    } else if (!state.destroyed && !state.errored) {
      store(stream, state, chunk, true);
    }
    return wantsMore(state);
  }
  if (state.ended) {
    errorOrDestroy(stream, codedError(Error, "ERR_STREAM_PUSH_AFTER_EOF",
                                      "stream.push() after EOF"));
    return wantsMore(state);
  }
  if (state.destroyed || state.errored) return false;
  state.reading = false;
  if (state.decoder !== null && !encoding) {
    chunk = state.decoder.write(chunk);
    if (!state.objectMode && chunk.length === 0) {
      readMoreSoon(stream, state);
      return wantsMore(state);
    }
  }
  store(stream, state, chunk, false);
  return wantsMore(state);
}

function store(stream, state, chunk, first) {
  if (state.flowing && state.length === 0 && !state.sync &&
      stream.listenerCount("data") > 0) {
    state.waitingForDrain.clear();
    state.dataEmitted = true;
    stream.emit("data", chunk);
  } else {
    state.length += state.objectMode ? 1 : chunk.length;
    if (first) state.buffer.unshift(chunk);
    else state.buffer.push(chunk);
    if (state.needReadable) emitReadable(stream);
  }
  readMoreSoon(stream, state);
}

function endOfSource(stream, state) {
  if (state.ended) return;
  const rest = state.decoder?.end();
  if (rest) {
    state.buffer.push(rest);
    state.length += state.objectMode ? 1 : rest.length;
  }
  state.ended = true;
  if (state.sync) {
    emitReadable(stream);
  } else {
    state.needReadable = false;
    state.emittedReadable = true;
    emitReadableNow(stream);
  }
}

function readMoreSoon(stream, state) {
  if (state.readingMore || !state.constructed) return;
  state.readingMore = true;
  nextTick(readMore, stream);
}

function readMore(stream) {
  const state = stream._readableState;
  while (!state.reading && !state.ended &&
         (state.length < state.highWaterMark ||
          (state.flowing && state.length === 0))) {
    const before = state.length;
    stream.read(0);
    if (state.length === before) break;
  }
  state.readingMore = false;
}

// ---- from the buffer to the reader

function amount(state, n) {
  if (n <= 0 || (state.length === 0 && state.ended)) return 0;
  if (state.objectMode) return 1;
  if (Number.isNaN(n)) {
    return state.flowing && state.length > 0 ? state.buffer[0].length
                                             : state.length;
  }
  return n <= state.length ? n : state.ended ? state.length : 0;
}

function take(state, n) {
  const { buffer } = state;
  if (state.length === 0) return null;
  if (state.objectMode) return buffer.shift();
  if (!n || n >= state.length) {
    const all = buffer.length === 1 ? buffer[0]
        : state.decoder !== null ? buffer.join("") : Buffer.concat(buffer);
    buffer.length = 0;
    return all;
  }
  if (n < buffer[0].length) {
    const part = buffer[0].slice(0, n);
    buffer[0] = buffer[0].slice(n);
    return part;
  }
  const parts = [];
  for (let left = n; left > 0;) {
    const chunk = buffer[0];
    if (chunk.length <= left) {
      parts.push(buffer.shift());
    } else {
      parts.push(chunk.slice(0, left));
      buffer[0] = chunk.slice(left);
    }
    left -= chunk.length;
  }
  if (parts.length === 1) return parts[0];
  return state.decoder !== null ? parts.join("") : Buffer.concat(parts);
}

function callRead(stream, state) {
  state.reading = true;
  state.sync = true;
  if (state.length === 0) state.needReadable = true;
  try {
    stream._read(state.highWaterMark);
  } catch (error) {
    errorOrDestroy(stream, error);
  }
  state.sync = false;
}

function emitReadable(stream) {
  const state = stream._readableState;
  state.needReadable = false;
  if (state.emittedReadable) return;
  state.emittedReadable = true;
  nextTick(emitReadableNow, stream);
}

function emitReadableNow(stream) {
  const state = stream._readableState;
  if (!state.destroyed && !state.errored && (state.length || state.ended)) {
    stream.emit("readable");
    state.emittedReadable = false;
  }
  state.needReadable = !state.flowing && !state.ended &&
      state.length <= state.highWaterMark;
  flow(stream);
}

function flow(stream) {
  const state = stream._readableState;
  while (state.flowing && stream.read() !== null);
}

function endSoon(stream) {
  const state = stream._readableState;
  if (state.endEmitted) return;
  state.ended = true;
  nextTick(() => {
    if (state.errored || state.closeEmitted || state.endEmitted ||
        state.length > 0) {
      return;
    }
    state.endEmitted = true;
    stream.emit("end");
    const writable = stream._writableState;
    if (writable !== undefined && stream.writable &&
        stream.allowHalfOpen === false) {
      nextTick(() => {
        if (stream.writable && !stream.writableEnded && !stream.destroyed) {
          stream.end();
        }
      });
    } else if (state.autoDestroy &&
               (!writable || (writable.autoDestroy &&
                              (writable.finished || !writable.writable)))) {
      stream.destroy();
    }
  });
}

function updateListening(stream) {
  const state = stream._readableState;
  state.readableListening = stream.listenerCount("readable") > 0;
  if (state.resumeScheduled && !state.paused) state.flowing = true;
  else if (stream.listenerCount("data") > 0) stream.resume();
  else if (!state.readableListening) state.flowing = null;
}

const { on, off, removeAllListeners } = Stream.prototype;

const methods = {
  _read() {
    throw codedError(Error, "ERR_METHOD_NOT_IMPLEMENTED",
                     "The _read() method is not implemented");
  },
  _destroy(error, done) {
    done(error);
  },
  destroy,
  push(chunk, encoding) {
    return add(this, chunk, encoding, false);
  },
  unshift(chunk, encoding) {
    return add(this, chunk, encoding, true);
  },
  isPaused() {
    const state = this._readableState;
    return state.paused === true || state.flowing === false;
  },
  setEncoding(encoding) {
    const state = this._readableState;
    const decoder = new StringDecoder(encoding);
    state.decoder = decoder;
    state.encoding = decoder.encoding;
    const text = state.buffer.map((chunk) => decoder.write(chunk)).join("");
    state.buffer = text === "" ? [] : [text];
    state.length = text.length;
    return this;
  },
  read(count) {
    const state = this._readableState;
    const asked = count === undefined ? NaN : Math.trunc(count);
    if (asked > state.highWaterMark) {
      state.highWaterMark = 2 ** Math.ceil(Math.log2(asked));
    }
    if (asked !== 0) state.emittedReadable = false;
    if (asked === 0 && state.needReadable &&
        (state.ended || (state.highWaterMark !== 0
            ? state.length >= state.highWaterMark : state.length > 0))) {
      if (state.length === 0 && state.ended) endSoon(this);
      else emitReadable(this);
      return null;
    }
    let n = amount(state, asked);
    if (n === 0 && state.ended) {
      if (state.length === 0) endSoon(this);
      return null;
    }
    const low = state.needReadable || state.length === 0 ||
        state.length - n < state.highWaterMark;
    if (low && !state.ended && !state.reading && !state.destroyed &&
        !state.errored && state.constructed) {
      callRead(this, state);
      if (!state.reading) n = amount(state, asked);
    }
    const chunk = n > 0 ? take(state, n) : null;
    if (chunk === null) {
      state.needReadable = state.length <= state.highWaterMark;
      n = 0;
    } else {
      state.length -= state.objectMode ? 1 : n;
      state.waitingForDrain.clear();
    }
    if (state.length === 0) {
      if (!state.ended) state.needReadable = true;
      if (!Object.is(asked, n) && state.ended) endSoon(this);
    }
    if (chunk !== null && !state.errored && !state.closeEmitted) {
      state.dataEmitted = true;
      this.emit("data", chunk);
    }
    return chunk;
  },
  on(event, listener) {
    const result = on.call(this, event, listener);
    const state = this._readableState;
    if (event === "data") {
      state.readableListening = this.listenerCount("readable") > 0;
      if (state.flowing !== false) this.resume();
    } else if (event === "readable" && !state.endEmitted &&
               !state.readableListening) {
      state.readableListening = state.needReadable = true;
      state.flowing = false;
      state.emittedReadable = false;
      if (state.length > 0) emitReadable(this);
      else if (!state.reading) nextTick(() => this.read(0));
    }
    return result;
  },
  removeListener(event, listener) {
    const result = off.call(this, event, listener);
    if (event === "readable") nextTick(updateListening, this);
    return result;
  },
  removeAllListeners(event) {
    const result = removeAllListeners.call(this, event);
    if (event === "readable" || event === undefined) {
      nextTick(updateListening, this);
    }
    return result;
  },
  resume() {
    const state = this._readableState;
    if (!state.flowing) {
      state.flowing = !state.readableListening;
      if (!state.resumeScheduled) {
        state.resumeScheduled = true;
        nextTick(() => {
          if (!state.reading) this.read(0);
          state.resumeScheduled = false;
          this.emit("resume");
          flow(this);
          if (state.flowing && !state.reading) this.read(0);
        });
      }
    }
    state.paused = false;
    return this;
  },
  pause() {
    const state = this._readableState;
    if (state.flowing !== false) {
      state.flowing = false;
      this.emit("pause");
    }
    state.paused = true;
    return this;
  },
  pipe(target, options) {
    const source = this, state = this._readableState;
    state.pipes.push(target);
    const end = options?.end !== false && !target._isStdio;
    const drained = () => {
      state.waitingForDrain.delete(target);
      if (state.waitingForDrain.size === 0 &&
          source.listenerCount("data") > 0) {
        source.resume();
      }
    };
    let draining = false;
    const onData = (chunk) => {
      if (target.write(chunk) !== false) return;
      if (state.pipes.includes(target)) {
        state.waitingForDrain.add(target);
        source.pause();
      }
      if (!draining) {
        draining = true;
        target.on("drain", drained);
      }
    };
    const onEnd = () => target.end();
    const unpipe = () => source.unpipe(target);
    const onError = (error) => {
      unpipe();
      target.removeListener("error", onError);
      if (target.listenerCount("error") === 0) {
        const at = target._writableState ?? target._readableState;
        if (at && !at.errorEmitted) errorOrDestroy(target, error);
        else target.emit("error", error);
      }
    };
    const onClose = () => {
      target.removeListener("finish", onFinish);
      unpipe();
    };
    const onFinish = () => {
      target.removeListener("close", onClose);
      unpipe();
    };
    const onUnpipe = (from, info) => {
      if (from !== source || info?.cleaned) return;
      if (info) info.cleaned = true;
      target.removeListener("close", onClose);
      target.removeListener("finish", onFinish);
      target.removeListener("drain", drained);
      target.removeListener("error", onError);
      target.removeListener("unpipe", onUnpipe);
      source.removeListener("end", onEnd);
      source.removeListener("end", unpipe);
      source.removeListener("data", onData);
      if (state.waitingForDrain.has(target) &&
          (!target._writableState || target._writableState.needDrain)) {
        drained();
      }
    };
    const last = end ? onEnd : unpipe;
    if (state.endEmitted) nextTick(last);
    else source.once("end", last);
    target.on("unpipe", onUnpipe);
    source.on("data", onData);
    target.prependListener("error", onError);
    target.once("close", onClose);
    target.once("finish", onFinish);
    target.emit("pipe", source);
    if (target.writableNeedDrain === true) {
      state.waitingForDrain.add(target);
      source.pause();
      draining = true;
      target.on("drain", drained);
    } else if (!state.flowing) {
      source.resume();
    }
    return target;
  },
  unpipe(target) {
    const state = this._readableState;
    const targets = target === undefined ? state.pipes
        : state.pipes.includes(target) ? [target] : [];
    state.pipes = state.pipes.filter((t) => !targets.includes(t));
    if (targets.length > 0 && state.pipes.length === 0) this.pause();
    for (const t of targets) t.emit("unpipe", this, { cleaned: false });
    return this;
  },
  wrap(old) {
    old.on("data", (chunk) => {
      if (!this.push(chunk) && old.pause) old.pause();
    });
    old.on("end", () => this.push(null));
    old.on("error", (error) => errorOrDestroy(this, error));
    old.on("close", () => this.destroy());
    this._read = () => old.resume?.();
    return this;
  },
  [Symbol.asyncIterator]() {
    return this.iterator();
  },
  async *iterator({ destroyOnReturn = true } = {}) {
    let wake = () => {}, failure, finished = false;
    const onReadable = () => wake();
    const settle = (error) => {
      failure ??= error ?? undefined;
      finished = true;
      wake();
    };
    const onClose = () => settle(
      this._readableState.endEmitted || this._readableState.errored
          ? this._readableState.errored
          : codedError(Error, "ERR_STREAM_PREMATURE_CLOSE", "Premature close"));
    const onEnd = () => settle();
    this.on("readable", onReadable);
    this.on("error", settle);
    this.on("end", onEnd);
    this.on("close", onClose);
    if (this.closed || this._readableState.endEmitted) onClose();
    let done = false;
    try {
      for (;;) {
        const chunk = this.destroyed ? null : this.read();
        if (chunk !== null) yield chunk;
        else if (failure !== undefined) throw failure;
        else if (finished) break;
        else await new Promise((resolve) => { wake = resolve; });
      }
      done = true;
    } finally {
      this.removeListener("readable", onReadable);
      this.removeListener("end", onEnd);
      this.removeListener("close", onClose);
      if (!done && destroyOnReturn) this.destroy(failure);
      nextTick(() => this.removeListener("error", settle));
    }
  },
  compose(stream, options) {
    if (options !== undefined && options !== null) {
      checkObject(options, "options");
    }
    const signal = options?.signal ?? undefined;
    if (signal !== undefined) checkAbortSignal(signal, "options.signal");
    const made = loadBuiltin("rill:internal/streams/compose")
      .compose(this, stream);
    return signal === undefined ? made : addAbortSignal(signal, made);
  },
  ...operators,
};
for (const [name, value] of Object.entries(methods)) {
  Object.defineProperty(Readable.prototype, name, {
    value,
    writable: true,
    configurable: true,
    enumerable: true,
  });
}
Object.assign(Readable.prototype, {
  [Symbol.asyncIterator]: methods[Symbol.asyncIterator],
  [Symbol.asyncDispose]() {
    let mine = null;
    if (!this.destroyed) {
      if (!this.readableEnded) mine = abortError();
      this.destroy(mine);
    }
    const { finished } = loadBuiltin("rill:internal/streams/pipeline");
    return new Promise((resolve, reject) => finished(this, (error) => {
      if (error && error !== mine) reject(error);
      else resolve(null);
    }));
  },
  addListener: methods.on,
  off: methods.removeListener,
});

stateGetters(Readable.prototype, "_readableState", {
  readable: [(s) => !s.destroyed && !s.errored && !s.endEmitted &&
                    s.readable !== false, false],
  readableAborted: [(s) => (s.destroyed || Boolean(s.errored)) &&
                           !s.endEmitted, false],
  readableDidRead: [(s) => s.dataEmitted, false],
  readableEncoding: [(s) => s.encoding, null],
  readableEnded: [(s) => s.endEmitted, false],
  readableFlowing: [(s) => s.flowing, null],
  readableHighWaterMark: [(s) => s.highWaterMark, 0],
  readableLength: [(s) => s.length, 0],
  readableObjectMode: [(s) => s.objectMode, false],
  readableBuffer: [(s) => s.buffer, undefined],
  errored: [(s) => s.errored, null],
  closed: [(s) => s.closed, false],
});
Object.defineProperty(Readable.prototype, "destroyed", {
  configurable: true,
  get() {
    return this._readableState?.destroyed ?? false;
  },
  set(value) {
    if (this._readableState) this._readableState.destroyed = value;
  },
});

// Of a stream that has 'data' events only.
Readable.wrap = (old, options) => new Readable({
  objectMode: old.readableObjectMode ?? old.objectMode ?? true,
  ...options,
  destroy(error, done) {
    destroyStream(old, error);
    done(error);
  },
}).wrap(old);

// A stream of what an iterable gives.
Readable.from = function (iterable, options) {
  if (typeof iterable === "string" || iterable instanceof Uint8Array) {
    return new Readable({
      objectMode: true,
      ...options,
      read() {
        this.push(iterable);
        this.push(null);
      },
    });
  }
  const asynchronous = iterable?.[Symbol.asyncIterator]?.();
  const iterator = asynchronous ?? iterable?.[Symbol.iterator]?.();
  if (!iterator) {
    throw invalidArgument("iterable", "an instance of Iterable", iterable);
  }
  let reading = false;
  return new Readable({
    objectMode: true,
    highWaterMark: 1,
    ...options,
    async read() {
      if (reading) return;
      reading = true;
      try {
        for (;;) {
          const { value, done } = asynchronous ? await iterator.next()
                                               : iterator.next();
          if (done) {
            this.push(null);
            break;
          }
          const chunk = typeof value?.then === "function" ? await value
                                                          : value;
          if (chunk === null) {
            throw codedError(TypeError, "ERR_STREAM_NULL_VALUES",
                             "May not write null values to stream");
          }
          if (!this.push(chunk)) break;
        }
      } catch (error) {
        this.destroy(error);
      }
      reading = false;
    },
    destroy(error, done) {
      Promise.resolve(this.readableEnded ? undefined : iterator.return?.())
        .then(() => nextTick(done, error), (e) => nextTick(done, e ?? error));
    },
  });
};
