// SPDX-License-Identifier: MIT
// The slots of a timing wheel: six levels of 64, a tick each at the lowest
// level. Adding, removing and taking what is due take constant time, and a node
// is part of what waits. Nodes of one tick come out in the order in which they
// went in. No locks: the executor's wheels add theirs (wheel.h), a program's
// timers need none.
#ifndef RILL_EXECUTOR_SLOTS_H
#define RILL_EXECUTOR_SLOTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WHEEL_LEVELS = 6, WHEEL_BITS = 6, WHEEL_SLOTS = 1 << WHEEL_BITS };
#define WHEEL_NEVER UINT64_MAX

typedef struct WheelNode {
  struct WheelNode *next, *previous; // in a ring with the slot's head
  uint64_t when;                     // tick
} WheelNode;
typedef struct WheelRing {
  WheelNode *next, *previous; // as a node's
} WheelRing;

typedef struct WheelSlots {
  uint64_t elapsed; // ticks that are over
  uint64_t occupied[WHEEL_LEVELS];
  WheelRing slots[WHEEL_LEVELS][WHEEL_SLOTS];
  WheelRing due; // found, not yet taken
} WheelSlots;

void exec_slots_init(WheelSlots *);
// A tick that is over counts as the last one that is.
void exec_slots_add(WheelSlots *, WheelNode *, uint64_t when);
void exec_slots_remove(WheelSlots *, WheelNode *);
// The tick to look again at: of the first node or, while that is far away,
// earlier. WHEEL_NEVER: there are none.
uint64_t exec_slots_next(const WheelSlots *);
// The first node that is due at tick `now`, or NULL; and the same, taken out.
WheelNode *exec_slots_first(WheelSlots *, uint64_t now);
WheelNode *exec_slots_take(WheelSlots *, uint64_t now);
// Any node, taken out; or NULL.
WheelNode *exec_slots_take_any(WheelSlots *);

// For those who list them: the node after this one in no order, or the first;
// how many there are, by counting.
WheelNode *exec_slots_after(WheelSlots *, WheelNode *or_null);
size_t exec_slots_count(WheelSlots *);

#endif
