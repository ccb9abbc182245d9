// SPDX-License-Identifier: MIT
// What Readable has of arrays' methods. Each takes {signal}, which ends it, and
// gives the callbacks one.
import {
  abortError,
  checkAbortSignal,
  checkObject,
  codedError,
  invalidArgument,
  outOfRange,
} from "rill:internal/errors";
import { Readable } from "rill:internal/streams/readable";

const most = Number.MAX_SAFE_INTEGER;

function checkCallback(value, name = "fn") {
  if (typeof value === "function") return;
  throw invalidArgument(
    name, "of type function or an instance of AsyncFunction", value);
}

function checkOptions(options) {
  if (options === undefined || options === null) return {};
  checkObject(options, "options");
  if (options.signal !== undefined && options.signal !== null) {
    checkAbortSignal(options.signal, "options.signal");
  }
  for (const [name, least] of [["concurrency", 1], ["highWaterMark", 0]]) {
    const value = options[name];
    if (value === undefined || value === null) continue;
    const count = Math.floor(value);
    if (!(count >= least && count <= most)) {
      throw outOfRange(`options.${name}`, `>= ${least} && <= ${most}`, count);
    }
  }
  return options;
}

// The chunks until the signal aborts: then the source is over.
async function* chunksOf(source, signal) {
  const abort = () => source.destroy(abortError(signal.reason));
  if (signal?.aborted) {
    source.destroy();
    throw abortError(signal.reason);
  }
  signal?.addEventListener("abort", abort);
  try {
    yield* source;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

const forCallbacks = ({ signal }) =>
  ({ signal: signal ?? new AbortController().signal });

function checkCount(value) {
  const count = Math.trunc(Number(value)) || 0;
  if (count < 0) throw outOfRange("number", ">= 0", count);
  return count;
}

const steps = {
  async* map(chunks, f, given) {
    for await (const chunk of chunks) yield await f(chunk, given);
  },
  async* filter(chunks, f, given) {
    for await (const chunk of chunks) if (await f(chunk, given)) yield chunk;
  },
  async* flatMap(chunks, f, given) {
    for await (const chunk of chunks) yield* await f(chunk, given);
  },
  async* take(chunks, count) {
    let left = count;
    if (left <= 0) return;
    for await (const chunk of chunks) {
      yield chunk;
      if (--left <= 0) break;
    }
  },
  async* drop(chunks, count) {
    let left = count;
    for await (const chunk of chunks) if (--left < 0) yield chunk;
  },
};

export const operators = {
  async some(test, options) {
    checkCallback(test);
    const given = forCallbacks(checkOptions(options));
    for await (const chunk of chunksOf(this, options?.signal)) {
      if (await test(chunk, given)) return true;
    }
    return false;
  },
  async every(test, options) {
    checkCallback(test);
    const given = forCallbacks(checkOptions(options));
    for await (const chunk of chunksOf(this, options?.signal)) {
      if (!await test(chunk, given)) return false;
    }
    return true;
  },
  async find(test, options) {
    checkCallback(test);
    const given = forCallbacks(checkOptions(options));
    for await (const chunk of chunksOf(this, options?.signal)) {
      if (await test(chunk, given)) return chunk;
    }
    return undefined;
  },
  async forEach(visit, options) {
    checkCallback(visit);
    const given = forCallbacks(checkOptions(options));
    for await (const chunk of chunksOf(this, options?.signal)) {
      await visit(chunk, given);
    }
  },
  async toArray(options) {
    const { signal } = checkOptions(options);
    const all = [];
    for await (const chunk of chunksOf(this, signal)) all.push(chunk);
    return all;
  },
  async reduce(reducer, ...rest) {
    checkCallback(reducer, "reducer");
    let [sum] = rest, isEmpty = rest.length === 0;
    const given = forCallbacks(checkOptions(rest[1]));
    for await (const chunk of chunksOf(this, rest[1]?.signal)) {
      sum = isEmpty ? chunk : await reducer(sum, chunk, given);
      isEmpty = false;
    }
    if (isEmpty) {
      throw codedError(TypeError, "ERR_MISSING_ARGS",
                       "Reduce of an empty stream requires an initial value");
    }
    return sum;
  },
};
for (const [name, step] of Object.entries(steps)) {
  const counts = name === "take" || name === "drop";
  operators[name] = function (argument, options) {
    if (!counts) checkCallback(argument);
    const given = forCallbacks(checkOptions(options));
    if (counts) argument = checkCount(argument);
    const chunks = chunksOf(this, options?.signal);
    return Readable.from(step(chunks, argument, given));
  };
  Object.defineProperty(operators[name], "name", { value: name });
}
