// SPDX-License-Identifier: MIT
// Ephemeron tables, the cells of finalization registries, weak references: what
// the collector does to them, and what scripts see of that.
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

WeakEntry *vm_weak_table_find(WeakTable *t, Value key) {
  if (t == NULL || !value_is_cell(key)) return NULL;
  uint32_t mask = t->cell.extra - 1;
  for (uint32_t i = hash_key(key) & mask; t->entries[i].key != 0;
       i = (i + 1) & mask) {
    if (t->entries[i].key == key) return &t->entries[i];
  }
  return NULL;
}

static void insert(WeakTable *t, Value key, Value value) {
  uint32_t mask = t->cell.extra - 1;
  uint32_t i = hash_key(key) & mask;
  while (t->entries[i].key != 0)
    i = (i + 1) & mask;
  t->entries[i].value = value;
  __atomic_store_n(&t->entries[i].key, key, __ATOMIC_RELEASE);
  t->used++;
  t->live++;
}

bool vm_weak_table_set(Isolate *iso, WeakTable **table, Value key,
                       Value value) {
  WeakTable *t = *table;
  WeakEntry *e = vm_weak_table_find(t, key);
  if (e != NULL) {
    gc_store_word(iso->heap, &e->value, value);
    return true;
  }
  if (t == NULL || (t->used + 1) * UINT64_C(4) > t->cell.extra * UINT64_C(3)) {
    uint32_t capacity = t ? t->cell.extra : 4;
    if (t != NULL && t->live * UINT64_C(2) >= capacity) capacity *= 2;
    WeakTable *grown = gc_allocate_any(
        iso->heap, sizeof(WeakTable) + capacity * sizeof(WeakEntry),
        CELL_WEAK_TABLE);
    if (grown == NULL) {
      vm_throw_out_of_memory(iso);
      return false;
    }
    grown->cell.extra = capacity;
    for (uint32_t i = 0; t != NULL && i < t->cell.extra; i++) {
      const WeakEntry *old = &t->entries[i];
      if (old->key != 0 && old->key != VALUE_EMPTY) {
        insert(grown, old->key, old->value);
      }
    }
    gc_add_weak(iso->heap, grown);
    gc_store_pointer(iso->heap, table, grown);
    t = grown;
  }
  insert(t, key, value);
  return true;
}

bool vm_weak_table_delete(Isolate *iso, WeakTable *t, Value key) {
  WeakEntry *e = vm_weak_table_find(t, key);
  if (e == NULL) return false;
  e->key = VALUE_EMPTY;
  gc_store_word(iso->heap, &e->value, VALUE_UNDEFINED);
  t->live--;
  return true;
}

// Of an entry in use; false: it is not. May run beside the mutator.
static inline bool load_entry(const WeakEntry *e, Value *key, Value *value) {
  *key = __atomic_load_n(&e->key, __ATOMIC_ACQUIRE);
  *value = __atomic_load_n(&e->value, __ATOMIC_RELAXED);
  return *key != 0 && *key != VALUE_EMPTY;
}

void vm_weak_table_ephemerons(GcTracer *tracer, GcCell *cell) {
  const WeakTable *t = (const WeakTable *)cell;
  Value key, value;
  for (uint32_t i = 0; i < cell->extra; i++) {
    if (load_entry(&t->entries[i], &key, &value) && gc_is_marked(tracer, key)) {
      gc_trace_word(tracer, value);
    }
  }
}

bool vm_weak_table_is_clean(GcTracer *tracer, GcCell *cell) {
  const WeakTable *t = (const WeakTable *)cell;
  Value key, value;
  for (uint32_t i = 0; i < cell->extra; i++) {
    if (load_entry(&t->entries[i], &key, &value) &&
        !(gc_is_marked(tracer, key) && gc_is_marked(tracer, value))) {
      return false;
    }
  }
  return true;
}

void vm_weak_table_clear(GcTracer *tracer, GcCell *cell) {
  WeakTable *t = (WeakTable *)cell;
  for (uint32_t i = 0; i < cell->extra; i++) {
    WeakEntry *e = &t->entries[i];
    if (e->key == 0 || e->key == VALUE_EMPTY) continue;
    if (gc_is_marked(tracer, e->key)) continue;
    e->key = VALUE_EMPTY;
    e->value = VALUE_UNDEFINED;
    t->live--;
  }
}

// WeakRef ---------------------------------------------------------------------

void vm_weak_ref_clear(GcTracer *tracer, GcCell *cell) {
  WeakRefObject *ref = (WeakRefObject *)cell;
  if (!gc_is_marked(tracer, ref->target)) ref->target = VALUE_UNDEFINED;
}

bool vm_weak_ref_is_clean(GcTracer *tracer, GcCell *cell) {
  return gc_is_marked(tracer, __atomic_load_n(&((WeakRefObject *)cell)->target,
                                              __ATOMIC_RELAXED));
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

// FinalizationRegistry
// ----------------------------------------------------------

void vm_trace_registry_entries(GcTracer *tracer, GcCell *cell) {
  const RegistryEntries *r = (const RegistryEntries *)cell;
  for (uint32_t i = 0; i < cell->extra; i++) {
    gc_trace_field(tracer, &r->entries[i].held);
  }
}

void vm_registry_entries_clear(GcTracer *tracer, GcCell *cell) {
  RegistryEntries *r = (RegistryEntries *)cell;
  for (uint64_t i = 0; i < r->count; i++) {
    RegistryEntry *e = &r->entries[i];
    if (e->target != 0 && e->target != VALUE_EMPTY &&
        !gc_is_marked(tracer, e->target)) {
      e->target = VALUE_EMPTY;
      r->isolate->finalizers_pending = true;
    }
    if (value_is_cell(e->token) && e->token != 0 &&
        !gc_is_marked(tracer, e->token)) {
      e->token = VALUE_UNDEFINED;
    }
  }
}

void vm_trace_finalization_registry(GcTracer *tracer, GcCell *cell) {
  const FinalizationRegistryObject *r =
      (const FinalizationRegistryObject *)cell;
  vm_trace_object_header(tracer, cell);
  gc_trace_field(tracer, &r->cleanup);
  gc_trace_field(tracer, &r->entries);
}

static bool run_registry(Isolate *iso, FinalizationRegistryObject *registry) {
  for (uint64_t i = 0;
       registry->entries != NULL && i < registry->entries->count; i++) {
    RegistryEntry *e = &registry->entries->entries[i];
    if (e->target != VALUE_EMPTY) continue;
    Value held = e->held;
    e->target = 0;
    gc_store_word(iso->heap, &e->held, VALUE_UNDEFINED);
    e->token = VALUE_UNDEFINED;
    Value r = vm_call(iso, registry->cleanup, VALUE_UNDEFINED, 1, &held);
    if (value_is_exception(r)) return false;
  }
  return true;
}

bool vm_run_finalizers(Isolate *iso) {
  iso->finalizers_pending = false;
  ValueList *list = iso->registries;
  for (uint64_t i = 0; list != NULL && i < list->count; i++) {
    if (!run_registry(iso, (void *)value_as_cell(list->items[i]))) {
      iso->finalizers_pending = true;
      return false;
    }
  }
  return true;
}
