// SPDX-License-Identifier: MIT
// Insertion-ordered hash tables: entries in a vector, chained by buckets.
//
// Keys are normalized so that equal numbers have equal bits; only strings and
// BigInts are compared by content.
#include "vm/objects/hash_table.h"
#include "vm/objects/hash.h"
#include "vm/objects/layouts.h"
#include "vm/objects/operations.h"

enum { MIN_CAPACITY = 4, TABLE_WAS_CLEARED = 1 };

static uint32_t *buckets_of(HashTable *t) {
  return (uint32_t *)(void *)&t->entries[t->cell.extra];
}

HashTable *vm_hash_table_new(Isolate *iso, uint32_t capacity) {
  uint32_t buckets = MIN_CAPACITY;
  while (buckets < capacity)
    buckets *= 2;
  if (capacity < MIN_CAPACITY) capacity = MIN_CAPACITY;
  HashTable *t =
      gc_allocate_any(iso->heap,
                      sizeof(HashTable) + capacity * sizeof(HashEntry) +
                          buckets * sizeof(uint32_t),
                      CELL_HASH_TABLE);
  if (unlikely(t == NULL)) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  t->cell.extra = capacity;
  t->mask = buckets - 1;
  return t;
}

static inline Value normalize(Value key) {
  return value_is_double(key) ? value_from_number(value_as_double(key) + 0.0)
                              : key;
}

static uint32_t hash_bigint(const BigInt *b) {
  uint64_t state = b->cell.flags & 1;
  for (uint32_t i = 0; i < b->cell.extra; i++) {
    state = vm_hash_step(state, b->limbs[i], HASH_MIX_2);
  }
  return vm_hash_finish(state, b->cell.extra);
}

static inline uint32_t hash_of(Isolate *iso, Value key) {
  if (value_is_cell(key)) {
    if (value_as_cell(key)->kind == CELL_STRING) {
      return vm_string_hash(iso, value_as_string(key));
    }
    if (unlikely(value_as_cell(key)->kind == CELL_BIGINT)) {
      return hash_bigint(value_as_bigint(key));
    }
  }
  return (uint32_t)((key ^ key >> 29) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

static inline HashEntry *find(Isolate *iso, HashTable *t, Value key,
                              uint32_t hash) {
  uint32_t i = buckets_of(t)[hash & t->mask];
  if (value_is_cell(key) && (value_as_cell(key)->kind == CELL_STRING ||
                             value_as_cell(key)->kind == CELL_BIGINT)) {
    for (; i != 0; i = t->entries[i - 1].next) {
      HashEntry *e = &t->entries[i - 1];
      if (e->key == key ||
          (e->hash == hash && vm_same_value_zero(iso, e->key, key))) {
        return e;
      }
    }
    return NULL;
  }
  for (; i != 0; i = t->entries[i - 1].next) {
    HashEntry *e = &t->entries[i - 1];
    if (e->key == key) return e;
  }
  return NULL;
}

HashEntry *vm_hash_table_find(Isolate *iso, HashTable *t, Value key) {
  key = normalize(key);
  return find(iso, t, key, hash_of(iso, key));
}

static void append(Isolate *iso, HashTable *t, Value key, Value value,
                   uint32_t hash) {
  uint32_t index = t->used;
  HashEntry *e = &t->entries[index];
  uint32_t *bucket = &buckets_of(t)[hash & t->mask];
  e->hash = hash;
  e->next = *bucket;
  gc_publish(&e->value, value);
  gc_publish(&e->key, key);
  *bucket = index + 1;
  t->used = index + 1;
  t->live++;
}

// Replaces the table by one of another capacity without the deleted entries.
static bool resize(Isolate *iso, HashTable **table, uint32_t capacity) {
  HashTable *old = *table;
  HashTable *t = vm_hash_table_new(iso, capacity);
  if (t == NULL) return false;
  for (uint32_t i = 0; i < old->used; i++) {
    const HashEntry *e = &old->entries[i];
    if (e->key != VALUE_EMPTY) append(iso, t, e->key, e->value, e->hash);
  }
  gc_store_pointer(iso->heap, &old->successor, t);
  gc_store_pointer(iso->heap, table, t);
  return true;
}

bool vm_hash_table_set(Isolate *iso, HashTable **table, Value key,
                       Value value) {
  key = normalize(key);
  uint32_t hash = hash_of(iso, key);
  HashTable *t = *table;
  HashEntry *e = find(iso, t, key, hash);
  if (e != NULL) {
    gc_store_word(iso->heap, &e->value, value);
    return true;
  }
  if (unlikely(t->used == t->cell.extra)) {
    uint32_t capacity = t->cell.extra;
    if (t->live > capacity / 2) capacity *= 2;
    if (!resize(iso, table, capacity)) return false;
    t = *table;
  }
  append(iso, t, key, value, hash);
  return true;
}

bool vm_hash_table_delete(Isolate *iso, HashTable **table, Value key) {
  HashTable *t = *table;
  HashEntry *e = vm_hash_table_find(iso, t, key);
  if (e == NULL) return false;
  uint32_t index = (uint32_t)(e - t->entries) + 1;
  uint32_t *link = &buckets_of(t)[e->hash & t->mask];
  while (*link != index)
    link = &t->entries[*link - 1].next;
  *link = e->next;
  gc_store_word(iso->heap, &e->key, VALUE_EMPTY);
  gc_store_word(iso->heap, &e->value, VALUE_UNDEFINED);
  t->live--;
  if (t->cell.extra > 16 && t->live < t->cell.extra / 4) {
    // Without memory the table stays as large as it is.
    if (!resize(iso, table, t->cell.extra / 2)) (void)vm_take_exception(iso);
  }
  return true;
}

bool vm_hash_table_clear(Isolate *iso, HashTable **table) {
  HashTable *old = *table;
  if (old->used == 0) return true;
  HashTable *t = vm_hash_table_new(iso, MIN_CAPACITY);
  if (t == NULL) return false;
  old->cell.flags |= TABLE_WAS_CLEARED;
  gc_store_pointer(iso->heap, &old->successor, t);
  gc_store_pointer(iso->heap, table, t);
  return true;
}

static void carry_over(HashTable **table, uint32_t *index) {
  while (unlikely((*table)->successor != NULL)) {
    const HashTable *old = *table;
    uint32_t position = 0;
    if (!(old->cell.flags & TABLE_WAS_CLEARED)) {
      for (uint32_t i = 0; i < *index && i < old->used; i++) {
        position += old->entries[i].key != VALUE_EMPTY;
      }
    }
    *index = position;
    *table = old->successor;
  }
}

HashEntry *vm_hash_table_next(HashTable **table, uint32_t *index) {
  carry_over(table, index);
  HashTable *t = *table;
  for (uint32_t i = *index; i < t->used; i++) {
    if (t->entries[i].key != VALUE_EMPTY) {
      *index = i + 1;
      return &t->entries[i];
    }
  }
  *index = t->used;
  return NULL;
}

void vm_trace_hash_table(GcTracer *tracer, GcCell *cell) {
  const HashTable *t = (const HashTable *)cell;
  gc_trace_field(tracer, &t->successor);
  for (uint32_t i = 0; i < cell->extra; i++) {
    const HashEntry *e = &t->entries[i];
    gc_trace_field(tracer, &e->key);
    gc_trace_field(tracer, &e->value);
  }
}

void vm_trace_map_object(GcTracer *tracer, GcCell *cell) {
  vm_trace_object_header(tracer, cell);
  gc_trace_field(tracer, &((MapObject *)cell)->table);
}
