// SPDX-License-Identifier: MIT
// Mock functions and spies.
import { checkFunction } from "rill:internal/errors";
import { clock } from "rill:internal/test_clock";

const records = new WeakMap(); // mock function -> MockFunction

export const isMock = (value) =>
  typeof value === "function" && records.has(value);
export const callsOf = (mock) => records.get(mock).calls;

// What a mock function has as `mock`: Node's MockFunctionContext, with the
// names that users of Jest expect as well.
class MockFunction {
  #original;
  #implementation;
  #once = new Map();
  #restore;
  #limit = Infinity;
  calls = [];
  constructor(original, implementation, restore) {
    this.#original = original;
    this.#implementation = implementation;
    this.#restore = restore;
  }
  call(receiver, args, newTarget) {
    const index = this.calls.length;
    const once = this.#once.get(index);
    this.#once.delete(index);
    const implementation = index >= this.#limit ? this.#original
        : once ?? this.#implementation;
    const record = {
      arguments: args,
      error: undefined,
      result: undefined,
      stack: new Error(),
      target: newTarget,
      this: receiver,
    };
    this.calls.push(record);
    try {
      record.result = newTarget === undefined
        ? implementation?.apply(receiver, args)
        : Reflect.construct(implementation ?? class {}, args, newTarget);
    } catch (error) {
      record.error = error;
      throw error;
    }
    return record.result;
  }
  callCount() {
    return this.calls.length;
  }
  get results() {
    return this.calls.map((call) => call.error === undefined
      ? { type: "return", value: call.result }
      : { type: "throw", value: call.error });
  }
  get lastCall() {
    return this.calls.at(-1);
  }
  mockImplementation(implementation) {
    checkFunction(implementation, "implementation");
    this.#implementation = implementation;
  }
  mockImplementationOnce(implementation, onCall = undefined) {
    checkFunction(implementation, "implementation");
    let at = onCall ?? this.calls.length;
    while (onCall === undefined && this.#once.has(at)) at++;
    this.#once.set(at, implementation);
  }
  resetCalls() {
    this.calls.length = 0;
    this.#once.clear();
  }
  limit(times) {
    this.#limit = times;
  }
  restore() {
    this.#restore?.();
    this.#restore = undefined;
    this.#implementation = this.#original;
    this.#once.clear();
  }
  reset(implementation) {
    this.resetCalls();
    this.#implementation = implementation;
  }
}

// The chainable methods of a mock function.
const METHODS = {
  mockImplementation(fn) {
    this.mock.mockImplementation(fn);
  },
  mockImplementationOnce(fn) {
    this.mock.mockImplementationOnce(fn);
  },
  mockReturnValue(value) {
    this.mock.mockImplementation(() => value);
  },
  mockReturnValueOnce(value) {
    this.mock.mockImplementationOnce(() => value);
  },
  mockResolvedValue(value) {
    this.mock.mockImplementation(async () => value);
  },
  mockResolvedValueOnce(value) {
    this.mock.mockImplementationOnce(async () => value);
  },
  mockRejectedValue(error) {
    this.mock.mockImplementation(async () => {
      throw error;
    });
  },
  mockRejectedValueOnce(error) {
    this.mock.mockImplementationOnce(async () => {
      throw error;
    });
  },
  mockClear() {
    this.mock.resetCalls();
  },
  mockReset() {
    this.mock.reset(undefined);
  },
  mockRestore() {
    this.mock.restore();
  },
};

function makeMock(original, implementation, options = {}) {
  const context = new MockFunction(original, implementation, options.restore);
  if (options.times !== undefined) context.limit(options.times);
  function mock(...args) {
    return context.call(this, args, new.target);
  }
  Object.defineProperties(mock, {
    name: { value: original?.name ?? "mock", configurable: true },
    length: { value: original?.length ?? 0, configurable: true },
    mock: { value: context },
  });
  if (original?.prototype !== undefined) mock.prototype = original.prototype;
  for (const [name, method] of Object.entries(METHODS)) {
    Object.defineProperty(mock, name, {
      configurable: true,
      writable: true,
      value: (...args) => {
        method.apply(mock, args);
        return mock;
      },
    });
  }
  records.set(mock, context);
  return mock;
}

function describedBy(object, name) {
  for (let at = object; at !== null; at = Object.getPrototypeOf(at)) {
    const descriptor = Object.getOwnPropertyDescriptor(at, name);
    if (descriptor !== undefined) return descriptor;
  }
  return undefined;
}

// Replaces a method, getter or setter by a spy on it.
function replace(object, name, implementation, { kind, times } = {}) {
  const descriptor = describedBy(object, name);
  if (descriptor === undefined) {
    throw new TypeError(`There is no property ${String(name)} to be mocked`);
  }
  const slot = kind ?? "value";
  const original = descriptor[slot];
  if (typeof original !== "function") {
    throw new TypeError(`Property ${String(name)} is no ${
      kind === undefined ? "function" : `${kind}ter`}`);
  }
  const own = Object.getOwnPropertyDescriptor(object, name);
  const restore = () => {
    if (own === undefined) {
      delete object[name];
    } else {
      Object.defineProperty(object, name, own);
    }
  };
  const mock = makeMock(original, implementation ?? original,
                        { restore, times });
  if (!Reflect.defineProperty(object, name, {
    ...descriptor, configurable: true, [slot]: mock,
  })) {
    throw new TypeError(`Property ${String(name)} cannot be replaced`);
  }
  return mock;
}

// Node's t.mock.timers, on the paused clock.
class MockTimers {
  #enabled = false;
  enable(options = undefined) {
    if (this.#enabled) throw new Error("MockTimers is already enabled!");
    this.#enabled = true;
    const { now = 0 } = Array.isArray(options) ? {} : options ?? {};
    clock.pause({ now });
  }
  tick(ms = 1) {
    clock.tick(ms);
  }
  runAll() {
    while (clock.pending > 0) clock.tick(Infinity);
  }
  setTime(ms) {
    clock.setTime(ms);
  }
  reset() {
    if (!this.#enabled) return;
    this.#enabled = false;
    clock.resume();
  }
  [Symbol.dispose]() {
    this.reset();
  }
}

export class MockTracker {
  #mocks = [];
  #timers;
  #add(mock) {
    this.#mocks.push(mock);
    return mock;
  }
  // fn(original?, implementation?, {times}?)
  fn(original, implementation, options) {
    if (typeof implementation === "object") {
      [implementation, options] = [undefined, implementation];
    }
    return this.#add(makeMock(original, implementation ?? original, options));
  }
  method(object, name, implementation, options) {
    if (typeof implementation === "object") {
      [implementation, options] = [undefined, implementation];
    }
    const { getter, setter, times } = options ?? {};
    return this.#add(replace(object, name, implementation, {
      kind: getter ? "get" : setter ? "set" : undefined,
      times,
    }));
  }
  getter(object, name, implementation, options) {
    return this.method(object, name, implementation,
                       { ...options, getter: true });
  }
  setter(object, name, implementation, options) {
    return this.method(object, name, implementation,
                       { ...options, setter: true });
  }
  // A property that is no function.
  property(object, name, value) {
    const own = Object.getOwnPropertyDescriptor(object, name);
    Object.defineProperty(object, name, {
      ...own ?? { enumerable: true }, configurable: true, writable: true, value,
    });
    this.#mocks.push({ mock: { restore() {
      if (own === undefined) {
        delete object[name];
      } else {
        Object.defineProperty(object, name, own);
      }
    }, reset() {}, resetCalls() {} } });
  }
  get timers() {
    return this.#timers ??= new MockTimers();
  }
  get count() {
    return this.#mocks.length;
  }
  restoreFrom(first) {
    for (const { mock } of this.#mocks.splice(first).reverse()) mock.restore();
    this.#timers?.reset();
  }
  // All as they were before.
  restoreAll() {
    for (const { mock } of this.#mocks.toReversed()) mock.restore();
    this.#timers?.reset();
  }
  reset() {
    this.restoreAll();
    this.#mocks = [];
  }
  clearAll() {
    for (const { mock } of this.#mocks) mock.resetCalls();
  }
}

// rill:test's `mock`: the spies that a test makes are gone after it; those made
// outside of tests stay.
export const mock = new MockTracker();
let kept = 0;

export function markGlobalMocks() {
  kept = mock.count;
}

export function restoreGlobalMocks() {
  mock.restoreFrom(kept);
}
