// SPDX-License-Identifier: MIT
// {signal, timeout}: how every operation that waits is cut off. A signal ends it
// with its reason; a timeout, after that many milliseconds, with a TimeoutError.
import { invalidArgument, outOfRange } from "rill:internal/errors";
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

// The promise of `start()`, cut off by a signal or a timeout: `cancel(reason)`
// then ends the operation itself, whose own rejection goes unheard. A signal
// that is aborted already, or limits that are none, reject it unstarted.
export function withLimits(operation, signal, timeout, start, cancel) {
  if (signal === undefined && timeout === undefined) return start();
  return new Promise((resolve, reject) => {
    checkLimits(signal, timeout);
    signal?.throwIfAborted();
    let timer;
    const onAbort = () => stop(signal.reason);
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    };
    const stop = (reason) => {
      finish();
      reject(reason);
      cancel(reason);
    };
    start().then(
      (value) => {
        finish();
        resolve(value);
      },
      (error) => {
        finish();
        reject(error);
      },
    );
    // Beyond what timers know (24 days): never.
    if (timeout <= 2147483647) {
      timer = setTimeout(() => stop(timeoutError(operation, timeout)), timeout);
    }
    signal?.addEventListener("abort", onAbort);
  });
}
