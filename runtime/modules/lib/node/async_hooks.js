// SPDX-License-Identifier: MIT
// node:async_hooks: AsyncLocalStorage and AsyncResource over the async context.
// Only AsyncResources have identities, of which executionAsyncId gives the one
// whose scope this is, and of which hooks are told; promises, timers and sockets
// have none.
import { setVariables, variables } from "rill:internal/context";
import { checkFunction, codedError } from "rill:internal/errors";
import { setImmediate } from "rill:internal/timers";

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
let hooks = []; // that are enabled, in that order; replaced when it changes

// What a hook throws ends the program, as Node has it: nobody can have caused it.
function tell(name, ...values) {
  for (const hook of hooks) {
    try {
      hook[name]?.(...values);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

class AsyncHook {
  #callbacks;
  constructor(callbacks) {
    this.#callbacks = callbacks;
  }
  enable() {
    if (!hooks.includes(this.#callbacks)) hooks = [...hooks, this.#callbacks];
    return this;
  }
  disable() {
    hooks = hooks.filter((callbacks) => callbacks !== this.#callbacks);
    return this;
  }
}

// Tells of AsyncResources: init(asyncId, type, triggerAsyncId, resource), before,
// after and destroy(asyncId).
export function createHook({ init, before, after, destroy, promiseResolve }) {
  const callbacks = { init, before, after, destroy, promiseResolve };
  for (const [name, callback] of Object.entries(callbacks)) {
    if (callback !== undefined && typeof callback !== "function") {
      throw codedError(TypeError, "ERR_ASYNC_CALLBACK",
                       `hook.${name} must be a function`);
    }
  }
  return new AsyncHook(callbacks);
}

export class AsyncResource {
  #id = ++lastId;
  #triggerId;
  #variables;
  #isDestroyed = false;
  constructor(type, options = {}) {
    if (typeof type !== "string") {
      throw codedError(TypeError, "ERR_INVALID_ARG_TYPE",
                       'The "type" argument must be of type string. ' +
                       `Received ${type === null ? "null" : typeof type}`);
    }
    this.#triggerId = typeof options === "number" ? options
        : options?.triggerAsyncId ?? executionAsyncId();
    this.#variables = withValue(running, this);
    if (hooks.length > 0) tell("init", this.#id, type, this.#triggerId, this);
  }
  runInAsyncScope(work, thisValue, ...values) {
    if (hooks.length === 0) {
      return within(this.#variables, work, thisValue, values);
    }
    tell("before", this.#id);
    try {
      return within(this.#variables, work, thisValue, values);
    } finally {
      tell("after", this.#id);
    }
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
    if (this.#isDestroyed) {
      throw codedError(Error, "ERR_ASYNC_RESOURCE_DESTROYED",
                       "emitDestroy called more than once");
    }
    this.#isDestroyed = true;
    if (hooks.length > 0) setImmediate(() => tell("destroy", this.#id)).unref();
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
export default {
  AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncId,
  executionAsyncResource,
  triggerAsyncId,
};
