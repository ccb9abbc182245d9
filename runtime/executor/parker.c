// SPDX-License-Identifier: MIT
// Sleeping threads.
#include "runtime/executor/parker.h"

#include <stdlib.h>

enum { EMPTY, NOTIFIED, ON_CONDITION, IN_LOOP };

int exec_parker_init(Parker *p) {
  atomic_init(&p->state, EMPTY);
  p->loop_waker = NULL;
  int error = uv_mutex_init(&p->lock);
  if (error != 0) return error;
  error = uv_cond_init(&p->wake);
  if (error != 0) uv_mutex_destroy(&p->lock);
  return error;
}

void exec_parker_destroy(Parker *p) {
  uv_cond_destroy(&p->wake);
  uv_mutex_destroy(&p->lock);
}

static bool enter(Parker *p, uint32_t where) {
  uint32_t seen = EMPTY;
  if (atomic_compare_exchange_strong_explicit(
          &p->state, &seen, where, memory_order_acq_rel, memory_order_acquire))
    return true;
  atomic_store_explicit(&p->state, EMPTY, memory_order_relaxed);
  return false;
}

void exec_park(Parker *p, uint64_t nanoseconds) {
  if (nanoseconds == 0) {
    atomic_exchange_explicit(&p->state, EMPTY, memory_order_acq_rel);
    return;
  }
  uv_mutex_lock(&p->lock);
  if (enter(p, ON_CONDITION)) {
    // One wait: early returns are allowed.
    if (nanoseconds == PARK_FOREVER)
      uv_cond_wait(&p->wake, &p->lock);
    else
      uv_cond_timedwait(&p->wake, &p->lock, nanoseconds);
    atomic_exchange_explicit(&p->state, EMPTY, memory_order_acq_rel);
  }
  uv_mutex_unlock(&p->lock);
}

static void set_loop_waker(Parker *p, LoopWaker *waker) {
  if (p->loop_waker == waker) return;
  uv_mutex_lock(&p->lock);
  p->loop_waker = waker;
  uv_mutex_unlock(&p->lock);
}

bool exec_park_begin(Parker *p, LoopWaker *waker) {
  set_loop_waker(p, waker);
  return enter(p, IN_LOOP);
}

void exec_park_forget(Parker *p) {
  set_loop_waker(p, NULL);
}

void exec_park_end(Parker *p) {
  atomic_exchange_explicit(&p->state, EMPTY, memory_order_acq_rel);
}

void exec_unpark(Parker *p) {
  switch (atomic_exchange_explicit(&p->state, NOTIFIED, memory_order_seq_cst)) {
  case ON_CONDITION:
    // Under the lock the sleeper is in its wait, or not yet asleep at all.
    uv_mutex_lock(&p->lock);
    uv_cond_signal(&p->wake);
    uv_mutex_unlock(&p->lock);
    break;
  case IN_LOOP:
    uv_mutex_lock(&p->lock);
    if (p->loop_waker != NULL) exec_loop_waker_wake(p->loop_waker);
    uv_mutex_unlock(&p->lock);
    break;
  default:
    break;
  }
}

struct ThreadWaker {
  _Atomic uint32_t references;
  _Atomic bool woken;
  uv_mutex_t lock;
  uv_cond_t wake;
  Parker *also; // under the lock
};

ThreadWaker *exec_thread_waker_new(void) {
  ThreadWaker *t = calloc(1, sizeof *t);
  if (t == NULL) return NULL;
  atomic_init(&t->references, 1);
  if (uv_mutex_init(&t->lock) != 0) {
    free(t);
    return NULL;
  }
  if (uv_cond_init(&t->wake) != 0) {
    uv_mutex_destroy(&t->lock);
    free(t);
    return NULL;
  }
  return t;
}

static void retain(void *data) {
  ThreadWaker *t = data;
  atomic_fetch_add_explicit(&t->references, 1, memory_order_relaxed);
}

static void release(void *data) {
  ThreadWaker *t = data;
  if (atomic_fetch_sub_explicit(&t->references, 1, memory_order_acq_rel) != 1)
    return;
  uv_cond_destroy(&t->wake);
  uv_mutex_destroy(&t->lock);
  free(t);
}

static void wake_by_ref(void *data) {
  ThreadWaker *t = data;
  if (atomic_exchange_explicit(&t->woken, true, memory_order_acq_rel)) return;
  uv_mutex_lock(&t->lock);
  uv_cond_signal(&t->wake);
  if (t->also != NULL) exec_unpark(t->also);
  uv_mutex_unlock(&t->lock);
}

static void wake(void *data) {
  wake_by_ref(data);
  release(data);
}

static const rill_waker_type thread_waker_type = {
    .retain = retain,
    .release = release,
    .wake = wake,
    .wake_by_ref = wake_by_ref,
};

rill_waker exec_thread_waker(ThreadWaker *t) {
  return (rill_waker){&thread_waker_type, t};
}

void exec_thread_waker_release(ThreadWaker *t) {
  release(t);
}

bool exec_thread_waker_take(ThreadWaker *t) {
  return atomic_exchange_explicit(&t->woken, false, memory_order_acq_rel);
}

bool exec_thread_waker_sleep(ThreadWaker *t, uint64_t nanoseconds) {
  uint64_t start = uv_hrtime();
  uv_mutex_lock(&t->lock);
  bool woken;
  while (!(woken = exec_thread_waker_take(t))) {
    if (nanoseconds == PARK_FOREVER) {
      uv_cond_wait(&t->wake, &t->lock);
      continue;
    }
    uint64_t passed = uv_hrtime() - start;
    if (passed >= nanoseconds) break;
    uv_cond_timedwait(&t->wake, &t->lock, nanoseconds - passed);
  }
  uv_mutex_unlock(&t->lock);
  return woken;
}

void exec_thread_waker_attach(ThreadWaker *t, Parker *p) {
  uv_mutex_lock(&t->lock);
  t->also = p;
  uv_mutex_unlock(&t->lock);
}
