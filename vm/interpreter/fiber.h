// SPDX-License-Identifier: MIT
// Fibers: suspended activations of generators, async functions and modules.
//
// A Fiber holds a copy of the frame's registers while it does not run; resuming
// copies them back onto the register stack, wherever that is then. Registers
// of such frames are filled with undefined at their start, so that every word
// copied is a Value. A running fiber's copy is stale: nothing reads it, and
// overwriting it at the next suspension is a barriered bulk store.
//
// The fiber of an async function is made at its first await that suspends: one
// that never waits costs a promise only.
#ifndef RILL_VM_INTERPRETER_FIBER_H
#define RILL_VM_INTERPRETER_FIBER_H

#include "vm/interpreter/frame.h"
#include "vm/objects/iterator_object.h"

typedef enum {
  FIBER_SUSPENDED_START, // generators: before the first resumption
  FIBER_SUSPENDED_YIELD,
  FIBER_SUSPENDED_AWAIT,
  FIBER_RUNNING,
  FIBER_DONE,
} FiberState;

typedef enum { RESUME_NEXT, RESUME_THROW, RESUME_RETURN } ResumeMode;

struct Fiber {
  GcCell cell; // flags: FiberState; aux: FRAME_* to restore; extra: registers
  Code *code;
  Function *function;
  Value this_value;
  Value new_target;
  uint32_t pc;      // offset of the suspended instruction
  uint32_t waiting; // 1: on an I/O request
  // Who gets the results: a Generator, an AsyncGenerator, or the Promise of an
  // async function or module.
  Object *owner;
  // The promise it awaits, for async stack traces; the I/O request, as a
  // number (vm_io_awaited); undefined: nothing.
  Value awaiting;
  Value context; // async context to go on in (async_context.h)
  uint64_t async_id;
  Value registers[];
};

typedef struct Generator {
  Object object;
  Fiber *fiber; // NULL once done
} Generator;

// Puts a fiber's frame on the stack above iso->stack_top; the caller runs it.
// NULL: threw (stack overflow).
Frame *vm_fiber_restore(Isolate *, Fiber *) VM_CHECKED;
// Resumes an awaiting fiber with a value or an exception and runs it until it
// suspends or ends. Never leaves an exception pending but termination's: false.
bool vm_fiber_resume(Isolate *, Fiber *, ResumeMode, Value) VM_CHECKED;

// Generator.prototype.next, throw and return (27.5.3.3, 27.5.3.4) for callers
// in C.
Value vm_generator_resume(Isolate *, Value generator, ResumeMode,
                          Value) VM_CHECKED;
// The IteratorStep of a Generator or an iterator helper.
Value vm_generator_step(Isolate *, IteratorObject *) VM_CHECKED;

#endif
