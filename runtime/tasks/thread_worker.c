// SPDX-License-Identifier: MIT
// rill:internal/worker-thread. A worker belongs to its owner's list, and is
// freed once its thread was joined.
#include "runtime/tasks/thread_worker.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/arguments.h"
#include "runtime/io/request.h"
#include "runtime/modules/loader.h"
#include "runtime/modules/native_modules.h"
#include "runtime/testing/testing.h"
#include "runtime/trace/trace.h"
#include "runtime/web/structured_clone.h"

typedef struct ThreadWorker {
  struct ThreadWorker *next; // of the owner's list
  uint64_t id;               // that the script has as its handle
  uv_thread_t thread;
  RuntimeOptions options;
  char *arguments[1]; // the path
  Clone start;
  uv_mutex_t lock;
  Runtime *runtime; // under the lock: NULL before it is made and later
  bool terminated;  // under the lock
  // Once it was joined:
  int exit_code;
  bool is_untold; // an error ended it that it could not tell its owner of
} ThreadWorker;

// Hands an error that nobody caught to the module that told the owner how to
// hear of it. False: it could not be told.
static bool tell(Runtime *rt, Value error) {
  Isolate *iso = rt->isolate;
  Value exports = rt_builtin_namespace(rt, "rill:internal/worker");
  Value report = VALUE_EXCEPTION;
  if (!value_is_exception(exports))
    report = vm_get(iso, value_as_object(exports), vm_key_from_c("report"));
  Value done = value_is_exception(report)
                   ? report
                   : vm_call(iso, report, VALUE_UNDEFINED, 1, &error);
  if (!value_is_exception(done)) return true;
  vm_take_exception(iso);
  return false;
}

static void on_uncaught(Runtime *rt) {
  Isolate *iso = rt->isolate;
  bool terminated = vm_is_terminating(iso);
  Value error = vm_take_exception(iso);
  vm_end_termination(iso);
  if (terminated) {
    rt->exiting = true;
    return;
  }
  // Once more where memory was lacking for what tells it.
  if (tell(rt, error) || tell(rt, error)) return;
  rt->error_is_untold = true;
  rt->exiting = true; // its owner hears of it then
}

static bool begin(ThreadWorker *w, Runtime *rt) {
  Isolate *iso = rt->isolate;
  Value exports = rt_builtin_namespace(rt, "rill:internal/worker");
  if (value_is_exception(exports)) return false;
  Value function =
      vm_get(iso, value_as_object(exports), vm_key_from_c("begin"));
  if (value_is_exception(function)) return false;
  Value data;
  bool done = rt_clone_deserialize_parts(iso, &w->start, &data, 1, NULL, NULL);
  rt_clone_free(&w->start); // or its senders would stay open
  if (!done) return false;
  Value arguments[] = {data, value_from_number((double)w->id)};
  if (value_is_exception(
          vm_call(iso, function, VALUE_UNDEFINED, 2, arguments))) {
    return false;
  }
  exports = rt_builtin_namespace(rt, "rill:internal/web/worker");
  if (value_is_exception(exports)) return false;
  function = vm_get(iso, value_as_object(exports), vm_key_from_c("begin"));
  return !value_is_exception(function) &&
         !value_is_exception(vm_call(iso, function, VALUE_UNDEFINED, 0, NULL));
}

static void thread_main(void *data) {
  ThreadWorker *w = data;
  Runtime *rt = rt_new(&w->options);
  if (rt == NULL) {
    w->is_untold = true;
    rt_clone_free(&w->start); // as below
    return;
  }
  rt->is_thread_worker = true;
  uv_mutex_lock(&w->lock);
  w->runtime = rt;
  bool terminated = w->terminated;
  uv_mutex_unlock(&w->lock);
  if (!terminated) {
    rt->on_uncaught = on_uncaught;
    if (!begin(w, rt)) {
      rt_uncaught(rt);
    } else if (access(w->arguments[0], R_OK) != 0) {
      vm_throw_error(rt->isolate, ERROR_ERROR, "Cannot open %s: %s",
                     w->arguments[0], strerror(errno));
      rt_uncaught(rt);
    } else {
      w->exit_code = rt_run_main(rt, w->arguments[0]);
    }
    w->is_untold = rt->error_is_untold;
  }
  uv_mutex_lock(&w->lock);
  w->runtime = NULL;
  uv_mutex_unlock(&w->lock);
  rt_free(rt);
  // If it was not read: the owner sees the end by the end of its channels.
  rt_clone_free(&w->start);
}

// Waits for its end and frees it: the exit code.
static int join(Runtime *rt, ThreadWorker *w, bool *is_untold) {
  gc_enter_native(rt->isolate->heap);
  uv_thread_join(&w->thread);
  gc_leave_native(rt->isolate->heap);
  for (ThreadWorker **at = &rt->thread_workers; *at != NULL;
       at = &(*at)->next) {
    if (*at != w) continue;
    *at = w->next;
    break;
  }
  rt_untrack(rt, w);
  int code = w->exit_code;
  *is_untold = w->is_untold;
  uv_mutex_destroy(&w->lock);
  rt_clone_free(&w->start);
  free(w->arguments[0]);
  free(w);
  return code;
}

static void terminate(ThreadWorker *w) {
  uv_mutex_lock(&w->lock);
  w->terminated = true;
  if (w->runtime != NULL) {
    atomic_store(&w->runtime->isolate->is_stopped, true);
    rt_interrupt(w->runtime);
  }
  uv_mutex_unlock(&w->lock);
}

void rt_thread_workers_close(Runtime *rt) {
  for (ThreadWorker *w = rt->thread_workers; w != NULL; w = w->next)
    terminate(w);
  while (rt->thread_workers != NULL)
    join(rt, rt->thread_workers, &(bool){false});
}

// start(path, start data): a handle, valid until join.
static Value start(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  if (!rt_check_console_allowed(rt, "threads") || !rt_check_files_allowed(rt))
    return VALUE_EXCEPTION;
  if (!rt_arguments_are(iso, call, "s.")) return VALUE_EXCEPTION;
  ThreadWorker *w = calloc(1, sizeof *w);
  char *path = vm_string_to_utf8(iso, value_as_string(call->argv[0]), NULL);
  if (w == NULL || path == NULL) {
    free(w);
    free(path);
    return vm_throw_out_of_memory(iso);
  }
  ClonePart part = {native_argument(call, 1), NULL};
  Value list = native_argument(call, 2);
  Array *transfer =
      value_is_kind(list, CELL_ARRAY) ? (Array *)value_as_cell(list) : NULL;
  w->arguments[0] = path;
  if (!rt_clone_serialize_parts(iso, &part, 1, transfer, CLONE_FUNCTIONS,
                                &w->start) ||
      !rt_clone_send(iso, &w->start)) {
    free(path);
    free(w);
    return VALUE_EXCEPTION;
  }
  static _Atomic uint64_t started;
  w->id = ++started;
  w->options = rt->options;
  w->options.lazy_loop = false; // it waits for messages
  w->options.argument_count = 1;
  w->options.arguments = w->arguments;
  bool has_lock = uv_mutex_init(&w->lock) == 0;
  if (!has_lock || uv_thread_create(&w->thread, thread_main, w) != 0) {
    if (has_lock) uv_mutex_destroy(&w->lock);
    rt_clone_free(&w->start);
    free(path);
    free(w);
    return vm_throw_error(iso, ERROR_ERROR, "No thread can be started");
  }
  w->next = rt->thread_workers;
  rt->thread_workers = w;
  rt_track(rt, w, "Worker", NULL);
  return value_from_number((double)w->id);
}

// NULL: threw.
static ThreadWorker *worker_of(Isolate *iso, const NativeCall *call) {
  if (!rt_arguments_are(iso, call, "u")) return NULL;
  uint64_t id = (uint64_t)value_as_number(call->argv[0]);
  for (ThreadWorker *w = rt_of(iso)->thread_workers; w != NULL; w = w->next) {
    if (w->id == id) return w;
  }
  vm_throw_type(iso, "There is no such worker");
  return NULL;
}

static Value terminate_worker(Isolate *iso, const NativeCall *call) {
  ThreadWorker *w = worker_of(iso, call);
  if (w == NULL) return VALUE_EXCEPTION;
  terminate(w);
  return VALUE_UNDEFINED;
}

// join(handle): the exit code; undefined: an error ended it that it could not
// tell of.
static Value join_worker(Isolate *iso, const NativeCall *call) {
  ThreadWorker *w = worker_of(iso, call);
  if (w == NULL) return VALUE_EXCEPTION;
  bool is_untold;
  int code = join(rt_of(iso), w, &is_untold);
  return is_untold ? VALUE_UNDEFINED : value_from_int(code);
}

// end(): the calling worker's program is over.
static Value end_self(Isolate *iso, const NativeCall *call) {
  return rt_exit(rt_of(iso));
}

// isolateId(): a number that no other isolate has.
static Value isolate_id(Isolate *iso, const NativeCall *call) {
  return value_from_uint32(rt_of(iso)->trace->number);
}

static Value is_thread_worker(Isolate *iso, const NativeCall *call) {
  return value_from_bool(rt_of(iso)->is_thread_worker);
}

static const NativeExport worker_exports[] = {
    {"end", end_self, 0},
    {"isolateId", isolate_id, 0},
    {"isThreadWorker", is_thread_worker, 0},
    {"join", join_worker, 1},
    {"start", start, 3},
    {"terminate", terminate_worker, 1},
};
const NativeModule rt_worker_module =
    NATIVE_MODULE("rill:internal/worker-thread", worker_exports);
