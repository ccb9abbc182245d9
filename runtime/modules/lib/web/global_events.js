// SPDX-License-Identifier: MIT
// The global object as an event target: listeners, and the events error,
// unhandledrejection and rejectionhandled (WHATWG HTML 8.1.4). An event that is
// canceled is handled; process's listeners come first.
import { setGlobalEvents } from "rill:internal/program";
import {
  ErrorEvent,
  Event,
  EventTarget,
  fireTrusted,
  globalTarget,
  listenerCount,
} from "rill:internal/web/events";
import { enumerable, required } from "rill:internal/web/idl";

// Without a receiver, and on the global object, they mean globalTarget.
export const { addEventListener, dispatchEvent, removeEventListener } =
    EventTarget.prototype;

export class PromiseRejectionEvent extends Event {
  #promise;
  #reason;
  constructor(type, init) {
    required(arguments.length, 2, "PromiseRejectionEvent");
    super(type, init);
    if (init?.promise === undefined) {
      throw new TypeError("PromiseRejectionEvent: promise is required");
    }
    this.#promise = init.promise;
    this.#reason = init.reason;
  }
  get promise() {
    return this.#promise;
  }
  get reason() {
    return this.#reason;
  }
  static {
    enumerable(this, "PromiseRejectionEvent");
  }
}

const make = {
  uncaughtException: (error) => new ErrorEvent("error", {
    error,
    message: `${error?.message ?? error}`,
    cancelable: true,
  }),
  unhandledRejection: (reason, promise) =>
    new PromiseRejectionEvent("unhandledrejection",
                              { reason, promise, cancelable: true }),
  rejectionHandled: (promise, reason) =>
    new PromiseRejectionEvent("rejectionhandled", { promise, reason }),
};
const types = {
  uncaughtException: "error",
  unhandledRejection: "unhandledrejection",
  rejectionHandled: "rejectionhandled",
};

// Did a listener handle it?
setGlobalEvents((name, ...args) => {
  const type = types[name];
  return type !== undefined && listenerCount(globalTarget, type) > 0 &&
      !fireTrusted(globalTarget, make[name](...args));
});
