// SPDX-License-Identifier: MIT
// Operations of a connection. At most one read is pending; data that comes
// while none is, is kept up to a limit and then left to the system, so that the
// peer feels it. A write's promise is settled when the system has taken the
// bytes.
#include "runtime/io/net/connection.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/io/net/granted.h"
#include "runtime/io/net/module.h"
#include "runtime/io/request.h"
#include "runtime/io/tls/tls.h"
#include "runtime/values.h"
#include "vm/objects/buffer.h"

enum { READ_AHEAD = 64 * 1024 };
enum {
  CONNECTION_SLOTS = sizeof((Connection *)NULL)->slots / sizeof(GcHandle)
};

static void stop_waiting(Connection *c, Value result, bool failed) {
  NetHandle *h = &c->stream.handle;
  net_slot_clear(h->rt, &c->target);
  net_settle(h->rt, &c->reader, result, failed);
  // An idle connection does not keep a program running.
  stream_want(&c->stream, false);
  net_handle_unpin(h);
}

static Value bytes_value(Isolate *iso, const uint8_t *bytes, size_t length) {
  TypedArray *array = vm_typed_array_create(iso, ELEMENT_UINT8, length);
  if (array == NULL) return VALUE_EXCEPTION;
  memcpy(array->data, bytes, length);
  return value_from_cell(array);
}

// What a read gets of some bytes, and how many of them: a count if it has a
// buffer of its own. EXCEPTION: threw.
static Value take(Isolate *iso, Value target, const uint8_t *bytes,
                  size_t *length) {
  if (value_is_undefined(target)) return bytes_value(iso, bytes, *length);
  uint8_t *into;
  size_t room;
  if (!rt_bytes_of(iso, target, &into, &room)) return VALUE_EXCEPTION;
  if (room < *length) *length = room;
  memcpy(into, bytes, *length);
  return value_from_number((double)*length);
}

static bool keep(Connection *c, const uint8_t *bytes, size_t length) {
  size_t left = c->buffered_length - c->buffered_at;
  if (left + length <= c->buffered_capacity &&
      c->buffered_length + length > c->buffered_capacity) {
    memmove(c->buffered, c->buffered + c->buffered_at, left);
    c->buffered_at = 0;
    c->buffered_length = left;
  }
  size_t needed = c->buffered_length + length;
  if (!rt_bytes_grow(&c->buffered, &c->buffered_capacity, needed, 4096))
    return false;
  memcpy(c->buffered + c->buffered_length, bytes, length);
  c->buffered_length = needed;
  return true;
}

static void on_data(Stream *s, const uint8_t *bytes, size_t length) {
  Connection *c = (Connection *)s;
  Isolate *iso = s->handle.rt->isolate;
  if (net_is_waiting(&c->reader)) {
    size_t used = length;
    Value result = take(iso, net_slot(&c->target), bytes, &used);
    if (value_is_exception(result)) {
      stop_waiting(c, vm_take_exception(iso), true);
      used = 0;
    } else {
      stop_waiting(c, result, false);
    }
    bytes += used;
    length -= used;
  }
  if (length != 0 && !keep(c, bytes, length)) {
    c->read_error = UV_ENOMEM;
    s->ended = true;
    stream_pause(s);
  } else if (c->buffered_length - c->buffered_at >= READ_AHEAD) {
    stream_pause(s);
  }
}

void connection_push(Connection *c, const uint8_t *bytes, size_t length) {
  if (length != 0) on_data(&c->stream, bytes, length);
}

static Value end_value(Connection *c, bool *failed) {
  *failed = c->read_error != 0;
  return *failed ? stream_error(&c->stream, c->read_error, "read") : VALUE_NULL;
}

static void on_ended(Stream *s, int error) {
  Connection *c = (Connection *)s;
  c->read_error = error;
  if (!net_is_waiting(&c->reader)) return;
  bool failed;
  Value result = end_value(c, &failed);
  stop_waiting(c, result, failed);
}

static void on_drained(Stream *s, int error) {
  if (((Connection *)s)->linger_close) net_handle_close(&s->handle);
}

static void stop_securing(Connection *c, Value result, bool failed) {
  NetHandle *h = &c->stream.handle;
  net_settle(h->rt, &c->securing, result, failed);
  if (!net_is_waiting(&c->reader)) stream_want(&c->stream, false);
  net_handle_unpin(h);
}

static void on_secured(Stream *s, int error) {
  Connection *c = (Connection *)s;
  if (!net_is_waiting(&c->securing)) return;
  if (error == 0) {
    stop_securing(c, connection_object(c), false);
    return;
  }
  c->read_error = error;
  Value reason = stream_error(s, error, "handshake");
  if (net_is_waiting(&c->reader)) stop_waiting(c, reason, true);
  stop_securing(c, reason, true);
  net_handle_close(&s->handle);
}

static const StreamEvents connection_events = {.data = on_data,
                                               .ended = on_ended,
                                               .drained = on_drained,
                                               .secured = on_secured,
                                               .data_settles = true};

static void cancel(NetHandle *h) {
  Connection *c = (Connection *)h;
  stream_cancel(&c->stream);
  if (net_is_waiting(&c->securing))
    stop_securing(c, net_closed_error(h->rt->isolate, "handshake"), true);
  if (!net_is_waiting(&c->reader)) return;
  stop_waiting(c, net_closed_error(h->rt->isolate, "read"), true);
}

static void free_connection(NetHandle *h) {
  Connection *c = (Connection *)h;
  stream_free(&c->stream);
  net_slots_remove(h->rt, c->slots, CONNECTION_SLOTS);
  free(c->buffered);
  free(c->path);
  free(c);
}

static void list_waits(NetHandle *h, TraceGraph *graph) {
  const Connection *c = (const Connection *)h;
  net_add_wait(graph, h, &c->reader, "read");
  net_add_wait(graph, h, &c->connecting, "connect");
  net_add_wait(graph, h, &c->shutting, "shutdown");
  net_add_wait(graph, h, &c->securing, "handshake");
}

static void want(NetHandle *h, bool on) {
  stream_want((Stream *)h, on);
}

static bool stop(NetHandle *h, Value promise, Value reason) {
  Connection *c = (Connection *)h;
  if (!net_slot_is(&c->reader, promise)) return false;
  stop_waiting(c, reason, true);
  return true;
}

static const NetHandleKind connection_kind = {
    "Connection", cancel, free_connection, list_waits, want, stop};

int connection_new(Runtime *rt, bool is_pipe, Connection **out) {
  Connection *c = calloc(1, sizeof *c);
  *out = c;
  if (c == NULL || !net_slots_add(rt, c->slots, CONNECTION_SLOTS)) {
    free(c);
    return UV_ENOMEM;
  }
  int error = stream_init(rt, &c->stream, &connection_kind, &connection_events,
                          is_pipe);
  if (error == 0) stream_want(&c->stream, false);
  return error;
}

int connection_open(Runtime *rt, int descriptor, bool is_pipe,
                    Connection **out) {
  int error = connection_new(rt, is_pipe, out);
  if (error == 0) {
    error = stream_open(&(*out)->stream, descriptor);
    if (error != 0) net_handle_close(&(*out)->stream.handle);
  }
  if (error != 0) close(descriptor);
  return error;
}

Value connection_object(Connection *c) {
  return net_handle_object(&c->stream.handle, NET_CONNECTION);
}

Connection *connection_of(Isolate *iso, Value value) {
  return (Connection *)net_handle_this(iso, value, &connection_kind);
}

Value connection_secure(Connection *c, const TlsStart *start) {
  NetHandle *h = &c->stream.handle;
  Isolate *iso = h->rt->isolate;
  int error = 0;
  if (h->closing || c->write_ended || c->stream.ended) {
    error = UV_ENOTCONN;
  } else if (c->stream.tls != NULL) {
    error = UV_EALREADY;
  } else if (net_is_waiting(&c->reader) || c->stream.queued != 0) {
    // What is under way would be half plain.
    error = UV_EBUSY;
  }
  if (error != 0)
    return net_rejected(iso, net_error(iso, error, "handshake", NULL, -1));
  Value promise = net_wait(iso, &c->securing);
  if (value_is_exception(promise)) return promise;
  net_handle_pin(h);
  stream_want(&c->stream, true);
  error = tls_start(&c->stream, start);
  if (error != 0) {
    stop_securing(c, net_error(iso, error, "handshake", NULL, -1), true);
    net_handle_close(h);
    return promise;
  }
  // What the peer has sent already is the beginning of its handshake.
  uint8_t *ahead = c->buffered;
  size_t from = c->buffered_at, to = c->buffered_length;
  c->buffered = NULL;
  c->buffered_at = c->buffered_length = c->buffered_capacity = 0;
  if (from != to && !h->closing)
    c->stream.events->data(&c->stream, ahead + from, to - from);
  free(ahead);
  return promise;
}

// newConnection(isPipe)
Value net_new_connection(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (net_of(rt) == NULL) return VALUE_EXCEPTION;
  Connection *c;
  int error = connection_new(rt, value_as_bool(native_argument(call, 0)), &c);
  if (error != 0)
    return vm_throw(iso, net_error(iso, error, "socket", NULL, -1));
  return connection_object(c);
}

typedef struct Connect {
  uv_connect_t request;
  Connection *connection;
  int port;
  char address[110];
} Connect;

static void on_connected(uv_connect_t *request, int status) {
  Connect *connect = request->data;
  Connection *c = connect->connection;
  NetHandle *h = &c->stream.handle;
  Runtime *rt = h->rt;
  rt_enter(rt);
  if (status == 0) {
    if (!c->stream.is_pipe) uv_tcp_nodelay(&h->uv.tcp, 1);
    net_settle(rt, &c->connecting, value_from_cell(h->object), false);
  } else {
    net_settle(rt, &c->connecting,
               net_error(rt->isolate, status, "connect", connect->address,
                         connect->port),
               true);
    net_handle_close(h);
  }
  free(connect);
  net_handle_unpin(h);
  rt_leave(rt, VALUE_UNDEFINED);
}

// connectTo(connection, address or path, port): a promise of the connection.
Value net_connect_to(Isolate *iso, const NativeCall *call) {
  Connection *c = connection_of(iso, native_argument(call, 0));
  if (c == NULL) return VALUE_EXCEPTION;
  NetHandle *h = &c->stream.handle;
  if (c->stream.is_pipe &&
      (!rt_check_files_allowed(rt_of(iso)) || !net_check_whole(rt_of(iso))))
    return VALUE_EXCEPTION;
  char *text = vm_string_to_utf8(iso, value_as_string(call->argv[1]), NULL);
  Connect *connect = calloc(1, sizeof *connect);
  if (text == NULL || connect == NULL) {
    free(text);
    free(connect);
    return vm_throw_out_of_memory(iso);
  }
  Value promise = net_wait(iso, &c->connecting);
  if (value_is_exception(promise)) {
    free(text);
    free(connect);
    return promise;
  }
  connect->connection = c;
  connect->request.data = connect;
  connect->port = c->stream.is_pipe ? -1 : (int)value_as_number(call->argv[2]);
  snprintf(connect->address, sizeof connect->address, "%s", text);
  struct sockaddr_storage address;
  int error = 0;
  if (h->closing) {
    error = UV_ECANCELED;
  } else if (c->stream.is_pipe) {
    // libuv 1.44 would cut a long path off.
    if (strlen(text) >= 108) {
      error = UV_ENAMETOOLONG;
    } else {
      c->path = strdup(text);
      uv_pipe_connect(&connect->request, &h->uv.pipe, text, on_connected);
    }
  } else if (!net_parse_address(text, connect->port, &address)) {
    error = UV_EINVAL;
  } else if (!net_may(h->rt, &address, RILL_GRANT_CONNECT)) {
    error = UV_EACCES;
  } else {
    error = uv_tcp_connect(&connect->request, &h->uv.tcp,
                           (struct sockaddr *)&address, on_connected);
  }
  free(text);
  if (error != 0) {
    Value reason =
        net_error(iso, error, "connect", connect->address, connect->port);
    free(connect);
    net_settle(h->rt, &c->connecting, reason, true);
    net_handle_close(h);
    return promise;
  }
  net_handle_pin(h);
  return promise;
}

// read([buffer][, options]): a promise of bytes, or of their count in the
// buffer; null at the end.
Value net_read(Isolate *iso, const NativeCall *call) {
  Connection *c = connection_of(iso, call->this_value);
  if (c == NULL) return VALUE_EXCEPTION;
  NetHandle *h = &c->stream.handle;
  Value target = native_argument(call, 0);
  Value other = net_cancellable_call(iso, call, "read", &target);
  if (unlikely(!value_is_empty(other))) return other;
  if (c->buffered_at < c->buffered_length) {
    size_t length = c->buffered_length - c->buffered_at;
    Value result = take(iso, target, c->buffered + c->buffered_at, &length);
    if (value_is_exception(result)) return result;
    Value promise = net_resolved(iso, result);
    if (value_is_exception(promise)) return promise;
    c->buffered_at += length;
    if (c->buffered_at == c->buffered_length)
      c->buffered_at = c->buffered_length = 0;
    return promise;
  }
  if (unlikely(h->closing))
    return net_rejected(iso, net_closed_error(iso, "read"));
  if (unlikely(c->stream.ended)) {
    bool failed;
    Value result = end_value(c, &failed);
    return failed ? net_rejected(iso, result) : net_resolved(iso, result);
  }
  if (unlikely(net_is_waiting(&c->reader)))
    return net_rejected(iso, net_error(iso, UV_EBUSY, "read", NULL, -1));
  if (!value_is_undefined(target)) {
    uint8_t *bytes;
    size_t length;
    if (!rt_bytes_of(iso, target, &bytes, &length)) return VALUE_EXCEPTION;
    if (length == 0) return net_resolved(iso, value_from_int(0));
  }
  Value promise = net_wait(iso, &c->reader);
  if (value_is_exception(promise)) return promise;
  int error = stream_start(&c->stream);
  if (error != 0) {
    net_settle_status(h->rt, &c->reader, error, "read");
    return promise;
  }
  stream_want(&c->stream, !c->unreferenced);
  net_handle_pin(h);
  net_slot_set(h->rt, &c->target, target);
  return promise;
}

// unread(connection, bytes): they come again, before what follows.
Value net_unread(Isolate *iso, const NativeCall *call) {
  Connection *c = connection_of(iso, native_argument(call, 0));
  if (c == NULL) return VALUE_EXCEPTION;
  uint8_t *bytes;
  size_t length;
  if (!rt_bytes_of(iso, native_argument(call, 1), &bytes, &length))
    return VALUE_EXCEPTION;
  if (length == 0 || c->stream.handle.closing) return VALUE_UNDEFINED;
  if (c->buffered_at == c->buffered_length) {
    c->stream.events->data(&c->stream, bytes, length);
    return VALUE_UNDEFINED;
  }
  uint8_t *later = c->buffered;
  size_t from = c->buffered_at, to = c->buffered_length;
  c->buffered = NULL;
  c->buffered_at = c->buffered_length = c->buffered_capacity = 0;
  bool kept = keep(c, bytes, length) && keep(c, later + from, to - from);
  free(later);
  return kept ? VALUE_UNDEFINED : vm_throw_out_of_memory(iso);
}

static int open_half(Runtime *rt, uv_os_sock_t descriptor, Connection **out) {
  int error = connection_new(rt, true, out);
  if (error == 0) {
    error = stream_open(&(*out)->stream, descriptor);
    if (error != 0) net_handle_close(&(*out)->stream.handle);
  }
  if (error != 0) close(descriptor);
  return error;
}

// newPair(): two connections, each the other's peer.
Value net_new_pair(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (net_of(rt) == NULL) return VALUE_EXCEPTION;
  uv_os_sock_t descriptors[2];
  Connection *first, *second;
  int error = uv_socketpair(SOCK_STREAM, 0, descriptors, UV_NONBLOCK_PIPE,
                            UV_NONBLOCK_PIPE);
  if (error == 0) {
    error = open_half(rt, descriptors[0], &first);
    if (error != 0) {
      close(descriptors[1]);
    } else {
      error = open_half(rt, descriptors[1], &second);
      if (error != 0) net_handle_close(&first->stream.handle);
    }
  }
  if (error != 0)
    return vm_throw(iso, net_error(iso, error, "socketpair", NULL, -1));
  Value ends[] = {connection_object(first), connection_object(second)};
  if (value_is_exception(ends[0]) || value_is_exception(ends[1])) {
    net_handle_close(&first->stream.handle);
    net_handle_close(&second->stream.handle);
    return VALUE_EXCEPTION;
  }
  Array *pair = vm_array_from(iso, ends, 2);
  return pair == NULL ? VALUE_EXCEPTION : value_from_cell(pair);
}

// cancelRead(connection): a pending read rejects, no data is lost.
Value net_cancel_read(Isolate *iso, const NativeCall *call) {
  Connection *c = connection_of(iso, native_argument(call, 0));
  if (c == NULL) return VALUE_EXCEPTION;
  cancel(&c->stream.handle);
  return VALUE_UNDEFINED;
}

// write(text or bytes[, options])
Value net_write(Isolate *iso, const NativeCall *call) {
  Connection *c = connection_of(iso, call->this_value);
  if (c == NULL) return VALUE_EXCEPTION;
  if (unlikely(call->argc > 1)) {
    Value data = call->argv[0];
    Value other = net_cancellable_call(iso, call, "write", &data);
    if (!value_is_empty(other)) return other;
  }
  NetBytes data;
  if (!net_bytes_of(iso, native_argument(call, 0), &data))
    return VALUE_EXCEPTION;
  int error = UV_EPIPE;
  StreamWrite *queued = NULL;
  if (likely(!c->write_ended && !c->linger_close))
    error = stream_write(&c->stream, data.bytes, data.length, &queued);
  free(data.owned);
  if (unlikely(error != 0))
    return net_rejected(iso, stream_error(&c->stream, error, "write"));
  if (likely(queued == NULL)) return net_resolved(iso, VALUE_UNDEFINED);
  Value promise = net_wait(iso, &queued->waiter);
  if (!value_is_exception(promise)) net_handle_pin(&c->stream.handle);
  return promise;
}

static void on_shutdown(Stream *s, int error) {
  Connection *c = (Connection *)s;
  net_settle_status(s->handle.rt, &c->shutting, error, "shutdown");
  net_handle_unpin(&s->handle);
}

// closeWrite([options]): a promise of the end having been sent.
Value net_close_write(Isolate *iso, const NativeCall *call) {
  Connection *c = connection_of(iso, call->this_value);
  if (c == NULL) return VALUE_EXCEPTION;
  Value other = net_cancellable_call(iso, call, "closeWrite", NULL);
  if (!value_is_empty(other)) return other;
  if (net_is_waiting(&c->shutting)) return net_slot(&c->shutting);
  if (c->write_ended) return net_resolved(iso, VALUE_UNDEFINED);
  int error = c->stream.handle.closing
                  ? UV_ENOTCONN
                  : stream_shutdown(&c->stream, on_shutdown);
  if (error != 0)
    return net_rejected(iso, net_error(iso, error, "shutdown", NULL, -1));
  c->write_ended = true;
  net_handle_pin(&c->stream.handle);
  return net_wait(iso, &c->shutting);
}

// close([options]): what is queued is still written. A promise of the end.
Value net_close_connection(Isolate *iso, const NativeCall *call) {
  Connection *c = connection_of(iso, call->this_value);
  if (c == NULL) return VALUE_EXCEPTION;
  Value other = net_cancellable_call(iso, call, "close", NULL);
  if (!value_is_empty(other)) return other;
  NetHandle *h = &c->stream.handle;
  stream_say_end(&c->stream);
  if (c->stream.queued != 0 && !h->closing) {
    c->linger_close = true;
    cancel(h);
  } else {
    net_handle_close(h);
  }
  return net_handle_closed_promise(h);
}

// abort(): at once; the peer of a TCP connection sees a reset.
Value net_abort(Isolate *iso, const NativeCall *call) {
  Connection *c = connection_of(iso, call->this_value);
  if (c == NULL) return VALUE_EXCEPTION;
  NetHandle *h = &c->stream.handle;
  uv_os_fd_t descriptor;
  if (!h->closing && !c->stream.is_pipe &&
      uv_fileno(&h->uv.any, &descriptor) == 0) {
    struct linger none = {.l_onoff = 1, .l_linger = 0};
    setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &none, sizeof none);
  }
  net_handle_close(h);
  return VALUE_UNDEFINED;
}

// referenceConnection(connection, on): do its reads keep the program running?
Value net_reference_connection(Isolate *iso, const NativeCall *call) {
  Connection *c = connection_of(iso, native_argument(call, 0));
  if (c == NULL) return VALUE_EXCEPTION;
  c->unreferenced = !value_as_bool(native_argument(call, 1));
  if (net_is_waiting(&c->reader)) stream_want(&c->stream, !c->unreferenced);
  return VALUE_UNDEFINED;
}

static Value option_result(Isolate *iso, int error) {
  if (error == 0) return VALUE_UNDEFINED;
  return vm_throw(iso, net_error(iso, error, "setsockopt", NULL, -1));
}

// setNoDelay(on = true)
Value net_set_no_delay(Isolate *iso, const NativeCall *call) {
  Connection *c = connection_of(iso, call->this_value);
  if (c == NULL) return VALUE_EXCEPTION;
  if (c->stream.is_pipe || c->stream.handle.closing) return VALUE_UNDEFINED;
  bool on = call->argc == 0 || vm_to_boolean(call->argv[0]);
  return option_result(iso, uv_tcp_nodelay(&c->stream.handle.uv.tcp, on));
}

// setKeepAlive(on = true, seconds = 60)
Value net_set_keep_alive(Isolate *iso, const NativeCall *call) {
  Connection *c = connection_of(iso, call->this_value);
  if (c == NULL) return VALUE_EXCEPTION;
  if (c->stream.is_pipe || c->stream.handle.closing) return VALUE_UNDEFINED;
  bool on = call->argc == 0 || vm_to_boolean(call->argv[0]);
  double seconds = 60;
  if (call->argc > 1 && !vm_to_double(iso, call->argv[1], &seconds))
    return VALUE_EXCEPTION;
  if (!(seconds >= 1 && seconds <= 32767))
    return vm_throw_range(iso, "setKeepAlive: seconds must be 1 to 32767");
  return option_result(
      iso, uv_tcp_keepalive(&c->stream.handle.uv.tcp, on, (unsigned)seconds));
}

// connectionAddress(connection, remote): {address, port, family}, {path}, or
// undefined.
Value net_connection_address(Isolate *iso, const NativeCall *call) {
  Connection *c = connection_of(iso, native_argument(call, 0));
  if (c == NULL) return VALUE_EXCEPTION;
  if (c->stream.is_pipe) {
    if (c->path == NULL) return VALUE_UNDEFINED;
    Object *o = vm_object_new(iso);
    return rt_put_text(iso, o, "path", c->path) ? value_from_cell(o)
                                                : VALUE_EXCEPTION;
  }
  return net_stream_address(&c->stream,
                            value_as_bool(native_argument(call, 1)));
}
