/* SPDX-License-Identifier: MIT */
/*
 * The executor from C: a producer sends numbers through a bounded channel to
 * two consumers, which share the receiver; a scope waits for all of them; a
 * slow function runs on the blocking pool meanwhile; what takes too long is cut
 * off.
 *
 *   cc executor.c $(pkg-config --cflags --libs rill) && ./a.out
 */
#include <rill.h>
#include <stdio.h>

typedef struct Producer {
  rill_future future;
  int at;
  rill_sender *tx;
  int number;
  rill_send send;
} Producer;

static rill_poll producer_poll(rill_future *f, rill_context *cx) {
  Producer *self = (Producer *)f;
  RILL_ASYNC_BEGIN(self);
  for (self->number = 1; self->number <= 100; self->number++) {
    rill_send_init(&self->send, self->tx, &self->number);
    RILL_AWAIT(self, cx, &self->send.future);
    if (self->send.status != RILL_OK) break; /* nobody listens any more */
  }
  RILL_ASYNC_END(self);
}
/* Called once, when the task has ended in whatever way. */
static void producer_drop(rill_future *f) {
  Producer *self = (Producer *)f;
  rill_future_drop(&self->send.future);
  rill_sender_free(self->tx);
}
static const rill_future_type producer_type = {
    sizeof(Producer), "producer", producer_poll, producer_drop, NULL};

typedef struct Consumer {
  rill_future future;
  int at;
  rill_receiver *rx;
  long *sum; /* the parent's */
  int value;
  rill_recv recv;
} Consumer;

static rill_poll consumer_poll(rill_future *f, rill_context *cx) {
  Consumer *self = (Consumer *)f;
  RILL_ASYNC_BEGIN(self);
  for (;;) {
    rill_recv_init(&self->recv, self->rx, &self->value);
    RILL_AWAIT(self, cx, &self->recv.future);
    if (self->recv.status != RILL_OK) break; /* all producers have ended */
    *self->sum += self->value;
  }
  RILL_ASYNC_END(self);
}
static void consumer_drop(rill_future *f) {
  rill_receiver_free(((Consumer *)f)->rx);
}
static const rill_future_type consumer_type = {
    sizeof(Consumer), "consumer", consumer_poll, consumer_drop, NULL};

/* The main task: its children may borrow what it holds, for they end first. */
typedef struct Main {
  rill_future future;
  int at;
  rill_task_scope *scope;
  rill_task_scope_closing closing;
  long sum;
  rill_join *slow;
  rill_joining joining;
  rill_sleep forever;
  rill_timeout timeout;
} Main;

static void *slow_function(void *argument) {
  return argument;
}

/* A future that could not be spawned is still ours to drop. */
static bool start(rill_task_scope *scope, rill_future *f) {
  if (rill_task_scope_spawn(scope, f, NULL, NULL) == RILL_OK) return true;
  rill_future_drop(f);
  rill_task_fail(1, "a child could not be spawned");
  return false;
}

static rill_poll main_poll(rill_future *f, rill_context *cx) {
  Main *self = (Main *)f;
  RILL_ASYNC_BEGIN(self);
  static const rill_element number = {.size = sizeof(int)};
  rill_sender *tx;
  rill_receiver *rx;
  self->scope = rill_task_scope_open(NULL, RILL_SCOPE_JOIN);
  if (self->scope == NULL || rill_mpsc_new(&number, 8, &tx, &rx) != RILL_OK) {
    rill_task_fail(1, "out of memory");
    return RILL_READY;
  }
  Consumer consumer = {.future = {&consumer_type}, .rx = rx, .sum = &self->sum};
  if (!start(self->scope, &consumer.future)) {
    rill_sender_free(tx);
    return RILL_READY;
  }
  for (int i = 0; i < 2; i++) {
    Producer producer = {.future = {&producer_type},
                         .tx = rill_sender_clone(tx)};
    if (!start(self->scope, &producer.future)) break;
  }
  rill_sender_free(tx);
  rill_task_scope_closing_init(&self->closing, self->scope);
  RILL_AWAIT(self, cx, &self->closing.future);
  printf("sum: %ld\n", self->sum);

  self->slow = rill_spawn_blocking(NULL, slow_function, "done", NULL);
  if (self->slow == NULL) return RILL_READY;
  rill_joining_init(&self->joining, self->slow);
  RILL_AWAIT(self, cx, &self->joining.future);
  printf("blocking: %s\n",
         (char *)((rill_blocking *)rill_join_state(self->slow))->result);

  rill_sleep_init(&self->forever, UINT64_MAX);
  rill_timeout_init(&self->timeout, &self->forever.future, 5000000);
  RILL_AWAIT(self, cx, &self->timeout.future);
  printf("sleep: %s\n", rill_status_name(self->timeout.status));
  RILL_ASYNC_END(self);
}
static void main_drop(rill_future *f) {
  Main *self = (Main *)f;
  rill_future_drop(&self->timeout.future);
  rill_join_free(self->slow);
  rill_task_scope_free(self->scope);
}
static const rill_future_type main_type = {sizeof(Main), "main", main_poll,
                                           main_drop, NULL};

int main(void) {
  rill_executor_options options = RILL_EXECUTOR_OPTIONS_INIT;
  options.flavor = RILL_MULTI_THREAD;
  rill_executor *ex = rill_executor_new(&options, NULL);
  if (ex == NULL) return 1;
  Main m = {.future = {&main_type}};
  rill_join *j = rill_spawn(ex, &m.future, NULL);
  rill_status status = j == NULL ? RILL_NO_MEMORY : rill_join_wait(j, -1);
  rill_join_free(j);
  rill_executor_free(ex);
  return status == RILL_OK ? 0 : 1;
}
