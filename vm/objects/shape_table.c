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

static void add_bucket(ShapeTable *t, uint32_t index) {
  uint32_t *buckets = shape_table_buckets(t);
  uint32_t hash = shape_key_hash(t->entries[index].key);
  uint32_t i = hash & t->bucket_mask;
  while (buckets[i] != 0)
    i = (i + 1) & t->bucket_mask;
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
  const uint32_t *buckets = shape_table_buckets(t);
  uint32_t hash = shape_key_hash(key);
  uint32_t i = hash & t->bucket_mask;
  for (uint32_t b; (b = buckets[i]) != 0; i = (i + 1) & t->bucket_mask) {
    if ((b ^ hash) >> INDEX_BITS != 0) continue;
    uint32_t index = (b & INDEX_MASK) - 1;
    ShapeEntry *e = &t->entries[index];
    if (likely(e->key == key)) return index < limit ? e : NULL;
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
  for (uint32_t i = 0; i < count; i++) {
    const ShapeEntry *e = &from->entries[i];
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
    ShapeTable *grown = shape_table_copy(iso, t, UINT32_MAX,
                                         live < 4   ? 4
                                         : live < 8 ? 8
                                                    : live * 2);
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
