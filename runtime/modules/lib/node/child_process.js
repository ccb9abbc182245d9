// SPDX-License-Identifier: MIT
// node:child_process
import { adopt } from "node:buffer";
import { EventEmitter } from "node:events";
import { resolve as resolvePath } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { connectionSource } from "rill:internal/byte_streams";
import { killChild, spawn as start, spawnSync as startAndWait } from
  "rill:internal/child";
import { joinChannel } from "rill:internal/child_channel";
import { checkTimes, spawnArguments, stdioKinds } from
  "rill:internal/child_options";
import { TWO_WAYS, childArguments } from "rill:internal/children";
import { abortError, checkFunction, codedError, invalidArgument } from
  "rill:internal/errors";
import { checkLimits } from "rill:internal/limits";
import { requireFor } from "rill:internal/modules";
import { reference } from "rill:internal/net";
import { PipeDuplex, PipeReadable, PipeWritable } from
  "rill:internal/pipe_streams";
import { exitOf, signalNumber } from "rill:internal/signals";

const MAX_BUFFER = 1024 * 1024;
// Errors that are told by an event; others are thrown.
const told = new Set(["EACCES", "EAGAIN", "EMFILE", "ENFILE", "ENOENT"]);

function spawnError(cause, operation, file, args) {
  const syscall = `${operation} ${file}`;
  const error = new Error(`${syscall} ${cause.code}`);
  return Object.assign(error, { errno: cause.errno, code: cause.code, syscall,
                                path: file, spawnargs: args.slice(1) });
}

const nothing = { read: async () => null, cancelRead() {}, async close() {} };

export class ChildProcess extends EventEmitter {
  #handle = null;
  #closesNeeded = 1;
  #closesGot = 0;
  connected = false;
  signalCode = null;
  exitCode = null;
  killed = false;
  spawnfile = null;

  spawn(options) {
    if (options === null || typeof options !== "object") {
      throw invalidArgument("options", "of type object", options);
    }
    const { file, args = [], serialization = "json" } = options;
    if (serialization !== "json") {
      throw codedError(TypeError, "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
                       `options.serialization: only "json" is supported`);
    }
    const { kinds, ipc } = stdioKinds(options.stdio);
    const env = { ...(options.env ?? process.env) };
    if (ipc >= 0) {
      env.NODE_CHANNEL_FD = ipc;
      env.NODE_CHANNEL_SERIALIZATION_MODE = "json";
    }
    this.spawnfile = file;
    this.spawnargs = args;
    try {
      const started =
        start(...childArguments(file, args, { ...options, env }, kinds));
      this.#handle = started[0];
      this.#started(started, kinds, ipc);
    } catch (cause) {
      if (this.#handle !== null) {
        this.kill("SIGKILL"); // or it would be left to nobody
        throw cause;
      }
      if (!told.has(cause.code) || !cause.syscall) throw cause;
      this.#fail(cause, kinds, ipc);
      return cause.errno;
    }
    process.nextTick(() => this.emit("spawn"));
    return 0;
  }

  #started([, pid, exited, ...pipes], kinds, ipc) {
    this.pid = pid;
    this.stdio = kinds.map((kind, at) => {
      const pipe = pipes[at];
      if (pipe === null || at === ipc) {
        if (at === ipc) this.#closesNeeded++;
        return null;
      }
      return this.#watch(
        at === 0 ? new PipeWritable(pipe)
          : kind === TWO_WAYS ? new PipeDuplex(pipe)
          : new PipeReadable(connectionSource(pipe)));
    });
    [this.stdin, this.stdout, this.stderr] = this.stdio;
    if (ipc >= 0) joinChannel(this, pipes[ipc], () => this.#close());
    exited.then((value) => this.#end(exitOf(value)));
  }

  #watch(stream) {
    this.#closesNeeded++;
    stream.once("close", () => this.#close());
    return stream;
  }

  #close() {
    this.#closesGot++;
    if (this.#closesGot === this.#closesNeeded) {
      this.emit("close", this.exitCode, this.signalCode);
    }
  }

  // It never ran: streams that are over, an error, and its end.
  #fail(cause, kinds, ipc) {
    const error = spawnError(cause, "spawn", this.spawnfile, this.spawnargs);
    const isFull = cause.code === "EMFILE" || cause.code === "ENFILE";
    this.pid = undefined;
    this.exitCode = cause.errno;
    if (!isFull) {
      this.stdio = kinds.map((kind, at) => {
        if (kind >= -1 || at === ipc) return null;
        const stream = this.#watch(new PipeReadable(nothing));
        if (at !== 0) return stream;
        stream.write = stream.end = () => false;
        stream.writable = false;
        return stream;
      });
      [this.stdin, this.stdout, this.stderr] = this.stdio;
    }
    process.nextTick(() => {
      this.stdio?.forEach((stream) => stream?.destroy());
      this.emit("error", error);
      this.#close();
    });
  }

  #end({ code, signal }) {
    this.#handle = null;
    if (signal !== null) this.signalCode = signal;
    else this.exitCode = code;
    this.stdin?.destroy();
    this.emit("exit", this.exitCode, this.signalCode);
    // What nobody reads would keep it from closing.
    process.nextTick(() => {
      for (const stream of this.stdio) {
        if (stream?.readable && !stream.isPassedOn &&
            stream.readableFlowing === null &&
            stream.listenerCount("readable") === 0) {
          stream.resume();
        }
      }
    });
    this.#close();
  }

  kill(signal) {
    const number = signalNumber(signal ?? "SIGTERM");
    if (this.#handle === null) return false;
    try {
      if (!killChild(this.#handle, number, false)) return false;
    } catch (error) {
      if (error.code === "EINVAL" || error.code === "ENOSYS") throw error;
      this.emit("error", error);
      return false;
    }
    this.killed = true;
    return true;
  }

  [Symbol.dispose]() {
    if (!this.killed) this.kill();
  }
  ref() {
    if (this.#handle !== null) reference(this.#handle, true);
  }
  unref() {
    if (this.#handle !== null) reference(this.#handle, false);
  }
}

function abortOn(signal, child, killSignal) {
  const abort = () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    if (child.kill(killSignal)) child.emit("error", abortError(signal.reason));
  };
  if (signal.aborted) {
    process.nextTick(abort);
    return;
  }
  signal.addEventListener("abort", abort, { once: true });
  child.once("exit", () => signal.removeEventListener("abort", abort));
}

export function spawn(file, args, options) {
  const normal = spawnArguments(file, args, options);
  const { signal, timeout, killSignal } = normal.options;
  checkTimes(normal.options);
  checkLimits(signal, undefined);
  const child = new ChildProcess();
  try {
    child.spawn({ ...normal.options, file: normal.file, args: normal.args });
    if (timeout > 0) {
      const timer = setTimeout(() => child.kill(killSignal), timeout);
      child.once("exit", () => clearTimeout(timer));
    }
    if (signal !== undefined) abortOn(signal, child, killSignal);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return child;
}

// exec and execFile ----------------------------------------------------------------

const isEncoding = (encoding) =>
  typeof encoding === "string" && encoding !== "buffer" &&
  Buffer.isEncoding(encoding);

// What comes out of a stream, until there is too much.
function collect(child, name, encoding, maxBuffer, overflow) {
  const stream = child[name], parts = [];
  let length = 0;
  if (isEncoding(encoding)) stream?.setEncoding(encoding);
  stream?.on("data", (chunk) => {
    const size = typeof chunk === "string" ? Buffer.byteLength(chunk, encoding)
                                           : chunk.length;
    length += size;
    if (length <= maxBuffer) {
      parts.push(chunk);
      return;
    }
    parts.push(chunk.slice(0, maxBuffer - (length - size)));
    length = -Infinity;
    overflow(codedError(RangeError, "ERR_CHILD_PROCESS_STDIO_MAXBUFFER",
                        `${name} maxBuffer length exceeded`));
  });
  return () => isEncoding(encoding) ? parts.join("") : Buffer.concat(parts);
}

// Both outputs and the end of the child of a command, for the callback.
function collectAll(child, cmd, options, callback) {
  const { encoding, maxBuffer, timeout } = options;
  let failure = null, wasKilled = false, timer, isOver = false;
  const cut = (error) => {
    failure ??= error ?? null;
    wasKilled = true;
    child.stdout?.destroy();
    child.stderr?.destroy();
    child.kill(options.killSignal);
  };
  const outputs = ["stdout", "stderr"].map(
    (name) => collect(child, name, encoding, maxBuffer, cut));
  const finish = (code, by) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    if (!callback) return;
    const [stdout, stderr] = outputs.map((output) => output());
    if (failure === null && code === 0 && by === null) {
      callback(null, stdout, stderr);
      return;
    }
    let error = failure;
    if (error === null) {
      error = new Error(`Command failed: ${cmd}\n${stderr}`);
      error.code = code < 0 ? undefined : code;
      error.killed = child.killed || wasKilled;
      error.signal = by;
    }
    error.cmd = cmd;
    callback(error, stdout, stderr);
  };
  if (timeout > 0) timer = setTimeout(() => cut(), timeout);
  child.on("close", finish);
  child.on("error", (error) => {
    failure = error;
    child.stdout?.destroy();
    child.stderr?.destroy();
    finish();
  });
}

export function execFile(file, args, options, callback) {
  if (typeof args === "function") [args, options, callback] = [[], {}, args];
  else if (args !== null && typeof args === "object" && !Array.isArray(args)) {
    [args, options, callback] = [[], args, options];
  }
  if (typeof options === "function") [options, callback] = [{}, options];
  if (options !== undefined && options !== null && typeof options !== "object") {
    throw invalidArgument("options", "of type object", options);
  }
  if (callback !== undefined && callback !== null) {
    checkFunction(callback, "callback");
  }
  options = { encoding: "utf8", timeout: 0, maxBuffer: MAX_BUFFER,
              killSignal: "SIGTERM", cwd: null, env: null, shell: false,
              ...options };
  checkTimes(options);
  const child = spawn(file, args, {
    cwd: options.cwd, env: options.env, gid: options.gid, uid: options.uid,
    shell: options.shell, signal: options.signal, argv0: options.argv0,
    detached: options.detached, killSignal: options.killSignal,
  });
  try {
    collectAll(child, args?.length ? [file, ...args].join(" ") : file, options,
               callback);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return child;
}

function shellOptions(options) {
  return { ...options,
           shell: typeof options?.shell === "string" ? options.shell : true };
}

function checkCommand(command) {
  if (typeof command !== "string") {
    throw invalidArgument("command", "of type string", command);
  }
}

export function exec(command, options, callback) {
  if (typeof options === "function") [options, callback] = [undefined, options];
  checkCommand(command);
  return execFile(command, shellOptions(options), callback);
}

// util.promisify: a promise of both outputs, with the child.
for (const f of [exec, execFile]) {
  Object.defineProperty(f, promisify.custom, {
    enumerable: false,
    value(...args) {
      const { promise, resolve, reject } = Promise.withResolvers();
      promise.child = f(...args, (error, stdout, stderr) => {
        if (error === null) resolve({ stdout, stderr });
        else reject(Object.assign(error, { stdout, stderr }));
      });
      return promise;
    },
  });
}

// fork --------------------------------------------------------------------------------

function moduleFile(path) {
  if (path instanceof URL) path = fileURLToPath(path);
  if (typeof path !== "string") {
    throw invalidArgument("modulePath",
                          "of type string or an instance of Buffer or URL", path);
  }
  const whole = resolvePath(path);
  try {
    return requireFor("/").resolve(whole);
  } catch {
    return whole; // the child says that it is not there
  }
}

export function fork(modulePath, args, options) {
  const file = moduleFile(modulePath);
  if (args !== undefined && args !== null && !Array.isArray(args)) {
    if (typeof args !== "object") {
      throw invalidArgument("args", "of type object", args);
    }
    [args, options] = [[], args];
  }
  options = { ...options };
  const { execPath = process.execPath, execArgv = process.execArgv } = options;
  if (typeof options.stdio === "string") {
    const { stdio } = options;
    if (!["ignore", "pipe", "overlapped", "inherit"].includes(stdio)) {
      throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                       `The argument 'stdio' is invalid. Received '${stdio}'`);
    }
    options.stdio = [stdio, stdio, stdio, "ipc"];
  } else if (!Array.isArray(options.stdio)) {
    const stdio = options.silent ? "pipe" : "inherit";
    options.stdio = [stdio, stdio, stdio, "ipc"];
  } else if (!options.stdio.includes("ipc")) {
    throw codedError(
      Error, "ERR_CHILD_PROCESS_IPC_REQUIRED",
      "Forked processes must have an IPC channel, missing value 'ipc' in " +
        "options.stdio");
  }
  return spawn(execPath, [...execArgv, file, ...(args ?? [])],
               { ...options, shell: false });
}

// Synchronous --------------------------------------------------------------------------

function inputBytes(input, at) {
  if (input === undefined || input === null) return undefined;
  if (typeof input === "string") return Buffer.from(input);
  if (ArrayBuffer.isView(input)) return input;
  throw invalidArgument(`options.stdio[${at}]`,
                        "of type string or an instance of Buffer, TypedArray, " +
                          "or DataView", input);
}

function runSync(file, args, options) {
  const normal = spawnArguments(file, args, options);
  options = { maxBuffer: MAX_BUFFER, ...normal.options };
  checkTimes(options, "options.");
  const { kinds } = stdioKinds(options.stdio, true);
  const input = inputBytes(options.input, 0);
  // Without a pipe there is nothing to read it.
  if (input !== undefined && kinds[0] >= -1) kinds[0] = -2;
  const result = { status: null, signal: null, output: null, pid: 0,
                   stdout: null, stderr: null };
  const finish = (cause) => {
    if (cause === undefined) return { ...result };
    return { error: spawnError(cause, "spawnSync", normal.file, normal.args),
             ...result };
  };
  let done;
  try {
    done = startAndWait(
      ...childArguments(normal.file, normal.args, options, kinds), input,
      options.timeout ?? 0, signalNumber(options.killSignal || "SIGTERM"),
      options.maxBuffer ?? Infinity);
  } catch (cause) {
    if (!cause.syscall) throw cause;
    return finish(cause);
  }
  const { code, signal } = exitOf(done.exit);
  result.status = code;
  result.signal = signal;
  result.pid = done.pid;
  result.output = done.output.map((bytes) => {
    if (bytes === null) return null;
    const buffer = adopt(bytes);
    return options.encoding && options.encoding !== "buffer"
      ? buffer.toString(options.encoding) : buffer;
  });
  [, result.stdout, result.stderr] = result.output;
  return finish(done.error);
}

export const spawnSync = (file, args, options) => runSync(file, args, options);

function checked(result, command, inheritsErrors) {
  if (inheritsErrors && result.stderr?.length > 0) {
    process.stderr.write(result.stderr);
  }
  const { error, ...rest } = result;
  if (error !== undefined) throw Object.assign(error, result);
  if (result.status === 0) return result.stdout;
  let text = `Command failed: ${command}`;
  if (result.stderr?.length > 0) text += `\n${result.stderr.toString()}`;
  throw Object.assign(new Error(text), rest);
}

export function execFileSync(file, args, options) {
  const normal = Array.isArray(args) || args === undefined || args === null
    ? [args ?? [], options] : [[], args];
  return checked(runSync(file, ...normal), [file, ...normal[0]].join(" "),
                 !normal[1]?.stdio);
}

export function execSync(command, options) {
  checkCommand(command);
  return checked(runSync(command, [], shellOptions(options)), command,
                 !options?.stdio);
}

export default {
  ChildProcess,
  exec,
  execFile,
  execFileSync,
  execSync,
  fork,
  spawn,
  spawnSync,
};
