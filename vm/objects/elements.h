// SPDX-License-Identifier: MIT
// Index-keyed properties: the dense vector and its sparse alternative. For the
// files of vm/objects; builtins that work on plain arrays use
// vm_has_plain_elements and the vector itself (object.h).
#ifndef RILL_VM_OBJECTS_ELEMENTS_H
#define RILL_VM_OBJECTS_ELEMENTS_H

#include "vm/objects/isolate.h"

typedef struct SparseEntry {
  uint32_t index;
  uint8_t state; // SPARSE_*
  uint8_t attributes;
  Value value; // an Accessor if PROPERTY_ACCESSOR
} SparseEntry;
enum { SPARSE_FREE, SPARSE_LIVE, SPARSE_DELETED };

// Starts like Elements, with length and capacity 0, so that fast paths find
// nothing there. An open-addressed table. The entries of a large one move to
// the table that replaces it a few at a time; until then they are used where
// they are, and marked as deleted once they have moved.
typedef struct SparseElements {
  GcCell cell;
  uint32_t capacity, reserved; // 0
  uint32_t live, used;         // entries; used counts deleted ones
  uint64_t mask;
  struct SparseElements *source; // has entries still to be moved; NULL: none
  uint64_t moved;                // places of the source that were looked at
  SparseEntry entries[];
} SparseElements;

static inline bool object_has_sparse_elements(const Object *o) {
  return o->elements->cell.kind == CELL_SPARSE_ELEMENTS;
}
static inline SparseElements *object_sparse(const Object *o) {
  return (SparseElements *)(void *)o->elements;
}

SparseEntry *vm_sparse_find(const SparseElements *, uint32_t index); // or NULL
// Adds or overwrites; the object has sparse elements. False: threw.
bool vm_sparse_put(Isolate *, Object *, uint32_t index, Value,
                   uint8_t attributes) VM_CHECKED;
void vm_sparse_remove(Isolate *, Object *, SparseEntry *);
// The table, with all entries in it: for those who go over them.
SparseElements *vm_sparse_all(Isolate *, Object *);
// A dense vector holding the values (count > 0). NULL: threw.
Elements *vm_elements_from(Isolate *, const Value *, uint32_t count) VM_CHECKED;
// Turns dense elements into sparse ones. False: threw.
bool vm_elements_make_sparse(Isolate *, Object *) VM_CHECKED;
// Takes attributes away from all elements (which become sparse first).
bool vm_elements_clear_attributes(Isolate *, Object *, uint8_t) VM_CHECKED;
// Stores an element with default attributes, growing as needed; an array's
// length follows. No checks of extensibility or of what was there. False:
// threw.
bool vm_elements_put(Isolate *, Object *, uint32_t index, Value) VM_CHECKED;
// Removes an element, without looking at its attributes.
void vm_elements_remove(Isolate *, Object *, uint32_t index);
// Truncates to indices below `length`. Gives the length reached: greater where
// an element that is not configurable is in the way.
uint32_t vm_elements_truncate(Isolate *, Object *, uint32_t length);
// Own index keys in ascending order.
bool vm_elements_keys(Isolate *, Object *, KeyList *) VM_CHECKED;

#endif
