// SPDX-License-Identifier: MIT
// node:assert
import { inspect } from "rill:internal/inspect";
import { isDeepEqual } from "rill:internal/util";

export class AssertionError extends Error {
  constructor({ message, actual, expected, operator }) {
    super(message ?? `${inspect(actual)} ${operator} ${inspect(expected)}`);
    this.name = "AssertionError";
    this.code = "ERR_ASSERTION";
    this.generatedMessage = !message;
    this.actual = actual;
    this.expected = expected;
    this.operator = operator;
  }
}

function fail(actual, expected, message, fallback, operator,
              isGenerated = !message) {
  if (message instanceof Error) throw message;
  const error = new AssertionError({
    message: message ?? fallback(),
    actual,
    expected,
    operator,
  });
  error.generatedMessage = isGenerated;
  throw error;
}

let hasWarned = false;
function warnOfMany() {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(
    "assert.fail() with more than one argument is deprecated. Please use " +
      "assert.strictEqual() instead or only pass a message.",
    "DeprecationWarning", "DEP0094");
}

const both = (text) => (a, b) => () =>
  `${text}\n\n${inspect(a)} !== ${inspect(b)}\n`;

function assert(value, message) {
  if (!value) {
    fail(value, true, message,
         () => "The expression evaluated to a falsy value", "==",
         message === undefined || message === null);
  }
}

const comparison = (name, test, text) => ({
  [name](actual, expected, message) {
    if (!test(actual, expected)) {
      fail(actual, expected, message, both(text)(actual, expected), name);
    }
  },
})[name];

const loose = (name, test, operator) => ({
  [name](actual, expected, message) {
    if (!test(actual, expected)) {
      fail(actual, expected, message,
           () => `${inspect(actual)} ${operator} ${inspect(expected)}`,
           operator);
    }
  },
})[name];

const deep = (a, b) => isDeepEqual(a, b, false);
const deepStrict = (a, b) => isDeepEqual(a, b, true);
const not = (test) => (a, b) => !test(a, b);

function matches(error, expected) {
  if (expected === undefined) return true;
  if (expected instanceof RegExp) return expected.test(String(error));
  if (typeof expected === "function") {
    if (expected.prototype !== undefined && error instanceof expected) {
      return true;
    }
    return Error.isPrototypeOf(expected) ? false
                                         : expected.call({}, error) === true;
  }
  return Object.keys(expected).every((key) =>
    expected[key] instanceof RegExp ? expected[key].test(error[key])
                                    : deepStrict(error[key], expected[key]));
}

function checkThrown(thrown, error, expected, message, operator) {
  if (typeof expected === "string") [message, expected] = [expected, undefined];
  if (!thrown) {
    fail(undefined, expected, message,
         () => "Missing expected exception.", operator);
  }
  if (!matches(error, expected)) {
    if (expected instanceof RegExp || typeof expected === "object") {
      fail(error, expected, message,
           () => `The error ${inspect(error)} does not match ${
             inspect(expected)}`, operator);
    }
    throw error;
  }
}

Object.assign(assert, {
  AssertionError,
  ok: (value, message) => assert(value, message),
  equal: loose("equal", (a, b) => a == b || (a !== a && b !== b), "=="),
  notEqual: loose("notEqual", (a, b) => !(a == b || (a !== a && b !== b)),
                  "!="),
  strictEqual: comparison("strictEqual", Object.is,
                          "Expected values to be strictly equal:"),
  notStrictEqual: comparison("notStrictEqual", not(Object.is),
                             "Expected values to be strictly unequal:"),
  deepEqual: comparison("deepEqual", deep,
                        "Expected values to be loosely deep-equal:"),
  notDeepEqual: comparison("notDeepEqual", not(deep),
                           "Expected values not to be loosely deep-equal:"),
  deepStrictEqual: comparison("deepStrictEqual", deepStrict,
                              "Expected values to be strictly deep-equal:"),
  notDeepStrictEqual: comparison(
    "notDeepStrictEqual", not(deepStrict),
    "Expected values not to be strictly deep-equal:"),
  match(text, pattern, message) {
    if (!pattern.test(text)) {
      fail(text, pattern, message,
           () => `The input did not match ${pattern}`, "match");
    }
  },
  doesNotMatch(text, pattern, message) {
    if (pattern.test(text)) {
      fail(text, pattern, message,
           () => `The input was expected to not match ${pattern}`,
           "doesNotMatch");
    }
  },
  throws(work, expected, message) {
    let thrown = false, error;
    try {
      work();
    } catch (caught) {
      [thrown, error] = [true, caught];
    }
    checkThrown(thrown, error, expected, message, "throws");
  },
  async rejects(work, expected, message) {
    let thrown = false, error;
    try {
      await (typeof work === "function" ? work() : work);
    } catch (caught) {
      [thrown, error] = [true, caught];
    }
    checkThrown(thrown, error, expected, message, "rejects");
  },
  doesNotThrow: (work) => void work(),
  async doesNotReject(work) {
    await (typeof work === "function" ? work() : work);
  },
  fail(actual, expected, message, operator) {
    if (arguments.length <= 1) {
      [actual, message] = [undefined, actual];
      fail(actual, expected, message, () => "Failed", "fail");
    }
    warnOfMany();
    if (message instanceof Error) throw message;
    operator ??= arguments.length === 2 ? "!=" : "fail";
    throw new AssertionError({ actual, expected, message, operator });
  },
  ifError(value) {
    if (value !== null && value !== undefined) throw value;
  },
});
assert.strict = Object.assign((v, m) => assert(v, m), assert, {
  equal: assert.strictEqual,
  deepEqual: assert.deepStrictEqual,
  notEqual: assert.notStrictEqual,
  notDeepEqual: assert.notDeepStrictEqual,
});

export const {
  deepEqual, deepStrictEqual, doesNotMatch, doesNotReject, doesNotThrow, equal,
  ifError, match, notDeepEqual, notDeepStrictEqual, notEqual, notStrictEqual,
  ok, rejects, strict, strictEqual, throws,
} = assert;
const { fail: failed } = assert;
export { failed as fail };
export default assert;
