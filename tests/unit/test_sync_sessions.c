// SPDX-License-Identifier: MIT
// Sessions: each scenario over a thousand seeds of the simulation, and on
// threads. Values are counted, so that none is lost or dropped twice.
#include <pthread.h>
#include <stdlib.h>

#include "executor_tests.h"
#include "rill/session.h"

static _Atomic int dropped;
static void value_drop(void *value) {
  atomic_fetch_add(&dropped, 1);
}
static const rill_element element = {sizeof(uint64_t), value_drop, NULL};

static rill_session open_one(rill_sessions *t, uint32_t service) {
  rill_session s = 0;
  assert_int_equal(rill_session_open(t, service, &s), RILL_OK);
  assert_true(s != 0 && s < (1ULL << 53));
  return s;
}

// Waiting and completing ------------------------------------------------------

enum { ASKERS = 20 };

// Asks a service, waits for the answer.
typedef struct Asker {
  FUTURE_FIELDS;
  rill_sessions *table;
  rill_sender *requests;
  rill_session session;
  rill_session_recv recv;
  uint64_t answer;
} Asker;
static rill_poll Asker_poll(rill_future *f, rill_context *cx) {
  Asker *self = (Asker *)f;
  RILL_ASYNC_BEGIN(self);
  CHECK(rill_session_open(self->table, 7, &self->session) == RILL_OK);
  CHECK(rill_sender_try_send(self->requests, &self->session) == RILL_OK);
  rill_session_recv_init(&self->recv, self->table, self->session,
                         &self->answer);
  RILL_AWAIT(self, cx, &self->recv.future);
  if (self->session % 3 == 0)
    CHECK(self->recv.status == RILL_FAILED);
  else
    CHECK(self->recv.status == RILL_OK);
  CHECK(self->answer == self->session + 1);
  RILL_ASYNC_END(self);
}
static void Asker_drop(rill_future *f) {
  Asker *self = (Asker *)f;
  rill_future_drop(&self->recv.future);
  rill_sender_free(self->requests);
  self->requests = NULL;
}
FUTURE_WITH_DROP(Asker);

// Answers what is asked, by number.
typedef struct Answerer {
  FUTURE_FIELDS;
  rill_sessions *table;
  rill_receiver *requests;
  rill_recv recv;
  rill_session session;
} Answerer;
static rill_poll Answerer_poll(rill_future *f, rill_context *cx) {
  Answerer *self = (Answerer *)f;
  RILL_ASYNC_BEGIN(self);
  for (;;) {
    rill_recv_init(&self->recv, self->requests, &self->session);
    RILL_AWAIT(self, cx, &self->recv.future);
    if (self->recv.status == RILL_CLOSED) break;
    uint64_t answer = self->session + 1;
    rill_status (*settle)(rill_sessions *, rill_session, const void *) =
        self->session % 3 == 0 ? rill_session_reject : rill_session_complete;
    CHECK(settle(self->table, self->session, &answer) == RILL_OK);
    CHECK(settle(self->table, self->session, &answer) == RILL_CLOSED);
  }
  RILL_ASYNC_END(self);
}
FUTURE(Answerer);

static void answering(rill_executor *ex) {
  static const rill_element number = {.size = sizeof(rill_session)};
  rill_sessions *t = rill_sessions_new(&element);
  rill_sender *tx;
  rill_receiver *rx;
  CHECK(rill_mpsc_new(&number, 0, &tx, &rx) == RILL_OK);
  rill_join_set *set = rill_join_set_new(ex);
  for (int i = 0; i < ASKERS; i++)
    add(set, NEW(Asker, .table = t, .requests = rill_sender_clone(tx)));
  rill_sender_free(tx);
  add(set, NEW(Answerer, .table = t, .requests = rx));
  finish_set(ex, set);
  CHECK(rill_sessions_count(t) == 0);
  rill_receiver_free(rx);
  rill_sessions_release(t);
}
static void D2_completed_by_number(void **state) {
  run_everywhere(answering);
}

// Threads complete what others wait for, in any order.
enum { THREADS = 4, EACH = 20000 };
typedef struct Crossing {
  rill_sessions *table;
  rill_session *sessions;
  int first;
} Crossing;
static void *complete_some(void *data) {
  Crossing *c = data;
  for (int i = c->first; i < THREADS * EACH; i += THREADS) {
    uint64_t value = c->sessions[i];
    if (rill_session_complete(c->table, c->sessions[i], &value) != RILL_OK)
      return NULL;
  }
  return c;
}
static void D2_any_thread(void **state) {
  rill_sessions *t = rill_sessions_new(&element);
  rill_session *sessions = calloc(THREADS * EACH, sizeof *sessions);
  for (int i = 0; i < THREADS * EACH; i++)
    sessions[i] = open_one(t, 0);
  pthread_t threads[THREADS];
  Crossing crossings[THREADS];
  for (int i = 0; i < THREADS; i++) {
    crossings[i] = (Crossing){t, sessions, i};
    pthread_create(&threads[i], NULL, complete_some, &crossings[i]);
  }
  for (int i = 0; i < THREADS * EACH; i++) {
    uint64_t value;
    assert_int_equal(rill_session_recv_wait(t, sessions[i], &value, -1),
                     RILL_OK);
    assert_int_equal(value, sessions[i]);
  }
  for (int i = 0; i < THREADS; i++) {
    void *result;
    pthread_join(threads[i], &result);
    assert_non_null(result);
  }
  assert_int_equal(rill_sessions_count(t), 0);
  free(sessions);
  rill_sessions_release(t);
}

static int compare(const void *a, const void *b) {
  rill_session x = *(const rill_session *)a, y = *(const rill_session *)b;
  return (x > y) - (x < y);
}

// Numbers of sessions that are over are never given again.
static void D3_unique_numbers(void **state) {
  enum { ROUNDS = 50, AT_ONCE = 300 };
  static rill_session all[ROUNDS * AT_ONCE];
  rill_sessions *t = rill_sessions_new(&element);
  int count = 0;
  for (int round = 0; round < ROUNDS; round++) {
    int first = count;
    while (count < first + AT_ONCE)
      all[count++] = open_one(t, (uint32_t)round);
    for (int i = first; i < count; i++)
      rill_session_forget(t, all[i]);
  }
  uint64_t value = 1;
  for (int i = 0; i < count; i++)
    assert_int_equal(rill_session_complete(t, all[i], &value), RILL_CLOSED);
  qsort(all, (size_t)count, sizeof *all, compare);
  for (int i = 1; i < count; i++)
    assert_true(all[i] != all[i - 1]);
  // What is over leaves its place to others.
  assert_true(rill_sessions_bytes(t) < 1 << 20);
  rill_sessions_release(t);
}

// More at once than the 65,536 of old; the benchmark has a million.
typedef struct Waiting {
  FUTURE_FIELDS;
  rill_sessions *table;
  rill_session_recv recv;
  uint64_t value;
  uint64_t *sum; // current_thread
} Waiting;
static rill_poll Waiting_poll(rill_future *f, rill_context *cx) {
  Waiting *self = (Waiting *)f;
  RILL_ASYNC_BEGIN(self);
  self->recv.out = &self->value;
  RILL_AWAIT(self, cx, &self->recv.future);
  if (self->recv.status == RILL_OK) *self->sum += self->value;
  RILL_ASYNC_END(self);
}
static void Waiting_drop(rill_future *f) {
  rill_future_drop(&((Waiting *)f)->recv.future);
}
FUTURE_WITH_DROP(Waiting);

static void wait_for(rill_join_set *set, rill_sessions *t, rill_session session,
                     uint64_t *sum) {
  Waiting w = {.future = {&Waiting_type}, .table = t, .sum = sum};
  rill_session_recv_init(&w.recv, t, session, NULL);
  add(set, &w.future);
}

static void D3_many_at_once(void **state) {
  enum { MANY = 100000 };
  rill_sessions *t = rill_sessions_new(&element);
  rill_executor *ex = executor_current();
  rill_join_set *set = rill_join_set_new(ex);
  rill_session *sessions = calloc(MANY, sizeof *sessions);
  uint64_t sum = 0, expected = 0;
  for (int i = 0; i < MANY; i++) {
    sessions[i] = open_one(t, 0);
    wait_for(set, t, sessions[i], &sum);
  }
  while (rill_executor_step(ex))
    ;
  assert_int_equal(rill_sessions_count(t), MANY);
  assert_true(rill_sessions_bytes(t) < (size_t)MANY * 40);
  for (int i = MANY; i-- > 0;) {
    uint64_t value = (uint64_t)i;
    expected += value;
    assert_int_equal(rill_session_complete(t, sessions[i], &value), RILL_OK);
  }
  finish_set(ex, set);
  assert_true(sum == expected);
  assert_int_equal(rill_sessions_count(t), 0);
  free(sessions);
  rill_executor_free(ex);
  rill_sessions_release(t);
}

// Ends that are no answers
// ------------------------------------------------------

static void closing(rill_executor *ex) {
  atomic_store(&dropped, 0);
  rill_sessions *t = rill_sessions_new(&element);
  rill_join_set *set = rill_join_set_new(ex);
  uint64_t sum = 0, value = 5;
  rill_session open[10];
  for (int i = 0; i < 10; i++)
    CHECK(rill_session_open(t, (uint32_t)i % 2, &open[i]) == RILL_OK);
  // Answered before it is waited for; and never waited for.
  CHECK(rill_session_complete(t, open[0], &value) == RILL_OK);
  CHECK(rill_session_complete(t, open[1], &value) == RILL_OK);
  wait_for(set, t, open[0], &sum);
  for (int i = 2; i < 9; i++)
    wait_for(set, t, open[i], &sum);
  CHECK(rill_session_cancel(t, open[2]) == RILL_OK);
  CHECK(rill_session_cancel(t, open[2]) == RILL_CLOSED);
  CHECK(rill_sessions_cancel_service(t, 1) == 4);
  rill_sessions_close(t);
  rill_session none;
  CHECK(rill_session_open(t, 0, &none) == RILL_CLOSED);
  CHECK(rill_session_complete(t, open[8], &value) == RILL_CLOSED);
  finish_set(ex, set);
  CHECK(sum == 5);
  CHECK(rill_sessions_count(t) == 2); // 1, answered, and 9
  rill_sessions_release(t);
  CHECK(atomic_load(&dropped) == 1);
}
static void D5_closed_while_waiting(void **state) {
  run_everywhere(closing);
}

// Tasks that are aborted forget their sessions.
static void D5_executor_ends_first(void **state) {
  atomic_store(&dropped, 0);
  rill_sessions *t = rill_sessions_new(&element);
  rill_session session[3];
  uint64_t sum = 0, value = 1;
  rill_executor *ex = executor_threads(2);
  rill_join_set *set = rill_join_set_new(ex);
  for (int i = 0; i < 3; i++) {
    session[i] = open_one(t, 0);
    wait_for(set, t, session[i], &sum);
  }
  rill_executor_free(ex);
  rill_join_set_free(set);
  assert_int_equal(rill_sessions_count(t), 0);
  for (int i = 0; i < 3; i++)
    assert_int_equal(rill_session_complete(t, session[i], &value), RILL_CLOSED);
  rill_sessions_release(t);
  assert_int_equal(atomic_load(&dropped), 0);
}

static void test_deadline(void **state) {
  rill_executor *ex = executor_seeded(1);
  rill_sessions *t = rill_sessions_new(&element);
  rill_session session = open_one(t, 0);
  uint64_t value = 0;
  rill_session_recv recv;
  rill_session_recv_init(&recv, t, session, &value);
  rill_timeout limited;
  rill_timeout_init(&limited, &recv.future, 5 * MILLISECOND);
  assert_int_equal(rill_block_on(ex, &limited.future), RILL_OK);
  assert_int_equal(limited.status, RILL_TIMED_OUT);
  rill_future_drop(&limited.future);
  assert_int_equal(rill_session_complete(t, session, &value), RILL_CLOSED);
  assert_int_equal(rill_sessions_count(t), 0);
  // A thread's wait may be taken up again.
  session = open_one(t, 0);
  assert_int_equal(rill_session_recv_wait(t, session, &value, 0),
                   RILL_TIMED_OUT);
  assert_int_equal(rill_session_complete(t, session, &(uint64_t){9}), RILL_OK);
  assert_int_equal(rill_session_try_recv(t, session, &value), RILL_OK);
  assert_int_equal(value, 9);
  assert_int_equal(rill_session_try_recv(t, session, &value), RILL_CLOSED);
  rill_executor_free(ex);
  rill_sessions_release(t);
}

static void test_wrong_numbers(void **state) {
  rill_sessions *t = rill_sessions_new(&element);
  uint64_t value = 0;
  static const rill_session wrong[] = {0, 1, 15, 1 << 24, UINT64_MAX};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    assert_int_equal(rill_session_complete(t, wrong[i], &value), RILL_CLOSED);
    assert_int_equal(rill_session_cancel(t, wrong[i]), RILL_CLOSED);
    assert_int_equal(rill_session_try_recv(t, wrong[i], &value), RILL_CLOSED);
    rill_session_forget(t, wrong[i]);
  }
  rill_session session = open_one(t, 3);
  assert_int_equal(rill_session_complete(t, session | 1ULL << 60, &value),
                   RILL_CLOSED);
  rill_sessions_release(t);
  rill_sessions_release(NULL);
}

static void on_session(void *data, rill_session session, uint32_t service) {
  rill_session *seen = data;
  seen[service] = session;
}
static void test_listing(void **state) {
  rill_sessions *t = rill_sessions_new(&element);
  rill_session seen[3] = {0}, a = open_one(t, 0), b = open_one(t, 2);
  rill_session answered = open_one(t, 1);
  uint64_t value = 0;
  rill_session_complete(t, answered, &value);
  rill_sessions_each(t, on_session, seen);
  assert_true(seen[0] == a && seen[1] == 0 && seen[2] == b);
  rill_sessions_release(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(D2_completed_by_number),
      cmocka_unit_test(D2_any_thread),
      cmocka_unit_test(D3_unique_numbers),
      cmocka_unit_test(D3_many_at_once),
      cmocka_unit_test(D5_closed_while_waiting),
      cmocka_unit_test(D5_executor_ends_first),
      cmocka_unit_test(test_deadline),
      cmocka_unit_test(test_wrong_numbers),
      cmocka_unit_test(test_listing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
