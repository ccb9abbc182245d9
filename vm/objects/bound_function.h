// SPDX-License-Identifier: MIT
// Creation of bound functions (10.4.1). The interpreter calls their targets.
#ifndef RILL_VM_OBJECTS_BOUND_FUNCTION_H
#define RILL_VM_OBJECTS_BOUND_FUNCTION_H

#include "vm/objects/function.h"

// BoundFunctionCreate (10.4.1.3). NULL: threw.
BoundFunction *vm_bound_function_new(Isolate *, Object *target,
                                     Value bound_this, uint32_t argc,
                                     const Value *argv) VM_CHECKED;
// CopyNameAndLength (20.2.3.2.1): for a new function that passes calls on to
// `target`. prefix: "bound ", or NULL. False: threw.
bool vm_copy_name_and_length(Isolate *, Object *function, Object *target,
                             String *prefix, uint32_t bound) VM_CHECKED;

#endif
