// SPDX-License-Identifier: MIT
// Properties through inline caches whose shape matches, and elements of a
// vector: what the dispatch loop does inline. False: the general way.
#ifndef RILL_VM_INTERPRETER_CACHED_ACCESS_H
#define RILL_VM_INTERPRETER_CACHED_ACCESS_H

#include "vm/interpreter/calls.h"
#include "vm/interpreter/megamorphic.h"
#include "vm/objects/buffer.h"

// A load through a cache entry whose shape matched. False: the general way.
static inline bool load_entry(const CacheEntry *e, Object *o, Value *out) {
  unsigned kind = e->kind;
  if (likely(kind == IC_OWN_INLINE)) {
    *out = *(Value *)((char *)o + e->offset);
    return true;
  }
  if (kind == IC_PROTOTYPE_INLINE) {
    if (unlikely(!validity_holds(e->validity))) return false;
    *out = *(Value *)((char *)e->holder + e->offset);
    return true;
  }
  if (kind == IC_PROTOTYPE_SLOTS) {
    if (unlikely(!validity_holds(e->validity))) return false;
    *out = *(Value *)((char *)e->holder->slots + e->offset);
    return true;
  }
  if (kind == IC_OWN_SLOTS) {
    *out = *(Value *)((char *)o->slots + e->offset);
    return true;
  }
  if (kind == IC_ABSENT) {
    if (unlikely(!validity_holds(e->validity))) return false;
    *out = VALUE_UNDEFINED;
    return true;
  }
  if (kind == IC_ARRAY_LENGTH) {
    *out = value_from_uint32(((Array *)o)->length);
    return true;
  }
  if (kind == IC_TYPED_ARRAY_LENGTH) {
    if (unlikely(!validity_holds(e->validity))) return false;
    const TypedArray *t = (const TypedArray *)o;
    if (unlikely(buffer_is_shared(t->buffer) || t->length > INT32_MAX))
      return false;
    *out = value_from_int((int32_t)t->length);
    return true;
  }
  return false;
}
static inline bool is_primitive_receiver(LookupReceiver receiver, Value base) {
  switch (receiver) {
  case RECEIVER_STRING:
    return value_is_string(base);
  case RECEIVER_NUMBER:
    return value_is_number(base);
  case RECEIVER_BOOLEAN:
    return value_is_boolean(base);
  case RECEIVER_SYMBOL:
    return value_is_symbol(base);
  case RECEIVER_BIGINT:
    return value_is_bigint(base);
  default:
    return false;
  }
}
// Everything but the first entry of a monomorphic site.
static __attribute__((noinline)) bool
load_other(Isolate *iso, const InlineCache *ic, Value base, Value *out) {
  if (likely(value_is_object(base))) {
    Object *o = value_as_object(base);
    Shape *shape = o->shape;
    if (shape == ic->first.shape) return load_entry(&ic->first, o, out);
    if (ic->state == CACHE_STATE_POLYMORPHIC) {
      const CacheEntry *e = ic->more->entries;
      if (e[0].shape == shape) return load_entry(&e[0], o, out);
      if (e[1].shape == shape) return load_entry(&e[1], o, out);
      if (e[2].shape == shape) return load_entry(&e[2], o, out);
      return false;
    }
    if (ic->state == CACHE_STATE_MEGAMORPHIC) {
      const MegamorphicEntry *m =
          megamorphic_entry(iso, MEGAMORPHIC_LOADS, shape, ic->key);
      return m->entry.shape == shape && m->key == ic->key &&
             load_entry(&m->entry, o, out);
    }
    return false;
  }
  return ic->first.kind != IC_NONE &&
         is_primitive_receiver((LookupReceiver)ic->first.receiver, base) &&
         load_entry(&ic->first, NULL, out);
}

// A store through an entry whose shape matched.
static inline bool store_entry(Isolate *iso, const CacheEntry *e, Object *o,
                               Value v) {
  unsigned kind = e->kind;
  if (likely(kind == IC_STORE_INLINE)) {
    gc_store_word(iso->heap, (Value *)((char *)o + e->offset), v);
    return true;
  }
  if (kind == IC_STORE_SLOTS) {
    gc_store_word(iso->heap, (Value *)((char *)o->slots + e->offset), v);
    return true;
  }
  if (kind == IC_ADD_INLINE) {
    if (unlikely(!validity_holds(e->validity))) return false;
    gc_store_word(iso->heap, (Value *)((char *)o + e->offset), v);
    gc_store_pointer(iso->heap, &o->shape, e->new_shape);
    return true;
  }
  if (kind == IC_ADD_SLOTS) {
    if (unlikely(!validity_holds(e->validity))) return false;
    gc_store_word(iso->heap, (Value *)((char *)o->slots + e->offset), v);
    gc_store_pointer(iso->heap, &o->shape, e->new_shape);
    return true;
  }
  if (kind == IC_ADD_GROW) {
    if (unlikely(!validity_holds(e->validity))) return false;
    if (likely(vm_object_append_slot(iso, o, e->new_shape, v))) return true;
    // The general way throws it again.
    (void)vm_take_exception(iso);
    return false;
  }
  return false;
}
static __attribute__((noinline)) bool
store_other(Isolate *iso, const InlineCache *ic, Object *o, Value v) {
  Shape *shape = o->shape;
  if (shape == ic->first.shape) return store_entry(iso, &ic->first, o, v);
  if (ic->state == CACHE_STATE_POLYMORPHIC) {
    const CacheEntry *e = ic->more->entries;
    if (e[0].shape == shape) return store_entry(iso, &e[0], o, v);
    if (e[1].shape == shape) return store_entry(iso, &e[1], o, v);
    if (e[2].shape == shape) return store_entry(iso, &e[2], o, v);
  } else if (ic->state == CACHE_STATE_MEGAMORPHIC) {
    const MegamorphicEntry *m =
        megamorphic_entry(iso, MEGAMORPHIC_STORES, shape, ic->key);
    return m->entry.shape == shape && m->key == ic->key &&
           store_entry(iso, &m->entry, o, v);
  }
  return false;
}

// o[index] = v where the element vector takes it as it is, or by appending to
// an array.
static inline bool store_element(Isolate *iso, Object *o, uint32_t index,
                                 Value v) {
  Elements *e = o->elements;
  if (likely(index < elements_length(e))) {
    if (likely(e->values[index] != VALUE_EMPTY)) {
      gc_store_word(iso->heap, &e->values[index], v);
      return true;
    }
    if (iso->indexed_prototypes ||
        (o->shape->cell.flags & (SHAPE_NOT_EXTENSIBLE | SHAPE_EXOTIC_ELEMENTS)))
      return false;
    gc_store_word(iso->heap, &e->values[index], v);
    return true;
  }
  if (index == elements_length(e) && index < e->capacity &&
      o->cell.kind == CELL_ARRAY && !iso->indexed_prototypes &&
      !(o->shape->cell.flags &
        (SHAPE_NOT_EXTENSIBLE | SHAPE_EXOTIC_ELEMENTS)) &&
      !(o->cell.flags & OBJECT_LENGTH_READ_ONLY)) {
    Array *array = (Array *)o;
    gc_store_word(iso->heap, &e->values[index], v);
    __atomic_store_n(&e->cell.extra, index + 1, __ATOMIC_RELEASE);
    if (array->length <= index) array->length = index + 1;
    return true;
  }
  return false;
}

#endif
