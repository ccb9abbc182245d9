// SPDX-License-Identifier: MIT
// What the builtins that the interpreter treats specially share.
#ifndef RILL_VM_BUILTINS_LOOP_NATIVES_H
#define RILL_VM_BUILTINS_LOOP_NATIVES_H

#include "vm/objects/isolate.h"

// The code of such a function, for those who call it from C.
Value vm_loop_native(Isolate *, const NativeCall *);
// A constructor of functions ("%GeneratorFunction"): prototype.constructor is
// read-only there.
Object *vm_define_function_constructor(Isolate *, Realm *, const char *name,
                                       NativeCode, Object *prototype);

#endif
