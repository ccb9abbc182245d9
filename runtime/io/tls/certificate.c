// SPDX-License-Identifier: MIT
// Certificates as values: plain objects, which lib/internal/tls.js gives their
// final form.
#include <stdlib.h>
#include <string.h>

#include "runtime/io/tls/internal.h"
#include "runtime/io/tls/module.h"
#include "runtime/values.h"

static bool push_text(Isolate *iso, Array *list, const char *text,
                      size_t length) {
  Value value = rt_utf8_value(iso, text, length);
  return !value_is_exception(value) && vm_array_push(iso, list, value);
}

// [type, value, type, value, ...]
static Value name_value(Isolate *iso, const X509_NAME *name) {
  Array *list = vm_array_new(iso, 8);
  int count = openssl.X509_NAME_entry_count(name);
  for (int i = 0; i < count; i++) {
    X509_NAME_ENTRY *entry = openssl.X509_NAME_get_entry(name, i);
    ASN1_OBJECT *type = openssl.X509_NAME_ENTRY_get_object(entry);
    int number = openssl.OBJ_obj2nid(type);
    char text[80];
    if (number == NID_undef) {
      openssl.OBJ_obj2txt(text, sizeof text, type, 1);
    } else {
      snprintf(text, sizeof text, "%s", openssl.OBJ_nid2sn(number));
    }
    unsigned char *utf8 = NULL;
    int length = openssl.ASN1_STRING_to_UTF8(
        &utf8, openssl.X509_NAME_ENTRY_get_data(entry));
    bool pushed = push_text(iso, list, text, strlen(text)) &&
                  push_text(iso, list, length < 0 ? "" : (char *)utf8,
                            length < 0 ? 0 : (size_t)length);
    openssl.CRYPTO_free(utf8, __FILE__, __LINE__);
    if (!pushed) return VALUE_EXCEPTION;
  }
  return value_from_cell(list);
}

static Value time_value(Isolate *iso, const ASN1_TIME *time) {
  char text[64];
  BIO *bio = openssl.BIO_new(openssl.BIO_s_mem());
  if (bio == NULL) return vm_throw_out_of_memory(iso);
  openssl.ASN1_TIME_print(bio, time);
  int length = openssl.BIO_read(bio, text, sizeof text);
  openssl.BIO_free(bio);
  return rt_utf8_value(iso, text, length < 0 ? 0 : (size_t)length);
}

static Value serial_value(Isolate *iso, X509 *certificate) {
  BIGNUM *number = openssl.ASN1_INTEGER_to_BN(
      openssl.X509_get_serialNumber(certificate), NULL);
  char *hex = number == NULL ? NULL : openssl.BN_bn2hex(number);
  Value value = hex == NULL ? vm_throw_out_of_memory(iso)
                            : rt_utf8_value(iso, hex, strlen(hex));
  openssl.CRYPTO_free(hex, __FILE__, __LINE__);
  openssl.BN_free(number);
  return value;
}

// "AB:CD:..."
static Value fingerprint_value(Isolate *iso, X509 *certificate,
                               const EVP_MD *digest) {
  unsigned char sum[EVP_MAX_MD_SIZE];
  unsigned length = 0;
  char text[3 * EVP_MAX_MD_SIZE + 1];
  openssl.X509_digest(certificate, digest, sum, &length);
  for (unsigned i = 0; i < length; i++)
    snprintf(text + 3 * i, 4, "%02X:", sum[i]);
  return rt_utf8_value(iso, text, length == 0 ? 0 : 3 * length - 1);
}

static Value bytes_value(Isolate *iso, unsigned char *der, int length) {
  if (length <= 0) return VALUE_UNDEFINED;
  uint8_t *copy = malloc((size_t)length);
  if (copy != NULL) memcpy(copy, der, (size_t)length);
  openssl.CRYPTO_free(der, __FILE__, __LINE__);
  return copy == NULL ? vm_throw_out_of_memory(iso)
                      : rt_bytes_adopt(iso, copy, (size_t)length);
}

// Grows a malloc'ed text. False: out of memory; the text is gone.
static bool append(char **text, const char *more, size_t length) {
  size_t before = *text == NULL ? 0 : strlen(*text);
  char *grown = realloc(*text, before + length + 1);
  if (grown == NULL) {
    free(*text);
    *text = NULL;
    return false;
  }
  memcpy(grown + before, more, length);
  grown[before + length] = 0;
  *text = grown;
  return true;
}

// What could be taken for more than one name is written as JSON writes it.
static bool append_name(char **text, const char *type,
                        const ASN1_STRING *value) {
  const char *bytes = (const char *)openssl.ASN1_STRING_get0_data(value);
  size_t length = (size_t)openssl.ASN1_STRING_length(value);
  bool plain = true;
  for (size_t i = 0; i < length; i++) {
    char c = bytes[i];
    if (c <= ' ' || c > '~' || c == ',' || c == '"' || c == '\\') plain = false;
  }
  if (!append(text, type, strlen(type))) return false;
  if (plain) return append(text, bytes, length);
  if (!append(text, "\"", 1)) return false;
  for (size_t i = 0; i < length; i++) {
    unsigned char c = (unsigned char)bytes[i];
    char quoted[8] = {(char)c};
    if (c < ' ' || c > '~' || c == '"' || c == '\\' || c == ',')
      snprintf(quoted, sizeof quoted, "\\u%04x", c);
    if (!append(text, quoted, strlen(quoted))) return false;
  }
  return append(text, "\"", 1);
}

char *tls_alternative_names(X509 *certificate) {
  GENERAL_NAMES *names =
      openssl.X509_get_ext_d2i(certificate, NID_subject_alt_name, NULL, NULL);
  if (names == NULL) return NULL;
  char *text = NULL;
  OPENSSL_STACK *list = (OPENSSL_STACK *)names;
  for (int i = 0; i < openssl.OPENSSL_sk_num(list); i++) {
    const GENERAL_NAME *name = openssl.OPENSSL_sk_value(list, i);
    bool done = text == NULL || append(&text, ", ", 2);
    if (!done) break;
    if (name->type == GEN_DNS) {
      done = append_name(&text, "DNS:", name->d.dNSName);
    } else if (name->type == GEN_EMAIL) {
      done = append_name(&text, "email:", name->d.rfc822Name);
    } else if (name->type == GEN_URI) {
      done = append_name(&text, "URI:", name->d.uniformResourceIdentifier);
    } else if (name->type == GEN_IPADD) {
      const uint8_t *at = openssl.ASN1_STRING_get0_data(name->d.iPAddress);
      int length = openssl.ASN1_STRING_length(name->d.iPAddress);
      char address[64] = "IP Address:";
      if (length == 4)
        uv_inet_ntop(AF_INET, at, address + 11, sizeof address - 11);
      if (length == 16)
        uv_inet_ntop(AF_INET6, at, address + 11, sizeof address - 11);
      done = append(&text, address, strlen(address));
    } else {
      done = append(&text, "othername:<unsupported>", 23);
    }
    if (!done) break;
  }
  openssl.GENERAL_NAMES_free(names);
  return text;
}

static Value names_value(Isolate *iso, X509 *certificate) {
  char *text = tls_alternative_names(certificate);
  if (text == NULL) return VALUE_UNDEFINED;
  Value value = rt_utf8_value(iso, text, strlen(text));
  free(text);
  return value;
}

static bool put_key(Isolate *iso, Object *o, X509 *certificate) {
  EVP_PKEY *key = openssl.X509_get_pubkey(certificate);
  if (key == NULL) return true;
  unsigned char *der = NULL;
  int length = openssl.i2d_PUBKEY(key, &der);
  int bits = openssl.EVP_PKEY_get_bits(key);
  openssl.EVP_PKEY_free(key);
  return rt_put(iso, o, "bits", value_from_int(bits)) &&
         rt_put(iso, o, "pubkey", bytes_value(iso, der, length));
}

static Value certificate_value(Isolate *iso, X509 *x) {
  Object *o = vm_object_new(iso);
  unsigned char *der = NULL;
  int length = openssl.i2d_X509(x, &der);
  bool done =
      rt_put(iso, o, "subject",
             name_value(iso, openssl.X509_get_subject_name(x))) &&
      rt_put(iso, o, "issuer",
             name_value(iso, openssl.X509_get_issuer_name(x))) &&
      rt_put(iso, o, "subjectaltname", names_value(iso, x)) &&
      rt_put(iso, o, "ca", value_from_bool(openssl.X509_check_ca(x) == 1)) &&
      put_key(iso, o, x) &&
      rt_put(iso, o, "valid_from",
             time_value(iso, openssl.X509_get0_notBefore(x))) &&
      rt_put(iso, o, "valid_to",
             time_value(iso, openssl.X509_get0_notAfter(x))) &&
      rt_put(iso, o, "fingerprint",
             fingerprint_value(iso, x, openssl.EVP_sha1())) &&
      rt_put(iso, o, "fingerprint256",
             fingerprint_value(iso, x, openssl.EVP_sha256())) &&
      rt_put(iso, o, "fingerprint512",
             fingerprint_value(iso, x, openssl.EVP_sha512())) &&
      rt_put(iso, o, "serialNumber", serial_value(iso, x)) &&
      rt_put(iso, o, "raw", bytes_value(iso, der, length));
  return done ? value_from_cell(o) : VALUE_EXCEPTION;
}

// peerCertificates(connection): the peer's own and those that it sent with it;
// undefined: none.
Value tls_peer_certificates(Isolate *iso, const NativeCall *call) {
  Stream *s;
  if (!tls_stream_of(iso, native_argument(call, 0), &s)) return VALUE_EXCEPTION;
  if (s == NULL || s->tls == NULL) return VALUE_UNDEFINED;
  SSL *ssl = s->tls->ssl;
  X509 *own = openssl.SSL_get1_peer_certificate(ssl);
  if (own == NULL) return VALUE_UNDEFINED;
  Array *list = vm_array_new(iso, 2);
  Value first = certificate_value(iso, own);
  openssl.X509_free(own);
  if (value_is_exception(first) || !vm_array_push(iso, list, first))
    return VALUE_EXCEPTION;
  OPENSSL_STACK *chain = (OPENSSL_STACK *)openssl.SSL_get_peer_cert_chain(ssl);
  // A client's list of its server begins with the server's own.
  for (int i = s->tls->context->is_server ? 0 : 1;
       chain != NULL && i < openssl.OPENSSL_sk_num(chain); i++) {
    Value next = certificate_value(iso, openssl.OPENSSL_sk_value(chain, i));
    if (value_is_exception(next) || !vm_array_push(iso, list, next))
      return VALUE_EXCEPTION;
  }
  return value_from_cell(list);
}

// ownCertificate(connection)
Value tls_own_certificate(Isolate *iso, const NativeCall *call) {
  Stream *s;
  if (!tls_stream_of(iso, native_argument(call, 0), &s)) return VALUE_EXCEPTION;
  X509 *own = s == NULL || s->tls == NULL
                  ? NULL
                  : openssl.SSL_get_certificate(s->tls->ssl);
  return own == NULL ? VALUE_UNDEFINED : certificate_value(iso, own);
}
