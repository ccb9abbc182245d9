// SPDX-License-Identifier: MIT
// The functions behind %Name() in self-hosted code. Their arguments are what
// that code passes: it is part of the engine and trusted with their number.
#include <stdlib.h>

#include "vm/builtins/array_access.h"
#include "vm/builtins/decorators.h"
#include "vm/builtins/disposable_stack.h"
#include "vm/builtins/iterator_helpers.h"
#include "vm/builtins/typed_array.h"
#include "vm/interpreter/calls.h"
#include "vm/interpreter/iteration.h"
#include "vm/interpreter/run.h"

#define DEFINE(name)                                                           \
  static Value vm_intrinsic_##name(Isolate *iso, const NativeCall *call)

DEFINE(get_method) {
  PropertyKey key;
  if (!vm_to_property_key(iso, call->argv[1], &key)) return VALUE_EXCEPTION;
  return vm_get_method(iso, call->argv[0], key);
}
DEFINE(is_array) {
  Tri is = vm_is_array(iso, call->argv[0]);
  return is < 0 ? VALUE_EXCEPTION : value_from_bool(is);
}
DEFINE(is_callable) {
  return value_from_bool(value_is_callable(call->argv[0]));
}
DEFINE(is_constructor) {
  return value_from_bool(value_is_constructor(call->argv[0]));
}
DEFINE(is_object) {
  return value_from_bool(value_is_object(call->argv[0]));
}
DEFINE(length_of_array_like) {
  if (value_is_kind(call->argv[0], CELL_ARRAY))
    return value_from_uint32(((Array *)value_as_cell(call->argv[0]))->length);
  double length;
  if (!vm_length_of_array_like(iso, value_as_object(call->argv[0]), &length))
    return VALUE_EXCEPTION;
  return value_from_number(length);
}
DEFINE(set_length) {
  return vm_set(iso, value_as_object(call->argv[0]), KEY(length), call->argv[1],
                true)
             ? VALUE_UNDEFINED
             : VALUE_EXCEPTION;
}
DEFINE(symbol_async_iterator) {
  return value_from_cell(vm_well_known_symbols[SYMBOL_asyncIterator]);
}
DEFINE(symbol_iterator) {
  return value_from_cell(vm_well_known_symbols[SYMBOL_iterator]);
}
DEFINE(throw_not_callable) {
  return vm_throw_not_callable(iso, call->argv[0]);
}
static Value throw_text(Isolate *iso, ErrorType type, const NativeCall *call) {
  String *s = vm_to_string(iso, call->argv[0]);
  char *text = s != NULL ? vm_string_to_utf8(iso, s, NULL) : NULL;
  vm_throw_error(iso, type, "%s", text != NULL ? text : "");
  free(text);
  return VALUE_EXCEPTION;
}
DEFINE(throw_range_error) {
  return throw_text(iso, ERROR_RANGE, call);
}
DEFINE(throw_type_error) {
  return throw_text(iso, ERROR_TYPE, call);
}
DEFINE(to_integer_or_infinity) {
  double d;
  if (!vm_to_integer_or_infinity(iso, call->argv[0], &d))
    return VALUE_EXCEPTION;
  return value_from_number(d);
}
DEFINE(to_number) {
  return vm_to_number(iso, call->argv[0]);
}
DEFINE(to_object) {
  Object *o = vm_to_object(iso, call->argv[0]);
  return o != NULL ? value_from_cell(o) : VALUE_EXCEPTION;
}
DEFINE(async_from_sync_iterator) {
  return vm_async_from_sync_iterator_from_method(iso, call->argv[0],
                                                 call->argv[1]);
}

// One function a realm and name; the realm's table is made on first use.
DEFINE(self_hosted) {
  Realm *realm = iso->realm;
  if (!value_is_object(realm->template_objects))
    gc_store_word(iso->heap, &realm->template_objects,
                  value_from_cell(vm_object_new_with(iso, NULL)));
  Object *table = value_as_object(realm->template_objects);
  PropertyKey key;
  if (!vm_to_property_key(iso, call->argv[0], &key)) return VALUE_EXCEPTION;
  Value known = vm_get(iso, table, key);
  if (!value_is_undefined(known)) return known;
  String *name = value_as_string(call->argv[0]);
  char *text = vm_to_utf8(iso, value_from_cell(name), NULL);
  Function *f =
      text != NULL ? vm_self_hosted_function(iso, text, name, 0) : NULL;
  free(text);
  if (f == NULL) return VALUE_EXCEPTION;
  vm_put(iso, table, key, value_from_cell(f), PROPERTY_DEFAULT);
  return value_from_cell(f);
}

const NativeCode vm_intrinsic_table[] = {
#define INTRINSIC_ROW(name, function) function,
#include "vm/interpreter/intrinsics.def"
#undef INTRINSIC_ROW
};
