// SPDX-License-Identifier: MIT
// Workers: stealing, pinned tasks, fairness, stuck workers, metrics, the seeded
// simulation, and being driven by another event loop.
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "executor_tests.h"

// A tree of tasks: each spawns two, and sums what they return.
typedef struct Tree {
  FUTURE_FIELDS;
  int depth;
  long sum;
  rill_join *children[2];
  rill_joining joining;
} Tree;
static rill_poll Tree_poll(rill_future *f, rill_context *cx);
static void Tree_drop(rill_future *f) {
  Tree *self = (Tree *)f;
  for (int i = 0; i < 2; i++) {
    rill_join_free(self->children[i]);
    self->children[i] = NULL;
  }
}
FUTURE_WITH_DROP(Tree);
static rill_poll Tree_poll(rill_future *f, rill_context *cx) {
  Tree *self = (Tree *)f;
  RILL_ASYNC_BEGIN(self);
  self->sum = 1;
  if (self->depth > 0) {
    for (int i = 0; i < 2; i++) {
      self->children[i] = spawn(NULL, NEW(Tree, .depth = self->depth - 1));
    }
    rill_joining_init(&self->joining, self->children[0]);
    RILL_AWAIT(self, cx, &self->joining.future);
    rill_joining_init(&self->joining, self->children[1]);
    RILL_AWAIT(self, cx, &self->joining.future);
    for (int i = 0; i < 2; i++) {
      self->sum += ((Tree *)rill_join_state(self->children[i]))->sum;
    }
  }
  RILL_ASYNC_END(self);
}

static long run_tree(rill_executor *ex, int depth) {
  rill_join *j = spawn(ex, NEW(Tree, .depth = depth));
  rill_joining f;
  rill_joining_init(&f, j);
  assert_int_equal(rill_block_on(ex, &f.future), RILL_OK);
  long sum = ((Tree *)rill_join_state(j))->sum;
  rill_join_free(j);
  return sum;
}

static void test_stealing(void **state) {
  for (uint32_t workers = 1; workers <= 4; workers++) {
    rill_executor *ex = executor_threads(workers);
    for (int i = 0; i < STRESS; i++) {
      assert_int_equal(run_tree(ex, 10), (1 << 11) - 1);
    }
    rill_executor_metrics m = {.size = sizeof m};
    rill_executor_get_metrics(ex, &m);
    assert_int_equal(m.spawned, STRESS * ((1 << 11) - 1));
    rill_executor_free(ex);
  }
}

// Pinned tasks run where they are pinned, whoever wakes them.
typedef struct Pinned {
  FUTURE_FIELDS;
  int worker, round;
  rill_yield yield;
  rill_sleep sleep;
} Pinned;
static rill_poll Pinned_poll(rill_future *f, rill_context *cx) {
  Pinned *self = (Pinned *)f;
  check(rill_current_worker() == self->worker, "worker", __LINE__);
  RILL_ASYNC_BEGIN(self);
  for (self->round = 0; self->round < 50; self->round++) {
    rill_yield_init(&self->yield);
    RILL_AWAIT(self, cx, &self->yield.future);
    if (self->round % 10 == 0) {
      rill_sleep_init(&self->sleep, MILLISECOND);
      RILL_AWAIT(self, cx, &self->sleep.future);
    }
  }
  RILL_ASYNC_END(self);
}
static void Pinned_drop(rill_future *f) {
  check(rill_current_worker() == ((Pinned *)f)->worker, "worker", __LINE__);
}
FUTURE_WITH_DROP(Pinned);

static void test_pinned(void **state) {
  enum { TASKS = 40, WORKERS = 3 };
  rill_executor *ex = executor_threads(WORKERS);
  rill_join *joins[TASKS];
  for (int i = 0; i < TASKS; i++) {
    rill_spawn_options o = RILL_SPAWN_OPTIONS_INIT;
    o.worker = i % WORKERS;
    joins[i] = rill_spawn(ex, NEW(Pinned, .worker = i % WORKERS), &o);
    assert_non_null(joins[i]);
    if (i % 5 == 4) rill_join_abort(joins[i]);
  }
  run_tree(ex, 8);
  for (int i = 0; i < TASKS; i++) {
    finish(ex, joins[i]);
  }
  rill_executor_free(ex);
}

// A task that never waits does not keep others from running.
static _Atomic bool stop;
typedef struct Greedy {
  FUTURE_FIELDS;
  rill_yield yield;
} Greedy;
static rill_poll Greedy_poll(rill_future *f, rill_context *cx) {
  while (!atomic_load(&stop)) {
    if (!rill_coop_proceed(cx)) return RILL_PENDING;
  }
  return RILL_READY;
}
FUTURE(Greedy);
typedef struct Stopper {
  FUTURE_FIELDS;
  rill_sleep sleep;
} Stopper;
static rill_poll Stopper_poll(rill_future *f, rill_context *cx) {
  Stopper *self = (Stopper *)f;
  RILL_ASYNC_BEGIN(self);
  rill_sleep_init(&self->sleep, 2 * MILLISECOND);
  RILL_AWAIT(self, cx, &self->sleep.future);
  atomic_store(&stop, true);
  RILL_ASYNC_END(self);
}
FUTURE(Stopper);
static void test_budget(void **state) {
  for (int kind = 0; kind < 2; kind++) {
    rill_executor *ex = kind == 0 ? executor_current() : executor_threads(1);
    atomic_store(&stop, false);
    rill_join *greedy = spawn(ex, NEW(Greedy));
    rill_join *stopper = spawn(ex, NEW(Stopper));
    assert_int_equal(finish(ex, greedy), RILL_OK);
    assert_int_equal(finish(ex, stopper), RILL_OK);
    rill_executor_free(ex);
  }
}

// Two tasks that wake each other in the LIFO slot do not starve a third.
typedef struct Pong {
  FUTURE_FIELDS;
  _Atomic int *turn;
  int own;
  rill_waker *wakers;
} Pong;
static rill_poll Pong_poll(rill_future *f, rill_context *cx) {
  Pong *self = (Pong *)f;
  rill_waker_keep(&self->wakers[self->own], cx->waker);
  if (atomic_load(&stop)) {
    if (self->wakers[!self->own].type != NULL)
      rill_waker_wake_by_ref(&self->wakers[!self->own]);
    rill_waker_release(&self->wakers[self->own]);
    return RILL_READY;
  }
  if (self->wakers[!self->own].type != NULL)
    rill_waker_wake_by_ref(&self->wakers[!self->own]);
  return RILL_PENDING;
}
FUTURE(Pong);
typedef struct Third {
  FUTURE_FIELDS;
  int rounds;
} Third;
static rill_poll Third_poll(rill_future *f, rill_context *cx) {
  if (((Third *)f)->rounds-- > 0) {
    rill_waker_wake_by_ref(cx->waker);
    return RILL_PENDING;
  }
  atomic_store(&stop, true);
  return RILL_READY;
}
FUTURE(Third);
static void test_lifo_does_not_starve(void **state) {
  rill_executor *ex = executor_threads(1);
  rill_waker wakers[2] = {{NULL, NULL}, {NULL, NULL}};
  atomic_store(&stop, false);
  rill_join *a = spawn(ex, NEW(Pong, .own = 0, .wakers = wakers));
  rill_join *b = spawn(ex, NEW(Pong, .own = 1, .wakers = wakers));
  rill_join *third = spawn(ex, NEW(Third, .rounds = 1000));
  assert_int_equal(finish(ex, third), RILL_OK);
  finish(ex, a);
  finish(ex, b);
  rill_executor_free(ex);
}

// One worker computes and does not come back for a while: what it was to do,
// timers included, is done by the other.
typedef struct Stuck {
  FUTURE_FIELDS;
  rill_join **child;
} Stuck;
typedef struct Soon {
  FUTURE_FIELDS;
  rill_sleep sleep;
  uint64_t late;
} Soon;
static rill_poll Soon_poll(rill_future *f, rill_context *cx) {
  Soon *self = (Soon *)f;
  RILL_ASYNC_BEGIN(self);
  rill_sleep_init(&self->sleep, MILLISECOND);
  RILL_AWAIT(self, cx, &self->sleep.future);
  self->late = rill_now(NULL) - self->sleep.deadline;
  atomic_store(&stop, true);
  RILL_ASYNC_END(self);
}
FUTURE(Soon);
static rill_poll Stuck_poll(rill_future *f, rill_context *cx) {
  // Into this worker's LIFO slot, from where nobody steals.
  *((Stuck *)f)->child = spawn(NULL, NEW(Soon));
  uint64_t start = uv_hrtime();
  while (!atomic_load(&stop) && uv_hrtime() - start < 5000 * MILLISECOND) {
    sched_yield();
  }
  return RILL_READY;
}
FUTURE(Stuck);
static void test_stuck_worker(void **state) {
  rill_executor *ex = executor_threads(2);
  atomic_store(&stop, false);
  rill_join *child = NULL;
  rill_join *j = spawn(ex, NEW(Stuck, .child = &child));
  assert_int_equal(finish(ex, j), RILL_OK);
  assert_true(atomic_load(&stop));
  finish(ex, child);
  rill_executor_free(ex);
}

// A stalled worker is told, with its task; hooks are called in pairs.
typedef struct Events {
  _Atomic int started, stopped, parked, unparked, stalled;
} Events;
static void on_start(void *data, uint32_t worker) {
  atomic_fetch_add(&((Events *)data)->started, 1);
}
static void on_stop(void *data, uint32_t worker) {
  atomic_fetch_add(&((Events *)data)->stopped, 1);
}
static void on_park(void *data, uint32_t worker) {
  atomic_fetch_add(&((Events *)data)->parked, 1);
}
static void on_unpark(void *data, uint32_t worker) {
  atomic_fetch_add(&((Events *)data)->unparked, 1);
}
static void on_stall(void *data, const rill_stall *stall) {
  // A busy machine may make others look stalled.
  if (strcmp(stall->name, "Stuck") != 0) return;
  check(stall->nanoseconds >= 5 * MILLISECOND, "time", __LINE__);
  check(stall->task != 0 && stall->worker == 0, "task", __LINE__);
  atomic_fetch_add(&((Events *)data)->stalled, 1);
  atomic_store(&stop, true);
}
static void test_stall_and_hooks(void **state) {
  Events events = {0};
  rill_executor_options o = RILL_EXECUTOR_OPTIONS_INIT;
  o.flavor = RILL_MULTI_THREAD;
  o.workers = 1;
  o.stall_ms = 5;
  o.on_stall = on_stall;
  o.on_start = on_start;
  o.on_stop = on_stop;
  o.on_park = on_park;
  o.on_unpark = on_unpark;
  o.data = &events;
  rill_executor *ex = rill_executor_new(&o, NULL);
  atomic_store(&stop, false);
  rill_join *child = NULL;
  rill_join *j = spawn(ex, NEW(Stuck, .child = &child));
  assert_int_equal(finish(ex, j), RILL_OK);
  finish(ex, child);
  rill_executor_free(ex);
  assert_int_equal(events.stalled, 1);
  assert_int_equal(events.started, 1);
  assert_int_equal(events.stopped, 1);
  assert_true(events.parked > 0);
  assert_int_equal(events.parked, events.unparked);
}

static void test_metrics(void **state) {
  rill_executor_options o = RILL_EXECUTOR_OPTIONS_INIT;
  o.flavor = RILL_MULTI_THREAD;
  o.workers = 2;
  o.poll_histogram = true;
  o.name = "a-rather-long-name";
  rill_executor *ex = rill_executor_new(&o, NULL);
  run_tree(ex, 9);
  uint64_t polls = 0, in_histogram = 0, busy = 0;
  for (uint32_t i = 0; i < 2; i++) {
    rill_worker_metrics m = {.size = sizeof m};
    assert_true(rill_executor_worker_metrics(ex, i, &m));
    polls += m.polls;
    busy += m.busy_nanoseconds;
    for (int b = 0; b < RILL_POLL_BUCKETS; b++) {
      in_histogram += m.poll_times[b];
    }
  }
  rill_worker_metrics m = {.size = sizeof m};
  assert_false(rill_executor_worker_metrics(ex, 2, &m));
  assert_true(polls >= (1 << 10) - 1);
  assert_true(in_histogram + 2 >= polls); // one may be running
  assert_true(busy > 0);
  rill_executor_free(ex);
}

// Simulation: the same seed gives the same run, others give others.
enum { STEPS = 64 };
static char trace[STEPS * 4];
static size_t traced;
typedef struct Traced {
  FUTURE_FIELDS;
  char name;
  int round;
  rill_sleep sleep;
  rill_yield yield;
} Traced;
static rill_poll Traced_poll(rill_future *f, rill_context *cx) {
  Traced *self = (Traced *)f;
  RILL_ASYNC_BEGIN(self);
  for (self->round = 0; self->round < 8; self->round++) {
    if (traced < sizeof trace - 1) trace[traced++] = self->name;
    if (self->round % 2 == 0) {
      rill_yield_init(&self->yield);
      RILL_AWAIT(self, cx, &self->yield.future);
    } else {
      rill_sleep_init(&self->sleep, MILLISECOND);
      RILL_AWAIT(self, cx, &self->sleep.future);
    }
  }
  RILL_ASYNC_END(self);
}
FUTURE(Traced);
static void trace_run(uint64_t seed, char *out) {
  memset(trace, 0, sizeof trace);
  traced = 0;
  rill_executor *ex = executor_seeded(seed);
  rill_join_set *set = rill_join_set_new(ex);
  for (int i = 0; i < 8; i++) {
    add(set, NEW(Traced, .name = (char)('a' + i)));
  }
  finish_set(ex, set);
  rill_executor_free(ex);
  memcpy(out, trace, sizeof trace);
}
static void test_simulation_repeats(void **state) {
  char first[sizeof trace], second[sizeof trace];
  int different = 0;
  for (uint64_t seed = 1; seed <= 50; seed++) {
    trace_run(seed, first);
    trace_run(seed, second);
    assert_memory_equal(first, second, sizeof first);
    trace_run(seed + 1000, second);
    different += memcmp(first, second, sizeof first) != 0;
  }
  assert_true(different > 45);
}

// A simulation in which nothing can go on ends, instead of waiting for ever.
typedef struct Forgotten {
  FUTURE_FIELDS;
} Forgotten;
static rill_poll Forgotten_poll(rill_future *f, rill_context *cx) {
  return RILL_PENDING;
}
FUTURE(Forgotten);
static void test_deadlock_is_told(void **state) {
  rill_executor *ex = executor_seeded(9);
  rill_join *j = spawn(ex, NEW(Forgotten));
  rill_joining f;
  rill_joining_init(&f, j);
  assert_int_equal(rill_block_on(ex, &f.future), RILL_DEADLOCK);
  rill_sleep s;
  rill_sleep_init(&s, MILLISECOND);
  assert_int_equal(rill_block_on(ex, &s.future), RILL_OK);
  rill_join_abort(j);
  assert_int_equal(rill_block_on(ex, &f.future), RILL_OK);
  rill_join_free(j);
  rill_executor_free(ex);
}

// Another event loop drives: it waits for the descriptor and the timeout alone.
typedef struct Waker {
  rill_waker waker;
  _Atomic bool ready, woken;
} Waker;
typedef struct Outside {
  FUTURE_FIELDS;
  Waker *shared;
  rill_sleep sleep;
} Outside;
static rill_poll Outside_poll(rill_future *f, rill_context *cx) {
  Outside *self = (Outside *)f;
  if (self->shared->woken) return RILL_READY;
  if (rill_future_poll(&self->sleep.future, cx) == RILL_READY &&
      !atomic_load(&self->shared->ready)) {
    self->shared->waker = rill_waker_clone(cx->waker);
    atomic_store(&self->shared->ready, true);
  }
  return RILL_PENDING;
}
FUTURE(Outside);
static void *wake_later(void *argument) {
  Waker *w = argument;
  while (!atomic_load(&w->ready)) {
    usleep(100);
  }
  usleep(2000);
  atomic_store(&w->woken, true);
  rill_waker_wake(&w->waker);
  return NULL;
}
static void test_external_loop(void **state) {
  rill_executor *ex = executor_current();
  int fd = rill_executor_fd(ex);
  assert_true(fd >= 0);
  Waker shared = {.waker = {NULL, NULL}};
  pthread_t thread;
  pthread_create(&thread, NULL, wake_later, &shared);
  Outside outside = {.future = {&Outside_type}, .shared = &shared};
  rill_sleep_init(&outside.sleep, 2 * MILLISECOND);
  rill_join *j = spawn(ex, &outside.future);
  int steps = 0, waits = 0;
  while (rill_join_status(j) == RILL_WOULD_BLOCK) {
    steps++;
    if (rill_executor_step(ex)) continue;
    if (rill_join_status(j) != RILL_WOULD_BLOCK) break;
    int timeout = rill_executor_timeout(ex);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    waits++;
    poll(&p, 1, timeout);
    assert_true(steps < 1000);
  }
  assert_true(waits >= 2);
  assert_int_equal(rill_join_status(j), RILL_OK);
  rill_join_free(j);
  pthread_join(thread, NULL);
  rill_executor_free(ex);
}

// A pinned task with a libuv handle on its worker's loop.
typedef struct OnLoop {
  FUTURE_FIELDS;
  uv_timer_t timer;
  int ticks;
  rill_waker waker;
} OnLoop;
static void on_closed(uv_handle_t *handle) {
  OnLoop *self = handle->data;
  rill_waker_wake(&self->waker);
}
static void on_loop_tick(uv_timer_t *timer) {
  OnLoop *self = timer->data;
  if (++self->ticks == 3) uv_close((uv_handle_t *)timer, on_closed);
}
static rill_poll OnLoop_poll(rill_future *f, rill_context *cx) {
  OnLoop *self = (OnLoop *)f;
  if (self->ticks == 3) return RILL_READY;
  if (self->at == 0) {
    self->at = 1;
    uv_loop_t *loop = rill_worker_loop();
    self->timer.data = self;
    self->waker = rill_waker_clone(cx->waker);
    uv_timer_init(loop, &self->timer);
    uv_timer_start(&self->timer, on_loop_tick, 1, 1);
  }
  return RILL_PENDING;
}
FUTURE(OnLoop);
static void test_worker_loop(void **state) {
  assert_null(rill_worker_loop());
  for (int kind = 0; kind < 2; kind++) {
    rill_executor *ex = kind == 0 ? executor_current() : executor_threads(2);
    rill_spawn_options o = RILL_SPAWN_OPTIONS_INIT;
    o.worker = kind;
    rill_join *j = rill_spawn(ex, NEW(OnLoop), &o);
    assert_int_equal(finish(ex, j), RILL_OK);
    // Such a worker can be woken, too.
    run_tree(ex, 6);
    rill_executor_free(ex);
  }
}

// A timer of the loop that is due before the worker goes to sleep in it: its
// callback runs ahead of the poll, and wakes a task of that same worker.
typedef struct Early {
  FUTURE_FIELDS;
  uv_timer_t timer;
  rill_waker waker;
  bool is_closed;
} Early;
static void on_early_closed(uv_handle_t *handle) {
  Early *self = handle->data;
  self->is_closed = true;
  rill_waker_wake(&self->waker);
}
static void on_early(uv_timer_t *timer) {
  Early *self = timer->data;
  self->at = 2;
  rill_waker_wake_by_ref(&self->waker);
}
static rill_poll Early_poll(rill_future *f, rill_context *cx) {
  Early *self = (Early *)f;
  if (self->at == 0) {
    self->at = 1;
    self->timer.data = self;
    self->waker = rill_waker_clone(cx->waker);
    uv_timer_init(rill_worker_loop(), &self->timer);
    uv_timer_start(&self->timer, on_early, 1, 0);
    uint64_t end = uv_hrtime() + 5 * MILLISECOND;
    while (uv_hrtime() < end) {
    }
  } else if (self->at == 2) {
    self->at = 3;
    uv_close((uv_handle_t *)&self->timer, on_early_closed);
  }
  return self->is_closed ? RILL_READY : RILL_PENDING;
}
FUTURE(Early);
static void test_woken_before_the_poll(void **state) {
  for (int kind = 0; kind < 2; kind++) {
    rill_executor *ex = kind == 0 ? executor_current() : executor_threads(1);
    rill_spawn_options o = RILL_SPAWN_OPTIONS_INIT;
    o.worker = 0;
    rill_join *j = rill_spawn(ex, NEW(Early), &o);
    assert_int_equal(finish(ex, j), RILL_OK);
    rill_executor_free(ex);
  }
}

// Several threads in rill_block_on of one current_thread executor.
static void *block_on_thread(void *ex) {
  for (int i = 0; i < 5 * STRESS; i++) {
    check(run_tree(ex, 5) == 63, "sum", __LINE__);
    rill_sleep s;
    rill_sleep_init(&s, MILLISECOND / 4);
    check(rill_block_on(ex, &s.future) == RILL_OK, "sleep", __LINE__);
  }
  return NULL;
}
static void test_many_block_on(void **state) {
  for (int kind = 0; kind < 2; kind++) {
    rill_executor *ex = kind == 0 ? executor_current() : executor_threads(2);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
      pthread_create(&threads[i], NULL, block_on_thread, ex);
    }
    for (int i = 0; i < 3; i++) {
      pthread_join(threads[i], NULL);
    }
    rill_executor_free(ex);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_stealing),
      cmocka_unit_test(test_pinned),
      cmocka_unit_test(test_budget),
      cmocka_unit_test(test_lifo_does_not_starve),
      cmocka_unit_test(test_stuck_worker),
      cmocka_unit_test(test_stall_and_hooks),
      cmocka_unit_test(test_metrics),
      cmocka_unit_test(test_simulation_repeats),
      cmocka_unit_test(test_deadlock_is_told),
      cmocka_unit_test(test_external_loop),
      cmocka_unit_test(test_worker_loop),
      cmocka_unit_test(test_woken_before_the_poll),
      cmocka_unit_test(test_many_block_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
