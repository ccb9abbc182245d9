// SPDX-License-Identifier: MIT
// node:worker_threads
import { EventEmitter } from "node:events";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { deserialize, serialize } from "rill:internal/clone";
import "rill:internal/port_listeners";
import { inbox, own, post, WorkerLink } from "rill:internal/worker";
import { isThreadWorker } from "rill:internal/worker-thread";
import { BroadcastChannel } from "rill:internal/web/broadcast";
import {
  MessageChannel,
  MessagePort,
  transferOf,
} from "rill:internal/web/message";

export const isMainThread = !isThreadWorker();
export const threadId = own?.id ?? 0;
export const workerData = own?.workerData ?? null;
export const resourceLimits = {};

// What every worker that is made from here on finds, too.
const environmentData = new Map(own?.environmentData);
export function setEnvironmentData(key, value) {
  if (value === undefined) environmentData.delete(key);
  else environmentData.set(key, value);
}
export const getEnvironmentData = (key) => environmentData.get(key);

export class Worker extends EventEmitter {
  #link;
  constructor(file, options = {}) {
    super();
    const text = `${file}`;
    const path = text.startsWith("file:") ? fileURLToPath(text) : resolve(text);
    this.#link = new WorkerLink(path, `${options.name ?? ""}`,
                                options.workerData, environmentData, {
      message: (clone) => this.emit("message", deserialize(clone)[0]),
      error: (error) => this.emit("error", error),
      exit: (code) => this.emit("exit", code),
    }, transferOf(options.transferList));
    this.threadId = this.#link.id;
  }
  postMessage(message, transfer = undefined) {
    this.#link.post(serialize(message, transferOf(transfer)));
  }
  terminate() {
    return this.#link.terminate();
  }
  ref() {
    this.#link.reference(true);
  }
  unref() {
    this.#link.reference(false);
  }
}

class ParentPort extends EventEmitter {
  #inbox = inbox((clone) => this.emit("message", deserialize(clone)[0]));
  constructor() {
    super();
    this.on("newListener", (name) => {
      if (name === "message") this.#inbox.start();
    });
    this.on("removeListener", (name) => {
      if (name === "message" && this.listenerCount("message") === 0) {
        this.#inbox.stop();
      }
    });
  }
  postMessage(message, transfer = undefined) {
    post(serialize(message, transferOf(transfer)));
  }
  close() {
    this.#inbox.stop();
  }
}

export const parentPort = isMainThread ? null : new ParentPort();
export { BroadcastChannel, MessageChannel, MessagePort };
export default {
  BroadcastChannel,
  MessageChannel,
  MessagePort,
  Worker,
  getEnvironmentData,
  isMainThread,
  parentPort,
  resourceLimits,
  setEnvironmentData,
  threadId,
  workerData,
};
