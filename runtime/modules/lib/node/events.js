// SPDX-License-Identifier: MIT
// node:events: EventEmitter and once(). A function, not a class: old code calls
// EventEmitter.call(this), so state hangs on a symbol made on first use.
const state = Symbol("listeners");

const listenersOf = (emitter) => (emitter[state] ??= new Map());

export function EventEmitter() {
  Object.defineProperty(this, state, {
    value: new Map(),
    writable: true,
    configurable: true,
  });
}

function add(emitter, event, listener, once, first) {
  if (typeof listener !== "function") {
    const error = new TypeError(
      'The "listener" argument must be of type function. Received ' +
        (listener === null ? "null" : typeof listener),
    );
    error.code = "ERR_INVALID_ARG_TYPE";
    throw error;
  }
  const listeners = listenersOf(emitter);
  if (listeners.has("newListener")) {
    emitter.emit("newListener", event, listener);
  }
  // Lists are replaced, not changed: emit may be walking the old one.
  const list = listeners.get(event) ?? [];
  const entry = { listener, once };
  listeners.set(event, first ? [entry, ...list] : [...list, entry]);
  return emitter;
}

Object.assign(EventEmitter.prototype, {
  on(event, listener) {
    return add(this, event, listener, false, false);
  },
  addListener(event, listener) {
    return add(this, event, listener, false, false);
  },
  once(event, listener) {
    return add(this, event, listener, true, false);
  },
  prependListener(event, listener) {
    return add(this, event, listener, false, true);
  },
  prependOnceListener(event, listener) {
    return add(this, event, listener, true, true);
  },
  off(event, listener) {
    const listeners = listenersOf(this);
    const list = listeners.get(event) ?? [];
    const at = list.findLastIndex((entry) => entry.listener === listener);
    if (at >= 0) {
      if (list.length === 1) listeners.delete(event);
      else listeners.set(event, list.toSpliced(at, 1));
      if (listeners.has("removeListener")) {
        this.emit("removeListener", event, listener);
      }
    }
    return this;
  },
  removeListener(event, listener) {
    return this.off(event, listener);
  },
  removeAllListeners(event) {
    if (event === undefined) listenersOf(this).clear();
    else listenersOf(this).delete(event);
    return this;
  },
  emit(event, ...args) {
    const list = listenersOf(this).get(event);
    if (list === undefined) {
      if (event !== "error") return false;
      if (args[0] instanceof Error) throw args[0];
      const error = new Error(`Unhandled error. (${String(args[0])})`);
      error.code = "ERR_UNHANDLED_ERROR";
      error.context = args[0];
      throw error;
    }
    for (const { listener, once } of list) {
      if (once) this.off(event, listener);
      listener.apply(this, args);
    }
    return true;
  },
  listeners(event) {
    return (listenersOf(this).get(event) ?? []).map((e) => e.listener);
  },
  rawListeners(event) {
    return this.listeners(event);
  },
  listenerCount(event) {
    return listenersOf(this).get(event)?.length ?? 0;
  },
  eventNames() {
    return [...listenersOf(this).keys()];
  },
  setMaxListeners() {
    return this;
  },
  getMaxListeners() {
    return EventEmitter.defaultMaxListeners;
  },
});
EventEmitter.defaultMaxListeners = 10;

export function once(emitter, event) {
  return new Promise((resolve, reject) => {
    const onError = (error) => {
      emitter.off(event, onEvent);
      reject(error);
    };
    const onEvent = (...args) => {
      emitter.off("error", onError);
      resolve(args);
    };
    emitter.once(event, onEvent);
    if (event !== "error") emitter.once("error", onError);
  });
}

EventEmitter.EventEmitter = EventEmitter;
EventEmitter.once = once;
export default EventEmitter;
