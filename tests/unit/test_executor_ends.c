// SPDX-License-Identifier: MIT
// Executors that end while threads are still on their way: workers to wake the
// monitor, a thread of the program's out of the waking of a task that has ended
// by then. Here they come late: meson.build has the functions wrapped.
#include <pthread.h>
#include <uv.h>

#include "executor_tests.h"
#include "rill/sync.h"

static _Atomic int woken;

void __real_exec_monitor_wake(rill_executor *);
void __wrap_exec_monitor_wake(rill_executor *);
void __wrap_exec_monitor_wake(rill_executor *ex) {
  uv_sleep(30);
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
  uv_sleep(QUIET_MILLISECONDS);
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

// A thread that sends: the receiving task may have ended before it is back.
static _Thread_local bool is_late;
static _Atomic bool is_freed, was_in_freed;

void __real_exec_inbox_push(void *inbox, void *task);
void __wrap_exec_inbox_push(void *inbox, void *task);
void __wrap_exec_inbox_push(void *inbox, void *task) {
  __real_exec_inbox_push(inbox, task);
  if (!is_late) return;
  uv_sleep(100);
  if (atomic_load(&is_freed)) atomic_store(&was_in_freed, true);
}

static void *send_late(void *sender) {
  is_late = true;
  int value = 7;
  rill_oneshot_send(sender, &value);
  return NULL;
}

typedef struct Receiving {
  FUTURE_FIELDS;
  _Atomic bool *waits, *ended;
  rill_oneshot_recv recv;
} Receiving;
static rill_poll Receiving_poll(rill_future *f, rill_context *cx) {
  Receiving *self = (Receiving *)f;
  bool ended = rill_future_poll(&self->recv.future, cx) == RILL_READY;
  atomic_store(ended ? self->ended : self->waits, true);
  return ended ? RILL_READY : RILL_PENDING;
}
FUTURE(Receiving);

// Keeps a worker awake until the other has ended.
typedef struct Busy {
  FUTURE_FIELDS;
  _Atomic bool *until;
  rill_yield yield;
} Busy;
static rill_poll Busy_poll(rill_future *f, rill_context *cx) {
  Busy *self = (Busy *)f;
  RILL_ASYNC_BEGIN(self);
  while (!atomic_load(self->until)) {
    rill_yield_init(&self->yield);
    RILL_AWAIT(self, cx, &self->yield.future);
  }
  RILL_ASYNC_END(self);
}
FUTURE(Busy);

static void test_ending_while_a_thread_wakes(void **state) {
  static const rill_element element = {.size = sizeof(int)};
  for (int kind = 0; kind < 2; kind++) {
    rill_executor *ex = kind == 0 ? executor_current() : executor_threads(2);
    atomic_store(&is_freed, false);
    rill_oneshot_sender *sender;
    rill_oneshot_receiver *receiver;
    assert_int_equal(rill_oneshot_new(&element, &sender, &receiver), RILL_OK);
    int value;
    _Atomic bool waits = false, ended = false;
    Receiving receiving = {
        .future = {&Receiving_type}, .waits = &waits, .ended = &ended};
    rill_oneshot_recv_init(&receiving.recv, receiver, &value);
    rill_join_free(spawn(ex, &receiving.future));
    rill_join *busy = spawn(ex, NEW(Busy, .until = &ended));
    while (!atomic_load(&waits))
      rill_executor_step(ex);
    pthread_t thread;
    pthread_create(&thread, NULL, send_late, sender);
    assert_int_equal(finish(ex, busy), RILL_OK);
    assert_int_equal(value, 7);
    rill_executor_free(ex);
    atomic_store(&is_freed, true);
    pthread_join(thread, NULL);
    rill_oneshot_receiver_free(receiver);
    assert_false(was_in_freed);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_ending_after_quiet),
      cmocka_unit_test(test_ending_while_a_thread_wakes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
