// SPDX-License-Identifier: MIT
// node:async_hooks: AsyncLocalStorage and AsyncResource over the async context.
// AsyncResources have identities; promises, timers, immediates and ticks get
// them while a hook is enabled, and cost nothing more while none is.
import {
  observePromises,
  setVariables,
  variables,
} from "rill:internal/context";
import { checkFunction, codedError } from "rill:internal/errors";
import { observe } from "rill:internal/timers";

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

// What has no place for an identity of its own: {id, triggerId}, by object.
const identities = new WeakMap();
const identityOf = (object) => {
  let identity = identities.get(object);
  if (identity === undefined) { // it was made while nobody looked
    identity = { id: ++lastId, triggerId: 0 };
    identities.set(object, identity);
  }
  return identity;
};
// What runs, the innermost last: {id, triggerId, resource}.
let executions = [];
const execution = () => executions[executions.length - 1];

function made(type, object, triggerId = executionAsyncId()) {
  const id = ++lastId;
  identities.set(object, { id, triggerId });
  tell("init", id, type, triggerId, object);
  return id;
}
function begins(object, { id, triggerId } = identityOf(object)) {
  executions.push({ id, triggerId, resource: object });
  tell("before", id);
}
function ends(object) {
  if (execution()?.resource !== object) return; // hooks came in between
  const { id } = execution();
  tell("after", id);
  executions.pop();
}
const tellDestroyed = (id) => {
  if (hooks.length > 0) queueMicrotask(() => tell("destroy", id));
};
const over = (object) => tellDestroyed(identityOf(object).id);
const collected = new FinalizationRegistry(tellDestroyed);

const promiseEvents = [
  (promise, parent) => {
    const id = made("PROMISE", promise, parent && identityOf(parent).id);
    if (hooks.some(({ destroy }) => destroy)) collected.register(promise, id);
  },
  (promise) => tell("promiseResolve", identityOf(promise).id),
  (promise) => begins(promise),
  ends,
];

function setHooks(enabled) {
  const wasObserving = hooks.length > 0;
  hooks = enabled;
  const isObserving = hooks.length > 0;
  if (isObserving === wasObserving) return;
  executions = [];
  observePromises(isObserving
      ? (event, promise, parent) => promiseEvents[event](promise, parent)
      : undefined);
  observe(isObserving ? { made, begins, ends, over } : undefined);
}

class AsyncHook {
  #callbacks;
  constructor(callbacks) {
    this.#callbacks = callbacks;
  }
  enable() {
    if (!hooks.includes(this.#callbacks)) setHooks([...hooks, this.#callbacks]);
    return this;
  }
  disable() {
    setHooks(hooks.filter((callbacks) => callbacks !== this.#callbacks));
    return this;
  }
}

// Tells of AsyncResources, promises (PROMISE), Timeouts, Immediates and ticks
// (TickObject): init(asyncId, type, triggerAsyncId, resource), before, after,
// destroy and promiseResolve(asyncId).
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
    begins(this, { id: this.#id, triggerId: this.#triggerId });
    try {
      return within(this.#variables, work, thisValue, values);
    } finally {
      ends(this);
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
    tellDestroyed(this.#id);
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
const resource = () => variables()?.get(running);
export const executionAsyncResource = () =>
  execution()?.resource ?? resource() ?? top;
export const executionAsyncId = () =>
  execution()?.id ?? resource()?.asyncId() ?? 1;
export const triggerAsyncId = () =>
  execution()?.triggerId ?? resource()?.triggerAsyncId() ?? 0;
export default {
  AsyncLocalStorage,
  AsyncResource,
  createHook,
  executionAsyncId,
  executionAsyncResource,
  triggerAsyncId,
};
