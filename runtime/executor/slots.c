// SPDX-License-Identifier: MIT
// A node sits on the level of the highest 6-bit digit in which its tick differs
// from `elapsed`; when time reaches that slot, the slot's nodes move to lower
// levels, at the lowest they are due.
#include "runtime/executor/slots.h"

#include <stddef.h>
#include <string.h>

#define WHEEL_SPAN (UINT64_C(1) << (WHEEL_LEVELS * WHEEL_BITS))

static WheelNode *head_of(WheelRing *ring) {
  return (WheelNode *)(void *)ring;
}

static void ring_init(WheelRing *ring) {
  ring->next = ring->previous = head_of(ring);
}

static bool ring_is_empty(const WheelRing *ring) {
  return (const void *)ring->next == (const void *)ring;
}

static void ring_push(WheelRing *ring, WheelNode *n) {
  n->next = head_of(ring);
  n->previous = ring->previous;
  ring->previous->next = n;
  ring->previous = n;
}

void exec_slots_init(WheelSlots *w) {
  w->elapsed = 0;
  memset(w->occupied, 0, sizeof w->occupied);
  for (uint32_t i = 0; i < WHEEL_LEVELS * WHEEL_SLOTS; i++)
    ring_init(&w->slots[i / WHEEL_SLOTS][i % WHEEL_SLOTS]);
  ring_init(&w->due);
}

static uint32_t level_of(uint64_t elapsed, uint64_t when) {
  uint64_t differ = (elapsed ^ when) | (WHEEL_SLOTS - 1);
  if (differ >= WHEEL_SPAN) differ = WHEEL_SPAN - 1;
  return (63 - (uint32_t)__builtin_clzll(differ)) / WHEEL_BITS;
}

static void place(WheelSlots *w, WheelNode *n) {
  uint32_t level = level_of(w->elapsed, n->when);
  uint32_t slot = n->when >> (level * WHEEL_BITS) & (WHEEL_SLOTS - 1);
  ring_push(&w->slots[level][slot], n);
  w->occupied[level] |= UINT64_C(1) << slot;
}

void exec_slots_add(WheelSlots *w, WheelNode *n, uint64_t when) {
  n->when = when > w->elapsed ? when : w->elapsed;
  place(w, n);
}

void exec_slots_remove(WheelSlots *w, WheelNode *n) {
  WheelNode *next = n->next;
  n->previous->next = next;
  next->previous = n->previous;
  if (next->next != next) return;
  // The head alone is left.
  ptrdiff_t i = (WheelRing *)(void *)next - &w->slots[0][0];
  if (i >= 0 && i < WHEEL_LEVELS * WHEEL_SLOTS)
    w->occupied[i / WHEEL_SLOTS] &= ~(UINT64_C(1) << i % WHEEL_SLOTS);
}

// The next slot to come up: its tick, level and number. WHEEL_NEVER: none.
static uint64_t next_slot(const WheelSlots *w, uint32_t *level,
                          uint32_t *slot) {
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

uint64_t exec_slots_next(const WheelSlots *w) {
  uint32_t level, slot;
  return ring_is_empty(&w->due) ? next_slot(w, &level, &slot) : w->elapsed;
}

// Moves the slot's nodes to `due` or to lower levels.
static void open_slot(WheelSlots *w, uint32_t level, uint32_t slot) {
  WheelRing *ring = &w->slots[level][slot];
  WheelNode *n = ring->next;
  w->occupied[level] &= ~(UINT64_C(1) << slot);
  if (level == 0 && n != head_of(ring)) { // all of one tick
    WheelNode *last = ring->previous;
    n->previous = w->due.previous;
    w->due.previous->next = n;
    last->next = head_of(&w->due);
    w->due.previous = last;
    ring_init(ring);
    return;
  }
  ring_init(ring);
  while (n != head_of(ring)) {
    WheelNode *next = n->next;
    if (n->when <= w->elapsed)
      ring_push(&w->due, n);
    else
      place(w, n);
    n = next;
  }
}

WheelNode *exec_slots_first(WheelSlots *w, uint64_t now) {
  while (ring_is_empty(&w->due)) {
    uint32_t level = 0, slot = 0;
    uint64_t when = next_slot(w, &level, &slot);
    if (when > now) {
      if (w->elapsed < now) w->elapsed = now;
      return NULL;
    }
    w->elapsed = when;
    open_slot(w, level, slot);
  }
  return w->due.next;
}

WheelNode *exec_slots_take(WheelSlots *w, uint64_t now) {
  WheelNode *n = exec_slots_first(w, now);
  if (n != NULL) exec_slots_remove(w, n);
  return n;
}

WheelNode *exec_slots_take_any(WheelSlots *w) {
  WheelRing *ring = ring_is_empty(&w->due) ? NULL : &w->due;
  for (uint32_t l = 0; ring == NULL && l < WHEEL_LEVELS; l++) {
    if (w->occupied[l] != 0)
      ring = &w->slots[l][__builtin_ctzll(w->occupied[l])];
  }
  if (ring == NULL) return NULL;
  WheelNode *n = ring->next;
  exec_slots_remove(w, n);
  return n;
}

// The first of the rings from this one on; `due` comes after the slots.
static WheelNode *first_from(WheelSlots *w, size_t ring) {
  WheelRing *slots = &w->slots[0][0];
  for (; ring < WHEEL_LEVELS * WHEEL_SLOTS; ring++) {
    if (!ring_is_empty(&slots[ring])) return slots[ring].next;
  }
  return ring_is_empty(&w->due) ? NULL : w->due.next;
}

WheelNode *exec_slots_after(WheelSlots *w, WheelNode *n) {
  if (n == NULL) return first_from(w, 0);
  WheelRing *next = (WheelRing *)(void *)n->next;
  if (next == &w->due) return NULL;
  WheelRing *slots = &w->slots[0][0];
  bool is_head = next >= slots && next < slots + WHEEL_LEVELS * WHEEL_SLOTS;
  return is_head ? first_from(w, (size_t)(next - slots) + 1) : n->next;
}

size_t exec_slots_count(WheelSlots *w) {
  size_t count = 0;
  for (WheelNode *n = NULL; (n = exec_slots_after(w, n)) != NULL;)
    count++;
  return count;
}
