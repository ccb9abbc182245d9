// SPDX-License-Identifier: MIT
// Executors that end while their workers wake, and wake the monitor, which goes
// to sleep after some quiet. Here workers come late to that: meson.build has
// the function wrapped.
#include <time.h>

#include "executor_tests.h"

static _Atomic int woken;

static void sleep_milliseconds(uint64_t milliseconds) {
  const struct timespec time = {.tv_nsec = (long)(milliseconds * MILLISECOND)};
  nanosleep(&time, NULL);
}

void __real_exec_monitor_wake(rill_executor *);
void __wrap_exec_monitor_wake(rill_executor *);
void __wrap_exec_monitor_wake(rill_executor *ex) {
  sleep_milliseconds(30);
  __real_exec_monitor_wake(ex);
  atomic_fetch_add(&woken, 1);
}

typedef struct Nothing {
  FUTURE_FIELDS;
} Nothing;
static rill_poll Nothing_poll(rill_future *f, rill_context *cx) {
  return RILL_READY;
}
FUTURE(Nothing);

static void test_ending_after_quiet(void **state) {
  enum { EXECUTORS = 16, TASKS = 3, QUIET_MILLISECONDS = 150 };
  rill_executor *executors[EXECUTORS];
  for (int i = 0; i < EXECUTORS; i++)
    executors[i] = executor_threads(4);
  sleep_milliseconds(QUIET_MILLISECONDS);
  for (int i = 0; i < EXECUTORS; i++) {
    for (int k = 0; k < TASKS; k++)
      rill_join_free(spawn(executors[i], NEW(Nothing)));
    rill_shutdown o = RILL_SHUTDOWN_INIT;
    o.drain_ms = -1;
    assert_int_equal(rill_executor_shutdown(executors[i], &o), RILL_OK);
    rill_executor_free(executors[i]);
  }
  assert_int_not_equal(woken, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ending_after_quiet),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
