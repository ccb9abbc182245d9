// SPDX-License-Identifier: MIT
// The array's own rules for "length" (10.4.2), for define_property.c.
#ifndef RILL_VM_OBJECTS_ARRAY_H
#define RILL_VM_OBJECTS_ARRAY_H

#include "vm/objects/isolate.h"

// ArraySetLength (10.4.2.4) with a descriptor for "length".
Tri vm_array_define_length(Isolate *, Array *, const PropertyDescriptor *);

#endif
