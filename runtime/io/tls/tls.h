// SPDX-License-Identifier: MIT
// TLS between a stream and its events: what is read is decrypted before the
// events see it, what is written is encrypted. A stream without it has no part
// of this but one test a write. All of it on the isolate's thread.
#ifndef RILL_RUNTIME_IO_TLS_TLS_H
#define RILL_RUNTIME_IO_TLS_TLS_H

#include "runtime/io/net/stream.h"

typedef struct TlsStart {
  Value context; // an object of context()
  bool is_server;
  // Copied. Clients: the name to ask for, or NULL; the host name or address
  // that the certificate has to be for, or NULL: any.
  const char *server_name, *check_name;
  const uint8_t *session; // of an earlier connection, to resume; or NULL
  size_t session_length;
  // Gets the secrets as lines of an SSLKEYLOGFILE; 0: the context object's
  // property `keylog`, if it has one.
  Value keylog;
} TlsStart;

// Begins a handshake, and reading. The stream's `secured` event, if it has one,
// tells how it ended; a failure without one is its end. A libuv error: nothing
// has changed.
int tls_start(Stream *, const TlsStart *);
// Is this the object that TlsStart wants, for that side? False: threw.
bool tls_check_context(Isolate *, Value, bool is_server) VM_CHECKED;

// What stream.c does for a stream with TLS; as the functions there.
int tls_write(Stream *, const uint8_t *bytes, size_t length,
              StreamWrite **queued);
// Tells the peer that no more follows, if it can still be told.
void tls_say_end(Stream *);
// The stream closes: nothing is waited for any more.
void tls_cancel(Stream *);
void tls_free(Stream *);
// The reason of a STREAM_TLS_ERROR.
Value tls_error(Stream *, const char *operation);
// "CERT_HAS_EXPIRED", of an X509_V_ERR_ number.
const char *tls_verify_code(long result);
// All that streams of the runtime share.
void tls_close_shared(Runtime *);
void tls_free_shared(Runtime *);

#endif
