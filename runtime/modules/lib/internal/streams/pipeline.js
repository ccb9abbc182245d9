// SPDX-License-Identifier: MIT
// finished and pipeline, by callback; node:stream/promises has the other forms.
import {
  abortError,
  checkAbortSignal,
  checkFunction,
  checkObject,
  codedError,
  invalidArgument,
} from "rill:internal/errors";
import { loadBuiltin } from "rill:internal/modules";
import { sides } from "rill:internal/streams/destroy";
import { PassThrough } from "rill:internal/streams/duplex";
import { Readable } from "rill:internal/streams/readable";
import {
  isNodeStream,
  isWebPair,
  isWebReadable,
  isWebWritable,
  whenWebEnds,
} from "rill:internal/streams/state";
import { nextTick } from "rill:internal/timers";

const premature = () =>
  codedError(Error, "ERR_STREAM_PREMATURE_CLOSE", "Premature close");

// Calls back once the stream has ended, finished, failed or closed. Gives what
// stops listening.
export function finished(stream, options, callback) {
  if (arguments.length === 2) [options, callback] = [{}, options];
  options ??= {};
  checkObject(options, "options");
  checkFunction(callback, "callback");
  const { signal, error: wantError = true } = options;
  if (signal !== undefined) checkAbortSignal(signal, "options.signal");
  if (isWebReadable(stream) || isWebWritable(stream)) {
    return finishedWeb(stream, signal, callback);
  }
  if (!isNodeStream(stream)) {
    throw invalidArgument(
      "stream", "an instance of ReadableStream, WritableStream, or Stream",
      stream);
  }
  const readableState = stream._readableState;
  const writableState = stream._writableState;
  let reading = (options?.readable ?? true) &&
      (readableState !== undefined ? readableState.readable !== false
                                   : writableState === undefined &&
                                     stream.readable === true);
  let writing = (options?.writable ?? true) &&
      (writableState !== undefined ? writableState.writable !== false
                                   : readableState === undefined &&
                                     stream.writable === true);
  reading &&= !readableState?.endEmitted;
  writing &&= !writableState?.finished;
  // A stream that will close, and is waited for as a whole, is done only then.
  const closes = sides(stream).some((s) => s.autoDestroy && s.emitClose) &&
      Boolean(options?.readable ?? true) >= (readableState !== undefined) &&
      Boolean(options?.writable ?? true) >= (writableState !== undefined);
  let called = false;
  const done = (error) => {
    if (called) return;
    called = true;
    signal?.removeEventListener("abort", onAbort);
    callback.call(stream, error ?? undefined);
  };
  const settled = () => {
    if (!reading && !writing && (stream.destroyed || !closes)) done();
  };
  const listeners = {
    end() {
      reading = false;
      settled();
    },
    finish() {
      writing = false;
      settled();
    },
    error: (error) => done(error),
    close() {
      const error = readableState?.errored ?? writableState?.errored;
      if (error) done(error);
      else if (reading && !readableState?.endEmitted) done(premature());
      else if (writing && !writableState?.finished) done(premature());
      else done();
    },
  };
  if (!wantError) delete listeners.error;
  for (const [event, listener] of Object.entries(listeners)) {
    stream.on(event, listener);
  }
  if (stream.closed || (!reading && !writing && !closes)) {
    nextTick(listeners.close);
  }
  const onAbort = () => {
    cleanUp();
    done(abortError(signal.reason));
  };
  const cleanUp = () => {
    for (const [event, listener] of Object.entries(listeners)) {
      stream.removeListener(event, listener);
    }
    signal?.removeEventListener("abort", onAbort);
  };
  if (signal?.aborted) nextTick(onAbort);
  else signal?.addEventListener("abort", onAbort);
  return cleanUp;
}

function finishedWeb(stream, signal, callback) {
  let called = false;
  const done = (...errors) => {
    if (called) return;
    called = true;
    signal?.removeEventListener("abort", onAbort);
    nextTick(() => callback.apply(stream, errors));
  };
  const onAbort = () => done(abortError(signal.reason));
  if (signal?.aborted) onAbort();
  else signal?.addEventListener("abort", onAbort);
  whenWebEnds(stream).then(() => done(), done);
  return () => {};
}

const isStream = (value) =>
  typeof value?.pipe === "function" || typeof value?.write === "function";
const isWeb = (value) =>
  isWebReadable(value) || isWebWritable(value) || isWebPair(value);
const isIterable = (value) => value !== null && value !== undefined &&
  Boolean(value[Symbol.asyncIterator] ?? value[Symbol.iterator]);

const toStream = (part) => isStream(part) ? part
  : isWeb(part) ? loadBuiltin("rill:internal/streams/web").fromWeb(part)
  : isIterable(part) ? Readable.from(part)
  : loadBuiltin("rill:internal/streams/compose").duplexFrom(part);

// The streams of a pipeline: iterables and generator functions become streams.
function connect(parts, signal) {
  let source = parts[0];
  if (typeof source === "function") source = source({ signal });
  const streams = [toStream(source)];
  let result;
  for (let i = 1; i < parts.length; i++) {
    let part = parts[i];
    const from = streams.at(-1);
    if (typeof part === "function") {
      const made = part(from, { signal });
      if (typeof made?.then === "function") {
        const end = new PassThrough({ objectMode: true });
        made.then((value) => {
          result = { value };
          if (value !== undefined && value !== null) end.write(value);
          end.end();
        }, (error) => end.destroy(error));
        if (i === parts.length - 1) end.resume();
        part = end;
      } else {
        part = toStream(made);
      }
      streams.push(part);
      continue;
    }
    part = toStream(part);
    streams.push(part);
    from.pipe(part, { end: false });
    from.once("end", () => part.end());
  }
  return { streams, result: () => result?.value };
}

export function pipeline(...parts) {
  let callback = parts.pop();
  checkFunction(callback, "streams[stream.length - 1]");
  if (Array.isArray(parts[0]) && parts.length === 1) [parts] = parts;
  const last = parts.at(-1);
  const options = parts.length > 2 && typeof last === "object" &&
      last !== null && !isStream(last) && !isWeb(last) && !isIterable(last)
      ? parts.pop() : {};
  if (parts.length < 2) {
    throw codedError(TypeError, "ERR_MISSING_ARGS",
                     'The "streams" argument must be specified');
  }
  const { signal } = options;
  const { streams, result } = connect(parts, signal);
  let failure, left = streams.length;
  const destroyAll = (error) => {
    for (const stream of streams) {
      if (!stream.destroyed && stream !== process.stdout &&
          stream !== process.stderr) {
        stream.on?.("error", () => {});
        stream.destroy?.(error);
      }
    }
  };
  const finish = (error) => {
    if (error && (!failure ||
                  failure.code === "ERR_STREAM_PREMATURE_CLOSE")) {
      failure = error;
    }
    if (error) destroyAll(error);
    if (--left > 0) return;
    signal?.removeEventListener("abort", onAbort);
    if (callback) nextTick(callback, failure, result());
    callback = undefined;
  };
  const onAbort = () => {
    failure = abortError(signal.reason);
    destroyAll(failure);
  };
  if (signal?.aborted) nextTick(onAbort);
  else signal?.addEventListener("abort", onAbort);
  streams.forEach((stream, i) => finished(stream, {
    readable: i < streams.length - 1,
    writable: i > 0,
  }, finish));
  return streams.at(-1);
}
