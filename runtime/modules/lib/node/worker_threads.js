// SPDX-License-Identifier: MIT
// node:worker_threads: this is the main thread. Workers are not supported.
import { codedError } from "rill:internal/errors";

export const isMainThread = true;
export const threadId = 0;
export const parentPort = null;
export const workerData = null;
export const resourceLimits = {};
export class Worker {
  constructor() {
    throw codedError(Error, "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
                     "worker_threads.Worker is not supported");
  }
}
export default {
  Worker,
  isMainThread,
  parentPort,
  resourceLimits,
  threadId,
  workerData,
};
