// SPDX-License-Identifier: MIT
// The class of String objects (vm/objects/classes.c lists it). Their struct is
// PrimitiveObject; "length" is not stored, so making one sets `value` alone.
#ifndef RILL_VM_OBJECTS_STRING_OBJECT_H
#define RILL_VM_OBJECTS_STRING_OBJECT_H

#include "vm/objects/object.h"

extern const ObjectClass vm_class_string_object;

#endif
