// SPDX-License-Identifier: MIT
// Listeners of rill:net. A connection that nobody accepts yet stays with the
// system: libuv takes one and then stops polling until it is accepted.
#include "runtime/io/net/listener.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "runtime/io/net/connection.h"
#include "runtime/io/net/granted.h"
#include "runtime/io/net/module.h"
#include "runtime/io/request.h"
#include "runtime/values.h"

typedef struct Listener {
  NetHandle handle;
  GcHandle acceptor; // promise of accept()
  bool is_pipe;
  bool has_pending; // libuv holds a connection
} Listener;

bool net_take_listen_options(Isolate *iso, const NativeCall *call, uint32_t at,
                             NetListenOptions *out, char **address) {
  out->is_pipe = value_as_bool(native_argument(call, at));
  if (out->is_pipe &&
      (!rt_check_files_allowed(rt_of(iso)) || !net_check_whole(rt_of(iso))))
    return false;
  // Some callers pass on what a script gave.
  Value text = native_argument(call, at + 1);
  if (!value_is_string(text)) {
    vm_throw_type(iso, "The address to listen on must be a string");
    return false;
  }
  int32_t backlog;
  if (!vm_to_int32(iso, native_argument(call, at + 2), &out->port) ||
      !vm_to_int32(iso, native_argument(call, at + 3), &backlog))
    return false;
  out->backlog = backlog;
  out->reuse_port = value_as_bool(native_argument(call, at + 4));
  *address = vm_string_to_utf8(iso, value_as_string(text), NULL);
  out->address = *address;
  if (*address == NULL) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  return true;
}

static int bind_handle(NetHandle *h, const NetListenOptions *options,
                       const struct sockaddr_storage *address) {
  if (options->is_pipe) return uv_pipe_bind(&h->uv.pipe, options->address);
  if (options->reuse_port) {
    uv_os_fd_t descriptor;
    int on = 1, error = uv_fileno(&h->uv.any, &descriptor);
    if (error != 0) return error;
    if (setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
      return uv_translate_sys_error(errno);
  }
  return uv_tcp_bind(&h->uv.tcp, (const struct sockaddr *)address, 0);
}

static int start_listening(NetHandle *h, const NetListenOptions *options,
                           uv_connection_cb on_connection) {
  struct sockaddr_storage address = {0};
  int error = 0;
  if (options->is_pipe) {
    if (strlen(options->address) >= 108) error = UV_ENAMETOOLONG;
    if (error == 0) error = uv_pipe_init(&h->rt->loop, &h->uv.pipe, 0);
  } else {
    if (!net_parse_address(options->address, options->port, &address))
      error = UV_EINVAL;
    else if (!net_may(h->rt, &address, RILL_GRANT_LISTEN))
      error = UV_EACCES;
    if (error == 0)
      error = uv_tcp_init_ex(&h->rt->loop, &h->uv.tcp, address.ss_family);
  }
  if (error != 0) {
    net_handle_discard(h);
    return error;
  }
  h->uv.any.data = h;
  error = bind_handle(h, options, &address);
  if (error == 0)
    error = uv_listen(&h->uv.stream, options->backlog, on_connection);
  if (error != 0) net_handle_close(h);
  return error;
}

Value net_bind_and_listen(NetHandle *h, const NetListenOptions *options,
                          uv_connection_cb on_connection, int class) {
  Isolate *iso = h->rt->isolate;
  int error = start_listening(h, options, on_connection);
  if (error != 0)
    return vm_throw(iso, net_error(iso, error, "listen", options->address,
                                   options->is_pipe ? -1 : options->port));
  Value object = net_handle_object(h, class);
  // A lack of memory that is told of later would leave it to nobody.
  if (!value_is_exception(object) && !vm_safepoint(iso)) {
    net_handle_close(h);
    return VALUE_EXCEPTION;
  }
  return object;
}

Value net_bound_address(NetHandle *h, bool is_pipe) {
  Isolate *iso = h->rt->isolate;
  if (h->closing) return VALUE_UNDEFINED;
  if (is_pipe) {
    char path[128];
    size_t size = sizeof path;
    int error = uv_pipe_getsockname(&h->uv.pipe, path, &size);
    if (error != 0)
      return vm_throw(iso, net_error(iso, error, "getsockname", NULL, -1));
    Object *o = vm_object_new(iso);
    return rt_put(iso, o, "path", rt_utf8_value(iso, path, size))
               ? value_from_cell(o)
               : VALUE_EXCEPTION;
  }
  struct sockaddr_storage address = {0};
  int size = sizeof address;
  int error =
      uv_tcp_getsockname(&h->uv.tcp, (struct sockaddr *)&address, &size);
  if (error != 0)
    return vm_throw(iso, net_error(iso, error, "getsockname", NULL, -1));
  return net_address_object(iso, &address);
}

static void stop_waiting(Listener *l, Value result, bool failed) {
  net_settle(l->handle.rt, &l->acceptor, result, failed);
  net_handle_unpin(&l->handle);
}

static void cancel(NetHandle *h) {
  Listener *l = (Listener *)h;
  if (!net_is_waiting(&l->acceptor)) return;
  stop_waiting(l, net_closed_error(h->rt->isolate, "accept"), true);
}

static void list_waits(NetHandle *h, TraceGraph *graph) {
  net_add_wait(graph, h, &((const Listener *)h)->acceptor, "accept");
}

static void free_listener(NetHandle *h) {
  net_slots_remove(h->rt, &((Listener *)h)->acceptor, 1);
  free(h);
}

static bool stop(NetHandle *h, Value promise, Value reason) {
  Listener *l = (Listener *)h;
  if (!net_slot_is(&l->acceptor, promise)) return false;
  stop_waiting(l, reason, true);
  return true;
}

static const NetHandleKind listener_kind = {"Listener", cancel, free_listener,
                                            list_waits, NULL,   stop};

// Accepts the connection that libuv holds. EMPTY: it is gone, or there are no
// resources for it; the next one may do better. EXCEPTION: there is no memory
// to take it with; until somebody can, no other comes.
static Value accept_one(Listener *l) {
  Connection *c;
  int error = connection_new(l->handle.rt, l->is_pipe, &c);
  l->has_pending = error != 0;
  if (error != 0)
    return vm_throw(
        l->handle.rt->isolate,
        net_error(l->handle.rt->isolate, error, "accept", NULL, -1));
  if (uv_accept(&l->handle.uv.stream, &c->stream.handle.uv.stream) != 0) {
    net_handle_close(&c->stream.handle);
    return VALUE_EMPTY;
  }
  if (!l->is_pipe) uv_tcp_nodelay(&c->stream.handle.uv.tcp, 1);
  Value object = connection_object(c);
  if (!value_is_exception(object)) return object;
  vm_take_exception(l->handle.rt->isolate);
  return VALUE_EMPTY;
}

static void on_connection(uv_stream_t *uv, int status) {
  Listener *l = uv->data;
  // Out of descriptors, or a peer that left already: libuv has shed it.
  if (status != 0) return;
  if (!net_is_waiting(&l->acceptor)) {
    l->has_pending = true;
    return;
  }
  Runtime *rt = l->handle.rt;
  rt_enter(rt);
  Value connection = accept_one(l);
  if (value_is_exception(connection)) {
    stop_waiting(l, vm_take_exception(rt->isolate), true);
  } else if (!value_is_empty(connection)) {
    stop_waiting(l, connection, false);
  }
  rt_leave(rt, VALUE_UNDEFINED);
}

// listen(isPipe, address or path, port, backlog, reusePort)
Value net_listen(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (net_of(rt) == NULL) return VALUE_EXCEPTION;
  NetListenOptions options;
  char *address;
  if (!net_take_listen_options(iso, call, 0, &options, &address))
    return VALUE_EXCEPTION;
  Listener *l = calloc(1, sizeof *l);
  if (l == NULL || !net_slots_add(rt, &l->acceptor, 1)) {
    free(l);
    free(address);
    return vm_throw_out_of_memory(iso);
  }
  l->is_pipe = options.is_pipe;
  net_handle_init(rt, &l->handle, &listener_kind);
  Value result =
      net_bind_and_listen(&l->handle, &options, on_connection, NET_LISTENER);
  free(address);
  return result;
}

static Listener *this_listener(Isolate *iso, Value value) {
  return (Listener *)net_handle_this(iso, value, &listener_kind);
}

// accept([options]): a promise of a connection.
Value net_accept(Isolate *iso, const NativeCall *call) {
  Listener *l = this_listener(iso, call->this_value);
  if (l == NULL) return VALUE_EXCEPTION;
  Value other = net_cancellable_call(iso, call, "accept", NULL);
  if (!value_is_empty(other)) return other;
  if (l->handle.closing)
    return net_rejected(iso, net_closed_error(iso, "accept"));
  if (net_is_waiting(&l->acceptor))
    return net_rejected(iso, net_error(iso, UV_EBUSY, "accept", NULL, -1));
  if (l->has_pending) {
    Value connection = accept_one(l);
    if (value_is_exception(connection))
      return net_rejected(iso, vm_take_exception(iso));
    if (!value_is_empty(connection)) return net_resolved(iso, connection);
  }
  Value promise = net_wait(iso, &l->acceptor);
  if (!value_is_exception(promise)) net_handle_pin(&l->handle);
  return promise;
}

// cancelAccept(listener)
Value net_cancel_accept(Isolate *iso, const NativeCall *call) {
  Listener *l = this_listener(iso, native_argument(call, 0));
  if (l == NULL) return VALUE_EXCEPTION;
  cancel(&l->handle);
  return VALUE_UNDEFINED;
}

// close(): a promise of its end.
Value net_close_listener(Isolate *iso, const NativeCall *call) {
  Listener *l = this_listener(iso, call->this_value);
  if (l == NULL) return VALUE_EXCEPTION;
  net_handle_close(&l->handle);
  return net_handle_closed_promise(&l->handle);
}

// listenerAddress(listener)
Value net_listener_address(Isolate *iso, const NativeCall *call) {
  Listener *l = this_listener(iso, native_argument(call, 0));
  return l == NULL ? VALUE_EXCEPTION
                   : net_bound_address(&l->handle, l->is_pipe);
}
