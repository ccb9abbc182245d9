// SPDX-License-Identifier: MIT
// Stepping builtin iterators without the result object that nobody would see.
#include "vm/interpreter/calls.h"
#include "vm/interpreter/run.h"
#include "vm/objects/iterator_object.h"

// The step of an iterator's family, and whether `next` is the method of it.
static IteratorStep step_of_family(uint8_t family, const NativeFunction *next,
                                   bool *is_original) {
  NativeCode code = next == NULL ? NULL : next->code;
  switch (family) {
  case ITERATOR_ARRAY:
    *is_original = code == vm_array_iterator_next;
    return vm_array_iterator_step;
  case ITERATOR_STRING:
    *is_original = code == vm_string_iterator_next;
    return vm_string_iterator_step;
  case ITERATOR_MAP:
  case ITERATOR_SET:
    *is_original = code == vm_collection_iterator_next &&
                   next->magic == (family == ITERATOR_MAP);
    return vm_collection_iterator_step;
  default:
    return NULL;
  }
}

// A builtin module's loop, over an iterator without a `next` of its own.
static bool is_builtin_modules(Isolate *iso, const IteratorObject *it) {
  PropertySlot slot;
  return vm_runs_builtin_module(iso) &&
         !vm_shape_lookup(iso, it->object.shape, KEY(next), &slot);
}

IteratorStep vm_iterator_native_step(Isolate *iso, Value iterator, Value next) {
  const NativeFunction *f = value_is_kind(next, CELL_NATIVE_FUNCTION)
                                ? (const NativeFunction *)value_as_cell(next)
                                : NULL;
  if (f != NULL && vm_generator_of_next(iterator, f) != NULL)
    return vm_generator_step;
  if (!value_is_kind(iterator, CELL_ITERATOR)) return NULL;
  const IteratorObject *it = (const IteratorObject *)value_as_cell(iterator);
  bool is_original = false;
  IteratorStep step = step_of_family(it->family, f, &is_original);
  if (step == NULL || is_original || is_builtin_modules(iso, it)) return step;
  return NULL;
}
