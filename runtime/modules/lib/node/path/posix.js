// SPDX-License-Identifier: MIT
// node:path/posix
export * from "node:path";
export { default } from "node:path";
