// SPDX-License-Identifier: MIT
// Small general-purpose cells: a growing list of cells, raw bytes, and a
// pointer to something outside the heap.
#ifndef RILL_VM_OBJECTS_CELLS_H
#define RILL_VM_OBJECTS_CELLS_H

#include "vm/objects/value.h"

typedef struct ValueList {
  GcCell cell; // extra: capacity
  uint64_t count;
  Value items[]; // zero words beyond count
} ValueList;

// Appends to *list (a field of `owner`'s cell or a C variable), which may be
// NULL at first and is replaced when it grows. False: there is no memory for it,
// which the next safepoint throws unless the caller does.
bool vm_value_list_append(Isolate *, ValueList **list, Value);

typedef struct Bytes {
  GcCell cell; // extra: length
  uint8_t data[];
} Bytes;

// Owns `pointer`: calls `finalize` (may be NULL) once nothing refers to the
// cell. The callback runs on the isolate's thread and must not touch the heap.
typedef struct Foreign {
  GcCell cell;
  void *pointer;
  void (*finalize)(void *pointer);
  // What the pointer's memory adds to the heap's size (gc_external_adjust, the
  // owner's call); given back when the cell dies.
  size_t external_bytes;
} Foreign;
Foreign *vm_foreign_new(Isolate *, void *pointer, void (*finalize)(void *));

#endif
