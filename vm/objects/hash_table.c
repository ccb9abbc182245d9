// SPDX-License-Identifier: MIT
// Insertion-ordered hash tables: entries in a vector, chained by buckets.
//
// Keys are normalized so that equal numbers have equal bits; only strings and
// BigInts are compared by content.
#include "vm/objects/hash_table.h"
#include "vm/objects/hash.h"
#include "vm/objects/layouts.h"
#include "vm/objects/operations.h"

enum {
  MIN_CAPACITY = 4,
  TABLE_WAS_CLEARED = 1,
  // Entries that are moved at once, in a fifth of a millisecond.
  MOVED_AT_ONCE = 8192,
  // Entries moved with each use of a table: a new one is full when it has been
  // used for as often as a quarter of the old one's entries at the soonest.
  MOVED_AT_A_TIME = 16,
};

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
  // Sixteen successive integers are in one line of buckets.
  uint64_t line = (key >> 4 ^ key >> 33) * UINT64_C(0x9e3779b97f4a7c15);
  return (uint32_t)(line >> 32) ^ (uint32_t)(key & 15);
}

static inline HashEntry *find_here(Isolate *iso, HashTable *t, Value key,
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

static bool is_in(const HashTable *t, const HashEntry *e) {
  return (uintptr_t)e - (uintptr_t)t->entries < t->used * sizeof *e;
}

static void put(HashTable *t, uint32_t index, Value key, Value value,
                uint32_t hash) {
  HashEntry *e = &t->entries[index];
  uint32_t *bucket = &buckets_of(t)[hash & t->mask];
  e->hash = hash;
  e->next = *bucket;
  gc_publish(&e->value, value);
  gc_publish(&e->key, key);
  *bucket = index + 1;
}

// The collector reads it.
static void set_used(HashTable *t, uint32_t used) {
  __atomic_store_n(&t->used, used, __ATOMIC_RELEASE);
}

static void append(HashTable *t, Value key, Value value, uint32_t hash) {
  put(t, t->used, key, value, hash);
  set_used(t, t->used + 1);
  t->live++;
}

// Looks at up to `count` more entries of the source.
static void move_some(HashTable *t, uint32_t count) {
  const HashTable *source = t->source;
  uint32_t left = source->used - t->moved;
  if (count > left) count = left;
  for (; count > 0; count--) {
    const HashEntry *e = &source->entries[t->moved++];
    if (e->key != VALUE_EMPTY) put(t, t->filled++, e->key, e->value, e->hash);
  }
  if (t->moved < source->used) return;
  // Some were deleted meanwhile.
  while (t->filled < t->reserved)
    gc_publish(&t->entries[t->filled++].key, VALUE_EMPTY);
}

static __attribute__((noinline)) void move_on(Isolate *iso, HashTable *t,
                                              uint32_t count) {
  move_some(t, count);
  if (t->moved == t->source->used) {
    gc_store_pointer(iso->heap, &t->source, NULL);
  }
}

static inline HashEntry *find(Isolate *iso, HashTable *t, Value key,
                              uint32_t hash) {
  HashEntry *e = find_here(iso, t, key, hash);
  if (likely(t->source == NULL) || e != NULL) return e;
  e = find_here(iso, t->source, key, hash);
  // What was moved, and is not here, was deleted since.
  return e != NULL && e >= &t->source->entries[t->moved] ? e : NULL;
}

HashEntry *vm_hash_table_find(Isolate *iso, HashTable *t, Value key) {
  key = normalize(key);
  if (unlikely(t->source != NULL)) move_on(iso, t, MOVED_AT_A_TIME);
  return find(iso, t, key, hash_of(iso, key));
}

// Replaces the table by one of another capacity without the deleted entries.
static bool resize(Isolate *iso, HashTable **table, uint32_t capacity) {
  HashTable *old = *table;
  HashTable *t = vm_hash_table_new(iso, capacity);
  if (t == NULL) return false;
  if (unlikely(old->source != NULL)) move_on(iso, old, UINT32_MAX);
  gc_publish(&t->source, old);
  t->live = t->reserved = old->live;
  set_used(t, t->reserved);
  if (old->used <= MOVED_AT_ONCE) move_on(iso, t, UINT32_MAX);
  gc_store_pointer(iso->heap, &old->successor, t);
  gc_store_pointer(iso->heap, table, t);
  return true;
}

bool vm_hash_table_set(Isolate *iso, HashTable **table, Value key,
                       Value value) {
  key = normalize(key);
  uint32_t hash = hash_of(iso, key);
  HashTable *t = *table;
  if (unlikely(t->source != NULL)) move_on(iso, t, MOVED_AT_A_TIME);
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
  append(t, key, value, hash);
  return true;
}

bool vm_hash_table_delete(Isolate *iso, HashTable **table, Value key) {
  HashTable *t = *table;
  HashEntry *e = vm_hash_table_find(iso, t, key);
  if (e == NULL) return false;
  HashTable *of = t;
  if (unlikely(t->source != NULL) && !is_in(t, e)) {
    of = t->source;
    of->live--;
  }
  uint32_t index = (uint32_t)(e - of->entries) + 1;
  uint32_t *link = &buckets_of(of)[e->hash & of->mask];
  while (*link != index)
    link = &of->entries[*link - 1].next;
  *link = e->next;
  gc_store_word(iso->heap, &e->key, VALUE_EMPTY);
  gc_store_word(iso->heap, &e->value, VALUE_UNDEFINED);
  t->live--;
  if (t->cell.extra > 16 && t->live < t->cell.extra / 4 && t->source == NULL) {
    // Without memory the table stays as large as it is.
    if (!resize(iso, table, t->cell.extra / 2)) vm_forget_exception(iso);
  }
  return true;
}

bool vm_hash_table_clear(Isolate *iso, HashTable **table) {
  HashTable *old = *table;
  if (old->used == 0) return true;
  HashTable *t = vm_hash_table_new(iso, MIN_CAPACITY);
  if (t == NULL) return false;
  old->cell.flags |= TABLE_WAS_CLEARED;
  gc_store_pointer(iso->heap, &old->source, NULL);
  gc_store_pointer(iso->heap, &old->successor, t);
  gc_store_pointer(iso->heap, table, t);
  return true;
}

static void carry_over(HashTable **table, uint32_t *index) {
  while (unlikely((*table)->successor != NULL)) {
    const HashTable *old = *table;
    HashTable *t = old->successor;
    uint32_t position = *index < old->used ? *index : old->used;
    if (old->cell.flags & TABLE_WAS_CLEARED) {
      position = 0;
    } else {
      if (t->source == old && t->moved < position) {
        move_some(t, position - t->moved);
      }
      if (old->live < old->used) {
        uint32_t end = position;
        for (uint32_t i = 0; i < end; i++)
          position -= old->entries[i].key == VALUE_EMPTY;
      }
    }
    *index = position;
    *table = t;
  }
}

HashEntry *vm_hash_table_next(HashTable **table, uint32_t *index) {
  carry_over(table, index);
  HashTable *t = *table;
  for (uint32_t i = *index; i < t->used; i++) {
    while (unlikely(t->entries[i].key == 0))
      move_some(t, MOVED_AT_A_TIME);
    if (t->entries[i].key != VALUE_EMPTY) {
      *index = i + 1;
      return &t->entries[i];
    }
  }
  *index = t->used;
  return NULL;
}

uint32_t vm_hash_table_read(HashTable **table, uint32_t *index, Value *keys,
                            Value *values, uint32_t room) {
  carry_over(table, index);
  HashTable *t = *table;
  uint32_t i = *index, count = 0;
  for (; i < t->used && count < room; i++) {
    const HashEntry *e = &t->entries[i];
    while (unlikely(e->key == 0))
      move_some(t, MOVED_AT_A_TIME);
    keys[count] = e->key;
    values[count] = e->value;
    count += e->key != VALUE_EMPTY;
  }
  *index = i;
  return count;
}

void vm_trace_hash_table(GcTracer *tracer, GcCell *cell) {
  HashTable *t = (HashTable *)cell;
  gc_trace_field(tracer, &t->successor);
  gc_trace_field(tracer, &t->source);
  // Entries that are added later refer to nothing that is not traced anyway.
  uint32_t used = __atomic_load_n(&t->used, __ATOMIC_ACQUIRE);
  gc_trace_records(tracer, (const uint64_t *)(void *)t->entries, used,
                   sizeof(HashEntry) / sizeof(uint64_t), 2);
}

void vm_trace_map_object(GcTracer *tracer, GcCell *cell) {
  vm_trace_object_header(tracer, cell);
  gc_trace_field(tracer, &((MapObject *)cell)->table);
}
