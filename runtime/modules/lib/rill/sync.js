// SPDX-License-Identifier: MIT
// rill:sync: synchronization between tasks of one isolate and of several. The
// objects are handles: cloned into another isolate (captured by a spawned
// function, sent through a channel) they still mean the same. What only one may
// have, receivers, moves instead, by a transfer list.
import { waiting, withLimits } from "rill:internal/limits";
import * as table from "rill:internal/sessions";
import * as native from "rill:internal/sync";
import { enumerable } from "rill:internal/web/idl";
import { DOMException } from "rill:internal/web/dom_exception";

const secret = Symbol("handle");
const MODULE = "rill:sync";
// (signal) => {promise of {value, done}, undo(result)}: how select of rill:task
// waits for one of these and gives back what it does not take.
const selectable = Symbol.for("rill.selectable");

function natural(value, least, name) {
  if (!Number.isSafeInteger(value) || value < least) {
    throw new RangeError(`${name} must be an integer of at least ${least}, ` +
                         `not ${value}`);
  }
  return value;
}

const closedError = (what) =>
  new DOMException(`The ${what} is closed`, "InvalidStateError");
function throwClosed(what) {
  throw closedError(what);
}

const received = new Map(); // kind -> (handle) => object

// Makes a class's objects travel.
function shared(Class, handleOf) {
  received.set(Class.name, (handle) => new Class(secret, handle));
  enumerable(Class, Class.name, {
    module: MODULE,
    kind: Class.name,
    serialize: handleOf,
    transfer: handleOf,
  });
}
function moved(Class, handleOf) {
  received.set(Class.name, (handle) => new Class(secret, handle));
  enumerable(Class, Class.name, {
    module: MODULE,
    kind: Class.name,
    transfer: handleOf,
  });
}

export const receive = (kind, handle) => received.get(kind)(handle);

// Held until it is released, by dispose (`using`) or release(). The objects are
// native, so that a dump of tasks can tell who holds what.
class Guard {
  release() {
    native.releaseGuard(this);
  }
  [Symbol.dispose]() {
    native.releaseGuard(this);
  }
}
const PERMITS = 0, READ = 1, WRITE = 2;
// What there is no memory to guard is given back.
function guard(handle, kind, count) {
  return native.newGuard(Guard.prototype, handle, kind, count);
}
function notGuarded(error, handle, kind, count) {
  native.giveBack(handle, kind, count);
  return error;
}
// A guard once it is held, or null: closed. These call what takes it themselves,
// so that nothing can fail between that and their `try`.
async function held(operation, options, take, handle, argument, kind, count) {
  if (await waiting(operation, options, take, handle, argument) === false) {
    return null;
  }
  try {
    return guard(handle, kind, count);
  } catch (error) {
    throw notGuarded(error, handle, kind, count);
  }
}
// A guard, or null: not now.
function heldNow(take, handle, argument, kind, count) {
  if (!take(handle, argument)) return null;
  try {
    return guard(handle, kind, count);
  } catch (error) {
    throw notGuarded(error, handle, kind, count);
  }
}

export class Semaphore {
  #handle;
  constructor(permits, handle = undefined) {
    this.#handle = permits === secret ? handle
        : native.newSemaphore(natural(permits, 0, "permits"));
  }
  async acquire(count = 1, options = undefined) {
    natural(count, 0, "count");
    return await held("acquire", options, native.acquire, this.#handle, count,
                      PERMITS, count) ?? throwClosed("semaphore");
  }
  // A guard, or null: not now.
  tryAcquire(count = 1) {
    natural(count, 0, "count");
    return heldNow(native.tryAcquire, this.#handle, count, PERMITS, count);
  }
  add(count = 1) {
    native.addPermits(this.#handle, natural(count, 0, "count"));
  }
  get available() {
    return native.available(this.#handle);
  }
  close() {
    native.closeSemaphore(this.#handle);
  }
  static {
    shared(this, (object) => object.#handle);
  }
}

export class Mutex {
  #handle;
  constructor(key = undefined, handle = undefined) {
    this.#handle = key === secret ? handle : native.newMutex();
  }
  lock(options = undefined) {
    return held("lock", options, native.acquire, this.#handle, 1, PERMITS, 1);
  }
  tryLock() {
    return heldNow(native.tryAcquire, this.#handle, 1, PERMITS, 1);
  }
  // Calls fn while the lock is held.
  async run(fn, options = undefined) {
    const held = await this.lock(options);
    try {
      return await fn();
    } finally {
      held.release();
    }
  }
  static {
    shared(this, (object) => object.#handle);
  }
}

export class RwLock {
  #handle;
  constructor(key = undefined, handle = undefined) {
    this.#handle = key === secret ? handle : native.newRwLock();
  }
  read(options = undefined) {
    return held("read", options, native.lock, this.#handle, false, READ, 1);
  }
  write(options = undefined) {
    return held("write", options, native.lock, this.#handle, true, WRITE, 1);
  }
  // A guard, or null: not now.
  tryRead() {
    return heldNow(native.tryLock, this.#handle, false, READ, 1);
  }
  tryWrite() {
    return heldNow(native.tryLock, this.#handle, true, WRITE, 1);
  }
  static {
    shared(this, (object) => object.#handle);
  }
}

export class Notify {
  #handle;
  constructor(key = undefined, handle = undefined) {
    this.#handle = key === secret ? handle : native.newNotify();
  }
  notified(options = undefined) {
    return waiting("notified", options, native.notified, this.#handle);
  }
  notifyOne() {
    native.notify(this.#handle, false);
  }
  notifyAll() {
    native.notify(this.#handle, true);
  }
  static {
    shared(this, (object) => object.#handle);
  }
}

export class Barrier {
  #handle;
  constructor(count, handle = undefined) {
    this.#handle = count === secret ? handle
        : native.newBarrier(natural(count, 1, "count"));
  }
  // True for the one that came last.
  wait(options = undefined) {
    return waiting("wait", options, native.waitBarrier, this.#handle);
  }
  static {
    shared(this, (object) => object.#handle);
  }
}

export class CancellationToken {
  #handle;
  #signal;
  constructor(key = undefined, handle = undefined) {
    this.#handle = key === secret ? handle : native.newToken(undefined);
  }
  // Cancelled with this one, not the other way round.
  child() {
    return new CancellationToken(secret, native.newToken(this.#handle));
  }
  cancel() {
    native.cancelToken(this.#handle);
  }
  get isCancelled() {
    return native.isCancelled(this.#handle);
  }
  cancelled(options = undefined) {
    return waiting("cancelled", options, native.cancelled, this.#handle);
  }
  // An AbortSignal of this isolate.
  get signal() {
    if (this.#signal === undefined) {
      const controller = new AbortController();
      this.#signal = controller.signal;
      if (this.isCancelled) {
        controller.abort();
      } else {
        this.cancelled().then(() => controller.abort());
      }
    }
    return this.#signal;
  }
  static {
    shared(this, (object) => object.#handle);
  }
}

// What is on its way, by number: who asks a service opens a session and waits;
// whoever gets the answer, in whatever isolate or in C, completes it.
export class Sessions {
  #handle;
  constructor(key = undefined, handle = undefined) {
    this.#handle = key === secret ? handle : table.newSessions();
  }
  // A number, unique for the life of the table.
  open(service = 0) {
    if (!Number.isInteger(service) || service < 0 || service > 0xffffffff) {
      throw new RangeError("service must be an integer from 0 to 4294967295, " +
                           `not ${service}`);
    }
    return table.open(this.#handle, service);
  }
  // What the session is completed with; it is over then. Its limits end it.
  wait(session, options = undefined) {
    const signal = options?.signal, timeout = options?.timeout;
    if (signal?.aborted) this.forget(session);
    return withLimits("session", signal, timeout,
                      () => table.wait(this.#handle, session),
                      () => table.forget(this.#handle, session));
  }
  // False, of these: nobody waits for it any more.
  complete(session, value, options = undefined) {
    return table.complete(this.#handle, session, value, options?.transfer);
  }
  reject(session, reason, options = undefined) {
    return table.reject(this.#handle, session, reason, options?.transfer);
  }
  cancel(session) {
    return table.cancel(this.#handle, session);
  }
  // How many waited for that service.
  cancelService(service) {
    return table.cancelService(this.#handle, service);
  }
  // Nobody waits for it any more, in whatever isolate.
  forget(session) {
    table.forget(this.#handle, session);
  }
  // Those that are not over.
  get count() {
    return table.count(this.#handle);
  }
  // Whoever waits is rejected; nothing is opened any more.
  close() {
    table.close(this.#handle);
  }
  [Symbol.dispose]() {
    this.close();
  }
  static {
    shared(this, (object) => object.#handle);
  }
}

// Channels ---------------------------------------------------------------------

export class Sender {
  #handle;
  constructor(key, handle) {
    if (key !== secret) throw new TypeError("Use channel()");
    this.#handle = handle;
  }
  // False: there is no receiver any more. Waits while a bounded one is full.
  send(value, options = undefined) {
    return waiting("send", options, native.send, this.#handle, value,
                   options?.transfer);
  }
  // "sent", "full" or "closed"
  trySend(value, options = undefined) {
    return ["sent", "full", "closed"][native.trySend(this.#handle, value,
                                                     options?.transfer)];
  }
  // When there is no receiver any more.
  closed(options = undefined) {
    return waiting("closed", options, native.closed, this.#handle);
  }
  get isClosed() {
    return native.isClosed(this.#handle);
  }
  // The receiver ends once all senders are closed.
  close() {
    native.close(this.#handle);
  }
  [Symbol.dispose]() {
    this.close();
  }
  static {
    shared(this, (object) => object.#handle);
  }
}

export class Receiver {
  #handle;
  constructor(key, handle) {
    if (key !== secret) throw new TypeError("Use channel()");
    this.#handle = handle;
  }
  #back = []; // by a select that another branch has won
  // {value, done} as an iterator's next.
  async next(options = undefined) {
    if (this.#back.length > 0) return { value: this.#back.shift(), done: false };
    const item = await waiting("receive", options, native.receive, this.#handle);
    return item === undefined ? { value: undefined, done: true }
                              : { value: item[0], done: false };
  }
  // The value; undefined once all senders are gone.
  async receive(options = undefined) {
    return (await this.next(options)).value;
  }
  // {value}; null: nothing is there now; undefined: closed.
  tryReceive() {
    if (this.#back.length > 0) return { value: this.#back.shift() };
    const item = native.tryReceive(this.#handle);
    return item === null || item === undefined ? item : { value: item[0] };
  }
  [selectable](signal) {
    return {
      promise: this.next({ signal }),
      undo: ({ value, done }) => done || this.#back.push(value),
    };
  }
  // No more is taken; what was sent still comes.
  close() {
    native.closeReceiver(this.#handle);
  }
  async return() {
    this.close();
    return { value: undefined, done: true };
  }
  [Symbol.asyncIterator]() {
    return this;
  }
  [Symbol.dispose]() {
    this.close();
  }
  static {
    moved(this, (object) => object.#handle);
  }
}

// Many senders, one receiver: [Sender, Receiver]. Without a capacity nobody
// waits to send.
export function channel(capacity = 0) {
  const [sender, receiver] = native.newChannel(natural(capacity, 0, "capacity"));
  return [new Sender(secret, sender), new Receiver(secret, receiver)];
}

// One value: {send(value), close()} and a receiver that can be awaited.
export function oneshot() {
  const [sender, receiver] = channel(1);
  return [new OneshotSender(secret, sender), new OneshotReceiver(secret, receiver)];
}

export class OneshotSender {
  #sender;
  constructor(key, sender) {
    if (key !== secret) throw new TypeError("Use oneshot()");
    this.#sender = sender;
  }
  // False: nobody waits for it any more.
  send(value, options = undefined) {
    const sent = this.#sender.trySend(value, options) === "sent";
    this.#sender.close();
    return sent;
  }
  // When nobody waits for it any more.
  closed(options = undefined) {
    return this.#sender.closed(options);
  }
  get isClosed() {
    return this.#sender.isClosed;
  }
  close() {
    this.#sender.close();
  }
  static {
    shared(this, (object) => object.#sender);
  }
}

export class OneshotReceiver {
  #receiver;
  constructor(key, receiver) {
    if (key !== secret) throw new TypeError("Use oneshot()");
    this.#receiver = receiver;
  }
  // The value; rejected if the sender is gone without one.
  async receive(options = undefined) {
    const { value, done } = await this.#receiver.next(options);
    if (done) throw closedError("channel");
    return value;
  }
  [selectable](signal) {
    return this.#receiver[selectable](signal);
  }
  static {
    moved(this, (object) => object.#receiver);
  }
}

export class BroadcastSender {
  #handle;
  constructor(key, handle) {
    if (key !== secret) throw new TypeError("Use broadcast()");
    this.#handle = handle;
  }
  // False: there is no receiver.
  send(value) {
    return native.broadcastSend(this.#handle, value);
  }
  // Gets all that is sent from now on.
  subscribe() {
    return new BroadcastReceiver(secret, native.subscribe(this.#handle));
  }
  close() {
    native.close(this.#handle);
  }
  static {
    shared(this, (object) => object.#handle);
  }
}

// Values came too fast for a receiver that wants to know: `count` of them are
// lost to it.
export class LaggedError extends Error {
  constructor(count) {
    super(`The receiver has missed ${count} values`);
    this.count = count;
  }
  get name() {
    return "LaggedError";
  }
}

export class BroadcastReceiver {
  #handle;
  #lost = 0;
  #back = [];
  constructor(key, handle) {
    if (key !== secret) throw new TypeError("Use broadcast()");
    this.#handle = handle;
  }
  // Values that came too fast for this receiver are left out; `lost` counts
  // them. With {lag: "throw"} that is a LaggedError; the next call goes on.
  async next(options = undefined) {
    if (this.#back.length > 0) return { value: this.#back.shift(), done: false };
    for (;;) {
      const item = await waiting("receive", options, native.broadcastReceive,
                                 this.#handle);
      if (item === undefined) return { value: undefined, done: true };
      if (typeof item === "object") return { value: item[0], done: false };
      this.#lost += item;
      if (options?.lag === "throw") throw new LaggedError(item);
    }
  }
  [selectable](signal) {
    return {
      promise: this.next({ signal }),
      undo: ({ value, done }) => done || this.#back.push(value),
    };
  }
  async receive(options = undefined) {
    return (await this.next(options)).value;
  }
  get lost() {
    return this.#lost;
  }
  async return() {
    native.close(this.#handle);
    return { value: undefined, done: true };
  }
  [Symbol.asyncIterator]() {
    return this;
  }
  static {
    moved(this, (object) => object.#handle);
  }
}

export const broadcast = (capacity) =>
  new BroadcastSender(secret,
                      native.newBroadcast(natural(capacity, 1, "capacity")));

export class WatchSender {
  #handle;
  constructor(key, handle) {
    if (key !== secret) throw new TypeError("Use watch()");
    this.#handle = handle;
  }
  send(value) {
    native.watchSend(this.#handle, value);
  }
  subscribe() {
    return new WatchReceiver(secret, native.subscribe(this.#handle));
  }
  close() {
    native.close(this.#handle);
  }
  static {
    shared(this, (object) => object.#handle);
  }
}

export class WatchReceiver {
  #handle;
  constructor(key, handle) {
    if (key !== secret) throw new TypeError("Use watch()");
    this.#handle = handle;
  }
  // The latest value.
  get value() {
    return native.watchGet(this.#handle)[0];
  }
  // True: there is a value that was not seen. False: no sender is left.
  changed(options = undefined) {
    return waiting("changed", options, native.watchChanged, this.#handle);
  }
  get hasChanged() {
    return native.watchHasChanged(this.#handle);
  }
  [selectable](signal) {
    return {
      promise: this.changed({ signal }).then(
          (changed) => ({ value: changed ? this.value : undefined,
                          done: !changed })),
      undo() {},
    };
  }
  async *[Symbol.asyncIterator]() {
    while (await this.changed()) yield this.value;
  }
  static {
    moved(this, (object) => object.#handle);
  }
}

// The latest value: a sender, whose subscribe() makes receivers.
export const watch = (initial) =>
  new WatchSender(secret, native.newWatch(initial));
