// SPDX-License-Identifier: MIT
// Event, CustomEvent, MessageEvent, ErrorEvent and EventTarget (WHATWG DOM 2),
// for targets that are no tree: an event's path is its target alone.
import { throwLater } from "rill:internal/timers";
import {
  constants,
  dictionary,
  enumerable,
  required,
} from "rill:internal/web/idl";
import { DOMException } from "rill:internal/web/dom_exception";
import { now } from "rill:internal/clock";
import { putAccessor } from "rill:internal/clone";

// HTML 8.1.4.3
export function reportError(error) {
  required(arguments.length, 1, "reportError");
  throwLater(error);
}

const { apply } = Reflect;

const DISPATCH = 1;
const STOP_PROPAGATION = 2;
const STOP_IMMEDIATELY = 4;
const CANCELED = 8;
const IN_PASSIVE_LISTENER = 16;
const INITIALIZED = 32;

let dispatch, trust;
const isTrusted = Object.getOwnPropertyDescriptor({
  get isTrusted() {
    return trust(this);
  },
}, "isTrusted").get;

export class Event {
  // In one object: an event is made with two allocations.
  #event;

  constructor(type, init = undefined) {
    if (arguments.length === 0) required(0, 1, "Event");
    const event = this.#event = {
      type: `${type}`,
      flags: INITIALIZED,
      target: null,
      currentTarget: null,
      timeStamp: now(),
      isTrusted: false,
      bubbles: false,
      cancelable: false,
      composed: false,
    };
    if (init !== undefined && init !== null) {
      init = dictionary(init, "eventInitDict");
      event.bubbles = Boolean(init.bubbles);
      event.cancelable = Boolean(init.cancelable);
      event.composed = Boolean(init.composed);
    }
    // [LegacyUnforgeable]: an own property of every event.
    putAccessor(this, "isTrusted", isTrusted);
  }

  get type() {
    return this.#event.type;
  }
  get target() {
    return this.#event.target;
  }
  get srcElement() {
    return this.#event.target;
  }
  get currentTarget() {
    return this.#event.currentTarget;
  }
  composedPath() {
    const { currentTarget } = this.#event;
    return currentTarget === null ? [] : [currentTarget];
  }
  get eventPhase() {
    return this.#event.flags & DISPATCH ? 2 : 0;
  }
  stopPropagation() {
    this.#event.flags |= STOP_PROPAGATION;
  }
  get cancelBubble() {
    return (this.#event.flags & STOP_PROPAGATION) !== 0;
  }
  set cancelBubble(value) {
    const event = this.#event;
    if (value) event.flags |= STOP_PROPAGATION;
  }
  stopImmediatePropagation() {
    this.#event.flags |= STOP_PROPAGATION | STOP_IMMEDIATELY;
  }
  get bubbles() {
    return this.#event.bubbles;
  }
  get cancelable() {
    return this.#event.cancelable;
  }
  get returnValue() {
    return (this.#event.flags & CANCELED) === 0;
  }
  set returnValue(value) {
    const event = this.#event;
    if (!value) cancel(event);
  }
  preventDefault() {
    cancel(this.#event);
  }
  get defaultPrevented() {
    return (this.#event.flags & CANCELED) !== 0;
  }
  get composed() {
    return this.#event.composed;
  }
  get timeStamp() {
    return this.#event.timeStamp;
  }
  initEvent(type, bubbles = false, cancelable = false) {
    const event = this.#event;
    required(arguments.length, 1, "initEvent");
    if (event.flags & DISPATCH) return;
    event.type = `${type}`;
    event.bubbles = Boolean(bubbles);
    event.cancelable = Boolean(cancelable);
    event.isTrusted = false;
    event.target = null;
    event.flags = INITIALIZED;
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
    trust = (event) => event.#event.isTrusted;
    // Dispatches to the listeners of one target. False: it was canceled.
    dispatch = (object, target, lists, isTrusted) => {
      const event = object.#event;
      if (event.flags & DISPATCH) {
        throw new DOMException("The event is already being dispatched",
                               "InvalidStateError");
      }
      event.isTrusted = isTrusted;
      event.target = event.currentTarget = target;
      const list = lists?.get(event.type);
      if (list !== undefined) {
        event.flags |= DISPATCH;
        const { capturing, listeners } = list;
        if (capturing > 0) {
          invoke(object, event, target, lists, listeners, true);
        }
        if (capturing < listeners.length) {
          invoke(object, event, target, lists, listeners, false);
        }
      }
      event.currentTarget = null;
      event.flags &= ~(DISPATCH | STOP_PROPAGATION | STOP_IMMEDIATELY);
      return (event.flags & CANCELED) === 0;
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

// Set the canceled flag (2.2).
function cancel(event) {
  if (event.cancelable && !(event.flags & IN_PASSIVE_LISTENER)) {
    event.flags |= CANCELED;
  }
}

// An option of addEventListener, of the runtime's own: it hears of an event that
// another listener stopped.
export const resistsStop = Symbol("resistsStop");

// Inner invoke (2.9) for one phase. Propagation that is stopped ends before the
// next phase, since the target is entered twice.
function invoke(object, event, target, lists, listeners, capturing) {
  let isStopped = (event.flags & STOP_PROPAGATION) !== 0;
  for (let i = 0; i < listeners.length; i++) {
    const listener = listeners[i];
    if (listener.removed || listener.capture !== capturing) continue;
    if (isStopped && !listener.resists) continue;
    if (listener.once) removeListener(lists, event.type, listener);
    if (listener.passive) event.flags |= IN_PASSIVE_LISTENER;
    try {
      const { callback } = listener;
      if (typeof callback === "function") {
        apply(callback, target, [object]);
      } else {
        const handle = callback.handleEvent;
        if (typeof handle !== "function") {
          throw new TypeError("handleEvent is not a function");
        }
        apply(handle, callback, [object]);
      }
    } catch (error) {
      throwLater(error);
    }
    event.flags &= ~IN_PASSIVE_LISTENER;
    isStopped ||= (event.flags & STOP_IMMEDIATELY) !== 0;
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

// messageEvent(type, init): of the runtime's own. Its data can be undefined,
// which the constructor takes for none.
export let messageEvent;

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
    messageEvent = (type, init) => {
      const event = new MessageEvent(type, init);
      event.#data = init.data;
      return event;
    };
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

// The listeners of a type. The array is replaced, not changed: an event that is
// being dispatched goes by the one it began with.
class ListenerList {
  listeners = [];
  capturing = 0; // how many of them capture
}

function findListener({ listeners }, callback, capture) {
  return listeners.findIndex(
      (l) => l.callback === callback && l.capture === capture);
}

function removeListener(lists, type, listener) {
  const list = lists.get(type);
  const at = list === undefined ? -1 : list.listeners.indexOf(listener);
  listener.removed = true;
  if (at < 0) return;
  if (list.listeners.length === 1) lists.delete(type);
  list.listeners = list.listeners.toSpliced(at, 1);
  if (listener.capture) list.capturing--;
  listener.detach?.();
}

// A signal may last longer than the target, which it does not keep: it knows the
// listener's `drop`, which nobody else has, weakly.
const dropped = new FinalizationRegistry((detach) => detach());
const weakly = (weak) => () => weak.deref()?.();
function detachOnAbort(signal, listener) {
  const detach = signalAdd(signal, weakly(new WeakRef(listener.drop)));
  dropped.register(listener.drop, detach, listener);
  listener.detach = () => {
    dropped.unregister(listener);
    detach();
  };
}

let fireTrusted, listenerCount, listenersOf, removeListeners, typesOf, watch;
let globalTarget; // holds the listeners of the global object

// Called without a receiver, or on it, the methods mean the global object.
const receiverOf = (self) =>
  self === undefined || self === null || self === globalThis ? globalTarget
      : self;
const shownTarget = (self) => self === globalTarget ? globalThis : self;

export class EventTarget {
  #lists; // type -> ListenerList
  #watcher; // told when listeners come and go: (type)

  addEventListener(type, callback, options = undefined) {
    const self = receiverOf(this);
    self.#lists;
    required(arguments.length, 2, "addEventListener");
    type = `${type}`;
    let capture = false, once = false, passive = false, resists = false, signal;
    if (typeof options === "object" && options !== null) {
      capture = Boolean(options.capture);
      once = Boolean(options.once);
      passive = Boolean(options.passive);
      resists = options[resistsStop] === true;
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
      list = new ListenerList();
      lists.set(type, list);
    } else if (findListener(list, callback, capture) >= 0) {
      return;
    }
    const listener = { callback, capture, once, passive, resists,
                       removed: false, detach: undefined };
    list.listeners = [...list.listeners, listener];
    if (capture) list.capturing++;
    if (signal !== undefined) {
      listener.drop = () => {
        listener.detach = undefined;
        removeListener(lists, type, listener);
        self.#watcher?.(type);
      };
      detachOnAbort(signal, listener);
    }
    self.#watcher?.(type);
  }

  removeEventListener(type, callback, options = undefined) {
    const self = receiverOf(this);
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
    removeListener(lists, type, list.listeners[at]);
    self.#watcher?.(type);
  }

  dispatchEvent(event) {
    const self = receiverOf(this);
    self.#lists;
    required(arguments.length, 1, "dispatchEvent");
    if (!(event instanceof Event)) {
      throw new TypeError('The "event" argument must be an instance of Event');
    }
    return dispatch(event, shownTarget(self), self.#lists, false);
  }

  static {
    fireTrusted = (target, event) =>
      dispatch(event, shownTarget(target), target.#lists, true);
    listenerCount = (target, type) =>
      target.#lists?.get(type)?.listeners.length ?? 0;
    listenersOf = (target, type) =>
      (target.#lists?.get(type)?.listeners ?? []).map((l) => l.callback);
    typesOf = (target) => [...target.#lists?.keys() ?? []];
    removeListeners = (target, type) => {
      for (const listener of target.#lists?.get(type)?.listeners ?? []) {
        removeListener(target.#lists, type, listener);
      }
      target.#watcher?.(type);
    };
    watch = (target, watcher) => {
      target.#watcher = watcher;
    };
    enumerable(this, "EventTarget");
  }
}

// Fires an event of the runtime's own (2.10). listenerCount(target, type);
// listenersOf(target, type): the callbacks; typesOf(target): the types that
// have listeners; removeListeners(target, type): all of them;
// watch(target, watcher): watcher(type) when listeners come or go.
globalTarget = new EventTarget();
export {
  fireTrusted, globalTarget, listenerCount, listenersOf, removeListeners,
  typesOf, watch,
};

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
        listenerCount(this, type); // throws unless it is an event target
        return handlersOf.get(this)?.[type]?.handler ?? null;
      },
      set [name](handler) {
        listenerCount(this, type);
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
