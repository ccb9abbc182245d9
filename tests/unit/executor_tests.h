// SPDX-License-Identifier: MIT
// What the tests of the executor and of synchronization share: cmocka,
// executors of each kind, and a future made of a function.
#ifndef EXECUTOR_TESTS_H
#define EXECUTOR_TESTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
// cmocka needs those first.
#include <cmocka.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "rill/executor.h"
#include "rill/task.h"
#include "rill/time.h"

#define MILLISECOND UINT64_C(1000000)

// Under a sanitizer everything takes ten times as long.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
enum { STRESS = 1 };
#else
enum { STRESS = 10 };
#endif

static inline rill_executor *executor_current(void) {
  rill_executor *ex = rill_executor_new(NULL, NULL);
  assert_non_null(ex);
  return ex;
}

static inline rill_executor *executor_threads(uint32_t workers) {
  rill_executor_options o = RILL_EXECUTOR_OPTIONS_INIT;
  o.flavor = RILL_MULTI_THREAD;
  o.workers = workers;
  rill_executor *ex = rill_executor_new(&o, NULL);
  assert_non_null(ex);
  return ex;
}

// Deterministic, with a paused clock.
static inline rill_executor *executor_seeded(uint64_t seed) {
  rill_executor_options o = RILL_EXECUTOR_OPTIONS_INIT;
  o.seed = seed;
  o.paused_clock = true;
  rill_executor *ex = rill_executor_new(&o, NULL);
  assert_non_null(ex);
  return ex;
}

// The struct must begin with these two: `FUTURE(Name)` makes its type from
// Name_poll; FUTURE_WITH_DROP from Name_drop, too.
#define FUTURE_FIELDS                                                          \
  rill_future future;                                                          \
  int at
#define FUTURE(Name)                                                           \
  static const rill_future_type Name##_type = {                                \
      .size = sizeof(Name), .name = #Name, .poll = Name##_poll}
#define FUTURE_WITH_DROP(Name)                                                 \
  static const rill_future_type Name##_type = {.size = sizeof(Name),           \
                                               .name = #Name,                  \
                                               .poll = Name##_poll,            \
                                               .drop = Name##_drop}
#define NEW(Name, ...) (&(Name){.future = {&Name##_type}, __VA_ARGS__}.future)

// Runs a scenario over many seeds in simulation, and on real threads.
// A failing seed is printed.
enum { SEEDS = 1000 };
static uint64_t running_seed;
static inline void run_everywhere(void (*scenario)(rill_executor *)) {
  for (running_seed = 1; running_seed <= SEEDS; running_seed++) {
    rill_executor *ex = executor_seeded(running_seed);
    scenario(ex);
    rill_executor_free(ex);
  }
  running_seed = 0;
  for (int i = 0; i < STRESS; i++) {
    rill_executor *ex = executor_threads(3);
    scenario(ex);
    rill_executor_free(ex);
    ex = executor_current();
    scenario(ex);
    rill_executor_free(ex);
  }
}
static inline void check(bool condition, const char *what, int line) {
  if (condition) return;
  fail_msg("line %d: %s (seed %llu)", line, what,
           (unsigned long long)running_seed);
}
#define CHECK(condition) check((condition), #condition, __LINE__)

static inline rill_join *spawn(rill_executor *ex, const rill_future *f) {
  rill_join *j = rill_spawn(ex, f, NULL);
  CHECK(j != NULL);
  return j;
}

// Runs until the task has ended; frees the handle.
static inline rill_status finish(rill_executor *ex, rill_join *j) {
  rill_joining f;
  rill_joining_init(&f, j);
  CHECK(rill_block_on(ex, &f.future) == RILL_OK);
  rill_status status = f.status;
  rill_join_free(j);
  return status;
}

// Runs until all tasks of the set have ended; all must end well.
static inline void finish_set(rill_executor *ex, rill_join_set *set) {
  for (;;) {
    rill_join_next next;
    rill_join_next_init(&next, set);
    CHECK(rill_block_on(ex, &next.future) == RILL_OK);
    if (next.join == NULL) break;
    rill_status status = rill_join_status(next.join);
    CHECK(status == RILL_OK || status == RILL_CANCELLED);
    rill_join_free(next.join);
  }
  rill_join_set_free(set);
}
static inline void add(rill_join_set *set, const rill_future *f) {
  CHECK(rill_join_set_spawn(set, f, NULL, NULL));
}

#endif
