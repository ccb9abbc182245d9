// SPDX-License-Identifier: MIT
// Prototype objects: the bookkeeping below and above them, and the validity
// cells that inline caches check instead of walking the chain.
//
// Whoever has a valid cell has registered with its own prototype, so that
// "no cell handed out" implies "nobody below has a valid one".
#include "vm/objects/layouts.h"
#include "vm/objects/shape_internal.h"

// Chains longer than this get no validity: the walk must stay cheap and the
// recursion of an invalidation bounded.
enum { MAX_CHAIN = 256 };

static PrototypeInfo *new_info(Isolate *iso) {
  return gc_allocate(iso->heap, sizeof(PrototypeInfo), CELL_PROTOTYPE_INFO);
}

// Can an index key or an unusual answer come out of this prototype?
static bool has_unusual_elements(const Object *o) {
  if (elements_length(o->elements) != 0 ||
      o->elements->cell.kind == CELL_SPARSE_ELEMENTS) {
    return true;
  }
  if (!(o->cell.flags & OBJECT_EXOTIC)) return false;
  // %String.prototype% itself: the empty string has no index keys.
  return !(
      object_kind(o) == CELL_STRING_OBJECT &&
      string_length(value_as_string(((const PrimitiveObject *)o)->value)) == 0);
}

static void become_prototype(Isolate *iso, Object *o) {
  if (o->shape->cell.flags & SHAPE_IS_PROTOTYPE) return;
  // A deferred one can wait until a cache wants to look through it.
  if (!(o->shape->cell.flags & SHAPE_UNIQUE)) vm_object_materialize(iso, o);
  Shape *s = vm_object_make_unique(iso, o);
  gc_store_pointer(iso->heap, &s->prototype_info, new_info(iso));
  s->cell.flags |= SHAPE_IS_PROTOTYPE;
  if (has_unusual_elements(o)) iso->indexed_prototypes = true;
}

PrototypeInfo *vm_prototype_info(Isolate *iso, Object *prototype) {
  if (prototype == NULL) {
    if (iso->no_prototype == NULL) iso->no_prototype = new_info(iso);
    return iso->no_prototype;
  }
  if (unlikely(!(prototype->shape->cell.flags & SHAPE_IS_PROTOTYPE))) {
    become_prototype(iso, prototype);
  }
  return prototype->shape->prototype_info;
}

// Dependents: a Bytes cell read as an array of pointers.
static PrototypeInfo **dependents_of(PrototypeInfo *info) {
  return (PrototypeInfo **)(void *)info->dependents->data;
}

static void invalidate(Isolate *iso, PrototypeInfo *info) {
  if (info->validity == NULL) return;
  info->validity->cell.flags = 0;
  gc_store_pointer(iso->heap, &info->validity, NULL);
  uint64_t count = info->dependent_count;
  __atomic_store_n(&info->dependent_count, 0, __ATOMIC_RELAXED);
  for (uint64_t i = 0; i < count; i++) {
    invalidate(iso, dependents_of(info)[i]);
  }
}

static void add_dependent(Isolate *iso, PrototypeInfo *info,
                          PrototypeInfo *dependent) {
  uint64_t capacity =
      info->dependents ? info->dependents->cell.extra / sizeof(void *) : 0;
  for (uint64_t i = 0; i < info->dependent_count; i++) {
    if (dependents_of(info)[i] == dependent) return;
    if (i == 16) break; // a duplicate does no harm
  }
  if (info->dependent_count == capacity) {
    uint64_t grown_capacity = capacity ? capacity * 2 : 3;
    Bytes *grown = gc_allocate_any(
        iso->heap, sizeof(Bytes) + grown_capacity * sizeof(void *), CELL_BYTES);
    if (grown == NULL) {
      // Out of memory: forget everybody, after making them invalid.
      invalidate(iso, info);
      return;
    }
    grown->cell.extra = (uint32_t)(grown_capacity * sizeof(void *));
    if (capacity) {
      memcpy(grown->data, info->dependents->data, capacity * sizeof(void *));
    }
    gc_store_pointer(iso->heap, &info->dependents, grown);
  }
  if (!(info->cell.flags & 1)) {
    info->cell.flags |= 1;
    gc_add_weak(iso->heap, info);
  }
  gc_publish(&dependents_of(info)[info->dependent_count], dependent);
  __atomic_store_n(&info->dependent_count, info->dependent_count + 1,
                   __ATOMIC_RELEASE);
}

void vm_prototype_info_clear(GcTracer *tracer, GcCell *cell) {
  PrototypeInfo *info = (PrototypeInfo *)cell;
  uint64_t kept = 0;
  for (uint64_t i = 0; i < info->dependent_count; i++) {
    PrototypeInfo *d = dependents_of(info)[i];
    if (gc_is_marked(tracer, value_from_cell(d))) {
      dependents_of(info)[kept++] = d;
    }
  }
  info->dependent_count = kept;
}

// The count first: the vector is then at least as new, and as long.
bool vm_prototype_info_is_clean(GcTracer *tracer, GcCell *cell) {
  PrototypeInfo *info = (PrototypeInfo *)cell;
  uint64_t count = __atomic_load_n(&info->dependent_count, __ATOMIC_ACQUIRE);
  if (count == 0) return true;
  Bytes *dependents = __atomic_load_n(&info->dependents, __ATOMIC_ACQUIRE);
  const uint64_t *words = (const uint64_t *)(const void *)dependents->data;
  for (uint64_t i = 0; i < count; i++) {
    if (!gc_is_marked(tracer, __atomic_load_n(&words[i], __ATOMIC_RELAXED))) {
      return false;
    }
  }
  return true;
}

void vm_prototype_changed(Isolate *iso, Shape *shape) {
  if (shape->prototype_info) {
    invalidate(iso, shape->prototype_info);
  }
}

// May a cache look for named keys through this object by its shape alone?
static bool is_transparent(const Object *o) {
  if (likely(!(o->cell.flags & OBJECT_EXOTIC))) return true;
  CellKind kind = object_kind(o);
  return kind == CELL_STRING_OBJECT || kind == CELL_ARGUMENTS;
}

static ValidityCell *new_cell(Isolate *iso) {
  ValidityCell *v = gc_allocate(iso->heap, sizeof(ValidityCell), CELL_VALIDITY);
  v->cell.flags = 1;
  return v;
}

ValidityCell *vm_prototype_validity(Isolate *iso, Object *prototype) {
  if (iso->always_valid == NULL) iso->always_valid = new_cell(iso);
  Object *chain[MAX_CHAIN];
  uint32_t count = 0;
  PrototypeInfo *above = NULL;
  for (Object *o = prototype; o != NULL; o = o->shape->prototype) {
    if (!is_transparent(o) || count == MAX_CHAIN) return NULL;
    vm_object_materialize(iso, o);
    PrototypeInfo *info = vm_prototype_info(iso, o);
    if (info->validity != NULL) {
      above = info;
      break;
    }
    chain[count++] = o;
  }
  if (count == 0) return above ? above->validity : iso->always_valid;
  while (count-- > 0) {
    PrototypeInfo *info = chain[count]->shape->prototype_info;
    if (above != NULL) add_dependent(iso, above, info);
    // Invalidated for want of memory: make no promise.
    if (above != NULL && above->validity == NULL) return NULL;
    gc_store_pointer(iso->heap, &info->validity, new_cell(iso));
    above = info;
  }
  return above->validity;
}
