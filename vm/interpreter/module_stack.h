// SPDX-License-Identifier: MIT
// A growing list of modules: the stack of the depth-first walks over a module
// graph (16.2.1.5.1.1, 16.2.1.5.3.1), which holds the modules whose cycle is
// not closed yet, or what a walk gathers. The collector does not see it.
#ifndef RILL_VM_INTERPRETER_MODULE_STACK_H
#define RILL_VM_INTERPRETER_MODULE_STACK_H

#include <stdlib.h>

#include "vm/interpreter/modules.h"
#include "vm/objects/throw.h"

typedef struct ModuleStack {
  Module **modules; // malloc'ed: the owner frees it
  uint32_t count, capacity;
  uint32_t index; // the next dfs_index
} ModuleStack;

// False: threw (out of memory).
static inline bool module_stack_push(Isolate *iso, ModuleStack *stack,
                                     Module *module) {
  if (stack->count == stack->capacity) {
    uint32_t capacity = stack->capacity ? stack->capacity * 2 : 16;
    Module **grown = realloc(stack->modules, capacity * sizeof *grown);
    if (grown == NULL) {
      vm_throw_out_of_memory(iso);
      return false;
    }
    stack->modules = grown;
    stack->capacity = capacity;
  }
  stack->modules[stack->count++] = module;
  return true;
}

static inline bool module_stack_has(const ModuleStack *stack,
                                    const Module *module) {
  for (uint32_t i = 0; i < stack->count; i++)
    if (stack->modules[i] == module) return true;
  return false;
}

#endif
