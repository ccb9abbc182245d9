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

// Timers whose number somebody has asked for, for clearTimeout(number).
const numbered = new Map();
let nextId = 1;

function delay(milliseconds) {
  const ms = typeof milliseconds === "number" ? milliseconds : Number(milliseconds);
  return ms >= 1 && ms <= 2147483647 ? ms | 0 : 1;
}

function start(timeout) {
  timeout._handle = startTimer(timeout._idleTimeout, timeout._repeat !== null,
                               fire, timeout);
  if (!timeout._referenced) referenceTimer(timeout._handle, false);
  if (timeout._id !== 0) numbered.set(timeout._id, timeout);
}

// The handle is not to be used again.
function over(timeout) {
  timeout._handle = undefined;
  if (timeout._id !== 0) numbered.delete(timeout._id);
}

function fire() {
  if (this._repeat === null) over(this);
  const callback = this._onTimeout;
  if (this._timerArgs === undefined) callback.call(this);
  else callback.apply(this, this._timerArgs);
}

// Its fields are ordinary properties, as in Node: a private one costs more, and
// a program may have very many timers.
class Timeout {
  constructor(callback, milliseconds, args, repeats) {
    this._onTimeout = capture(callback);
    this._idleTimeout = delay(milliseconds);
    this._timerArgs = args;
    this._repeat = repeats ? this._idleTimeout : null;
    this._destroyed = false;
    this._referenced = true;
    this._id = 0; // nobody has asked for it
    this._handle = undefined;
    start(this);
  }

  close() {
    if (this._handle !== undefined) {
      stopTimer(this._handle);
      over(this);
    }
    this._destroyed = true;
    return this;
  }

  // Starts again, also what has fired already.
  refresh() {
    if (this._handle !== undefined) stopTimer(this._handle);
    if (!this._destroyed) start(this);
    return this;
  }

  ref() {
    this._referenced = true;
    if (this._handle !== undefined) referenceTimer(this._handle, true);
    return this;
  }

  unref() {
    this._referenced = false;
    if (this._handle !== undefined) referenceTimer(this._handle, false);
    return this;
  }

  hasRef() {
    return this._referenced;
  }

  [Symbol.toPrimitive]() {
    if (this._id === 0) {
      this._id = nextId++;
      if (this._handle !== undefined) numbered.set(this._id, this);
    }
    return this._id;
  }

  [Symbol.dispose]() {
    this.close();
  }
}

export function setTimeout(callback, milliseconds) {
  checkFunction(callback, "callback");
  let args;
  for (let i = 2; i < arguments.length; i++) (args ??= []).push(arguments[i]);
  return new Timeout(callback, milliseconds, args, false);
}

export function setInterval(callback, milliseconds) {
  checkFunction(callback, "callback");
  let args;
  for (let i = 2; i < arguments.length; i++) (args ??= []).push(arguments[i]);
  return new Timeout(callback, milliseconds, args, true);
}

function clear(timer) {
  if (timer instanceof Timeout) {
    timer.close();
  } else if (typeof timer === "number" || typeof timer === "string") {
    numbered.get(Number(timer))?.close();
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
