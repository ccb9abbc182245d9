// SPDX-License-Identifier: MIT
// What all streams share (WHATWG Streams 7 and 8): promises that scripts cannot
// get between, queues of chunks, strategies, calls of a user's algorithms.
import {
  markHandled,
  newPromise,
  react,
  rejectedWith,
  rejectPromise,
  resolvedWith,
  resolvePromise,
  upon,
} from "rill:internal/promise";
import { enumerable, required } from "rill:internal/web/idl";

const { apply } = Reflect;

export { markHandled, react, rejectedWith, resolvedWith, upon };

// A promise and its two ends; settling it again does nothing.
class Deferred {
  promise = newPromise();
  settled = false;
  resolve(value) {
    if (this.settled) return;
    this.settled = true;
    resolvePromise(this.promise, value);
  }
  reject(reason) {
    if (this.settled) return;
    this.settled = true;
    rejectPromise(this.promise, reason);
  }
}
export const deferred = () => new Deferred();
export const resolvedDeferred = () => {
  const made = new Deferred();
  made.resolve(undefined);
  return made;
};
// Nobody has to handle it.
export const rejectedDeferred = (reason) => {
  const made = new Deferred();
  markHandled(made.promise);
  made.reject(reason);
  return made;
};

// A promise of a stream's end, for who does not lock it.
export function whenEnded(stream) {
  if (stream.ended === undefined) {
    const { state, storedError } = stream;
    stream.ended = state === "closed" ? resolvedDeferred()
        : state === "errored" ? rejectedDeferred(storedError) : deferred();
    markHandled(stream.ended.promise);
  }
  return stream.ended.promise;
}

// Calls a method of an underlying source, sink or transformer that returns a
// promise.
export const callForPromise = (method, receiver, args) => {
  try {
    return resolvedWith(apply(method, receiver, args));
  } catch (error) {
    return rejectedWith(error);
  }
};

// Calls a method that need not be there.
export const callStart = (start, receiver, controller) =>
  start === undefined ? undefined : apply(start, receiver, [controller]);

// A member of a dictionary that is a function, or undefined.
export function callback(object, name) {
  const value = object[name];
  if (value !== undefined && typeof value !== "function") {
    throw new TypeError(`"${name}" must be a function`);
  }
  return value;
}

export function fail(message) {
  return rejectedWith(new TypeError(message));
}

// A FIFO of chunks with their sizes (8.1).
export class Queue {
  #entries = [];
  #sizes = [];
  #head = 0;
  total = 0;

  get length() {
    return this.#entries.length - this.#head;
  }
  // EnqueueValueWithSize
  push(value, size) {
    size = Number(size);
    if (!(size >= 0) || size === Infinity) {
      throw new RangeError("The size of a chunk must be a finite number that " +
                           "is not negative");
    }
    this.#entries.push(value);
    this.#sizes.push(size);
    this.total += size;
  }
  shift() {
    const head = this.#head;
    const value = this.#entries[head];
    this.total -= this.#sizes[head];
    if (this.total < 0) this.total = 0; // rounding errors
    this.#entries[head] = undefined;
    this.#head = head + 1;
    if (this.#head === this.#entries.length) {
      this.#entries.length = this.#sizes.length = this.#head = 0;
    } else if (this.#head > 1024 && this.#head * 2 > this.#entries.length) {
      this.#entries.splice(0, this.#head);
      this.#sizes.splice(0, this.#head);
      this.#head = 0;
    }
    return value;
  }
  peek() {
    return this.#entries[this.#head];
  }
  clear() {
    this.#entries = [];
    this.#sizes = [];
    this.#head = 0;
    this.total = 0;
  }
}

// Strategies (7) ---------------------------------------------------------------

function strategyClass(name, size) {
  const { [name]: Strategy } = {
    [name]: class {
      #highWaterMark;
      constructor(init) {
        required(arguments.length, 1, name);
        if (init === null || (typeof init !== "object" &&
                              typeof init !== "function")) {
          throw new TypeError(`${name} needs an object`);
        }
        const { highWaterMark } = init;
        if (highWaterMark === undefined) {
          throw new TypeError(`${name} needs a highWaterMark`);
        }
        this.#highWaterMark = Number(highWaterMark);
      }
      get highWaterMark() {
        return this.#highWaterMark;
      }
      get size() {
        this.#highWaterMark;
        return size;
      }
      static {
        enumerable(this, name);
      }
    },
  };
  return Strategy;
}

// Arrow functions are no constructors; these want to be named "size".
export const CountQueuingStrategy =
    strategyClass("CountQueuingStrategy", { size: () => 1 }.size);
export const ByteLengthQueuingStrategy = strategyClass(
    "ByteLengthQueuingStrategy", { size: (chunk) => chunk.byteLength }.size);

const noStrategy =
    Object.freeze({ highWaterMark: undefined, size: undefined });

// The dictionary QueuingStrategy.
export function convertStrategy(strategy) {
  if (strategy === undefined || strategy === null) return noStrategy;
  if (typeof strategy !== "object" && typeof strategy !== "function") {
    throw new TypeError("A strategy must be an object");
  }
  const { highWaterMark } = strategy;
  return {
    highWaterMark:
        highWaterMark === undefined ? undefined : Number(highWaterMark),
    size: callback(strategy, "size"),
  };
}

// ExtractHighWaterMark
export function highWaterMarkOf({ highWaterMark }, byDefault) {
  if (highWaterMark === undefined) return byDefault;
  if (Number.isNaN(highWaterMark) || highWaterMark < 0) {
    throw new RangeError("highWaterMark must be a number that is not negative");
  }
  return highWaterMark;
}

// ExtractSizeAlgorithm; undefined: every chunk counts 1.
export const sizeOf = ({ size }) =>
  size === undefined ? undefined : (chunk) => size(chunk);

export function convertUnderlying(value, what) {
  if (value === undefined) return undefined;
  if (value === null ||
      (typeof value !== "object" && typeof value !== "function")) {
    throw new TypeError(`The underlying ${what} must be an object`);
  }
  return value;
}
