// SPDX-License-Identifier: MIT
// Accounts of tasks by the number of their outermost fiber. A resumption counts
// for the task whose fiber it was; what runs outside of fibers counts for the
// isolate only.
#include "runtime/trace/accounts.h"

#include <stdlib.h>

#include "runtime/trace/graph.h"
#include "runtime/trace/trace.h"
#include "runtime/trace/watchdog.h"
#include "vm/interpreter/jobs.h"

typedef struct Account {
  uint64_t id; // 0: empty
  uint64_t first_seen, last_ended;
  uint64_t polls, busy, wakes_of_itself;
  uint32_t poll_times[TRACE_POLL_BUCKETS];
  bool seen; // in the last snapshot, or made since
} Account;

typedef struct Accounts {
  Account **table; // open addressing
  size_t count, capacity;
  Account *running;
  uint64_t began; // of the job that runs
  uint64_t turns_busy, read_at, read_busy;
} Accounts;

static size_t slot_of(const Accounts *a, uint64_t id) {
  size_t at =
      (size_t)(id * UINT64_C(0x9e3779b97f4a7c15) >> 32) & (a->capacity - 1);
  while (a->table[at] != NULL && a->table[at]->id != id)
    at = (at + 1) & (a->capacity - 1);
  return at;
}

static bool resize(Accounts *a, size_t capacity) {
  Accounts next = {.capacity = capacity};
  next.table = calloc(capacity, sizeof *next.table);
  if (next.table == NULL) return false;
  for (size_t i = 0; i < a->capacity; i++) {
    if (a->table[i] != NULL)
      next.table[slot_of(&next, a->table[i]->id)] = a->table[i];
  }
  free(a->table);
  a->table = next.table;
  a->capacity = capacity;
  return true;
}

static Account *account_of(Accounts *a, uint64_t id, uint64_t now) {
  if (a->count * 2 >= a->capacity && !resize(a, a->capacity * 2)) return NULL;
  Account **slot = &a->table[slot_of(a, id)];
  if (*slot != NULL) return *slot;
  Account *account = calloc(1, sizeof *account);
  if (account == NULL) return NULL;
  account->id = id;
  account->first_seen = now;
  account->seen = true;
  a->count++;
  return *slot = account;
}

static Fiber *fiber_of(const Job *job) {
  switch ((JobKind)job->kind) {
  case JOB_RESUME:
  case JOB_RESUME_THROW:
    return (Fiber *)value_as_cell(job->a);
  case JOB_IO:
    return value_is_promise(job->a) ? NULL : (Fiber *)value_as_cell(job->a);
  default:
    return NULL;
  }
}

static void job_begins(Isolate *iso, const Job *job) {
  Accounts *a = rt_of(iso)->trace->accounts;
  Fiber *fiber = fiber_of(job);
  a->running = NULL;
  if (fiber == NULL) return;
  a->began = uv_hrtime();
  a->running = account_of(a, trace_root_of(fiber)->async_id, a->began);
}

static void job_ends(Isolate *iso, const Job *job) {
  Accounts *a = rt_of(iso)->trace->accounts;
  Account *account = a->running;
  if (account == NULL) return;
  a->running = NULL;
  uint64_t now = uv_hrtime(), took = now - a->began;
  account->polls++;
  account->busy += took;
  account->last_ended = now;
  uint32_t bucket = 0;
  for (uint64_t us = took / 1000; us != 0 && bucket < TRACE_POLL_BUCKETS - 1;
       us /= 2)
    bucket++;
  account->poll_times[bucket]++;
  // What it awaits is settled already: it will run again at once.
  const Fiber *fiber = fiber_of(job);
  if (fiber->cell.flags == FIBER_SUSPENDED_AWAIT &&
      value_is_promise(fiber->awaiting) &&
      promise_state((const Promise *)value_as_cell(fiber->awaiting)) !=
          PROMISE_PENDING) {
    account->wakes_of_itself++;
  }
}

static const JobHooks hooks = {job_begins, job_ends};

bool trace_measure(Runtime *rt) {
  RuntimeTrace *t = rt->trace;
  if (t->accounts != NULL) return true;
  Accounts *a = calloc(1, sizeof *a);
  if (a == NULL || !resize(a, 256)) {
    free(a);
    return false;
  }
  a->read_at = uv_hrtime();
  t->accounts = a;
  rt->isolate->job_hooks = &hooks;
  trace_watch_turns(t);
  return true;
}

bool trace_is_measuring(const Runtime *rt) {
  return rt->trace->accounts != NULL;
}

void trace_accounts_free(Runtime *rt) {
  Accounts *a = rt->trace->accounts;
  if (a == NULL) return;
  if (rt->isolate != NULL) rt->isolate->job_hooks = NULL;
  for (size_t i = 0; i < a->capacity; i++)
    free(a->table[i]);
  free(a->table);
  free(a);
  rt->trace->accounts = NULL;
}

void trace_account_read(TraceSnapshot *s, Runtime *rt, TraceTask *task) {
  Accounts *a = rt->trace->accounts;
  if (a == NULL || task->id == 0) return;
  uint64_t now = uv_hrtime();
  Account *account = account_of(a, task->id, now);
  if (account == NULL) return;
  account->seen = true;
  uint32_t *times = arena_alloc(&s->arena, TRACE_POLL_BUCKETS * sizeof *times);
  memcpy(times, account->poll_times, sizeof account->poll_times);
  task->measured = true;
  task->polls = account->polls;
  task->busy_ns = account->busy;
  task->age_ns = now - account->first_seen;
  task->idle_ns =
      account->last_ended == 0 ? task->age_ns : now - account->last_ended;
  task->wakes_of_itself = account->wakes_of_itself;
  task->poll_times = times;
}

static void drop_unseen(Accounts *a) {
  size_t kept = 0;
  for (size_t i = 0; i < a->capacity; i++) {
    Account *account = a->table[i];
    if (account == NULL) continue;
    if (!account->seen && account != a->running) {
      free(account);
      a->table[i] = NULL;
    } else {
      account->seen = false;
      kept++;
    }
  }
  a->count = kept;
  // Holes would cut chains: the rest is entered anew.
  size_t capacity = 256;
  while (capacity < 4 * kept)
    capacity *= 2;
  if (!resize(a, capacity)) a->count = kept;
}

void trace_account_busy(TraceSnapshot *s, Runtime *rt) {
  Accounts *a = rt->trace->accounts;
  if (a == NULL) return;
  uint64_t now = uv_hrtime(), busy = a->turns_busy;
  uint64_t began = atomic_load(&rt->trace->turn_began);
  if (began != 0) busy += now - began;
  uint64_t span = now - a->read_at;
  s->busy_percent =
      span == 0 ? 0 : 100.0 * (double)(busy - a->read_busy) / (double)span;
  a->read_at = now;
  a->read_busy = busy;
  drop_unseen(a);
}

void trace_account_turn(Runtime *rt, uint64_t nanoseconds) {
  rt->trace->accounts->turns_busy += nanoseconds;
}
