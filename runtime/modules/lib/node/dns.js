// SPDX-License-Identifier: MIT
// node:dns over rill:net: lookups by the system's resolver. Record types that
// need a resolver of one's own (MX, TXT, ...) are not there.
import { codedError } from "rill:internal/errors";
import { isIP, lookup as find, resolve as findAll } from "rill:net";

export const ADDRCONFIG = 32, V4MAPPED = 8, ALL = 16;
export const NODATA = "ENODATA", NOTFOUND = "ENOTFOUND", TIMEOUT = "ETIMEOUT";

// Node's code and message for a name that nobody knows.
export function translated(error, hostname) {
  if (error.code !== "EAI_NONAME" && error.code !== "EAI_NODATA") return error;
  error.code = NOTFOUND;
  error.hostname = hostname;
  error.message = `${error.syscall} ENOTFOUND ${hostname}`;
  return error;
}

async function lookupAll(hostname, options) {
  if (typeof hostname !== "string" && hostname) {
    throw codedError(TypeError, "ERR_INVALID_ARG_TYPE",
                     'The "hostname" argument must be of type string');
  }
  const { family = 0 } = typeof options === "number" ? { family: options }
                                                     : options ?? {};
  const wanted = family === "IPv4" ? 4 : family === "IPv6" ? 6 : family;
  if (!hostname) return [];
  const known = isIP(hostname);
  if (known) return [{ address: hostname, family: known }];
  try {
    return await find(hostname, { family: wanted });
  } catch (error) {
    throw translated(error, hostname);
  }
}

async function lookupPromise(hostname, options) {
  const list = await lookupAll(hostname, options);
  return options?.all ? list : list[0] ?? { address: null, family: 4 };
}

async function resolveType(hostname, type) {
  try {
    return await findAll(hostname, type);
  } catch (error) {
    throw translated(error, hostname);
  }
}

const unknownType = (type) =>
  codedError(Error, "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM",
             `dns: records of type ${type} cannot be asked for`);

async function resolvePromise(hostname, type = "A") {
  if (type !== "A" && type !== "AAAA" && type !== "PTR") throw unknownType(type);
  return resolveType(hostname, type);
}

export const promises = {
  lookup: lookupPromise,
  resolve: resolvePromise,
  resolve4: (hostname) => resolveType(hostname, "A"),
  resolve6: (hostname) => resolveType(hostname, "AAAA"),
  reverse: (address) => resolveType(address, "PTR"),
};

function toCallback(promise, callback) {
  promise.then((value) => process.nextTick(callback, null, value),
               (error) => process.nextTick(callback, error));
}

function last(name, args) {
  const callback = args.at(-1);
  if (typeof callback === "function") return callback;
  throw codedError(TypeError, "ERR_INVALID_ARG_TYPE",
                   `dns.${name}: the "callback" argument must be a function`);
}

export function lookup(hostname, options, callback) {
  if (typeof options === "function") [options, callback] = [undefined, options];
  last("lookup", [callback]);
  lookupPromise(hostname, options).then(
    (found) => process.nextTick(() =>
      options?.all ? callback(null, found)
                   : callback(null, found.address, found.family)),
    (error) => process.nextTick(callback, error),
  );
}

export function resolve(hostname, ...args) {
  const callback = last("resolve", args);
  toCallback(resolvePromise(hostname, args.length > 1 ? args[0] : "A"), callback);
}
export function resolve4(hostname, ...args) {
  toCallback(promises.resolve4(hostname), last("resolve4", args));
}
export function resolve6(hostname, ...args) {
  toCallback(promises.resolve6(hostname), last("resolve6", args));
}
export function reverse(address, ...args) {
  toCallback(promises.reverse(address), last("reverse", args));
}
export const getDefaultResultOrder = () => "verbatim";
export const setDefaultResultOrder = () => {};

export default {
  ADDRCONFIG, ALL, NODATA, NOTFOUND, TIMEOUT, V4MAPPED, getDefaultResultOrder,
  lookup, promises, resolve, resolve4, resolve6, reverse, setDefaultResultOrder,
};
