// SPDX-License-Identifier: MIT
// The deque of a worker and the lists under locks. The deque's protocol: only
// the owner writes `tail` and the slots; everyone moves `head` by
// compare-and-swap. A thief claims a range by moving the low half of `head`,
// copies it, then brings the high half up to it; meanwhile other thieves keep
// out and the owner does not reuse those slots.
#include "runtime/executor/queue.h"

#include <assert.h>

#include "runtime/executor/executor.h"

int exec_inbox_init(Inbox *i) {
  i->first = i->last = NULL;
  atomic_init(&i->length, 0);
  return uv_mutex_init(&i->lock);
}

void exec_inbox_destroy(Inbox *i) {
  uv_mutex_destroy(&i->lock);
}

// `first` to `last` are linked already.
static void push_list(Inbox *i, Task *first, Task *last, uint32_t count) {
  last->queue_next = NULL;
  uv_mutex_lock(&i->lock);
  if (i->last == NULL)
    i->first = first;
  else
    i->last->queue_next = first;
  i->last = last;
  // Sequentially consistent: pairs with the check of a worker that has just
  // announced that it sleeps (idle.c).
  atomic_store_explicit(&i->length,
                        atomic_load_explicit(&i->length, memory_order_relaxed) +
                            count,
                        memory_order_seq_cst);
  uv_mutex_unlock(&i->lock);
}

void exec_inbox_push(Inbox *i, Task *t) {
  push_list(i, t, t, 1);
}

Task *exec_inbox_pop_list(Inbox *i, uint32_t limit) {
  if (exec_inbox_length(i) == 0 || limit == 0) return NULL;
  uv_mutex_lock(&i->lock);
  Task *first = i->first, *last = first;
  uint32_t count = first != NULL;
  while (count != 0 && count < limit && last->queue_next != NULL) {
    last = last->queue_next;
    count++;
  }
  if (count > 0) {
    i->first = last->queue_next;
    if (i->first == NULL) i->last = NULL;
    last->queue_next = NULL;
    atomic_store_explicit(
        &i->length,
        atomic_load_explicit(&i->length, memory_order_relaxed) - count,
        memory_order_relaxed);
  }
  uv_mutex_unlock(&i->lock);
  return first;
}

Task *exec_inbox_pop(Inbox *i) {
  return exec_inbox_pop_list(i, 1);
}

static uint64_t pack(uint32_t steal, uint32_t real) {
  return (uint64_t)steal << 32 | real;
}

static Task *slot_get(const Deque *d, uint32_t position) {
  return atomic_load_explicit(&d->slots[position & DEQUE_MASK],
                              memory_order_relaxed);
}

static void slot_set(Deque *d, uint32_t position, Task *t) {
  atomic_store_explicit(&d->slots[position & DEQUE_MASK], t,
                        memory_order_relaxed);
}

uint32_t exec_deque_length(const Deque *d) {
  uint64_t head = atomic_load_explicit(&d->head, memory_order_acquire);
  uint32_t tail = atomic_load_explicit(&d->tail, memory_order_acquire);
  uint32_t length = tail - (uint32_t)head;
  // The two were not read at one moment.
  return length > DEQUE_CAPACITY ? 0 : length;
}

uint32_t exec_deque_room(const Deque *d) {
  uint64_t head = atomic_load_explicit(&d->head, memory_order_acquire);
  uint32_t tail = atomic_load_explicit(&d->tail, memory_order_relaxed);
  return DEQUE_CAPACITY - (tail - (uint32_t)(head >> 32));
}

// Moves the older half and `t` to the overflow list. False: a thief was faster,
// there is room now.
static bool overflow_half(Deque *d, Task *t, uint32_t head, Inbox *overflow) {
  enum { HALF = DEQUE_CAPACITY / 2 };
  uint64_t expected = pack(head, head);
  if (!atomic_compare_exchange_strong_explicit(
          &d->head, &expected, pack(head + HALF, head + HALF),
          memory_order_acq_rel, memory_order_relaxed))
    return false;
  Task *first = slot_get(d, head), *last = first;
  for (uint32_t i = 1; i < HALF; i++) {
    last->queue_next = slot_get(d, head + i);
    last = last->queue_next;
  }
  last->queue_next = t;
  push_list(overflow, first, t, HALF + 1);
  return true;
}

bool exec_deque_push(Deque *d, Task *t, Inbox *overflow) {
  uint32_t tail = atomic_load_explicit(&d->tail, memory_order_relaxed);
  for (;;) {
    uint64_t head = atomic_load_explicit(&d->head, memory_order_acquire);
    uint32_t steal = (uint32_t)(head >> 32), real = (uint32_t)head;
    if (tail - steal < DEQUE_CAPACITY) {
      slot_set(d, tail, t);
      // Release: a thief that sees the tail sees the slot.
      atomic_store_explicit(&d->tail, tail + 1, memory_order_release);
      return false;
    }
    if (steal != real) { // there will be room soon, but we do not wait for it
      exec_inbox_push(overflow, t);
      return true;
    }
    if (overflow_half(d, t, real, overflow)) return true;
  }
}

Task *exec_deque_pop(Deque *d) {
  uint64_t head = atomic_load_explicit(&d->head, memory_order_acquire);
  uint32_t tail = atomic_load_explicit(&d->tail, memory_order_relaxed);
  uint32_t real;
  uint64_t next;
  do {
    uint32_t steal = (uint32_t)(head >> 32);
    real = (uint32_t)head;
    if (real == tail) return NULL;
    next = steal == real ? pack(real + 1, real + 1) : pack(steal, real + 1);
  } while (!atomic_compare_exchange_weak_explicit(
      &d->head, &head, next, memory_order_acq_rel, memory_order_acquire));
  return slot_get(d, real);
}

// Claims half of `from` and copies it behind `to_tail`. How many.
static uint32_t claim_half(Deque *from, Deque *to, uint32_t to_tail) {
  uint64_t head = atomic_load_explicit(&from->head, memory_order_acquire);
  uint64_t next;
  uint32_t first, count;
  do {
    uint32_t steal = (uint32_t)(head >> 32);
    first = (uint32_t)head;
    if (steal != first) return 0; // another thief is at work
    uint32_t tail = atomic_load_explicit(&from->tail, memory_order_acquire);
    count = tail - first;
    count -= count / 2;
    if (count == 0 || count > DEQUE_CAPACITY / 2) return 0;
    next = pack(steal, first + count);
  } while (!atomic_compare_exchange_weak_explicit(
      &from->head, &head, next, memory_order_acq_rel, memory_order_acquire));
  for (uint32_t i = 0; i < count; i++) {
    slot_set(to, to_tail + i, slot_get(from, first + i));
  }
  // The owner may have popped meanwhile, which moved the low half.
  head = next;
  do {
    uint32_t real = (uint32_t)head;
    next = pack(real, real);
  } while (!atomic_compare_exchange_weak_explicit(
      &from->head, &head, next, memory_order_acq_rel, memory_order_acquire));
  return count;
}

Task *exec_deque_steal(Deque *from, Deque *to, uint32_t *count) {
  uint32_t tail = atomic_load_explicit(&to->tail, memory_order_relaxed);
  uint64_t head = atomic_load_explicit(&to->head, memory_order_acquire);
  *count = 0;
  // A thief of ours may still be copying: there might be no room.
  if (tail - (uint32_t)(head >> 32) > DEQUE_CAPACITY / 2) return NULL;
  uint32_t claimed = claim_half(from, to, tail);
  if (claimed == 0) return NULL;
  *count = claimed;
  Task *t = slot_get(to, tail + claimed - 1);
  if (claimed > 1)
    atomic_store_explicit(&to->tail, tail + claimed - 1, memory_order_release);
  return t;
}
