// SPDX-License-Identifier: MIT
// Tests: what describe and test register, and how that is run. What happens is
// told to one function, `report`, as plain objects (test_report.js).
import { AsyncLocalStorage } from "node:async_hooks";
import { checkFunction, outOfRange } from "rill:internal/errors";
import {
  callWatched,
  clockState,
  endSimulation,
  lastThing,
  openThings,
  realNow,
  setDeadline,
  setHandler,
  startSimulation,
} from "rill:internal/test";
import { checkSnapshots } from "rill:internal/test_snapshot";
import { describeError, placeOf } from "rill:internal/test_errors";
import {
  MockTracker,
  markGlobalMocks,
  restoreGlobalMocks,
} from "rill:internal/test_mock";
import { createExpect } from "rill:internal/test_expect";
import { loadBuiltin } from "rill:internal/modules";
import { clock, currentSeed, resetClock } from "rill:internal/test_clock";
import { setImmediate } from "rill:internal/timers";
import { dictionary } from "rill:internal/web/idl";

export const config = {
  timeout: 5000,
  retries: 0,
  repeat: 1,
  leaks: true,
  concurrency: 8,
  filter: undefined, // a RegExp
  only: false,
  bail: Infinity,
  seed: undefined, // simulate every test, from this seed on
  shuffle: undefined, // the seed of the order of tests
  jitter: 1,
  report() {},
};

class Suite {
  constructor(name, parent, options) {
    this.name = name;
    this.parent = parent;
    this.options = options;
    this.children = [];
    this.hooks = { before: [], after: [], beforeEach: [], afterEach: [] };
    this.body = undefined;
  }
}

const root = new Suite("", undefined, {});
// The suite whose body runs, through its awaits as well.
const collecting = new AsyncLocalStorage();
const bodies = []; // promises of async ones
let started = false;
let hasOnly = false;
let failures = 0;
// What runs now; concurrent tests and subtests are several.
const active = new Set();
// The run that code belongs to, through whatever it awaits.
const owner = new AsyncLocalStorage();

// Registering -----------------------------------------------------------------

const isInteger = (least) => (value) =>
  Number.isSafeInteger(value) && value >= least;
const isTimeout = (value) => typeof value === "number" && value > 0;
// name -> [test, what it must be]
const LIMITS = {
  timeout: [isTimeout, "milliseconds above 0"],
  retries: [isInteger(0), "an integer from 0 on"],
  repeat: [isInteger(1), "an integer from 1 on"],
  seed: [(value) => value === false || isInteger(0)(value),
         "an integer from 0 on"],
  clock: [(value) => value === "paused" || value === "auto",
          '"paused" or "auto"'],
};

function checkOptions(options) {
  for (const [name, [isValid, text]] of Object.entries(LIMITS)) {
    const value = options[name];
    if (value !== undefined && !isValid(value)) {
      throw outOfRange(`options.${name}`, text, value);
    }
  }
}

function named(args) {
  let [name, options, fn] = args;
  if (typeof name === "function") [name, options, fn] = [undefined, {}, name];
  if (typeof name === "object" && name !== null) {
    [name, options, fn] = [undefined, name, options];
  }
  // test(name, fn, timeout) as well
  if (typeof options === "function") {
    [options, fn] = [typeof fn === "number" ? { timeout: fn } : fn, options];
  }
  if (typeof options === "number") options = { timeout: options };
  options = { ...dictionary(options) };
  checkOptions(options);
  return { name: `${name ?? fn?.name ?? ""}` || "<anonymous>", options, fn };
}

function checkCollecting(what) {
  if (started) {
    throw new Error(`${what}() must be called before tests run; ` +
                    "within a test use t.test()");
  }
}

function inherited(suite, name) {
  for (; suite !== undefined; suite = suite.parent) {
    if (suite.options[name] !== undefined) return suite.options[name];
  }
  return undefined;
}

export function addTest(args, extra, origin) {
  const { name, options, fn } = named(args);
  Object.assign(options, extra);
  if (fn === undefined) options.todo ??= true;
  if (fn !== undefined) checkFunction(fn, "fn");
  checkCollecting("test");
  const parent = collecting.getStore() ?? root;
  const test = { name, options, fn, parent, origin };
  if (options.only) hasOnly = true;
  parent.children.push(test);
  return new Promise((resolve) => test.ended = resolve);
}

export function addSuite(args, extra, origin) {
  const { name, options, fn } = named(args);
  Object.assign(options, extra);
  checkCollecting("describe");
  const parent = collecting.getStore() ?? root;
  const suite = new Suite(name, parent, options);
  suite.origin = origin;
  if (options.only) hasOnly = true;
  parent.children.push(suite);
  if (fn !== undefined) checkFunction(fn, "fn");
  try {
    const result = collecting.run(suite, () => fn?.({ name }));
    if (typeof result?.then === "function") {
      bodies.push(result.then(undefined, (error) => suite.error = { error }));
    }
  } catch (error) {
    suite.error = { error };
  }
}

export function addHook(kind, fn, options) {
  checkFunction(fn, "fn");
  options = dictionary(options);
  checkOptions(options);
  const run = owner.getStore();
  if (started) {
    // Within a test: of the test.
    if (active.has(run) && kind === "after") return run.context.after(fn);
    throw new Error(`${kind}() must be called before tests run`);
  }
  (collecting.getStore() ?? root).hooks[kind].push({ fn, options });
}

// Errors ----------------------------------------------------------------------

function timeoutError(run, place) {
  const error = new Error(
    place === undefined
      ? `The test did not end within ${run.timeout} ms`
      : `The test did not end within ${run.timeout} ms: it was stopped here`);
  error.name = "TimeoutError";
  error.code = "ERR_TEST_TIMEOUT";
  const stack = place?.stack.replace(/^[^\n]*/, `${error}`);
  error.stack = stack ?? `${error}`;
  return error;
}

function armWatchdog() {
  let first = Infinity;
  for (const run of active) {
    if (!run.isStopped) first = Math.min(first, run.deadline);
  }
  setDeadline(first === Infinity ? Infinity : Math.max(0, first - realNow()));
}

// Errors that no test is blamed for: of files while they are loaded.
const outside = [];

function onEvent(kind, error) {
  if (kind === "timeout") {
    const now = realNow();
    for (const run of active) {
      if (!run.isStopped && run.deadline <= now + 1) {
        run.failForTime(error);
      }
    }
    armWatchdog();
    return;
  }
  const culprit = owner.getStore();
  // A test that is cleaning up has another run for that.
  const run = culprit && [...active].find(
    (one) => one === culprit || one.parent === culprit);
  if (run !== undefined) {
    run.fail(error, "uncaught");
  } else if (culprit !== undefined) {
    outside.push({ error, why: `after ${culprit.path.join(" > ")} had ended` });
  } else if (active.size === 0) {
    outside.push({ error });
  } else {
    // Which of several it was nobody knows.
    for (const one of active) one.fail(error, "uncaught");
  }
}

// The loop has nothing left to wait for.
export function onIdle() {
  let waits = "nothing that the test waits for can still happen";
  const [, , timers] = clockState() ?? [];
  if (timers > 0) {
    waits += `; ${timers} timer${timers > 1 ? "s wait" : " waits"} ` +
        "for the paused clock";
  }
  let any = false;
  for (const run of active) {
    if (run.isStopped) continue;
    any = true;
    run.fail(new Error(`The test never ends: ${waits}`));
  }
  return any;
}

// Running ---------------------------------------------------------------------

const turn = () => new Promise((resolve) => setImmediate(resolve));

// One attempt at a test.
class Run {
  errors = [];
  diagnostics = [];
  snapshots = new Map(); // name -> how many so far
  isStopped = false;
  isOutOfTime = false;
  constructor(path, timeout, parent) {
    this.path = path;
    this.timeout = timeout;
    this.parent = parent;
    this.deadline = timeout === Infinity ? Infinity : realNow() + timeout;
    // Settled when it makes no sense to wait any longer.
    this.stopped = new Promise((resolve) => this.stop = resolve);
  }
  failForTime(place) {
    this.isOutOfTime = true;
    this.fail(timeoutError(this, place));
  }
  fail(error, why) {
    this.isStopped = true;
    if (currentSeed !== undefined && this.errors.length === 0) {
      this.diagnostics.push(`in the simulation with seed ${currentSeed}`);
    }
    this.errors.push({ error, why });
    this.controller?.abort(error);
    this.stop();
  }
}

// Made when somebody asks for it.
function signalOf(run) {
  if (run.controller === undefined) {
    run.controller = new AbortController();
    if (run.isStopped) run.controller.abort(run.errors[0]?.error);
  }
  return run.controller.signal;
}

// Is it the watchdog's Error, which only tells a place?
function isPlace(error) {
  try {
    return error.message === "";
  } catch {
    return false;
  }
}

// Calls fn so that an endless loop ends; what it throws becomes an error of the
// run.
async function guarded(run, fn) {
  if (run.isOutOfTime) return;
  let result;
  try {
    // callWatched must be called for its synchronous part.
    result = owner.run(run, callWatched, fn, run.context);
  } catch (error) {
    // What is thrown may be anything, also what cannot be looked at.
    if (realNow() >= run.deadline && isPlace(error)) {
      run.failForTime(error);
    } else {
      run.fail(error);
    }
    return;
  }
  if (typeof result?.then !== "function") return result;
  const outcome = await Promise.race([
    run.stopped,
    Promise.resolve(result).then((value) => ({ value }),
                                 (error) => ({ error, failed: true })),
  ]);
  // Stopped: fail has been told why.
  if (outcome === undefined) return;
  if (outcome.failed) {
    run.fail(outcome.error);
  }
  return outcome.value;
}

const suites = (suite) =>
  suite === undefined ? [] : [...suites(suite.parent), suite];

function callbackStyle(fn) {
  return (t) => new Promise((resolve, reject) => {
    const result = fn(t, (error) => error ? reject(error) : resolve());
    if (typeof result?.then === "function") {
      reject(new TypeError("A test has a callback or returns a promise"));
    }
  });
}

// What contexts do for this file only.
let internals;

// node:assert, whose calls count for plan().
function countingAssert(run) {
  const counted = (fn) => (...args) => {
    run.assertions = (run.assertions ?? 0) + 1;
    return fn(...args);
  };
  const assert = loadBuiltin("node:assert").default;
  const result = counted(assert);
  for (const [name, value] of Object.entries(assert)) {
    result[name] = typeof value === "function" && /^[a-z]/.test(name)
      ? counted(value) : value;
  }
  return result;
}

class TestContext {
  #run;
  #assert;
  #test;
  #after = [];
  #mock;
  #pending = [];
  constructor(run, test) {
    this.#run = run;
    this.#test = test;
  }
  get name() {
    return this.#test.name;
  }
  get fullName() {
    return this.#run.path.join(" > ");
  }
  get filePath() {
    return config.file;
  }
  get signal() {
    return signalOf(this.#run);
  }
  // The seed of a simulation.
  get seed() {
    return this.#run.seed;
  }
  get mock() {
    return this.#mock ??= new MockTracker();
  }
  get assert() {
    return this.#assert ??= countingAssert(this.#run);
  }
  // expect, when tests run together.
  get expect() {
    return createExpect(() => this.#run);
  }
  diagnostic(message) {
    this.#run.diagnostics.push(`${message}`);
  }
  // What this test is to be reported as; it goes on.
  skip(message = true) {
    this.#run.skipped = message;
  }
  todo(message = true) {
    this.#run.todo = message;
  }
  plan(count) {
    this.#run.plan = count;
  }
  after(fn) {
    checkFunction(fn, "fn");
    this.#after.push(fn);
  }
  #hooks = { beforeEach: [], afterEach: [] };
  beforeEach(fn) {
    this.#hooks.beforeEach.push({ fn });
  }
  afterEach(fn) {
    this.#hooks.afterEach.push({ fn });
  }
  before(fn) {
    return fn(this);
  }
  // A subtest; the test waits for it.
  test(...args) {
    const { name, options, fn } = named(args);
    if (fn === undefined) options.todo ??= true;
    options.takesCallback = this.#test.options.takesCallback;
    const promise = runSubtest(this.#run, this.#hooks, { name, options, fn });
    this.#pending.push(promise);
    this.#run.assertions = (this.#run.assertions ?? 0) + 1;
    return promise;
  }
  static {
    internals = {
      async subtests(context) {
        const pending = context.#pending;
        for (let i = 0; i < pending.length; i++) await pending[i];
      },
      takeAfter: (context) => context.#after.splice(0).reverse(),
      restoreMocks: (context) => context.#mock?.restoreAll(),
    };
  }
}

// Ids of what was left open and has been reported, or is allowed.
const judged = new Set();

async function leaksOf(since) {
  let things = openThings(since);
  if (things.length === 0) return [];
  // What is being closed has its time.
  for (let i = 0; i < 3 && things.length > 0; i++) {
    await turn();
    things = openThings(since);
  }
  const leaks = new Map(); // by where they were made: a child has its pipes
  for (let i = 0; i < things.length; i += 3) {
    if (judged.has(things[i + 1])) continue;
    judged.add(things[i + 1]);
    const [what, , origin] = things.slice(i, i + 3);
    const known = leaks.get(origin.stack);
    if (known === undefined) {
      leaks.set(origin.stack, { what, origin });
    } else if (LEAKS[what] !== undefined) {
      known.what = what;
    }
  }
  return [...leaks.values()];
}

const LEAKS = {
  setTimeout: "a timeout has not fired",
  setInterval: "an interval was not cleared",
  setImmediate: "an immediate has not run",
  sleep: "a sleep has not ended",
  spawn: "a spawned task has not ended",
  Worker: "a Worker has not ended",
  "child process": "a child process has not ended",
};

function leakError(leak) {
  const error = new Error(
    `The test ended, but ${LEAKS[leak.what] ?? `a ${leak.what} is open`}`);
  error.name = "LeakError";
  error.code = "ERR_TEST_LEAK";
  error.stack = leak.origin.stack.replace(/^[^\n]*/, `${error}`);
  return error;
}

// One attempt: the record of how it went.
async function attempt(test, parentRun, seed) {
  const { options } = test;
  const path = test.path;
  const timeout = options.timeout ?? inherited(test.parent, "timeout") ??
      config.timeout;
  const run = new Run(path, timeout, parentRun);
  const context = run.context = new TestContext(run, test);
  const exclusive = parentRun === undefined && !test.isConcurrent;
  const before = lastThing();
  const begin = realNow();
  active.add(run);
  armWatchdog();
  if (exclusive) markGlobalMocks();
  const simulates = exclusive && seed !== undefined;
  if (simulates) {
    run.seed = seed;
    startSimulation(seed, config.jitter, config.events === true);
  }
  const pauses = options.clock ?? inherited(test.parent, "clock");
  if (exclusive && !simulates && pauses !== undefined) {
    clock.pause({ autoAdvance: pauses === "auto" });
  }
  const levels = suites(test.parent);
  const each = (kind) => [...levels.flatMap((s) => s.hooks[kind]),
                          ...test.extraHooks?.[kind] ?? []];
  for (const { fn } of each("beforeEach")) {
    await guarded(run, fn);
    if (run.isStopped) break;
  }
  if (!run.isStopped) {
    const { fn } = test;
    await guarded(run, options.takesCallback && fn.length > 1
      ? callbackStyle(fn) : fn);
    if (!run.isStopped) await guarded(run, () => internals.subtests(context));
  }
  if (run.failedSubtests > 0 && run.errors.length === 0) {
    const n = run.failedSubtests;
    run.fail(new Error(`${n} subtest${n > 1 ? "s" : ""} failed`), "subtests");
  }
  if (run.needsAssertions && run.errors.length === 0 && !run.assertions) {
    run.fail(new Error("No assertion was made"));
  }
  if (run.plan !== undefined && run.errors.length === 0 &&
      run.plan !== (run.assertions ?? 0)) {
    run.fail(new Error(`${run.plan} assertions were planned, ${
      run.assertions ?? 0} made`));
  }
  // What cleans up runs whatever happened, with a time limit of its own.
  const cleanups = [...each("afterEach").reverse().map((hook) => hook.fn),
                    ...internals.takeAfter(context)];
  if (cleanups.length > 0) {
    const cleaning = new Run(path, timeout, run);
    cleaning.context = context;
    cleaning.snapshots = run.snapshots;
    active.delete(run);
    active.add(cleaning);
    armWatchdog();
    for (const fn of cleanups) await guarded(cleaning, fn);
    active.delete(cleaning);
    active.add(run);
    run.errors.push(...cleaning.errors);
  }
  internals.restoreMocks(context);
  run.controller?.abort();
  if (exclusive) {
    restoreGlobalMocks();
    const leaky = config.leaks && (options.leaks ?? inherited(
      test.parent, "leaks") ?? true) && run.errors.length === 0;
    // Rejections are known once jobs have run.
    if (!simulates) await turn();
    for (const leak of await leaksOf(before)) {
      if (leaky) run.errors.push({ error: leakError(leak), why: "leak" });
    }
    if (simulates) {
      const [steps, trace, log] = endSimulation();
      run.simulation = { seed, jitter: config.jitter, steps, trace, log };
      await turn();
    }
    resetClock();
  }
  active.delete(run);
  armWatchdog();
  run.ms = realNow() - begin;
  return run;
}

function matchesFilter(test) {
  const { filter } = config;
  return filter === undefined || filter.test(test.path.join(" "));
}

// Whether a name above has `only`.
const isOnly = (item) =>
  item !== undefined && (item.options.only === true || isOnly(item.parent));

function record(test, status, run, more) {
  if (status === "fail") failures++;
  config.report({
    type: "result",
    path: test.path,
    status,
    ms: run?.ms ?? 0,
    diagnostics: run?.diagnostics ?? [],
    place: status === "fail" || config.places ? placeOf(test.origin)
                                              : undefined,
    ...more,
  });
}

const reasonOf = (value) => typeof value === "string" ? value : undefined;

// True: it did not fail.
async function runTest(test, parentRun) {
  const { options } = test;
  if (failures >= config.bail) return true;
  const skip = options.skip ?? inherited(test.parent, "skip");
  if (skip) {
    record(test, "skip", undefined, { reason: reasonOf(skip) });
    return true;
  }
  const todo = options.todo ?? inherited(test.parent, "todo");
  if (test.fn === undefined) {
    record(test, "todo", undefined, { reason: reasonOf(todo) });
    return true;
  }
  config.report({
    type: "start",
    path: test.path,
    timeout: options.timeout ?? inherited(test.parent, "timeout") ??
        config.timeout,
  });
  const retries = options.retries ?? options.retry ??
      inherited(test.parent, "retries") ?? config.retries;
  const repeat = options.repeat ?? config.repeat;
  const seed = options.simulate === false || options.seed === false
    ? undefined
    : options.seed ?? config.seed ?? (options.simulate ? 1 : undefined);
  let run, tries = 0, ms = 0;
  for (let i = 0; i < repeat; i++) {
    tries = 0;
    do {
      run = await attempt(test, parentRun,
                          seed === undefined ? undefined : seed + i);
      ms += run.ms;
      tries++;
    } while (run.errors.length > 0 && tries <= retries);
    if (run.errors.length > 0) break;
  }
  run.ms = ms;
  let { errors } = run;
  if (options.failing) {
    errors = errors.length > 0 ? [] : [{
      error: new Error("The test is marked as failing, but it passed"),
    }];
  }
  const more = {
    errors: errors.map(({ error, why }) => describeError(error, why)),
    tries: tries > 1 ? tries : undefined,
    simulation: run.simulation,
  };
  if (errors.length > 0 && !(todo || run.todo)) {
    record(test, "fail", run, more);
    return false;
  }
  if (run.skipped) {
    record(test, "skip", run, { reason: reasonOf(run.skipped) });
  } else if (todo || run.todo) {
    record(test, "todo", run, { ...more, reason: reasonOf(todo || run.todo) });
  } else {
    record(test, "pass", run, more);
  }
  return true;
}

async function runSubtest(parentRun, hooks, test) {
  test.path = [...parentRun.path, test.name];
  test.extraHooks = hooks;
  test.isConcurrent = true;
  if (!await runTest(test, parentRun)) {
    parentRun.failedSubtests = (parentRun.failedSubtests ?? 0) + 1;
  }
}

async function runHooks(suite, kind) {
  const run = new Run([...suite.path, `${kind} hook`], config.timeout);
  run.context = { name: suite.name, get signal() { return signalOf(run); } };
  for (const { fn, options } of suite.hooks[kind]) {
    run.timeout = options.timeout ?? config.timeout;
    run.deadline = realNow() + run.timeout;
    active.add(run);
    armWatchdog();
    await guarded(run, fn);
    active.delete(run);
    armWatchdog();
    if (run.isStopped) break;
  }
  return run.errors;
}

// mulberry32
function shuffled(list, seed) {
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ state >>> 15, 1 | state);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
  const result = [...list];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

function failAll(item, errors) {
  if (item instanceof Suite) {
    for (const child of item.children) failAll(child, errors);
  } else {
    record(item, "fail", undefined, { errors });
    item.ended?.();
  }
}

// What is to run: paths, filter and only are settled beforehand.
function select(suite, path) {
  suite.path = path;
  for (const item of suite.children) {
    if (item instanceof Suite) {
      select(item, [...path, item.name]);
    } else {
      item.path = [...path, item.name];
      // There is one clock: who pauses it runs alone.
      const { seed = config.seed, simulate, clock: pauses } = item.options;
      const pausing = seed ?? simulate ?? pauses ?? inherited(suite, "clock");
      item.isConcurrent = pausing !== undefined ? false
          : item.options.concurrent ?? item.options.concurrency ??
            inherited(suite, "concurrent") ?? inherited(suite, "concurrency") ??
            false;
    }
  }
  const all = suite.children.length;
  suite.children = suite.children.filter(
    (item) => item instanceof Suite
      ? item.children.length > 0 || item.error !== undefined
      : matchesFilter(item) && (!(hasOnly || config.only) || isOnly(item)));
  skipped += all - suite.children.length;
  if (config.shuffle !== undefined) {
    suite.children = shuffled(suite.children, config.shuffle);
  }
}
let skipped = 0;

async function runSuite(suite) {
  if (suite.children.length === 0 && suite.error === undefined) return;
  if (suite.error !== undefined) {
    const errors = [describeError(suite.error.error)];
    record({ path: suite.path, origin: suite.origin }, "fail", undefined,
           { errors });
    return;
  }
  const before = await runHooks(suite, "before");
  if (before.length > 0) {
    failAll(suite, before.map(({ error, why }) => describeError(error, why)));
  } else {
    const items = suite.children;
    for (let i = 0; i < items.length;) {
      const item = items[i];
      if (failures >= config.bail) break;
      if (item instanceof Suite) {
        await runSuite(item);
        i++;
      } else if (item.isConcurrent) {
        // Neighbours that may run together.
        let end = i;
        while (end < items.length && !(items[end] instanceof Suite) &&
               items[end].isConcurrent) {
          end++;
        }
        const limit = typeof item.isConcurrent === "number"
            ? item.isConcurrent : config.concurrency;
        let next = i;
        await Promise.all(Array.from(
          { length: Math.min(limit, end - i) }, async () => {
            while (next < end) {
              const one = items[next++];
              await runTest(one);
              one.ended();
            }
          }));
        i = end;
      } else {
        await runTest(item);
        item.ended();
        i++;
      }
    }
  }
  const after = await runHooks(suite, "after");
  if (after.length > 0) {
    record({ path: [...suite.path, "after hook"] }, "fail", undefined, {
      errors: after.map(({ error, why }) => describeError(error, why)),
    });
  }
}

// Loads the file, then runs all that is registered; true if nothing failed.
export async function runAll(load) {
  setHandler(onEvent);
  const rejected = (error) => onEvent("uncaught", error);
  process.on("unhandledRejection", rejected);
  if (load !== undefined) {
    const run = new Run(["<file>"], config.timeout);
    active.add(run);
    armWatchdog();
    await guarded(run, load);
    await turn();
    active.delete(run);
    armWatchdog();
    outside.push(...run.errors);
  }
  for (let i = 0; i < bodies.length; i++) await bodies[i];
  started = true;
  if (outside.length === 0) {
    select(root, []);
    const since = lastThing();
    await runSuite(root);
    await turn();
    if (config.leaks && root.children.some((item) => item.isConcurrent)) {
      for (const leak of await leaksOf(since)) {
        outside.push({ error: leakError(leak), why: "leak" });
      }
    }
  }
  for (const { error, why } of outside) {
    record({ path: ["<file>"] }, "fail", undefined,
           { errors: [describeError(error, why)], ofFile: true });
  }
  const snapshots = checkSnapshots({ complete: skipped === 0 &&
                                               failures < config.bail });
  process.off("unhandledRejection", rejected);
  setHandler(undefined);
  setDeadline(Infinity);
  config.report({ type: "end", failures, deselected: skipped, snapshots });
  return failures === 0;
}

// For expect: the test that the running code is of, if it is of one.
export const currentRun = () => owner.getStore();
