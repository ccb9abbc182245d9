// SPDX-License-Identifier: MIT
// Names and numbers of signals (Linux).
import { codedError, invalidArgument, outOfRange } from "rill:internal/errors";

const names = [
  , "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS",
  "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV", "SIGUSR2", "SIGPIPE", "SIGALRM",
  "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP",
  "SIGTTIN", "SIGTTOU", "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF",
  "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
];

export const signalNumbers = { __proto__: null };
names.forEach((name, number) => {
  signalNumbers[name] = number;
  if (name === "SIGABRT") signalNumbers.SIGIOT = number;
  if (name === "SIGIO") signalNumbers.SIGPOLL = number;
});

export const signalName = (number) => names[number] ?? null;

// A number, "SIGTERM" or "sigterm", as Node takes them.
export function signalNumber(signal, name = "signal") {
  if (typeof signal === "number") {
    if (Number.isInteger(signal) && signal >= 0 && signal < 65) return signal;
    throw outOfRange(name, ">= 0 && <= 64", signal);
  }
  if (typeof signal !== "string") {
    throw invalidArgument(name, "one of type string or number", signal);
  }
  const number = signalNumbers[signal] ?? signalNumbers[signal.toUpperCase()];
  if (number !== undefined) return number;
  throw codedError(TypeError, "ERR_UNKNOWN_SIGNAL", `Unknown signal: ${signal}`);
}

// What the native side says of a child's end.
export const exitOf = (value) => value === undefined
  ? { code: null, signal: null }
  : value < 0 ? { code: null, signal: signalName(-value) ?? `${-value}` }
  : { code: value, signal: null };
