// SPDX-License-Identifier: MIT
// "rill:internal/tls-native": handshakes, and what became of them.
#include "runtime/io/tls/module.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/io/http/server.h"
#include "runtime/io/net/connection.h"
#include "runtime/io/tls/internal.h"
#include "runtime/modules/native_modules.h"
#include "runtime/values.h"

bool tls_stream_of(Isolate *iso, Value value, Stream **out) {
  *out = NULL;
  if (value_is_kind(value, CELL_HOST_OBJECT)) {
    HostObject *o = (HostObject *)value_as_cell(value);
    if (o->type == &http_request_type) {
      *out = o->data; // begins an HttpConnection
      return true;
    }
  }
  Connection *c = connection_of(iso, value);
  if (c == NULL) return false;
  *out = &c->stream;
  return true;
}

// SSL_get_peer_certificate etc. are there only on a stream that has a TLS.
static bool tls_of(Isolate *iso, const NativeCall *call, Tls **out) {
  Stream *s;
  *out = NULL;
  if (!tls_stream_of(iso, native_argument(call, 0), &s)) return false;
  if (s != NULL) *out = s->tls;
  return true;
}

// startTls(connection, context, isServer, serverName, checkName, session,
// keylog): a promise of the connection.
static Value start_tls(Isolate *iso, const NativeCall *call) {
  Connection *c = connection_of(iso, native_argument(call, 0));
  TlsStart start = {.context = native_argument(call, 1),
                    .is_server = value_as_bool(native_argument(call, 2))};
  if (c == NULL || !tls_check_context(iso, start.context, start.is_server))
    return VALUE_EXCEPTION;
  Value keylog = native_argument(call, 6);
  if (!value_is_undefined(keylog)) start.keylog = keylog;
  char *names[2] = {NULL, NULL};
  for (unsigned i = 0; i < 2; i++) {
    Value name = native_argument(call, 3 + i);
    if (value_is_undefined(name)) continue;
    names[i] = vm_to_utf8(iso, name, NULL);
    if (names[i] == NULL) {
      free(names[0]);
      return VALUE_EXCEPTION;
    }
  }
  start.server_name = names[0];
  start.check_name = names[1];
  Value session = native_argument(call, 5);
  uint8_t *bytes;
  Value result = VALUE_EXCEPTION;
  if (value_is_undefined(session)) {
    result = connection_secure(c, &start);
  } else if (rt_bytes_of(iso, session, &bytes, &start.session_length)) {
    start.session = bytes;
    result = connection_secure(c, &start);
  }
  free(names[0]);
  free(names[1]);
  return result;
}

static bool put_text(Isolate *iso, Object *o, const char *name,
                     const char *text, size_t length) {
  return rt_put(iso, o, name,
                text == NULL ? VALUE_UNDEFINED
                             : rt_utf8_value(iso, text, length));
}

static bool put_c(Isolate *iso, Object *o, const char *name, const char *text) {
  return put_text(iso, o, name, text, text == NULL ? 0 : strlen(text));
}

// info(connection): undefined without TLS.
static Value info(Isolate *iso, const NativeCall *call) {
  Tls *t;
  if (!tls_of(iso, call, &t)) return VALUE_EXCEPTION;
  if (t == NULL) return VALUE_UNDEFINED;
  const SSL_CIPHER *cipher = openssl.SSL_get_current_cipher(t->ssl);
  const unsigned char *alpn = NULL;
  unsigned alpn_length = 0;
  openssl.SSL_get0_alpn_selected(t->ssl, &alpn, &alpn_length);
  X509 *peer = openssl.SSL_get1_peer_certificate(t->ssl);
  long verified = openssl.SSL_get_verify_result(t->ssl);
  openssl.X509_free(peer);
  Object *o = vm_object_new(iso);
  bool done =
      put_c(iso, o, "protocol", openssl.SSL_get_version(t->ssl)) &&
      put_c(iso, o, "cipher",
            cipher == NULL ? NULL : openssl.SSL_CIPHER_get_name(cipher)) &&
      put_c(iso, o, "standardName",
            cipher == NULL ? NULL : openssl.SSL_CIPHER_standard_name(cipher)) &&
      put_c(iso, o, "cipherVersion",
            cipher == NULL ? NULL : openssl.SSL_CIPHER_get_version(cipher)) &&
      put_text(iso, o, "alpn", (const char *)alpn, alpn_length) &&
      put_c(iso, o, "serverName",
            openssl.SSL_get_servername(t->ssl, TLSEXT_NAMETYPE_host_name)) &&
      put_c(iso, o, "authorizationError",
            peer == NULL            ? "UNABLE_TO_GET_ISSUER_CERT"
            : verified == X509_V_OK ? NULL
                                    : tls_verify_code(verified)) &&
      put_c(iso, o, "authorizationReason",
            peer == NULL || verified == X509_V_OK
                ? NULL
                : openssl.X509_verify_cert_error_string(verified)) &&
      rt_put(iso, o, "authorized",
             value_from_bool(peer != NULL && verified == X509_V_OK)) &&
      rt_put(iso, o, "resumed",
             value_from_bool(openssl.SSL_session_reused(t->ssl) == 1)) &&
      rt_put_number(iso, o, "tickets", (int)t->tickets);
  return done ? value_from_cell(o) : VALUE_EXCEPTION;
}

// session(connection): what a later connection can resume; undefined: nothing
// yet.
static Value session(Isolate *iso, const NativeCall *call) {
  Tls *t;
  if (!tls_of(iso, call, &t)) return VALUE_EXCEPTION;
  SSL_SESSION *now = t == NULL ? NULL : openssl.SSL_get1_session(t->ssl);
  if (now == NULL) return VALUE_UNDEFINED;
  uint8_t *copy = NULL;
  int length = 0;
  if (openssl.SSL_SESSION_is_resumable(now) == 1)
    length = openssl.i2d_SSL_SESSION(now, NULL);
  if (length > 0) copy = malloc((size_t)length);
  if (copy != NULL) {
    unsigned char *at = copy;
    openssl.i2d_SSL_SESSION(now, &at);
  }
  openssl.SSL_SESSION_free(now);
  if (length <= 0) return VALUE_UNDEFINED;
  return copy == NULL ? vm_throw_out_of_memory(iso)
                      : rt_bytes_adopt(iso, copy, (size_t)length);
}

static const NativeExport tls_exports[] = {
    {"context", tls_context_new, 10},
    {"info", info, 1},
    {"ownCertificate", tls_own_certificate, 1},
    {"peerCertificates", tls_peer_certificates, 1},
    {"session", session, 1},
    {"startTls", start_tls, 7},
    {"useAuthorities", tls_use_authorities, 2},
    {"useCertificate", tls_use_certificate, 2},
    {"useKey", tls_use_key, 3},
    {"usePfx", tls_use_pfx, 3},
    {"useRevocations", tls_use_revocations, 2},
};
const NativeModule rt_tls_module =
    NATIVE_MODULE("rill:internal/tls-native", tls_exports);
