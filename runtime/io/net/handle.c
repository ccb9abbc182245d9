// SPDX-License-Identifier: MIT
// The life of sockets, and the promises of their operations.
#include "runtime/io/net/handle.h"

#include <signal.h>
#include <stdlib.h>

#include "runtime/io/http/fetch.h"
#include "runtime/io/http/server.h"
#include "runtime/io/net/granted.h"
#include "runtime/io/net/module.h"
#include "runtime/io/net/poller.h"
#include "runtime/io/net/resolve.h"
#include "runtime/io/tls/tls.h"
#include "runtime/testing/testing.h"
#include "vm/interpreter/promise.h"

// A write to a socket whose peer is gone has to fail, not to kill the process.
// A host that handles the signal keeps its handler.
static void ignore_broken_pipes(void) {
  struct sigaction now;
  if (sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == SIG_DFL)
    signal(SIGPIPE, SIG_IGN);
}

Network *net_of(Runtime *rt) {
  if (unlikely(rt->options.deny_net) &&
      !grants_have_network(rt->options.grants, UINT32_MAX) &&
      !net_check_whole(rt))
    return NULL;
  return net_handles_of(rt);
}

Network *net_handles_of(Runtime *rt) {
  if (rt->network != NULL) return rt->network;
  Network *net = calloc(1, sizeof *net);
  if (net == NULL) {
    vm_throw_out_of_memory(rt->isolate);
    return NULL;
  }
  int error = poller_new(rt, &net->poller);
  if (error != 0) {
    free(net);
    vm_throw(rt->isolate,
             net_error(rt->isolate, error, "epoll_create", NULL, -1));
    return NULL;
  }
  for (int i = 0; i < NET_CLASS_COUNT; i++) {
    gc_root_add(rt->isolate->heap, &net->prototypes[i], VALUE_NULL);
  }
  gc_root_add(rt->isolate->heap, &net->cancellable, VALUE_UNDEFINED);
  gc_root_add(rt->isolate->heap, &net->limited_body, VALUE_UNDEFINED);
  ignore_broken_pipes();
  rt->network = net;
  return net;
}

void net_allocate(uv_handle_t *uv, size_t suggested, uv_buf_t *out) {
  Network *net = ((NetHandle *)uv->data)->rt->network;
  out->len = NET_READ_BUFFER;
  out->base = net->buffer_busy ? malloc(NET_READ_BUFFER) : (char *)net->buffer;
  if (out->base == NULL) out->len = 0;
}

void rt_network_close(Runtime *rt) {
  Network *net = rt->network;
  if (net == NULL) return;
  net_lookups_cancel(rt);
  for (NetHandle *h = net->handles; h != NULL; h = h->next) {
    net_handle_close(h);
  }
  poller_close(net->poller);
  http_close(rt);
  fetches_close(rt);
  tls_close_shared(rt);
}

void rt_network_free(Runtime *rt) {
  Network *net = rt->network;
  if (net == NULL) return;
  http_free(rt);
  fetches_free(rt);
  tls_free_shared(rt);
  for (int i = 0; i < NET_CLASS_COUNT; i++) {
    gc_root_remove(rt->isolate->heap, &net->prototypes[i]);
  }
  gc_root_remove(rt->isolate->heap, &net->cancellable);
  gc_root_remove(rt->isolate->heap, &net->limited_body);
  net_forget_addresses(rt);
  rt->network = NULL;
  free(net);
}

bool rt_network_stop_wait(Runtime *rt, Value promise, Value reason) {
  if (rt->network == NULL) return false;
  for (NetHandle *h = rt->network->handles; h != NULL; h = h->next) {
    if (h->kind->stop != NULL && h->kind->stop(h, promise, reason)) return true;
  }
  return false;
}

void net_handle_init(Runtime *rt, NetHandle *h, const NetHandleKind *kind) {
  Network *net = rt->network;
  h->rt = rt;
  h->kind = kind;
  h->next = net->handles;
  if (h->next != NULL) h->next->previous = h;
  net->handles = h;
  rt_track(rt, h, kind->name, &h->uv.any);
}

static void unlink_handle(NetHandle *h) {
  if (h->next != NULL) h->next->previous = h->previous;
  if (h->previous != NULL) {
    h->previous->next = h->next;
  } else {
    h->rt->network->handles = h->next;
  }
}

bool net_slots_add(Runtime *rt, GcHandle *slots, unsigned count) {
  for (unsigned i = 0; i < count; i++) {
    if (gc_handle_add(rt->isolate->heap, &slots[i], VALUE_EMPTY)) continue;
    net_slots_remove(rt, slots, i);
    return false;
  }
  return true;
}

void net_slots_remove(Runtime *rt, GcHandle *slots, unsigned count) {
  for (unsigned i = 0; i < count; i++)
    gc_handle_remove(rt->isolate->heap, &slots[i]);
}

static void free_if_unused(NetHandle *h) {
  if (!h->closed || h->object != NULL || h->users != 0) return;
  net_slots_remove(h->rt, &h->self, 1);
  net_slots_remove(h->rt, &h->close_waiter, 1);
  if (h->kind->free != NULL) {
    h->kind->free(h);
  } else {
    free(h);
  }
}

// The object is dead: nobody can use the handle any more.
static void finalize(void *data) {
  NetHandle *h = data;
  h->object = NULL;
  net_handle_close(h);
  free_if_unused(h);
}

Value net_handle_object(NetHandle *h, int class) {
  if (h->object != NULL) return value_from_cell(h->object);
  Isolate *iso = h->rt->isolate;
  if (!net_slots_add(h->rt, &h->self, 1) ||
      !net_slots_add(h->rt, &h->close_waiter, 1)) {
    net_handle_close(h);
    return vm_throw_out_of_memory(iso);
  }
  Value prototype = h->rt->network->prototypes[class].word;
  HostObject *o = vm_object_allocate(
      iso, CELL_HOST_OBJECT, sizeof(HostObject),
      value_is_object(prototype) ? value_as_object(prototype)
                                 : INTRINSIC_OBJECT(iso, ObjectPrototype));
  o->type = h->kind;
  o->data = h;
  o->finalize = finalize;
  h->object = o;
  if (h->pins != 0) net_slot_set(h->rt, &h->self, value_from_cell(o));
  gc_add_finalizer(iso->heap, o);
  return value_from_cell(o);
}

NetHandle *net_handle_this(Isolate *iso, Value this_value,
                           const NetHandleKind *kind) {
  if (value_is_kind(this_value, CELL_HOST_OBJECT)) {
    HostObject *o = (HostObject *)value_as_cell(this_value);
    if (likely(o->type == kind)) return o->data;
  }
  vm_throw_type(iso, "The receiver is no %s", kind->name);
  return NULL;
}

void net_handle_pin(NetHandle *h) {
  if (h->pins++ == 0 && h->object != NULL)
    net_slot_set(h->rt, &h->self, value_from_cell(h->object));
}

void net_handle_unpin(NetHandle *h) {
  if (--h->pins == 0) net_slot_clear(h->rt, &h->self);
}

void net_handle_hold(NetHandle *h) {
  h->users++;
}

void net_handle_release(NetHandle *h) {
  h->users--;
  free_if_unused(h);
}

static void on_closed(uv_handle_t *uv) {
  NetHandle *h = uv->data;
  Runtime *rt = h->rt;
  unlink_handle(h);
  h->closed = true;
  bool waiting = net_is_waiting(&h->close_waiter);
  if (waiting) {
    rt_enter(rt);
    net_settle(rt, &h->close_waiter, VALUE_UNDEFINED, false);
    net_handle_unpin(h);
  }
  free_if_unused(h);
  if (waiting) rt_leave(rt, VALUE_UNDEFINED);
}

void net_handle_close(NetHandle *h) {
  if (h->closing) return;
  h->closing = true;
  rt_untrack(h->rt, h);
  h->uv.any.data = h;
  h->kind->cancel(h);
  if (h->leave != NULL) h->leave(h);
  uv_close(&h->uv.any, on_closed);
}

void net_handle_discard(NetHandle *h) {
  rt_untrack(h->rt, h);
  unlink_handle(h);
  h->closing = h->closed = true;
  free_if_unused(h);
}

NetHandle *net_handle_any(Isolate *iso, Value value) {
  HostObject *o = value_is_kind(value, CELL_HOST_OBJECT)
                      ? (HostObject *)value_as_cell(value)
                      : NULL;
  if (o != NULL && o->finalize == finalize) return o->data;
  vm_throw_type_value(iso, "%s is no handle", value);
  return NULL;
}

// reference(handle, on): does it keep the program running?
Value net_reference(Isolate *iso, const NativeCall *call) {
  NetHandle *h = net_handle_any(iso, native_argument(call, 0));
  if (h == NULL) return VALUE_EXCEPTION;
  bool on = value_as_bool(native_argument(call, 1));
  if (h->kind->want != NULL) {
    h->kind->want(h, on);
  } else if (on) {
    uv_ref(&h->uv.any);
  } else {
    uv_unref(&h->uv.any);
  }
  return VALUE_UNDEFINED;
}

Value net_handle_closed_promise(NetHandle *h) {
  Isolate *iso = h->rt->isolate;
  if (h->closed) return net_resolved(iso, VALUE_UNDEFINED);
  if (net_is_waiting(&h->close_waiter)) return net_slot(&h->close_waiter);
  Value promise = net_wait(iso, &h->close_waiter);
  if (!value_is_exception(promise)) net_handle_pin(h);
  return promise;
}

Value net_wait(Isolate *iso, GcHandle *slot) {
  Value promise = value_from_cell(vm_promise_new(iso));
  // A lack of memory is told of here.
  if (!vm_poll(iso, 0)) return VALUE_EXCEPTION;
  net_slot_set(rt_of(iso), slot, promise);
  return promise;
}

void net_settle(Runtime *rt, GcHandle *slot, Value result, bool failed) {
  Isolate *iso = rt->isolate;
  if (!net_is_waiting(slot)) return;
  Promise *promise = (Promise *)value_as_cell(net_slot(slot));
  net_slot_clear(rt, slot);
  if (rt->exiting) return;
  if (failed) {
    vm_promise_reject(iso, promise, result);
  } else {
    vm_promise_fulfill(iso, promise, result);
  }
}

void net_settle_status(Runtime *rt, GcHandle *slot, int status,
                       const char *operation) {
  if (!net_is_waiting(slot)) return;
  net_settle(rt, slot,
             status == 0 ? VALUE_UNDEFINED
                         : net_error(rt->isolate, status, operation, NULL, -1),
             status != 0);
}

Value net_resolved(Isolate *iso, Value value) {
  Promise *promise = vm_promise_new(iso);
  if (!vm_poll(iso, 0)) return VALUE_EXCEPTION;
  vm_promise_fulfill(iso, promise, value);
  return value_from_cell(promise);
}

Value net_rejected(Isolate *iso, Value reason) {
  Promise *promise = vm_promise_new(iso);
  vm_promise_reject(iso, promise, reason);
  return value_from_cell(promise);
}
