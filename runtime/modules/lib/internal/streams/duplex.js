// SPDX-License-Identifier: MIT
// Duplex, Transform and PassThrough streams.
import { codedError } from "rill:internal/errors";
import { loadBuiltin } from "rill:internal/modules";
import {
  addAbortSignal,
  construct,
  sides,
  stateGetters,
  takeMethods,
} from "rill:internal/streams/destroy";
import { Stream } from "rill:internal/streams/legacy";
import { Readable, initReadable } from "rill:internal/streams/readable";
import {
  initWritable,
  mixInWritable,
  writableMethods,
  writableReady,
} from "rill:internal/streams/writable";

function inherit(constructor, parent) {
  Object.setPrototypeOf(constructor.prototype, parent.prototype);
  Object.setPrototypeOf(constructor, parent);
}

export function Duplex(options = {}) {
  if (!(this instanceof Duplex)) return new Duplex(options);
  options ??= {};
  initReadable(this, options, true);
  initWritable(this, options, true);
  this.allowHalfOpen = options.allowHalfOpen !== false;
  if (options.readable === false) {
    Object.assign(this._readableState,
                  { readable: false, ended: true, endEmitted: true });
  }
  if (options.writable === false) {
    Object.assign(this._writableState,
                  { writable: false, ending: true, ended: true,
                    finished: true });
  }
  takeMethods(this, options, ["read", ...writableMethods]);
  Stream.call(this, options);
  if (options.signal) addAbortSignal(options.signal, this);
  construct(this, () => {
    if (this._readableState.needReadable) this.read(0);
    writableReady(this);
  });
}
inherit(Duplex, Readable);
mixInWritable(Duplex.prototype);
stateGetters(Duplex.prototype, "_readableState", {
  closed: [(_, stream) => sides(stream).every((s) => s.closed), false],
  errored: [(s, stream) => s.errored ?? stream._writableState.errored, null],
});
Object.defineProperty(Duplex.prototype, "destroyed", {
  configurable: true,
  get() {
    return sides(this).length > 0 && sides(this).every((s) => s.destroyed);
  },
  set(value) {
    for (const state of sides(this)) state.destroyed = value;
  },
});
Duplex.from = (source) =>
  loadBuiltin("rill:internal/streams/compose").duplexFrom(source);

export function Transform(options = {}) {
  if (!(this instanceof Transform)) return new Transform(options);
  options ??= {};
  Duplex.call(this, options);
  takeMethods(this, options, ["transform", "flush"]);
  this._readableState.sync = false;
  this._waiting = null; // the done of a write whose results fill the buffer
  if (this._final === Transform.prototype._final) return;
  // A subclass has its own _final: flush when the writable side is done.
  this.on("prefinish", () => flush(this));
}
inherit(Transform, Duplex);

function flush(stream, done) {
  const finished = (error, data) => {
    if (error) {
      if (done) done(error);
      else stream.destroy(error);
      return;
    }
    if (data !== undefined && data !== null) stream.push(data);
    stream.push(null);
    done?.();
  };
  if (typeof stream._flush === "function" && !stream.destroyed) {
    stream._flush(finished);
  } else {
    finished();
  }
}

Object.assign(Transform.prototype, {
  _transform() {
    throw codedError(Error, "ERR_METHOD_NOT_IMPLEMENTED",
                     "The _transform() method is not implemented");
  },
  _final(done) {
    flush(this, done);
  },
  _write(chunk, encoding, done) {
    const readable = this._readableState;
    const before = readable.length;
    this._transform(chunk, encoding, (error, data) => {
      if (error) {
        done(error);
        return;
      }
      if (data !== undefined && data !== null) this.push(data);
      if (this._writableState.ended || before === readable.length ||
          readable.length < readable.highWaterMark) {
        done();
      } else {
        this._waiting = done;
      }
    });
  },
  _read() {
    const done = this._waiting;
    if (done === null) return;
    this._waiting = null;
    done();
  },
});

export function PassThrough(options) {
  if (!(this instanceof PassThrough)) return new PassThrough(options);
  Transform.call(this, options);
}
inherit(PassThrough, Transform);
PassThrough.prototype._transform = (chunk, encoding, done) => done(null, chunk);
