// SPDX-License-Identifier: MIT
// [[GetOwnProperty]] and [[DefineOwnProperty]] of ordinary objects and arrays
// (10.1.5, 10.1.6, 10.4.2.1), property descriptors (6.2.6), integrity levels
// (7.3.14, 7.3.15), prototypes and extensibility.
#include "vm/objects/array.h"
#include "vm/objects/charge.h"
#include "vm/objects/elements.h"
#include "vm/objects/operations.h"
#include "vm/objects/shape_internal.h"

static inline const ObjectClass *class_of(const Object *o) {
  return vm_object_classes[object_kind(o)];
}
static inline bool is_exotic(const Object *o) {
  return unlikely(o->cell.flags & OBJECT_EXOTIC);
}

enum { ALL_ATTRIBUTES = PROPERTY_DEFAULT };

static void fill_descriptor(Value stored, uint8_t attributes,
                            PropertyDescriptor *out) {
  if (attributes & PROPERTY_ACCESSOR) {
    const Accessor *a = (const Accessor *)value_as_cell(stored);
    out->value = VALUE_EMPTY;
    out->getter = a->getter;
    out->setter = a->setter;
    out->attributes =
        attributes & (PROPERTY_ENUMERABLE | PROPERTY_CONFIGURABLE);
    out->present = PROPERTY_ENUMERABLE | PROPERTY_CONFIGURABLE;
    return;
  }
  out->value = stored;
  out->getter = out->setter = VALUE_EMPTY;
  out->attributes = attributes & ALL_ATTRIBUTES;
  out->present = ALL_ATTRIBUTES;
}

Tri vm_ordinary_get_own(Isolate *iso, Object *o, PropertyKey key,
                        PropertyDescriptor *out) {
  if (key_is_index(key)) {
    uint32_t index = key_as_index(key);
    const Elements *e = o->elements;
    if (index < elements_length(e)) {
      if (e->values[index] == VALUE_EMPTY) return 0;
      fill_descriptor(e->values[index], PROPERTY_DEFAULT, out);
      return 1;
    }
    if (!object_has_sparse_elements(o)) return 0;
    const SparseEntry *entry = vm_sparse_find(object_sparse(o), index);
    if (entry == NULL) return 0;
    fill_descriptor(entry->value, entry->attributes, out);
    return 1;
  }
  if (shape_is_lazy_for(o->shape, key)) vm_object_materialize(iso, o);
  if (object_kind(o) == CELL_ARRAY && key == KEY(length)) {
    fill_descriptor(
        value_from_uint32(((Array *)o)->length),
        o->cell.flags & OBJECT_LENGTH_READ_ONLY ? 0 : PROPERTY_WRITABLE, out);
    return 1;
  }
  PropertySlot p;
  if (!vm_shape_lookup(iso, o->shape, key, &p)) return 0;
  fill_descriptor(*object_slot(o, p.slot), p.attributes, out);
  return 1;
}

Tri vm_get_own_property(Isolate *iso, Object *o, PropertyKey key,
                        PropertyDescriptor *out) {
  if (is_exotic(o) && class_of(o)->get_own) {
    return class_of(o)->get_own(iso, o, key, out);
  }
  return vm_ordinary_get_own(iso, o, key, out);
}

static bool empty_or(Value a, Value b) {
  return a == VALUE_EMPTY || a == b;
}

bool vm_is_compatible_descriptor(Isolate *iso, bool extensible,
                                 const PropertyDescriptor *d,
                                 const PropertyDescriptor *current) {
  if (current == NULL) return extensible;
  if (current->attributes & PROPERTY_CONFIGURABLE) return true;
  if (d->present & d->attributes & PROPERTY_CONFIGURABLE) return false;
  if ((d->present & PROPERTY_ENUMERABLE) &&
      ((d->attributes ^ current->attributes) & PROPERTY_ENUMERABLE)) {
    return false;
  }
  bool accessor = descriptor_is_accessor(d);
  if (!accessor && !descriptor_is_data(d)) return true;
  if (accessor != descriptor_is_accessor(current)) return false;
  if (accessor) {
    return empty_or(d->getter, current->getter) &&
           empty_or(d->setter, current->setter);
  }
  if (current->attributes & PROPERTY_WRITABLE) return true;
  if (d->present & d->attributes & PROPERTY_WRITABLE) return false;
  return d->value == VALUE_EMPTY ||
         vm_same_value(iso, d->value, current->value);
}

static Value new_accessor(Isolate *iso, Value getter, Value setter) {
  Accessor *a = gc_allocate(iso->heap, sizeof(Accessor), CELL_ACCESSOR);
  a->getter = getter == VALUE_EMPTY ? VALUE_UNDEFINED : getter;
  a->setter = setter == VALUE_EMPTY ? VALUE_UNDEFINED : setter;
  return value_from_cell(a);
}

// Stores a property as it shall be from now on, new or not. False: threw.
static bool store(Isolate *iso, Object *o, PropertyKey key, Value stored,
                  uint8_t attributes, bool exists, uint8_t old_attributes) {
  if (key_is_index(key)) {
    uint32_t index = key_as_index(key);
    if (attributes == PROPERTY_DEFAULT && !object_has_sparse_elements(o)) {
      return vm_elements_put(iso, o, index, stored);
    }
    return vm_elements_make_sparse(iso, o) &&
           vm_sparse_put(iso, o, index, stored, attributes);
  }
  if (!exists) return vm_object_add_property(iso, o, key, stored, attributes);
  if (attributes != old_attributes) {
    vm_object_change_attributes(iso, o, key, attributes);
    if (o == iso->realm->global) iso->realm->global_epoch++;
  }
  PropertySlot p;
  if (!vm_shape_lookup(iso, o->shape, key, &p)) return false;
  gc_store_word(iso->heap, object_slot(o, p.slot), stored);
  return true;
}

Tri vm_ordinary_define_own(Isolate *iso, Object *o, PropertyKey key,
                           const PropertyDescriptor *d) {
  if (object_kind(o) == CELL_ARRAY) {
    Array *a = (Array *)o;
    if (key == KEY(length)) return vm_array_define_length(iso, a, d);
    if (key_is_index(key) && key_as_index(key) >= a->length &&
        (o->cell.flags & OBJECT_LENGTH_READ_ONLY)) {
      return 0;
    }
  }
  if (o->shape->cell.flags & SHAPE_LAZY) vm_object_materialize(iso, o);
  PropertyDescriptor current;
  Tri found = vm_ordinary_get_own(iso, o, key, &current);
  bool extensible = !(o->shape->cell.flags & SHAPE_NOT_EXTENSIBLE);
  if (!vm_is_compatible_descriptor(iso, extensible, d,
                                   found ? &current : NULL)) {
    return 0;
  }
  if (!found) {
    uint8_t attributes = d->attributes & d->present & ALL_ATTRIBUTES;
    if (descriptor_is_accessor(d)) {
      attributes =
          (attributes & (uint8_t)~PROPERTY_WRITABLE) | PROPERTY_ACCESSOR;
      Value accessor = new_accessor(iso, d->getter, d->setter);
      return store(iso, o, key, accessor, attributes, false, 0) ? 1 : TRI_THREW;
    }
    Value value = d->value == VALUE_EMPTY ? VALUE_UNDEFINED : d->value;
    return store(iso, o, key, value, attributes, false, 0) ? 1 : TRI_THREW;
  }
  bool was_accessor = descriptor_is_accessor(&current);
  uint8_t old_attributes =
      current.attributes | (was_accessor ? PROPERTY_ACCESSOR : 0);
  uint8_t attributes = (current.attributes & (uint8_t)~d->present) |
                       (d->attributes & d->present);
  attributes &= ALL_ATTRIBUTES;
  Value stored;
  if (descriptor_is_accessor(d)) {
    Value getter = d->getter, setter = d->setter;
    if (was_accessor) {
      if (getter == VALUE_EMPTY) getter = current.getter;
      if (setter == VALUE_EMPTY) setter = current.setter;
    }
    attributes = (attributes & (uint8_t)~PROPERTY_WRITABLE) | PROPERTY_ACCESSOR;
    stored = new_accessor(iso, getter, setter);
  } else if (was_accessor && descriptor_is_data(d)) {
    stored = d->value == VALUE_EMPTY ? VALUE_UNDEFINED : d->value;
  } else if (was_accessor) {
    attributes = (attributes & (uint8_t)~PROPERTY_WRITABLE) | PROPERTY_ACCESSOR;
    stored = new_accessor(iso, current.getter, current.setter);
  } else {
    stored = d->value == VALUE_EMPTY ? current.value : d->value;
  }
  return store(iso, o, key, stored, attributes, true, old_attributes)
             ? 1
             : TRI_THREW;
}

Tri vm_define_own(Isolate *iso, Object *o, PropertyKey key,
                  const PropertyDescriptor *d) {
  if (is_exotic(o) && class_of(o)->define_own) {
    return class_of(o)->define_own(iso, o, key, d);
  }
  return vm_ordinary_define_own(iso, o, key, d);
}

static bool throw_not_defined(Isolate *iso, Object *o, PropertyKey key) {
  Tri extensible = vm_is_extensible(iso, o);
  if (extensible == TRI_THREW) return false;
  Tri own = extensible ? 1 : vm_has_own(iso, o, key);
  if (own == TRI_THREW) return false;
  vm_throw_type_key(iso,
                    own ? "Cannot redefine property: %s"
                        : "Cannot define property %s, object is not extensible",
                    key);
  return false;
}

bool vm_define_own_or_throw(Isolate *iso, Object *o, PropertyKey key,
                            const PropertyDescriptor *d) {
  Tri ok = vm_define_own(iso, o, key, d);
  if (likely(ok == 1)) return true;
  return ok != TRI_THREW && throw_not_defined(iso, o, key);
}

Tri vm_create_data(Isolate *iso, Object *o, PropertyKey key, Value value) {
  Shape *shape = o->shape;
  if (likely(!is_exotic(o) &&
             !(shape->cell.flags & (SHAPE_NOT_EXTENSIBLE | SHAPE_LAZY)) &&
             !(object_kind(o) == CELL_ARRAY &&
               (key == KEY(length) ||
                (o->cell.flags & OBJECT_LENGTH_READ_ONLY))))) {
    if (key_is_index(key)) {
      if (!object_has_sparse_elements(o)) {
        return vm_elements_put(iso, o, key_as_index(key), value) ? 1
                                                                 : TRI_THREW;
      }
    } else {
      PropertySlot p;
      if (!vm_shape_lookup(iso, shape, key, &p)) {
        return vm_object_add_property(iso, o, key, value, PROPERTY_DEFAULT)
                   ? 1
                   : TRI_THREW;
      }
      if (p.attributes == PROPERTY_DEFAULT) {
        gc_store_word(iso->heap, object_slot(o, p.slot), value);
        return 1;
      }
    }
  }
  PropertyDescriptor d = {value, VALUE_EMPTY, VALUE_EMPTY, ALL_ATTRIBUTES,
                          ALL_ATTRIBUTES};
  return vm_define_own(iso, o, key, &d);
}

bool vm_create_data_or_throw(Isolate *iso, Object *o, PropertyKey key,
                             Value value) {
  Tri ok = vm_create_data(iso, o, key, value);
  if (likely(ok == 1)) return true;
  return ok != TRI_THREW && throw_not_defined(iso, o, key);
}

static void put_stored(Isolate *iso, Object *o, PropertyKey key, Value stored,
                       uint8_t attributes) {
  vm_object_materialize(iso, o);
  PropertySlot p = {0, attributes};
  bool exists = !key_is_index(key) && vm_shape_lookup(iso, o->shape, key, &p);
  if (!store(iso, o, key, stored, attributes, exists, p.attributes)) {
    // Only memory can be missing; the error is raised at the next safepoint.
    vm_forget_exception(iso);
    vm_request_interrupt(iso, INTERRUPT_OUT_OF_MEMORY);
  }
}

void vm_put(Isolate *iso, Object *o, PropertyKey key, Value value,
            uint8_t attributes) {
  put_stored(iso, o, key, value, attributes);
}

void vm_put_accessor(Isolate *iso, Object *o, PropertyKey key, Value getter,
                     Value setter, uint8_t attributes) {
  put_stored(iso, o, key, new_accessor(iso, getter, setter),
             (attributes & (uint8_t)~PROPERTY_WRITABLE) | PROPERTY_ACCESSOR);
}

// Descriptors as objects ------------------------------------------------

Value vm_from_descriptor(Isolate *iso, const PropertyDescriptor *d) {
  Object *o = vm_object_new(iso);
  Shape *s = o->shape;
  // Distinct property names on a new object: added without looking.
#define ADD(name, v)                                                           \
  do {                                                                         \
    s = vm_shape_add(iso, s, KEY(name), PROPERTY_DEFAULT);                     \
    if (!vm_object_append_slot(iso, o, s, v)) return VALUE_EXCEPTION;          \
  } while (0)
  if (d->value != VALUE_EMPTY) ADD(value, d->value);
  if (d->present & PROPERTY_WRITABLE) {
    ADD(writable, value_from_bool((d->attributes & PROPERTY_WRITABLE) != 0));
  }
  if (d->getter != VALUE_EMPTY) ADD(get, d->getter);
  if (d->setter != VALUE_EMPTY) ADD(set, d->setter);
  if (d->present & PROPERTY_ENUMERABLE) {
    ADD(enumerable,
        value_from_bool((d->attributes & PROPERTY_ENUMERABLE) != 0));
  }
  if (d->present & PROPERTY_CONFIGURABLE) {
    ADD(configurable,
        value_from_bool((d->attributes & PROPERTY_CONFIGURABLE) != 0));
  }
#undef ADD
  return value_from_cell(o);
}

// A field if it is there: 1 and *out, 0, or TRI_THREW.
static Tri read_field(Isolate *iso, Object *o, PropertyKey key, Value *out) {
  Tri has = vm_has(iso, o, key);
  if (has != 1) return has;
  *out = vm_get(iso, o, key);
  return value_is_exception(*out) ? TRI_THREW : 1;
}

static bool read_attribute(Isolate *iso, Object *o, PropertyKey key,
                           uint8_t bit, PropertyDescriptor *out) {
  Value v = VALUE_UNDEFINED;
  Tri has = read_field(iso, o, key, &v);
  if (has == TRI_THREW) return false;
  if (has) {
    out->present |= bit;
    if (vm_to_boolean(v)) out->attributes |= bit;
  }
  return true;
}

static bool read_function(Isolate *iso, Object *o, PropertyKey key, Value *out,
                          const char *what) {
  Tri has = read_field(iso, o, key, out);
  if (has == TRI_THREW) return false;
  if (has && *out != VALUE_UNDEFINED && !value_is_callable(*out)) {
    char text[96];
    vm_describe(iso, *out, text, sizeof text);
    vm_throw_type(iso, "%s must be a function: %s", what, text);
    return false;
  }
  return true;
}

bool vm_to_descriptor(Isolate *iso, Value v, PropertyDescriptor *out) {
  *out = (PropertyDescriptor){VALUE_EMPTY, VALUE_EMPTY, VALUE_EMPTY, 0, 0};
  if (!value_is_object(v)) {
    vm_throw_type_value(iso, "Property description must be an object: %s", v);
    return false;
  }
  Object *o = value_as_object(v);
  if (!read_attribute(iso, o, KEY(enumerable), PROPERTY_ENUMERABLE, out) ||
      !read_attribute(iso, o, KEY(configurable), PROPERTY_CONFIGURABLE, out) ||
      read_field(iso, o, KEY(value), &out->value) == TRI_THREW ||
      !read_attribute(iso, o, KEY(writable), PROPERTY_WRITABLE, out) ||
      !read_function(iso, o, KEY(get), &out->getter, "Getter") ||
      !read_function(iso, o, KEY(set), &out->setter, "Setter")) {
    return false;
  }
  if (descriptor_is_accessor(out) && descriptor_is_data(out)) {
    vm_throw_type(iso,
                  "Invalid property descriptor. Cannot both specify "
                  "accessors and a value or writable attribute");
    return false;
  }
  return true;
}

// Prototype and extensibility -------------------------------------------

Tri vm_get_prototype_of(Isolate *iso, Object *o, Object **out) {
  if (is_exotic(o) && class_of(o)->get_prototype) {
    return class_of(o)->get_prototype(iso, o, out);
  }
  *out = o->shape->prototype;
  return 1;
}

Tri vm_set_prototype_of(Isolate *iso, Object *o, Object *prototype) {
  if (is_exotic(o) && class_of(o)->set_prototype) {
    return class_of(o)->set_prototype(iso, o, prototype);
  }
  if (o->shape->prototype == prototype) return 1;
  if (o->shape->cell.flags &
      (SHAPE_NOT_EXTENSIBLE | SHAPE_IMMUTABLE_PROTOTYPE)) {
    return 0;
  }
  for (Object *p = prototype; p != NULL; p = p->shape->prototype) {
    if (p == o) return 0;
    // Beyond an object with its own [[GetPrototypeOf]] nobody looks.
    if (is_exotic(p) && class_of(p)->get_prototype) break;
  }
  vm_object_reshape(iso, o, prototype, 0, 0);
  if (o == iso->realm->global) iso->realm->global_epoch++;
  return 1;
}

Tri vm_is_extensible(Isolate *iso, Object *o) {
  if (is_exotic(o) && class_of(o)->is_extensible) {
    return class_of(o)->is_extensible(iso, o);
  }
  return !(o->shape->cell.flags & SHAPE_NOT_EXTENSIBLE);
}

// Ordinary objects: not extensible from now on, and fewer attributes.
static bool restrict_object(Isolate *iso, Object *o, uint8_t clear) {
  vm_object_materialize(iso, o);
  size_t count = (size_t)o->elements->capacity + o->shape->property_count;
  if (!vm_charge(iso, count * 4)) return false;
  if (o->elements->capacity != 0 || object_has_sparse_elements(o)) {
    if (!vm_elements_clear_attributes(iso, o, clear)) return false;
  }
  vm_object_reshape(iso, o, o->shape->prototype, SHAPE_NOT_EXTENSIBLE, clear);
  if (object_kind(o) == CELL_ARRAY && (clear & PROPERTY_WRITABLE)) {
    o->cell.flags |= OBJECT_LENGTH_READ_ONLY;
  }
  if (o == iso->realm->global) iso->realm->global_epoch++;
  return true;
}

Tri vm_prevent_extensions(Isolate *iso, Object *o) {
  if (is_exotic(o) && class_of(o)->prevent_extensions) {
    return class_of(o)->prevent_extensions(iso, o);
  }
  return vm_ordinary_prevent_extensions(iso, o);
}

Tri vm_ordinary_prevent_extensions(Isolate *iso, Object *o) {
  if (o->shape->cell.flags & SHAPE_NOT_EXTENSIBLE) return 1;
  return restrict_object(iso, o, 0) ? 1 : TRI_THREW;
}

// ECMA-262 7.3.14
Tri vm_set_integrity(Isolate *iso, Object *o, IntegrityLevel level) {
  if (!is_exotic(o)) {
    uint8_t clear = PROPERTY_CONFIGURABLE;
    if (level == INTEGRITY_FROZEN) clear |= PROPERTY_WRITABLE;
    return restrict_object(iso, o, clear) ? 1 : TRI_THREW;
  }
  Tri ok = vm_prevent_extensions(iso, o);
  if (ok != 1) return ok;
  KeyList keys;
  vm_key_list_init(&keys);
  ok = vm_own_keys(iso, o, &keys) ? 1 : TRI_THREW;
  for (uint32_t i = 0; ok == 1 && i < keys.count; i++) {
    PropertyDescriptor d = {VALUE_EMPTY, VALUE_EMPTY, VALUE_EMPTY, 0,
                            PROPERTY_CONFIGURABLE};
    if (level == INTEGRITY_FROZEN) {
      PropertyDescriptor current;
      Tri found = vm_get_own_property(iso, o, keys.keys[i], &current);
      if (found == TRI_THREW) ok = TRI_THREW;
      if (found != 1) continue;
      if (!descriptor_is_accessor(&current)) d.present |= PROPERTY_WRITABLE;
    }
    if (!vm_define_own_or_throw(iso, o, keys.keys[i], &d)) ok = TRI_THREW;
  }
  return ok;
}

// ECMA-262 7.3.15
Tri vm_test_integrity(Isolate *iso, Object *o, IntegrityLevel level) {
  Tri extensible = vm_is_extensible(iso, o);
  if (extensible != 0) return extensible == 1 ? 0 : TRI_THREW;
  KeyList keys;
  vm_key_list_init(&keys);
  Tri answer = vm_own_keys(iso, o, &keys) ? 1 : TRI_THREW;
  for (uint32_t i = 0; answer == 1 && i < keys.count; i++) {
    PropertyDescriptor d;
    Tri found = vm_get_own_property(iso, o, keys.keys[i], &d);
    if (found == TRI_THREW) answer = TRI_THREW;
    if (found != 1) continue;
    if (d.attributes & PROPERTY_CONFIGURABLE) answer = 0;
    if (level == INTEGRITY_FROZEN && !descriptor_is_accessor(&d) &&
        (d.attributes & PROPERTY_WRITABLE)) {
      answer = 0;
    }
  }
  return answer;
}
