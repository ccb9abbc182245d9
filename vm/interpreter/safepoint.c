// SPDX-License-Identifier: MIT
// Safepoints: what happens when the budget of back-edges and calls is used up.
#include "vm/interpreter/jobs.h"
#include "vm/interpreter/optimized.h"
#include "vm/interpreter/run.h"
#include "vm/objects/charge.h"
#include "vm/objects/throw.h"

void vm_request_interrupt(Isolate *iso, uint32_t interrupt) {
  atomic_fetch_or_explicit(&iso->interrupt, interrupt, memory_order_release);
  // Below zero there are charges that would be lost.
  int32_t budget = atomic_load_explicit(&iso->budget, memory_order_relaxed);
  while (budget > 0 && !atomic_compare_exchange_weak_explicit(
                           &iso->budget, &budget, 0, memory_order_release,
                           memory_order_relaxed))
    continue;
}

static const char terminated[] = "Script execution was terminated";
static const char out_of_fuel[] = "Script ran out of fuel";
static const char timed_out[] = "Script execution timed out";

// Ends the script by an exception that no handler sees.
static bool terminate(Isolate *iso, const char *why) {
  vm_throw_error(iso, ERROR_ERROR, "%s", why);
  iso->terminating = true;
  return false;
}

static bool is_past_deadline(const Isolate *iso) {
  return iso->deadline_nanoseconds != 0 && iso->hooks != NULL &&
         iso->hooks->monotonic_nanoseconds != NULL &&
         iso->hooks->monotonic_nanoseconds(iso->host) >=
             iso->deadline_nanoseconds;
}

// NULL: no limit has been reached.
static const char *reason_to_end(const Isolate *iso) {
  uint32_t interrupt =
      atomic_load_explicit(&iso->interrupt, memory_order_acquire);
  if ((interrupt & INTERRUPT_TERMINATE) ||
      atomic_load_explicit(&iso->is_stopped, memory_order_relaxed))
    return terminated;
  int32_t left = atomic_load_explicit(&iso->budget, memory_order_relaxed);
  if (iso->fuel >= 0 && (int64_t)iso->budget_given - left >= iso->fuel)
    return out_of_fuel;
  return is_past_deadline(iso) ? timed_out : NULL;
}

bool vm_is_to_end(const Isolate *iso) {
  return !iso->terminating && reason_to_end(iso) != NULL;
}

bool vm_ends(Isolate *iso) {
  const char *why = iso->terminating ? NULL : reason_to_end(iso);
  if (why == NULL) return false;
  if (why == terminated)
    atomic_fetch_and_explicit(&iso->interrupt, ~(uint32_t)INTERRUPT_TERMINATE,
                              memory_order_relaxed);
  if (why == out_of_fuel) iso->fuel = 0;
  return !terminate(iso, why);
}

static bool may_work(void *data) {
  const Isolate *iso = data;
  return iso->frame == NULL || !vm_is_to_end(iso);
}

WorkWatch vm_work_watch(Isolate *iso) {
  return (WorkWatch){may_work, iso};
}

bool vm_goes_on(Isolate *iso) {
  // What the host does between scripts is its own.
  if (iso->frame == NULL || iso->terminating) return true;
  if (vm_ends(iso)) return false;
  // Without a safepoint, loops that ask at every step would do so from now on.
  // What else waits for one must not wait longer.
  if (atomic_load_explicit(&iso->interrupt, memory_order_relaxed) == 0) {
    int32_t left = atomic_exchange_explicit(&iso->budget, iso->budget_given,
                                            memory_order_acq_rel);
    if (iso->fuel >= 0) iso->fuel -= (int64_t)iso->budget_given - left;
  }
  return true;
}

bool vm_charge_long(Isolate *iso, size_t units) {
  vm_charge_bulk(iso, units);
  return likely(atomic_load_explicit(&iso->budget, memory_order_relaxed) > 0) ||
         vm_goes_on(iso);
}

bool vm_safepoint(Isolate *iso) {
  int32_t period = SAFEPOINT_BUDGET;
  if (iso->jit != NULL) {
    iso->budget_jitter = iso->budget_jitter * 1664525 + 1013904223;
    period = iso->jit_hooks->period;
    period += (int32_t)((uint64_t)iso->budget_jitter * (uint32_t)period >> 34);
  }
  int32_t left =
      atomic_exchange_explicit(&iso->budget, period, memory_order_acq_rel);
  int64_t used = (int64_t)iso->budget_given - left;
  iso->budget_given = period;
  if (iso->jit != NULL && iso->frame != NULL) vm_heat(iso, iso->frame);
  uint32_t interrupt =
      atomic_exchange_explicit(&iso->interrupt, 0, memory_order_acq_rel);
  if (interrupt & INTERRUPT_GC) gc_safepoint(iso->heap);
  if (unlikely(iso->finalizers_pending)) vm_schedule_finalizers(iso);
  if ((interrupt & INTERRUPT_JIT) && iso->jit != NULL)
    iso->jit_hooks->install(iso);
  if ((interrupt & INTERRUPT_TERMINATE) ||
      unlikely(atomic_load_explicit(&iso->is_stopped, memory_order_relaxed)))
    return terminate(iso, terminated);
  if (interrupt & INTERRUPT_HOST) {
    if (iso->hooks != NULL && iso->hooks->on_interrupt != NULL &&
        !iso->hooks->on_interrupt(iso->host, iso))
      return terminate(iso, terminated);
  }
  if (iso->fuel >= 0) {
    iso->fuel = iso->fuel > used ? iso->fuel - used : 0;
    if (iso->fuel == 0) return terminate(iso, out_of_fuel);
  }
  if (is_past_deadline(iso)) return terminate(iso, timed_out);
  if ((interrupt & INTERRUPT_OUT_OF_MEMORY) ||
      ((interrupt & INTERRUPT_HEAP_FULL) && !gc_has_room(iso->heap))) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  return true;
}
