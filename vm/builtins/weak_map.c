// SPDX-License-Identifier: MIT
// WeakMap and WeakSet (ECMA-262 24.3, 24.4).
#include "vm/builtins/builtins.h"
#include "vm/builtins/collections.h"
#include "vm/objects/weak_table.h"

static WeakMapObject *map_receiver(Isolate *iso, const NativeCall *call) {
  return vm_collection_receiver(iso, call, CELL_WEAK_MAP, "WeakMap");
}
static WeakMapObject *set_receiver(Isolate *iso, const NativeCall *call) {
  return vm_collection_receiver(iso, call, CELL_WEAK_SET, "WeakSet");
}

static bool add_entry(Isolate *iso, Object *o, Value key, Value value) {
  if (unlikely(!vm_can_be_held_weakly(key))) {
    vm_throw_type_value(iso,
                        object_kind(o) == CELL_WEAK_MAP
                            ? "Invalid value used as weak map key: %s"
                            : "Invalid value used in weak set: %s",
                        key);
    return false;
  }
  if (object_kind(o) == CELL_WEAK_SET) value = VALUE_TRUE;
  return vm_weak_table_set(iso, &((WeakMapObject *)o)->table, key, value);
}

// ECMA-262 24.3.3.5
static Value map_set(Isolate *iso, const NativeCall *call) {
  WeakMapObject *m = map_receiver(iso, call);
  if (m == NULL || !add_entry(iso, &m->object, native_argument(call, 0),
                              native_argument(call, 1))) {
    return VALUE_EXCEPTION;
  }
  return call->this_value;
}

// ECMA-262 24.4.3.1
static Value set_add(Isolate *iso, const NativeCall *call) {
  WeakMapObject *m = set_receiver(iso, call);
  if (m == NULL ||
      !add_entry(iso, &m->object, native_argument(call, 0), VALUE_TRUE)) {
    return VALUE_EXCEPTION;
  }
  return call->this_value;
}

static Value construct(Isolate *iso, const NativeCall *call, bool is_map) {
  if (call->new_target == VALUE_UNDEFINED) {
    return vm_throw_type(iso, "Constructor %s requires 'new'",
                         is_map ? "WeakMap" : "WeakSet");
  }
  WeakMapObject *m = vm_object_from_constructor(
      iso, call->new_target,
      is_map ? INTRINSIC_WeakMapPrototype : INTRINSIC_WeakSetPrototype,
      is_map ? CELL_WEAK_MAP : CELL_WEAK_SET, sizeof(WeakMapObject));
  if (m == NULL) return VALUE_EXCEPTION;
  if (!vm_collection_fill(iso, &m->object, native_argument(call, 0),
                          is_map ? KEY(set) : KEY(add),
                          is_map ? map_set : set_add, add_entry, is_map)) {
    return VALUE_EXCEPTION;
  }
  return value_from_cell(m);
}

// ECMA-262 24.3.1.1
static Value construct_map(Isolate *iso, const NativeCall *call) {
  return construct(iso, call, true);
}
// ECMA-262 24.4.1.1
static Value construct_set(Isolate *iso, const NativeCall *call) {
  return construct(iso, call, false);
}

static Value map_get(Isolate *iso, const NativeCall *call) {
  WeakMapObject *m = map_receiver(iso, call);
  if (m == NULL) return VALUE_EXCEPTION;
  const WeakEntry *e = vm_weak_table_find(m->table, native_argument(call, 0));
  if (e == NULL) return VALUE_UNDEFINED;
  if (value_is_cell(e->value)) {
    gc_barrier_weak_read(iso->heap, value_as_cell(e->value));
  }
  return e->value;
}

static WeakMapObject *any_receiver(Isolate *iso, const NativeCall *call) {
  return native_magic(call) ? set_receiver(iso, call) : map_receiver(iso, call);
}

static Value collection_has(Isolate *iso, const NativeCall *call) {
  WeakMapObject *m = any_receiver(iso, call);
  if (m == NULL) return VALUE_EXCEPTION;
  return value_from_bool(
      vm_weak_table_find(m->table, native_argument(call, 0)) != NULL);
}

static Value collection_delete(Isolate *iso, const NativeCall *call) {
  WeakMapObject *m = any_receiver(iso, call);
  if (m == NULL) return VALUE_EXCEPTION;
  return value_from_bool(
      vm_weak_table_delete(iso, m->table, native_argument(call, 0)));
}

// WeakMap.prototype.getOrInsert and getOrInsertComputed (magic 1)
static Value map_get_or_insert(Isolate *iso, const NativeCall *call) {
  WeakMapObject *m = map_receiver(iso, call);
  if (m == NULL) return VALUE_EXCEPTION;
  Value key = native_argument(call, 0), value = native_argument(call, 1);
  if (!vm_can_be_held_weakly(key)) {
    return vm_throw_type_value(iso, "Invalid value used as weak map key: %s",
                               key);
  }
  if (native_magic(call) && !value_is_callable(value)) {
    return vm_throw_not_callable(iso, value);
  }
  const WeakEntry *e = vm_weak_table_find(m->table, key);
  if (e != NULL) {
    if (value_is_cell(e->value)) {
      gc_barrier_weak_read(iso->heap, value_as_cell(e->value));
    }
    return e->value;
  }
  if (native_magic(call)) {
    value = vm_call(iso, value, VALUE_UNDEFINED, 1, &key);
    if (value_is_exception(value)) return value;
  }
  return add_entry(iso, &m->object, key, value) ? value : VALUE_EXCEPTION;
}

static const Builtin weak_map_prototype[] = {
    BUILTIN_MAGIC("delete", collection_delete, 1, 0),
    BUILTIN("get", map_get, 1),
    BUILTIN_MAGIC("getOrInsert", map_get_or_insert, 2, 0),
    BUILTIN_MAGIC("getOrInsertComputed", map_get_or_insert, 2, 1),
    BUILTIN_MAGIC("has", collection_has, 1, 0),
    BUILTIN("set", map_set, 2),
    BUILTIN_TAG("WeakMap"),
};

void vm_init_weak_map(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_WeakMapPrototype, prototype);
  NativeFunction *constructor =
      vm_define_constructor(iso, "WeakMap", construct_map, 0, prototype, NULL);
  vm_realm_set_intrinsic(realm, INTRINSIC_WeakMap, &constructor->object);
  VM_DEFINE_BUILTINS(iso, prototype, weak_map_prototype);
}

static const Builtin weak_set_prototype[] = {
    BUILTIN("add", set_add, 1),
    BUILTIN_MAGIC("delete", collection_delete, 1, 1),
    BUILTIN_MAGIC("has", collection_has, 1, 1),
    BUILTIN_TAG("WeakSet"),
};

void vm_init_weak_set(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_WeakSetPrototype, prototype);
  NativeFunction *constructor =
      vm_define_constructor(iso, "WeakSet", construct_set, 0, prototype, NULL);
  vm_realm_set_intrinsic(realm, INTRINSIC_WeakSet, &constructor->object);
  VM_DEFINE_BUILTINS(iso, prototype, weak_set_prototype);
}
