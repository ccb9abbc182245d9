// SPDX-License-Identifier: MIT
// Futures made of futures (select, join), yielding, the coop budget, and
// waiting for a future without an executor.
#include "runtime/executor/executor.h"
#include "runtime/executor/leaf.h"

const char *rill_status_name(rill_status status) {
  static const char *const names[] = {
      [RILL_OK] = "OK",
      [RILL_WOULD_BLOCK] = "WOULD_BLOCK",
      [RILL_CLOSED] = "CLOSED",
      [RILL_LAGGED] = "LAGGED",
      [RILL_TIMED_OUT] = "TIMED_OUT",
      [RILL_CANCELLED] = "CANCELLED",
      [RILL_FAILED] = "FAILED",
      [RILL_SHUT_DOWN] = "SHUT_DOWN",
      [RILL_DEADLOCK] = "DEADLOCK",
      [RILL_INVALID] = "INVALID",
      [RILL_NO_MEMORY] = "NO_MEMORY",
  };
  return (unsigned)status < sizeof names / sizeof *names ? names[status]
                                                         : "UNKNOWN";
}

bool rill_coop_proceed(rill_context *cx) {
  Current *c = &exec_current;
  if (!c->budgeted) return true;
  if (exec_likely(c->budget > 0)) {
    c->budget--;
    return true;
  }
  rill_waker_wake_by_ref(cx->waker);
  return false;
}

bool exec_leaf_proceed(const rill_future *f, rill_context *cx) {
  exec_task_waits_for(exec_current.task, f->type->name);
  return rill_coop_proceed(cx);
}

uint32_t rill_coop_remaining(void) {
  return exec_current.budgeted ? exec_current.budget : RILL_COOP_BUDGET;
}

static rill_poll yield_poll(rill_future *f, rill_context *cx) {
  rill_yield *self = (rill_yield *)f;
  self->yielded = !self->yielded;
  if (!self->yielded) return RILL_READY;
  rill_waker_wake_by_ref(cx->waker);
  return RILL_PENDING;
}

static const rill_future_type yield_type = {
    .size = sizeof(rill_yield),
    .name = "yield",
    .poll = yield_poll,
};

void rill_yield_init(rill_yield *f) {
  *f = (rill_yield){.future = {&yield_type}};
}

static void drop_branches(rill_future **branches, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (branches[i] != NULL) rill_future_drop(branches[i]);
  }
}

static rill_poll select_poll(rill_future *f, rill_context *cx) {
  rill_select *self = (rill_select *)f;
  size_t start = 0, left = 0;
  if (!self->biased && self->count > 1) {
    static _Thread_local Random random;
    Worker *w = exec_current.worker;
    start = random_next(w == NULL ? &random : &w->random) % self->count;
  }
  for (size_t i = 0; i < self->count; i++) {
    size_t branch =
        start + i < self->count ? start + i : start + i - self->count;
    rill_future *b = self->branches[branch];
    if (b == NULL) continue;
    left++;
    if (rill_future_poll(b, cx) == RILL_PENDING) continue;
    self->branches[branch] = NULL;
    self->winner = branch;
    return RILL_READY;
  }
  self->winner = self->count;
  return left == 0 ? RILL_READY : RILL_PENDING;
}

static void select_drop(rill_future *f) {
  rill_select *self = (rill_select *)f;
  drop_branches(self->branches, self->count);
}

static const rill_future_type select_type = {
    .size = sizeof(rill_select),
    .name = "select",
    .poll = select_poll,
    .drop = select_drop,
};

void rill_select_init(rill_select *f, rill_future **branches, size_t count,
                      bool biased) {
  *f = (rill_select){.future = {&select_type},
                     .branches = branches,
                     .count = count,
                     .winner = count,
                     .biased = biased};
}

static rill_poll join_all_poll(rill_future *f, rill_context *cx) {
  rill_join_all *self = (rill_join_all *)f;
  bool pending = false;
  for (size_t i = 0; i < self->count; i++) {
    if (self->branches[i] == NULL) continue;
    if (rill_future_poll(self->branches[i], cx) == RILL_PENDING)
      pending = true;
    else
      self->branches[i] = NULL;
  }
  return pending ? RILL_PENDING : RILL_READY;
}

static void join_all_drop(rill_future *f) {
  rill_join_all *self = (rill_join_all *)f;
  drop_branches(self->branches, self->count);
}

static const rill_future_type join_all_type = {
    .size = sizeof(rill_join_all),
    .name = "join all",
    .poll = join_all_poll,
    .drop = join_all_drop,
};

void rill_join_all_init(rill_join_all *f, rill_future **branches,
                        size_t count) {
  *f = (rill_join_all){
      .future = {&join_all_type}, .branches = branches, .count = count};
}

rill_status rill_future_wait(rill_future *f, int64_t timeout) {
  if (exec_current.worker != NULL) return RILL_INVALID;
  ThreadWaker *t = exec_thread_waker_new();
  if (t == NULL) return RILL_NO_MEMORY;
  rill_waker waker = exec_thread_waker(t);
  rill_context cx = {&waker};
  uint64_t start = uv_hrtime(), limit = (uint64_t)timeout;
  rill_status status = RILL_OK;
  while (rill_future_poll(f, &cx) == RILL_PENDING) {
    uint64_t left = PARK_FOREVER;
    if (timeout >= 0) {
      uint64_t passed = uv_hrtime() - start;
      left = passed < limit ? limit - passed : 0;
    }
    if (!exec_thread_waker_sleep(t, left)) {
      status = RILL_TIMED_OUT;
      break;
    }
  }
  exec_thread_waker_release(t);
  return status;
}
