// SPDX-License-Identifier: MIT
// The methods of %String.prototype% that look for something: a string, or
// whatever object answers the well-known symbol (regular expressions).
#include "vm/objects/string_search.h"

#include "vm/builtins/regexp.h"
#include "vm/builtins/string_builtins.h"
#include "vm/builtins/string_substitute.h"
#include "vm/objects/charge.h"

static inline bool views(Isolate *iso, String *a, String *b, StringView *view_a,
                         StringView *view_b) {
  return vm_string_view(iso, a, view_a) && vm_string_view(iso, b, view_b);
}

// vm_string_find and vm_string_find_last by pieces, which are charged as they
// are searched. False: threw.
enum { SEARCH_PIECE = 1 << 16 };

static uint32_t search_piece(StringView needle) {
  return needle.length < SEARCH_PIECE / 4 ? SEARCH_PIECE : needle.length * 4;
}

static bool find_long(Isolate *iso, StringView v, StringView needle,
                      uint32_t from, uint32_t *index) {
  uint32_t piece = search_piece(needle);
  *index = STRING_NOT_FOUND;
  if (from > v.length) return true;
  while (
      unlikely((uint64_t)v.length - from > (uint64_t)piece + needle.length)) {
    StringView part = string_view_range(v, 0, from + piece + needle.length);
    *index = vm_string_find(part, needle, from);
    if (*index != STRING_NOT_FOUND)
      return vm_charge(iso, *index - from + needle.length);
    if (!vm_charge(iso, piece)) return false;
    from += piece;
  }
  *index = vm_string_find(v, needle, from);
  uint32_t end = *index == STRING_NOT_FOUND ? v.length : *index + needle.length;
  return vm_charge(iso, end - from);
}

static inline bool find(Isolate *iso, StringView v, StringView needle,
                        uint32_t from, uint32_t *index) {
  if (unlikely(v.length >= CHARGE_FROM))
    return find_long(iso, v, needle, from, index);
  *index = vm_string_find(v, needle, from);
  return true;
}

static bool find_last(Isolate *iso, StringView v, StringView needle,
                      uint32_t from, uint32_t *index) {
  uint32_t piece = search_piece(needle);
  if (from > v.length) from = v.length;
  while (unlikely(from > piece)) {
    uint32_t start = from - piece;
    StringView part = string_view_range(v, start, v.length);
    if (part.length - piece > needle.length)
      part.length = piece + needle.length;
    *index = vm_string_find_last(part, needle, piece);
    if (*index != STRING_NOT_FOUND) {
      *index += start;
      return vm_charge(iso, from - *index + needle.length);
    }
    if (!vm_charge(iso, piece)) return false;
    from = start - 1;
  }
  *index = vm_string_find_last(v, needle, from);
  uint32_t searched =
      *index == STRING_NOT_FOUND ? from : from - *index + needle.length;
  return vm_charge(iso, searched);
}

static Value found_index(uint32_t index) {
  return value_from_int(index == STRING_NOT_FOUND ? -1 : (int32_t)index);
}

// ECMA-262 22.1.3.9
Value vm_string_index_of(Isolate *iso, const NativeCall *call) {
  String *s = string_this(iso, call, "indexOf");
  String *search = s ? vm_to_string(iso, native_argument(call, 0)) : NULL;
  uint32_t from;
  StringView v, needle;
  if (!search ||
      !string_clamped_index(iso, native_argument(call, 1), string_length(s), 0,
                            &from) ||
      !views(iso, s, search, &v, &needle))
    return VALUE_EXCEPTION;
  uint32_t index;
  return find(iso, v, needle, from, &index) ? found_index(index)
                                            : VALUE_EXCEPTION;
}

// ECMA-262 22.1.3.11
Value vm_string_last_index_of(Isolate *iso, const NativeCall *call) {
  String *s = string_this(iso, call, "lastIndexOf");
  String *search = s ? vm_to_string(iso, native_argument(call, 0)) : NULL;
  if (!search) return VALUE_EXCEPTION;
  double position;
  if (!vm_to_double(iso, native_argument(call, 1), &position))
    return VALUE_EXCEPTION;
  uint32_t from = string_length(s);
  if (position <= 0)
    from = 0;
  else if (position < from)
    from = (uint32_t)position;
  StringView v, needle;
  if (!views(iso, s, search, &v, &needle)) return VALUE_EXCEPTION;
  uint32_t index;
  return find_last(iso, v, needle, from, &index) ? found_index(index)
                                                 : VALUE_EXCEPTION;
}

// The string to search for, which must not be a regular expression. NULL:
// threw.
static String *plain_search_string(Isolate *iso, const NativeCall *call,
                                   const char *method) {
  Value v = native_argument(call, 0);
  if (likely(value_is_string(v))) return value_as_string(v);
  Tri is_regexp = vm_is_regexp(iso, v);
  if (is_regexp == TRI_THREW) return NULL;
  if (is_regexp) {
    vm_throw_type(iso,
                  "First argument to String.prototype.%s must not be a "
                  "regular expression",
                  method);
    return NULL;
  }
  return vm_to_string(iso, v);
}

// ECMA-262 22.1.3.8
Value vm_string_includes(Isolate *iso, const NativeCall *call) {
  String *s = string_this(iso, call, "includes");
  String *search = s ? plain_search_string(iso, call, "includes") : NULL;
  uint32_t from;
  StringView v, needle;
  if (!search ||
      !string_clamped_index(iso, native_argument(call, 1), string_length(s), 0,
                            &from) ||
      !views(iso, s, search, &v, &needle))
    return VALUE_EXCEPTION;
  uint32_t index;
  return find(iso, v, needle, from, &index)
             ? value_from_bool(index != STRING_NOT_FOUND)
             : VALUE_EXCEPTION;
}

// ECMA-262 22.1.3.24
Value vm_string_starts_with(Isolate *iso, const NativeCall *call) {
  String *s = string_this(iso, call, "startsWith");
  String *search = s ? plain_search_string(iso, call, "startsWith") : NULL;
  uint32_t from;
  StringView v, needle;
  if (!search ||
      !string_clamped_index(iso, native_argument(call, 1), string_length(s), 0,
                            &from) ||
      !views(iso, s, search, &v, &needle))
    return VALUE_EXCEPTION;
  if (!vm_charge(iso, needle.length)) return VALUE_EXCEPTION;
  return value_from_bool(vm_string_stands_at(v, needle, from));
}

// ECMA-262 22.1.3.7
Value vm_string_ends_with(Isolate *iso, const NativeCall *call) {
  String *s = string_this(iso, call, "endsWith");
  String *search = s ? plain_search_string(iso, call, "endsWith") : NULL;
  uint32_t end;
  StringView v, needle;
  if (!search ||
      !string_clamped_index(iso, native_argument(call, 1), string_length(s),
                            string_length(s), &end) ||
      !views(iso, s, search, &v, &needle))
    return VALUE_EXCEPTION;
  if (!vm_charge(iso, needle.length)) return VALUE_EXCEPTION;
  return value_from_bool(needle.length <= end &&
                         vm_string_stands_at(v, needle, end - needle.length));
}

static bool is_coercible(Isolate *iso, const NativeCall *call,
                         const char *method) {
  if (!value_is_nullish(call->this_value)) return true;
  vm_throw_type(iso, "String.prototype.%s called on null or undefined", method);
  return false;
}

// Hands over to the method of `pattern` for `symbol`, if it is an object that
// has one. 1: *result is set (it may be VALUE_EXCEPTION); 0: there is none.
static bool delegate(Isolate *iso, Value pattern, PropertyKey symbol,
                     RegExpSymbolMethod method, Value this_value, Value second,
                     bool has_second, Value *result) {
  if (!value_is_object(pattern)) return false;
  Value arguments[] = {this_value, second};
  uint32_t argc = has_second ? 2 : 1;
  if (value_is_kind(pattern, CELL_REGEXP) &&
      vm_regexp_call_original(iso, pattern, method, argc, arguments, result))
    return true;
  *result = vm_get_method(iso, pattern, symbol);
  if (value_is_exception(*result)) return true;
  if (value_is_undefined(*result)) return false;
  *result = vm_call(iso, *result, pattern, argc, arguments);
  return true;
}

// Makes a RegExp of the pattern and calls its method for `symbol`.
static Value by_new_regexp(Isolate *iso, const NativeCall *call,
                           const char *method, Value flags,
                           PropertyKey symbol) {
  String *s = string_this(iso, call, method);
  if (!s) return VALUE_EXCEPTION;
  Value constructor = value_from_cell(INTRINSIC_OBJECT(iso, RegExp));
  Value arguments[] = {native_argument(call, 0), flags};
  // RegExpCreate takes undefined as the empty pattern.
  Value regexp =
      vm_construct(iso, constructor, value_is_undefined(flags) ? 1 : 2,
                   arguments, constructor);
  if (value_is_exception(regexp)) return regexp;
  Value string = value_from_cell(s);
  return vm_invoke(iso, regexp, symbol, 1, &string);
}

// ECMA-262 22.1.3.13
Value vm_string_match(Isolate *iso, const NativeCall *call) {
  Value result;
  if (!is_coercible(iso, call, "match")) return VALUE_EXCEPTION;
  if (delegate(iso, native_argument(call, 0), SYMBOL_KEY(match),
               REGEXP_MATCH_METHOD, call->this_value, VALUE_UNDEFINED, false,
               &result))
    return result;
  return by_new_regexp(iso, call, "match", VALUE_UNDEFINED, SYMBOL_KEY(match));
}

// ECMA-262 22.1.3.21
Value vm_string_search(Isolate *iso, const NativeCall *call) {
  Value result;
  if (!is_coercible(iso, call, "search")) return VALUE_EXCEPTION;
  if (delegate(iso, native_argument(call, 0), SYMBOL_KEY(search),
               REGEXP_SEARCH_METHOD, call->this_value, VALUE_UNDEFINED, false,
               &result))
    return result;
  return by_new_regexp(iso, call, "search", VALUE_UNDEFINED,
                       SYMBOL_KEY(search));
}

// A regular expression given to matchAll or replaceAll must be global.
static bool check_global(Isolate *iso, Value pattern, const char *method) {
  if (!value_is_object(pattern)) return true;
  Tri is_regexp = vm_is_regexp(iso, pattern);
  if (is_regexp != 1) return is_regexp == 0;
  Value flags = vm_get(iso, value_as_object(pattern), KEY(flags));
  if (value_is_exception(flags)) return false;
  if (value_is_nullish(flags)) {
    vm_throw_type(iso,
                  "The flags of a regular expression must not be null or "
                  "undefined");
    return false;
  }
  String *text = vm_to_string(iso, flags);
  StringView v;
  if (!text || !vm_string_view(iso, text, &v)) return false;
  if (vm_string_find_unit(v, 'g', 0) != STRING_NOT_FOUND) return true;
  vm_throw_type(iso,
                "String.prototype.%s called with a non-global RegExp argument",
                method);
  return false;
}

// ECMA-262 22.1.3.14
Value vm_string_match_all(Isolate *iso, const NativeCall *call) {
  Value pattern = native_argument(call, 0), result;
  if (!is_coercible(iso, call, "matchAll") ||
      !check_global(iso, pattern, "matchAll"))
    return VALUE_EXCEPTION;
  if (delegate(iso, pattern, SYMBOL_KEY(matchAll), REGEXP_MATCH_ALL_METHOD,
               call->this_value, VALUE_UNDEFINED, false, &result))
    return result;
  return by_new_regexp(iso, call, "matchAll",
                       value_from_cell(vm_unit_atom('g')),
                       SYMBOL_KEY(matchAll));
}

// Appends what replaces the match at `position`.
static bool append_replacement(Isolate *iso, StringBuilder *b, String *s,
                               String *search, uint32_t position,
                               Value function, String *replacement,
                               bool has_patterns) {
  if (!value_is_undefined(function)) {
    Value arguments[] = {value_from_cell(search),
                         value_from_int((int32_t)position), value_from_cell(s)};
    Value result = vm_call(iso, function, VALUE_UNDEFINED, 3, arguments);
    if (value_is_exception(result)) return false;
    String *text = vm_to_string(iso, result);
    if (!text) return false;
    vm_builder_append(b, text);
    return true;
  }
  if (!has_patterns) {
    vm_builder_append(b, replacement);
    return true;
  }
  return vm_get_substitution(iso, b, s, position, string_length(search), NULL,
                             0, VALUE_UNDEFINED, replacement);
}

// Replaces what stands at `position` and behind it, in Latin-1 text by Latin-1
// text that is taken as it is.
static void replace_all_narrow(StringBuilder *b, StringView text,
                               StringView needle, StringView with,
                               uint32_t position) {
  const uint8_t *units = text.units;
  uint32_t end_of_last = 0;
  while (position != STRING_NOT_FOUND) {
    uint32_t gap = position - end_of_last;
    uint8_t *to = vm_builder_reserve_latin1(b, (size_t)gap + with.length);
    if (to == NULL) return;
    memcpy(to, units + end_of_last, gap);
    memcpy(to + gap, with.units, with.length);
    b->length += (size_t)gap + with.length;
    end_of_last = position + needle.length;
    position = vm_string_find(text, needle, end_of_last);
  }
  vm_builder_append_view(b, string_view_range(text, end_of_last, text.length));
}

// ECMA-262 22.1.3.19 replace, 22.1.3.20 replaceAll
Value vm_string_replace(Isolate *iso, const NativeCall *call) {
  bool all = native_magic(call) != 0;
  const char *method = all ? "replaceAll" : "replace";
  Value pattern = native_argument(call, 0), result;
  Value replace_value = native_argument(call, 1);
  if (!is_coercible(iso, call, method)) return VALUE_EXCEPTION;
  if (all && !check_global(iso, pattern, method)) return VALUE_EXCEPTION;
  if (delegate(iso, pattern, SYMBOL_KEY(replace), REGEXP_REPLACE_METHOD,
               call->this_value, replace_value, true, &result))
    return result;
  String *s = string_this(iso, call, method);
  String *search = s ? vm_to_string(iso, pattern) : NULL;
  if (!search) return VALUE_EXCEPTION;
  Value function = VALUE_UNDEFINED;
  String *replacement = NULL;
  bool has_patterns = false;
  StringView v, needle, with = {NULL, 0, true};
  if (value_is_callable(replace_value)) {
    function = replace_value;
  } else {
    replacement = vm_to_string(iso, replace_value);
    if (!replacement || !vm_string_read(iso, replacement, &with))
      return VALUE_EXCEPTION;
    has_patterns = vm_string_find_unit(with, '$', 0) != STRING_NOT_FOUND;
  }
  uint32_t position;
  if (!views(iso, s, search, &v, &needle) ||
      !find(iso, v, needle, 0, &position))
    return VALUE_EXCEPTION;
  if (position == STRING_NOT_FOUND) return value_from_cell(s);
  uint32_t advance = needle.length > 0 ? needle.length : 1;
  uint32_t end_of_last = 0;
  StringBuilder b;
  vm_builder_init(&b, iso);
  if (all && replacement != NULL && !has_patterns && needle.length > 0 &&
      !v.is_wide && !with.is_wide) {
    replace_all_narrow(&b, v, needle, with, position);
    return string_or_exception(vm_builder_finish(&b));
  }
  while (position != STRING_NOT_FOUND) {
    vm_builder_append_view(&b, string_view_range(v, end_of_last, position));
    if (!append_replacement(iso, &b, s, search, position, function, replacement,
                            has_patterns)) {
      vm_builder_discard(&b);
      return VALUE_EXCEPTION;
    }
    end_of_last = position + needle.length;
    if (!all || b.failed) break;
    if (!vm_step(iso) || !find(iso, v, needle, position + advance, &position)) {
      vm_builder_discard(&b);
      return VALUE_EXCEPTION;
    }
  }
  vm_builder_append_view(&b, string_view_range(v, end_of_last, v.length));
  return string_or_exception(vm_builder_finish(&b));
}

static bool push_part(Isolate *iso, Array *parts, String *s, uint32_t start,
                      uint32_t end) {
  String *part = vm_string_substring(iso, s, start, end);
  return part && vm_array_push(iso, parts, value_from_cell(part)) &&
         vm_step(iso);
}

// The first `count` units, each a string.
static Value split_in_units(Isolate *iso, Array *parts, String *s, StringView v,
                            uint32_t count) {
  if (v.is_wide) {
    for (uint32_t i = 0; i < count; i++)
      if (!push_part(iso, parts, s, i, i + 1)) return VALUE_EXCEPTION;
    return value_from_cell(parts);
  }
  enum { PIECE = 256 };
  Value piece[PIECE];
  const uint8_t *units = v.units;
  for (uint32_t i = 0; i < count; i += PIECE) {
    uint32_t n = count - i < PIECE ? count - i : PIECE;
    for (uint32_t k = 0; k < n; k++)
      piece[k] = value_from_cell(vm_unit_atom(units[i + k]));
    if (!vm_array_append(iso, parts, piece, n)) return VALUE_EXCEPTION;
  }
  return value_from_cell(parts);
}

// ECMA-262 22.1.3.23
Value vm_string_split(Isolate *iso, const NativeCall *call) {
  Value separator = native_argument(call, 0), limit = native_argument(call, 1);
  Value result;
  if (!is_coercible(iso, call, "split")) return VALUE_EXCEPTION;
  if (delegate(iso, separator, SYMBOL_KEY(split), REGEXP_SPLIT_METHOD,
               call->this_value, limit, true, &result))
    return result;
  String *s = string_this(iso, call, "split");
  if (!s) return VALUE_EXCEPTION;
  uint32_t most = UINT32_MAX;
  if (!value_is_undefined(limit) && !vm_to_uint32(iso, limit, &most))
    return VALUE_EXCEPTION;
  String *search = vm_to_string(iso, separator);
  if (!search) return VALUE_EXCEPTION;
  StringView v, needle;
  if (!views(iso, s, search, &v, &needle)) return VALUE_EXCEPTION;
  uint32_t hint = 0;
  if (most > 0 && !value_is_undefined(separator) && needle.length == 0)
    hint = v.length < most ? v.length : most;
  Array *parts = vm_array_new(iso, hint);
  if (most == 0) return value_from_cell(parts);
  if (value_is_undefined(separator)) {
    if (!vm_array_push(iso, parts, value_from_cell(s))) return VALUE_EXCEPTION;
    return value_from_cell(parts);
  }
  if (needle.length == 0) return split_in_units(iso, parts, s, v, hint);
  uint32_t start = 0, count = 0;
  for (;;) {
    uint32_t at;
    if (!find(iso, v, needle, start, &at)) return VALUE_EXCEPTION;
    if (at == STRING_NOT_FOUND) break;
    if (!push_part(iso, parts, s, start, at)) return VALUE_EXCEPTION;
    if (++count == most) return value_from_cell(parts);
    start = at + needle.length;
  }
  if (!push_part(iso, parts, s, start, v.length)) return VALUE_EXCEPTION;
  return value_from_cell(parts);
}
