// SPDX-License-Identifier: MIT
// node:vm. A context is a realm of its own, whose global object inherits from
// the object that the context was made for: what a script does not find or
// declare itself it finds and sets there. What a run declares, var and
// function, moves there when the run is over. `let` and `const` at the top of a
// script last as long as its run.
import { newGlobal } from "rill:internal/introspect";
import { codedError, invalidArgument } from "rill:internal/errors";

const evaluate = eval; // indirect: global code
const contexts = new WeakMap();

export function createContext(object = {}, options) {
  if ((typeof object !== "object" && typeof object !== "function") ||
      object === null) {
    throw invalidArgument("object", "of type object", object);
  }
  if (contexts.has(object)) return object;
  const global = newGlobal();
  const own = new Set(Reflect.ownKeys(global));
  contexts.set(object, { global, run: global.eval, own });
  const base = global.Object.prototype;
  Object.setPrototypeOf(global, new Proxy(object, {
    has: (target, key) => key in target || key in base,
    get: (target, key, receiver) =>
      key in target ? target[key] : Reflect.get(base, key, receiver),
    set: (target, key, value) => Reflect.set(target, key, value),
  }));
  if (options?.codeGeneration?.strings === false) {
    const refuse = (text) => {
      if (typeof text !== "string") return text;
      throw new EvalError(
        "Code generation from strings disallowed for this context");
    };
    global.eval = refuse;
    const { prototype } = global.Function;
    global.Function = () => refuse("");
    prototype.constructor = global.Function;
  }
  return object;
}
export const isContext = (object) => contexts.has(object);

function runIn(code, object) {
  const context = contexts.get(object);
  if (context === undefined) {
    throw invalidArgument("contextifiedObject", "a vm.Context", object);
  }
  const { global, own, run } = context;
  // The language's globals are the global object's own: those of the object go
  // before them.
  for (const key of Reflect.ownKeys(object)) {
    if (own.has(key)) {
      const property = Reflect.getOwnPropertyDescriptor(object, key);
      Reflect.defineProperty(global, key, { ...property, configurable: true });
    }
  }
  try {
    return run(code);
  } finally {
    for (const key of Reflect.ownKeys(global)) {
      if (own.has(key)) continue;
      Reflect.defineProperty(object, key,
                             Reflect.getOwnPropertyDescriptor(global, key));
      delete global[key];
    }
  }
}

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
  runInContext(object) {
    return runIn(this.#code, object);
  }
  runInNewContext(object, options) {
    return runIn(this.#code, createContext(object, options));
  }
}

export const runInThisContext = (code, options) =>
  new Script(code, options).runInThisContext();
export const runInContext = (code, object, options) =>
  new Script(code, options).runInContext(object);
export const runInNewContext = (code, object, options) =>
  new Script(code, options).runInNewContext(object, options);

export function compileFunction(code, parameters = [], options) {
  if (typeof code !== "string") {
    throw invalidArgument("code", "of type string", code);
  }
  if (options?.parsingContext !== undefined) {
    throw codedError(Error, "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
                     "vm.compileFunction: parsingContext is not supported");
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
