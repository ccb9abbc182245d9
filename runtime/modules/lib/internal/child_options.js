// SPDX-License-Identifier: MIT
// The arguments of node:child_process's functions, checked and completed as
// Node does it.
import { NULL, READS, TWO_WAYS, WRITES } from "rill:internal/children";
import { codedError, invalidArgument, outOfRange } from "rill:internal/errors";
import { inspect } from "rill:internal/inspect";
import { signalNumber } from "rill:internal/signals";
import { descriptorOf } from "rill:internal/terminal";

const invalidValue = (name, value, what = "is invalid") =>
  codedError(TypeError, "ERR_INVALID_ARG_VALUE",
             `The argument '${name}' ${what}. Received ${inspect(value)}`);

function check(value, type, name) {
  if (value === undefined || value === null || typeof value === type) return;
  throw invalidArgument(`options.${name}`, `of type ${type}`, value);
}

// (file[, args][, options]) as { file, args, options }; args with the name.
export function spawnArguments(file, args, options) {
  if (typeof file !== "string") throw invalidArgument("file", "of type string", file);
  if (file === "") throw invalidValue("file", file, "cannot be empty");
  if (Array.isArray(args)) args = args.slice();
  else if (args === undefined || args === null) args = [];
  else if (typeof args !== "object") {
    throw invalidArgument("args", "of type object", args);
  } else [args, options] = [[], args];
  if (options === undefined) options = {};
  else if (typeof options !== "object" || options === null) {
    throw invalidArgument("options", "of type object", options);
  }
  const { cwd, shell } = options;
  if (cwd !== undefined && cwd !== null && typeof cwd !== "string" &&
      !(cwd instanceof URL) && !(cwd instanceof Uint8Array)) {
    throw invalidArgument("options.cwd",
                          "of type string or an instance of Buffer or URL", cwd);
  }
  check(options.detached, "boolean", "detached");
  if (shell !== undefined && shell !== null && typeof shell !== "boolean" &&
      typeof shell !== "string") {
    throw invalidArgument("options.shell", "one of type boolean or string",
                          shell);
  }
  check(options.argv0, "string", "argv0");
  options = { ...options };
  if (cwd instanceof Uint8Array) options.cwd = Buffer.from(cwd).toString();
  let argv0 = options.argv0 ?? file;
  if (shell) {
    args = ["-c", [file, ...args].join(" ")];
    file = typeof shell === "string" ? shell : "/bin/sh";
    argv0 = options.argv0 ?? file;
  }
  const env = options.env ?? process.env;
  return { file, args: [argv0, ...args.map(String)],
           options: { ...options, env: { ...env } } };
}

export function checkTimes({ timeout, maxBuffer, killSignal }, where = "") {
  if (timeout !== undefined && timeout !== null &&
      !(Number.isInteger(timeout) && timeout >= 0)) {
    throw outOfRange("timeout", "an unsigned integer", timeout);
  }
  if (maxBuffer !== undefined && maxBuffer !== null &&
      !(typeof maxBuffer === "number" && maxBuffer >= 0)) {
    throw outOfRange(`${where}maxBuffer`, "a positive number", maxBuffer);
  }
  if (killSignal === undefined || killSignal === null) return;
  if (typeof killSignal !== "string" && typeof killSignal !== "number") {
    throw invalidArgument("options.killSignal",
                          "one of type string or number", killSignal);
  }
  signalNumber(killSignal);
}

const sameFor = (stdio) => {
  switch (stdio) {
    case "ignore":
    case "pipe":
    case "overlapped":
    case "inherit":
      return [stdio, stdio, stdio];
  }
  throw invalidValue("stdio", stdio);
};

// { kinds: the native's numbers, ipc: which is the channel, or -1 }
export function stdioKinds(stdio, isSync) {
  if (stdio === undefined || stdio === null) stdio = "pipe";
  const list = Array.isArray(stdio) ? stdio.slice() : sameFor(stdio);
  while (list.length < 3) list.push(undefined);
  let ipc = -1;
  const kinds = list.map((entry, at) => {
    entry ??= at < 3 ? "pipe" : "ignore";
    switch (entry) {
      case "ignore":
        return NULL;
      case "pipe":
      case "overlapped":
        return at === 0 ? READS : at < 3 ? WRITES : TWO_WAYS;
      case "inherit":
        return at;
      case "ipc":
        if (isSync) {
          throw codedError(Error, "ERR_IPC_SYNC_FORK",
                           "IPC cannot be used with synchronous forks");
        }
        if (ipc >= 0) {
          throw codedError(Error, "ERR_IPC_ONE_PIPE",
                           "Child process can have only one IPC pipe");
        }
        ipc = at;
        return TWO_WAYS;
    }
    // Its data is for that child: nobody else is to take it.
    if (entry?.pipeConnection !== undefined) entry.isPassedOn = true;
    const fd = typeof entry === "number" ? entry
      : typeof entry?.fd === "number" ? entry.fd
      : entry?.pipeConnection !== undefined ? descriptorOf(entry.pipeConnection)
      : undefined;
    if (!(fd >= 0)) throw invalidValue("stdio", entry);
    return fd;
  });
  return { kinds, ipc };
}
