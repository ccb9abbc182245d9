// SPDX-License-Identifier: MIT
// The deque under thieves, the global queue, the timing wheel against a plain
// list, and the task state's transitions.
#include <pthread.h>
#include <stdlib.h>

#include "executor_tests.h"
#include "runtime/executor/executor.h"

// Deque ---------------------------------------------------------------------

enum { THIEVES = 3, ITEMS = 20000 * STRESS };
static Deque deque;
static Inbox overflow;
static Task *tasks;
static _Atomic uint8_t *taken;
static _Atomic bool done;

static void take(Task *t) {
  if (t != NULL) assert_int_equal(atomic_fetch_add(&taken[t - tasks], 1), 0);
}

static void *thief(void *unused) {
  Deque *own = aligned_alloc(_Alignof(Deque), sizeof *own);
  memset(own, 0, sizeof *own);
  bool last_look;
  do {
    last_look = atomic_load(&done);
    uint32_t count;
    Task *t = exec_deque_steal(&deque, own, &count);
    take(t);
    for (uint32_t i = 0; t != NULL && i + 1 < count; i++) {
      take(exec_deque_pop(own));
    }
    assert_null(exec_deque_pop(own));
  } while (!last_look);
  free(own);
  return NULL;
}

static void test_deque(void **state) {
  tasks = calloc(ITEMS, sizeof *tasks);
  taken = calloc(ITEMS, sizeof *taken);
  exec_inbox_init(&overflow);
  pthread_t threads[THIEVES];
  for (int i = 0; i < THIEVES; i++) {
    pthread_create(&threads[i], NULL, thief, NULL);
  }
  Random random = {1};
  int pushed = 0;
  while (pushed < ITEMS) {
    uint32_t burst = random_below(&random, 400);
    while (burst-- > 0 && pushed < ITEMS) {
      exec_deque_push(&deque, &tasks[pushed++], &overflow);
    }
    burst = random_below(&random, 300);
    while (burst-- > 0) {
      take(exec_deque_pop(&deque));
    }
    take(exec_inbox_pop(&overflow));
  }
  Task *t;
  while ((t = exec_deque_pop(&deque)) != NULL) {
    take(t);
  }
  atomic_store(&done, true);
  for (int i = 0; i < THIEVES; i++) {
    pthread_join(threads[i], NULL);
  }
  while ((t = exec_inbox_pop(&overflow)) != NULL) {
    take(t);
  }
  for (int i = 0; i < ITEMS; i++) {
    assert_int_equal(taken[i], 1);
  }
  assert_int_equal(exec_deque_length(&deque), 0);
  exec_inbox_destroy(&overflow);
  free(tasks);
  free(taken);
}

static void test_deque_order_and_wrap(void **state) {
  Deque *d = aligned_alloc(_Alignof(Deque), sizeof *d);
  memset(d, 0, sizeof *d);
  Task *t = calloc(1000, sizeof *t);
  exec_inbox_init(&overflow);
  // Positions just before they wrap.
  atomic_store(&d->tail, UINT32_MAX - 3);
  atomic_store(&d->head, (uint64_t)(UINT32_MAX - 3) << 32 | (UINT32_MAX - 3));
  for (int i = 0; i < DEQUE_CAPACITY; i++) {
    assert_false(exec_deque_push(d, &t[i], &overflow));
  }
  assert_int_equal(exec_deque_room(d), 0);
  // Full: the older half and the new one go to the overflow, in order.
  assert_true(exec_deque_push(d, &t[DEQUE_CAPACITY], &overflow));
  assert_int_equal(exec_inbox_length(&overflow), DEQUE_CAPACITY / 2 + 1);
  for (int i = 0; i < DEQUE_CAPACITY / 2; i++) {
    assert_ptr_equal(exec_inbox_pop(&overflow), &t[i]);
  }
  assert_ptr_equal(exec_inbox_pop(&overflow), &t[DEQUE_CAPACITY]);
  assert_null(exec_inbox_pop(&overflow));
  for (int i = DEQUE_CAPACITY / 2; i < DEQUE_CAPACITY; i++) {
    assert_ptr_equal(exec_deque_pop(d), &t[i]);
  }
  assert_null(exec_deque_pop(d));
  exec_inbox_destroy(&overflow);
  free(t);
  free(d);
}

// Wheel ---------------------------------------------------------------------

static void nothing(void *data) {}
static int wakes;
static void count_wake(void *data) {
  wakes++;
}
static const rill_waker_type counting = {nothing, nothing, count_wake,
                                         count_wake};

static void test_wheel(void **state) {
  enum { TIMERS = 500 };
  static const uint64_t spans[] = {2, 64, 100, 4096, 1 << 18, 1 << 25};
  rill_waker waker = {&counting, NULL};
  for (uint64_t seed = 0; seed < 60; seed++) {
    Random random = {seed};
    Wheel w;
    assert_int_equal(exec_wheel_init(&w), 0);
    Timer timers[TIMERS];
    uint64_t when[TIMERS], now = 0;
    memset(timers, 0, sizeof timers);
    for (int round = 0; round < 60; round++) {
      for (int i = 0; i < TIMERS; i++) {
        if (random_below(&random, 8) != 0) continue;
        exec_timer_cancel(&timers[i]);
        if (random_below(&random, 4) == 0) continue;
        uint64_t span = spans[random_below(&random, 6)];
        when[i] = now + random_next(&random) % span;
        exec_wheel_arm(&w, &timers[i], when[i], &waker);
      }
      uint64_t first = UINT64_MAX;
      uint64_t armed = 0;
      for (int i = 0; i < TIMERS; i++) {
        if (timers[i].state != TIMER_ARMED) continue;
        armed++;
        if (when[i] < first) first = when[i];
      }
      assert_int_equal(w.count, armed);
      assert_true(exec_wheel_next(&w) <= first);
      now += random_next(&random) % spans[random_below(&random, 6)];
      wakes = 0;
      int due = 0;
      for (int i = 0; i < TIMERS; i++) {
        due += timers[i].state == TIMER_ARMED && when[i] <= now;
      }
      assert_int_equal(exec_wheel_turn(&w, now), due);
      assert_int_equal(wakes, due);
      for (int i = 0; i < TIMERS; i++) {
        if (timers[i].state == TIMER_ARMED) assert_true(when[i] > now);
      }
    }
    exec_wheel_destroy(&w);
    for (int i = 0; i < TIMERS; i++) {
      assert_true(timers[i].state != TIMER_ARMED);
    }
  }
}

static void test_wheel_far_away(void **state) {
  rill_waker waker = {&counting, NULL};
  Wheel w;
  exec_wheel_init(&w);
  // Beyond the span of the highest level, and almost at the end of time.
  Timer far = {0}, farthest = {0};
  uint64_t span = UINT64_C(1) << (WHEEL_LEVELS * WHEEL_BITS);
  exec_wheel_arm(&w, &far, 5 * span + 7, &waker);
  exec_wheel_arm(&w, &farthest, UINT64_MAX - 1, &waker);
  uint64_t now = 0;
  int steps = 0;
  while (atomic_load(&far.state) == TIMER_ARMED) {
    assert_true(exec_wheel_next(&w) > now);
    now = exec_wheel_next(&w);
    exec_wheel_turn(&w, now);
    assert_true(steps++ < 1000);
  }
  assert_int_equal(now, 5 * span + 7);
  exec_timer_cancel(&farthest);
  assert_int_equal(w.count, 0);
  exec_wheel_destroy(&w);
}

// State ---------------------------------------------------------------------

static void test_state(void **state) {
  TaskState s = 3 * TASK_REFERENCE | TASK_NOTIFIED | TASK_JOIN_INTEREST;
  assert_int_equal(state_wake_by_ref(&s), WAKE_NOTHING);
  assert_false(state_to_running(&s));
  assert_int_equal(state_wake_by_ref(&s), WAKE_NOTHING);
  assert_int_equal(state_to_idle(&s, true), IDLE_AGAIN);
  assert_false(state_to_running(&s));
  assert_int_equal(state_to_idle(&s, true), IDLE_WAIT);
  assert_int_equal(state_references(s), 2);
  assert_int_equal(state_wake_by_ref(&s), WAKE_SUBMIT);
  assert_int_equal(state_references(s), 3);
  assert_false(state_to_running(&s));
  assert_int_equal(state_cancel(&s), WAKE_NOTHING);
  assert_int_equal(state_to_idle(&s, true), IDLE_CANCELLED);
  assert_int_equal(state_to_idle(&s, false), IDLE_AGAIN);
  assert_true(state_to_running(&s));
  assert_true(state_set_join_waker(&s));
  assert_true(state_to_complete(&s) & TASK_JOIN_WAKER);
  assert_false(state_take_join_waker(&s));
  bool owns_output, owns_waker;
  state_drop_join(&s, &owns_output, &owns_waker);
  assert_true(owns_output);
  assert_false(owns_waker); // the completion has it
  assert_false(state_join_woken(&s) & TASK_JOIN_INTEREST);
  state_retain(&s);
  assert_int_equal(state_wake_by_value(&s), WAKE_NOTHING);
  assert_false(state_release(&s, 2));
  assert_int_equal(state_wake_by_value(&s), WAKE_FREE);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_deque), cmocka_unit_test(test_deque_order_and_wrap),
      cmocka_unit_test(test_wheel), cmocka_unit_test(test_wheel_far_away),
      cmocka_unit_test(test_state),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
