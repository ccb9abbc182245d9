// SPDX-License-Identifier: MIT
// `...iterable` in an array literal, in arguments, and Array.from. What the
// builtin iterators of arrays, Maps and Sets would give is read in bulk where
// nobody can see that they do not take their steps: no script runs between
// them.
#include "vm/interpreter/calls.h"
#include "vm/interpreter/iteration.h"
#include "vm/objects/hash_table.h"
#include "vm/objects/iterator_object.h"

// As an array iterator would: holes are looked up, and may have getters.
static bool spread_elements(Isolate *iso, Array *array, Array *from) {
  if (vm_has_plain_elements(iso, &from->object) &&
      elements_length(from->object.elements) == from->length) {
    uint32_t start = array->length;
    if (!vm_array_append(iso, array, from->object.elements->values,
                         from->length)) {
      return false;
    }
    // The array is new: nobody but the collector looks, to whom these are the
    // same.
    Value *values = array->object.elements->values;
    if (!vm_values_have_holes(&values[start], array->length - start)) {
      return true;
    }
    for (uint32_t i = start; i < array->length; i++)
      if (values[i] == VALUE_EMPTY) values[i] = VALUE_UNDEFINED;
    return true;
  }
  for (uint32_t i = 0; i < from->length; i++) {
    Elements *e = from->object.elements;
    Value v = i < elements_length(e) ? e->values[i] : VALUE_EMPTY;
    if (v == VALUE_EMPTY) {
      v = vm_get(iso, &from->object, key_from_index(i));
      if (value_is_exception(v)) return false;
    }
    if (!vm_array_push(iso, array, v) ||
        ((i & 1023) == 1023 && !vm_poll(iso, 1024))) {
      return false;
    }
  }
  return true;
}

// What an iterator of a Map or Set standing at `index` has still to give.
static bool spread_entries(Isolate *iso, Array *array, HashTable *table,
                           uint32_t index, IterationKind kind, bool of_map) {
  enum { AT_A_TIME = 32 };
  Value keys[AT_A_TIME], values[AT_A_TIME];
  uint32_t live = vm_hash_table_live(table);
  if (index == 0 && live > AT_A_TIME && live < UINT32_MAX - array->length &&
      !vm_elements_reserve(iso, &array->object, array->length + live)) {
    return false;
  }
  for (;;) {
    uint32_t count =
        vm_hash_table_read(&table, &index, keys, values, AT_A_TIME);
    if (count == 0) return true;
    if (kind == ITERATE_ENTRIES) {
      for (uint32_t i = 0; i < count; i++) {
        Array *pair = vm_array_from(
            iso, (Value[]){keys[i], of_map ? values[i] : keys[i]}, 2);
        if (pair == NULL) return false;
        keys[i] = value_from_cell(pair);
      }
    }
    if (!vm_array_append(iso, array,
                         of_map && kind == ITERATE_VALUES ? values : keys,
                         count) ||
        !vm_poll(iso, count)) {
      return false;
    }
  }
}

// A Map or Set whose @@iterator `method` is the original one of this realm, as
// is `next` of the iterator that it would make.
static bool collection_iterates_plainly(Isolate *iso, Value v, Value method) {
  bool of_map = value_is_kind(v, CELL_MAP);
  if ((!of_map && !value_is_kind(v, CELL_SET)) ||
      !value_is_kind(method, CELL_NATIVE_FUNCTION)) {
    return false;
  }
  const NativeFunction *f = (const NativeFunction *)value_as_cell(method);
  Value next;
  if (f->realm != iso->realm ||
      (of_map ? f->code != vm_map_iterate || f->magic != ITERATE_ENTRIES
              : f->code != vm_set_iterate || f->magic != ITERATE_VALUES) ||
      !vm_get_data_quickly(
          iso,
          iso->realm->intrinsics[of_map ? INTRINSIC_MapIteratorPrototype
                                        : INTRINSIC_SetIteratorPrototype],
          KEY(next), &next) ||
      !value_is_kind(next, CELL_NATIVE_FUNCTION)) {
    return false;
  }
  const NativeFunction *step = (const NativeFunction *)value_as_cell(next);
  return step->code == vm_collection_iterator_next && step->magic == of_map;
}

bool vm_array_spread_from_method(Isolate *iso, Array *array, Value iterable,
                                 Value method) {
  if (collection_iterates_plainly(iso, iterable, method)) {
    bool of_map = value_is_kind(iterable, CELL_MAP);
    return spread_entries(iso, array,
                          ((MapObject *)value_as_cell(iterable))->table, 0,
                          of_map ? ITERATE_ENTRIES : ITERATE_VALUES, of_map);
  }
  IteratorRecord record;
  if (!vm_get_iterator_from_method(iso, iterable, method, &record)) {
    return false;
  }
  IteratorStep step =
      vm_iterator_native_step(iso, record.iterator, record.next);
  if (step == vm_collection_iterator_step) {
    IteratorObject *it = (IteratorObject *)value_as_cell(record.iterator);
    if (it->target == VALUE_UNDEFINED) return true;
    HashTable *table = (HashTable *)value_as_cell(it->extra);
    gc_store_word(iso->heap, &it->target, VALUE_UNDEFINED);
    gc_store_word(iso->heap, &it->extra, VALUE_UNDEFINED);
    return spread_entries(iso, array, table, (uint32_t)it->index,
                          (IterationKind)it->kind, it->family == ITERATOR_MAP);
  }
  for (;;) {
    Value v;
    Tri more = vm_iterator_step(iso, &record, &v);
    if (more < 0) return false;
    if (!more) return true;
    if (!vm_array_push(iso, array, v) || !vm_poll(iso, 1)) return false;
  }
}

bool vm_array_spread(Isolate *iso, Array *array, Value iterable) {
  if (vm_array_iterates_plainly(iso, iterable)) {
    return spread_elements(iso, array, (Array *)value_as_cell(iterable));
  }
  Value method = VALUE_UNDEFINED;
  if (value_is_object(iterable)) {
    method =
        vm_get_quickly(iso, value_as_object(iterable), SYMBOL_KEY(iterator));
  } else if (!value_is_nullish(iterable)) {
    method = vm_get_of_value(iso, iterable, SYMBOL_KEY(iterator));
  }
  if (value_is_exception(method)) return false;
  if (unlikely(!value_is_callable(method))) {
    vm_throw_not_iterable(iso, iterable, false);
    return false;
  }
  return vm_array_spread_from_method(iso, array, iterable, method);
}
