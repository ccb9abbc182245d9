// SPDX-License-Identifier: MIT
// Duplex.from, stream.compose and duplexPair: duplex streams made of others.
import { inspect } from "rill:internal/inspect";
import { abortError, codedError, describe, invalidArgument } from
  "rill:internal/errors";
import { Duplex } from "rill:internal/streams/duplex";
import { finished, pipeline } from "rill:internal/streams/pipeline";
import { Readable } from "rill:internal/streams/readable";
import {
  destroyStream,
  isNodeStream,
  isReadable,
  isReadableSide,
  isWebPair,
  isWebReadable,
  isWebWritable,
  isWritable,
  isWritableSide,
} from "rill:internal/streams/state";
import * as web from "rill:internal/streams/web";
import { nextTick } from "rill:internal/timers";

// What is written goes to `to`, what is read comes from `from`; watch(done)
// tells when a side of them is over, and how.
function join(to, from, watch) {
  let readable = Boolean(from && isReadable(from));
  let writable = Boolean(to && isWritable(to));
  let drained, finish, wanted, closed, isOver = false;
  const take = () => {
    for (;;) {
      const chunk = from.read();
      if (chunk === null) {
        wanted = take;
        return;
      }
      if (!duplex.push(chunk)) return;
    }
  };
  const duplex = new Duplex({
    readableObjectMode: Boolean(from?.readableObjectMode),
    writableObjectMode: Boolean(to?.writableObjectMode),
    readable,
    writable,
    read: take,
    write(chunk, encoding, done) {
      if (to.write(chunk, encoding)) done();
      else drained = done;
    },
    final(done) {
      finish = done;
      to.end();
    },
    destroy(error, done) {
      if (!error && !isOver) error = abortError();
      drained = finish = wanted = undefined;
      if (isOver) {
        done(error);
        return;
      }
      closed = done;
      for (const side of new Set([to, from])) destroyStream(side, error);
    },
  });
  if (writable) {
    to.on("drain", () => {
      const done = drained;
      drained = undefined;
      done?.();
    });
  }
  if (readable) {
    from.on("readable", () => {
      const again = wanted;
      wanted = undefined;
      again?.();
    });
    from.on("end", () => duplex.push(null));
  }
  watch((error, side) => {
    if (isOver) return;
    if (side !== "readable") writable = false;
    if (side !== "writable") readable = false;
    isOver = Boolean(error) || (!readable && !writable);
    if (closed) {
      if (isOver) closed(error ?? null);
    } else if (error) {
      duplex.destroy(error);
    } else if (!writable) {
      const done = finish;
      finish = undefined;
      done?.();
    }
  });
  return duplex;
}

const pair = (to, from) => join(to, from, (done) => {
  const watch = (stream, side, other) => {
    if (!stream) return;
    finished(stream, { [other]: false }, (error) => {
      if (error && stream !== to) destroyStream(to, error);
      if (error && stream !== from) destroyStream(from, error);
      done(error, side);
    });
  };
  watch(to, "writable", "readable");
  watch(from, "readable", "writable");
});

// A generator function, or an async one, over the chunks that are written.
function fromFunction(transform) {
  const queue = [];
  let wake;
  const controller = new AbortController();
  const { signal } = controller;
  const chunks = (async function* () {
    for (;;) {
      if (queue.length === 0) {
        await new Promise((resolve) => { wake = resolve; });
      }
      const { chunk, isEnd, done } = queue.shift();
      nextTick(done);
      if (isEnd) return;
      if (signal.aborted) throw abortError();
      yield chunk;
    }
  })();
  const put = (entry) => {
    queue.push(entry);
    wake?.();
  };
  const methods = {
    write: (chunk, encoding, done) => put({ chunk, done }),
    final: (done) => put({ isEnd: true, done }),
    destroy(error, done) {
      controller.abort();
      done(error);
    },
  };
  const made = transform(chunks, { signal });
  if (made?.[Symbol.asyncIterator] || made?.[Symbol.iterator]) {
    return fromIterable(made, methods);
  }
  if (typeof made?.then !== "function") {
    throw codedError(
      TypeError, "ERR_INVALID_RETURN_VALUE",
      "Expected Iterable, AsyncIterable or AsyncFunction to be returned from " +
        `the "body" function but got ${describe(made)}.`);
  }
  const end = made.then((value) => {
    if (value === null || value === undefined) return;
    throw codedError(TypeError, "ERR_INVALID_RETURN_VALUE",
                     "Expected nully to be returned from the \"body\" " +
                       `function but got ${describe(value)}.`);
  });
  const duplex = new Duplex({
    objectMode: true,
    readable: false,
    write: methods.write,
    destroy: methods.destroy,
    final(done) {
      methods.final(() => end.then(() => nextTick(done, null),
                                   (error) => nextTick(done, error)));
    },
  });
  end.catch((error) => destroyStream(duplex, error));
  return duplex;
}

// The readable side gives what an iterable does.
function fromIterable(iterable, { write, final, destroy } = {}) {
  const source = Readable.from(iterable);
  const duplex = new Duplex({
    objectMode: true,
    highWaterMark: 1,
    writable: write !== undefined,
    write,
    final,
    read: () => source.resume(),
    destroy(error, done) {
      source.destroy(error);
      if (destroy) destroy(error, done);
      else done(error);
    },
  });
  source.on("data", (chunk) => {
    if (!duplex.push(chunk)) source.pause();
  });
  source.pause();
  source.on("end", () => duplex.push(null));
  source.on("error", (error) => duplex.destroy(error));
  return duplex;
}

function fromPromise(promise) {
  const duplex = new Duplex({ objectMode: true, writable: false, read() {} });
  promise.then((value) => {
    if (value !== null && value !== undefined) duplex.push(value);
    duplex.push(null);
  }, (error) => destroyStream(duplex, error));
  return duplex;
}

export function duplexFrom(body) {
  if (body instanceof Duplex) return body;
  if (isNodeStream(body)) {
    return pair(isWritableSide(body) ? body : null,
                isReadableSide(body) ? body : null);
  }
  if (isWebReadable(body)) return pair(null, web.readableFromWeb(body));
  if (isWebWritable(body)) return pair(web.writableFromWeb(body), null);
  if (typeof body === "function") return fromFunction(body);
  if (body instanceof Blob) return fromPromise(body.arrayBuffer());
  if (body?.[Symbol.asyncIterator] || body?.[Symbol.iterator]) {
    return fromIterable(body);
  }
  if (isWebPair(body)) return web.duplexFromWeb(body);
  if (typeof body?.readable === "object" ||
      typeof body?.writable === "object") {
    const { readable, writable } = body;
    return pair(!writable ? null : isWritableSide(writable) ? writable
                  : duplexFrom(writable),
                !readable ? null : isReadableSide(readable) ? readable
                  : duplexFrom(readable));
  }
  if (typeof body?.then === "function") return fromPromise(body);
  throw invalidArgument(
    "body", "of type function or an instance of Blob, ReadableStream, " +
      "WritableStream, Stream, Iterable, AsyncIterable, or Promise or " +
      "{ readable, writable } pair", body);
}

const place = (i, stream, reason) => codedError(
  TypeError, "ERR_INVALID_ARG_VALUE",
  `The argument 'streams[${i}]' ${reason}. Received ${inspect(stream)}`);

export function compose(...streams) {
  if (streams.length === 0) {
    throw codedError(TypeError, "ERR_MISSING_ARGS",
                     'The "streams" argument must be specified');
  }
  if (streams.length === 1) return duplexFrom(streams[0]);
  const given = [...streams];
  const last = streams.length - 1;
  for (const i of [0, last]) {
    if (!isNodeStream(streams[i])) streams[i] = duplexFrom(streams[i]);
  }
  for (let i = 0; i <= last; i++) {
    if (!isNodeStream(streams[i])) continue;
    if (i < last && !isReadable(streams[i])) {
      throw place(i, given[i], "must be readable");
    }
    if (i > 0 && !isWritable(streams[i])) {
      throw place(i, given[i], "must be writable");
    }
  }
  return join(streams[0], streams[last], (done) => {
    pipeline(...streams, (error) => done(error));
  });
}

export function duplexPair(options) {
  const side = () => {
    let taken;
    const stream = new Duplex({
      ...options,
      read() {
        const done = taken;
        taken = undefined;
        done?.();
      },
      write(chunk, encoding, done) {
        if (chunk.length === 0) nextTick(done);
        else other().give(chunk, done);
      },
      final(done) {
        other().stream.on("end", done);
        other().stream.push(null);
      },
    });
    const give = (chunk, done) => {
      // Read from within push() already, or by a later read.
      taken = done;
      stream.push(chunk);
    };
    const other = () => (stream === first.stream ? second : first);
    return { stream, give };
  };
  const first = side(), second = side();
  return [first.stream, second.stream];
}
