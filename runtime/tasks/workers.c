// SPDX-License-Identifier: MIT
// Spawning: giving tasks to the set's executor and settling promises when they
// come back.
#include "runtime/tasks/workers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rill/task.h"
#include "runtime/program/clock.h"
#include "runtime/tasks/futures.h"
#include "runtime/tasks/tasks_internal.h"
#include "runtime/testing/testing.h"
#include "runtime/trace/spans.h"

enum { MAX_WORKERS = 1024 };

// Homes
// -------------------------------------------------------------------------

TaskHome *rt_task_home_retain(TaskHome *home) {
  atomic_fetch_add_explicit(&home->references, 1, memory_order_relaxed);
  return home;
}

void rt_task_home_release(TaskHome *home) {
  if (atomic_fetch_sub_explicit(&home->references, 1, memory_order_acq_rel) !=
      1) {
    return;
  }
  uv_mutex_destroy(&home->lock);
  free(home);
}

void rt_task_release(SpawnedTask *task) {
  if (atomic_fetch_sub_explicit(&task->references, 1, memory_order_acq_rel) !=
      1) {
    return;
  }
  rt_clone_free(&task->call);
  rt_clone_free(&task->result);
  rt_task_home_release(task->home);
  rill_join_free(task->join);
}

void rt_task_post(SpawnedTask *task) {
  TaskHome *home = task->home;
  uv_mutex_lock(&home->lock);
  bool take = !home->closed;
  if (take) {
    task->next = NULL;
    if (home->inbox == NULL) {
      home->inbox = task;
      uv_async_send(&home->wake);
    } else {
      home->inbox_last->next = task;
    }
    home->inbox_last = task;
  }
  uv_mutex_unlock(&home->lock);
  if (!take) rt_task_release(task);
}

void rt_task_home_keep(TaskHome *home, int change) {
  bool was_kept = home->keeping != 0;
  home->keeping += (uint32_t)change;
  uv_handle_t *handle = (uv_handle_t *)&home->wake;
  if (!was_kept) {
    uv_ref(handle);
  } else if (home->keeping == 0) {
    uv_unref(handle);
  }
}

void rt_task_home_end(TaskHome *home, int code) {
  uv_mutex_lock(&home->lock);
  if (!home->closed && !home->ends) {
    home->ends = true;
    home->exit_code = code;
    uv_async_send(&home->wake);
  }
  uv_mutex_unlock(&home->lock);
}

// The promise's end has come: the loop need not wait for it any longer.
static void settled(SpawnedTask *task) {
  TaskHome *home = task->home;
  GcHeap *heap = home->runtime->isolate->heap;
  gc_root_remove(heap, &task->promise);
  gc_root_remove(heap, &task->reason);
  task->settled = true;
  rt_untrack(home->runtime, task);
  if (task->next_pending != NULL) {
    task->next_pending->previous_pending = task->previous_pending;
  }
  if (task->previous_pending != NULL) {
    task->previous_pending->next_pending = task->next_pending;
  } else {
    home->pending = task->next_pending;
  }
  rt_task_home_keep(home, -1);
}

static void settle(SpawnedTask *task, TaskOutcome outcome) {
  if (task->settled) return;
  Isolate *iso = task->home->runtime->isolate;
  Promise *promise = (Promise *)value_as_cell(task->promise.word);
  Value value = task->reason.word;
  if (outcome == TASK_FAILED) {
    settled(task);
    vm_throw_out_of_memory(iso);
    vm_promise_reject_with_exception(iso, promise);
    return;
  }
  if (outcome != TASK_ABORTED) {
    if (!rt_clone_deserialize_parts(iso, &task->result, &value, 1, NULL,
                                    NULL)) {
      vm_promise_reject_with_exception(iso, promise);
      settled(task);
      return;
    }
  }
  settled(task);
  if (outcome == TASK_ABORTED && value_is_undefined(value)) {
    rt_throw_dom_exception(iso, "AbortError", "The task was aborted");
    value = vm_take_exception(iso);
  }
  if (outcome == TASK_RETURNED) {
    vm_promise_fulfill(iso, promise, value);
  } else {
    vm_promise_reject(iso, promise, value);
  }
}

static void on_inbox(uv_async_t *handle) {
  TaskHome *home = handle->data;
  uv_mutex_lock(&home->lock);
  SpawnedTask *task = home->inbox;
  home->inbox = NULL;
  bool ends = home->ends;
  uv_mutex_unlock(&home->lock);
  Runtime *rt = home->runtime;
  rt_enter(rt);
  if (ends && !rt->exiting) {
    rt->exiting = true;
    rt->exit_code = home->exit_code;
  }
  while (task != NULL) {
    SpawnedTask *next = task->next;
    settle(task, task->outcome);
    rt_task_release(task);
    task = next;
  }
  // A simulation chooses which one goes on, and when.
  if (!rt_is_simulating(rt)) rt_futures_poll(rt);
  rt_leave(rt, VALUE_UNDEFINED);
}

TaskHome *rt_task_home(Runtime *rt) {
  if (rt->tasks != NULL) return rt->tasks;
  TaskHome *home = calloc(1, sizeof *home);
  if (home == NULL || uv_mutex_init(&home->lock) != 0) {
    free(home);
    return NULL;
  }
  if (uv_async_init(&rt->loop, &home->wake, on_inbox) != 0) {
    uv_mutex_destroy(&home->lock);
    free(home);
    return NULL;
  }
  uv_unref((uv_handle_t *)&home->wake);
  home->wake.data = home;
  home->references = 1;
  home->runtime = rt;
  gc_root_add(rt->isolate->heap, &home->last_name, VALUE_UNDEFINED);
  rt->tasks = home;
  return home;
}

// The set
// -----------------------------------------------------------------------

static uint32_t default_limit(const Runtime *rt) {
  uint32_t limit = rt->options.workers;
  const char *variable = getenv("RILL_WORKERS");
  if (limit == 0 && variable != NULL) limit = (uint32_t)atoi(variable);
  if (limit == 0 || limit > MAX_WORKERS) limit = rill_available_parallelism();
  return limit;
}

static WorkerSet *set_of(Runtime *rt) {
  if (rt->workers != NULL) return rt->workers;
  WorkerSet *set = calloc(1, sizeof *set);
  if (set == NULL) return NULL;
  set->limit = default_limit(rt);
  set->workers = calloc(set->limit, sizeof *set->workers);
  if (set->workers == NULL || uv_mutex_init(&set->lock) != 0) {
    free(set->workers);
    free(set);
    return NULL;
  }
  for (uint32_t i = 0; i < set->limit; i++)
    set->workers[i].set = set;
  set->options = rt->options;
  set->main = rt_task_home(rt);
  rill_executor_options options = RILL_EXECUTOR_OPTIONS_INIT;
  options.flavor = RILL_MULTI_THREAD;
  options.workers = set->limit;
  options.name = "rill-task";
  options.poll_histogram = true;
  options.data = set;
  options.on_stop = rt_worker_stop;
  set->executor = rill_executor_new(&options, NULL);
  if (set->executor == NULL) {
    uv_mutex_destroy(&set->lock);
    free(set->workers);
    free(set);
    return NULL;
  }
  rt->workers = set;
  return set;
}

rill_executor *rt_workers_executor(Runtime *rt) {
  if (rt_task_home(rt) == NULL) return NULL;
  WorkerSet *set = set_of(rt);
  return set == NULL ? NULL : set->executor;
}

uint32_t rt_workers_limit(Runtime *rt) {
  return rt->workers == NULL ? default_limit(rt) : rt->workers->limit;
}

uint32_t rt_workers_queued(Runtime *rt) {
  return rt->workers == NULL ? 0 : atomic_load(&rt->workers->queued);
}

uint32_t rt_workers_running(Runtime *rt) {
  return rt->workers == NULL ? 0 : atomic_load(&rt->workers->runtimes);
}

// Tasks of one name mostly come one after the other.
static const char *name_of(Runtime *rt, Value name) {
  TaskHome *home = rt->tasks;
  if (home->last_name.word == name) return home->last_name_text;
  static const char otherwise[] = "spawned function";
  char *text = value_is_string(name)
                   ? vm_string_to_utf8(rt->isolate, value_as_string(name), NULL)
                   : NULL;
  if (text == NULL || text[0] == 0) {
    if (vm_has_exception(rt->isolate)) vm_take_exception(rt->isolate);
    free(text);
    return otherwise;
  }
  uv_mutex_lock(&rt->workers->lock);
  home->last_name_text = rt_task_name(&rt->workers->names, text, otherwise);
  uv_mutex_unlock(&rt->workers->lock);
  home->last_name.word = name;
  free(text);
  return home->last_name_text;
}

SpawnedTask *rt_task_spawn(Runtime *rt, Value function, Array *arguments,
                           Array *transfer, Value name, bool is_scoped,
                           Promise **out) {
  Isolate *iso = rt->isolate;
  if (!rt_check_console_allowed(rt, "threads")) return NULL;
  TaskHome *home = rt_task_home(rt);
  WorkerSet *set = home == NULL ? NULL : set_of(rt);
  if (set == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  SpawnedTask new = {
      .future = {&rt_spawned_task_type},
      .set = set,
      .references = 2, // the handle's, and the executor's
      .home = home,
      .parent = is_scoped ? rt_worker_running_id(rt) : 0,
  };
  ClonePart parts[] = {{function, ""},
                       {value_from_cell(arguments), "arguments"}};
  if (!rt_clone_serialize_parts(iso, parts, 2, transfer, true, &new.call))
    return NULL;
  rill_join *join =
      exec_spawn_place(set->executor, &new.future, name_of(rt, name));
  if (join == NULL) {
    rt_clone_free(&new.call);
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  SpawnedTask *task = (SpawnedTask *)exec_spawn_future(join);
  task->join = join;
  if (trace_wants(TRACE_TASK, TRACE_INFO))
    task->span = trace_span_here(iso, TRACE_TASK, name_of(rt, name), NULL);
  rt_task_home_retain(home);
  *out = vm_promise_new(iso);
  gc_root_add(iso->heap, &task->promise, value_from_cell(*out));
  gc_root_add(iso->heap, &task->reason, VALUE_UNDEFINED);
  rt_task_home_keep(home, 1);
  if (home->pending != NULL) home->pending->previous_pending = task;
  task->next_pending = home->pending;
  home->pending = task;
  rt_track(rt, task, "spawn", NULL);
  atomic_fetch_add(&set->queued, 1);
  if (exec_spawn_start(join)) return task;
  atomic_fetch_sub(&set->queued, 1);
  settled(task);
  rt_clone_free(&new.call); // what the task had, which is gone
  rt_task_home_release(home);
  vm_throw_error(iso, ERROR_ERROR, "The program is ending: nothing is spawned");
  return NULL;
}

static void describe(TraceSnapshot *s, Runtime *rt, const void *object,
                     const char *note, TraceWait *out) {
  static const char *const states[] = {"queued", "running", "ended"};
  const SpawnedTask *task = object;
  (void)rt;
  out->kind = TRACE_WAIT_TASK;
  out->resource = task;
  out->text = trace_text(s, "a spawned task, which is %s",
                         states[atomic_load(&task->state)]);
}

void rt_tasks_list_waits(Runtime *rt, TraceGraph *graph) {
  if (rt->tasks == NULL) return;
  for (const SpawnedTask *t = rt->tasks->pending; t != NULL;
       t = t->next_pending)
    trace_add_wait(graph, t->promise.word, describe, t, NULL);
}

void rt_task_abort(SpawnedTask *task, Value reason) {
  if (task->settled || task->aborted_again) return;
  Runtime *rt = task->home->runtime;
  task->reason.word = reason;
  WorkerSet *set = rt->workers;
  uv_mutex_lock(&set->lock);
  if (task->aborted) task->aborted_again = true;
  task->aborted = true;
  bool was_queued = task->state == TASK_QUEUED;
  if (was_queued) {
    task->state = TASK_ENDED; // the worker that meets it in the queue drops it
    atomic_fetch_sub(&set->queued, 1);
  } else if (task->state == TASK_RUNNING && task->worker->runtime != NULL) {
    vm_request_interrupt(task->worker->runtime->isolate, INTERRUPT_HOST);
    rt_task_wake(task);
  }
  uv_mutex_unlock(&set->lock);
  if (was_queued) settle(task, TASK_ABORTED);
}

void rt_task_wake(SpawnedTask *task) {
  if (task->waker.type != NULL) rill_waker_wake_by_ref(&task->waker);
}

bool rt_task_is_finished(const SpawnedTask *task) {
  return task->settled;
}

uint64_t rt_task_id(const SpawnedTask *task) {
  return rill_join_id(task->join);
}

void rt_tasks_abort(Runtime *rt, Value reason) {
  SpawnedTask *task = rt->tasks == NULL ? NULL : rt->tasks->pending;
  while (task != NULL) {
    SpawnedTask *next = task->next_pending;
    rt_task_abort(task, reason);
    task = next;
  }
}

void rt_tasks_abort_children(Runtime *rt, uint64_t parent) {
  SpawnedTask *task = rt->tasks == NULL ? NULL : rt->tasks->pending;
  while (task != NULL) {
    SpawnedTask *next = task->next_pending;
    if (task->parent == parent && !task->aborted) {
      // The scope may have been stopped before it could listen.
      rt_task_promise(task)->object.cell.aux |= PROMISE_IS_HANDLED;
      rt_task_abort(task, VALUE_UNDEFINED);
    }
    task = next;
  }
}

bool rt_tasks_visit(Runtime *rt, bool (*visit)(void *, const SpawnedTask *),
                    void *data) {
  SpawnedTask *task = rt->tasks == NULL ? NULL : rt->tasks->pending;
  for (; task != NULL; task = task->next_pending) {
    if (!visit(data, task)) return false;
  }
  return true;
}

Promise *rt_task_promise(const SpawnedTask *task) {
  return (Promise *)value_as_cell(task->promise.word);
}

const char *rt_task_name_of(const SpawnedTask *task) {
  return exec_join_name(task->join);
}

uint32_t rt_tasks_pending(const Runtime *rt) {
  return rt->tasks == NULL ? 0 : rt->tasks->keeping;
}

const uv_handle_t *rt_tasks_handle(const Runtime *rt) {
  return rt->tasks == NULL ? NULL : (const uv_handle_t *)&rt->tasks->wake;
}

bool rt_tasks_are_pending(const Runtime *rt) {
  return rt->tasks != NULL && rt->tasks->pending != NULL;
}

// Who holds up the end: a native call that does not come back.
static void name_blocker(void *data, rill_phase phase,
                         const rill_task_info *info) {
  Runtime *rt = data;
  char text[300];
  int n = snprintf(text, sizeof text,
                   "rill: the program waits for task %s (%llu) to end\n",
                   info->name, (unsigned long long)info->id);
  if (n > 0) rt_error_output(rt, text, strlen(text));
}

static void interrupt_all(WorkerSet *set) {
  uv_mutex_lock(&set->lock);
  set->stopping = true;
  for (uint32_t i = 0; i < set->limit; i++) {
    Runtime *runtime = set->workers[i].runtime;
    if (runtime != NULL)
      vm_request_interrupt(runtime->isolate, INTERRUPT_TERMINATE);
  }
  uv_mutex_unlock(&set->lock);
}

// Forced: what scripts still do is interrupted, again if something began after
// the first time.
static void stop(Runtime *rt, WorkerSet *set) {
  enum { ROUND_MILLISECONDS = 50, ROUNDS_UNTIL_TOLD = 40 };
  rill_shutdown shutdown = RILL_SHUTDOWN_INIT;
  shutdown.cancel_ms = ROUND_MILLISECONDS;
  shutdown.data = rt;
  gc_enter_native(rt->isolate->heap);
  int round = 0;
  do {
    interrupt_all(set);
    shutdown.on_blocker = ++round == ROUNDS_UNTIL_TOLD ? name_blocker : NULL;
  } while (rill_executor_shutdown(set->executor, &shutdown) == RILL_TIMED_OUT);
  rill_executor_free(set->executor);
  rt_task_names_free(&set->names);
  gc_leave_native(rt->isolate->heap);
  uv_mutex_destroy(&set->lock);
  free(set->workers);
  free(set);
}

void rt_workers_close(Runtime *rt) {
  TaskHome *home = rt->tasks;
  if (home != NULL) {
    uv_mutex_lock(&home->lock);
    home->closed = true;
    uv_mutex_unlock(&home->lock);
    while (home->pending != NULL)
      settled(home->pending);
    gc_root_remove(rt->isolate->heap, &home->last_name);
    rt_futures_drop_all(rt);
  }
  WorkerSet *set = rt->workers;
  if (set != NULL && rt->worker == NULL) stop(rt, set);
  rt->workers = NULL;
}

void rt_workers_free(Runtime *rt) {
  TaskHome *home = rt->tasks;
  if (home == NULL) return;
  SpawnedTask *task = home->inbox;
  while (task != NULL) {
    SpawnedTask *next = task->next;
    rt_task_release(task);
    task = next;
  }
  rt->tasks = NULL;
  rt_task_home_release(home);
}
