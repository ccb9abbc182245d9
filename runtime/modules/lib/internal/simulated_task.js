// SPDX-License-Identifier: MIT
// spawn in a simulation: tasks begin and end as events whose order the seed
// decides, in this isolate, on copies as if it were another one.
import { structuredClone } from "rill:internal/clone";
import {
  closeChannels,
  copyCall,
  copyResult,
  isSimulating,
} from "rill:internal/test";
import { setImmediate } from "rill:internal/timers";

export { isSimulating };

let nextId = 1;

// An error that has what cannot be cloned is told of without that.
function withoutClass(error, refused) {
  if (!Error.isError(error)) return refused;
  try {
    return structuredClone(error);
  } catch {
    return refused;
  }
}

export class SimulatedTask {
  id = nextId++;
  finished = false;
  #settle;
  constructor(fn, args, transfer, takeTransfer) {
    const call = copyCall(fn, args, transfer);
    const { promise, resolve, reject } = Promise.withResolvers();
    this.promise = promise;
    this.#settle = (failed, value) => {
      if (this.finished) return;
      this.finished = true;
      closeChannels(call[3]);
      setImmediate(failed ? reject : resolve, value);
    };
    setImmediate(() => this.#run(call, takeTransfer));
  }
  async #run([fn, args, pending], takeTransfer) {
    if (this.finished) return;
    let value, failed = false;
    try {
      await Promise.all(pending);
      value = await fn(...args);
      value = copyResult(value, typeof value === "object" && value !== null
        ? takeTransfer(value) : undefined);
    } catch (error) {
      [value, failed] = [error, true];
      try {
        value = copyResult(error, undefined);
      } catch (refused) {
        value = withoutClass(error, refused);
      }
    }
    this.#settle(failed, value);
  }
  // What it has begun goes on, but nobody hears of it.
  abort(reason) {
    this.#settle(true, reason);
  }
}
