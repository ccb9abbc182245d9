// SPDX-License-Identifier: MIT
// node:tls over the connections of rill:net.
import { isIP, Server as NetServer, Socket } from "node:net";
import { Duplex } from "node:stream";
import { codedError, invalidArgument } from "rill:internal/errors";
import * as native from "rill:internal/net";
import { normalize } from "rill:internal/socket_arguments";
import {
  contextFor,
  contextOf,
  SecureContext,
  serverContext,
} from "rill:internal/secure_context";
import { certificate, peerCertificate } from "rill:internal/tls";
import { info, ownCertificate, session, startTls } from "rill:internal/tls-native";
import { checkServerIdentity, rootCertificates } from "rill:internal/tls_names";

export { checkServerIdentity, rootCertificates };
export const DEFAULT_MIN_VERSION = "TLSv1.2";
export const DEFAULT_MAX_VERSION = "TLSv1.3";
export const DEFAULT_ECDH_CURVE = "auto";
export const CLIENT_RENEG_LIMIT = 3;
export const CLIENT_RENEG_WINDOW = 600;

const attachTo = Symbol.for("rill:attach");
const handshakeOf = Symbol.for("rill:handshake");
const takeFrom = Symbol.for("rill:take");
const acceptedOf = Symbol.for("rill:accepted");
const keepSocket = Symbol.for("rill:keep");

export { SecureContext };
export function createSecureContext(options = {}) {
  return new SecureContext(options);
}

// Registered: node:https makes sockets of connections whose handshake is done.
const securedOf = Symbol.for("rill:secured");

const rejects = ({ rejectUnauthorized }) =>
  rejectUnauthorized !== false &&
  process.env.NODE_TLS_REJECT_UNAUTHORIZED !== "0";

// Bytes of another kind of stream go through a pair of sockets.
function connectionOf(duplex, tls) {
  const [inner, outer] = native.newPair();
  const socket = new Socket({ [Symbol.for("rill:connection")]: outer });
  duplex.pipe(socket).pipe(duplex);
  duplex.on("error", (error) => tls.destroy(error));
  duplex.on("close", () => socket.destroy());
  socket.on("error", () => duplex.destroy());
  return inner;
}

export class TLSSocket extends Socket {
  #options;
  #context;
  #connection = null;
  #info;
  #tickets = 0;
  encrypted = true;
  authorized = false;
  authorizationError = null;
  alpnProtocol = null;
  secureConnecting = true;
  servername = null;

  constructor(socket, options = {}) {
    super({
      allowHalfOpen: socket?.allowHalfOpen ?? options.allowHalfOpen,
      signal: options.signal,
    });
    this.#options = options;
    // A bad context is the caller's error, before there is a connection.
    if (options[securedOf]) return;
    this.#context = options.isServer
      ? options[serverContextOf] ?? serverContext(options, options.server)
      : contextOf(options).client(options.ALPNProtocols);
    if (socket === undefined || socket === null) return;
    if (!(socket instanceof Duplex)) {
      throw invalidArgument("socket", "an instance of Duplex", socket);
    }
    this._parent = socket;
    if (!(socket instanceof Socket)) {
      this[attachTo](connectionOf(socket, this));
      return;
    }
    socket.on("error", (error) => this.destroy(error));
    socket.on("close", () => this.destroy());
    this.once("close", () => socket.destroy());
    const take = () => {
      if (!this.destroyed) this[attachTo](socket[takeFrom]());
    };
    if (socket.connecting) socket.once("connect", take);
    else process.nextTick(take);
  }

  [handshakeOf](connection) {
    this.#connection = connection;
    if (!this.#options[securedOf]) return this.#shake(connection);
    this.#secured();
    return undefined;
  }

  // What the handshake came to.
  #secured() {
    const { isServer, requestCert } = this.#options;
    this.secureConnecting = false;
    this.#info = info(this.#connection);
    const { alpn, serverName, authorized, authorizationError } = this.#info;
    this.alpnProtocol = alpn ?? false;
    this.servername = serverName ?? (isServer ? false : null);
    if (!isServer || !requestCert) return;
    this.authorized = authorized;
    if (!authorized) this.authorizationError = authorizationError;
  }

  async #shake(connection) {
    const { isServer, session: given, server } = this.#options;
    const name = this.#serverName();
    const isLogged = this.listenerCount("keylog") !== 0 ||
      server?.listenerCount("keylog") > 0;
    const keylog = (text) => {
      const line = Buffer.from(`${text}\n`);
      this.emit("keylog", line);
      server?.emit("keylog", line, this);
    };
    try {
      await startTls(connection, this.#context, Boolean(isServer), name, undefined,
                     given, isLogged ? keylog : undefined);
    } catch (error) {
      this.secureConnecting = false;
      throw this.#failed(error);
    }
    this.#secured();
    if (!isServer) this.#judge();
    // Not from here: what a listener throws is no failure of the handshake.
    process.nextTick(() => {
      if (this.destroyed) return;
      this.emit("secure");
      if (!isServer) this.emit("secureConnect");
    });
  }

  #serverName() {
    const { isServer, servername, host } = this.#options;
    if (isServer) return undefined;
    const name = servername ?? host ?? undefined;
    return name === undefined || name === "" || isIP(name) ? undefined : name;
  }

  // The server's certificate: by a trusted authority, and for this host.
  #judge() {
    const { checkServerIdentity: check = checkServerIdentity, servername, host } =
      this.#options;
    const { authorized, authorizationError, authorizationReason } = this.#info;
    let failure;
    if (!authorized) {
      failure = codedError(Error, authorizationError,
                           authorizationReason ?? "peer certificate required");
    } else if (!this.isSessionReused()) {
      failure = check(servername || host || "localhost",
                      this.getPeerCertificate(true));
    }
    this.authorized = failure === undefined || failure === null;
    if (this.authorized) return;
    this.authorizationError = failure.code ?? failure.message;
    if (rejects(this.#options)) throw failure;
  }

  #failed(error) {
    if (this.#options.isServer || error.code !== "ECONNRESET") return error;
    const { host, port, path } = this.#options;
    return Object.assign(
      codedError(Error, "ECONNRESET", "Client network socket disconnected before " +
        "secure TLS connection was established"), { path, host, port });
  }

  push(chunk, encoding) {
    if (this.#info !== undefined && this.listenerCount("session") !== 0) {
      const { tickets } = info(this.#connection);
      if (tickets > this.#tickets) {
        this.#tickets = tickets;
        this.emit("session", this.getSession());
      }
    }
    return super.push(chunk, encoding);
  }

  getPeerCertificate(detailed = false) {
    if (this.#info === undefined) return this.#connection === null ? null : {};
    return buffers(peerCertificate(this.#connection, detailed)) ?? {};
  }
  getCertificate() {
    if (this.#connection === null) return null;
    return buffers(certificate(ownCertificate(this.#connection))) ?? {};
  }
  getCipher() {
    if (this.#info === undefined) return undefined;
    const { cipher, standardName, cipherVersion } = this.#info;
    return { name: cipher, standardName, version: cipherVersion };
  }
  getProtocol() {
    return this.#info?.protocol ?? null;
  }
  getSession() {
    if (this.#connection === null) return undefined;
    const bytes = session(this.#connection);
    return bytes && Buffer.from(bytes.buffer);
  }
  isSessionReused() {
    return this.#info?.resumed ?? false;
  }
  getEphemeralKeyInfo() {
    return {};
  }
  getTLSTicket() {
    return undefined;
  }
  setServername(name) {
    this.#options = { ...this.#options, servername: name };
  }
  setMaxSendFragment() {
    return false;
  }
  // Never, by neither side.
  disableRenegotiation() {}
  renegotiate(options, callback) {
    if (callback !== undefined) {
      process.nextTick(callback, codedError(
        Error, "ERR_TLS_RENEGOTIATION_DISABLED",
        "TLS session renegotiation disabled for this socket"));
    }
    return false;
  }
  enableTrace() {}
}
const serverContextOf = Symbol("serverContext");

function buffers(found) {
  for (let at = found; at !== undefined && !Buffer.isBuffer(at.raw);
       at = at.issuerCertificate) {
    at.raw = Buffer.from(at.raw.buffer);
    if (at.pubkey !== undefined) at.pubkey = Buffer.from(at.pubkey.buffer);
  }
  return found;
}

// (options), (port[, host][, options]), (path[, options]), each with a callback
// behind.
export function connect(...args) {
  let [options, callback] = normalize(args);
  const more = args.slice(1).find((value) =>
    typeof value === "object" && value !== null);
  if (more !== undefined) options = { ...options, ...more };
  const socket = new TLSSocket(options.socket, { ...options, isServer: false });
  if (callback !== undefined) socket.once("secureConnect", callback);
  if (options.timeout) socket.setTimeout(options.timeout);
  if (options.socket === undefined || options.socket === null) {
    socket.connect(options);
  }
  return socket;
}

// "*.example.com" covers one label.
function covers(pattern, name) {
  if (!pattern.startsWith("*.")) return pattern === name;
  const dot = name.indexOf(".");
  return dot > 0 && name.slice(dot) === pattern.slice(1);
}

export class Server extends NetServer {
  #options;
  #context;
  #contexts = [];

  constructor(options, onSecure) {
    if (typeof options === "function") [options, onSecure] = [{}, options];
    super(options);
    this.#options = { ...options };
    this.#context = serverContext(this.#options, this);
    if (onSecure !== undefined) this.on("secureConnection", onSecure);
  }

  // The last one that was added counts.
  [contextFor](name) {
    return this.#contexts.findLast(([pattern]) => covers(pattern, name))?.[1];
  }
  addContext(name, context) {
    if (!name) {
      throw codedError(Error, "ERR_TLS_REQUIRED_SERVER_NAME",
                       '"servername" is required parameter for Server.addContext');
    }
    this.#contexts.push([
      name.toLowerCase(),
      context instanceof SecureContext ? context : createSecureContext(context),
    ]);
  }
  setSecureContext(options) {
    this.#options = { ...this.#options, ...options };
    this.#context = serverContext(this.#options, this);
  }

  [acceptedOf](connection) {
    const socket = new TLSSocket(undefined, {
      ...this.#options, isServer: true, server: this,
      [serverContextOf]: this.#context,
    });
    this[keepSocket](socket);
    const fail = (error) => {
      socket.removeListener("close", lost);
      this.emit("tlsClientError", error, socket);
    };
    const lost = () => {
      socket.removeListener("error", fail);
      this.emit("tlsClientError",
                codedError(Error, "ECONNRESET", "socket hang up"), socket);
    };
    socket.once("error", fail).once("close", lost);
    socket.once("secure", () => {
      socket.removeListener("error", fail);
      socket.removeListener("close", lost);
      this.emit("secureConnection", socket);
      if (!this.#options.pauseOnConnect) socket.read(0);
    });
    this.emit("connection", socket);
    socket[attachTo](connection);
  }
}

export function createServer(options, onSecure) {
  return new Server(options, onSecure);
}

// Names of suites as OpenSSL's defaults have them.
export function getCiphers() {
  return [
    "tls_aes_256_gcm_sha384", "tls_chacha20_poly1305_sha256",
    "tls_aes_128_gcm_sha256", "ecdhe-ecdsa-aes256-gcm-sha384",
    "ecdhe-rsa-aes256-gcm-sha384", "ecdhe-ecdsa-chacha20-poly1305",
    "ecdhe-rsa-chacha20-poly1305", "ecdhe-ecdsa-aes128-gcm-sha256",
    "ecdhe-rsa-aes128-gcm-sha256",
  ];
}
export const DEFAULT_CIPHERS = getCiphers().join(":").toUpperCase();

export default {
  CLIENT_RENEG_LIMIT, CLIENT_RENEG_WINDOW, DEFAULT_CIPHERS, DEFAULT_ECDH_CURVE,
  DEFAULT_MAX_VERSION, DEFAULT_MIN_VERSION, SecureContext, Server, TLSSocket,
  checkServerIdentity, connect, createSecureContext, createServer, getCiphers,
  get rootCertificates() {
    return rootCertificates;
  },
};
