// What hooks see of promises, timers, immediates and ticks: the same as in Node,
// but for the promises behind an await. Names instead of numbers.
import {
  AsyncResource,
  createHook,
  executionAsyncId,
  executionAsyncResource,
  triggerAsyncId,
} from "node:async_hooks";

const names = new Map([[1, "main"]]), counts = {}, lines = [];
const nameOf = (id) => names.get(id) ?? "other";
const log = (line) => lines.push(line);
const tell = (event) => (id) => log(`${event} ${nameOf(id)}`);
const hook = createHook({
  init(id, type, trigger) {
    names.set(id, type + (counts[type] = (counts[type] ?? 0) + 1));
    log(`init ${nameOf(id)} by ${nameOf(trigger)} in ${nameOf(executionAsyncId())}`);
  },
  before(id) {
    log(`before ${nameOf(id)} ${executionAsyncId() === id}`);
  },
  after: tell("after"),
  // Of a promise it comes when that has been collected: any time.
  destroy(id) {
    if (!nameOf(id).startsWith("PROMISE")) log(`destroy ${nameOf(id)}`);
  },
  promiseResolve: tell("resolve"),
});
const here = () => `run ${nameOf(executionAsyncId())} by ${nameOf(triggerAsyncId())}`;

// Each step begins in a timer of its own, when the one before is over.
const steps = {
  timers() {
    const timer = setTimeout(() => log(`${here()} ${executionAsyncResource() === timer}`), 1);
    clearTimeout(setTimeout(() => {}, 1000));
  },
  immediate() {
    setImmediate(() => log(here()));
    clearImmediate(setImmediate(() => {}));
  },
  tick() {
    process.nextTick(() => log(here()));
  },
  promise() {
    new Promise((resolve) => resolve(1)).then(() => log(here()));
  },
  rejection() {
    Promise.reject(1).catch(() => log(here()));
  },
  interval() {
    let times = 0;
    const interval = setInterval(() => {
      log(here());
      if (++times < 2) return;
      clearInterval(interval);
      setTimeout(next, 10);
    }, 1);
    return "goes on by itself";
  },
  resource() {
    const resource = new AsyncResource("MINE");
    resource.runInAsyncScope(() => log(here()));
    resource.emitDestroy();
  },
  "async function"() {
    (async () => {
      await 1;
      log(`goes on ${executionAsyncId() > 1}`);
    })();
  },
  thrown() {
    process.once("uncaughtException", (error) => log(`uncaught ${error}`));
    setTimeout(() => {
      throw 5;
    }, 1);
  },
};
const rest = Object.entries(steps);
function next() {
  const step = rest.shift();
  if (step !== undefined) {
    log(`-- ${step[0]}`);
    if (step[1]() === undefined) setTimeout(next, 10);
    return;
  }
  hook.disable();
  const before = lines.length;
  Promise.resolve().then(() => setImmediate(() => process.nextTick(() => {
    if (lines.length !== before) log("told although disabled");
    console.log(lines.join("\n"));
  })));
}
hook.enable();
next();
