// SPDX-License-Identifier: MIT
// AbortController and AbortSignal (WHATWG DOM 3).
import { clearTimeout, setTimeout } from "rill:internal/timers";
import {
  Event,
  eventHandlers,
  EventTarget,
  fireTrusted,
  listenerCount,
  setSignalHooks,
  watch,
} from "rill:internal/web/events";
import { DOMException } from "rill:internal/web/dom_exception";
import {
  enumerable,
  illegalConstructor,
  required,
} from "rill:internal/web/idl";

const secret = Symbol("AbortSignal");
const notAborted = Symbol("not aborted");

let makeSignal, signalAbort, addAlgorithm, isSignal, makeDependent;
let keepIfNeeded;

// Of signals that have gone.
const timersOfSignals = new FinalizationRegistry(clearTimeout);

// Outside of the signal's scope, so that the timer does not keep it. A delay
// beyond what timers know (24 days) never ends.
function startTimeout(held, delay) {
  if (delay > 2147483647) return undefined;
  return setTimeout(() => {
    const signal = held.strong ?? held.weak.deref();
    if (signal === undefined) return;
    signalAbort(signal,
                new DOMException("The operation was aborted due to timeout",
                                 "TimeoutError"));
  }, delay).unref();
}

export class AbortSignal extends EventTarget {
  #reason = notAborted;
  #algorithms; // Set of functions, or undefined
  // What will abort it: a Set of signals (AbortSignal.any), or a timer. It is
  // held weakly by them while nobody would notice that it is gone, else
  // strongly.
  #sources;
  #dependents; // Set of WeakRefs
  #sweepAt = 16;
  #kept;

  constructor(key = undefined) {
    if (key !== secret) throw illegalConstructor();
    super();
  }

  static abort(reason = undefined) {
    const signal = makeSignal();
    signal.#reason = reason === undefined ? abortError() : reason;
    return signal;
  }
  static timeout(milliseconds) {
    required(arguments.length, 1, "AbortSignal.timeout");
    // [EnforceRange] unsigned long long
    const delay = Math.trunc(Number(milliseconds));
    if (!(delay >= 0 && delay <= Number.MAX_SAFE_INTEGER)) {
      const error = new RangeError(
          'The value of "delay" is out of range. It must be >= 0 && <= ' +
          `9007199254740991. Received ${milliseconds}`);
      error.code = "ERR_OUT_OF_RANGE";
      throw error;
    }
    const signal = makeSignal();
    const held = { weak: new WeakRef(signal), strong: undefined };
    signal.#sources = {
      keep(is) {
        held.strong = is ? signal : undefined;
      },
    };
    watch(signal, () => keepIfNeeded(signal));
    const timer = startTimeout(held, delay);
    if (timer !== undefined) timersOfSignals.register(signal, timer);
    return signal;
  }
  static any(signals) {
    required(arguments.length, 1, "AbortSignal.any");
    const list = [...signals];
    for (const signal of list) {
      if (!isSignal(signal)) {
        throw new TypeError("AbortSignal.any takes AbortSignals");
      }
    }
    return makeDependent(list);
  }

  get aborted() {
    return this.#reason !== notAborted;
  }
  get reason() {
    return this.#reason === notAborted ? undefined : this.#reason;
  }
  throwIfAborted() {
    if (this.#reason !== notAborted) throw this.#reason;
  }

  [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
    return depth < 0 ? "AbortSignal"
        : `AbortSignal ${inspect({ aborted: this.aborted }, options)}`;
  }

  static {
    isSignal = (value) =>
      typeof value === "object" && value !== null && #reason in value;
    makeSignal = () => new AbortSignal(secret);
    const hasAudience = (signal) =>
      signal.#algorithms?.size > 0 || listenerCount(signal, "abort") > 0;
    keepIfNeeded = (signal) => {
      const is = hasAudience(signal);
      if (signal.#sources === undefined) return;
      if (signal.#sources.keep !== undefined) {
        signal.#sources.keep(is);
        return;
      }
      for (const source of signal.#sources) {
        if (is) (source.#kept ??= new Set()).add(signal);
        else source.#kept?.delete(signal);
      }
    };

    // Runs when the signal is aborted, before its event. Gives a function that
    // takes it back.
    addAlgorithm = (signal, algorithm) => {
      if (signal.#reason !== notAborted) return () => {};
      (signal.#algorithms ??= new Set()).add(algorithm);
      keepIfNeeded(signal);
      return () => {
        signal.#algorithms?.delete(algorithm);
        keepIfNeeded(signal);
      };
    };

    const runSteps = (signal) => {
      const algorithms = signal.#algorithms;
      if (algorithms !== undefined) {
        for (const algorithm of algorithms) {
          algorithms.delete(algorithm);
          algorithm();
        }
        signal.#algorithms = undefined;
      }
      if (listenerCount(signal, "abort") > 0) {
        fireTrusted(signal, new Event("abort"));
      }
      signal.#sources = undefined;
    };

    signalAbort = (signal, reason) => {
      if (signal.#reason !== notAborted) return;
      signal.#reason = reason === undefined ? abortError() : reason;
      const toRun = [];
      if (signal.#dependents !== undefined) {
        for (const weak of signal.#dependents) {
          const dependent = weak.deref();
          if (dependent === undefined || dependent.#reason !== notAborted) {
            continue;
          }
          dependent.#reason = signal.#reason;
          toRun.push(dependent);
        }
        signal.#dependents = signal.#kept = undefined;
      }
      try {
        runSteps(signal);
      } catch (error) { // for want of memory: who waits is told all the same
        runSteps(signal);
        throw error;
      }
      for (const dependent of toRun) runSteps(dependent);
    };

    const addDependent = (source, dependent) => {
      const set = (source.#dependents ??= new Set());
      set.add(new WeakRef(dependent));
      if (set.size < source.#sweepAt) return;
      for (const weak of set) if (weak.deref() === undefined) set.delete(weak);
      source.#sweepAt = set.size * 2 + 16;
    };

    // Create a dependent abort signal (3.2.1).
    makeDependent = (signals) => {
      const result = makeSignal();
      for (const signal of signals) {
        if (signal.#reason === notAborted) continue;
        result.#reason = signal.#reason;
        return result;
      }
      const sources = new Set();
      for (const signal of signals) {
        if (signal.#sources instanceof Set) {
          for (const source of signal.#sources) sources.add(source);
        } else {
          sources.add(signal);
        }
      }
      result.#sources = sources;
      for (const source of sources) addDependent(source, result);
      watch(result, () => keepIfNeeded(result));
      return result;
    };
    eventHandlers(this, ["abort"]);
    enumerable(this, "AbortSignal");
  }
}

setSignalHooks(isSignal, (signal, algorithm) =>
  addAlgorithm(signal, algorithm));

// For other modules: isSignal(value), addAlgorithm(signal, algorithm).
export { addAlgorithm, isSignal };

const abortError = () =>
  new DOMException("This operation was aborted", "AbortError");

export class AbortController {
  #signal = makeSignal();

  get signal() {
    return this.#signal;
  }
  abort(reason = undefined) {
    signalAbort(this.#signal, reason);
  }

  [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
    return depth < 0 ? "AbortController"
        : `AbortController ${inspect({ signal: this.signal }, options)}`;
  }

  static {
    enumerable(this, "AbortController");
  }
}
