// SPDX-License-Identifier: MIT
// What the parts of TLS know of each other.
#ifndef RILL_RUNTIME_IO_TLS_INTERNAL_H
#define RILL_RUNTIME_IO_TLS_INTERNAL_H

#include "runtime/io/tls/openssl.h"
#include "runtime/io/tls/tls.h"

// Certificates, keys and rules, for any number of connections. Held by its
// script object and by connections.
typedef struct TlsContext {
  SSL_CTX *ssl;
  uint32_t references;
  bool is_server;
  bool accepts_any;           // certificates that fail are only noted
  uint32_t handshake_timeout; // milliseconds; 0: none
  uint8_t *alpn;              // as in the extension
  unsigned alpn_length;
} TlsContext;

typedef enum {
  TLS_SHAKING,
  TLS_CHOOSING, // the script looks for the certificate of a server name
  TLS_OPEN,
  TLS_FAILED,
} TlsState;

typedef struct Tls Tls;
struct Tls {
  Stream *stream;            // NULL: it is gone
  const StreamEvents *upper; // its events before
  SSL *ssl;
  TlsContext *context;
  TlsContext *chosen; // for the server name; or NULL
  TlsState state;
  bool has_chosen; // a certificate for the server name
  uint32_t users;  // C frames, and promises, that still look at it
  // Ciphertext that is being read.
  const uint8_t *in;
  size_t in_length;
  uint8_t *kept; // what came while the script was choosing
  size_t kept_length;
  GcHandle keylog;         // function that gets the secrets, or none; the same
  GcHandle context_object; // while the handshake is under way
  uint64_t due;            // loop time at which that is given up; 0: never
  Tls *next, *previous;    // shared->shaking
  char *check_name;
  // Why it failed: a code and a text, malloc'ed; or 0 and a libuv error.
  char *code, *text;
  int failure;
  uint32_t tickets; // sessions that the server has offered
};

enum { TLS_PLAIN = 64 * 1024 };
// Of all streams of a Runtime; one of them at a time writes and reads.
typedef struct TlsShared {
  Tls *shaking;
  uv_timer_t sweep;
  bool plain_busy;
  uint8_t *out; // ciphertext to be written
  size_t out_length, out_capacity;
  uint8_t plain[TLS_PLAIN];
} TlsShared;

// tls_stream.c --------------------------------------------------------------
// The script has chosen: the handshake goes on.
void tls_resume(Tls *);
void tls_release(Tls *);

// An SSL_CTX_set_keylog_callback callback: for the Tls's keylog.
void tls_on_secret(const SSL *, const char *line);

// tls_context.c -------------------------------------------------------------
// The context behind an object; NULL: it is none.
TlsContext *tls_context_of(Value);
void tls_context_release(TlsContext *);

// tls_names.c ---------------------------------------------------------------
// Server name to certificate, an SSL_CTX_set_cert_cb callback.
int tls_on_certificate_wanted(SSL *, void *unused);
// A server's handshake failed, and nothing else tells anybody: the context
// object's function `onError`, if it has one, is called when jobs run.
void tls_tell_failure(Tls *, Value context);

// tls_error.c ---------------------------------------------------------------
// Notes why the last call of OpenSSL failed, unless a reason is known already.
void tls_note_failure(Tls *);
void tls_note(Tls *, const char *code, const char *text);
// An Error with `code`, of what OpenSSL's error queue has.
Value tls_library_error(Isolate *, const char *what);

// tls_module.c --------------------------------------------------------------
// The stream behind a connection, or a request of an HTTP server; NULL: it is
// over. False: threw.
bool tls_stream_of(Isolate *, Value, Stream **out) VM_CHECKED;

// tls_certificate.c ---------------------------------------------------------
// "DNS:localhost, IP Address:127.0.0.1", malloc'ed; NULL: none.
char *tls_alternative_names(X509 *);

static inline TlsShared *tls_shared_of(Tls *t) {
  return t->stream->handle.rt->network->tls;
}

#endif
