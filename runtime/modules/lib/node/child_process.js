// SPDX-License-Identifier: MIT
// node:child_process: rill starts no processes.
import { unsupported } from "rill:internal/unsupported";

const missing = (name) => unsupported("child_process", name);
export const ChildProcess = missing("ChildProcess");
export const exec = missing("exec");
export const execFile = missing("execFile");
export const execFileSync = missing("execFileSync");
export const execSync = missing("execSync");
export const fork = missing("fork");
export const spawn = missing("spawn");
export const spawnSync = missing("spawnSync");
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
