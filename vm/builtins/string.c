// SPDX-License-Identifier: MIT
// The String constructor and the methods of %String.prototype% that take apart
// or put together, ECMA-262 22.1. Indices fit in uint32_t: no string is longer
// than STRING_MAX_LENGTH.
#include <stdlib.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/string_builtins.h"
#include "vm/objects/charge.h"
#include "vm/objects/string_internal.h"
#include "vm/objects/utf.h"

String *vm_string_this_slowly(Isolate *iso, const NativeCall *call,
                              const char *method) {
  Value v = call->this_value;
  if (value_is_nullish(v)) {
    vm_throw_type(iso, "String.prototype.%s called on null or undefined",
                  method);
    return NULL;
  }
  return vm_to_string(iso, v);
}

// ECMA-262 22.1.1.1
static Value string_constructor(Isolate *iso, const NativeCall *call) {
  String *s = ATOM(empty);
  if (call->argc > 0) {
    Value v = call->argv[0];
    if (value_is_undefined(call->new_target) && value_is_symbol(v))
      return string_or_exception(
          vm_symbol_descriptive_string(iso, value_as_symbol(v)));
    s = vm_to_string(iso, v);
    if (!s) return VALUE_EXCEPTION;
  }
  if (value_is_undefined(call->new_target)) return value_from_cell(s);
  PrimitiveObject *o = vm_object_from_constructor(
      iso, call->new_target, INTRINSIC_StringPrototype, CELL_STRING_OBJECT,
      sizeof *o);
  if (!o) return VALUE_EXCEPTION;
  o->value = value_from_cell(s);
  return value_from_cell(o);
}

// ECMA-262 22.1.2.1
static Value from_char_code(Isolate *iso, const NativeCall *call) {
  int32_t unit;
  if (call->argc == 1) {
    if (!vm_to_int32(iso, call->argv[0], &unit)) return VALUE_EXCEPTION;
    return string_or_exception(vm_string_from_unit(iso, (uint16_t)unit));
  }
  StringBuilder b;
  vm_builder_init(&b, iso);
  for (uint32_t i = 0; i < call->argc; i++) {
    if (!vm_to_int32(iso, call->argv[i], &unit)) {
      vm_builder_discard(&b);
      return VALUE_EXCEPTION;
    }
    vm_builder_append_unit(&b, (uint16_t)unit);
  }
  return string_or_exception(vm_builder_finish(&b));
}

// ECMA-262 22.1.2.2
static Value from_code_point(Isolate *iso, const NativeCall *call) {
  StringBuilder b;
  vm_builder_init(&b, iso);
  for (uint32_t i = 0; i < call->argc; i++) {
    double d;
    if (!vm_to_double(iso, call->argv[i], &d)) {
      vm_builder_discard(&b);
      return VALUE_EXCEPTION;
    }
    if (!(d >= 0 && d <= 0x10ffff) || d != trunc(d)) {
      vm_builder_discard(&b);
      String *text = vm_to_string(iso, call->argv[i]);
      char *utf8 = text ? vm_string_to_utf8(iso, text, NULL) : NULL;
      if (text)
        vm_throw_range(iso, "Invalid code point %.100s", utf8 ? utf8 : "");
      free(utf8);
      return VALUE_EXCEPTION;
    }
    vm_builder_append_code_point(&b, (uint32_t)d);
  }
  return string_or_exception(vm_builder_finish(&b));
}

// ECMA-262 22.1.2.4
static Value string_raw(Isolate *iso, const NativeCall *call) {
  Object *cooked = vm_to_object(iso, native_argument(call, 0));
  if (!cooked) return VALUE_EXCEPTION;
  Value raw = vm_get(iso, cooked, KEY(raw));
  if (value_is_exception(raw)) return raw;
  Object *literals = vm_to_object(iso, raw);
  double length;
  if (!literals || !vm_length_of_array_like(iso, literals, &length))
    return VALUE_EXCEPTION;
  StringBuilder b;
  vm_builder_init(&b, iso);
  for (double i = 0; i < length && !b.failed; i++) {
    PropertyKey key;
    if (!vm_to_property_key(iso, value_from_number(i), &key)) goto threw;
    Value literal = vm_get(iso, literals, key);
    if (value_is_exception(literal)) goto threw;
    String *s = vm_to_string(iso, literal);
    if (!s) goto threw;
    vm_builder_append(&b, s);
    if (i + 1 < length && i + 1 < call->argc) {
      s = vm_to_string(iso, call->argv[(uint32_t)i + 1]);
      if (!s) goto threw;
      vm_builder_append(&b, s);
    }
  }
  return string_or_exception(vm_builder_finish(&b));
threw:
  vm_builder_discard(&b);
  return VALUE_EXCEPTION;
}

// The unit at the position that the first argument gives. 1, 0 if it is out of
// range, or TRI_THREW. at() counts from the end below zero.
static Tri unit_at(Isolate *iso, const NativeCall *call, const char *method,
                   bool is_relative, String **string, uint32_t *index) {
  String *s = string_this(iso, call, method);
  if (!s) return TRI_THREW;
  double d;
  if (!vm_to_integer_or_infinity(iso, native_argument(call, 0), &d))
    return TRI_THREW;
  if (is_relative && d < 0) d += string_length(s);
  if (d < 0 || d >= string_length(s)) return 0;
  if (string_is_rope(s) && !vm_string_flatten(iso, s)) return TRI_THREW;
  *string = s;
  *index = (uint32_t)d;
  return 1;
}

static Value single_unit(Isolate *iso, const String *s, uint32_t index) {
  uint16_t unit = string_view_at(string_view_of(s), index);
  return string_or_exception(vm_string_from_unit(iso, unit));
}

// The usual call: a flat string, an int32 in range. -1: anything else.
static inline int32_t quick_unit(const NativeCall *call) {
  if (unlikely(call->argc == 0 || !value_is_string(call->this_value) ||
               !value_is_int(call->argv[0])))
    return -1;
  const String *s = value_as_string(call->this_value);
  uint32_t index = (uint32_t)value_as_int(call->argv[0]);
  if (unlikely(index >= string_length(s) || string_is_rope(s))) return -1;
  return string_view_at(string_view_of(s), index);
}

// ECMA-262 22.1.3.1
static Value string_at(Isolate *iso, const NativeCall *call) {
  String *s;
  uint32_t index;
  Tri found = unit_at(iso, call, "at", true, &s, &index);
  if (found != 1) return found ? VALUE_EXCEPTION : VALUE_UNDEFINED;
  return single_unit(iso, s, index);
}

// ECMA-262 22.1.3.2
static Value char_at(Isolate *iso, const NativeCall *call) {
  int32_t quick = quick_unit(call);
  if (likely(quick >= 0 && quick < 256))
    return value_from_cell(vm_unit_atom(quick));
  String *s;
  uint32_t index;
  Tri found = unit_at(iso, call, "charAt", false, &s, &index);
  if (found != 1) return found ? VALUE_EXCEPTION : ATOM_VALUE(empty);
  return single_unit(iso, s, index);
}

// ECMA-262 22.1.3.3
static Value char_code_at(Isolate *iso, const NativeCall *call) {
  int32_t quick = quick_unit(call);
  if (likely(quick >= 0)) return value_from_int(quick);
  String *s;
  uint32_t index;
  Tri found = unit_at(iso, call, "charCodeAt", false, &s, &index);
  if (found != 1) return found ? VALUE_EXCEPTION : value_from_double(NAN);
  return value_from_int(string_view_at(string_view_of(s), index));
}

// ECMA-262 22.1.3.4
static Value code_point_at(Isolate *iso, const NativeCall *call) {
  int32_t quick = quick_unit(call);
  if (likely(quick >= 0 && !utf16_is_lead((uint32_t)quick)))
    return value_from_int(quick);
  String *s;
  uint32_t index;
  Tri found = unit_at(iso, call, "codePointAt", false, &s, &index);
  if (found != 1) return found ? VALUE_EXCEPTION : VALUE_UNDEFINED;
  StringView v = string_view_of(s);
  uint32_t unit = string_view_at(v, index);
  if (utf16_is_lead(unit) && index + 1 < v.length &&
      utf16_is_trail(string_view_at(v, index + 1)))
    unit = utf16_combine(unit, string_view_at(v, index + 1));
  return value_from_int((int32_t)unit);
}

// ECMA-262 22.1.3.5
static Value string_concat(Isolate *iso, const NativeCall *call) {
  String *s = string_this(iso, call, "concat");
  for (uint32_t i = 0; s && i < call->argc; i++) {
    String *next = vm_to_string(iso, call->argv[i]);
    s = next ? vm_string_concat(iso, s, next) : NULL;
  }
  return string_or_exception(s);
}

// ECMA-262 22.1.3.22
static Value string_slice(Isolate *iso, const NativeCall *call) {
  String *s = string_this(iso, call, "slice");
  if (!s) return VALUE_EXCEPTION;
  double length = string_length(s), start, end;
  if (!vm_to_relative_index(iso, native_argument(call, 0), length, 0, &start) ||
      !vm_to_relative_index(iso, native_argument(call, 1), length, length,
                            &end))
    return VALUE_EXCEPTION;
  if (start >= end) return ATOM_VALUE(empty);
  return string_or_exception(
      vm_string_substring(iso, s, (uint32_t)start, (uint32_t)end));
}

// ECMA-262 22.1.3.25
static Value string_substring(Isolate *iso, const NativeCall *call) {
  String *s = string_this(iso, call, "substring");
  if (!s) return VALUE_EXCEPTION;
  uint32_t length = string_length(s), start, end;
  if (!string_clamped_index(iso, native_argument(call, 0), length, 0, &start) ||
      !string_clamped_index(iso, native_argument(call, 1), length, length,
                            &end))
    return VALUE_EXCEPTION;
  if (start > end) {
    uint32_t swap = start;
    start = end;
    end = swap;
  }
  return string_or_exception(vm_string_substring(iso, s, start, end));
}

// ECMA-262 B.2.2.1
static Value string_substr(Isolate *iso, const NativeCall *call) {
  String *s = string_this(iso, call, "substr");
  if (!s) return VALUE_EXCEPTION;
  double size = string_length(s), start, length;
  if (!vm_to_relative_index(iso, native_argument(call, 0), size, 0, &start))
    return VALUE_EXCEPTION;
  length = size;
  Value count = native_argument(call, 1);
  if (!value_is_undefined(count) &&
      !vm_to_integer_or_infinity(iso, count, &length))
    return VALUE_EXCEPTION;
  double end = start + length < size ? start + length : size;
  if (start >= end) return ATOM_VALUE(empty);
  return string_or_exception(
      vm_string_substring(iso, s, (uint32_t)start, (uint32_t)end));
}

// ECMA-262 22.1.3.28, 22.1.3.35
static Value this_string_value(Isolate *iso, const NativeCall *call) {
  Value v = call->this_value;
  if (value_is_string(v)) return v;
  if (value_is_kind(v, CELL_STRING_OBJECT))
    return ((PrimitiveObject *)value_as_object(v))->value;
  return vm_throw_type(iso,
                       "String.prototype.%s requires that 'this' be a String",
                       native_magic(call) ? "valueOf" : "toString");
}

// `count` copies of a view after each other; `total` units.
static void fill_copies(void *units, bool is_wide, uint32_t total,
                        StringView v) {
  uint32_t first = v.length < total ? v.length : total;
  v.length = first;
  if (first == 1 && !is_wide) {
    memset(units, string_view_at(v, 0), total);
    return;
  }
  string_copy_units(units, is_wide, 0, v);
  // Doubling: each copy takes all that is there.
  for (uint32_t done = first; done < total;) {
    uint32_t count = done < total - done ? done : total - done;
    memcpy((uint8_t *)units + ((size_t)done << is_wide), units,
           (size_t)count << is_wide);
    done += count;
  }
}

static String *repeated(Isolate *iso, String *s, uint32_t total) {
  StringView v;
  if (!vm_string_view(iso, s, &v)) return NULL;
  String *result = vm_string_allocate(iso, total, v.is_wide);
  if (result) {
    // The view stays valid: cells do not move.
    fill_copies(result->latin1, v.is_wide, total, v);
  }
  return result;
}

// ECMA-262 22.1.3.18
static Value string_repeat(Isolate *iso, const NativeCall *call) {
  String *s = string_this(iso, call, "repeat");
  if (!s) return VALUE_EXCEPTION;
  double count;
  if (!vm_to_integer_or_infinity(iso, native_argument(call, 0), &count))
    return VALUE_EXCEPTION;
  if (count < 0 || isinf(count)) {
    String *text = vm_number_to_string(iso, count);
    if (!text) return VALUE_EXCEPTION;
    return vm_throw_range(iso, "Invalid count value: %.*s",
                          (int)string_length(text),
                          (const char *)string_view_of(text).units);
  }
  double total = count * string_length(s);
  if (total == 0) return ATOM_VALUE(empty);
  if (total > STRING_MAX_LENGTH)
    return vm_throw_range(iso, "Invalid string length");
  if (count == 1) return value_from_cell(s);
  return string_or_exception(repeated(iso, s, (uint32_t)total));
}

// ECMA-262 22.1.3.16, 22.1.3.17; magic 1: at the start
static Value string_pad(Isolate *iso, const NativeCall *call) {
  bool at_start = native_magic(call) != 0;
  String *s = string_this(iso, call, at_start ? "padStart" : "padEnd");
  double wanted;
  if (!s || !vm_to_length(iso, native_argument(call, 0), &wanted))
    return VALUE_EXCEPTION;
  if (wanted <= string_length(s)) return value_from_cell(s);
  Value fill_value = native_argument(call, 1);
  String *fill = value_is_undefined(fill_value) ? vm_unit_atom(' ')
                                                : vm_to_string(iso, fill_value);
  if (!fill) return VALUE_EXCEPTION;
  if (string_length(fill) == 0) return value_from_cell(s);
  if (wanted > STRING_MAX_LENGTH)
    return vm_throw_range(iso, "Invalid string length");
  uint32_t total = (uint32_t)wanted - string_length(s);
  StringView v, filler;
  if (!vm_string_view(iso, s, &v) || !vm_string_view(iso, fill, &filler))
    return VALUE_EXCEPTION;
  bool is_wide = v.is_wide | filler.is_wide;
  String *result = vm_string_allocate(iso, (uint32_t)wanted, is_wide);
  if (!result) return VALUE_EXCEPTION;
  uint32_t fill_at = at_start ? 0 : v.length;
  fill_copies(result->latin1 + ((size_t)fill_at << is_wide), is_wide, total,
              filler);
  string_copy_units(result->latin1, is_wide, at_start ? total : 0, v);
  return value_from_cell(result);
}

// ECMA-262 22.1.3.10
static Value is_well_formed(Isolate *iso, const NativeCall *call) {
  String *s = string_this(iso, call, "isWellFormed");
  StringView v;
  if (!s || !vm_string_view(iso, s, &v)) return VALUE_EXCEPTION;
  if (v.is_wide && !vm_charge(iso, v.length)) return VALUE_EXCEPTION;
  return value_from_bool(!v.is_wide ||
                         vm_utf16_is_well_formed(v.units, v.length));
}

// ECMA-262 22.1.3.31
static Value to_well_formed(Isolate *iso, const NativeCall *call) {
  String *s = string_this(iso, call, "toWellFormed");
  StringView v;
  if (!s || !vm_string_view(iso, s, &v)) return VALUE_EXCEPTION;
  if (v.is_wide && !vm_charge(iso, v.length)) return VALUE_EXCEPTION;
  if (!v.is_wide || vm_utf16_is_well_formed(v.units, v.length))
    return value_from_cell(s);
  uint16_t *units;
  String *result = vm_string_new_utf16(iso, v.length, &units);
  if (!result) return VALUE_EXCEPTION;
  const uint16_t *from = v.units;
  for (size_t i = 0; i < v.length;) {
    size_t start = i;
    uint32_t c = utf16_next(from, v.length, &i);
    if (utf16_is_surrogate(c)) c = UTF_REPLACEMENT;
    utf16_put(c, units + start);
  }
  return value_from_cell(result);
}

static const Builtin string_static[] = {
    BUILTIN("fromCharCode", from_char_code, 1),
    BUILTIN("fromCodePoint", from_code_point, 1),
    BUILTIN("raw", string_raw, 1),
};

static const Builtin string_prototype[] = {
    BUILTIN("at", string_at, 1),
    BUILTIN("charAt", char_at, 1),
    BUILTIN("charCodeAt", char_code_at, 1),
    BUILTIN("codePointAt", code_point_at, 1),
    BUILTIN("concat", string_concat, 1),
    BUILTIN("endsWith", vm_string_ends_with, 1),
    BUILTIN("includes", vm_string_includes, 1),
    BUILTIN("indexOf", vm_string_index_of, 1),
    BUILTIN("isWellFormed", is_well_formed, 0),
    BUILTIN("lastIndexOf", vm_string_last_index_of, 1),
    BUILTIN("localeCompare", vm_string_locale_compare, 1),
    BUILTIN("match", vm_string_match, 1),
    BUILTIN("matchAll", vm_string_match_all, 1),
    BUILTIN("normalize", vm_string_normalize, 0),
    BUILTIN_MAGIC("padEnd", string_pad, 1, 0),
    BUILTIN_MAGIC("padStart", string_pad, 1, 1),
    BUILTIN("repeat", string_repeat, 1),
    BUILTIN_MAGIC("replace", vm_string_replace, 2, 0),
    BUILTIN_MAGIC("replaceAll", vm_string_replace, 2, 1),
    BUILTIN("search", vm_string_search, 1),
    BUILTIN("slice", string_slice, 2),
    BUILTIN("split", vm_string_split, 2),
    BUILTIN("startsWith", vm_string_starts_with, 1),
    BUILTIN("substr", string_substr, 2),
    BUILTIN("substring", string_substring, 2),
    BUILTIN_MAGIC("toLocaleLowerCase", vm_string_to_lower_case, 0, 1),
    BUILTIN_MAGIC("toLocaleUpperCase", vm_string_to_upper_case, 0, 1),
    BUILTIN("toLowerCase", vm_string_to_lower_case, 0),
    BUILTIN_MAGIC("toString", this_string_value, 0, 0),
    BUILTIN("toUpperCase", vm_string_to_upper_case, 0),
    BUILTIN("toWellFormed", to_well_formed, 0),
    BUILTIN_MAGIC("trim", vm_string_trim, 0, TRIM_START | TRIM_END),
    BUILTIN_MAGIC("trimEnd", vm_string_trim, 0, TRIM_END),
    BUILTIN_SAME_AS("trimRight", "trimEnd"),
    BUILTIN_MAGIC("trimStart", vm_string_trim, 0, TRIM_START),
    BUILTIN_SAME_AS("trimLeft", "trimStart"),
    BUILTIN_MAGIC("valueOf", this_string_value, 0, 1),
    BUILTIN("@@iterator", vm_string_iterator_create, 0),
};

void vm_init_string(Isolate *iso, Realm *realm) {
  PrimitiveObject *prototype =
      vm_object_allocate(iso, CELL_STRING_OBJECT, sizeof *prototype,
                         realm->intrinsics[INTRINSIC_ObjectPrototype]);
  prototype->value = ATOM_VALUE(empty);
  vm_realm_set_intrinsic(realm, INTRINSIC_StringPrototype, &prototype->object);
  NativeFunction *constructor = vm_define_constructor(
      iso, "String", string_constructor, 1, &prototype->object, NULL);
  vm_realm_set_intrinsic(realm, INTRINSIC_String, &constructor->object);
  VM_DEFINE_BUILTINS(iso, &constructor->object, string_static);
  VM_DEFINE_BUILTINS(iso, &prototype->object, string_prototype);
  vm_define_string_html(iso, &prototype->object);
  vm_init_string_iterator(iso, realm);
}
