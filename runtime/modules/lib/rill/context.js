// SPDX-License-Identifier: MIT
// rill:context: variables that go with the work, in the form of TC39's proposal
// AsyncContext.
import { capture, setVariables, variables } from "rill:internal/context";

export class Variable {
  #name;
  #default;
  constructor({ name = "", defaultValue = undefined } = {}) {
    this.#name = String(name);
    this.#default = defaultValue;
  }
  get name() {
    return this.#name;
  }
  get() {
    const map = variables();
    return map?.has(this) ? map.get(this) : this.#default;
  }
  run(value, fn, ...args) {
    const before = variables();
    setVariables(new Map(before).set(this, value));
    try {
      return fn(...args);
    } finally {
      setVariables(before);
    }
  }
}

export class Snapshot {
  #run = capture((fn, ...args) => fn(...args));
  run(fn, ...args) {
    return this.#run(fn, ...args);
  }
  static wrap(fn) {
    return capture(fn);
  }
}

export const AsyncContext = { Variable, Snapshot };
