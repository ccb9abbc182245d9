// SPDX-License-Identifier: MIT
// Event, CustomEvent, MessageEvent, ErrorEvent and EventTarget (WHATWG DOM 2),
// for targets that are no tree: an event's path is its target alone.
import { nextTick } from "rill:internal/timers";
import {
  constants,
  dictionary,
  enumerable,
  required,
} from "rill:internal/web/idl";
import { DOMException } from "rill:internal/web/dom_exception";
import { now } from "rill:internal/clock";

// Reports an exception (HTML 8.1.4.3): the program goes on to the end of what
// it does now.
export function reportException(error) {
  nextTick(() => {
    throw error;
  });
}

export function reportError(error) {
  required(arguments.length, 1, "reportError");
  reportException(error);
}

const DISPATCH = 1;
const STOP_PROPAGATION = 2;
const STOP_IMMEDIATELY = 4;
const CANCELED = 8;
const IN_PASSIVE_LISTENER = 16;
const INITIALIZED = 32;

let dispatch, trust;

const isTrusted = {
  get: Object.getOwnPropertyDescriptor({
    get isTrusted() {
      return trust(this);
    },
  }, "isTrusted").get,
  enumerable: true,
  configurable: false,
};

export class Event {
  #type;
  #bubbles;
  #cancelable;
  #composed;
  #flags = INITIALIZED;
  #isTrusted = false;
  #target = null;
  #currentTarget = null;
  #timeStamp = now();

  constructor(type, init = undefined) {
    required(arguments.length, 1, "Event");
    this.#type = `${type}`;
    if (init === undefined || init === null) {
      this.#bubbles = this.#cancelable = this.#composed = false;
    } else {
      init = dictionary(init, "eventInitDict");
      this.#bubbles = Boolean(init.bubbles);
      this.#cancelable = Boolean(init.cancelable);
      this.#composed = Boolean(init.composed);
    }
    Object.defineProperty(this, "isTrusted", isTrusted);
  }

  get type() {
    return this.#type;
  }
  get target() {
    return this.#target;
  }
  get srcElement() {
    return this.#target;
  }
  get currentTarget() {
    return this.#currentTarget;
  }
  composedPath() {
    return this.#currentTarget === null ? [] : [this.#currentTarget];
  }
  get eventPhase() {
    return this.#flags & DISPATCH ? 2 : 0;
  }
  stopPropagation() {
    this.#flags |= STOP_PROPAGATION;
  }
  get cancelBubble() {
    return (this.#flags & STOP_PROPAGATION) !== 0;
  }
  set cancelBubble(value) {
    if (value) this.#flags |= STOP_PROPAGATION;
    else this.#flags;
  }
  stopImmediatePropagation() {
    this.#flags |= STOP_PROPAGATION | STOP_IMMEDIATELY;
  }
  get bubbles() {
    return this.#bubbles;
  }
  get cancelable() {
    return this.#cancelable;
  }
  get returnValue() {
    return (this.#flags & CANCELED) === 0;
  }
  set returnValue(value) {
    if (!value) this.preventDefault();
  }
  preventDefault() {
    if (this.#cancelable && !(this.#flags & IN_PASSIVE_LISTENER)) {
      this.#flags |= CANCELED;
    }
  }
  get defaultPrevented() {
    return (this.#flags & CANCELED) !== 0;
  }
  get composed() {
    return this.#composed;
  }
  get timeStamp() {
    return this.#timeStamp;
  }
  initEvent(type, bubbles = false, cancelable = false) {
    required(arguments.length, 1, "initEvent");
    if (this.#flags & DISPATCH) return;
    this.#type = `${type}`;
    this.#bubbles = Boolean(bubbles);
    this.#cancelable = Boolean(cancelable);
    this.#isTrusted = false;
    this.#target = null;
    this.#flags = INITIALIZED;
  }

  [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspect) {
    const name = this.constructor.name;
    if (depth < 0) return name;
    const shown = {};
    for (const key of ["type", "defaultPrevented", "cancelable", "timeStamp"]) {
      shown[key] = this[key];
    }
    return `${name} ${inspect(shown, options)}`;
  }

  static {
    trust = (event) => event.#isTrusted;
    // Dispatches to the listeners of one target. False: it was canceled.
    dispatch = (event, target, lists, isTrusted) => {
      if (event.#flags & DISPATCH) {
        throw new DOMException("The event is already being dispatched",
                               "InvalidStateError");
      }
      event.#isTrusted = isTrusted;
      event.#target = event.#currentTarget = target;
      const list = lists?.get(event.#type);
      if (list !== undefined) {
        event.#flags |= DISPATCH;
        // What is added now is not for this event.
        const listeners = list.slice();
        if (list.capturing > 0) {
          invoke(event, target, lists, listeners, true);
        }
        if (list.capturing < listeners.length) {
          invoke(event, target, lists, listeners, false);
        }
      }
      event.#currentTarget = null;
      event.#flags &= ~(DISPATCH | STOP_PROPAGATION | STOP_IMMEDIATELY);
      return (event.#flags & CANCELED) === 0;
    };
    // Inner invoke (2.9) for one phase. Stopped propagation ends before the
    // next phase, since the target is entered twice.
    const invoke = (event, target, lists, listeners, capturing) => {
      if (event.#flags & STOP_PROPAGATION) return;
      for (let i = 0; i < listeners.length; i++) {
        const listener = listeners[i];
        if (listener.removed || listener.capture !== capturing) continue;
        if (listener.once) removeListener(lists, event.#type, listener);
        if (listener.passive) event.#flags |= IN_PASSIVE_LISTENER;
        const callback = listener.callback;
        try {
          if (typeof callback === "function") {
            callback.call(target, event);
          } else {
            const handle = callback.handleEvent;
            if (typeof handle !== "function") {
              throw new TypeError("handleEvent is not a function");
            }
            handle.call(callback, event);
          }
        } catch (error) {
          reportException(error);
        }
        event.#flags &= ~IN_PASSIVE_LISTENER;
        if (event.#flags & STOP_IMMEDIATELY) return;
      }
    };
    constants(this, {
      NONE: 0,
      CAPTURING_PHASE: 1,
      AT_TARGET: 2,
      BUBBLING_PHASE: 3,
    });
    enumerable(this, "Event");
  }
}

export class CustomEvent extends Event {
  #detail;
  constructor(type, init = undefined) {
    required(arguments.length, 1, "CustomEvent");
    super(type, init);
    this.#detail = init?.detail ?? null;
  }
  get detail() {
    return this.#detail;
  }
  initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
    required(arguments.length, 1, "initCustomEvent");
    if (this.eventPhase !== 0) return;
    this.initEvent(type, bubbles, cancelable);
    this.#detail = detail;
  }
  static {
    enumerable(this, "CustomEvent");
  }
}

export class MessageEvent extends Event {
  #data;
  #origin;
  #lastEventId;
  #source;
  #ports;
  constructor(type, init = undefined) {
    required(arguments.length, 1, "MessageEvent");
    super(type, init);
    init = dictionary(init);
    this.#data = init.data ?? null;
    this.#origin = init.origin === undefined ? "" : `${init.origin}`;
    this.#lastEventId =
        init.lastEventId === undefined ? "" : `${init.lastEventId}`;
    this.#source = init.source ?? null;
    this.#ports = Object.freeze(init.ports === undefined ? []
        : [...init.ports]);
  }
  get data() {
    return this.#data;
  }
  get origin() {
    return this.#origin;
  }
  get lastEventId() {
    return this.#lastEventId;
  }
  get source() {
    return this.#source;
  }
  get ports() {
    return this.#ports;
  }
  static {
    enumerable(this, "MessageEvent");
  }
}

export class ErrorEvent extends Event {
  #message;
  #filename;
  #lineno;
  #colno;
  #error;
  constructor(type, init = undefined) {
    required(arguments.length, 1, "ErrorEvent");
    super(type, init);
    init = dictionary(init);
    this.#message = init.message === undefined ? "" : `${init.message}`;
    this.#filename = init.filename === undefined ? "" : `${init.filename}`;
    this.#lineno = (init.lineno ?? 0) >>> 0;
    this.#colno = (init.colno ?? 0) >>> 0;
    this.#error = init.error;
  }
  get message() {
    return this.#message;
  }
  get filename() {
    return this.#filename;
  }
  get lineno() {
    return this.#lineno;
  }
  get colno() {
    return this.#colno;
  }
  get error() {
    return this.#error;
  }
  static {
    enumerable(this, "ErrorEvent");
  }
}

// Flattens options (2.7): a boolean, or a dictionary.
function isCapture(options) {
  return typeof options === "object" && options !== null
      ? Boolean(options.capture) : Boolean(options);
}

function findListener(list, callback, capture) {
  return list.findIndex(
      (l) => l.callback === callback && l.capture === capture);
}

function removeListener(lists, type, listener) {
  const list = lists.get(type);
  const at = list === undefined ? -1 : list.indexOf(listener);
  listener.removed = true;
  if (at < 0) return;
  list.splice(at, 1);
  if (listener.capture) list.capturing--;
  if (list.length === 0) lists.delete(type);
  listener.detach?.();
}

let fireTrusted, listenerCount, watch;

export class EventTarget {
  #lists; // type -> listeners; `capturing`: how many of them capture
  #watcher; // told when listeners come and go: (type, count)

  // Called without a receiver, the methods mean the global object's.
  addEventListener(type, callback, options = undefined) {
    const self = this ?? globalThis;
    self.#lists;
    required(arguments.length, 2, "addEventListener");
    type = `${type}`;
    let capture = false, once = false, passive = false, signal;
    if (typeof options === "object" && options !== null) {
      capture = Boolean(options.capture);
      once = Boolean(options.once);
      passive = Boolean(options.passive);
      signal = options.signal;
      if (signal !== undefined && !signalIs(signal)) {
        throw new TypeError('The "signal" option must be an AbortSignal');
      }
    } else {
      capture = Boolean(options);
    }
    if (callback !== null && typeof callback !== "function" &&
        typeof callback !== "object") {
      if (callback === undefined) return;
      throw new TypeError(
          'The "listener" argument must be of type function or an object');
    }
    if (callback === null || callback === undefined || signal?.aborted) return;
    const lists = (self.#lists ??= new Map());
    let list = lists.get(type);
    if (list === undefined) {
      list = [];
      list.capturing = 0;
      lists.set(type, list);
    } else if (findListener(list, callback, capture) >= 0) {
      return;
    }
    const listener =
        { callback, capture, once, passive, removed: false, detach: undefined };
    list.push(listener);
    if (capture) list.capturing++;
    if (signal !== undefined) {
      listener.detach = signalAdd(signal, () => {
        listener.detach = undefined;
        removeListener(lists, type, listener);
        self.#watcher?.(type, list.length);
      });
    }
    self.#watcher?.(type, list.length);
  }

  removeEventListener(type, callback, options = undefined) {
    const self = this ?? globalThis;
    const lists = self.#lists;
    required(arguments.length, 2, "removeEventListener");
    type = `${type}`;
    const capture = isCapture(options);
    if (callback !== null && callback !== undefined &&
        typeof callback !== "function" && typeof callback !== "object") {
      throw new TypeError(
          'The "listener" argument must be of type function or an object');
    }
    const list = lists?.get(type);
    if (list === undefined) return;
    const at = findListener(list, callback, capture);
    if (at < 0) return;
    removeListener(lists, type, list[at]);
    self.#watcher?.(type, list.length);
  }

  dispatchEvent(event) {
    const self = this ?? globalThis;
    self.#lists;
    required(arguments.length, 1, "dispatchEvent");
    if (!(event instanceof Event)) {
      throw new TypeError('The "event" argument must be an instance of Event');
    }
    return dispatch(event, self, self.#lists, false);
  }

  static {
    fireTrusted = (target, event) =>
      dispatch(event, target, target.#lists, true);
    listenerCount = (target, type) => target.#lists?.get(type)?.length ?? 0;
    watch = (target, watcher) => {
      target.#watcher = watcher;
    };
    enumerable(this, "EventTarget");
  }
}

// Fires an event of the runtime's own (2.10). listenerCount(target, type);
// watch(target, watcher): watcher(type, count) when listeners come or go.
export { fireTrusted, listenerCount, watch };

// AbortSignal registers itself here: this module is loaded before it.
let signalIs = () => false, signalAdd;
export function setSignalHooks(is, add) {
  signalIs = is;
  signalAdd = add;
}

// Event handler IDL attributes (HTML 8.1.8.1): on<type>.
const handlersOf = new WeakMap();
export function eventHandlers(Class, types, onSet = undefined) {
  for (const type of types) {
    const name = `on${type}`;
    const { get, set } = Object.getOwnPropertyDescriptor({
      get [name]() {
        return handlersOf.get(this)?.[type]?.handler ?? null;
      },
      set [name](handler) {
        if (typeof handler !== "function" &&
            (typeof handler !== "object" || handler === null)) {
          handler = null;
        }
        let handlers = handlersOf.get(this);
        if (handlers === undefined) {
          handlers = { __proto__: null };
          handlersOf.set(this, handlers);
        }
        const slot = handlers[type];
        if (slot !== undefined && handler !== null) {
          slot.handler = handler;
        } else if (slot !== undefined) {
          this.removeEventListener(type, slot.listener);
          delete handlers[type];
        } else if (handler !== null) {
          const made = { handler, listener: null };
          made.listener = function (event) {
            if (typeof made.handler !== "function") return;
            if (made.handler.call(this, event) === false) {
              event.preventDefault();
            }
          };
          handlers[type] = made;
          this.addEventListener(type, made.listener);
        }
        onSet?.(this, type);
      },
    }, name);
    Object.defineProperty(Class.prototype, name,
                          { get, set, enumerable: true, configurable: true });
  }
}
