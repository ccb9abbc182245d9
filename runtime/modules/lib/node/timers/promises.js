// SPDX-License-Identifier: MIT
// node:timers/promises
import { abortError } from "rill:internal/errors";
import * as timers from "rill:internal/timers";

function wait(start, stop, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(abortError(signal.reason));
      return;
    }
    const onAbort = () => {
      stop(timer);
      reject(abortError(signal.reason));
    };
    const timer = start(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

export async function setTimeout(delay, value, { ref = true, signal } = {}) {
  await wait((done) => {
    const timer = timers.setTimeout(done, delay);
    return ref ? timer : timer.unref();
  }, timers.clearTimeout, signal);
  return value;
}

export async function setImmediate(value, { signal } = {}) {
  await wait(timers.setImmediate, timers.clearImmediate, signal);
  return value;
}

export async function* setInterval(delay, value, options) {
  for (;;) yield await setTimeout(delay, value, options);
}

export const scheduler = {
  wait: (delay, options) => setTimeout(delay, undefined, options),
  yield: () => setImmediate(),
};
export default { scheduler, setImmediate, setInterval, setTimeout };
