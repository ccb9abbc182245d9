// SPDX-License-Identifier: MIT
// Listening to signals. While nobody listens, a signal does what it did before.
import { checkFunction } from "rill:internal/errors";
import { withLimits } from "rill:internal/limits";
import { reference } from "rill:internal/net";
import { info } from "rill:internal/process";
import { sendSignal, unwatchSignal, watchSignal } from
  "rill:internal/signal-watch";
import { signalName, signalNumber } from "rill:internal/signals";
import { setImmediate } from "rill:internal/timers";

const { pid } = info();

// To ourselves, it arrives before the program ends for want of anything to do.
export function sendTo(target, number) {
  sendSignal(target, number);
  // The loop polls between two immediates.
  if (target === pid) setImmediate(() => setImmediate(() => {}));
}

// By number: the one watch of it, and who listens, in the order they came.
const watched = new Map();

function deliver({ name, listeners }) {
  for (const listener of [...listeners]) {
    try {
      listener.call(name);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

const update = ({ watch, listeners }) =>
  reference(watch, [...listeners].some(({ isWanted }) => isWanted));

// Calls listener(name) for each; does not keep the program running.
export function onSignal(signal, call) {
  checkFunction(call, "listener");
  const number = signalNumber(signal);
  let entry = watched.get(number);
  if (entry === undefined) {
    entry = { name: signalName(number) ?? number, listeners: new Set() };
    entry.watch = watchSignal(number, () => deliver(entry));
    watched.set(number, entry);
  }
  const listener = { call, isWanted: false };
  entry.listeners.add(listener);
  const stop = () => {
    if (!entry.listeners.delete(listener)) return;
    if (entry.listeners.size !== 0) {
      update(entry);
      return;
    }
    watched.delete(number);
    unwatchSignal(entry.watch);
  };
  return {
    stop,
    [Symbol.dispose]: stop,
    reference(on) {
      listener.isWanted = on;
      if (entry.listeners.has(listener)) update(entry);
    },
  };
}

// An async iterator of their names. Who waits for it keeps the program running.
// Several of one signal that nobody has taken yet are one.
export function signals(...names) {
  const pending = new Set();
  let waiting = [];
  const watches = [];
  let isOver = false;
  const updateAll = () =>
    watches.forEach((watch) => watch.reference(waiting.length !== 0));
  const stop = () => {
    isOver = true;
    watches.forEach((watch) => watch.stop());
    for (const waiter of waiting.splice(0)) {
      waiter.resolve({ value: undefined, done: true });
    }
  };
  const arrived = (name) => {
    if (waiting.length === 0) {
      pending.add(name);
      return;
    }
    waiting.shift().resolve({ value: name, done: false });
    updateAll();
  };
  try {
    for (const name of names.flat()) watches.push(onSignal(name, arrived));
  } catch (error) {
    stop();
    throw error;
  }
  return {
    async next({ signal, timeout } = {}) {
      const waiter = Promise.withResolvers();
      return await withLimits("next", signal, timeout, () => {
        const [name] = pending;
        if (name !== undefined) {
          pending.delete(name);
          waiter.resolve({ value: name, done: false });
        } else if (isOver) {
          waiter.resolve({ value: undefined, done: true });
        } else {
          waiting.push(waiter);
          updateAll();
        }
        return waiter.promise;
      }, () => {
        waiting = waiting.filter((one) => one !== waiter);
        updateAll();
      });
    },
    return(value) {
      stop();
      return Promise.resolve({ value, done: true });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
    [Symbol.dispose]: stop,
    async [Symbol.asyncDispose]() {
      stop();
    },
  };
}
