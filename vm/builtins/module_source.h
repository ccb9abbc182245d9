// SPDX-License-Identifier: MIT
// Module source objects: what a host hangs on the modules that have a source
// phase (vm_module_set_source).
#ifndef RILL_VM_BUILTINS_MODULE_SOURCE_H
#define RILL_VM_BUILTINS_MODULE_SOURCE_H

#include "vm/objects/isolate.h"

// `prototype` inherits from %AbstractModuleSource.prototype%; `class_name` is
// the object's toStringTag.
Object *vm_module_source_new(Isolate *, Object *prototype, String *class_name);

#endif
