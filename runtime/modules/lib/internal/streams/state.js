// SPDX-License-Identifier: MIT
// What node:stream says of a stream, ours, the web's or somebody else's: null
// for what it cannot say.
import { abortError } from "rill:internal/errors";
import { loadBuiltin } from "rill:internal/modules";

const states = (stream) =>
  [stream._readableState, stream._writableState].filter(Boolean);

export const isNodeStream = (value) => Boolean(
  value && (value._readableState || value._writableState ||
            (typeof value.write === "function" &&
             typeof value.on === "function") ||
            (typeof value.pipe === "function" &&
             typeof value.on === "function")));

const canRead = (stream) =>
  typeof stream.pipe === "function" && typeof stream.on === "function" &&
  (!stream._writableState || stream._readableState?.readable !== false) &&
  (!stream._writableState || Boolean(stream._readableState));
const canWrite = (stream) =>
  typeof stream.write === "function" && typeof stream.on === "function" &&
  (!stream._readableState || stream._writableState?.writable !== false);

export const isReadableSide = (stream) =>
  isNodeStream(stream) && canRead(stream);
export const isWritableSide = (stream) =>
  isNodeStream(stream) && canWrite(stream);

// The internals of one of the web's streams. Their modules are there if an
// object of them is.
function webState(value, kind) {
  if (Object.prototype.toString.call(value) !== `[object ${kind}Stream]`) {
    return undefined;
  }
  const of = loadBuiltin(`rill:internal/web/streams/${kind.toLowerCase()}`);
  return of[`is${kind}`](value) ? of[`${kind.toLowerCase()}Of`](value)
                                : undefined;
}
export const isWebReadable = (value) =>
  webState(value, "Readable") !== undefined;
export const isWebWritable = (value) =>
  webState(value, "Writable") !== undefined;

export const isWebPair = (value) =>
  isWebReadable(value?.readable) && isWebWritable(value?.writable);
// A promise of the end of one of the web's streams.
export const whenWebEnds = (stream) =>
  loadBuiltin("rill:internal/web/streams/common").whenEnded(
    webState(stream, "Readable") ?? webState(stream, "Writable"));

const destroyedByUs = new WeakSet(); // of others' streams

export const isDestroyed = (stream) => isNodeStream(stream) ? Boolean(
  stream.destroyed || destroyedByUs.has(stream) ||
  states(stream)[0]?.destroyed) : null;

export function isReadable(stream) {
  const web = webState(stream, "Readable");
  if (web !== undefined) return web.state === "readable";
  if (typeof stream?.readable !== "boolean") return null;
  return !isDestroyed(stream) && isReadableSide(stream) && stream.readable &&
      !stream._readableState?.endEmitted;
}

export function isWritable(stream) {
  if (typeof stream?.writable !== "boolean") return null;
  return !isDestroyed(stream) && isWritableSide(stream) && stream.writable &&
      !stream._writableState?.ended;
}

export function isErrored(stream) {
  const web = webState(stream, "Readable") ?? webState(stream, "Writable");
  if (web !== undefined) return web.state === "errored";
  return Boolean(stream && states(stream)[0]?.errorEmitted);
}

export const isDisturbed = (stream) => Boolean(
  webState(stream, "Readable")?.disturbed ??
  (stream?.readableDidRead || stream?.readableAborted));

const isFinished = (stream) =>
  (stream._readableState?.endEmitted ?? true) &&
  (stream._writableState?.finished ?? true);

// Ends a stream that may be anybody's; one that was not done yet by an
// AbortError.
export function destroyStream(stream, error) {
  if (!stream || isDestroyed(stream)) return;
  if (!error && !(states(stream).length > 0 && isFinished(stream))) {
    error = abortError();
  }
  const isRequest = (value) => value && value.setHeader &&
    typeof value.abort === "function";
  if (isRequest(stream)) stream.abort();
  else if (isRequest(stream.req)) stream.req.abort();
  else if (typeof stream.destroy === "function") stream.destroy(error);
  else if (typeof stream.close === "function") stream.close();
  if (!stream.destroyed) destroyedByUs.add(stream);
}
