// SPDX-License-Identifier: MIT
// Semaphore, mutex, reader-writer lock, notify, barrier, cancellation tokens:
// each scenario over a thousand seeds of the simulation, and on threads.
#include <pthread.h>
#include <stdlib.h>

#include "executor_tests.h"
#include "rill/sync.h"

static rill_mutex *mutex;
static rill_rwlock *rwlock;
static rill_semaphore *semaphore;
static rill_notify *notify;
static rill_barrier *barrier;
static _Atomic int inside, ended;

// Mutex: what it protects is not atomic, and its holder yields.
static int counter;
typedef struct Locker {
  FUTURE_FIELDS;
  int round, seen;
  rill_acquire lock;
  rill_yield yield;
} Locker;
static rill_poll Locker_poll(rill_future *f, rill_context *cx) {
  Locker *self = (Locker *)f;
  RILL_ASYNC_BEGIN(self);
  for (self->round = 0; self->round < 5; self->round++) {
    rill_mutex_lock_init(&self->lock, mutex);
    RILL_AWAIT(self, cx, &self->lock.future);
    CHECK(self->lock.status == RILL_OK);
    CHECK(rill_mutex_try_lock(mutex) == RILL_WOULD_BLOCK);
    self->seen = counter;
    rill_yield_init(&self->yield);
    RILL_AWAIT(self, cx, &self->yield.future);
    CHECK(counter == self->seen);
    counter = self->seen + 1;
    rill_mutex_unlock(mutex);
  }
  RILL_ASYNC_END(self);
}
FUTURE(Locker);

static void mutex_scenario(rill_executor *ex) {
  mutex = rill_mutex_new();
  counter = 0;
  rill_join_set *set = rill_join_set_new(ex);
  for (int i = 0; i < 10; i++) {
    add(set, NEW(Locker));
  }
  finish_set(ex, set);
  CHECK(counter == 50);
  CHECK(rill_mutex_try_lock(mutex) == RILL_OK);
  rill_mutex_release(mutex);
}
static void test_mutex(void **state) {
  run_everywhere(mutex_scenario);
}

// Semaphore with requests of several sizes, some of which time out or are
// aborted: no permit is lost or made.
enum { PERMITS = 4 };
typedef struct Acquirer {
  FUTURE_FIELDS;
  int round;
  size_t count;
  uint64_t patience;
  rill_acquire acquire;
  rill_timeout timeout;
  rill_sleep sleep;
  bool holds;
} Acquirer;
static void Acquirer_leave(Acquirer *self) {
  atomic_fetch_sub(&inside, (int)self->count);
  rill_semaphore_add(semaphore, self->count);
  self->holds = false;
}
static rill_poll Acquirer_poll(rill_future *f, rill_context *cx) {
  Acquirer *self = (Acquirer *)f;
  RILL_ASYNC_BEGIN(self);
  for (self->round = 0; self->round < 4; self->round++) {
    rill_acquire_init(&self->acquire, semaphore, self->count);
    rill_timeout_init(&self->timeout, &self->acquire.future,
                      self->patience * MILLISECOND);
    RILL_AWAIT(self, cx, &self->timeout.future);
    if (self->timeout.status == RILL_TIMED_OUT) {
      rill_future_drop(&self->timeout.future);
      continue;
    }
    self->holds = true;
    CHECK(atomic_fetch_add(&inside, (int)self->count) + (int)self->count <=
          PERMITS);
    rill_sleep_init(&self->sleep, MILLISECOND);
    RILL_AWAIT(self, cx, &self->sleep.future);
    Acquirer_leave(self);
  }
  RILL_ASYNC_END(self);
}
static void Acquirer_drop(rill_future *f) {
  Acquirer *self = (Acquirer *)f;
  if (self->holds) {
    rill_future_drop(&self->sleep.future);
    Acquirer_leave(self);
  }
  rill_future_drop(&self->timeout.future);
}
FUTURE_WITH_DROP(Acquirer);

static void semaphore_scenario(rill_executor *ex) {
  semaphore = rill_semaphore_new(PERMITS);
  inside = 0;
  rill_join_set *set = rill_join_set_new(ex);
  rill_join *aborted[4];
  for (int i = 0; i < 12; i++) {
    const rill_future *f =
        NEW(Acquirer, .count = 1 + i % 4, .patience = i % 3 == 0 ? 2 : 50);
    if (i % 3 == 1)
      aborted[i / 3] = spawn(ex, f);
    else
      add(set, f);
  }
  rill_sleep s;
  rill_sleep_init(&s, 3 * MILLISECOND);
  CHECK(rill_block_on(ex, &s.future) == RILL_OK);
  for (int i = 0; i < 4; i++) {
    rill_join_abort(aborted[i]);
  }
  for (int i = 0; i < 4; i++) {
    finish(ex, aborted[i]);
  }
  finish_set(ex, set);
  CHECK(rill_semaphore_available(semaphore) == PERMITS);
  rill_semaphore_release(semaphore);
}
static void test_semaphore(void **state) {
  run_everywhere(semaphore_scenario);
}

static void test_semaphore_is_fair(void **state) {
  rill_semaphore *s = rill_semaphore_new(2);
  rill_acquire big, small;
  rill_acquire_init(&big, s, 3);
  rill_acquire_init(&small, s, 1);
  assert_int_equal(rill_future_wait(&big.future, 0), RILL_TIMED_OUT);
  // The two permits are the big request's now, and nobody overtakes it.
  assert_int_equal(rill_semaphore_try_acquire(s, 1), RILL_WOULD_BLOCK);
  assert_int_equal(rill_future_wait(&small.future, 0), RILL_TIMED_OUT);
  rill_semaphore_add(s, 1);
  assert_int_equal(rill_future_wait(&big.future, 0), RILL_OK);
  assert_int_equal(rill_future_wait(&small.future, 0), RILL_TIMED_OUT);
  rill_semaphore_add(s, 3);
  assert_int_equal(rill_future_wait(&small.future, 0), RILL_OK);
  assert_int_equal(rill_semaphore_available(s), 2);
  // Dropped after it was granted, before it was polled.
  rill_acquire_init(&big, s, 3);
  assert_int_equal(rill_future_wait(&big.future, 0), RILL_TIMED_OUT);
  rill_semaphore_add(s, 1);
  assert_int_equal(rill_semaphore_available(s), 0);
  rill_future_drop(&big.future);
  rill_future_drop(&big.future);
  assert_int_equal(rill_semaphore_available(s), 3);
  rill_acquire_init(&big, s, 4);
  assert_int_equal(rill_future_wait(&big.future, 0), RILL_TIMED_OUT);
  rill_semaphore_close(s);
  assert_int_equal(rill_future_wait(&big.future, 0), RILL_OK);
  assert_int_equal(big.status, RILL_CLOSED);
  assert_int_equal(rill_semaphore_available(s), 3);
  assert_int_equal(rill_semaphore_try_acquire(s, 1), RILL_CLOSED);
  rill_semaphore_release(s);
}

// Reader-writer lock: two halves that only agree outside of a writer.
static int left, right;
typedef struct Reader {
  FUTURE_FIELDS;
  int round, seen;
  rill_acquire lock;
  rill_yield yield;
} Reader;
static rill_poll Reader_poll(rill_future *f, rill_context *cx) {
  Reader *self = (Reader *)f;
  RILL_ASYNC_BEGIN(self);
  for (self->round = 0; self->round < 4; self->round++) {
    rill_rwlock_read_init(&self->lock, rwlock);
    RILL_AWAIT(self, cx, &self->lock.future);
    self->seen = left;
    rill_yield_init(&self->yield);
    RILL_AWAIT(self, cx, &self->yield.future);
    CHECK(self->seen == right);
    rill_rwlock_read_unlock(rwlock);
  }
  RILL_ASYNC_END(self);
}
FUTURE(Reader);
typedef struct Writer {
  FUTURE_FIELDS;
  int round, seen;
  rill_acquire lock;
  rill_yield yield;
} Writer;
static rill_poll Writer_poll(rill_future *f, rill_context *cx) {
  Writer *self = (Writer *)f;
  RILL_ASYNC_BEGIN(self);
  for (self->round = 0; self->round < 4; self->round++) {
    rill_rwlock_write_init(&self->lock, rwlock);
    RILL_AWAIT(self, cx, &self->lock.future);
    left++;
    rill_yield_init(&self->yield);
    RILL_AWAIT(self, cx, &self->yield.future);
    right++;
    CHECK(left == right);
    if (self->round % 2 == 0) {
      rill_rwlock_write_unlock(rwlock);
      continue;
    }
    rill_rwlock_downgrade(rwlock);
    self->seen = left;
    rill_yield_init(&self->yield);
    RILL_AWAIT(self, cx, &self->yield.future);
    CHECK(left == self->seen);
    rill_rwlock_read_unlock(rwlock);
  }
  RILL_ASYNC_END(self);
}
FUTURE(Writer);

static void rwlock_scenario(rill_executor *ex) {
  rwlock = rill_rwlock_new();
  left = right = 0;
  rill_join_set *set = rill_join_set_new(ex);
  for (int i = 0; i < 6; i++) {
    add(set, NEW(Reader));
    if (i % 2 == 0) add(set, NEW(Writer));
  }
  finish_set(ex, set);
  CHECK(left == 12 && right == 12);
  CHECK(rill_rwlock_try_write(rwlock) == RILL_OK);
  CHECK(rill_rwlock_try_read(rwlock) == RILL_WOULD_BLOCK);
  rill_rwlock_release(rwlock);
}
static void test_rwlock(void **state) {
  run_everywhere(rwlock_scenario);
}

// Notify: as many notifications as waiters, some of whom give up. A
// notification that a dropped waiter had is not lost.
typedef struct Waiter {
  FUTURE_FIELDS;
  rill_notified notified;
} Waiter;
static rill_poll Waiter_poll(rill_future *f, rill_context *cx) {
  Waiter *self = (Waiter *)f;
  RILL_ASYNC_BEGIN(self);
  rill_notified_init(&self->notified, notify);
  RILL_AWAIT(self, cx, &self->notified.future);
  atomic_fetch_add(&ended, 1);
  RILL_ASYNC_END(self);
}
static void Waiter_drop(rill_future *f) {
  rill_future_drop(&((Waiter *)f)->notified.future);
}
FUTURE_WITH_DROP(Waiter);
typedef struct Notifier {
  FUTURE_FIELDS;
  int round, count, polls;
  rill_yield yield;
} Notifier;
static rill_poll Notifier_poll(rill_future *f, rill_context *cx) {
  Notifier *self = (Notifier *)f;
  RILL_ASYNC_BEGIN(self);
  // One notification is remembered, no more: each is for another waiter only if
  // that one waits.
  for (self->round = 0; self->round < self->count;) {
    if (atomic_load(&ended) >= self->round) {
      self->round++;
      rill_notify_one(notify);
    }
    // On threads it may spin for as long as others do not get to run.
    CHECK(running_seed == 0 || self->polls++ < 10000);
    rill_yield_init(&self->yield);
    RILL_AWAIT(self, cx, &self->yield.future);
  }
  RILL_ASYNC_END(self);
}
FUTURE(Notifier);

static void notify_scenario(rill_executor *ex) {
  enum { WAITERS = 6, ABORTED = 3 };
  notify = rill_notify_new();
  ended = 0;
  rill_join_set *set = rill_join_set_new(ex);
  rill_join *aborted[ABORTED];
  for (int i = 0; i < ABORTED; i++) {
    aborted[i] = spawn(ex, NEW(Waiter));
  }
  for (int i = 0; i < WAITERS; i++) {
    add(set, NEW(Waiter));
  }
  rill_join *notifier = spawn(ex, NEW(Notifier, .count = WAITERS));
  for (int i = 0; i < ABORTED; i++) {
    rill_yield y;
    rill_yield_init(&y);
    rill_block_on(ex, &y.future);
    rill_join_abort(aborted[i]);
  }
  int lost = 0; // aborted ones that had been served already
  for (int i = 0; i < ABORTED; i++) {
    lost += finish(ex, aborted[i]) == RILL_OK;
  }
  CHECK(finish(ex, notifier) == RILL_OK);
  for (int i = 0; i < lost; i++) {
    // Not all at once: see above.
    rill_yield y;
    for (int n = 0; atomic_load(&ended) < WAITERS + i; n++) {
      CHECK(running_seed == 0 || n < 10000);
      rill_yield_init(&y);
      rill_block_on(ex, &y.future);
    }
    rill_notify_one(notify);
  }
  finish_set(ex, set);
  CHECK(ended == WAITERS + lost);
  rill_notify_release(notify);
}
static void test_notify(void **state) {
  run_everywhere(notify_scenario);
}

static void test_notify_all(void **state) {
  enum { WAITERS = 100 };
  rill_notify *n = rill_notify_new();
  rill_notified waiting[WAITERS], later;
  for (int i = 0; i < WAITERS; i++) {
    rill_notified_init(&waiting[i], n);
    assert_int_equal(rill_future_wait(&waiting[i].future, 0), RILL_TIMED_OUT);
  }
  rill_notify_all(n);
  rill_notified_init(&later, n);
  assert_int_equal(rill_future_wait(&later.future, 0), RILL_TIMED_OUT);
  for (int i = 0; i < WAITERS; i++) {
    assert_int_equal(rill_future_wait(&waiting[i].future, 0), RILL_OK);
  }
  rill_future_drop(&later.future);
  // One is remembered.
  rill_notify_one(n);
  rill_notify_one(n);
  assert_int_equal(rill_notify_wait(n, 0), RILL_OK);
  assert_int_equal(rill_notify_wait(n, 0), RILL_TIMED_OUT);
  rill_notify_release(n);
}

// Barrier.
enum { PARTIES = 5, ROUNDS = 4 };
static _Atomic int arrived[ROUNDS], leaders;
typedef struct Party {
  FUTURE_FIELDS;
  int round;
  rill_barrier_waiting waiting;
} Party;
static rill_poll Party_poll(rill_future *f, rill_context *cx) {
  Party *self = (Party *)f;
  RILL_ASYNC_BEGIN(self);
  for (self->round = 0; self->round < ROUNDS; self->round++) {
    atomic_fetch_add(&arrived[self->round], 1);
    rill_barrier_waiting_init(&self->waiting, barrier);
    RILL_AWAIT(self, cx, &self->waiting.future);
    CHECK(atomic_load(&arrived[self->round]) == PARTIES);
    if (self->waiting.leader) atomic_fetch_add(&leaders, 1);
  }
  RILL_ASYNC_END(self);
}
FUTURE(Party);
static void barrier_scenario(rill_executor *ex) {
  barrier = rill_barrier_new(PARTIES);
  leaders = 0;
  for (int i = 0; i < ROUNDS; i++) {
    arrived[i] = 0;
  }
  // One that comes and gives up does not count.
  rill_barrier_waiting gone;
  rill_barrier_waiting_init(&gone, barrier);
  CHECK(rill_future_wait(&gone.future, 0) == RILL_TIMED_OUT);
  rill_future_drop(&gone.future);
  rill_join_set *set = rill_join_set_new(ex);
  for (int i = 0; i < PARTIES; i++) {
    add(set, NEW(Party));
  }
  finish_set(ex, set);
  CHECK(leaders == ROUNDS);
  rill_barrier_release(barrier);
}
static void test_barrier(void **state) {
  run_everywhere(barrier_scenario);
}

// Cancellation.
typedef struct Obedient {
  FUTURE_FIELDS;
  rill_token *token;
  rill_cancelled cancelled;
} Obedient;
static rill_poll Obedient_poll(rill_future *f, rill_context *cx) {
  Obedient *self = (Obedient *)f;
  RILL_ASYNC_BEGIN(self);
  rill_cancelled_init(&self->cancelled, self->token);
  RILL_AWAIT(self, cx, &self->cancelled.future);
  CHECK(rill_token_is_cancelled(self->token));
  atomic_fetch_add(&ended, 1);
  RILL_ASYNC_END(self);
}
static void Obedient_drop(rill_future *f) {
  Obedient *self = (Obedient *)f;
  if (self->at != 0) rill_future_drop(&self->cancelled.future);
  rill_token_release(self->token);
}
FUTURE_WITH_DROP(Obedient);
static void token_scenario(rill_executor *ex) {
  ended = 0;
  rill_token *root = rill_token_new(NULL);
  rill_token *middle = rill_token_new(root);
  rill_token *other = rill_token_new(root);
  rill_join_set *set = rill_join_set_new(ex);
  for (int i = 0; i < 10; i++) {
    add(set, NEW(Obedient, .token = rill_token_new(i % 2 ? middle : other)));
  }
  rill_yield y;
  rill_yield_init(&y);
  rill_block_on(ex, &y.future);
  rill_token_cancel(middle);
  CHECK(rill_token_is_cancelled(middle) && !rill_token_is_cancelled(root) &&
        !rill_token_is_cancelled(other));
  rill_token *late = rill_token_new(middle);
  CHECK(rill_token_is_cancelled(late));
  CHECK(rill_token_wait(late, 0) == RILL_OK);
  rill_token_release(late);
  rill_token_release(middle);
  rill_token_cancel(root);
  CHECK(rill_token_is_cancelled(other));
  finish_set(ex, set);
  CHECK(ended == 10);
  rill_token_release(other);
  rill_token_release(root);
}
static void test_tokens(void **state) {
  run_everywhere(token_scenario);
}

static void test_token_chain(void **state) {
  enum { LENGTH = 100000 };
  rill_token *root = rill_token_new(NULL), *last = root;
  for (int i = 0; i < LENGTH; i++) {
    rill_token *next = rill_token_new(last);
    assert_non_null(next);
    if (last != root) rill_token_release(last);
    last = next;
  }
  rill_token_cancel(root);
  assert_true(rill_token_is_cancelled(last));
  rill_token_release(root);
  rill_token_release(last);
}

// The forms that block threads.
static void *blocking_thread(void *unused) {
  for (int i = 0; i < 200; i++) {
    check(rill_mutex_lock_wait(mutex, -1) == RILL_OK, "lock", __LINE__);
    counter++;
    rill_mutex_unlock(mutex);
    check(rill_rwlock_read_wait(rwlock, -1) == RILL_OK, "read", __LINE__);
    check(left == right, "halves", __LINE__);
    rill_rwlock_read_unlock(rwlock);
    check(rill_rwlock_write_wait(rwlock, -1) == RILL_OK, "write", __LINE__);
    left++;
    right++;
    rill_rwlock_write_unlock(rwlock);
    check(rill_semaphore_acquire_wait(semaphore, 2, -1) == RILL_OK, "acquire",
          __LINE__);
    rill_semaphore_add(semaphore, 2);
    bool leader;
    check(rill_barrier_wait(barrier, &leader, -1) == RILL_OK, "barrier",
          __LINE__);
    atomic_fetch_add(&leaders, leader);
  }
  rill_mutex_release(mutex);
  rill_rwlock_release(rwlock);
  rill_semaphore_release(semaphore);
  rill_barrier_release(barrier);
  // Each hands on to the next.
  check(rill_notify_wait(notify, -1) == RILL_OK, "notify", __LINE__);
  rill_notify_one(notify);
  rill_notify_release(notify);
  return NULL;
}
static void test_blocking_forms(void **state) {
  enum { THREADS = 3 };
  mutex = rill_mutex_new();
  rwlock = rill_rwlock_new();
  semaphore = rill_semaphore_new(3);
  notify = rill_notify_new();
  barrier = rill_barrier_new(THREADS);
  rill_token *token = rill_token_new(NULL);
  counter = left = right = leaders = 0;
  pthread_t threads[THREADS];
  for (int i = 0; i < THREADS; i++) {
    rill_mutex_retain(mutex);
    rill_rwlock_retain(rwlock);
    rill_semaphore_retain(semaphore);
    rill_barrier_retain(barrier);
    rill_notify_retain(notify);
    pthread_create(&threads[i], NULL, blocking_thread, NULL);
  }
  rill_notify_one(notify);
  rill_token_retain(token);
  assert_int_equal(rill_token_wait(token, 1000), RILL_TIMED_OUT);
  rill_token_release(token);
  rill_token_release(token);
  for (int i = 0; i < THREADS; i++) {
    pthread_join(threads[i], NULL);
  }
  assert_int_equal(counter, 600);
  assert_int_equal(left, 600);
  assert_int_equal(leaders, 200);
  assert_false(rill_semaphore_is_closed(semaphore));
  rill_mutex_release(mutex);
  rill_rwlock_release(rwlock);
  rill_semaphore_release(semaphore);
  rill_barrier_release(barrier);
  rill_notify_release(notify);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mutex),
      cmocka_unit_test(test_semaphore),
      cmocka_unit_test(test_semaphore_is_fair),
      cmocka_unit_test(test_rwlock),
      cmocka_unit_test(test_notify),
      cmocka_unit_test(test_notify_all),
      cmocka_unit_test(test_barrier),
      cmocka_unit_test(test_tokens),
      cmocka_unit_test(test_token_chain),
      cmocka_unit_test(test_blocking_forms),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
