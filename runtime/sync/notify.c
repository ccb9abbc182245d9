// SPDX-License-Identifier: MIT
// Notify: wakes one or all that wait; one notification is remembered. And the
// barrier, which is a count and the same list.
#include <stdatomic.h>
#include <stdlib.h>
#include <uv.h>

#include "rill/sync.h"
#include "runtime/executor/leaf.h"
#include "runtime/sync/wait_list.h"

struct rill_notify {
  _Atomic uint32_t references;
  uv_mutex_t lock;
  // Under the lock:
  bool notified; // the next to wait need not; only while nobody waits
  WaitList waiters;
  // Those whom rill_notify_all woke, but their wakers not yet.
  WaitList leaving;
};

typedef struct Notified {
  rill_future future;
  rill_notify *notify;
  WaitNode node;
} Notified;
_Static_assert(sizeof(Notified) <= sizeof(rill_notified), "rill_notified");

rill_notify *rill_notify_new(void) {
  rill_notify *n = calloc(1, sizeof *n);
  if (n == NULL) return NULL;
  if (uv_mutex_init(&n->lock) != 0) {
    free(n);
    return NULL;
  }
  atomic_init(&n->references, 1);
  wait_list_init(&n->waiters);
  wait_list_init(&n->leaving);
  return n;
}

void rill_notify_retain(rill_notify *n) {
  atomic_fetch_add_explicit(&n->references, 1, memory_order_relaxed);
}

void rill_notify_release(rill_notify *n) {
  if (n == NULL ||
      atomic_fetch_sub_explicit(&n->references, 1, memory_order_acq_rel) != 1)
    return;
  uv_mutex_destroy(&n->lock);
  free(n);
}

void rill_notify_one(rill_notify *n) {
  rill_waker waker = {NULL, NULL};
  uv_mutex_lock(&n->lock);
  WaitNode *first = wait_list_first(&n->waiters);
  if (first != NULL)
    waker = wait_node_remove(first, WAIT_GRANTED);
  else
    n->notified = true;
  uv_mutex_unlock(&n->lock);
  rill_waker_wake(&waker);
}

void rill_notify_all(rill_notify *n) {
  uv_mutex_lock(&n->lock);
  // Those who come meanwhile are not meant.
  wait_list_move(&n->waiters, &n->leaving);
  wait_list_wake_all(&n->leaving, &n->lock, WAIT_CLOSED);
}

static rill_poll notified_poll(rill_future *f, rill_context *cx) {
  Notified *self = (Notified *)f;
  rill_notify *n = self->notify;
  if (!exec_leaf_proceed(f, cx)) return RILL_PENDING;
  uv_mutex_lock(&n->lock);
  bool ready =
      self->node.waiting ? self->node.state != WAIT_QUEUED : n->notified;
  if (ready && !self->node.waiting) n->notified = false;
  rill_waker old = wait_node_settle(&n->waiters, &self->node, ready, cx->waker);
  uv_mutex_unlock(&n->lock);
  rill_waker_release(&old);
  return ready ? RILL_READY : RILL_PENDING;
}

static void notified_drop(rill_future *f) {
  Notified *self = (Notified *)f;
  // WAIT_GRANTED is rill_notify_one's, which somebody else must have then.
  if (wait_node_drop(&self->node, &self->notify->lock))
    rill_notify_one(self->notify);
}

static const rill_future_type notified_type = {
    .size = sizeof(rill_notified),
    .name = "notified",
    .poll = notified_poll,
    .drop = notified_drop,
};

void rill_notified_init(rill_notified *f, rill_notify *n) {
  *f = (rill_notified){.future = {&notified_type}};
  ((Notified *)f)->notify = n;
}

rill_status rill_notify_wait(rill_notify *n, int64_t timeout) {
  rill_notified f;
  rill_notified_init(&f, n);
  rill_status status = rill_future_wait(&f.future, timeout);
  rill_future_drop(&f.future);
  return status;
}

// Barrier -------------------------------------------------------------------

struct rill_barrier {
  _Atomic uint32_t references;
  size_t count;
  uv_mutex_t lock;
  // Under the lock:
  size_t arrived;
  uint64_t generation; // how often it has let all go
  WaitList waiters, leaving;
};

typedef struct BarrierWaiting {
  rill_future future;
  bool leader;
  rill_barrier *barrier;
  uint64_t generation; // in which it came
  WaitNode node;
} BarrierWaiting;
_Static_assert(sizeof(BarrierWaiting) <= sizeof(rill_barrier_waiting),
               "rill_barrier_waiting");

rill_barrier *rill_barrier_new(size_t count) {
  rill_barrier *b = count == 0 ? NULL : calloc(1, sizeof *b);
  if (b == NULL) return NULL;
  if (uv_mutex_init(&b->lock) != 0) {
    free(b);
    return NULL;
  }
  atomic_init(&b->references, 1);
  b->count = count;
  wait_list_init(&b->waiters);
  wait_list_init(&b->leaving);
  return b;
}

void rill_barrier_retain(rill_barrier *b) {
  atomic_fetch_add_explicit(&b->references, 1, memory_order_relaxed);
}

void rill_barrier_release(rill_barrier *b) {
  if (b == NULL ||
      atomic_fetch_sub_explicit(&b->references, 1, memory_order_acq_rel) != 1)
    return;
  uv_mutex_destroy(&b->lock);
  free(b);
}

// Out of the list, in which it may still be although all were let go.
static rill_waker leave(BarrierWaiting *self) {
  rill_waker waker = {NULL, NULL};
  if (self->node.state == WAIT_QUEUED)
    waker = wait_node_remove(&self->node, WAIT_GRANTED);
  self->node.waiting = false;
  return waker;
}

static rill_poll barrier_poll(rill_future *f, rill_context *cx) {
  BarrierWaiting *self = (BarrierWaiting *)f;
  rill_barrier *b = self->barrier;
  if (!exec_leaf_proceed(f, cx)) return RILL_PENDING;
  rill_waker old = {NULL, NULL};
  bool ready = false;
  uv_mutex_lock(&b->lock);
  if (self->node.waiting) {
    ready = self->generation != b->generation;
    old = ready ? leave(self) : wait_node_update(&self->node, cx->waker);
  } else if (b->arrived + 1 == b->count) {
    self->leader = true;
    b->arrived = 0;
    b->generation++;
    wait_list_move(&b->waiters, &b->leaving);
    wait_list_wake_all(&b->leaving, &b->lock, WAIT_GRANTED);
    return RILL_READY;
  } else {
    b->arrived++;
    self->generation = b->generation;
    wait_list_push(&b->waiters, &self->node, cx->waker);
  }
  uv_mutex_unlock(&b->lock);
  rill_waker_release(&old);
  return ready ? RILL_READY : RILL_PENDING;
}

static void barrier_drop(rill_future *f) {
  BarrierWaiting *self = (BarrierWaiting *)f;
  rill_barrier *b = self->barrier;
  if (!self->node.waiting) return;
  uv_mutex_lock(&b->lock);
  if (self->generation == b->generation) b->arrived--;
  rill_waker old = leave(self);
  uv_mutex_unlock(&b->lock);
  rill_waker_release(&old);
}

static const rill_future_type barrier_type = {
    .size = sizeof(rill_barrier_waiting),
    .name = "barrier",
    .poll = barrier_poll,
    .drop = barrier_drop,
};

void rill_barrier_waiting_init(rill_barrier_waiting *f, rill_barrier *b) {
  *f = (rill_barrier_waiting){.future = {&barrier_type}};
  ((BarrierWaiting *)f)->barrier = b;
}

rill_status rill_barrier_wait(rill_barrier *b, bool *leader, int64_t timeout) {
  rill_barrier_waiting f;
  rill_barrier_waiting_init(&f, b);
  rill_status status = rill_future_wait(&f.future, timeout);
  rill_future_drop(&f.future);
  if (leader != NULL) *leader = f.leader;
  return status;
}
