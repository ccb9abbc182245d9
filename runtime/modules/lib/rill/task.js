// SPDX-License-Identifier: MIT
// rill:task: functions that run on other threads (runtime/tasks).
import {
  abort,
  abortAll,
  describe,
  detach,
  isFinished,
  isOrphan,
  isWorker,
  noteTransfer,
  pending,
  spawn as spawnNative,
  stopAwait,
  workers,
} from "rill:internal/task";
import { isSimulating, SimulatedTask } from "rill:internal/simulated_task";
import { checkFunction } from "rill:internal/errors";
import { armLimits, withLimits } from "rill:internal/limits";
import { DOMException } from "rill:internal/web/dom_exception";
import { dictionary } from "rill:internal/web/idl";

const abortError = () =>
  new DOMException("The task was aborted", "AbortError");

// In a simulation tasks are the simulation's, known by their promises.
const simulated = new WeakMap();
// Private, so that no script meets it.
class Scoped extends (function (handle) { return handle; }) {
  #scope;
  constructor(handle, scope) {
    super(handle);
    this.#scope = scope;
  }
  static release(handle) {
    if (#scope in handle) handle.#scope.release(handle);
  }
}
const detached = new WeakSet();

// `again`: also one that was told before, whose finally blocks are then not
// waited for.
function abortTask(handle, reason, again) {
  const task = simulated.get(handle);
  if (task === undefined) {
    abort(handle, reason, again);
  } else {
    task.abort(reason);
  }
}

// What spawn returns: a promise, which can be awaited several times.
export class JoinHandle {
  constructor() {
    throw new TypeError("A JoinHandle is made by spawn");
  }
  get id() {
    return simulated.get(this)?.id ?? describe(this)[0];
  }
  get name() {
    return simulated.get(this)?.name ?? describe(this)[1];
  }
  // Stops the task, running script included. The handle is rejected with the
  // reason once it has stopped.
  abort(reason = abortError()) {
    abortTask(this, reason, true);
  }
  // Its scope does not wait for it any longer, and nobody is told if it fails.
  detach() {
    if (detached.has(this)) return;
    if (!simulated.has(this)) detach(this);
    detached.add(this);
    Scoped.release(this);
    this.catch(() => {});
  }
  get finished() {
    return simulated.get(this)?.finished ?? isFinished(this);
  }
  get [Symbol.toStringTag]() {
    return "JoinHandle";
  }
}
// What it is for await and then: a promise like any other.
const prototype = JoinHandle.prototype;
Object.setPrototypeOf(prototype, Promise.prototype);
Object.defineProperty(prototype, "constructor", { value: Promise });

function simulate(fn, args, transfer, name = fn.name) {
  const task = new SimulatedTask(fn, args, transfer, takeTransfer);
  task.name = `${name}`;
  simulated.set(task.promise, task);
  return Object.setPrototypeOf(task.promise, prototype);
}

function start(fn, args, options, scope) {
  checkFunction(fn, "fn");
  if (options === undefined && scope === undefined && !isSimulating()) {
    return spawnNative(fn, args, undefined, undefined, false, prototype);
  }
  const { signal, timeout, transfer, name } = dictionary(options);
  const list = transfer === undefined ? undefined : [...transfer];
  let handle;
  const release = armLimits("spawn", signal, timeout,
                            (reason) => handle.abort(reason));
  try {
    handle = isSimulating()
      ? simulate(fn, args, list, name)
      : spawnNative(fn, args, list, name, scope !== undefined, prototype);
    if (scope !== undefined) new Scoped(handle, scope);
    if (signal !== undefined || timeout !== undefined) {
      handle.then(release, release);
    }
  } catch (error) {
    release();
    if (handle !== undefined) giveUp(handle, error);
    throw error;
  }
  return handle;
}

// A task that its spawner could not be given.
function giveUp(handle, error) {
  handle.catch(() => {});
  abortTask(handle, error, true);
}

// Runs fn(...args) on another thread: the function with copies of the variables
// that it captures. Options, by spawn.with(options)(fn, ...args): signal,
// timeout (milliseconds), transfer, name.
export function spawn(fn, ...args) {
  return start(fn, args, undefined, undefined);
}
spawn.with = (options) => (fn, ...args) =>
  start(fn, args, options, undefined);

class Scope {
  #children = new Set();
  #failed = false;
  #error;
  #told = false; // all children, of that
  #stop;
  #closed = false;
  #onChange = () => {};
  #onFailure;
  // onFailure(error): for the body, when a child has failed.
  constructor(onFailure) {
    this.#onFailure = onFailure;
  }
  #add(fn, args, options) {
    if (this.#closed) throw new TypeError("The scope is closed");
    if (this.#failed) throw this.#error;
    const handle = start(fn, args, options, this);
    const end = () => {
      this.#children.delete(handle);
      this.#onChange();
    };
    try {
      this.#children.add(handle);
      handle.then(end, (error) => {
        try {
          if (this.#children.has(handle)) {
            if (!isOrphan(handle)) this.#onFailure(error);
            this.fail(error);
          }
        } finally {
          end();
        }
      });
    } catch (error) {
      this.#children.delete(handle);
      giveUp(handle, error);
      throw error;
    }
    return handle;
  }
  spawn(fn, ...args) {
    return this.#add(fn, args, undefined);
  }
  with(options) {
    return (fn, ...args) => this.#add(fn, args, options);
  }
  cancel(reason = abortError()) {
    for (const child of this.#children) child.abort(reason);
  }
  get size() {
    return this.#children.size;
  }
  // Aborts when the scope fails: for what the body waits for beside children.
  get signal() {
    if (this.#stop === undefined) {
      this.#stop = new AbortController();
      if (this.#failed) this.#stop.abort(this.#error);
    }
    return this.#stop.signal;
  }
  // For JoinHandle and scope.
  release(handle) {
    this.#children.delete(handle);
    this.#onChange();
  }
  // Should it throw, for want of memory, another call does the rest.
  fail(error) {
    if (this.#told) return;
    if (!this.#failed) {
      this.#failed = true;
      this.#error = error;
    }
    const reason = abortError();
    for (const child of this.#children) abortTask(child, reason, false);
    this.#stop?.abort(this.#error);
    this.#told = true;
  }
  async close() {
    while (this.#children.size > 0) {
      try {
        await new Promise((resolve) => this.#onChange = resolve);
      } catch (error) { // the task that waits here is aborted
        this.fail(error);
      }
    }
    this.#closed = true;
    if (this.#failed) throw this.#error;
  }
}

// What the body awaits ends with the error. False: it awaits nothing, or what
// cannot be ended.
async function stopBody(work, error) {
  for (;;) {
    const isStopped = stopAwait(work, error);
    if (isStopped !== undefined) return isStopped;
    await undefined; // it is about to go on
  }
}

async function runScope(operation, body, options) {
  const { signal, timeout } = dictionary(options);
  const stopped = Promise.withResolvers();
  stopped.promise.catch(() => {});
  const s = new Scope(stopped.reject);
  const release = armLimits(operation, signal, timeout, (reason) => {
    s.fail(reason);
    stopped.reject(reason);
  });
  let work, result;
  try {
    work = body(s);
    result = await Promise.race([stopped.promise, work]);
  } catch (error) {
    const stop = () => {
      s.fail(error);
      return stopBody(work, error);
    };
    let isStopped;
    try {
      isStopped = await stop();
    } catch { // for want of memory
      isStopped = await stop();
    }
    // Its finally blocks are waited for.
    if (isStopped) await Promise.allSettled([work]);
  }
  try {
    await s.close();
  } finally {
    release();
  }
  return result;
}

// Calls body(scope) and waits for all that it spawned. The first error, of the
// body or of a child, aborts the other children, and is thrown once they have
// ended; a child's is thrown where the body awaits, too. A signal or a timeout
// does the same with its reason.
export const scope = (body, options = undefined) =>
  runScope("scope", body, options);

// Tasks that are joined in the order in which they end.
export class JoinSet {
  #running = new Set();
  #ended = [];
  #waiting = [];
  spawn(fn, ...args) {
    return this.add(start(fn, args, undefined, undefined));
  }
  add(handle) {
    this.#running.add(handle);
    const end = (outcome) => {
      this.#running.delete(handle);
      const waiter = this.#waiting.shift();
      if (waiter === undefined) {
        this.#ended.push(outcome);
      } else {
        this.#settle(waiter, outcome);
      }
      if (this.#running.size === 0) {
        for (const { resolve } of this.#waiting.splice(0)) resolve(undefined);
      }
    };
    handle.then((value) => end({ value, handle }),
                (error) => end({ error, handle, failed: true }));
    return handle;
  }
  #settle({ resolve, reject }, { value, error, failed }) {
    if (failed) {
      reject(error);
    } else {
      resolve({ value });
    }
  }
  // {value} of the next that ends, undefined if there is none; rejected with
  // its error.
  // Cut off by {signal, timeout}, it takes none.
  next({ signal, timeout } = {}) {
    const waiter = Promise.withResolvers();
    return withLimits("next", signal, timeout, () => {
      const outcome = this.#ended.shift();
      if (outcome !== undefined) {
        this.#settle(waiter, outcome);
      } else if (this.#running.size === 0) {
        waiter.resolve(undefined);
      } else {
        this.#waiting.push(waiter);
      }
      return waiter.promise;
    }, () => {
      this.#waiting = this.#waiting.filter((one) => one !== waiter);
    });
  }
  async *[Symbol.asyncIterator]() {
    for (let item; (item = await this.next()) !== undefined;) yield item.value;
  }
  get size() {
    return this.#running.size + this.#ended.length;
  }
  abortAll(reason = abortError()) {
    for (const handle of this.#running) handle.abort(reason);
  }
  async [Symbol.asyncDispose]() {
    this.abortAll();
    await Promise.allSettled(this.#running);
  }
}

const selectable = Symbol.for("rill.selectable");

// What a branch waits for, and how it is taken back when another wins.
function begin(branch, signal) {
  const found = branch?.[selectable];
  if (found !== undefined) return found.call(branch, signal);
  const undo = () => {};
  return typeof branch === "function"
    ? { promise: Promise.try(branch, signal), undo }
    : { promise: Promise.resolve(branch), undo };
}

// Waits for the first of several branches, an object or an array of promises,
// handles, receivers of rill:sync (whose values are {value, done}) and functions
// of a signal: {key, value}. Handles that lose are aborted, and signals abort;
// receivers that lose keep what has come for them.
export async function select(branches, options = undefined) {
  const keys = Object.keys(branches);
  if (keys.length === 0) throw new TypeError("select needs a branch");
  const { signal, timeout } = dictionary(options);
  const others = new AbortController();
  const outer = Promise.withResolvers();
  const release = armLimits("select", signal, timeout, outer.reject);
  let winner;
  try {
    const race = keys.map((key) => {
      const { promise, undo } = begin(branches[key], others.signal);
      return promise.then((value) => {
        if (winner !== undefined) return undo(value);
        winner = { key: Array.isArray(branches) ? Number(key) : key, value };
        return winner;
      }, (error) => {
        winner ??= {};
        throw error;
      });
    });
    for (const promise of race) promise.catch(() => {});
    return await Promise.race([outer.promise, ...race]);
  } finally {
    winner ??= {};
    release();
    others.abort(new DOMException("Another branch has won", "AbortError"));
    for (const key of keys) {
      const branch = branches[key];
      if (branch instanceof JoinHandle && !branch.finished) branch.abort();
    }
  }
}

// [fn(item, index), ...] in the order of the items, `concurrency` of them at a
// time. The first error aborts the rest.
export async function map(items, fn, options = undefined) {
  const { concurrency = 4 * workers()[0], signal, timeout } = dictionary(options);
  if (!(concurrency >= 1)) {
    throw new RangeError(`The concurrency must be at least 1, not ${concurrency}`);
  }
  const results = [];
  await runScope("map", async (s) => {
    const active = new Set();
    let index = 0;
    for await (const item of items) {
      const i = index++;
      const handle = s.spawn(fn, item, i);
      const done = handle.then((value) => {
        results[i] = value;
        active.delete(done);
      }, () => {}); // the scope throws it
      active.add(done);
      if (active.size >= concurrency) await Promise.race(active);
    }
    await Promise.all(active);
  }, { signal, timeout });
  return results;
}

// What was spawned from here and has not ended: [{id, name, promise}].
export const pendingTasks = () =>
  pending().map(([id, name, promise]) => ({ id, name, promise }));
export const abortTasks = (reason = abortError()) => abortAll(reason);

export const availableWorkers = () => workers()[0];
export const startedWorkers = () => workers()[1];
export const queuedTasks = () => workers()[2];

// A result that is handed over with what its list names: return
// transfer(value, [buffer]).
const transfers = new WeakMap();
export function transfer(value, list) {
  transfers.set(value, [...list]);
  noteTransfer();
  return value;
}
// For runtime/tasks/worker.c.
export function takeTransfer(value) {
  const list = transfers.get(value);
  transfers.delete(value);
  return list;
}

export { isWorker };

// For runtime/tasks/worker.c: a function whose modules are still being loaded.
export async function callWhenLoaded(pending, fn, args) {
  await Promise.all(pending);
  return fn(...args);
}
