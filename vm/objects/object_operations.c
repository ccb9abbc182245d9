// SPDX-License-Identifier: MIT
// Operations on objects (ECMA-262 7.3): methods, instanceof, species, realms,
// array-likes.
#include "vm/interpreter/calls.h"
#include "vm/objects/isolate.h"
#include "vm/objects/operations.h"
#include "vm/objects/proxy.h"

Value vm_get_method(Isolate *iso, Value v, PropertyKey key) {
  Value f = value_is_object(v) ? vm_get_quickly(iso, value_as_object(v), key)
                               : vm_get_of_value(iso, v, key);
  if (value_is_exception(f)) return f;
  if (value_is_nullish(f)) return VALUE_UNDEFINED;
  if (unlikely(!value_is_callable(f))) return vm_throw_not_callable(iso, f);
  return f;
}

Value vm_invoke(Isolate *iso, Value v, PropertyKey key, uint32_t argc,
                const Value *argv) {
  Value f = vm_get_of_value(iso, v, key);
  if (value_is_exception(f)) return f;
  if (unlikely(!value_is_callable(f))) {
    return vm_throw_type_key(iso, "%s is not a function", key);
  }
  return vm_call(iso, f, v, argc, argv);
}

// ECMA-262 7.3.18
bool vm_length_of_array_like(Isolate *iso, Object *o, double *out) {
  if (likely(object_kind(o) == CELL_ARRAY)) {
    *out = ((Array *)o)->length;
    return true;
  }
  Value v = vm_get(iso, o, KEY(length));
  return !value_is_exception(v) && vm_to_length(iso, v, out);
}

// ECMA-262 7.3.22
Value vm_species_constructor(Isolate *iso, Object *o,
                             Value default_constructor) {
  Value c = vm_get_quickly(iso, o, KEY(constructor));
  if (value_is_exception(c)) return c;
  if (c == VALUE_UNDEFINED) return default_constructor;
  if (!value_is_object(c)) {
    return vm_throw_type(iso, "The .constructor property is not an object");
  }
  Value s = vm_get_quickly(iso, value_as_object(c), SYMBOL_KEY(species));
  if (value_is_exception(s)) return s;
  if (value_is_nullish(s)) return default_constructor;
  if (value_is_constructor(s)) return s;
  return vm_throw_type(
      iso, "object.constructor[Symbol.species] is not a constructor");
}

// ECMA-262 7.3.24
Realm *vm_function_realm(Isolate *iso, Object *o) {
  for (;;) {
    switch (object_kind(o)) {
    case CELL_FUNCTION:
      return vm_code_realm(((Function *)o)->code);
    case CELL_NATIVE_FUNCTION:
      return ((NativeFunction *)o)->realm;
    case CELL_BOUND_FUNCTION:
      o = ((BoundFunction *)o)->target;
      break;
    case CELL_PROXY: {
      Value target = vm_proxy_target(iso, o);
      if (value_is_exception(target)) return NULL;
      o = value_as_object(target);
      break;
    }
    default:
      return iso->realm;
    }
  }
}

// ECMA-262 7.3.19
Array *vm_list_from_array_like(Isolate *iso, Value v) {
  if (!value_is_object(v)) {
    vm_throw_type(iso, "CreateListFromArrayLike called on non-object");
    return NULL;
  }
  Object *o = value_as_object(v);
  double length;
  if (!vm_length_of_array_like(iso, o, &length)) return NULL;
  if (length > 1 << 26) {
    vm_throw_range(iso, "Too many elements in an array-like");
    return NULL;
  }
  uint32_t count = (uint32_t)length;
  if (vm_has_plain_elements(iso, o)) {
    const Elements *e = o->elements;
    uint32_t there = elements_length(e);
    if (there > count) there = count;
    Array *list = vm_array_from(iso, e->values, there);
    if (list == NULL) return NULL;
    Value *values = list->object.elements->values;
    for (uint32_t i = 0; i < there; i++) {
      if (values[i] == VALUE_EMPTY) values[i] = VALUE_UNDEFINED;
    }
    for (uint32_t i = there; i < count; i++) {
      if (!vm_array_push(iso, list, VALUE_UNDEFINED)) return NULL;
    }
    return list;
  }
  Array *list = vm_array_new(iso, count);
  for (uint32_t i = 0; i < count; i++) {
    Value item = vm_get(iso, o, key_from_index(i));
    if (value_is_exception(item)) return NULL;
    if (!vm_array_push(iso, list, item)) return NULL;
  }
  return list;
}
