// SPDX-License-Identifier: MIT
// Turning the wheel. A timer sits on the level of the highest 6-bit digit in
// which its tick differs from `elapsed`; when the wheel reaches that slot, the
// slot's timers move to lower levels, at the lowest they fire.
#include "runtime/executor/wheel.h"

#include <string.h>

#define WHEEL_SPAN (UINT64_C(1) << (WHEEL_LEVELS * WHEEL_BITS))

int exec_wheel_init(Wheel *w) {
  memset(w, 0, sizeof *w);
  atomic_init(&w->next, WHEEL_NEVER);
  return uv_mutex_init(&w->lock);
}

static void list_push(Timer **head, Timer *t) {
  t->next = *head;
  t->link = head;
  if (*head != NULL) (*head)->link = &t->next;
  *head = t;
}

static void list_remove(Timer *t) {
  *t->link = t->next;
  if (t->next != NULL) t->next->link = t->link;
}

static uint32_t level_of(uint64_t elapsed, uint64_t when) {
  uint64_t differ = (elapsed ^ when) | (WHEEL_SLOTS - 1);
  if (differ >= WHEEL_SPAN) differ = WHEEL_SPAN - 1;
  return (63 - (uint32_t)__builtin_clzll(differ)) / WHEEL_BITS;
}

static void place(Wheel *w, Timer *t) {
  uint32_t level = level_of(w->elapsed, t->when);
  uint32_t slot = t->when >> (level * WHEEL_BITS) & (WHEEL_SLOTS - 1);
  list_push(&w->slots[level][slot], t);
  w->occupied[level] |= UINT64_C(1) << slot;
}

// The lock is held, the timer armed.
static void unplace(Wheel *w, Timer *t) {
  Timer **head = t->link;
  list_remove(t);
  Timer **slots = &w->slots[0][0];
  if (*head == NULL && head >= slots &&
      head < slots + WHEEL_LEVELS * WHEEL_SLOTS) {
    size_t i = (size_t)(head - slots);
    w->occupied[i / WHEEL_SLOTS] &= ~(UINT64_C(1) << i % WHEEL_SLOTS);
  }
  atomic_fetch_sub_explicit(&w->count, 1, memory_order_relaxed);
}

// The next slot to come up: its tick, level and number. WHEEL_NEVER: none.
static uint64_t next_slot(const Wheel *w, uint32_t *level, uint32_t *slot) {
  for (uint32_t l = 0; l < WHEEL_LEVELS; l++) {
    uint64_t occupied = w->occupied[l];
    if (occupied == 0) continue;
    uint64_t slot_ticks = UINT64_C(1) << (l * WHEEL_BITS);
    uint64_t level_ticks = slot_ticks << WHEEL_BITS;
    uint32_t here = w->elapsed >> (l * WHEEL_BITS) & (WHEEL_SLOTS - 1);
    uint64_t rotated =
        here == 0 ? occupied : occupied >> here | occupied << (64 - here);
    *slot = (here + (uint32_t)__builtin_ctzll(rotated)) & (WHEEL_SLOTS - 1);
    *level = l;
    uint64_t when = (w->elapsed & ~(level_ticks - 1)) + *slot * slot_ticks;
    // Only the highest level wraps: its slots hold what is further away, too.
    if (when < w->elapsed || (when == w->elapsed && l > 0)) when += level_ticks;
    return when;
  }
  return WHEEL_NEVER;
}

static void publish_next(Wheel *w) {
  uint32_t level, slot;
  uint64_t next = w->due != NULL ? w->elapsed : next_slot(w, &level, &slot);
  // Sequentially consistent: a worker reads it after announcing that it sleeps.
  atomic_store_explicit(&w->next, next, memory_order_seq_cst);
}

bool exec_wheel_arm(Wheel *w, Timer *t, uint64_t when,
                    const rill_waker *waker) {
  rill_waker kept = rill_waker_clone(waker);
  uv_mutex_lock(&w->lock);
  t->waker = kept;
  t->when = when > w->elapsed ? when : w->elapsed;
  t->wheel = w;
  atomic_store_explicit(&t->state, TIMER_ARMED, memory_order_relaxed);
  place(w, t);
  atomic_fetch_add_explicit(&w->count, 1, memory_order_relaxed);
  bool first = t->when < atomic_load_explicit(&w->next, memory_order_relaxed);
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
    if (armed) unplace(w, t);
    uv_mutex_unlock(&w->lock);
    if (armed) rill_waker_release(&t->waker);
  }
  atomic_store_explicit(&t->state, TIMER_IDLE, memory_order_relaxed);
}

// Moves the slot's timers to `due` or to lower levels.
static void open_slot(Wheel *w, uint32_t level, uint32_t slot) {
  Timer *t = w->slots[level][slot];
  w->slots[level][slot] = NULL;
  w->occupied[level] &= ~(UINT64_C(1) << slot);
  while (t != NULL) {
    Timer *next = t->next;
    if (t->when <= w->elapsed)
      list_push(&w->due, t);
    else
      place(w, t);
    t = next;
  }
}

// Takes up to `limit` due timers' wakers; the lock is held.
static uint32_t take_due(Wheel *w, rill_waker *wakers, uint32_t limit) {
  uint32_t count = 0;
  while (w->due != NULL && count < limit) {
    Timer *t = w->due;
    unplace(w, t);
    wakers[count++] = t->waker;
    t->waker.type = NULL;
    // Release: its future may go away as soon as it sees this.
    atomic_store_explicit(&t->state, TIMER_FIRED, memory_order_release);
  }
  return count;
}

uint32_t exec_wheel_turn(Wheel *w, uint64_t now) {
  if (exec_wheel_next(w) > now) return 0;
  enum { BATCH = 32 };
  rill_waker wakers[BATCH];
  uint32_t fired = 0, count;
  uv_mutex_lock(&w->lock);
  for (;;) {
    while (w->due == NULL) {
      uint32_t level = 0, slot = 0;
      uint64_t when = next_slot(w, &level, &slot);
      if (when > now) break;
      w->elapsed = when;
      open_slot(w, level, slot);
    }
    count = take_due(w, wakers, BATCH);
    if (count == 0) break;
    fired += count;
    uv_mutex_unlock(&w->lock);
    for (uint32_t i = 0; i < count; i++) {
      rill_waker_wake(&wakers[i]);
    }
    uv_mutex_lock(&w->lock);
  }
  if (w->elapsed < now) w->elapsed = now;
  publish_next(w);
  uv_mutex_unlock(&w->lock);
  return fired;
}

void exec_wheel_destroy(Wheel *w) {
  for (uint32_t i = 0; i < WHEEL_LEVELS * WHEEL_SLOTS; i++) {
    Timer **slot = &w->slots[i / WHEEL_SLOTS][i % WHEEL_SLOTS];
    while (*slot != NULL) {
      Timer *t = *slot;
      list_remove(t);
      rill_waker_release(&t->waker);
      atomic_store_explicit(&t->state, TIMER_IDLE, memory_order_release);
    }
  }
  uv_mutex_destroy(&w->lock);
}
