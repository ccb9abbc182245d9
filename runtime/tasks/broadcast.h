// SPDX-License-Identifier: MIT
// rill:internal/broadcast: which isolates of the process listen to
// BroadcastChannels. Each joins with the sender of one channel of its own; the
// list has a lock, everything else is done by the isolate that asks.
#ifndef RILL_RUNTIME_TASKS_BROADCAST_H
#define RILL_RUNTIME_TASKS_BROADCAST_H

#include "runtime/runtime.h"

// The isolate is about to go.
void rt_broadcast_leave(Runtime *);

#endif
