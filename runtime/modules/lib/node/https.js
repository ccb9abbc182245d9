// SPDX-License-Identifier: MIT
// node:https: node:http whose server has a TLS context, and whose agents' sockets
// are node:tls's.
import { Buffer } from "node:buffer";
import { Agent as HttpAgent, ClientRequest, Server as HttpServer } from "node:http";
import { onFailure, serverContext } from "rill:internal/secure_context";
import { callable, MessageSocket } from "rill:internal/http_messages";
import { loadBuiltin } from "rill:internal/modules";
import { peerCertificate } from "rill:internal/tls";
import { info } from "rill:internal/tls-native";

// What tells connections apart.
const parts = ["ca", "cert", "ciphers", "key", "pfx", "passphrase",
               "rejectUnauthorized", "servername", "minVersion", "maxVersion",
               "secureProtocol", "crl", "ecdhCurve", "sigalgs"];
const textOf = (value) => value === undefined ? ""
  : typeof value === "object" ? JSON.stringify(value) : `${value}`;

export const Agent = callable(function (options) {
  HttpAgent.call(this, options);
  this.defaultPort = 443;
  this.protocol = "https:";
}, class Agent extends HttpAgent {
  createConnection(options, callback) {
    const { host, path, ...others } = options;
    const socket = loadBuiltin("node:tls").connect({
      ALPNProtocols: ["http/1.1"],
      ...others,
      ...(options.socketPath ? { path } : { host }),
    });
    if (callback) {
      socket.once("secureConnect", () => callback(null, socket));
      socket.once("error", callback);
    }
    return socket;
  }
  getName(options = {}) {
    return [super.getName(options), ...parts.map((p) => textOf(options[p]))].join(":");
  }
});
export const globalAgent = new Agent({ keepAlive: true, timeout: 5000 });

const requestOf = Symbol.for("rill:request");

// What a handler can ask about the handshake.
class SecureMessageSocket extends MessageSocket {
  encrypted = true;

  get authorized() {
    return info(this[requestOf])?.authorized ?? false;
  }
  get authorizationError() {
    return info(this[requestOf])?.authorizationError ?? null;
  }
  get alpnProtocol() {
    return info(this[requestOf])?.alpn ?? false;
  }
  get servername() {
    return info(this[requestOf])?.serverName ?? false;
  }
  getPeerCertificate(detailed) {
    return peerCertificate(this[requestOf], detailed) ?? {};
  }
  getProtocol() {
    return info(this[requestOf])?.protocol ?? null;
  }
  getCipher() {
    const found = info(this[requestOf]);
    return found && { name: found.cipher, standardName: found.standardName,
                      version: found.cipherVersion };
  }
  isSessionReused() {
    return info(this[requestOf])?.resumed ?? false;
  }
}

const tlsContextOf = Symbol.for("rill:tls");

export class Server extends HttpServer {
  #options;

  constructor(options, onRequest) {
    if (typeof options === "function") [options, onRequest] = [{}, options];
    super(options, onRequest);
    this.#options = { ALPNProtocols: ["http/1.1"], ...options };
    this.#makeContext();
  }
  #makeContext() {
    this[tlsContextOf] = serverContext({
      ...this.#options,
      // The socket is closed by now, and was nobody's.
      [onFailure]: (error) => {
        const socket = new MessageSocket(undefined, undefined, () => {});
        socket.destroyed = true;
        this.emit("tlsClientError", error, socket);
      },
    }, this);
    // Asked for at each handshake, which has no socket yet.
    Object.defineProperty(this[tlsContextOf], "keylog", {
      get: () => this.listenerCount("keylog") === 0 ? undefined : (line, peer) => {
        const socket = new MessageSocket(peer, undefined, () => {});
        this.emit("keylog", Buffer.from(`${line}\n`), socket);
      },
    });
  }
  // A connection that another protocol, or the script, goes on with.
  [Symbol.for("rill:taken-socket")](connection) {
    const { TLSSocket } = loadBuiltin("node:tls");
    const socket = new TLSSocket(undefined, {
      isServer: true,
      requestCert: this.#options.requestCert,
      [Symbol.for("rill:secured")]: true,
    });
    socket[Symbol.for("rill:attach")](connection);
    return socket;
  }
  // Before it listens.
  setSecureContext(options) {
    this.#options = { ...this.#options, ...options };
    this.#makeContext();
  }
}
Server.prototype[Symbol.for("rill:message-socket")] = SecureMessageSocket;

export const createServer = (options, onRequest) =>
  new Server(options, onRequest);

export const request = (input, options, callback) =>
  new ClientRequest(input, options, callback, globalAgent);
export function get(input, options, callback) {
  const outgoing = request(input, options, callback);
  outgoing.end();
  return outgoing;
}

export default { Agent, Server, createServer, get, globalAgent, request };
