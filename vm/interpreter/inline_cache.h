// SPDX-License-Identifier: MIT
// Inline caches: what an access found the last time, in the words that the
// dispatch loop compares.
//
// A cache is monomorphic (`first`), then polymorphic (`more`: up to three
// further entries), then megamorphic: accesses go through the isolate's table
// of (shape, key), which any site may fill. Filling is done by
// vm/objects/lookup.h; see there for what a shape match promises.
//
// The loop reads an entry's `kind` only after its shape matched; kind
// IC_NONE never has a shape. Entries are traced strongly from their Code.
#ifndef RILL_VM_INTERPRETER_INLINE_CACHE_H
#define RILL_VM_INTERPRETER_INLINE_CACHE_H

#include "vm/objects/lookup.h"

typedef struct Code Code;

typedef enum {
  IC_NONE,
  IC_OWN_INLINE,       // data at `offset` in the object
  IC_OWN_SLOTS,        // data at `offset` in object->slots
  IC_PROTOTYPE_INLINE, // data at `offset` in holder; validity
  IC_PROTOTYPE_SLOTS,  // data at `offset` in holder->slots; validity
  IC_ABSENT,           // validity
  IC_OWN_GETTER_INLINE,
  IC_OWN_GETTER_SLOTS,
  IC_PROTOTYPE_GETTER_INLINE,
  IC_PROTOTYPE_GETTER_SLOTS,
  IC_ARRAY_LENGTH,
  IC_TYPED_ARRAY_LENGTH, // the intrinsic getter of a typed array; validity
  // Stores
  IC_STORE_INLINE,
  IC_STORE_SLOTS,
  IC_ADD_INLINE, // then `holder` is the new shape; validity
  IC_ADD_SLOTS,
  IC_ADD_GROW,
  IC_OWN_SETTER_INLINE,
  IC_OWN_SETTER_SLOTS,
  IC_PROTOTYPE_SETTER_INLINE,
  IC_PROTOTYPE_SETTER_SLOTS,
  // Globals: `holder` is the global or the lexicals object, `offset` in its
  // slots; epoch is realm->global_epoch.
  IC_GLOBAL_INLINE,
  IC_GLOBAL_SLOTS,
} CacheEntryKind;

typedef struct CacheEntry {
  Shape *shape; // of the receiver; NULL: empty entry
  union {
    Object *holder;
    Shape *new_shape;
  };
  ValidityCell *validity; // always_valid where the kind does not use it
  uint32_t offset;        // bytes, see the kinds
  uint16_t kind;          // CacheEntryKind
  uint8_t receiver;       // LookupReceiver; RECEIVER_OBJECT compares shapes
  uint8_t misses;         // of `first`: how often the site missed
} CacheEntry;
_Static_assert(sizeof(CacheEntry) == 4 * sizeof(uint64_t), "moved by words");

static inline void vm_cache_entry_set(GcHeap *heap, CacheEntry *to,
                                      const CacheEntry *from) {
  gc_barrier_range(heap, (const uint64_t *)to, 3);
  gc_move_words((uint64_t *)to, (const uint64_t *)from, 4);
}

typedef struct PolymorphicCache {
  GcCell cell; // extra: entries in use
  uint64_t reserved;
  CacheEntry entries[3];
} PolymorphicCache;

typedef struct InlineCache {
  CacheEntry first;
  union {
    PolymorphicCache *more; // NULL, or a cell
    uint64_t epoch;         // globals
  };
  PropertyKey key;  // of the cache descriptor
  uint16_t state;   // CacheState
  uint16_t hits_of; // free for feedback
  uint32_t unused;
  uint64_t reserved;
} InlineCache;
_Static_assert(sizeof(InlineCache) == 64, "one cache line");

typedef enum {
  CACHE_STATE_EMPTY,
  CACHE_STATE_MONOMORPHIC,
  CACHE_STATE_POLYMORPHIC,
  CACHE_STATE_MEGAMORPHIC,
} CacheState;

// The general ways of the property instructions: look up, fill the cache,
// answer. A getter or setter in the language is called by a nested loop.
Value vm_cached_get(Isolate *, Code *, InlineCache *, Value base) VM_CHECKED;
bool vm_cached_set(Isolate *, Code *, InlineCache *, Value base, Value value,
                   bool strict) VM_CHECKED;
bool vm_cached_init(Isolate *, Code *, InlineCache *, Object *,
                    Value value) VM_CHECKED;
Value vm_cached_get_private(Isolate *, Code *, InlineCache *, Value base,
                            Symbol *) VM_CHECKED;
bool vm_cached_set_private(Isolate *, Code *, InlineCache *, Value base,
                           Symbol *, Value) VM_CHECKED;
// Globals (globals.c). `missing_is_undefined`: for typeof.
Value vm_cached_get_global(Isolate *, Code *, InlineCache *,
                           bool missing_is_undefined) VM_CHECKED;
bool vm_cached_set_global(Isolate *, Code *, InlineCache *, Value,
                          bool strict) VM_CHECKED;

#endif
