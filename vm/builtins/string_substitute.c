// SPDX-License-Identifier: MIT
// ECMA-262 22.1.3.19.1 GetSubstitution.
#include "vm/builtins/string_substitute.h"
#include "vm/objects/operations.h"
#include "vm/objects/string_search.h"

static bool append_value(Isolate *iso, StringBuilder *out, Value v) {
  if (value_is_undefined(v)) return true;
  String *s = vm_to_string(iso, v);
  if (s) vm_builder_append(out, s);
  return s != NULL;
}

// $<name> at `at` (of the '<'); *next is past it. False: threw. *is_name is
// false if it stands for itself.
static bool append_named(Isolate *iso, StringBuilder *out,
                         String *replacement_template, StringView v,
                         uint32_t at, Value named_captures, bool *is_name,
                         uint32_t *next) {
  *is_name = false;
  if (value_is_undefined(named_captures)) return true;
  uint32_t end = vm_string_find_unit(v, '>', at);
  if (end == STRING_NOT_FOUND) return true;
  *is_name = true;
  *next = end + 1;
  String *name = vm_string_substring(iso, replacement_template, at + 1, end);
  PropertyKey key;
  if (!name || !vm_string_to_key(iso, name, &key)) return false;
  Value capture = vm_get(iso, value_as_object(named_captures), key);
  return !value_is_exception(capture) && append_value(iso, out, capture);
}

bool vm_get_substitution(Isolate *iso, StringBuilder *out, String *string,
                         uint32_t position, uint32_t match_length,
                         const Value *captures, uint32_t capture_count,
                         Value named_captures, String *replacement_template) {
  StringView v;
  if (!vm_string_view(iso, replacement_template, &v)) return false;
  uint32_t length = string_length(string);
  if (position > length) position = length;
  uint32_t tail =
      match_length > length - position ? length : position + match_length;
  uint32_t from = 0; // units up to here have been dealt with
  for (;;) {
    uint32_t dollar = vm_string_find_unit(v, '$', from);
    if (dollar == STRING_NOT_FOUND || dollar + 1 >= v.length) break;
    vm_builder_append_range(out, replacement_template, from, dollar);
    uint16_t c = string_view_at(v, dollar + 1);
    uint32_t next = dollar + 2;
    bool known = true;
    switch (c) {
    case '$':
      vm_builder_append_unit(out, '$');
      break;
    case '&':
      vm_builder_append_range(out, string, position, tail);
      break;
    case '`':
      vm_builder_append_range(out, string, 0, position);
      break;
    case '\'':
      vm_builder_append_range(out, string, tail, length);
      break;
    case '<':
      if (!append_named(iso, out, replacement_template, v, dollar + 1,
                        named_captures, &known, &next)) {
        return false;
      }
      break;
    case '0' ... '9': {
      uint32_t index = c - '0';
      if (next < v.length) {
        uint16_t second = string_view_at(v, next);
        uint32_t both = index * 10 + (second - '0');
        if (second >= '0' && second <= '9' && both >= 1 &&
            both <= capture_count) {
          index = both;
          next++;
        }
      }
      known = index >= 1 && index <= capture_count;
      if (known && !append_value(iso, out, captures[index - 1])) return false;
      break;
    }
    default:
      known = false;
      break;
    }
    if (!known) {
      // The sign stands for itself; what follows it is read on its own.
      vm_builder_append_unit(out, '$');
      next = dollar + 1;
    }
    from = next;
  }
  vm_builder_append_range(out, replacement_template, from, v.length);
  return true;
}
