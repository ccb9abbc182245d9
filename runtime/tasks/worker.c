// SPDX-License-Identifier: MIT
// A worker: a thread with a Runtime that takes tasks from the set's queue. Its
// loop waits while there are none, and serves what running tasks wait for.
#include <stdlib.h>

#include "runtime/modules/loader.h"
#include "runtime/tasks/sync_handles.h"
#include "runtime/tasks/tasks_internal.h"
#include "vm/interpreter/fiber.h"
#include "vm/interpreter/jobs.h"
#include "vm/objects/elements.h"

// Between looks at what the loop has for the tasks that wait.
#define TURN_NANOSECONDS 1000000

static Worker *worker_of(Isolate *iso) {
  return rt_of(iso)->worker;
}

// A task's way
// -------------------------------------------------------------------

static void begin(Worker *w, SpawnedTask *task) {
  gc_root_add(w->runtime->isolate->heap, &task->awaited, VALUE_UNDEFINED);
  gc_root_add(w->runtime->isolate->heap, &task->handles, VALUE_UNDEFINED);
  task->previous_running = NULL;
  task->next_running = w->running;
  if (w->running != NULL) w->running->previous_running = task;
  w->running = task;
}

// Its ends of channels go with a task: others learn that it is over, and need
// not wait until its copies are collected.
static void close_channels(Value handles) {
  if (handles == VALUE_UNDEFINED) return;
  Array *list = (Array *)value_as_cell(handles);
  for (uint32_t i = 0; i < list->length; i++) {
    HostObject *o =
        (HostObject *)value_as_cell(list->object.elements->values[i]);
    SyncHandle *h = rt_sync_handle_of(o);
    if (h != NULL && h->type->ends_with_task) rt_sync_handle_close(o);
  }
}

static void end(Worker *w, SpawnedTask *task, TaskOutcome outcome) {
  close_channels(task->handles.word);
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
  uv_mutex_lock(&w->set->lock);
  task->state = TASK_ENDED;
  task->worker = NULL;
  uv_mutex_unlock(&w->set->lock);
  rt_clone_free(&task->call);
  // What it printed comes before what its end makes others print.
  rt_output_flush(w->runtime);
  rt_task_post(task);
}

void rt_workers_note_transfer(Runtime *rt) {
  if (rt->worker != NULL) rt->worker->transfers++;
}

// The transfer list of a result; NULL: none, or it threw.
static Array *transfer_of(Worker *w, Value result) {
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

static void end_with(Worker *w, SpawnedTask *task, TaskOutcome outcome,
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
static void end_with_exception(Worker *w, SpawnedTask *task) {
  Isolate *iso = w->runtime->isolate;
  if (vm_is_terminating(iso)) {
    vm_end_termination(iso);
    end(w, task, TASK_ABORTED);
  } else {
    end_with(w, task, TASK_THREW, vm_take_exception(iso));
  }
}

static SpawnedTask *running_task(Worker *w, Value promise) {
  SpawnedTask *task = w->running;
  while (task != NULL && task->awaited.word != promise)
    task = task->next_running;
  return task;
}

static void on_settled(Isolate *iso, PromiseState state, Value result,
                       Value promise) {
  Worker *w = worker_of(iso);
  SpawnedTask *task = running_task(w, promise);
  if (task == NULL) return; // given up
  if (task->aborted) {
    end(w, task, TASK_ABORTED);
  } else {
    end_with(w, task, state == PROMISE_FULFILLED ? TASK_RETURNED : TASK_THREW,
             result);
  }
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

static void run(Worker *w, SpawnedTask *task) {
  Isolate *iso = w->runtime->isolate;
  begin(w, task);
  if (task->aborted) {
    end(w, task, TASK_ABORTED);
    return;
  }
  atomic_store(&w->current, task);
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
    vm_promise_on_settled(iso, (Promise *)value_as_cell(result), on_settled,
                          result);
  }
}

// Aborts
// -----------------------------------------------------------------------

// Whether the fiber that runs leads, by who awaits whom, to the promise.
static bool is_awaited_by(Fiber *fiber, Value promise) {
  for (int depth = 0; fiber != NULL && depth < 1000; depth++) {
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

bool rt_workers_on_interrupt(Runtime *rt) {
  Worker *w = rt->worker;
  if (w == NULL) return true;
  SpawnedTask *current = atomic_load(&w->current);
  if (current != NULL) return !current->aborted;
  Fiber *fiber = NULL;
  for (Frame *f = rt->isolate->frame; f != NULL; f = f->caller) {
    bool has_fiber = f->flags & (FRAME_ASYNC | FRAME_GENERATOR | FRAME_ENTRY);
    if (has_fiber && f->fiber != NULL) fiber = f->fiber;
  }
  for (SpawnedTask *task = w->running; task != NULL;
       task = task->next_running) {
    if (task->aborted && is_awaited_by(fiber, task->awaited.word)) return false;
  }
  return true;
}

// The innermost async function that a task waits in has what it awaits replaced
// by an AbortError, so that its finally blocks run; the task ends when all of
// them have. False: it waits for something else.
static bool throw_into(Isolate *iso, Value awaited) {
  Fiber *fiber = NULL;
  Promise *p = (Promise *)value_as_cell(awaited);
  for (int depth = 0; p->fiber != NULL && depth < 1000; depth++) {
    fiber = p->fiber;
    if (fiber->cell.flags != FIBER_SUSPENDED_AWAIT) return false;
    if (!value_is_promise(fiber->awaiting)) return false;
    p = (Promise *)value_as_cell(fiber->awaiting);
  }
  if (fiber == NULL) return false;
  PromiseReaction **link = &p->reactions;
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

static void drop_aborted(Worker *w) {
  for (SpawnedTask *task = w->running, *next; task != NULL; task = next) {
    next = task->next_running;
    if (!task->aborted || task->is_stopped || task == w->current) continue;
    task->is_stopped = true;
    if (!throw_into(w->runtime->isolate, task->awaited.word)) {
      end(w, task, TASK_ABORTED);
    }
  }
}

// The thread
// ----------------------------------------------------------------------

static SpawnedTask *take(Worker *w) {
  WorkerSet *set = w->set;
  uv_mutex_lock(&set->lock);
  SpawnedTask *task = set->stopping ? NULL : set->first;
  if (task != NULL) {
    set->first = task->next;
    task->state = TASK_RUNNING;
    task->worker = w;
    if (w->idle) {
      w->idle = false;
      set->idle_count--;
    }
  } else if (!w->idle && w->runtime != NULL) {
    w->idle = true;
    set->idle_count++;
  }
  uv_mutex_unlock(&set->lock);
  return task;
}

static void on_wake(uv_async_t *handle) {
  Worker *w = handle->data;
  Runtime *rt = w->runtime;
  rt_enter(rt);
  drop_aborted(w);
  uint64_t end = uv_hrtime() + TURN_NANOSECONDS;
  for (SpawnedTask *task; !rt->exiting && (task = take(w)) != NULL;) {
    run(w, task);
    rt_leave(rt, VALUE_UNDEFINED);
    if (uv_hrtime() > end) {
      uv_async_send(&w->wake); // then the loop's other events
      break;
    }
  }
  rt_leave(rt, VALUE_UNDEFINED);
}

// An error that no task is answerable for, which ends the program as it does on
// the main thread; or the stop of one.
static void on_uncaught(Runtime *rt) {
  Isolate *iso = rt->isolate;
  if (vm_is_terminating(iso)) {
    vm_end_termination(iso);
    return;
  }
  Value error = vm_take_exception(iso);
  char *text = rt_describe_error(iso, error);
  if (text != NULL) rt_error_output(rt, text, strlen(text));
  free(text);
  rt_task_home_end(rt->workers->main, 1);
}

static bool is_stopping(WorkerSet *set) {
  uv_mutex_lock(&set->lock);
  bool stopping = set->stopping;
  uv_mutex_unlock(&set->lock);
  return stopping;
}

// There is no runtime: tasks that come here fail.
static void fail_all(Worker *w) {
  while (!is_stopping(w->set)) {
    SpawnedTask *task = take(w);
    if (task == NULL) {
      uv_sleep(10);
      continue;
    }
    task->outcome = TASK_FAILED;
    rt_task_post(task);
  }
}

static void worker_main(void *data) {
  Worker *w = data;
  WorkerSet *set = w->set;
  Runtime *rt = rt_new(&set->options);
  if (rt == NULL || uv_async_init(&rt->loop, &w->wake, on_wake) != 0) {
    if (rt != NULL) rt_free(rt);
    fail_all(w);
    return;
  }
  w->wake.data = w;
  rt->worker = w;
  rt->workers = set;
  rt->on_uncaught = on_uncaught;
  uv_mutex_lock(&set->lock);
  w->runtime = rt;
  uv_mutex_unlock(&set->lock);
  uv_async_send(&w->wake);
  while (!is_stopping(set)) {
    rt_run_loop_once(rt);
    if (rt->exit_requested) rt_task_home_end(set->main, rt->exit_code);
    rt->exiting = rt->exit_requested = false;
  }
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

bool rt_worker_start(WorkerSet *set, uint32_t index) {
  Worker *w = calloc(1, sizeof *w);
  if (w == NULL) return false;
  w->set = set;
  if (uv_thread_create(&w->thread, worker_main, w) != 0) {
    free(w);
    return false;
  }
  set->workers[index] = w;
  set->started++;
  return true;
}
