// SPDX-License-Identifier: MIT
// What the files of String.prototype share, and the functions that its table
// (string.c) takes from the other files.
#ifndef RILL_VM_BUILTINS_STRING_BUILTINS_H
#define RILL_VM_BUILTINS_STRING_BUILTINS_H

#include "vm/objects/isolate.h"
#include "vm/objects/operations.h"

// ToString(RequireObjectCoercible(this value)). NULL: threw.
String *vm_string_this_slowly(Isolate *, const NativeCall *,
                              const char *method) VM_CHECKED;
static inline String *VM_CHECKED string_this(Isolate *iso,
                                             const NativeCall *call,
                                             const char *method) {
  if (likely(value_is_string(call->this_value)))
    return value_as_string(call->this_value);
  return vm_string_this_slowly(iso, call, method);
}
static inline Value string_or_exception(String *s) {
  return likely(s != NULL) ? value_from_cell(s) : VALUE_EXCEPTION;
}
// ToIntegerOrInfinity clamped to [0, limit]; undefined gives `if_undefined`.
// False: threw.
static inline bool VM_CHECKED string_clamped_index(Isolate *iso, Value v,
                                                   uint32_t limit,
                                                   uint32_t if_undefined,
                                                   uint32_t *out) {
  if (value_is_undefined(v)) {
    *out = if_undefined;
    return true;
  }
  double d;
  if (!vm_to_integer_or_infinity(iso, v, &d)) return false;
  *out = d <= 0 ? 0 : d >= limit ? limit : (uint32_t)d;
  return true;
}

// string_search.c
Value vm_string_index_of(Isolate *, const NativeCall *);
Value vm_string_last_index_of(Isolate *, const NativeCall *);
Value vm_string_includes(Isolate *, const NativeCall *);
Value vm_string_starts_with(Isolate *, const NativeCall *);
Value vm_string_ends_with(Isolate *, const NativeCall *);
Value vm_string_match(Isolate *, const NativeCall *);
Value vm_string_match_all(Isolate *, const NativeCall *);
Value vm_string_search(Isolate *, const NativeCall *);
Value vm_string_replace(Isolate *, const NativeCall *); // magic 1: replaceAll
Value vm_string_split(Isolate *, const NativeCall *);
// string_case.c
Value vm_string_to_lower_case(Isolate *, const NativeCall *);
Value vm_string_to_upper_case(Isolate *, const NativeCall *);
Value vm_string_trim(Isolate *, const NativeCall *); // magic: TRIM_*
Value vm_string_normalize(Isolate *, const NativeCall *);
Value vm_string_locale_compare(Isolate *, const NativeCall *);
enum { TRIM_START = 1 << 0, TRIM_END = 1 << 1 };
// string_html.c
void vm_define_string_html(Isolate *, Object *prototype);
// string_iterator.c
Value vm_string_iterator_create(Isolate *, const NativeCall *);
void vm_init_string_iterator(Isolate *, Realm *);

#endif
