// SPDX-License-Identifier: MIT
// node:events: EventEmitter, once(), on(). A function, not a class: old code
// calls EventEmitter.call(this), or never does. `_events` maps each event to
// its listener, or to an array of them, which is replaced and never changed,
// because emit may be walking the old one.
import {
  abortError,
  checkAbortSignal,
  checkFunction,
  codedError,
  invalidArgument,
  outOfRange,
} from "rill:internal/errors";
import { loadBuiltin } from "rill:internal/modules";

export const errorMonitor = Symbol("events.errorMonitor");
export const captureRejectionSymbol = Symbol.for("nodejs.rejection");

export function EventEmitter(options) {
  EventEmitter.init.call(this, options);
}

EventEmitter.init = function (options) {
  if (this._events === undefined ||
      this._events === Object.getPrototypeOf(this)._events) {
    this._events = { __proto__: null };
    this._eventsCount = 0;
  }
  this._maxListeners ||= undefined;
  const captures = options?.captureRejections;
  if (captures) {
    checkBoolean(captures, "options.captureRejections");
    captured.add(this);
  } else if (capturesAll) {
    captured.add(this);
  }
};
export const { init } = EventEmitter;

// Whether those made from now on do.
let capturesAll = false;
export const captureRejections = capturesAll;
function checkBoolean(value, name) {
  if (typeof value !== "boolean") {
    throw invalidArgument(name, "of type boolean", value);
  }
}
Object.defineProperty(EventEmitter, "captureRejections", {
  enumerable: true,
  get: () => capturesAll,
  set(value) {
    checkBoolean(value, "EventEmitter.captureRejections");
    capturesAll = value;
  },
});

// The emitters whose listeners' rejected promises become 'error' events.
const captured = new WeakSet();

function capture(emitter, result, event, values) {
  result?.then?.(undefined, (error) => process.nextTick(() => {
    if (typeof emitter[captureRejectionSymbol] === "function") {
      emitter[captureRejectionSymbol](error, event, ...values);
    } else {
      captured.delete(emitter);
      emitter.emit("error", error);
      captured.add(emitter);
    }
  }));
}

const listOf = (emitter, event) => {
  const listeners = emitter._events?.[event];
  return listeners === undefined ? []
      : typeof listeners === "function" ? [listeners] : listeners;
};

function warnOfLeak(emitter, event, list) {
  const limit = emitter.getMaxListeners();
  if (limit <= 0 || list.length <= limit || list.warned) return;
  list.warned = true;
  const warning = new Error(
    `Possible EventEmitter memory leak detected. ${list.length} ${
      String(event)} listeners added to [${emitter.constructor?.name}]. ` +
    `MaxListeners is ${limit}. Use emitter.setMaxListeners() to increase limit`,
  );
  warning.name = "MaxListenersExceededWarning";
  process.emitWarning(warning);
}

function checkLimit(count, name = "setMaxListeners") {
  if (typeof count !== "number") {
    throw invalidArgument(name, "of type number", count);
  }
  if (!(count >= 0)) throw outOfRange(name, ">= 0", count);
}

function add(emitter, event, listener, first) {
  checkFunction(listener, "listener");
  if (emitter._events === undefined) {
    emitter._events = { __proto__: null };
    emitter._eventsCount = 0;
  } else if (emitter._events.newListener !== undefined) {
    emitter.emit("newListener", event, listener.listener ?? listener);
  }
  const events = emitter._events;
  const existing = events[event];
  if (existing === undefined) {
    events[event] = listener;
    emitter._eventsCount++;
    return emitter;
  }
  const old = typeof existing === "function" ? [existing] : existing;
  const list = first ? [listener, ...old] : [...old, listener];
  list.warned = old.warned;
  events[event] = list;
  if (list.length > 10 || emitter._maxListeners !== undefined) {
    warnOfLeak(emitter, event, list);
  }
  return emitter;
}

function onceForm(emitter, event, listener) {
  checkFunction(listener, "listener");
  let fired = false;
  const wrapper = function (...values) {
    if (fired) return undefined;
    fired = true;
    emitter.removeListener(event, wrapper);
    return listener.apply(emitter, values);
  };
  wrapper.listener = listener;
  return wrapper;
}

function unhandled(value) {
  if (value instanceof Error) return value;
  let shown;
  try {
    shown = process.getBuiltinModule("util").inspect(value);
  } catch {
    shown = String(value);
  }
  const error = codedError(Error, "ERR_UNHANDLED_ERROR",
                           `Unhandled error. (${shown})`);
  error.context = value;
  return error;
}

const methods = {
  on(event, listener) {
    return add(this, event, listener, false);
  },
  once(event, listener) {
    return this.on(event, onceForm(this, event, listener));
  },
  prependListener(event, listener) {
    return add(this, event, listener, true);
  },
  prependOnceListener(event, listener) {
    return this.prependListener(event, onceForm(this, event, listener));
  },
  removeListener(event, listener) {
    checkFunction(listener, "listener");
    const events = this._events;
    const existing = events?.[event];
    if (existing === undefined) return this;
    const list = typeof existing === "function" ? [existing] : existing;
    const at = list.findLastIndex(
      (l) => l === listener || l.listener === listener);
    if (at < 0) return this;
    if (list.length === 1) {
      if (--this._eventsCount === 0) this._events = { __proto__: null };
      else delete events[event];
    } else {
      events[event] = list.length === 2 ? list[1 - at] : list.toSpliced(at, 1);
    }
    if (events.removeListener !== undefined) {
      this.emit("removeListener", event, list[at].listener ?? listener);
    }
    return this;
  },
  removeAllListeners(event) {
    const events = this._events;
    if (events === undefined) return this;
    if (events.removeListener !== undefined) {
      const names = event === undefined
          ? Reflect.ownKeys(events).filter((n) => n !== "removeListener")
          : [event];
      for (const name of names) {
        for (const listener of [...listOf(this, name)].reverse()) {
          this.removeListener(name, listener);
        }
      }
    }
    if (event === undefined) {
      this._events = { __proto__: null };
      this._eventsCount = 0;
    } else if (events[event] !== undefined) {
      delete events[event];
      this._eventsCount--;
    }
    return this;
  },
  emit(event, ...values) {
    const events = this._events;
    if (event === "error") {
      if (events?.[errorMonitor] !== undefined) {
        this.emit(errorMonitor, ...values);
      }
      if (events?.error === undefined) throw unhandled(values[0]);
    }
    const listeners = events?.[event];
    if (listeners === undefined) return false;
    const capturing = captured.has(this);
    if (typeof listeners === "function") {
      const result = listeners.apply(this, values);
      if (capturing) capture(this, result, event, values);
      return true;
    }
    for (let i = 0; i < listeners.length; i++) {
      const result = listeners[i].apply(this, values);
      if (capturing) capture(this, result, event, values);
    }
    return true;
  },
  listeners(event) {
    return listOf(this, event).map((l) => l.listener ?? l);
  },
  rawListeners(event) {
    return [...listOf(this, event)];
  },
  listenerCount(event, listener) {
    const list = listOf(this, event);
    return listener === undefined ? list.length : list.filter(
      (l) => l === listener || l.listener === listener).length;
  },
  eventNames() {
    return this._eventsCount > 0 ? Reflect.ownKeys(this._events) : [];
  },
  setMaxListeners(count) {
    checkLimit(count);
    this._maxListeners = count;
    return this;
  },
  getMaxListeners() {
    return this._maxListeners ?? EventEmitter.defaultMaxListeners;
  },
};
Object.assign(EventEmitter.prototype, methods);
EventEmitter.prototype.addListener = EventEmitter.prototype.on;
EventEmitter.prototype.off = EventEmitter.prototype.removeListener;
EventEmitter.prototype._events = undefined;
EventEmitter.prototype._eventsCount = 0;
EventEmitter.prototype._maxListeners = undefined;
export let defaultMaxListeners = 10;
Object.defineProperty(EventEmitter, "defaultMaxListeners", {
  enumerable: true,
  get: () => defaultMaxListeners,
  set(count) {
    checkLimit(count, "defaultMaxListeners");
    defaultMaxListeners = count;
  },
});

// Adds a listener to an emitter or an event target; gives what removes it.
function listen(target, event, listener) {
  if (typeof target.on === "function") {
    target.on(event, listener);
    return () => target.removeListener(event, listener);
  }
  target.addEventListener(event, listener);
  return () => target.removeEventListener(event, listener);
}
function checkListenable(target, name) {
  if (typeof target?.on !== "function" &&
      typeof target?.addEventListener !== "function") {
    throw invalidArgument(name, "an instance of EventEmitter", target);
  }
}

// Of the options of once() and on(): a signal that is not aborted yet, or
// undefined.
function signalOf(options) {
  const { signal } = options ?? {};
  if (signal === undefined) return undefined;
  checkAbortSignal(signal, "options.signal");
  checkListenable(signal, "options.signal");
  if (signal.aborted) throw abortError(signal.reason);
  return signal;
}

export function once(emitter, event, options = {}) {
  return new Promise((resolve, reject) => {
    const signal = signalOf(options);
    checkListenable(emitter, "emitter");
    const undo = [];
    const settle = (settler) => (...values) => {
      for (const f of undo) f();
      settler(values);
    };
    if (signal !== undefined) {
      undo.push(listen(signal, "abort",
                       settle(() => reject(abortError(signal.reason)))));
    }
    undo.push(listen(emitter, event, settle(resolve)));
    if (event !== "error" && typeof emitter.on === "function") {
      undo.push(listen(emitter, "error", settle(([e]) => reject(e))));
    }
  });
}

// An asynchronous iterator of the events' values.
export function on(emitter, event, options = {}) {
  const signal = signalOf(options), { close = [] } = options ?? {};
  checkListenable(emitter, "emitter");
  const values = [], waiting = [], undo = [];
  let failure, done = false;
  const finish = () => {
    done = true;
    for (const f of undo) f();
    for (const { resolve } of waiting.splice(0)) {
      resolve({ value: undefined, done: true });
    }
    return Promise.resolve({ value: undefined, done: true });
  };
  const fail = (error) => {
    const next = waiting.shift();
    if (next === undefined) failure = { error };
    else next.reject(error);
    finish();
  };
  if (signal !== undefined) {
    undo.push(listen(signal, "abort", () => fail(abortError(signal.reason))));
  }
  undo.push(listen(emitter, event, (...value) => {
    const next = waiting.shift();
    if (next === undefined) values.push(value);
    else next.resolve({ value, done: false });
  }));
  if (event !== "error" && typeof emitter.on === "function") {
    undo.push(listen(emitter, "error", fail));
  }
  for (const name of close) undo.push(listen(emitter, name, finish));
  return {
    next() {
      if (values.length > 0) {
        return Promise.resolve({ value: values.shift(), done: false });
      }
      if (failure !== undefined) {
        const { error } = failure;
        failure = undefined;
        return Promise.reject(error);
      }
      if (done) return finish();
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
      });
    },
    return: finish,
    throw: fail,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

// Of the web's targets, which warn of nothing: what they were set to.
const targetLimits = new WeakMap();

function checkTarget(target, name) {
  if (target instanceof EventTarget) return;
  throw invalidArgument(name, "an instance of EventEmitter or EventTarget", target);
}

export function getEventListeners(target, event) {
  if (typeof target?.listeners === "function") return target.listeners(event);
  checkTarget(target, "emitter");
  return loadBuiltin("rill:internal/web/events").listenersOf(target, event);
}

export const listenerCount = (emitter, event) => emitter.listenerCount(event);

export function getMaxListeners(target) {
  if (typeof target?.getMaxListeners === "function") return target.getMaxListeners();
  checkTarget(target, "emitter");
  return targetLimits.get(target) ?? defaultMaxListeners;
}

export function setMaxListeners(count = defaultMaxListeners, ...targets) {
  checkLimit(count);
  if (targets.length === 0) defaultMaxListeners = count;
  for (const target of targets) {
    if (typeof target?.setMaxListeners === "function") {
      target.setMaxListeners(count);
    } else {
      checkTarget(target, "eventTargets");
      targetLimits.set(target, count);
    }
  }
}

// Emits in the async context that it was made in.
export class EventEmitterAsyncResource extends EventEmitter {
  #resource;
  constructor(options = undefined) {
    super(options);
    const { AsyncResource } = loadBuiltin("node:async_hooks");
    const name = typeof options === "string" ? options : options?.name;
    this.#resource = new AsyncResource(name ?? new.target.name, options);
    this.#resource.eventEmitter = this;
  }
  emit(event, ...values) {
    return this.#resource.runInAsyncScope(super.emit, this, event, ...values);
  }
  emitDestroy() {
    this.#resource.emitDestroy();
  }
  get asyncResource() {
    return this.#resource;
  }
  get asyncId() {
    return this.#resource.asyncId();
  }
  get triggerAsyncId() {
    return this.#resource.triggerAsyncId();
  }
}

// Calls listener(event) when the signal is aborted, whoever else stops the event.
export function addAbortListener(signal, listener) {
  checkAbortSignal(signal, "signal");
  checkFunction(listener, "listener");
  let remove;
  if (signal.aborted) {
    queueMicrotask(() => listener());
  } else {
    const { resistsStop } = loadBuiltin("rill:internal/web/events");
    signal.addEventListener("abort", listener,
                            { once: true, [resistsStop]: true });
    remove = () => signal.removeEventListener("abort", listener);
  }
  return {
    __proto__: null,
    [Symbol.dispose]() {
      remove?.();
    },
  };
}

Object.assign(EventEmitter, {
  EventEmitter,
  EventEmitterAsyncResource,
  addAbortListener,
  captureRejectionSymbol,
  errorMonitor,
  getEventListeners,
  getMaxListeners,
  listenerCount,
  on,
  once,
  setMaxListeners,
});
export default EventEmitter;
