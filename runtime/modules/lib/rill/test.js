// SPDX-License-Identifier: MIT
// rill:test: tests, expectations, mocks, the paused clock, simulations.
import { addHook, addSuite, addTest, currentRun } from
  "rill:internal/test_runner";
import { autorun } from "rill:internal/test_file";
import { createExpect } from "rill:internal/test_expect";
import { formatWithOptions } from "rill:internal/inspect";

export { clock, simulate, SimulationError } from "rill:internal/test_clock";
export { mock } from "rill:internal/test_mock";

// test.each([[1, 2], [3, 4]])("%d and %d", (a, b) => ...): one for each row.
function titled(name, row, index) {
  const args = Array.isArray(row) ? row : [row];
  const text = `${name}`.replace(/%#/g, index).replace(
    /\$([\w.]+)/g, (whole, path) => {
      let value = row;
      for (const key of path.split(".")) value = value?.[key];
      return value === undefined ? whole : formatWithOptions({}, "%o", value)
        .replace(/^'(.*)'$/, "$1");
    });
  const count = (text.match(/%[sdifjoOc]/g) ?? []).length;
  return formatWithOptions({}, text, ...args.slice(0, count));
}

const each = (register) => (rows) => (name, ...rest) => {
  [...rows].forEach((row, index) => {
    const args = rest.map((item) => typeof item === "function"
      ? (...more) => item(...Array.isArray(row) ? row : [row], ...more)
      : item);
    register(titled(name, row, index), ...args);
  });
};

function variants(add, more) {
  const make = (extra) => {
    const register = (...args) => {
      autorun();
      return add(args, extra, new Error());
    };
    return register;
  };
  const complete = (register, extra) => {
    for (const [name, option] of Object.entries(more)) {
      if (Object.hasOwn(extra, Object.keys(option)[0])) continue;
      Object.defineProperty(register, name, {
        configurable: true,
        enumerable: true,
        get: () => complete(make({ ...extra, ...option }),
                            { ...extra, ...option }),
      });
    }
    register.each = each(register);
    register.skipIf = (condition) =>
      complete(make({ ...extra, skip: Boolean(condition) }), extra);
    register.runIf = (condition) =>
      complete(make({ ...extra, skip: !condition }), extra);
    return register;
  };
  return complete(make({}), {});
}

export const test = variants(addTest, {
  only: { only: true },
  skip: { skip: true },
  todo: { todo: true },
  failing: { failing: true },
  concurrent: { concurrent: true },
  sequential: { concurrent: false },
  simulated: { simulate: true },
});
export const describe = variants(addSuite, {
  only: { only: true },
  skip: { skip: true },
  todo: { todo: true },
  concurrent: { concurrent: true },
  sequential: { concurrent: false },
});
export { test as it, describe as suite };

export const before = (fn, options) => addHook("before", fn, options);
export const after = (fn, options) => addHook("after", fn, options);
export const beforeEach = (fn, options) => addHook("beforeEach", fn, options);
export const afterEach = (fn, options) => addHook("afterEach", fn, options);
export { before as beforeAll, after as afterAll };

export const expect = createExpect(currentRun);
export default test;
