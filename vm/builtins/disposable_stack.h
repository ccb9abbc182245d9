// SPDX-License-Identifier: MIT
// What `using` and self-hosted code (vm/interpreter/intrinsics.def) call of
// disposable_stack.c.
#ifndef RILL_VM_BUILTINS_DISPOSABLE_STACK_H
#define RILL_VM_BUILTINS_DISPOSABLE_STACK_H

#include "vm/objects/function.h"

// The method that disposes of `v`, a resource: undefined if `v` is nullish; for
// an asynchronous one null then. EXCEPTION: threw, also if it has none.
Value vm_get_disposer(Isolate *, Value v, bool is_async) VM_CHECKED;
Value vm_suppressed_error(Isolate *, Value error, Value suppressed) VM_CHECKED;

Value vm_intrinsic_disposable_run(Isolate *, const NativeCall *);
Value vm_intrinsic_disposable_take(Isolate *, const NativeCall *);
Value vm_intrinsic_suppressed_error(Isolate *, const NativeCall *);

#endif
