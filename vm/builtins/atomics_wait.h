// SPDX-License-Identifier: MIT
// Agents waiting on shared memory (ECMA-262 25.4.3): one list for the process,
// under one lock. Atomics.wait blocks its thread; Atomics.waitAsync leaves a
// promise that its isolate's thread settles after a notification or a timeout.
#ifndef RILL_VM_BUILTINS_ATOMICS_WAIT_H
#define RILL_VM_BUILTINS_ATOMICS_WAIT_H

#include "vm/objects/buffer.h"
#include "vm/objects/isolate.h"

typedef enum {
  WAIT_OK,
  WAIT_NOT_EQUAL,
  WAIT_TIMED_OUT,
  WAIT_THREW, // the isolate was terminated meanwhile
} WaitResult;

// Where an agent waits: an element of shared bytes, 4 or 8 bytes wide.
typedef struct WaitLocation {
  SharedBytes *shared;
  const uint8_t *address;
  bool is_wide;
} WaitLocation;

// Blocks until notified, if the element holds `expected`; `timeout` in
// milliseconds, may be infinite. The collector does not wait for the thread.
WaitResult vm_atomics_wait(Isolate *, WaitLocation, uint64_t expected,
                           double timeout);
// The same without blocking: WAIT_OK means that *promise was made and will be
// fulfilled with "ok" or "timed-out".
WaitResult vm_atomics_wait_async(Isolate *, WaitLocation, uint64_t expected,
                                 double timeout, Value *promise);
// Wakes at most `count` waiters of the address, first come, first served.
// Returns how many.
double vm_atomics_notify(Isolate *, const uint8_t *address, double count);

// For the host's loop, on the isolate's thread ------------------------------
// Milliseconds until the next timeout, 0 if something is ready now, infinite if
// only a notification helps.
double vm_atomics_next_timeout(Isolate *);
// Settles what is ready; run jobs afterwards. Returns how many.
uint32_t vm_atomics_settle(Isolate *);
// Called on the notifying thread when a waiter of the isolate became ready, so
// that the host calls vm_atomics_settle soon. NULL: the host polls.
void vm_atomics_set_wake(Isolate *, void (*wake)(void *data), void *data);
// Drops the isolate's waiters; before it is freed.
void vm_atomics_forget(Isolate *);

#endif
