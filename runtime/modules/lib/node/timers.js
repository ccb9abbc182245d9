// SPDX-License-Identifier: MIT
// node:timers
import promises from "node:timers/promises";
import * as timers from "rill:internal/timers";

export const {
  setTimeout,
  setInterval,
  setImmediate,
  clearTimeout,
  clearInterval,
  clearImmediate,
} = timers;
export { promises };
export default {
  setTimeout,
  setInterval,
  setImmediate,
  clearTimeout,
  clearInterval,
  clearImmediate,
  promises,
};
