// SPDX-License-Identifier: MIT
// rill:process: children, the program itself, signals, standard streams.
import { ByteReader, PipeWriter, connectionSource, feed } from
  "rill:internal/byte_streams";
import { killChild, spawn as start } from "rill:internal/child";
import { NULL, READS, WRITES, childArguments } from "rill:internal/children";
import { invalidArgument, isLackOfMemory, outOfRange } from "rill:internal/errors";
import { close as closeFile, open as openFile } from "rill:internal/fs-sync";
import { checkLimits, withLimits } from "rill:internal/limits";
import { reference } from "rill:internal/net";
import { exitOf, signalNumber } from "rill:internal/signals";
import { clearTimeout, setTimeout } from "rill:internal/timers";

export { env } from "rill:internal/environment";
export {
  args, chdir, cwd, execPath, exit, kill, memoryUsage, onExit, pid, ppid,
  resourceUsage, title, umask,
} from "rill:internal/own_process";
export { onSignal, signals } from "rill:internal/signal_listeners";
export { stderr, stdin, stdout } from "rill:internal/standard";

// Children ------------------------------------------------------------------------

// What an option of stdin, stdout, stderr means: the native's number, and what
// to do once the child runs.
function descriptorOf(option, at, opened) {
  const isInput = at === 0;
  const name = ["stdin", "stdout", "stderr"][at];
  const pipe = isInput ? READS : WRITES;
  if (option === "pipe") return { kind: pipe };
  if (option === "inherit") return { kind: at };
  if (option === "null") return { kind: NULL };
  const fd = typeof option === "number" ? option : option?.fd;
  if (typeof fd === "number") {
    if (Number.isInteger(fd) && fd >= 0) return { kind: fd };
    throw outOfRange(`options.${name}`, ">= 0", fd);
  }
  if (typeof option === "object" && option !== null) {
    if (typeof option.file === "string") {
      const fd = openFile(option.file,
                          isInput ? "r" : option.append ? "a" : "w");
      opened.push(fd);
      return { kind: fd };
    }
    if (isInput && typeof option[Symbol.asyncIterator] === "function") {
      return { kind: pipe,
               pump: (child) => give(child, option)
                 .catch((error) => failChild(child, error)) };
    }
    if (!isInput && option instanceof WritableStream) {
      return { kind: pipe,
               // A side that is gone ends it; the child's status tells the rest.
               pump: (child) => child[name].readable.pipeTo(option)
                 .catch((error) => {
                   if (isLackOfMemory(error)) failChild(child, error);
                 }) };
    }
  }
  throw invalidArgument(
    `options.${name}`,
    'one of "pipe", "inherit", "null", a descriptor, { file } or a stream',
    option);
}

// All of the input, and the end. A child that does not want it is not an error.
const give = (child, input) => feed(child.stdin, input).catch((error) => {
  if (error?.code !== "EPIPE" && error?.code !== "ECANCELED") throw error;
  return child.stdin.close();
});

// What gives the input has failed: the child must not take that for the end.
let failChild;

class Child {
  #handle;
  #group;
  #killSignal;
  #grace;
  #ended;
  #status;
  #isOver = false;
  #failure; // {reason}
  #graceTimer;
  pid;
  command;
  stdin = null;
  stdout = null;
  stderr = null;

  constructor(command, handle, pid, exited, pipes, options) {
    this.command = command;
    this.pid = pid;
    this.#handle = handle;
    this.#group = Boolean(options.group);
    this.#killSignal = options.killSignal;
    this.#grace = options.grace;
    if (pipes[0] !== null) this.stdin = new PipeWriter(pipes[0]);
    if (pipes[1] !== null) this.stdout = reader(pipes[1]);
    if (pipes[2] !== null) this.stderr = reader(pipes[2]);
    this.#ended = exited.then((value) => {
      this.#isOver = true;
      clearTimeout(this.#graceTimer);
      this.stdin?.readerIsGone();
      this.stdout?.drain();
      this.stderr?.drain();
      return exitOf(value);
    });
    const { signal, timeout } = options;
    this.#status = this.limited(signal, timeout, async () => {
      const result = await this.#ended;
      if (this.#failure !== undefined) throw this.#failure.reason;
      return result;
    });
    this.#status.catch(() => {}); // who waits for it is told
  }

  // A promise of {code, signal}; it is rejected if a signal or timeout of
  // spawn's options cut the child off. Either way the child is reaped then.
  get status() {
    return this.#status;
  }

  // The promise of start(); cut off, it is rejected once the child is reaped.
  async limited(signal, timeout, start) {
    try {
      return await withLimits(this.command, signal, timeout, start,
                              (reason) => this.cut(reason));
    } catch (error) {
      if (signal?.aborted || error?.name === "TimeoutError") await this.#ended;
      throw error;
    }
  }

  // False if it has ended already.
  kill(signal = "SIGTERM") {
    return killChild(this.#handle, signalNumber(signal), this.#group);
  }

  // A child that took another identity may be out of reach.
  #tryToKill(signal) {
    try {
      this.kill(signal);
    } catch (error) {
      if (error.code !== "EPERM") throw error;
    }
  }

  // Kills, politely first, if that is how the options have it, and after their
  // `grace` milliseconds for good; closes the pipes.
  cut(reason) {
    if (!this.#isOver && this.#graceTimer === undefined) {
      this.#tryToKill(this.#killSignal);
      this.#graceTimer = setTimeout(() => this.#tryToKill("SIGKILL"),
                                    this.#grace);
    }
    this.stdin?.cut();
    this.stdout?.cut(reason);
    this.stderr?.cut(reason);
  }

  static {
    failChild = (child, reason) => {
      child.#failure ??= { reason };
      child.cut(reason);
    };
  }

  // Does it keep the program running?
  ref() {
    reference(this.#handle, true);
    return this;
  }
  unref() {
    reference(this.#handle, false);
    return this;
  }

  async [Symbol.asyncDispose]() {
    this.cut(new Error(`${this.command} was disposed of`));
    await this.#ended;
  }
}

const SIGKILL = signalNumber("SIGKILL");
const reader = (pipe) => new ByteReader(connectionSource(pipe));

export function spawn(command, args = [], options = {}) {
  if (!Array.isArray(args)) [args, options] = [[], args ?? {}];
  const { signal, timeout, killSignal = "SIGTERM", grace = 5000 } = options;
  checkLimits(signal, timeout);
  signalNumber(killSignal, "options.killSignal");
  if (!(grace >= 0)) throw outOfRange("options.grace", ">= 0", grace);
  signal?.throwIfAborted();
  const opened = [];
  let plans, started;
  try {
    try {
      plans = [options.stdin, options.stdout, options.stderr].map(
        (option, at) => descriptorOf(option ?? "pipe", at, opened));
      started = start(...childArguments(
        command, [options.argv0 ?? command, ...args],
        { ...options, detached: options.detached || options.group },
        plans.map(({ kind }) => kind)));
    } finally {
      opened.forEach((fd) => closeFile(fd));
    }
    const [handle, pid, exited, ...pipes] = started;
    const child = new Child(command, handle, pid, exited, pipes,
                            { ...options, killSignal, grace });
    for (const { pump } of plans) pump?.(child);
    return child;
  } catch (error) {
    // Nobody has the child who could end it.
    if (started !== undefined) killChild(started[0], SIGKILL, false);
    if (error.syscall?.startsWith("spawn")) {
      error.path = command;
      error.spawnargs = [...args];
    }
    throw error;
  }
}

const decode = (bytes, encoding) =>
  encoding === "bytes" || bytes === null ? bytes
                                         : new TextDecoder(encoding).decode(bytes);

function failure(message, name, command, args, result) {
  const error = new Error(message);
  error.name = name;
  return Object.assign(error, { command, args: [...args], ...result });
}

// Runs a command to its end: a promise of {code, signal, stdout, stderr}.
export async function run(command, args = [], options = {}) {
  if (!Array.isArray(args)) [args, options] = [[], args ?? {}];
  const { input, check = false, maxBuffer = 64 * 1024 * 1024, signal, timeout,
          encoding = "utf-8", ...rest } = options;
  if (!(maxBuffer >= 0)) throw outOfRange("options.maxBuffer", ">= 0", maxBuffer);
  decode(new Uint8Array(), encoding); // throws if there is no such encoding
  checkLimits(signal, timeout);
  signal?.throwIfAborted();
  const child = spawn(command, args, {
    stdin: input === undefined ? "null" : "pipe",
    ...rest,
  });
  const collect = async (name) => {
    if (child[name] === null) return null;
    try {
      return await child[name].bytes({ maxBytes: maxBuffer });
    } catch (error) {
      if (error.code !== "ERR_OUT_OF_RANGE") throw error;
      throw failure(`${command}: more than ${maxBuffer} bytes on ${name}`,
                    "RangeError", command, args,
                    { code: "ERR_CHILD_PROCESS_STDIO_MAXBUFFER",
                      [name]: decode(error.bytes, encoding) });
    }
  };
  const all = () =>
    Promise.all([input === undefined ? undefined : give(child, input),
                 child.status, collect("stdout"), collect("stderr")]);
  let status, stdout, stderr;
  try {
    [, status, stdout, stderr] = await child.limited(signal, timeout, all);
  } catch (error) {
    child.cut(error);
    await child.status.catch(() => {});
    throw error;
  }
  await Promise.all([child.stdout?.close(), child.stderr?.close()]);
  const result = { ...status, stdout: decode(stdout, encoding),
                   stderr: decode(stderr, encoding) };
  if (!check || result.code === 0) return result;
  const how = result.signal === null ? `failed with exit code ${result.code}`
                                     : `was killed by ${result.signal}`;
  const last = typeof result.stderr === "string"
    ? result.stderr.trimEnd().split("\n").at(-1) : "";
  throw failure(`${command} ${how}${last === "" ? "" : `: ${last}`}`,
                "ProcessError", command, args, result);
}

export { Child };
