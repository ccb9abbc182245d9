// SPDX-License-Identifier: MIT
// C futures as promises: polled on the isolate's thread, when their waker has
// been woken, by whichever thread.
#ifndef RILL_RUNTIME_TASKS_FUTURES_H
#define RILL_RUNTIME_TASKS_FUTURES_H

#include "rill/future.h"
#include "runtime/trace/snapshot.h"

typedef struct ScriptFutureType {
  // What the promise is fulfilled with once the future is ready; EXCEPTION:
  // rejected with what is pending.
  Value (*finish)(Isolate *, rill_future *);
  // Frees what the future borrows, after it was dropped. May be NULL.
  void (*release)(rill_future *);
  bool lets_program_end; // though it waits
  // For people: what it waits for. May be NULL.
  void (*describe)(TraceSnapshot *, Runtime *, const void *future, TraceWait *);
} ScriptFutureType;

// Copies the future, which was not polled yet, with what lies behind it up to
// `size` bytes, and polls it. NULL: threw; the future was released.
Promise *rt_future_promise(Runtime *, const rill_future *, size_t size,
                           const ScriptFutureType *) VM_CHECKED;
// Drops the future behind a promise that is pending, and rejects it with the
// reason. False: there is none.
bool rt_future_cancel(Runtime *, Value promise, Value reason);

// Between the files of tasks/: polls what was woken; drops all.
void rt_futures_poll(Runtime *);
// In a simulation: how many were woken, and the one of these to be polled next.
uint32_t rt_futures_woken(const Runtime *);
void rt_futures_poll_one(Runtime *, uint32_t index);
void rt_futures_drop_all(Runtime *);

#endif
