// SPDX-License-Identifier: MIT
// The traps of proxies that concern properties, each with the invariants that
// its answer has to keep (ECMA-262 10.5.5 to 10.5.11).
#include <stdlib.h>

#include "vm/builtins/proxy_traps.h"
#include "vm/interpreter/calls.h"

static Tri complain(Isolate *iso, const char *trap, PropertyKey key,
                    const char *what) {
  char name[96];
  vm_describe_key(iso, key, name, sizeof name);
  vm_throw_type(iso, "'%s' on proxy: %s '%s'", trap, what, name);
  return TRI_THREW;
}

// ECMA-262 6.2.6.6 CompletePropertyDescriptor
static void complete(PropertyDescriptor *d) {
  if (descriptor_is_accessor(d)) {
    if (d->getter == VALUE_EMPTY) d->getter = VALUE_UNDEFINED;
    if (d->setter == VALUE_EMPTY) d->setter = VALUE_UNDEFINED;
    d->attributes &= d->present;
    d->present = PROPERTY_ENUMERABLE | PROPERTY_CONFIGURABLE;
  } else {
    if (d->value == VALUE_EMPTY) d->value = VALUE_UNDEFINED;
    d->attributes &= d->present;
    d->present = PROPERTY_DEFAULT;
  }
}

// ECMA-262 10.5.5
Tri vm_proxy_get_own(Isolate *iso, Object *o, PropertyKey key,
                     PropertyDescriptor *out) {
  static const char trap_name[] = "getOwnPropertyDescriptor";
  ProxyTrap trap;
  if (!vm_proxy_trap(iso, o, ATOM_ID_getOwnPropertyDescriptor, &trap)) {
    return TRI_THREW;
  }
  if (trap.method == VALUE_UNDEFINED) {
    return vm_get_own_property(iso, trap.target, key, out);
  }
  Value argv[2] = {0, vm_key_to_value(iso, key)};
  if (value_is_exception(argv[1])) return TRI_THREW;
  Value r = vm_proxy_call_trap(iso, &trap, 2, argv);
  if (value_is_exception(r)) return TRI_THREW;
  if (r != VALUE_UNDEFINED && !value_is_object(r)) {
    return complain(iso, trap_name, key,
                    "trap returned neither object nor undefined for property");
  }
  PropertyDescriptor real;
  Tri there = vm_get_own_property(iso, trap.target, key, &real);
  if (there == TRI_THREW) return TRI_THREW;
  if (r == VALUE_UNDEFINED) {
    if (!there) return 0;
    if (!(real.attributes & PROPERTY_CONFIGURABLE)) {
      return complain(iso, trap_name, key,
                      "trap returned undefined for non-configurable property");
    }
    Tri extensible = vm_is_extensible(iso, trap.target);
    if (extensible == TRI_THREW) return TRI_THREW;
    if (extensible) return 0;
    return complain(iso, trap_name, key,
                    "trap returned undefined for a property of the "
                    "non-extensible proxy target,");
  }
  Tri extensible = vm_is_extensible(iso, trap.target);
  if (extensible == TRI_THREW || !vm_to_descriptor(iso, r, out)) {
    return TRI_THREW;
  }
  complete(out);
  if (!vm_is_compatible_descriptor(iso, extensible, out,
                                   there ? &real : NULL)) {
    return complain(iso, trap_name, key,
                    "trap returned descriptor that is incompatible with the "
                    "existing property in the proxy target,");
  }
  if (!(out->attributes & PROPERTY_CONFIGURABLE)) {
    if (!there || (real.attributes & PROPERTY_CONFIGURABLE)) {
      return complain(iso, trap_name, key,
                      "trap reported non-configurability for a property that "
                      "is non-existent or configurable in the proxy target,");
    }
    if (descriptor_is_data(out) && !(out->attributes & PROPERTY_WRITABLE) &&
        (real.attributes & PROPERTY_WRITABLE)) {
      return complain(iso, trap_name, key,
                      "trap reported non-configurable and non-writable for a "
                      "property that is writable in the proxy target,");
    }
  }
  return 1;
}

// ECMA-262 10.5.6
Tri vm_proxy_define_own(Isolate *iso, Object *o, PropertyKey key,
                        const PropertyDescriptor *d) {
  static const char trap_name[] = "defineProperty";
  ProxyTrap trap;
  if (!vm_proxy_trap(iso, o, ATOM_ID_defineProperty, &trap)) return TRI_THREW;
  if (trap.method == VALUE_UNDEFINED) {
    return vm_define_own(iso, trap.target, key, d);
  }
  Value argv[3] = {0, vm_key_to_value(iso, key), VALUE_UNDEFINED};
  if (value_is_exception(argv[1])) return TRI_THREW;
  argv[2] = vm_from_descriptor(iso, d);
  if (value_is_exception(argv[2])) return TRI_THREW;
  Tri r = vm_proxy_ask(iso, &trap, 3, argv);
  if (r != 1) return r;
  PropertyDescriptor real;
  Tri there = vm_get_own_property(iso, trap.target, key, &real);
  if (there == TRI_THREW) return TRI_THREW;
  Tri extensible = vm_is_extensible(iso, trap.target);
  if (extensible == TRI_THREW) return TRI_THREW;
  bool fixes = (d->present & PROPERTY_CONFIGURABLE) &&
               !(d->attributes & PROPERTY_CONFIGURABLE);
  if (!there) {
    if (!extensible) {
      return complain(iso, trap_name, key,
                      "trap returned truish for adding to the non-extensible "
                      "proxy target the property");
    }
    if (fixes) {
      return complain(iso, trap_name, key,
                      "trap returned truish for defining non-configurable "
                      "property which is non-existent in the proxy target:");
    }
    return 1;
  }
  if (!vm_is_compatible_descriptor(iso, extensible, d, &real)) {
    return complain(iso, trap_name, key,
                    "trap returned truish for adding an incompatible property");
  }
  if (fixes && (real.attributes & PROPERTY_CONFIGURABLE)) {
    return complain(iso, trap_name, key,
                    "trap returned truish for defining non-configurable "
                    "property which is configurable in the proxy target:");
  }
  if (descriptor_is_data(&real) && !(real.attributes & PROPERTY_CONFIGURABLE) &&
      (real.attributes & PROPERTY_WRITABLE) &&
      (d->present & PROPERTY_WRITABLE) &&
      !(d->attributes & PROPERTY_WRITABLE)) {
    return complain(iso, trap_name, key,
                    "trap returned truish for making non-writable the "
                    "non-configurable property");
  }
  return 1;
}

// ECMA-262 10.5.7
Tri vm_proxy_has(Isolate *iso, Object *o, PropertyKey key) {
  ProxyTrap trap;
  if (!vm_proxy_trap(iso, o, ATOM_ID_has, &trap)) return TRI_THREW;
  if (trap.method == VALUE_UNDEFINED) return vm_has(iso, trap.target, key);
  Value argv[2] = {0, vm_key_to_value(iso, key)};
  if (value_is_exception(argv[1])) return TRI_THREW;
  Tri r = vm_proxy_ask(iso, &trap, 2, argv);
  if (r != 0) return r;
  PropertyDescriptor real;
  Tri there = vm_get_own_property(iso, trap.target, key, &real);
  if (there != 1) return there;
  if (!(real.attributes & PROPERTY_CONFIGURABLE)) {
    return complain(iso, "has", key,
                    "trap returned falsish for the non-configurable property");
  }
  Tri extensible = vm_is_extensible(iso, trap.target);
  if (extensible == TRI_THREW) return TRI_THREW;
  if (extensible) return 0;
  return complain(iso, "has", key,
                  "trap returned falsish for a property of the non-extensible "
                  "proxy target,");
}

// ECMA-262 10.5.8
Value vm_proxy_get(Isolate *iso, Object *o, PropertyKey key, Value receiver) {
  ProxyTrap trap;
  if (!vm_proxy_trap(iso, o, ATOM_ID_get, &trap)) return VALUE_EXCEPTION;
  if (trap.method == VALUE_UNDEFINED) {
    Value v;
    if (!key_is_index(key) && vm_get_data_quickly(iso, trap.target, key, &v))
      return v;
    return vm_get_with_receiver(iso, trap.target, key, receiver);
  }
  Value argv[3] = {0, vm_key_to_value(iso, key), receiver};
  if (value_is_exception(argv[1])) return VALUE_EXCEPTION;
  Value r = vm_proxy_call_trap(iso, &trap, 3, argv);
  if (value_is_exception(r)) return r;
  PropertyDescriptor real;
  Tri there = vm_get_own_property(iso, trap.target, key, &real);
  if (there == TRI_THREW) return VALUE_EXCEPTION;
  if (!there || (real.attributes & PROPERTY_CONFIGURABLE)) return r;
  if (descriptor_is_accessor(&real)) {
    if (real.getter == VALUE_UNDEFINED && r != VALUE_UNDEFINED) {
      complain(iso, "get", key,
               "trap returned a value for an accessor without a getter, which "
               "is a non-configurable property of the proxy target:");
      return VALUE_EXCEPTION;
    }
  } else if (!(real.attributes & PROPERTY_WRITABLE) &&
             !vm_same_value(iso, r, real.value)) {
    complain(iso, "get", key,
             "trap returned another value than that of the read-only and "
             "non-configurable data property");
    return VALUE_EXCEPTION;
  }
  return r;
}

// ECMA-262 10.5.9
Tri vm_proxy_set(Isolate *iso, Object *o, PropertyKey key, Value value,
                 Value receiver) {
  ProxyTrap trap;
  if (!vm_proxy_trap(iso, o, ATOM_ID_set, &trap)) return TRI_THREW;
  if (trap.method == VALUE_UNDEFINED) {
    return vm_set_with_receiver(iso, trap.target, key, value, receiver);
  }
  Value argv[4] = {0, vm_key_to_value(iso, key), value, receiver};
  if (value_is_exception(argv[1])) return TRI_THREW;
  Tri r = vm_proxy_ask(iso, &trap, 4, argv);
  if (r != 1) return r;
  PropertyDescriptor real;
  Tri there = vm_get_own_property(iso, trap.target, key, &real);
  if (there == TRI_THREW) return TRI_THREW;
  if (!there || (real.attributes & PROPERTY_CONFIGURABLE)) return 1;
  if (descriptor_is_accessor(&real)) {
    if (real.setter == VALUE_UNDEFINED) {
      return complain(iso, "set", key,
                      "trap returned truish for an accessor without a setter, "
                      "which is a non-configurable property:");
    }
  } else if (!(real.attributes & PROPERTY_WRITABLE) &&
             !vm_same_value(iso, value, real.value)) {
    return complain(iso, "set", key,
                    "trap returned truish for another value than that of the "
                    "read-only and non-configurable data property");
  }
  return 1;
}

// ECMA-262 10.5.10
Tri vm_proxy_delete(Isolate *iso, Object *o, PropertyKey key) {
  ProxyTrap trap;
  if (!vm_proxy_trap(iso, o, ATOM_ID_deleteProperty, &trap)) return TRI_THREW;
  if (trap.method == VALUE_UNDEFINED) return vm_delete(iso, trap.target, key);
  Value argv[2] = {0, vm_key_to_value(iso, key)};
  if (value_is_exception(argv[1])) return TRI_THREW;
  Tri r = vm_proxy_ask(iso, &trap, 2, argv);
  if (r != 1) return r;
  PropertyDescriptor real;
  Tri there = vm_get_own_property(iso, trap.target, key, &real);
  if (there == TRI_THREW) return TRI_THREW;
  if (!there) return 1;
  if (!(real.attributes & PROPERTY_CONFIGURABLE)) {
    return complain(iso, "deleteProperty", key,
                    "trap returned truish for non-configurable property");
  }
  Tri extensible = vm_is_extensible(iso, trap.target);
  if (extensible == TRI_THREW) return TRI_THREW;
  if (extensible) return 1;
  return complain(iso, "deleteProperty", key,
                  "trap returned truish for a property of the non-extensible "
                  "proxy target,");
}

// Own keys -----------------------------------------------------------------

// CreateListFromArrayLike of the trap's result, for property keys without
// duplicates.
static bool read_keys(Isolate *iso, Value result, KeyList *out) {
  Array *list = vm_list_from_array_like(iso, result);
  if (list == NULL) return false;
  for (uint32_t i = 0; i < list->length; i++) {
    Value v = list->object.elements->values[i];
    if (!value_is_string(v) && !value_is_symbol(v)) {
      vm_throw_type_value(iso, "%s is not a valid property name", v);
      return false;
    }
    PropertyKey key;
    if (!vm_to_property_key(iso, v, &key) || !vm_key_list_add(iso, out, key)) {
      return false;
    }
  }
  return true;
}

// A set of keys by their bits, to tell duplicates and missing ones in linear
// time. `state` is the caller's per key.
typedef struct KeySet {
  PropertyKey *keys;
  uint32_t mask;
} KeySet;

static bool key_set_init(Isolate *iso, KeySet *set, uint32_t count) {
  uint32_t size = 8;
  while (size < count * 2)
    size *= 2;
  set->keys = calloc(size, sizeof(PropertyKey));
  set->mask = size - 1;
  if (set->keys == NULL) vm_throw_out_of_memory(iso);
  return set->keys != NULL;
}

static PropertyKey *key_set_place(const KeySet *set, PropertyKey key) {
  uint64_t h = (key ^ key >> 32) * UINT64_C(0x9e3779b97f4a7c15);
  for (uint32_t i = (uint32_t)(h >> 32) & set->mask;; i = (i + 1) & set->mask) {
    if (set->keys[i] == key || set->keys[i] == 0) return &set->keys[i];
  }
}

static bool has_duplicates(Isolate *iso, KeySet *set, const KeyList *keys) {
  for (uint32_t i = 0; i < keys->count; i++) {
    PropertyKey *place = key_set_place(set, keys->keys[i]);
    if (*place != 0) {
      complain(iso, "ownKeys", keys->keys[i],
               "trap returned duplicate entries:");
      return true;
    }
    *place = keys->keys[i];
  }
  return false;
}

// The invariants of 10.5.11, steps 9 to 23.
static bool check_own_keys(Isolate *iso, Object *target, const KeySet *answered,
                           const KeyList *answer) {
  Tri extensible = vm_is_extensible(iso, target);
  if (extensible == TRI_THREW) return false;
  KeyList real;
  vm_key_list_init(&real);
  bool ok = vm_own_keys(iso, target, &real);
  for (uint32_t i = 0; ok && i < real.count; i++) {
    PropertyKey key = real.keys[i];
    PropertyDescriptor d;
    Tri there = vm_get_own_property(iso, target, key, &d);
    ok = there != TRI_THREW;
    if (!ok || *key_set_place(answered, key) == key) continue;
    if (!extensible ||
        (there == 1 && !(d.attributes & PROPERTY_CONFIGURABLE))) {
      complain(iso, "ownKeys", key, "trap result did not include");
      ok = false;
    }
  }
  // All real keys are included: any more would be invented.
  if (ok && !extensible && answer->count != real.count) {
    vm_throw_type(iso,
                  "'ownKeys' on proxy: trap returned extra keys but proxy "
                  "target is non-extensible");
    ok = false;
  }
  return ok;
}

// ECMA-262 10.5.11
bool vm_proxy_own_keys(Isolate *iso, Object *o, KeyList *out) {
  ProxyTrap trap;
  if (!vm_proxy_trap(iso, o, ATOM_ID_ownKeys, &trap)) return false;
  if (trap.method == VALUE_UNDEFINED) return vm_own_keys(iso, trap.target, out);
  Value argv[1];
  Value r = vm_proxy_call_trap(iso, &trap, 1, argv);
  if (value_is_exception(r)) return false;
  if (!read_keys(iso, r, out)) return false;
  KeySet set;
  if (!key_set_init(iso, &set, out->count)) return false;
  bool ok = !has_duplicates(iso, &set, out) &&
            check_own_keys(iso, trap.target, &set, out);
  free(set.keys);
  return ok;
}
