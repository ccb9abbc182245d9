// SPDX-License-Identifier: MIT
// Shared by Map, Set and the weak collections.
#ifndef RILL_VM_BUILTINS_COLLECTIONS_H
#define RILL_VM_BUILTINS_COLLECTIONS_H

#include "vm/objects/hash_table.h"
#include "vm/objects/iterator_object.h"
#include "vm/objects/operations.h"

// The receiver as an object of the kind; NULL: threw, naming the method.
void *vm_collection_receiver(Isolate *, const NativeCall *, CellKind kind,
                             const char *class_name) VM_CHECKED;
// Room to begin with for what an iterable may give.
uint32_t vm_collection_size_hint(Value iterable);
// What constructors do with their iterable: gets the adder named `name` of
// `object` and calls it for each entry (with pairs: its two items). `fast`, the
// intrinsic adder, is carried out by `add` without a call. False: threw.
typedef bool (*CollectionAdd)(Isolate *, Object *, Value key, Value value);
bool vm_collection_fill(Isolate *, Object *, Value iterable, PropertyKey name,
                        NativeCode fast, CollectionAdd add,
                        bool pairs) VM_CHECKED;
// %MapIteratorPrototype% and %SetIteratorPrototype%: next and toStringTag.
void vm_define_collection_iterator(Isolate *, Object *prototype, bool of_map);
// A new iterator of a Map or Set.
Value vm_collection_iterator(Isolate *, MapObject *, IterationKind);
// Its next value. EMPTY: done. EXCEPTION: threw.
Value vm_collection_iterator_step(Isolate *, IteratorObject *) VM_CHECKED;
void vm_define_set_methods(Isolate *, Object *prototype);
extern const Builtin vm_species_getter[1];

#endif
