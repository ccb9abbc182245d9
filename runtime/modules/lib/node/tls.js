// SPDX-License-Identifier: MIT
// node:tls: fetch and node:https speak TLS; scripts have no sockets that do.
import { unsupported } from "rill:internal/unsupported";

export const connect = unsupported("tls", "connect", "node:https");
export const createServer = unsupported("tls", "createServer");
export const createSecureContext = unsupported("tls", "createSecureContext");
export const TLSSocket = unsupported("tls", "TLSSocket");
export const rootCertificates = [];
export const DEFAULT_MIN_VERSION = "TLSv1.2";
export const DEFAULT_MAX_VERSION = "TLSv1.3";
export default {
  DEFAULT_MAX_VERSION,
  DEFAULT_MIN_VERSION,
  TLSSocket,
  connect,
  createSecureContext,
  createServer,
  rootCertificates,
};
