// SPDX-License-Identifier: MIT
// Async generators (ECMA-262 27.6): the object, its queue of requests, and what
// the interpreter tells it. The methods are in vm/builtins/async_generator.c.
#ifndef RILL_VM_INTERPRETER_ASYNC_GENERATOR_H
#define RILL_VM_INTERPRETER_ASYNC_GENERATOR_H

#include "vm/interpreter/fiber.h"
#include "vm/interpreter/promise.h"

typedef enum {
  ASYNC_GENERATOR_SUSPENDED_START,
  ASYNC_GENERATOR_SUSPENDED_YIELD,
  ASYNC_GENERATOR_EXECUTING,
  ASYNC_GENERATOR_DRAINING,
  ASYNC_GENERATOR_COMPLETED,
} AsyncGeneratorState;

// A request is a CellList of these words.
enum {
  REQUEST_MODE,    // int: ResumeMode
  REQUEST_VALUE,   // of the completion
  REQUEST_PROMISE, // of its capability, a native promise
  REQUEST_NEXT,    // the next request, or undefined
  REQUEST_WORDS
};

typedef struct AsyncGenerator {
  Object object; // cell.extra: AsyncGeneratorState
  Fiber *fiber;  // NULL once completed
  struct CellList *first, *last;
} AsyncGenerator;

void vm_async_generator_init(AsyncGenerator *);
// The body returned (RESUME_RETURN) or threw (RESUME_THROW).
void vm_async_generator_finish(Isolate *, AsyncGenerator *, ResumeMode, Value);
// AsyncGeneratorYield, the fiber being saved.
void vm_async_generator_yield(Isolate *, Fiber *, Value);
// next, throw and return: the request's promise.
Value vm_async_generator_enqueue(Isolate *, Value generator, ResumeMode,
                                 Value) VM_CHECKED;

#endif
