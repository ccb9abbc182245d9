// SPDX-License-Identifier: MIT
// What the files of the Date builtin share.
#ifndef RILL_VM_BUILTINS_DATE_BUILTINS_H
#define RILL_VM_BUILTINS_DATE_BUILTINS_H

#include "vm/objects/date_object.h"
#include "vm/objects/isolate.h"

// The Date that the method was called on. NULL: threw a TypeError.
DateObject *vm_this_date(Isolate *, const NativeCall *) VM_CHECKED;
// getX, setX, valueOf and getTimezoneOffset.
void vm_define_date_fields(Isolate *, Object *prototype);

#endif
