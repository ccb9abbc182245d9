// SPDX-License-Identifier: MIT
// Signals that a script listens to. While anybody does, in any isolate of the
// process, the signal only calls listeners; then what it did before comes back:
// libuv would leave the system's default, and lose a handler of the host's.
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "runtime/arguments.h"
#include "runtime/io/net/handle.h"
#include "runtime/io/process/module.h"
#include "runtime/io/process/options.h"

typedef struct Watch {
  NetHandle handle;
  GcHandle listener;
  int number;
  bool is_on;
} Watch;

enum { SIGNAL_COUNT = 65 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
  uint32_t watchers;
  struct sigaction before;
} watched[SIGNAL_COUNT]; // under the lock

static int start_watching(Watch *w, uv_signal_cb on_signal) {
  pthread_mutex_lock(&lock);
  int number = w->number;
  if (watched[number].watchers == 0)
    sigaction(number, NULL, &watched[number].before);
  int error = uv_signal_start(&w->handle.uv.signal, on_signal, number);
  if (error == 0) {
    watched[number].watchers++;
    w->is_on = true;
  }
  pthread_mutex_unlock(&lock);
  return error;
}

static void stop_watching(NetHandle *h) {
  Watch *w = (Watch *)h;
  if (!w->is_on) return;
  w->is_on = false;
  pthread_mutex_lock(&lock);
  uv_signal_stop(&h->uv.signal);
  // Children are libuv's business all the time.
  if (--watched[w->number].watchers == 0 && w->number != SIGCHLD)
    sigaction(w->number, &watched[w->number].before, NULL);
  pthread_mutex_unlock(&lock);
  net_slot_clear(h->rt, &w->listener);
  net_handle_unpin(h);
}

static void free_watch(NetHandle *h) {
  net_slots_remove(h->rt, &((Watch *)h)->listener, 1);
  free(h);
}

static const NetHandleKind watch_kind = {
    "signal watch", stop_watching, free_watch, NULL, NULL, NULL};

static void on_signal(uv_signal_t *uv, int number) {
  Watch *w = uv->data;
  Runtime *rt = w->handle.rt;
  if (!w->is_on) return;
  rt_enter(rt);
  net_handle_hold(&w->handle);
  rt_leave(rt, vm_call(rt->isolate, net_slot(&w->listener), VALUE_UNDEFINED, 0,
                       NULL));
  net_handle_release(&w->handle);
}

// watchSignal(number, listener): a watch, which does not keep the program
// running.
Value signal_watch(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (!child_allowed(rt) || net_handles_of(rt) == NULL) return VALUE_EXCEPTION;
  if (!rt_arguments_are(iso, call, "if")) return VALUE_EXCEPTION;
  int number = (int)value_as_number(call->argv[0]);
  int error = number > 0 && number < SIGNAL_COUNT ? 0 : UV_EINVAL;
  Watch *w = error == 0 ? calloc(1, sizeof *w) : NULL;
  if (error == 0 && (w == NULL || !net_slots_add(rt, &w->listener, 1))) {
    free(w);
    return vm_throw_out_of_memory(iso);
  }
  if (error == 0) {
    w->number = number;
    net_handle_init(rt, &w->handle, &watch_kind);
    error = uv_signal_init(&rt->loop, &w->handle.uv.signal);
    w->handle.uv.any.data = w;
    if (error != 0) {
      net_handle_discard(&w->handle);
    } else if ((error = start_watching(w, on_signal)) != 0) {
      net_handle_close(&w->handle);
    }
  }
  if (error != 0)
    return vm_throw(iso, net_error(iso, error, "uv_signal_start", NULL, -1));
  uv_unref(&w->handle.uv.any);
  net_handle_pin(&w->handle);
  Value object = net_handle_object(&w->handle, NET_SIGNAL);
  if (!value_is_exception(object))
    net_slot_set(rt, &w->listener, call->argv[1]);
  return object;
}

// unwatchSignal(watch)
Value signal_unwatch(Isolate *iso, const NativeCall *call) {
  NetHandle *h = net_handle_this(iso, native_argument(call, 0), &watch_kind);
  if (h == NULL) return VALUE_EXCEPTION;
  net_handle_close(h);
  return VALUE_UNDEFINED;
}

// sendSignal(pid, number)
Value signal_send(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "ii") || !child_allowed(rt_of(iso)))
    return VALUE_EXCEPTION;
  int error = uv_kill((int)value_as_number(call->argv[0]),
                      (int)value_as_number(call->argv[1]));
  return error == 0 ? VALUE_UNDEFINED
                    : vm_throw(iso, net_error(iso, error, "kill", NULL, -1));
}
