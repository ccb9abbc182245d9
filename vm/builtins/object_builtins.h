// SPDX-License-Identifier: MIT
// Shared by the files of Object, Reflect and Proxy.
#ifndef RILL_VM_BUILTINS_OBJECT_BUILTINS_H
#define RILL_VM_BUILTINS_OBJECT_BUILTINS_H

#include "vm/objects/isolate.h"

void vm_define_object_prototype(Isolate *, Object *prototype);
// Object.getPrototypeOf of any value.
Value vm_object_prototype_value(Isolate *, Value) VM_CHECKED;
// Object.prototype.toString of `v`.
Value vm_object_to_string(Isolate *, Value v) VM_CHECKED;
// `prototype` is an object or null.
bool vm_set_prototype_or_throw(Isolate *, Object *, Value prototype) VM_CHECKED;

#endif
