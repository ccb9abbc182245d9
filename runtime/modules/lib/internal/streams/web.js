// SPDX-License-Identifier: MIT
// Node's streams as the web's, and back: Readable.toWeb, fromWeb and so on.
import { nextTick } from "rill:internal/timers";
import { Duplex } from "rill:internal/streams/duplex";
import { finished } from "rill:internal/streams/pipeline";
import { Readable } from "rill:internal/streams/readable";
import { isWebReadable, isWebWritable } from "rill:internal/streams/state";
import { Writable } from "rill:internal/streams/writable";

const asBytes = (chunk) => Buffer.isBuffer(chunk)
  ? new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength) : chunk;

export function readableToWeb(stream, { strategy } = {}) {
  const objects = stream.readableObjectMode;
  strategy ??= objects ? new CountQueuingStrategy({ highWaterMark: 1 })
    : { highWaterMark: stream.readableHighWaterMark,
        size: (chunk) => chunk.byteLength ?? chunk.length ?? 1 };
  stream.pause();
  let isOver = false;
  return new ReadableStream({
    start(controller) {
      finished(stream, { writable: false }, (error) => {
        if (isOver) return;
        isOver = true;
        if (error) controller.error(error);
        else controller.close();
        stream.on("error", () => {});
      });
      stream.on("data", (chunk) => {
        controller.enqueue(objects ? chunk : asBytes(chunk));
        if (controller.desiredSize <= 0) stream.pause();
      });
      stream.pause();
    },
    pull() {
      stream.resume();
    },
    cancel(reason) {
      isOver = true;
      stream.destroy(reason);
    },
  }, strategy);
}

export function readableFromWeb(source, options = {}) {
  const reader = source.getReader();
  return new Readable({
    ...options,
    read() {
      reader.read().then(({ value, done }) => this.push(done ? null : value),
                         (error) => this.destroy(error));
    },
    destroy(error, callback) {
      reader.cancel(error ?? undefined).then(() => callback(error),
                                             () => callback(error));
    },
  });
}

export function writableToWeb(stream) {
  let wake;
  stream.on("drain", () => wake?.());
  return new WritableStream({
    start(controller) {
      finished(stream, { readable: false }, (error) => {
        if (error) controller.error(error);
        wake?.();
        stream.on("error", () => {});
      });
    },
    async write(chunk) {
      if (stream.write(chunk)) return;
      await new Promise((resolve) => {
        wake = resolve;
      });
    },
    abort: (reason) => {
      stream.destroy(reason);
    },
    close: () => new Promise((resolve, reject) => {
      stream.end((error) => error ? reject(error) : resolve());
    }),
  }, { highWaterMark: stream.writableHighWaterMark,
       size: (chunk) => chunk?.byteLength ?? chunk?.length ?? 1 });
}

export function writableFromWeb(target, options = {}) {
  const writer = target.getWriter();
  return new Writable({
    ...options,
    write(chunk, encoding, callback) {
      writer.ready.then(() => writer.write(chunk))
        .then(() => nextTick(callback), callback);
    },
    final(callback) {
      writer.close().then(() => nextTick(callback), callback);
    },
    destroy(error, callback) {
      const done = () => callback(error);
      if (error) writer.abort(error).then(done, done);
      else done();
    },
  });
}

export const duplexToWeb = (stream) =>
  ({ readable: readableToWeb(stream), writable: writableToWeb(stream) });

// As pipeline takes the web's streams: chunks stay what they are.
export function fromWeb(stream) {
  const options = { objectMode: true };
  return isWebReadable(stream) ? readableFromWeb(stream, options)
    : isWebWritable(stream) ? writableFromWeb(stream, options)
    : duplexFromWeb(stream, options);
}

export function duplexFromWeb({ readable, writable }, options = {}) {
  const { objectMode } = options;
  const from = readableFromWeb(readable, { objectMode });
  const to = writableFromWeb(writable, { objectMode });
  const duplex = new Duplex({
    ...options,
    read() {
      from.resume();
    },
    write(chunk, encoding, callback) {
      to.write(chunk, encoding, callback);
    },
    final(callback) {
      to.end(callback);
    },
    destroy(error, callback) {
      from.destroy(error);
      to.destroy(error);
      callback(error);
    },
  });
  from.on("data", (chunk) => {
    if (!duplex.push(chunk)) from.pause();
  });
  from.on("end", () => duplex.push(null));
  for (const side of [from, to]) side.on("error", (e) => duplex.destroy(e));
  return duplex;
}
