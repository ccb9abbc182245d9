// SPDX-License-Identifier: MIT
// Ephemeron tables and weak references: what the collector does to them, and
// what scripts see of that.
#include "vm/objects/weak_table.h"

#include "vm/objects/cells.h"
#include "vm/objects/layouts.h"
#include "vm/objects/operations.h"

bool vm_can_be_held_weakly(Value v) {
  if (value_is_object(v)) return true;
  return value_is_symbol(v) &&
         !(value_as_symbol(v)->cell.flags & SYMBOL_REGISTERED);
}

static uint32_t hash_key(Value key) {
  return (uint32_t)((key >> 4) * UINT64_C(0x9e3779b97f4a7c15) >> 32);
}

// The collector may be clearing entries, though none of this key.
static WeakEntry *find_here(WeakTable *t, Value key) {
  uint32_t mask = t->cell.extra - 1;
  for (uint32_t i = hash_key(key) & mask;; i = (i + 1) & mask) {
    WeakEntry *e = &t->entries[i];
    Value k = __atomic_load_n(&e->key, __ATOMIC_RELAXED);
    if (k == key) return e;
    if (k == 0) return NULL;
  }
}

WeakEntry *vm_weak_table_find(WeakTable *t, Value key) {
  if (t == NULL || !value_is_cell(key)) return NULL;
  WeakEntry *e = find_here(t, key);
  return e != NULL || t->source == NULL ? e : find_here(t->source, key);
}

static bool is_in(const WeakTable *t, const WeakEntry *e) {
  return (uintptr_t)e - (uintptr_t)t->entries < t->cell.extra * sizeof *e;
}

// Where a key that the table does not have would go: the place of a deleted
// entry, if there is one on the way. The collector touches neither kind.
static WeakEntry *free_place(WeakTable *t, Value key) {
  uint32_t mask = t->cell.extra - 1;
  for (uint32_t i = hash_key(key) & mask;; i = (i + 1) & mask) {
    WeakEntry *e = &t->entries[i];
    Value k = __atomic_load_n(&e->key, __ATOMIC_ACQUIRE);
    if (k == 0 || k == VALUE_EMPTY) return e;
  }
}

static void fill(WeakTable *t, WeakEntry *e, Value key, Value value) {
  t->used += e->key == 0;
  t->live++;
  gc_publish(&e->value, value);
  gc_publish(&e->key, key);
}

static void empty(Isolate *iso, WeakEntry *e) {
  gc_publish(&e->key, VALUE_EMPTY);
  gc_store_word(iso->heap, &e->value, VALUE_UNDEFINED);
}

enum {
  MOVED_AT_ONCE = 8192,
  // With each addition: it takes one for each two places to fill a new table.
  MOVED_AT_A_TIME = 16,
};

// Looks at up to `count` more places of the source.
static void move_some(Isolate *iso, WeakTable *t, uint32_t count) {
  WeakTable *source = t->source;
  uint32_t left = source->cell.extra - t->moved;
  if (count > left) count = left;
  for (; count > 0; count--) {
    WeakEntry *e = &source->entries[t->moved++];
    Value key = gc_load_weak(iso->heap, &e->key, VALUE_EMPTY);
    if (key == 0 || key == VALUE_EMPTY) continue;
    fill(t, free_place(t, key), key, e->value);
    empty(iso, e);
  }
  if (t->moved == source->cell.extra) {
    gc_store_pointer(iso->heap, &t->source, NULL);
  }
}

// Into a new table, twice as large unless many entries were deleted. False:
// threw.
static bool grow(Isolate *iso, WeakTable **table) {
  WeakTable *t = *table;
  if (t != NULL && t->source != NULL) move_some(iso, t, UINT32_MAX);
  uint32_t capacity = t ? t->cell.extra : 4;
  uint32_t cleared = t ? __atomic_load_n(&t->cleared, __ATOMIC_RELAXED) : 0;
  if (t != NULL && (t->live - cleared) * UINT64_C(2) >= capacity) capacity *= 2;
  WeakTable *grown = gc_allocate_any(
      iso->heap, sizeof(WeakTable) + capacity * sizeof(WeakEntry),
      CELL_WEAK_TABLE);
  if (grown == NULL) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  grown->cell.extra = capacity;
  gc_add_weak(iso->heap, grown);
  if (t != NULL) {
    gc_publish(&grown->source, t);
    if (t->cell.extra <= MOVED_AT_ONCE) move_some(iso, grown, UINT32_MAX);
  }
  gc_store_pointer(iso->heap, table, grown);
  return true;
}

bool vm_weak_table_set(Isolate *iso, WeakTable **table, Value key,
                       Value value) {
  WeakTable *t = *table;
  if (t != NULL && unlikely(t->source != NULL))
    move_some(iso, t, MOVED_AT_A_TIME);
  WeakEntry *e = vm_weak_table_find(t, key);
  if (e != NULL) {
    gc_store_word(iso->heap, &e->value, value);
    return true;
  }
  if (t != NULL) e = free_place(t, key);
  if (t == NULL || (e->key == 0 && (t->used + 1) * UINT64_C(4) >
                                       t->cell.extra * UINT64_C(3))) {
    if (!grow(iso, table)) return false;
    t = *table;
    e = free_place(t, key);
  }
  fill(t, e, key, value);
  return true;
}

bool vm_weak_table_delete(Isolate *iso, WeakTable *t, Value key) {
  WeakEntry *e = vm_weak_table_find(t, key);
  if (e == NULL) return false;
  empty(iso, e);
  // Of a table that is being moved away nobody asks how many there are.
  if (t->source == NULL || is_in(t, e)) t->live--;
  return true;
}

void vm_trace_weak_table(GcTracer *tracer, GcCell *cell) {
  const WeakTable *t = (const WeakTable *)cell;
  gc_trace_field(tracer, &t->source);
  if (gc_defers_ephemerons(tracer, cell)) return;
  for (uint32_t i = 0; i < cell->extra; i++) {
    const WeakEntry *e = &t->entries[i];
    Value key = __atomic_load_n(&e->key, __ATOMIC_ACQUIRE);
    if (key == 0 || key == VALUE_EMPTY) continue;
    gc_trace_ephemeron(tracer, key,
                       __atomic_load_n(&e->value, __ATOMIC_RELAXED));
  }
}

void vm_weak_table_clear(GcTracer *tracer, GcCell *cell) {
  WeakTable *t = (WeakTable *)cell;
  uint32_t cleared = t->cleared;
  for (uint32_t i = 0; i < cell->extra; i++) {
    WeakEntry *e = &t->entries[i];
    Value key = __atomic_load_n(&e->key, __ATOMIC_ACQUIRE);
    if (key == 0 || key == VALUE_EMPTY || gc_is_marked(tracer, key)) continue;
    gc_publish(&e->value, VALUE_UNDEFINED);
    gc_publish(&e->key, VALUE_EMPTY); // from now on the place may be used
    cleared++;
  }
  __atomic_store_n(&t->cleared, cleared, __ATOMIC_RELAXED);
}

// WeakRef ---------------------------------------------------------------------

// The mutator only reads it.
void vm_weak_ref_clear(GcTracer *tracer, GcCell *cell) {
  WeakRefObject *ref = (WeakRefObject *)cell;
  if (!gc_is_marked(tracer, ref->target))
    __atomic_store_n(&ref->target, VALUE_UNDEFINED, __ATOMIC_RELAXED);
}

void vm_add_to_kept_objects(Isolate *iso, Value v) {
  ValueList *list = value_is_cell(iso->kept_alive)
                        ? (ValueList *)value_as_cell(iso->kept_alive)
                        : NULL;
  if (list != NULL && list->count != 0 && list->items[list->count - 1] == v) {
    return;
  }
  vm_value_list_append(iso, &list, v);
  if (list != NULL) iso->kept_alive = value_from_cell(list);
}
