// SPDX-License-Identifier: MIT
// node:dns over rill:net: addresses by the system's resolver, other records by
// asking name servers.
import { checkFunction, codedError, invalidArgument } from
  "rill:internal/errors";
import { loadBuiltin } from "rill:internal/modules";
import { isIP, lookup as find, resolve as findAll } from "rill:net";

// Most programs only look addresses up.
const client = () => loadBuiltin("rill:internal/dns_client");

export const ADDRCONFIG = 32, V4MAPPED = 8, ALL = 16;

// What `code` of an error can be, as in c-ares.
const codes = {};
for (const name of [
  "NODATA", "FORMERR", "SERVFAIL", "NOTFOUND", "NOTIMP", "REFUSED",
  "BADQUERY", "BADNAME", "BADFAMILY", "BADRESP", "CONNREFUSED", "TIMEOUT",
  "EOF", "FILE", "NOMEM", "DESTRUCTION", "BADSTR", "BADFLAGS", "NONAME",
  "BADHINTS", "NOTINITIALIZED", "LOADIPHLPAPI", "ADDRGETNETWORKPARAMS",
  "CANCELLED",
]) {
  codes[name] = name === "EOF" ? "EOF" : `E${name}`;
}
export const {
  ADDRGETNETWORKPARAMS, BADFAMILY, BADFLAGS, BADHINTS, BADNAME, BADQUERY,
  BADRESP, BADSTR, CANCELLED, CONNREFUSED, DESTRUCTION, EOF, FILE, FORMERR,
  LOADIPHLPAPI, NODATA, NOMEM, NONAME, NOTFOUND, NOTIMP, NOTINITIALIZED,
  REFUSED, SERVFAIL, TIMEOUT,
} = codes;

// The order of addresses that lookup gives.
const orders = ["verbatim", "ipv4first", "ipv6first"];
let defaultOrder = "verbatim";
function checkOneOf(value, what, allowed) {
  if (allowed.includes(value)) return;
  const { inspect } = loadBuiltin("node:util");
  const list = allowed.map((one) => inspect(one)).join(", ");
  throw codedError(
    TypeError, "ERR_INVALID_ARG_VALUE",
    `The ${what} must be one of: ${list}. Received ${inspect(value)}`);
}
export const getDefaultResultOrder = () => defaultOrder;
export function setDefaultResultOrder(order) {
  checkOneOf(order, "argument 'dnsOrder'", orders);
  defaultOrder = order;
}

const families = [0, 4, 6], namedFamilies = { IPv4: 4, IPv6: 6 };
const HINTS = ADDRCONFIG | V4MAPPED | ALL;
function checkBoolean(value, name) {
  if (typeof value !== "boolean") {
    throw invalidArgument(name, "of type boolean", value);
  }
}
// The options of lookup(): { family, all, order }. The system's resolver is
// not asked for the hints.
function lookupOptions(options) {
  if (typeof options === "number") {
    checkOneOf(options, "argument 'family'", families);
    return { family: options, all: false, order: defaultOrder };
  }
  if (options !== undefined && typeof options !== "object") {
    throw invalidArgument("options", "of type object or integer", options);
  }
  let { hints, family, all, verbatim, order } = options ?? {};
  hints ??= 0;
  if (typeof hints !== "number") {
    throw invalidArgument("options.hints", "of type number", hints);
  }
  if ((hints & ~HINTS) !== 0) {
    throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                     `The argument 'hints' is invalid. Received ${hints}`);
  }
  family ??= 0;
  if (Object.hasOwn(namedFamilies, family)) family = namedFamilies[family];
  checkOneOf(family, "property 'options.family'", families);
  all ??= false;
  checkBoolean(all, "options.all");
  if (verbatim !== undefined && verbatim !== null) {
    checkBoolean(verbatim, "options.verbatim");
    order ??= verbatim ? "verbatim" : "ipv4first";
  }
  order ??= defaultOrder;
  checkOneOf(order, "property 'options.order'", orders);
  return { family, all, order };
}
function inOrder(list, order) {
  const first = { ipv4first: 4, ipv6first: 6 }[order];
  return first === undefined ? list
      : list.toSorted((a, b) => (b.family === first) - (a.family === first));
}

// Node's code and message for a name that nobody knows.
function translated(error, hostname) {
  if (error.code !== "EAI_NONAME" && error.code !== "EAI_NODATA") return error;
  error.code = NOTFOUND;
  error.hostname = hostname;
  error.message = `${error.syscall} ENOTFOUND ${hostname}`;
  return error;
}

function checkHostname(hostname) {
  if (typeof hostname !== "string" && hostname) {
    throw invalidArgument("hostname", "of type string", hostname);
  }
}
async function lookupAll(hostname, { family, order }) {
  if (!hostname) return [];
  const known = isIP(hostname);
  if (known) return [{ address: hostname, family: known }];
  try {
    return inOrder(await find(hostname, { family }), order);
  } catch (error) {
    throw translated(error, hostname);
  }
}

// What is wrong with the arguments is thrown.
function lookupPromise(hostname, options) {
  checkHostname(hostname);
  options = lookupOptions(options);
  return lookupAll(hostname, options).then((list) =>
    options.all ? list : list[0] ?? { address: null, family: 4 });
}

let defaultServers; // of setServers; undefined: the system's

// By the system's resolver where it knows the type, else by asking servers.
async function resolveType(hostname, type, options, resolver = {}) {
  if (typeof hostname !== "string") {
    throw invalidArgument("name", "of type string", hostname);
  }
  const { servers = defaultServers, signal, tries, patience } = resolver;
  const wantsTtl = options?.ttl === true && (type === "A" || type === "AAAA");
  if (servers === undefined && !wantsTtl && (type === "A" || type === "AAAA")) {
    try {
      return await findAll(hostname, type);
    } catch (error) {
      throw translated(error, hostname);
    }
  }
  const records = await client().query(hostname, type,
                                       { servers, signal, tries, patience });
  if (wantsTtl) return records.map(({ value, ttl }) => ({ address: value, ttl }));
  return type === "SOA" ? records[0].value : records.map(({ value }) => value);
}

async function reverseType(address, resolver = {}) {
  if (!isIP(address)) {
    const text = `getHostByAddr EINVAL ${address}`;
    throw Object.assign(codedError(Error, "EINVAL", text),
                        { syscall: "getHostByAddr", hostname: address });
  }
  const { servers = defaultServers } = resolver;
  if (servers !== undefined) {
    return resolveType(client().reverseName(address), "PTR", undefined, resolver);
  }
  try {
    return await findAll(address, "PTR");
  } catch (error) {
    throw translated(error, address);
  }
}

// resolveMx of "MX", ...
const methods = {
  resolve4: "A", resolve6: "AAAA", resolveCaa: "CAA", resolveCname: "CNAME",
  resolveMx: "MX", resolveNaptr: "NAPTR", resolveNs: "NS", resolvePtr: "PTR",
  resolveSoa: "SOA", resolveSrv: "SRV", resolveTxt: "TXT",
};

function resolvePromise(hostname, type = "A", resolver = undefined) {
  if (!client().isType(type)) {
    throw codedError(TypeError, "ERR_INVALID_ARG_VALUE",
                     `The argument 'rrtype' is invalid. Received '${type}'`);
  }
  return resolveType(hostname, type, undefined, resolver);
}

const serverText = ({ address, port }) =>
  port === 53 ? address : isIP(address) === 6 ? `[${address}]:${port}`
                                              : `${address}:${port}`;
export const getServers = () =>
  (defaultServers ?? client().systemServers()).map(serverText);
export function setServers(servers) {
  defaultServers = servers.map(client().parseServer);
}

// What both kinds of Resolver have.
let rulesOf;
class BaseResolver {
  #servers;
  #controller = new AbortController();
  #options;
  constructor({ timeout = -1, tries = 4 } = {}) {
    this.#options = { tries, patience: timeout > 0 ? timeout : undefined };
  }
  getServers() {
    return this.#servers === undefined ? getServers()
                                       : this.#servers.map(serverText);
  }
  setServers(servers) {
    this.#servers = servers.map(client().parseServer);
  }
  setLocalAddress() {}
  // What is under way fails.
  cancel() {
    this.#controller.abort(codedError(Error, "ECANCELLED", "query ECANCELLED"));
    this.#controller = new AbortController();
  }
  static {
    rulesOf = (resolver) => ({ ...resolver.#options, servers: resolver.#servers,
                               signal: resolver.#controller.signal });
  }
}


class PromiseResolver extends BaseResolver {
  resolve(hostname, type) {
    return resolvePromise(hostname, type, rulesOf(this));
  }
  reverse(address) {
    return reverseType(address, rulesOf(this));
  }
}

export const promises = {
  ...codes,
  Resolver: PromiseResolver,
  getDefaultResultOrder,
  getServers,
  lookup: lookupPromise,
  resolve: async (hostname, type) => resolvePromise(hostname, type),
  reverse: (address) => reverseType(address),
  setDefaultResultOrder,
  setServers,
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
  checkFunction(callback, "callback");
  lookupPromise(hostname, options).then(
    (found) => process.nextTick(() =>
      options?.all ? callback(null, found)
                   : callback(null, found.address, found.family)),
    (error) => process.nextTick(callback, error),
  );
}

// Of both arguments that the callback gets.
Object.defineProperty(lookup, Symbol.for("nodejs.util.promisify.custom"), {
  value: async (hostname, options) => lookupPromise(hostname, options),
});

export function resolve(hostname, ...args) {
  const callback = last("resolve", args);
  toCallback(resolvePromise(hostname, args.length > 1 ? args[0] : "A"), callback);
}
export function reverse(address, ...args) {
  toCallback(reverseType(address), last("reverse", args));
}
export class Resolver extends BaseResolver {
  resolve(hostname, ...args) {
    const callback = last("resolve", args);
    toCallback(resolvePromise(hostname, args.length > 1 ? args[0] : "A",
                              rulesOf(this)), callback);
  }
  reverse(address, callback) {
    toCallback(reverseType(address, rulesOf(this)), last("reverse", [callback]));
  }
}

const byCallback = {};
for (const [name, type] of Object.entries(methods)) {
  promises[name] = (hostname, options) => resolveType(hostname, type, options);
  byCallback[name] = (hostname, ...args) => {
    const callback = last(name, args);
    toCallback(resolveType(hostname, type, args.length > 1 ? args[0] : undefined),
               callback);
  };
  define(PromiseResolver, name, function (hostname, options) {
    return resolveType(hostname, type, options, rulesOf(this));
  });
  define(Resolver, name, function (hostname, ...args) {
    const callback = last(name, args);
    toCallback(resolveType(hostname, type, args.length > 1 ? args[0] : undefined,
                           rulesOf(this)), callback);
  });
}
function define(Class, name, value) {
  Object.defineProperty(Class.prototype, name,
                        { value, writable: true, configurable: true });
}
export const {
  resolve4, resolve6, resolveCaa, resolveCname, resolveMx, resolveNaptr, resolveNs,
  resolvePtr, resolveSoa, resolveSrv, resolveTxt,
} = byCallback;

export default {
  ADDRCONFIG, ALL, V4MAPPED, ...codes, getDefaultResultOrder,
  Resolver, getServers, lookup, promises, resolve, reverse, setDefaultResultOrder,
  setServers, ...byCallback,
};
