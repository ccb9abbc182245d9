// SPDX-License-Identifier: MIT
// rill:pool: scripts and functions evaluated by a fixed set of workers
// (runtime/pool), each with an isolate of its own.
import * as native from "rill:internal/pool";
import { cancel as stopWaiting } from "rill:internal/sync";
import { invalidArgument, outOfRange } from "rill:internal/errors";
import { armLimits, checkLimits, withLimits } from "rill:internal/limits";
import { clearTimeout, setTimeout } from "rill:internal/timers";
import { DOMException } from "rill:internal/web/dom_exception";

const TRACES = ["off", "text", "json"];
const RETURNED = 2, TIMED_OUT = 4, CANCELLED = 5; // rill_outcome

// A whole number of the options; 0 where it is missing.
function count(options, name, least = 0) {
  const value = options[name] ?? 0;
  if (!Number.isSafeInteger(value)) {
    throw invalidArgument(`options.${name}`, "an integer", value);
  }
  if (value < 0 || (value !== 0 && value < least)) {
    throw outOfRange(`options.${name}`, `>= ${least}`, value);
  }
  return value;
}

// Milliseconds; 0: not given. Infinity: no limit.
function timeoutOf(value) {
  checkLimits(undefined, value);
  if (value === undefined) return 0;
  return value > 1e15 ? -1 : Math.max(1, Math.ceil(value));
}

function text(value, name) {
  if (typeof value === "string") return value;
  throw invalidArgument(name, "of type string", value);
}

const closedError = () =>
  new DOMException("The pool is closed", "InvalidStateError");

// An evaluation's value, or its error thrown: what the script threw, or one
// that says how it was cut off.
function unpack([outcome, value, name, message, stack]) {
  if (outcome === RETURNED) return value;
  let error = value;
  if (name !== undefined) {
    error = new Error(message);
    const frames = stack.indexOf("\n");
    const hidden = { configurable: true, writable: true };
    Object.defineProperty(error, "name", { ...hidden, value: name });
    Object.defineProperty(error, "stack", {
      ...hidden,
      value: `${name}: ${message}${frames < 0 ? "" : stack.slice(frames)}`,
    });
  }
  if (Error.isError(error) && Object.isExtensible(error)) {
    error.isTimeout = outcome === TIMED_OUT;
    error.isCancelled = outcome === CANCELLED;
  }
  throw error;
}

export class Pool {
  #handle;
  #rejects;
  #sessions = 0;

  constructor(options = {}) {
    const full = options.whenFull ?? "wait";
    if (full !== "wait" && full !== "reject") {
      throw invalidArgument("options.whenFull", "'wait' or 'reject'", full);
    }
    const trace = TRACES.indexOf(options.trace ?? "off");
    if (trace < 0) {
      throw invalidArgument("options.trace", "'off', 'text' or 'json'",
                            options.trace);
    }
    const workers = count(options, "workers");
    if (workers > 1024) throw outOfRange("options.workers", "<= 1024", workers);
    if (options.bootstrap !== undefined) {
      text(options.bootstrap, "options.bootstrap");
    }
    this.#rejects = full === "reject";
    this.#handle = native.open(
      workers, count(options, "queueLimit"),
      Math.max(timeoutOf(options.timeout), 0), options.bootstrap,
      Math.max(timeoutOf(options.bootstrapTimeout), 0),
      count(options, "memory"), trace, count(options, "sessionLimit"));
  }

  // The promise of what a script gives; a function is called with `arguments`.
  evaluate(source, options = {}) {
    return this.#run(source, undefined, options?.arguments, options);
  }

  // The promise of a function's result, called on a worker: it travels with the
  // variables that it captures.
  call(fn, args = [], options = {}) {
    if (typeof fn !== "function") {
      throw invalidArgument("fn", "of type function", fn);
    }
    return this.#run(undefined, fn, args, options);
  }

  async #run(source, fn, args, options) {
    if (fn === undefined) text(source, "source");
    if (typeof options !== "object" || options === null) {
      throw invalidArgument("options", "of type object", options);
    }
    const { signal, session, fresh = false, name = "evaluation" } = options;
    const timeout = timeoutOf(options.timeout);
    checkLimits(signal, undefined);
    signal?.throwIfAborted();
    if (session !== undefined) text(session, "options.session");
    if (session !== undefined && fresh) {
      throw new TypeError("What belongs to a session has no fresh isolate");
    }
    if (args !== undefined && !Array.isArray(args)) {
      throw invalidArgument("options.arguments", "an instance of Array", args);
    }
    const submit = (reserved) =>
      native.submit(this.#handle, source, text(name, "options.name"), fn, args,
                    session, Boolean(fresh), timeout, reserved);
    let evaluation = submit(false);
    if (evaluation === false) {
      if (this.#rejects) {
        throw new DOMException("The pool's queue is full", "QuotaExceededError");
      }
      await this.#room(signal);
      if (signal?.aborted) {
        native.giveBack(this.#handle);
        throw signal.reason;
      }
      evaluation = submit(true);
    }
    if (evaluation === undefined) throw closedError();
    if (evaluation === true) {
      throw new DOMException("The pool has as many sessions as it may have",
                             "QuotaExceededError");
    }
    let result, release;
    try {
      if (signal !== undefined) {
        release = armLimits("evaluate", signal, undefined,
                            () => native.cancel(evaluation));
      }
      result = await native.ended(evaluation);
    } catch (error) {
      native.cancel(evaluation); // it has begun, and nobody waits for it
      throw error;
    } finally {
      release?.();
    }
    if (result[0] === CANCELLED && signal?.aborted) throw signal.reason;
    return unpack(result);
  }

  async #room(signal) {
    let promise;
    const open = await withLimits(
      "evaluate", signal, undefined,
      () => promise = native.reserve(this.#handle),
      (reason) => {
        stopWaiting(promise, reason);
        // There may have been room by then.
        promise.then((isOpen) => isOpen && native.giveBack(this.#handle),
                     () => {});
      });
    if (!open) throw closedError();
  }

  // Like Promise.allSettled, of scripts, or of objects {source, ...options}.
  batch(items, options = {}) {
    return Promise.allSettled(Array.from(items, async (item) =>
      typeof item === "string"
        ? this.evaluate(item, options)
        : this.evaluate(item.source, { ...options, ...item })));
  }

  // State that is kept: what is evaluated in it shares an isolate.
  session(id = `session-${++this.#sessions}`) {
    return new Session(this, text(id, "id"));
  }
  // After what is queued for it. False: there is none.
  closeSession(id) {
    return native.closeSession(this.#handle, text(id, "id"));
  }

  // Makes the isolates of so many workers, all of them without a number.
  async prewarm(workers) {
    const all = native.prewarm(this.#handle, count({ workers }, "workers"));
    for (const one of all.map(native.ended)) unpack(await one);
  }

  get statistics() {
    return native.statistics(this.#handle);
  }

  // No more is taken; what is queued and runs goes on for `drain` milliseconds
  // (0), or to its end (Infinity).
  async close({ drain = 0 } = {}) {
    checkLimits(undefined, drain);
    const stopped = native.close(this.#handle);
    const timer = drain <= 2147483647
      ? setTimeout(() => native.cancelAll(this.#handle), drain) : undefined;
    await stopped;
    clearTimeout(timer);
  }
  [Symbol.asyncDispose]() {
    return this.close();
  }
}

export class Session {
  #pool;
  #id;
  constructor(pool, id) {
    this.#pool = pool;
    this.#id = id;
  }
  get id() {
    return this.#id;
  }
  evaluate(source, options) {
    return this.#pool.evaluate(source, { ...options, session: this.#id });
  }
  call(fn, args, options) {
    return this.#pool.call(fn, args, { ...options, session: this.#id });
  }
  close() {
    return this.#pool.closeSession(this.#id);
  }
  [Symbol.dispose]() {
    this.close();
  }
}

// The same calls in this isolate, or, with a pool, on its workers: `on` of the
// context, or of one call, is "here" or "pool".
export class Context {
  #pool;
  #on;
  constructor({ pool, on = pool === undefined ? "here" : "pool" } = {}) {
    this.#pool = pool;
    this.#on = on;
  }
  #isHere(on = this.#on) {
    if (on === "here") return true;
    if (on === "pool" && this.#pool !== undefined) return false;
    throw invalidArgument("options.on", "'here', or 'pool' where there is one",
                          on);
  }
  async evaluate(source, options = {}) {
    if (!this.#isHere(options.on)) return this.#pool.evaluate(source, options);
    const { signal, timeout, name = "evaluation" } = options;
    return withLimits("evaluate", signal, timeout, async () => {
      const value = await native.run(text(source, "source"),
                                     text(name, "options.name"));
      return typeof value === "function" && options.arguments !== undefined
        ? value(...options.arguments) : value;
    }, () => {});
  }
  async call(fn, args = [], options = {}) {
    if (!this.#isHere(options.on)) return this.#pool.call(fn, args, options);
    return withLimits("call", options.signal, options.timeout,
                      async () => fn(...args), () => {});
  }
}
