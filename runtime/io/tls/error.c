// SPDX-License-Identifier: MIT
// OpenSSL's reasons as errors, with the codes that Node gives them.
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/io/tls/internal.h"
#include "runtime/values.h"

// X509_V_ERR_ numbers by their names.
#define VERIFY_ERRORS(F)                                                       \
  F(UNABLE_TO_GET_ISSUER_CERT)                                                 \
  F(UNABLE_TO_GET_CRL)                                                         \
  F(UNABLE_TO_DECRYPT_CERT_SIGNATURE)                                          \
  F(UNABLE_TO_DECRYPT_CRL_SIGNATURE)                                           \
  F(UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY)                                        \
  F(CERT_SIGNATURE_FAILURE)                                                    \
  F(CRL_SIGNATURE_FAILURE)                                                     \
  F(CERT_NOT_YET_VALID)                                                        \
  F(CERT_HAS_EXPIRED)                                                          \
  F(CRL_NOT_YET_VALID)                                                         \
  F(CRL_HAS_EXPIRED)                                                           \
  F(ERROR_IN_CERT_NOT_BEFORE_FIELD)                                            \
  F(ERROR_IN_CERT_NOT_AFTER_FIELD)                                             \
  F(ERROR_IN_CRL_LAST_UPDATE_FIELD)                                            \
  F(ERROR_IN_CRL_NEXT_UPDATE_FIELD)                                            \
  F(OUT_OF_MEM)                                                                \
  F(DEPTH_ZERO_SELF_SIGNED_CERT)                                               \
  F(SELF_SIGNED_CERT_IN_CHAIN)                                                 \
  F(UNABLE_TO_GET_ISSUER_CERT_LOCALLY)                                         \
  F(UNABLE_TO_VERIFY_LEAF_SIGNATURE)                                           \
  F(CERT_CHAIN_TOO_LONG)                                                       \
  F(CERT_REVOKED)                                                              \
  F(INVALID_CA)                                                                \
  F(PATH_LENGTH_EXCEEDED)                                                      \
  F(INVALID_PURPOSE)                                                           \
  F(CERT_UNTRUSTED)                                                            \
  F(CERT_REJECTED)                                                             \
  F(SUBJECT_ISSUER_MISMATCH)                                                   \
  F(AKID_SKID_MISMATCH)                                                        \
  F(AKID_ISSUER_SERIAL_MISMATCH)                                               \
  F(KEYUSAGE_NO_CERTSIGN)                                                      \
  F(EE_KEY_TOO_SMALL)                                                          \
  F(CA_KEY_TOO_SMALL)                                                          \
  F(CA_MD_TOO_WEAK)

const char *tls_verify_code(long result) {
  switch (result) {
#define F(name)                                                                \
  case X509_V_ERR_##name:                                                      \
    return #name;
    VERIFY_ERRORS(F)
#undef F
  case X509_V_ERR_HOSTNAME_MISMATCH:
  case X509_V_ERR_IP_ADDRESS_MISMATCH:
    return "ERR_TLS_CERT_ALTNAME_INVALID";
  }
  return "CERT_REJECTED";
}

void tls_note(Tls *t, const char *code, const char *text) {
  if (t->code != NULL || t->failure != 0) return;
  t->code = strdup(code);
  t->text = strdup(text);
  if (t->code == NULL) t->failure = UV_ENOMEM;
}

// "ERR_SSL_WRONG_VERSION_NUMBER", of a number in the error queue.
static void code_of(unsigned long error, char *out, size_t size) {
  static const struct {
    int library;
    const char *prefix;
  } prefixes[] = {
      {ERR_LIB_SSL, "ERR_SSL_"},        {ERR_LIB_PEM, "ERR_OSSL_PEM_"},
      {ERR_LIB_X509, "ERR_OSSL_X509_"}, {ERR_LIB_EVP, "ERR_OSSL_EVP_"},
      {ERR_LIB_RSA, "ERR_OSSL_RSA_"},   {ERR_LIB_PKCS12, "ERR_OSSL_PKCS12_"},
      {ERR_LIB_ASN1, "ERR_OSSL_ASN1_"},
  };
  const char *prefix = "ERR_OSSL_";
  for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
    if (prefixes[i].library == ERR_GET_LIB(error)) prefix = prefixes[i].prefix;
  }
  const char *reason = openssl.ERR_reason_error_string(error);
  snprintf(out, size, "%s%s", prefix, reason == NULL ? "UNKNOWN" : reason);
  for (char *at = out; *at != 0; at++) {
    *at = isalnum((unsigned char)*at) ? (char)toupper((unsigned char)*at) : '_';
  }
}

static const char *text_of(unsigned long error) {
  const char *reason = openssl.ERR_reason_error_string(error);
  return reason == NULL ? "unknown error" : reason;
}

void tls_note_failure(Tls *t) {
  if (t->code != NULL) return;
  unsigned long error = openssl.ERR_peek_error();
  long verified = openssl.SSL_get_verify_result(t->ssl);
  if (ERR_GET_LIB(error) == ERR_LIB_SSL &&
      ERR_GET_REASON(error) == SSL_R_CERTIFICATE_VERIFY_FAILED &&
      verified != X509_V_OK) {
    tls_note(t, tls_verify_code(verified),
             openssl.X509_verify_cert_error_string(verified));
    return;
  }
  if (error == 0) {
    tls_note(t, "EPROTO", "the connection cannot be used any more");
    return;
  }
  char code[160];
  code_of(error, code, sizeof code);
  tls_note(t, code, text_of(error));
}

static Value error_value(Isolate *iso, const char *what, const char *code,
                         const char *text) {
  String *message = vm_string_format(iso, "%s failed: %s", what, text);
  if (message == NULL) return vm_take_exception(iso);
  Object *error = vm_error_new(iso, ERROR_ERROR, message);
  bool done = rt_put_text(iso, error, "code", code) &&
              rt_put_text(iso, error, "reason", text);
  return done ? value_from_cell(error) : vm_take_exception(iso);
}

Value tls_error(Stream *s, const char *operation) {
  Tls *t = s->tls;
  Isolate *iso = s->handle.rt->isolate;
  if (t->code == NULL || t->text == NULL)
    return net_error(iso, t->failure == 0 ? UV_ENOMEM : t->failure, operation,
                     NULL, -1);
  char what[48];
  snprintf(what, sizeof what, "TLS %s", operation);
  Value error = error_value(iso, what, t->code, t->text);
  bool done = rt_put_text(iso, value_as_object(error), "syscall", operation);
  return done ? error : vm_take_exception(iso);
}

Value tls_library_error(Isolate *iso, const char *what) {
  unsigned long error = openssl.ERR_peek_error();
  char code[160];
  code_of(error, code, sizeof code);
  return error_value(iso, what, code, text_of(error));
}
