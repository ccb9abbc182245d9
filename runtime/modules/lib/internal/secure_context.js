// SPDX-License-Identifier: MIT
// The contexts of node:tls: Node's options of certificates and rules, as
// rill:internal/tls has them.
import { readFileSync } from "node:fs";
import { codedError, invalidArgument } from "rill:internal/errors";
import { createContext } from "rill:internal/tls";

const optionsOf = Symbol("options");
// A server's method: (name) => SecureContext, or undefined.
export const contextFor = Symbol("contextFor");

// Read once; a file that is not there is only worth a warning.
let extra;
function extraAuthorities(file) {
  if (extra !== undefined) return extra ?? undefined;
  try {
    extra = readFileSync(file, "utf8");
  } catch (error) {
    extra = null;
    process.emitWarning(`Ignoring extra certs from \`${file}\`: ${error.message}`);
  }
  return extra ?? undefined;
}

const methods = /^(?:TLSv1(_\d)?|SSLv23|TLS)_(?:client_|server_)?method$/;

// Node's options of contexts, as rill:internal/tls has them.
function contextOptions(options) {
  const { secureProtocol, ecdhCurve } = options;
  const out = {};
  for (const name of ["cert", "key", "pfx", "passphrase", "ca", "crl", "ciphers",
                      "minVersion", "maxVersion"]) {
    if (options[name] !== undefined && options[name] !== null) {
      out[name] = options[name];
    }
  }
  if (process.env.NODE_EXTRA_CA_CERTS) {
    out.moreCa = extraAuthorities(process.env.NODE_EXTRA_CA_CERTS);
  }
  if (ecdhCurve !== undefined && ecdhCurve !== "auto") out.groups = ecdhCurve;
  if (secureProtocol !== undefined) {
    const found = methods.exec(secureProtocol);
    if (found === null) {
      throw codedError(TypeError, "ERR_TLS_INVALID_PROTOCOL_METHOD",
                       `Unknown method: ${secureProtocol}`);
    }
    if (secureProtocol.startsWith("TLSv1")) {
      out.minVersion = out.maxVersion = `TLSv1${(found[1] ?? "").replace("_", ".")}`;
    }
  }
  return out;
}

export class SecureContext {
  #clients = new Map();
  context = this;

  constructor(options) {
    this[optionsOf] = contextOptions(options);
    this.client(undefined); // bad options are an error now
  }

  // Whoever connects judges the certificate after the handshake: see judge.
  client(alpn) {
    const key = String(alpn);
    let made = this.#clients.get(key);
    if (made === undefined) {
      made = createContext(false, {
        ...this[optionsOf], alpn, verify: false, handshakeTimeout: 120000,
      });
      this.#clients.set(key, made);
    }
    return made;
  }
}

let defaultContext;
// What a client connects with.
export function contextOf(options) {
  const { secureContext } = options;
  if (secureContext !== undefined && secureContext !== null) {
    if (secureContext instanceof SecureContext) return secureContext;
    throw invalidArgument("options.secureContext", "an instance of SecureContext",
                          secureContext);
  }
  if (Object.keys(contextOptions(options)).length === 0) {
    return (defaultContext ??= new SecureContext({}));
  }
  return new SecureContext(options);
}

// A server's native context. options[onFailure]: called for handshakes that fail
// where nobody waits for them.
export const onFailure = Symbol("onFailure");
export function serverContext(options, server) {
  const { requestCert = false, rejectUnauthorized = true, ALPNProtocols, SNICallback,
          handshakeTimeout = 120000, secureContext, [onFailure]: onError } = options;
  return createContext(true, {
    ...(secureContext?.[optionsOf] ?? contextOptions(options)),
    requestCert,
    verify: Boolean(requestCert) && rejectUnauthorized !== false,
    alpn: ALPNProtocols,
    handshakeTimeout,
    onError,
    sni: (name) => {
      if (SNICallback !== undefined) {
        return new Promise((resolve, reject) => {
          SNICallback.call(server, name, (error, context) => {
            if (error) reject(error);
            else resolve(context?.[optionsOf]);
          });
        });
      }
      return server?.[contextFor]?.(name)?.[optionsOf];
    },
  });
}
