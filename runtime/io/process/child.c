// SPDX-License-Identifier: MIT
// Children: starting one, its end, signals to it. A running child pins its
// handle, so it is reaped whether or not a script still refers to it. Pipes to
// it are connections like any other.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "runtime/arguments.h"
#include "runtime/io/net/connection.h"
#include "runtime/io/process/module.h"
#include "runtime/io/process/start.h"

typedef struct Child {
  NetHandle handle;
  ChildWatch watch;
  GcHandle exited; // promise of its exit code, or -signal
  bool is_running;
} Child;

static void *reap(void *pid) {
  while (waitpid((pid_t)(intptr_t)pid, NULL, 0) < 0 && errno == EINTR) {
  }
  return NULL;
}

// The isolate goes, the host's process and the child stay: somebody has to wait
// for it, or it would be a zombie until the host ends.
static void hand_over(pid_t pid) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, 64 * 1024);
  // No thread: a zombie is all that is left of it.
  if (pthread_create(&thread, &attributes, reap, (void *)(intptr_t)pid) != 0) {
  }
  pthread_attr_destroy(&attributes);
}

static void over(Child *c) {
  c->is_running = false;
  net_handle_unpin(&c->handle);
}

static void cancel(NetHandle *h) {
  Child *c = (Child *)h;
  net_settle(h->rt, &c->exited, VALUE_UNDEFINED, false);
  if (!c->is_running) return;
  if (c->watch.descriptor >= 0) uv_poll_stop(&h->uv.poll);
  child_watch_release(&c->watch);
  hand_over(c->watch.pid);
  over(c);
}

static void list_waits(NetHandle *h, TraceGraph *graph) {
  net_add_wait(graph, h, &((const Child *)h)->exited, "exit");
}

static void free_child(NetHandle *h) {
  net_slots_remove(h->rt, &((Child *)h)->exited, 1);
  free(h);
}

static const NetHandleKind child_kind = {"child process", cancel, free_child,
                                         list_waits,      NULL,   NULL};

static void on_over(Child *c, int64_t code, int signal) {
  Runtime *rt = c->handle.rt;
  rt_enter(rt);
  net_handle_hold(&c->handle);
  net_settle(rt, &c->exited,
             value_from_number(signal != 0 ? -signal : (double)code), false);
  over(c);
  net_handle_close(&c->handle);
  child_watch_release(&c->watch);
  rt_leave(rt, VALUE_UNDEFINED);
  net_handle_release(&c->handle);
}

static void on_ended(uv_poll_t *uv, int status, int events) {
  Child *c = uv->data;
  int64_t code;
  int signal;
  if (child_reap(&c->watch, &code, &signal)) on_over(c, code, signal);
}

static void on_exited(uv_process_t *uv, int64_t code, int signal) {
  on_over(uv->data, code, signal);
}

// Our ends of the pipes as connections, pushed to the list; null where there is
// none. False: threw.
static bool push_pipes(Runtime *rt, ChildOptions *o, Array *list) {
  Isolate *iso = rt->isolate;
  for (int i = 0; i < o->uv.stdio_count; i++) {
    Value pipe = VALUE_NULL;
    if (o->ours[i] >= 0) {
      Connection *c;
      int descriptor = o->ours[i];
      o->ours[i] = -1;
      int error = connection_open(rt, descriptor, true, &c);
      if (error != 0) {
        vm_throw(iso, child_spawn_error(iso, o, error));
        return false;
      }
      pipe = connection_object(c);
      if (value_is_exception(pipe)) return false;
    }
    if (!vm_array_push(iso, list, pipe)) return false;
  }
  return true;
}

// [child, pid, promise of its exit, pipe or null, ...]
static Value start(Runtime *rt, ChildOptions *o) {
  Isolate *iso = rt->isolate;
  Child *c = calloc(1, sizeof *c);
  if (c == NULL || !net_slots_add(rt, &c->exited, 1)) {
    free(c);
    return vm_throw_out_of_memory(iso);
  }
  Value exited = net_wait(iso, &c->exited);
  if (value_is_exception(exited)) {
    net_slots_remove(rt, &c->exited, 1);
    free(c);
    return exited;
  }
  net_handle_init(rt, &c->handle, &child_kind);
  c->handle.uv.any.data = c;
  gc_enter_native(iso->heap);
  int error = child_start(&rt->loop, &c->handle.uv.any, o, &c->watch, on_ended,
                          on_exited);
  gc_leave_native(iso->heap);
  if (error != 0) {
    ChildWatch watch = c->watch; // the child may be freed now
    if (watch.has_handle) {
      net_handle_close(&c->handle);
    } else {
      net_handle_discard(&c->handle);
    }
    child_watch_release(&watch);
    return vm_throw(iso, child_spawn_error(iso, o, error));
  }
  net_handle_pin(&c->handle);
  c->is_running = true;
  Value object = net_handle_object(&c->handle, NET_CHILD);
  Array *list = vm_array_new(iso, 0);
  if (!value_is_exception(object) && vm_array_push(iso, list, object) &&
      vm_array_push(iso, list, value_from_int(c->watch.pid)) &&
      vm_array_push(iso, list, exited) && push_pipes(rt, o, list) &&
      vm_poll(iso, 0))
    return value_from_cell(list);
  uv_kill(c->watch.pid, SIGKILL);
  return VALUE_EXCEPTION;
}

Value child_spawn(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (!child_may_start(rt) || net_handles_of(rt) == NULL)
    return VALUE_EXCEPTION;
  ChildOptions options;
  Value result = child_options_take(iso, call, &options) ? start(rt, &options)
                                                         : VALUE_EXCEPTION;
  child_options_release(&options);
  return result;
}

// killChild(child, number, group): false if it is over. As long as it is not
// reaped, its number is nobody else's.
Value child_kill(Isolate *iso, const NativeCall *call) {
  Child *c =
      (Child *)net_handle_this(iso, native_argument(call, 0), &child_kind);
  if (c == NULL) return VALUE_EXCEPTION;
  if (!rt_arguments_are(iso, call, "oib")) return VALUE_EXCEPTION;
  if (!c->is_running) return VALUE_FALSE;
  int number = (int)value_as_number(call->argv[1]);
  int pid = c->watch.pid;
  int error = uv_kill(value_as_bool(call->argv[2]) ? -pid : pid, number);
  if (error == UV_ESRCH) return VALUE_FALSE;
  return error == 0 ? VALUE_TRUE
                    : vm_throw(iso, net_error(iso, error, "kill", NULL, -1));
}
