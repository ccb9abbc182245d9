// SPDX-License-Identifier: MIT
// rill:runtime: what the program's executor, collector and compiler are doing,
// and the phases of its end.
import { compiler, executor, gc, uvVersion } from "rill:internal/runtime";
import {
  checkFunction,
  invalidArgument,
  outOfRange,
} from "rill:internal/errors";
import { AbortController } from "rill:internal/web/abort";
import { clearTimeout, setTimeout } from "rill:internal/timers";
import { dictionary } from "rill:internal/web/idl";
import { abortTasks, availableWorkers, isWorker, pendingTasks } from "rill:task";
import process from "node:process";

// Workers of this program, the first of them being this isolate's own; times
// are milliseconds, and the i-th of pollTimes counts the polls that took less
// than 256 * 2**i nanoseconds.
export function metrics() {
  const { own, pending, requests, set } = executor();
  const main = { name: isWorker() ? "worker" : "main", ...own };
  const workers = (set?.workers ?? []).map((worker, index) =>
    ({ name: `rill-task-${index}`, ...worker }));
  return {
    workers: [main, ...workers],
    tasks: {
      spawned: set?.spawned ?? 0,
      alive: set?.alive ?? 0,
      queued: set?.queued ?? 0,
      pending,
    },
    blocking: {
      threads: set?.blockingThreads ?? 0,
      idle: set?.blockingIdle ?? 0,
      queued: set?.blockingQueued ?? 0,
    },
    requests,
  };
}

// Bytes, and milliseconds; the i-th of a histogram's buckets counts what took
// less than 2**i microseconds. `process`: of all heaps of the process.
export function gcStatistics(options) {
  const { process } = dictionary(options, "options");
  return gc(process);
}
// undefined: there is no compile queue.
export const compilerStatistics = compiler;

export function memory() {
  const { rss } = process.memoryUsage();
  const { heapBytes, liveBytes, externalBytes, peakHeapBytes } = gc();
  return { rss, heapBytes, liveBytes, externalBytes, peakHeapBytes };
}

// Collects, then writes what is alive as a .heapsnapshot file, which Chrome's
// DevTools open.
export { writeSnapshot as writeHeapSnapshot } from "rill:internal/heap";

export const versions = Object.freeze({
  rill: process.versions.rill,
  libuv: uvVersion(),
  node: process.versions.node,
});

export const features = Object.freeze({
  workers: availableWorkers(),
  compiler: compiler() !== undefined,
});

// What becomes of a rejection that nobody handles, a task's failure that nobody
// takes included: "exit" (the default: it is printed, the program ends with code
// 1), "shutdown" (the same through the phases below), "report" (printed) or
// "ignore".
const policies = {
  exit: undefined,
  shutdown(error) {
    say(`unhandled: ${error?.stack ?? error}`);
    shutdown({ reason: "unhandled", code: 1 });
  },
  report: (error) => say(`unhandled: ${error?.stack ?? error}`),
  ignore: () => {},
};
let policyListener;
export function setUnhandledPolicy(policy) {
  if (!Object.hasOwn(policies, policy)) {
    throw invalidArgument(
        "policy", 'one of "exit", "shutdown", "report", "ignore"', policy);
  }
  if (policyListener !== undefined) {
    process.off("unhandledRejection", policyListener);
  }
  policyListener = policies[policy];
  if (policyListener !== undefined) {
    process.on("unhandledRejection", policyListener);
  }
}

// The end ----------------------------------------------------------------------

export const phases = Object.freeze(["running", "draining", "cancelling",
                                     "stopping"]);
let current = 0;
let ending;
const hooks = [];
const shutdownController = new AbortController();

export const phase = () => phases[current];
// Aborts when the draining begins.
export const shutdownSignal = shutdownController.signal;

// fn({reason, signal}) runs when the program is asked to end: by shutdown, by
// SIGINT or SIGTERM, or having nothing more to do. Hooks run one after the other,
// the last first, each awaited for at most `timeout` milliseconds. Returns a
// function that takes the hook back.
export function onShutdown(fn, options = undefined) {
  checkFunction(fn, "fn");
  const { name = fn.name || "hook", timeout = 10000 } = dictionary(options);
  if (!(timeout >= 0)) throw outOfRange("options.timeout", ">= 0", timeout);
  const hook = { fn, name: String(name), timeout };
  if (hooks.length === 0) listen();
  hooks.push(hook);
  return () => {
    const index = hooks.indexOf(hook);
    if (index >= 0) hooks.splice(index, 1);
  };
}

let listening = false;
function listen() {
  if (listening) return;
  listening = true;
  for (const [name, code] of [["SIGINT", 130], ["SIGTERM", 143]]) {
    process.on(name, () => {
      // Who asks twice does not want to wait.
      if (ending !== undefined) process.exit(code);
      shutdown({ reason: name, code });
    });
  }
  process.on("beforeExit", () => {
    if (hooks.length > 0 && ending === undefined) {
      shutdown({ reason: "end", code: process.exitCode });
    }
  });
}

const say = (text) => process.stderr.write(`rill: ${text}\n`);

// False: it was not over after that many milliseconds.
async function within(ms, promise) {
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(false), Math.min(ms, 2147483647));
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function runHooks(reason) {
  while (hooks.length > 0) {
    const { fn, name, timeout } = hooks.pop();
    const controller = new AbortController();
    try {
      const done = (async () => fn({ reason, signal: controller.signal }))();
      if (!await within(timeout, done)) {
        controller.abort(new DOMException(
            `The hook took longer than ${timeout} ms`, "TimeoutError"));
        done.catch(() => {});
        say(`shutdown: hook ${name} took longer than ${timeout} ms`);
      }
    } catch (error) {
      say(`shutdown: hook ${name} failed: ${error?.stack ?? error}`);
    }
  }
}

// Tasks may spawn others to the last.
async function allEnded() {
  for (let tasks; (tasks = pendingTasks()).length > 0;) {
    await Promise.allSettled(tasks.map(({ promise }) => promise));
  }
}

function nameBlockers() {
  const blockers = pendingTasks().map(({ id, name }) => ({ id, name }));
  for (const { id, name } of blockers) {
    say(`shutdown: task ${name || "(anonymous)"} #${id} did not end while ` +
        phase());
  }
  return blockers;
}

async function goThroughPhases(report, { reason, drain = 5000,
                                         cancel = 1000 }) {
  current = 1;
  shutdownController.abort(new DOMException("The program is ending",
                                            "AbortError"));
  await runHooks(reason);
  if (!await within(drain, allEnded())) {
    report.drained = false;
    report.blockers = nameBlockers();
    current = 2;
    abortTasks(new DOMException("The program is ending", "AbortError"));
    if (!await within(cancel, allEnded())) nameBlockers();
  }
  current = 3;
}

async function end({ reason = "shutdown", code = 0, exit = true, ...limits }) {
  const report = { reason, drained: true, blockers: [] };
  try {
    await goThroughPhases(report, { reason, ...limits });
    if (exit) process.exit(code);
    return report;
  } catch (error) {
    if (!exit) throw error;
    // Without memory for one of the phases, or for its end, it ends all the same.
    process.exit(code || 1);
  }
}

// Ends the program in phases. Draining: hooks run, and tasks may run to their
// end for `drain` milliseconds. Cancelling: those that are left are named on
// standard error, aborted, and have `cancel` milliseconds for their finally
// blocks. Stopping: what still runs is interrupted, and the program exits with
// `code`, unless `exit` is false: then {reason, drained, blockers} comes back.
export function shutdown(options = undefined) {
  const given = dictionary(options);
  for (const name of ["drain", "cancel"]) {
    if (given[name] !== undefined && !(given[name] >= 0)) {
      throw outOfRange(`options.${name}`, ">= 0", given[name]);
    }
  }
  return ending ??= end(given);
}
