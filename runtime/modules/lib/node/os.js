// SPDX-License-Identifier: MIT
// node:os
import { invalidArgument, outOfRange } from "rill:internal/errors";
import { hostInfo, interfaces, priority, processors, setPriority as nice,
         userInfo as user } from "rill:internal/host";
import { info } from "rill:internal/process";
import { signalNumbers } from "rill:internal/signals";

export const EOL = "\n";
export const devNull = "/dev/null";
export const platform = () => info().platform;
export const type = () => hostInfo().sysname;
export const arch = () => info().arch;
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
export const endianness = () =>
  new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? "LE" : "BE";
export const availableParallelism = () => hostInfo().parallelism;
export const cpus = () => processors();

// How many leading bits of a mask are set.
function prefix(mask, family) {
  if (family === "IPv4") {
    return mask.split(".").reduce(
      (sum, part) => sum + Number(part).toString(2).replaceAll("0", "").length,
      0);
  }
  return mask.split(":").reduce(
    (sum, part) => sum + (part === "" ? 0 : parseInt(part, 16).toString(2)
      .replaceAll("0", "").length), 0);
}

export function networkInterfaces() {
  const result = {};
  for (const { name, scopeid, ...entry } of interfaces()) {
    entry.cidr = `${entry.address}/${prefix(entry.netmask, entry.family)}`;
    if (scopeid !== undefined) entry.scopeid = scopeid;
    (result[name] ??= []).push(entry);
  }
  return result;
}

export function userInfo(options = {}) {
  const { uid, gid, username, homedir: home, shell } = user();
  const text = (value) => options?.encoding === "buffer" && value !== null
    ? Buffer.from(value) : value;
  return { __proto__: null, uid, gid, username: text(username),
           homedir: text(home), shell: text(shell) };
}

function checkInteger(value, name, low, high) {
  if (typeof value !== "number") {
    throw invalidArgument(name, "of type number", value);
  }
  if (!Number.isInteger(value)) throw outOfRange(name, "an integer", value);
  if (value < low || value > high) {
    throw outOfRange(name, `>= ${low} && <= ${high}`, value);
  }
}

export function getPriority(pid = 0) {
  checkInteger(pid, "pid", -2147483648, 2147483647);
  return priority(pid);
}

export function setPriority(pid, value) {
  if (value === undefined) [pid, value] = [0, pid];
  checkInteger(pid, "pid", -2147483648, 2147483647);
  checkInteger(value, "priority", -20, 19);
  nice(pid, value);
}

const errno = {
  E2BIG: 7, EACCES: 13, EADDRINUSE: 98, EADDRNOTAVAIL: 99, EAFNOSUPPORT: 97,
  EAGAIN: 11, EALREADY: 114, EBADF: 9, EBADMSG: 74, EBUSY: 16, ECANCELED: 125,
  ECHILD: 10, ECONNABORTED: 103, ECONNREFUSED: 111, ECONNRESET: 104,
  EDEADLK: 35, EDESTADDRREQ: 89, EDOM: 33, EDQUOT: 122, EEXIST: 17, EFAULT: 14,
  EFBIG: 27, EHOSTUNREACH: 113, EIDRM: 43, EILSEQ: 84, EINPROGRESS: 115,
  EINTR: 4, EINVAL: 22, EIO: 5, EISCONN: 106, EISDIR: 21, ELOOP: 40,
  EMFILE: 24, EMLINK: 31, EMSGSIZE: 90, EMULTIHOP: 72, ENAMETOOLONG: 36,
  ENETDOWN: 100, ENETRESET: 102, ENETUNREACH: 101, ENFILE: 23, ENOBUFS: 105,
  ENODATA: 61, ENODEV: 19, ENOENT: 2, ENOEXEC: 8, ENOLCK: 37, ENOLINK: 67,
  ENOMEM: 12, ENOMSG: 42, ENOPROTOOPT: 92, ENOSPC: 28, ENOSR: 63, ENOSTR: 60,
  ENOSYS: 38, ENOTCONN: 107, ENOTDIR: 20, ENOTEMPTY: 39, ENOTSOCK: 88,
  ENOTSUP: 95, ENOTTY: 25, ENXIO: 6, EOPNOTSUPP: 95, EOVERFLOW: 75, EPERM: 1,
  EPIPE: 32, EPROTO: 71, EPROTONOSUPPORT: 93, EPROTOTYPE: 91, ERANGE: 34,
  EROFS: 30, ESPIPE: 29, ESRCH: 3, ESTALE: 116, ETIME: 62, ETIMEDOUT: 110,
  ETXTBSY: 26, EWOULDBLOCK: 11, EXDEV: 18,
};
const frozen = (table) =>
  Object.freeze(Object.assign(Object.create(null), table));
export const constants = Object.freeze(Object.assign(Object.create(null), {
  UV_UDP_REUSEADDR: 4,
  dlopen: frozen({ RTLD_LAZY: 1, RTLD_NOW: 2, RTLD_GLOBAL: 256, RTLD_LOCAL: 0,
                   RTLD_DEEPBIND: 8 }),
  errno: frozen(errno),
  signals: frozen(signalNumbers),
  priority: frozen({ PRIORITY_LOW: 19, PRIORITY_BELOW_NORMAL: 10,
                     PRIORITY_NORMAL: 0, PRIORITY_ABOVE_NORMAL: -7,
                     PRIORITY_HIGH: -14, PRIORITY_HIGHEST: -20 }),
}));

const functions = {
  arch, availableParallelism, cpus, endianness, freemem, getPriority, homedir,
  hostname, loadavg, machine, networkInterfaces, platform, release, setPriority,
  tmpdir, totalmem, type, uptime, userInfo, version,
};
// `${os.platform}` is the platform.
for (const name of ["arch", "availableParallelism", "endianness", "freemem",
                    "homedir", "hostname", "machine", "platform", "release",
                    "tmpdir", "totalmem", "type", "uptime", "version"]) {
  Object.defineProperty(functions[name], Symbol.toPrimitive,
                        { value: () => functions[name](), configurable: true });
}

export default { EOL, constants, devNull, ...functions };
