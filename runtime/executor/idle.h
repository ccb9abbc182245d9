// SPDX-License-Identifier: MIT
// Who sleeps, and whom to wake. At most half of the workers search for work to
// steal, and work that turns up wakes a worker only when none is searching: the
// last searcher to find something wakes the next one. So no wake-up is lost and
// none is wasted.
#ifndef RILL_EXECUTOR_IDLE_H
#define RILL_EXECUTOR_IDLE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

typedef struct Idle {
  // Awake workers in the high half, searching ones (awake, too) in the low one.
  // Sequentially consistent: a worker leaves `searching` and then looks at the
  // queues; who queues work looks at `searching` afterwards. One of the two
  // sees the other.
  _Atomic uint32_t state;
  uint32_t workers;
  uv_mutex_t lock;
  uint32_t sleeping; // under the lock, like:
  uint32_t *sleepers;
} Idle;

// 0, or a libuv error. All workers begin awake.
int exec_idle_init(Idle *, uint32_t workers);
void exec_idle_destroy(Idle *);
// The worker to be woken for new work, counted as searching from now on; -1:
// none has to be.
int exec_idle_worker_to_notify(Idle *);
// The worker is about to sleep. It must look at all queues once more.
void exec_idle_sleep(Idle *, uint32_t worker, bool searching);
// May this worker search?
bool exec_idle_start_search(Idle *);
// True: it was the last one searching.
bool exec_idle_stop_search(Idle *);
// Marks a sleeper as awake, not searching. False: it was not asleep.
bool exec_idle_wake(Idle *, uint32_t worker);
bool exec_idle_is_sleeping(Idle *, uint32_t worker);

#endif
