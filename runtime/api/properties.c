// SPDX-License-Identifier: MIT
// Properties of objects.
#include "runtime/api/api.h"
#include "runtime/modules/loader.h"
#include "vm/objects/buffer.h"

static bool key_of(rill_isolate *api, const char *name, PropertyKey *out) {
  if (rt_path_key(api->iso, name, out)) return true;
  api_fail(api);
  return false;
}

rill_value rill_get(rill_isolate *api, rill_value object, const char *name) {
  PropertyKey key;
  api_use(api);
  if (!key_of(api, name, &key)) return NULL;
  return api_result(api,
                    vm_get_of_value(api->iso, api_value(api, object), key));
}

static bool set(rill_isolate *api, rill_value object, PropertyKey key,
                rill_value value) {
  Value o = api_value(api, object);
  if (!value_is_object(o)) {
    vm_throw_type_value(api->iso, "%s is not an object", o);
    api_fail(api);
    return false;
  }
  if (vm_set(api->iso, value_as_object(o), key, api_value(api, value), true)) {
    return true;
  }
  api_fail(api);
  return false;
}

bool rill_set(rill_isolate *api, rill_value object, const char *name,
              rill_value value) {
  PropertyKey key;
  api_use(api);
  return key_of(api, name, &key) && set(api, object, key, value);
}

rill_value rill_get_index(rill_isolate *api, rill_value object,
                          uint32_t index) {
  api_use(api);
  return api_result(api, vm_get_of_value(api->iso, api_value(api, object),
                                         key_from_index(index)));
}

bool rill_set_index(rill_isolate *api, rill_value object, uint32_t index,
                    rill_value value) {
  api_use(api);
  return set(api, object, key_from_index(index), value);
}

bool rill_push(rill_isolate *api, rill_value array, rill_value value) {
  if (!rill_is_array(api, array)) {
    api_fail_host(api, "rill_push needs an array");
    return false;
  }
  return rill_set_index(api, array, (uint32_t)rill_length(api, array), value);
}

size_t rill_length(rill_isolate *api, rill_value value) {
  Value v = api_value(api, value);
  if (value_is_string(v)) return string_length(value_as_string(v));
  if (value_is_kind(v, CELL_ARRAY)) {
    return ((Array *)value_as_cell(v))->length;
  }
  if (value_is_typed_array(v)) {
    return vm_typed_array_length((TypedArray *)value_as_cell(v));
  }
  return 0;
}

static bool key_of_value(rill_isolate *api, rill_value value,
                         PropertyKey *out) {
  if (vm_to_property_key(api->iso, api_value(api, value), out)) return true;
  api_fail(api);
  return false;
}

// NULL: no object, which is the error now.
static Object *object_of(rill_isolate *api, rill_value value) {
  Value v = api_value(api, value);
  if (value_is_object(v)) return value_as_object(v);
  vm_throw_type_value(api->iso, "%s is not an object", v);
  api_fail(api);
  return NULL;
}

static int answer(rill_isolate *api, Tri result) {
  if (result == TRI_THREW) api_fail(api);
  return result;
}

rill_value rill_get_value(rill_isolate *api, rill_value object,
                          rill_value key) {
  api_use(api);
  return api_result(api, vm_get_element(api->iso, api_value(api, object),
                                        api_value(api, key)));
}

bool rill_set_value(rill_isolate *api, rill_value object, rill_value key,
                    rill_value value) {
  PropertyKey k;
  api_use(api);
  return key_of_value(api, key, &k) && set(api, object, k, value);
}

static int ask(rill_isolate *api, rill_value object, rill_value key,
               Tri (*question)(Isolate *, Object *, PropertyKey)) {
  PropertyKey k;
  api_use(api);
  Object *o = object_of(api, object);
  if (o == NULL || !key_of_value(api, key, &k)) return -1;
  return answer(api, question(api->iso, o, k));
}

int rill_has(rill_isolate *api, rill_value object, rill_value key) {
  return ask(api, object, key, vm_has);
}

int rill_has_own(rill_isolate *api, rill_value object, rill_value key) {
  return ask(api, object, key, vm_has_own);
}

int rill_delete(rill_isolate *api, rill_value object, rill_value key) {
  return ask(api, object, key, vm_delete);
}

// 1: the key is asked for.
static Tri is_wanted(Isolate *iso, Object *o, PropertyKey key, uint32_t which) {
  if (key_is_symbol(key) && (which & RILL_KEYS_SYMBOLS) == 0) return 0;
  if ((which & RILL_KEYS_ENUMERABLE) == 0) return 1;
  PropertyDescriptor d;
  Tri there = vm_get_own_property(iso, o, key, &d);
  return there == 1 ? (d.attributes & PROPERTY_ENUMERABLE) != 0 : there;
}

rill_value rill_own_keys(rill_isolate *api, rill_value object, uint32_t which) {
  api_use(api);
  Isolate *iso = api->iso;
  Object *o = object_of(api, object);
  if (o == NULL) return NULL;
  KeyList keys;
  vm_key_list_init(&keys);
  Array *array = vm_array_new(iso, 0);
  bool done = vm_own_keys(iso, o, &keys);
  for (uint32_t i = 0; done && i < keys.count; i++) {
    Tri wanted = is_wanted(iso, o, keys.keys[i], which);
    if (wanted == 0) continue;
    Value key =
        wanted == 1 ? vm_key_to_value(iso, keys.keys[i]) : VALUE_EXCEPTION;
    done = !value_is_exception(key) && vm_array_push(iso, array, key);
  }
  return done ? api_handle(api, value_from_cell(array)) : api_fail(api);
}

static const struct {
  uint32_t given;
  uint8_t attribute;
} attributes[] = {
    {RILL_WRITABLE, PROPERTY_WRITABLE},
    {RILL_ENUMERABLE, PROPERTY_ENUMERABLE},
    {RILL_CONFIGURABLE, PROPERTY_CONFIGURABLE},
};

bool api_define_property(rill_isolate *api, Object *o, PropertyKey key,
                         const rill_property *given) {
  rill_property property = RILL_PROPERTY_INIT;
  if (!api_copy_in(&property, given, sizeof property)) {
    api_fail_host(api, API_UNSIZED("rill_property", "RILL_PROPERTY_INIT"));
    return false;
  }
  PropertyDescriptor d = {.value = VALUE_EMPTY,
                          .getter = VALUE_EMPTY,
                          .setter = VALUE_EMPTY,
                          .present =
                              PROPERTY_ENUMERABLE | PROPERTY_CONFIGURABLE};
  for (int i = 0; i < 3; i++)
    if (property.attributes & attributes[i].given)
      d.attributes |= attributes[i].attribute;
  if (property.getter != NULL || property.setter != NULL) {
    d.getter = api_value(api, property.getter);
    d.setter = api_value(api, property.setter);
    d.attributes &= (uint8_t)~PROPERTY_WRITABLE;
  } else {
    d.value = api_value(api, property.value);
    d.present |= PROPERTY_WRITABLE;
  }
  if ((d.getter != VALUE_EMPTY && !value_is_undefined(d.getter) &&
       !value_is_callable(d.getter)) ||
      (d.setter != VALUE_EMPTY && !value_is_undefined(d.setter) &&
       !value_is_callable(d.setter))) {
    vm_throw_type(api->iso, "getters and setters are functions");
  } else if (vm_define_own_or_throw(api->iso, o, key, &d)) {
    return true;
  }
  api_fail(api);
  return false;
}

bool rill_define_property(rill_isolate *api, rill_value object, rill_value key,
                          const rill_property *property) {
  PropertyKey k;
  api_use(api);
  Object *o = object_of(api, object);
  return o != NULL && key_of_value(api, key, &k) &&
         api_define_property(api, o, k, property);
}

int rill_get_own_property(rill_isolate *api, rill_value object, rill_value key,
                          rill_property *out) {
  PropertyKey k;
  api_use(api);
  Object *o = object_of(api, object);
  if (o == NULL || !key_of_value(api, key, &k)) return -1;
  PropertyDescriptor d;
  Tri there = vm_get_own_property(api->iso, o, k, &d);
  if (there != 1) return answer(api, there);
  rill_property property = RILL_PROPERTY_INIT;
  for (int i = 0; i < 3; i++)
    if (d.attributes & attributes[i].attribute)
      property.attributes |= attributes[i].given;
  if (descriptor_is_accessor(&d)) {
    property.attributes &= ~(uint32_t)RILL_WRITABLE;
    // An accessor without a getter or a setter has undefined there.
    property.getter =
        api_handle(api, d.getter == VALUE_EMPTY ? VALUE_UNDEFINED : d.getter);
    property.setter =
        api_handle(api, d.setter == VALUE_EMPTY ? VALUE_UNDEFINED : d.setter);
  } else {
    property.value = api_handle(api, d.value);
  }
  if (api_copy_out(out, &property, sizeof property)) return 1;
  api_fail_host(api, API_UNSIZED("rill_property", "RILL_PROPERTY_INIT"));
  return -1;
}

rill_value rill_get_prototype(rill_isolate *api, rill_value object) {
  api_use(api);
  Object *o = object_of(api, object), *prototype;
  if (o == NULL) return NULL;
  if (vm_get_prototype_of(api->iso, o, &prototype) == TRI_THREW)
    return api_fail(api);
  return api_handle(api, prototype == NULL ? VALUE_NULL
                                           : value_from_cell(prototype));
}

bool rill_set_prototype(rill_isolate *api, rill_value object,
                        rill_value prototype) {
  api_use(api);
  Object *o = object_of(api, object);
  if (o == NULL) return false;
  Value p = api_value(api, prototype);
  if (!value_is_object(p) && !value_is_null(p)) {
    vm_throw_type_value(api->iso, "%s is no prototype: object or null", p);
    api_fail(api);
    return false;
  }
  Tri done = vm_set_prototype_of(api->iso, o,
                                 value_is_null(p) ? NULL : value_as_object(p));
  if (done == 1) return true;
  if (done == 0)
    vm_throw_type_value(api->iso, "cannot set the prototype of %s",
                        value_from_cell(o));
  api_fail(api);
  return false;
}

bool rill_freeze(rill_isolate *api, rill_value object) {
  api_use(api);
  Object *o = object_of(api, object);
  if (o == NULL) return false;
  Tri done = vm_set_integrity(api->iso, o, INTEGRITY_FROZEN);
  if (done == 1) return true;
  if (done == 0)
    vm_throw_type_value(api->iso, "cannot freeze %s", value_from_cell(o));
  api_fail(api);
  return false;
}
