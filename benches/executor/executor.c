// SPDX-License-Identifier: MIT
// The executor measured: executor-bench [WORKERS [NAME]] runs all benchmarks,
// or one, on so many workers (0: current_thread) and prints the median of some
// runs.
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <uv.h>

#include "rill/executor.h"
#include "rill/sync.h"
#include "rill/task.h"
#include "rill/time.h"

#define FIELDS                                                                 \
  rill_future future;                                                          \
  int at
#define TYPE(Name)                                                             \
  static const rill_future_type Name##_type = {                                \
      .size = sizeof(Name), .name = #Name, .poll = Name##_poll}
#define TYPE_WITH_DROP(Name)                                                   \
  static const rill_future_type Name##_type = {.size = sizeof(Name),           \
                                               .name = #Name,                  \
                                               .poll = Name##_poll,            \
                                               .drop = Name##_drop}
#define NEW(Name, ...) (&(Name){.future = {&Name##_type}, __VA_ARGS__}.future)

static void must(bool condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "executor-bench: %s failed\n", what);
  exit(1);
}

static void run(rill_executor *ex, const rill_future *f) {
  rill_join *j = rill_spawn(ex, f, NULL);
  must(j != NULL, "spawn");
  rill_joining joining;
  rill_joining_init(&joining, j);
  must(rill_block_on(ex, &joining.future) == RILL_OK, "block_on");
  rill_join_free(j);
}

// Counts down, and wakes the one that waits for the end.
typedef struct Latch {
  _Atomic long left;
  rill_notify *done;
} Latch;
static void latch_count(Latch *l) {
  if (atomic_fetch_sub(&l->left, 1) == 1) rill_notify_one(l->done);
}
static void latch_wait(rill_executor *ex, Latch *l) {
  rill_notified f;
  rill_notified_init(&f, l->done);
  must(rill_block_on(ex, &f.future) == RILL_OK, "latch");
}

// spawn_many: one task spawns 10,000 that end at once -----------------------

typedef struct Empty {
  FIELDS;
  Latch *latch;
} Empty;
static rill_poll Empty_poll(rill_future *f, rill_context *cx) {
  latch_count(((Empty *)f)->latch);
  return RILL_READY;
}
TYPE(Empty);
enum { SPAWNS = 10000 };
typedef struct Spawner {
  FIELDS;
  Latch *latch;
} Spawner;
static rill_poll Spawner_poll(rill_future *f, rill_context *cx) {
  for (int i = 0; i < SPAWNS; i++) {
    rill_join_free(
        rill_spawn(NULL, NEW(Empty, .latch = ((Spawner *)f)->latch), NULL));
  }
  return RILL_READY;
}
TYPE(Spawner);
static long spawn_many(rill_executor *ex) {
  Latch latch = {SPAWNS, rill_notify_new()};
  rill_join_free(rill_spawn(ex, NEW(Spawner, .latch = &latch), NULL));
  latch_wait(ex, &latch);
  rill_notify_release(latch.done);
  return SPAWNS;
}

// spawn_join: spawn one, wait for it, 10,000 times --------------------------

typedef struct Nothing {
  FIELDS;
} Nothing;
static rill_poll Nothing_poll(rill_future *f, rill_context *cx) {
  return RILL_READY;
}
TYPE(Nothing);
typedef struct SpawnJoin {
  FIELDS;
  int round;
  rill_join *join;
  rill_joining joining;
} SpawnJoin;
static rill_poll SpawnJoin_poll(rill_future *f, rill_context *cx) {
  SpawnJoin *self = (SpawnJoin *)f;
  RILL_ASYNC_BEGIN(self);
  for (self->round = 0; self->round < SPAWNS; self->round++) {
    self->join = rill_spawn(NULL, NEW(Nothing), NULL);
    rill_joining_init(&self->joining, self->join);
    RILL_AWAIT(self, cx, &self->joining.future);
    rill_join_free(self->join);
  }
  RILL_ASYNC_END(self);
}
TYPE(SpawnJoin);
static long spawn_join(rill_executor *ex) {
  run(ex, NEW(SpawnJoin));
  return SPAWNS;
}

// chained_spawn: each task spawns the next ----------------------------------

enum { CHAIN = 10000 };
typedef struct Chained {
  FIELDS;
  int left;
  Latch *latch;
} Chained;
static rill_poll Chained_poll(rill_future *f, rill_context *cx);
TYPE(Chained);
static rill_poll Chained_poll(rill_future *f, rill_context *cx) {
  Chained *self = (Chained *)f;
  if (self->left == 0)
    latch_count(self->latch);
  else
    rill_join_free(rill_spawn(
        NULL, NEW(Chained, .left = self->left - 1, .latch = self->latch),
        NULL));
  return RILL_READY;
}
static long chained_spawn(rill_executor *ex) {
  Latch latch = {1, rill_notify_new()};
  rill_join_free(
      rill_spawn(ex, NEW(Chained, .left = CHAIN, .latch = &latch), NULL));
  latch_wait(ex, &latch);
  rill_notify_release(latch.done);
  return CHAIN;
}

// yield_many: 200 tasks that yield 1,000 times each -------------------------

enum { YIELDERS = 200, YIELDS = 1000 };
typedef struct Yielder {
  FIELDS;
  int left;
  Latch *latch;
  rill_yield yield;
} Yielder;
static rill_poll Yielder_poll(rill_future *f, rill_context *cx) {
  Yielder *self = (Yielder *)f;
  RILL_ASYNC_BEGIN(self);
  while (self->left-- > 0) {
    rill_yield_init(&self->yield);
    RILL_AWAIT(self, cx, &self->yield.future);
  }
  latch_count(self->latch);
  RILL_ASYNC_END(self);
}
TYPE(Yielder);
static long yield_many(rill_executor *ex) {
  Latch latch = {YIELDERS, rill_notify_new()};
  for (int i = 0; i < YIELDERS; i++) {
    rill_join_free(
        rill_spawn(ex, NEW(Yielder, .left = YIELDS, .latch = &latch), NULL));
  }
  latch_wait(ex, &latch);
  rill_notify_release(latch.done);
  return YIELDERS * YIELDS;
}

// ping_pong: 1,000 pairs of tasks exchange two oneshots ---------------------

static const rill_element unit = {.size = 1};
typedef struct Pong {
  FIELDS;
  rill_oneshot_receiver *ping;
  rill_oneshot_sender *pong;
  rill_oneshot_recv recv;
  char value;
} Pong;
static rill_poll Pong_poll(rill_future *f, rill_context *cx) {
  Pong *self = (Pong *)f;
  RILL_ASYNC_BEGIN(self);
  rill_oneshot_recv_init(&self->recv, self->ping, &self->value);
  RILL_AWAIT(self, cx, &self->recv.future);
  rill_oneshot_receiver_free(self->ping);
  rill_oneshot_send(self->pong, &self->value);
  RILL_ASYNC_END(self);
}
TYPE(Pong);
typedef struct Ping {
  FIELDS;
  Latch *latch;
  rill_oneshot_receiver *pong;
  rill_oneshot_recv recv;
  char value;
} Ping;
static rill_poll Ping_poll(rill_future *f, rill_context *cx) {
  Ping *self = (Ping *)f;
  RILL_ASYNC_BEGIN(self);
  rill_oneshot_sender *ping, *pong;
  rill_oneshot_receiver *ping_receiver;
  must(rill_oneshot_new(&unit, &ping, &ping_receiver) == RILL_OK, "oneshot");
  must(rill_oneshot_new(&unit, &pong, &self->pong) == RILL_OK, "oneshot");
  rill_join_free(
      rill_spawn(NULL, NEW(Pong, .ping = ping_receiver, .pong = pong), NULL));
  rill_oneshot_send(ping, &self->value);
  rill_oneshot_recv_init(&self->recv, self->pong, &self->value);
  RILL_AWAIT(self, cx, &self->recv.future);
  rill_oneshot_receiver_free(self->pong);
  latch_count(self->latch);
  RILL_ASYNC_END(self);
}
TYPE(Ping);
enum { PINGS = 1000 };
typedef struct Pinger {
  FIELDS;
  Latch *latch;
} Pinger;
static rill_poll Pinger_poll(rill_future *f, rill_context *cx) {
  for (int i = 0; i < PINGS; i++) {
    rill_join_free(
        rill_spawn(NULL, NEW(Ping, .latch = ((Pinger *)f)->latch), NULL));
  }
  return RILL_READY;
}
TYPE(Pinger);
static long ping_pong(rill_executor *ex) {
  Latch latch = {PINGS, rill_notify_new()};
  rill_join_free(rill_spawn(ex, NEW(Pinger, .latch = &latch), NULL));
  latch_wait(ex, &latch);
  rill_notify_release(latch.done);
  return PINGS;
}

// mpsc: 5 tasks send 20,000 numbers each to one -----------------------------

enum { SENDERS = 5, SENDS = 20000 };
typedef struct Sender {
  FIELDS;
  rill_sender *tx;
  size_t value;
  rill_send send;
} Sender;
static rill_poll Sender_poll(rill_future *f, rill_context *cx) {
  Sender *self = (Sender *)f;
  RILL_ASYNC_BEGIN(self);
  for (self->value = 0; self->value < SENDS; self->value++) {
    rill_send_init(&self->send, self->tx, &self->value);
    RILL_AWAIT(self, cx, &self->send.future);
  }
  rill_sender_free(self->tx);
  RILL_ASYNC_END(self);
}
TYPE(Sender);
typedef struct Receiver {
  FIELDS;
  rill_receiver *rx;
  size_t value;
  long count;
  rill_recv recv;
} Receiver;
static rill_poll Receiver_poll(rill_future *f, rill_context *cx) {
  Receiver *self = (Receiver *)f;
  RILL_ASYNC_BEGIN(self);
  for (;;) {
    rill_recv_init(&self->recv, self->rx, &self->value);
    RILL_AWAIT(self, cx, &self->recv.future);
    if (self->recv.status == RILL_CLOSED) break;
    self->count++;
  }
  rill_receiver_free(self->rx);
  must(self->count == SENDERS * SENDS, "mpsc");
  RILL_ASYNC_END(self);
}
TYPE(Receiver);
static long mpsc(rill_executor *ex, size_t capacity) {
  static const rill_element number = {.size = sizeof(size_t)};
  rill_sender *tx;
  rill_receiver *rx;
  must(rill_mpsc_new(&number, capacity, &tx, &rx) == RILL_OK, "mpsc");
  for (int i = 0; i < SENDERS; i++) {
    rill_join_free(
        rill_spawn(ex, NEW(Sender, .tx = rill_sender_clone(tx)), NULL));
  }
  rill_sender_free(tx);
  run(ex, NEW(Receiver, .rx = rx));
  return SENDERS * SENDS;
}
static long mpsc_bounded(rill_executor *ex) {
  return mpsc(ex, 1000);
}
static long mpsc_unbounded(rill_executor *ex) {
  return mpsc(ex, 0);
}

// semaphore: 10 tasks take and give one of 5 permits, 10,000 times each -----

enum { TAKERS = 10, TAKES = 10000 };
typedef struct Taker {
  FIELDS;
  int left;
  Latch *latch;
  rill_semaphore *semaphore;
  rill_acquire acquire;
} Taker;
static rill_poll Taker_poll(rill_future *f, rill_context *cx) {
  Taker *self = (Taker *)f;
  RILL_ASYNC_BEGIN(self);
  while (self->left-- > 0) {
    rill_acquire_init(&self->acquire, self->semaphore, 1);
    RILL_AWAIT(self, cx, &self->acquire.future);
    rill_semaphore_add(self->semaphore, 1);
  }
  latch_count(self->latch);
  RILL_ASYNC_END(self);
}
TYPE(Taker);
static long semaphore(rill_executor *ex) {
  Latch latch = {TAKERS, rill_notify_new()};
  rill_semaphore *s = rill_semaphore_new(5);
  for (int i = 0; i < TAKERS; i++) {
    rill_join_free(rill_spawn(
        ex, NEW(Taker, .left = TAKES, .latch = &latch, .semaphore = s), NULL));
  }
  latch_wait(ex, &latch);
  rill_semaphore_release(s);
  rill_notify_release(latch.done);
  return TAKERS * TAKES;
}

// compute: 200 tasks of pure work; two workers should take half the time ----

enum { COMPUTERS = 200 };
typedef struct Computer {
  FIELDS;
  Latch *latch;
  uint64_t result;
} Computer;
static rill_poll Computer_poll(rill_future *f, rill_context *cx) {
  Computer *self = (Computer *)f;
  uint64_t x = 88172645463325252;
  for (int i = 0; i < 200000; i++) {
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
  }
  self->result = x;
  latch_count(self->latch);
  return RILL_READY;
}
TYPE(Computer);
static long compute(rill_executor *ex) {
  Latch latch = {COMPUTERS, rill_notify_new()};
  for (int i = 0; i < COMPUTERS; i++) {
    rill_join_free(rill_spawn(ex, NEW(Computer, .latch = &latch), NULL));
  }
  latch_wait(ex, &latch);
  rill_notify_release(latch.done);
  return COMPUTERS;
}

static const struct Benchmark {
  const char *name;
  long (*run)(rill_executor *); // how many operations
} benchmarks[] = {
    {"spawn_many", spawn_many},
    {"spawn_join", spawn_join},
    {"chained_spawn", chained_spawn},
    {"yield_many", yield_many},
    {"ping_pong", ping_pong},
    {"mpsc_bounded", mpsc_bounded},
    {"mpsc_unbounded", mpsc_unbounded},
    {"semaphore", semaphore},
    {"compute", compute},
};

static rill_executor *executor(uint32_t workers) {
  rill_executor_options o = RILL_EXECUTOR_OPTIONS_INIT;
  o.flavor = workers == 0 ? RILL_CURRENT_THREAD : RILL_MULTI_THREAD;
  o.workers = workers;
  rill_executor *ex = rill_executor_new(&o, NULL);
  must(ex != NULL, "executor");
  return ex;
}

static int by_value(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return x < y ? -1 : x > y;
}

static uint64_t processor_time(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void measure(const struct Benchmark *b, uint32_t workers) {
  enum { RUNS = 41 };
  double times[RUNS], busy[RUNS];
  rill_executor *ex = executor(workers);
  b->run(ex);
  for (int i = 0; i < RUNS; i++) {
    uint64_t start = uv_hrtime(), start_busy = processor_time();
    double operations = (double)b->run(ex);
    times[i] = (double)(uv_hrtime() - start) / operations;
    busy[i] = (double)(processor_time() - start_busy) / operations;
  }
  rill_executor_free(ex);
  qsort(times, RUNS, sizeof *times, by_value);
  qsort(busy, RUNS, sizeof *busy, by_value);
  printf("%-16s %10.0f ns (best %.0f), %.0f ns of processors (best %.0f)\n",
         b->name, times[RUNS / 2], times[0], busy[RUNS / 2], busy[0]);
}

// sleepers: a million tasks that sleep: bytes each -------------------------

typedef struct Sleeper {
  FIELDS;
  rill_sleep sleep;
} Sleeper;
static rill_poll Sleeper_poll(rill_future *f, rill_context *cx) {
  return rill_future_poll(&((Sleeper *)f)->sleep.future, cx);
}
static void Sleeper_drop(rill_future *f) {
  rill_future_drop(&((Sleeper *)f)->sleep.future);
}
TYPE_WITH_DROP(Sleeper);

static size_t resident_bytes(void) {
  size_t bytes = 0;
  uv_resident_set_memory(&bytes);
  return bytes;
}

static uint64_t sleeping(rill_executor *ex, uint32_t workers) {
  uint64_t sum = 0;
  for (uint32_t i = 0; i < (workers == 0 ? 1 : workers); i++) {
    rill_worker_metrics m = {.size = sizeof m};
    rill_executor_worker_metrics(ex, i, &m);
    sum += m.timers;
  }
  return sum;
}

static void sleepers(uint32_t workers) {
  enum { SLEEPERS = 1000000 };
  rill_executor *ex = executor(workers);
  size_t before = resident_bytes();
  uint64_t start = uv_hrtime();
  uint64_t end = rill_now(ex) + UINT64_C(5000000000);
  for (int i = 0; i < SLEEPERS; i++) {
    Sleeper s = {.future = {&Sleeper_type}};
    rill_sleep_until_init(&s.sleep, end + (uint64_t)(i % 1000) * 1000000);
    rill_join_free(rill_spawn(ex, &s.future, NULL));
  }
  while (sleeping(ex, workers) < SLEEPERS) {
    rill_sleep s;
    rill_sleep_init(&s, 1000000);
    rill_block_on(ex, &s.future);
  }
  printf("%-16s %10.1f ns each to spawn and begin, %.0f bytes each\n",
         "sleepers", (double)(uv_hrtime() - start) / SLEEPERS,
         (double)(resident_bytes() - before) / SLEEPERS);
  start = uv_hrtime();
  rill_executor_free(ex); // cancels them all
  printf("%-16s %10.1f ns each to cancel\n", "",
         (double)(uv_hrtime() - start) / SLEEPERS);
}

// lateness: 1 ms timers of tasks on workers of which all but one compute ----

enum { TICKS = 1000 };
typedef struct Ticker {
  FIELDS;
  int tick;
  double late[TICKS];
  rill_sleep sleep;
} Ticker;
static rill_poll Ticker_poll(rill_future *f, rill_context *cx) {
  Ticker *self = (Ticker *)f;
  RILL_ASYNC_BEGIN(self);
  for (self->tick = 0; self->tick < TICKS; self->tick++) {
    rill_sleep_init(&self->sleep, 1000000);
    RILL_AWAIT(self, cx, &self->sleep.future);
    self->late[self->tick] =
        (double)(rill_now(NULL) - self->sleep.deadline) / 1e6;
  }
  RILL_ASYNC_END(self);
}
TYPE(Ticker);
static _Atomic bool computing;
typedef struct Busy {
  FIELDS;
  rill_yield yield;
} Busy;
// Computes 20 ms at a time without coming back.
static rill_poll Busy_poll(rill_future *f, rill_context *cx) {
  uint64_t start = uv_hrtime();
  while (uv_hrtime() - start < 20000000) {
  }
  if (!atomic_load(&computing)) return RILL_READY;
  rill_waker_wake_by_ref(cx->waker);
  return RILL_PENDING;
}
TYPE(Busy);
static void lateness(uint32_t workers) {
  if (workers < 2) return;
  rill_executor *ex = executor(workers);
  atomic_store(&computing, true);
  for (uint32_t i = 0; i + 1 < workers; i++) {
    rill_join_free(rill_spawn(ex, NEW(Busy), NULL));
  }
  rill_join *j = rill_spawn(ex, NEW(Ticker), NULL);
  rill_joining f;
  rill_joining_init(&f, j);
  rill_block_on(ex, &f.future);
  atomic_store(&computing, false);
  Ticker *t = (Ticker *)rill_join_state(j);
  qsort(t->late, TICKS, sizeof *t->late, by_value);
  printf("%-16s %10.2f ms late (median), %.2f ms (p99), %.2f ms (most)\n",
         "lateness", t->late[TICKS / 2], t->late[TICKS * 99 / 100],
         t->late[TICKS - 1]);
  rill_join_free(j);
  rill_executor_free(ex);
}

int main(int argc, char **argv) {
  uint32_t workers = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1;
  const char *only = argc > 2 ? argv[2] : NULL;
  for (size_t i = 0; i < sizeof benchmarks / sizeof *benchmarks; i++) {
    if (only == NULL || strcmp(only, benchmarks[i].name) == 0)
      measure(&benchmarks[i], workers);
  }
  if (only == NULL || strcmp(only, "sleepers") == 0) sleepers(workers);
  if (only == NULL || strcmp(only, "lateness") == 0) lateness(workers);
  return 0;
}
