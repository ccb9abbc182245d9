// SPDX-License-Identifier: MIT
// Worker (WHATWG HTML 10.2.6), for modules, and the global scope of one.
import { fileURLToPath } from "node:url";
import { resolve } from "node:path";
import { serialize } from "rill:internal/clone";
import { setImmediate, throwLater } from "rill:internal/timers";
import { end, inbox, own, post, WorkerLink }
  from "rill:internal/worker";
import {
  ErrorEvent,
  eventHandlers,
  EventTarget,
  fireTrusted,
  listenerCount,
  watch,
} from "rill:internal/web/events";
import { dictionary, enumerable, required } from "rill:internal/web/idl";
import { receiveInto, transferOf } from "rill:internal/web/message";

// A file's path, of a URL or relative to the working directory.
function pathOf(url) {
  const text = `${url}`;
  return text.startsWith("file:") ? fileURLToPath(text) : resolve(text);
}

export class Worker extends EventTarget {
  #link;
  constructor(url, options = undefined) {
    required(arguments.length, 1, "Worker");
    super();
    const { name = "", type = "module" } = dictionary(options);
    if (type !== "module" && type !== "classic") {
      throw new TypeError(`${type} is no type of workers`);
    }
    this.#link = new WorkerLink(pathOf(url), `${name}`, undefined, undefined, {
      message: (clone) => setImmediate(() => receiveInto(this, clone, "")),
      error: (error) => {
        const event = new ErrorEvent("error", {
          error,
          message: `${error?.message ?? error}`,
          cancelable: true,
        });
        const isHeard = listenerCount(this, "error") > 0;
        fireTrusted(this, event);
        if (!isHeard) throwLater(error);
      },
      exit: () => {},
    });
  }
  postMessage(message, options = undefined) {
    required(arguments.length, 1, "postMessage");
    this.#link.post(serialize(message, transferOf(options)));
  }
  terminate() {
    this.#link.terminate();
  }
  // Not of the standard: does the program go on as long as the worker does?
  ref() {
    this.#link.reference(true);
  }
  unref() {
    this.#link.reference(false);
  }
  static {
    eventHandlers(this, ["message", "messageerror", "error"]);
    enumerable(this, "Worker");
  }
}

class DedicatedWorkerGlobalScope extends EventTarget {
  static {
    eventHandlers(this, ["message", "messageerror", "error"]);
    enumerable(this, "DedicatedWorkerGlobalScope");
  }
}

// Makes the global object that of a worker.
export function begin() {
  const scope = new DedicatedWorkerGlobalScope();
  const messages = inbox((clone) => {
    try {
      receiveInto(scope, clone, "");
    } catch (error) { // for want of memory: listeners' errors end nothing
      throwLater(error);
    }
  });
  watch(scope, () => {
    if (listenerCount(scope, "message") > 0) {
      messages.start();
    } else {
      messages.stop();
    }
  });
  const members = {
    self: globalThis,
    name: own.name,
    postMessage(message, options = undefined) {
      required(arguments.length, 1, "postMessage");
      post(serialize(message, transferOf(options)));
    },
    close() {
      end();
    },
    addEventListener: scope.addEventListener.bind(scope),
    removeEventListener: scope.removeEventListener.bind(scope),
    dispatchEvent: scope.dispatchEvent.bind(scope),
  };
  for (const [key, value] of Object.entries(members)) {
    Object.defineProperty(globalThis, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  }
  for (const key of ["onmessage", "onmessageerror", "onerror"]) {
    Object.defineProperty(globalThis, key, {
      get: () => scope[key],
      set: (handler) => scope[key] = handler,
      enumerable: true,
      configurable: true,
    });
  }
}
