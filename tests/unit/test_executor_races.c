// SPDX-License-Identifier: MIT
// What threads may do to a task at the same moment: wake it, abort it, ask for
// its end with changing wakers, free its handles. Worth most under
// ThreadSanitizer.
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "executor_tests.h"

enum { ROUNDS = 100 * STRESS };

// No wake-up is lost: each thread counts up, then wakes.
enum { THREADS = 3, WAKES = 2000 * STRESS };
typedef struct Shared {
  _Atomic int counted;
  _Atomic bool ready;
  rill_waker wakers[THREADS];
} Shared;
typedef struct Counting {
  FUTURE_FIELDS;
  Shared *shared;
} Counting;
static rill_poll Counting_poll(rill_future *f, rill_context *cx) {
  Shared *s = ((Counting *)f)->shared;
  if (!atomic_load(&s->ready)) {
    for (int i = 0; i < THREADS; i++) {
      s->wakers[i] = rill_waker_clone(cx->waker);
    }
    atomic_store(&s->ready, true);
  }
  return atomic_load(&s->counted) == THREADS * WAKES ? RILL_READY
                                                     : RILL_PENDING;
}
FUTURE(Counting);
typedef struct Thread {
  Shared *shared;
  int index;
} Thread;
static void *count_and_wake(void *argument) {
  Thread *t = argument;
  while (!atomic_load(&t->shared->ready)) {
    sched_yield();
  }
  rill_waker *w = &t->shared->wakers[t->index];
  for (int i = 0; i < WAKES; i++) {
    atomic_fetch_add(&t->shared->counted, 1);
    if (i % 2 == 0) {
      rill_waker_wake_by_ref(w);
    } else {
      rill_waker clone = rill_waker_clone(w);
      rill_waker_wake(&clone);
    }
  }
  rill_waker_release(w);
  return NULL;
}
static void test_no_wake_is_lost(void **state) {
  for (int kind = 0; kind < 2; kind++) {
    rill_executor *ex = kind == 0 ? executor_current() : executor_threads(2);
    Shared shared = {0};
    pthread_t threads[THREADS];
    Thread arguments[THREADS];
    for (int i = 0; i < THREADS; i++) {
      arguments[i] = (Thread){&shared, i};
      pthread_create(&threads[i], NULL, count_and_wake, &arguments[i]);
    }
    rill_join *j = spawn(ex, NEW(Counting, .shared = &shared));
    assert_int_equal(finish(ex, j), RILL_OK);
    for (int i = 0; i < THREADS; i++) {
      pthread_join(threads[i], NULL);
    }
    rill_executor_free(ex);
  }
}

// A task that ends by itself while it is aborted and its handle freed.
static _Atomic int dropped, discarded, finished;
typedef struct Ending {
  FUTURE_FIELDS;
  int rounds;
  rill_yield yield;
} Ending;
static rill_poll Ending_poll(rill_future *f, rill_context *cx) {
  Ending *self = (Ending *)f;
  RILL_ASYNC_BEGIN(self);
  while (self->rounds-- > 0) {
    rill_yield_init(&self->yield);
    RILL_AWAIT(self, cx, &self->yield.future);
  }
  atomic_fetch_add(&finished, 1);
  RILL_ASYNC_END(self);
}
static void Ending_drop(rill_future *f) {
  atomic_fetch_add(&dropped, 1);
}
static void Ending_discard(rill_future *f) {
  atomic_fetch_add(&discarded, 1);
}
static const rill_future_type Ending_type = {
    .size = sizeof(Ending),
    .name = "Ending",
    .poll = Ending_poll,
    .drop = Ending_drop,
    .discard = Ending_discard,
};
static _Atomic(rill_abort *) handed_over;
static _Atomic bool over;
static void *abort_thread(void *unused) {
  while (!atomic_load(&over)) {
    rill_abort *a = atomic_exchange(&handed_over, NULL);
    if (a == NULL) {
      sched_yield();
      continue;
    }
    rill_abort_now(a);
    rill_abort_free(a);
  }
  return NULL;
}
static void test_ending_and_aborting(void **state) {
  dropped = discarded = finished = 0;
  atomic_store(&over, false);
  rill_executor *ex = executor_threads(2);
  pthread_t thread;
  pthread_create(&thread, NULL, abort_thread, NULL);
  for (int i = 0; i < ROUNDS; i++) {
    rill_join *j = spawn(ex, NEW(Ending, .rounds = i % 7));
    rill_abort *old = atomic_exchange(&handed_over, rill_join_abort_handle(j));
    rill_abort_free(old);
    if (i % 3 == 0) {
      rill_join_free(j);
    } else if (i % 3 == 1) {
      rill_status status = finish(ex, j);
      check(status == RILL_OK || status == RILL_CANCELLED, "end", __LINE__);
    } else {
      // Asked with one waker, then with another, then freed before the end.
      rill_joining f;
      rill_joining_init(&f, j);
      rill_future_wait(&f.future, 0);
      rill_future_wait(&f.future, 1000);
      rill_join_free(j);
    }
  }
  atomic_store(&over, true);
  pthread_join(thread, NULL);
  rill_abort_free(atomic_exchange(&handed_over, NULL));
  rill_executor_free(ex);
  assert_int_equal(dropped, ROUNDS);
  assert_int_equal(discarded, finished);
}

// Threads that spawn from outside, into all kinds of places, while others
// steal.
static void *spawn_thread(void *ex) {
  for (int i = 0; i < ROUNDS; i++) {
    rill_spawn_options o = RILL_SPAWN_OPTIONS_INIT;
    o.worker = i % 4 - 1;
    rill_join *j = rill_spawn(ex, NEW(Ending, .rounds = 3), &o);
    check(j != NULL, "spawn", __LINE__);
    if (i % 10 == 0) check(rill_join_wait(j, -1) == RILL_OK, "join", __LINE__);
    rill_join_free(j);
  }
  return NULL;
}
static void test_spawning_from_threads(void **state) {
  finished = dropped = 0;
  rill_executor *ex = executor_threads(3);
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) {
    pthread_create(&threads[i], NULL, spawn_thread, ex);
  }
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
  }
  rill_shutdown o = RILL_SHUTDOWN_INIT;
  o.drain_ms = -1;
  assert_int_equal(rill_executor_shutdown(ex, &o), RILL_OK);
  rill_executor_free(ex);
  assert_int_equal(finished, THREADS * ROUNDS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_no_wake_is_lost),
      cmocka_unit_test(test_ending_and_aborting),
      cmocka_unit_test(test_spawning_from_threads),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
