// SPDX-License-Identifier: MIT
// What self-hosted code calls of disposable_stack.c (vm/interpreter/
// intrinsics.def).
#ifndef RILL_VM_BUILTINS_DISPOSABLE_STACK_H
#define RILL_VM_BUILTINS_DISPOSABLE_STACK_H

#include "vm/objects/function.h"

Value vm_intrinsic_disposable_run(Isolate *, const NativeCall *);
Value vm_intrinsic_disposable_take(Isolate *, const NativeCall *);
Value vm_intrinsic_suppressed_error(Isolate *, const NativeCall *);

#endif
