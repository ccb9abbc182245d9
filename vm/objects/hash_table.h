// SPDX-License-Identifier: MIT
// Hash tables in order of insertion, for Map and Set: keys by SameValueZero.
//
// A table that grows, shrinks or is cleared is replaced by another; the old one
// points to its successor, so that an iterator that still stands in it can
// carry its position over (vm_hash_table_next). Of a large table the entries
// move a few at a time, in order, with each use of the new one, so that no use
// takes long. Until then they are looked up, changed and deleted in the old
// one.
#ifndef RILL_VM_OBJECTS_HASH_TABLE_H
#define RILL_VM_OBJECTS_HASH_TABLE_H

#include "vm/objects/isolate.h"

typedef struct HashEntry {
  Value key; // EMPTY: deleted; 0: not used yet
  Value value;
  uint32_t hash;
  uint32_t next; // of the same bucket: index + 1, or 0
} HashEntry;

typedef struct HashTable {
  GcCell cell; // flags: 1: it was cleared; extra: capacity in entries
  struct HashTable *successor; // NULL: this one is in use
  uint32_t used;               // entries filled, deleted ones included
  uint32_t live;
  uint32_t mask;            // buckets - 1
  uint32_t reserved;        // the first entries are for those of the source
  struct HashTable *source; // has entries still to be moved; NULL: none
  uint32_t moved;           // entries of the source that were looked at
  uint32_t filled;          // reserved entries that are in use
  HashEntry entries[];
  // followed by uint32_t buckets[mask + 1]: index + 1, or 0
} HashTable;

typedef struct MapObject {
  Object object;
  HashTable *table; // never NULL once constructed
} MapObject;

// All may fail by out of memory only: false or NULL, thrown.
HashTable *vm_hash_table_new(Isolate *, uint32_t capacity) VM_CHECKED;
// The entry, or NULL. Nothing is thrown.
HashEntry *vm_hash_table_find(Isolate *, HashTable *, Value key);
// Adds or overwrites; *table belongs to a cell and may be replaced.
bool vm_hash_table_set(Isolate *, HashTable **table, Value key,
                       Value value) VM_CHECKED;
// Was it there? May shrink the table.
bool vm_hash_table_delete(Isolate *, HashTable **table, Value key);
bool vm_hash_table_clear(Isolate *, HashTable **table) VM_CHECKED;
// The first live entry at *index or behind it; advances *index past it. *table
// may be an old one: table and index are carried over first. NULL: no more for
// now.
HashEntry *vm_hash_table_next(HashTable **table, uint32_t *index);
// Up to `room` of them at once, keys and values: how many; 0: no more for now.
uint32_t vm_hash_table_read(HashTable **table, uint32_t *index, Value *keys,
                            Value *values, uint32_t room);

static inline uint32_t vm_hash_table_live(const HashTable *t) {
  return t->live;
}

#endif
