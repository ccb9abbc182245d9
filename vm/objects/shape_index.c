// SPDX-License-Identifier: MIT
// The index of a large property table: a cell of its own, so that the entries
// can grow where they are and keep their numbers. An index that is full is
// replaced by a larger one, to which a few entries are moved with each addition
// and removal; until then keys are looked for in both.
//
// A bucket may outlive its entry, whose place another key may have taken since:
// what counts is the key in the entry.
#include "vm/objects/layouts.h"
#include "vm/objects/shape_internal.h"

enum { MOVED_AT_A_TIME = 16 };

ShapeIndex *shape_index_new(Isolate *iso, uint32_t capacity) {
  uint32_t buckets = UINT32_C(2) << (31 - __builtin_clz(capacity));
  if (buckets < capacity + capacity / 2) buckets *= 2;
  ShapeIndex *x = gc_allocate_any(
      iso->heap, sizeof(ShapeIndex) + buckets * sizeof(uint32_t),
      CELL_SHAPE_INDEX);
  if (likely(x != NULL)) x->mask = buckets - 1;
  return x;
}

// Where the search for a key begins, and goes on. A large index is beyond the
// caches; it has lines of 16 buckets, and names that are neighbours in memory
// begin in the same or in neighbouring lines: names that were made one after
// another often go into a table, and are asked for, in that order. Full lines
// are left by a step that differs from key to key. A small index is in the
// caches as a whole: there the hash alone says where.
enum { LINE = 16, LINE_SPAN_BITS = 9, PAGE_BITS = 12, PAGE_LINES = 8 };
enum { SMALL_MASK = (1 << 14) - 1 };

static inline uint32_t first_of_key(const ShapeIndex *x, PropertyKey key) {
  if (x->mask <= SMALL_MASK) return shape_key_hash(key) & x->mask;
  // The high bits of the product keep successive pages apart from each other.
  uint64_t page = shape_key_hash(key >> PAGE_BITS << 4);
  page = page * ((x->mask + 1) / (LINE * PAGE_LINES)) >> 32;
  uint32_t line = (uint32_t)page * PAGE_LINES +
                  (uint32_t)(key >> LINE_SPAN_BITS) % PAGE_LINES;
  return line * LINE + (uint32_t)(key >> 5) % LINE;
}
// A text's hash says it all: where it is does not matter.
static inline uint32_t first_of_text(const ShapeIndex *x, uint32_t hash) {
  return hash & x->mask;
}

typedef struct Probe {
  uint32_t hash, first;
} Probe;
static inline Probe probe_of(const ShapeIndex *x, const ShapeEntry *e) {
  if (shape_entry_is_text(e)) {
    uint32_t hash = shape_text_hash(e->attributes);
    return (Probe){hash, first_of_text(x, hash)};
  }
  return (Probe){shape_key_hash(e->key), first_of_key(x, e->key)};
}
static inline uint32_t next_bucket(const ShapeIndex *x, uint32_t i,
                                   uint32_t first, uint32_t hash) {
  uint32_t next = (i & ~(uint32_t)(LINE - 1)) | (i + 1) % LINE;
  if (likely((next ^ first) % LINE != 0)) return next;
  return (next + (hash >> 3 | 1) * LINE) & x->mask;
}

void shape_index_prefetch(const ShapeIndex *x, const ShapeEntry *e) {
  __builtin_prefetch(&x->buckets[probe_of(x, e).first], 1);
}

static ShapeEntry *find_by(const ShapeIndex *x, ShapeTable *t,
                           PropertyKey key) {
  uint32_t hash = shape_key_hash(key);
  uint32_t first = first_of_key(x, key), i = first;
  for (uint32_t b; (b = x->buckets[i]) != 0;
       i = next_bucket(x, i, first, hash)) {
    if (!shape_bucket_fits(b, hash)) continue;
    ShapeEntry *e = &t->entries[shape_bucket_entry(b)];
    if (likely(e->key == key)) return e;
  }
  return NULL;
}

static ShapeEntry *find_text_by(const ShapeIndex *x, ShapeTable *t,
                                const String *text) {
  uint32_t hash = shape_text_hash(text->hash);
  uint32_t first = first_of_text(x, hash), i = first;
  for (uint32_t b; (b = x->buckets[i]) != 0;
       i = next_bucket(x, i, first, hash)) {
    ShapeEntry *e = &t->entries[shape_bucket_entry(b)];
    if (shape_bucket_fits(b, hash) && shape_entry_has_text(e, text)) return e;
  }
  return NULL;
}

ShapeEntry *shape_index_find(ShapeTable *t, PropertyKey key) {
  ShapeIndex *x = t->index;
  uint32_t last = x->last;
  if (t->entries[last].key == key) return &t->entries[last];
  if (++last < t->count && t->entries[last].key == key) {
    x->last = last;
    return &t->entries[last];
  }
  if (shape_table_has_texts(t) && key_is_string(key)) {
    ShapeEntry *e = shape_index_find_text(t, value_as_string(key));
    if (e != NULL) return e;
  }
  ShapeEntry *e = find_by(x, t, key);
  if (unlikely(x->source != NULL) && e == NULL) e = find_by(x->source, t, key);
  if (e != NULL) x->last = (uint32_t)(e - t->entries);
  return e;
}

ShapeEntry *shape_index_find_text(ShapeTable *t, const String *text) {
  ShapeIndex *x = t->index;
  uint32_t next = x->last + 1;
  ShapeEntry *e =
      next < t->count && shape_entry_has_text(&t->entries[next], text)
          ? &t->entries[next]
          : find_text_by(x, t, text);
  if (unlikely(x->source != NULL) && e == NULL)
    e = find_text_by(x->source, t, text);
  if (e != NULL) x->last = (uint32_t)(e - t->entries);
  return e;
}

void shape_index_add(ShapeIndex *x, const ShapeEntry *e, uint32_t number) {
  Probe p = probe_of(x, e);
  uint32_t i = p.first;
  while (x->buckets[i] != 0)
    i = next_bucket(x, i, p.first, p.hash);
  x->buckets[i] = shape_bucket(p.hash, number);
  x->used++;
}

void shape_index_renumber(ShapeIndex *x, const ShapeEntry *e, uint32_t from,
                          uint32_t to) {
  Probe p = probe_of(x, e);
  uint32_t i = p.first, wanted = shape_bucket(p.hash, from);
  while (x->buckets[i] != wanted)
    i = next_bucket(x, i, p.first, p.hash);
  x->buckets[i] = shape_bucket(p.hash, to);
}

static void move_some(Isolate *iso, ShapeTable *t, uint32_t count) {
  ShapeIndex *x = t->index;
  uint32_t left = x->until - x->moved;
  if (count > left) count = left;
  for (uint32_t i = 0; i < count; i++)
    shape_index_prefetch(x, &t->entries[x->moved + i]);
  for (; count > 0; count--) {
    const ShapeEntry *e = &t->entries[x->moved];
    if (e->key != 0) shape_index_add(x, e, x->moved);
    x->moved++;
  }
  if (x->moved == x->until) gc_store_pointer(iso->heap, &x->source, NULL);
}

bool shape_index_move_on(Isolate *iso, ShapeTable *t) {
  if (t->index->source == NULL) return false;
  move_some(iso, t, MOVED_AT_A_TIME);
  return true;
}

bool shape_index_make_room(Isolate *iso, ShapeTable *t) {
  ShapeIndex *old = t->index;
  if (likely((old->used + 1) * UINT64_C(3) <= (old->mask + 1) * UINT64_C(2)))
    return true;
  if (old->source != NULL) move_some(iso, t, UINT32_MAX);
  uint32_t capacity = t->count + t->count / 3;
  ShapeIndex *x = shape_index_new(
      iso, capacity < SHAPE_TABLE_MAX ? capacity : SHAPE_TABLE_MAX);
  if (unlikely(x == NULL)) return false;
  x->until = t->count;
  x->last = old->last;
  x->kept = old->kept;
  x->compacted = old->compacted;
  x->is_compacting = old->is_compacting;
  gc_publish(&x->source, old);
  gc_store_pointer(iso->heap, &t->index, x);
  return true;
}

void vm_trace_shape_index(GcTracer *tracer, GcCell *cell) {
  gc_trace_field(tracer, &((ShapeIndex *)cell)->source);
}
