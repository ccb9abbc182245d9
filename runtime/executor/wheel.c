// SPDX-License-Identifier: MIT
// Arming, cancelling and firing under the wheel's lock.
#include "runtime/executor/wheel.h"

int exec_wheel_init(Wheel *w) {
  exec_slots_init(&w->slots);
  atomic_init(&w->count, 0);
  atomic_init(&w->next, WHEEL_NEVER);
  return uv_mutex_init(&w->lock);
}

static void publish_next(Wheel *w) {
  // Sequentially consistent: a worker reads it after announcing that it sleeps.
  atomic_store_explicit(&w->next, exec_slots_next(&w->slots),
                        memory_order_seq_cst);
}

bool exec_wheel_arm(Wheel *w, Timer *t, uint64_t when,
                    const rill_waker *waker) {
  rill_waker kept = rill_waker_clone(waker);
  uv_mutex_lock(&w->lock);
  t->waker = kept;
  t->wheel = w;
  atomic_store_explicit(&t->state, TIMER_ARMED, memory_order_relaxed);
  exec_slots_add(&w->slots, &t->node, when);
  atomic_fetch_add_explicit(&w->count, 1, memory_order_relaxed);
  bool first = t->node.when < atomic_load_explicit(&w->next, memory_order_relaxed);
  if (first) publish_next(w);
  uv_mutex_unlock(&w->lock);
  return first;
}

bool exec_timer_poll(Timer *t, const rill_waker *waker) {
  if (atomic_load_explicit(&t->state, memory_order_acquire) == TIMER_FIRED)
    return true;
  rill_waker old = {NULL, NULL};
  uv_mutex_lock(&t->wheel->lock);
  bool fired =
      atomic_load_explicit(&t->state, memory_order_relaxed) == TIMER_FIRED;
  if (!fired && !rill_waker_same(&t->waker, waker)) {
    old = t->waker;
    t->waker = rill_waker_clone(waker);
  }
  uv_mutex_unlock(&t->wheel->lock);
  rill_waker_release(&old);
  return fired;
}

void exec_timer_cancel(Timer *t) {
  if (atomic_load_explicit(&t->state, memory_order_acquire) == TIMER_ARMED) {
    Wheel *w = t->wheel;
    uv_mutex_lock(&w->lock);
    bool armed =
        atomic_load_explicit(&t->state, memory_order_relaxed) == TIMER_ARMED;
    if (armed) {
      exec_slots_remove(&w->slots, &t->node);
      atomic_fetch_sub_explicit(&w->count, 1, memory_order_relaxed);
    }
    uv_mutex_unlock(&w->lock);
    if (armed) rill_waker_release(&t->waker);
  }
  atomic_store_explicit(&t->state, TIMER_IDLE, memory_order_relaxed);
}

// Takes up to `limit` due timers' wakers; the lock is held.
static uint32_t take_due(Wheel *w, uint64_t now, rill_waker *wakers,
                         uint32_t limit) {
  uint32_t count = 0;
  WheelNode *n;
  while (count < limit && (n = exec_slots_take(&w->slots, now)) != NULL) {
    Timer *t = (Timer *)n;
    wakers[count++] = t->waker;
    t->waker.type = NULL;
    // Release: its future may go away as soon as it sees this.
    atomic_store_explicit(&t->state, TIMER_FIRED, memory_order_release);
  }
  atomic_fetch_sub_explicit(&w->count, count, memory_order_relaxed);
  return count;
}

uint32_t exec_wheel_turn(Wheel *w, uint64_t now) {
  if (exec_wheel_next(w) > now) return 0;
  enum { BATCH = 32 };
  rill_waker wakers[BATCH];
  uint32_t fired = 0, count;
  uv_mutex_lock(&w->lock);
  while ((count = take_due(w, now, wakers, BATCH)) > 0) {
    fired += count;
    uv_mutex_unlock(&w->lock);
    for (uint32_t i = 0; i < count; i++)
      rill_waker_wake(&wakers[i]);
    uv_mutex_lock(&w->lock);
  }
  publish_next(w);
  uv_mutex_unlock(&w->lock);
  return fired;
}

void exec_wheel_destroy(Wheel *w) {
  WheelNode *n;
  while ((n = exec_slots_take_any(&w->slots)) != NULL) {
    Timer *t = (Timer *)n;
    rill_waker_release(&t->waker);
    atomic_store_explicit(&t->state, TIMER_IDLE, memory_order_release);
  }
  uv_mutex_destroy(&w->lock);
}
