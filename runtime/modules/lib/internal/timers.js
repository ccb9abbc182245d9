// SPDX-License-Identifier: MIT
// setTimeout and its kin, on the loop's timers (WHATWG HTML 8.6, Node's Timeout
// objects), and process.nextTick's queue. The common setTimeout and clearTimeout
// are carried out by rill:internal/loop; the rest comes here.
import { capture } from "rill:internal/context";
import { checkFunction } from "rill:internal/errors";
import {
  clearTimeout,
  observeTimers,
  prepareTimeouts,
  setTimeout,
  startTimer,
  stopTimer,
  referenceTimer,
  startImmediates,
  requestTicks,
} from "rill:internal/loop";
export { clearTimeout, setTimeout };

// What node:async_hooks is told of, while hooks are enabled: {made(type, object),
// begins(object), ends(object), over(object)}; else undefined.
let observer;
export function observe(by) {
  observer = by;
  observeTimers(by !== undefined);
}
function observed(object, isOver, callback, thisValue, args) {
  const told = observer;
  told.begins(object);
  try {
    Reflect.apply(callback, thisValue, args);
  } finally {
    told.ends(object);
    if (isOver()) told.over(object);
  }
}
const always = () => true;

// Timers whose number somebody has asked for, for clearTimeout(number).
const numbered = new Map();
let nextId = 1;
let set; // (repeats, callback, milliseconds, args)

function delay(milliseconds) {
  const ms = typeof milliseconds === "number" ? milliseconds : Number(milliseconds);
  return ms >= 1 && ms <= 2147483647 ? ms | 0 : 1;
}

// Ordinary properties, as in Node; the loop relies on their order.
class Timeout {
  #handle = undefined; // of a timer that runs
  constructor(callback, milliseconds, args, repeat) {
    this._onTimeout = callback;
    this._idleTimeout = milliseconds;
    this._timerArgs = args;
    this._repeat = repeat;
    this._destroyed = false;
    this._referenced = true;
    this._id = 0; // nobody has asked for it
  }

  // Of what does not run.
  static #start(timeout) {
    timeout.#handle =
        startTimer(delay(timeout._idleTimeout), timeout._repeat !== null,
                   timeout);
    if (!timeout._referenced) referenceTimer(timeout.#handle, false);
    if (timeout._id !== 0) numbered.set(timeout._id, timeout);
  }

  // The handle is not to be used again.
  static #over(timeout) {
    timeout.#handle = undefined;
    if (timeout._id !== 0) numbered.delete(timeout._id);
  }

  static #set(repeats, callback, milliseconds, args) {
    checkFunction(callback, "callback");
    const idle = delay(milliseconds);
    const timeout = new Timeout(capture(callback), idle,
                                args.length === 0 ? undefined : args,
                                repeats ? idle : null);
    Timeout.#start(timeout);
    observer?.made("Timeout", timeout);
    return timeout;
  }

  static #clear(timer) {
    if (typeof timer === "number" || typeof timer === "string") {
      numbered.get(Number(timer))?.close();
    } else if (timer !== null && typeof timer === "object" && #handle in timer) {
      timer.close();
    }
  }

  static #fire() {
    if (this instanceof Immediate) return runOne(this);
    if (this._repeat === null) Timeout.#over(this);
    const callback = this._onTimeout;
    if (observer !== undefined) {
      // Of an interval that is cleared, close() has told.
      const isOver = () => this._repeat === null && this.#handle === undefined &&
          !this._destroyed;
      observed(this, isOver, callback, this, this._timerArgs ?? []);
    } else if (this._timerArgs === undefined) callback.call(this);
    else callback.apply(this, this._timerArgs);
  }

  static {
    set = Timeout.#set;
    prepareTimeouts(new Timeout(undefined, 1, undefined, null),
                    (callback, milliseconds, ...args) =>
                        Timeout.#set(false, callback, milliseconds, args),
                    Timeout.#clear, Timeout.#fire);
  }

  close() {
    if (this.#handle !== undefined) {
      stopTimer(this.#handle);
      Timeout.#over(this);
      if (!this._destroyed) observer?.over(this);
    }
    this._destroyed = true;
    return this;
  }

  // Starts again, also what has fired already.
  refresh() {
    if (this.#handle !== undefined) stopTimer(this.#handle);
    if (!this._destroyed) Timeout.#start(this);
    return this;
  }

  ref() {
    this._referenced = true;
    if (this.#handle !== undefined) referenceTimer(this.#handle, true);
    return this;
  }

  unref() {
    this._referenced = false;
    if (this.#handle !== undefined) referenceTimer(this.#handle, false);
    return this;
  }

  hasRef() {
    return this._referenced;
  }

  [Symbol.toPrimitive]() {
    if (this._id === 0) {
      this._id = nextId++;
      if (this.#handle !== undefined) numbered.set(this._id, this);
    }
    return this._id;
  }

  [Symbol.dispose]() {
    this.close();
  }
}

export function setInterval(callback, milliseconds, ...args) {
  return set(true, callback, milliseconds, args);
}

export function clearInterval(timer) {
  clearTimeout(timer);
}

let immediates = [];

class Immediate {
  callback;
  arguments;
  constructor(callback, args) {
    this.callback = capture(callback);
    this.arguments = args;
  }
  ref() {
    return this;
  }
  unref() {
    return this;
  }
  hasRef() {
    return this.callback !== null;
  }
}

// Runs what was there when the phase began, one call each so that jobs run in
// between; true while some are left.
let running = [], nextRunning = 0;
function runImmediate() {
  if (nextRunning === running.length) {
    running = immediates;
    nextRunning = 0;
    immediates = [];
  }
  const immediate = running[nextRunning];
  running[nextRunning++] = undefined;
  if (immediate !== undefined) runOne(immediate);
}
function runOne(immediate) {
  if (immediate.callback === null) return;
  const { callback, arguments: args } = immediate;
  immediate.callback = null;
  if (observer === undefined) callback(...args);
  else observed(immediate, always, callback, undefined, args);
}
const immediatesLeft = () => running.length - nextRunning;
const immediatesWaiting = () => immediatesLeft() + immediates.length;

export function setImmediate(callback, ...args) {
  checkFunction(callback, "callback");
  const immediate = new Immediate(callback, args);
  observer?.made("Immediate", immediate);
  if (startImmediates(runImmediate, immediatesLeft, immediatesWaiting)) {
    startTimer(0, false, immediate);
  } else {
    immediates.push(immediate);
  }
  return immediate;
}

export function clearImmediate(immediate) {
  if (!(immediate instanceof Immediate)) return;
  if (immediate.callback !== null) observer?.over(immediate);
  immediate.callback = null;
}

let ticks = [];
let nextTickIndex = 0;
function runTicks(areDropped) {
  if (areDropped) {
    ticks = [];
    nextTickIndex = 0;
  }
  while (nextTickIndex < ticks.length) {
    const tick = ticks[nextTickIndex++];
    const { callback, args } = tick;
    if (nextTickIndex === ticks.length) {
      ticks = [];
      nextTickIndex = 0;
    }
    if (observer === undefined) callback(...args);
    else observed(tick, always, callback, undefined, args);
  }
}

export function nextTick(callback, ...args) {
  checkFunction(callback, "callback");
  const tick = { callback: capture(callback), args };
  observer?.made("TickObject", tick);
  ticks.push(tick);
  requestTicks(runTicks);
}

// Of what is nobody's: the program goes on to the end of what it does now.
export function throwLater(error) {
  nextTick(() => {
    throw error;
  });
}

// For a loop that tries again what it had no memory for: all else has its turn
// first.
export const pauseBeforeRetry = () =>
  new Promise((resolve) => setTimeout(resolve, 100));

// What util.promisify makes of them.
const promisified = Symbol.for("nodejs.util.promisify.custom");
Object.defineProperty(setTimeout, promisified, {
  value: (milliseconds, value) =>
    new Promise((resolve) => setTimeout(resolve, milliseconds, value)),
});
Object.defineProperty(setImmediate, promisified, {
  value: (value) => new Promise((resolve) => setImmediate(resolve, value)),
});
