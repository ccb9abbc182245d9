// SPDX-License-Identifier: MIT
// Putting a thread to sleep and waking it. A Parker is one thread's: a worker
// sleeps on a condition variable, which is cheap to wake, or, when its loop has
// handles, in the loop. A ThreadWaker is what a thread that waits for a future
// is woken by.
#ifndef RILL_EXECUTOR_PARKER_H
#define RILL_EXECUTOR_PARKER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "rill/future.h"
#include "runtime/executor/loop_waker.h"

typedef struct Parker {
  // EMPTY, NOTIFIED, or where the thread sleeps. Whoever notifies swaps
  // NOTIFIED in and wakes what was there, so a notification that comes before
  // the sleep is not lost. Acquire-release: what was written before a
  // notification is seen after the sleep.
  _Atomic uint32_t state;
  uv_mutex_t lock;
  uv_cond_t wake;
  // Where it sleeps IN_LOOP, or NULL: set by its thread, under the lock, so
  // that it stays while somebody wakes it.
  LoopWaker *loop_waker;
} Parker;

#define PARK_FOREVER UINT64_MAX

int exec_parker_init(Parker *);
void exec_parker_destroy(Parker *);
// Sleeps until notified or the time is over; may return early.
void exec_park(Parker *, uint64_t nanoseconds);
// For sleeping in a loop: true: sleep now, notifications go to its waker;
// false: it was notified. Afterwards exec_park_end.
bool exec_park_begin(Parker *, LoopWaker *);
void exec_park_end(Parker *);
// Before the waker of the loop is closed: nobody uses it from here on.
void exec_park_forget(Parker *);
// Any thread.
void exec_unpark(Parker *);

typedef struct ThreadWaker ThreadWaker;
// A reference for the caller; NULL: out of memory.
ThreadWaker *exec_thread_waker_new(void);
rill_waker exec_thread_waker(ThreadWaker *); // borrowed
void exec_thread_waker_release(ThreadWaker *);
// Was it woken since the last time this was asked?
bool exec_thread_waker_take(ThreadWaker *);
// Sleeps until woken; takes. False: the time is over.
bool exec_thread_waker_sleep(ThreadWaker *, uint64_t nanoseconds);
// Also unparks this when it is woken. Before the waker is given away; NULL ends
// it, at any time.
void exec_thread_waker_attach(ThreadWaker *, Parker *);

#endif
