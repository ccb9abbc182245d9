// SPDX-License-Identifier: MIT
// Measuring tasks: how often each was resumed and how long that took. Off until
// somebody watches (rill top): then each job reads the clock twice.
#ifndef RILL_TRACE_ACCOUNTS_H
#define RILL_TRACE_ACCOUNTS_H

#include "runtime/trace/snapshot.h"

// Resumptions that took less than 2^i microseconds; the last: all longer ones.
enum { TRACE_POLL_BUCKETS = 20 };

// Starts measuring; on the isolate's thread. False: out of memory.
bool trace_measure(Runtime *);
bool trace_is_measuring(const Runtime *);
void trace_accounts_free(Runtime *);
// Fills in what is known of the task.
void trace_account_read(TraceSnapshot *, Runtime *, TraceTask *);
// The isolate's busy time since the last time; accounts of tasks that are gone
// are dropped.
void trace_account_busy(TraceSnapshot *, Runtime *);
// A turn of the loop that took so long.
void trace_account_turn(Runtime *, uint64_t nanoseconds);

#endif
