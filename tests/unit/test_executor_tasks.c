// SPDX-License-Identifier: MIT
// Tasks: spawning, joining, aborting, failing, blocking functions, task-locals,
// combinators, in both flavours and in simulation.
#include "executor_tests.h"

#include <stdlib.h>
#include <unistd.h>

enum { KINDS = 3 };
static rill_executor *executor_of_kind(int kind) {
  return kind == 0   ? executor_current()
         : kind == 1 ? executor_threads(2)
                     : executor_seeded(42);
}

typedef struct Add {
  FUTURE_FIELDS;
  int a, b, sum;
  rill_yield yield;
} Add;

static rill_poll Add_poll(rill_future *f, rill_context *cx) {
  Add *self = (Add *)f;
  RILL_ASYNC_BEGIN(self);
  rill_yield_init(&self->yield);
  RILL_AWAIT(self, cx, &self->yield.future);
  self->sum = self->a + self->b;
  RILL_ASYNC_END(self);
}
FUTURE(Add);

static void test_spawn_and_join(void **state) {
  for (int kind = 0; kind < KINDS; kind++) {
    rill_executor *ex = executor_of_kind(kind);
    rill_join *j = spawn(ex, NEW(Add, .a = 2, .b = 3));
    rill_joining f;
    rill_joining_init(&f, j);
    assert_int_equal(rill_block_on(ex, &f.future), RILL_OK);
    assert_int_equal(f.status, RILL_OK);
    assert_int_equal(((Add *)rill_join_state(j))->sum, 5);
    rill_join_free(j);
    rill_executor_free(ex);
  }
}

// A join handle polled by a future of one's own.
typedef struct Joiner {
  FUTURE_FIELDS;
  rill_join *join;
  rill_waker kept;
  int polls;
} Joiner;
static rill_poll Joiner_poll(rill_future *f, rill_context *cx) {
  Joiner *self = (Joiner *)f;
  if (self->polls++ == 0)
    self->kept = rill_waker_clone(cx->waker);
  else
    assert_true(rill_waker_same(&self->kept, cx->waker));
  return rill_join_poll(self->join, cx);
}
FUTURE(Joiner);

static void test_join_poll(void **state) {
  for (int kind = 0; kind < KINDS; kind++) {
    rill_executor *ex = executor_of_kind(kind);
    rill_join *j = spawn(ex, NEW(Add, .a = 2, .b = 3));
    rill_join *first = spawn(ex, NEW(Joiner, .join = j));
    rill_joining f;
    rill_joining_init(&f, first);
    assert_int_equal(rill_block_on(ex, &f.future), RILL_OK);
    Joiner *ended = (Joiner *)rill_join_state(first);
    assert_true(ended->polls >= 1);
    assert_int_equal(rill_join_status(j), RILL_OK);
    rill_waker_release(&ended->kept);
    rill_join_free(first);
    rill_join_free(j);
    rill_executor_free(ex);
  }
}

static void test_many_tasks(void **state) {
  enum { TASKS = 10000 };
  for (int kind = 0; kind < KINDS; kind++) {
    rill_executor *ex = executor_of_kind(kind);
    rill_join **joins = malloc(TASKS * sizeof(rill_join *));
    for (int i = 0; i < TASKS; i++) {
      joins[i] = spawn(ex, NEW(Add, .a = i, .b = 1));
    }
    long sum = 0;
    for (int i = 0; i < TASKS; i++) {
      rill_joining f;
      rill_joining_init(&f, joins[i]);
      rill_block_on(ex, &f.future);
      sum += ((Add *)rill_join_state(joins[i]))->sum;
      rill_join_free(joins[i]);
    }
    assert_int_equal(sum, (long)TASKS * (TASKS - 1) / 2 + TASKS);
    free(joins);
    rill_executor_free(ex);
  }
}

// Waits for ever; says when it is dropped.
typedef struct Never {
  FUTURE_FIELDS;
  _Atomic int *polled, *dropped;
} Never;
static rill_poll Never_poll(rill_future *f, rill_context *cx) {
  Never *self = (Never *)f;
  if (self->polled != NULL) atomic_fetch_add(self->polled, 1);
  return RILL_PENDING;
}
static void Never_drop(rill_future *f) {
  atomic_fetch_add(((Never *)f)->dropped, 1);
}
FUTURE_WITH_DROP(Never);

static void test_abort(void **state) {
  for (int kind = 0; kind < KINDS; kind++) {
    rill_executor *ex = executor_of_kind(kind);
    _Atomic int dropped = 0;
    rill_join *j = spawn(ex, NEW(Never, .dropped = &dropped));
    rill_abort *a = rill_join_abort_handle(j);
    assert_false(rill_abort_is_finished(a));
    rill_join_abort(j);
    assert_int_equal(finish(ex, j), RILL_CANCELLED);
    assert_int_equal(dropped, 1);
    assert_true(rill_abort_is_finished(a));
    rill_abort_now(a);
    rill_abort_free(a);
    rill_executor_free(ex);
    assert_int_equal(dropped, 1);
  }
}

static void test_freeing_executor_cancels(void **state) {
  for (int kind = 0; kind < KINDS; kind++) {
    rill_executor *ex = executor_of_kind(kind);
    _Atomic int dropped = 0;
    rill_join *kept = spawn(ex, NEW(Never, .dropped = &dropped));
    rill_join_free(spawn(ex, NEW(Never, .dropped = &dropped)));
    rill_executor_free(ex);
    assert_int_equal(dropped, 2);
    assert_int_equal(rill_join_status(kept), RILL_CANCELLED);
    assert_null(rill_join_state(kept));
    rill_join_free(kept);
  }
}

typedef struct Failing {
  FUTURE_FIELDS;
} Failing;
static rill_poll Failing_poll(rill_future *f, rill_context *cx) {
  rill_task_fail(7, "no such luck");
  return RILL_READY;
}
FUTURE(Failing);

static void on_unhandled(void *data, const rill_failure *failure) {
  assert_int_equal(failure->code, 7);
  assert_string_equal(failure->name, "Failing");
  atomic_fetch_add((_Atomic int *)data, 1);
}

static void test_failure(void **state) {
  _Atomic int unhandled = 0;
  rill_executor_options o = RILL_EXECUTOR_OPTIONS_INIT;
  o.on_unhandled = on_unhandled;
  o.data = &unhandled;
  rill_executor *ex = rill_executor_new(&o, NULL);
  rill_join *j = spawn(ex, NEW(Failing));
  rill_joining f;
  rill_joining_init(&f, j);
  rill_block_on(ex, &f.future);
  assert_int_equal(f.status, RILL_FAILED);
  rill_failure failure;
  assert_true(rill_join_failure(j, &failure));
  assert_string_equal(failure.message, "no such luck");
  rill_join_free(j);
  assert_int_equal(unhandled, 0);
  // Nobody asks: before it ends, and after.
  rill_join_free(spawn(ex, NEW(Failing)));
  j = spawn(ex, NEW(Failing));
  while (rill_executor_step(ex)) {
  }
  assert_int_equal(unhandled, 1);
  rill_join_free(j);
  assert_int_equal(unhandled, 2);
  // The executor is gone when it turns out that nobody asks.
  j = spawn(ex, NEW(Failing));
  while (rill_executor_step(ex)) {
  }
  rill_executor_free(ex);
  assert_int_equal(unhandled, 2);
  rill_join_free(j);
  assert_int_equal(unhandled, 3);
}

static void *double_it(void *argument) {
  usleep(1000);
  return (void *)((uintptr_t)argument * 2);
}

static void test_blocking(void **state) {
  enum { CALLS = 20 };
  for (int kind = 0; kind < KINDS; kind++) {
    rill_executor *ex = executor_of_kind(kind);
    rill_join *joins[CALLS];
    for (uintptr_t i = 0; i < CALLS; i++) {
      joins[i] = rill_spawn_blocking(ex, double_it, (void *)i, NULL);
      assert_non_null(joins[i]);
    }
    for (uintptr_t i = 0; i < CALLS; i++) {
      rill_joining f;
      rill_joining_init(&f, joins[i]);
      rill_block_on(ex, &f.future);
      rill_blocking *b = (rill_blocking *)rill_join_state(joins[i]);
      assert_int_equal((uintptr_t)b->result, i * 2);
      rill_join_free(joins[i]);
    }
    rill_executor_free(ex);
  }
}

static void *local_inherit(void *value) {
  return (void *)((uintptr_t)value + 1);
}
static _Atomic int local_drops;
static void local_drop(void *value) {
  atomic_fetch_add(&local_drops, 1);
}
static const rill_task_local inherited = {local_drop, local_inherit};
static const rill_task_local own = {NULL, NULL};

typedef struct Locals {
  FUTURE_FIELDS;
  rill_join *child;
  rill_joining joining;
  uintptr_t depth, seen;
} Locals;
static rill_poll Locals_poll(rill_future *f, rill_context *cx);
FUTURE(Locals);
static rill_poll Locals_poll(rill_future *f, rill_context *cx) {
  Locals *self = (Locals *)f;
  RILL_ASYNC_BEGIN(self);
  assert_null(rill_task_local_get(&own));
  assert_int_equal(rill_task_local_set(&own, self), RILL_OK);
  if (self->depth == 0)
    assert_int_equal(rill_task_local_set(&inherited, (void *)100), RILL_OK);
  self->seen = (uintptr_t)rill_task_local_get(&inherited);
  assert_int_equal(self->seen, 100 + self->depth);
  if (self->depth < 3) {
    self->child = spawn(NULL, NEW(Locals, .depth = self->depth + 1));
    rill_joining_init(&self->joining, self->child);
    RILL_AWAIT(self, cx, &self->joining.future);
    rill_join_free(self->child);
    self->child = NULL;
  }
  RILL_ASYNC_END(self);
}

static void test_task_locals(void **state) {
  for (int kind = 0; kind < KINDS; kind++) {
    local_drops = 0;
    rill_executor *ex = executor_of_kind(kind);
    assert_int_equal(rill_task_local_set(&own, state), RILL_INVALID);
    assert_int_equal(finish(ex, spawn(ex, NEW(Locals))), RILL_OK);
    assert_int_equal(local_drops, 4);
    rill_executor_free(ex);
  }
}

// select, join, timeout
typedef struct Combined {
  FUTURE_FIELDS;
  rill_sleep sleeps[3];
  rill_future *branches[3];
  rill_select select;
  rill_join_all all;
  rill_timeout timeout;
  Never never;
} Combined;

static rill_poll Combined_poll(rill_future *f, rill_context *cx) {
  Combined *self = (Combined *)f;
  RILL_ASYNC_BEGIN(self);
  for (int i = 0; i < 3; i++) {
    rill_sleep_init(&self->sleeps[i], (3 - i) * MILLISECOND);
    self->branches[i] = &self->sleeps[i].future;
  }
  rill_select_init(&self->select, self->branches, 3, false);
  RILL_AWAIT(self, cx, &self->select.future);
  assert_int_equal(self->select.winner, 2);
  RILL_AWAIT(self, cx, &self->select.future);
  assert_int_equal(self->select.winner, 1);
  RILL_AWAIT(self, cx, &self->select.future);
  assert_int_equal(self->select.winner, 0);
  RILL_AWAIT(self, cx, &self->select.future);
  assert_int_equal(self->select.winner, 3);
  for (int i = 0; i < 3; i++) {
    rill_sleep_init(&self->sleeps[i], (i + 1) * MILLISECOND);
    self->branches[i] = &self->sleeps[i].future;
  }
  rill_join_all_init(&self->all, self->branches, 3);
  RILL_AWAIT(self, cx, &self->all.future);
  rill_timeout_init(&self->timeout, &self->never.future, MILLISECOND);
  RILL_AWAIT(self, cx, &self->timeout.future);
  assert_int_equal(self->timeout.status, RILL_TIMED_OUT);
  rill_future_drop(&self->timeout.future);
  rill_sleep_init(&self->sleeps[0], MILLISECOND);
  rill_timeout_init(&self->timeout, &self->sleeps[0].future,
                    1000 * MILLISECOND);
  RILL_AWAIT(self, cx, &self->timeout.future);
  assert_int_equal(self->timeout.status, RILL_OK);
  RILL_ASYNC_END(self);
}
FUTURE(Combined);

static void test_combinators(void **state) {
  for (int kind = 0; kind < KINDS; kind++) {
    rill_executor *ex = executor_of_kind(kind);
    _Atomic int dropped = 0;
    Combined c = {.future = {&Combined_type},
                  .never = {.future = {&Never_type}, .dropped = &dropped}};
    // The sleeps of a select are ordered by a millisecond; a busy machine may
    // turn that around, so real clocks are only used for all at once.
    if (kind == 2) {
      assert_int_equal(finish(ex, spawn(ex, &c.future)), RILL_OK);
    } else {
      rill_sleep s;
      rill_sleep_init(&s, 2 * MILLISECOND);
      uint64_t start = rill_now(ex);
      assert_int_equal(rill_block_on(ex, &s.future), RILL_OK);
      assert_true(rill_now(ex) - start >= 2 * MILLISECOND);
      dropped = 1;
    }
    assert_int_equal(dropped, 1);
    rill_executor_free(ex);
  }
}

typedef struct Nested {
  FUTURE_FIELDS;
} Nested;
static rill_poll Nested_poll(rill_future *f, rill_context *cx) {
  rill_yield y;
  rill_yield_init(&y);
  assert_int_equal(rill_block_on(NULL, &y.future), RILL_INVALID);
  assert_int_equal(rill_future_wait(&y.future, 0), RILL_INVALID);
  assert_int_equal(rill_executor_shutdown(rill_current_executor(), NULL),
                   RILL_INVALID);
  return RILL_READY;
}
FUTURE(Nested);

static void test_block_on_inside_task(void **state) {
  for (int kind = 0; kind < KINDS; kind++) {
    rill_executor *ex = executor_of_kind(kind);
    assert_int_equal(finish(ex, spawn(ex, NEW(Nested))), RILL_OK);
    rill_executor_free(ex);
  }
}

static void test_options_are_checked(void **state) {
  rill_status status;
  rill_executor_options o = RILL_EXECUTOR_OPTIONS_INIT;
  o.flavor = RILL_MULTI_THREAD;
  o.seed = 1;
  assert_null(rill_executor_new(&o, &status));
  assert_int_equal(status, RILL_INVALID);
  o = (rill_executor_options)RILL_EXECUTOR_OPTIONS_INIT;
  o.workers = 2;
  assert_null(rill_executor_new(&o, &status));
  o.workers = 0;
  o.stall_ms = 1; // without anybody to tell
  assert_null(rill_executor_new(&o, &status));
  o.size = 3;
  assert_null(rill_executor_new(&o, &status));
  rill_executor *ex = executor_current();
  rill_spawn_options s = RILL_SPAWN_OPTIONS_INIT;
  s.worker = 1;
  assert_null(rill_spawn(ex, NEW(Failing), &s));
  assert_true(rill_available_parallelism() >= 1);
  rill_executor_free(ex);
}

// Listing tasks, and what a task knows of itself.
typedef struct Self {
  FUTURE_FIELDS;
  uint64_t id;
} Self;
static rill_poll Self_poll(rill_future *f, rill_context *cx) {
  Self *self = (Self *)f;
  self->id = rill_task_id();
  assert_int_equal(rill_coop_remaining(), RILL_COOP_BUDGET);
  assert_true(rill_coop_proceed(cx));
  assert_int_equal(rill_coop_remaining(), RILL_COOP_BUDGET - 1);
  return RILL_READY;
}
FUTURE(Self);
typedef struct Listed {
  int waiting, queued;
} Listed;
static void list_task(void *data, const rill_task_info *info) {
  Listed *l = data;
  assert_string_equal(info->name, "listed");
  assert_int_equal(info->worker, 0);
  l->waiting += info->activity == RILL_TASK_WAITING;
  l->queued += info->activity == RILL_TASK_QUEUED;
}
static void test_listing(void **state) {
  rill_executor *ex = executor_current();
  assert_int_equal(rill_task_id(), 0);
  rill_join *j = spawn(ex, NEW(Self));
  rill_joining f;
  rill_joining_init(&f, j);
  rill_block_on(ex, &f.future);
  assert_int_equal(((Self *)rill_join_state(j))->id, rill_join_id(j));
  rill_join_free(j);
  _Atomic int dropped = 0;
  rill_spawn_options o = RILL_SPAWN_OPTIONS_INIT;
  o.name = "listed";
  o.worker = 0;
  rill_join_free(rill_spawn(ex, NEW(Never, .dropped = &dropped), &o));
  rill_executor_step(ex);
  rill_join_free(rill_spawn(ex, NEW(Never, .dropped = &dropped), &o));
  Listed listed = {0, 0};
  rill_executor_tasks(ex, list_task, &listed);
  assert_int_equal(listed.waiting, 1);
  assert_int_equal(listed.queued, 1);
  rill_executor_free(ex);
  assert_int_equal(dropped, 2);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_spawn_and_join),
      cmocka_unit_test(test_join_poll),
      cmocka_unit_test(test_many_tasks),
      cmocka_unit_test(test_abort),
      cmocka_unit_test(test_freeing_executor_cancels),
      cmocka_unit_test(test_failure),
      cmocka_unit_test(test_blocking),
      cmocka_unit_test(test_task_locals),
      cmocka_unit_test(test_combinators),
      cmocka_unit_test(test_block_on_inside_task),
      cmocka_unit_test(test_listing),
      cmocka_unit_test(test_options_are_checked),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
