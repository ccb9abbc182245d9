// SPDX-License-Identifier: MIT
// The Object constructor and its functions (ECMA-262 20.1.1, 20.1.2).
#include "vm/builtins/builtins.h"
#include "vm/builtins/object_builtins.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/iteration.h"
#include "vm/objects/operations.h"
#include "vm/objects/shape_internal.h"

static Value answer(Tri t) {
  return t == TRI_THREW ? VALUE_EXCEPTION : value_from_bool(t);
}

// ECMA-262 20.1.1.1
static Value construct_object(Isolate *iso, const NativeCall *call) {
  if (call->new_target != VALUE_UNDEFINED && call->new_target != call->callee) {
    Object *o = vm_object_from_constructor(iso, call->new_target,
                                           INTRINSIC_ObjectPrototype,
                                           CELL_OBJECT, sizeof(Object));
    return o ? value_from_cell(o) : VALUE_EXCEPTION;
  }
  Value v = native_argument(call, 0);
  if (value_is_nullish(v)) return value_from_cell(vm_object_new(iso));
  Object *o = vm_to_object(iso, v);
  return o ? value_from_cell(o) : VALUE_EXCEPTION;
}

// Copies -----------------------------------------------------------------

// All enumerable own properties are plain data in slots or dense elements.
static bool has_plain_properties(Isolate *iso, Object *o) {
  if ((o->cell.flags & OBJECT_EXOTIC) ||
      o->elements->cell.kind != CELL_ELEMENTS) {
    return false;
  }
  vm_object_materialize(iso, o);
  ShapeTable *t = vm_shape_table(iso, o->shape);
  uint32_t limit = shape_table_limit(o->shape);
  for (uint32_t i = 0; t != NULL && i < t->count && i < limit; i++) {
    const ShapeEntry *e = &t->entries[i];
    if (e->key != 0 && (e->attributes & PROPERTY_ACCESSOR) &&
        (e->attributes & PROPERTY_ENUMERABLE)) {
      return false;
    }
  }
  return true;
}

static bool assign_one(Isolate *iso, Object *to, Object *from,
                       PropertyKey key) {
  PropertyDescriptor d;
  Tri found = vm_get_own_property(iso, from, key, &d);
  if (found == TRI_THREW) return false;
  if (!found || !(d.attributes & PROPERTY_ENUMERABLE)) return true;
  Value v = vm_get(iso, from, key);
  return !value_is_exception(v) && vm_set(iso, to, key, v, true);
}

// Assigns the properties that a SHARED shape lists, all enumerable ones being
// plain data: from the slots as long as setters of `to` leave `from` alone.
static bool assign_slots(Isolate *iso, Object *to, Object *from) {
  Shape *shape = from->shape;
  ShapeTable *t = vm_shape_table(iso, shape);
  for (uint32_t i = 0; i < shape->property_count; i++) {
    ShapeEntry e = t->entries[i];
    if (unlikely(from->shape != shape)) {
      if (!assign_one(iso, to, from, e.key)) return false;
    } else if (e.attributes & PROPERTY_ENUMERABLE) {
      Value v = *object_slot(from, e.slot);
      if (!vm_set_quickly(iso, to, e.key, v, true)) return false;
    }
  }
  return true;
}

// ECMA-262 20.1.2.1
static Value object_assign(Isolate *iso, const NativeCall *call) {
  Object *to = vm_to_object(iso, native_argument(call, 0));
  if (to == NULL) return VALUE_EXCEPTION;
  for (uint32_t i = 1; i < call->argc; i++) {
    if (value_is_nullish(call->argv[i])) continue;
    Object *from = vm_to_object(iso, call->argv[i]);
    if (from == NULL) return VALUE_EXCEPTION;
    if (has_plain_properties(iso, from) &&
        !(from->shape->cell.flags & (SHAPE_UNIQUE | SHAPE_HAS_SYMBOL_KEYS)) &&
        elements_length(from->elements) == 0 &&
        object_kind(from) == CELL_OBJECT) {
      if (!assign_slots(iso, to, from)) return VALUE_EXCEPTION;
      continue;
    }
    KeyList keys;
    vm_key_list_init(&keys);
    bool ok = vm_own_keys(iso, from, &keys);
    for (uint32_t k = 0; ok && k < keys.count; k++) {
      ok = assign_one(iso, to, from, keys.keys[k]);
    }
    if (!ok) return VALUE_EXCEPTION;
  }
  return value_from_cell(to);
}

// Enumeration -------------------------------------------------------------

typedef enum { LIST_KEYS, LIST_VALUES, LIST_ENTRIES } ListKind;

// The list of a short object that has no elements, read in one go: nothing that
// is allocated before the list is complete could change the object. EMPTY: one
// of another kind; or threw.
static Value short_list(Isolate *iso, Object *o, ListKind kind) {
  enum { SHORT = 64 };
  Value items[SHORT];
  uint32_t count = 0;
  if ((o->cell.flags & OBJECT_EXOTIC) || elements_length(o->elements) != 0 ||
      o->elements->cell.kind != CELL_ELEMENTS) {
    return VALUE_EMPTY;
  }
  vm_object_materialize(iso, o);
  const Shape *shape = o->shape;
  const ShapeTable *t = vm_shape_table(iso, o->shape);
  uint32_t limit = shape_table_limit(shape);
  for (uint32_t i = 0; t != NULL && i < t->count && i < limit; i++) {
    const ShapeEntry *e = &t->entries[i];
    if (e->key == 0 || !(e->attributes & PROPERTY_ENUMERABLE) ||
        key_is_symbol(e->key)) {
      continue;
    }
    if (count == SHORT ||
        (kind != LIST_KEYS && (e->attributes & PROPERTY_ACCESSOR))) {
      return VALUE_EMPTY;
    }
    Value value = kind == LIST_KEYS ? e->key : *object_slot(o, e->slot);
    if (kind == LIST_ENTRIES) {
      Array *pair = vm_array_from(iso, (Value[]){e->key, value}, 2);
      if (pair == NULL) return VALUE_EXCEPTION;
      value = value_from_cell(pair);
    }
    items[count++] = value;
  }
  Array *list = vm_array_from(iso, items, count);
  return list != NULL ? value_from_cell(list) : VALUE_EXCEPTION;
}

// Counts, or lists, the keys or values of a shape's enumerable properties. The
// vector is that of a new array.
static uint32_t list_slots(Isolate *iso, Object *o, bool keys, Value *values) {
  const ShapeTable *t = vm_shape_table(iso, o->shape);
  uint32_t limit = shape_table_limit(o->shape), count = 0;
  for (uint32_t i = 0; t != NULL && i < t->count && i < limit; i++) {
    const ShapeEntry *e = &t->entries[i];
    if (e->key == 0 || !(e->attributes & PROPERTY_ENUMERABLE) ||
        key_is_symbol(e->key))
      continue;
    if (values != NULL)
      gc_publish(&values[count], keys ? e->key : *object_slot(o, e->slot));
    count++;
  }
  return count;
}

// The list of an object that has no elements. NULL: threw.
static Array *new_slot_list(Isolate *iso, Object *o, ListKind kind) {
  Array *list = vm_array_new(iso, 0);
  uint32_t count = list_slots(iso, o, kind == LIST_KEYS, NULL);
  if (count == 0) return list;
  if (!vm_elements_reserve(iso, &list->object, count)) return NULL;
  Elements *e = list->object.elements;
  list_slots(iso, o, kind == LIST_KEYS, e->values);
  __atomic_store_n(&e->cell.extra, count, __ATOMIC_RELEASE);
  list->length = count;
  return list;
}

static bool list_item(Isolate *iso, Array *list, ListKind kind, PropertyKey key,
                      Value value) {
  if (kind == LIST_VALUES) return vm_array_push(iso, list, value);
  Value name = vm_key_to_value(iso, key);
  if (value_is_exception(name)) return false;
  if (kind == LIST_KEYS) return vm_array_push(iso, list, name);
  Array *pair = vm_array_from(iso, (Value[]){name, value}, 2);
  return pair != NULL && vm_array_push(iso, list, value_from_cell(pair));
}

static bool list_plain(Isolate *iso, Object *o, ListKind kind, Array *list) {
  for (uint32_t i = 0; i < elements_length(o->elements); i++) {
    Value v = o->elements->values[i];
    if (v != VALUE_EMPTY && !list_item(iso, list, kind, key_from_index(i), v)) {
      return false;
    }
  }
  ShapeTable *t = vm_shape_table(iso, o->shape);
  uint32_t limit = shape_table_limit(o->shape);
  for (uint32_t i = 0; t != NULL && i < t->count && i < limit; i++) {
    const ShapeEntry *e = &t->entries[i];
    if (e->key == 0 || !(e->attributes & PROPERTY_ENUMERABLE) ||
        key_is_symbol(e->key)) {
      continue;
    }
    if (!list_item(iso, list, kind, e->key, *object_slot(o, e->slot))) {
      return false;
    }
  }
  return true;
}

static bool list_generally(Isolate *iso, Object *o, ListKind kind,
                           Array *list) {
  KeyList keys;
  vm_key_list_init(&keys);
  bool ok = vm_own_keys(iso, o, &keys);
  for (uint32_t i = 0; ok && i < keys.count; i++) {
    PropertyKey key = keys.keys[i];
    if (key_is_symbol(key)) continue;
    PropertyDescriptor d;
    Tri found = vm_get_own_property(iso, o, key, &d);
    ok = found != TRI_THREW;
    if (found != 1 || !(d.attributes & PROPERTY_ENUMERABLE)) continue;
    Value v = VALUE_UNDEFINED;
    if (kind != LIST_KEYS) v = vm_get(iso, o, key);
    ok = !value_is_exception(v) && list_item(iso, list, kind, key, v);
  }
  return ok;
}

// EnumerableOwnProperties, ECMA-262 7.3.23
static Value object_list(Isolate *iso, const NativeCall *call) {
  ListKind kind = (ListKind)native_magic(call);
  Object *o = vm_to_object(iso, native_argument(call, 0));
  if (o == NULL) return VALUE_EXCEPTION;
  Value list_of_few = short_list(iso, o, kind);
  if (list_of_few != VALUE_EMPTY) return list_of_few;
  bool is_plain = has_plain_properties(iso, o);
  if (is_plain && kind != LIST_ENTRIES && elements_length(o->elements) == 0) {
    Array *list = new_slot_list(iso, o, kind);
    return list != NULL ? value_from_cell(list) : VALUE_EXCEPTION;
  }
  Array *list = vm_array_new(iso, 0);
  bool ok = is_plain ? list_plain(iso, o, kind, list)
                     : list_generally(iso, o, kind, list);
  return ok ? value_from_cell(list) : VALUE_EXCEPTION;
}

// Object.getOwnPropertyNames and getOwnPropertySymbols, 20.1.2.11.1
static Value object_own_keys(Isolate *iso, const NativeCall *call) {
  bool symbols = native_magic(call) != 0;
  Object *o = vm_to_object(iso, native_argument(call, 0));
  if (o == NULL) return VALUE_EXCEPTION;
  Array *list = vm_array_new(iso, 0);
  KeyList keys;
  vm_key_list_init(&keys);
  bool ok = vm_own_keys(iso, o, &keys);
  for (uint32_t i = 0; ok && i < keys.count; i++) {
    if (key_is_symbol(keys.keys[i]) != symbols) continue;
    Value v = vm_key_to_value(iso, keys.keys[i]);
    ok = !value_is_exception(v) && vm_array_push(iso, list, v);
  }
  return ok ? value_from_cell(list) : VALUE_EXCEPTION;
}

// Definition ---------------------------------------------------------------

// ECMA-262 20.1.2.3.1. Descriptors are read before the first is applied; until
// then an array keeps their values alive, four items each.
static bool define_properties(Isolate *iso, Object *o, Value properties) {
  Object *from = vm_to_object(iso, properties);
  if (from == NULL) return false;
  Array *read = vm_array_new(iso, 0);
  KeyList keys;
  vm_key_list_init(&keys);
  bool ok = vm_own_keys(iso, from, &keys);
  uint32_t count = 0;
  for (uint32_t i = 0; ok && i < keys.count; i++) {
    PropertyDescriptor d;
    Tri found = vm_get_own_property(iso, from, keys.keys[i], &d);
    ok = found != TRI_THREW;
    if (found != 1 || !(d.attributes & PROPERTY_ENUMERABLE)) continue;
    Value v = vm_get(iso, from, keys.keys[i]);
    ok =
        !value_is_exception(v) && vm_to_descriptor(iso, v, &d) &&
        vm_array_push(iso, read, d.value) &&
        vm_array_push(iso, read, d.getter) &&
        vm_array_push(iso, read, d.setter) &&
        vm_array_push(iso, read, value_from_int(d.attributes | d.present << 8));
    vm_key_list_replace(iso, &keys, count++, keys.keys[i]);
  }
  for (uint32_t i = 0; ok && i < count; i++) {
    const Value *item = &read->object.elements->values[i * 4];
    int32_t bits = value_as_int(item[3]);
    PropertyDescriptor d = {item[0], item[1], item[2], (uint8_t)bits,
                            (uint8_t)(bits >> 8)};
    ok = vm_define_own_or_throw(iso, o, keys.keys[i], &d);
  }
  return ok;
}

// ECMA-262 20.1.2.2
static Value object_create(Isolate *iso, const NativeCall *call) {
  Value prototype = native_argument(call, 0);
  if (prototype != VALUE_NULL && !value_is_object(prototype)) {
    return vm_throw_type_value(
        iso, "Object prototype may only be an Object or null: %s", prototype);
  }
  Object *o = vm_object_new_with(
      iso, prototype == VALUE_NULL ? NULL : value_as_object(prototype));
  if (native_argument(call, 1) != VALUE_UNDEFINED &&
      !define_properties(iso, o, call->argv[1])) {
    return VALUE_EXCEPTION;
  }
  return value_from_cell(o);
}

// ECMA-262 20.1.2.3
static Value object_define_properties(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  if (!value_is_object(v)) {
    return vm_throw_type_value(
        iso, "Object.defineProperties called on non-object: %s", v);
  }
  if (!define_properties(iso, value_as_object(v), native_argument(call, 1))) {
    return VALUE_EXCEPTION;
  }
  return v;
}

// ECMA-262 20.1.2.4
static Value object_define_property(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  if (!value_is_object(v)) {
    return vm_throw_type(iso, "Object.defineProperty called on non-object");
  }
  PropertyKey key;
  PropertyDescriptor d;
  if (!vm_to_property_key(iso, native_argument(call, 1), &key) ||
      !vm_to_descriptor(iso, native_argument(call, 2), &d) ||
      !vm_define_own_or_throw(iso, value_as_object(v), key, &d)) {
    return VALUE_EXCEPTION;
  }
  return v;
}

// ECMA-262 20.1.2.8
static Value object_get_own_descriptor(Isolate *iso, const NativeCall *call) {
  Object *o = vm_to_object(iso, native_argument(call, 0));
  PropertyKey key;
  if (o == NULL || !vm_to_property_key(iso, native_argument(call, 1), &key)) {
    return VALUE_EXCEPTION;
  }
  PropertyDescriptor d;
  Tri found = vm_get_own_property(iso, o, key, &d);
  if (found == TRI_THREW) return VALUE_EXCEPTION;
  return found ? vm_from_descriptor(iso, &d) : VALUE_UNDEFINED;
}

// ECMA-262 20.1.2.9
static Value object_get_own_descriptors(Isolate *iso, const NativeCall *call) {
  Object *o = vm_to_object(iso, native_argument(call, 0));
  if (o == NULL) return VALUE_EXCEPTION;
  Object *all = vm_object_new(iso);
  KeyList keys;
  vm_key_list_init(&keys);
  bool ok = vm_own_keys(iso, o, &keys);
  for (uint32_t i = 0; ok && i < keys.count; i++) {
    PropertyDescriptor d;
    Tri found = vm_get_own_property(iso, o, keys.keys[i], &d);
    ok = found != TRI_THREW;
    if (found != 1) continue;
    Value v = vm_from_descriptor(iso, &d);
    ok = !value_is_exception(v) &&
         vm_create_data_or_throw(iso, all, keys.keys[i], v);
  }
  return ok ? value_from_cell(all) : VALUE_EXCEPTION;
}

// Prototypes and integrity ---------------------------------------------------

Value vm_object_prototype_value(Isolate *iso, Value v) {
  Object *o = vm_to_object(iso, v);
  Object *prototype;
  if (o == NULL || vm_get_prototype_of(iso, o, &prototype) == TRI_THREW) {
    return VALUE_EXCEPTION;
  }
  return prototype ? value_from_cell(prototype) : VALUE_NULL;
}

bool vm_set_prototype_or_throw(Isolate *iso, Object *o, Value prototype) {
  Object *p = prototype == VALUE_NULL ? NULL : value_as_object(prototype);
  Tri ok = vm_set_prototype_of(iso, o, p);
  if (ok == 1) return true;
  if (ok == TRI_THREW) return false;
  Tri extensible = vm_is_extensible(iso, o);
  if (extensible == TRI_THREW) return false;
  if (!extensible) {
    vm_throw_type_value(iso, "%s is not extensible", value_from_cell(o));
  } else if (o->shape->cell.flags & SHAPE_IMMUTABLE_PROTOTYPE) {
    vm_throw_type_value(iso,
                        "Immutable prototype object %s cannot have its "
                        "prototype set",
                        value_from_cell(o));
  } else if (object_kind(o) == CELL_PROXY) {
    vm_throw_type(iso, "'setPrototypeOf' on proxy: trap returned falsish");
  } else {
    vm_throw_type(iso, "Cyclic __proto__ value");
  }
  return false;
}

// ECMA-262 20.1.2.12
static Value object_get_prototype_of(Isolate *iso, const NativeCall *call) {
  return vm_object_prototype_value(iso, native_argument(call, 0));
}

// ECMA-262 20.1.2.23
static Value object_set_prototype_of(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0), prototype = native_argument(call, 1);
  if (value_is_nullish(v)) {
    return vm_throw_type(iso,
                         "Object.setPrototypeOf called on null or undefined");
  }
  if (prototype != VALUE_NULL && !value_is_object(prototype)) {
    return vm_throw_type_value(
        iso, "Object prototype may only be an Object or null: %s", prototype);
  }
  if (!value_is_object(v)) return v;
  return vm_set_prototype_or_throw(iso, value_as_object(v), prototype)
             ? v
             : VALUE_EXCEPTION;
}

// Object.freeze, seal and preventExtensions
static Value object_restrict(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  if (!value_is_object(v)) return v;
  Object *o = value_as_object(v);
  Tri ok = native_magic(call) == 2
               ? vm_prevent_extensions(iso, o)
               : vm_set_integrity(iso, o, (IntegrityLevel)native_magic(call));
  if (ok == 1) return v;
  if (ok == TRI_THREW) return VALUE_EXCEPTION;
  static const char *const messages[] = {"Cannot seal %s", "Cannot freeze %s",
                                         "Cannot prevent extensions of %s"};
  return vm_throw_type_value(iso, messages[native_magic(call)], v);
}

static Value object_is_restricted(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  if (!value_is_object(v)) return VALUE_TRUE;
  return answer(vm_test_integrity(iso, value_as_object(v),
                                  (IntegrityLevel)native_magic(call)));
}

static Value object_is_extensible(Isolate *iso, const NativeCall *call) {
  Value v = native_argument(call, 0);
  if (!value_is_object(v)) return VALUE_FALSE;
  return answer(vm_is_extensible(iso, value_as_object(v)));
}

static Value object_is(Isolate *iso, const NativeCall *call) {
  return value_from_bool(
      vm_same_value(iso, native_argument(call, 0), native_argument(call, 1)));
}

// ECMA-262 20.1.2.13
static Value object_has_own(Isolate *iso, const NativeCall *call) {
  Object *o = vm_to_object(iso, native_argument(call, 0));
  return o != NULL
             ? answer(vm_has_own_element(iso, o, native_argument(call, 1)))
             : VALUE_EXCEPTION;
}

// Iterables --------------------------------------------------------------

static bool add_entry(Isolate *iso, Object *o, Value entry) {
  if (!value_is_object(entry)) {
    vm_throw_type_value(iso, "Iterator value %s is not an entry object", entry);
    return false;
  }
  Object *pair = value_as_object(entry);
  Value name = vm_get(iso, pair, key_from_index(0));
  if (value_is_exception(name)) return false;
  Value value = vm_get(iso, pair, key_from_index(1));
  if (value_is_exception(value)) return false;
  PropertyKey key;
  return vm_to_property_key(iso, name, &key) &&
         vm_create_data_or_throw(iso, o, key, value);
}

// ECMA-262 20.1.2.7
static Value object_from_entries(Isolate *iso, const NativeCall *call) {
  Value iterable = native_argument(call, 0);
  if (value_is_nullish(iterable)) {
    return vm_throw_type_value(iso, "%s is not iterable", iterable);
  }
  Object *o = vm_object_new(iso);
  if (vm_array_iterates_plainly(iso, iterable)) {
    Array *entries = (Array *)value_as_object(iterable);
    for (uint32_t i = 0; i < entries->length; i++) {
      Value entry = vm_get(iso, &entries->object, key_from_index(i));
      if (value_is_exception(entry) || !add_entry(iso, o, entry) ||
          !vm_poll(iso, 1)) {
        return VALUE_EXCEPTION;
      }
    }
    return value_from_cell(o);
  }
  IteratorRecord it;
  if (!vm_get_iterator(iso, iterable, &it)) return VALUE_EXCEPTION;
  for (;;) {
    Value entry;
    Tri more = vm_iterator_step(iso, &it, &entry);
    if (more == TRI_THREW) return VALUE_EXCEPTION;
    if (!more) return value_from_cell(o);
    if (!add_entry(iso, o, entry) || !vm_poll(iso, 1)) {
      vm_iterator_close(iso, &it);
      return VALUE_EXCEPTION;
    }
  }
}

static bool add_to_group(Isolate *iso, Object *groups, Value callback,
                         Value item, double index) {
  Value arguments[2] = {item, value_from_number(index)};
  Value name = vm_call(iso, callback, VALUE_UNDEFINED, 2, arguments);
  PropertyKey key;
  if (value_is_exception(name) || !vm_to_property_key(iso, name, &key)) {
    return false;
  }
  PropertyDescriptor d;
  Tri found = vm_get_own_property(iso, groups, key, &d);
  if (found == TRI_THREW) return false;
  if (found) return vm_array_push(iso, (Array *)value_as_object(d.value), item);
  Array *group = vm_array_from(iso, &item, 1);
  return group != NULL &&
         vm_create_data_or_throw(iso, groups, key, value_from_cell(group));
}

// ECMA-262 20.1.2.14
static Value object_group_by(Isolate *iso, const NativeCall *call) {
  Value items = native_argument(call, 0), callback = native_argument(call, 1);
  if (value_is_nullish(items)) {
    return vm_throw_type_value(iso, "%s is not iterable", items);
  }
  if (!value_is_callable(callback)) {
    return vm_throw_not_callable(iso, callback);
  }
  Object *groups = vm_object_new_with(iso, NULL);
  IteratorRecord it;
  if (!vm_get_iterator(iso, items, &it)) return VALUE_EXCEPTION;
  for (double index = 0;; index++) {
    Value item;
    Tri more = vm_iterator_step(iso, &it, &item);
    if (more == TRI_THREW) return VALUE_EXCEPTION;
    if (!more) return value_from_cell(groups);
    if (!add_to_group(iso, groups, callback, item, index)) {
      vm_iterator_close(iso, &it);
      return VALUE_EXCEPTION;
    }
  }
}

static const Builtin object_static[] = {
    BUILTIN("assign", object_assign, 2),
    BUILTIN("create", object_create, 2),
    BUILTIN("defineProperties", object_define_properties, 2),
    BUILTIN("defineProperty", object_define_property, 3),
    BUILTIN_MAGIC("entries", object_list, 1, LIST_ENTRIES),
    BUILTIN_MAGIC("freeze", object_restrict, 1, INTEGRITY_FROZEN),
    BUILTIN("fromEntries", object_from_entries, 1),
    BUILTIN("getOwnPropertyDescriptor", object_get_own_descriptor, 2),
    BUILTIN("getOwnPropertyDescriptors", object_get_own_descriptors, 1),
    BUILTIN_MAGIC("getOwnPropertyNames", object_own_keys, 1, 0),
    BUILTIN_MAGIC("getOwnPropertySymbols", object_own_keys, 1, 1),
    BUILTIN("getPrototypeOf", object_get_prototype_of, 1),
    BUILTIN("groupBy", object_group_by, 2),
    BUILTIN("hasOwn", object_has_own, 2),
    BUILTIN("is", object_is, 2),
    BUILTIN("isExtensible", object_is_extensible, 1),
    BUILTIN_MAGIC("isFrozen", object_is_restricted, 1, INTEGRITY_FROZEN),
    BUILTIN_MAGIC("isSealed", object_is_restricted, 1, INTEGRITY_SEALED),
    BUILTIN_MAGIC("keys", object_list, 1, LIST_KEYS),
    BUILTIN_MAGIC("preventExtensions", object_restrict, 1, 2),
    BUILTIN_MAGIC("seal", object_restrict, 1, INTEGRITY_SEALED),
    BUILTIN("setPrototypeOf", object_set_prototype_of, 2),
    BUILTIN_MAGIC("values", object_list, 1, LIST_VALUES),
};

void vm_init_object(Isolate *iso, Realm *realm) {
  Object *prototype = realm->intrinsics[INTRINSIC_ObjectPrototype];
  NativeFunction *constructor = vm_define_constructor(
      iso, "Object", construct_object, 1, prototype, NULL);
  vm_realm_set_intrinsic(realm, INTRINSIC_Object, &constructor->object);
  VM_DEFINE_BUILTINS(iso, &constructor->object, object_static);
  vm_define_object_prototype(iso, prototype);
}
