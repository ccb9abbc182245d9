// SPDX-License-Identifier: MIT
// Element access of typed arrays for the dispatch loop: in-bounds elements of
// live buffers, numbers only; everything else takes the general way.
#ifndef RILL_VM_INTERPRETER_TYPED_ACCESS_H
#define RILL_VM_INTERPRETER_TYPED_ACCESS_H

#include "vm/objects/buffer.h"

static inline bool typed_array_load(Object *o, uint32_t index, Value *out) {
  *out = typed_array_get_fast((TypedArray *)o, index);
  return !value_is_empty(*out);
}
static inline bool typed_array_store(Object *o, uint32_t index, Value v) {
  return typed_array_set_fast((TypedArray *)o, index, v);
}

#endif
