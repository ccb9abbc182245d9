// SPDX-License-Identifier: MIT
// Weak things: the ephemeron table of WeakMap and WeakSet, WeakRef.
#ifndef RILL_VM_OBJECTS_WEAK_TABLE_H
#define RILL_VM_OBJECTS_WEAK_TABLE_H

#include "vm/objects/isolate.h"

typedef struct WeakEntry {
  Value key; // weak; 0: free, EMPTY: deleted
  Value value;
} WeakEntry;

// Open-addressed by the key's address. An entry lives as long as its key. The
// collector turns entries whose keys have died into deleted ones beside the
// mutator, which never finds them: it has no such key any more.
//
// The entries of a large table move to the one that replaces it a few at a
// time, so that no addition takes long. Until then they are used where they
// are.
typedef struct WeakTable {
  GcCell cell; // extra: capacity, a power of two
  uint32_t used, live;
  uint32_t cleared;         // of `live`; the collector's
  uint32_t moved;           // places of the source that were looked at
  struct WeakTable *source; // has entries still to be moved; NULL: none
  WeakEntry entries[];
} WeakTable;

typedef struct WeakMapObject {
  Object object;
  WeakTable *table; // NULL: empty
} WeakMapObject;

WeakEntry *vm_weak_table_find(WeakTable *table_or_null, Value key);
bool vm_weak_table_set(Isolate *, WeakTable **table, Value key,
                       Value value) VM_CHECKED; // false: threw
bool vm_weak_table_delete(Isolate *, WeakTable *table_or_null, Value key);

typedef struct WeakRefObject {
  Object object;
  Value target; // weak; undefined once dead
} WeakRefObject;

// CanBeHeldWeakly (9.14).
bool vm_can_be_held_weakly(Value);
// Keeps a value alive until the end of the current job (9.10.3).
void vm_add_to_kept_objects(Isolate *, Value);

#endif
