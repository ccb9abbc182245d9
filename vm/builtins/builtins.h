// SPDX-License-Identifier: MIT
// The builtins of a realm: one function a family. vm/builtins/realm_setup.c
// calls them, %Object.prototype% and %Function.prototype% (and, for arrays,
// %Array.prototype%) being there already. Each makes its constructor and
// prototype objects, stores them in realm->intrinsics and defines its globals.
// %IteratorPrototype% and %AsyncIteratorPrototype% are there, too, with their
// one method. The realm is the isolate's current one. None can fail: small
// cells always come (gc/gc.h).
#ifndef RILL_VM_BUILTINS_BUILTINS_H
#define RILL_VM_BUILTINS_BUILTINS_H

#include "vm/objects/isolate.h"

void vm_init_object(Isolate *, Realm *);
void vm_init_function(Isolate *, Realm *);
void vm_init_symbol(Isolate *, Realm *);
void vm_init_error(Isolate *, Realm *);
void vm_init_iterator(Isolate *, Realm *); // before all other iterators
void vm_init_iterator_helpers(Isolate *, Realm *);
void vm_init_array(Isolate *, Realm *);
void vm_init_string(Isolate *, Realm *);
void vm_init_number(Isolate *, Realm *);
void vm_init_boolean(Isolate *, Realm *);
void vm_init_bigint(Isolate *, Realm *);
void vm_init_math(Isolate *, Realm *);
void vm_init_json(Isolate *, Realm *);
// parseInt, encodeURI, eval...; before vm_init_number.
void vm_init_globals(Isolate *, Realm *);
void vm_init_generator(Isolate *, Realm *);
void vm_init_async_generator(Isolate *, Realm *);
void vm_init_promise(Isolate *, Realm *);
void vm_init_map(Isolate *, Realm *);
void vm_init_set(Isolate *, Realm *);
void vm_init_weak_map(Isolate *, Realm *);
void vm_init_weak_set(Isolate *, Realm *);
void vm_init_weak_ref(Isolate *, Realm *);
void vm_init_finalization_registry(Isolate *, Realm *);
void vm_init_disposable_stack(Isolate *, Realm *);
void vm_init_intl(Isolate *, Realm *);
void vm_init_regexp(Isolate *, Realm *);
void vm_init_date(Isolate *, Realm *);
void vm_init_proxy(Isolate *, Realm *);
void vm_init_reflect(Isolate *, Realm *);
void vm_init_array_buffer(Isolate *, Realm *);
void vm_init_shared_array_buffer(Isolate *, Realm *);
void vm_init_typed_array(Isolate *, Realm *);
void vm_init_data_view(Isolate *, Realm *);
void vm_init_atomics(Isolate *, Realm *);
void vm_init_module_source(Isolate *, Realm *);
void vm_init_shadow_realm(Isolate *, Realm *);

// The function that returns its this value: [Symbol.iterator] of iterators, and
// all getters of [Symbol.species], which vm_get_quickly knows and does not
// call.
Value vm_return_this(Isolate *, const NativeCall *);

#endif
