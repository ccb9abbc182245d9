// SPDX-License-Identifier: MIT
// Arguments objects (10.4.4). A mapped one shares its elements with parameters
// that live in an environment: those elements are holes in the vector and read
// from the environment's slots.
#ifndef RILL_VM_OBJECTS_ARGUMENTS_H
#define RILL_VM_OBJECTS_ARGUMENTS_H

#include "vm/objects/function.h"

enum { ARGUMENT_NOT_MAPPED = UINT16_MAX };

typedef struct Arguments {
  Object object;
  Environment *environment; // NULL: unmapped
  uint32_t mapped_count;    // entries of slots
  uint16_t slots[];         // environment slot, or ARGUMENT_NOT_MAPPED
} Arguments;

// Of strict functions and of those with unusual parameters. NULL: threw.
Arguments *vm_arguments_new_unmapped(Isolate *, uint32_t argc,
                                     const Value *argv) VM_CHECKED;
// `slots[i]` is the environment slot of parameter i, for i < parameter_count;
// ARGUMENT_NOT_MAPPED where a later parameter has the same name. NULL: threw.
Arguments *vm_arguments_new_mapped(Isolate *, uint32_t argc, const Value *argv,
                                   Object *callee, Environment *,
                                   const uint16_t *slots,
                                   uint32_t parameter_count) VM_CHECKED;

// CreateListFromArrayLike into out[0..room), if the object is as it was made
// but for the values: without script code, allocation or exceptions. False:
// take the general way.
bool vm_arguments_copy(Isolate *, const Arguments *, Value *out, uint64_t room,
                       uint32_t *count);

// For elements.c: the object's elements have just become sparse. False: threw.
bool vm_arguments_became_sparse(Isolate *, Arguments *) VM_CHECKED;

#endif
