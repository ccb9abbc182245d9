// SPDX-License-Identifier: MIT
// UDP sockets: datagrams that arrive while nobody receives are kept up to a
// limit, then dropped, as the system would.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "runtime/arguments.h"
#include "runtime/io/net/granted.h"
#include "runtime/io/net/module.h"
#include "vm/objects/buffer.h"

enum { KEPT_DATAGRAMS = 64 };

typedef struct Packet {
  struct Packet *next;
  struct sockaddr_storage from;
  size_t length;
  uint8_t bytes[];
} Packet;

typedef struct Send Send;

typedef struct Datagram {
  NetHandle handle;
  Send *sends, **last_send; // that the system had no room for yet
  struct Room *room;        // watches for it while there are any
  GcHandle receiver;
  Packet *first, **last;
  unsigned kept;
  bool reading;
  bool unreferenced;       // receiving does not keep the program running
  bool hears_answers_only; // from whom it may send to
} Datagram;

static void stop_waiting(Datagram *d, Value result, bool failed) {
  net_settle(d->handle.rt, &d->receiver, result, failed);
  uv_unref(&d->handle.uv.any);
  net_handle_unpin(&d->handle);
}

static void cancel(NetHandle *h) {
  Datagram *d = (Datagram *)h;
  if (!net_is_waiting(&d->receiver)) return;
  stop_waiting(d, net_closed_error(h->rt->isolate, "recvmsg"), true);
}

// Sending what the system had no room for. libuv would do it, but not give back
// what it has, and a datagram whose signal or deadline cut it off is not to be
// sent any more. So its queue is ours, and a duplicate of the descriptor is
// watched, which libuv's own handle has no way to do.
struct Send {
  Send *next;
  GcHandle waiter;
  struct sockaddr_storage to;
  size_t length;
  uint8_t bytes[];
};

typedef struct Room {
  uv_poll_t poll;
  Datagram *datagram;
  int descriptor;
} Room;

static void on_room_closed(uv_handle_t *uv) {
  free(uv->data);
}

static void stop_watching(Datagram *d) {
  Room *room = d->room;
  if (room == NULL) return;
  d->room = NULL;
  uv_close((uv_handle_t *)&room->poll, on_room_closed);
  close(room->descriptor);
}

// Takes one out of the queue, and tells who waits.
static void end_send(Datagram *d, Send **link, int status) {
  Runtime *rt = d->handle.rt;
  Send *send = *link;
  *link = send->next;
  if (send->next == NULL) d->last_send = link;
  if (d->sends == NULL) stop_watching(d);
  net_settle_status(rt, &send->waiter, status, "sendmsg");
  net_slots_remove(rt, &send->waiter, 1);
  free(send);
  net_handle_unpin(&d->handle);
}

static void end_sends(Datagram *d, int status) {
  while (d->sends != NULL)
    end_send(d, &d->sends, status);
}

static int try_send(Datagram *d, const uint8_t *bytes, size_t length,
                    const struct sockaddr_storage *to) {
  uv_buf_t buffer = {.base = (char *)bytes, .len = length};
  return uv_udp_try_send(&d->handle.uv.udp, &buffer, 1,
                         (const struct sockaddr *)to);
}

static void on_room(uv_poll_t *poll, int status, int events) {
  Datagram *d = ((Room *)poll->data)->datagram;
  Runtime *rt = d->handle.rt;
  rt_enter(rt);
  net_handle_hold(&d->handle);
  while (d->sends != NULL) {
    const Send *first = d->sends;
    int error = try_send(d, first->bytes, first->length, &first->to);
    if (error == UV_EAGAIN) break;
    end_send(d, &d->sends, error < 0 ? error : 0);
  }
  rt_leave(rt, VALUE_UNDEFINED);
  net_handle_release(&d->handle);
}

static int watch_for_room(Datagram *d) {
  if (d->room != NULL) return 0;
  uv_os_fd_t descriptor;
  Room *room = malloc(sizeof *room);
  if (room == NULL) return UV_ENOMEM;
  int error = uv_fileno(&d->handle.uv.any, &descriptor);
  if (error == 0) {
    room->descriptor = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    if (room->descriptor < 0) error = uv_translate_sys_error(errno);
  }
  if (error != 0) {
    free(room);
    return error;
  }
  error = uv_poll_init(&d->handle.rt->loop, &room->poll, room->descriptor);
  if (error != 0) {
    close(room->descriptor);
    free(room);
    return error;
  }
  room->poll.data = room;
  room->datagram = d;
  d->room = room;
  error = uv_poll_start(&room->poll, UV_WRITABLE, on_room);
  if (error != 0) stop_watching(d);
  return error;
}

static void free_datagram(NetHandle *h) {
  Datagram *d = (Datagram *)h;
  net_slots_remove(h->rt, &d->receiver, 1);
  for (Packet *next; d->first != NULL; d->first = next) {
    next = d->first->next;
    free(d->first);
  }
  free(d);
}

static void list_waits(NetHandle *h, TraceGraph *graph) {
  net_add_wait(graph, h, &((const Datagram *)h)->receiver, "receive");
}

static void on_close(NetHandle *h) {
  cancel(h);
  Datagram *d = (Datagram *)h;
  end_sends(d, UV_ECANCELED);
}

static bool stop(NetHandle *h, Value promise, Value reason) {
  Datagram *d = (Datagram *)h;
  if (!net_slot_is(&d->receiver, promise)) return false;
  stop_waiting(d, reason, true);
  return true;
}

static const NetHandleKind datagram_kind = {"Datagram", on_close, free_datagram,
                                            list_waits, NULL,     stop};

// {data, address, port, family}
static Value packet_value(Isolate *iso, const uint8_t *bytes, size_t length,
                          const struct sockaddr_storage *from) {
  TypedArray *array = vm_typed_array_create(iso, ELEMENT_UINT8, length);
  if (array == NULL) return VALUE_EXCEPTION;
  memcpy(array->data, bytes, length);
  Value packet = net_address_object(iso, from);
  if (value_is_undefined(packet)) packet = value_from_cell(vm_object_new(iso));
  if (!value_is_exception(packet))
    vm_put(iso, value_as_object(packet), vm_key_from_c("data"),
           value_from_cell(array), PROPERTY_DEFAULT);
  return packet;
}

static void keep(Datagram *d, const uint8_t *bytes, size_t length,
                 const struct sockaddr *from) {
  if (d->kept == KEPT_DATAGRAMS) return;
  Packet *packet = calloc(1, sizeof *packet + length);
  if (packet == NULL) return;
  memcpy(&packet->from, from,
         from->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                    : sizeof(struct sockaddr_in6));
  packet->length = length;
  memcpy(packet->bytes, bytes, length);
  *d->last = packet;
  d->last = &packet->next;
  d->kept++;
}

static void on_receive(uv_udp_t *uv, ssize_t count, const uv_buf_t *buffer,
                       const struct sockaddr *from, unsigned flags) {
  Datagram *d = uv->data;
  Runtime *rt = d->handle.rt;
  bool is_shared = buffer->base == (char *)rt->network->buffer;
  bool has_packet = count >= 0 && from != NULL;
  if (has_packet && d->hears_answers_only &&
      !net_may(rt, (const struct sockaddr_storage *)(const void *)from,
               RILL_GRANT_SEND)) {
    // Nobody who was asked.
  } else if (has_packet && !net_is_waiting(&d->receiver)) {
    keep(d, (const uint8_t *)buffer->base, (size_t)count, from);
  } else if (has_packet || (count < 0 && net_is_waiting(&d->receiver))) {
    rt_enter(rt);
    Isolate *iso = rt->isolate;
    if (count < 0) {
      stop_waiting(d, net_error(iso, (int)count, "recvmsg", NULL, -1), true);
    } else {
      struct sockaddr_storage address = {0};
      memcpy(&address, from,
             from->sa_family == AF_INET ? sizeof(struct sockaddr_in)
                                        : sizeof(struct sockaddr_in6));
      Value packet = packet_value(iso, (const uint8_t *)buffer->base,
                                  (size_t)count, &address);
      bool failed = value_is_exception(packet);
      stop_waiting(d, failed ? vm_take_exception(iso) : packet, failed);
    }
    rt_leave(rt, VALUE_UNDEFINED);
  }
  if (!is_shared) free(buffer->base);
}

// newDatagram(address or undefined, port, reuseAddress, reusePort): a bound
// socket.
Value net_new_datagram(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (!rt_arguments_are(iso, call, "sibB") || net_of(rt) == NULL)
    return VALUE_EXCEPTION;
  char *text = vm_string_to_utf8(iso, value_as_string(call->argv[0]), NULL);
  Datagram *d = calloc(1, sizeof *d);
  if (text == NULL || d == NULL || !net_slots_add(rt, &d->receiver, 1)) {
    free(text);
    free(d);
    return vm_throw_out_of_memory(iso);
  }
  int port = (int)value_as_number(call->argv[1]);
  d->last = &d->first;
  d->last_send = &d->sends;
  net_handle_init(rt, &d->handle, &datagram_kind);
  struct sockaddr_storage address;
  int error = net_parse_address(text, port, &address) ? 0 : UV_EINVAL;
  if (error == 0 && !net_may(rt, &address, RILL_GRANT_RECEIVE)) {
    // One to send with is bound to no port of its own, and hears answers only.
    d->hears_answers_only = true;
    if (port != 0 || !grants_have_network(rt->options.grants, RILL_GRANT_SEND))
      error = UV_EACCES;
  }
  if (error == 0)
    error = uv_udp_init_ex(&rt->loop, &d->handle.uv.udp, address.ss_family);
  if (error != 0) {
    net_handle_discard(&d->handle);
  } else {
    d->handle.uv.any.data = d;
    uv_unref(&d->handle.uv.any);
    uv_os_fd_t descriptor;
    int on = 1;
    if (value_as_bool(native_argument(call, 3)) &&
        (error = uv_fileno(&d->handle.uv.any, &descriptor)) == 0 &&
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0)
      error = uv_translate_sys_error(errno);
    if (error == 0)
      error = uv_udp_bind(
          &d->handle.uv.udp, (struct sockaddr *)&address,
          value_as_bool(native_argument(call, 2)) ? UV_UDP_REUSEADDR : 0);
    if (error != 0) net_handle_close(&d->handle);
  }
  Value result = error == 0
                     ? net_handle_object(&d->handle, NET_DATAGRAM)
                     : vm_throw(iso, net_error(iso, error, "bind", text, port));
  free(text);
  return result;
}

static Datagram *this_datagram(Isolate *iso, Value value) {
  return (Datagram *)net_handle_this(iso, value, &datagram_kind);
}

// receive([options]): a promise of {data, address, port, family}.
Value net_receive(Isolate *iso, const NativeCall *call) {
  Datagram *d = this_datagram(iso, call->this_value);
  if (d == NULL) return VALUE_EXCEPTION;
  Value other = net_cancellable_call(iso, call, "receive", NULL);
  if (!value_is_empty(other)) return other;
  if (d->handle.closing)
    return net_rejected(iso, net_closed_error(iso, "recvmsg"));
  if (d->first != NULL) {
    Packet *packet = d->first;
    Value result =
        packet_value(iso, packet->bytes, packet->length, &packet->from);
    if (value_is_exception(result)) return result;
    Value promise = net_resolved(iso, result);
    if (value_is_exception(promise)) return promise;
    d->first = packet->next;
    if (d->first == NULL) d->last = &d->first;
    d->kept--;
    free(packet);
    return promise;
  }
  if (net_is_waiting(&d->receiver))
    return net_rejected(iso, net_error(iso, UV_EBUSY, "recvmsg", NULL, -1));
  Value promise = net_wait(iso, &d->receiver);
  if (value_is_exception(promise)) return promise;
  if (!d->reading) {
    int error = uv_udp_recv_start(&d->handle.uv.udp, net_allocate, on_receive);
    if (error != 0) {
      net_settle_status(d->handle.rt, &d->receiver, error, "recvmsg");
      return promise;
    }
    d->reading = true;
  }
  if (!d->unreferenced) uv_ref(&d->handle.uv.any);
  net_handle_pin(&d->handle);
  return promise;
}

// referenceDatagram(datagram, on): does receiving keep the program running?
Value net_reference_datagram(Isolate *iso, const NativeCall *call) {
  Datagram *d = this_datagram(iso, native_argument(call, 0));
  if (d == NULL) return VALUE_EXCEPTION;
  d->unreferenced = !value_as_bool(native_argument(call, 1));
  if (!net_is_waiting(&d->receiver) || d->handle.closing)
    return VALUE_UNDEFINED;
  if (d->unreferenced) {
    uv_unref(&d->handle.uv.any);
  } else {
    uv_ref(&d->handle.uv.any);
  }
  return VALUE_UNDEFINED;
}

// cancelReceive(datagram)
Value net_cancel_receive(Isolate *iso, const NativeCall *call) {
  Datagram *d = this_datagram(iso, native_argument(call, 0));
  if (d == NULL) return VALUE_EXCEPTION;
  cancel(&d->handle);
  return VALUE_UNDEFINED;
}

// cancelSend(datagram, promise): it is not sent any more.
Value net_cancel_send(Isolate *iso, const NativeCall *call) {
  Datagram *d = this_datagram(iso, native_argument(call, 0));
  if (d == NULL) return VALUE_EXCEPTION;
  Value promise = native_argument(call, 1);
  for (Send **link = &d->sends; *link != NULL; link = &(*link)->next) {
    if (!net_is_waiting(&(*link)->waiter) ||
        net_slot(&(*link)->waiter) != promise)
      continue;
    end_send(d, link, UV_ECANCELED);
    break;
  }
  return VALUE_UNDEFINED;
}

// Behind those that wait already. EXCEPTION: *error says why not.
static Value queue(Datagram *d, const NetBytes *data,
                   const struct sockaddr_storage *to, int *error) {
  Runtime *rt = d->handle.rt;
  Send *send = calloc(1, sizeof *send + data->length);
  *error = UV_ENOMEM;
  if (send == NULL || !net_slots_add(rt, &send->waiter, 1)) {
    free(send);
    return VALUE_EXCEPTION;
  }
  *error = watch_for_room(d);
  if (*error != 0) {
    net_slots_remove(rt, &send->waiter, 1);
    free(send);
    return VALUE_EXCEPTION;
  }
  send->to = *to;
  send->length = data->length;
  memcpy(send->bytes, data->bytes, data->length);
  *d->last_send = send;
  d->last_send = &send->next;
  net_handle_pin(&d->handle);
  return net_wait(rt->isolate, &send->waiter);
}

// The same with {signal, timeout}. EMPTY: there are none.
static Value send_limited(Isolate *iso, const NativeCall *call) {
  Array *arguments = vm_array_new(iso, 0);
  for (uint32_t i = 0; i < 3; i++) {
    if (!vm_array_push(iso, arguments, call->argv[i])) return VALUE_EXCEPTION;
  }
  return net_limited_call(iso, &rt_of(iso)->network->cancellable,
                          call->this_value, "send", value_from_cell(arguments),
                          call->argv[3]);
}

// send(data, address, port[, options]): sent at once where the system takes it.
Value net_send(Isolate *iso, const NativeCall *call) {
  Datagram *d = this_datagram(iso, call->this_value);
  if (d == NULL) return VALUE_EXCEPTION;
  if (call->argc > 3) {
    Value other = send_limited(iso, call);
    if (!value_is_empty(other)) return other;
  }
  double port;
  String *host = vm_to_string(iso, native_argument(call, 1));
  if (host == NULL || !vm_to_double(iso, native_argument(call, 2), &port))
    return VALUE_EXCEPTION;
  if (!(port >= 1 && port <= 65535))
    return vm_throw_range(iso, "send: the port must be 1 to 65535");
  char *text = vm_string_to_utf8(iso, host, NULL);
  if (text == NULL) return vm_throw_out_of_memory(iso);
  struct sockaddr_storage address;
  bool known = net_parse_address(text, (int)port, &address);
  NetBytes data = {0};
  if (!net_bytes_of(iso, native_argument(call, 0), &data)) {
    free(text);
    return VALUE_EXCEPTION;
  }
  int error = d->handle.closing ? UV_EBADF : known ? 0 : UV_EINVAL;
  if (error == 0 && !net_may(d->handle.rt, &address, RILL_GRANT_SEND))
    error = UV_EACCES;
  Value result = VALUE_EMPTY;
  if (error == 0)
    error = d->sends != NULL ? UV_EAGAIN
                             : try_send(d, data.bytes, data.length, &address);
  if (error == UV_EAGAIN) result = queue(d, &data, &address, &error);
  if (error < 0)
    result =
        net_rejected(iso, net_error(iso, error, "sendmsg", text, (int)port));
  free(text);
  free(data.owned);
  return value_is_empty(result) ? net_resolved(iso, VALUE_UNDEFINED) : result;
}

// close(): a promise of its end.
Value net_close_datagram(Isolate *iso, const NativeCall *call) {
  Datagram *d = this_datagram(iso, call->this_value);
  if (d == NULL) return VALUE_EXCEPTION;
  net_handle_close(&d->handle);
  return net_handle_closed_promise(&d->handle);
}

// datagramAddress(datagram)
Value net_datagram_address(Isolate *iso, const NativeCall *call) {
  Datagram *d = this_datagram(iso, native_argument(call, 0));
  if (d == NULL) return VALUE_EXCEPTION;
  struct sockaddr_storage address = {0};
  int size = sizeof address;
  if (d->handle.closing) return VALUE_UNDEFINED;
  int error =
      uv_udp_getsockname(&d->handle.uv.udp, (struct sockaddr *)&address, &size);
  if (error != 0)
    return vm_throw(iso, net_error(iso, error, "getsockname", NULL, -1));
  return net_address_object(iso, &address);
}

// The size of a buffer; 0: tells it.
static Value buffer_size(Isolate *iso, uv_handle_t *handle, const char *name,
                         int size) {
  int error = strcmp(name, "sendBuffer") == 0
                  ? uv_send_buffer_size(handle, &size)
                  : uv_recv_buffer_size(handle, &size);
  return error == 0
             ? value_from_int(size)
             : vm_throw(iso, net_error(iso, error, "setsockopt", NULL, -1));
}

// A group's traffic is the network's; an interface is told by its address.
static bool may_join(const Runtime *rt, const char *group) {
  struct sockaddr_storage address;
  return !rt->options.deny_net ||
         (net_parse_address(group, 0, &address) &&
          grants_have_address(rt->options.grants, &address, ANY_PORT,
                              RILL_GRANT_RECEIVE));
}

// datagramOption(datagram, name, value, interface): "broadcast", "ttl",
// "multicastTtl", "multicastLoopback", "multicastInterface", "join", "leave",
// "sendBuffer", "receiveBuffer"; the last two give their size.
Value net_datagram_option(Isolate *iso, const NativeCall *call) {
  Datagram *d = this_datagram(iso, native_argument(call, 0));
  if (d == NULL) return VALUE_EXCEPTION;
  if (!rt_arguments_are(iso, call, "os..")) return VALUE_EXCEPTION;
  if (d->handle.closing)
    return vm_throw(iso, net_error(iso, UV_EBADF, "setsockopt", NULL, -1));
  char *name = vm_string_to_utf8(iso, value_as_string(call->argv[1]), NULL);
  if (name == NULL) return vm_throw_out_of_memory(iso);
  Value value = call->argv[2];
  uv_udp_t *udp = &d->handle.uv.udp;
  int error = UV_EINVAL;
  if (value_is_string(value)) {
    char *group = vm_string_to_utf8(iso, value_as_string(value), NULL);
    Value through = native_argument(call, 3);
    char *interface =
        value_is_string(through)
            ? vm_string_to_utf8(iso, value_as_string(through), NULL)
            : NULL;
    if (group == NULL || (value_is_string(through) && interface == NULL)) {
      error = UV_ENOMEM;
    } else if (!may_join(d->handle.rt, group)) {
      error = UV_EACCES;
    } else if (strcmp(name, "multicastInterface") == 0) {
      error = uv_udp_set_multicast_interface(udp, group);
    } else {
      error = uv_udp_set_membership(udp, group, interface,
                                    strcmp(name, "join") == 0 ? UV_JOIN_GROUP
                                                              : UV_LEAVE_GROUP);
    }
    free(interface);
    free(group);
  } else if (value_is_number(value)) {
    int ttl = (int)value_as_number(value);
    if (strstr(name, "Buffer") != NULL) {
      Value size = buffer_size(iso, &d->handle.uv.any, name, ttl);
      free(name);
      return size;
    }
    error = strcmp(name, "ttl") == 0 ? uv_udp_set_ttl(udp, ttl)
                                     : uv_udp_set_multicast_ttl(udp, ttl);
  } else {
    int on = value_as_bool(value);
    error = strcmp(name, "broadcast") == 0 ? uv_udp_set_broadcast(udp, on)
                                           : uv_udp_set_multicast_loop(udp, on);
  }
  free(name);
  return error == 0
             ? VALUE_UNDEFINED
             : vm_throw(iso, net_error(iso, error, "setsockopt", NULL, -1));
}
