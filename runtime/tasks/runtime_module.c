// SPDX-License-Identifier: MIT
// rill:internal/runtime: the figures of rill:runtime.
#include "jit-stub/jit.h"
#include "rill.h"
#include "runtime/globals/gc_report.h"
#include "runtime/io/process/options.h"
#include "runtime/modules/native_modules.h"
#include "runtime/tasks/tasks_internal.h"
#include "runtime/values.h"
#include "vm/objects/elements.h"

// Writes properties one after the other; after one failed, nothing.
typedef struct Writer {
  Isolate *iso;
  Object *object;
  bool failed;
} Writer;

static Writer object_writer(Isolate *iso) {
  Object *object = vm_object_new(iso);
  return (Writer){iso, object, object == NULL};
}

static void put(Writer *w, const char *name, Value value) {
  if (!w->failed) w->failed = !rt_put(w->iso, w->object, name, value);
}

static void put_number(Writer *w, const char *name, double value) {
  put(w, name, value_from_number(value));
}

static Value written(const Writer *w) {
  return w->failed ? VALUE_EXCEPTION : value_from_cell(w->object);
}

static Value array_of_counts(Isolate *iso,
                             const uint64_t counts[RILL_POLL_BUCKETS]) {
  Value values[RILL_POLL_BUCKETS];
  for (uint32_t i = 0; i < RILL_POLL_BUCKETS; i++)
    values[i] = value_from_number((double)counts[i]);
  Array *list = vm_array_from(iso, values, RILL_POLL_BUCKETS);
  return list == NULL ? VALUE_EXCEPTION : value_from_cell(list);
}

static Value worker_metrics(Isolate *iso, rill_executor *ex, uint32_t index,
                            bool has_isolate) {
  rill_worker_metrics m = {.size = sizeof m};
  rill_executor_worker_metrics(ex, index, &m);
  Writer w = object_writer(iso);
  put(&w, "hasIsolate", value_from_bool(has_isolate));
  put_number(&w, "polls", (double)m.polls);
  put_number(&w, "rounds", (double)m.rounds);
  put_number(&w, "busy", (double)m.busy_nanoseconds / 1e6);
  put_number(&w, "parks", (double)m.parks);
  put_number(&w, "steals", (double)m.steals);
  put_number(&w, "stealOperations", (double)m.steal_operations);
  put_number(&w, "overflows", (double)m.overflows);
  put_number(&w, "queued", m.queued);
  put_number(&w, "timers", (double)m.timers);
  put(&w, "pollTimes", array_of_counts(iso, m.poll_times));
  return written(&w);
}

static Value set_metrics(Runtime *rt, WorkerSet *set) {
  Isolate *iso = rt->isolate;
  Writer w = object_writer(iso);
  Array *workers = vm_array_new(iso, 0);
  for (uint32_t i = 0; workers != NULL && i < set->limit; i++) {
    uv_mutex_lock(&set->lock);
    bool has_isolate = set->workers[i].runtime != NULL;
    uv_mutex_unlock(&set->lock);
    Value worker = worker_metrics(iso, set->executor, i, has_isolate);
    if (value_is_exception(worker) || !vm_array_push(iso, workers, worker))
      return VALUE_EXCEPTION;
  }
  put(&w, "workers",
      workers == NULL ? VALUE_EXCEPTION : value_from_cell(workers));
  rill_executor_metrics m = {.size = sizeof m};
  rill_executor_get_metrics(set->executor, &m);
  put_number(&w, "spawned", (double)m.spawned);
  put_number(&w, "alive", (double)m.alive);
  put_number(&w, "injected", (double)m.injected);
  put_number(&w, "queued", rt_workers_queued(rt));
  put_number(&w, "blockingThreads", m.blocking_threads);
  put_number(&w, "blockingIdle", m.blocking_idle);
  put_number(&w, "blockingQueued", m.blocking_queued);
  return written(&w);
}

// executor(): {main: worker metrics, pending, futures, set or undefined}
static Value executor(Isolate *iso, const NativeCall *call) {
  Runtime *rt = rt_of(iso);
  Writer w = object_writer(iso);
  uint32_t own = 0;
  if (!rt->owns_executor && rill_current_worker() >= 0)
    own = (uint32_t)rill_current_worker();
  rill_executor *executor = rt_executor(rt);
  if (executor == NULL) return vm_throw_out_of_memory(iso);
  put(&w, "own", worker_metrics(iso, executor, own, true));
  put_number(&w, "pending", rt_tasks_pending(rt));
  put_number(&w, "requests", rt->loop.active_reqs.count);
  put(&w, "set",
      rt->workers == NULL ? VALUE_UNDEFINED : set_metrics(rt, rt->workers));
  return written(&w);
}

// gc(of the process): figures of this isolate's heap, or of all heaps
static Value gc(Isolate *iso, const NativeCall *call) {
  GcStats s;
  if (vm_to_boolean(native_argument(call, 0))) {
    if (!child_allowed(rt_of(iso))) return VALUE_EXCEPTION;
    gc_process_stats(&s);
  } else {
    gc_stats(iso->heap, &s);
  }
  return rt_gc_figures(iso, &s);
}

// compiler(): undefined without a compile queue
static Value compiler(Isolate *iso, const NativeCall *call) {
  if (iso->jit == NULL) return VALUE_UNDEFINED;
  JitStatistics s = jit_statistics(iso);
  Writer w = object_writer(iso);
  put_number(&w, "queued", s.queued);
  put_number(&w, "compiled", s.compiled);
  put_number(&w, "abandoned", s.abandoned);
  put_number(&w, "installed", s.installed);
  put_number(&w, "entered", s.entered);
  put_number(&w, "deoptimized", s.deoptimized);
  put_number(&w, "compileTime", (double)s.compile_nanoseconds / 1e6);
  return written(&w);
}

static Value libuv_version(Isolate *iso, const NativeCall *call) {
  String *text = vm_string_from_c(iso, uv_version_string());
  return text == NULL ? VALUE_EXCEPTION : value_from_cell(text);
}

static const NativeExport runtime_exports[] = {
    {"compiler", compiler, 0},
    {"executor", executor, 0},
    {"gc", gc, 1},
    {"uvVersion", libuv_version, 0},
};
const NativeModule rt_runtime_module =
    NATIVE_MODULE("rill:internal/runtime", runtime_exports);
