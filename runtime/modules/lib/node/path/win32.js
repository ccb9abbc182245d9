// SPDX-License-Identifier: MIT
// node:path/win32
export * from "rill:internal/path_win32";
export { posix, win32 } from "node:path";
export { default } from "rill:internal/path_win32";
