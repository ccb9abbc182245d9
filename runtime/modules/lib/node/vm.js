// SPDX-License-Identifier: MIT
// node:vm: scripts in this realm. Other contexts are not supported.
import { codedError, invalidArgument } from "rill:internal/errors";

const evaluate = eval; // indirect: global code

export class Script {
  #code;
  constructor(code, options) {
    this.#code = String(code);
    const name = typeof options === "string" ? options : options?.filename;
    if (name) this.#code += `\n//# sourceURL=${name}`;
    // Syntax errors are thrown here, not when it runs.
    new Function(`{${this.#code}\n}`);
  }
  runInThisContext() {
    return evaluate(this.#code);
  }
  runInNewContext() {
    createContext();
  }
  runInContext() {
    createContext();
  }
}

export function createContext() {
  throw codedError(Error, "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
                   "vm.createContext: rill has one context for Node's scripts; " +
                     "see ShadowRealm");
}
export const isContext = () => false;
export const runInThisContext = (code, options) =>
  new Script(code, options).runInThisContext();
export const runInNewContext = createContext;
export const runInContext = createContext;

export function compileFunction(code, parameters = []) {
  if (typeof code !== "string") {
    throw invalidArgument("code", "of type string", code);
  }
  return new Function(...parameters, code);
}

export default {
  Script,
  compileFunction,
  createContext,
  isContext,
  runInContext,
  runInNewContext,
  runInThisContext,
};
