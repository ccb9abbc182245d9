// SPDX-License-Identifier: MIT
// Property lookups for inline caches. Everything said here must stay true for
// as long as the receiver's shape and the validity cell hold (shape.h).
#include "vm/objects/lookup.h"
#include "vm/objects/shape_internal.h"

// Could the key be a canonical numeric string, which names an element of a
// typed array or nothing?
static bool may_be_numeric(PropertyKey key) {
  if (value_as_cell(key)->kind != CELL_STRING) return false;
  const String *s = value_as_string(key);
  if (string_length(s) == 0) return false;
  // Atoms are flat.
  uint16_t first = s->cell.flags & STRING_WIDE ? s->utf16[0] : s->latin1[0];
  return (first >= '0' && first <= '9') || first == '-' || first == 'I' ||
         first == 'N';
}

// Is the named key of this object an ordinary object's?
static bool is_transparent(const Object *o, PropertyKey key) {
  if (likely(!(o->cell.flags & OBJECT_EXOTIC))) return true;
  CellKind kind = object_kind(o);
  return kind == CELL_STRING_OBJECT || kind == CELL_ARGUMENTS ||
         (kind == CELL_TYPED_ARRAY && !may_be_numeric(key));
}

// A "length" that is in no slot.
static bool has_computed_length(const Object *o) {
  return object_kind(o) == CELL_ARRAY || object_kind(o) == CELL_STRING_OBJECT;
}

static void set_slot(LookupResult *out, const Shape *shape, uint32_t slot) {
  out->is_inline = slot < shape->inline_capacity;
  out->slot = out->is_inline ? slot : slot - shape->inline_capacity;
}

static void watch(Shape *s) {
  if (s->cell.flags & SHAPE_UNIQUE) s->cell.flags |= SHAPE_WATCHED;
}

// The receiver as an object to begin at: itself, or a primitive's prototype.
static Object *receiver_of(Isolate *iso, Value base, uint8_t *receiver) {
  if (likely(value_is_object(base))) {
    *receiver = RECEIVER_OBJECT;
    return value_as_object(base);
  }
  if (value_is_string(base)) {
    *receiver = RECEIVER_STRING;
    return INTRINSIC_OBJECT(iso, StringPrototype);
  }
  if (value_is_number(base)) {
    *receiver = RECEIVER_NUMBER;
    return INTRINSIC_OBJECT(iso, NumberPrototype);
  }
  if (value_is_boolean(base)) {
    *receiver = RECEIVER_BOOLEAN;
    return INTRINSIC_OBJECT(iso, BooleanPrototype);
  }
  if (value_is_symbol(base)) {
    *receiver = RECEIVER_SYMBOL;
    return INTRINSIC_OBJECT(iso, SymbolPrototype);
  }
  if (value_is_bigint(base)) {
    *receiver = RECEIVER_BIGINT;
    return INTRINSIC_OBJECT(iso, BigIntPrototype);
  }
  return NULL;
}

// The validity of everything above a receiver in which the key is absent.
static ValidityCell *validity_above(Isolate *iso, Object *o) {
  if (o->shape->cell.flags & SHAPE_UNIQUE) {
    // Its absence in a UNIQUE shape is only known for prototype objects, whose
    // own validity covers additions.
    if (!(o->shape->cell.flags & SHAPE_IS_PROTOTYPE)) return NULL;
    return vm_prototype_validity(iso, o);
  }
  return vm_prototype_validity(iso, o->shape->prototype);
}

// Looks for the key from `o` upwards. False: not cacheable.
static bool walk(Isolate *iso, Object *o, PropertyKey key, LookupResult *out) {
  out->kind = LOOKUP_ABSENT;
  for (; o != NULL; o = o->shape->prototype) {
    if (has_computed_length(o) && key == KEY(length)) return false;
    PropertySlot p;
    if (!vm_shape_lookup(iso, o->shape, key, &p)) continue;
    out->kind = p.attributes & PROPERTY_ACCESSOR ? LOOKUP_PROTOTYPE_GETTER
                                                 : LOOKUP_PROTOTYPE;
    out->attributes = p.attributes;
    out->holder = o;
    set_slot(out, o->shape, p.slot);
    return true;
  }
  return true;
}

static void begin(LookupResult *out) {
  *out = (LookupResult){.kind = LOOKUP_UNCACHEABLE};
}

void vm_lookup_for_cache(Isolate *iso, Value base, PropertyKey key,
                         LookupResult *out) {
  begin(out);
  if (key_is_index(key)) return;
  Object *o = receiver_of(iso, base, &out->receiver);
  if (o == NULL) return;
  if (out->receiver != RECEIVER_OBJECT) {
    if (out->receiver == RECEIVER_STRING && key == KEY(length)) {
      out->kind = LOOKUP_STRING_LENGTH;
      return;
    }
    out->validity = vm_prototype_validity(iso, o);
    if (out->validity == NULL || !walk(iso, o, key, out)) {
      out->kind = LOOKUP_UNCACHEABLE;
    }
    return;
  }
  if (!is_transparent(o, key)) return;
  if (shape_is_lazy_for(o->shape, key)) vm_object_materialize(iso, o);
  out->shape = o->shape;
  if (has_computed_length(o) && key == KEY(length)) {
    if (object_kind(o) != CELL_ARRAY) return;
    watch(out->shape);
    out->kind = LOOKUP_ARRAY_LENGTH;
    return;
  }
  PropertySlot p;
  if (vm_shape_lookup(iso, o->shape, key, &p)) {
    watch(out->shape);
    out->kind =
        p.attributes & PROPERTY_ACCESSOR ? LOOKUP_OWN_GETTER : LOOKUP_OWN;
    out->attributes = p.attributes;
    set_slot(out, o->shape, p.slot);
    return;
  }
  out->validity = validity_above(iso, o);
  out->shape = o->shape;
  if (out->validity == NULL || !walk(iso, o->shape->prototype, key, out)) {
    out->kind = LOOKUP_UNCACHEABLE;
    return;
  }
  watch(out->shape);
}

// The shape and slot that adding the key at the end gives.
static void plan_addition(Isolate *iso, Object *o, PropertyKey key,
                          LookupResult *out) {
  Shape *shape = o->shape;
  if ((shape->cell.flags &
       (SHAPE_UNIQUE | SHAPE_NOT_EXTENSIBLE | SHAPE_LAZY)) ||
      shape->property_count >= SHAPE_MAX_SHARED_PROPERTIES) {
    out->kind = LOOKUP_UNCACHEABLE;
    return;
  }
  out->shape = shape;
  out->new_shape = vm_shape_add(iso, shape, key, PROPERTY_DEFAULT);
  out->attributes = PROPERTY_DEFAULT;
  out->holder = NULL;
  set_slot(out, shape, shape->cell.extra);
  bool room = out->is_inline || out->slot < vm_slots_capacity(out->slot);
  out->kind = room ? STORE_ADD : STORE_ADD_GROW;
}

void vm_store_lookup_for_cache(Isolate *iso, Value base, PropertyKey key,
                               LookupResult *out) {
  begin(out);
  if (key_is_index(key) || !value_is_object(base)) return;
  Object *o = value_as_object(base);
  if (!is_transparent(o, key)) return;
  // Functions are stored to rarely, and adding makes their properties anyway.
  vm_object_materialize(iso, o);
  if (has_computed_length(o) && key == KEY(length)) return;
  out->shape = o->shape;
  PropertySlot p;
  if (vm_shape_lookup(iso, o->shape, key, &p)) {
    out->attributes = p.attributes;
    set_slot(out, o->shape, p.slot);
    if (p.attributes & PROPERTY_ACCESSOR) {
      out->kind = STORE_OWN_SETTER;
    } else if (p.attributes & PROPERTY_WRITABLE) {
      out->kind = STORE_OWN;
    } else {
      return;
    }
    watch(out->shape);
    return;
  }
  out->validity = validity_above(iso, o);
  out->shape = o->shape;
  if (out->validity == NULL || !walk(iso, o->shape->prototype, key, out)) {
    out->kind = LOOKUP_UNCACHEABLE;
    return;
  }
  if (out->kind == LOOKUP_PROTOTYPE_GETTER) {
    out->kind = STORE_PROTOTYPE_SETTER;
    watch(out->shape);
    return;
  }
  if (out->kind == LOOKUP_PROTOTYPE && !(out->attributes & PROPERTY_WRITABLE)) {
    out->kind = LOOKUP_UNCACHEABLE;
    return;
  }
  plan_addition(iso, o, key, out);
}

void vm_init_lookup_for_cache(Isolate *iso, Object *o, PropertyKey key,
                              LookupResult *out) {
  begin(out);
  if (key_is_index(key) || !is_transparent(o, key)) return;
  if (has_computed_length(o) && key == KEY(length)) return;
  vm_object_materialize(iso, o);
  out->shape = o->shape;
  out->validity = vm_prototype_validity(iso, NULL);
  PropertySlot p;
  if (!vm_shape_lookup(iso, o->shape, key, &p)) {
    plan_addition(iso, o, key, out);
    return;
  }
  if (p.attributes != PROPERTY_DEFAULT) return;
  out->kind = STORE_OWN;
  out->attributes = p.attributes;
  set_slot(out, o->shape, p.slot);
  watch(out->shape);
}

void vm_private_lookup_for_cache(Isolate *iso, Object *o, Symbol *name,
                                 LookupResult *out) {
  begin(out);
  PropertySlot p;
  if (!vm_shape_lookup(iso, o->shape, key_from_symbol(name), &p)) return;
  out->shape = o->shape;
  out->kind = p.attributes & PROPERTY_ACCESSOR ? LOOKUP_OWN_GETTER : LOOKUP_OWN;
  out->attributes = p.attributes;
  set_slot(out, o->shape, p.slot);
  watch(out->shape);
}
