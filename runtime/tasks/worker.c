// SPDX-License-Identifier: MIT
// Spawned functions on a worker of the executor: its Runtime, which is made
// when it takes the first, and whose loop the worker drives; a function's way
// from its call to its end.
#include <stdlib.h>

#include "runtime/io/request.h"
#include "runtime/modules/loader.h"
#include "runtime/tasks/sync_handles.h"
#include "runtime/tasks/tasks_internal.h"
#include "runtime/trace/spans.h"
#include "vm/interpreter/async_context.h"
#include "vm/interpreter/fiber.h"
#include "vm/interpreter/jobs.h"
#include "vm/objects/elements.h"

// Between looks at what the loop has for the tasks that wait.
#define TURN_NANOSECONDS 1000000

static ScriptWorker *worker_of(Isolate *iso) {
  return rt_of(iso)->worker;
}

// A task's way
// -------------------------------------------------------------------

static void begin(ScriptWorker *w, SpawnedTask *task) {
  gc_root_add(w->runtime->isolate->heap, &task->awaited, VALUE_UNDEFINED);
  gc_root_add(w->runtime->isolate->heap, &task->handles, VALUE_UNDEFINED);
  task->previous_running = NULL;
  task->next_running = w->running;
  if (w->running != NULL) w->running->previous_running = task;
  w->running = task;
}

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
  static const char *const outcomes[] = {
      "\"outcome\":\"returned\"", "\"outcome\":\"threw\"",
      "\"outcome\":\"aborted\"", "\"outcome\":\"failed\""};
  trace_span_end(TRACE_TASK, TRACE_INFO, w->runtime->trace->number, task->span,
                 outcomes[task->outcome]);
  task->span = 0;
}

static const char link_type[] = "TaskLink";

// What the reaction has of its task; NULL: given up.
static SpawnedTask *task_of_link(Value link) {
  return ((HostObject *)value_as_cell(link))->data;
}

// The promise is rooted while the task runs, and its reaction with it.
static void cut_link(SpawnedTask *task) {
  if (task->link != NULL) task->link->data = NULL;
  task->link = NULL;
}

static void end(ScriptWorker *w, SpawnedTask *task, TaskOutcome outcome) {
  cut_link(task);
  if (outcome == TASK_ABORTED)
    rt_tasks_abort_children(w->runtime, rt_task_id(task));
  rt_task_close_channels(task->handles.word);
  gc_root_remove(w->runtime->isolate->heap, &task->awaited);
  gc_root_remove(w->runtime->isolate->heap, &task->handles);
  if (task->next_running != NULL) {
    task->next_running->previous_running = task->previous_running;
  }
  if (task->previous_running != NULL) {
    task->previous_running->next_running = task->next_running;
  } else {
    w->running = task->next_running;
  }
  task->outcome = outcome;
  if (unlikely(task->span != 0)) end_span(w, task);
  uv_mutex_lock(&w->set->lock);
  task->state = TASK_ENDED;
  task->worker = NULL;
  rt_task_wake(task);
  rill_waker_release(&task->waker);
  uv_mutex_unlock(&w->set->lock);
  rt_clone_free(&task->call);
  // What it printed comes before what its end makes others print.
  rt_output_flush(w->runtime);
  rt_task_retain(task);
  rt_task_post(task);
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

static void end_with(ScriptWorker *w, SpawnedTask *task, TaskOutcome outcome,
                     Value value) {
  Isolate *iso = w->runtime->isolate;
  ClonePart part = {value, NULL};
  Array *transfer = transfer_of(w, value);
  if (vm_has_exception(iso) ||
      !rt_clone_serialize_parts(iso, &part, 1, transfer, true, &task->result)) {
    part.value = vm_take_exception(iso);
    outcome = TASK_THREW;
    if (!rt_clone_serialize_parts(iso, &part, 1, NULL, true, &task->result)) {
      vm_take_exception(iso);
      outcome = TASK_ABORTED;
    }
  }
  end(w, task, outcome);
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
  SpawnedTask *task = task_of_link(link);
  if (task == NULL) return;
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
  out->identity = task_of_link(data);
  return true;
}

// Calls the function, after the modules that it needs are there.
static Value call(Isolate *iso, Value function, Value arguments,
                  Array *pending) {
  if (pending->length == 0) {
    Array *list = (Array *)value_as_cell(arguments);
    return vm_call(iso, function, VALUE_UNDEFINED, list->length,
                   list->object.elements->values);
  }
  Value exports = rt_builtin_namespace(rt_of(iso), "rill:task");
  if (value_is_exception(exports)) return exports;
  Value later =
      vm_get(iso, value_as_object(exports), vm_key_from_c("callWhenLoaded"));
  if (value_is_exception(later)) return later;
  Value parts[] = {value_from_cell(pending), function, arguments};
  return vm_call(iso, later, VALUE_UNDEFINED, 3, parts);
}

static void run(ScriptWorker *w, SpawnedTask *task) {
  Isolate *iso = w->runtime->isolate;
  begin(w, task);
  if (task->aborted) {
    end(w, task, TASK_ABORTED);
    return;
  }
  atomic_store(&w->current, task);
  if (unlikely(task->span != 0))
    vm_context_set_span(iso, trace_span_value(task->span));
  Value parts[2], result = VALUE_EXCEPTION;
  CloneArrivals arrivals;
  if (rt_clone_deserialize_parts(iso, &task->call, parts, 2, NULL, &arrivals)) {
    task->handles.word = value_from_cell(arrivals.handles);
    result = call(iso, parts[0], parts[1], arrivals.pending);
  }
  if (value_is_object(result) && !value_is_promise(result)) {
    Value then = vm_get(iso, value_as_object(result), KEY(then));
    if (value_is_exception(then)) {
      result = then;
    } else if (value_is_callable(then)) {
      Promise *p = vm_promise_from_value(iso, result);
      result = p == NULL ? VALUE_EXCEPTION : value_from_cell(p);
    }
  }
  atomic_store(&w->current, NULL);
  if (value_is_exception(result)) {
    end_with_exception(w, task);
  } else if (!value_is_promise(result)) {
    end_with(w, task, TASK_RETURNED, result);
  } else {
    task->awaited.word = result;
    task->link = vm_host_object_new(iso, link_type, task, NULL);
    if (task->link == NULL) {
      end_with_exception(w, task);
      return;
    }
    vm_promise_on_settled(iso, (Promise *)value_as_cell(result), on_settled,
                          value_from_cell(task->link));
  }
}

// Aborts
// -----------------------------------------------------------------------

// Whether the fiber that runs leads, by who awaits whom, to the promise.
static bool is_awaited_by(Fiber *fiber, Value promise) {
  for (int depth = 0; fiber != NULL && depth < 1000; depth++) {
    if (fiber->owner == NULL) return false; // the body of a module
    Value owner = value_from_cell(fiber->owner);
    if (owner == promise) return true;
    if (!value_is_promise(owner)) return false;
    PromiseReaction *reaction = ((Promise *)fiber->owner)->reactions;
    fiber = NULL;
    for (; reaction != NULL && fiber == NULL; reaction = reaction->next) {
      if (reaction->cell.flags == REACTION_AWAIT) {
        fiber = (Fiber *)value_as_cell(reaction->target);
      }
    }
  }
  return false;
}

// The outermost fiber that runs.
static Fiber *running_fiber(Isolate *iso) {
  Fiber *fiber = NULL;
  for (Frame *f = iso->frame; f != NULL; f = f->caller) {
    bool has_fiber = f->flags & (FRAME_ASYNC | FRAME_GENERATOR | FRAME_ENTRY);
    if (has_fiber && f->fiber != NULL) fiber = f->fiber;
  }
  return fiber;
}

uint64_t rt_worker_running_id(Runtime *rt) {
  ScriptWorker *w = rt->worker;
  if (w == NULL) return 0;
  SpawnedTask *current = atomic_load(&w->current);
  if (current != NULL) return rt_task_id(current);
  // By who awaits whom, to the promise that a task waits for.
  Fiber *fiber = running_fiber(rt->isolate);
  for (int depth = 0; fiber != NULL && depth < 1000; depth++) {
    Value owner =
        fiber->owner == NULL ? VALUE_UNDEFINED : value_from_cell(fiber->owner);
    if (!value_is_promise(owner)) return 0;
    PromiseReaction *reaction = ((Promise *)fiber->owner)->reactions;
    fiber = NULL;
    for (; reaction != NULL && fiber == NULL; reaction = reaction->next) {
      if (reaction->cell.flags == REACTION_AWAIT) {
        fiber = (Fiber *)value_as_cell(reaction->target);
      } else if (reaction->cell.flags == REACTION_NATIVE &&
                 reaction->callback == on_settled) {
        SpawnedTask *task = task_of_link(reaction->target);
        return task == NULL ? 0 : rt_task_id(task);
      }
    }
  }
  return 0;
}

bool rt_workers_on_interrupt(Runtime *rt) {
  ScriptWorker *w = rt->worker;
  if (w == NULL) return true;
  SpawnedTask *current = atomic_load(&w->current);
  if (current != NULL) return !current->aborted;
  Fiber *fiber = running_fiber(rt->isolate);
  for (SpawnedTask *task = w->running; task != NULL;
       task = task->next_running) {
    // Once it was told, its finally blocks run.
    bool ends = task->aborted && (!task->is_stopped || task->aborted_again);
    if (ends && is_awaited_by(fiber, task->awaited.word)) return false;
  }
  return true;
}

static bool cancel_io(Isolate *iso, IoRequest *io) {
  rt_throw_dom_exception(iso, "AbortError", "The task was aborted");
  rt_io_cancel(io, vm_take_exception(iso));
  return true;
}

// The innermost async function that a task waits in has what it awaits replaced
// by an AbortError, so that its finally blocks run; the task ends when all of
// them have. An I/O operation that it awaits is cancelled. False: it waits for
// something else.
static bool throw_into(Isolate *iso, Value awaited) {
  Fiber *fiber = NULL;
  Promise *p = (Promise *)value_as_cell(awaited);
  for (int depth = 0; p->fiber != NULL && depth < 1000; depth++) {
    fiber = p->fiber;
    if (fiber->cell.flags != FIBER_SUSPENDED_AWAIT) return false;
    IoRequest *io = vm_io_awaited(fiber);
    if (io != NULL) return cancel_io(iso, io);
    if (!value_is_promise(fiber->awaiting)) return false;
    p = (Promise *)value_as_cell(fiber->awaiting);
  }
  if (fiber == NULL) return false;
  PromiseReaction **link = &p->reactions;
  // Nobody else waits for it.
  if (*link != NULL && (*link)->next == NULL) {
    IoRequest *io = rt_io_of_promise(rt_of(iso), p);
    if (io != NULL) return cancel_io(iso, io);
  }
  for (; *link != NULL; link = &(*link)->next) {
    PromiseReaction *reaction = *link;
    if (reaction->cell.flags != REACTION_AWAIT ||
        reaction->target != value_from_cell(fiber)) {
      continue;
    }
    rt_throw_dom_exception(iso, "AbortError", "The task was aborted");
    Job job = {.kind = JOB_RESUME_THROW,
               .a = value_from_cell(fiber),
               .b = vm_take_exception(iso),
               .c = VALUE_EMPTY};
    gc_store_pointer(iso->heap, link, reaction->next);
    vm_enqueue_job(iso, &job);
    return true;
  }
  return false;
}

static void stop_aborted(ScriptWorker *w, SpawnedTask *task) {
  if (task == w->current || (task->is_stopped && !task->aborted_again)) return;
  bool first = !task->is_stopped;
  task->is_stopped = true;
  if (!first || !throw_into(w->runtime->isolate, task->awaited.word)) {
    end(w, task, TASK_ABORTED);
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
  if (rt->exit_requested) rt_task_home_end(rt->workers->main, rt->exit_code);
  rt->exiting = rt->exit_requested = false;
  rt->worker->last_look = uv_hrtime();
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
  while (w->running != NULL)
    end(w, w->running, TASK_ABORTED);
  // Nobody aborts a task of this worker any more.
  uv_mutex_lock(&set->lock);
  w->runtime = NULL;
  uv_mutex_unlock(&set->lock);
  rt_free(rt);
}

// The future
// ----------------------------------------------------------------------

// True: the task is this worker's now; false: it ended in the queue.
static bool take(ScriptWorker *w, SpawnedTask *task) {
  WorkerSet *set = w->set;
  uv_mutex_lock(&set->lock);
  bool taken = task->state == TASK_QUEUED && !set->stopping;
  if (taken) {
    task->state = TASK_RUNNING;
    task->worker = w;
    atomic_fetch_sub(&set->queued, 1);
  }
  uv_mutex_unlock(&set->lock);
  return taken;
}

// True: it has ended; false: the waker is woken when it has.
static bool wait_for_end(ScriptWorker *w, SpawnedTask *task,
                         const rill_context *cx) {
  uv_mutex_lock(&w->set->lock);
  bool ended = task->state == TASK_ENDED;
  if (!ended) rill_waker_keep(&task->waker, cx->waker);
  uv_mutex_unlock(&w->set->lock);
  return ended;
}

static rill_poll task_poll(rill_future *f, rill_context *cx) {
  SpawnedTask *task = (SpawnedTask *)f;
  if (task->state == TASK_ENDED) return RILL_READY;
  bool begins = task->state == TASK_QUEUED;
  ScriptWorker *w = worker_here(task->set);
  if (begins && !take(w, task)) return RILL_READY;
  if (w->runtime == NULL) {
    uv_mutex_lock(&w->set->lock);
    task->state = TASK_ENDED;
    uv_mutex_unlock(&w->set->lock);
    task->outcome = TASK_FAILED;
    rt_task_retain(task);
    rt_task_post(task);
    return RILL_READY;
  }
  Runtime *rt = w->runtime;
  rt_enter(rt);
  if (begins) run(w, task);
  if (task->state != TASK_ENDED && task->aborted) stop_aborted(w, task);
  rt_leave(rt, VALUE_UNDEFINED);
  bool ended = wait_for_end(w, task, cx);
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
  if (task->state == TASK_RUNNING) {
    ScriptWorker *w = task->worker;
    rt_enter(w->runtime);
    end(w, task, TASK_ABORTED);
    rt_rest(w->runtime);
  }
  rt_task_release(task);
}

const rill_future_type rt_spawned_task_type = {
    .size = sizeof(SpawnedTask),
    .name = "spawned function",
    .poll = task_poll,
    .drop = task_drop,
};
