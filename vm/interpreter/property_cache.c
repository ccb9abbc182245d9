// SPDX-License-Identifier: MIT
// Inline caches: filling and the accesses that miss them.
//
// A site goes from empty to monomorphic to polymorphic (four shapes) to
// megamorphic, never back. Entries whose validity was lost are replaced in
// place. Words of an entry are references that the collector may be tracing:
// they are overwritten behind a barrier.
#include "vm/builtins/builtins.h"
#include "vm/builtins/proxy_traps.h"
#include "vm/builtins/typed_array.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/counters.h"
#include "vm/interpreter/megamorphic.h"
#include "vm/objects/shape_internal.h"
#include "vm/objects/text_keys.h"

static uint32_t slot_offset(const LookupResult *l) {
  return (uint32_t)((l->is_inline ? offsetof(Object, inline_slots)
                                  : offsetof(Slots, values)) +
                    l->slot * sizeof(Value));
}

// The entry for a lookup; false: not to be cached.
static bool entry_from_lookup(const LookupResult *l, CacheEntry *e) {
  static const uint8_t inline_kinds[] = {
      [LOOKUP_OWN] = IC_OWN_INLINE,
      [LOOKUP_PROTOTYPE] = IC_PROTOTYPE_INLINE,
      [LOOKUP_ABSENT] = IC_ABSENT,
      [LOOKUP_OWN_GETTER] = IC_OWN_GETTER_INLINE,
      [LOOKUP_PROTOTYPE_GETTER] = IC_PROTOTYPE_GETTER_INLINE,
      [LOOKUP_ARRAY_LENGTH] = IC_ARRAY_LENGTH,
      [STORE_OWN] = IC_STORE_INLINE,
      [STORE_ADD] = IC_ADD_INLINE,
      [STORE_ADD_GROW] = IC_ADD_GROW,
      [STORE_OWN_SETTER] = IC_OWN_SETTER_INLINE,
      [STORE_PROTOTYPE_SETTER] = IC_PROTOTYPE_SETTER_INLINE,
  };
  static const uint8_t slots_kinds[] = {
      [LOOKUP_OWN] = IC_OWN_SLOTS,
      [LOOKUP_PROTOTYPE] = IC_PROTOTYPE_SLOTS,
      [LOOKUP_ABSENT] = IC_ABSENT,
      [LOOKUP_OWN_GETTER] = IC_OWN_GETTER_SLOTS,
      [LOOKUP_PROTOTYPE_GETTER] = IC_PROTOTYPE_GETTER_SLOTS,
      [LOOKUP_ARRAY_LENGTH] = IC_ARRAY_LENGTH,
      [STORE_OWN] = IC_STORE_SLOTS,
      [STORE_ADD] = IC_ADD_SLOTS,
      [STORE_ADD_GROW] = IC_ADD_GROW,
      [STORE_OWN_SETTER] = IC_OWN_SETTER_SLOTS,
      [STORE_PROTOTYPE_SETTER] = IC_PROTOTYPE_SETTER_SLOTS,
  };
  if (l->kind == LOOKUP_UNCACHEABLE || l->kind == LOOKUP_STRING_LENGTH)
    return false;
  memset(e, 0, sizeof *e);
  e->kind = (l->is_inline ? inline_kinds : slots_kinds)[l->kind];
  e->receiver = l->receiver;
  e->shape = l->receiver == RECEIVER_OBJECT ? l->shape : NULL;
  e->validity = l->validity;
  e->offset = slot_offset(l);
  if (l->kind == STORE_ADD || l->kind == STORE_ADD_GROW) {
    e->new_shape = l->new_shape;
  } else {
    e->holder = l->holder;
  }
  return true;
}

static void fill(Isolate *iso, InlineCache *ic, const CacheEntry *e,
                 MegamorphicUse use) {
  if (ic->state == CACHE_STATE_EMPTY ||
      (ic->first.shape == e->shape && ic->first.receiver == e->receiver)) {
    vm_cache_entry_set(iso->heap, &ic->first, e);
    if (ic->state == CACHE_STATE_EMPTY) ic->state = CACHE_STATE_MONOMORPHIC;
    return;
  }
  // Primitive receivers only live in the first entry.
  if (e->receiver != RECEIVER_OBJECT) {
    if (ic->state == CACHE_STATE_MONOMORPHIC &&
        ic->first.receiver != RECEIVER_OBJECT)
      vm_cache_entry_set(iso->heap, &ic->first, e);
    return;
  }
  if (ic->first.receiver != RECEIVER_OBJECT &&
      ic->state == CACHE_STATE_MONOMORPHIC && ic->first.misses++ > 8) {
    vm_cache_entry_set(iso->heap, &ic->first, e);
    return;
  }
  if (ic->state == CACHE_STATE_MONOMORPHIC) {
    PolymorphicCache *more = (PolymorphicCache *)gc_allocate(
        iso->heap, sizeof(PolymorphicCache), CELL_POLYMORPHIC_CACHE);
    gc_store_pointer(iso->heap, &ic->more, more);
    ic->state = CACHE_STATE_POLYMORPHIC;
  }
  if (ic->state == CACHE_STATE_POLYMORPHIC) {
    PolymorphicCache *more = ic->more;
    for (uint32_t i = 0; i < more->cell.extra; i++) {
      if (more->entries[i].shape == e->shape) {
        vm_cache_entry_set(iso->heap, &more->entries[i], e);
        return;
      }
    }
    if (more->cell.extra < 3) {
      vm_cache_entry_set(iso->heap, &more->entries[more->cell.extra], e);
      more->cell.extra++;
      return;
    }
    ic->state = CACHE_STATE_MEGAMORPHIC;
  }
  vm_megamorphic_store(iso, use, ic->key, e);
}

// The entry of a site that matches an object.
static const CacheEntry *find_entry(const Isolate *iso, const InlineCache *ic,
                                    const Shape *shape, MegamorphicUse use) {
  if (ic->first.shape == shape) return &ic->first;
  if (ic->state == CACHE_STATE_POLYMORPHIC) {
    for (uint32_t i = 0; i < 3; i++)
      if (ic->more->entries[i].shape == shape) return &ic->more->entries[i];
  } else if (ic->state == CACHE_STATE_MEGAMORPHIC) {
    const MegamorphicEntry *m = megamorphic_entry(iso, use, shape, ic->key);
    if (m->entry.shape == shape && m->key == ic->key) return &m->entry;
  }
  return NULL;
}

static Accessor *accessor_of(const CacheEntry *e, Object *o) {
  Value v;
  switch (e->kind) {
  case IC_OWN_GETTER_INLINE:
  case IC_OWN_SETTER_INLINE:
    v = *(Value *)((char *)o + e->offset);
    break;
  case IC_OWN_GETTER_SLOTS:
  case IC_OWN_SETTER_SLOTS:
    v = *(Value *)((char *)o->slots + e->offset);
    break;
  case IC_PROTOTYPE_GETTER_INLINE:
  case IC_PROTOTYPE_SETTER_INLINE:
    if (!validity_holds(e->validity)) return NULL;
    v = *(Value *)((char *)e->holder + e->offset);
    break;
  case IC_PROTOTYPE_GETTER_SLOTS:
  case IC_PROTOTYPE_SETTER_SLOTS:
    if (!validity_holds(e->validity)) return NULL;
    v = *(Value *)((char *)e->holder->slots + e->offset);
    break;
  default:
    return NULL;
  }
  return (Accessor *)value_as_cell(v);
}

// The length of typed arrays is asked for in every loop over one: it is read
// without a call while the getter is the intrinsic one.
static bool is_typed_array_length(const LookupResult *l) {
  if (l->kind != LOOKUP_PROTOTYPE_GETTER || l->receiver != RECEIVER_OBJECT ||
      l->shape->object_kind != CELL_TYPED_ARRAY)
    return false;
  const Accessor *accessor =
      (const Accessor *)value_as_cell(*lookup_slot_of(l, l->holder));
  return value_is_kind(accessor->getter, CELL_NATIVE_FUNCTION) &&
         ((const NativeFunction *)value_as_cell(accessor->getter))->code ==
             vm_typed_array_get_length;
}

static AccessOutcome call_getter(Value getter, Value *out) {
  *out = getter;
  return value_is_undefined(getter) ? ACCESS_DONE : ACCESS_CALL;
}

AccessOutcome vm_get_named_slow(Isolate *iso, Code *code, InlineCache *ic,
                                Value base, Value *out) {
  count_cache_miss(iso, ic);
  (void)code;
  if (value_is_object(base)) {
    if (object_kind(value_as_object(base)) == CELL_PROXY) {
      *out = vm_proxy_get(iso, value_as_object(base), ic->key, base);
      return *out == VALUE_EXCEPTION ? ACCESS_THREW : ACCESS_DONE;
    }
    const CacheEntry *e =
        find_entry(iso, ic, value_as_object(base)->shape, MEGAMORPHIC_LOADS);
    Accessor *accessor =
        e != NULL ? accessor_of(e, value_as_object(base)) : NULL;
    if (accessor != NULL) return call_getter(accessor->getter, out);
  } else if (value_is_nullish(base)) {
    *out = vm_throw_bad_pattern(iso, base, ic->key)
               ? VALUE_EXCEPTION
               : vm_get_of_value(iso, base, ic->key);
    return ACCESS_THREW;
  }
  LookupResult l;
  vm_lookup_for_cache(iso, base, ic->key, &l);
  CacheEntry e;
  if (entry_from_lookup(&l, &e)) {
    Object *o = value_is_object(base) ? value_as_object(base) : NULL;
    Object *from = l.holder != NULL ? l.holder : o;
    Accessor *accessor;
    // An array of shared bytes would miss such an entry: it keeps the getter.
    if (is_typed_array_length(&l) &&
        !buffer_is_shared(((const TypedArray *)o)->buffer))
      e.kind = IC_TYPED_ARRAY_LENGTH;
    fill(iso, ic, &e, MEGAMORPHIC_LOADS);
    switch (l.kind) {
    case LOOKUP_OWN:
    case LOOKUP_PROTOTYPE:
      if (l.kind == LOOKUP_OWN) from = o;
      *out = *lookup_slot_of(&l, from);
      return ACCESS_DONE;
    case LOOKUP_ABSENT:
      *out = VALUE_UNDEFINED;
      return ACCESS_DONE;
    case LOOKUP_OWN_GETTER:
    case LOOKUP_PROTOTYPE_GETTER:
      if (l.kind == LOOKUP_OWN_GETTER) from = o;
      accessor = (Accessor *)value_as_cell(*lookup_slot_of(&l, from));
      return call_getter(accessor->getter, out);
    case LOOKUP_ARRAY_LENGTH:
      *out = value_from_uint32(((Array *)o)->length);
      return ACCESS_DONE;
    default:
      break;
    }
  }
  Value v = vm_get_of_value(iso, base, ic->key);
  *out = v;
  return v == VALUE_EXCEPTION ? ACCESS_THREW : ACCESS_DONE;
}

AccessOutcome vm_set_named_slow(Isolate *iso, Code *code, InlineCache *ic,
                                Value base, Value value, Value *setter) {
  count_cache_miss(iso, ic);
  if (!value_is_object(base)) {
    return vm_set_of_value(iso, base, ic->key, value, code->is_strict)
               ? ACCESS_DONE
               : ACCESS_THREW;
  }
  Object *o = value_as_object(base);
  const CacheEntry *known = find_entry(iso, ic, o->shape, MEGAMORPHIC_STORES);
  Accessor *accessor = known != NULL ? accessor_of(known, o) : NULL;
  if (accessor == NULL) {
    LookupResult l;
    vm_store_lookup_for_cache(iso, base, ic->key, &l);
    CacheEntry e;
    if (entry_from_lookup(&l, &e)) {
      fill(iso, ic, &e, MEGAMORPHIC_STORES);
      switch (l.kind) {
      case STORE_OWN:
        gc_store_word(iso->heap, lookup_slot_of(&l, o), value);
        return ACCESS_DONE;
      case STORE_ADD:
      case STORE_ADD_GROW:
        return vm_object_append_slot(iso, o, l.new_shape, value) ? ACCESS_DONE
                                                                 : ACCESS_THREW;
      case STORE_OWN_SETTER:
        accessor = (Accessor *)value_as_cell(*lookup_slot_of(&l, o));
        break;
      case STORE_PROTOTYPE_SETTER:
        accessor = (Accessor *)value_as_cell(*lookup_slot_of(&l, l.holder));
        break;
      default:
        break;
      }
    }
  }
  if (accessor != NULL) {
    if (!value_is_undefined(accessor->setter)) {
      *setter = accessor->setter;
      return ACCESS_CALL;
    }
    if (!code->is_strict) return ACCESS_DONE;
  }
  return vm_set(iso, o, ic->key, value, code->is_strict) ? ACCESS_DONE
                                                         : ACCESS_THREW;
}

bool vm_init_named_slow(Isolate *iso, Code *code, InlineCache *ic, Object *o,
                        Value value) {
  count_cache_miss(iso, ic);
  (void)code;
  LookupResult l;
  vm_init_lookup_for_cache(iso, o, ic->key, &l);
  CacheEntry e;
  if (entry_from_lookup(&l, &e)) {
    fill(iso, ic, &e, MEGAMORPHIC_STORES);
    if (l.kind == STORE_OWN) {
      gc_store_word(iso->heap, lookup_slot_of(&l, o), value);
      return true;
    }
    if (l.kind == STORE_ADD || l.kind == STORE_ADD_GROW) {
      return vm_object_append_slot(iso, o, l.new_shape, value);
    }
  }
  return vm_create_data_or_throw(iso, o, ic->key, value);
}

// Private names. The site remembers which symbol it saw: a class evaluated
// again has others.
static void private_fill(Isolate *iso, InlineCache *ic, Symbol *name,
                         const CacheEntry *e) {
  gc_store_word(iso->heap, &ic->key, key_from_symbol(name));
  vm_cache_entry_set(iso->heap, &ic->first, e);
  ic->state = CACHE_STATE_MONOMORPHIC;
}

Value vm_cached_get_private(Isolate *iso, Code *code, InlineCache *ic,
                            Value base, Symbol *name) {
  count_cache_miss(iso, ic);
  (void)code;
  if (!value_is_object(base))
    return vm_throw_type_key(
        iso,
        "Cannot read private member %s from an object whose class did not "
        "declare it",
        key_from_symbol(name));
  Object *o = value_as_object(base);
  LookupResult l;
  CacheEntry e;
  vm_private_lookup_for_cache(iso, o, name, &l);
  if (l.kind == LOOKUP_OWN && entry_from_lookup(&l, &e)) {
    private_fill(iso, ic, name, &e);
    return *lookup_slot_of(&l, o);
  }
  return vm_private_get(iso, o, name);
}

bool vm_cached_set_private(Isolate *iso, Code *code, InlineCache *ic,
                           Value base, Symbol *name, Value value) {
  count_cache_miss(iso, ic);
  (void)code;
  if (!value_is_object(base)) {
    vm_throw_type_key(
        iso,
        "Cannot write private member %s to an object whose class did not "
        "declare it",
        key_from_symbol(name));
    return false;
  }
  Object *o = value_as_object(base);
  LookupResult l;
  CacheEntry e;
  vm_private_lookup_for_cache(iso, o, name, &l);
  if (l.kind == LOOKUP_OWN && (l.attributes & PROPERTY_WRITABLE) &&
      !(name->cell.flags & SYMBOL_PRIVATE_METHOD)) {
    l.kind = STORE_OWN;
    if (entry_from_lookup(&l, &e)) private_fill(iso, ic, name, &e);
  }
  return vm_private_set(iso, o, name, value);
}

// Computed keys. Names go through the megamorphic table, so that o[name] costs
// no chain walk. Strings that have no atom are for text_keys.h.
static bool is_known_name(Value key, PropertyKey *out) {
  if (!value_is_cell(key)) return false;
  GcCell *cell = value_as_cell(key);
  if (cell->kind == CELL_STRING) {
    *out = string_known_key((String *)cell);
    return *out != 0 && !key_is_index(*out);
  }
  if (cell->kind != CELL_SYMBOL) return false;
  *out = key_from_symbol((Symbol *)cell);
  return true;
}

static bool is_unknown_text(Value key) {
  return value_is_string(key) && string_known_key(value_as_string(key)) == 0;
}

static bool is_name(PropertyKey key) {
  return key != 0 && !key_is_index(key);
}

// The array index that a key which is a double stands for.
static bool double_as_index(Value key, uint32_t *out) {
  if (!value_is_double(key)) return false;
  double d = value_as_double(key);
  if (!(d >= 0 && d < 4294967295.0)) return false;
  *out = (uint32_t)d;
  return (double)*out == d;
}

static bool load_from(const CacheEntry *e, Object *o, Value *out) {
  switch (e->kind) {
  case IC_OWN_INLINE:
    *out = *(Value *)((char *)o + e->offset);
    return true;
  case IC_OWN_SLOTS:
    *out = *(Value *)((char *)o->slots + e->offset);
    return true;
  case IC_PROTOTYPE_INLINE:
    if (!validity_holds(e->validity)) return false;
    *out = *(Value *)((char *)e->holder + e->offset);
    return true;
  case IC_PROTOTYPE_SLOTS:
    if (!validity_holds(e->validity)) return false;
    *out = *(Value *)((char *)e->holder->slots + e->offset);
    return true;
  case IC_ABSENT:
    if (!validity_holds(e->validity)) return false;
    *out = VALUE_UNDEFINED;
    return true;
  default:
    return false;
  }
}

bool vm_get_data_quickly(Isolate *iso, Object *o, PropertyKey key, Value *out) {
  const MegamorphicEntry *m =
      megamorphic_entry(iso, MEGAMORPHIC_LOADS, o->shape, key);
  if (m->entry.shape == o->shape && m->key == key) {
    if (load_from(&m->entry, o, out)) return true;
    if (accessor_of(&m->entry, o) != NULL) return false;
  }
  LookupResult l;
  vm_lookup_for_cache(iso, value_from_cell(o), key, &l);
  CacheEntry e;
  if (l.kind == LOOKUP_ARRAY_LENGTH || !entry_from_lookup(&l, &e)) return false;
  vm_megamorphic_store(iso, MEGAMORPHIC_LOADS, key, &e);
  return load_from(&e, o, out);
}

Value vm_get_quickly(Isolate *iso, Object *o, PropertyKey key) {
  Value v;
  if (vm_get_data_quickly(iso, o, key, &v)) return v;
  const MegamorphicEntry *m =
      megamorphic_entry(iso, MEGAMORPHIC_LOADS, o->shape, key);
  Accessor *accessor = m->entry.shape == o->shape && m->key == key
                           ? accessor_of(&m->entry, o)
                           : NULL;
  if (accessor == NULL) return vm_get(iso, o, key);
  if (value_is_undefined(accessor->getter)) return VALUE_UNDEFINED;
  if (value_is_kind(accessor->getter, CELL_NATIVE_FUNCTION) &&
      ((const NativeFunction *)value_as_cell(accessor->getter))->code ==
          vm_return_this)
    return value_from_cell(o);
  return vm_call(iso, accessor->getter, value_from_cell(o), 0, NULL);
}

// Dictionaries are not worth an entry each for their many names, and stay
// unwatched: their properties may be deleted in place.
static bool is_dictionary(const Object *o) {
  return shape_is_dictionary(o->shape) && !(o->cell.flags & OBJECT_EXOTIC);
}

static Value get_in_dictionary(Isolate *iso, Object *o, PropertyKey key) {
  PropertySlot p;
  if (vm_shape_lookup(iso, o->shape, key, &p)) {
    return p.attributes & PROPERTY_ACCESSOR ? vm_get(iso, o, key)
                                            : *object_slot(o, p.slot);
  }
  Object *above = o->shape->prototype;
  return above == NULL
             ? VALUE_UNDEFINED
             : vm_get_with_receiver(iso, above, key, value_from_cell(o));
}

static bool set_in_dictionary(Isolate *iso, Object *o, PropertyKey key,
                              Value value, bool strict) {
  PropertySlot p;
  if (vm_shape_lookup(iso, o->shape, key, &p)) {
    if ((p.attributes & (PROPERTY_WRITABLE | PROPERTY_ACCESSOR)) !=
        PROPERTY_WRITABLE)
      return vm_set(iso, o, key, value, strict);
    gc_store_word(iso->heap, object_slot(o, p.slot), value);
    return true;
  }
  if (o->shape->cell.flags & SHAPE_NOT_EXTENSIBLE)
    return vm_set(iso, o, key, value, strict);
  for (Object *above = o->shape->prototype; above != NULL;
       above = above->shape->prototype) {
    if ((above->cell.flags & OBJECT_EXOTIC) ||
        shape_is_lazy_for(above->shape, key) ||
        (object_kind(above) == CELL_ARRAY && key == KEY(length)) ||
        vm_shape_lookup(iso, above->shape, key, &p))
      return vm_set(iso, o, key, value, strict);
  }
  return vm_object_add_property(iso, o, key, value, PROPERTY_DEFAULT);
}

bool vm_get_element_slow(Isolate *iso, Value base, Value key, Value *out) {
  uint32_t index;
  if (value_is_string(base) && value_is_int(key)) {
    String *s = value_as_string(base);
    if ((uint32_t)value_as_int(key) < string_length(s)) {
      uint16_t unit = vm_string_at(iso, s, (uint32_t)value_as_int(key));
      String *one = vm_string_from_unit(iso, unit);
      *out = value_from_cell(one);
      return one != NULL;
    }
  }
  if (value_is_object(base)) {
    Object *o = value_as_object(base);
    PropertyKey name = 0;
    if (is_unknown_text(key)) {
      TextAnswer answer = vm_text_get(iso, o, value_as_string(key), &name, out);
      if (answer != VM_TEXT_UNFIT) return answer != VM_TEXT_THREW;
    }
    if (is_name(name) || is_known_name(key, &name)) {
      *out = is_dictionary(o) ? get_in_dictionary(iso, o, name)
                              : vm_get_quickly(iso, o, name);
      return *out != VALUE_EXCEPTION;
    }
    if (double_as_index(key, &index)) {
      if (index < elements_length(o->elements) &&
          o->elements->values[index] != VALUE_EMPTY) {
        *out = o->elements->values[index];
        return true;
      }
      *out = vm_get(iso, o, key_from_index(index));
      return *out != VALUE_EXCEPTION;
    }
  }
  *out = vm_get_element(iso, base, key);
  return *out != VALUE_EXCEPTION;
}

bool vm_set_quickly(Isolate *iso, Object *o, PropertyKey name, Value value,
                    bool strict) {
  if (is_dictionary(o)) return set_in_dictionary(iso, o, name, value, strict);
  const MegamorphicEntry *m =
      megamorphic_entry(iso, MEGAMORPHIC_STORES, o->shape, name);
  const CacheEntry *e = &m->entry;
  CacheEntry found;
  if (e->shape != o->shape || m->key != name ||
      (e->validity != NULL && !validity_holds(e->validity))) {
    LookupResult l;
    vm_store_lookup_for_cache(iso, value_from_cell(o), name, &l);
    if (!entry_from_lookup(&l, &found))
      return vm_set(iso, o, name, value, strict);
    vm_megamorphic_store(iso, MEGAMORPHIC_STORES, name, &found);
    e = &found;
  }
  if (o->shape == e->shape) {
    switch (e->kind) {
    case IC_STORE_INLINE:
      gc_store_word(iso->heap, (Value *)((char *)o + e->offset), value);
      return true;
    case IC_STORE_SLOTS:
      gc_store_word(iso->heap, (Value *)((char *)o->slots + e->offset), value);
      return true;
    case IC_ADD_INLINE:
    case IC_ADD_SLOTS:
    case IC_ADD_GROW:
      if (!validity_holds(e->validity)) break;
      return vm_object_append_slot(iso, o, e->new_shape, value);
    default:
      break;
    }
  }
  return vm_set(iso, o, name, value, strict);
}

bool vm_set_element_slow(Isolate *iso, Code *code, Value base, Value key,
                         Value value) {
  if (value_is_object(base)) {
    Object *o = value_as_object(base);
    PropertyKey name = 0;
    if (is_unknown_text(key)) {
      TextAnswer answer =
          vm_text_set(iso, o, value_as_string(key), value, &name);
      if (answer != VM_TEXT_UNFIT) return answer != VM_TEXT_THREW;
    }
    if (is_name(name) || is_known_name(key, &name))
      return vm_set_quickly(iso, o, name, value, code->is_strict);
    uint32_t index;
    if (double_as_index(key, &index))
      return vm_set(iso, o, key_from_index(index), value, code->is_strict);
  }
  return vm_set_element(iso, base, key, value, code->is_strict);
}

bool vm_new_object_literal(Isolate *iso, Code *code, InlineCache *ic,
                           const Value *values, Value *out) {
  count_cache_miss(iso, ic);
  const Template *t = code->template;
  uint32_t index = (uint32_t)(ic - code->caches);
  const Record *record = &t->records[t->caches[index].key];
  uint32_t count = record->key_list.count;
  Shape *shape = vm_shape_root(
      iso, CELL_OBJECT, code->realm->intrinsics[INTRINSIC_ObjectPrototype],
      (uint16_t)count);
  for (uint32_t i = 0; i < count; i++)
    shape =
        vm_shape_add(iso, shape, record->key_list.keys[i], PROPERTY_DEFAULT);
  CacheEntry e = {.shape = shape,
                  .offset = count,
                  .kind = IC_OWN_INLINE,
                  .validity = iso->always_valid};
  vm_cache_entry_set(iso->heap, &ic->first, &e);
  ic->state = CACHE_STATE_MONOMORPHIC;
  Object *o = vm_object_from_shape(iso, shape);
  for (uint32_t i = 0; i < count; i++)
    o->inline_slots[i] = values[i];
  *out = value_from_cell(o);
  return true;
}
