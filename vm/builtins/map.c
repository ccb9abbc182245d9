// SPDX-License-Identifier: MIT
// Map (ECMA-262 24.1).
#include "vm/builtins/builtins.h"
#include "vm/builtins/collections.h"

static MapObject *receiver(Isolate *iso, const NativeCall *call) {
  return vm_collection_receiver(iso, call, CELL_MAP, "Map");
}

static bool add_entry(Isolate *iso, Object *o, Value key, Value value) {
  return vm_hash_table_set(iso, &((MapObject *)o)->table, key, value);
}

// ECMA-262 24.1.3.9
static Value map_set(Isolate *iso, const NativeCall *call) {
  MapObject *m = receiver(iso, call);
  if (m == NULL || !add_entry(iso, &m->object, native_argument(call, 0),
                              native_argument(call, 1))) {
    return VALUE_EXCEPTION;
  }
  return call->this_value;
}

// ECMA-262 24.1.1.1
static Value construct_map(Isolate *iso, const NativeCall *call) {
  if (call->new_target == VALUE_UNDEFINED) {
    return vm_throw_type(iso, "Constructor Map requires 'new'");
  }
  MapObject *m =
      vm_object_from_constructor(iso, call->new_target, INTRINSIC_MapPrototype,
                                 CELL_MAP, sizeof(MapObject));
  if (m == NULL) return VALUE_EXCEPTION;
  HashTable *table =
      vm_hash_table_new(iso, vm_collection_size_hint(native_argument(call, 0)));
  if (table == NULL) return VALUE_EXCEPTION;
  gc_publish(&m->table, table);
  if (!vm_collection_fill(iso, &m->object, native_argument(call, 0), KEY(set),
                          map_set, add_entry, true)) {
    return VALUE_EXCEPTION;
  }
  return value_from_cell(m);
}

static Value map_get(Isolate *iso, const NativeCall *call) {
  MapObject *m = receiver(iso, call);
  if (m == NULL) return VALUE_EXCEPTION;
  const HashEntry *e =
      vm_hash_table_find(iso, m->table, native_argument(call, 0));
  return e ? e->value : VALUE_UNDEFINED;
}

static Value map_has(Isolate *iso, const NativeCall *call) {
  MapObject *m = receiver(iso, call);
  if (m == NULL) return VALUE_EXCEPTION;
  return value_from_bool(
      vm_hash_table_find(iso, m->table, native_argument(call, 0)) != NULL);
}

static Value map_delete(Isolate *iso, const NativeCall *call) {
  MapObject *m = receiver(iso, call);
  if (m == NULL) return VALUE_EXCEPTION;
  return value_from_bool(
      vm_hash_table_delete(iso, &m->table, native_argument(call, 0)));
}

static Value map_clear(Isolate *iso, const NativeCall *call) {
  MapObject *m = receiver(iso, call);
  if (m == NULL || !vm_hash_table_clear(iso, &m->table)) {
    return VALUE_EXCEPTION;
  }
  return VALUE_UNDEFINED;
}

// ECMA-262 24.1.3.10
static Value map_size(Isolate *iso, const NativeCall *call) {
  MapObject *m = receiver(iso, call);
  if (m == NULL) return VALUE_EXCEPTION;
  return value_from_uint32(vm_hash_table_live(m->table));
}

Value vm_map_iterate(Isolate *iso, const NativeCall *call) {
  MapObject *m = receiver(iso, call);
  if (m == NULL) return VALUE_EXCEPTION;
  return vm_collection_iterator(iso, m, (IterationKind)native_magic(call));
}

// ECMA-262 24.1.3.5
static Value map_for_each(Isolate *iso, const NativeCall *call) {
  MapObject *m = receiver(iso, call);
  if (m == NULL) return VALUE_EXCEPTION;
  Value callback = native_argument(call, 0);
  if (!value_is_callable(callback)) return vm_throw_not_callable(iso, callback);
  HashTable *table = m->table;
  uint32_t index = 0;
  for (const HashEntry *e; (e = vm_hash_table_next(&table, &index)) != NULL;) {
    Value arguments[3] = {e->value, e->key, call->this_value};
    Value r = vm_call(iso, callback, native_argument(call, 1), 3, arguments);
    if (value_is_exception(r)) return r;
  }
  return VALUE_UNDEFINED;
}

// Map.prototype.getOrInsert
static Value map_get_or_insert(Isolate *iso, const NativeCall *call) {
  MapObject *m = receiver(iso, call);
  if (m == NULL) return VALUE_EXCEPTION;
  Value key = native_argument(call, 0), value = native_argument(call, 1);
  const HashEntry *e = vm_hash_table_find(iso, m->table, key);
  if (e != NULL) return e->value;
  return add_entry(iso, &m->object, key, value) ? value : VALUE_EXCEPTION;
}

// Map.prototype.getOrInsertComputed
static Value map_get_or_insert_computed(Isolate *iso, const NativeCall *call) {
  MapObject *m = receiver(iso, call);
  if (m == NULL) return VALUE_EXCEPTION;
  Value key = native_argument(call, 0), callback = native_argument(call, 1);
  if (!value_is_callable(callback)) return vm_throw_not_callable(iso, callback);
  const HashEntry *e = vm_hash_table_find(iso, m->table, key);
  if (e != NULL) return e->value;
  if (value_is_double(key) && value_as_double(key) == 0) {
    key = value_from_int(0);
  }
  Value value = vm_call(iso, callback, VALUE_UNDEFINED, 1, &key);
  if (value_is_exception(value)) return value;
  return add_entry(iso, &m->object, key, value) ? value : VALUE_EXCEPTION;
}

static bool add_to_group(Isolate *iso, HashTable **groups, Value key,
                         Value item) {
  const HashEntry *e = vm_hash_table_find(iso, *groups, key);
  if (e != NULL) {
    return vm_array_push(iso, (Array *)value_as_object(e->value), item);
  }
  Array *group = vm_array_from(iso, &item, 1);
  return group != NULL &&
         vm_hash_table_set(iso, groups, key, value_from_cell(group));
}

// ECMA-262 24.1.2.1
static Value map_group_by(Isolate *iso, const NativeCall *call) {
  Value items = native_argument(call, 0), callback = native_argument(call, 1);
  if (value_is_nullish(items)) {
    return vm_throw_type_value(iso, "%s is not iterable", items);
  }
  if (!value_is_callable(callback)) return vm_throw_not_callable(iso, callback);
  MapObject *m = vm_object_allocate(iso, CELL_MAP, sizeof(MapObject),
                                    INTRINSIC_OBJECT(iso, MapPrototype));
  HashTable *table = vm_hash_table_new(iso, 4);
  gc_publish(&m->table, table);
  IteratorRecord it;
  if (table == NULL || !vm_get_iterator(iso, items, &it)) {
    return VALUE_EXCEPTION;
  }
  for (double index = 0;; index++) {
    Value item;
    Tri more = vm_iterator_step(iso, &it, &item);
    if (more == TRI_THREW) return VALUE_EXCEPTION;
    if (!more) return value_from_cell(m);
    Value arguments[2] = {item, value_from_number(index)};
    Value key = vm_call(iso, callback, VALUE_UNDEFINED, 2, arguments);
    if (value_is_exception(key) || !add_to_group(iso, &m->table, key, item)) {
      vm_iterator_close(iso, &it);
      return VALUE_EXCEPTION;
    }
  }
}

static const Builtin map_static[] = {
    BUILTIN("groupBy", map_group_by, 2),
};

static const Builtin map_prototype[] = {
    BUILTIN("get", map_get, 1),
    BUILTIN("set", map_set, 2),
    BUILTIN("has", map_has, 1),
    BUILTIN("delete", map_delete, 1),
    BUILTIN("clear", map_clear, 0),
    BUILTIN_MAGIC("entries", vm_map_iterate, 0, ITERATE_ENTRIES),
    BUILTIN("forEach", map_for_each, 1),
    BUILTIN("getOrInsert", map_get_or_insert, 2),
    BUILTIN("getOrInsertComputed", map_get_or_insert_computed, 2),
    BUILTIN_MAGIC("keys", vm_map_iterate, 0, ITERATE_KEYS),
    BUILTIN_GET("size", map_size),
    BUILTIN_MAGIC("values", vm_map_iterate, 0, ITERATE_VALUES),
    BUILTIN_SAME_AS("@@iterator", "entries"),
    BUILTIN_TAG("Map"),
};

void vm_init_map(Isolate *iso, Realm *realm) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_MapPrototype, prototype);
  NativeFunction *constructor =
      vm_define_constructor(iso, "Map", construct_map, 0, prototype, NULL);
  vm_realm_set_intrinsic(realm, INTRINSIC_Map, &constructor->object);
  VM_DEFINE_BUILTINS(iso, &constructor->object, map_static);
  VM_DEFINE_BUILTINS(iso, &constructor->object, vm_species_getter);
  VM_DEFINE_BUILTINS(iso, prototype, map_prototype);
  Object *iterator =
      vm_object_new_with(iso, realm->intrinsics[INTRINSIC_IteratorPrototype]);
  vm_realm_set_intrinsic(realm, INTRINSIC_MapIteratorPrototype, iterator);
  vm_define_collection_iterator(iso, iterator, true);
}
