// SPDX-License-Identifier: MIT
// What the files that implement shapes share: the property table, transitions
// and the bookkeeping of prototypes. Beside them only code that walks the
// properties of an object fast (JSON) includes this, and reads.
#ifndef RILL_VM_OBJECTS_SHAPE_INTERNAL_H
#define RILL_VM_OBJECTS_SHAPE_INTERNAL_H

#include "vm/objects/cells.h"
#include "vm/objects/isolate.h"
#include "vm/objects/shape.h"

// Beyond this many properties an object becomes a dictionary.
enum { SHAPE_MAX_SHARED_PROPERTIES = 512 };

typedef struct ShapeIndex ShapeIndex;
typedef struct ShapeEntry {
  PropertyKey key; // 0: deleted (dictionaries only)
  uint32_t slot;
  uint32_t attributes; // PROPERTY_*; above them, of a text, SHAPE_ENTRY_TEXT
                       // and bits of its hash
} ShapeEntry;

// In dictionaries a key may be a text: a flat string that is hashed, spells no
// index, and had no atom when the property was added (text_keys.h says why).
// It is found by its text, whoever asks: by another string, or by the atom,
// which takes the string's place then. Whoever takes keys out of a table to
// search by them calls vm_dictionary_name_texts before.
enum {
  SHAPE_ENTRY_TEXT = 1 << 8,
  SHAPE_ENTRY_HASH_SHIFT = 10, // the bits above
};
static inline uint32_t shape_text_attributes(const String *text,
                                             uint8_t attributes) {
  return text->hash >> SHAPE_ENTRY_HASH_SHIFT << SHAPE_ENTRY_HASH_SHIFT |
         SHAPE_ENTRY_TEXT | attributes;
}
static inline uint32_t shape_entry_with(const ShapeEntry *e,
                                        uint8_t attributes) {
  return (e->attributes & ~(uint32_t)UINT8_MAX) | attributes;
}

// Entries in order of insertion, and from 8 entries on an index by hash.
//
// Shapes of one line of descent share a table: a SHARED shape sees the entries
// below its own property_count, and only the shape that has all of them may
// append. A UNIQUE shape owns its table. Tables of more entries than SHARED
// shapes have are large: see shape_index.c.
struct ShapeTable {
  GcCell cell; // extra: capacity; flags: below
  uint32_t count;
  uint32_t bucket_mask; // 0: no buckets
  ShapeIndex *index;    // large tables; else NULL
  ShapeEntry entries[];
  // followed by uint32_t buckets[bucket_mask + 1], if it is not large
};
enum {
  SHAPE_TABLE_TEXTS = 1 << 0,    // may have entries that are found by text
  SHAPE_TABLE_NAMELESS = 1 << 1, // some of their keys may be no atoms
  SHAPE_TABLE_LINEAR = 8,
  SHAPE_TABLE_SMALL = 1 << 10,
  SHAPE_TABLE_MAX = (1 << 24) - 2,
};
_Static_assert(SHAPE_TABLE_SMALL >= 2 * SHAPE_MAX_SHARED_PROPERTIES,
               "tables of shared shapes are not large");
_Static_assert(sizeof(ShapeTable) +
                       SHAPE_TABLE_SMALL *
                           (sizeof(ShapeEntry) + 2 * sizeof(uint32_t)) <=
                   GC_MAX_MEDIUM,
               "small tables can be made without memory");

struct ShapeIndex {
  GcCell cell;
  ShapeIndex *source; // has entries still to be moved; NULL: none
  uint32_t mask;
  uint32_t used;  // buckets
  uint32_t moved; // entries of the source that were looked at
  uint32_t until; // its entries
  // The entry found last. Whoever goes through all properties asks for it again
  // or for the next one, and is answered without the index.
  uint32_t last;
  // While the table is compacted (dictionary.c): entries below `compacted` were
  // looked at, and those from `kept` up to there are free.
  uint32_t kept, compacted;
  bool is_compacting;
  uint32_t buckets[];
};

// A bucket: the number of the entry plus one, and above it bits of the key's
// hash, so that most collisions are told without looking at the entry.
enum { SHAPE_ENTRY_BITS = 24 };
static inline uint32_t shape_bucket(uint32_t hash, uint32_t number) {
  return hash >> SHAPE_ENTRY_BITS << SHAPE_ENTRY_BITS | (number + 1);
}
static inline bool shape_bucket_fits(uint32_t bucket, uint32_t hash) {
  return (bucket ^ hash) >> SHAPE_ENTRY_BITS == 0;
}
static inline uint32_t shape_bucket_entry(uint32_t bucket) {
  return (bucket & ((1 << SHAPE_ENTRY_BITS) - 1)) - 1;
}

// Children of a SHARED shape, weakly held; a hash set probed linearly. The
// collector takes out the dead beside the mutator, which reads by gc_load_weak.
struct ShapeTransitions {
  GcCell cell; // extra: capacity, a power of two
  uint32_t used;
  uint32_t cleared; // of those; the collector's
  Shape *children[];
};

// A prototype object's part in the world below it.
struct PrototypeInfo {
  GcCell cell;
  ValueList *roots;       // root shapes of objects with this prototype
  ValidityCell *validity; // NULL: none handed out since the last change
  // PrototypeInfos of prototypes below whose validity depends on this one.
  // Weak: a Bytes cell of pointers; flags bit 0: given to gc_add_weak.
  Bytes *dependents;
  uint64_t dependent_count;
};

static inline uint32_t *shape_table_buckets(ShapeTable *t) {
  return (uint32_t *)(void *)&t->entries[t->cell.extra];
}
static inline uint32_t shape_key_hash(PropertyKey key) {
  return (uint32_t)((key >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}
static inline bool shape_entry_is_text(const ShapeEntry *e) {
  return unlikely(e->attributes & SHAPE_ENTRY_TEXT) && e->key != 0;
}
// Where an index has a text: what it says takes no look at the string.
static inline uint32_t shape_text_hash(uint32_t hash_or_attributes) {
  return (hash_or_attributes >> SHAPE_ENTRY_HASH_SHIFT) * UINT32_C(0x9e3779b1);
}
static inline bool shape_entry_has_text(const ShapeEntry *e,
                                        const String *text) {
  if (!shape_entry_is_text(e) ||
      (e->attributes ^ text->hash) >> SHAPE_ENTRY_HASH_SHIFT)
    return false;
  const String *s = value_as_string(e->key);
  return s == text ||
         (s->hash == text->hash &&
          vm_string_views_equal(string_view_of(s), string_view_of(text)));
}
static inline bool shape_table_has_texts(const ShapeTable *t) {
  return unlikely(t->cell.flags & SHAPE_TABLE_TEXTS);
}

// NULL: out of memory, nothing thrown; never up to SHAPE_TABLE_SMALL entries.
ShapeTable *shape_table_new(Isolate *, uint32_t capacity);
// The entry, or NULL. Entries at `limit` and beyond are not seen.
ShapeEntry *shape_table_find(ShapeTable *, PropertyKey, uint32_t limit);
// The entry whose key is a text equal to this one, which is hashed and no rope.
// NULL: there is none.
ShapeEntry *shape_table_find_text(ShapeTable *, const String *text);
// Appends to *table, growing it into another table if it is full. The key must
// be absent. False: out of memory, nothing thrown; cannot happen below
// SHAPE_MAX_SHARED_PROPERTIES entries.
bool shape_table_append(Isolate *, ShapeTable **table, PropertyKey,
                        uint32_t slot, uint32_t attributes);
ShapeTable *shape_table_copy(Isolate *, ShapeTable *, uint32_t count,
                             uint32_t capacity);
// Room for so many entries in all. False: out of memory, nothing thrown.
bool shape_table_reserve(Isolate *, ShapeTable **table, uint32_t capacity);
// Marks an entry as deleted.
void shape_table_remove(Isolate *, ShapeTable *, ShapeEntry *);

// The child of a SHARED shape that has had no other. NULL: there is none.
Shape *vm_shape_only_child(Isolate *, const Shape *);
// For the table alone (shape_index.c). NULL, false: out of memory.
ShapeIndex *shape_index_new(Isolate *, uint32_t entries);
// Room for one more. May begin to move entries to another index.
bool shape_index_make_room(Isolate *, ShapeTable *);
void shape_index_add(ShapeIndex *, const ShapeEntry *, uint32_t number);
ShapeEntry *shape_index_find(ShapeTable *, PropertyKey);
ShapeEntry *shape_index_find_text(ShapeTable *, const String *text);
void shape_index_prefetch(const ShapeIndex *, const ShapeEntry *);
// Moves a few more entries. False: there are none to be moved.
bool shape_index_move_on(Isolate *, ShapeTable *);
// An entry that is not to be moved has another number now.
void shape_index_renumber(ShapeIndex *, const ShapeEntry *, uint32_t from,
                          uint32_t to);

// The table of a shape, built if it has none. NULL only for shapes without
// properties.
ShapeTable *vm_shape_table(Isolate *, Shape *);
// Entries [0, limit) of the table are the shape's.
static inline uint32_t shape_table_limit(const Shape *s) {
  return s->cell.flags & SHAPE_UNIQUE ? UINT32_MAX : s->property_count;
}

// A UNIQUE shape of a plain object that is nobody's prototype: worth a search
// by name at each access, but no entry of a cache.
static inline bool shape_is_dictionary(const Shape *s) {
  return (s->cell.flags & (SHAPE_UNIQUE | SHAPE_IS_PROTOTYPE | SHAPE_LAZY)) ==
             SHAPE_UNIQUE &&
         s->object_kind == CELL_OBJECT;
}
// Renumbers the slots of an object with a UNIQUE, unwatched shape that lost
// many properties; its table gets room for `spare` further ones. What memory
// does not allow is left as it is.
void vm_dictionary_compact(Isolate *, Object *, uint32_t spare);
// The same of a large table, a little with each call: from when it is sparse
// until it is compact. Properties keep their order at all times.
void vm_dictionary_compact_some(Isolate *, Object *);
bool vm_dictionary_is_sparse(const Shape *);
// Puts atoms in the place of keys that are none. False: threw.
bool vm_dictionary_name_texts(Isolate *, Object *) VM_CHECKED;
static inline bool shape_has_large_table(const Shape *s) {
  return s->table != NULL && s->table->index != NULL;
}
// Makes a new object without properties a copy of a dictionary whose properties
// are all plain data. False: nothing was done, nothing thrown.
bool vm_dictionary_copy(Isolate *, Object *to, Object *from);

// Gives the object a UNIQUE shape of its own if it has none yet.
Shape *vm_object_make_unique(Isolate *, Object *);
// Overflow slots. NULL: out of memory, nothing thrown.
Slots *vm_slots_new(Isolate *, uint32_t capacity);
// Room for that many further properties of an object with a UNIQUE shape. What
// memory does not allow comes later.
void vm_object_reserve_properties(Isolate *, Object *, uint32_t count);
// Gives the object another prototype or shape flags, and takes attributes away
// from all of its named properties (WRITABLE from data properties only). Equal
// changes of equal SHARED shapes give equal shapes, up to a size.
void vm_object_reshape(Isolate *, Object *, Object *prototype, uint8_t flags,
                       uint8_t attributes_to_clear);
PrototypeInfo *vm_prototype_info(Isolate *, Object *prototype_or_null);
// The layout of a prototype with this shape changed: caches that looked through
// it are stale.
void vm_prototype_changed(Isolate *, Shape *);
static inline void shape_changed(Isolate *iso, Shape *s) {
  if (unlikely(s->cell.flags & SHAPE_IS_PROTOTYPE))
    vm_prototype_changed(iso, s);
}

// Adds an own named property that is absent, LAZY ones made; extensible or not.
// False: out of memory, thrown.
bool vm_object_add_property(Isolate *, Object *, PropertyKey, Value,
                            uint8_t attributes);
// The same of a dictionary, by a text (see SHAPE_ENTRY_TEXT).
bool vm_object_add_text(Isolate *, Object *, String *text, Value);
// Removes it. It is there.
void vm_object_remove_property(Isolate *, Object *, PropertyKey);
void vm_object_remove_text(Isolate *, Object *, const String *text);
// Changes attributes of one that is there; the slot keeps its value.
void vm_object_change_attributes(Isolate *, Object *, PropertyKey,
                                 uint8_t attributes);

static inline void object_set_shape(Isolate *iso, Object *o, Shape *shape) {
  gc_store_pointer(iso->heap, &o->shape, shape);
}
// Does a LAZY shape hide a property of that name?
static inline bool shape_is_lazy_for(const Shape *s, PropertyKey key) {
  return unlikely(s->cell.flags & SHAPE_LAZY) &&
         ((s->cell.flags & SHAPE_UNIQUE) || key == KEY(prototype) ||
          key == KEY(name) || key == KEY(length));
}

// The first two properties of every function.
void vm_put_length_and_name(Isolate *, Object *, uint32_t length,
                            String *name_or_null);

#endif
