// SPDX-License-Identifier: MIT
// Index access for the generic array methods: indices are integers from 0 to
// 2^53-1, which are array indices only below 2^32-1.
#ifndef RILL_VM_BUILTINS_ARRAY_ACCESS_H
#define RILL_VM_BUILTINS_ARRAY_ACCESS_H

#include "vm/objects/isolate.h"
#include "vm/objects/operations.h"

#define ARRAY_LIKE_MAX_LENGTH 9007199254740991.0

static inline bool array_key(Isolate *iso, double index, PropertyKey *key) {
  if (likely(index < 4294967295.0)) {
    *key = key_from_index((uint32_t)index);
    return true;
  }
  return vm_to_property_key(iso, value_from_double(index), key);
}

// The element, if it can be read without looking anywhere else: an index in
// the dense vector that is no hole.
static inline Value array_dense_element(const Object *o, double index) {
  const Elements *e = o->elements;
  return index < elements_length(e) ? e->values[(uint32_t)index] : VALUE_EMPTY;
}

// An Array with plain elements as long as its length, extensible and with a
// writable length: may be shortened and grown in place.
static inline Array *array_plain(Isolate *iso, Object *o) {
  if (object_kind(o) != CELL_ARRAY || !vm_has_plain_elements(iso, o) ||
      (o->cell.flags & OBJECT_LENGTH_READ_ONLY) ||
      (o->shape->cell.flags & SHAPE_NOT_EXTENSIBLE)) {
    return NULL;
  }
  Array *array = (Array *)o;
  return elements_length(o->elements) == array->length ? array : NULL;
}

static inline Value array_get(Isolate *iso, Object *o, double index) {
  if (likely((o->cell.flags & OBJECT_EXOTIC) == 0 ||
             object_kind(o) == CELL_ARRAY)) {
    Value v = array_dense_element(o, index);
    if (likely(v != VALUE_EMPTY)) return v;
  }
  PropertyKey key;
  if (!array_key(iso, index, &key)) return VALUE_EXCEPTION;
  return vm_get(iso, o, key);
}

static inline Tri array_has(Isolate *iso, Object *o, double index) {
  PropertyKey key;
  if (!array_key(iso, index, &key)) return TRI_THREW;
  return vm_has(iso, o, key);
}

static inline bool array_set(Isolate *iso, Object *o, double index,
                             Value value) {
  PropertyKey key;
  return array_key(iso, index, &key) && vm_set(iso, o, key, value, true);
}

static inline bool array_create(Isolate *iso, Object *o, double index,
                                Value value) {
  PropertyKey key;
  return array_key(iso, index, &key) &&
         vm_create_data_or_throw(iso, o, key, value);
}

// DeletePropertyOrThrow.
static inline bool array_delete(Isolate *iso, Object *o, double index) {
  PropertyKey key;
  if (!array_key(iso, index, &key)) return false;
  Tri done = vm_delete(iso, o, key);
  if (done == 0) {
    vm_throw_type_key(iso, "Cannot delete property '%s' of object", key);
  }
  return done == 1;
}

static inline bool array_set_length(Isolate *iso, Object *o, double length) {
  return vm_set(iso, o, KEY(length), value_from_number(length), true);
}

// ToObject(this value) and LengthOfArrayLike.
static inline Object *array_this(Isolate *iso, const NativeCall *call,
                                 double *length) {
  Object *o = vm_to_object(iso, call->this_value);
  if (o == NULL || !vm_length_of_array_like(iso, o, length)) return NULL;
  return o;
}

// The start and deleteCount arguments of splice and toSpliced (23.1.3.31 steps
// 3 to 10). False: threw.
static inline bool array_splice_range(Isolate *iso, const NativeCall *call,
                                      double length, double *start,
                                      double *count) {
  if (!vm_to_relative_index(iso, native_argument(call, 0), length, 0, start)) {
    return false;
  }
  *count = call->argc == 0 ? 0 : length - *start;
  if (call->argc < 2) return true;
  double given;
  if (!vm_to_integer_or_infinity(iso, call->argv[1], &given)) return false;
  if (given < *count) *count = given > 0 ? given : 0;
  return true;
}

// 10.4.2.2 ArrayCreate with a checked length; NULL: threw.
Object *vm_array_create(Isolate *, double length);
// 10.4.2.3 ArraySpeciesCreate; NULL: threw. In two steps, too: the constructor
// it finds, undefined for a new Array of this realm, and what that makes.
bool vm_array_species(Isolate *, Object *original, Value *out) VM_CHECKED;
Object *vm_array_of_species(Isolate *, Value species, double length);
Object *vm_array_species_create(Isolate *, Object *original, double length);

// The native functions of the other files of this family.
Value vm_array_at(Isolate *, const NativeCall *);
Value vm_array_concat(Isolate *, const NativeCall *);
Value vm_array_copy_within(Isolate *, const NativeCall *);
Value vm_array_fill(Isolate *, const NativeCall *);
Value vm_array_flat(Isolate *, const NativeCall *);
Value vm_array_includes(Isolate *, const NativeCall *);
Value vm_array_index_of(Isolate *, const NativeCall *);
Value vm_array_join(Isolate *, const NativeCall *);
Value vm_array_last_index_of(Isolate *, const NativeCall *);
Value vm_array_pop(Isolate *, const NativeCall *);
Value vm_array_prototype_push(Isolate *, const NativeCall *);
Value vm_array_reverse(Isolate *, const NativeCall *);
Value vm_array_shift(Isolate *, const NativeCall *);
Value vm_array_slice(Isolate *, const NativeCall *);
Value vm_array_splice(Isolate *, const NativeCall *);
Value vm_array_to_locale_string(Isolate *, const NativeCall *);
Value vm_array_to_reversed(Isolate *, const NativeCall *);
Value vm_array_to_spliced(Isolate *, const NativeCall *);
Value vm_array_to_string(Isolate *, const NativeCall *);
Value vm_array_unshift(Isolate *, const NativeCall *);
Value vm_array_with(Isolate *, const NativeCall *);

// Array iterators (23.1.5). magic of the method: the IterationKind.
Value vm_array_iterator_create(Isolate *, const NativeCall *);
void vm_init_array_iterator(Isolate *, Realm *);

// Intrinsics of self-hosted code.
Value vm_intrinsic_array_create(Isolate *, const NativeCall *);
Value vm_intrinsic_array_species_create(Isolate *, const NativeCall *);
Value vm_intrinsic_sort_by_difference(Isolate *, const NativeCall *);
Value vm_intrinsic_sort_collect(Isolate *, const NativeCall *);
Value vm_intrinsic_sort_by_string(Isolate *, const NativeCall *);
Value vm_intrinsic_sort_write_back(Isolate *, const NativeCall *);

#endif
