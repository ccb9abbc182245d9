// SPDX-License-Identifier: MIT
// The tables behind atoms.c, which interns, and atom_rounds.c, which lets go of
// names that nobody has any more. Nothing else includes this but their test.
//
// The table of atoms has shards, chosen by the hash's high bits, and each shard
// two tables: of the atoms that are kept for good, and of the names that
// programs made while they ran, which are mortal cells (gc.h). Readers take no
// lock: they load a table and probe it. Writers hold the shard's lock; they
// publish an entry by one release store after the atom and its number's place
// are complete, and a grown table by another.
//
// An atom may move from the names to the kept, never back. Whoever found it in
// neither looks again if `moves` has changed since.
//
// Names are probed without the lock by mutators only, on behalf of their heap:
// once all heaps have been in a stop, nobody reads what was taken out before.
#ifndef RILL_VM_OBJECTS_ATOM_TABLE_H
#define RILL_VM_OBJECTS_ATOM_TABLE_H

#include <pthread.h>
#include <stdatomic.h>

#include "vm/objects/string_internal.h"

enum {
  ATOM_SHARD_BITS = 6,
  ATOM_SHARD_COUNT = 1 << ATOM_SHARD_BITS,
  ATOM_ADDRESS_BITS = 48,
  ATOM_FILTER_BITS = 1 << 11,
};

// An entry is the atom's address, with 16 bits of its hash above; 0 is empty.
// (The low bits of a hash choose the place in the table, the high ones the
// shard.)
typedef struct AtomTable {
  struct AtomTable *outgrown; // or the next one to be freed
  uint32_t mask;
  _Atomic uint64_t entries[];
} AtomTable;
enum { ATOM_ENTRY_GONE = 1 };

typedef struct AtomList {
  String **atoms;
  uint32_t count, capacity;
} AtomList;

typedef struct AtomShard {
  pthread_mutex_t lock;
  _Atomic uint32_t moves;
  _Atomic(AtomTable *) kept;
  _Atomic(AtomTable *) names; // NULL: none yet
  // A bit for what each atom's tag begins with: most texts that have no atom
  // are known by it. Set before the atom is in a table.
  _Atomic uint64_t filter[ATOM_FILTER_BITS / 64];
  // Under the lock.
  uint32_t kept_count;
  uint32_t name_count;   // names in the table
  uint32_t places;       // of `names` in use: those, and what is gone
  uint32_t free_numbers; // first of the list, plus 1; 0: none
  // Names that died, and tables that were outgrown: since the round began, and
  // before that.
  AtomList dead[2];
  AtomTable *outgrown[2];
} __attribute__((aligned(64))) AtomShard;
extern AtomShard vm_atom_shards[ATOM_SHARD_COUNT];

static inline uint64_t atom_entry_tag(uint32_t hash) {
  return (uint64_t)(uint16_t)(hash >> 10) << ATOM_ADDRESS_BITS;
}
static inline String *atom_of_entry(uint64_t entry) {
  return (String *)(uintptr_t)(entry << 16 >> 16);
}
// The bit of an entry, or of a tag.
static inline uint32_t atom_filter_bit(uint64_t entry) {
  return (uint32_t)(entry >> 53);
}

// Behind an atom's units.
typedef struct AtomTail {
  uint32_t number;
  uint32_t heap; // of a name: who is charged for it (gc_heap_number)
} AtomTail;
static inline AtomTail *atom_tail(String *atom) {
  size_t bytes = string_flat_bytes(atom->cell.extra,
                                   (atom->cell.flags & STRING_WIDE) != 0);
  return (AtomTail *)(void *)((char *)atom + ((bytes + 3) & ~(size_t)3));
}
// The bytes that its heap is charged: places in the tables, too.
static inline size_t atom_charge(const String *name) {
  return string_flat_bytes(name->cell.extra,
                           (name->cell.flags & STRING_WIDE) != 0) +
         4 * sizeof(void *);
}

// In the place of a number that is free: the next one.
static inline String *atom_free_link(uint32_t next_plus_1) {
  return (String *)((uintptr_t)next_plus_1 << 1 | 1);
}
static inline uint32_t atom_free_next(const String *link) {
  return (uint32_t)((uintptr_t)link >> 1);
}
// Under the lock.
static inline void atom_free_number(AtomShard *shard, uint32_t number) {
  __atomic_store_n(vm_atom_place(number), atom_free_link(shard->free_numbers),
                   __ATOMIC_RELAXED);
  shard->free_numbers = number + 1;
}

// atom_rounds.c. The first without a lock.
void vm_atom_name_added(void);
void vm_atom_name_kept(void); // it is not one of the names any more
void vm_atom_rounds_init(void);
#endif
