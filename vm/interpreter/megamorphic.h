// SPDX-License-Identifier: MIT
// The table that all megamorphic sites of an isolate share.
#ifndef RILL_VM_INTERPRETER_MEGAMORPHIC_H
#define RILL_VM_INTERPRETER_MEGAMORPHIC_H

#include "vm/interpreter/inline_cache.h"
#include "vm/objects/isolate.h"

// Cleared when a collection starts, so its entries need not be traced.
enum { MEGAMORPHIC_SIZE = 1024 };
typedef enum { MEGAMORPHIC_LOADS, MEGAMORPHIC_STORES } MegamorphicUse;
typedef struct MegamorphicEntry {
  PropertyKey key;
  CacheEntry entry;
} MegamorphicEntry;
typedef struct MegamorphicCache {
  MegamorphicEntry entries[2][MEGAMORPHIC_SIZE];
} MegamorphicCache;
static inline uint32_t megamorphic_index(const Shape *shape, PropertyKey key) {
  uintptr_t mixed = ((uintptr_t)shape >> 4) ^ (uintptr_t)(key >> 4) ^
                    ((uintptr_t)shape >> 14) ^ (uintptr_t)(key >> 15);
  return (uint32_t)mixed & (MEGAMORPHIC_SIZE - 1);
}
// Where key and shape would be; compare both.
static inline const MegamorphicEntry *megamorphic_entry(const Isolate *iso,
                                                        MegamorphicUse use,
                                                        const Shape *shape,
                                                        PropertyKey key) {
  return &iso->megamorphic->entries[use][megamorphic_index(shape, key)];
}
// What all isolates have until they store something: 80 KiB are a lot for a
// small one. Nothing ever matches in it.
extern MegamorphicCache vm_megamorphic_none;
void vm_megamorphic_store(Isolate *, MegamorphicUse, PropertyKey,
                          const CacheEntry *);
void vm_megamorphic_clear(Isolate *);
void vm_megamorphic_free(Isolate *);

#endif
