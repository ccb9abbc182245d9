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

#include <assert.h>

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
  Function *function; // whose code it runs; never constructed
  Value this_value;
  uint32_t pc;          // offset of the suspended instruction
  uint32_t waiting : 1; // on an I/O request
  // Where on the stack its frame may still lie, in words; 0: nowhere.
  uint32_t parked : 31;
  // Who gets the results: a Generator, an AsyncGenerator, or the Promise of an
  // async function or module. NULL: a root (FRAME_ROOT), or that is not set
  // yet.
  Object *owner;
  // The promise it awaits, for async stack traces; the I/O request, as a
  // number (vm_io_awaited); undefined: nothing.
  Value awaiting;
  Value context; // async context to go on in (async_context.h)
  uint64_t async_id;
  Value registers[];
};

// A function's code stays the one that its first call found.
static inline Code *vm_fiber_code(const Fiber *fiber) {
  return fiber->function->code;
}

typedef struct Generator {
  Object object;
  Fiber *fiber; // NULL once done
} Generator;

// Mostly a dozen words: a call of memcpy costs more.
static inline void vm_copy_registers(Value *to, const Value *from,
                                     uint32_t count) {
  if (count > 64) {
    memcpy(to, from, count * sizeof(Value));
    return;
  }
  for (uint32_t i = 0; i < count; i++)
    to[i] = from[i];
}

// A generator that a for-of runs is parked at its yield: besides the copy in
// the fiber, its frame is left where it was, just above the stack's top, and if
// it still lies there at the next step then nothing is copied back. Whatever is
// put there instead overwrites it from its first word on, `caller`, which no
// Value looks like, or is a frame, and writes call_word. Whoever else resumes
// the fiber takes `parked` back.
enum { FRAME_FLAGS_STEP = FRAME_GENERATOR | FRAME_RESUMED | FRAME_STEP };
static inline void vm_fiber_park(Isolate *iso, Fiber *fiber, Frame *frame) {
  const Code *code = frame->code;
  vm_copy_registers(fiber->registers, frame->registers, code->register_count);
  fiber->pc = (uint32_t)(frame->pc - code->template->code);
  fiber->parked = (uint32_t)((Value *)frame - iso->stack_base);
  fiber->cell.flags = FIBER_SUSPENDED_YIELD;
}
static inline bool vm_fiber_is_parked(const Isolate *iso, const Fiber *fiber,
                                      const Frame *frame, const Frame *caller,
                                      uint16_t result_register) {
  if (fiber->parked != (uint32_t)((const Value *)frame - iso->stack_base) ||
      frame->caller != caller ||
      frame->call_word !=
          ((uint64_t)result_register << 32 | (uint64_t)FRAME_FLAGS_STEP << 48))
    return false;
  assert(frame->fiber == fiber);
  assert(memcmp(frame->registers, fiber->registers,
                fiber->cell.extra * sizeof(Value)) == 0);
  return true;
}
static inline void vm_fiber_unpark(Fiber *fiber) {
  fiber->parked = 0;
  fiber->cell.flags = FIBER_RUNNING;
}
// Where `next` goes on: over what a return does.
static inline const Instruction *vm_after_yield(const Instruction *yield) {
  const Instruction *pc = yield + 2;
  return pc->op == OP_JUMP ? pc + 1 + (int64_t)pc->imm : pc;
}

// Resumes an awaiting fiber with a value or an exception and runs it until it
// suspends or ends. Never leaves an exception pending but termination's: false.
bool vm_fiber_resume(Isolate *, Fiber *, ResumeMode, Value) VM_CHECKED;

// vm_call by a host with the hook root_changed, of a function whose promise
// only the host would see: there is none while an async function waits. Then
// the result is its Fiber.
Value vm_call_root(Isolate *, Value callee, uint32_t argc,
                   const Value *argv) VM_CHECKED;

// Generator.prototype.next, throw and return (27.5.3.3, 27.5.3.4) for callers
// in C.
Value vm_generator_resume(Isolate *, Value generator, ResumeMode,
                          Value) VM_CHECKED;
// The IteratorStep of a Generator or an iterator helper.
Value vm_generator_step(Isolate *, IteratorObject *) VM_CHECKED;

#endif
