// SPDX-License-Identifier: MIT
// Leaf futures: those that really wait, for a lock, a message or a time.
#ifndef RILL_EXECUTOR_LEAF_H
#define RILL_EXECUTOR_LEAF_H

#include "rill/future.h"

// What the poll of one begins with: the running task waits for it, as far as
// dumps can know, and the budget is asked. False: return RILL_PENDING.
bool exec_leaf_proceed(const rill_future *, rill_context *);

#endif
