// SPDX-License-Identifier: MIT
// The program itself, as rill:process has it.
import { checkFunction, invalidArgument } from "rill:internal/errors";
import {
  argv, chdir, cwd, exit as end, info, memoryUsage, resourceUsage, setExitCode,
  title as nativeTitle, umask,
} from "rill:internal/process";
import process from "rill:internal/program";
import { sendTo } from "rill:internal/signal_listeners";
import { signalNumber } from "rill:internal/signals";

export { chdir, cwd, memoryUsage, resourceUsage, umask };
export const { execPath, pid, ppid } = info();
export const args = argv().slice(2);

// Ends the program: exit listeners run, then all output is written.
export function exit(code) {
  if (code !== undefined) setExitCode(code);
  process.exiting = true;
  end();
}

// Calls listener(code) when the program ends; what it starts is not waited for.
export function onExit(listener) {
  checkFunction(listener, "listener");
  process.on("exit", listener);
  const stop = () => process.removeListener("exit", listener);
  return { stop, [Symbol.dispose]: stop };
}

export function kill(number, signal = "SIGTERM") {
  if (!Number.isInteger(number)) {
    throw invalidArgument("pid", "of type number", number);
  }
  sendTo(number, signalNumber(signal));
}

// What ps shows; given a text, that is set first.
export const title = (text) =>
  text === undefined ? nativeTitle() : nativeTitle(String(text));
