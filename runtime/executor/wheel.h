// SPDX-License-Identifier: MIT
// A worker's timers: a timing wheel (slots.h) whose ticks are milliseconds. A
// timer is a node inside of the future that sleeps: nothing is allocated. The
// worker turns its wheel; any thread may arm and cancel, under the wheel's lock.
#ifndef RILL_EXECUTOR_WHEEL_H
#define RILL_EXECUTOR_WHEEL_H

#include <stdatomic.h>
#include <uv.h>

#include "rill/future.h"
#include "runtime/executor/slots.h"

enum { WHEEL_TICK_NANOSECONDS = 1000000 };

typedef struct Wheel Wheel;

typedef enum TimerState { TIMER_IDLE, TIMER_ARMED, TIMER_FIRED } TimerState;
// All fields under the lock of `wheel`, but `state`, which its future may read
// without, and `wheel`, which only its future changes.
typedef struct Timer {
  WheelNode node;
  rill_waker waker;
  Wheel *wheel;
  _Atomic uint32_t state;
} Timer;

struct Wheel {
  uv_mutex_t lock;
  WheelSlots slots;
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
