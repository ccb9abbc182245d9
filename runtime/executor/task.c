// SPDX-License-Identifier: MIT
// A task's life: made with its future inside, polled, woken, aborted, joined,
// freed. Invariants: the future is dropped exactly once, by the worker, before
// the task counts as ended; its result, if there is one, is discarded exactly
// once, by whoever gives up the last interest in it.
#include <stdlib.h>
#include <string.h>

#include "runtime/executor/executor.h"
#include "runtime/executor/reactor.h"

_Thread_local Current exec_current
    __attribute__((tls_model("initial-exec"))) = {.budget = RILL_COOP_BUDGET};

// Numbers are handed to threads in blocks: the shared counter is seldom
// touched.
static uint64_t next_id(Executor *ex) {
  // The same in each run of a simulation.
  if (ex->simulated)
    return 1 + atomic_fetch_add_explicit(&ex->simulated_tasks, 1,
                                         memory_order_relaxed);
  enum { BLOCK = 256 };
  static _Atomic uint64_t blocks;
  static _Thread_local uint64_t next, end;
  if (next == end) {
    next =
        1 + BLOCK * atomic_fetch_add_explicit(&blocks, 1, memory_order_relaxed);
    end = next + BLOCK;
  }
  return next++;
}

bool exec_spawn_options_valid(const Executor *ex, const rill_spawn_options *o) {
  if (o == NULL) return true;
  if (o->size < offsetof(rill_spawn_options, worker) + sizeof o->worker)
    return false;
  return o->worker >= -1 && o->worker < (int64_t)ex->worker_count;
}

// All but the future of a zeroed task. False: out of memory.
static bool init(Task *t, Executor *ex, const char *name, bool joined) {
  if (!exec_locals_inherit(exec_current.locals == NULL ? NULL
                                                       : *exec_current.locals,
                           &t->locals))
    return false;
  uint32_t references =
      2 + joined; // the owned list's, the queue's, the handle's
  atomic_init(&t->state, references * TASK_REFERENCE | TASK_NOTIFIED |
                             (joined ? TASK_JOIN_INTEREST : 0));
  t->executor = ex;
  t->id = next_id(ex);
  t->name = name;
  t->worker = TASK_ANY_WORKER;
  return true;
}

Task *exec_task_new(Executor *ex, const rill_future *future,
                    const rill_spawn_options *options, TaskSort sort,
                    bool joined) {
  size_t size = future->type->size;
  size_t head = sizeof(TaskBonds) + offsetof(Task, future);
  char *memory =
      malloc(head + (size > sizeof(rill_future) ? size : sizeof(rill_future)));
  if (memory == NULL) return NULL;
  memset(memory, 0, head);
  Task *t = (Task *)(void *)(memory + sizeof(TaskBonds));
  const char *name = options == NULL ? NULL : options->name;
  if (!init(t, ex, name == NULL ? future->type->name : name, joined)) {
    free(memory);
    return NULL;
  }
  memcpy(&t->future, future, size);
  if (options != NULL && options->worker >= 0 && sort != TASK_BLOCKING)
    t->worker = (uint16_t)options->worker;
  t->blocking = sort == TASK_BLOCKING;
  return t;
}

static void task_free(Task *t) {
  if (t->is_lean) {
    ((const ExecLeanType *)t->future.type)->freed(&t->future);
    return;
  }
  TaskBonds *bonds = exec_bonds(t);
  if (bonds->group != NULL) exec_group_release(bonds->group);
  exec_failure_free(bonds->failure);
  free(bonds);
}

void exec_task_discard(Task *t) {
  exec_locals_free(t->locals);
  if (!t->is_lean && exec_bonds(t)->group != NULL) exec_group_remove(t);
  task_free(t);
}

rill_status exec_task_start(Task *t) {
  rill_status status = exec_owned_add(t);
  if (status == RILL_OK)
    exec_schedule(t, false);
  else
    exec_task_discard(t);
  return status;
}

void exec_task_release(Task *t, uint32_t references) {
  if (state_release(&t->state, references)) task_free(t);
}

// Waking --------------------------------------------------------------------

static void waker_retain(void *data) {
  state_retain(&((Task *)data)->state);
}

static void waker_release(void *data) {
  exec_task_release(data, 1);
}

static void waker_wake(void *data) {
  Task *t = data;
  switch (state_wake_by_value(&t->state)) {
  case WAKE_SUBMIT:
    exec_schedule(t, false);
    break;
  case WAKE_FREE:
    task_free(t);
    break;
  case WAKE_NOTHING:
    break;
  }
}

static void waker_wake_by_ref(void *data) {
  Task *t = data;
  if (state_wake_by_ref(&t->state) == WAKE_SUBMIT) exec_schedule(t, false);
}

static const rill_waker_type task_waker_type = {
    .retain = waker_retain,
    .release = waker_release,
    .wake = waker_wake,
    .wake_by_ref = waker_wake_by_ref,
};

void exec_task_abort(Task *t) {
  if (state_cancel(&t->state) == WAKE_SUBMIT) exec_schedule(t, false);
}

// Running -------------------------------------------------------------------

static void set_phase(Task *t, TaskPhase phase) {
  __atomic_store_n(&t->phase, phase, __ATOMIC_RELAXED);
}

// Nobody can read the result any more.
static void discard_result(Task *t) {
  const rill_future_type *type = t->future.type;
  if (t->finished && type->discard != NULL) type->discard(&t->future);
  exec_failure_unhandled(t);
}

// Ends the task: RUNNING becomes COMPLETE. Uses up the queue's reference.
static void complete(Task *t) {
  rill_future_drop(&t->future);
  LocalValue *locals = t->locals;
  t->locals = NULL;
  exec_locals_free(locals);
  exec_scopes_release(t);
  uint64_t state = state_to_complete(&t->state);
  if (!(state & TASK_JOIN_INTEREST)) {
    discard_result(t);
  } else if (state & TASK_JOIN_WAKER) {
    rill_waker_wake_by_ref(&exec_bonds(t)->join_waker);
    if (!(state_join_woken(&t->state) & TASK_JOIN_INTEREST))
      rill_waker_release(&exec_bonds(t)->join_waker);
  }
  exec_group_child_ended(t);
  exec_owned_remove(t);
  exec_task_release(t, 2); // the owned list's, too
}

static rill_poll poll_once(Task *t, bool cancelled) {
  rill_waker waker = {&task_waker_type, t};
  rill_context cx = {&waker};
  if (t->phase == TASK_IN_FUTURE) {
    if (!cancelled) {
      if (rill_future_poll(&t->future, &cx) == RILL_PENDING)
        return RILL_PENDING;
      t->finished = true;
    }
    if (exec_likely(t->is_lean || exec_bonds(t)->scopes == NULL))
      return RILL_READY;
    set_phase(t, TASK_IN_SCOPES);
    exec_scopes_close(t, cancelled);
  } else if (cancelled) {
    exec_scopes_close(t, true);
  }
  return exec_scopes_poll(t, &cx);
}

void exec_task_run(Task *t) {
  bool cancelled = state_to_running(&t->state);
  Current *c = &exec_current;
  Task *outer = c->task;
  LocalValue **outer_locals = c->locals;
  c->task = t;
  c->locals = &t->locals;
  for (;;) {
    if (poll_once(t, cancelled) == RILL_READY) {
      complete(t);
      break;
    }
    IdleDecision idle = state_to_idle(&t->state, t->phase == TASK_IN_FUTURE);
    if (idle == IDLE_CANCELLED) {
      cancelled = true;
      continue;
    }
    if (idle == IDLE_AGAIN) exec_schedule(t, true);
    break;
  }
  c->task = outer;
  c->locals = outer_locals;
}

// Joining -------------------------------------------------------------------

rill_poll rill_join_poll(rill_join *j, rill_context *cx) {
  Task *t = exec_task_of(j);
  uint64_t state = state_load(&t->state);
  if (state & TASK_COMPLETE) return RILL_READY;
  if (state & TASK_JOIN_WAKER) {
    if (rill_waker_same(&exec_bonds(t)->join_waker, cx->waker))
      return RILL_PENDING;
    if (!state_take_join_waker(&t->state)) return RILL_READY;
    rill_waker_release(&exec_bonds(t)->join_waker);
  }
  exec_bonds(t)->join_waker = rill_waker_clone(cx->waker);
  if (state_set_join_waker(&t->state)) return RILL_PENDING;
  rill_waker_release(&exec_bonds(t)->join_waker);
  return RILL_READY;
}

rill_status rill_join_status(rill_join *j) {
  Task *t = exec_task_of(j);
  if (!(state_load(&t->state) & TASK_COMPLETE)) return RILL_WOULD_BLOCK;
  t->failure_seen = true;
  if (!t->finished) return RILL_CANCELLED;
  return exec_bonds(t)->failure != NULL ? RILL_FAILED : RILL_OK;
}

rill_future *rill_join_state(rill_join *j) {
  Task *t = exec_task_of(j);
  bool there = (state_load(&t->state) & TASK_COMPLETE) && t->finished;
  return there ? &t->future : NULL;
}

bool rill_join_failure(rill_join *j, rill_failure *out) {
  Task *t = exec_task_of(j);
  if (!(state_load(&t->state) & TASK_COMPLETE) ||
      exec_bonds(t)->failure == NULL)
    return false;
  t->failure_seen = true;
  *out = (rill_failure){t->id, t->name, exec_bonds(t)->failure->code,
                        exec_bonds(t)->failure->message};
  return true;
}

uint64_t rill_join_id(const rill_join *j) {
  return exec_task_of(j)->id;
}

void rill_join_abort(rill_join *j) {
  exec_task_abort(exec_task_of(j));
}

void exec_task_drop_join(Task *t) {
  bool owns_output, owns_waker;
  state_drop_join(&t->state, &owns_output, &owns_waker);
  if (owns_output) discard_result(t);
  if (owns_waker && !t->is_lean) rill_waker_release(&exec_bonds(t)->join_waker);
  exec_task_release(t, 1);
}

void rill_join_free(rill_join *j) {
  if (j != NULL) exec_task_drop_join(exec_task_of(j));
}

void rill_join_detach(rill_join *j) {
  Task *t = exec_task_of(j);
  if (!t->is_lean && exec_bonds(t)->group != NULL) exec_group_remove(t);
  exec_task_drop_join(t);
}

static rill_poll joining_poll(rill_future *f, rill_context *cx) {
  rill_joining *self = (rill_joining *)f;
  exec_task_waits_for(exec_current.task, "join");
  if (rill_join_poll(self->join, cx) == RILL_PENDING) return RILL_PENDING;
  self->status = rill_join_status(self->join);
  return RILL_READY;
}

static const rill_future_type joining_type = {
    .size = sizeof(rill_joining),
    .name = "join",
    .poll = joining_poll,
};

void rill_joining_init(rill_joining *f, rill_join *join) {
  *f = (rill_joining){
      .future = {&joining_type}, .join = join, .status = RILL_WOULD_BLOCK};
}

rill_status rill_join_wait(rill_join *join, int64_t timeout) {
  rill_joining f;
  rill_joining_init(&f, join);
  rill_status status = rill_future_wait(&f.future, timeout);
  return status == RILL_OK ? f.status : status;
}

rill_abort *rill_join_abort_handle(rill_join *j) {
  Task *t = exec_task_of(j);
  state_retain(&t->state);
  return (rill_abort *)t;
}

void rill_abort_now(rill_abort *a) {
  exec_task_abort((Task *)a);
}

bool rill_abort_is_finished(const rill_abort *a) {
  return (state_load(&((const Task *)a)->state) & TASK_COMPLETE) != 0;
}

void rill_abort_free(rill_abort *a) {
  if (a != NULL) exec_task_release((Task *)a, 1);
}

// Spawning ------------------------------------------------------------------

static rill_join *spawn(Executor *ex, const rill_future *future,
                        const rill_spawn_options *options, bool blocking) {
  if (ex == NULL) ex = exec_current.executor;
  if (ex == NULL || !exec_spawn_options_valid(ex, options)) return NULL;
  Task *t = exec_task_new(ex, future, options,
                          blocking ? TASK_BLOCKING : TASK_ORDINARY, true);
  if (t == NULL || exec_task_start(t) != RILL_OK) return NULL;
  return (rill_join *)t;
}

rill_join *rill_spawn(rill_executor *ex, const rill_future *future,
                      const rill_spawn_options *options) {
  return spawn(ex, future, options, false);
}

static Task *lean_task_of(const rill_future *f) {
  return (Task *)((uintptr_t)f - offsetof(Task, future));
}

size_t exec_lean_bytes(const ExecLeanType *type) {
  return offsetof(Task, future) + type->future.size;
}

rill_future *exec_lean_place(Executor *ex, void *memory,
                             const ExecLeanType *type, const char *name) {
  Task *t = memset(memory, 0, exec_lean_bytes(type));
  if (!init(t, ex, name == NULL ? type->future.name : name, false)) return NULL;
  t->is_lean = true;
  t->future.type = &type->future;
  return &t->future;
}

bool exec_lean_start(rill_future *f) {
  Task *t = lean_task_of(f);
  if (exec_owned_add(t) != RILL_OK) return false;
  exec_schedule(t, false);
  return true;
}

void exec_lean_abandon(rill_future *f) {
  exec_locals_free(lean_task_of(f)->locals);
}

uint64_t exec_lean_id(const rill_future *f) {
  return lean_task_of(f)->id;
}

rill_join *exec_spawn_unlisted(const rill_future *future) {
  Worker *w = exec_current.worker;
  rill_spawn_options options = RILL_SPAWN_OPTIONS_INIT;
  options.worker = (int)w->index;
  Task *t = exec_task_new(w->executor, future, &options, TASK_ORDINARY, true);
  if (t == NULL) return NULL;
  t->is_unlisted = true;
  return exec_task_start(t) == RILL_OK ? (rill_join *)t : NULL;
}

void exec_join_wake(rill_join *j) {
  waker_wake_by_ref(exec_task_of(j));
}

static rill_poll blocking_poll(rill_future *f, rill_context *cx) {
  rill_blocking *self = (rill_blocking *)f;
  self->result = self->function(self->argument);
  return RILL_READY;
}

static const rill_future_type blocking_type = {
    .size = sizeof(rill_blocking),
    .name = "blocking",
    .poll = blocking_poll,
};

rill_join *rill_spawn_blocking(rill_executor *ex, void *(*function)(void *),
                               void *argument,
                               const rill_spawn_options *options) {
  rill_blocking f = {
      .future = {&blocking_type}, .function = function, .argument = argument};
  if (ex == NULL) ex = exec_current.executor;
  return spawn(ex, &f.future, options, ex != NULL && !ex->simulated);
}

uint64_t rill_task_id(void) {
  return exec_current.task == NULL ? 0 : exec_current.task->id;
}

void exec_task_describe(Task *t, rill_task_info *out) {
  uint64_t state = state_load(&t->state);
  rill_activity activity = RILL_TASK_WAITING;
  if (state & TASK_RUNNING)
    activity = t->blocking ? RILL_TASK_BLOCKING : RILL_TASK_POLLING;
  else if (state & TASK_NOTIFIED)
    activity = RILL_TASK_QUEUED;
  else if (__atomic_load_n(&t->phase, __ATOMIC_RELAXED) == TASK_IN_SCOPES)
    activity = RILL_TASK_CLOSING;
  const char *waits_for =
      t->is_lean ? NULL
                 : __atomic_load_n(&exec_bonds(t)->waits_for, __ATOMIC_RELAXED);
  if (activity != RILL_TASK_WAITING || waits_for == NULL) waits_for = "";
  uint16_t worker = __atomic_load_n(&t->worker, __ATOMIC_RELAXED);
  *out = (rill_task_info){
      .id = t->id,
      .name = t->name == NULL ? "" : t->name,
      .activity = activity,
      .waits_for = waits_for,
      .worker = worker == TASK_ANY_WORKER ? -1 : worker,
  };
}
