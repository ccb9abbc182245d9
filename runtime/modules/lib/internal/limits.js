// SPDX-License-Identifier: MIT
// {signal, timeout}: how every operation that waits is cut off. A signal ends it
// with its reason; a timeout, after that many milliseconds, with a TimeoutError.
import { invalidArgument, outOfRange } from "rill:internal/errors";
import { markHandled, onStop } from "rill:internal/promise";
import { cancel } from "rill:internal/sync";
import { clearTimeout, setTimeout } from "rill:internal/timers";

// DOMException is taken from the global's accessor, so that its module is
// loaded when there is something to report.
const timeoutError = (operation, milliseconds) =>
  new DOMException(`${operation} took longer than ${milliseconds} ms`,
                   "TimeoutError");

// Throws if they are not what they should be. Both may be undefined.
export function checkLimits(signal, timeout) {
  if (signal !== undefined &&
      (typeof signal !== "object" || signal === null ||
       typeof signal.aborted !== "boolean")) {
    throw invalidArgument("options.signal", "an instance of AbortSignal",
                          signal);
  }
  if (timeout === undefined) return;
  if (typeof timeout !== "number") {
    throw invalidArgument("options.timeout", "of type number", timeout);
  }
  if (!(timeout >= 0)) throw outOfRange("options.timeout", ">= 0", timeout);
}

// Calls `stop(reason)` when the signal is aborted or the time is over. Gives a
// function that takes it back. Throws if the limits are none, or the signal's
// reason if it is aborted already.
export function armLimits(operation, signal, timeout, stop) {
  checkLimits(signal, timeout);
  signal?.throwIfAborted();
  const end = (reason) => {
    release();
    stop(reason);
  };
  const onAbort = () => end(signal.reason);
  // Beyond what timers know (24 days): never.
  const timer = timeout <= 2147483647
      ? setTimeout(() => end(timeoutError(operation, timeout)), timeout)
      : undefined;
  const release = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
  try {
    signal?.addEventListener("abort", onAbort);
  } catch (error) {
    clearTimeout(timer);
    throw error;
  }
  return release;
}

// The promise of `start()`, cut off by a signal or a timeout: `cancel(reason)`
// then ends the operation itself, whose own rejection goes unheard. What start()
// began before it throws is its own to end. A signal that is aborted already, or
// limits that are none, reject it unstarted. So does the abort of the task that
// awaits it.
export function withLimits(operation, signal, timeout, start, cancel) {
  if (signal === undefined && timeout === undefined) return start();
  let stop, isOver = false;
  const limited = new Promise((resolve, reject) => {
    const end = (reason) => {
      reject(reason);
      cancel(reason);
    };
    const release = armLimits(operation, signal, timeout, end);
    stop = (reason) => {
      if (isOver) return;
      release();
      end(reason);
    };
    let promise;
    try {
      promise = start();
      promise.then(
        (value) => {
          isOver = true;
          release();
          resolve(value);
        },
        (error) => {
          isOver = true;
          release();
          reject(error);
        },
      );
    } catch (error) {
      release();
      if (promise !== undefined) { // it has begun, and nobody waits for it
        markHandled(promise);
        cancel(error);
      }
      throw error;
    }
  });
  if (stop === undefined) return limited;
  try {
    onStop(limited, stop);
  } catch (error) {
    stop(error);
  }
  return limited;
}

// The native promise of start(...values), of a future that is dropped by
// {signal, timeout}: it leaves its queue, and what it has got by then it keeps.
export function waiting(operation, options, start, first, second, third) {
  const signal = options?.signal, timeout = options?.timeout;
  if (signal === undefined && timeout === undefined) {
    return start(first, second, third);
  }
  let promise;
  try {
    const release = armLimits(operation, signal, timeout,
                              (reason) => cancel(promise, reason));
    try {
      promise = start(first, second, third);
      promise.then(release, release);
    } catch (error) {
      release();
      if (promise !== undefined) { // it has begun, and nobody waits for it
        markHandled(promise);
        cancel(promise, error);
      }
      throw error;
    }
    return promise;
  } catch (error) {
    return Promise.reject(error);
  }
}

// A function that gives such promises, with limits for each call.
export const limited = (operation, start, options) => (...values) =>
  waiting(operation, options, () => start(...values));
