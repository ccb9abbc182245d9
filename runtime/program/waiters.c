// SPDX-License-Identifier: MIT
// Promises of Atomics.waitAsync in the loop: a timer for their timeouts, the
// loop's wake handle for notifications by other threads. The loop stays alive
// while one is pending.
#include <math.h>

#include "runtime/runtime.h"
#include "vm/builtins/atomics_wait.h"

// Without a timeout the timer only keeps the loop alive.
#define LONG_MILLISECONDS 3600000.0

static void wake_loop(void *data) {
  rt_wake(data);
}

static void on_timeout(uv_timer_t *timer) {
  Runtime *rt = timer->data;
  rt->waiters_due = 0;
  rt_enter(rt);
  vm_atomics_settle(rt->isolate);
  rt_leave(rt, VALUE_UNDEFINED);
}

void rt_waiters_init(Runtime *rt) {
  uv_timer_init(&rt->loop, &rt->waiters_timer);
  rt->waiters_timer.data = rt;
}

void rt_waiters_listen(Runtime *rt) {
  vm_atomics_set_wake(rt->isolate, wake_loop, rt);
}

void rt_waiters_close(Runtime *rt) {
  // Nobody may touch the wake handle from now on.
  vm_atomics_set_wake(rt->isolate, NULL, NULL);
}

void rt_waiters_arm(Runtime *rt) {
  // Whoever runs the loop later gets the error.
  if (!rt_need_loop(rt)) return;
  if (rt->isolate->async_waiters == 0) {
    uv_timer_stop(&rt->waiters_timer);
    rt->waiters_due = 0;
    return;
  }
  double left = fmin(vm_atomics_next_timeout(rt->isolate), LONG_MILLISECONDS);
  double due = (double)uv_hrtime() / 1e6 + left;
  // Starting it anew would put it behind timers that keep coming.
  if (rt->waiters_due != 0 && due > rt->waiters_due - 0.5) return;
  rt->waiters_due = due;
  uv_update_time(&rt->loop);
  uv_timer_start(&rt->waiters_timer, on_timeout, (uint64_t)ceil(left), 0);
}
