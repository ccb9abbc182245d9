// SPDX-License-Identifier: MIT
// The iteration instructions. An iterator is three registers:
//
//   it[0]  the iterator object, or the Array itself; undefined: done
//   it[1]  its next method, or EMPTY: an Array is walked without an iterator
//   it[2]  the next index, in the second case
//
// The second form is used while %ArrayIteratorPrototype%.next and
// Array.prototype[@@iterator] are the original ones when the loop starts: then
// nobody can see that there is no iterator object, unless `return` is looked up
// on it, for which vm_iterator_materialize makes one.
#include "vm/interpreter/iteration.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/run.h"
#include "vm/objects/charge.h"
#include "vm/objects/hash_table.h"
#include "vm/objects/iterator_object.h"
#include "vm/objects/shape_internal.h"

// Is it the original %ArrayIteratorPrototype%.next?
static bool is_array_next(Value next) {
  return value_is_kind(next, CELL_NATIVE_FUNCTION) &&
         ((const NativeFunction *)value_as_cell(next))->code ==
             vm_array_iterator_next;
}

static bool has_original_iterator(Isolate *iso, Object *array) {
  Object *prototype = INTRINSIC_OBJECT(iso, ArrayIteratorPrototype);
  // A getter is no match, and is not run.
  Value method, next;
  return vm_get_data_quickly(iso, array, SYMBOL_KEY(iterator), &method) &&
         method ==
             value_from_cell(INTRINSIC_OBJECT(iso, ArrayPrototypeValues)) &&
         vm_get_data_quickly(iso, prototype, KEY(next), &next) &&
         is_array_next(next);
}

// An Array without properties of its own, walked by a builtin module.
static bool is_builtin_modules(Isolate *iso, const Object *array) {
  return array->shape == iso->realm->array_shape && vm_runs_builtin_module(iso);
}

bool vm_array_iterates_plainly(Isolate *iso, Value v) {
  if (!value_is_kind(v, CELL_ARRAY)) return false;
  Object *array = value_as_object(v);
  return has_original_iterator(iso, array) || is_builtin_modules(iso, array);
}

static void set_iterator(Value *it, const IteratorRecord *record) {
  it[0] = record->iterator;
  it[1] = record->next;
  it[2] = VALUE_UNDEFINED;
}

bool vm_get_iterator_slow(Isolate *iso, Value *it, Value iterable) {
  if (vm_array_iterates_plainly(iso, iterable)) {
    it[0] = iterable;
    it[1] = VALUE_EMPTY;
    it[2] = value_from_int(0);
    return true;
  }
  IteratorRecord record;
  if (!vm_get_iterator(iso, iterable, &record)) return false;
  // No function that a script has put there is called for a step without it.
  if (value_is_kind(record.next, CELL_FUNCTION) &&
      vm_iterator_native_step(iso, record.iterator, record.next) != NULL)
    record.next = VALUE_NULL;
  set_iterator(it, &record);
  return true;
}

bool vm_iterator_materialize(Isolate *iso, Value *it) {
  if (it[1] != VALUE_EMPTY) return true;
  Object *prototype = INTRINSIC_OBJECT(iso, ArrayIteratorPrototype);
  IteratorObject *iterator = vm_iterator_object_new(
      iso, prototype, ITERATOR_ARRAY, ITERATE_VALUES, it[0]);
  iterator->index = value_as_number(it[2]);
  it[0] = value_from_cell(iterator);
  it[1] = vm_get_quickly(iso, prototype, KEY(next));
  it[2] = VALUE_UNDEFINED;
  return it[1] != VALUE_EXCEPTION;
}

static void mark_done(Value *it) {
  it[0] = it[1] = it[2] = VALUE_UNDEFINED;
}

bool vm_get_async_iterator_slow(Isolate *iso, Value *it, Value iterable) {
  Value method = vm_get_method(iso, iterable, SYMBOL_KEY(asyncIterator));
  if (value_is_exception(method)) return false;
  if (value_is_undefined(method)) {
    Value sync = vm_get_method(iso, iterable, SYMBOL_KEY(iterator));
    if (value_is_exception(sync)) return false;
    if (value_is_undefined(sync)) {
      vm_throw_not_iterable(iso, iterable, true);
      return false;
    }
    Value wrapped =
        vm_async_from_sync_iterator_from_method(iso, iterable, sync);
    if (value_is_exception(wrapped)) return false;
    it[0] = wrapped;
    it[1] = vm_get(iso, value_as_object(wrapped), KEY(next));
    it[2] = VALUE_UNDEFINED;
    return it[1] != VALUE_EXCEPTION;
  }
  IteratorRecord record;
  if (!vm_get_iterator_from_method(iso, iterable, method, &record))
    return false;
  set_iterator(it, &record);
  return true;
}

Tri vm_iterator_step_finish(Isolate *iso, Value *it, Value result, Value *out) {
  if (unlikely(!value_is_object(result))) {
    mark_done(it);
    vm_throw_type_value(iso, "Iterator result %s is not an object", result);
    return TRI_THREW;
  }
  Object *o = value_as_object(result);
  if (o->shape == iso->realm->iterator_result_shape) {
    *out = o->inline_slots[0];
    if (!vm_to_boolean(o->inline_slots[1])) return 1;
    mark_done(it);
    *out = VALUE_UNDEFINED;
    return 0;
  }
  Value done = vm_get_quickly(iso, o, KEY(done));
  if (value_is_exception(done)) {
    mark_done(it);
    return TRI_THREW;
  }
  if (vm_to_boolean(done)) {
    mark_done(it);
    *out = VALUE_UNDEFINED;
    return 0;
  }
  *out = vm_get_quickly(iso, o, KEY(value));
  if (!value_is_exception(*out)) return 1;
  mark_done(it);
  return TRI_THREW;
}

Tri vm_iterator_step_slow(Isolate *iso, Value *it, Value *out) {
  if (it[1] == VALUE_EMPTY) {
    Array *array = (Array *)value_as_cell(it[0]);
    double index = value_as_number(it[2]);
    if (index >= array->length) {
      mark_done(it);
      *out = VALUE_UNDEFINED;
      return 0;
    }
    it[2] = value_from_number(index + 1);
    *out = vm_get(iso, &array->object, key_from_index((uint32_t)index));
    if (!value_is_exception(*out)) return 1;
    mark_done(it);
    return TRI_THREW;
  }
  IteratorStep step = vm_iterator_native_step(iso, it[0], it[1]);
  if (step) {
    *out = step(iso, (IteratorObject *)value_as_cell(it[0]));
    if (*out != VALUE_EMPTY && !value_is_exception(*out)) return 1;
    mark_done(it);
    if (*out != VALUE_EMPTY) return TRI_THREW;
    *out = VALUE_UNDEFINED;
    return 0;
  }
  Value result = vm_call(iso, it[1], it[0], 0, NULL);
  if (value_is_exception(result)) {
    mark_done(it);
    return TRI_THREW;
  }
  return vm_iterator_step_finish(iso, it, result, out);
}

bool vm_iterator_rest(Isolate *iso, Value *it, Value *out) {
  Array *array = vm_array_new(iso, 0);
  while (it[0] != VALUE_UNDEFINED) {
    Value v;
    Tri more = vm_iterator_step_slow(iso, it, &v);
    if (more < 0 || (more && !vm_array_push(iso, array, v))) return false;
    if (!vm_poll(iso, 1)) return false;
  }
  *out = value_from_cell(array);
  return true;
}

bool vm_iterator_close_registers(Isolate *iso, Value *it, bool quietly) {
  if (it[0] == VALUE_UNDEFINED) return true;
  if (it[1] == VALUE_EMPTY) {
    // Only a `return` that somebody added to the prototypes would see it.
    Value added = vm_get_quickly(
        iso, INTRINSIC_OBJECT(iso, ArrayIteratorPrototype), KEY(return_));
    if (value_is_undefined(added)) {
      mark_done(it);
      return true;
    }
    if (value_is_exception(added)) (void)vm_take_exception(iso);
    if (!vm_iterator_materialize(iso, it)) return false;
  }
  Value iterator = it[0];
  mark_done(it);
  Value method = vm_get_method(iso, iterator, KEY(return_));
  Value result = method;
  if (!value_is_exception(method) && !value_is_undefined(method))
    result = vm_call(iso, method, iterator, 0, NULL);
  if (value_is_exception(result)) {
    if (!quietly || vm_is_terminating(iso)) return false;
    (void)vm_take_exception(iso);
    return true;
  }
  if (!quietly && !value_is_undefined(method) && !value_is_object(result)) {
    vm_throw_type_value(iso, "%s is not an object", result);
    return false;
  }
  return true;
}

// for-in (14.7.5.9). The keys are listed when the loop starts: the enumerable
// string keys of the object and its prototypes, shadowed ones left out; each is
// checked again when its turn comes, unless the object is still the shape it
// was. The enumerator is an IteratorObject of family FOR_IN: target is the
// object, extra a CellList of the keys, then the shape at the start.
static bool add_keys(Isolate *iso, Object *o, KeyList *keys,
                     HashTable **hidden) {
  KeyList own;
  vm_key_list_init(&own);
  bool done = vm_own_keys(iso, o, &own);
  for (uint32_t i = 0; done && i < own.count; i++) {
    PropertyKey key = own.keys[i];
    if (key_is_symbol(key) || vm_hash_table_find(iso, *hidden, key)) continue;
    PropertyDescriptor d;
    Tri has = vm_get_own_property(iso, o, key, &d);
    if (has < 0) done = false;
    if (has <= 0) continue;
    if (d.attributes & PROPERTY_ENUMERABLE)
      done = vm_key_list_add(iso, keys, key);
    if (done) done = vm_hash_table_set(iso, hidden, key, VALUE_TRUE);
  }
  return done;
}

// The object above, of a chain that a proxy may have closed to a circle: then
// the error is that of the other ways to walk it.
static bool step_up(Isolate *iso, Object **o, uint32_t *steps) {
  enum { MOST_STEPS = 100000 };
  if (++*steps > MOST_STEPS) {
    vm_throw_stack_overflow(iso);
    return false;
  }
  return vm_charge(iso, 16) && vm_get_prototype_of(iso, *o, o) >= 0;
}

// The keys of the object and of all above it.
static bool add_all_keys(Isolate *iso, Object *o, KeyList *keys) {
  HashTable *hidden = vm_hash_table_new(iso, 0);
  bool done = hidden != NULL;
  for (uint32_t steps = 0; done && o != NULL;)
    done = add_keys(iso, o, keys, &hidden) && step_up(iso, &o, &steps);
  return done;
}

// Does the shape list the enumerable keys, but for index keys?
static bool is_listed_by_shape(const Object *o) {
  return !(o->cell.flags & OBJECT_EXOTIC) &&
         !(o->shape->cell.flags & SHAPE_EXOTIC_ELEMENTS) &&
         o->elements->cell.kind == CELL_ELEMENTS;
}

// Counts the enumerable string keys of the shape of such an object, and writes
// them if they are wanted.
static uint32_t list_shape_keys(Isolate *iso, Object *o, uint64_t *words) {
  vm_object_materialize(iso, o);
  const ShapeTable *t = vm_shape_table(iso, o->shape);
  uint32_t limit = shape_table_limit(o->shape), count = 0;
  for (uint32_t i = 0; t != NULL && i < t->count && i < limit; i++) {
    const ShapeEntry *e = &t->entries[i];
    if (e->key == 0 || !(e->attributes & PROPERTY_ENUMERABLE) ||
        key_is_symbol(e->key))
      continue;
    if (words != NULL) words[count] = e->key;
    count++;
  }
  return count;
}

// Whether the prototypes have no enumerable key: then hidden keys and the check
// of later prototypes are not needed.
static bool has_enumerable_keys(Isolate *iso, Object *o) {
  // Of an array only the length is out of the ordinary.
  return !is_listed_by_shape(o) || elements_length(o->elements) != 0 ||
         list_shape_keys(iso, o, NULL) != 0;
}

static bool add_own_keys(Isolate *iso, Object *object, KeyList *keys) {
  KeyList own;
  vm_key_list_init(&own);
  bool done = vm_own_keys(iso, object, &own);
  for (uint32_t i = 0; done && i < own.count; i++) {
    PropertyKey key = own.keys[i];
    PropertySlot slot;
    if (key_is_symbol(key)) continue;
    bool enumerable = true;
    if (!key_is_index(key) && vm_shape_lookup(iso, object->shape, key, &slot)) {
      enumerable = (slot.attributes & PROPERTY_ENUMERABLE) != 0;
    } else {
      PropertyDescriptor d;
      Tri has = vm_get_own_property(iso, object, key, &d);
      done = has >= 0;
      enumerable = has > 0 && (d.attributes & PROPERTY_ENUMERABLE);
    }
    if (done && enumerable) done = vm_key_list_add(iso, keys, key);
  }
  return done;
}

// The keys as strings, and a word for the shape. NULL: threw.
static CellList *collect(Isolate *iso, Object *object) {
  bool plain_prototypes = !iso->indexed_prototypes;
  for (Object *o = object->shape->prototype; o != NULL && plain_prototypes;
       o = o->shape->prototype)
    plain_prototypes = !has_enumerable_keys(iso, o);
  if (plain_prototypes && is_listed_by_shape(object) &&
      elements_length(object->elements) == 0) {
    uint32_t count = list_shape_keys(iso, object, NULL);
    CellList *list = vm_cell_list_new(iso, count + 1);
    if (list != NULL) list_shape_keys(iso, object, list->words);
    return list;
  }
  KeyList keys;
  vm_key_list_init(&keys);
  CellList *list = NULL;
  if (plain_prototypes && !(object->cell.flags & OBJECT_EXOTIC)
          ? add_own_keys(iso, object, &keys)
          : add_all_keys(iso, object, &keys))
    list = vm_cell_list_new(iso, keys.count + 1);
  for (uint32_t i = 0; list != NULL && i < keys.count; i++) {
    Value key = vm_key_to_value(iso, keys.keys[i]);
    gc_publish(&list->words[i], key);
    if (value_is_exception(key)) list = NULL;
  }
  return list;
}

bool vm_for_in_start(Isolate *iso, Value value, Value *out) {
  Object *o = NULL;
  CellList *list;
  if (value_is_nullish(value)) {
    list = vm_cell_list_new(iso, 1);
  } else {
    o = vm_to_object(iso, value);
    list = o != NULL ? collect(iso, o) : NULL;
  }
  if (list == NULL) return false;
  // Keys of an object that changes are looked up again.
  if (o != NULL && is_listed_by_shape(o) &&
      !(o->shape->cell.flags & SHAPE_UNIQUE) &&
      elements_length(o->elements) == 0)
    gc_publish(&list->words[list->cell.extra - 1], value_from_cell(o->shape));
  IteratorObject *it =
      vm_iterator_object_new(iso, NULL, ITERATOR_FOR_IN, ITERATE_KEYS,
                             o != NULL ? value_from_cell(o) : VALUE_UNDEFINED);
  it->extra = value_from_cell(list);
  *out = value_from_cell(it);
  return true;
}

// Is the key still one of the object's, or of those above it?
static Tri is_still_enumerable(Isolate *iso, Object *o, Value key) {
  PropertyKey k = 0;
  PropertySlot slot;
  String *s = value_as_string(key);
  if (string_known_key(s) == 0 && (s->cell.flags & STRING_HASHED) &&
      shape_is_dictionary(o->shape) && o->shape->table != NULL) {
    // Listed as a text: those are hashed, strings of indices need not be.
    const ShapeEntry *e = shape_table_find_text(o->shape->table, s);
    if (e != NULL) return (e->attributes & PROPERTY_ENUMERABLE) != 0;
  }
  if (!vm_to_property_key(iso, key, &k)) return TRI_THREW;
  if (!key_is_index(k) && shape_is_dictionary(o->shape) &&
      vm_shape_lookup(iso, o->shape, k, &slot))
    return (slot.attributes & PROPERTY_ENUMERABLE) != 0;
  // Deleted meanwhile; a key that moved up the chain still counts.
  for (uint32_t steps = 0; o != NULL;) {
    PropertyDescriptor d;
    Tri has = vm_get_own_property(iso, o, k, &d);
    if (has < 0) return TRI_THREW;
    if (has) return (d.attributes & PROPERTY_ENUMERABLE) != 0;
    if (!step_up(iso, &o, &steps)) return TRI_THREW;
  }
  return 0;
}

Tri vm_for_in_step(Isolate *iso, Value enumerator, Value *out) {
  IteratorObject *it = (IteratorObject *)value_as_cell(enumerator);
  CellList *list = (CellList *)value_as_cell(it->extra);
  uint32_t count = list->cell.extra - 1;
  while ((uint32_t)it->index < count) {
    Value key = list->words[(uint32_t)it->index];
    it->index++;
    Object *o = value_as_object(it->target);
    if (value_from_cell(o->shape) != list->words[count]) {
      Tri has = is_still_enumerable(iso, o, key);
      if (has < 0) return TRI_THREW;
      if (!has) continue;
    }
    *out = key;
    return 1;
  }
  return 0;
}
