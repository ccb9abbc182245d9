// SPDX-License-Identifier: MIT
// rill:time: sleeping, intervals, time limits. All on the program's clock, which
// tests can pause. `sleep` is an I/O instruction where it is called by its
// imported name (vm/io_operations.def).
import { now as milliseconds } from "rill:internal/clock";
import { invalidArgument, outOfRange } from "rill:internal/errors";
import { armLimits, withLimits } from "rill:internal/limits";
import { clearTimeout, setTimeout } from "rill:internal/timers";
import { dictionary } from "rill:internal/web/idl";
export { sleep } from "rill:internal/sleep";

const LONGEST = 2147483647; // what a timer can wait

// Nanoseconds of a clock that never goes back, from some moment before the
// program's start on.
export const now = () => Math.round(milliseconds() * 1e6);

function checkDuration(value, name, least = 0) {
  if (typeof value !== "number") {
    throw invalidArgument(name, "of type number", value);
  }
  if (!(value >= least)) throw outOfRange(name, `>= ${least}`, value);
}

// Until the clock shows `due` milliseconds; a signal ends it.
function waitUntil(due, signal) {
  let timer;
  const start = () => new Promise((resolve) => {
    const arm = () => {
      const left = Math.ceil(due - milliseconds());
      if (left <= 0) resolve();
      else timer = setTimeout(arm, Math.min(left, LONGEST));
    };
    arm();
  });
  return withLimits("interval", signal, undefined, start,
                    () => clearTimeout(timer));
}

// Some lateness is the timer's own, not a missed tick.
const GRACE = 5;
const policies = {
  burst: (due, period) => due + period,
  delay: (due, period, at) => at > due + GRACE ? at + period : due + period,
  skip: (due, period, at) =>
    at > due + GRACE ? at - (at - due) % period + period : due + period,
};

// An async iterator of ticks: their numbers, from 0 on. The first comes at once,
// or after `delay` milliseconds.
class Interval {
  #due;
  #next;
  #ticks = 0;
  #ended = false;
  #stop = new AbortController(); // what waits for a tick
  #release;
  #last = Promise.resolve();

  constructor(period, { missed = "burst", signal, timeout, delay = 0 }) {
    checkDuration(period, "period");
    if (period === 0) throw outOfRange("period", "> 0", period);
    checkDuration(delay, "options.delay");
    if (!Object.hasOwn(policies, missed)) {
      throw invalidArgument("options.missed", 'one of "burst", "delay", "skip"',
                            missed);
    }
    this.#release = armLimits("interval", signal, timeout,
                              (reason) => this.#stop.abort(reason));
    this.period = period;
    this.#next = policies[missed];
    this.#due = milliseconds() + delay;
  }

  #end() {
    this.#ended = true;
    this.#release();
    this.#stop.abort();
  }

  async #tick(signal) {
    if (this.#ended) return { value: undefined, done: true };
    try {
      await waitUntil(this.#due, signal);
    } catch (error) {
      if (this.#ended) return { value: undefined, done: true };
      if (this.#stop.signal.aborted) this.#end();
      throw error;
    }
    const at = milliseconds();
    this.#due = this.#next(this.#due, this.period, at);
    return { value: this.#ticks++, done: false };
  }

  // Several calls get one tick each. {signal, timeout} end the waiting, not the
  // interval: the tick is the next call's.
  next({ signal, timeout } = {}) {
    if (signal === undefined && timeout === undefined) {
      const tick = () => this.#tick(this.#stop.signal);
      return this.#last = this.#last.then(tick, tick);
    }
    const cut = new AbortController();
    const either = AbortSignal.any([this.#stop.signal, cut.signal]);
    const tick = () => this.#tick(either);
    return withLimits("next", signal, timeout,
                      () => this.#last = this.#last.then(tick, tick),
                      (reason) => cut.abort(reason));
  }

  // The next tick comes a period from now.
  reset() {
    this.#due = milliseconds() + this.period;
  }

  return(value) {
    this.#end();
    return Promise.resolve({ value, done: true });
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  async [Symbol.asyncDispose]() {
    this.#end();
  }
}

// for await (const tick of interval(100, { missed, signal, timeout, delay })). The
// timeout is that of the whole, from now on. What becomes of ticks whose time passed while nobody asked: "burst", all of them at
// once; "delay", the next comes a period after this one; "skip", the next comes
// at a multiple of the period.
export const interval = (period, options = undefined) =>
  new Interval(period, dictionary(options));

// The promise, a task's handle, or a function's result, which is given a
// signal; cut off after that many milliseconds with a TimeoutError. What is cut
// off is told: a handle is aborted, a function's signal aborts.
export function timeout(work, ms, options = undefined) {
  checkDuration(ms, "ms");
  const { signal } = dictionary(options);
  const controller = new AbortController();
  const start = async () =>
    typeof work === "function" ? work(controller.signal) : work;
  const cancel = (reason) => {
    controller.abort(reason);
    if (typeof work?.abort === "function") work.abort(reason);
  };
  const name = typeof work === "function" ? work.name : work?.name;
  return withLimits(typeof name === "string" && name !== "" ? name : "timeout",
                    signal, ms, start, cancel);
}

// One limit for several operations: a moment, and a signal for all that takes
// one.
class Deadline {
  #at;
  #controller = new AbortController();
  #timer;
  #release = () => {};

  constructor(ms, signal) {
    this.#at = milliseconds() + ms;
    const expire = () => {
      const left = Math.ceil(this.#at - milliseconds());
      if (left > 0) {
        this.#timer = setTimeout(expire, Math.min(left, LONGEST));
        this.#timer.unref();
        return;
      }
      this.#end(new DOMException(`The deadline of ${ms} ms has passed`,
                                 "TimeoutError"));
    };
    if (signal?.aborted) {
      this.#end(signal.reason);
      return;
    }
    const onAbort = () => this.#end(signal.reason);
    signal?.addEventListener("abort", onAbort);
    this.#release = () => signal?.removeEventListener("abort", onAbort);
    expire();
  }

  #end(reason) {
    this[Symbol.dispose]();
    this.#controller.abort(reason);
  }

  // Aborts when the time has come, with a TimeoutError, or with the signal that
  // was given.
  get signal() {
    return this.#controller.signal;
  }
  // Milliseconds that are left.
  get remaining() {
    return Math.max(0, this.#at - milliseconds());
  }
  get expired() {
    return this.#controller.signal.aborted;
  }
  // Work as timeout takes it.
  run(work) {
    return timeout(work, Infinity, { signal: this.signal });
  }
  // It will not come any more.
  [Symbol.dispose]() {
    clearTimeout(this.#timer);
    this.#release();
  }
}

export function deadline(ms, options = undefined) {
  checkDuration(ms, "ms");
  return new Deadline(ms, dictionary(options).signal);
}
