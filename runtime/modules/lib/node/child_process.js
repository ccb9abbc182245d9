// SPDX-License-Identifier: MIT
// node:child_process: not supported. The module is there because programs load
// it for what they may never do; each function says so when it is called.
import { codedError } from "rill:internal/errors";

const unsupported = (name) => ({
  [name]() {
    throw codedError(Error, "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
                     `child_process.${name}: rill starts no processes`);
  },
})[name];

export const exec = unsupported("exec");
export const execFile = unsupported("execFile");
export const execFileSync = unsupported("execFileSync");
export const execSync = unsupported("execSync");
export const fork = unsupported("fork");
export const spawn = unsupported("spawn");
export const spawnSync = unsupported("spawnSync");
export function ChildProcess() {
  spawn();
}
export default {
  ChildProcess,
  exec,
  execFile,
  execFileSync,
  execSync,
  fork,
  spawn,
  spawnSync,
};
