// SPDX-License-Identifier: MIT
// spawn in a simulation: tasks begin and end as events whose order the seed
// decides, in this isolate, on copies as if it were another one.
import {
  closeChannels,
  copyCall,
  copyResult,
  isSimulating,
} from "rill:internal/test";
import { setImmediate } from "rill:internal/timers";

export { isSimulating };

let nextId = 1;

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
        value = refused;
      }
    }
    this.#settle(failed, value);
  }
  // What it has begun goes on, but nobody hears of it.
  abort(reason) {
    this.#settle(true, reason);
  }
}
