// SPDX-License-Identifier: MIT
// node:http2: not supported. The module is there because programs load it for
// what they may never do; each function says so when it is called. fetch
// speaks HTTP/2.
import { unsupported } from "rill:internal/unsupported";

export const connect = unsupported("http2", "connect");
export const createServer = unsupported("http2", "createServer");
export const createSecureServer = unsupported("http2", "createSecureServer");
export const getDefaultSettings = unsupported("http2", "getDefaultSettings");
// Nothing is one of these: programs ask with instanceof.
export class Http2ServerRequest {
  constructor() {
    createServer();
  }
}
export class Http2ServerResponse {
  constructor() {
    createServer();
  }
}
export const sensitiveHeaders = Symbol("sensitiveHeaders");
// RFC 9113 and the names of Node's constants that clients look at.
export const constants = {
  HTTP2_HEADER_AUTHORITY: ":authority",
  HTTP2_HEADER_CONTENT_LENGTH: "content-length",
  HTTP2_HEADER_CONTENT_TYPE: "content-type",
  HTTP2_HEADER_METHOD: ":method",
  HTTP2_HEADER_PATH: ":path",
  HTTP2_HEADER_SCHEME: ":scheme",
  HTTP2_HEADER_STATUS: ":status",
  NGHTTP2_CANCEL: 8,
  NGHTTP2_INTERNAL_ERROR: 2,
  NGHTTP2_NO_ERROR: 0,
  NGHTTP2_PROTOCOL_ERROR: 1,
  NGHTTP2_REFUSED_STREAM: 7,
};

export default {
  Http2ServerRequest,
  Http2ServerResponse,
  connect,
  constants,
  createSecureServer,
  createServer,
  getDefaultSettings,
  sensitiveHeaders,
};
