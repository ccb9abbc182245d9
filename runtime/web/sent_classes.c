// SPDX-License-Identifier: MIT
// A table by template, half full at most, of weak references: classes of
// modules that are gone leave it when it grows.
#include "runtime/web/sent_classes.h"

#include <stdlib.h>

#include "vm/objects/weak_table.h"

enum { FIRST_CAPACITY = 16 };

typedef struct SentClass {
  Template *template; // a reference; NULL: free
  GcHandle weak;      // a WeakRefObject
} SentClass;

struct SentClasses {
  uint32_t count, capacity; // a power of two
  SentClass entries[];
};

// NULL: it is garbage.
static Function *class_of(Runtime *rt, const SentClass *e) {
  GcHeap *heap = rt->isolate->heap;
  WeakRefObject *ref = (WeakRefObject *)value_as_cell(gc_handle_word(&e->weak));
  Value class = gc_load_weak(heap, &ref->target, VALUE_UNDEFINED);
  if (!value_is_cell(class)) return NULL;
  gc_barrier_weak_read(heap, value_as_cell(class));
  return (Function *)value_as_cell(class);
}

// The entry, or the free one that it would have.
static SentClass *place_of(struct SentClasses *table, const Template *t) {
  uint64_t hash = (uintptr_t)t * UINT64_C(0x9e3779b97f4a7c15);
  uint32_t at = (uint32_t)(hash >> 40) & (table->capacity - 1);
  while (table->entries[at].template != NULL &&
         table->entries[at].template != t)
    at = (at + 1) & (table->capacity - 1);
  return &table->entries[at];
}

static void drop(Runtime *rt, SentClass *e) {
  gc_handle_remove(rt->isolate->heap, &e->weak);
  vm_template_release(e->template);
}

// Makes room for one more. False: threw.
static bool grow(Runtime *rt) {
  struct SentClasses *old = rt->sent;
  if (old != NULL && old->count < old->capacity / 2) return true;
  uint32_t live = 0;
  for (uint32_t i = 0; old != NULL && i < old->capacity; i++) {
    SentClass *e = &old->entries[i];
    if (e->template != NULL && class_of(rt, e) != NULL) live++;
  }
  uint32_t capacity = FIRST_CAPACITY;
  while (capacity / 4 <= live)
    capacity *= 2;
  struct SentClasses *table =
      calloc(1, sizeof *table + capacity * sizeof *table->entries);
  if (table == NULL) {
    vm_throw_out_of_memory(rt->isolate);
    return false;
  }
  table->capacity = capacity;
  for (uint32_t i = 0; old != NULL && i < old->capacity; i++) {
    SentClass *e = &old->entries[i];
    if (e->template == NULL) continue;
    if (class_of(rt, e) == NULL) {
      drop(rt, e);
    } else {
      *place_of(table, e->template) = *e;
      table->count++;
    }
  }
  free(old);
  rt->sent = table;
  return true;
}

bool rt_sent_class_add(Runtime *rt, Function *class) {
  Isolate *iso = rt->isolate;
  if (rt_sent_class(rt, class->code->template) == class) return true;
  WeakRefObject *ref = vm_object_allocate(
      iso, CELL_WEAK_REF, sizeof *ref, INTRINSIC_OBJECT(iso, WeakRefPrototype));
  ref->target = value_from_cell(class);
  gc_add_weak(iso->heap, ref);
  if (!grow(rt)) return false;
  SentClass *e = place_of(rt->sent, class->code->template);
  if (e->template != NULL) { // of another evaluation, or garbage
    gc_handle_set(iso->heap, &e->weak, value_from_cell(ref));
    return true;
  }
  if (!gc_handle_add(iso->heap, &e->weak, value_from_cell(ref))) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  e->template = vm_template_retain((Template *)class->code->template);
  rt->sent->count++;
  return true;
}

Function *rt_sent_class(Runtime *rt, const Template *t) {
  if (rt->sent == NULL) return NULL;
  const SentClass *e = place_of(rt->sent, t);
  return e->template == NULL ? NULL : class_of(rt, e);
}

void rt_sent_classes_free(Runtime *rt) {
  struct SentClasses *table = rt->sent;
  for (uint32_t i = 0; table != NULL && i < table->capacity; i++) {
    if (table->entries[i].template != NULL) drop(rt, &table->entries[i]);
  }
  free(table);
  rt->sent = NULL;
}
