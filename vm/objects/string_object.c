// SPDX-License-Identifier: MIT
// String exotic objects, ECMA-262 10.4.3: the code units and the length of the
// wrapped string are own properties that are not stored.
#include "vm/objects/string_object.h"
#include "vm/objects/isolate.h"
#include "vm/objects/operations.h"

static String *wrapped(const Object *o) {
  return value_as_string(((const PrimitiveObject *)o)->value);
}

// ECMA-262 10.4.3.5 StringGetOwnProperty, and "length": 1, 0 or TRI_THREW.
static Tri string_property(Isolate *iso, const Object *o, PropertyKey key,
                           PropertyDescriptor *out) {
  String *s = wrapped(o);
  out->getter = out->setter = VALUE_EMPTY;
  out->present = PROPERTY_DEFAULT;
  if (key == KEY(length)) {
    out->value = value_from_int((int32_t)string_length(s));
    out->attributes = 0;
    return 1;
  }
  if (!key_is_index(key) || key_as_index(key) >= string_length(s)) return 0;
  StringView v;
  if (!vm_string_view(iso, s, &v)) return TRI_THREW;
  String *unit = vm_string_from_unit(iso, string_view_at(v, key_as_index(key)));
  if (!unit) return TRI_THREW;
  out->value = value_from_cell(unit);
  out->attributes = PROPERTY_ENUMERABLE;
  return 1;
}

static bool is_string_key(const Object *o, PropertyKey key) {
  return key == KEY(length) ||
         (key_is_index(key) && key_as_index(key) < string_length(wrapped(o)));
}

static Tri get_own(Isolate *iso, Object *o, PropertyKey key,
                   PropertyDescriptor *out) {
  if (is_string_key(o, key)) return string_property(iso, o, key, out);
  return vm_ordinary_get_own(iso, o, key, out);
}

static Tri define_own(Isolate *iso, Object *o, PropertyKey key,
                      const PropertyDescriptor *d) {
  if (!is_string_key(o, key)) return vm_ordinary_define_own(iso, o, key, d);
  PropertyDescriptor current;
  Tri found = string_property(iso, o, key, &current);
  if (found == TRI_THREW) return TRI_THREW;
  Tri extensible = vm_is_extensible(iso, o);
  if (extensible == TRI_THREW) return TRI_THREW;
  return vm_is_compatible_descriptor(iso, extensible, d, &current);
}

static Tri has(Isolate *iso, Object *o, PropertyKey key) {
  return is_string_key(o, key) ? 1 : vm_ordinary_has(iso, o, key);
}

static Value get(Isolate *iso, Object *o, PropertyKey key, Value receiver) {
  if (!is_string_key(o, key)) return vm_ordinary_get(iso, o, key, receiver);
  PropertyDescriptor d;
  return string_property(iso, o, key, &d) == 1 ? d.value : VALUE_EXCEPTION;
}

static Tri delete_own(Isolate *iso, Object *o, PropertyKey key) {
  return is_string_key(o, key) ? 0 : vm_ordinary_delete(iso, o, key);
}

// ECMA-262 10.4.3.3
static bool own_keys(Isolate *iso, Object *o, KeyList *out) {
  KeyList ordinary;
  vm_key_list_init(&ordinary);
  bool done = vm_ordinary_own_keys(iso, o, &ordinary);
  for (uint32_t i = 0; done && i < string_length(wrapped(o)); i++)
    done = vm_key_list_add(iso, out, key_from_index(i));
  uint32_t i = 0;
  for (; done && i < ordinary.count && key_is_index(ordinary.keys[i]); i++)
    done = vm_key_list_add(iso, out, ordinary.keys[i]);
  if (done) done = vm_key_list_add(iso, out, KEY(length));
  for (; done && i < ordinary.count; i++)
    done = vm_key_list_add(iso, out, ordinary.keys[i]);
  return done;
}

const ObjectClass vm_class_string_object = {
    .name = "String",
    .get_own = get_own,
    .define_own = define_own,
    .has = has,
    .get = get,
    .delete_own = delete_own,
    .own_keys = own_keys,
};
