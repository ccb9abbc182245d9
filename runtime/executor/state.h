// SPDX-License-Identifier: MIT
// The state word of a task: flags and the reference count in one atomic, so
// that each transition is one compare-and-swap. Who holds references: the list
// of owned tasks (until the task has ended), the queue (one while NOTIFIED is
// set and the task is not running; the worker takes it over to run), the join
// handle, abort handles, and every waker.
//
//   idle -> NOTIFIED -> RUNNING -> idle          (pending)
//                          |-----> COMPLETE      (ready, or aborted)
//   RUNNING + NOTIFIED: woken while it ran; goes back to the queue.
//
// Orderings: acquire-release on every successful transition, so that whoever
// takes RUNNING sees what the last poll wrote, and whoever sees COMPLETE sees
// the result.
#ifndef RILL_EXECUTOR_STATE_H
#define RILL_EXECUTOR_STATE_H

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum {
  TASK_RUNNING = 1,
  TASK_COMPLETE = 2,
  TASK_NOTIFIED = 4,
  TASK_JOIN_INTEREST = 8, // a join handle exists
  // The join waker's slot: belongs to the handle while clear, to the task's
  // completion while set.
  TASK_JOIN_WAKER = 16,
  TASK_CANCELLED = 32, // aborted; stays set
  TASK_REFERENCE = 64,
};

typedef _Atomic uint64_t TaskState;

static inline uint64_t state_load(const TaskState *s) {
  return atomic_load_explicit(s, memory_order_acquire);
}
static inline uint64_t state_references(uint64_t value) {
  return value / TASK_REFERENCE;
}
static inline bool state_swap(TaskState *s, uint64_t *seen, uint64_t next) {
  return atomic_compare_exchange_weak_explicit(
      s, seen, next, memory_order_acq_rel, memory_order_acquire);
}

static inline void state_retain(TaskState *s) {
  // Relaxed: whoever retains holds a reference already.
  atomic_fetch_add_explicit(s, TASK_REFERENCE, memory_order_relaxed);
}
// True: that was the last reference.
static inline bool state_release(TaskState *s, uint64_t count) {
  uint64_t before = atomic_fetch_sub_explicit(s, count * TASK_REFERENCE,
                                              memory_order_acq_rel);
  assert(state_references(before) >= count);
  return state_references(before) == count;
}

// A worker took the task from a queue. True: it was aborted, wind it up.
static inline bool state_to_running(TaskState *s) {
  uint64_t seen = state_load(s);
  do {
    assert((seen & TASK_NOTIFIED) && !(seen & (TASK_RUNNING | TASK_COMPLETE)));
  } while (
      !state_swap(s, &seen, (seen | TASK_RUNNING) & ~(uint64_t)TASK_NOTIFIED));
  return (seen & TASK_CANCELLED) != 0;
}

typedef enum IdleDecision {
  IDLE_WAIT,      // the queue's reference was given up
  IDLE_AGAIN,     // it was woken: goes back to the queue, with the reference
  IDLE_CANCELLED, // it was aborted, and still runs
} IdleDecision;
// The poll returned pending. `see_cancel`: an abort is to be answered now.
static inline IdleDecision state_to_idle(TaskState *s, bool see_cancel) {
  uint64_t seen = state_load(s), next;
  IdleDecision decision;
  do {
    assert(seen & TASK_RUNNING);
    if (see_cancel && (seen & TASK_CANCELLED)) return IDLE_CANCELLED;
    next = seen & ~(uint64_t)TASK_RUNNING;
    decision = IDLE_AGAIN;
    if (!(seen & TASK_NOTIFIED)) {
      // Never the last one: the list of owned tasks holds one until the end.
      next -= TASK_REFERENCE;
      decision = IDLE_WAIT;
    }
  } while (!state_swap(s, &seen, next));
  return decision;
}

// The task has ended: the state after it.
static inline uint64_t state_to_complete(TaskState *s) {
  uint64_t before = atomic_fetch_xor_explicit(s, TASK_RUNNING | TASK_COMPLETE,
                                              memory_order_acq_rel);
  assert((before & TASK_RUNNING) && !(before & TASK_COMPLETE));
  return before ^ (TASK_RUNNING | TASK_COMPLETE);
}

typedef enum WakeDecision {
  WAKE_NOTHING,
  WAKE_FREE,   // the waker's reference was the last one
  WAKE_SUBMIT, // to be queued, with a reference
} WakeDecision;
// The waker's reference is used up: given up, or handed to the queue.
static inline WakeDecision state_wake_by_value(TaskState *s) {
  uint64_t seen = state_load(s), next;
  WakeDecision decision;
  do {
    if (seen & (TASK_COMPLETE | TASK_NOTIFIED)) {
      next = seen - TASK_REFERENCE;
      decision = state_references(next) == 0 ? WAKE_FREE : WAKE_NOTHING;
    } else if (seen & TASK_RUNNING) {
      next = (seen | TASK_NOTIFIED) - TASK_REFERENCE;
      decision = WAKE_NOTHING;
    } else {
      next = seen | TASK_NOTIFIED;
      decision = WAKE_SUBMIT;
    }
  } while (!state_swap(s, &seen, next));
  return decision;
}
static inline WakeDecision state_wake_by_ref(TaskState *s) {
  uint64_t seen = state_load(s), next;
  WakeDecision decision;
  do {
    if (seen & (TASK_COMPLETE | TASK_NOTIFIED)) return WAKE_NOTHING;
    next = seen | TASK_NOTIFIED;
    decision = WAKE_NOTHING;
    if (!(seen & TASK_RUNNING)) {
      next += TASK_REFERENCE;
      decision = WAKE_SUBMIT;
    }
  } while (!state_swap(s, &seen, next));
  return decision;
}
// Abort: marks the task, and wakes it so that a worker winds it up.
static inline WakeDecision state_cancel(TaskState *s) {
  uint64_t seen = state_load(s), next;
  WakeDecision decision;
  do {
    if (seen & (TASK_CANCELLED | TASK_COMPLETE)) return WAKE_NOTHING;
    next = seen | TASK_CANCELLED | TASK_NOTIFIED;
    decision = WAKE_NOTHING;
    if (!(seen & (TASK_RUNNING | TASK_NOTIFIED))) {
      next += TASK_REFERENCE;
      decision = WAKE_SUBMIT;
    }
  } while (!state_swap(s, &seen, next));
  return decision;
}

// The join handle stored its waker. False: the task has ended meanwhile, and
// the slot still belongs to the handle.
static inline bool state_set_join_waker(TaskState *s) {
  uint64_t seen = state_load(s);
  do {
    assert((seen & TASK_JOIN_INTEREST) && !(seen & TASK_JOIN_WAKER));
    if (seen & TASK_COMPLETE) return false;
  } while (!state_swap(s, &seen, seen | TASK_JOIN_WAKER));
  return true;
}
// The join handle takes its slot back. False: the task has ended meanwhile.
static inline bool state_take_join_waker(TaskState *s) {
  uint64_t seen = state_load(s);
  do {
    if (seen & TASK_COMPLETE) return false;
  } while (!state_swap(s, &seen, seen & ~(uint64_t)TASK_JOIN_WAKER));
  return true;
}
// The completion has woken the handle. The state after it: without
// TASK_JOIN_INTEREST the waker is now the completion's to release.
static inline uint64_t state_join_woken(TaskState *s) {
  return atomic_fetch_and_explicit(s, ~(uint64_t)TASK_JOIN_WAKER,
                                   memory_order_acq_rel) &
         ~(uint64_t)TASK_JOIN_WAKER;
}
// The join handle goes away. *owns_output: the result is the handle's to drop;
// *owns_waker: the same for what is in the waker's slot.
static inline void state_drop_join(TaskState *s, bool *owns_output,
                                   bool *owns_waker) {
  uint64_t seen = state_load(s), next;
  do {
    assert(seen & TASK_JOIN_INTEREST);
    next = seen & ~(uint64_t)TASK_JOIN_INTEREST;
    *owns_output = (seen & TASK_COMPLETE) != 0;
    // Before the end, clearing both flags at once takes the slot back.
    if (!*owns_output) next &= ~(uint64_t)TASK_JOIN_WAKER;
    *owns_waker = !(next & TASK_JOIN_WAKER);
  } while (!state_swap(s, &seen, next));
}

#endif
