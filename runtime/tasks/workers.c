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

// In the inbox of a home that takes no more.
static SpawnedTask closed_inbox;

static void free_clone(SpawnedTask *task) {
  if (!task->has_clone) return;
  rt_clone_free(task->clone);
  free(task->clone);
  task->has_clone = false;
}

void rt_task_drop_call(SpawnedTask *task) {
  free_clone(task);
}

static rill_join *join_of(const SpawnedTask *task) {
  return exec_future_join(&task->future);
}

static void wake(TaskHome *home) {
  uv_mutex_lock(&home->lock);
  if (!home->closed) exec_loop_waker_wake(home->wake);
  uv_mutex_unlock(&home->lock);
}

void rt_task_post(SpawnedTask *task) {
  TaskHome *home = task->home;
  SpawnedTask *last = atomic_load_explicit(&home->inbox, memory_order_relaxed);
  do {
    if (last == &closed_inbox) {
      free_clone(task);
      return;
    }
    task->next = last;
    // Sequentially consistent: pairs with rt_tasks_before_wait.
  } while (!atomic_compare_exchange_weak(&home->inbox, &last, task));
  // From here on the task may be gone, but not the home.
  if (last == NULL && !atomic_load(&home->awake)) wake(home);
}

void rt_task_home_keep(TaskHome *home, int change) {
  bool was_kept = home->keeping != 0;
  home->keeping += (uint32_t)change;
  uv_handle_t *handle = exec_loop_waker_handle(home->wake);
  if (!was_kept) {
    uv_ref(handle);
  } else if (home->keeping == 0) {
    uv_unref(handle);
  }
}

void rt_task_home_end(TaskHome *home, int code) {
  uv_mutex_lock(&home->lock);
  if (!home->closed && !home->ends) {
    home->exit_code = code;
    home->ends = true;
    exec_loop_waker_wake(home->wake);
  }
  uv_mutex_unlock(&home->lock);
}

static JoinHandle *handle_of(const SpawnedTask *task) {
  Value handle = rt_task_table_value(&task->home->table, task->handle_slot);
  return (JoinHandle *)value_as_cell(handle);
}

// Of the set's names; NULL: it was given none.
static const char *given_name(const SpawnedTask *task) {
  const char *name = rt_task_name_of(task);
  return name == rt_spawned_task_type.name ? NULL : name;
}

// The home's heap counts the task, whose promise it keeps.
static void count_task(Isolate *iso, int change) {
  int64_t bytes = sizeof(SpawnedTask);
  gc_external_adjust(iso->heap, GC_EXTERNAL_NATIVE, change * bytes);
}

// The task's id and name are the handle's from now on.
static void settle_identity(JoinHandle *handle) {
  const SpawnedTask *task = rt_handle_task(handle);
  handle->identity = (rt_task_id(task) << HANDLE_NAME_BITS |
                      rt_task_name_number(given_name(task)))
                         << 1 |
                     HANDLE_IS_SETTLED;
}

uint64_t rt_handle_id(const JoinHandle *handle) {
  const SpawnedTask *task = rt_handle_task(handle);
  return task == NULL ? handle->identity >> (HANDLE_NAME_BITS + 1)
                      : rt_task_id(task);
}

const char *rt_handle_name(Runtime *rt, const JoinHandle *handle) {
  const SpawnedTask *task = rt_handle_task(handle);
  if (task != NULL) return given_name(task);
  uint32_t number = handle->identity >> 1 & ((1u << HANDLE_NAME_BITS) - 1);
  if (number == 0) return NULL;
  uv_mutex_lock(&rt->workers->lock);
  const char *name = rt_task_name_of_number(&rt->workers->names, number);
  uv_mutex_unlock(&rt->workers->lock);
  return name;
}

// The promise's end has come: the loop need not wait for it any longer.
static void leave_home(SpawnedTask *task) {
  TaskHome *home = task->home;
  Isolate *iso = home->runtime->isolate;
  count_task(iso, -1);
  settle_identity(handle_of(task));
  rt_task_table_remove(iso, &home->table, task->handle_slot);
  if (task->has_reason)
    rt_task_table_remove(iso, &home->table, task->reason_slot);
  if (task->parent != 0) rt_worker_child_ended(home->runtime, task->parent);
  rt_untrack(home->runtime, task);
  rt_task_home_keep(home, -1);
}

// The task may be gone afterwards.
static void settled(SpawnedTask *task) {
  leave_home(task);
  rill_join_free(join_of(task));
}

Value rt_task_abort_error(Isolate *iso) {
  rt_throw_dom_exception(iso, "AbortError", "The task was aborted");
  return vm_take_exception(iso);
}

// What the promise is settled with. EXCEPTION: the exception is pending.
static Value take_result(Isolate *iso, SpawnedTask *task, TaskOutcome outcome) {
  if (outcome == TASK_FAILED) return vm_throw_out_of_memory(iso);
  if (outcome == TASK_ABORTED) {
    return task->has_reason
               ? rt_task_table_value(&task->home->table, task->reason_slot)
               : rt_task_abort_error(iso);
  }
  if (!task->has_clone) return task->values[0];
  Value value;
  bool done =
      rt_clone_deserialize_parts(iso, task->clone, &value, 1, NULL, NULL);
  free_clone(task);
  return done ? value : VALUE_EXCEPTION;
}

static void settle(SpawnedTask *task, TaskOutcome outcome) {
  Isolate *iso = task->home->runtime->isolate;
  Promise *promise = &handle_of(task)->promise;
  Value value = take_result(iso, task, outcome);
  settled(task);
  if (value_is_exception(value)) {
    vm_promise_reject_with_exception(iso, promise);
  } else if (outcome == TASK_RETURNED) {
    vm_promise_fulfill(iso, promise, value);
  } else {
    vm_promise_reject(iso, promise, value);
  }
}

// Ended tasks in the order in which they came.
static SpawnedTask *take_inbox(TaskHome *home, SpawnedTask *instead) {
  SpawnedTask *task = atomic_exchange(&home->inbox, instead), *first = NULL;
  while (task != NULL) {
    SpawnedTask *next = task->next;
    task->next = first;
    first = task;
    task = next;
  }
  return first;
}

static void settle_inbox(TaskHome *home) {
  SpawnedTask *task = take_inbox(home, NULL);
  // After that: a task that ended the program did so before it was posted.
  Runtime *rt = home->runtime;
  if (home->ends && !rt->exiting) {
    rt->exiting = true;
    rt->exit_code = home->exit_code;
  }
  while (task != NULL) {
    SpawnedTask *next = task->next;
    settle(task, (TaskOutcome)task->outcome);
    task = next;
  }
}

static void on_wake(void *data) {
  TaskHome *home = data;
  Runtime *rt = home->runtime;
  if (home->closed) return;
  rt_enter(rt);
  if (rt->is_driven) atomic_store(&home->awake, true);
  settle_inbox(home);
  // A simulation chooses which one goes on, and when.
  if (!rt_is_simulating(rt)) rt_futures_poll(rt);
  rt_leave(rt, VALUE_UNDEFINED);
}

void rt_tasks_before_wait(Runtime *rt) {
  TaskHome *home = rt->tasks;
  if (home->closed || !atomic_load_explicit(&home->awake, memory_order_relaxed))
    return;
  if (atomic_load_explicit(&home->inbox, memory_order_relaxed) != NULL) {
    rt_enter(rt);
    settle_inbox(home);
    rt_leave(rt, VALUE_UNDEFINED);
  }
  rt_tasks_not_awake(rt);
}

void rt_tasks_not_awake(Runtime *rt) {
  TaskHome *home = rt->tasks;
  if (home->closed) return;
  atomic_store(&home->awake, false);
  // What came before that has woken nobody.
  if (atomic_load(&home->inbox) != NULL) exec_loop_waker_wake(home->wake);
}

TaskHome *rt_task_home(Runtime *rt) {
  if (rt->tasks != NULL) return rt->tasks;
  TaskHome *home = rt_need_loop(rt) ? calloc(1, sizeof *home) : NULL;
  if (home == NULL || uv_mutex_init(&home->lock) != 0) {
    free(home);
    return NULL;
  }
  if (exec_loop_waker_new(&home->wake, &rt->loop, on_wake, home) != 0) {
    uv_mutex_destroy(&home->lock);
    free(home);
    return NULL;
  }
  uv_unref(exec_loop_waker_handle(home->wake));
  home->references = 1;
  home->runtime = rt;
  rt_task_table_init(&home->table);
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

static void *aligned_zeroes(size_t alignment, size_t bytes) {
  void *memory = aligned_alloc(alignment, bytes);
  return memory == NULL ? NULL : memset(memory, 0, bytes);
}

static WorkerSet *set_of(Runtime *rt) {
  if (rt->workers != NULL) return rt->workers;
  WorkerSet *set = aligned_zeroes(_Alignof(WorkerSet), sizeof *set);
  if (set == NULL) return NULL;
  set->limit = default_limit(rt);
  set->workers =
      aligned_zeroes(_Alignof(ScriptWorker), set->limit * sizeof *set->workers);
  if (set->workers == NULL || uv_mutex_init(&set->lock) != 0) {
    free(set->workers);
    free(set);
    return NULL;
  }
  for (uint32_t i = 0; i < set->limit; i++)
    set->workers[i].set = set;
  set->options = rt->options;
  set->options.lazy_loop = false; // a worker waits for tasks
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

// Tasks come back to a home as long as the set has any.
static void belong_to_set(TaskHome *home, WorkerSet *set) {
  if (likely(home->set != NULL)) return;
  home->set = set;
  uv_mutex_lock(&set->lock);
  home->next_of_set = set->homes;
  set->homes = rt_task_home_retain(home);
  uv_mutex_unlock(&set->lock);
}

rill_executor *rt_workers_executor(Runtime *rt) {
  if (rt_task_home(rt) == NULL) return NULL;
  WorkerSet *set = set_of(rt);
  return set == NULL ? NULL : set->executor;
}

uint32_t rt_workers_limit(Runtime *rt) {
  return rt->workers == NULL ? default_limit(rt) : rt->workers->limit;
}

uint32_t rt_workers_running(Runtime *rt) {
  return rt->workers == NULL ? 0 : atomic_load(&rt->workers->runtimes);
}

uint32_t rt_workers_queued(Runtime *rt) {
  WorkerSet *set = rt->workers;
  if (set == NULL) return 0;
  uint64_t begun = 0; // before `spawned`, which it is not to exceed
  for (uint32_t i = 0; i < set->limit; i++)
    begun += atomic_load_explicit(&set->workers[i].begun, memory_order_acquire);
  uint64_t spawned = atomic_load(&set->spawned);
  return spawned > begun ? (uint32_t)(spawned - begun) : 0;
}

const char *rt_task_name_for(Runtime *rt, String *name) {
  char *text = vm_string_to_utf8(rt->isolate, name, NULL);
  const char *kept = NULL;
  if (text != NULL && text[0] != 0) {
    uv_mutex_lock(&rt->workers->lock);
    kept = rt_task_name(&rt->workers->names, text);
    uv_mutex_unlock(&rt->workers->lock);
  }
  free(text);
  return kept;
}

// A call without a Clone. False: it needs one, or threw.
static bool make_plain_call(Runtime *rt, Value function, Array *arguments,
                            SpawnedTask *task) {
  Elements *e = arguments->object.elements;
  uint32_t count = arguments->length;
  if (count > PLAIN_ARGUMENTS || elements_length(e) != count) return false;
  for (uint32_t i = 0; i < count; i++) {
    if (value_is_cell(e->values[i]) || value_is_empty(e->values[i]))
      return false;
    task->values[i] = e->values[i];
  }
  task->argument_count = (uint8_t)count;
  return rt_task_function(rt, function, &task->function) &&
         task->function != NULL;
}

static bool make_call(Runtime *rt, Value function, Array *arguments,
                      Array *transfer, SpawnedTask *task) {
  if (transfer == NULL && make_plain_call(rt, function, arguments, task))
    return true;
  if (vm_has_exception(rt->isolate)) return false;
  task->function = NULL;
  task->clone = malloc(sizeof *task->clone);
  task->has_clone = true;
  if (task->clone == NULL) {
    vm_throw_out_of_memory(rt->isolate);
    return false;
  }
  ClonePart parts[] = {{function, ""},
                       {value_from_cell(arguments), "arguments"}};
  if (rt_clone_serialize_parts(rt->isolate, parts, 2, transfer, true,
                               task->clone) &&
      rt_clone_send(rt->isolate, task->clone))
    return true;
  free(task->clone);
  return false;
}

// Of the task's options, or of its function. NULL: threw.
static String *wanted_name(Isolate *iso, Value function, Value given) {
  if (given == VALUE_UNDEFINED) {
    const Template *t = rt_clone_template_alone(iso, function);
    if (t != NULL) // asking the function would give it members
      return t->name == NULL ? ATOM(empty) : t->name;
    given = vm_get(iso, value_as_object(function), KEY(name));
    if (value_is_exception(given)) return NULL;
  }
  return vm_to_string(iso, given);
}

static JoinHandle *make_handle(Isolate *iso, Object *prototype) {
  JoinHandle *handle = (JoinHandle *)vm_object_allocate(
      iso, CELL_PROMISE, sizeof(JoinHandle), prototype);
  handle->promise.result = VALUE_UNDEFINED;
  handle->promise.object.cell.aux |= PROMISE_OF_HOST;
  vm_promise_tell(iso, PROMISE_MADE, &handle->promise);
  return handle;
}

// False: threw.
static bool name_handle(Runtime *rt, const TaskSpawn *spawn,
                        const SpawnedTask *task, JoinHandle *handle,
                        const char **name) {
  if (task->function != NULL && spawn->name == VALUE_UNDEFINED) {
    *name = task->function->name;
    return true;
  }
  Isolate *iso = rt->isolate;
  String *wanted = wanted_name(iso, spawn->function, spawn->name);
  if (wanted == NULL) return false;
  *name = rt_task_name_for(rt, wanted);
  // Beyond the names that are kept, the handle has its own.
  if (*name == NULL && string_length(wanted) > 0)
    vm_put(iso, &handle->promise.object, KEY(name), value_from_cell(wanted),
           PROPERTY_HIDDEN);
  return true;
}

static bool add_to_home(TaskHome *home, SpawnedTask *task, JoinHandle *handle) {
  Isolate *iso = home->runtime->isolate;
  task->handle_slot =
      rt_task_table_add(iso, &home->table, value_from_cell(handle), task);
  if (task->handle_slot == TASK_TABLE_NONE) return false;
  count_task(iso, 1);
  rt_task_home_keep(home, 1);
  handle->identity = (uintptr_t)task;
  return true;
}

// It was placed, but not started.
static void abandon(SpawnedTask *task) {
  free_clone(task);
  exec_spawn_abandon(join_of(task));
}

JoinHandle *rt_task_spawn(Runtime *rt, const TaskSpawn *spawn) {
  Isolate *iso = rt->isolate;
  if (!rt_check_console_allowed(rt, "threads")) return NULL;
  TaskHome *home = rt_task_home(rt);
  WorkerSet *set = home == NULL ? NULL : set_of(rt);
  if (set == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  belong_to_set(home, set);
  bool is_traced = trace_wants(TRACE_TASK, TRACE_INFO);
  TracedTask traced = {
      .task = {
          .future = {is_traced ? &rt_traced_task_type : &rt_spawned_task_type},
          .home = home,
          .parent = spawn->is_scoped ? rt_worker_running_id(rt) : 0,
      }};
  SpawnedTask *new = &traced.task;
  if (!make_call(rt, spawn->function, spawn->arguments, spawn->transfer, new))
    return NULL;
  JoinHandle *handle = make_handle(iso, spawn->prototype);
  const char *name;
  rill_join *join = name_handle(rt, spawn, new, handle, &name)
                        ? exec_spawn_place(set->executor, &new->future, name)
                        : NULL;
  if (join == NULL) {
    free_clone(new);
    if (!vm_has_exception(iso)) vm_throw_out_of_memory(iso);
    return NULL;
  }
  SpawnedTask *task = (SpawnedTask *)exec_spawn_future(join);
  if (!add_to_home(home, task, handle)) {
    abandon(task);
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  // What is printed already comes before what the task prints.
  rt_output_flush(rt);
  if (is_traced)
    *rt_task_span(task) =
        trace_span_here(iso, TRACE_TASK, rt_task_name_of(task), NULL);
  rt_track(rt, task, "spawn", NULL);
  if (rt->is_driven)
    atomic_store_explicit(&home->awake, true, memory_order_relaxed);
  atomic_fetch_add_explicit(&set->spawned, 1, memory_order_relaxed);
  if (exec_spawn_start(join)) return handle;
  atomic_fetch_sub(&set->spawned, 1);
  leave_home(task);
  abandon(task);
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
  const TaskTable *table = &rt->tasks->table;
  for (uint32_t i = 0; i < table->used; i++) {
    const SpawnedTask *task = rt_task_table_task(table, i);
    if (task == NULL) continue;
    trace_add_wait(graph, rt_task_table_value(table, task->handle_slot),
                   describe, task, NULL);
  }
}

// Its worker is told; it may have ended meanwhile.
static void interrupt(WorkerSet *set, SpawnedTask *task) {
  uv_mutex_lock(&set->lock);
  Runtime *runtime = set->workers[task->worker].runtime;
  if (runtime != NULL) vm_request_interrupt(runtime->isolate, INTERRUPT_HOST);
  uv_mutex_unlock(&set->lock);
  rt_task_wake(task);
}

void rt_task_abort(SpawnedTask *task, Value reason) {
  if (task->aborted_again) return;
  TaskHome *home = task->home;
  Runtime *rt = home->runtime;
  if (reason != VALUE_UNDEFINED) {
    if (task->has_reason)
      rt_task_table_remove(rt->isolate, &home->table, task->reason_slot);
    task->reason_slot =
        rt_task_table_add(rt->isolate, &home->table, reason, NULL);
    task->has_reason = task->reason_slot != TASK_TABLE_NONE;
  }
  if (task->aborted) task->aborted_again = true;
  task->aborted = true;
  uint8_t state = TASK_QUEUED;
  if (atomic_compare_exchange_strong(&task->state, &state, TASK_ENDED)) {
    // The worker that meets it in the queue drops it.
    atomic_fetch_sub(&rt->workers->spawned, 1);
    free_clone(task);
    settle(task, TASK_ABORTED);
  } else if (state == TASK_RUNNING) {
    interrupt(rt->workers, task);
  }
}

void rt_task_wake(SpawnedTask *task) {
  exec_join_wake(join_of(task));
}

uint64_t rt_task_id(const SpawnedTask *task) {
  return rill_join_id(join_of(task));
}

void rt_tasks_abort(Runtime *rt, Value reason) {
  TaskHome *home = rt->tasks;
  for (uint32_t i = 0; home != NULL && i < home->table.used; i++) {
    SpawnedTask *task = rt_task_table_task(&home->table, i);
    if (task != NULL) rt_task_abort(task, reason);
  }
}

// The first of a task's children in the table from *slot on, or NULL.
static SpawnedTask *next_child(Runtime *rt, uint64_t parent, uint32_t *slot) {
  TaskHome *home = rt->tasks;
  if (home == NULL) return NULL;
  while (*slot < home->table.used) {
    SpawnedTask *task = rt_task_table_task(&home->table, (*slot)++);
    if (task != NULL && task->parent == parent) return task;
  }
  return NULL;
}

bool rt_tasks_have_child(Runtime *rt, uint64_t parent) {
  uint32_t slot = 0;
  return next_child(rt, parent, &slot) != NULL;
}

bool rt_tasks_abort_children(Runtime *rt, uint64_t parent, bool again) {
  uint32_t slot = 0;
  SpawnedTask *task;
  while ((task = next_child(rt, parent, &slot)) != NULL) {
    if (task->aborted && !again) continue;
    // The scope may have been stopped before it could listen.
    rt_task_promise(task)->object.cell.aux |= PROMISE_IS_HANDLED;
    rt_task_abort(task, VALUE_UNDEFINED);
  }
  return rt_tasks_have_child(rt, parent);
}

void rt_task_detach(SpawnedTask *task) {
  uint64_t parent = task->parent;
  task->parent = 0;
  if (parent != 0) rt_worker_child_ended(task->home->runtime, parent);
}

bool rt_tasks_visit(Runtime *rt, bool (*visit)(void *, const SpawnedTask *),
                    void *data) {
  TaskHome *home = rt->tasks;
  for (uint32_t i = 0; home != NULL && i < home->table.used; i++) {
    const SpawnedTask *task = rt_task_table_task(&home->table, i);
    if (task != NULL && !visit(data, task)) return false;
  }
  return true;
}

Promise *rt_task_promise(const SpawnedTask *task) {
  return &handle_of(task)->promise;
}

const char *rt_task_name_of(const SpawnedTask *task) {
  return exec_join_name(join_of(task));
}

bool rt_tasks_are_pending(const Runtime *rt) {
  return rt->tasks != NULL && rt->tasks->table.count > 0;
}

uint32_t rt_tasks_pending(const Runtime *rt) {
  return rt->tasks == NULL ? 0 : rt->tasks->keeping;
}

const uv_handle_t *rt_tasks_handle(const Runtime *rt) {
  return rt->tasks == NULL ? NULL : exec_loop_waker_handle(rt->tasks->wake);
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
    // A task of the embedder's may be what frees the isolate.
  } while (exec_reactor_stop(set->executor, &shutdown) == RILL_TIMED_OUT);
  rill_executor_free(set->executor);
  while (set->homes != NULL) {
    TaskHome *home = set->homes;
    set->homes = home->next_of_set;
    rt_task_home_release(home);
  }
  rt_task_functions_free(&set->functions);
  rt_task_names_free(&set->names);
  gc_leave_native(rt->isolate->heap);
  uv_mutex_destroy(&set->lock);
  free(set->workers);
  free(set);
}

// Takes no more: what still comes is dropped by who posts it.
static void close_home(TaskHome *home) {
  uv_mutex_lock(&home->lock);
  home->closed = true;
  uv_mutex_unlock(&home->lock);
  for (SpawnedTask *t = take_inbox(home, &closed_inbox); t != NULL; t = t->next)
    free_clone(t);
  for (uint32_t i = 0; i < home->table.used; i++) {
    SpawnedTask *task = rt_task_table_task(&home->table, i);
    if (task != NULL) settled(task);
  }
  rt_task_table_free(home->runtime->isolate, &home->table);
}

void rt_workers_close(Runtime *rt) {
  if (rt->tasks != NULL) {
    close_home(rt->tasks);
    rt_futures_drop_all(rt);
    exec_loop_waker_close(rt->tasks->wake);
  }
  WorkerSet *set = rt->workers;
  if (set != NULL && rt->worker == NULL) stop(rt, set);
  rt->workers = NULL;
}

void rt_workers_free(Runtime *rt) {
  TaskHome *home = rt->tasks;
  if (home == NULL) return;
  rt->tasks = NULL;
  rt_task_home_release(home);
}
