// SPDX-License-Identifier: MIT
// node:stream
import { loadBuiltin } from "rill:internal/modules";
import {
  addAbortSignal,
  getDefaultHighWaterMark,
  setDefaultHighWaterMark,
} from "rill:internal/streams/destroy";
import { Duplex, PassThrough, Transform } from "rill:internal/streams/duplex";
import { Stream } from "rill:internal/streams/legacy";
import { finished, pipeline } from "rill:internal/streams/pipeline";
import { Readable } from "rill:internal/streams/readable";
import {
  destroyStream as destroy,
  isDestroyed,
  isDisturbed,
  isErrored,
  isReadable,
  isWritable,
} from "rill:internal/streams/state";
import { Writable } from "rill:internal/streams/writable";
import { Buffer } from "node:buffer";
import promises from "node:stream/promises";

const custom = Symbol.for("nodejs.util.promisify.custom");
for (const name of ["finished", "pipeline"]) {
  Object.defineProperty({ finished, pipeline }[name], custom,
                        { value: promises[name] });
}

const adapters = () => loadBuiltin("rill:internal/streams/web");
for (const [Class, name] of [[Readable, "readable"], [Writable, "writable"],
                             [Duplex, "duplex"]]) {
  for (const way of ["FromWeb", "ToWeb"]) {
    Object.defineProperty(Class, way[0].toLowerCase() + way.slice(1), {
      value: (stream, options) => adapters()[name + way](stream, options),
      writable: true,
      configurable: true,
    });
  }
}

const composing = () => loadBuiltin("rill:internal/streams/compose");
export const compose = (...streams) => composing().compose(...streams);
export const duplexPair = (options) => composing().duplexPair(options);
export const _isArrayBufferView = ArrayBuffer.isView;
export const _isUint8Array = (value) => value instanceof Uint8Array;
export const _uint8ArrayToBuffer = ({ buffer, byteOffset, byteLength }) =>
  Buffer.from(buffer, byteOffset, byteLength);

export {
  Duplex,
  PassThrough,
  Readable,
  Stream,
  Transform,
  Writable,
  addAbortSignal,
  destroy,
  finished,
  getDefaultHighWaterMark,
  isDestroyed,
  isDisturbed,
  isErrored,
  isReadable,
  isWritable,
  pipeline,
  promises,
  setDefaultHighWaterMark,
};
export default Object.assign(Stream, {
  Duplex,
  PassThrough,
  Readable,
  Stream,
  Transform,
  Writable,
  _isArrayBufferView,
  _isUint8Array,
  _uint8ArrayToBuffer,
  addAbortSignal,
  compose,
  destroy,
  duplexPair,
  finished,
  getDefaultHighWaterMark,
  isDestroyed,
  isDisturbed,
  isErrored,
  isReadable,
  isWritable,
  pipeline,
  promises,
  setDefaultHighWaterMark,
});
