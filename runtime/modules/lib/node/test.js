// SPDX-License-Identifier: MIT
// node:test, on rill:test.
import { addHook, addSuite, addTest } from "rill:internal/test_runner";
import { autorun } from "rill:internal/test_file";
import { mock } from "rill:internal/test_mock";
import { unsupported } from "rill:internal/unsupported";

function register(add, extra) {
  return (...args) => {
    autorun();
    // Node's tests may take a callback as their second parameter.
    return add(args, { takesCallback: true, ...extra }, new Error());
  };
}

function variants(add) {
  return Object.assign(register(add, {}), {
    only: register(add, { only: true }),
    skip: register(add, { skip: true }),
    todo: register(add, { todo: true }),
  });
}

export const test = variants(addTest);
export const it = test;
export const { only, skip, todo } = test;
export const describe = variants(addSuite);
export const suite = describe;
const hook = (kind) => (fn, options) => addHook(kind, fn, options);
export const before = hook("before");
export const after = hook("after");
export const beforeEach = hook("beforeEach");
export const afterEach = hook("afterEach");
export const { run } = unsupported("test", "run", "rill test");
export { mock };
export default Object.assign(test, {
  test, it, describe, suite, before, after, beforeEach, afterEach, run, mock,
});
