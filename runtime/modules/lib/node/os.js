// SPDX-License-Identifier: MIT
// node:os
import { hostInfo } from "rill:internal/process";

export const EOL = "\n";
export const devNull = "/dev/null";
export const platform = () => hostInfo().platform;
export const type = () => hostInfo().sysname;
export const arch = () => hostInfo().arch;
export const machine = () => hostInfo().machine;
export const release = () => hostInfo().release;
export const version = () => hostInfo().version;
export const hostname = () => hostInfo().hostname;
export const homedir = () => hostInfo().homedir;
export const tmpdir = () => hostInfo().tmpdir;
export const totalmem = () => hostInfo().totalmem;
export const freemem = () => hostInfo().freemem;
export const uptime = () => hostInfo().uptime;
export const loadavg = () => hostInfo().loadavg;
export const endianness = () => "LE";
export const availableParallelism = () => hostInfo().parallelism;
export const cpus = () =>
  Array.from({ length: hostInfo().parallelism }, () => ({
    model: "",
    speed: 0,
    times: { user: 0, nice: 0, sys: 0, idle: 0, irq: 0 },
  }));
export const networkInterfaces = () => ({});
export const constants = { signals: hostInfo().signals, errno: {} };
export default {
  EOL,
  arch,
  availableParallelism,
  constants,
  cpus,
  devNull,
  endianness,
  freemem,
  homedir,
  hostname,
  loadavg,
  machine,
  networkInterfaces,
  platform,
  release,
  tmpdir,
  totalmem,
  type,
  uptime,
  version,
};
