// SPDX-License-Identifier: MIT
// Frames: one activation of a function written in the language.
//
// Frames lie contiguously on the isolate's register stack (stack_base up to
// stack_limit), each header directly followed by its registers; a callee's
// header starts where its caller's registers end (or above the arguments that
// C code spread there). So a script-to-script call is a bump of a pointer, a
// return restores it, and another thread can walk frame->caller without
// unwinding C code.
//
//   | header | r0 .. r[parameter_count) .. r[register_count) | next header
//
// The callee gets copies of the arguments in its parameter registers. The
// caller's own registers that held them are `argv`: they stay as they are until
// the callee returns or suspends for the first time.
//
// C code called from script may enter the interpreter again: it runs a new loop
// whose first frame is marked FRAME_ENTRY. isolate->frame is the innermost
// frame, isolate->stack_top the first free register.
#ifndef RILL_VM_INTERPRETER_FRAME_H
#define RILL_VM_INTERPRETER_FRAME_H

#include "vm/bytecode/bytecode.h"
#include "vm/interpreter/code.h"

enum {
  // Returning ends the C function that runs the loop.
  FRAME_ENTRY = 1 << 0,
  // Called by [[Construct]]: a primitive result is replaced by `this`.
  FRAME_CONSTRUCT = 1 << 1,
  // Async function or module: results settle a promise.
  FRAME_ASYNC = 1 << 2,
  // Generator: yields and results go to the resumer.
  FRAME_GENERATOR = 1 << 3,
  // Resumed from a fiber: `fiber` is set; registers are copied back there at
  // the next suspension.
  FRAME_RESUMED = 1 << 4,
  // A resumed generator whose resumer wants the bare value (for-of): at a yield
  // the value goes to the result register; EMPTY means that it is done.
  FRAME_STEP = 1 << 5,
  // Called for its exception alone: the caller's result register is not
  // written (setters).
  FRAME_DISCARD = 1 << 6,
  // Calls the `next` of the iterator that the caller's ITERATOR_STEP names: the
  // result object is taken apart.
  FRAME_NEXT_CALL = 1 << 7,
  // The caller runs in another realm, which returning restores.
  FRAME_OTHER_REALM = 1 << 8,
  // The caller's instruction has two words: returning skips both.
  FRAME_TWO_WORDS = 1 << 9,
  // The collector has not seen what is below: see stack_roots.h.
  FRAME_WATERMARK = 1 << 10,
  // The host's own call of an async function (vm_call_root): when it waits, no
  // promise stands for its result.
  FRAME_ROOT = 1 << 11,
};

typedef struct Fiber Fiber;

struct Frame {
  Frame *caller; // the frame below, also across C code; NULL: none
  // Saved before everything that can call, throw or allocate: the instruction
  // being run (when it is not the innermost frame: the call).
  const Instruction *pc;
  Code *code;
  Function *function; // the callee; the script or module pseudo function
  Value this_value;   // as passed
  Value new_target;   // undefined: called
  const Value *argv;
  union {
    struct {
      uint32_t argc;
      uint16_t result_register; // of the caller
      uint16_t flags;           // FRAME_*
    };
    uint64_t call_word; // the three at once
  };
  // With ASYNC, GENERATOR or ENTRY; not set else. NULL until suspended for the
  // first time.
  Fiber *fiber;
  Value registers[];
};
_Static_assert(sizeof(Frame) == 72, "nine words");

static inline Frame *frame_of_registers(Value *registers) {
  return (Frame *)((char *)registers - sizeof(Frame));
}
#endif
