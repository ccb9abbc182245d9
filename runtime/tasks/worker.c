// SPDX-License-Identifier: MIT
// Spawned functions on a worker of the executor: its Runtime, which is made
// when it takes the first, and whose loop the worker drives; a function's way
// from its call to its end.
#include <stdlib.h>
#include <string.h>

#include "runtime/modules/loader.h"
#include "runtime/tasks/sync_handles.h"
#include "runtime/tasks/tasks_internal.h"
#include "runtime/trace/spans.h"
#include "vm/interpreter/async_context.h"
#include "vm/interpreter/fiber.h"
#include "vm/objects/elements.h"

// Between looks at what the loop has for the tasks that wait.
#define TURN_NANOSECONDS 1000000

static ScriptWorker *worker_of(Isolate *iso) {
  return rt_of(iso)->worker;
}

// A task's way
// -------------------------------------------------------------------

// Its ends of channels go with a task: others learn that it is over, and need
// not wait until its copies are collected.
void rt_task_close_channels(Value handles) {
  if (handles == VALUE_UNDEFINED) return;
  Array *list = (Array *)value_as_cell(handles);
  for (uint32_t i = 0; i < list->length; i++) {
    HostObject *o =
        (HostObject *)value_as_cell(list->object.elements->values[i]);
    SyncHandle *h = rt_sync_handle_of(o);
    if (h != NULL && h->type->ends_with_task) rt_sync_handle_close(o);
  }
}

static Value extra(const ScriptWorker *w, const SpawnedTask *task,
                   uint32_t which) {
  if (likely(task->extra_slot == TASK_TABLE_NONE)) return VALUE_UNDEFINED;
  Value list = rt_task_table_value(&w->running, task->extra_slot);
  return ((CellList *)value_as_cell(list))->words[which];
}

// False: threw.
static bool set_extra(ScriptWorker *w, SpawnedTask *task, uint32_t which,
                      Value value) {
  Isolate *iso = w->runtime->isolate;
  if (task->extra_slot == TASK_TABLE_NONE) {
    CellList *list = vm_cell_list_new(iso, TASK_EXTRAS);
    if (list == NULL) return false;
    for (uint32_t i = 0; i < TASK_EXTRAS; i++)
      gc_publish(&list->words[i], VALUE_UNDEFINED);
    task->extra_slot =
        rt_task_table_add(iso, &w->running, value_from_cell(list), NULL);
    if (task->extra_slot == TASK_TABLE_NONE) {
      vm_throw_out_of_memory(iso);
      return false;
    }
  }
  Value list = rt_task_table_value(&w->running, task->extra_slot);
  gc_store_word(iso->heap, &((CellList *)value_as_cell(list))->words[which],
                value);
  return true;
}

static void end_span(ScriptWorker *w, const SpawnedTask *task) {
  Value span = extra(w, task, TASK_EXTRA_SPAN);
  if (likely(value_is_undefined(span))) return;
  static const char *const outcomes[] = {
      "\"outcome\":\"returned\"", "\"outcome\":\"threw\"",
      "\"outcome\":\"aborted\"", "\"outcome\":\"failed\""};
  trace_span_end(TRACE_TASK, TRACE_INFO, w->runtime->trace->number,
                 (uint64_t)value_as_number(span), outcomes[task->outcome]);
}

// NULL: it runs no more.
static SpawnedTask *task_of_link(ScriptWorker *w, Value link) {
  SpawnedTask *task = rt_task_table_linked(&w->running, link);
  return task == NULL || task->waits_for_children ? NULL : task;
}

static void forget_slot(ScriptWorker *w, uint32_t slot) {
  if (slot != TASK_TABLE_NONE)
    rt_task_table_remove(w->runtime->isolate, &w->running, slot);
}

static void close_channels(ScriptWorker *w, SpawnedTask *task) {
  Value channels = extra(w, task, TASK_EXTRA_CHANNELS);
  if (value_is_undefined(channels)) return;
  rt_task_close_channels(channels);
  (void)set_extra(w, task, TASK_EXTRA_CHANNELS, VALUE_UNDEFINED);
}

// process.exit in a task.
static void tell_exit(Runtime *rt) {
  if (rt->exit_requested) rt_task_home_end(rt->workers->main, rt->exit_code);
}

// A task's result: a Clone, or a value that means the same in every isolate.
typedef struct TaskResult {
  Clone *clone; // or NULL
  Value value;
} TaskResult;
static const TaskResult no_result = {NULL, VALUE_UNDEFINED};

static void set_lodgers(ScriptWorker *w, int change) {
  uint64_t count = atomic_load_explicit(&w->lodgers, memory_order_relaxed);
  atomic_store_explicit(&w->lodgers, count + (uint64_t)(int64_t)change,
                        memory_order_relaxed);
}

// The task's call, if the executor is not done with that.
static TaskCall *call_under_way(const ScriptWorker *w,
                                const SpawnedTask *task) {
  TaskCall *call = w->call;
  while (call != NULL && call->task != task)
    call = call->outer;
  return call;
}

// One that has ended.
static void send_back(ScriptWorker *w, SpawnedTask *task) {
  TaskCall *call = call_under_way(w, task);
  if (call != NULL)
    call->state = CALL_ENDED;
  else
    rt_task_post(task);
}

// Its home hears of it. The task may be gone afterwards.
static void finish(ScriptWorker *w, SpawnedTask *task, TaskOutcome outcome,
                   TaskResult result) {
  task->outcome = (uint8_t)outcome;
  end_span(w, task);
  close_channels(w, task);
  forget_slot(w, task->extra_slot);
  forget_slot(w, task->awaited_slot);
  w->waiting -= task->waits_for_children;
  if (result.clone != NULL)
    task->clone = result.clone;
  else
    task->value = result.value;
  // What it printed comes before what its end makes others print.
  rt_output_flush(w->runtime);
  TaskCall *call = call_under_way(w, task);
  if (call == NULL) {
    atomic_store_explicit(&task->waits, false, memory_order_relaxed);
    set_lodgers(w, -1);
    rt_task_waits_no_more(task);
  }
  tell_exit(w->runtime);
  // One that is in the list of those told is sent back from there.
  if (call != NULL) call->state = CALL_OVER;
  if (atomic_exchange(&task->state, TASK_ENDED) != TASK_TOLD)
    send_back(w, task);
}

// It will not run any more, but those that its scopes have spawned may: it is
// over when they are.
static void wait_for_children(ScriptWorker *w, SpawnedTask *task) {
  rt_task_table_set(w->runtime->isolate, &w->running, task->awaited_slot,
                    VALUE_UNDEFINED);
  close_channels(w, task);
  task->is_stopped = task->waits_for_children = true;
  w->waiting++;
}

static void end_aborted(ScriptWorker *w, SpawnedTask *task) {
  if (rt_tasks_abort_children(w->runtime, rt_task_id(task), false))
    wait_for_children(w, task);
  else
    finish(w, task, TASK_ABORTED, no_result);
}

void rt_worker_child_ended(Runtime *rt, uint64_t parent) {
  ScriptWorker *w = rt->worker;
  if (w == NULL || w->waiting == 0 || rt_tasks_have_child(rt, parent)) return;
  for (uint32_t i = 0; i < w->running.used; i++) {
    SpawnedTask *task = rt_task_table_task(&w->running, i);
    if (task != NULL && task->waits_for_children &&
        rt_task_id(task) == parent) {
      finish(w, task, TASK_ABORTED, no_result);
      return;
    }
  }
}

// Whatever it waits for, its memory goes away.
static void end_now(ScriptWorker *w, SpawnedTask *task) {
  rt_tasks_abort_children(w->runtime, rt_task_id(task), false);
  finish(w, task, TASK_ABORTED, no_result);
}

void rt_workers_note_transfer(Runtime *rt) {
  if (rt->worker != NULL) rt->worker->transfers++;
}

// The transfer list of a result; NULL: none, or it threw.
static Array *transfer_of(ScriptWorker *w, Value result) {
  Isolate *iso = w->runtime->isolate;
  if (w->transfers == 0 || !value_is_object(result)) return NULL;
  Value exports = rt_builtin_namespace(w->runtime, "rill:task");
  Value take = value_is_exception(exports)
                   ? exports
                   : vm_get(iso, value_as_object(exports),
                            vm_key_from_c("takeTransfer"));
  Value list = value_is_exception(take)
                   ? take
                   : vm_call(iso, take, VALUE_UNDEFINED, 1, &result);
  if (!value_is_object(list)) return NULL;
  w->transfers--;
  return (Array *)value_as_cell(list);
}

// The result as a Clone. NULL: threw, or nobody has room for it.
static Clone *clone_result(Isolate *iso, Value value, Array *transfer,
                           CloneScope scope) {
  Clone *clone = malloc(sizeof *clone);
  ClonePart part = {value, NULL};
  if (clone == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  if (!rt_clone_serialize_parts(iso, &part, 1, transfer, scope, clone)) {
    free(clone);
    return NULL;
  }
  if (!rt_clone_send(iso, clone)) {
    // As little would there be for the error.
    vm_take_exception(iso);
    free(clone);
    return NULL;
  }
  return clone;
}

// What was thrown. An error that has members which cannot be cloned, or whose
// class has, is told of without them. NULL: as clone_result.
static Clone *clone_thrown(Isolate *iso, Value value) {
  Clone *clone = clone_result(iso, value, NULL, CLONE_CODE);
  if (clone != NULL || !vm_has_exception(iso) || vm_is_terminating(iso) ||
      !value_is_kind(value, CELL_ERROR))
    return clone;
  Value why = vm_take_exception(iso);
  clone = clone_result(iso, value, NULL, CLONE_DATA);
  if (clone == NULL && vm_has_exception(iso) && !vm_is_terminating(iso)) {
    vm_take_exception(iso);
    vm_throw(iso, why);
  }
  return clone;
}

static void end_with(ScriptWorker *w, SpawnedTask *task, TaskOutcome outcome,
                     Value value) {
  Isolate *iso = w->runtime->isolate;
  if (!value_is_cell(value)) {
    finish(w, task, outcome, (TaskResult){NULL, value});
    return;
  }
  Array *transfer = transfer_of(w, value);
  Clone *clone = NULL;
  if (!vm_has_exception(iso)) {
    clone = outcome == TASK_THREW
                ? clone_thrown(iso, value)
                : clone_result(iso, value, transfer, CLONE_CODE);
  }
  if (clone == NULL && vm_has_exception(iso)) {
    outcome = TASK_THREW;
    clone = clone_result(iso, vm_take_exception(iso), NULL, CLONE_CODE);
    if (clone == NULL && vm_has_exception(iso)) {
      vm_take_exception(iso);
      end_aborted(w, task);
      return;
    }
  }
  finish(w, task, clone == NULL ? TASK_FAILED : outcome,
         (TaskResult){clone, VALUE_UNDEFINED});
}

// Its function threw, or was stopped.
static void end_with_exception(ScriptWorker *w, SpawnedTask *task) {
  Isolate *iso = w->runtime->isolate;
  if (vm_is_terminating(iso)) {
    vm_end_termination(iso);
    end_aborted(w, task);
  } else {
    end_with(w, task, TASK_THREW, vm_take_exception(iso));
  }
}

static void on_settled(Isolate *iso, PromiseState state, Value result,
                       Value link) {
  ScriptWorker *w = worker_of(iso);
  SpawnedTask *task = task_of_link(w, link);
  if (task == NULL) return; // given up
  if (task->aborts > 0) {
    end_aborted(w, task);
  } else {
    end_with(w, task, state == PROMISE_FULFILLED ? TASK_RETURNED : TASK_THREW,
             result);
  }
}

bool rt_tasks_describe_root(TraceSnapshot *s, Runtime *rt,
                            PromiseCallback callback, Value data,
                            TraceRoot *out) {
  (void)s;
  if (callback != on_settled || rt->worker == NULL) return false;
  out->kind = "spawn";
  out->identity = task_of_link(rt->worker, data);
  return true;
}

bool rt_tasks_describe_fiber(Runtime *rt, const Fiber *root, TraceRoot *out) {
  if (!(root->cell.aux & FRAME_ROOT)) return false;
  out->kind = "spawn";
  out->identity = task_of_link(rt->worker, vm_context_task(root->context));
  return true;
}

// The function of a plain call, once its modules are there. An arrow function
// that captures nothing cannot reach itself, so that one serves all tasks; of
// another sort each gets its own. EMPTY: not yet.
static Value known_function(ScriptWorker *w, const TaskFunction *f) {
  if (f->index >= w->code_count || w->codes[f->index].word == NULL)
    return VALUE_EMPTY;
  Value kept = gc_handle_word(&w->codes[f->index]);
  if (value_is_object(kept)) return kept;
  return value_from_cell(vm_function_new(
      w->runtime->isolate, (Code *)value_as_cell(kept), NULL, NULL));
}

// Out of memory: it is read again next time.
static void remember_function(ScriptWorker *w, const TaskFunction *f,
                              Value function) {
  if (f->index >= w->code_count) {
    uint32_t count = 2 * (f->index + 8);
    GcHandle *more = realloc(w->codes, count * sizeof *more);
    if (more == NULL) return;
    memset(more + w->code_count, 0, (count - w->code_count) * sizeof *more);
    w->codes = more;
    w->code_count = count;
  }
  GcHeap *heap = w->runtime->isolate->heap;
  Code *code = ((Function *)value_as_cell(function))->code;
  bool is_arrow = code->template->kind == CODE_ARROW;
  gc_handle_remove(heap, &w->codes[f->index]);
  gc_handle_add(heap, &w->codes[f->index],
                is_arrow ? function : value_from_cell(code));
}

static void forget_functions(ScriptWorker *w) {
  for (uint32_t i = 0; i < w->code_count; i++)
    gc_handle_remove(w->runtime->isolate->heap, &w->codes[i]);
  free(w->codes);
  w->codes = NULL;
  w->code_count = 0;
}

// Reads what is to be called; the clone, if there is one, is used up. False:
// threw.
static bool read_call(ScriptWorker *w, const TaskCall *call, Clone *clone,
                      Value *function, Array **arguments,
                      CloneArrivals *arrivals) {
  Isolate *iso = w->runtime->isolate;
  Value parts[2];
  bool done;
  if (clone != NULL) {
    done = rt_clone_deserialize_parts(iso, clone, parts, 2, NULL, arrivals);
    rt_clone_free(clone);
    free(clone);
    if (done) *arguments = (Array *)value_as_cell(parts[1]);
  } else {
    // Nothing of this clone is used up by reading it.
    done = rt_clone_deserialize_parts(iso, (Clone *)&call->function->clone,
                                      parts, 1, NULL, arrivals);
    if (done && arrivals->pending == NULL)
      remember_function(w, call->function, parts[0]);
    if (done) {
      *arguments = vm_array_from(iso, call->values, call->argument_count);
      done = *arguments != NULL;
    }
  }
  if (done) *function = parts[0];
  return done;
}

// Calls it after the modules that it needs are there.
static Value call_later(Isolate *iso, Value function, Array *arguments,
                        Array *pending) {
  Value exports = rt_builtin_namespace(rt_of(iso), "rill:task");
  if (value_is_exception(exports)) return exports;
  Value later =
      vm_get(iso, value_as_object(exports), vm_key_from_c("callWhenLoaded"));
  if (value_is_exception(later)) return later;
  Value parts[] = {value_from_cell(pending), function,
                   value_from_cell(arguments)};
  return vm_call(iso, later, VALUE_UNDEFINED, 3, parts);
}

static Value call_function(ScriptWorker *w, const TaskCall *call,
                           Clone *clone) {
  Isolate *iso = w->runtime->isolate;
  if (clone == NULL) {
    Value function = known_function(w, call->function);
    if (function != VALUE_EMPTY)
      return vm_call_root(iso, function, call->argument_count, call->values);
  }
  Value function;
  Array *arguments;
  CloneArrivals arrivals;
  if (!read_call(w, call, clone, &function, &arguments, &arrivals))
    return VALUE_EXCEPTION;
  if (arrivals.handles != NULL &&
      !set_extra(w, call->task, TASK_EXTRA_CHANNELS,
                 value_from_cell(arrivals.handles))) {
    rt_task_close_channels(value_from_cell(arrivals.handles));
    return VALUE_EXCEPTION;
  }
  if (arrivals.pending != NULL)
    return call_later(iso, function, arguments, arrivals.pending);
  return vm_call_root(iso, function, arguments->length,
                      arguments->object.elements->values);
}

// Its end comes when the promise is settled.
static void await(ScriptWorker *w, SpawnedTask *task, Value promise) {
  Isolate *iso = w->runtime->isolate;
  rt_task_table_set(iso, &w->running, task->awaited_slot, promise);
  vm_promise_on_settled(iso, (Promise *)value_as_cell(promise), on_settled,
                        rt_task_table_link(&w->running, task->awaited_slot));
}

// Its places in the worker's table. False: threw.
static bool take_slots(ScriptWorker *w, const TaskCall *call) {
  SpawnedTask *task = call->task;
  task->awaited_slot = task->extra_slot = TASK_TABLE_NONE;
  task->awaited_slot = rt_task_table_add(w->runtime->isolate, &w->running,
                                         VALUE_UNDEFINED, task);
  if (task->awaited_slot == TASK_TABLE_NONE) {
    vm_throw_out_of_memory(w->runtime->isolate);
    return false;
  }
  return likely(call->span == 0) ||
         set_extra(w, task, TASK_EXTRA_SPAN, trace_span_value(call->span));
}

static void run(ScriptWorker *w, const TaskCall *call) {
  Isolate *iso = w->runtime->isolate;
  SpawnedTask *task = call->task;
  Clone *clone = rt_task_clone(task);
  bool has_room = take_slots(w, call);
  if (!has_room || task->aborts > 0) {
    if (clone != NULL) rt_clone_free(clone);
    free(clone);
    if (has_room)
      end_aborted(w, task);
    else
      end_with_exception(w, task);
    return;
  }
  // Whatever its function begins is known by that.
  vm_context_set_task(iso, rt_task_table_link(&w->running, task->awaited_slot));
  atomic_store_explicit(&w->current, task, memory_order_release);
  if (unlikely(call->span != 0))
    vm_context_set_span(iso, trace_span_value(call->span));
  Value result = call_function(w, call, clone);
  if (value_is_object(result) && !value_is_promise(result)) {
    Value then = vm_get(iso, value_as_object(result), KEY(then));
    if (value_is_exception(then)) {
      result = then;
    } else if (value_is_callable(then)) {
      Promise *p = vm_promise_from_value(iso, result);
      result = p == NULL ? VALUE_EXCEPTION : value_from_cell(p);
    }
  }
  atomic_store_explicit(&w->current, NULL, memory_order_release);
  if (value_is_exception(result)) {
    end_with_exception(w, task);
  } else if (value_is_kind(result, CELL_FIBER)) {
    rt_task_table_set(iso, &w->running, task->awaited_slot, result);
  } else if (!value_is_promise(result)) {
    end_with(w, task, TASK_RETURNED, result);
  } else {
    await(w, task, result);
  }
}

void rt_worker_root_changed(Runtime *rt, Value root) {
  ScriptWorker *w = rt->worker;
  SpawnedTask *task =
      task_of_link(w, vm_context_task(rt->isolate->async_context));
  if (task == NULL) return; // given up
  if (value_is_promise(root)) {
    await(w, task, root);
  } else {
    rt_task_table_set(rt->isolate, &w->running, task->awaited_slot, root);
  }
}

// Aborts
// -----------------------------------------------------------------------

// The task that the running script belongs to, or NULL.
static SpawnedTask *running_task(ScriptWorker *w) {
  SpawnedTask *current = atomic_load(&w->current);
  if (current != NULL) return current;
  Value link = vm_context_task(w->runtime->isolate->async_context);
  return value_is_undefined(link) ? NULL : task_of_link(w, link);
}

uint64_t rt_worker_running_id(Runtime *rt) {
  SpawnedTask *task = rt->worker == NULL ? NULL : running_task(rt->worker);
  return task == NULL ? 0 : rt_task_id(task);
}

static bool has_aborted_task(const ScriptWorker *w) {
  for (uint32_t i = 0; i < w->running.used; i++) {
    const SpawnedTask *task = rt_task_table_task(&w->running, i);
    if (task != NULL && task->aborts > 0) return true;
  }
  return false;
}

// Code that no task answers for, because its task has ended, may run for ever
// while an abort waits for the thread: it gets a while, and then it is ended.
static bool holds_up_abort(ScriptWorker *w, bool is_nobodys) {
  enum { LOOK_NANOSECONDS = 10 * 1000 * 1000, MOST_LOOKS = 10 };
  uint64_t now = uv_hrtime();
  bool looks = now - w->last_abort_look >= LOOK_NANOSECONDS;
  if (looks) {
    w->last_abort_look = now;
    if (!has_aborted_task(w)) return false;
    w->looks_held_up = is_nobodys ? w->looks_held_up + 1 : 0;
  }
  vm_interrupt_later(w->runtime->isolate, INTERRUPT_HOST);
  if (!looks || w->looks_held_up < MOST_LOOKS) return false;
  w->looks_held_up = 0;
  return true;
}

bool rt_workers_on_interrupt(Runtime *rt) {
  ScriptWorker *w = rt->worker;
  if (w == NULL) return true;
  SpawnedTask *task = running_task(w);
  if (task == NULL || task->aborts == 0)
    return !holds_up_abort(w, task == NULL);
  // Once it was told, its finally blocks run.
  return (task->is_stopped && task->aborts < 2) || task->waits_for_children;
}

static void stop_aborted(ScriptWorker *w, SpawnedTask *task) {
  if (task == w->current || (task->is_stopped && task->aborts < 2)) return;
  if (task->waits_for_children) {
    rt_tasks_abort_children(w->runtime, rt_task_id(task), true);
    return;
  }
  task->is_stopped = true;
  Value awaited = rt_task_table_value(&w->running, task->awaited_slot);
  // Aborted twice it is told, too: what it has queued for is left to others.
  bool told =
      rt_stop_await(w->runtime->isolate, awaited, VALUE_UNDEFINED) == STOPPED;
  if (task->aborts > 1 || !told) end_aborted(w, task);
}

// Those that were aborted since the last time, each in a turn of its own: jobs
// of one run before the next is told.
static void stop_told(ScriptWorker *w) {
  SpawnedTask *task = atomic_exchange(&w->told, NULL);
  while (task != NULL) {
    SpawnedTask *next = task->next;
    uint8_t state = TASK_TOLD;
    if (atomic_compare_exchange_strong(&task->state, &state, TASK_RUNNING)) {
      rt_enter(w->runtime);
      w->looks_held_up = 0;
      stop_aborted(w, task);
      rt_leave(w->runtime, VALUE_UNDEFINED);
    } else {
      send_back(w, task); // it has ended meanwhile
    }
    task = next;
  }
}

// The worker's runtime
// ----------------------------------------------------------------------

// An error that no task is answerable for, which ends the program as it does on
// the main thread; or the stop of one.
static void on_uncaught(Runtime *rt) {
  Isolate *iso = rt->isolate;
  if (vm_is_terminating(iso)) {
    vm_end_termination(iso);
    // Other tasks may wait for what it was loading. That is no work of the task
    // that was stopped, which would be stopped again in the midst of it.
    iso->async_context = VALUE_UNDEFINED;
    rt_reject_terminated_modules(rt, rt_task_abort_error(iso));
    // What comes next may have to be ended, too.
    vm_interrupt_later(iso, INTERRUPT_HOST);
    return;
  }
  Value error = vm_take_exception(iso);
  if (rt->workers->stopping) return; // nobody is left to hear of it
  char *text = rt_describe_error(iso, error);
  if (text != NULL) rt_error_output(rt, text, strlen(text));
  free(text);
  rt_task_home_end(rt->workers->main, 1);
}

static void after_turn(Runtime *rt) {
  tell_exit(rt);
  rt->exiting = rt->exit_requested = false;
  rt->worker->last_look = uv_hrtime();
  rt->worker->looks_held_up = 0;
  rt_rest(rt);
}

// The keeper: a task of each worker that has a Runtime. It is there as long as
// functions may run, so that a shutdown waits for those that do, and is woken
// for those that are aborted.
typedef struct Keeper {
  rill_future future;
  ScriptWorker *worker;
} Keeper;

// After scripts had a poll.
static void after_poll(ScriptWorker *w) {
  Runtime *rt = w->runtime;
  if (uv_hrtime() - w->last_look > TURN_NANOSECONDS) exec_look_soon();
  if (rt->exit_requested)
    after_turn(rt);
  else
    rt_rest(rt);
}

static rill_poll keeper_poll(rill_future *f, rill_context *cx) {
  (void)cx;
  ScriptWorker *w = ((Keeper *)f)->worker;
  Runtime *rt = w->runtime;
  if (rt == NULL) return RILL_PENDING;
  stop_told(w);
  after_poll(w);
  return RILL_PENDING;
}

static void end_all(ScriptWorker *w) {
  for (uint32_t i = 0; i < w->running.used; i++) {
    SpawnedTask *task = rt_task_table_task(&w->running, i);
    if (task != NULL) end_now(w, task);
  }
  stop_told(w);
}

static void keeper_drop(rill_future *f) {
  ScriptWorker *w = ((Keeper *)f)->worker;
  if (w->runtime == NULL) return;
  rt_enter(w->runtime);
  end_all(w);
  rt_rest(w->runtime);
}

static const rill_future_type keeper_type = {
    .size = sizeof(Keeper),
    .name = "spawned functions",
    .poll = keeper_poll,
    .drop = keeper_drop,
};

// NULL: out of memory.
static Runtime *new_runtime(WorkerSet *set, ScriptWorker *w) {
  Keeper keeper = {{&keeper_type}, w};
  w->keeper = exec_spawn_unlisted(&keeper.future);
  if (w->keeper == NULL) return NULL;
  Runtime *rt = rt_new(&set->options);
  if (rt != NULL) return rt;
  rill_join_abort(w->keeper);
  rill_join_free(w->keeper);
  w->keeper = NULL;
  return NULL;
}

// The calling worker with its runtime, or without: out of memory.
static ScriptWorker *worker_here(WorkerSet *set) {
  ScriptWorker *w = &set->workers[rill_current_worker()];
  if (w->runtime != NULL || w->failed) return w;
  Runtime *rt = new_runtime(set, w);
  if (rt == NULL) {
    w->failed = true;
    return w;
  }
  rt->worker = w;
  rt->workers = set;
  rt->on_uncaught = on_uncaught;
  rt->after_turn = after_turn;
  rt->is_driven = true;
  // Now, so that no descriptor comes later; without it whoever needs it asks
  // again.
  rt_task_home(rt);
  rt_task_table_init(&w->running);
  atomic_fetch_add(&set->runtimes, 1);
  uv_mutex_lock(&set->lock);
  w->runtime = rt;
  if (set->stopping) vm_request_interrupt(rt->isolate, INTERRUPT_TERMINATE);
  uv_mutex_unlock(&set->lock);
  return w;
}

void rt_worker_stop(void *data, uint32_t index) {
  WorkerSet *set = data;
  ScriptWorker *w = &set->workers[index];
  Runtime *rt = w->runtime;
  if (rt == NULL) return;
  rt_enter(rt);
  if (vm_is_terminating(rt->isolate)) vm_end_termination(rt->isolate);
  end_all(w);
  rt_task_table_free(rt->isolate, &w->running);
  forget_functions(w);
  // Nobody aborts a task of this worker any more.
  uv_mutex_lock(&set->lock);
  w->runtime = NULL;
  uv_mutex_unlock(&set->lock);
  rill_join_free(w->keeper);
  w->keeper = NULL;
  rt_free(rt);
}

// The call
// ----------------------------------------------------------------------

// True: the task is this worker's now; false: it ended in the queue.
static bool take(WorkerSet *set, SpawnedTask *task, TaskState next) {
  if (atomic_load_explicit(&set->stopping, memory_order_relaxed)) return false;
  uint32_t worker = (uint32_t)rill_current_worker();
  atomic_store_explicit(&task->worker, (uint16_t)worker, memory_order_relaxed);
  uint8_t seen = TASK_QUEUED;
  if (!atomic_compare_exchange_strong(&task->state, &seen, (uint8_t)next))
    return false;
  _Atomic uint64_t *begun = &set->workers[worker].begun;
  atomic_store_explicit(begun,
                        atomic_load_explicit(begun, memory_order_relaxed) + 1,
                        memory_order_release);
  return true;
}

// There is no runtime to run it.
static void fail(TaskCall *call) {
  rt_task_drop_call(call->task);
  call->task->outcome = TASK_FAILED;
  call->state = CALL_ENDED;
}

static void begin(ScriptWorker *w, TaskCall *call) {
  Runtime *rt = w->runtime;
  SpawnedTask *task = call->task;
  call->outer = w->call;
  rt_enter(rt);
  w->call = call;
  w->looks_held_up = 0;
  run(w, call);
  if (call->state == CALL_BEGUN && task->aborts > 0) stop_aborted(w, task);
  rt_leave(rt, VALUE_UNDEFINED);
  w->call = call->outer;
  if (call->state == CALL_BEGUN) {
    call->state = CALL_WAITS;
    set_lodgers(w, 1);
    atomic_store_explicit(&task->waits, true, memory_order_release);
  }
  after_poll(w);
}

// It is ready when the function has run for the first time: one that waits is
// the worker's.
static rill_poll call_poll(rill_future *f, rill_context *cx) {
  (void)cx;
  TaskCall *call = (TaskCall *)f;
  SpawnedTask *task = call->task;
  if (atomic_load(&task->state) == TASK_ENDED) return RILL_READY;
  WorkerSet *set = rt_task_home_of(task)->set;
  ScriptWorker *w = worker_here(set);
  if (!take(set, task, w->failed ? TASK_ENDED : TASK_RUNNING))
    return RILL_READY;
  call->state = CALL_BEGUN;
  if (w->failed)
    fail(call);
  else
    begin(w, call);
  return RILL_READY;
}

static void call_drop(rill_future *f) {
  TaskCall *call = (TaskCall *)f;
  if (call->state != CALL_QUEUED) return;
  SpawnedTask *task = call->task;
  uint8_t seen = TASK_QUEUED;
  if (atomic_compare_exchange_strong(&task->state, &seen, TASK_ENDED)) {
    // The program ends: its home settles it when it closes.
    rt_task_drop_call(task);
    call->state = CALL_OVER;
  } else {
    task->outcome = TASK_DROPPED;
    call->state = CALL_ENDED;
  }
}

static void call_freed(rill_future *f) {
  const TaskCall *call = (const TaskCall *)f;
  SpawnedTask *task = call->task;
  CallState state = (CallState)call->state;
  rt_task_call_is_over(task, state == CALL_WAITS);
  if (state == CALL_ENDED) rt_task_post(task);
}

const ExecLeanType rt_task_call_type = {
    .future =
        {
            .size = sizeof(TaskCall),
            .name = "spawned function",
            .poll = call_poll,
            .drop = call_drop,
        },
    .freed = call_freed,
};
