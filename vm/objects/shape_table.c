// SPDX-License-Identifier: MIT
// Property tables: key -> slot and attributes, in order of insertion.
//
// The marker may read a table while it is appended to: an entry's key is
// published before the count that makes it visible.
#include "vm/objects/shape_internal.h"

static bool is_large(const ShapeTable *t) {
  return unlikely(t->index != NULL);
}

static uint32_t capacity_of(size_t bytes) {
  size_t capacity = (bytes - sizeof(ShapeTable)) / sizeof(ShapeEntry);
  return capacity < SHAPE_TABLE_MAX ? (uint32_t)capacity : SHAPE_TABLE_MAX;
}

// Without an index yet.
static ShapeTable *new_large(Isolate *iso, uint32_t capacity) {
  size_t bytes = sizeof(ShapeTable) + capacity * sizeof(ShapeEntry);
  ShapeTable *t = gc_allocate_growable(iso->heap, bytes, CELL_SHAPE_TABLE);
  if (likely(t != NULL)) t->cell.extra = capacity_of(gc_cell_bytes(t));
  return t;
}

ShapeTable *shape_table_new(Isolate *iso, uint32_t capacity) {
  if (unlikely(capacity > SHAPE_TABLE_MAX)) return NULL;
  if (unlikely(capacity > SHAPE_TABLE_SMALL)) {
    ShapeTable *t = new_large(iso, capacity);
    if (t == NULL) return NULL;
    ShapeIndex *index = shape_index_new(iso, capacity);
    if (index == NULL) return NULL;
    gc_publish(&t->index, index);
    return t;
  }
  uint32_t buckets = 0;
  if (capacity > SHAPE_TABLE_LINEAR) {
    buckets = UINT32_C(2) << (31 - __builtin_clz(capacity));
    if (buckets < capacity + capacity / 2) buckets *= 2;
  }
  size_t bytes = sizeof(ShapeTable) + capacity * sizeof(ShapeEntry) +
                 buckets * sizeof(uint32_t);
  ShapeTable *t = gc_allocate_certain(iso->heap, bytes, CELL_SHAPE_TABLE);
  t->cell.extra = capacity;
  t->bucket_mask = buckets ? buckets - 1 : 0;
  return t;
}

static uint32_t hash_of(const ShapeEntry *e) {
  return shape_entry_is_text(e) ? shape_text_hash(e->attributes)
                                : shape_key_hash(e->key);
}

static void add_bucket(ShapeTable *t, uint32_t number) {
  uint32_t *buckets = shape_table_buckets(t);
  uint32_t hash = hash_of(&t->entries[number]);
  uint32_t i = hash & t->bucket_mask;
  while (buckets[i] != 0)
    i = (i + 1) & t->bucket_mask;
  buckets[i] = shape_bucket(hash, number);
}

ShapeEntry *shape_table_find_text(ShapeTable *t, const String *text) {
  if (!shape_table_has_texts(t)) return NULL;
  if (is_large(t)) return shape_index_find_text(t, text);
  if (t->bucket_mask == 0) {
    for (uint32_t i = 0; i < t->count; i++)
      if (shape_entry_has_text(&t->entries[i], text)) return &t->entries[i];
    return NULL;
  }
  const uint32_t *buckets = shape_table_buckets(t);
  uint32_t hash = shape_text_hash(text->hash), i = hash & t->bucket_mask;
  for (uint32_t b; (b = buckets[i]) != 0; i = (i + 1) & t->bucket_mask) {
    ShapeEntry *e = &t->entries[shape_bucket_entry(b)];
    if (shape_bucket_fits(b, hash) && shape_entry_has_text(e, text)) return e;
  }
  return NULL;
}

static __attribute__((noinline)) ShapeEntry *find_as_text(ShapeTable *t,
                                                          PropertyKey key) {
  return key_is_string(key) ? shape_table_find_text(t, value_as_string(key))
                            : NULL;
}

ShapeEntry *shape_table_find(ShapeTable *t, PropertyKey key, uint32_t limit) {
  // The table is one object's: there is no limit.
  if (is_large(t)) return shape_index_find(t, key);
  if (shape_table_has_texts(t)) {
    ShapeEntry *e = find_as_text(t, key);
    if (e != NULL) return e;
  }
  if (t->bucket_mask == 0) {
    uint32_t count = t->count < limit ? t->count : limit;
    for (uint32_t i = 0; i < count; i++) {
      if (t->entries[i].key == key) return &t->entries[i];
    }
    return NULL;
  }
  const uint32_t *buckets = shape_table_buckets(t);
  uint32_t hash = shape_key_hash(key), i = hash & t->bucket_mask;
  for (uint32_t b; (b = buckets[i]) != 0; i = (i + 1) & t->bucket_mask) {
    if (!shape_bucket_fits(b, hash)) continue;
    uint32_t number = shape_bucket_entry(b);
    ShapeEntry *e = &t->entries[number];
    if (likely(e->key == key)) return number < limit ? e : NULL;
  }
  return NULL;
}

static void put_entry(ShapeTable *t, PropertyKey key, uint32_t slot,
                      uint32_t attributes) {
  uint32_t number = t->count;
  ShapeEntry *e = &t->entries[number];
  e->slot = slot;
  e->attributes = attributes;
  __atomic_store_n(&e->key, key, __ATOMIC_RELEASE);
  if (unlikely(attributes & SHAPE_ENTRY_TEXT))
    t->cell.flags |= SHAPE_TABLE_TEXTS | SHAPE_TABLE_NAMELESS;
  if (t->bucket_mask) {
    add_bucket(t, number);
  } else if (is_large(t)) {
    shape_index_add(t->index, e, number);
  }
  __atomic_store_n(&t->count, number + 1, __ATOMIC_RELEASE);
}

ShapeTable *shape_table_copy(Isolate *iso, ShapeTable *from, uint32_t count,
                             uint32_t capacity) {
  ShapeTable *t = shape_table_new(iso, capacity);
  if (unlikely(t == NULL)) return NULL;
  if (from == NULL) return t;
  if (count > from->count) count = from->count;
  enum { AHEAD = 16 };
  for (uint32_t i = 0; i < count; i++) {
    const ShapeEntry *e = &from->entries[i];
    if (is_large(t) && i + AHEAD < count)
      shape_index_prefetch(t->index, &e[AHEAD]);
    if (e->key != 0) put_entry(t, e->key, e->slot, e->attributes);
  }
  return t;
}

// Room for `capacity` entries in a large table: where it is, if there are
// addresses left. Entries keep their numbers, so the index stays.
static bool enlarge(Isolate *iso, ShapeTable **table, uint32_t capacity) {
  ShapeTable *t = *table;
  if (capacity > SHAPE_TABLE_MAX) return false;
  if (capacity <= t->cell.extra) return true;
  if (gc_grow(iso->heap, t,
              sizeof(ShapeTable) + capacity * sizeof(ShapeEntry))) {
    t->cell.extra = capacity_of(gc_cell_bytes(t));
    return true;
  }
  uint32_t twice =
      t->cell.extra < SHAPE_TABLE_MAX / 2 ? 2 * t->cell.extra : SHAPE_TABLE_MAX;
  ShapeTable *grown = new_large(iso, capacity > twice ? capacity : twice);
  if (unlikely(grown == NULL)) return false;
  memcpy(grown->entries, t->entries, t->count * sizeof(ShapeEntry));
  grown->cell.flags = t->cell.flags;
  gc_publish(&grown->index, t->index);
  grown->count = t->count;
  gc_store_pointer(iso->heap, table, grown);
  return true;
}

static bool make_room(Isolate *iso, ShapeTable **table, uint32_t capacity) {
  ShapeTable *t = *table;
  if (t != NULL && is_large(t)) return enlarge(iso, table, capacity);
  t = shape_table_copy(iso, t, UINT32_MAX, capacity);
  if (unlikely(t == NULL)) return false;
  gc_store_pointer(iso->heap, table, t);
  return true;
}

bool shape_table_reserve(Isolate *iso, ShapeTable **table, uint32_t capacity) {
  const ShapeTable *t = *table;
  return (t != NULL && capacity <= t->cell.extra) ||
         make_room(iso, table, capacity);
}

// Of a full table, or NULL.
static uint32_t next_capacity(const ShapeTable *t) {
  if (t != NULL && is_large(t)) return t->count + 1; // in fact much more
  uint32_t live = 0;
  for (uint32_t i = 0; t != NULL && i < t->count; i++)
    live += t->entries[i].key != 0;
  return live < 4 ? 4 : live < 8 ? 8 : live * 2;
}

bool shape_table_append(Isolate *iso, ShapeTable **table, PropertyKey key,
                        uint32_t slot, uint32_t attributes) {
  ShapeTable *t = *table;
  if (t == NULL || t->count == t->cell.extra) {
    if (unlikely(!make_room(iso, table, next_capacity(t)))) return false;
    t = *table;
  }
  if (unlikely(is_large(t)) && !shape_index_make_room(iso, t)) return false;
  put_entry(t, key, slot, attributes);
  return true;
}

void shape_table_remove(Isolate *iso, ShapeTable *t, ShapeEntry *e) {
  // The bucket stays: probing goes on past a key that matches nothing.
  gc_store_word(iso->heap, &e->key, 0);
  // The collector may be about to look at the entry: it has no key any more.
  if (e == &t->entries[t->count - 1] && t->bucket_mask == 0 && !is_large(t))
    __atomic_store_n(&t->count, t->count - 1, __ATOMIC_RELEASE);
}
