// SPDX-License-Identifier: MIT
// Iteration helpers that builtins share with the instructions.
#ifndef RILL_VM_INTERPRETER_ITERATION_H
#define RILL_VM_INTERPRETER_ITERATION_H

#include "vm/objects/operations.h"

// CreateAsyncFromSyncIterator (27.1.6.1) for `items`, whose @@iterator method is `method`.
Value vm_async_from_sync_iterator_from_method(Isolate *, Value items,
                                              Value method) VM_CHECKED;
// True if iterating this array by for-of, spread or destructuring can be done
// by reading its elements: nobody changed the array iterators.
bool vm_array_iterates_plainly(Isolate *, Value);

#endif
