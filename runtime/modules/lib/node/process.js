// SPDX-License-Identifier: MIT
// node:process: the global `process`, and its properties by name.
import process from "rill:internal/program";

export const {
  abort, allowedNodeEnvironmentFlags, arch, argv, argv0, availableMemory, chdir,
  config, constrainedMemory, cpuUsage, cwd, debugPort, emitWarning, env, execArgv,
  execPath, exit, exitCode, features, getActiveResourcesInfo, getBuiltinModule,
  getegid, geteuid, getgid, getgroups, getuid,
  hasUncaughtExceptionCaptureCallback, hrtime, kill, loadEnvFile, memoryUsage,
  nextTick, openStdin, pid, platform, ppid, reallyExit, release, resourceUsage,
  setegid, seteuid, setgid, setUncaughtExceptionCaptureCallback, setuid, stderr,
  stdin, stdout, title, umask, uptime, version, versions,
} = process;
export default process;
