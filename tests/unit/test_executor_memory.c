// SPDX-License-Identifier: MIT
// Every allocation of the executor and of synchronization fails once: whatever
// the n-th one is for, the caller is told, nothing crashes, and everything that
// was allocated is freed. Linked with malloc and its kin wrapped.
#include <stdlib.h>

#include "executor_tests.h"
#include "rill/sync.h"

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void *__real_aligned_alloc(size_t, size_t);
void __real_free(void *);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
void *__wrap_aligned_alloc(size_t, size_t);
void __wrap_free(void *);

static long until_failure = -1, allocated;
static bool fails(void) {
  return until_failure >= 0 && until_failure-- == 0;
}
static void *count(void *p) {
  allocated += p != NULL;
  return p;
}
void *__wrap_malloc(size_t size) {
  return fails() ? NULL : count(__real_malloc(size));
}
void *__wrap_calloc(size_t n, size_t size) {
  return fails() ? NULL : count(__real_calloc(n, size));
}
void *__wrap_realloc(void *old, size_t size) {
  if (fails()) return NULL;
  allocated += old == NULL;
  return __real_realloc(old, size);
}
void *__wrap_aligned_alloc(size_t alignment, size_t size) {
  return fails() ? NULL : count(__real_aligned_alloc(alignment, size));
}
void __wrap_free(void *p) {
  allocated -= p != NULL;
  __real_free(p);
}

static void *inherit(void *value) {
  return value;
}
static const rill_task_local local = {.inherit = inherit};

// Uses most of what there is; gives up where something fails.
typedef struct Main {
  FUTURE_FIELDS;
  rill_task_scope *scope;
  rill_task_scope_closing closing;
  rill_join_set *set;
  rill_join_next next;
  rill_sender *tx;
  rill_receiver *rx;
  long value;
  rill_send send;
  rill_recv recv;
  rill_sleep sleep;
  bool done;
} Main;
typedef struct Small {
  FUTURE_FIELDS;
  rill_yield yield;
} Small;
static rill_poll Small_poll(rill_future *f, rill_context *cx) {
  Small *self = (Small *)f;
  RILL_ASYNC_BEGIN(self);
  rill_task_local_set(&local, self);
  rill_yield_init(&self->yield);
  RILL_AWAIT(self, cx, &self->yield.future);
  rill_task_fail(3, "a message");
  RILL_ASYNC_END(self);
}
FUTURE(Small);

static rill_poll Main_poll(rill_future *f, rill_context *cx) {
  static const rill_element number = {.size = sizeof(long)};
  Main *self = (Main *)f;
  RILL_ASYNC_BEGIN(self);
  if (rill_task_local_set(&local, self) != RILL_OK) return RILL_READY;
  self->scope = rill_task_scope_open(NULL, RILL_SCOPE_JOIN);
  self->set = rill_join_set_new(NULL);
  if (self->scope == NULL || self->set == NULL ||
      rill_mpsc_new(&number, 0, &self->tx, &self->rx) != RILL_OK)
    return RILL_READY;
  for (int i = 0; i < 80; i++) {
    if (rill_task_scope_spawn(self->scope, NEW(Small), NULL, NULL) != RILL_OK ||
        !rill_join_set_spawn(self->set, NEW(Small), NULL, NULL))
      return RILL_READY;
  }
  for (self->value = 0; self->value < 600; self->value++) {
    rill_send_init(&self->send, self->tx, &self->value);
    RILL_AWAIT(self, cx, &self->send.future);
    if (self->send.status != RILL_OK) return RILL_READY;
  }
  rill_recv_init(&self->recv, self->rx, &self->value);
  RILL_AWAIT(self, cx, &self->recv.future);
  rill_sleep_init(&self->sleep, MILLISECOND);
  RILL_AWAIT(self, cx, &self->sleep.future);
  do {
    rill_join_next_init(&self->next, self->set);
    RILL_AWAIT(self, cx, &self->next.future);
    rill_join_free(self->next.join);
  } while (self->next.join != NULL);
  rill_task_scope_closing_init(&self->closing, self->scope);
  RILL_AWAIT(self, cx, &self->closing.future);
  self->done = true;
  RILL_ASYNC_END(self);
}
static void Main_drop(rill_future *f) {
  Main *self = (Main *)f;
  rill_future_drop(&self->sleep.future);
  rill_task_scope_free(self->scope);
  rill_join_set_free(self->set);
  rill_sender_free(self->tx);
  rill_receiver_free(self->rx);
}
FUTURE_WITH_DROP(Main);

static bool run_main(uint64_t seed) {
  rill_executor_options o = RILL_EXECUTOR_OPTIONS_INIT;
  o.seed = seed;
  o.paused_clock = true;
  o.unhandled = RILL_UNHANDLED_IGNORE;
  rill_status status;
  rill_executor *ex = rill_executor_new(&o, &status);
  if (ex == NULL) {
    assert_int_equal(status, RILL_NO_MEMORY);
    return false;
  }
  bool done = false;
  rill_join *j = rill_spawn(ex, NEW(Main), NULL);
  if (j != NULL) {
    rill_joining f;
    rill_joining_init(&f, j);
    status = rill_block_on(ex, &f.future);
    assert_true(status == RILL_OK || status == RILL_NO_MEMORY);
    if (status == RILL_OK) done = ((Main *)rill_join_state(j))->done;
    rill_join_free(j);
  }
  rill_executor_free(ex);
  return done;
}

// The primitives that need no executor.
static bool run_sync(void) {
  static const rill_element number = {.size = sizeof(long)};
  long value = 1;
  rill_semaphore *s = rill_semaphore_new(1);
  rill_mutex *m = rill_mutex_new();
  rill_rwlock *l = rill_rwlock_new();
  rill_notify *n = rill_notify_new();
  rill_barrier *b = rill_barrier_new(1);
  rill_token *root = rill_token_new(NULL);
  rill_token *child = root == NULL ? NULL : rill_token_new(root);
  rill_sender *tx = NULL;
  rill_receiver *rx = NULL;
  rill_oneshot_sender *otx = NULL;
  rill_oneshot_receiver *orx = NULL;
  bool ok = rill_mpsc_new(&number, 4, &tx, &rx) == RILL_OK;
  ok &= rill_oneshot_new(&number, &otx, &orx) == RILL_OK;
  rill_broadcast_sender *btx = rill_broadcast_new(&number, 4);
  rill_broadcast_receiver *brx =
      btx == NULL ? NULL : rill_broadcast_subscribe(btx);
  rill_watch_sender *wtx = rill_watch_new(&number, &value);
  rill_watch_receiver *wrx = wtx == NULL ? NULL : rill_watch_subscribe(wtx);
  if (tx != NULL) {
    // A value that found no memory has left its place free.
    rill_status status = rill_sender_try_send(tx, &value);
    ok &= status == RILL_OK;
    for (int i = status == RILL_OK; i < 4; i++) {
      ok &= rill_sender_send_wait(tx, &value, 0) == RILL_OK;
    }
  }
  if (n != NULL) {
    rill_notify_one(n);
    ok &= rill_notify_wait(n, 0) == RILL_OK;
  }
  ok &= s != NULL && m != NULL && l != NULL && b != NULL && child != NULL &&
        brx != NULL && wrx != NULL;
  rill_semaphore_release(s);
  rill_mutex_release(m);
  rill_rwlock_release(l);
  rill_notify_release(n);
  rill_barrier_release(b);
  rill_token_release(root);
  rill_token_release(child);
  rill_sender_free(tx);
  rill_receiver_free(rx);
  rill_oneshot_sender_free(otx);
  rill_oneshot_receiver_free(orx);
  rill_broadcast_receiver_free(brx);
  rill_broadcast_sender_free(btx);
  rill_watch_receiver_free(wrx);
  rill_watch_sender_free(wtx);
  return ok;
}

static bool run_current(void) {
  return run_main(0);
}
static bool run_simulated(void) {
  return run_main(5);
}

static void fail_each(bool (*run)(void)) {
  until_failure = -1;
  assert_true(run());
  assert_int_equal(allocated, 0);
  for (long n = 0;; n++) {
    until_failure = n;
    bool done = run();
    bool failed = until_failure < 0;
    until_failure = -1;
    assert_int_equal(allocated, 0);
    if (failed) continue;
    // No n-th allocation is made any more.
    assert_true(done && n > 10);
    return;
  }
}
static void test_current_thread(void **state) {
  fail_each(run_current);
}
static void test_simulation(void **state) {
  fail_each(run_simulated);
}
static void test_sync(void **state) {
  fail_each(run_sync);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_current_thread),
      cmocka_unit_test(test_simulation),
      cmocka_unit_test(test_sync),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
