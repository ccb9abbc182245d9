// SPDX-License-Identifier: MIT
// The natives of "rill:internal/tls-native".
#ifndef RILL_RUNTIME_IO_TLS_MODULE_H
#define RILL_RUNTIME_IO_TLS_MODULE_H

#include "runtime/io/bytes.h"
#include "runtime/io/net/handle.h"

// tls_context.c
Value tls_context_new(Isolate *, const NativeCall *);
Value tls_use_certificate(Isolate *, const NativeCall *);
Value tls_use_key(Isolate *, const NativeCall *);
Value tls_use_pfx(Isolate *, const NativeCall *);
Value tls_use_authorities(Isolate *, const NativeCall *);
Value tls_use_revocations(Isolate *, const NativeCall *);

// tls_certificate.c
Value tls_peer_certificates(Isolate *, const NativeCall *);
Value tls_own_certificate(Isolate *, const NativeCall *);

#endif
