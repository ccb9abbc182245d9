// SPDX-License-Identifier: MIT
// Iterators for C code (ECMA-262 7.4). Loops over many values should rather be
// self-hosted: every step here is a call from C.
#include "vm/objects/charge.h"
#include "vm/objects/iterator_object.h"
#include "vm/objects/operations.h"

bool vm_get_iterator_from_method(Isolate *iso, Value v, Value method,
                                 IteratorRecord *out) {
  Value iterator = vm_call(iso, method, v, 0, NULL);
  if (value_is_exception(iterator)) return false;
  if (!value_is_object(iterator)) {
    vm_throw_type(iso, "Result of the Symbol.iterator method is not an object");
    return false;
  }
  Value next = vm_get(iso, value_as_object(iterator), KEY(next));
  if (value_is_exception(next)) return false;
  *out = (IteratorRecord){iterator, next, false};
  return true;
}

bool vm_get_iterator(Isolate *iso, Value v, IteratorRecord *out) {
  Value method = VALUE_UNDEFINED;
  if (!value_is_nullish(v)) {
    method = vm_get_of_value(iso, v, SYMBOL_KEY(iterator));
    if (value_is_exception(method)) return false;
  }
  if (unlikely(!value_is_callable(method))) {
    vm_throw_not_iterable(iso, v, false);
    return false;
  }
  return vm_get_iterator_from_method(iso, v, method, out);
}

Tri vm_iterator_step(Isolate *iso, IteratorRecord *record, Value *value) {
  IteratorStep step =
      vm_iterator_native_step(iso, record->iterator, record->next);
  if (step) {
    if (!vm_step(iso)) goto threw; // what calls is charged as calls are
    *value = step(iso, (IteratorObject *)value_as_cell(record->iterator));
    if (value_is_exception(*value)) goto threw;
    if (*value != VALUE_EMPTY) return 1;
    record->done = true;
    *value = VALUE_UNDEFINED;
    return 0;
  }
  Value result = vm_call(iso, record->next, record->iterator, 0, NULL);
  if (value_is_exception(result)) goto threw;
  if (unlikely(!value_is_object(result))) {
    vm_throw_type_value(iso, "Iterator result %s is not an object", result);
    goto threw;
  }
  Object *o = value_as_object(result);
  Value done = vm_get(iso, o, KEY(done));
  if (value_is_exception(done)) goto threw;
  if (vm_to_boolean(done)) {
    record->done = true;
    *value = VALUE_UNDEFINED;
    return 0;
  }
  *value = vm_get(iso, o, KEY(value));
  if (value_is_exception(*value)) goto threw;
  return 1;
threw:
  record->done = true;
  return TRI_THREW;
}

// ECMA-262 7.4.11
bool vm_iterator_close(Isolate *iso, IteratorRecord *record) {
  bool pending = vm_has_exception(iso);
  Value exception = vm_take_exception(iso);
  bool terminating = vm_is_terminating(iso);
  Value f = VALUE_UNDEFINED, result = VALUE_UNDEFINED;
  if (!terminating) {
    f = vm_get_method(iso, record->iterator, KEY(return_));
    result = f;
    if (!value_is_exception(f) && f != VALUE_UNDEFINED) {
      result = vm_call(iso, f, record->iterator, 0, NULL);
    }
  }
  if (pending) {
    // The first exception wins, unless the script is being ended.
    if (value_is_exception(result) && vm_is_terminating(iso)) return false;
    (void)vm_throw(iso, exception);
    return false;
  }
  if (value_is_exception(result)) return false;
  if (f != VALUE_UNDEFINED && !value_is_object(result)) {
    vm_throw_type_value(iso, "%s is not an object", result);
    return false;
  }
  return true;
}

Value vm_iterator_result(Isolate *iso, Value value, bool done) {
  Object *o = vm_object_from_shape(iso, iso->realm->iterator_result_shape);
  o->inline_slots[0] = value;
  o->inline_slots[1] = value_from_bool(done);
  return value_from_cell(o);
}
