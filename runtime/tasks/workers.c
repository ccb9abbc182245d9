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
  rt_task_blocks_free(&home->blocks);
  uv_mutex_destroy(&home->lock);
  free(home);
}

// In the inbox of a home that takes no more.
static SpawnedTask closed_inbox;

static void free_clone(SpawnedTask *task) {
  Clone *clone = rt_task_clone(task);
  if (clone == NULL) return;
  rt_clone_free(clone);
  free(clone);
  task->value = VALUE_UNDEFINED;
}

void rt_task_drop_call(SpawnedTask *task) {
  free_clone(task);
}

static void wake(TaskHome *home) {
  uv_mutex_lock(&home->lock);
  if (!home->closed) exec_loop_waker_wake(home->wake);
  uv_mutex_unlock(&home->lock);
}

void rt_task_post(SpawnedTask *task) {
  TaskHome *home = rt_task_home_of(task);
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
  return (JoinHandle *)value_as_cell(*rt_task_handle_word(task));
}

static uint64_t identity_of(const SpawnedTask *task) {
  return atomic_load_explicit(&task->identity, memory_order_relaxed);
}

// The task's id and name are the handle's from now on.
static void settle_identity(JoinHandle *handle) {
  __atomic_store_n(&handle->promise.host,
                   identity_of(rt_handle_task(handle)) | HANDLE_IS_SETTLED |
                       PROMISE_HOST_WORD,
                   __ATOMIC_RELAXED);
}

static uint64_t handle_identity(const JoinHandle *handle) {
  const SpawnedTask *task = rt_handle_task(handle);
  uint64_t flags = PROMISE_HOST_WORD | HANDLE_IS_SETTLED;
  return task == NULL ? handle->promise.host & ~flags : identity_of(task);
}

uint64_t rt_handle_id(const JoinHandle *handle) {
  return handle_identity(handle) >> TASK_NAME_BITS;
}

// NULL: none. The set's lock is held.
static const char *name_in(const WorkerSet *set, uint64_t identity) {
  uint32_t number = identity & ((1u << TASK_NAME_BITS) - 1);
  return number == 0 ? NULL : rt_task_name_of_number(&set->names, number);
}

static const char *given_name(WorkerSet *set, uint64_t identity) {
  if (set == NULL) return NULL;
  uv_mutex_lock(&set->lock);
  const char *name = name_in(set, identity);
  uv_mutex_unlock(&set->lock);
  return name;
}

const char *rt_handle_name(Runtime *rt, const JoinHandle *handle) {
  return given_name(rt->workers, handle_identity(handle));
}

const char *rt_task_name_of(const SpawnedTask *task) {
  const char *name = given_name(rt_task_home_of(task)->set, identity_of(task));
  return name == NULL ? rt_task_call_type.future.name : name;
}

// The promise's end has come: the loop need not wait for it any longer.
static void leave_home(SpawnedTask *task) {
  TaskHome *home = rt_task_home_of(task);
  Isolate *iso = home->runtime->isolate;
  settle_identity(handle_of(task));
  gc_store_word(iso->heap, rt_task_handle_word(task), GC_NO_CELL);
  home->unsettled--;
  rt_task_set_reason(task, VALUE_UNDEFINED);
  uint64_t parent = rt_task_parent(task);
  if (parent != 0) rt_worker_child_ended(home->runtime, parent);
  rt_untrack(home->runtime, task);
  rt_task_home_keep(home, -1);
}

Value rt_task_abort_error(Isolate *iso) {
  rt_throw_dom_exception(iso, "AbortError", "The task was aborted");
  return vm_take_exception(iso);
}

// What the promise is settled with. EXCEPTION: the exception is pending.
static Value take_result(Isolate *iso, SpawnedTask *task, TaskOutcome outcome) {
  if (outcome == TASK_FAILED) return vm_throw_out_of_memory(iso);
  if (outcome == TASK_ABORTED) {
    Value reason = rt_task_reason(task);
    return value_is_undefined(reason) ? rt_task_abort_error(iso) : reason;
  }
  Clone *clone = rt_task_clone(task);
  if (clone == NULL) return task->value;
  Value value;
  bool done = rt_clone_deserialize_parts(iso, clone, &value, 1, NULL, NULL);
  free_clone(task);
  return done ? value : VALUE_EXCEPTION;
}

static void settle(SpawnedTask *task, TaskOutcome outcome) {
  Isolate *iso = rt_task_home_of(task)->runtime->isolate;
  Promise *promise = &handle_of(task)->promise;
  Value value = take_result(iso, task, outcome);
  leave_home(task);
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
  rt_task_blocks_count(home);
  // After that: a task that ended the program did so before it was posted.
  Runtime *rt = home->runtime;
  if (home->ends && !rt->exiting) {
    rt->exiting = true;
    rt->exit_code = home->exit_code;
  }
  while (task != NULL) {
    SpawnedTask *next = task->next;
    if (task->outcome != TASK_DROPPED) settle(task, (TaskOutcome)task->outcome);
    rt_task_record_free(task);
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
  rt_task_blocks_init(&home->blocks);
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
  set->lodgers = (ExecLodgers){rt_lodgers_count, rt_lodgers_each, set};
  exec_set_lodgers(set->executor, &set->lodgers);
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

uint64_t rt_lodgers_count(void *data) {
  WorkerSet *set = data;
  uint64_t count = 0;
  for (uint32_t i = 0; i < set->limit; i++)
    count +=
        atomic_load_explicit(&set->workers[i].lodgers, memory_order_relaxed);
  return count;
}

// The home's lock and the set's are held.
static void list_block(const WorkerSet *set, const TaskBlock *block,
                       void (*each)(void *, const rill_task_info *),
                       void *data) {
  for (uint32_t i = 0; i < TASK_BLOCK_RECORDS; i++) {
    const SpawnedTask *task = &block->tasks[i];
    if (!atomic_load_explicit(&task->waits, memory_order_acquire)) continue;
    uint64_t identity = identity_of(task);
    const char *name = name_in(set, identity);
    rill_task_info info = {
        .id = identity >> TASK_NAME_BITS,
        .name = name == NULL ? rt_task_call_type.future.name : name,
        .activity = RILL_TASK_WAITING,
        .waits_for = "",
        .worker = atomic_load_explicit(&task->worker, memory_order_relaxed),
    };
    each(data, &info);
  }
}

void rt_lodgers_each(void *data, void (*each)(void *, const rill_task_info *),
                     void *of_callback) {
  WorkerSet *set = data;
  uv_mutex_lock(&set->lock);
  for (TaskHome *h = set->homes; h != NULL; h = h->next_of_set) {
    uv_mutex_lock(&h->lock);
    for (const TaskBlock *b = h->blocks.first; b != NULL; b = b->next)
      list_block(set, b, each, of_callback);
    uv_mutex_unlock(&h->lock);
  }
  uv_mutex_unlock(&set->lock);
}

// A call without a Clone. False: it needs one, or threw.
static bool make_plain_call(Runtime *rt, Value function, Array *arguments,
                            TaskCall *call) {
  Elements *e = arguments->object.elements;
  uint32_t count = arguments->length;
  if (count > PLAIN_ARGUMENTS || elements_length(e) != count) return false;
  for (uint32_t i = 0; i < count; i++) {
    if (value_is_cell(e->values[i]) || value_is_empty(e->values[i]))
      return false;
    call->values[i] = e->values[i];
  }
  call->argument_count = (uint8_t)count;
  return rt_task_function(rt, function, &call->function) &&
         call->function != NULL;
}

static bool make_call(Runtime *rt, Value function, Array *arguments,
                      Array *transfer, SpawnedTask *task, TaskCall *call) {
  if (transfer == NULL && make_plain_call(rt, function, arguments, call))
    return true;
  if (vm_has_exception(rt->isolate)) return false;
  call->function = NULL;
  call->argument_count = 0;
  Clone *clone = malloc(sizeof *clone);
  if (clone == NULL) {
    vm_throw_out_of_memory(rt->isolate);
    return false;
  }
  ClonePart parts[] = {{function, ""},
                       {value_from_cell(arguments), "arguments"}};
  if (rt_clone_serialize_parts(rt->isolate, parts, 2, transfer, CLONE_CODE,
                               clone) &&
      rt_clone_send(rt->isolate, clone)) {
    task->clone = clone;
    return true;
  }
  free(clone);
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
  handle->promise.object.cell.aux |= PROMISE_OF_HOST;
  vm_promise_tell(iso, PROMISE_MADE, &handle->promise);
  return handle;
}

// False: threw.
static bool name_handle(Runtime *rt, const TaskSpawn *spawn,
                        const TaskCall *call, JoinHandle *handle,
                        const char **name) {
  if (call->function != NULL && spawn->name == VALUE_UNDEFINED) {
    *name = call->function->name;
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

static void add_to_home(SpawnedTask *task, JoinHandle *handle) {
  TaskHome *home = rt_task_home_of(task);
  gc_publish(rt_task_handle_word(task), value_from_cell(handle));
  __atomic_store_n(&handle->promise.host, (uintptr_t)task | PROMISE_HOST_WORD,
                   __ATOMIC_RELAXED);
  home->unsettled++;
  rt_task_home_keep(home, 1);
}

// It was not started.
static void abandon(SpawnedTask *task) {
  free_clone(task);
  rt_task_record_abandon(task);
}

// The call, placed in a task of the executor. NULL: threw, or out of memory.
static TaskCall *place_call(Runtime *rt, const TaskSpawn *spawn,
                            SpawnedTask *task, JoinHandle *handle,
                            const TaskCall *like) {
  const char *name;
  if (!name_handle(rt, spawn, like, handle, &name)) return NULL;
  rill_future *future =
      exec_lean_place(rt->workers->executor, rt_task_call_memory(task),
                      &rt_task_call_type, name);
  if (future == NULL) return NULL;
  TaskCall *call = (TaskCall *)future;
  call->task = task;
  call->function = like->function;
  call->argument_count = like->argument_count;
  memcpy(call->values, like->values, sizeof call->values);
  atomic_store_explicit(&task->identity,
                        exec_lean_id(future) << TASK_NAME_BITS |
                            rt_task_name_number(name),
                        memory_order_relaxed);
  return call;
}

JoinHandle *rt_task_spawn(Runtime *rt, const TaskSpawn *spawn) {
  Isolate *iso = rt->isolate;
  if (!rt_check_console_allowed(rt, "threads")) return NULL;
  TaskHome *home = rt_task_home(rt);
  WorkerSet *set = home == NULL ? NULL : set_of(rt);
  SpawnedTask *task = set == NULL ? NULL : rt_task_record_new(home);
  if (task == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  belong_to_set(home, set);
  if (spawn->is_scoped && !rt_task_set_parent(task, rt_worker_running_id(rt))) {
    rt_task_record_abandon(task);
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  TaskCall like = {0};
  if (!make_call(rt, spawn->function, spawn->arguments, spawn->transfer, task,
                 &like)) {
    rt_task_record_abandon(task);
    return NULL;
  }
  JoinHandle *handle = make_handle(iso, spawn->prototype);
  TaskCall *call = place_call(rt, spawn, task, handle, &like);
  if (call == NULL) {
    abandon(task);
    if (!vm_has_exception(iso)) vm_throw_out_of_memory(iso);
    return NULL;
  }
  add_to_home(task, handle);
  // What is printed already comes before what the task prints.
  rt_output_flush(rt);
  if (trace_wants(TRACE_TASK, TRACE_INFO))
    call->span = trace_span_here(iso, TRACE_TASK, rt_task_name_of(task), NULL);
  rt_track(rt, task, "spawn", NULL);
  if (rt->is_driven)
    atomic_store_explicit(&home->awake, true, memory_order_relaxed);
  atomic_fetch_add_explicit(&set->spawned, 1, memory_order_relaxed);
  if (exec_lean_start(&call->future)) return handle;
  atomic_fetch_sub(&set->spawned, 1);
  exec_lean_abandon(&call->future);
  leave_home(task);
  abandon(task);
  vm_throw_error(iso, ERROR_ERROR, "The program is ending: nothing is spawned");
  return NULL;
}

static void describe(TraceSnapshot *s, Runtime *rt, const void *object,
                     const char *note, TraceWait *out) {
  static const char *const states[] = {"queued", "running", "running", "ended"};
  const SpawnedTask *task = object;
  (void)rt;
  out->kind = TRACE_WAIT_TASK;
  out->resource = task;
  out->text = trace_text(s, "a spawned task, which is %s",
                         states[atomic_load(&task->state)]);
}

void rt_tasks_list_waits(Runtime *rt, TraceGraph *graph) {
  if (rt->tasks == NULL) return;
  TaskCursor cursor = rt_task_cursor(rt->tasks);
  const SpawnedTask *task;
  while ((task = rt_task_next(&cursor)) != NULL)
    trace_add_wait(graph, *rt_task_handle_word(task), describe, task, NULL);
}

// Its worker is told; it may have ended meanwhile.
static void tell(WorkerSet *set, SpawnedTask *task) {
  uv_mutex_lock(&set->lock);
  ScriptWorker *w = &set->workers[task->worker];
  uint8_t state = TASK_RUNNING;
  if (w->runtime != NULL) {
    vm_request_interrupt(w->runtime->isolate, INTERRUPT_HOST);
    // One that is in the list has not been seen there since it was aborted.
    if (atomic_compare_exchange_strong(&task->state, &state, TASK_TOLD)) {
      task->next = atomic_load_explicit(&w->told, memory_order_relaxed);
      while (!atomic_compare_exchange_weak(&w->told, &task->next, task)) {
      }
      exec_join_wake(w->keeper);
    }
  }
  uv_mutex_unlock(&set->lock);
}

void rt_task_abort(SpawnedTask *task, Value reason) {
  if (task->aborts > 1) return;
  Runtime *rt = rt_task_home_of(task)->runtime;
  if (reason != VALUE_UNDEFINED) rt_task_set_reason(task, reason);
  task->aborts++;
  uint8_t state = TASK_QUEUED;
  if (atomic_compare_exchange_strong(&task->state, &state, TASK_ENDED)) {
    // The worker that meets it in the queue sends the record back.
    atomic_fetch_sub(&rt->workers->spawned, 1);
    free_clone(task);
    settle(task, TASK_ABORTED);
  } else if (state != TASK_ENDED) {
    tell(rt->workers, task);
  }
}

uint64_t rt_task_id(const SpawnedTask *task) {
  return identity_of(task) >> TASK_NAME_BITS;
}

static TaskCursor cursor_of(const Runtime *rt) {
  return rt->tasks == NULL ? (TaskCursor){NULL, 0} : rt_task_cursor(rt->tasks);
}

void rt_tasks_abort(Runtime *rt, Value reason) {
  TaskCursor cursor = cursor_of(rt);
  SpawnedTask *task;
  while ((task = rt_task_next(&cursor)) != NULL)
    rt_task_abort(task, reason);
}

bool rt_tasks_have_child(Runtime *rt, uint64_t parent) {
  TaskCursor cursor = cursor_of(rt);
  return rt_task_next_child(&cursor, parent) != NULL;
}

bool rt_tasks_abort_children(Runtime *rt, uint64_t parent, bool again) {
  TaskCursor cursor = cursor_of(rt);
  SpawnedTask *task;
  while ((task = rt_task_next_child(&cursor, parent)) != NULL) {
    if (task->aborts > 0 && !again) continue;
    // The scope may have been stopped before it could listen.
    rt_task_promise(task)->object.cell.aux |=
        PROMISE_IS_HANDLED | PROMISE_IS_ORPHAN;
    rt_task_abort(task, VALUE_UNDEFINED);
  }
  return rt_tasks_have_child(rt, parent);
}

void rt_task_detach(SpawnedTask *task) {
  uint64_t parent = rt_task_parent(task);
  if (parent == 0) return;
  (void)rt_task_set_parent(task, 0);
  rt_worker_child_ended(rt_task_home_of(task)->runtime, parent);
}

bool rt_tasks_visit(Runtime *rt, bool (*visit)(void *, const SpawnedTask *),
                    void *data) {
  TaskCursor cursor = cursor_of(rt);
  const SpawnedTask *task;
  while ((task = rt_task_next(&cursor)) != NULL) {
    if (!visit(data, task)) return false;
  }
  return true;
}

Promise *rt_task_promise(const SpawnedTask *task) {
  return &handle_of(task)->promise;
}

bool rt_tasks_are_pending(const Runtime *rt) {
  return rt->tasks != NULL && rt->tasks->unsettled > 0;
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
  TaskCursor cursor = rt_task_cursor(home);
  SpawnedTask *task;
  while ((task = rt_task_next(&cursor)) != NULL)
    leave_home(task);
  rt_task_blocks_close(home);
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
