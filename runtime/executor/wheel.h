// SPDX-License-Identifier: MIT
// A hierarchical timing wheel: six levels of 64 slots, a millisecond each at
// the lowest level. Arming, cancelling and firing take constant time whatever
// the number of timers, and a timer is a node inside of the future that sleeps:
// nothing is allocated. Each worker has a wheel, which it turns; any thread may
// arm and cancel, under the wheel's lock.
#ifndef RILL_EXECUTOR_WHEEL_H
#define RILL_EXECUTOR_WHEEL_H

#include <stdatomic.h>
#include <uv.h>

#include "rill/future.h"

enum {
  WHEEL_LEVELS = 6,
  WHEEL_BITS = 6,
  WHEEL_SLOTS = 1 << WHEEL_BITS,
  WHEEL_TICK_NANOSECONDS = 1000000
};
#define WHEEL_NEVER UINT64_MAX

typedef struct Wheel Wheel;

typedef enum TimerState { TIMER_IDLE, TIMER_ARMED, TIMER_FIRED } TimerState;
// All fields under the lock of `wheel`, but `state`, which its future may read
// without, and `wheel`, which only its future changes.
typedef struct Timer {
  struct Timer *next, **link; // *link == this
  uint64_t when;              // tick
  rill_waker waker;
  Wheel *wheel;
  _Atomic uint32_t state;
} Timer;

struct Wheel {
  uv_mutex_t lock;
  uint64_t elapsed; // ticks that are over
  uint64_t occupied[WHEEL_LEVELS];
  Timer *slots[WHEEL_LEVELS][WHEEL_SLOTS];
  Timer *due; // found, not yet fired
  _Atomic uint64_t count;
  // The tick at which to turn it next, or WHEEL_NEVER; may be earlier than the
  // first timer (a higher level is then spread over the lower ones).
  _Atomic uint64_t next;
};

int exec_wheel_init(Wheel *);
// Disarms what is left, so that nothing points here any more, and frees it.
void exec_wheel_destroy(Wheel *);
// Fires at tick `when`. True: it is now the first of the wheel. The timer must
// be idle or fired; keeps its own reference to the waker.
bool exec_wheel_arm(Wheel *, Timer *, uint64_t when, const rill_waker *);
// For an armed timer: false, and the waker replaces the one it has; true: it
// fired.
bool exec_timer_poll(Timer *, const rill_waker *);
// Idle afterwards. Nothing if it is not armed.
void exec_timer_cancel(Timer *);
// Fires what is due at tick `now`; wakes without the lock. How many fired.
uint32_t exec_wheel_turn(Wheel *, uint64_t now);
static inline uint64_t exec_wheel_next(Wheel *w) {
  return atomic_load_explicit(&w->next, memory_order_seq_cst);
}

#endif
