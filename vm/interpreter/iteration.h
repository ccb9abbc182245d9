// SPDX-License-Identifier: MIT
// Iteration helpers that builtins share with the instructions.
#ifndef RILL_VM_INTERPRETER_ITERATION_H
#define RILL_VM_INTERPRETER_ITERATION_H

#include "vm/objects/operations.h"

// CreateAsyncFromSyncIterator (27.1.6.1) for `items`, whose @@iterator method
// is `method`.
Value vm_async_from_sync_iterator_from_method(Isolate *, Value items,
                                              Value method) VM_CHECKED;
// True if iterating this array by for-of, spread or destructuring can be done
// by reading its elements: nobody changed the array iterators.
bool vm_array_iterates_plainly(Isolate *, Value);
// ArrayAccumulation of `...iterable` (13.2.4.1).
bool vm_array_spread(Isolate *, Array *, Value iterable) VM_CHECKED;
// The same for an iterable whose @@iterator method was looked up.
bool vm_array_spread_from_method(Isolate *, Array *, Value iterable,
                                 Value method) VM_CHECKED;

#endif
