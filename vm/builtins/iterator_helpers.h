// SPDX-License-Identifier: MIT
// Intrinsics of self_hosted/iterator.js.
#ifndef RILL_VM_BUILTINS_ITERATOR_HELPERS_H
#define RILL_VM_BUILTINS_ITERATOR_HELPERS_H

#include "vm/objects/isolate.h"

Value vm_intrinsic_create_iterator_helper(Isolate *, const NativeCall *);
Value vm_intrinsic_inherits_from_iterator(Isolate *, const NativeCall *);
Value vm_intrinsic_iterator_close(Isolate *, const NativeCall *);
Value vm_intrinsic_iterator_close_all(Isolate *, const NativeCall *);
Value vm_intrinsic_iterator_close_quietly(Isolate *, const NativeCall *);
Value vm_intrinsic_own_is_enumerable(Isolate *, const NativeCall *);
Value vm_intrinsic_own_property_keys(Isolate *, const NativeCall *);
Value vm_intrinsic_throw_iterator_result(Isolate *, const NativeCall *);
Value vm_intrinsic_wrap_iterator(Isolate *, const NativeCall *);

#endif
