// SPDX-License-Identifier: MIT
// Work in bulk on the isolate's account: copying, filling, searching, big
// allocations. Where vm_poll may not be called (the caller holds what a
// safepoint could change), vm_charge ends the script before the work, or
// between its parts; where nothing can fail, the work is charged, and the next
// back-edge, call or vm_poll answers for it.
#ifndef RILL_VM_OBJECTS_CHARGE_H
#define RILL_VM_OBJECTS_CHARGE_H

#include <stdatomic.h>

#include "vm/objects/isolate.h"
#include "vm/objects/string.h"
#include "vm/work_watch.h"

// A step of fuel is about a loop turn: this many units of bulk work. A unit of
// text costs ICU what CHARGE_ICU units cost whoever copies them.
enum { CHARGE_UNITS = 64, CHARGE_FROM = 1024, CHARGE_ICU = 8 };

static inline void vm_charge_bulk(Isolate *iso, size_t units) {
  if (units < CHARGE_FROM) return;
  size_t steps = units / CHARGE_UNITS;
  int32_t charge = steps > 1 << 28 ? 1 << 28 : (int32_t)steps;
  int32_t budget = atomic_load_explicit(&iso->budget, memory_order_relaxed);
  // Far below zero there is nothing to add.
  if (budget > INT32_MIN / 2)
    atomic_store_explicit(&iso->budget, budget - charge, memory_order_relaxed);
}

// Has a limit been reached: is the script terminated, past its deadline or out
// of fuel? Throws nothing.
bool vm_is_to_end(const Isolate *);
// The same, and if so it threw, uncatchably.
bool vm_ends(Isolate *);
// True, unless a script runs and is to end: then it threw. Runs no script and
// no handshake.
bool vm_goes_on(Isolate *) VM_CHECKED;

// For work of layers that know no isolate: objects when vm_goes_on would be
// false. What comes of it asks that before it reports that memory is out.
WorkWatch vm_work_watch(Isolate *);

bool vm_charge_long(Isolate *, size_t units) VM_CHECKED;
// Charges work that is about to be done. False: it is not to be done, threw.
VM_CHECKED static inline bool vm_charge(Isolate *iso, size_t units) {
  return likely(units < CHARGE_FROM) || vm_charge_long(iso, units);
}

// The flat units of a string that is about to be read from one end to the
// other. False: threw.
VM_CHECKED static inline bool vm_string_read(Isolate *iso, String *s,
                                             StringView *out) {
  return vm_string_view(iso, s, out) && vm_charge(iso, out->length);
}

// The same for a step of a loop or a recursion.
VM_CHECKED static inline bool vm_step(Isolate *iso) {
  int32_t budget = atomic_load_explicit(&iso->budget, memory_order_relaxed) - 1;
  if (likely(budget > 0)) {
    atomic_store_explicit(&iso->budget, budget, memory_order_relaxed);
    return true;
  }
  if (budget > INT32_MIN / 2)
    atomic_store_explicit(&iso->budget, budget, memory_order_relaxed);
  return vm_goes_on(iso);
}

#endif
