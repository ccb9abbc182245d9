// SPDX-License-Identifier: MIT
// node:stream
import { loadBuiltin } from "rill:internal/modules";
import { addAbortSignal } from "rill:internal/streams/destroy";
import { Duplex, PassThrough, Transform } from "rill:internal/streams/duplex";
import { Stream } from "rill:internal/streams/legacy";
import { finished, pipeline } from "rill:internal/streams/pipeline";
import { Readable } from "rill:internal/streams/readable";
import { Writable } from "rill:internal/streams/writable";
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

export const isReadable = (stream) => stream?.readable ?? null;
export const isErrored = (stream) => Boolean(stream?.errored);
export const isDisturbed = (stream) =>
  Boolean(stream?.readableDidRead || stream?.readableAborted);
export const getDefaultHighWaterMark = (objectMode) => objectMode ? 16 : 16384;

export {
  Duplex,
  PassThrough,
  Readable,
  Stream,
  Transform,
  Writable,
  addAbortSignal,
  finished,
  pipeline,
  promises,
};
export default Object.assign(Stream, {
  Duplex,
  PassThrough,
  Readable,
  Stream,
  Transform,
  Writable,
  addAbortSignal,
  finished,
  getDefaultHighWaterMark,
  isDisturbed,
  isErrored,
  isReadable,
  pipeline,
  promises,
});
