// SPDX-License-Identifier: MIT
// Array iterators: entries, keys and values of arrays, typed arrays and array
// likes. ECMA-262 23.1.5.
#include "vm/builtins/array_access.h"
#include "vm/objects/iterator_object.h"

// ECMA-262 23.1.5.1 CreateArrayIterator
Value vm_array_iterator_create(Isolate *iso, const NativeCall *call) {
  Object *array = vm_to_object(iso, call->this_value);
  if (array == NULL) return VALUE_EXCEPTION;
  return value_from_cell(vm_iterator_object_new(
      iso, INTRINSIC_OBJECT(iso, ArrayIteratorPrototype), ITERATOR_ARRAY,
      (IterationKind)native_magic(call), value_from_cell(array)));
}

static Value entry_of(Isolate *iso, Value key, Value value) {
  Value pair[] = {key, value};
  Array *entry = vm_array_from(iso, pair, 2);
  return entry == NULL ? VALUE_EXCEPTION : value_from_cell(entry);
}

Value vm_array_iterator_step(Isolate *iso, IteratorObject *it) {
  if (value_is_undefined(it->target)) {
    return VALUE_EMPTY;
  }
  Object *array = value_as_object(it->target);
  double length;
  if (object_kind(array) == CELL_ARRAY) {
    length = ((Array *)array)->length;
  } else if (object_kind(array) == CELL_TYPED_ARRAY) {
    if (!vm_typed_array_length_or_throw(iso, array, &length)) {
      return VALUE_EXCEPTION;
    }
  } else if (!vm_length_of_array_like(iso, array, &length)) {
    return VALUE_EXCEPTION;
  }
  double index = it->index;
  if (index >= length) {
    gc_store_word(iso->heap, &it->target, VALUE_UNDEFINED);
    return VALUE_EMPTY;
  }
  it->index = index + 1;
  Value key = value_from_number(index);
  if (it->kind == ITERATE_KEYS) return key;
  Value value = array_get(iso, array, index);
  if (value_is_exception(value)) return VALUE_EXCEPTION;
  if (it->kind == ITERATE_ENTRIES) {
    value = entry_of(iso, key, value);
    if (value_is_exception(value)) return VALUE_EXCEPTION;
  }
  return value;
}

// ECMA-262 23.1.5.2.1 %ArrayIteratorPrototype%.next ( )
Value vm_array_iterator_next(Isolate *iso, const NativeCall *call) {
  IteratorObject *it = (IteratorObject *)value_as_cell(call->this_value);
  if (!value_is_kind(call->this_value, CELL_ITERATOR) ||
      it->family != ITERATOR_ARRAY) {
    return vm_throw_type_value(iso,
                               "next method called on incompatible receiver %s",
                               call->this_value);
  }
  Value v = vm_array_iterator_step(iso, it);
  if (value_is_exception(v)) return v;
  return v == VALUE_EMPTY ? vm_iterator_result(iso, VALUE_UNDEFINED, true)
                          : vm_iterator_result(iso, v, false);
}

static const Builtin array_iterator_prototype[] = {
    BUILTIN("next", vm_array_iterator_next, 0),
    BUILTIN_TAG("Array Iterator"),
};

void vm_init_array_iterator(Isolate *iso, Realm *realm) {
  Object *prototype =
      vm_object_new_with(iso, realm->intrinsics[INTRINSIC_IteratorPrototype]);
  vm_realm_set_intrinsic(realm, INTRINSIC_ArrayIteratorPrototype, prototype);
  VM_DEFINE_BUILTINS(iso, prototype, array_iterator_prototype);
}
