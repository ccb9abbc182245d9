// SPDX-License-Identifier: MIT
// node:sys: node:util by its name of long ago.
process.emitWarning("sys is deprecated. Use util instead.",
                    "DeprecationWarning", "DEP0025");

export * from "node:util";
export { default } from "node:util";
