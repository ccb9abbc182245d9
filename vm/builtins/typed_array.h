// SPDX-License-Identifier: MIT
// What the files of the TypedArray builtin share.
#ifndef RILL_VM_BUILTINS_TYPED_ARRAY_H
#define RILL_VM_BUILTINS_TYPED_ARRAY_H

#include "vm/objects/buffer.h"
#include "vm/objects/isolate.h"

// INTRINSIC_* of the constructor of an element kind.
extern const uint16_t vm_typed_array_constructors[ELEMENT_KIND_COUNT];
extern const char *const vm_typed_array_names[ELEMENT_KIND_COUNT];

// TypedArrayCreateFromConstructor (23.2.4.2) with one length. NULL: threw.
TypedArray *vm_typed_array_create_from(Isolate *, Value constructor,
                                       double length) VM_CHECKED;
// TypedArraySpeciesCreate (23.2.4.1) with one length. NULL: threw.
TypedArray *vm_typed_array_species_create(Isolate *, TypedArray *exemplar,
                                          double length) VM_CHECKED;
// The same with a buffer, an offset and, if argc is 3, a length.
TypedArray *vm_typed_array_species_create_view(Isolate *, TypedArray *exemplar,
                                               uint32_t argc,
                                               const Value *argv) VM_CHECKED;
// Converts `count` elements; both kinds are BigInt kinds or neither is. The
// ranges may overlap only if the kinds are equal.
void vm_elements_convert(Isolate *, ElementKind to_kind, uint8_t *to,
                         ElementKind from_kind, const uint8_t *from,
                         size_t count);

// get %TypedArray%.prototype.length; inline caches know it.
Value vm_typed_array_get_length(Isolate *, const NativeCall *);

// Parts of the tables.
void vm_define_typed_array_methods(Isolate *, Object *prototype);
void vm_define_typed_array_search(Isolate *, Object *prototype);
void vm_define_uint8_array_text(Isolate *, Object *constructor,
                                Object *prototype);

// Intrinsics of self_hosted/typed_array.js.
// %TypedArrayValidate(value, isWritten): the length, or throws.
Value vm_intrinsic_typed_array_validate(Isolate *, const NativeCall *);
// %TypedArraySpeciesCreate(exemplar, length)
Value vm_intrinsic_typed_array_species_create(Isolate *, const NativeCall *);
// %TypedArrayCreateFrom(constructor, length)
Value vm_intrinsic_typed_array_create_from(Isolate *, const NativeCall *);
// %TypedArrayCopy(array): a new one of the same type and content.
Value vm_intrinsic_typed_array_copy(Isolate *, const NativeCall *);
// %TypedArraySort(array): by value, in place; returns it.
Value vm_intrinsic_typed_array_sort(Isolate *, const NativeCall *);
// %TypedArrayToList(array, length): a dense array of the elements.
Value vm_intrinsic_typed_array_to_list(Isolate *, const NativeCall *);
// %TypedArrayWriteBack(array, list): as far as the array reaches now.
Value vm_intrinsic_typed_array_write_back(Isolate *, const NativeCall *);
// %TypedArrayStoreAll(target, source, length): target[k] = source[k] for each.
Value vm_intrinsic_typed_array_store_all(Isolate *, const NativeCall *);
// %IterableToList(items, method): a dense array of what the iterator gives.
Value vm_intrinsic_iterable_to_list(Isolate *, const NativeCall *);

#endif
