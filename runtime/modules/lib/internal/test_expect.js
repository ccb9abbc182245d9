// SPDX-License-Identifier: MIT
// expect(value).toBe(...) and its kin.
import { inspect } from "rill:internal/inspect";
import { isEqualBy } from "rill:internal/util";
import { diffTexts, diffValues } from "rill:internal/test_diff";
import { callsOf, isMock } from "rill:internal/test_mock";
import {
  matchInlineSnapshot,
  matchSnapshot,
} from "rill:internal/test_snapshot";
import { AssertionError } from "node:assert";

const brief = (value) => inspect(value, { depth: 3, breakLength: 72 });

// Matchers that stand for many values -----------------------------------------

class Asymmetric {
  constructor(name, sample, test, isNot = false) {
    Object.defineProperties(this, {
      name: { value: name },
      sample: { value: sample },
      test: { value: test },
      isNot: { value: isNot },
    });
  }
  asymmetricMatch(other) {
    return Boolean(this.test(other)) !== this.isNot;
  }
  [Symbol.for("nodejs.util.inspect.custom")](depth, options, inspectWith) {
    const sample = this.sample === undefined ? ""
        : typeof this.sample === "function" ? this.sample.name
        : inspectWith(this.sample, options);
    return `${this.isNot ? "not." : ""}${this.name}(${sample})`;
  }
}

const isAsymmetric = (value) =>
  typeof value === "object" && value !== null &&
  typeof value.asymmetricMatch === "function";

function custom(a, b) {
  if (isAsymmetric(b)) return b.asymmetricMatch(a);
  if (isAsymmetric(a)) return a.asymmetricMatch(b);
  return undefined;
}

const EQUAL = { same: Object.is, symbols: true, skipsUndefined: true, custom };
const STRICT = { same: Object.is, prototypes: true, symbols: true, custom };
const equals = (a, b) => isEqualBy(a, b, EQUAL);

const isObject = (value) => typeof value === "object" && value !== null;

// Whether `actual` has all that `sample` has.
function matchesObject(actual, sample) {
  if (isAsymmetric(sample)) return sample.asymmetricMatch(actual);
  if (!isObject(sample) || !isObject(actual)) return equals(actual, sample);
  if (Array.isArray(sample)) {
    return Array.isArray(actual) && actual.length === sample.length &&
        sample.every((item, i) => matchesObject(actual[i], item));
  }
  const prototype = Object.getPrototypeOf(sample);
  if (prototype !== Object.prototype && prototype !== null) {
    return equals(actual, sample);
  }
  return Reflect.ownKeys(sample).every(
    (key) => key in actual && matchesObject(actual[key], sample[key]));
}

// What `actual` looks like beside `sample`: only what the sample names.
function onlyNamed(actual, sample) {
  if (!isObject(sample) || !isObject(actual) || isAsymmetric(sample)) {
    return actual;
  }
  if (Array.isArray(sample)) {
    return Array.isArray(actual)
      ? actual.map((item, i) => onlyNamed(item, sample[i])) : actual;
  }
  const result = {};
  for (const key of Object.keys(sample)) {
    if (key in actual) result[key] = onlyNamed(actual[key], sample[key]);
  }
  return result;
}

const isInstance = (value, Type) => {
  switch (Type) {
    case String: return typeof value === "string" || value instanceof String;
    case Number: return typeof value === "number" || value instanceof Number;
    case Boolean: return typeof value === "boolean" || value instanceof Boolean;
    case BigInt: return typeof value === "bigint";
    case Symbol: return typeof value === "symbol";
    case Function: return typeof value === "function";
    case Object: return typeof value === "object";
  }
  return value instanceof Type;
};

const containsAll = (sample) => (list) =>
  Array.isArray(list) &&
  sample.every((item) => list.some((other) => equals(other, item)));
const asymmetrics = (isNot) => ({
  objectContaining: (sample) =>
    new Asymmetric("objectContaining", sample,
                   (value) => isObject(value) && matchesObject(value, sample),
                   isNot),
  arrayContaining: (sample) =>
    new Asymmetric("arrayContaining", sample, containsAll(sample), isNot),
  stringContaining: (sample) =>
    new Asymmetric("stringContaining", sample,
                   (value) => typeof value === "string" &&
                              value.includes(sample), isNot),
  stringMatching: (sample) =>
    new Asymmetric("stringMatching", sample,
                   (value) => typeof value === "string" &&
                              new RegExp(sample).test(value), isNot),
  closeTo: (sample, digits = 2) =>
    new Asymmetric("closeTo", sample,
                   (value) => isClose(value, sample, digits), isNot),
});

const isClose = (value, expected, digits) =>
  value === expected || Math.abs(value - expected) < 10 ** -digits / 2;

// Matchers --------------------------------------------------------------------
// Each gives {pass, message(not) -> text, and for a diff: actual, expected}.

const says = (text, pass, more) => ({
  pass,
  message: (not) => `expected ${text(not ? "not " : "")}`,
  ...more,
});

function thrownBy(value, how) {
  if (how === "rejects") return { thrown: true, error: value };
  if (typeof value !== "function") {
    throw new TypeError(
      `toThrow needs a function, not ${brief(value)}; for a promise use ` +
      "expect(promise).rejects.toThrow()");
  }
  try {
    value();
    return { thrown: false };
  } catch (error) {
    return { thrown: true, error };
  }
}

function throwsAs(error, expected) {
  const message = isObject(error) ? `${error.message}` : `${error}`;
  if (expected === undefined) return true;
  if (typeof expected === "string") return message.includes(expected);
  if (expected instanceof RegExp) return expected.test(message);
  if (typeof expected === "function") return error instanceof expected;
  if (isAsymmetric(expected)) return expected.asymmetricMatch(error);
  if (expected instanceof Error) return message === expected.message;
  return matchesObject(error, expected);
}

function propertyAt(value, path) {
  const keys = Array.isArray(path) ? path
      : `${path}`.replace(/\[(\w+)\]/g, ".$1").split(".");
  let at = value;
  for (const key of keys) {
    if (at === null || at === undefined || !(key in Object(at))) {
      return { found: false };
    }
    at = at[key];
  }
  return { found: true, value: at };
}

function lengthOf(value) {
  if (typeof value?.length !== "number") {
    throw new TypeError(`${brief(value)} has no length`);
  }
  return value.length;
}

function mockOf(value) {
  if (!isMock(value)) {
    throw new TypeError(`${brief(value)} is no mock function`);
  }
  return callsOf(value);
}

const listCalls = (calls) => calls.length === 0 ? "it was never called"
  : `its calls were:\n${calls.slice(0, 10).map(
    (call, i) => `  ${i + 1}: (${call.arguments.map(brief).join(", ")})`)
    .join("\n")}${calls.length > 10 ? "\n  ..." : ""}`;

const comparison = (test, text) => (actual, expected) =>
  says((not) => `${brief(actual)} ${not}to be ${text} ${brief(expected)}`,
       test(actual, expected));
const property = (test, text) => (actual) =>
  says((not) => `${brief(actual)} ${not}to be ${text}`, test(actual));

const matchers = {
  toBe: (actual, expected) =>
    says((not) => `${brief(actual)} ${not}to be ${brief(expected)}`,
         Object.is(actual, expected), { actual, expected }),
  toEqual: (actual, expected) =>
    says((not) => `${brief(actual)} ${not}to equal ${brief(expected)}`,
         equals(actual, expected), { actual, expected }),
  toStrictEqual: (actual, expected) =>
    says((not) => `${brief(actual)} ${not}to equal strictly ${
      brief(expected)}`, isEqualBy(actual, expected, STRICT),
    { actual, expected }),
  toMatchObject: (actual, expected) =>
    says((not) => `${brief(actual)} ${not}to match ${brief(expected)}`,
         isObject(actual) && matchesObject(actual, expected),
         { actual: onlyNamed(actual, expected), expected }),
  toBeTruthy: property(Boolean, "truthy"),
  toBeFalsy: property((value) => !value, "falsy"),
  toBeNull: property((value) => value === null, "null"),
  toBeUndefined: property((value) => value === undefined, "undefined"),
  toBeDefined: property((value) => value !== undefined, "defined"),
  toBeNaN: property(Number.isNaN, "NaN"),
  toBeGreaterThan: comparison((a, b) => a > b, "above"),
  toBeGreaterThanOrEqual: comparison((a, b) => a >= b, "at least"),
  toBeLessThan: comparison((a, b) => a < b, "below"),
  toBeLessThanOrEqual: comparison((a, b) => a <= b, "at most"),
  toBeCloseTo: (actual, expected, digits = 2) =>
    says((not) => `${brief(actual)} ${not}to be within ${
      10 ** -digits / 2} of ${brief(expected)}`,
    isClose(actual, expected, digits)),
  toBeInstanceOf: (actual, Type) =>
    says((not) => `${brief(actual)} ${not}to be an instance of ${Type.name}`,
         actual instanceof Type),
  toBeTypeOf: (actual, type) =>
    says((not) => `${brief(actual)} ${not}to be of type ${type}`,
         typeof actual === type),
  toBeOneOf: (actual, list) =>
    says((not) => `${brief(actual)} ${not}to be one of ${brief([...list])}`,
         [...list].some((item) => equals(actual, item))),
  toSatisfy: (actual, test) =>
    says((not) => `${brief(actual)} ${not}to satisfy ${
      test.name || "the predicate"}`, Boolean(test(actual))),
  toMatch: (actual, pattern) =>
    says((not) => `${brief(actual)} ${not}to match ${brief(pattern)}`,
         typeof pattern === "string" ? `${actual}`.includes(pattern)
                                     : pattern.test(actual)),
  toContain: (actual, item) =>
    says((not) => `${brief(actual)} ${not}to contain ${brief(item)}`,
         typeof actual === "string" ? actual.includes(item)
                                    : [...actual].includes(item)),
  toContainEqual: (actual, item) =>
    says((not) => `${brief(actual)} ${not}to contain an equal of ${
      brief(item)}`, [...actual].some((other) => equals(other, item))),
  toHaveLength: (actual, length) =>
    says((not) => `${brief(actual)} ${not}to have length ${length}, it has ${
      lengthOf(actual)}`, lengthOf(actual) === length),
  toHaveProperty(actual, path, ...values) {
    const { found, value } = propertyAt(actual, path);
    const shown = Array.isArray(path) ? path.join(".") : path;
    if (values.length === 0) {
      return says((not) => `${brief(actual)} ${not}to have a property ${
        brief(shown)}`, found);
    }
    return says((not) => `property ${brief(shown)} ${not}to equal ${
      brief(values[0])}, it ${found ? `is ${brief(value)}` : "is missing"}`,
    found && equals(value, values[0]),
    found ? { actual: value, expected: values[0] } : {});
  },
  toThrow(actual, expected) {
    const { thrown, error } = thrownBy(actual, this.how);
    const what = expected === undefined ? ""
        : ` ${typeof expected === "function" ? expected.name
                                             : brief(expected)}`;
    return says((not) => `the function ${not}to throw${what}, ${
      thrown ? `it threw ${error instanceof Error
        ? `${error.name}: ${error.message}` : brief(error)}`
             : "it threw nothing"}`, thrown && throwsAs(error, expected),
    { cause: thrown && isObject(error) ? error : undefined });
  },
  toHaveBeenCalled(actual) {
    const calls = mockOf(actual);
    return says((not) => `the mock ${not}to have been called; ${
      listCalls(calls)}`, calls.length > 0);
  },
  toHaveBeenCalledTimes(actual, count) {
    const calls = mockOf(actual);
    return says((not) => `the mock ${not}to have been called ${count} times, ` +
                `not ${calls.length}; ${listCalls(calls)}`,
    calls.length === count);
  },
  toHaveBeenCalledWith(actual, ...args) {
    const calls = mockOf(actual);
    return says((not) => `the mock ${not}to have been called with (${
      args.map(brief).join(", ")}); ${listCalls(calls)}`,
    calls.some((call) => equals(call.arguments, args)),
    calls.length === 1 ? { actual: calls[0].arguments, expected: args } : {});
  },
  toHaveBeenLastCalledWith(actual, ...args) {
    const calls = mockOf(actual);
    return says((not) => `the mock's last call ${not}to be (${
      args.map(brief).join(", ")}); ${listCalls(calls)}`,
    calls.length > 0 && equals(calls.at(-1).arguments, args),
    calls.length > 0 ? { actual: calls.at(-1).arguments, expected: args } : {});
  },
  toHaveBeenNthCalledWith(actual, n, ...args) {
    const calls = mockOf(actual);
    return says((not) => `call ${n} of the mock ${not}to be (${
      args.map(brief).join(", ")}); ${listCalls(calls)}`,
    calls.length >= n && equals(calls[n - 1].arguments, args));
  },
  toHaveReturned(actual) {
    const returned = mockOf(actual).filter((call) => call.error === undefined);
    return says((not) => `the mock ${not}to have returned`,
                returned.length > 0);
  },
  toHaveReturnedTimes(actual, count) {
    const returned = mockOf(actual).filter((call) => call.error === undefined);
    return says((not) => `the mock ${not}to have returned ${
      count} times, not ${returned.length}`, returned.length === count);
  },
  toHaveReturnedWith(actual, value) {
    const results = mockOf(actual).map((call) => call.result);
    return says((not) => `the mock ${not}to have returned ${
      brief(value)}; it returned ${brief(results)}`,
    results.some((result) => equals(result, value)));
  },
  toMatchSnapshot(actual, ...args) {
    return matchSnapshot(this.run, actual, ...args);
  },
  toMatchInlineSnapshot(actual, ...args) {
    return matchInlineSnapshot(this.run, actual, ...args);
  },
  toThrowErrorMatchingSnapshot(actual, ...args) {
    const { thrown, error } = thrownBy(actual, this.how);
    if (!thrown) return says((not) => `the function ${not}to throw`, false);
    return matchSnapshot(this.run, `${error?.message ?? error}`, ...args);
  },
};
const ALIASES = {
  toThrowError: "toThrow",
  toBeCalled: "toHaveBeenCalled",
  toBeCalledTimes: "toHaveBeenCalledTimes",
  toBeCalledWith: "toHaveBeenCalledWith",
  lastCalledWith: "toHaveBeenLastCalledWith",
  nthCalledWith: "toHaveBeenNthCalledWith",
  toReturn: "toHaveReturned",
  toReturnWith: "toHaveReturnedWith",
};
for (const [alias, name] of Object.entries(ALIASES)) {
  matchers[alias] = matchers[name];
}

function failure(name, result, not, hint, at) {
  const { message, actual, expected, cause } = result;
  let text = typeof message === "function" ? message(not) : `${message}`;
  if (hint !== undefined) text = `${hint}: ${text}`;
  const error = new AssertionError({
    message: text,
    actual,
    expected,
    operator: name,
  });
  if (cause !== undefined) error.cause = cause;
  let diff = "";
  if (!not && "expected" in result) {
    diff = result.isText ? diffTexts(actual, expected)
                         : diffValues(actual, expected);
  }
  Object.defineProperty(error, "diff", { value: diff });
  if (at !== undefined) error.stack = at.stack.replace(/^[^\n]*/, `${error}`);
  return error;
}

function apply(state, name, matcher, value, args, at) {
  const { run, not, hint } = state;
  if (run !== undefined) run.assertions = (run.assertions ?? 0) + 1;
  const result = matcher.call({ ...state, equals, isNot: not }, value, ...args);
  const judge = (outcome) => {
    if (outcome.pass === not) throw failure(name, outcome, not, hint, at);
  };
  return typeof result?.then === "function" ? result.then(judge)
                                            : judge(result);
}

// `at`: an Error made where an asynchronous expectation was made.
class Expectation {
  #value;
  #state;
  #at;
  constructor(value, state, at) {
    this.#value = value;
    this.#state = state;
    this.#at = at;
  }
  get not() {
    return new Expectation(this.#value, { ...this.#state,
                                          not: !this.#state.not }, this.#at);
  }
  get resolves() {
    return this.#settled("resolves");
  }
  get rejects() {
    return this.#settled("rejects");
  }
  #settled(how) {
    const at = new Error();
    const promise = typeof this.#value === "function" && how === "rejects"
        ? Promise.try(this.#value) : this.#value;
    if (typeof promise?.then !== "function") {
      throw new TypeError(`${how} needs a promise, not ${brief(promise)}`);
    }
    return new Expectation(promise, { ...this.#state, how }, at);
  }
  static {
    const define = (name, matcher) => {
      Object.defineProperty(Expectation.prototype, name, {
        configurable: true,
        writable: true,
        value: { [name](...args) {
          const state = this.#state;
          if (state.how === undefined) {
            return apply(state, name, matcher, this.#value, args);
          }
          return this.#later(name, matcher, args);
        } }[name],
      });
    };
    for (const [name, matcher] of Object.entries(matchers)) {
      define(name, matcher);
    }
    Expectation.define = define;
  }
  async #later(name, matcher, args) {
    const { how } = this.#state;
    let value, rejected = false;
    try {
      value = await this.#value;
    } catch (error) {
      [value, rejected] = [error, true];
    }
    if (rejected !== (how === "rejects")) {
      const text = rejected
        ? `expected the promise to be fulfilled, it was rejected with ${
          value instanceof Error ? `${value.name}: ${value.message}`
                                 : brief(value)}`
        : `expected the promise to be rejected, it was fulfilled with ${
          brief(value)}`;
      throw failure(how, { message: text, cause: rejected ? value : undefined },
                    false, this.#state.hint, this.#at);
    }
    return apply(this.#state, name, matcher, value, args, this.#at);
  }
}

const define = Expectation.define;
delete Expectation.define;

// runOf: the test that an expectation belongs to, if that can be told.
export function createExpect(runOf) {
  const expect = (value, hint) =>
    new Expectation(value, { run: runOf(), not: false, hint });
  return Object.assign(expect, asymmetrics(false), {
    any: (Type) => {
      if (typeof Type !== "function") {
        throw new TypeError("any needs a constructor");
      }
      return new Asymmetric("any", Type, (value) => isInstance(value, Type));
    },
    anything: () =>
      new Asymmetric("anything", undefined,
                     (value) => value !== null && value !== undefined),
    not: asymmetrics(true),
    // {name(actual, ...args) { return {pass, message: () => text}; }}
    extend(more) {
      for (const [name, matcher] of Object.entries(more)) {
        define(name, matcher);
        expect[name] = (...args) =>
          new Asymmetric(name, args[0], (value) =>
            matcher.call({ equals, isNot: false }, value, ...args).pass);
      }
    },
    assertions(count) {
      const run = runOf();
      if (run === undefined) throw new Error("No test runs");
      run.plan = count;
    },
    hasAssertions() {
      const run = runOf();
      if (run === undefined) throw new Error("No test runs");
      run.needsAssertions = true;
    },
    unreachable(message = "this should not be reached") {
      throw failure("unreachable", { message }, false);
    },
  });
}
