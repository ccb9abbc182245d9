// SPDX-License-Identifier: MIT
// Work in bulk on the isolate's account: copying, filling, searching, big
// allocations. Where vm_poll may not be called (the caller holds what a
// safepoint could change), or would cost too much, the work is charged, and the
// next back-edge, call or vm_poll answers for it.
#ifndef RILL_VM_OBJECTS_CHARGE_H
#define RILL_VM_OBJECTS_CHARGE_H

#include <stdatomic.h>

#include "vm/objects/isolate.h"

// A step of fuel is about a loop turn: this many units of bulk work.
enum { CHARGE_UNITS = 64, CHARGE_FROM = 1024 };

static inline void vm_charge_bulk(Isolate *iso, size_t units) {
  if (units < CHARGE_FROM) return;
  size_t steps = units / CHARGE_UNITS;
  int32_t charge = steps > 1 << 20 ? 1 << 20 : (int32_t)steps;
  int32_t budget = atomic_load_explicit(&iso->budget, memory_order_relaxed);
  // Far below zero there is nothing to add.
  if (budget > INT32_MIN / 2)
    atomic_store_explicit(&iso->budget, budget - charge, memory_order_relaxed);
}

#endif
