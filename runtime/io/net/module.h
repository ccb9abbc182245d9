// SPDX-License-Identifier: MIT
// The natives of "rill:internal/net", on which rill:net and rill:http stand.
#ifndef RILL_RUNTIME_IO_NET_MODULE_H
#define RILL_RUNTIME_IO_NET_MODULE_H

#include "runtime/io/bytes.h"
#include "runtime/io/net/handle.h"

// net_cancellable_call of a call that has arguments.
Value net_call_with_options(Isolate *, const NativeCall *,
                            const char *operation, Value *argument);

// An operation called with (argument, options) or (options): if those have a
// signal or a timeout, net.js runs it and this is its promise. EMPTY: they have
// not; *argument, NULL where none is wanted, is then the plain argument.
static inline Value net_cancellable_call(Isolate *iso, const NativeCall *call,
                                         const char *operation,
                                         Value *argument) {
  return likely(call->argc == 0)
             ? VALUE_EMPTY
             : net_call_with_options(iso, call, operation, argument);
}
// The same with the options found: run(handle, operation, argument, signal,
// timeout) does it. EMPTY: no limits.
Value net_limited_call(Isolate *, const GcRoot *run, Value handle,
                       const char *operation, Value argument, Value options);

// net_handle.c
Value net_reference(Isolate *, const NativeCall *);

// connection.c
Value net_new_connection(Isolate *, const NativeCall *);
Value net_new_pair(Isolate *, const NativeCall *);
Value net_connect_to(Isolate *, const NativeCall *);
Value net_read(Isolate *, const NativeCall *);
Value net_unread(Isolate *, const NativeCall *);
Value net_cancel_read(Isolate *, const NativeCall *);
Value net_write(Isolate *, const NativeCall *);
Value net_close_write(Isolate *, const NativeCall *);
Value net_close_connection(Isolate *, const NativeCall *);
Value net_reference_connection(Isolate *, const NativeCall *);
Value net_abort(Isolate *, const NativeCall *);
Value net_set_no_delay(Isolate *, const NativeCall *);
Value net_set_keep_alive(Isolate *, const NativeCall *);
Value net_connection_address(Isolate *, const NativeCall *);

// listener.c
Value net_listen(Isolate *, const NativeCall *);
Value net_accept(Isolate *, const NativeCall *);
Value net_cancel_accept(Isolate *, const NativeCall *);
Value net_close_listener(Isolate *, const NativeCall *);
Value net_listener_address(Isolate *, const NativeCall *);

// datagram.c
Value net_new_datagram(Isolate *, const NativeCall *);
Value net_receive(Isolate *, const NativeCall *);
Value net_reference_datagram(Isolate *, const NativeCall *);
Value net_cancel_receive(Isolate *, const NativeCall *);
Value net_send(Isolate *, const NativeCall *);
Value net_cancel_send(Isolate *, const NativeCall *);
Value net_close_datagram(Isolate *, const NativeCall *);
Value net_datagram_address(Isolate *, const NativeCall *);
Value net_datagram_option(Isolate *, const NativeCall *);

// resolve.c
Value net_lookup(Isolate *, const NativeCall *);
Value net_cancel_lookup(Isolate *, const NativeCall *);
Value net_reverse(Isolate *, const NativeCall *);
Value net_address_family(Isolate *, const NativeCall *);

#endif
