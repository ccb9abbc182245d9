// SPDX-License-Identifier: MIT
// The semaphore that mutexes, reader-writer locks and bounded channels are made
// of.
#ifndef RILL_SYNC_SEMAPHORE_H
#define RILL_SYNC_SEMAPHORE_H

#include <stdatomic.h>
#include <uv.h>

#include "rill/sync.h"
#include "runtime/sync/wait_list.h"

struct rill_semaphore {
  _Atomic uint32_t references;
  // Permits times SEMAPHORE_PERMIT, and the flags. While somebody waits there
  // are no free permits: all go to the first who waits. The flags change under
  // the lock; permits without, as long as WAITED is clear, in the same word, so
  // that nobody overtakes.
  _Atomic uint64_t state;
  // Called when permits come back after it was closed; NULL: not needed.
  void (*returned)(rill_semaphore *);
  uv_mutex_t lock;
  WaitList waiters; // under the lock
};

enum {
  SEMAPHORE_CLOSED = 1,
  SEMAPHORE_WAITED = 2,
  SEMAPHORE_PERMIT = 4,
};

// False: out of resources.
bool sync_semaphore_init(rill_semaphore *, size_t permits);
void sync_semaphore_destroy(rill_semaphore *);

#endif
