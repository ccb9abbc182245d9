// SPDX-License-Identifier: MIT
// Stepping builtin iterators without the result object that nobody would see.
#include "vm/interpreter/calls.h"
#include "vm/objects/iterator_object.h"

IteratorStep vm_iterator_native_step(Value iterator, Value next) {
  if (!value_is_kind(next, CELL_NATIVE_FUNCTION)) return NULL;
  const NativeFunction *f = (const NativeFunction *)value_as_cell(next);
  if (vm_generator_of_next(iterator, f) != NULL) return vm_generator_step;
  if (!value_is_kind(iterator, CELL_ITERATOR)) return NULL;
  switch (((const IteratorObject *)value_as_cell(iterator))->family) {
  case ITERATOR_ARRAY:
    return f->code == vm_array_iterator_next ? vm_array_iterator_step : NULL;
  case ITERATOR_STRING:
    return f->code == vm_string_iterator_next ? vm_string_iterator_step : NULL;
  case ITERATOR_MAP:
    return f->code == vm_collection_iterator_next && f->magic == 1
               ? vm_collection_iterator_step
               : NULL;
  case ITERATOR_SET:
    return f->code == vm_collection_iterator_next && f->magic == 0
               ? vm_collection_iterator_step
               : NULL;
  default:
    return NULL;
  }
}
