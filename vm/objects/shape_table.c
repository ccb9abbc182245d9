// SPDX-License-Identifier: MIT
// Property tables: key -> slot and attributes, in order of insertion.
//
// The marker may read a table while it is appended to: it looks at all entries
// up to the capacity, and an entry's key is published last.
#include "vm/objects/shape_internal.h"

ShapeTable *shape_table_new(Isolate *iso, uint32_t capacity) {
  uint32_t buckets = 0;
  if (unlikely(capacity > SHAPE_TABLE_MAX)) return NULL;
  if (capacity > SHAPE_TABLE_LINEAR) {
    buckets = UINT32_C(2) << (31 - __builtin_clz(capacity));
    if (buckets < capacity + capacity / 2) buckets *= 2;
  }
  size_t bytes = sizeof(ShapeTable) + capacity * sizeof(ShapeEntry) +
                 buckets * sizeof(uint32_t);
  ShapeTable *t = gc_allocate_any(iso->heap, bytes, CELL_SHAPE_TABLE);
  if (unlikely(t == NULL)) return NULL;
  t->cell.extra = capacity;
  t->bucket_mask = buckets ? buckets - 1 : 0;
  return t;
}

// A bucket: the number of the entry plus one, and above it bits of the key's
// hash, so that most collisions are told without looking at the entry.
enum { INDEX_BITS = 24, INDEX_MASK = (1 << INDEX_BITS) - 1 };

// Where the search for a key begins, and goes on. The index of a large table is
// beyond the caches; there it has lines of 16 buckets, and names that are
// neighbours in memory begin in the same or in neighbouring lines: names that
// were made one after another often go into a table, and are asked for, in that
// order. Full lines are left by a step that differs from key to key.
enum { LINE = 16, LINE_SPAN_BITS = 9, PAGE_BITS = 12, PAGE_LINES = 8 };

static inline bool is_large(const ShapeTable *t) {
  return unlikely(t->bucket_mask >= SHAPE_TABLE_LARGE);
}
static inline uint32_t first_bucket(const ShapeTable *t, PropertyKey key,
                                    uint32_t hash) {
  if (!is_large(t)) return hash & t->bucket_mask;
  // The high bits of the product keep successive pages apart from each other.
  uint64_t page = shape_key_hash(key >> PAGE_BITS << 4);
  page = page * ((t->bucket_mask + 1) / (LINE * PAGE_LINES)) >> 32;
  uint32_t line = (uint32_t)page * PAGE_LINES +
                  (uint32_t)(key >> LINE_SPAN_BITS) % PAGE_LINES;
  return line * LINE + (uint32_t)(key >> 5) % LINE;
}
static inline uint32_t next_bucket(const ShapeTable *t, uint32_t i,
                                   uint32_t first, uint32_t hash) {
  if (!is_large(t)) return (i + 1) & t->bucket_mask;
  uint32_t next = (i & ~(uint32_t)(LINE - 1)) | (i + 1) % LINE;
  if (likely((next ^ first) % LINE != 0)) return next;
  return (next + (hash >> 3 | 1) * LINE) & t->bucket_mask;
}

static void add_bucket(ShapeTable *t, uint32_t index) {
  uint32_t *buckets = shape_table_buckets(t);
  PropertyKey key = t->entries[index].key;
  uint32_t hash = shape_key_hash(key);
  uint32_t first = first_bucket(t, key, hash), i = first;
  while (buckets[i] != 0)
    i = next_bucket(t, i, first, hash);
  buckets[i] = (hash & ~(uint32_t)INDEX_MASK) | (index + 1);
}

ShapeEntry *shape_table_find(ShapeTable *t, PropertyKey key, uint32_t limit) {
  if (t->bucket_mask == 0) {
    uint32_t count = t->count < limit ? t->count : limit;
    for (uint32_t i = 0; i < count; i++) {
      if (t->entries[i].key == key) return &t->entries[i];
    }
    return NULL;
  }
  if (is_large(t)) {
    // The table is one object's: there is no limit.
    uint32_t last = t->last;
    if (t->entries[last].key == key) return &t->entries[last];
    if (++last < t->count && t->entries[last].key == key) {
      t->last = last;
      return &t->entries[last];
    }
  }
  const uint32_t *buckets = shape_table_buckets(t);
  uint32_t hash = shape_key_hash(key);
  uint32_t first = first_bucket(t, key, hash), i = first;
  for (uint32_t b; (b = buckets[i]) != 0; i = next_bucket(t, i, first, hash)) {
    if ((b ^ hash) >> INDEX_BITS != 0) continue;
    uint32_t index = (b & INDEX_MASK) - 1;
    ShapeEntry *e = &t->entries[index];
    if (likely(e->key == key)) {
      if (is_large(t)) t->last = index;
      return index < limit ? e : NULL;
    }
  }
  return NULL;
}

static void put_entry(ShapeTable *t, PropertyKey key, uint32_t slot,
                      uint32_t attributes) {
  uint32_t index = t->count;
  ShapeEntry *e = &t->entries[index];
  e->slot = slot;
  e->attributes = attributes;
  __atomic_store_n(&e->key, key, __ATOMIC_RELEASE);
  if (t->bucket_mask) add_bucket(t, index);
  t->count = index + 1;
}

ShapeTable *shape_table_copy(Isolate *iso, ShapeTable *from, uint32_t count,
                             uint32_t capacity) {
  ShapeTable *t = shape_table_new(iso, capacity);
  if (unlikely(t == NULL)) return NULL;
  if (from == NULL) return t;
  if (count > from->count) count = from->count;
  // The places of keys a little further on are on their way meanwhile.
  enum { AHEAD = 16 };
  const uint32_t *buckets = shape_table_buckets(t);
  for (uint32_t i = 0; i < count; i++) {
    const ShapeEntry *e = &from->entries[i];
    if (is_large(t) && i + AHEAD < count) {
      __builtin_prefetch(&buckets[first_bucket(t, e[AHEAD].key, 0)], 1);
    }
    if (e->key != 0) put_entry(t, e->key, e->slot, e->attributes);
  }
  return t;
}

bool shape_table_append(Isolate *iso, ShapeTable **table, PropertyKey key,
                        uint32_t slot, uint8_t attributes) {
  ShapeTable *t = *table;
  if (t == NULL || t->count == t->cell.extra) {
    uint32_t live = 0;
    for (uint32_t i = 0; t != NULL && i < t->count; i++) {
      live += t->entries[i].key != 0;
    }
    uint32_t capacity = live < 4 ? 4 : live < 8 ? 8 : live * 2;
    if (capacity > SHAPE_TABLE_MAX && live < SHAPE_TABLE_MAX)
      capacity = SHAPE_TABLE_MAX;
    ShapeTable *grown = shape_table_copy(iso, t, UINT32_MAX, capacity);
    if (unlikely(grown == NULL)) return false;
    t = grown;
    gc_store_pointer(iso->heap, table, t);
  }
  put_entry(t, key, slot, attributes);
  return true;
}

void shape_table_remove(Isolate *iso, ShapeTable *t, ShapeEntry *e) {
  // The bucket stays: probing goes on past a key that matches nothing.
  gc_store_word(iso->heap, &e->key, 0);
  if (e == &t->entries[t->count - 1] && t->bucket_mask == 0) t->count--;
}
