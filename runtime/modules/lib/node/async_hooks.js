// SPDX-License-Identifier: MIT
// node:async_hooks: AsyncLocalStorage and AsyncResource over the async context.
// There are no hooks, for promises have no identities; an AsyncResource's own
// is what executionAsyncId gives inside of its scope.
import { setVariables, variables } from "rill:internal/context";
import { checkFunction, codedError } from "rill:internal/errors";
import { unsupported } from "rill:internal/unsupported";

// Runs work with one variable changed, or (map undefined) in another context.
function within(map, work, thisValue, values) {
  const before = variables();
  setVariables(map);
  try {
    return Reflect.apply(work, thisValue, values);
  } finally {
    setVariables(before);
  }
}

const withValue = (key, value) => {
  const map = new Map(variables());
  return map.set(key, value);
};

export class AsyncLocalStorage {
  // What contexts know the storage by; another one after disable().
  #key = {};

  getStore() {
    return variables()?.get(this.#key);
  }
  run(store, work, ...values) {
    return within(withValue(this.#key, store), work, null, values);
  }
  exit(work, ...values) {
    return within(withValue(this.#key, undefined), work, null, values);
  }
  enterWith(store) {
    setVariables(withValue(this.#key, store));
  }
  disable() {
    this.#key = {};
  }
  static bind(work) {
    return AsyncResource.bind(work);
  }
  static snapshot() {
    return AsyncLocalStorage.bind((work, ...values) => work(...values));
  }
}

const running = {}; // the key of the AsyncResource whose scope this is
let lastId = 1; // the program itself

export class AsyncResource {
  #id = ++lastId;
  #triggerId;
  #variables;
  constructor(type, options = {}) {
    if (typeof type !== "string") {
      throw codedError(TypeError, "ERR_INVALID_ARG_TYPE",
                       'The "type" argument must be of type string. ' +
                       `Received ${type === null ? "null" : typeof type}`);
    }
    this.#triggerId = typeof options === "number" ? options
        : options?.triggerAsyncId ?? executionAsyncId();
    this.#variables = withValue(running, this);
  }
  runInAsyncScope(work, thisValue, ...values) {
    return within(this.#variables, work, thisValue, values);
  }
  bind(work, thisValue) {
    checkFunction(work, "fn");
    const resource = this;
    const bound = thisValue === undefined
      ? function (...values) {
        return resource.runInAsyncScope(work, this, ...values);
      }
      : (...values) => this.runInAsyncScope(work, thisValue, ...values);
    return Object.defineProperty(bound, "length", {
      configurable: true,
      value: work.length,
    });
  }
  static bind(work, type, thisValue) {
    checkFunction(work, "fn");
    return new AsyncResource(type || work.name || "bound-anonymous-fn")
      .bind(work, thisValue);
  }
  emitDestroy() {
    return this;
  }
  asyncId() {
    return this.#id;
  }
  triggerAsyncId() {
    return this.#triggerId;
  }
}

const top = {};
export const executionAsyncResource = () => variables()?.get(running) ?? top;
export const executionAsyncId = () =>
  variables()?.get(running)?.asyncId() ?? 1;
export const triggerAsyncId = () =>
  variables()?.get(running)?.triggerAsyncId() ?? 0;
export const createHook = unsupported("async_hooks", "createHook",
                                      "AsyncLocalStorage");
export default {
  AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncId,
  executionAsyncResource,
  triggerAsyncId,
};
