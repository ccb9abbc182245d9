// SPDX-License-Identifier: MIT
// node:module: createRequire and the list of builtins.
import { builtinNames, requireFor } from "rill:internal/modules";
import { fileURLToPath } from "node:url";

export const builtinModules = builtinNames();
export function createRequire(file) {
  const text = String(file?.href ?? file);
  return requireFor(text.startsWith("file:") ? fileURLToPath(text) : text);
}
export const isBuiltin = (name) =>
  builtinModules.includes(String(name).replace(/^node:/, ""));

export default { builtinModules, createRequire, isBuiltin };
