// SPDX-License-Identifier: MIT
// Time: sleeping on real and paused clocks, resetting, intervals with each way
// of missing ticks, timeouts, and a great many sleepers.
#include <stdlib.h>
#include <unistd.h>

#include "executor_tests.h"

static rill_executor *executor_paused(void) {
  rill_executor_options o = RILL_EXECUTOR_OPTIONS_INIT;
  o.paused_clock = true;
  rill_executor *ex = rill_executor_new(&o, NULL);
  assert_non_null(ex);
  return ex;
}

static void sleep_for(rill_executor *ex, uint64_t nanoseconds) {
  rill_sleep s;
  rill_sleep_init(&s, nanoseconds);
  assert_int_equal(rill_block_on(ex, &s.future), RILL_OK);
}

static void test_paused_clock_jumps(void **state) {
  rill_executor *ex = executor_paused();
  uint64_t start = rill_now(ex);
  // A year, and then some that the wheel must spread over its levels.
  sleep_for(ex, UINT64_C(365) * 86400 * 1000 * MILLISECOND);
  uint64_t slept = rill_now(ex) - start;
  assert_true(slept >= UINT64_C(365) * 86400 * 1000 * MILLISECOND);
  assert_true(slept < (UINT64_C(365) * 86400 * 1000 + 2) * MILLISECOND);
  start = rill_now(ex);
  assert_int_equal(rill_clock_advance(ex, 5), RILL_OK);
  assert_int_equal(rill_now(ex) - start, 5);
  assert_int_equal(rill_clock_resume(ex), RILL_OK);
  assert_int_equal(rill_clock_advance(ex, 5), RILL_INVALID);
  assert_true(rill_now(ex) >= start + 5);
  start = rill_now(ex);
  sleep_for(ex, 2 * MILLISECOND);
  assert_true(rill_now(ex) - start >= 2 * MILLISECOND);
  assert_int_equal(rill_clock_pause(ex), RILL_OK);
  start = rill_now(ex);
  assert_int_equal(rill_now(ex), start);
  rill_executor_free(ex);
  ex = executor_threads(1);
  assert_int_equal(rill_clock_pause(ex), RILL_INVALID);
  rill_executor_free(ex);
}

// The clock stands still while a blocking function runs.
static void *take_a_while(void *argument) {
  usleep(5000);
  return argument;
}
static void test_paused_clock_waits_for_blocking(void **state) {
  rill_executor *ex = executor_paused();
  rill_join *j = rill_spawn_blocking(ex, take_a_while, NULL, NULL);
  rill_sleep s;
  rill_sleep_init(&s, MILLISECOND);
  rill_joining joining;
  rill_joining_init(&joining, j);
  rill_future *branches[] = {&s.future, &joining.future};
  rill_select select;
  rill_select_init(&select, branches, 2, true);
  assert_int_equal(rill_block_on(ex, &select.future), RILL_OK);
  assert_int_equal(select.winner, 1);
  rill_future_drop(&select.future);
  rill_join_free(j);
  rill_executor_free(ex);
}

static void test_order(void **state) {
  rill_executor *ex = executor_paused();
  enum { SLEEPS = 50 };
  rill_sleep sleeps[SLEEPS];
  rill_future *branches[SLEEPS];
  for (int i = 0; i < SLEEPS; i++) {
    rill_sleep_init(&sleeps[i],
                    (uint64_t)(i * 37 % SLEEPS + 1) * 10 * MILLISECOND);
    branches[i] = &sleeps[i].future;
  }
  rill_select select;
  rill_select_init(&select, branches, SLEEPS, false);
  uint64_t last = 0;
  for (int i = 0; i < SLEEPS; i++) {
    assert_int_equal(rill_block_on(ex, &select.future), RILL_OK);
    assert_true(sleeps[select.winner].deadline >= last);
    last = sleeps[select.winner].deadline;
  }
  rill_executor_free(ex);
}

static void test_reset(void **state) {
  rill_executor *ex = executor_paused();
  rill_sleep s;
  uint64_t start = rill_now(ex);
  rill_sleep_until_init(&s, start + 1000 * MILLISECOND);
  rill_timeout t;
  rill_timeout_init(&t, &s.future, 10 * MILLISECOND);
  assert_int_equal(rill_block_on(ex, &t.future), RILL_OK);
  assert_int_equal(t.status, RILL_TIMED_OUT);
  rill_sleep_reset(&s, start + 20 * MILLISECOND);
  assert_int_equal(rill_block_on(ex, &s.future), RILL_OK);
  assert_true(rill_now(ex) < start + 22 * MILLISECOND);
  rill_sleep_reset(&s, rill_now(ex) + 5 * MILLISECOND);
  start = rill_now(ex);
  assert_int_equal(rill_block_on(ex, &s.future), RILL_OK);
  assert_true(rill_now(ex) >= start + 5 * MILLISECOND);
  rill_executor_free(ex);
}

static uint64_t tick(rill_executor *ex, rill_interval *i) {
  assert_int_equal(rill_block_on(ex, &i->future), RILL_OK);
  return i->tick / MILLISECOND;
}
static void test_intervals(void **state) {
  // Ticks at 0, 10, then 35 ms pass: what comes next, in ms from the start.
  static const struct {
    rill_missed_tick missed;
    uint64_t expected[4];
  } cases[] = {
      {RILL_MISSED_BURST, {20, 30, 40, 50}},
      {RILL_MISSED_DELAY, {20, 55, 65, 75}},
      {RILL_MISSED_SKIP, {20, 50, 60, 70}},
  };
  for (int c = 0; c < 3; c++) {
    rill_executor *ex = executor_paused();
    rill_interval i;
    assert_int_equal(rill_interval_init(&i, 0, cases[c].missed), RILL_INVALID);
    assert_int_equal(rill_interval_init(&i, 10 * MILLISECOND, cases[c].missed),
                     RILL_OK);
    uint64_t start = tick(ex, &i);
    assert_int_equal(tick(ex, &i) - start, 10);
    rill_clock_advance(ex, 35 * MILLISECOND + start * MILLISECOND +
                               10 * MILLISECOND - rill_now(ex));
    for (int k = 0; k < 4; k++) {
      assert_in_range(tick(ex, &i) - start, cases[c].expected[k] - 1,
                      cases[c].expected[k] + 1);
    }
    rill_future_drop(&i.future);
    rill_executor_free(ex);
  }
}

// Very many tasks that sleep, on several workers; aborted ones leave no timer.
typedef struct Sleeper {
  FUTURE_FIELDS;
  rill_sleep sleep;
} Sleeper;
static rill_poll Sleeper_poll(rill_future *f, rill_context *cx) {
  return rill_future_poll(&((Sleeper *)f)->sleep.future, cx);
}
static void Sleeper_drop(rill_future *f) {
  rill_future_drop(&((Sleeper *)f)->sleep.future);
}
FUTURE_WITH_DROP(Sleeper);
static void test_many_sleepers(void **state) {
  enum { SLEEPERS = 5000 * STRESS };
  for (int kind = 0; kind < 2; kind++) {
    rill_executor *ex = kind == 0 ? executor_paused() : executor_threads(3);
    rill_join **joins = malloc(SLEEPERS * sizeof *joins);
    for (int i = 0; i < SLEEPERS; i++) {
      Sleeper s = {.future = {&Sleeper_type}};
      rill_sleep_init(&s.sleep, (uint64_t)(i % 20) * MILLISECOND);
      joins[i] = spawn(ex, &s.future);
    }
    int cancelled = 0;
    for (int i = 0; i < SLEEPERS; i += 3) {
      rill_join_abort(joins[i]);
    }
    for (int i = 0; i < SLEEPERS; i++) {
      rill_status status = finish(ex, joins[i]);
      cancelled += status == RILL_CANCELLED;
      assert_true(status == RILL_OK || status == RILL_CANCELLED);
    }
    assert_true(cancelled <= SLEEPERS / 3 + 1);
    for (uint32_t w = 0; w < rill_executor_workers(ex); w++) {
      rill_worker_metrics m = {.size = sizeof m};
      rill_executor_worker_metrics(ex, w, &m);
      assert_int_equal(m.timers, 0);
    }
    free(joins);
    rill_executor_free(ex);
  }
}

// A timer may outlive its executor's interest, not its memory.
static void test_armed_when_executor_ends(void **state) {
  rill_executor *ex = executor_current();
  rill_sleep s;
  rill_sleep_init(&s, 1000000 * MILLISECOND);
  rill_timeout t;
  rill_timeout_init(&t, &s.future, MILLISECOND);
  assert_int_equal(rill_block_on(ex, &t.future), RILL_OK);
  rill_executor_free(ex);
  rill_future_drop(&t.future);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_paused_clock_jumps),
      cmocka_unit_test(test_paused_clock_waits_for_blocking),
      cmocka_unit_test(test_order),
      cmocka_unit_test(test_reset),
      cmocka_unit_test(test_intervals),
      cmocka_unit_test(test_many_sleepers),
      cmocka_unit_test(test_armed_when_executor_ends),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
