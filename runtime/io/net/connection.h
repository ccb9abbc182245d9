// SPDX-License-Identifier: MIT
// Connections of rill:net: a stream whose operations give promises.
#ifndef RILL_RUNTIME_IO_NET_CONNECTION_H
#define RILL_RUNTIME_IO_NET_CONNECTION_H

#include "runtime/io/net/stream.h"

typedef struct Connection {
  Stream stream;
  union {
    struct {
      GcHandle reader;                         // promise of read()
      GcHandle target;                         // its buffer, or undefined
      GcHandle connecting, shutting, securing; // promises
    };
    GcHandle slots[5];
  };
  bool write_ended;
  bool unreferenced; // its reads do not keep the program running
  bool linger_close; // close() waits for queued writes
  int read_error;    // of a stream that ended
  uint8_t *buffered; // read ahead of read()
  size_t buffered_at, buffered_length, buffered_capacity;
  char *path; // of a Unix socket
} Connection;

// A connection without a peer yet. A libuv error.
int connection_new(Runtime *, bool is_pipe, Connection **out);
// A connection over a descriptor (a pipe, a terminal, a Unix socket; else TCP),
// which is closed with it; at once if this fails. A libuv error.
int connection_open(Runtime *, int descriptor, bool is_pipe, Connection **out);
// The script's object.
Value connection_object(Connection *);
// The one behind an object. NULL: threw (TypeError).
Connection *connection_of(Isolate *, Value) VM_CHECKED;
struct TlsStart;
// Starts TLS: a promise of the connection. If that fails, it is closed.
Value connection_secure(Connection *, const struct TlsStart *);
// Bytes that were read before it became this connection.
void connection_push(Connection *, const uint8_t *bytes, size_t length);

#endif
