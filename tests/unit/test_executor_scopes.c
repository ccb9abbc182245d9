// SPDX-License-Identifier: MIT
// Scopes and join sets, and shutdown: a child never outlives its scope,
// whatever ends the parent, and nothing is lost or left when the executor ends.
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "executor_tests.h"

// A child that uses what its parent's future holds.
static _Atomic int children_ended, parents_dropped;
typedef struct Child {
  FUTURE_FIELDS;
  _Atomic int *borrowed; // -1: the parent is gone
  int rounds;
  rill_yield yield;
  rill_sleep sleep;
} Child;
static rill_poll Child_poll(rill_future *f, rill_context *cx) {
  Child *self = (Child *)f;
  CHECK(atomic_load(self->borrowed) >= 0);
  RILL_ASYNC_BEGIN(self);
  while (self->rounds-- > 0) {
    rill_yield_init(&self->yield);
    RILL_AWAIT(self, cx, &self->yield.future);
    rill_sleep_init(&self->sleep, MILLISECOND);
    RILL_AWAIT(self, cx, &self->sleep.future);
  }
  RILL_ASYNC_END(self);
}
static void Child_drop(rill_future *f) {
  Child *self = (Child *)f;
  if (self->sleep.future.type != NULL) rill_future_drop(&self->sleep.future);
  CHECK(atomic_fetch_add(self->borrowed, 1) >= 0);
  atomic_fetch_add(&children_ended, 1);
}
FUTURE_WITH_DROP(Child);

enum { CHILDREN = 6 };
typedef enum Ending {
  CLOSES,         // waits for its children
  LEAVES_JOINED,  // returns; the executor waits for them
  LEAVES_ABORTED, // returns; they are aborted
  NEVER,          // is aborted
  ENDINGS
} Ending;
typedef struct Parent {
  FUTURE_FIELDS;
  Ending ending;
  _Atomic int *memory;
  rill_task_scope *scope;
  rill_task_scope_closing closing;
} Parent;
static rill_poll Parent_poll(rill_future *f, rill_context *cx) {
  Parent *self = (Parent *)f;
  RILL_ASYNC_BEGIN(self);
  self->scope = rill_task_scope_open(NULL, self->ending == LEAVES_ABORTED
                                               ? RILL_SCOPE_ABORT
                                               : RILL_SCOPE_JOIN);
  CHECK(self->scope != NULL);
  for (int i = 0; i < CHILDREN; i++) {
    rill_join *j;
    CHECK(rill_task_scope_spawn(
              self->scope,
              NEW(Child, .borrowed = self->memory,
                  .rounds = self->ending == LEAVES_ABORTED ? 1000 : 3),
              NULL, i % 2 == 0 ? &j : NULL) == RILL_OK);
    if (i % 2 == 0) rill_join_free(j);
  }
  if (self->ending == CLOSES) {
    rill_task_scope_closing_init(&self->closing, self->scope);
    RILL_AWAIT(self, cx, &self->closing.future);
    CHECK(rill_task_scope_count(self->scope) == 0);
    CHECK(rill_task_scope_spawn(self->scope,
                                NEW(Child, .borrowed = self->memory), NULL,
                                NULL) == RILL_CLOSED);
    CHECK(atomic_load(self->memory) == CHILDREN);
  }
  if (self->ending == NEVER) {
    self->at = -2;
    return RILL_PENDING;
  }
  RILL_ASYNC_END(self);
}
static void Parent_drop(rill_future *f) {
  Parent *self = (Parent *)f;
  rill_task_scope_free(self->scope);
  // The children have ended: what they borrowed may go.
  if (self->scope != NULL) {
    CHECK(atomic_exchange(self->memory, -1) == CHILDREN);
  }
  atomic_fetch_add(&parents_dropped, 1);
}
FUTURE_WITH_DROP(Parent);

static void scope_scenario(rill_executor *ex) {
  for (int ending = 0; ending < ENDINGS; ending++) {
    _Atomic int memory = 0;
    children_ended = parents_dropped = 0;
    rill_join *j = spawn(ex, NEW(Parent, .ending = ending, .memory = &memory));
    if (ending == NEVER) {
      rill_sleep s;
      rill_sleep_init(&s, MILLISECOND);
      rill_block_on(ex, &s.future);
      rill_join_abort(j);
    }
    rill_status status = finish(ex, j);
    CHECK(status == (ending == NEVER ? RILL_CANCELLED : RILL_OK));
    CHECK(parents_dropped == 1);
    CHECK(memory == -1 || children_ended == 0);
  }
}
static void test_scopes(void **state) {
  run_everywhere(scope_scenario);
}

static void test_scope_outside_of_tasks(void **state) {
  for (int kind = 0; kind < 2; kind++) {
    rill_executor *ex = kind == 0 ? executor_current() : executor_threads(2);
    _Atomic int memory = 0;
    children_ended = 0;
    rill_task_scope *s = rill_task_scope_open(ex, RILL_SCOPE_JOIN);
    for (int i = 0; i < CHILDREN; i++) {
      assert_int_equal(
          rill_task_scope_spawn(
              s, NEW(Child, .borrowed = &memory, .rounds = 10000), NULL, NULL),
          RILL_OK);
    }
    rill_join *detached;
    assert_int_equal(
        rill_task_scope_spawn(s, NEW(Child, .borrowed = &memory, .rounds = 1),
                              NULL, &detached),
        RILL_OK);
    rill_join_detach(detached);
    assert_int_equal(rill_task_scope_count(s), CHILDREN);
    // Cancelling ends the children, not the scope.
    rill_task_scope_cancel(s);
    assert_int_equal(
        rill_task_scope_spawn(
            s, NEW(Child, .borrowed = &memory, .rounds = 10000), NULL, NULL),
        RILL_OK);
    rill_task_scope_free(s);
    assert_true(children_ended >= CHILDREN + 1);
    while (children_ended < CHILDREN + 2) {
      rill_sleep sleep;
      rill_sleep_init(&sleep, MILLISECOND);
      rill_block_on(ex, &sleep.future);
    }
    rill_executor_free(ex);
  }
}

typedef struct Failing {
  FUTURE_FIELDS;
} Failing;
static rill_poll Failing_poll(rill_future *f, rill_context *cx) {
  rill_task_fail(1, NULL);
  return RILL_READY;
}
FUTURE(Failing);
static void test_scope_counts_failures(void **state) {
  rill_executor_options o = RILL_EXECUTOR_OPTIONS_INIT;
  o.unhandled = RILL_UNHANDLED_IGNORE;
  rill_executor *ex = rill_executor_new(&o, NULL);
  rill_task_scope *s = rill_task_scope_open(ex, RILL_SCOPE_JOIN);
  for (int i = 0; i < 3; i++) {
    rill_task_scope_spawn(s, NEW(Failing), NULL, NULL);
  }
  rill_task_scope_closing closing;
  rill_task_scope_closing_init(&closing, s);
  assert_int_equal(rill_block_on(ex, &closing.future), RILL_OK);
  assert_int_equal(closing.failed, 3);
  rill_task_scope_free(s);
  rill_executor_free(ex);
}

static void test_join_set(void **state) {
  for (int kind = 0; kind < 3; kind++) {
    rill_executor *ex = kind == 0   ? executor_current()
                        : kind == 1 ? executor_threads(2)
                                    : executor_seeded(7);
    _Atomic int memory = 0;
    rill_join_set *set = rill_join_set_new(ex);
    uint64_t ids[10];
    for (int i = 0; i < 10; i++) {
      assert_true(rill_join_set_spawn(
          set, NEW(Child, .borrowed = &memory, .rounds = 10 - i), NULL,
          &ids[i]));
    }
    assert_int_equal(rill_join_set_count(set), 10);
    rill_join_next next;
    for (int i = 0; i < 5; i++) {
      rill_join_next_init(&next, set);
      assert_int_equal(rill_block_on(ex, &next.future), RILL_OK);
      assert_non_null(next.join);
      // Those with fewer rounds end first; only a simulation is exact.
      if (kind == 2) assert_int_equal(rill_join_id(next.join), ids[9 - i]);
      rill_join_free(next.join);
    }
    rill_join_set_abort_all(set);
    int left = 0;
    for (;;) {
      rill_join_next_init(&next, set);
      rill_block_on(ex, &next.future);
      if (next.join == NULL) break;
      left++;
      rill_join_free(next.join);
    }
    assert_int_equal(left, 5);
    assert_int_equal(memory, 10);
    assert_null(rill_join_set_try_next(set));
    // Freed with tasks in it: they are aborted.
    add(set, NEW(Child, .borrowed = &memory, .rounds = 100000));
    rill_join_set_free(set);
    rill_executor_free(ex);
    assert_int_equal(memory, 11);
  }
}

// Shutdown ------------------------------------------------------------------

static _Atomic int named;
static void count_blocker(void *data, rill_phase phase,
                          const rill_task_info *info) {
  if (info->name != NULL && strcmp(info->name, data) == 0)
    atomic_fetch_add(&named, 1);
}

static void test_graceful(void **state) {
  for (int kind = 0; kind < 3; kind++) {
    rill_executor *ex = kind == 0   ? executor_current()
                        : kind == 1 ? executor_threads(2)
                                    : executor_seeded(3);
    _Atomic int memory = 0;
    children_ended = 0;
    for (int i = 0; i < 20; i++) {
      rill_join_free(spawn(ex, NEW(Child, .borrowed = &memory, .rounds = 3)));
    }
    rill_shutdown o = RILL_SHUTDOWN_INIT;
    o.drain_ms = -1;
    assert_int_equal(rill_executor_phase(ex), RILL_PHASE_RUNNING);
    assert_int_equal(rill_executor_shutdown(ex, &o), RILL_OK);
    assert_int_equal(rill_executor_phase(ex), RILL_PHASE_STOPPED);
    assert_int_equal(children_ended, 20);
    assert_null(rill_spawn(ex, NEW(Child, .borrowed = &memory), NULL));
    assert_int_equal(rill_executor_shutdown(ex, NULL), RILL_OK);
    rill_executor_free(ex);
  }
}

static void test_forced(void **state) {
  for (int kind = 0; kind < 3; kind++) {
    rill_executor *ex = kind == 0   ? executor_current()
                        : kind == 1 ? executor_threads(2)
                                    : executor_seeded(3);
    _Atomic int memory = 0;
    children_ended = named = 0;
    rill_spawn_options s = RILL_SPAWN_OPTIONS_INIT;
    s.name = "endless";
    for (int i = 0; i < 20; i++) {
      rill_join_free(rill_spawn(
          ex, NEW(Child, .borrowed = &memory, .rounds = 1 << 30), &s));
    }
    rill_shutdown o = RILL_SHUTDOWN_INIT;
    o.drain_ms = 5;
    o.on_blocker = count_blocker;
    o.data = "endless";
    assert_int_equal(rill_executor_shutdown(ex, &o), RILL_OK);
    assert_int_equal(named, 20);
    assert_int_equal(children_ended, 20);
    rill_executor_free(ex);
  }
}

// A worker that does not come back: it is named, and the shutdown can be tried
// again.
static _Atomic bool release_stubborn;
static _Atomic int stubborn_running;
typedef struct Stubborn {
  FUTURE_FIELDS;
} Stubborn;
static rill_poll Stubborn_poll(rill_future *f, rill_context *cx) {
  atomic_fetch_add(&stubborn_running, 1);
  while (!atomic_load(&release_stubborn)) {
    sched_yield();
  }
  return RILL_READY;
}
FUTURE(Stubborn);
static void *stubborn_function(void *argument) {
  atomic_fetch_add(&stubborn_running, 1);
  while (!atomic_load(&release_stubborn)) {
    usleep(100);
  }
  return NULL;
}
static void test_stubborn(void **state) {
  rill_executor *ex = executor_threads(1);
  atomic_store(&release_stubborn, false);
  rill_join_free(spawn(ex, NEW(Stubborn)));
  rill_spawn_options s = RILL_SPAWN_OPTIONS_INIT;
  s.name = "Stubborn";
  rill_join_free(rill_spawn_blocking(ex, stubborn_function, NULL, &s));
  while (atomic_load(&stubborn_running) < 2) {
    usleep(100);
  }
  rill_shutdown o = RILL_SHUTDOWN_INIT;
  o.cancel_ms = 20;
  o.on_blocker = count_blocker;
  o.data = "Stubborn";
  named = 0;
  assert_int_equal(rill_executor_shutdown(ex, &o), RILL_TIMED_OUT);
  assert_int_equal(named, 2);
  assert_int_equal(rill_executor_phase(ex), RILL_PHASE_CANCELLING);
  atomic_store(&release_stubborn, true);
  o.cancel_ms = -1;
  assert_int_equal(rill_executor_shutdown(ex, &o), RILL_OK);
  rill_executor_free(ex);
}

// A failure under the shutdown policy ends all tasks.
static void test_failure_shuts_down(void **state) {
  rill_executor_options o = RILL_EXECUTOR_OPTIONS_INIT;
  o.flavor = RILL_MULTI_THREAD;
  o.workers = 2;
  o.unhandled = RILL_UNHANDLED_SHUTDOWN;
  o.on_unhandled = NULL;
  rill_executor *ex = rill_executor_new(&o, NULL);
  _Atomic int memory = 0;
  rill_join *j = spawn(ex, NEW(Child, .borrowed = &memory, .rounds = 1 << 30));
  rill_join_free(spawn(ex, NEW(Failing)));
  assert_int_equal(finish(ex, j), RILL_CANCELLED);
  assert_null(rill_spawn(ex, NEW(Failing), NULL));
  rill_executor_free(ex);
}

// Tasks that spawn and finish while the executor goes away.
typedef struct Breeder {
  FUTURE_FIELDS;
  rill_yield yield;
} Breeder;
static rill_poll Breeder_poll(rill_future *f, rill_context *cx);
FUTURE(Breeder);
static rill_poll Breeder_poll(rill_future *f, rill_context *cx) {
  Breeder *self = (Breeder *)f;
  RILL_ASYNC_BEGIN(self);
  for (;;) {
    rill_join *j = rill_spawn(NULL, NEW(Failing), NULL);
    rill_join_free(j);
    rill_yield_init(&self->yield);
    RILL_AWAIT(self, cx, &self->yield.future);
  }
  RILL_ASYNC_END(self);
}
static void test_shutdown_under_load(void **state) {
  for (int i = 0; i < 10 * STRESS; i++) {
    rill_executor_options o = RILL_EXECUTOR_OPTIONS_INIT;
    o.flavor = i % 2 ? RILL_MULTI_THREAD : RILL_CURRENT_THREAD;
    o.workers = i % 2 ? 3 : 1;
    o.unhandled = RILL_UNHANDLED_IGNORE;
    rill_executor *ex = rill_executor_new(&o, NULL);
    for (int k = 0; k < 5; k++) {
      rill_join_free(spawn(ex, NEW(Breeder)));
    }
    rill_sleep s;
    rill_sleep_init(&s, MILLISECOND / 2);
    rill_block_on(ex, &s.future);
    rill_executor_free(ex);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_scopes),
      cmocka_unit_test(test_scope_outside_of_tasks),
      cmocka_unit_test(test_scope_counts_failures),
      cmocka_unit_test(test_join_set),
      cmocka_unit_test(test_graceful),
      cmocka_unit_test(test_forced),
      cmocka_unit_test(test_stubborn),
      cmocka_unit_test(test_failure_shuts_down),
      cmocka_unit_test(test_shutdown_under_load),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
