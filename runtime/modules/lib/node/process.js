// SPDX-License-Identifier: MIT
// node:process and the global `process`.
import { EventEmitter } from "node:events";
import { builtinNames, requireFor } from "rill:internal/modules";
import { nextTick } from "rill:internal/timers";
import {
  argv as commandLine,
  chdir,
  cwd,
  environment,
  exit,
  exitCode,
  hrtime,
  info,
  kill,
  memoryUsage,
  setEventHandler,
    setExitCode,
  setTimeZone,
  umask,
  watchSignal,
  writeError,
  writeOutput,
} from "rill:internal/process";

const process = new EventEmitter();
const signals = new Set();

function stream(write, descriptor, isTTY) {
  const result = new EventEmitter();
  return Object.assign(result, {
    fd: descriptor,
    isTTY,
    writable: true,
    columns: isTTY ? 80 : undefined,
    write(data, encoding, callback) {
      write(data);
      const done = typeof encoding === "function" ? encoding : callback;
      if (typeof done === "function") nextTick(done);
      return true;
    },
    end(data) {
      if (data !== undefined) write(data);
      return this;
    },
  });
}

const { pid, ppid, platform, arch, execPath, version, tty } = info();

function processHrtime(previous) {
  const now = hrtime();
  let seconds = Number(now / 1000000000n);
  let nanoseconds = Number(now % 1000000000n);
  if (previous !== undefined) {
    seconds -= previous[0];
    nanoseconds -= previous[1];
    if (nanoseconds < 0) {
      seconds--;
      nanoseconds += 1e9;
    }
  }
  return [seconds, nanoseconds];
}
processHrtime.bigint = hrtime;
const start = hrtime();

// Values are strings, and TZ is the zone of local time from then on.
const variables = new Proxy(environment(), {
  set(target, key, value) {
    if (typeof key === "symbol") return Reflect.set(target, key, value);
    const text = `${value}`;
    if (!Reflect.set(target, key, text)) return false;
    if (key === "TZ") setTimeZone(text);
    return true;
  },
  deleteProperty(target, key) {
    if (!Reflect.deleteProperty(target, key)) return false;
    if (key === "TZ") setTimeZone(undefined);
    return true;
  },
});


Object.assign(process, {
  argv: commandLine(),
  argv0: "rill",
  execArgv: [],
  execPath,
  env: variables,
  pid,
  ppid,
  platform,
  arch,
  title: "rill",
  version: "v20.0.0", // the Node whose behaviour node: modules follow
  versions: { node: "20.0.0", rill: version },
  release: { name: "node" },
  config: { variables: {} },
  features: {},
  stdout: stream(writeOutput, 1, tty[1]),
  stderr: stream(writeError, 2, tty[2]),
  stdin: Object.assign(new EventEmitter(), { fd: 0, isTTY: tty[0] }),
  cwd,
  chdir,
  exit(code) {
    if (code !== undefined) setExitCode(Number(code));
    process.exiting = true;
    exit();
  },
  reallyExit: exit,
  abort: exit,
  kill,
  umask,
  hrtime: processHrtime,
  uptime: () => Number(hrtime() - start) / 1e9,
  memoryUsage,
  nextTick,
  // (warning, { type, code, detail }) or (warning, type, code)
  emitWarning(warning, type, code) {
    const options = typeof type === "object" && type !== null ? type
                                                              : { type, code };
    if (!(warning instanceof Error)) {
      warning = new Error(String(warning));
      warning.name = options.type ?? "Warning";
      if (options.code !== undefined) warning.code = options.code;
    }
    if (process.noDeprecation && warning.name === "DeprecationWarning") return;
    nextTick(() => {
      const shown = warning.code ? `[${warning.code}] ` : "";
      writeError(`(rill:${pid}) ${shown}${warning.name}: ${warning.message}\n`);
      process.emit("warning", warning);
    });
  },
  getBuiltinModule(id) {
    const name = String(id).replace(/^node:/, "");
    return builtinNames().includes(name) ? requireFor("/")(name) : undefined;
  },
  getuid: () => info().uid,
  geteuid: () => info().uid,
  binding(name) {
    throw new Error(`No such module: ${name}`);
  },
});
process.memoryUsage.rss = () => memoryUsage().rss;

Object.defineProperty(process, "exitCode", {
  enumerable: true,
  configurable: true,
  get: exitCode,
  set: setExitCode,
});
Object.defineProperty(process, Symbol.toStringTag, {
  value: "process",
  configurable: true,
});

// Signals are watched from the first listener on.
const { on } = EventEmitter.prototype;
function watch(event) {
  if (typeof event === "string" && /^SIG[A-Z0-9]+$/.test(event) &&
      !signals.has(event)) {
    signals.add(event);
    watchSignal(event, () => process.emit(event, event));
  }
}
for (const name of ["on", "addListener", "once", "prependListener"]) {
  const original = EventEmitter.prototype[name] ?? on;
  Object.defineProperty(process, name, {
    value(event, listener) {
      watch(event);
      return original.call(process, event, listener);
    },
    writable: true,
    configurable: true,
  });
}

// The runtime asks here: is there a handler for an event? Then it is called.
setEventHandler((event, ...args) => {
  if (process.listenerCount(event) === 0) return false;
  process.emit(event, ...args);
  return true;
});

export const { argv: arguments_, env, stdout, stderr } = process;
export { arguments_ as argv, chdir, cwd, nextTick };
export default process;
