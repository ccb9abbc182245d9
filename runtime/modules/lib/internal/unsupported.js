// SPDX-License-Identifier: MIT
// Functions of node: modules that rill does not have. Programs load these
// modules for what they may never do, so the functions are there and say so
// when they are called.
import { codedError } from "rill:internal/errors";

export const unsupported = (module, name, instead) => ({
  [name]() {
    throw codedError(
      Error, "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
      `${module}.${name} is not supported${instead ? `; see ${instead}` : ""}`);
  },
})[name];
