// SPDX-License-Identifier: MIT
// %Object.prototype% (ECMA-262 20.1.3, B.2.2).
#include "vm/builtins/object_builtins.h"
#include "vm/objects/operations.h"

static Value answer(Tri t) {
  return t == TRI_THREW ? VALUE_EXCEPTION : value_from_bool(t);
}

// ECMA-262 20.1.3.2
static Value has_own_property(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  if (value_is_object(call->this_value))
    return answer(
        vm_has_own_element(iso, value_as_object(call->this_value), v));
  PropertyKey key;
  if (!vm_to_property_key(iso, v, &key)) return VALUE_EXCEPTION;
  Object *o = vm_to_object(iso, call->this_value);
  return o ? answer(vm_has_own(iso, o, key)) : VALUE_EXCEPTION;
}

// ECMA-262 20.1.3.3
static Value is_prototype_of(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  if (!value_is_object(v)) return VALUE_FALSE;
  Object *self = vm_to_object(iso, call->this_value);
  if (self == NULL) return VALUE_EXCEPTION;
  for (Object *o = value_as_object(v);;) {
    if (vm_get_prototype_of(iso, o, &o) == TRI_THREW) return VALUE_EXCEPTION;
    if (o == NULL) return VALUE_FALSE;
    if (o == self) return VALUE_TRUE;
  }
}

// ECMA-262 20.1.3.4
static Value property_is_enumerable(Isolate *iso, const NativeCall *call) {
  PropertyKey key;
  if (!vm_to_property_key(iso, native_argument(call, 0), &key)) {
    return VALUE_EXCEPTION;
  }
  Object *o = vm_to_object(iso, call->this_value);
  if (o == NULL) return VALUE_EXCEPTION;
  PropertyDescriptor d;
  Tri found = vm_get_own_property(iso, o, key, &d);
  if (found == TRI_THREW) return VALUE_EXCEPTION;
  return value_from_bool(found && (d.attributes & PROPERTY_ENUMERABLE));
}

// ECMA-262 20.1.3.5
static Value to_locale_string(Isolate *iso, const NativeCall *call) {
  return vm_invoke(iso, call->this_value, KEY(toString), 0, NULL);
}

// The builtinTag of step 5 to 14. NULL: threw.
static const char *builtin_tag(Isolate *iso, Object *o) {
  Tri is_array = vm_is_array(iso, value_from_cell(o));
  if (is_array == TRI_THREW) return NULL;
  if (is_array) return "Array";
  if (object_is_callable(o)) return "Function";
  switch (object_kind(o)) {
#define CELL(name, type)
#define OBJECT(name, type, class_name)                                         \
  case CELL_##name:                                                            \
    return class_name;
#include "vm/objects/cell_kinds.def"
  default:
    return "Object";
  }
}

// ECMA-262 20.1.3.6
Value vm_object_to_string(Isolate *iso, Value v) {
  if (v == VALUE_UNDEFINED) {
    return value_from_cell(vm_atom_from_c("[object Undefined]"));
  }
  if (v == VALUE_NULL) return value_from_cell(vm_atom_from_c("[object Null]"));
  Object *o = vm_to_object(iso, v);
  if (o == NULL) return VALUE_EXCEPTION;
  const char *tag = builtin_tag(iso, o);
  if (tag == NULL) return VALUE_EXCEPTION;
  Value named = vm_get(iso, o, SYMBOL_KEY(toStringTag));
  if (value_is_exception(named)) return VALUE_EXCEPTION;
  StringBuilder b;
  vm_builder_init(&b, iso);
  vm_builder_append_ascii(&b, "[object ");
  if (value_is_string(named)) {
    vm_builder_append(&b, value_as_string(named));
  } else {
    vm_builder_append_ascii(&b, tag);
  }
  vm_builder_append_ascii(&b, "]");
  String *text = vm_builder_finish(&b);
  return text ? value_from_cell(text) : VALUE_EXCEPTION;
}

static Value prototype_to_string(Isolate *iso, const NativeCall *call) {
  return vm_object_to_string(iso, call->this_value);
}

// ECMA-262 20.1.3.7
static Value value_of(Isolate *iso, const NativeCall *call) {
  Object *o = vm_to_object(iso, call->this_value);
  return o ? value_from_cell(o) : VALUE_EXCEPTION;
}

// ECMA-262 20.1.3.8.1
static Value get_proto(Isolate *iso, const NativeCall *call) {
  return vm_object_prototype_value(iso, call->this_value);
}

// ECMA-262 20.1.3.8.2
static Value set_proto(Isolate *iso, const NativeCall *call) {
  Value v = call->this_value, prototype = native_argument(call, 0);
  if (value_is_nullish(v)) {
    return vm_throw_type(
        iso, "Object.prototype.__proto__ called on null or undefined");
  }
  if (prototype != VALUE_NULL && !value_is_object(prototype)) {
    return VALUE_UNDEFINED;
  }
  if (!value_is_object(v)) return VALUE_UNDEFINED;
  return vm_set_prototype_or_throw(iso, value_as_object(v), prototype)
             ? VALUE_UNDEFINED
             : VALUE_EXCEPTION;
}

// __defineGetter__ and __defineSetter__, ECMA-262 20.1.3.9.1
static Value define_accessor(Isolate *iso, const NativeCall *call) {
  Object *o = vm_to_object(iso, call->this_value);
  if (o == NULL) return VALUE_EXCEPTION;
  Value f = native_argument(call, 1);
  if (!value_is_callable(f)) return vm_throw_not_callable(iso, f);
  PropertyKey key;
  if (!vm_to_property_key(iso, native_argument(call, 0), &key)) {
    return VALUE_EXCEPTION;
  }
  bool setter = native_magic(call) != 0;
  uint8_t bits = PROPERTY_ENUMERABLE | PROPERTY_CONFIGURABLE;
  PropertyDescriptor d = {VALUE_EMPTY, setter ? VALUE_EMPTY : f,
                          setter ? f : VALUE_EMPTY, bits, bits};
  return vm_define_own_or_throw(iso, o, key, &d) ? VALUE_UNDEFINED
                                                 : VALUE_EXCEPTION;
}

// __lookupGetter__ and __lookupSetter__, ECMA-262 20.1.3.9.3
static Value lookup_accessor(Isolate *iso, const NativeCall *call) {
  Object *o = vm_to_object(iso, call->this_value);
  PropertyKey key;
  if (o == NULL || !vm_to_property_key(iso, native_argument(call, 0), &key)) {
    return VALUE_EXCEPTION;
  }
  for (; o != NULL;) {
    PropertyDescriptor d;
    Tri found = vm_get_own_property(iso, o, key, &d);
    if (found == TRI_THREW) return VALUE_EXCEPTION;
    if (found) {
      if (!descriptor_is_accessor(&d)) return VALUE_UNDEFINED;
      return native_magic(call) ? d.setter : d.getter;
    }
    if (vm_get_prototype_of(iso, o, &o) == TRI_THREW) return VALUE_EXCEPTION;
  }
  return VALUE_UNDEFINED;
}

static const Builtin object_prototype[] = {
    BUILTIN("hasOwnProperty", has_own_property, 1),
    BUILTIN("isPrototypeOf", is_prototype_of, 1),
    BUILTIN("propertyIsEnumerable", property_is_enumerable, 1),
    BUILTIN("toLocaleString", to_locale_string, 0),
    BUILTIN("toString", prototype_to_string, 0),
    BUILTIN("valueOf", value_of, 0),
    BUILTIN_GET_SET("__proto__", get_proto, set_proto),
    BUILTIN_MAGIC("__defineGetter__", define_accessor, 2, 0),
    BUILTIN_MAGIC("__defineSetter__", define_accessor, 2, 1),
    BUILTIN_MAGIC("__lookupGetter__", lookup_accessor, 1, 0),
    BUILTIN_MAGIC("__lookupSetter__", lookup_accessor, 1, 1),
};

void vm_define_object_prototype(Isolate *iso, Object *prototype) {
  VM_DEFINE_BUILTINS(iso, prototype, object_prototype);
}
