// SPDX-License-Identifier: MIT
// What code of classes calls of decorators.c (vm/interpreter/intrinsics.def).
#ifndef RILL_VM_BUILTINS_DECORATORS_H
#define RILL_VM_BUILTINS_DECORATORS_H

#include "vm/objects/function.h"

Value vm_intrinsic_apply_decorators(Isolate *, const NativeCall *);
Value vm_intrinsic_decorate_class(Isolate *, const NativeCall *);
Value vm_intrinsic_run_initializers(Isolate *, const NativeCall *);

#endif
