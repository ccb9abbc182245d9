// SPDX-License-Identifier: MIT
// Reflect (ECMA-262 28.1).
#include "vm/builtins/builtins.h"
#include "vm/interpreter/calls.h"
#include "vm/objects/operations.h"

static Value answer(Tri t) {
  return t == TRI_THREW ? VALUE_EXCEPTION : value_from_bool(t);
}

// The target of every function here; NULL: it is no object, TypeError thrown.
static Object *target_of(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  if (likely(value_is_object(v))) return value_as_object(v);
  char name[64];
  String *s = ((NativeFunction *)value_as_cell(call->callee))->name;
  vm_describe_key(iso, key_from_atom(s), name, sizeof name);
  vm_throw_type(iso, "Reflect.%s called on non-object", name);
  return NULL;
}

static bool target_and_key(Isolate *iso, const NativeCall *call, Object **o,
                           PropertyKey *key) {
  *o = target_of(iso, call);
  return *o != NULL && vm_to_property_key(iso, native_argument(call, 1), key);
}

// ECMA-262 28.1.1
static Value reflect_apply(Isolate *iso, const NativeCall *call) {
  Value f = native_argument(call, 0);
  if (!value_is_callable(f)) return vm_throw_not_callable(iso, f);
  Array *list = vm_list_from_array_like(iso, native_argument(call, 2));
  if (list == NULL) return VALUE_EXCEPTION;
  return vm_call(iso, f, native_argument(call, 1), list->length,
                 list->object.elements->values);
}

// ECMA-262 28.1.2
static Value reflect_construct(Isolate *iso, const NativeCall *call) {
  Value f = native_argument(call, 0);
  Value new_target = call->argc > 2 ? call->argv[2] : f;
  if (!value_is_constructor(f)) {
    return vm_throw_type_value(iso, "%s is not a constructor", f);
  }
  if (!value_is_constructor(new_target)) {
    return vm_throw_type_value(iso, "%s is not a constructor", new_target);
  }
  Array *list = vm_list_from_array_like(iso, native_argument(call, 1));
  if (list == NULL) return VALUE_EXCEPTION;
  return vm_construct(iso, f, list->length, list->object.elements->values,
                      new_target);
}

// ECMA-262 28.1.3
static Value reflect_define_property(Isolate *iso, const NativeCall *call) {
  Object *o;
  PropertyKey key;
  PropertyDescriptor d;
  if (!target_and_key(iso, call, &o, &key) ||
      !vm_to_descriptor(iso, native_argument(call, 2), &d)) {
    return VALUE_EXCEPTION;
  }
  return answer(vm_define_own(iso, o, key, &d));
}

// ECMA-262 28.1.4
static Value reflect_delete_property(Isolate *iso, const NativeCall *call) {
  Object *o;
  PropertyKey key;
  if (!target_and_key(iso, call, &o, &key)) return VALUE_EXCEPTION;
  return answer(vm_delete(iso, o, key));
}

// ECMA-262 28.1.5
static Value reflect_get(Isolate *iso, const NativeCall *call) {
  Object *o;
  PropertyKey key;
  if (!target_and_key(iso, call, &o, &key)) return VALUE_EXCEPTION;
  return vm_get_with_receiver(iso, o, key,
                              call->argc > 2 ? call->argv[2] : call->argv[0]);
}

// ECMA-262 28.1.6
static Value reflect_get_own_descriptor(Isolate *iso, const NativeCall *call) {
  Object *o;
  PropertyKey key;
  if (!target_and_key(iso, call, &o, &key)) return VALUE_EXCEPTION;
  PropertyDescriptor d;
  Tri found = vm_get_own_property(iso, o, key, &d);
  if (found == TRI_THREW) return VALUE_EXCEPTION;
  return found ? vm_from_descriptor(iso, &d) : VALUE_UNDEFINED;
}

// ECMA-262 28.1.7
static Value reflect_get_prototype_of(Isolate *iso, const NativeCall *call) {
  Object *o = target_of(iso, call), *prototype;
  if (o == NULL || vm_get_prototype_of(iso, o, &prototype) == TRI_THREW) {
    return VALUE_EXCEPTION;
  }
  return prototype ? value_from_cell(prototype) : VALUE_NULL;
}

// ECMA-262 28.1.8
static Value reflect_has(Isolate *iso, const NativeCall *call) {
  Object *o;
  PropertyKey key;
  if (!target_and_key(iso, call, &o, &key)) return VALUE_EXCEPTION;
  return answer(vm_has(iso, o, key));
}

// ECMA-262 28.1.9
static Value reflect_is_extensible(Isolate *iso, const NativeCall *call) {
  Object *o = target_of(iso, call);
  return o ? answer(vm_is_extensible(iso, o)) : VALUE_EXCEPTION;
}

// ECMA-262 28.1.10
static Value reflect_own_keys(Isolate *iso, const NativeCall *call) {
  Object *o = target_of(iso, call);
  if (o == NULL) return VALUE_EXCEPTION;
  Array *list = vm_array_new(iso, 0);
  KeyList keys;
  vm_key_list_init(&keys);
  bool ok = vm_own_keys(iso, o, &keys);
  for (uint32_t i = 0; ok && i < keys.count; i++) {
    Value v = vm_key_to_value(iso, keys.keys[i]);
    ok = !value_is_exception(v) && vm_array_push(iso, list, v);
  }
  return ok ? value_from_cell(list) : VALUE_EXCEPTION;
}

// ECMA-262 28.1.11
static Value reflect_prevent_extensions(Isolate *iso, const NativeCall *call) {
  Object *o = target_of(iso, call);
  return o ? answer(vm_prevent_extensions(iso, o)) : VALUE_EXCEPTION;
}

// ECMA-262 28.1.12
static Value reflect_set(Isolate *iso, const NativeCall *call) {
  Object *o;
  PropertyKey key;
  if (!target_and_key(iso, call, &o, &key)) return VALUE_EXCEPTION;
  return answer(
      vm_set_with_receiver(iso, o, key, native_argument(call, 2),
                           call->argc > 3 ? call->argv[3] : call->argv[0]));
}

// ECMA-262 28.1.13
static Value reflect_set_prototype_of(Isolate *iso, const NativeCall *call) {
  Object *o = target_of(iso, call);
  if (o == NULL) return VALUE_EXCEPTION;
  Value p = native_argument(call, 1);
  if (p != VALUE_NULL && !value_is_object(p)) {
    return vm_throw_type_value(
        iso, "Object prototype may only be an Object or null: %s", p);
  }
  return answer(
      vm_set_prototype_of(iso, o, p == VALUE_NULL ? NULL : value_as_object(p)));
}

static const Builtin reflect[] = {
    BUILTIN_IN_LOOP("apply", reflect_apply, 3, LOOP_REFLECT_APPLY),
    BUILTIN("construct", reflect_construct, 2),
    BUILTIN("defineProperty", reflect_define_property, 3),
    BUILTIN("deleteProperty", reflect_delete_property, 2),
    BUILTIN("get", reflect_get, 2),
    BUILTIN("getOwnPropertyDescriptor", reflect_get_own_descriptor, 2),
    BUILTIN("getPrototypeOf", reflect_get_prototype_of, 1),
    BUILTIN("has", reflect_has, 2),
    BUILTIN("isExtensible", reflect_is_extensible, 1),
    BUILTIN("ownKeys", reflect_own_keys, 1),
    BUILTIN("preventExtensions", reflect_prevent_extensions, 1),
    BUILTIN("set", reflect_set, 3),
    BUILTIN("setPrototypeOf", reflect_set_prototype_of, 2),
    BUILTIN_TAG("Reflect"),
};

void vm_init_reflect(Isolate *iso, Realm *realm) {
  Object *o = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_Reflect, o);
  VM_DEFINE_BUILTINS(iso, o, reflect);
  vm_put(iso, realm->global, vm_key_from_c("Reflect"), value_from_cell(o),
         PROPERTY_HIDDEN);
}
