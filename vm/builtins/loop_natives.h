// SPDX-License-Identifier: MIT
// What the builtins that the interpreter treats specially share.
#ifndef RILL_VM_BUILTINS_LOOP_NATIVES_H
#define RILL_VM_BUILTINS_LOOP_NATIVES_H

#include "vm/objects/isolate.h"

// The code of such a function, for those who call it from C.
Value vm_loop_native(Isolate *, const NativeCall *);
// The native function that is property `key` of `o` is carried out by the
// dispatch loop, by its magic (LoopNative, vm/interpreter/calls.h).
void vm_mark_loop_native(Isolate *, Object *o, PropertyKey key);
// Tells the interpreter which function is %ArrayIteratorPrototype%.next.
void vm_mark_array_iteration(Isolate *, Realm *);
// A constructor of functions ("%GeneratorFunction"): prototype.constructor is
// read-only there.
Object *vm_define_function_constructor(Isolate *, Realm *, const char *name,
                                       NativeCode, Object *prototype);

#endif
