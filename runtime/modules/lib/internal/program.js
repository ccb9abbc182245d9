// SPDX-License-Identifier: MIT
// The object `process`. Its streams are loaded when they are first touched.
import { EventEmitter } from "node:events";
import { env } from "rill:internal/environment";
import { codedError, invalidArgument, outOfRange } from "rill:internal/errors";
import { builtinNames, loadBuiltin, requireFor } from "rill:internal/modules";
import { nextTick } from "rill:internal/timers";
import {
  activeResources,
  argv as commandLine,
  chdir,
  cwd,
  exit,
  exitCode,
  hrtime,
  identity,
  info,
  memoryLimits,
  memoryUsage,
  resourceUsage,
  setEventHandler,
  setExitCode,
  setIdentity,
  title,
  umask,
  writeError,
} from "rill:internal/process";
import { onSignal, sendTo } from "rill:internal/signal_listeners";
import { signalNumber, signalNumbers } from "rill:internal/signals";

const process = new EventEmitter();
const { pid, platform, arch, execPath, version, isThread } = info();
const start = hrtime();

function processHrtime(previous) {
  const now = hrtime();
  let seconds = Number(now / 1000000000n);
  let nanoseconds = Number(now % 1000000000n);
  if (previous !== undefined) {
    if (!Array.isArray(previous)) {
      throw invalidArgument("time", "an instance of Array", previous);
    }
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

function checkCode(code) {
  if (code === undefined || code === null) return undefined;
  const number = typeof code === "string" && code.trim() !== "" &&
    Number.isInteger(Number(code)) ? Number(code) : code;
  if (typeof number !== "number") {
    throw invalidArgument("code", "of type number", code);
  }
  if (!Number.isInteger(number)) throw outOfRange("code", "an integer", code);
  return number;
}

function cpuUsage(previous) {
  const { userCPUTime: user, systemCPUTime: system } = resourceUsage();
  if (previous === undefined) return { user, system };
  return { user: user - previous.user, system: system - previous.system };
}

function checkId(id, name) {
  if (typeof id !== "number" && typeof id !== "string") {
    throw invalidArgument(name, "one of type number or string", id);
  }
  const number = Number(id);
  if (Number.isInteger(number) && number >= 0) return number;
  throw codedError(Error, "ERR_UNKNOWN_CREDENTIAL",
                   `${name === "id" ? "Identifier" : name} does not exist: ${id}`);
}

const modules = (name) => {
  const short = String(name).replace(/^node:/, "");
  return builtinNames().includes(short) ? requireFor("/")(short) : undefined;
};

let uncaughtCallback = null;

Object.assign(process, {
  argv: commandLine(),
  argv0: "rill",
  execArgv: [],
  execPath,
  env,
  pid,
  platform,
  arch,
  version: "v20.0.0", // the Node whose behaviour node: modules follow
  versions: { node: "20.0.0", rill: version },
  release: { name: "node" },
  config: { target_defaults: {}, variables: {} },
  features: { inspector: false, debug: false, uv: true, ipv6: true,
              tls_alpn: true, tls_sni: true, tls_ocsp: false, tls: true },
  debugPort: 9229,
  allowedNodeEnvironmentFlags: new Set(),
  cwd,
  chdir(directory) {
    if (typeof directory !== "string") {
      throw invalidArgument("directory", "of type string", directory);
    }
    chdir(directory);
  },
  exit(code) {
    const number = checkCode(code);
    if (number !== undefined) setExitCode(number);
    process.exiting = process._exiting = true;
    exit();
  },
  reallyExit(code) {
    if (code !== undefined) setExitCode(code);
    exit();
  },
  abort() {
    sendTo(pid, signalNumbers.SIGABRT);
  },
  kill(target, signal = "SIGTERM") {
    if (target != (target | 0)) {
      throw invalidArgument("pid", "of type number", target);
    }
    sendTo(target | 0, signalNumber(signal || 0));
    return true;
  },
  umask(mask) {
    if (mask === undefined) return umask();
    const number = typeof mask === "string" ? parseInt(mask, 8) : mask;
    if (typeof number !== "number" || !(number >= 0 && number <= 0xffffffff)) {
      throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                       "The argument 'mask' must be a 32-bit unsigned integer" +
                         ` or an octal string. Received '${mask}'`);
    }
    return umask(number);
  },
  hrtime: processHrtime,
  uptime: () => Number(hrtime() - start) / 1e9,
  memoryUsage,
  resourceUsage,
  cpuUsage,
  constrainedMemory: () => memoryLimits()[0],
  availableMemory: () => memoryLimits()[1],
  getActiveResourcesInfo: activeResources,
  nextTick,
  // (warning, { type, code, detail }) or (warning, type, code)
  emitWarning(warning, type, code) {
    const options = typeof type === "object" && type !== null ? type
                                                              : { type, code };
    if (!(warning instanceof Error)) {
      if (typeof warning !== "string") {
        throw invalidArgument("warning", "of type string or an instance of Error",
                              warning);
      }
      const { detail } = options;
      warning = new Error(warning);
      warning.name = options.type ?? "Warning";
      if (options.code !== undefined) warning.code = options.code;
      if (typeof detail === "string") warning.detail = detail;
    }
    if (warning.name === "DeprecationWarning") {
      if (process.noDeprecation) return;
      if (process.throwDeprecation) {
        nextTick(() => {
          throw warning;
        });
        return;
      }
    }
    nextTick(() => {
      const shown = warning.code ? `[${warning.code}] ` : "";
      const detail = warning.detail ? `\n${warning.detail}` : "";
      try {
        writeError(`(rill:${pid}) ${shown}${warning.name}: ${warning.message}${
          detail}\n`);
      } catch {
        // The host allows no output: no reason to end.
      }
      process.emit("warning", warning);
    });
  },
  getBuiltinModule: modules,
  getuid: () => identity("uid"),
  geteuid: () => identity("euid"),
  getgid: () => identity("gid"),
  getegid: () => identity("egid"),
  getgroups: () => identity("groups"),
  setuid: (id) => setIdentity("setuid", checkId(id, "id")),
  seteuid: (id) => setIdentity("seteuid", checkId(id, "id")),
  setgid: (id) => setIdentity("setgid", checkId(id, "id")),
  setegid: (id) => setIdentity("setegid", checkId(id, "id")),
  binding(name) {
    throw new Error(`No such module: ${name}`);
  },
  setUncaughtExceptionCaptureCallback(callback) {
    if (callback !== null && typeof callback !== "function") {
      throw invalidArgument("fn", "of type function or null", callback);
    }
    if (callback !== null && uncaughtCallback !== null) {
      throw codedError(
        Error, "ERR_UNCAUGHT_EXCEPTION_CAPTURE_ALREADY_SET",
        "`process.setupUncaughtExceptionCapture()` was called while a capture " +
          "callback was already active");
    }
    uncaughtCallback = callback;
  },
  hasUncaughtExceptionCaptureCallback: () => uncaughtCallback !== null,
  // What a .env file names and the environment does not have yet.
  loadEnvFile(path) {
    const file = loadBuiltin("rill:internal/fs").pathOf(path ?? ".env");
    const text = loadBuiltin("node:fs").readFileSync(file, "utf8");
    const { parseEnv } = loadBuiltin("rill:internal/parse_env");
    for (const [name, value] of Object.entries(parseEnv(text))) {
      if (env[name] === undefined) env[name] = value;
    }
  },
  openStdin() {
    process.stdin.resume();
    return process.stdin;
  },
});
process.memoryUsage.rss = () => memoryUsage().rss;

const accessor = (name, get, set) =>
  Object.defineProperty(process, name,
                        { get, set, enumerable: true, configurable: true });
accessor("exitCode", exitCode, (code) => setExitCode(checkCode(code)));
accessor("ppid", () => info().ppid);
accessor("title", () => title(), (text) => {
  title(`${text}`);
});
for (const name of ["stdin", "stdout", "stderr"]) {
  accessor(
    name,
    () => loadBuiltin("rill:internal/standard_streams")[name](),
    (value) => Object.defineProperty(process, name,
                                     { value, writable: true, enumerable: true,
                                       configurable: true }));
}
Object.defineProperty(process, Symbol.toStringTag, {
  value: "process",
  configurable: true,
});

// A signal is watched while somebody listens.
const watches = new Map();
process.on("newListener", (event) => {
  if (signalNumbers[event] === undefined || watches.has(event)) return;
  const number = signalNumbers[event];
  watches.set(event, onSignal(number, () => process.emit(event, event, number)));
});
process.on("removeListener", (event) => {
  if (!watches.has(event) || process.listenerCount(event) !== 0) return;
  watches.get(event).stop();
  watches.delete(event);
});

// The runtime asks here: is there a handler for an event? Then it is called.
setEventHandler((event, ...args) => {
  if (event === "outputBroken") {
    loadBuiltin("rill:internal/standard_streams").broken(args[0]);
    return true;
  }
  if (event === "uncaughtException" && uncaughtCallback !== null) {
    uncaughtCallback(...args);
    return true;
  }
  if (process.listenerCount(event) === 0) return globalEvents(event, ...args);
  process.emit(event, ...args);
  return true;
});

// The listeners of the global object, once there can be any.
let globalEvents = () => false;
export function setGlobalEvents(handler) {
  globalEvents = handler;
}

// Started by fork, of Node or of rill: the parent's messages.
if (env.NODE_CHANNEL_FD !== undefined && !isThread) {
  loadBuiltin("rill:internal/child_channel").joinParent(process);
}

export default process;
