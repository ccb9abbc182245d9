// SPDX-License-Identifier: MIT
// Sparse elements: index keys with gaps, or with attributes of their own, in an
// open-addressed table of values and attributes.
//
// The marker reads entries while they change: a value is written before the
// entry becomes live, and stays a valid word afterwards.
#include "vm/objects/arguments.h"
#include "vm/objects/elements.h"
#include "vm/objects/shape_internal.h"
#include "vm/objects/throw.h"

static uint64_t hash_index(uint32_t index) {
  return (index * UINT64_C(0x9e3779b97f4a7c15)) >> 32;
}

static SparseElements *new_table(Isolate *iso, uint64_t size) {
  SparseElements *s = gc_allocate_any(
      iso->heap, sizeof(SparseElements) + size * sizeof(SparseEntry),
      CELL_SPARSE_ELEMENTS);
  if (unlikely(s == NULL)) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  s->mask = size - 1;
  return s;
}

static SparseEntry *find_here(const SparseElements *s, uint32_t index) {
  uint64_t i = hash_index(index) & s->mask;
  for (;; i = (i + 1) & s->mask) {
    const SparseEntry *e = &s->entries[i];
    if (e->state == SPARSE_FREE) return NULL;
    if (e->index == index && e->state == SPARSE_LIVE) return (SparseEntry *)e;
  }
}

SparseEntry *vm_sparse_find(const SparseElements *s, uint32_t index) {
  SparseEntry *e = find_here(s, index);
  return e != NULL || likely(s->source == NULL) ? e
                                                : find_here(s->source, index);
}

static void drop(Isolate *iso, SparseEntry *e) {
  gc_store_word(iso->heap, &e->value, VALUE_UNDEFINED);
  e->state = SPARSE_DELETED;
}

static void insert(SparseElements *s, uint32_t index, Value value,
                   uint8_t attributes) {
  uint64_t i = hash_index(index) & s->mask;
  while (s->entries[i].state == SPARSE_LIVE)
    i = (i + 1) & s->mask;
  SparseEntry *e = &s->entries[i];
  if (e->state == SPARSE_FREE) s->used++;
  s->live++;
  e->index = index;
  e->attributes = attributes;
  __atomic_store_n(&e->value, value, __ATOMIC_RELEASE);
  e->state = SPARSE_LIVE;
}

enum {
  MOVED_AT_ONCE = 8192,
  // With each addition: it takes one for each two places to fill a new table.
  MOVED_AT_A_TIME = 16,
};

// Looks at up to `count` more places of the source.
static void move_some(Isolate *iso, SparseElements *s, uint64_t count) {
  SparseElements *source = s->source;
  uint64_t left = source->mask + 1 - s->moved;
  if (count > left) count = left;
  for (; count > 0; count--) {
    SparseEntry *e = &source->entries[s->moved++];
    if (e->state != SPARSE_LIVE) continue;
    insert(s, e->index, e->value, e->attributes);
    drop(iso, e);
  }
  if (s->moved > source->mask) gc_store_pointer(iso->heap, &s->source, NULL);
}

SparseElements *vm_sparse_all(Isolate *iso, Object *o) {
  SparseElements *s = object_sparse(o);
  if (s->source != NULL) move_some(iso, s, UINT64_MAX);
  return s;
}

static SparseElements *grow(Isolate *iso, Object *o) {
  SparseElements *s = vm_sparse_all(iso, o);
  uint64_t size = s->mask + 1;
  if (s->live * UINT64_C(2) >= size) size *= 2;
  SparseElements *grown = new_table(iso, size);
  if (grown == NULL) return NULL;
  gc_publish(&grown->source, s);
  if (s->mask < MOVED_AT_ONCE) move_some(iso, grown, UINT64_MAX);
  gc_store_pointer(iso->heap, &o->elements, (Elements *)(void *)grown);
  return grown;
}

bool vm_sparse_put(Isolate *iso, Object *o, uint32_t index, Value value,
                   uint8_t attributes) {
  SparseElements *s = object_sparse(o);
  if (unlikely(s->source != NULL)) move_some(iso, s, MOVED_AT_A_TIME);
  SparseEntry *e = vm_sparse_find(s, index);
  if (e != NULL) {
    gc_store_word(iso->heap, &e->value, value);
    e->attributes = attributes;
    return true;
  }
  if (unlikely((s->used + 1) * UINT64_C(4) > (s->mask + 1) * 3)) {
    s = grow(iso, o);
    if (s == NULL) return false;
  }
  insert(s, index, value, attributes);
  if (o->shape->cell.flags & SHAPE_IS_PROTOTYPE) iso->indexed_prototypes = true;
  if (object_kind(o) == CELL_ARRAY && index >= ((Array *)o)->length) {
    ((Array *)o)->length = index + 1;
  }
  return true;
}

void vm_sparse_remove(Isolate *iso, Object *o, SparseEntry *e) {
  SparseElements *s = object_sparse(o);
  drop(iso, e);
  // Of a table that is being moved away nobody asks how many there are.
  if ((uintptr_t)e - (uintptr_t)s->entries <= s->mask * sizeof *e) s->live--;
}

bool vm_elements_make_sparse(Isolate *iso, Object *o) {
  if (object_has_sparse_elements(o)) return true;
  const Elements *e = o->elements;
  uint32_t length = elements_length(e), live = 0;
  for (uint32_t i = 0; i < length; i++)
    live += e->values[i] != VALUE_EMPTY;
  uint64_t size = 4;
  while (size * 3 < (live + 2) * UINT64_C(4))
    size *= 2;
  SparseElements *s = new_table(iso, size);
  if (s == NULL) return false;
  for (uint32_t i = 0; i < length; i++) {
    if (e->values[i] != VALUE_EMPTY) {
      insert(s, i, e->values[i], PROPERTY_DEFAULT);
    }
  }
  gc_store_pointer(iso->heap, &o->elements, (Elements *)(void *)s);
  if (!(o->shape->cell.flags & SHAPE_EXOTIC_ELEMENTS)) {
    vm_object_reshape(iso, o, o->shape->prototype, SHAPE_EXOTIC_ELEMENTS, 0);
  }
  if (object_kind(o) == CELL_ARGUMENTS) {
    return vm_arguments_became_sparse(iso, (Arguments *)o);
  }
  return true;
}

bool vm_elements_clear_attributes(Isolate *iso, Object *o, uint8_t clear) {
  // Dense means extensible: stores to holes and beyond the end rely on it.
  if (!vm_elements_make_sparse(iso, o)) return false;
  SparseElements *s = vm_sparse_all(iso, o);
  for (uint64_t i = 0; i <= s->mask; i++) {
    SparseEntry *e = &s->entries[i];
    if (e->state != SPARSE_LIVE) continue;
    uint8_t mask = e->attributes & PROPERTY_ACCESSOR
                       ? clear & (uint8_t)~PROPERTY_WRITABLE
                       : clear;
    e->attributes &= (uint8_t)~mask;
  }
  return true;
}
