// SPDX-License-Identifier: MIT
// setTimeout and its kin, on the loop's timers (WHATWG HTML 8.6, Node's Timeout
// objects), and process.nextTick's queue.
import { capture } from "rill:internal/context";
import { checkFunction } from "rill:internal/errors";
import {
  startTimer,
  stopTimer,
  referenceTimer,
  startImmediates,
  requestTicks,
} from "rill:internal/loop";

const active = new Map();
let nextId = 1;

function delay(milliseconds) {
  const ms = Number(milliseconds);
  return ms >= 1 && ms <= 2147483647 ? Math.trunc(ms) : 1;
}

class Timeout {
  #callback;
  #arguments;
  #repeat;
  #delay;
  #id;
  #handle;
  #referenced = true;
  #closed = false;

  constructor(callback, milliseconds, args, repeat) {
    this.#callback = capture(callback);
    this.#arguments = args;
    this.#delay = delay(milliseconds);
    this.#repeat = repeat;
    this.#id = nextId++;
    this.#start();
  }

  #start() {
    active.set(this.#id, this);
    this.#handle = startTimer(this.#delay, this.#repeat, this.#fire, this);
    if (!this.#referenced) referenceTimer(this.#handle, false);
  }

  #fire() {
    if (!this.#repeat) {
      active.delete(this.#id);
      this.#handle = undefined;
    }
    this.#callback.apply(this, this.#arguments);
  }

  close() {
    if (this.#handle !== undefined) stopTimer(this.#handle);
    this.#handle = undefined;
    this.#closed = true;
    active.delete(this.#id);
    return this;
  }

  // Starts again, also what has fired already.
  refresh() {
    if (this.#handle !== undefined) stopTimer(this.#handle);
    if (!this.#closed) this.#start();
    return this;
  }

  ref() {
    this.#referenced = true;
    if (this.#handle !== undefined) referenceTimer(this.#handle, true);
    return this;
  }

  unref() {
    this.#referenced = false;
    if (this.#handle !== undefined) referenceTimer(this.#handle, false);
    return this;
  }

  hasRef() {
    return this.#referenced;
  }

  [Symbol.toPrimitive]() {
    return this.#id;
  }

  [Symbol.dispose]() {
    this.close();
  }
}

export function setTimeout(callback, milliseconds, ...args) {
  checkFunction(callback, "callback");
  return new Timeout(callback, milliseconds, args, false);
}

export function setInterval(callback, milliseconds, ...args) {
  checkFunction(callback, "callback");
  return new Timeout(callback, milliseconds, args, true);
}

function clear(timer) {
  if (timer instanceof Timeout) {
    timer.close();
  } else if (typeof timer === "number" || typeof timer === "string") {
    active.get(Number(timer))?.close();
  }
}

export function clearTimeout(timer) {
  clear(timer);
}

export function clearInterval(timer) {
  clear(timer);
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
let running = [];
function runImmediate() {
  if (running.length === 0) {
    running = immediates.reverse();
    immediates = [];
  }
  const immediate = running.pop();
  if (immediate !== undefined) runOne(immediate);
}
function runOne(immediate) {
  if (immediate.callback === null) return;
  const { callback, arguments: args } = immediate;
  immediate.callback = null;
  callback(...args);
}
const immediatesLeft = () => running.length;
const immediatesWaiting = () => running.length + immediates.length;

export function setImmediate(callback, ...args) {
  checkFunction(callback, "callback");
  const immediate = new Immediate(callback, args);
  if (startImmediates(runImmediate, immediatesLeft, immediatesWaiting)) {
    startTimer(0, false, () => runOne(immediate), undefined);
  } else {
    immediates.push(immediate);
  }
  return immediate;
}

export function clearImmediate(immediate) {
  if (immediate instanceof Immediate) immediate.callback = null;
}

let ticks = [];
let nextTickIndex = 0;
function runTicks() {
  while (nextTickIndex < ticks.length) {
    const { callback, args } = ticks[nextTickIndex++];
    if (nextTickIndex === ticks.length) {
      ticks = [];
      nextTickIndex = 0;
    }
    callback(...args);
  }
}

export function nextTick(callback, ...args) {
  checkFunction(callback, "callback");
  ticks.push({ callback: capture(callback), args });
  requestTicks(runTicks);
}

// What util.promisify makes of them.
const promisified = Symbol.for("nodejs.util.promisify.custom");
Object.defineProperty(setTimeout, promisified, {
  value: (milliseconds, value) =>
    new Promise((resolve) => setTimeout(resolve, milliseconds, value)),
});
Object.defineProperty(setImmediate, promisified, {
  value: (value) => new Promise((resolve) => setImmediate(resolve, value)),
});
