// SPDX-License-Identifier: MIT
// mpsc, oneshot, broadcast, watch: each scenario over a thousand seeds of the
// simulation, and on threads. Values are counted, so that none is lost, made or
// dropped twice.
#include <pthread.h>
#include <stdlib.h>

#include "executor_tests.h"
#include "rill/sync.h"

static _Atomic int dropped, copied;

typedef struct Message {
  int sender, number;
} Message;
static void message_drop(void *value) {
  atomic_fetch_add(&dropped, 1);
}
static void message_copy(void *to, const void *from) {
  memcpy(to, from, sizeof(Message));
  atomic_fetch_add(&copied, 1);
}
static const rill_element element = {sizeof(Message), message_drop,
                                     message_copy};

// mpsc ----------------------------------------------------------------------

enum { SENDERS = 5, MESSAGES = 40 };
static _Atomic int sent;

typedef struct Sender {
  FUTURE_FIELDS;
  rill_sender *tx;
  Message message;
  rill_send send;
  bool sending;
  rill_yield yield;
} Sender;
static rill_poll Sender_poll(rill_future *f, rill_context *cx) {
  Sender *self = (Sender *)f;
  RILL_ASYNC_BEGIN(self);
  for (; self->message.number < MESSAGES; self->message.number++) {
    rill_send_init(&self->send, self->tx, &self->message);
    self->sending = true;
    RILL_AWAIT(self, cx, &self->send.future);
    self->sending = false;
    if (self->send.status == RILL_CLOSED) break;
    CHECK(self->send.status == RILL_OK);
    atomic_fetch_add(&sent, 1);
  }
  // Going is to be noticed by itself, not with the last value.
  rill_yield_init(&self->yield);
  RILL_AWAIT(self, cx, &self->yield.future);
  RILL_ASYNC_END(self);
}
static void Sender_drop(rill_future *f) {
  Sender *self = (Sender *)f;
  if (self->sending) rill_future_drop(&self->send.future);
  rill_sender_free(self->tx);
  self->tx = NULL;
}
FUTURE_WITH_DROP(Sender);

typedef struct Receiver {
  FUTURE_FIELDS;
  rill_receiver *rx;
  Message messages[8];
  int next[SENDERS];
  int received, stop_after;
  rill_recv recv;
} Receiver;
static rill_poll Receiver_poll(rill_future *f, rill_context *cx) {
  Receiver *self = (Receiver *)f;
  RILL_ASYNC_BEGIN(self);
  for (;;) {
    rill_recv_many_init(&self->recv, self->rx, self->messages,
                        1 + self->received % 8);
    RILL_AWAIT(self, cx, &self->recv.future);
    if (self->recv.status == RILL_CLOSED) break;
    CHECK(self->recv.status == RILL_OK && self->recv.count > 0);
    for (size_t i = 0; i < self->recv.count; i++) {
      Message *m = &self->messages[i];
      CHECK(self->next[m->sender]++ == m->number);
    }
    self->received += (int)self->recv.count;
    if (self->stop_after != 0 && self->received >= self->stop_after) {
      rill_receiver_close(self->rx);
      self->stop_after = 0;
    }
  }
  RILL_ASYNC_END(self);
}
static void Receiver_drop(rill_future *f) {
  Receiver *self = (Receiver *)f;
  rill_receiver_free(self->rx);
  self->rx = NULL;
}
FUTURE_WITH_DROP(Receiver);

// Senders that go on to their end, or until the receiver closes, or are
// aborted.
static void mpsc(rill_executor *ex, size_t capacity, int stop_after,
                 bool abort) {
  rill_sender *tx;
  rill_receiver *rx;
  dropped = sent = 0;
  CHECK(rill_mpsc_new(&element, capacity, &tx, &rx) == RILL_OK);
  rill_join *receiver =
      spawn(ex, NEW(Receiver, .rx = rx, .stop_after = stop_after));
  rill_join *senders[SENDERS];
  for (int i = 0; i < SENDERS; i++) {
    senders[i] = spawn(
        ex, NEW(Sender, .tx = rill_sender_clone(tx), .message = {.sender = i}));
  }
  rill_sender_free(tx);
  if (abort) {
    rill_sleep s;
    rill_sleep_init(&s, MILLISECOND);
    rill_block_on(ex, &s.future);
    rill_join_abort(senders[0]);
    rill_join_abort(senders[1]);
  }
  rill_joining f;
  rill_joining_init(&f, receiver);
  CHECK(rill_block_on(ex, &f.future) == RILL_OK && f.status == RILL_OK);
  for (int i = 0; i < SENDERS; i++) {
    finish(ex, senders[i]);
  }
  int received = ((Receiver *)rill_join_state(receiver))->received;
  CHECK(received == sent);
  if (stop_after == 0 && !abort) CHECK(received == SENDERS * MESSAGES);
  CHECK(dropped == 0);
  rill_join_free(receiver);
}
static void bounded_scenario(rill_executor *ex) {
  mpsc(ex, 3, 0, false);
}
static void unbounded_scenario(rill_executor *ex) {
  mpsc(ex, 0, 0, false);
}
static void closing_scenario(rill_executor *ex) {
  mpsc(ex, 4, 20, false);
  mpsc(ex, 0, 20, false);
}
static void aborting_scenario(rill_executor *ex) {
  mpsc(ex, 1, 0, true);
}
static void test_mpsc_bounded(void **state) {
  run_everywhere(bounded_scenario);
}
static void test_mpsc_unbounded(void **state) {
  run_everywhere(unbounded_scenario);
}
static void test_mpsc_closing(void **state) {
  run_everywhere(closing_scenario);
}
static void test_mpsc_aborting(void **state) {
  run_everywhere(aborting_scenario);
}

// A closed channel is over when the last reserved place is given back, used, or
// was granted to a future that is dropped; a receiver that waits is told.
typedef struct Reserver {
  FUTURE_FIELDS;
  rill_sender *tx;
  int number;
  rill_acquire reserve;
  rill_sleep sleep;
} Reserver;
static rill_poll Reserver_poll(rill_future *f, rill_context *cx) {
  Reserver *self = (Reserver *)f;
  RILL_ASYNC_BEGIN(self);
  rill_reserve_init(&self->reserve, self->tx, 1);
  RILL_AWAIT(self, cx, &self->reserve.future);
  rill_sleep_init(&self->sleep, 2 * MILLISECOND);
  RILL_AWAIT(self, cx, &self->sleep.future);
  if (self->reserve.status == RILL_OK) {
    Message m = {0, 0};
    if (self->number % 2 == 0)
      CHECK(rill_sender_send_reserved(self->tx, &m) == RILL_OK);
    else
      rill_sender_unreserve(self->tx, 1);
  }
  RILL_ASYNC_END(self);
}
static void Reserver_drop(rill_future *f) {
  rill_future_drop(&((Reserver *)f)->reserve.future);
  rill_sender_free(((Reserver *)f)->tx);
}
FUTURE_WITH_DROP(Reserver);
typedef struct Closer {
  FUTURE_FIELDS;
  rill_receiver *rx;
  Message message;
  int received;
  rill_recv recv;
  rill_yield yield;
} Closer;
static rill_poll Closer_poll(rill_future *f, rill_context *cx) {
  Closer *self = (Closer *)f;
  RILL_ASYNC_BEGIN(self);
  rill_yield_init(&self->yield);
  RILL_AWAIT(self, cx, &self->yield.future);
  rill_receiver_close(self->rx);
  do {
    rill_recv_init(&self->recv, self->rx, &self->message);
    RILL_AWAIT(self, cx, &self->recv.future);
    self->received += self->recv.status == RILL_OK;
  } while (self->recv.status == RILL_OK);
  RILL_ASYNC_END(self);
}
static void Closer_drop(rill_future *f) {
  rill_receiver_free(((Closer *)f)->rx);
}
FUTURE_WITH_DROP(Closer);
static void reserved_scenario(rill_executor *ex) {
  rill_sender *tx;
  rill_receiver *rx;
  CHECK(rill_mpsc_new(&element, 2, &tx, &rx) == RILL_OK);
  rill_join *closer = spawn(ex, NEW(Closer, .rx = rx));
  rill_join *reservers[4];
  for (int i = 0; i < 4; i++) {
    reservers[i] =
        spawn(ex, NEW(Reserver, .tx = rill_sender_clone(tx), .number = i));
  }
  // `tx` stays: only the places tell that it is over.
  CHECK(finish(ex, closer) == RILL_OK);
  for (int i = 0; i < 4; i++) {
    CHECK(finish(ex, reservers[i]) == RILL_OK);
  }
  rill_sender_free(tx);
}
static void test_mpsc_reserved(void **state) {
  run_everywhere(reserved_scenario);
}

// One that is dropped between being granted its place and being polled.
static void test_mpsc_granted_and_dropped(void **state) {
  rill_sender *tx;
  rill_receiver *rx;
  Message m = {0, 0};
  assert_int_equal(rill_mpsc_new(&element, 1, &tx, &rx), RILL_OK);
  assert_int_equal(rill_sender_try_reserve(tx, 1), RILL_OK);
  rill_acquire reserve;
  rill_reserve_init(&reserve, tx, 1);
  assert_int_equal(rill_future_wait(&reserve.future, 0), RILL_TIMED_OUT);
  rill_sender_unreserve(tx, 1);
  rill_receiver_close(rx);
  assert_int_equal(rill_receiver_try_recv(rx, &m), RILL_WOULD_BLOCK);
  rill_executor *ex = executor_seeded(1);
  rill_join *closer = spawn(ex, NEW(Closer, .rx = rx));
  rill_joining f;
  rill_joining_init(&f, closer);
  assert_int_equal(rill_block_on(ex, &f.future), RILL_DEADLOCK);
  rill_future_drop(&reserve.future);
  assert_int_equal(rill_block_on(ex, &f.future), RILL_OK);
  rill_join_free(closer);
  rill_executor_free(ex);
  rill_sender_free(tx);
}

static void test_mpsc_tries(void **state) {
  rill_sender *tx;
  rill_receiver *rx;
  Message m = {1, 2}, out;
  dropped = 0;
  assert_int_equal(rill_mpsc_new(&element, 2, &tx, &rx), RILL_OK);
  assert_int_equal(rill_receiver_try_recv(rx, &out), RILL_WOULD_BLOCK);
  assert_int_equal(rill_sender_try_reserve(tx, 1), RILL_OK);
  assert_int_equal(rill_sender_try_send(tx, &m), RILL_OK);
  assert_int_equal(rill_sender_try_send(tx, &m), RILL_WOULD_BLOCK);
  assert_int_equal(rill_receiver_length(rx), 1);
  assert_int_equal(rill_sender_send_reserved(tx, &m), RILL_OK);
  assert_int_equal(rill_receiver_try_recv(rx, &out), RILL_OK);
  assert_int_equal(out.number, 2);
  rill_sender_closed closed;
  rill_sender_closed_init(&closed, tx);
  assert_int_equal(rill_future_wait(&closed.future, 0), RILL_TIMED_OUT);
  // A reserved place keeps a closed channel open for its value.
  assert_int_equal(rill_sender_try_reserve(tx, 1), RILL_OK);
  rill_receiver_close(rx);
  assert_true(rill_sender_is_closed(tx));
  assert_int_equal(rill_future_wait(&closed.future, 0), RILL_OK);
  assert_int_equal(rill_sender_try_send(tx, &m), RILL_CLOSED);
  assert_int_equal(rill_receiver_try_recv(rx, &out), RILL_OK);
  assert_int_equal(rill_receiver_try_recv(rx, &out), RILL_WOULD_BLOCK);
  assert_int_equal(rill_sender_send_reserved(tx, &m), RILL_OK);
  assert_int_equal(rill_receiver_length(rx), 1);
  rill_receiver_free(rx);
  assert_int_equal(dropped, 1);
  rill_sender_free(tx);
  // No receiver needs to be left for reserved places.
  assert_int_equal(rill_mpsc_new(&element, 2, &tx, &rx), RILL_OK);
  assert_int_equal(rill_sender_try_reserve(tx, 2), RILL_OK);
  rill_receiver_free(rx);
  assert_int_equal(rill_sender_send_reserved(tx, &m), RILL_OK);
  rill_sender_unreserve(tx, 1);
  rill_sender_free(tx);
  assert_int_equal(dropped, 2);
}

// From threads that block to a task, and back.
static void *sending_thread(void *argument) {
  rill_sender *tx = argument;
  for (int i = 0; i < 1000; i++) {
    Message m = {0, i};
    CHECK(rill_sender_send_wait(tx, &m, -1) == RILL_OK);
  }
  rill_sender_free(tx);
  return NULL;
}
static void test_mpsc_threads(void **state) {
  rill_sender *tx;
  rill_receiver *rx;
  pthread_t threads[3];
  assert_int_equal(rill_mpsc_new(&element, 7, &tx, &rx), RILL_OK);
  for (int i = 0; i < 3; i++) {
    pthread_create(&threads[i], NULL, sending_thread, rill_sender_clone(tx));
  }
  rill_sender_free(tx);
  int received = 0;
  Message m;
  while (rill_receiver_recv_wait(rx, &m, -1) == RILL_OK) {
    received++;
  }
  assert_int_equal(received, 3000);
  for (int i = 0; i < 3; i++) {
    pthread_join(threads[i], NULL);
  }
  rill_receiver_free(rx);
}

// oneshot -------------------------------------------------------------------

typedef struct Asker {
  FUTURE_FIELDS;
  rill_oneshot_receiver *rx;
  rill_oneshot_recv recv;
  rill_timeout timeout;
  Message answer;
  bool impatient;
} Asker;
static _Atomic int answered, unanswered, gave_up;
static rill_poll Asker_poll(rill_future *f, rill_context *cx) {
  Asker *self = (Asker *)f;
  RILL_ASYNC_BEGIN(self);
  rill_oneshot_recv_init(&self->recv, self->rx, &self->answer);
  rill_timeout_init(&self->timeout, &self->recv.future,
                    (self->impatient ? 1 : 1000) * MILLISECOND);
  RILL_AWAIT(self, cx, &self->timeout.future);
  if (self->timeout.status == RILL_TIMED_OUT)
    atomic_fetch_add(&gave_up, 1);
  else if (self->recv.status == RILL_OK)
    atomic_fetch_add(&answered, 1);
  else
    atomic_fetch_add(&unanswered, 1);
  rill_future_drop(&self->timeout.future);
  rill_oneshot_receiver_free(self->rx);
  RILL_ASYNC_END(self);
}
FUTURE(Asker);
typedef struct Answerer {
  FUTURE_FIELDS;
  rill_oneshot_sender *tx;
  rill_sleep sleep;
  int number;
} Answerer;
static _Atomic int refused;
static rill_poll Answerer_poll(rill_future *f, rill_context *cx) {
  Answerer *self = (Answerer *)f;
  RILL_ASYNC_BEGIN(self);
  rill_sleep_init(&self->sleep, (self->number % 3) * MILLISECOND);
  RILL_AWAIT(self, cx, &self->sleep.future);
  if (self->number % 5 == 4) {
    rill_oneshot_sender_free(self->tx);
  } else {
    Message m = {0, self->number};
    if (rill_oneshot_send(self->tx, &m) == RILL_CLOSED)
      atomic_fetch_add(&refused, 1);
  }
  RILL_ASYNC_END(self);
}
FUTURE(Answerer);
static void oneshot_scenario(rill_executor *ex) {
  enum { PAIRS = 20 };
  dropped = answered = unanswered = gave_up = refused = 0;
  rill_join_set *set = rill_join_set_new(ex);
  for (int i = 0; i < PAIRS; i++) {
    rill_oneshot_sender *tx;
    rill_oneshot_receiver *rx;
    CHECK(rill_oneshot_new(&element, &tx, &rx) == RILL_OK);
    add(set, NEW(Asker, .rx = rx, .impatient = i % 4 == 0));
    add(set, NEW(Answerer, .tx = tx, .number = i));
  }
  finish_set(ex, set);
  CHECK(answered + unanswered + gave_up == PAIRS);
  // Every value was received, dropped, or given back.
  CHECK(answered + dropped + refused == PAIRS - PAIRS / 5);
}
static void test_oneshot(void **state) {
  run_everywhere(oneshot_scenario);
}

static void test_oneshot_closed(void **state) {
  rill_oneshot_sender *tx;
  rill_oneshot_receiver *rx;
  Message m = {0, 0};
  assert_int_equal(rill_oneshot_new(&element, &tx, &rx), RILL_OK);
  rill_oneshot_closed closed;
  rill_oneshot_closed_init(&closed, tx);
  assert_int_equal(rill_future_wait(&closed.future, 0), RILL_TIMED_OUT);
  assert_int_equal(rill_oneshot_try_recv(rx, &m), RILL_WOULD_BLOCK);
  rill_oneshot_receiver_free(rx);
  assert_int_equal(rill_future_wait(&closed.future, 0), RILL_OK);
  assert_int_equal(rill_oneshot_send(tx, &m), RILL_CLOSED);
  assert_int_equal(rill_oneshot_new(&element, &tx, &rx), RILL_OK);
  assert_int_equal(rill_oneshot_send(tx, &m), RILL_OK);
  assert_int_equal(rill_oneshot_recv_wait(rx, &m, 0), RILL_OK);
  assert_int_equal(rill_oneshot_recv_wait(rx, &m, 0), RILL_CLOSED);
  rill_oneshot_receiver_free(rx);
}

// broadcast -----------------------------------------------------------------

enum { LISTENERS = 4, NEWS = 50 };
typedef struct Listener {
  FUTURE_FIELDS;
  rill_broadcast_receiver *rx;
  rill_broadcast_recv recv;
  Message message;
  int next, received, missed, stop_after;
} Listener;
static _Atomic int total_received;
static rill_poll Listener_poll(rill_future *f, rill_context *cx) {
  Listener *self = (Listener *)f;
  RILL_ASYNC_BEGIN(self);
  while (self->received < self->stop_after) {
    rill_broadcast_recv_init(&self->recv, self->rx, &self->message);
    RILL_AWAIT(self, cx, &self->recv.future);
    if (self->recv.status == RILL_CLOSED) {
      CHECK(self->received + self->missed == NEWS);
      break;
    }
    if (self->recv.status == RILL_LAGGED) {
      self->missed += (int)self->recv.missed;
      self->next += (int)self->recv.missed;
      continue;
    }
    CHECK(self->message.number == self->next);
    self->next++;
    self->received++;
  }
  atomic_fetch_add(&total_received, self->received);
  rill_broadcast_receiver_free(self->rx);
  RILL_ASYNC_END(self);
}
FUTURE(Listener);
typedef struct Announcer {
  FUTURE_FIELDS;
  rill_broadcast_sender *tx;
  int number;
  rill_yield yield;
} Announcer;
static rill_poll Announcer_poll(rill_future *f, rill_context *cx) {
  Announcer *self = (Announcer *)f;
  RILL_ASYNC_BEGIN(self);
  for (; self->number < NEWS; self->number++) {
    Message m = {0, self->number};
    if (rill_broadcast_send(self->tx, &m) == RILL_OK)
      atomic_fetch_add(&sent, 1);
    if (self->number % 3 == 0) {
      rill_yield_init(&self->yield);
      RILL_AWAIT(self, cx, &self->yield.future);
    }
  }
  rill_yield_init(&self->yield);
  RILL_AWAIT(self, cx, &self->yield.future);
  rill_broadcast_sender_free(self->tx);
  RILL_ASYNC_END(self);
}
FUTURE(Announcer);
static void broadcast_scenario(rill_executor *ex) {
  dropped = copied = sent = total_received = 0;
  rill_broadcast_sender *tx = rill_broadcast_new(&element, 7);
  rill_join_set *set = rill_join_set_new(ex);
  for (int i = 0; i < LISTENERS; i++) {
    add(set, NEW(Listener, .rx = rill_broadcast_subscribe(tx),
                 .stop_after = i == 0 ? 5 : NEWS));
  }
  add(set, NEW(Announcer, .tx = tx));
  finish_set(ex, set);
  // Each value ends once: moved to the last that sees it, or dropped.
  CHECK(total_received - copied + dropped == sent);
}
static void test_broadcast(void **state) {
  run_everywhere(broadcast_scenario);
}

static void test_broadcast_edges(void **state) {
  rill_broadcast_sender *tx = rill_broadcast_new(&element, 2);
  Message m = {0, 0};
  uint64_t missed;
  assert_int_equal(rill_broadcast_send(tx, &m), RILL_CLOSED);
  rill_broadcast_receiver *rx = rill_broadcast_subscribe(tx);
  for (m.number = 0; m.number < 5; m.number++) {
    assert_int_equal(rill_broadcast_send(tx, &m), RILL_OK);
  }
  assert_int_equal(rill_broadcast_try_recv(rx, &m, &missed), RILL_LAGGED);
  assert_int_equal(missed, 3);
  assert_int_equal(rill_broadcast_try_recv(rx, &m, &missed), RILL_OK);
  assert_int_equal(m.number, 3);
  // A receiver that has lost some goes: what nobody else waits for is dropped.
  rill_broadcast_receiver *behind = rill_broadcast_subscribe(tx);
  rill_broadcast_receiver *other = rill_broadcast_subscribe(tx);
  rill_broadcast_receiver_free(rx);
  for (m.number = 0; m.number < 5; m.number++) {
    rill_broadcast_send(tx, &m);
  }
  rill_broadcast_receiver_free(behind);
  dropped = 0;
  rill_broadcast_receiver_free(other);
  assert_int_equal(dropped, 2);
  rx = rill_broadcast_subscribe(tx);
  rill_broadcast_send(tx, &m);
  rill_broadcast_sender_free(rill_broadcast_sender_clone(tx));
  rill_broadcast_sender_free(tx);
  assert_int_equal(rill_broadcast_recv_wait(rx, &m, &missed, 0), RILL_OK);
  assert_int_equal(m.number, 5);
  assert_int_equal(rill_broadcast_recv_wait(rx, &m, &missed, 0), RILL_CLOSED);
  rill_broadcast_receiver_free(rx);
}

// watch ---------------------------------------------------------------------

typedef struct Watcher {
  FUTURE_FIELDS;
  rill_watch_receiver *rx;
  rill_watch_changed changed;
  int last;
} Watcher;
static rill_poll Watcher_poll(rill_future *f, rill_context *cx) {
  Watcher *self = (Watcher *)f;
  RILL_ASYNC_BEGIN(self);
  for (;;) {
    rill_watch_changed_init(&self->changed, self->rx);
    RILL_AWAIT(self, cx, &self->changed.future);
    if (self->changed.status == RILL_CLOSED) break;
    int now;
    rill_watch_get(self->rx, &now);
    CHECK(now >= self->last);
    self->last = now;
  }
  CHECK(self->last == NEWS);
  CHECK(!rill_watch_has_changed(self->rx));
  rill_watch_receiver_free(self->rx);
  RILL_ASYNC_END(self);
}
FUTURE(Watcher);
typedef struct Setter {
  FUTURE_FIELDS;
  rill_watch_sender *tx;
  int value;
  rill_yield yield;
} Setter;
static bool increment(void *data, void *value) {
  ++*(int *)value;
  return true;
}
static rill_poll Setter_poll(rill_future *f, rill_context *cx) {
  Setter *self = (Setter *)f;
  RILL_ASYNC_BEGIN(self);
  while (self->value < NEWS) {
    self->value++;
    if (self->value % 2 == 0)
      rill_watch_send(self->tx, &self->value);
    else
      rill_watch_modify(self->tx, increment, NULL);
    if (self->value % 4 == 0) {
      rill_yield_init(&self->yield);
      RILL_AWAIT(self, cx, &self->yield.future);
    }
  }
  rill_yield_init(&self->yield);
  RILL_AWAIT(self, cx, &self->yield.future);
  rill_watch_sender_free(self->tx);
  RILL_ASYNC_END(self);
}
FUTURE(Setter);
static void watch_scenario(rill_executor *ex) {
  static const rill_element integer = {.size = sizeof(int)};
  int zero = 0;
  rill_watch_sender *tx = rill_watch_new(&integer, &zero);
  rill_join_set *set = rill_join_set_new(ex);
  for (int i = 0; i < LISTENERS; i++) {
    add(set, NEW(Watcher, .rx = rill_watch_subscribe(tx)));
  }
  CHECK(rill_watch_receivers(tx) == LISTENERS);
  add(set, NEW(Setter, .tx = tx));
  finish_set(ex, set);
}
static void test_watch(void **state) {
  run_everywhere(watch_scenario);
}

static void test_watch_edges(void **state) {
  static const rill_element integer = {.size = sizeof(int)};
  int value = 1;
  rill_watch_sender *tx = rill_watch_new(&integer, &value);
  rill_watch_receiver *rx = rill_watch_subscribe(tx);
  assert_false(rill_watch_has_changed(rx));
  assert_int_equal(rill_watch_changed_wait(rx, 0), RILL_TIMED_OUT);
  rill_watch_send(rill_watch_sender_clone(tx), &(int){2});
  rill_watch_sender_free(tx);
  assert_int_equal(rill_watch_changed_wait(rx, 0), RILL_OK);
  assert_int_equal(rill_watch_changed_wait(rx, 0), RILL_TIMED_OUT);
  rill_watch_sender_free(tx);
  assert_int_equal(rill_watch_changed_wait(rx, 0), RILL_CLOSED);
  rill_watch_get(rx, &value);
  assert_int_equal(value, 2);
  rill_watch_receiver_free(rx);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_mpsc_bounded),
      cmocka_unit_test(test_mpsc_unbounded),
      cmocka_unit_test(test_mpsc_closing),
      cmocka_unit_test(test_mpsc_aborting),
      cmocka_unit_test(test_mpsc_reserved),
      cmocka_unit_test(test_mpsc_granted_and_dropped),
      cmocka_unit_test(test_mpsc_tries),
      cmocka_unit_test(test_mpsc_threads),
      cmocka_unit_test(test_oneshot),
      cmocka_unit_test(test_oneshot_closed),
      cmocka_unit_test(test_broadcast),
      cmocka_unit_test(test_broadcast_edges),
      cmocka_unit_test(test_watch),
      cmocka_unit_test(test_watch_edges),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
