// SPDX-License-Identifier: MIT
// [[Get]], [[Set]], [[HasProperty]] and [[Delete]] for any object (10.1.7 to
// 10.1.10), and the key lists of KeyList.
//
// Ordinary objects are walked in a loop here, without descriptors; only an
// exotic object in the chain is dispatched to its class.
#include "vm/objects/array.h"
#include "vm/objects/cells.h"
#include "vm/objects/charge.h"
#include "vm/objects/elements.h"
#include "vm/objects/operations.h"
#include "vm/objects/shape_internal.h"
#include "vm/objects/text_keys.h"

static inline const ObjectClass *class_of(const Object *o) {
  return vm_object_classes[object_kind(o)];
}
static inline bool is_exotic(const Object *o) {
  return unlikely(o->cell.flags & OBJECT_EXOTIC);
}

// An own property as it is stored. `slot` NULL: computed (array length).
typedef struct OwnProperty {
  Value value; // an Accessor if PROPERTY_ACCESSOR
  Value *slot;
  uint8_t attributes;
} OwnProperty;

static inline bool find_own_element(Object *o, uint32_t index,
                                    OwnProperty *out) {
  Elements *e = o->elements;
  if (index < elements_length(e)) {
    out->slot = &e->values[index];
    out->value = e->values[index];
    out->attributes = PROPERTY_DEFAULT;
    return out->value != VALUE_EMPTY;
  }
  if (unlikely(e->cell.kind == CELL_SPARSE_ELEMENTS)) {
    SparseEntry *entry = vm_sparse_find(object_sparse(o), index);
    if (entry == NULL) return false;
    out->slot = &entry->value;
    out->value = entry->value;
    out->attributes = entry->attributes;
    return true;
  }
  return false;
}

static inline bool find_own_named(Isolate *iso, Object *o, PropertyKey key,
                                  OwnProperty *out) {
  if (shape_is_lazy_for(o->shape, key)) vm_object_materialize(iso, o);
  if (object_kind(o) == CELL_ARRAY && key == KEY(length)) {
    out->slot = NULL;
    out->value = value_from_uint32(((Array *)o)->length);
    out->attributes =
        o->cell.flags & OBJECT_LENGTH_READ_ONLY ? 0 : PROPERTY_WRITABLE;
    return true;
  }
  PropertySlot p;
  if (!vm_shape_lookup(iso, o->shape, key, &p)) return false;
  out->slot = object_slot(o, p.slot);
  out->value = *out->slot;
  out->attributes = p.attributes;
  return true;
}

static inline bool find_own(Isolate *iso, Object *o, PropertyKey key,
                            OwnProperty *out) {
  return key_is_index(key) ? find_own_element(o, key_as_index(key), out)
                           : find_own_named(iso, o, key, out);
}

static Value call_getter(Isolate *iso, Value getter, Value receiver) {
  if (getter == VALUE_UNDEFINED || getter == VALUE_EMPTY) {
    return VALUE_UNDEFINED;
  }
  return vm_call(iso, getter, receiver, 0, NULL);
}

static Tri call_setter(Isolate *iso, Value setter, Value receiver,
                       Value value) {
  if (setter == VALUE_UNDEFINED || setter == VALUE_EMPTY) return 0;
  Value r = vm_call(iso, setter, receiver, 1, &value);
  return value_is_exception(r) ? TRI_THREW : 1;
}

// Get -------------------------------------------------------------------

Value vm_get_with_receiver(Isolate *iso, Object *o, PropertyKey key,
                           Value receiver) {
  for (;;) {
    if (is_exotic(o)) {
      const ObjectClass *c = class_of(o);
      if (c->get) return c->get(iso, o, key, receiver);
      if (c->get_own || c->get_prototype) {
        return vm_ordinary_get(iso, o, key, receiver);
      }
    }
    OwnProperty p;
    if (find_own(iso, o, key, &p)) {
      if (likely(!(p.attributes & PROPERTY_ACCESSOR))) return p.value;
      return call_getter(iso, ((Accessor *)value_as_cell(p.value))->getter,
                         receiver);
    }
    o = o->shape->prototype;
    if (o == NULL) return VALUE_UNDEFINED;
  }
}

Value vm_get(Isolate *iso, Object *o, PropertyKey key) {
  return vm_get_with_receiver(iso, o, key, value_from_cell(o));
}

Value vm_ordinary_get(Isolate *iso, Object *o, PropertyKey key,
                      Value receiver) {
  PropertyDescriptor d;
  const ObjectClass *c = class_of(o);
  Tri found = c && c->get_own ? c->get_own(iso, o, key, &d)
                              : vm_ordinary_get_own(iso, o, key, &d);
  if (found == TRI_THREW) return VALUE_EXCEPTION;
  if (found) {
    return descriptor_is_accessor(&d) ? call_getter(iso, d.getter, receiver)
                                      : d.value;
  }
  Object *parent;
  if (vm_get_prototype_of(iso, o, &parent) == TRI_THREW) {
    return VALUE_EXCEPTION;
  }
  if (parent == NULL) return VALUE_UNDEFINED;
  // A long chain of exotic objects is a recursion.
  if (!vm_check_stack(iso)) return VALUE_EXCEPTION;
  return vm_get_with_receiver(iso, parent, key, receiver);
}

static Object *prototype_of_primitive(Isolate *iso, Value v) {
  if (value_is_string(v)) return INTRINSIC_OBJECT(iso, StringPrototype);
  if (value_is_number(v)) return INTRINSIC_OBJECT(iso, NumberPrototype);
  if (value_is_boolean(v)) return INTRINSIC_OBJECT(iso, BooleanPrototype);
  if (value_is_symbol(v)) return INTRINSIC_OBJECT(iso, SymbolPrototype);
  if (value_is_bigint(v)) return INTRINSIC_OBJECT(iso, BigIntPrototype);
  return NULL;
}

static Value throw_no_properties(Isolate *iso, Value base, PropertyKey key,
                                 const char *verb) {
  char name[96];
  vm_describe_key(iso, key, name, sizeof name);
  return vm_throw_type(iso, "Cannot %s properties of %s (%s '%s')", verb,
                       value_is_null(base) ? "null" : "undefined",
                       verb[0] == 'r' ? "reading" : "setting", name);
}

Value vm_get_of_value(Isolate *iso, Value base, PropertyKey key) {
  if (likely(value_is_object(base))) {
    return vm_get_with_receiver(iso, value_as_object(base), key, base);
  }
  if (value_is_string(base)) {
    String *s = value_as_string(base);
    if (key_is_index(key)) {
      if (key_as_index(key) < string_length(s)) {
        uint16_t unit = vm_string_at(iso, s, key_as_index(key));
        if (unlikely(vm_has_exception(iso))) return VALUE_EXCEPTION;
        String *one = vm_string_from_unit(iso, unit);
        return one ? value_from_cell(one) : VALUE_EXCEPTION;
      }
    } else if (key == KEY(length)) {
      return value_from_uint32(string_length(s));
    }
  }
  Object *prototype = prototype_of_primitive(iso, base);
  if (unlikely(prototype == NULL)) {
    return throw_no_properties(iso, base, key, "read");
  }
  return vm_get_with_receiver(iso, prototype, key, base);
}

// An index from a value that is a key without any conversion.
static inline bool value_to_index(Value key, uint32_t *out) {
  if (likely(value_is_int(key))) {
    *out = (uint32_t)value_as_int(key);
    return value_as_int(key) >= 0;
  }
  if (!value_is_double(key)) return false;
  double d = value_as_double(key);
  if (!(d >= 0 && d < 4294967295.0)) return false;
  *out = (uint32_t)d;
  return (double)*out == d;
}

Value vm_get_element(Isolate *iso, Value base, Value key) {
  uint32_t index;
  if (value_to_index(key, &index)) {
    if (likely(value_is_object(base))) {
      const Object *o = value_as_object(base);
      if (index < elements_length(o->elements)) {
        Value v = o->elements->values[index];
        if (likely(v != VALUE_EMPTY)) return v;
      }
    }
    return vm_get_of_value(iso, base, key_from_index(index));
  }
  if (unlikely(value_is_nullish(base))) {
    // The key is not converted: no script code runs before this error.
    char text[96];
    vm_describe_plainly(iso, key, text, sizeof text);
    return vm_throw_type(iso, "Cannot read properties of %s (reading '%s')",
                         value_is_null(base) ? "null" : "undefined", text);
  }
  PropertyKey k;
  if (!vm_to_property_key(iso, key, &k)) return VALUE_EXCEPTION;
  return vm_get_of_value(iso, base, k);
}

// Set -------------------------------------------------------------------

// Adds a property that was found nowhere in the chain.
static Tri add_data(Isolate *iso, Object *o, PropertyKey key, Value value) {
  if (unlikely(o->shape->cell.flags & SHAPE_NOT_EXTENSIBLE)) return 0;
  if (key_is_index(key)) {
    uint32_t index = key_as_index(key);
    if (unlikely(o->cell.flags & OBJECT_LENGTH_READ_ONLY) &&
        object_kind(o) == CELL_ARRAY && index >= ((Array *)o)->length) {
      return 0;
    }
    return vm_elements_put(iso, o, index, value) ? 1 : TRI_THREW;
  }
  return vm_object_add_property(iso, o, key, value, PROPERTY_DEFAULT)
             ? 1
             : TRI_THREW;
}

// The part of OrdinarySetWithOwnDescriptor that follows the discovery of a
// writable data property (or of none) for a receiver that is another object.
static Tri set_on_receiver(Isolate *iso, PropertyKey key, Value value,
                           Value receiver) {
  if (!value_is_object(receiver)) return 0;
  Object *r = value_as_object(receiver);
  PropertyDescriptor existing;
  Tri found = vm_get_own_property(iso, r, key, &existing);
  if (found == TRI_THREW) return TRI_THREW;
  if (!found) return vm_create_data(iso, r, key, value);
  if (descriptor_is_accessor(&existing)) return 0;
  if (!(existing.attributes & PROPERTY_WRITABLE)) return 0;
  PropertyDescriptor change = {value, VALUE_EMPTY, VALUE_EMPTY, 0, 0};
  return vm_define_own(iso, r, key, &change);
}

Tri vm_set_with_receiver(Isolate *iso, Object *o, PropertyKey key, Value value,
                         Value receiver) {
  for (Object *p = o;;) {
    if (is_exotic(p)) {
      const ObjectClass *c = class_of(p);
      if (c->set) return c->set(iso, p, key, value, receiver);
      if (c->get_own || c->get_prototype) {
        return vm_ordinary_set(iso, p, key, value, receiver);
      }
    }
    OwnProperty own;
    if (find_own(iso, p, key, &own)) {
      if (own.attributes & PROPERTY_ACCESSOR) {
        return call_setter(iso, ((Accessor *)value_as_cell(own.value))->setter,
                           receiver, value);
      }
      if (!(own.attributes & PROPERTY_WRITABLE)) return 0;
      if (value_from_cell(p) != receiver) break;
      if (likely(own.slot != NULL)) {
        // An exotic receiver may want to know (mapped arguments).
        if (is_exotic(p) && class_of(p)->define_own) break;
        gc_store_word(iso->heap, own.slot, value);
        return 1;
      }
      break; // the length of an array
    }
    p = p->shape->prototype;
    if (p == NULL) break;
  }
  if (likely(receiver == value_from_cell(o)) && !is_exotic(o) &&
      !(key == KEY(length) && object_kind(o) == CELL_ARRAY)) {
    // Found up the chain or not at all: the receiver has none of its own.
    return add_data(iso, o, key, value);
  }
  return set_on_receiver(iso, key, value, receiver);
}

Tri vm_ordinary_set(Isolate *iso, Object *o, PropertyKey key, Value value,
                    Value receiver) {
  PropertyDescriptor d;
  const ObjectClass *c = class_of(o);
  Tri found = c && c->get_own ? c->get_own(iso, o, key, &d)
                              : vm_ordinary_get_own(iso, o, key, &d);
  if (found == TRI_THREW) return TRI_THREW;
  if (!found) {
    Object *parent;
    if (vm_get_prototype_of(iso, o, &parent) == TRI_THREW) return TRI_THREW;
    if (parent != NULL) {
      if (!vm_check_stack(iso)) return TRI_THREW;
      return vm_set_with_receiver(iso, parent, key, value, receiver);
    }
  } else if (descriptor_is_accessor(&d)) {
    return call_setter(iso, d.setter, receiver, value);
  } else if (!(d.attributes & PROPERTY_WRITABLE)) {
    return 0;
  }
  return set_on_receiver(iso, key, value, receiver);
}

static bool throw_not_set(Isolate *iso, Value base, PropertyKey key) {
  char name[96], text[96];
  vm_describe_key(iso, key, name, sizeof name);
  vm_describe(iso, base, text, sizeof text);
  PropertyDescriptor d;
  Object *holder = value_is_object(base) ? value_as_object(base) : NULL;
  while (holder != NULL) {
    // Looking into these two would be seen: traps, deferred evaluation.
    if (object_kind(holder) == CELL_PROXY ||
        object_kind(holder) == CELL_MODULE_NAMESPACE)
      break;
    Tri found = vm_get_own_property(iso, holder, key, &d);
    if (found == TRI_THREW) return false;
    if (found && descriptor_is_accessor(&d)) {
      vm_throw_type(iso, "Cannot set property %s of %s which has only a getter",
                    name, text);
      return false;
    }
    if (found) break;
    holder = holder->shape->prototype;
    if (holder != NULL) continue;
    vm_throw_type(iso, "Cannot add property %s, object is not extensible",
                  name);
    return false;
  }
  vm_throw_type(iso, "Cannot assign to read only property '%s' of object '%s'",
                name, text);
  return false;
}

bool vm_set(Isolate *iso, Object *o, PropertyKey key, Value value,
            bool throws) {
  Tri ok = vm_set_with_receiver(iso, o, key, value, value_from_cell(o));
  if (likely(ok == 1)) return true;
  if (ok == TRI_THREW) return false;
  return !throws || throw_not_set(iso, value_from_cell(o), key);
}

static bool set_of_value(Isolate *iso, Value base, PropertyKey key, Value value,
                         bool strict) {
  if (likely(value_is_object(base))) {
    return vm_set(iso, value_as_object(base), key, value, strict);
  }
  Object *prototype = prototype_of_primitive(iso, base);
  if (prototype == NULL) {
    throw_no_properties(iso, base, key, "set");
    return false;
  }
  Tri ok;
  bool own = value_is_string(base) &&
             (key == KEY(length) ||
              (key_is_index(key) &&
               key_as_index(key) < string_length(value_as_string(base))));
  ok = own ? 0 : vm_set_with_receiver(iso, prototype, key, value, base);
  if (ok == 1) return true;
  if (ok == TRI_THREW) return false;
  if (!strict) return true;
  char name[96], text[96], type[16];
  vm_describe_key(iso, key, name, sizeof name);
  vm_describe_plainly(iso, base, text, sizeof text);
  vm_describe_key(iso, key_from_atom(vm_typeof(iso, base)), type, sizeof type);
  vm_throw_type(iso,
                own ? "Cannot assign to read only property '%s' of %s '%s'"
                    : "Cannot create property '%s' on %s '%s'",
                name, type, text);
  return false;
}

bool vm_set_of_value(Isolate *iso, Value base, PropertyKey key, Value value,
                     bool strict) {
  return set_of_value(iso, base, key, value, strict);
}

bool vm_set_element(Isolate *iso, Value base, Value key, Value value,
                    bool strict) {
  uint32_t index;
  if (value_to_index(key, &index)) {
    if (likely(value_is_object(base))) {
      Object *o = value_as_object(base);
      Elements *e = o->elements;
      if (index < elements_length(e) && e->values[index] != VALUE_EMPTY &&
          !is_exotic(o)) {
        gc_store_word(iso->heap, &e->values[index], value);
        return true;
      }
      // Appending to an array: dense elements imply extensibility.
      if (object_kind(o) == CELL_ARRAY && index == ((Array *)o)->length &&
          index == elements_length(e) && !iso->indexed_prototypes &&
          !(o->cell.flags & OBJECT_LENGTH_READ_ONLY) && e->capacity != 0) {
        return vm_elements_put(iso, o, index, value);
      }
    }
    return set_of_value(iso, base, key_from_index(index), value, strict);
  }
  if (unlikely(value_is_nullish(base))) {
    char text[96];
    vm_describe_plainly(iso, key, text, sizeof text);
    vm_throw_type(iso, "Cannot set properties of %s (setting '%s')",
                  value_is_null(base) ? "null" : "undefined", text);
    return false;
  }
  PropertyKey k;
  if (!vm_to_property_key(iso, key, &k)) return false;
  return set_of_value(iso, base, k, value, strict);
}

// Has -------------------------------------------------------------------

Tri vm_has(Isolate *iso, Object *o, PropertyKey key) {
  for (;;) {
    if (is_exotic(o)) {
      const ObjectClass *c = class_of(o);
      if (c->has) return c->has(iso, o, key);
      if (c->get_own || c->get_prototype) return vm_ordinary_has(iso, o, key);
    }
    OwnProperty p;
    if (find_own(iso, o, key, &p)) return 1;
    o = o->shape->prototype;
    if (o == NULL) return 0;
  }
}

Tri vm_ordinary_has(Isolate *iso, Object *o, PropertyKey key) {
  PropertyDescriptor d;
  const ObjectClass *c = class_of(o);
  Tri found = c && c->get_own ? c->get_own(iso, o, key, &d)
                              : vm_ordinary_get_own(iso, o, key, &d);
  if (found != 0) return found;
  Object *parent;
  if (vm_get_prototype_of(iso, o, &parent) == TRI_THREW) return TRI_THREW;
  if (parent == NULL) return 0;
  return vm_check_stack(iso) ? vm_has(iso, parent, key) : TRI_THREW;
}

Tri vm_has_own(Isolate *iso, Object *o, PropertyKey key) {
  if (is_exotic(o) && class_of(o)->get_own) {
    PropertyDescriptor d;
    return class_of(o)->get_own(iso, o, key, &d);
  }
  OwnProperty p;
  return find_own(iso, o, key, &p);
}

static Tri has_element(Isolate *iso, Object *o, Value key, bool own_only) {
  PropertyKey k = 0;
  if (value_is_string(key)) {
    TextAnswer answer = vm_text_has(iso, o, value_as_string(key), own_only, &k);
    if (answer != VM_TEXT_UNFIT)
      return answer == VM_TEXT_THREW ? TRI_THREW : answer == VM_TEXT_DONE;
  }
  if (k == 0 && !vm_to_property_key(iso, key, &k)) return TRI_THREW;
  return own_only ? vm_has_own(iso, o, k) : vm_has(iso, o, k);
}

Tri vm_has_element(Isolate *iso, Object *o, Value key) {
  return has_element(iso, o, key, false);
}

Tri vm_has_own_element(Isolate *iso, Object *o, Value key) {
  return has_element(iso, o, key, true);
}

// Delete ----------------------------------------------------------------

Tri vm_ordinary_delete(Isolate *iso, Object *o, PropertyKey key) {
  OwnProperty p;
  if (!find_own(iso, o, key, &p)) return 1;
  if (!(p.attributes & PROPERTY_CONFIGURABLE)) return 0;
  if (key_is_index(key)) {
    vm_elements_remove(iso, o, key_as_index(key));
  } else {
    vm_object_remove_property(iso, o, key);
    if (o == iso->realm->global) iso->realm->global_epoch++;
  }
  return 1;
}

Tri vm_delete(Isolate *iso, Object *o, PropertyKey key) {
  if (is_exotic(o) && class_of(o)->delete_own) {
    return class_of(o)->delete_own(iso, o, key);
  }
  return vm_ordinary_delete(iso, o, key);
}

// Own keys --------------------------------------------------------------

void vm_key_list_init(KeyList *list) {
  *list = (KeyList){0};
}

bool vm_key_list_add(Isolate *iso, KeyList *list, PropertyKey key) {
  if (list->count == list->capacity) {
    if (!vm_charge(iso, (size_t)list->capacity * 16)) return false;
    if (!vm_value_list_append(iso, &list->cell, key)) {
      vm_throw_out_of_memory(iso);
      return false;
    }
    list->keys = list->cell->items;
    list->capacity = list->cell->cell.extra;
    list->count++;
    return true;
  }
  gc_publish(&list->keys[list->count], key);
  list->cell->count = ++list->count;
  return true;
}

void vm_key_list_replace(Isolate *iso, KeyList *list, uint32_t i,
                         PropertyKey key) {
  gc_store_word(iso->heap, &list->keys[i], key);
}

bool vm_ordinary_own_keys(Isolate *iso, Object *o, KeyList *out) {
  vm_object_materialize(iso, o);
  if (!vm_elements_keys(iso, o, out)) return false;
  return vm_named_own_keys(iso, o, out);
}

bool vm_named_own_keys(Isolate *iso, Object *o, KeyList *out) {
  if (object_kind(o) == CELL_ARRAY && !vm_key_list_add(iso, out, KEY(length))) {
    return false;
  }
  if (!vm_dictionary_name_texts(iso, o)) return false;
  Shape *shape = o->shape;
  ShapeTable *t = vm_shape_table(iso, shape);
  if (t == NULL) return true;
  uint32_t limit = shape_table_limit(shape);
  uint32_t count = t->count < limit ? t->count : limit;
  bool symbols = (shape->cell.flags & SHAPE_HAS_SYMBOL_KEYS) != 0;
  for (uint32_t i = 0; i < count; i++) {
    PropertyKey key = t->entries[i].key;
    if (key == 0 || (symbols && key_is_symbol(key))) continue;
    if (!vm_key_list_add(iso, out, key)) return false;
  }
  for (uint32_t i = 0; symbols && i < count; i++) {
    PropertyKey key = t->entries[i].key;
    if (key == 0 || !key_is_symbol(key)) continue;
    if (value_as_symbol(key)->cell.flags & SYMBOL_PRIVATE) continue;
    if (!vm_key_list_add(iso, out, key)) return false;
  }
  return true;
}

bool vm_own_keys(Isolate *iso, Object *o, KeyList *out) {
  bool done = is_exotic(o) && class_of(o)->own_keys
                  ? class_of(o)->own_keys(iso, o, out)
                  : vm_ordinary_own_keys(iso, o, out);
  // Whoever asks for them goes through them.
  return done && vm_charge(iso, (size_t)out->count * 16);
}
