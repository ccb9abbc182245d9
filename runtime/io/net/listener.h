// SPDX-License-Identifier: MIT
// Binding a socket and listening.
#ifndef RILL_RUNTIME_IO_NET_LISTENER_H
#define RILL_RUNTIME_IO_NET_LISTENER_H

#include "runtime/io/net/handle.h"

typedef struct NetListenOptions {
  bool is_pipe;
  const char *address; // or path
  int port, backlog;
  bool reuse_port;
} NetListenOptions;

// Binds and listens with a handle that net_handle_init linked: its object, or
// the exception of an error; the handle is then closed, or discarded.
Value net_bind_and_listen(NetHandle *, const NetListenOptions *,
                          uv_connection_cb, int class) VM_CHECKED;
// The options of a native call from argument `at` on: isPipe, address, port,
// backlog, reusePort. *address is malloc'ed. False: threw.
bool net_take_listen_options(Isolate *, const NativeCall *, uint32_t at,
                             NetListenOptions *, char **address) VM_CHECKED;
// {address, port, family} or {path} of what listens.
Value net_bound_address(NetHandle *, bool is_pipe);

#endif
