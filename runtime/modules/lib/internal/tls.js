// SPDX-License-Identifier: MIT
// TLS as options say it: contexts of certificates and rules, and what a
// handshake came to. Loaded by the first use of TLS.
import { checkFunction, codedError, invalidArgument, outOfRange } from
  "rill:internal/errors";
import * as native from "rill:internal/tls-native";

const versions = { "TLSv1": 0x301, "TLSv1.1": 0x302, "TLSv1.2": 0x303,
                   "TLSv1.3": 0x304 };

function versionOf(name, value, fallback) {
  if (value === undefined || value === null) return fallback;
  if (!Object.hasOwn(versions, value)) {
    throw codedError(TypeError, "ERR_TLS_INVALID_PROTOCOL_VERSION",
                     `${JSON.stringify(value)} is not a valid ${name} ` +
                       "TLS protocol version");
  }
  return versions[value];
}

// Length and name, each: as in the extension (RFC 7301 3.1).
function alpnBytes(names) {
  if (names === undefined || names === null) return undefined;
  if (ArrayBuffer.isView(names)) return names;
  const list = (Array.isArray(names) ? names : [names]).map((name) =>
    typeof name === "string" ? new TextEncoder().encode(name) : name);
  if (list.length === 0) return undefined;
  const bytes = new Uint8Array(list.reduce((sum, b) => sum + 1 + b.length, 0));
  let at = 0;
  for (const name of list) {
    if (name.length === 0 || name.length > 255) {
      throw outOfRange("The length of an ALPN name", "1 to 255", name.length);
    }
    bytes[at] = name.length;
    bytes.set(name, at + 1);
    at += 1 + name.length;
  }
  return bytes;
}

function pemOf(name, value) {
  if (typeof value === "string" || ArrayBuffer.isView(value) ||
      value instanceof ArrayBuffer) return value;
  if (Array.isArray(value)) {
    const decoder = new TextDecoder();
    return value.map((one) => {
      const pem = pemOf(name, one);
      return typeof pem === "string" ? pem : decoder.decode(pem);
    }).join("\n");
  }
  throw invalidArgument(`options.${name}`,
                        "of type string or an instance of Buffer, " +
                          "TypedArray, or DataView",
                        value);
}

// A key is PEM, or {pem, passphrase}.
function useIdentities(context, { cert, key, pfx, passphrase }) {
  if (pfx !== undefined && pfx !== null) {
    for (const one of Array.isArray(pfx) ? pfx : [pfx]) {
      native.usePfx(context, one.buf ?? pemOf("pfx", one),
                    one.passphrase ?? passphrase);
    }
  }
  const keys = key === undefined || key === null ? []
    : Array.isArray(key) ? key : [key];
  // One chain in several pieces, or a chain for each key?
  const certs = cert === undefined || cert === null ? []
    : Array.isArray(cert) && keys.length > 1 ? cert : [cert];
  for (let i = 0; i < Math.max(certs.length, keys.length); i++) {
    if (i < certs.length) native.useCertificate(context, pemOf("cert", certs[i]));
    if (i < keys.length) {
      const one = keys[i];
      native.useKey(context, pemOf("key", one?.pem ?? one),
                    one?.passphrase ?? passphrase);
    }
  }
}

function milliseconds(value, fallback) {
  if (value === undefined) return fallback;
  if (value === Infinity) return 0;
  if (typeof value !== "number") {
    throw invalidArgument("options.handshakeTimeout", "of type number", value);
  }
  if (!(value >= 0 && value <= 4294967295)) {
    throw outOfRange("options.handshakeTimeout", "0 to 4294967295", value);
  }
  return Math.ceil(value);
}

export function createContext(isServer, options) {
  const { minVersion, maxVersion, requestCert = false, verify = true,
          handshakeTimeout, alpn, ciphers, groups, ca, crl } = options;
  // TLS 1.3 has suites of its own.
  const [suites, older] = ["TLS_", ""].map((prefix) =>
    ciphers?.split(":").filter((name) =>
      name.startsWith("TLS_") === (prefix !== "")).join(":") || undefined);
  const context = native.context(
    isServer,
    versionOf("minimum", minVersion, versions["TLSv1.2"]),
    versionOf("maximum", maxVersion, 0),
    Boolean(requestCert),
    Boolean(verify),
    milliseconds(handshakeTimeout, isServer ? 10000 : 30000),
    alpnBytes(alpn),
    older,
    suites,
    groups,
  );
  useIdentities(context, options);
  if (ca !== undefined && ca !== null) {
    native.useAuthorities(context, pemOf("ca", ca));
  } else if (!isServer || requestCert) {
    native.useAuthorities(context, undefined);
    if (options.moreCa !== undefined) native.useAuthorities(context, options.moreCa);
  }
  if (crl !== undefined && crl !== null) {
    for (const list of Array.isArray(crl) ? crl : [crl]) {
      native.useRevocations(context, pemOf("crl", list));
    }
  }
  if (isServer && options.sni !== undefined) {
    context.sni = sniFunction(options.sni, options);
  }
  if (options.onError !== undefined) context.onError = options.onError;
  if (options.keylog !== undefined) {
    checkFunction(options.keylog, "options.keylog");
    context.keylog = options.keylog;
  }
  return context;
}

const isContext = Symbol("context");

// Made once, used by many connections.
export class TlsContext {
  constructor(options = {}) {
    const { server = false } = options;
    if (server) checkIdentity(options);
    this[isContext] = createContext(Boolean(server), options);
  }
}

function checkIdentity({ cert, key, pfx, sni }) {
  if ((cert === undefined || key === undefined) && pfx === undefined &&
      sni === undefined) {
    throw new TypeError("A TLS server needs a certificate: tls.cert and tls.key");
  }
}

// The options of a side: {context}, or those of a context of its own.
function contextOf(isServer, options, make) {
  const { context } = options;
  if (context === undefined) return make();
  if (!(context instanceof TlsContext)) {
    throw invalidArgument("options.tls.context", "an instance of TlsContext",
                          context);
  }
  return context[isContext];
}

// By name, for a function (name) => options, context or undefined, or an
// object of them, whose names may begin with "*.".
function sniFunction(sni, own) {
  const made = new WeakMap();
  const toContext = (found) => {
    if (found === undefined || found === null) return undefined;
    if (found instanceof TlsContext) return found[isContext];
    let context = made.get(found);
    if (context === undefined) {
      context = createContext(true, { ...own, ...found, sni: undefined });
      made.set(found, context);
    }
    return context;
  };
  if (typeof sni !== "function") {
    const names = new Map(sni instanceof Map ? sni : Object.entries(sni));
    return (name) => toContext(
      names.get(name) ?? names.get(name.replace(/^[^.]*/, "*")));
  }
  return (name) => {
    const found = sni(name);
    return typeof found?.then === "function" ? Promise.resolve(found).then(toContext)
                                             : toContext(found);
  };
}

export function serverContext(options) {
  return contextOf(true, options, () => {
    checkIdentity(options);
    return createContext(true, options);
  });
}

// What makes a client's context differ from that of {tls: true}.
const contextOptions = [
  "minVersion", "maxVersion", "verify", "handshakeTimeout", "alpn", "ciphers",
  "groups", "ca", "crl", "cert", "key", "pfx", "keylog",
];
let plainContext;

function clientContext(options) {
  return contextOf(false, options, () =>
    contextOptions.some((name) => options[name] !== undefined)
      ? createContext(false, options)
      : plainContext ??= createContext(false, {}));
}

const isAddress = (text) => /^[\d.]+$|:/.test(text);

// A handshake as a client. hostname: to whom it was connected, if that is known.
export function startClient(connection, options, hostname) {
  const { verify = true, serverName = hostname, session } = options;
  if (verify && serverName === undefined) {
    throw new TypeError("startTls needs serverName, or verify: false");
  }
  const name = serverName === undefined ? undefined : String(serverName);
  return native.startTls(
    connection, clientContext(options), false,
    name === undefined || isAddress(name) ? undefined : name,
    verify ? name : undefined, session);
}

export function startServer(connection, context) {
  return native.startTls(connection, context, true);
}

function nameObject(flat) {
  const name = Object.create(null);
  for (let i = 0; i < flat.length; i += 2) {
    const [type, value] = [flat[i], flat[i + 1]];
    if (!(type in name)) name[type] = value;
    else if (Array.isArray(name[type])) name[type].push(value);
    else name[type] = [name[type], value];
  }
  return name;
}

// As Node has them.
export function certificate(found) {
  if (found === undefined) return undefined;
  found.subject = nameObject(found.subject);
  found.issuer = nameObject(found.issuer);
  if (found.subjectaltname === undefined) delete found.subjectaltname;
  return found;
}

export function peerCertificate(connection, detailed) {
  const chain = native.peerCertificates(connection)?.map(certificate);
  if (chain === undefined) return undefined;
  const byName = new Map();
  for (const one of chain) byName.set(JSON.stringify(one.subject), one);
  for (const one of detailed ? chain : []) {
    const issuer = byName.get(JSON.stringify(one.issuer));
    if (issuer !== undefined) one.issuerCertificate = issuer;
  }
  return chain[0];
}

// connection.tls: of a Connection, or of an HTTP server's request.
export function tlsOf(connection) {
  const found = native.info(connection);
  if (found === undefined) return undefined;
  const { protocol, cipher, alpn, serverName, resumed, authorized,
          authorizationError } = found;
  return {
    protocol, cipher, alpn, serverName, resumed, authorized, authorizationError,
    get peerCertificate() {
      return peerCertificate(connection, true);
    },
    get session() {
      return native.session(connection);
    },
  };
}
