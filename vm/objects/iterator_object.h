// SPDX-License-Identifier: MIT
// Iterators made by C code: array, string, map, set and RegExp string
// iterators, for-in enumerators. Which one it is shows in its prototype and in
// `family`; methods check the family before they touch the rest.
#ifndef RILL_VM_OBJECTS_ITERATOR_OBJECT_H
#define RILL_VM_OBJECTS_ITERATOR_OBJECT_H

#include "vm/objects/function.h"

typedef enum {
  ITERATOR_ARRAY = 1,
  ITERATOR_STRING,
  ITERATOR_MAP,
  ITERATOR_SET,
  ITERATOR_REGEXP_STRING,
  ITERATOR_FOR_IN,
  ITERATOR_ASYNC_FROM_SYNC,
  ITERATOR_HELPER,
  ITERATOR_WRAP,
} IteratorFamily;

typedef enum { ITERATE_KEYS, ITERATE_VALUES, ITERATE_ENTRIES } IterationKind;

typedef struct IteratorObject {
  Object object;
  Value target; // what is iterated; undefined once the iterator is done
  Value extra;  // the family's own; undefined if unused
  double index; // position; plain data, not traced
  uint8_t family;
  uint8_t kind; // IterationKind
  uint16_t flags;
} IteratorObject;

// A new iterator at index 0. `prototype` is the family's.
static inline IteratorObject *
vm_iterator_object_new(Isolate *iso, Object *prototype, IteratorFamily family,
                       IterationKind kind, Value target) {
  IteratorObject *it = (IteratorObject *)vm_object_allocate(
      iso, CELL_ITERATOR, sizeof(IteratorObject), prototype);
  it->target = target;
  it->extra = VALUE_UNDEFINED;
  it->family = (uint8_t)family;
  it->kind = (uint8_t)kind;
  return it;
}

// What `next` of a family does, without a result object: the value, VALUE_EMPTY
// when done, or VALUE_EXCEPTION.
typedef Value (*IteratorStep)(Isolate *, IteratorObject *);
// The step of a builtin iterator whose `next` method is the one of its own
// family, or that a builtin module steps; NULL: call the method.
IteratorStep vm_iterator_native_step(Isolate *, Value iterator, Value next);

Value vm_array_iterator_next(Isolate *, const NativeCall *);
Value vm_array_iterator_step(Isolate *, IteratorObject *);
Value vm_string_iterator_next(Isolate *, const NativeCall *);
Value vm_string_iterator_step(Isolate *, IteratorObject *);
// @@iterator of Maps and Sets, and their like. magic: the IterationKind
Value vm_map_iterate(Isolate *, const NativeCall *);
Value vm_set_iterate(Isolate *, const NativeCall *);
Value vm_collection_iterator_next(Isolate *, const NativeCall *); // magic 1: map
Value vm_collection_iterator_step(Isolate *, IteratorObject *);

#endif
