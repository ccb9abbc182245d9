// SPDX-License-Identifier: MIT
// rill:trace: looking into the running program.
import * as native from "rill:internal/trace";

// All tasks of all isolates of the process, what they wait for and where.
export const dumpTasks = () => JSON.parse(native.dump(true));
// The same for people.
export const dumpTasksText = () => native.dump(false);

// Tells on standard error of turns that take longer than so many milliseconds,
// and of tasks that wait for each other in a ring. False: it is on already.
export function startWatchdog(milliseconds) {
  if (!Number.isInteger(milliseconds) || milliseconds < 1 ||
      milliseconds > 3600000) {
    throw new RangeError(
      `milliseconds must be an integer from 1 to 3600000, not ${milliseconds}`);
  }
  return native.startWatchdog(milliseconds);
}
