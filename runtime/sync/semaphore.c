// SPDX-License-Identifier: MIT
// A fair counting semaphore, and the locks that are one. A waiter takes what
// permits there are and waits for the rest, at the head of the line until it
// has all; so a large request is not starved by small ones.
#include "runtime/sync/semaphore.h"
#include "runtime/executor/leaf.h"

#include <stdlib.h>

// rill_acquire, as it is here.
typedef struct Acquire {
  rill_future future;
  rill_status status;
  size_t count;
  rill_semaphore *semaphore;
  size_t missing; // under the lock, like the node
  WaitNode node;
} Acquire;
_Static_assert(sizeof(Acquire) <= sizeof(rill_acquire), "rill_acquire");

bool sync_semaphore_init(rill_semaphore *s, size_t permits) {
  atomic_init(&s->references, 1);
  atomic_init(&s->state, permits * SEMAPHORE_PERMIT);
  s->returned = NULL;
  wait_list_init(&s->waiters);
  return uv_mutex_init(&s->lock) == 0;
}

void sync_semaphore_destroy(rill_semaphore *s) {
  uv_mutex_destroy(&s->lock);
}

rill_semaphore *rill_semaphore_new(size_t permits) {
  rill_semaphore *s = malloc(sizeof *s);
  if (s != NULL && !sync_semaphore_init(s, permits)) {
    free(s);
    s = NULL;
  }
  return s;
}

void rill_semaphore_retain(rill_semaphore *s) {
  atomic_fetch_add_explicit(&s->references, 1, memory_order_relaxed);
}

void rill_semaphore_release(rill_semaphore *s) {
  if (s == NULL ||
      atomic_fetch_sub_explicit(&s->references, 1, memory_order_acq_rel) != 1)
    return;
  sync_semaphore_destroy(s);
  free(s);
}

static uint64_t load(const rill_semaphore *s) {
  return atomic_load_explicit(&s->state, memory_order_acquire);
}

static bool swap(rill_semaphore *s, uint64_t *seen, uint64_t next) {
  return atomic_compare_exchange_weak_explicit(
      &s->state, seen, next, memory_order_acq_rel, memory_order_acquire);
}

rill_status rill_semaphore_try_acquire(rill_semaphore *s, size_t count) {
  uint64_t seen = load(s);
  do {
    if (seen & SEMAPHORE_CLOSED) return RILL_CLOSED;
    if ((seen & SEMAPHORE_WAITED) || seen / SEMAPHORE_PERMIT < count)
      return RILL_WOULD_BLOCK;
  } while (!swap(s, &seen, seen - count * SEMAPHORE_PERMIT));
  return RILL_OK;
}

// Clears the flag if nobody waits any more; the lock is held.
static void update_waited(rill_semaphore *s) {
  if (wait_list_is_empty(&s->waiters))
    atomic_fetch_and_explicit(&s->state, ~(uint64_t)SEMAPHORE_WAITED,
                              memory_order_acq_rel);
}

static void returned(rill_semaphore *s, uint64_t state) {
  if ((state & SEMAPHORE_CLOSED) && s->returned != NULL) s->returned(s);
}

void rill_semaphore_add(rill_semaphore *s, size_t count) {
  uint64_t seen = load(s);
  while (!(seen & SEMAPHORE_WAITED)) {
    if (!swap(s, &seen, seen + count * SEMAPHORE_PERMIT)) continue;
    returned(s, seen);
    return;
  }
  WakeBatch batch = {0};
  uv_mutex_lock(&s->lock);
  WaitNode *n;
  while (count > 0 && (n = wait_list_first(&s->waiters)) != NULL) {
    Acquire *a = (Acquire *)((char *)n - offsetof(Acquire, node));
    size_t given = count < a->missing ? count : a->missing;
    a->missing -= given;
    count -= given;
    if (a->missing > 0) break;
    wake_batch_add(&batch, wait_node_remove(n, WAIT_GRANTED));
    if (wake_batch_is_full(&batch)) {
      uv_mutex_unlock(&s->lock);
      wake_batch_run(&batch);
      uv_mutex_lock(&s->lock);
    }
  }
  update_waited(s);
  seen = atomic_fetch_add_explicit(&s->state, count * SEMAPHORE_PERMIT,
                                   memory_order_acq_rel);
  uv_mutex_unlock(&s->lock);
  wake_batch_run(&batch);
  // Behind the flag of waiters it may have been closed.
  if (count > 0) returned(s, seen);
}

size_t rill_semaphore_available(const rill_semaphore *s) {
  return load(s) / SEMAPHORE_PERMIT;
}

bool rill_semaphore_is_closed(const rill_semaphore *s) {
  return (load(s) & SEMAPHORE_CLOSED) != 0;
}

void rill_semaphore_close(rill_semaphore *s) {
  WakeBatch batch = {0};
  uv_mutex_lock(&s->lock);
  atomic_fetch_or_explicit(&s->state, SEMAPHORE_CLOSED, memory_order_acq_rel);
  WaitNode *n;
  while ((n = wait_list_first(&s->waiters)) != NULL) {
    Acquire *a = (Acquire *)((char *)n - offsetof(Acquire, node));
    atomic_fetch_add_explicit(&s->state,
                              (a->count - a->missing) * SEMAPHORE_PERMIT,
                              memory_order_acq_rel);
    wake_batch_add(&batch, wait_node_remove(n, WAIT_CLOSED));
    if (wake_batch_is_full(&batch)) {
      uv_mutex_unlock(&s->lock);
      wake_batch_run(&batch);
      uv_mutex_lock(&s->lock);
    }
  }
  update_waited(s);
  uv_mutex_unlock(&s->lock);
  wake_batch_run(&batch);
}

// Takes all permits, or what there are and a place in the line.
// RILL_WOULD_BLOCK: waiting.
static rill_status acquire_or_queue(Acquire *a, rill_context *cx) {
  rill_semaphore *s = a->semaphore;
  rill_status status = rill_semaphore_try_acquire(s, a->count);
  if (status != RILL_WOULD_BLOCK) return status;
  uv_mutex_lock(&s->lock);
  uint64_t seen = load(s), next;
  do {
    status = RILL_WOULD_BLOCK;
    if (seen & SEMAPHORE_CLOSED) {
      status = RILL_CLOSED;
      break;
    }
    uint64_t there = seen / SEMAPHORE_PERMIT;
    if (!(seen & SEMAPHORE_WAITED) && there >= a->count) {
      next = seen - a->count * SEMAPHORE_PERMIT;
      status = RILL_OK;
    } else {
      // With others waiting, `there` is 0.
      a->missing = a->count - there;
      next = SEMAPHORE_WAITED;
    }
  } while (!swap(s, &seen, next));
  if (status == RILL_WOULD_BLOCK)
    wait_list_push(&s->waiters, &a->node, cx->waker);
  uv_mutex_unlock(&s->lock);
  return status;
}

static rill_poll finish(Acquire *a, rill_status status) {
  a->node.waiting = false;
  a->status = status;
  return RILL_READY;
}

static rill_poll acquire_poll(rill_future *f, rill_context *cx) {
  Acquire *a = (Acquire *)f;
  rill_semaphore *s = a->semaphore;
  if (!exec_leaf_proceed(f, cx)) return RILL_PENDING;
  if (!a->node.waiting) {
    rill_status status = acquire_or_queue(a, cx);
    return status == RILL_WOULD_BLOCK ? RILL_PENDING : finish(a, status);
  }
  uv_mutex_lock(&s->lock);
  uint8_t state = a->node.state;
  rill_waker old = {NULL, NULL};
  if (state == WAIT_QUEUED) old = wait_node_update(&a->node, cx->waker);
  uv_mutex_unlock(&s->lock);
  rill_waker_release(&old);
  if (state == WAIT_QUEUED) return RILL_PENDING;
  return finish(a, state == WAIT_GRANTED ? RILL_OK : RILL_CLOSED);
}

static void acquire_drop(rill_future *f) {
  Acquire *a = (Acquire *)f;
  rill_semaphore *s = a->semaphore;
  if (!a->node.waiting) return;
  rill_waker old = {NULL, NULL};
  size_t back = 0;
  uv_mutex_lock(&s->lock);
  if (a->node.state == WAIT_QUEUED) {
    back = a->count - a->missing;
    old = wait_node_remove(&a->node, WAIT_CLOSED);
    update_waited(s);
  } else if (a->node.state == WAIT_GRANTED) {
    back = a->count;
  }
  a->node.waiting = false;
  uv_mutex_unlock(&s->lock);
  rill_waker_release(&old);
  if (back > 0) rill_semaphore_add(s, back);
}

static const rill_future_type acquire_type = {
    .size = sizeof(rill_acquire),
    .name = "acquire",
    .poll = acquire_poll,
    .drop = acquire_drop,
};

void rill_acquire_init(rill_acquire *f, rill_semaphore *s, size_t count) {
  *f = (rill_acquire){
      .future = {&acquire_type}, .status = RILL_WOULD_BLOCK, .count = count};
  ((Acquire *)f)->semaphore = s;
}

rill_status rill_semaphore_acquire_wait(rill_semaphore *s, size_t count,
                                        int64_t timeout) {
  rill_acquire f;
  rill_acquire_init(&f, s, count);
  rill_status status = rill_future_wait(&f.future, timeout);
  rill_future_drop(&f.future);
  return status == RILL_OK ? f.status : status;
}

// Mutex: one permit ---------------------------------------------------------

struct rill_mutex {
  rill_semaphore semaphore;
};

rill_mutex *rill_mutex_new(void) {
  return (rill_mutex *)rill_semaphore_new(1);
}
void rill_mutex_retain(rill_mutex *m) {
  rill_semaphore_retain(&m->semaphore);
}
void rill_mutex_release(rill_mutex *m) {
  rill_semaphore_release((rill_semaphore *)m);
}
void rill_mutex_lock_init(rill_acquire *f, rill_mutex *m) {
  rill_acquire_init(f, &m->semaphore, 1);
}
rill_status rill_mutex_try_lock(rill_mutex *m) {
  return rill_semaphore_try_acquire(&m->semaphore, 1);
}
rill_status rill_mutex_lock_wait(rill_mutex *m, int64_t timeout) {
  return rill_semaphore_acquire_wait(&m->semaphore, 1, timeout);
}
void rill_mutex_unlock(rill_mutex *m) {
  rill_semaphore_add(&m->semaphore, 1);
}

// Reader-writer lock: a permit for each reader, all of them for a writer ----

enum { RWLOCK_PERMITS = 1 << 30 };

struct rill_rwlock {
  rill_semaphore semaphore;
};

rill_rwlock *rill_rwlock_new(void) {
  return (rill_rwlock *)rill_semaphore_new(RWLOCK_PERMITS);
}
void rill_rwlock_retain(rill_rwlock *l) {
  rill_semaphore_retain(&l->semaphore);
}
void rill_rwlock_release(rill_rwlock *l) {
  rill_semaphore_release((rill_semaphore *)l);
}
void rill_rwlock_read_init(rill_acquire *f, rill_rwlock *l) {
  rill_acquire_init(f, &l->semaphore, 1);
}
void rill_rwlock_write_init(rill_acquire *f, rill_rwlock *l) {
  rill_acquire_init(f, &l->semaphore, RWLOCK_PERMITS);
}
rill_status rill_rwlock_try_read(rill_rwlock *l) {
  return rill_semaphore_try_acquire(&l->semaphore, 1);
}
rill_status rill_rwlock_try_write(rill_rwlock *l) {
  return rill_semaphore_try_acquire(&l->semaphore, RWLOCK_PERMITS);
}
rill_status rill_rwlock_read_wait(rill_rwlock *l, int64_t timeout) {
  return rill_semaphore_acquire_wait(&l->semaphore, 1, timeout);
}
rill_status rill_rwlock_write_wait(rill_rwlock *l, int64_t timeout) {
  return rill_semaphore_acquire_wait(&l->semaphore, RWLOCK_PERMITS, timeout);
}
void rill_rwlock_read_unlock(rill_rwlock *l) {
  rill_semaphore_add(&l->semaphore, 1);
}
void rill_rwlock_write_unlock(rill_rwlock *l) {
  rill_semaphore_add(&l->semaphore, RWLOCK_PERMITS);
}
void rill_rwlock_downgrade(rill_rwlock *l) {
  rill_semaphore_add(&l->semaphore, RWLOCK_PERMITS - 1);
}
