// SPDX-License-Identifier: MIT
// Set (ECMA-262 24.2); the methods that combine sets are in set_methods.c.
#include "vm/builtins/builtins.h"
#include "vm/builtins/collections.h"

static MapObject *receiver(Isolate *iso, const NativeCall *call) {
  return vm_collection_receiver(iso, call, CELL_SET, "Set");
}

static bool add_key(Isolate *iso, Object *o, Value key, Value value) {
  return vm_hash_table_set(iso, &((MapObject *)o)->table, key, VALUE_TRUE);
}

// ECMA-262 24.2.4.1
static Value set_add(Isolate *iso, const NativeCall *call) {
  MapObject *s = receiver(iso, call);
  if (s == NULL ||
      !add_key(iso, &s->object, native_argument(call, 0), VALUE_TRUE)) {
    return VALUE_EXCEPTION;
  }
  return call->this_value;
}

// ECMA-262 24.2.2.1
static Value construct_set(Isolate *iso, const NativeCall *call) {
  if (call->new_target == VALUE_UNDEFINED) {
    return vm_throw_type(iso, "Constructor Set requires 'new'");
  }
  MapObject *s =
      vm_object_from_constructor(iso, call->new_target, INTRINSIC_SetPrototype,
                                 CELL_SET, sizeof(MapObject));
  if (s == NULL) return VALUE_EXCEPTION;
  HashTable *table =
      vm_hash_table_new(iso, vm_collection_size_hint(native_argument(call, 0)));
  if (table == NULL) return VALUE_EXCEPTION;
  gc_publish(&s->table, table);
  if (!vm_collection_fill(iso, &s->object, native_argument(call, 0), KEY(add),
                          set_add, add_key, false)) {
    return VALUE_EXCEPTION;
  }
  return value_from_cell(s);
}

static Value set_has(Isolate *iso, const NativeCall *call) {
  MapObject *s = receiver(iso, call);
  if (s == NULL) return VALUE_EXCEPTION;
  return value_from_bool(
      vm_hash_table_find(iso, s->table, native_argument(call, 0)) != NULL);
}

static Value set_delete(Isolate *iso, const NativeCall *call) {
  MapObject *s = receiver(iso, call);
  if (s == NULL) return VALUE_EXCEPTION;
  return value_from_bool(
      vm_hash_table_delete(iso, &s->table, native_argument(call, 0)));
}

static Value set_clear(Isolate *iso, const NativeCall *call) {
  MapObject *s = receiver(iso, call);
  if (s == NULL || !vm_hash_table_clear(iso, &s->table)) {
    return VALUE_EXCEPTION;
  }
  return VALUE_UNDEFINED;
}

static Value set_size(Isolate *iso, const NativeCall *call) {
  MapObject *s = receiver(iso, call);
  if (s == NULL) return VALUE_EXCEPTION;
  return value_from_uint32(vm_hash_table_live(s->table));
}

Value vm_set_iterate(Isolate *iso, const NativeCall *call) {
  MapObject *s = receiver(iso, call);
  if (s == NULL) return VALUE_EXCEPTION;
  return vm_collection_iterator(iso, s, (IterationKind)native_magic(call));
}

// ECMA-262 24.2.4.7
static Value set_for_each(Isolate *iso, const NativeCall *call) {
  MapObject *s = receiver(iso, call);
  if (s == NULL) return VALUE_EXCEPTION;
  Value callback = native_argument(call, 0);
  if (!value_is_callable(callback)) return vm_throw_not_callable(iso, callback);
  HashTable *table = s->table;
  uint32_t index = 0;
  for (const HashEntry *e; (e = vm_hash_table_next(&table, &index)) != NULL;) {
    Value arguments[3] = {e->key, e->key, call->this_value};
    Value r = vm_call(iso, callback, native_argument(call, 1), 3, arguments);
    if (value_is_exception(r)) return r;
  }
  return VALUE_UNDEFINED;
}

static const Builtin set_prototype[] = {
    BUILTIN("has", set_has, 1),
    BUILTIN("add", set_add, 1),
    BUILTIN("delete", set_delete, 1),
    BUILTIN("clear", set_clear, 0),
    BUILTIN_MAGIC("entries", vm_set_iterate, 0, ITERATE_ENTRIES),
    BUILTIN("forEach", set_for_each, 1),
    BUILTIN_GET("size", set_size),
    BUILTIN_MAGIC("values", vm_set_iterate, 0, ITERATE_VALUES),
    BUILTIN_SAME_AS("keys", "values"),
    BUILTIN_SAME_AS("@@iterator", "values"),
    BUILTIN_TAG("Set"),
};

void vm_init_set(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_SetPrototype, prototype);
  NativeFunction *constructor =
      vm_define_constructor(iso, "Set", construct_set, 0, prototype, NULL);
  vm_realm_set_intrinsic(realm, INTRINSIC_Set, &constructor->object);
  VM_DEFINE_BUILTINS(iso, &constructor->object, vm_species_getter);
  VM_DEFINE_BUILTINS(iso, prototype, set_prototype);
  vm_define_set_methods(iso, prototype);
  Object *iterator =
      vm_object_new_with(iso, realm->intrinsics[INTRINSIC_IteratorPrototype]);
  vm_realm_set_intrinsic(realm, INTRINSIC_SetIteratorPrototype, iterator);
  vm_define_collection_iterator(iso, iterator, false);
}
