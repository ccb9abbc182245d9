// SPDX-License-Identifier: MIT
// Contexts: certificates, keys, and what connections are held to.
#include <stdlib.h>
#include <string.h>

#include "runtime/arguments.h"
#include "runtime/io/tls/internal.h"
#include "runtime/io/tls/module.h"
#include "vm/objects/buffer.h"
#include "vm/objects/host_object.h"

static const int context_type;
enum { CONTEXT_BYTES = 16 << 10 }; // what OpenSSL takes for one, about

TlsContext *tls_context_of(Value value) {
  if (!value_is_kind(value, CELL_HOST_OBJECT)) return NULL;
  HostObject *o = (HostObject *)value_as_cell(value);
  return o->type == &context_type ? o->data : NULL;
}

bool tls_check_context(Isolate *iso, Value value, bool is_server) {
  TlsContext *context = tls_context_of(value);
  if (context != NULL && context->is_server == is_server) return true;
  vm_throw_type(iso, "This is no TLS context of a %s",
                is_server ? "server" : "client");
  return false;
}

void tls_context_release(TlsContext *context) {
  if (--context->references != 0) return;
  openssl.SSL_CTX_free(context->ssl);
  free(context->alpn);
  free(context);
}

static void finalize(void *data) {
  tls_context_release(data);
}

// Rules ----------------------------------------------------------------------

static int on_verified(int ok, X509_STORE_CTX *store) {
  SSL *ssl = openssl.X509_STORE_CTX_get_ex_data(
      store, openssl.SSL_get_ex_data_X509_STORE_CTX_idx());
  Tls *t = openssl.SSL_get_ex_data(ssl, 0);
  if (ok || t->context->accepts_any) return 1;
  int error = openssl.X509_STORE_CTX_get_error(store);
  X509 *certificate = openssl.X509_STORE_CTX_get_current_cert(store);
  if ((error != X509_V_ERR_HOSTNAME_MISMATCH &&
       error != X509_V_ERR_IP_ADDRESS_MISMATCH) ||
      certificate == NULL || t->check_name == NULL)
    return 0;
  char *names = tls_alternative_names(certificate);
  char text[512];
  snprintf(text, sizeof text,
           "the certificate is not for %.200s; its alternative names: %.250s",
           t->check_name, names == NULL ? "none" : names);
  free(names);
  tls_note(t, tls_verify_code(error), text);
  return 0;
}

// The first of ours that the peer offers; RFC 7301 3.2: without one, the
// handshake fails.
static int on_alpn(SSL *ssl, const unsigned char **out, unsigned char *length,
                   const unsigned char *offered, unsigned offered_length,
                   void *data) {
  TlsContext *context = data;
  const uint8_t *own = context->alpn;
  for (unsigned i = 0; i < context->alpn_length; i += own[i] + 1u) {
    for (unsigned k = 0; k < offered_length; k += offered[k] + 1u) {
      if (offered[k] != own[i] || k + 1 + offered[k] > offered_length ||
          memcmp(offered + k + 1, own + i + 1, own[i]) != 0)
        continue;
      *out = offered + k + 1;
      *length = offered[k];
      return SSL_TLSEXT_ERR_OK;
    }
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int on_session(SSL *ssl, SSL_SESSION *session) {
  Tls *t = openssl.SSL_get_ex_data(ssl, 0);
  t->tickets++;
  return 0; // it is not kept
}

static void set_up(TlsContext *context, bool requests, bool verifies) {
  SSL_CTX *ssl = context->ssl;
  // A peer could make the server work for it again and again.
  openssl.SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION |
                                       SSL_OP_NO_COMPRESSION |
                                       SSL_OP_CIPHER_SERVER_PREFERENCE);
  openssl.SSL_CTX_ctrl(ssl, SSL_CTRL_MODE, SSL_MODE_RELEASE_BUFFERS, NULL);
  // The peer keeps sessions: as tickets, so a server needs no memory for them.
  openssl.SSL_CTX_ctrl(ssl, SSL_CTRL_SET_SESS_CACHE_MODE,
                       context->is_server
                           ? SSL_SESS_CACHE_OFF
                           : SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL,
                       NULL);
  context->accepts_any = !verifies;
  int mode = SSL_VERIFY_NONE;
  if (context->is_server) {
    openssl.SSL_CTX_ctrl(ssl, SSL_CTRL_SET_DH_AUTO, 1, NULL);
    openssl.SSL_CTX_set_session_id_context(ssl, (const uint8_t *)"rill", 4);
    openssl.SSL_CTX_set_cert_cb(ssl, tls_on_certificate_wanted, NULL);
    if (context->alpn != NULL)
      openssl.SSL_CTX_set_alpn_select_cb(ssl, on_alpn, context);
    if (requests)
      mode = SSL_VERIFY_PEER | (verifies ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0);
  } else {
    openssl.SSL_CTX_sess_set_new_cb(ssl, on_session);
    if (verifies) mode = SSL_VERIFY_PEER;
  }
  openssl.SSL_CTX_set_verify(ssl, mode, on_verified);
}

static bool set_text(Isolate *iso, SSL_CTX *ssl, Value value, const char *what,
                     int (*set)(SSL_CTX *, const char *)) {
  if (value_is_undefined(value)) return true;
  char *text = vm_to_utf8(iso, value, NULL);
  if (text == NULL) return false;
  openssl.ERR_clear_error();
  int done = set(ssl, text);
  free(text);
  if (done != 1) vm_throw(iso, tls_library_error(iso, what));
  return done == 1;
}

static int set_groups(SSL_CTX *ssl, const char *text) {
  return (int)openssl.SSL_CTX_ctrl(ssl, SSL_CTRL_SET_GROUPS_LIST, 0,
                                   (char *)text);
}

static bool set_alpn(Isolate *iso, TlsContext *context, Value value) {
  if (value_is_undefined(value)) return true;
  uint8_t *bytes;
  size_t length;
  if (!rt_bytes_of(iso, value, &bytes, &length)) return false;
  size_t at = 0; // names, each behind its length
  while (at < length)
    at += (size_t)bytes[at] + 1;
  if (length == 0 || at != length || length > UINT16_MAX) {
    vm_throw_type(iso, "This is no list of application protocols");
    return false;
  }
  context->alpn = malloc(length);
  if (context->alpn == NULL) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  memcpy(context->alpn, bytes, length);
  context->alpn_length = (unsigned)length;
  return true;
}

// context(isServer, minimum, maximum, requests, verifies, handshakeTimeout,
// alpn, ciphers, suites, groups): versions as numbers, 0: OpenSSL's; alpn as in
// the extension; texts or undefined.
Value tls_context_new(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "biibbu....") || net_of(rt_of(iso)) == NULL)
    return VALUE_EXCEPTION;
  if (!tls_load())
    return vm_throw_error(iso, ERROR_ERROR,
                          "TLS needs OpenSSL 3 (libssl.so.3), which this "
                          "system does not have");
  TlsContext *context = calloc(1, sizeof *context);
  if (context == NULL) return vm_throw_out_of_memory(iso);
  context->references = 1;
  context->is_server = value_as_bool(call->argv[0]);
  context->handshake_timeout = (uint32_t)value_as_number(call->argv[5]);
  openssl.ERR_clear_error();
  context->ssl =
      openssl.SSL_CTX_new(context->is_server ? openssl.TLS_server_method()
                                             : openssl.TLS_client_method());
  if (context->ssl == NULL) {
    free(context);
    return vm_throw(iso, tls_library_error(iso, "TLS"));
  }
  // From here on the object frees it.
  HostObject *o = vm_host_object_new(iso, &context_type, context, finalize);
  vm_host_object_takes(iso, o, sizeof *context + CONTEXT_BYTES);
  SSL_CTX *ssl = context->ssl;
  openssl.SSL_CTX_ctrl(ssl, SSL_CTRL_SET_MIN_PROTO_VERSION,
                       (long)value_as_number(call->argv[1]), NULL);
  openssl.SSL_CTX_ctrl(ssl, SSL_CTRL_SET_MAX_PROTO_VERSION,
                       (long)value_as_number(call->argv[2]), NULL);
  if (!set_alpn(iso, context, native_argument(call, 6)) ||
      !set_text(iso, ssl, native_argument(call, 7), "ciphers",
                openssl.SSL_CTX_set_cipher_list) ||
      !set_text(iso, ssl, native_argument(call, 8), "ciphers",
                openssl.SSL_CTX_set_ciphersuites) ||
      !set_text(iso, ssl, native_argument(call, 9), "groups", set_groups))
    return VALUE_EXCEPTION;
  set_up(context, value_as_bool(call->argv[3]), value_as_bool(call->argv[4]));
  if (!context->is_server && context->alpn != NULL) {
    // Each connection inherits it.
    openssl.SSL_CTX_set_alpn_protos(ssl, context->alpn, context->alpn_length);
  }
  return value_from_cell(o);
}

// Certificates ---------------------------------------------------------------

// A password is never asked for at the terminal.
static int on_password(char *out, int size, int unused, void *password) {
  if (password == NULL) return -1;
  size_t length = strlen(password);
  if (length > (size_t)size) return -1;
  memcpy(out, password, length);
  return (int)length;
}

static BIO *memory_of(Isolate *iso, Value value, NetBytes *bytes) {
  if (!net_bytes_of(iso, value, bytes)) return NULL;
  BIO *bio = bytes->length > INT32_MAX
                 ? NULL
                 : openssl.BIO_new_mem_buf(bytes->bytes, (int)bytes->length);
  if (bio == NULL) {
    free(bytes->owned);
    vm_throw_out_of_memory(iso);
  }
  openssl.ERR_clear_error();
  return bio;
}

static SSL_CTX *this_context(Isolate *iso, const NativeCall *call) {
  TlsContext *context = tls_context_of(native_argument(call, 0));
  if (context != NULL) return context->ssl;
  vm_throw_type(iso, "This is no TLS context");
  return NULL;
}

// Has the queue only the error that says that there is no more PEM?
static bool is_end_of_pem(void) {
  unsigned long error = openssl.ERR_peek_last_error();
  return error == 0 || (ERR_GET_LIB(error) == ERR_LIB_PEM &&
                        ERR_GET_REASON(error) == PEM_R_NO_START_LINE);
}

// The first is the own one, the others lead to the authority.
static bool use_chain(SSL_CTX *ssl, BIO *bio, char *unused) {
  X509 *own = openssl.PEM_read_bio_X509_AUX(bio, NULL, on_password, NULL);
  if (own == NULL) return false;
  int done = openssl.SSL_CTX_use_certificate(ssl, own);
  openssl.X509_free(own);
  if (done != 1) return false;
  for (;;) {
    X509 *next = openssl.PEM_read_bio_X509(bio, NULL, on_password, NULL);
    if (next == NULL) return is_end_of_pem();
    long added = openssl.SSL_CTX_ctrl(ssl, SSL_CTRL_CHAIN_CERT, 0, next);
    if (added != 1) {
      openssl.X509_free(next);
      return false;
    }
  }
}

static bool use_key(SSL_CTX *ssl, BIO *bio, char *password) {
  EVP_PKEY *key =
      openssl.PEM_read_bio_PrivateKey(bio, NULL, on_password, password);
  if (key == NULL) return false;
  int done = openssl.SSL_CTX_use_PrivateKey(ssl, key);
  openssl.EVP_PKEY_free(key);
  return done == 1 && openssl.SSL_CTX_check_private_key(ssl) == 1;
}

static Value use_result(Isolate *iso, bool done, const char *what) {
  if (!done) return vm_throw(iso, tls_library_error(iso, what));
  openssl.ERR_clear_error();
  return VALUE_UNDEFINED;
}

// (context, bytes, passphrase or undefined): puts what the bytes hold into the
// context.
static Value use(Isolate *iso, const NativeCall *call, const char *what,
                 bool (*put)(SSL_CTX *, BIO *, char *password)) {
  SSL_CTX *ssl = this_context(iso, call);
  if (ssl == NULL) return VALUE_EXCEPTION;
  char *password = NULL;
  Value given = native_argument(call, 2);
  if (!value_is_undefined(given)) {
    password = vm_to_utf8(iso, given, NULL);
    if (password == NULL) return VALUE_EXCEPTION;
  }
  NetBytes bytes;
  BIO *bio = memory_of(iso, native_argument(call, 1), &bytes);
  if (bio == NULL) {
    free(password);
    return VALUE_EXCEPTION;
  }
  bool done = put(ssl, bio, password);
  openssl.BIO_free(bio);
  free(bytes.owned);
  free(password);
  return use_result(iso, done, what);
}

// useCertificate(context, pem)
Value tls_use_certificate(Isolate *iso, const NativeCall *call) {
  return use(iso, call, "cert", use_chain);
}

// useKey(context, pem, passphrase): of the last certificate.
Value tls_use_key(Isolate *iso, const NativeCall *call) {
  return use(iso, call, "key", use_key);
}

static bool use_pfx(SSL_CTX *ssl, BIO *bio, char *password) {
  PKCS12 *pfx = openssl.d2i_PKCS12_bio(bio, NULL);
  if (pfx == NULL) return false;
  EVP_PKEY *key = NULL;
  X509 *own = NULL;
  STACK_OF(X509) *more = NULL;
  bool done = openssl.PKCS12_parse(pfx, password, &key, &own, &more) == 1 &&
              own != NULL && key != NULL &&
              openssl.SSL_CTX_use_certificate(ssl, own) == 1 &&
              openssl.SSL_CTX_use_PrivateKey(ssl, key) == 1;
  OPENSSL_STACK *list = (OPENSSL_STACK *)more;
  X509_STORE *store = openssl.SSL_CTX_get_cert_store(ssl);
  for (int i = 0; done && list != NULL && i < openssl.OPENSSL_sk_num(list);
       i++) {
    X509 *next = openssl.OPENSSL_sk_value(list, i);
    done = openssl.X509_up_ref(next) == 1;
    if (done && openssl.SSL_CTX_ctrl(ssl, SSL_CTRL_CHAIN_CERT, 0, next) != 1) {
      openssl.X509_free(next);
      done = false;
    }
    done = done && openssl.X509_STORE_add_cert(store, next) == 1;
  }
  if (list != NULL)
    openssl.OPENSSL_sk_pop_free(list, (OPENSSL_sk_freefunc)openssl.X509_free);
  openssl.X509_free(own);
  openssl.EVP_PKEY_free(key);
  openssl.PKCS12_free(pfx);
  return done;
}

// usePfx(context, bytes, passphrase)
Value tls_use_pfx(Isolate *iso, const NativeCall *call) {
  return use(iso, call, "pfx", use_pfx);
}

// A server tells its clients these names: whose certificates it wants.
static bool add_authorities(SSL_CTX *ssl, BIO *bio, char *unused) {
  X509_STORE *store = openssl.SSL_CTX_get_cert_store(ssl);
  OPENSSL_STACK *names = openssl.OPENSSL_sk_new_null();
  bool done = names != NULL;
  int count = 0;
  for (; done; count++) {
    X509 *next = openssl.PEM_read_bio_X509_AUX(bio, NULL, on_password, NULL);
    if (next == NULL) {
      done = count != 0 && is_end_of_pem();
      break;
    }
    done = openssl.X509_STORE_add_cert(store, next) == 1;
    if (done) {
      X509_NAME *name =
          openssl.X509_NAME_dup(openssl.X509_get_subject_name(next));
      done = name != NULL && openssl.OPENSSL_sk_push(names, name) != 0;
    }
    openssl.X509_free(next);
  }
  if (names != NULL)
    openssl.SSL_CTX_set_client_CA_list(ssl, (STACK_OF(X509_NAME) *)names);
  return done;
}

// useAuthorities(context, pem or undefined): whom it trusts; undefined: whom
// the system does.
Value tls_use_authorities(Isolate *iso, const NativeCall *call) {
  SSL_CTX *ssl = this_context(iso, call);
  if (ssl == NULL) return VALUE_EXCEPTION;
  if (value_is_undefined(native_argument(call, 1))) {
    openssl.ERR_clear_error();
    return use_result(iso, openssl.SSL_CTX_set_default_verify_paths(ssl) == 1,
                      "ca");
  }
  return use(iso, call, "ca", add_authorities);
}

static bool add_revocations(SSL_CTX *ssl, BIO *bio, char *unused) {
  X509_STORE *store = openssl.SSL_CTX_get_cert_store(ssl);
  X509_CRL *list = openssl.PEM_read_bio_X509_CRL(bio, NULL, on_password, NULL);
  bool done = list != NULL && openssl.X509_STORE_add_crl(store, list) == 1;
  openssl.X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK |
                                          X509_V_FLAG_CRL_CHECK_ALL);
  openssl.X509_CRL_free(list);
  return done;
}

// useRevocations(context, pem): certificates that are good no more.
Value tls_use_revocations(Isolate *iso, const NativeCall *call) {
  return use(iso, call, "crl", add_revocations);
}
