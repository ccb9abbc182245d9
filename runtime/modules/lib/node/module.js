// SPDX-License-Identifier: MIT
// node:module: createRequire and the list of builtins.
import { codedError } from "rill:internal/errors";
import { builtinNames, requireFor } from "rill:internal/modules";
import { fileURLToPath } from "node:url";

export const builtinModules = builtinNames();
export function createRequire(file) {
  const text = String(file?.href ?? file);
  const path = text.startsWith("file:") ? fileURLToPath(text) : text;
  if (!path.startsWith("/")) {
    throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                     "The argument 'filename' must be a file URL object, file " +
                       `URL string, or absolute path string. Received '${text}'`);
  }
  return requireFor(path);
}
export const isBuiltin = (name) =>
  builtinModules.includes(String(name).replace(/^node:/, ""));

export default { builtinModules, createRequire, isBuiltin };
