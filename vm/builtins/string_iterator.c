// SPDX-License-Identifier: MIT
// String iterators: the code points of a string, ECMA-262 22.1.5.
#include "vm/builtins/string_builtins.h"
#include "vm/objects/iterator_object.h"
#include "vm/objects/utf.h"

// ECMA-262 22.1.3.36 String.prototype [ %Symbol.iterator% ] ( )
Value vm_string_iterator_create(Isolate *iso, const NativeCall *call) {
  String *s = string_this(iso, call, "[Symbol.iterator]");
  if (!s) return VALUE_EXCEPTION;
  return value_from_cell(vm_iterator_object_new(
      iso, INTRINSIC_OBJECT(iso, StringIteratorPrototype), ITERATOR_STRING,
      ITERATE_VALUES, value_from_cell(s)));
}

Value vm_string_iterator_step(Isolate *iso, IteratorObject *it) {
  if (value_is_undefined(it->target)) return VALUE_EMPTY;
  StringView v;
  if (!vm_string_view(iso, value_as_string(it->target), &v))
    return VALUE_EXCEPTION;
  uint32_t index = (uint32_t)it->index;
  if (index >= v.length) {
    gc_store_word(iso->heap, &it->target, VALUE_UNDEFINED);
    return VALUE_EMPTY;
  }
  uint32_t c = string_view_at(v, index++);
  if (utf16_is_lead(c) && index < v.length &&
      utf16_is_trail(string_view_at(v, index)))
    c = utf16_combine(c, string_view_at(v, index++));
  it->index = index;
  return string_or_exception(vm_string_from_code_point(iso, c));
}

// ECMA-262 22.1.5.2.1
Value vm_string_iterator_next(Isolate *iso, const NativeCall *call) {
  IteratorObject *it = (IteratorObject *)value_as_cell(call->this_value);
  if (!value_is_kind(call->this_value, CELL_ITERATOR) ||
      it->family != ITERATOR_STRING)
    return vm_throw_type_value(iso,
                               "next method called on incompatible receiver %s",
                               call->this_value);
  Value v = vm_string_iterator_step(iso, it);
  if (value_is_exception(v)) return v;
  return v == VALUE_EMPTY ? vm_iterator_result(iso, VALUE_UNDEFINED, true)
                          : vm_iterator_result(iso, v, false);
}

static const Builtin string_iterator_prototype[] = {
    BUILTIN("next", vm_string_iterator_next, 0),
    BUILTIN_TAG("String Iterator"),
};

void vm_init_string_iterator(Isolate *iso, Realm *realm) {
  Object *prototype =
      vm_object_new_with(iso, realm->intrinsics[INTRINSIC_IteratorPrototype]);
  vm_realm_set_intrinsic(realm, INTRINSIC_StringIteratorPrototype, prototype);
  VM_DEFINE_BUILTINS(iso, prototype, string_iterator_prototype);
}
