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

static void end_span(ScriptWorker *w, SpawnedTask *task) {
  uint64_t *span = rt_task_span(task);
  if (likely(span == NULL) || *span == 0) return;
  static const char *const outcomes[] = {
      "\"outcome\":\"returned\"", "\"outcome\":\"threw\"",
      "\"outcome\":\"aborted\"", "\"outcome\":\"failed\""};
  trace_span_end(TRACE_TASK, TRACE_INFO, w->runtime->trace->number, *span,
                 outcomes[task->outcome]);
  *span = 0;
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
  if (task->channels_slot == TASK_TABLE_NONE) return;
  rt_task_close_channels(rt_task_table_value(&w->running, task->channels_slot));
  forget_slot(w, task->channels_slot);
  task->channels_slot = TASK_TABLE_NONE;
}

// process.exit in a task.
static void tell_exit(Runtime *rt) {
  if (rt->exit_requested) rt_task_home_end(rt->workers->main, rt->exit_code);
}

// Its home hears of it.
static void finish(ScriptWorker *w, SpawnedTask *task, TaskOutcome outcome) {
  close_channels(w, task);
  forget_slot(w, task->awaited_slot);
  w->waiting -= task->waits_for_children;
  task->outcome = (uint8_t)outcome;
  end_span(w, task);
  // What it printed comes before what its end makes others print.
  rt_output_flush(w->runtime);
  atomic_store(&task->state, TASK_ENDED);
  if (w->polled != task) rt_task_wake(task);
  tell_exit(w->runtime);
  rt_task_post(task);
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

static void end(ScriptWorker *w, SpawnedTask *task, TaskOutcome outcome) {
  if (outcome == TASK_ABORTED &&
      rt_tasks_abort_children(w->runtime, rt_task_id(task), false)) {
    wait_for_children(w, task);
  } else {
    finish(w, task, outcome);
  }
}

void rt_worker_child_ended(Runtime *rt, uint64_t parent) {
  ScriptWorker *w = rt->worker;
  if (w == NULL || w->waiting == 0 || rt_tasks_have_child(rt, parent)) return;
  for (uint32_t i = 0; i < w->running.used; i++) {
    SpawnedTask *task = rt_task_table_task(&w->running, i);
    if (task != NULL && task->waits_for_children &&
        rt_task_id(task) == parent) {
      finish(w, task, TASK_ABORTED);
      return;
    }
  }
}

// Whatever it waits for, its memory goes away.
static void end_now(ScriptWorker *w, SpawnedTask *task) {
  rt_tasks_abort_children(w->runtime, rt_task_id(task), false);
  finish(w, task, TASK_ABORTED);
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

// The result as a Clone. False: threw, or nobody has room for it.
static bool clone_result(Isolate *iso, SpawnedTask *task, Value value,
                         Array *transfer) {
  Clone *clone = malloc(sizeof *clone);
  ClonePart part = {value, NULL};
  if (clone == NULL) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  if (!rt_clone_serialize_parts(iso, &part, 1, transfer, true, clone)) {
    free(clone);
    return false;
  }
  if (!rt_clone_send(iso, clone)) {
    // As little would there be for the error.
    vm_take_exception(iso);
    free(clone);
    return false;
  }
  task->clone = clone;
  task->has_clone = true;
  return true;
}

static void end_with(ScriptWorker *w, SpawnedTask *task, TaskOutcome outcome,
                     Value value) {
  Isolate *iso = w->runtime->isolate;
  if (!value_is_cell(value)) {
    task->values[0] = value;
    end(w, task, outcome);
    return;
  }
  Array *transfer = transfer_of(w, value);
  bool done =
      !vm_has_exception(iso) && clone_result(iso, task, value, transfer);
  if (!done && vm_has_exception(iso)) {
    outcome = TASK_THREW;
    done = clone_result(iso, task, vm_take_exception(iso), NULL);
    if (!done && vm_has_exception(iso)) {
      vm_take_exception(iso);
      end(w, task, TASK_ABORTED);
      return;
    }
  }
  end(w, task, done ? outcome : TASK_FAILED);
}

// Its function threw, or was stopped.
static void end_with_exception(ScriptWorker *w, SpawnedTask *task) {
  Isolate *iso = w->runtime->isolate;
  if (vm_is_terminating(iso)) {
    vm_end_termination(iso);
    end(w, task, TASK_ABORTED);
  } else {
    end_with(w, task, TASK_THREW, vm_take_exception(iso));
  }
}

static void on_settled(Isolate *iso, PromiseState state, Value result,
                       Value link) {
  ScriptWorker *w = worker_of(iso);
  SpawnedTask *task = task_of_link(w, link);
  if (task == NULL) return; // given up
  if (task->aborted) {
    end(w, task, TASK_ABORTED);
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

// Reads what is to be called; the call is used up. False: threw.
static bool read_call(ScriptWorker *w, SpawnedTask *task, const Value *values,
                      Value *function, Array **arguments,
                      CloneArrivals *arrivals) {
  Isolate *iso = w->runtime->isolate;
  Value parts[2];
  bool done;
  if (task->has_clone) {
    done =
        rt_clone_deserialize_parts(iso, task->clone, parts, 2, NULL, arrivals);
    rt_task_drop_call(task);
    if (done) *arguments = (Array *)value_as_cell(parts[1]);
  } else {
    // Nothing of this clone is used up by reading it.
    done = rt_clone_deserialize_parts(iso, (Clone *)&task->function->clone,
                                      parts, 1, NULL, arrivals);
    if (done && arrivals->pending == NULL)
      remember_function(w, task->function, parts[0]);
    if (done) {
      *arguments = vm_array_from(iso, values, task->argument_count);
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

// Values: the task's own of a plain call, whose place is used for more now.
static Value call(ScriptWorker *w, SpawnedTask *task, const Value *values) {
  Isolate *iso = w->runtime->isolate;
  if (!task->has_clone) {
    Value function = known_function(w, task->function);
    if (function != VALUE_EMPTY)
      return vm_call_root(iso, function, task->argument_count, values);
  }
  Value function;
  Array *arguments;
  CloneArrivals arrivals;
  if (!read_call(w, task, values, &function, &arguments, &arrivals))
    return VALUE_EXCEPTION;
  if (arrivals.handles != NULL) {
    task->channels_slot = rt_task_table_add(
        iso, &w->running, value_from_cell(arrivals.handles), NULL);
    if (task->channels_slot == TASK_TABLE_NONE) {
      rt_task_close_channels(value_from_cell(arrivals.handles));
      return vm_throw_out_of_memory(iso);
    }
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

static void run(ScriptWorker *w, SpawnedTask *task) {
  Isolate *iso = w->runtime->isolate;
  Value values[PLAIN_ARGUMENTS];
  memcpy(values, task->values, sizeof values);
  task->awaited_slot = task->channels_slot = TASK_TABLE_NONE;
  if (task->aborted) {
    rt_task_drop_call(task);
    end(w, task, TASK_ABORTED);
    return;
  }
  task->awaited_slot =
      rt_task_table_add(iso, &w->running, VALUE_UNDEFINED, task);
  if (task->awaited_slot == TASK_TABLE_NONE) {
    rt_task_drop_call(task);
    vm_throw_out_of_memory(iso);
    end_with_exception(w, task);
    return;
  }
  // Whatever its function begins is known by that.
  vm_context_set_task(iso, rt_task_table_link(&w->running, task->awaited_slot));
  atomic_store_explicit(&w->current, task, memory_order_release);
  const uint64_t *span = rt_task_span(task);
  if (unlikely(span != NULL && *span != 0))
    vm_context_set_span(iso, trace_span_value(*span));
  Value result = call(w, task, values);
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
    if (task != NULL && task->aborted) return true;
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
  if (task == NULL || !task->aborted) return !holds_up_abort(w, task == NULL);
  // Once it was told, its finally blocks run.
  return (task->is_stopped && !task->aborted_again) || task->waits_for_children;
}

static void stop_aborted(ScriptWorker *w, SpawnedTask *task) {
  if (task == w->current || (task->is_stopped && !task->aborted_again)) return;
  if (task->waits_for_children) {
    rt_tasks_abort_children(w->runtime, rt_task_id(task), true);
    return;
  }
  task->is_stopped = true;
  Value awaited = rt_task_table_value(&w->running, task->awaited_slot);
  // Aborted twice it is told, too: what it has queued for is left to others.
  bool told = rt_stop_await(w->runtime->isolate, awaited, VALUE_UNDEFINED);
  if (task->aborted_again || !told) end(w, task, TASK_ABORTED);
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

// The calling worker with its runtime, or without: out of memory.
static ScriptWorker *worker_here(WorkerSet *set) {
  ScriptWorker *w = &set->workers[rill_current_worker()];
  if (w->runtime != NULL || w->failed) return w;
  Runtime *rt = rt_new(&set->options);
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
  for (uint32_t i = 0; i < w->running.used; i++) {
    SpawnedTask *task = rt_task_table_task(&w->running, i);
    if (task != NULL) end_now(w, task);
  }
  rt_task_table_free(rt->isolate, &w->running);
  forget_functions(w);
  // Nobody aborts a task of this worker any more.
  uv_mutex_lock(&set->lock);
  w->runtime = NULL;
  uv_mutex_unlock(&set->lock);
  rt_free(rt);
}

// The future
// ----------------------------------------------------------------------

// True: the task is this worker's now; false: it ended in the queue.
static bool take(WorkerSet *set, SpawnedTask *task, TaskState next) {
  if (atomic_load_explicit(&set->stopping, memory_order_relaxed)) return false;
  uint32_t worker = (uint32_t)rill_current_worker();
  task->worker = (uint16_t)worker;
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
static void fail(SpawnedTask *task) {
  rt_task_drop_call(task);
  task->outcome = TASK_FAILED;
  rt_task_post(task);
}

static rill_poll task_poll(rill_future *f, rill_context *cx) {
  SpawnedTask *task = (SpawnedTask *)f;
  if (task->state == TASK_ENDED) return RILL_READY;
  WorkerSet *set = task->home->set;
  bool begins = task->state == TASK_QUEUED;
  ScriptWorker *w = worker_here(set);
  if (begins) {
    if (!take(set, task, w->failed ? TASK_ENDED : TASK_RUNNING))
      return RILL_READY;
    if (w->failed) {
      fail(task);
      return RILL_READY;
    }
  }
  Runtime *rt = w->runtime;
  rt_enter(rt);
  w->polled = task;
  w->looks_held_up = 0;
  if (begins) run(w, task);
  if (task->state != TASK_ENDED && task->aborted) stop_aborted(w, task);
  rt_leave(rt, VALUE_UNDEFINED);
  w->polled = NULL;
  bool ended = task->state == TASK_ENDED;
  if (!ended && begins) {
    exec_task_pin();
    // It was aborted after it was asked, and before it could be woken.
    if (task->aborted) rill_waker_wake_by_ref(cx->waker);
  }
  if (uv_hrtime() - w->last_look > TURN_NANOSECONDS) exec_look_soon();
  if (rt->exit_requested)
    after_turn(rt);
  else
    rt_rest(rt);
  return ended ? RILL_READY : RILL_PENDING;
}

// By the worker that it is pinned to, if it has begun.
static void task_drop(rill_future *f) {
  SpawnedTask *task = (SpawnedTask *)f;
  uint8_t seen = TASK_QUEUED;
  if (atomic_compare_exchange_strong(&task->state, &seen, TASK_ENDED)) {
    rt_task_drop_call(task);
  } else if (seen == TASK_RUNNING) {
    ScriptWorker *w = &task->home->set->workers[task->worker];
    rt_enter(w->runtime);
    end_now(w, task);
    rt_rest(w->runtime);
  }
}

static const char type_name[] = "spawned function";
const rill_future_type rt_spawned_task_type = {
    .size = sizeof(SpawnedTask),
    .name = type_name,
    .poll = task_poll,
    .drop = task_drop,
};
const rill_future_type rt_traced_task_type = {
    .size = sizeof(TracedTask),
    .name = type_name,
    .poll = task_poll,
    .drop = task_drop,
};
