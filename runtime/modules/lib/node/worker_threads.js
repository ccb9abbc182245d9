// SPDX-License-Identifier: MIT
// node:worker_threads: this is the main thread, and there are no others.
import { unsupported } from "rill:internal/unsupported";
import {
  BroadcastChannel,
  MessageChannel,
  MessagePort,
} from "rill:internal/web/message";

export { BroadcastChannel, MessageChannel, MessagePort };

export const isMainThread = true;
export const threadId = 0;
export const parentPort = null;
export const workerData = null;
export const resourceLimits = {};
export const Worker = unsupported("worker_threads", "Worker");
export default {
  BroadcastChannel,
  MessageChannel,
  MessagePort,
  Worker,
  isMainThread,
  parentPort,
  resourceLimits,
  threadId,
  workerData,
};
