// SPDX-License-Identifier: MIT
// Dense elements: growth, holes, the decision to go sparse.
//
// values[length..capacity) is always EMPTY, so that the marker may trace the
// whole capacity and raising the length needs no filling.
#include <stdlib.h>

#include "vm/objects/charge.h"
#include "vm/objects/elements.h"
#include "vm/objects/layouts.h"
#include "vm/objects/shape_internal.h"
#include "vm/objects/throw.h"

enum {
  // A store this far beyond the end still makes holes rather than a table.
  MAX_GAP = 1024,
  // An array given a length up to this is worth a dense vector.
  MAX_DENSE_DECLARED = 1 << 22,
  // Truncated vectors larger than this are dropped at once.
  MAX_KEPT_CAPACITY = 1 << 14,
};
#define MAX_DENSE_CAPACITY (UINT32_C(1) << 29)

// All values from `used` on are EMPTY; those below are the caller's to fill.
static Elements *new_elements(Isolate *iso, uint32_t capacity, uint32_t used,
                              bool grows) {
  if (unlikely(capacity > MAX_DENSE_CAPACITY)) return NULL;
  size_t bytes = gc_rounded_bytes(sizeof(Elements) + capacity * sizeof(Value));
  Elements *e = grows && bytes > GC_MAX_SMALL
                    ? gc_allocate_growable(iso->heap, bytes, CELL_ELEMENTS)
                    : gc_allocate_any(iso->heap, bytes, CELL_ELEMENTS);
  if (unlikely(e == NULL)) return NULL;
  capacity = (uint32_t)((bytes - sizeof(Elements)) / sizeof(Value));
  e->capacity = capacity;
  for (uint32_t i = used; i < capacity; i++)
    e->values[i] = VALUE_EMPTY;
  return e;
}

// Large vectors grow where they are, if there are addresses left.
static bool grow(Isolate *iso, Elements *e, uint32_t capacity) {
  if (capacity > MAX_DENSE_CAPACITY) return false;
  size_t bytes = sizeof(Elements) + capacity * sizeof(Value);
  if (likely(bytes <= GC_MAX_SMALL) || !gc_grow(iso->heap, e, bytes)) {
    return false;
  }
  for (uint32_t i = e->capacity; i < capacity; i++)
    e->values[i] = VALUE_EMPTY;
  __atomic_store_n(&e->capacity, capacity, __ATOMIC_RELEASE);
  return true;
}

Elements *vm_elements_from(Isolate *iso, const Value *values, uint32_t count) {
  if (!vm_charge(iso, (size_t)count * 4)) return NULL;
  Elements *e = new_elements(iso, count, count, false);
  if (unlikely(e == NULL)) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  memcpy(e->values, values, count * sizeof(Value));
  e->cell.extra = count;
  return e;
}

static bool replace(Isolate *iso, Object *o, uint32_t capacity, bool grows) {
  const Elements *old = o->elements;
  uint32_t length = elements_length(old);
  if (!vm_charge(iso, (size_t)capacity * 4)) return false;
  Elements *e = new_elements(iso, capacity, length, grows);
  if (unlikely(e == NULL)) {
    vm_throw_out_of_memory(iso);
    return false;
  }
  memcpy(e->values, old->values, length * sizeof(Value));
  e->cell.extra = length;
  gc_store_pointer(iso->heap, &o->elements, e);
  return true;
}

bool vm_elements_reserve(Isolate *iso, Object *o, uint32_t capacity) {
  Elements *old = o->elements;
  if (capacity <= old->capacity || old->cell.kind != CELL_ELEMENTS) {
    return true;
  }
  return grow(iso, old, capacity) || replace(iso, o, capacity, false);
}

bool vm_elements_make_room(Isolate *iso, Object *o, uint32_t needed) {
  enum {
    LARGE = 1 << 17,
    STEP = 1 << 15, // takes a tenth of a millisecond
  };
  Elements *old = o->elements;
  uint32_t capacity = old->capacity;
  if (needed <= capacity || old->cell.kind != CELL_ELEMENTS) return true;
  if (capacity < LARGE) {
    capacity += capacity / 2 + 4;
  } else {
    if (needed < MAX_DENSE_CAPACITY - STEP && grow(iso, old, needed + STEP)) {
      return true;
    }
    capacity += capacity / 4; // to where it can grow, most likely
  }
  return replace(iso, o, capacity > needed ? capacity : needed, true);
}

static bool should_stay_dense(const Object *o, uint32_t index) {
  const Elements *e = o->elements;
  if (index >= MAX_DENSE_CAPACITY) return false;
  if (index - elements_length(e) <= MAX_GAP + elements_length(e) / 2) {
    return true;
  }
  if (object_kind(o) != CELL_ARRAY) return false;
  uint32_t declared = ((const Array *)o)->length;
  return index < declared && declared <= MAX_DENSE_DECLARED;
}

static void follow_length(Object *o, uint32_t index) {
  if (object_kind(o) == CELL_ARRAY && index >= ((Array *)o)->length) {
    ((Array *)o)->length = index + 1;
  }
}

bool vm_elements_put(Isolate *iso, Object *o, uint32_t index, Value value) {
  if (unlikely(o->shape->cell.flags & SHAPE_IS_PROTOTYPE)) {
    iso->indexed_prototypes = true;
  }
  if (unlikely(object_has_sparse_elements(o))) {
    return vm_sparse_put(iso, o, index, value, PROPERTY_DEFAULT);
  }
  Elements *e = o->elements;
  if (index >= e->capacity) {
    if (unlikely(!should_stay_dense(o, index))) {
      return vm_elements_make_sparse(iso, o) &&
             vm_sparse_put(iso, o, index, value, PROPERTY_DEFAULT);
    }
    if (!vm_elements_make_room(iso, o, index + 1)) return false;
    e = o->elements;
  }
  gc_store_word(iso->heap, &e->values[index], value);
  if (index >= elements_length(e)) e->cell.extra = index + 1;
  follow_length(o, index);
  return true;
}

void vm_elements_remove(Isolate *iso, Object *o, uint32_t index) {
  if (object_has_sparse_elements(o)) {
    SparseEntry *entry = vm_sparse_find(object_sparse(o), index);
    if (entry != NULL) vm_sparse_remove(iso, o, entry);
    return;
  }
  Elements *e = o->elements;
  if (index >= elements_length(e)) return;
  gc_store_word(iso->heap, &e->values[index], VALUE_EMPTY);
  if (index + 1 == elements_length(e)) {
    uint32_t length = index;
    while (length > 0 && e->values[length - 1] == VALUE_EMPTY)
      length--;
    e->cell.extra = length;
  }
}

static uint32_t truncate_sparse(Isolate *iso, Object *o, uint32_t length) {
  SparseElements *s = vm_sparse_all(iso, o);
  // First the highest element that has to stay, then all above it go.
  for (uint64_t i = 0; i <= s->mask; i++) {
    const SparseEntry *e = &s->entries[i];
    if (e->state == SPARSE_LIVE && e->index >= length &&
        !(e->attributes & PROPERTY_CONFIGURABLE)) {
      length = e->index + 1;
    }
  }
  for (uint64_t i = 0; i <= s->mask; i++) {
    SparseEntry *e = &s->entries[i];
    if (e->state == SPARSE_LIVE && e->index >= length) {
      vm_sparse_remove(iso, o, e);
    }
  }
  return length;
}

uint32_t vm_elements_truncate(Isolate *iso, Object *o, uint32_t length) {
  if (object_has_sparse_elements(o)) return truncate_sparse(iso, o, length);
  Elements *e = o->elements;
  uint32_t old = elements_length(e);
  if (length >= old) return length;
  if (e->capacity > MAX_KEPT_CAPACITY && length < e->capacity / 4) {
    Elements *smaller = length == 0 ? iso->empty_elements
                                    : new_elements(iso, length, length, false);
    if (smaller != NULL) {
      if (length) memcpy(smaller->values, e->values, length * sizeof(Value));
      if (length) smaller->cell.extra = length;
      gc_store_pointer(iso->heap, &o->elements, smaller);
      return length;
    }
  }
  gc_barrier_range(iso->heap, &e->values[length], old - length);
  for (uint32_t i = length; i < old; i++)
    gc_publish(&e->values[i], VALUE_EMPTY);
  e->cell.extra = length;
  return length;
}

static int compare_keys(const void *a, const void *b) {
  PropertyKey x = *(const PropertyKey *)a, y = *(const PropertyKey *)b;
  return (x > y) - (x < y);
}

bool vm_elements_keys(Isolate *iso, Object *o, KeyList *out) {
  if (object_has_sparse_elements(o)) {
    const SparseElements *s = vm_sparse_all(iso, o);
    uint32_t first = out->count;
    for (uint64_t i = 0; i <= s->mask; i++) {
      const SparseEntry *e = &s->entries[i];
      if (e->state == SPARSE_LIVE &&
          !vm_key_list_add(iso, out, key_from_index(e->index))) {
        return false;
      }
    }
    if (out->count > first) {
      qsort(out->keys + first, out->count - first, sizeof(PropertyKey),
            compare_keys);
    }
    return true;
  }
  const Elements *e = o->elements;
  for (uint32_t i = 0; i < elements_length(e); i++) {
    if (e->values[i] != VALUE_EMPTY &&
        !vm_key_list_add(iso, out, key_from_index(i))) {
      return false;
    }
  }
  return true;
}

bool vm_has_plain_elements(Isolate *iso, Object *o) {
  if (o->cell.flags & OBJECT_EXOTIC) return false;
  if (o->elements->cell.kind != CELL_ELEMENTS) return false;
  if (o->shape->cell.flags & SHAPE_EXOTIC_ELEMENTS) return false;
  if (likely(!iso->indexed_prototypes)) return true;
  for (Object *p = o->shape->prototype; p != NULL; p = p->shape->prototype) {
    if (elements_length(p->elements) != 0 ||
        p->elements->cell.kind != CELL_ELEMENTS ||
        ((p->cell.flags & OBJECT_EXOTIC) &&
         object_kind(p) != CELL_STRING_OBJECT) ||
        (object_kind(p) == CELL_STRING_OBJECT &&
         string_length(value_as_string(((PrimitiveObject *)p)->value)))) {
      return false;
    }
  }
  return true;
}
