// SPDX-License-Identifier: MIT
// rill:internal/sync: the objects of runtime/sync for modules/lib/rill/sync.js.
// Values travel as messages, which broadcast and watch share between receivers.
#include <stdlib.h>

#include "rill/sync.h"
#include "runtime/modules/native_modules.h"
#include "runtime/tasks/futures.h"
#include "runtime/tasks/messages.h"
#include "runtime/tasks/sync_handles.h"
#include "runtime/web/structured_clone.h"
#include "vm/objects/elements.h"

// Types -----------------------------------------------------------------------

#define SHARED_TYPE(name)                                                      \
  static void *share_##name(void *object) {                                    \
    rill_##name##_retain(object);                                              \
    return object;                                                             \
  }                                                                            \
  static void release_##name(void *object) {                                   \
    rill_##name##_release(object);                                             \
  }                                                                            \
  static const SyncType name##_type = {#name, share_##name, release_##name,    \
                                       false};
SHARED_TYPE(semaphore)
// A semaphore of one permit.
static const SyncType mutex_type = {"mutex", share_semaphore, release_semaphore,
                                    false};
SHARED_TYPE(rwlock)
SHARED_TYPE(notify)
SHARED_TYPE(barrier)
SHARED_TYPE(token)
#define SENDER_TYPE(type, name)                                                \
  static void *share_##type(void *object) {                                    \
    return rill_##name##_clone(object);                                        \
  }                                                                            \
  static void release_##type(void *object) {                                   \
    rill_##name##_free(object);                                                \
  }                                                                            \
  static const SyncType type##_type = {#type, share_##type, release_##type,    \
                                       true};
SENDER_TYPE(sender, sender)
SENDER_TYPE(broadcast_sender, broadcast_sender)
SENDER_TYPE(watch_sender, watch_sender)
#define RECEIVER_TYPE(type, name)                                              \
  static void release_##type(void *object) {                                   \
    rill_##name##_free(object);                                                \
  }                                                                            \
  static const SyncType type##_type = {#type, NULL, release_##type, true};
RECEIVER_TYPE(receiver, receiver)
RECEIVER_TYPE(broadcast_receiver, broadcast_receiver)
RECEIVER_TYPE(watch_receiver, watch_receiver)

static Value handle_value(Isolate *iso, const SyncType *type, void *object) {
  HostObject *o = rt_sync_handle_new(iso, type, object);
  return o == NULL ? VALUE_EXCEPTION : value_from_cell(o);
}

static size_t count_of(const NativeCall *call, uint32_t i) {
  Value value = native_argument(call, i);
  double number = value_is_number(value) ? value_as_number(value) : 0;
  return number >= 0 && number < 0x1p53 ? (size_t)number : 0;
}

// Futures that borrow a handle
// -----------------------------------------------------

// Each begins with the future itself, which is at most this large.
typedef struct Borrowing {
  union {
    rill_future future;
    rill_acquire acquire;
    rill_notified notified;
    rill_barrier_waiting barrier;
    rill_cancelled cancelled;
    rill_send send;
    rill_sender_closed closed;
    rill_recv recv;
    rill_broadcast_recv broadcast;
    rill_watch_changed watch;
  };
  SyncHandle *handle;
  Message **out; // what was received; owned
  Message *sent; // a reference until the channel has it; or NULL
} Borrowing;

static void release_borrowing(rill_future *future) {
  Borrowing *b = (Borrowing *)(void *)future;
  if (b->sent != NULL) rt_message_release(b->sent);
  free(b->out);
  rt_sync_handle_release(b->handle);
}

static void describe_borrowing(TraceSnapshot *s, Runtime *rt,
                               const void *future, TraceWait *out) {
  const Borrowing *b = future;
  const SyncType *type = b->handle->type;
  bool is_lock =
      type == &mutex_type || type == &semaphore_type || type == &rwlock_type;
  (void)rt;
  out->kind = is_lock ? TRACE_WAIT_LOCK : TRACE_WAIT_CHANNEL;
  out->resource = b->handle->object;
  out->text = trace_text(s, is_lock ? "a %s" : "a %s's event", type->name);
}

static Value start(Isolate *iso, Borrowing *b, SyncHandle *handle,
                   const ScriptFutureType *type) {
  b->handle = handle;
  handle->references++;
  Promise *p = rt_future_promise(rt_of(iso), &b->future, sizeof *b, type);
  return p == NULL ? VALUE_EXCEPTION : value_from_cell(p);
}

static Value finish_nothing(Isolate *iso, rill_future *future) {
  return VALUE_UNDEFINED;
}

// Was it acquired? False: closed.
static Value finish_acquire(Isolate *iso, rill_future *future) {
  return value_from_bool(((rill_acquire *)future)->status == RILL_OK);
}
static const ScriptFutureType acquiring = {finish_acquire, release_borrowing,
                                           false, describe_borrowing};

// Semaphore
// ---------------------------------------------------------------------

static Value new_semaphore(Isolate *iso, const NativeCall *call) {
  return handle_value(iso, &semaphore_type,
                      rill_semaphore_new(count_of(call, 0)));
}

static Value new_mutex(Isolate *iso, const NativeCall *call) {
  (void)call;
  return handle_value(iso, &mutex_type, rill_semaphore_new(1));
}

static Value acquire(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &semaphore_type, &mutex_type);
  if (h == NULL) return VALUE_EXCEPTION;
  Borrowing b = {.out = NULL};
  rill_acquire_init(&b.acquire, h->object, count_of(call, 1));
  return start(iso, &b, h, &acquiring);
}

static Value try_acquire(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &semaphore_type, &mutex_type);
  if (h == NULL) return VALUE_EXCEPTION;
  return value_from_bool(
      rill_semaphore_try_acquire(h->object, count_of(call, 1)) == RILL_OK);
}

static Value add_permits(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &semaphore_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  rill_semaphore_add(h->object, count_of(call, 1));
  return VALUE_UNDEFINED;
}

static Value available(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &semaphore_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  return value_from_number((double)rill_semaphore_available(h->object));
}

static Value close_semaphore(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &semaphore_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  rill_semaphore_close(h->object);
  return VALUE_UNDEFINED;
}

// Reader-writer lock
// --------------------------------------------------------------

static Value new_rwlock(Isolate *iso, const NativeCall *call) {
  return handle_value(iso, &rwlock_type, rill_rwlock_new());
}

// lock(handle, is it for writing)
static Value lock(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &rwlock_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  Borrowing b = {.out = NULL};
  if (value_as_bool(native_argument(call, 1))) {
    rill_rwlock_write_init(&b.acquire, h->object);
  } else {
    rill_rwlock_read_init(&b.acquire, h->object);
  }
  return start(iso, &b, h, &acquiring);
}

static Value try_lock(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &rwlock_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  rill_status status = value_as_bool(native_argument(call, 1))
                           ? rill_rwlock_try_write(h->object)
                           : rill_rwlock_try_read(h->object);
  return value_from_bool(status == RILL_OK);
}

// Notify, barrier, token
// ------------------------------------------------------------

static Value new_notify(Isolate *iso, const NativeCall *call) {
  return handle_value(iso, &notify_type, rill_notify_new());
}

static Value notified(Isolate *iso, const NativeCall *call) {
  static const ScriptFutureType type = {finish_nothing, release_borrowing,
                                        false, describe_borrowing};
  SyncHandle *h = rt_sync_argument(iso, call, &notify_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  Borrowing b = {.out = NULL};
  rill_notified_init(&b.notified, h->object);
  return start(iso, &b, h, &type);
}

// notify(handle, all)
static Value notify(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &notify_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  if (value_as_bool(native_argument(call, 1))) {
    rill_notify_all(h->object);
  } else {
    rill_notify_one(h->object);
  }
  return VALUE_UNDEFINED;
}

static Value new_barrier(Isolate *iso, const NativeCall *call) {
  return handle_value(iso, &barrier_type, rill_barrier_new(count_of(call, 0)));
}

static Value finish_barrier(Isolate *iso, rill_future *future) {
  return value_from_bool(((rill_barrier_waiting *)future)->leader);
}

static Value wait_barrier(Isolate *iso, const NativeCall *call) {
  static const ScriptFutureType type = {finish_barrier, release_borrowing,
                                        false, describe_borrowing};
  SyncHandle *h = rt_sync_argument(iso, call, &barrier_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  Borrowing b = {.out = NULL};
  rill_barrier_waiting_init(&b.barrier, h->object);
  return start(iso, &b, h, &type);
}

// newToken(parent or undefined)
static Value new_token(Isolate *iso, const NativeCall *call) {
  void *parent = NULL;
  if (native_argument(call, 0) != VALUE_UNDEFINED) {
    SyncHandle *h = rt_sync_argument(iso, call, &token_type, NULL);
    if (h == NULL) return VALUE_EXCEPTION;
    parent = h->object;
  }
  return handle_value(iso, &token_type, rill_token_new(parent));
}

static Value cancel_token(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &token_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  rill_token_cancel(h->object);
  return VALUE_UNDEFINED;
}

static Value is_cancelled(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &token_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  return value_from_bool(rill_token_is_cancelled(h->object));
}

static Value cancelled(Isolate *iso, const NativeCall *call) {
  static const ScriptFutureType type = {finish_nothing, release_borrowing, true,
                                        describe_borrowing};
  SyncHandle *h = rt_sync_argument(iso, call, &token_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  Borrowing b = {.out = NULL};
  rill_cancelled_init(&b.cancelled, h->object);
  return start(iso, &b, h, &type);
}

// Channels
// ------------------------------------------------------------------------

static Value is_closed(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &sender_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  return value_from_bool(rill_sender_is_closed(h->object));
}

static Value closed(Isolate *iso, const NativeCall *call) {
  static const ScriptFutureType type = {finish_nothing, release_borrowing, true,
                                        describe_borrowing};
  SyncHandle *h = rt_sync_argument(iso, call, &sender_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  Borrowing b = {.out = NULL};
  rill_sender_closed_init(&b.closed, h->object);
  return start(iso, &b, h, &type);
}

// newChannel(capacity, 0: unbounded): [sender, receiver]
static Value new_channel(Isolate *iso, const NativeCall *call) {
  rill_sender *sender;
  rill_receiver *receiver;
  if (rill_mpsc_new(&rt_message_element, count_of(call, 0), &sender,
                    &receiver) != RILL_OK) {
    return vm_throw_out_of_memory(iso);
  }
  Value parts[] = {handle_value(iso, &sender_type, sender),
                   handle_value(iso, &receiver_type, receiver)};
  if (value_is_exception(parts[0]) || value_is_exception(parts[1])) {
    return VALUE_EXCEPTION;
  }
  Array *pair = vm_array_from(iso, parts, 2);
  return pair == NULL ? VALUE_EXCEPTION : value_from_cell(pair);
}

// Was it sent? False: there is no receiver any more.
static Value finish_send(Isolate *iso, rill_future *future) {
  Borrowing *b = (Borrowing *)(void *)future;
  if (b->send.status == RILL_NO_MEMORY) return vm_throw_out_of_memory(iso);
  if (b->send.status == RILL_OK) b->sent = NULL;
  return value_from_bool(b->send.status == RILL_OK);
}

// send(sender, value, transfer or undefined)
static Value send_value(Isolate *iso, const NativeCall *call) {
  static const ScriptFutureType type = {finish_send, release_borrowing, false,
                                        describe_borrowing};
  SyncHandle *h = rt_sync_argument(iso, call, &sender_type, NULL);
  Message *m = h == NULL ? NULL
                         : rt_message_new(iso, native_argument(call, 1),
                                          native_argument(call, 2));
  if (m == NULL) return VALUE_EXCEPTION;
  Borrowing b = {.sent = m};
  rill_send_init(&b.send, h->object, &m->self);
  return start(iso, &b, h, &type);
}

// trySend(sender, value, transfer): 0: sent, 1: full, 2: closed.
static Value try_send(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &sender_type, NULL);
  Message *m = h == NULL ? NULL
                         : rt_message_new(iso, native_argument(call, 1),
                                          native_argument(call, 2));
  if (m == NULL) return VALUE_EXCEPTION;
  rill_status status = rill_sender_try_send(h->object, &m->self);
  if (status != RILL_OK) rt_message_release(m);
  if (status == RILL_NO_MEMORY) return vm_throw_out_of_memory(iso);
  return value_from_int(status == RILL_OK            ? 0
                        : status == RILL_WOULD_BLOCK ? 1
                                                     : 2);
}

static bool make_out(Isolate *iso, Borrowing *b) {
  b->out = calloc(1, sizeof *b->out);
  if (b->out == NULL) vm_throw_out_of_memory(iso);
  return b->out != NULL;
}

// [value], or undefined: closed.
static Value finish_receive(Isolate *iso, rill_future *future) {
  Borrowing *b = (Borrowing *)(void *)future;
  return b->recv.status == RILL_OK ? rt_message_boxed(iso, *b->out)
                                   : VALUE_UNDEFINED;
}

static Value receive(Isolate *iso, const NativeCall *call) {
  static const ScriptFutureType type = {finish_receive, release_borrowing,
                                        false, describe_borrowing};
  SyncHandle *h = rt_sync_argument(iso, call, &receiver_type, NULL);
  Borrowing b = {.sent = NULL};
  if (h == NULL || !make_out(iso, &b)) return VALUE_EXCEPTION;
  rill_recv_init(&b.recv, h->object, b.out);
  return start(iso, &b, h, &type);
}

// tryReceive(receiver): [value], null: empty, undefined: closed.
static Value try_receive(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &receiver_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  Message *m;
  rill_status status = rill_receiver_try_recv(h->object, &m);
  return status == RILL_OK            ? rt_message_boxed(iso, m)
         : status == RILL_WOULD_BLOCK ? VALUE_NULL
                                      : VALUE_UNDEFINED;
}

// sendMessage(sender, what serialize made), of unbounded channels: was it sent?
static Value send_message(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &sender_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  Clone clone;
  rt_clone_object_take(native_argument(call, 1), &clone);
  Message *m = rt_message_of_clone(iso, &clone);
  if (m == NULL) return VALUE_EXCEPTION;
  rill_status status = rill_sender_try_send(h->object, &m->self);
  if (status != RILL_OK) rt_message_release(m);
  if (status == RILL_NO_MEMORY) return vm_throw_out_of_memory(iso);
  return value_from_bool(status == RILL_OK);
}

// For deserialize; undefined: closed.
static Value finish_message(Isolate *iso, rill_future *future) {
  Borrowing *b = (Borrowing *)(void *)future;
  if (b->recv.status != RILL_OK) return VALUE_UNDEFINED;
  Message *m = *b->out; // ours alone: nobody copies it
  Value clone = rt_clone_object_new(iso, &m->clone);
  rt_message_release(m);
  return clone;
}

// receiveMessage(receiver, does the program stay alive for it)
static Value receive_message(Isolate *iso, const NativeCall *call) {
  static const ScriptFutureType strong = {finish_message, release_borrowing,
                                          false, describe_borrowing};
  static const ScriptFutureType weak = {finish_message, release_borrowing, true,
                                        describe_borrowing};
  SyncHandle *h = rt_sync_argument(iso, call, &receiver_type, NULL);
  Borrowing b = {.sent = NULL};
  if (h == NULL || !make_out(iso, &b)) return VALUE_EXCEPTION;
  rill_recv_init(&b.recv, h->object, b.out);
  return start(iso, &b, h,
               value_as_bool(native_argument(call, 1)) ? &strong : &weak);
}

static Value close_receiver(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &receiver_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  rill_receiver_close(h->object);
  return VALUE_UNDEFINED;
}

// Broadcast and watch
// ---------------------------------------------------------------

static Value new_broadcast(Isolate *iso, const NativeCall *call) {
  return handle_value(
      iso, &broadcast_sender_type,
      rill_broadcast_new(&rt_message_element, count_of(call, 0)));
}

static Value broadcast_send(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &broadcast_sender_type, NULL);
  Message *m = h == NULL ? NULL
                         : rt_message_new(iso, native_argument(call, 1),
                                          VALUE_UNDEFINED);
  if (m == NULL) return VALUE_EXCEPTION;
  rill_status status = rill_broadcast_send(h->object, &m->self);
  if (status != RILL_OK) rt_message_release(m);
  return value_from_bool(status == RILL_OK);
}

// subscribe(sender of broadcast or watch)
static Value subscribe(Isolate *iso, const NativeCall *call) {
  SyncHandle *h =
      rt_sync_argument(iso, call, &broadcast_sender_type, &watch_sender_type);
  if (h == NULL) return VALUE_EXCEPTION;
  if (h->type == &watch_sender_type) {
    return handle_value(iso, &watch_receiver_type,
                        rill_watch_subscribe(h->object));
  }
  return handle_value(iso, &broadcast_receiver_type,
                      rill_broadcast_subscribe(h->object));
}

// [value], the number of lost ones, or undefined: closed.
static Value finish_broadcast(Isolate *iso, rill_future *future) {
  Borrowing *b = (Borrowing *)(void *)future;
  if (b->broadcast.status == RILL_OK) return rt_message_boxed(iso, *b->out);
  return b->broadcast.status == RILL_LAGGED
             ? value_from_number((double)b->broadcast.missed)
             : VALUE_UNDEFINED;
}

static Value broadcast_receive(Isolate *iso, const NativeCall *call) {
  static const ScriptFutureType type = {finish_broadcast, release_borrowing,
                                        false, describe_borrowing};
  SyncHandle *h = rt_sync_argument(iso, call, &broadcast_receiver_type, NULL);
  Borrowing b = {.sent = NULL};
  if (h == NULL || !make_out(iso, &b)) return VALUE_EXCEPTION;
  rill_broadcast_recv_init(&b.broadcast, h->object, b.out);
  return start(iso, &b, h, &type);
}

static Value new_watch(Isolate *iso, const NativeCall *call) {
  Message *m = rt_message_new(iso, native_argument(call, 0), VALUE_UNDEFINED);
  if (m == NULL) return VALUE_EXCEPTION;
  rill_watch_sender *sender = rill_watch_new(&rt_message_element, &m->self);
  if (sender == NULL) rt_message_release(m);
  return handle_value(iso, &watch_sender_type, sender);
}

static Value watch_send(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &watch_sender_type, NULL);
  Message *m = h == NULL ? NULL
                         : rt_message_new(iso, native_argument(call, 1),
                                          VALUE_UNDEFINED);
  if (m == NULL) return VALUE_EXCEPTION;
  rill_watch_send(h->object, &m->self);
  return VALUE_UNDEFINED;
}

static Value watch_get(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &watch_receiver_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  Message *m;
  rill_watch_get(h->object, &m);
  return rt_message_boxed(iso, m);
}

// Is there a new value? False: no sender is left.
static Value finish_watch(Isolate *iso, rill_future *future) {
  return value_from_bool(((rill_watch_changed *)future)->status == RILL_OK);
}

static Value watch_changed(Isolate *iso, const NativeCall *call) {
  static const ScriptFutureType type = {finish_watch, release_borrowing, false,
                                        describe_borrowing};
  SyncHandle *h = rt_sync_argument(iso, call, &watch_receiver_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  Borrowing b = {.sent = NULL};
  rill_watch_changed_init(&b.watch, h->object);
  return start(iso, &b, h, &type);
}

// All
// -----------------------------------------------------------------------------

static Value close_handle(Isolate *iso, const NativeCall *call) {
  Value value = native_argument(call, 0);
  if (!value_is_kind(value, CELL_HOST_OBJECT) ||
      !rt_is_sync_handle((HostObject *)value_as_cell(value)))
    return vm_throw_type(iso, "It is no end of a channel");
  rt_sync_handle_close((HostObject *)value_as_cell(value));
  return VALUE_UNDEFINED;
}

// cancel(promise, reason): was something waiting behind it?
static Value cancel(Isolate *iso, const NativeCall *call) {
  return value_from_bool(rt_future_cancel(rt_of(iso), native_argument(call, 0),
                                          native_argument(call, 1)));
}

static Value watch_has_changed(Isolate *iso, const NativeCall *call) {
  SyncHandle *h = rt_sync_argument(iso, call, &watch_receiver_type, NULL);
  if (h == NULL) return VALUE_EXCEPTION;
  return value_from_bool(rill_watch_has_changed(h->object));
}

static const NativeExport sync_exports[] = {
    {"acquire", acquire, 2},
    {"addPermits", add_permits, 2},
    {"available", available, 1},
    {"broadcastReceive", broadcast_receive, 1},
    {"broadcastSend", broadcast_send, 2},
    {"cancel", cancel, 2},
    {"cancelToken", cancel_token, 1},
    {"cancelled", cancelled, 1},
    {"close", close_handle, 1},
    {"closeReceiver", close_receiver, 1},
    {"closeSemaphore", close_semaphore, 1},
    {"closed", closed, 1},
    {"giveBack", rt_sync_give_back, 3},
    {"isCancelled", is_cancelled, 1},
    {"isClosed", is_closed, 1},
    {"lock", lock, 2},
    {"newBarrier", new_barrier, 1},
    {"newBroadcast", new_broadcast, 1},
    {"newChannel", new_channel, 1},
    {"newGuard", rt_sync_guard_new, 4},
    {"newMutex", new_mutex, 0},
    {"newNotify", new_notify, 0},
    {"newRwLock", new_rwlock, 0},
    {"newSemaphore", new_semaphore, 1},
    {"newToken", new_token, 1},
    {"newWatch", new_watch, 1},
    {"notified", notified, 1},
    {"notify", notify, 2},
    {"receive", receive, 1},
    {"receiveMessage", receive_message, 2},
    {"releaseGuard", rt_sync_guard_release, 1},
    {"send", send_value, 3},
    {"sendMessage", send_message, 2},
    {"subscribe", subscribe, 1},
    {"tryAcquire", try_acquire, 2},
    {"tryReceive", try_receive, 1},
    {"tryLock", try_lock, 2},
    {"trySend", try_send, 3},
    {"waitBarrier", wait_barrier, 1},
    {"watchChanged", watch_changed, 1},
    {"watchGet", watch_get, 1},
    {"watchHasChanged", watch_has_changed, 1},
    {"watchSend", watch_send, 2},
};
const NativeModule rt_sync_module =
    NATIVE_MODULE("rill:internal/sync", sync_exports);
