// SPDX-License-Identifier: MIT
// node:process: the global `process`, and its properties by name.
import process from "rill:internal/program";

export const {
  abort, allowedNodeEnvironmentFlags, arch, argv, argv0, availableMemory, chdir,
  config, constrainedMemory, cpuUsage, cwd, emitWarning, env, execArgv, execPath,
  exit, features, getActiveResourcesInfo, getBuiltinModule, getegid, geteuid,
  getgid, getgroups, getuid, hrtime, kill, memoryUsage, nextTick, pid, platform,
  ppid, release, resourceUsage, setegid, seteuid, setgid, setuid, stderr, stdin,
  stdout, title, umask, uptime, version, versions,
} = process;
export default process;
