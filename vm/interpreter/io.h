// SPDX-License-Identifier: MIT
// I/O instructions: operations that the host's runtime carries out.
//
// The runtime makes an IoRequest whose first member is IoRequestHeader, with a
// handle in use; the interpreter writes there who waits.
#ifndef RILL_VM_INTERPRETER_IO_H
#define RILL_VM_INTERPRETER_IO_H

#include "vm/interpreter/promise.h"

typedef struct IoRequestHeader {
  GcHandle waiter; // a Promise or a Fiber; in use until that is answered
} IoRequestHeader;

// IO: the promise of an operation; bad operands reject it. EXCEPTION:
// termination.
Value vm_io_submit(Isolate *, uint32_t op, uint32_t argc,
                   const Value *argv) VM_CHECKED;
// IO_AWAIT: parks a fiber on a new request. False: threw.
bool vm_io_park(Isolate *, uint32_t op, uint32_t argc, const Value *argv,
                IoRequest **out) VM_CHECKED;
// Who waits; undefined: nobody any longer.
static inline Value vm_io_waiter(const IoRequestHeader *header) {
  return header->waiter.word == NULL ? VALUE_UNDEFINED
                                     : gc_handle_word(&header->waiter);
}
void vm_io_park_fiber(Isolate *, IoRequest *, Fiber *);
// What will settle the promise; NULL: no request.
IoRequest *vm_io_of_promise(const Promise *);
// What a fiber is parked on; NULL: nothing.
IoRequest *vm_io_awaited(const Fiber *);
// The request is done: settles the promise, or queues the fiber's resumption.
// On the isolate's thread, outside of script code. The request may be freed
// afterwards.
void vm_io_complete(Isolate *, IoRequest *, Value result, bool failed);
// The same without an answer for who waits.
void vm_io_forget(Isolate *, IoRequest *);

#endif
