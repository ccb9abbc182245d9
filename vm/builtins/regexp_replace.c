// SPDX-License-Identifier: MIT
// RegExp.prototype [ %Symbol.replace% ]: ECMA-262 22.2.6.11.
//
// The fast way first collects the bounds of all matches and then makes the
// replacements, as the specification has it: a replacer sees the object after
// the last search.
#include <stdlib.h>

#include "vm/builtins/regexp_builtins.h"
#include "vm/builtins/string_substitute.h"
#include "vm/objects/string_search.h"

// ------------------------------------------------- pristine expressions

typedef struct MatchList {
  int32_t *bounds; // 2 * groups for each match
  size_t count, capacity;
} MatchList;

static bool add_match(Isolate *iso, MatchList *list, const RegExpMatch *match) {
  size_t width = 2 * (size_t)match->groups;
  if (list->count == list->capacity) {
    size_t capacity = list->capacity ? 2 * list->capacity : 16;
    int32_t *grown =
        realloc(list->bounds, capacity * width * sizeof *list->bounds);
    if (!grown) {
      vm_throw_out_of_memory(iso);
      return false;
    }
    list->bounds = grown;
    list->capacity = capacity;
  }
  memcpy(list->bounds + list->count * width, match->captures,
         width * sizeof *list->bounds);
  list->count++;
  return true;
}

// How matches are replaced.
typedef struct Replacer {
  Value function;       // undefined: by the template
  String *text;         // the template
  bool has_patterns;    // the template has a '$'
  RegExpObject *regexp; // of the pristine way
} Replacer;

// Calls the function for one match and appends what it returns.
static bool append_call(Isolate *iso, StringBuilder *b, Value function,
                        uint32_t argc, const Value *argv) {
  Value v = vm_call(iso, function, VALUE_UNDEFINED, argc, argv);
  if (value_is_exception(v)) return false;
  String *text = vm_to_string(iso, v);
  if (text) vm_builder_append(b, text);
  return text != NULL;
}

enum { INLINE_ARGUMENTS = 24 };

// False: threw.
static bool append_value(Isolate *iso, ValueList **list, Value v) {
  if (likely(vm_value_list_append(iso, list, v))) return true;
  vm_throw_out_of_memory(iso);
  return false;
}

static bool append_replacement(Isolate *iso, StringBuilder *b,
                               const Replacer *replacer, String *s,
                               const RegExpMatch *match) {
  if (value_is_undefined(replacer->function) && !replacer->has_patterns) {
    vm_builder_append(b, replacer->text);
    return true;
  }
  // Captures, then position, string and groups: the arguments of a function.
  Value inline_values[INLINE_ARGUMENTS], *values = inline_values;
  ValueList *list = NULL;
  if (match->groups + 3 > INLINE_ARGUMENTS) {
    // Where the collector sees them.
    for (uint32_t i = 0; i < match->groups + 3; i++) {
      if (!append_value(iso, &list, VALUE_UNDEFINED)) return false;
    }
    values = list->items;
  }
  uint32_t count = 0;
  for (; count < match->groups; count++) {
    values[count] = vm_regexp_capture(iso, s, match->captures + 2 * count);
    if (value_is_exception(values[count])) return false;
  }
  Value groups = vm_regexp_groups(iso, replacer->regexp, s, match);
  if (value_is_exception(groups)) return false;
  uint32_t start = (uint32_t)match->captures[0];
  uint32_t end = (uint32_t)match->captures[1];
  if (value_is_undefined(replacer->function)) {
    return vm_get_substitution(iso, b, s, start, end - start, values + 1,
                               count - 1, groups, replacer->text);
  }
  values[count++] = value_from_uint32(start);
  values[count++] = value_from_cell(s);
  if (!value_is_undefined(groups)) values[count++] = groups;
  return append_call(iso, b, replacer->function, count, values);
}

// False: threw.
static bool collect(Isolate *iso, RegExpObject *r, String *s, StringView v,
                    RegExpMatch *match, MatchList *list) {
  if (!(regexp_object_flags(r) & REGEXP_GLOBAL)) {
    double last_index;
    if (!vm_regexp_last_index(iso, r, &last_index)) return false;
    Tri matched = vm_regexp_step(iso, r, s, last_index, match);
    return matched != TRI_THREW && (!matched || add_match(iso, list, match));
  }
  bool unicode = regexp_is_unicode(r);
  gc_store_word(iso->heap, &r->last_index, value_from_int(0));
  for (uint32_t at = 0; at <= v.length;) {
    Tri matched = vm_regexp_search(iso, r->program, v, at, match);
    if (matched == TRI_THREW) return false;
    if (!matched) break;
    regexp_remember(iso, r, s, match->captures[0]);
    if (!add_match(iso, list, match)) return false;
    uint32_t end = (uint32_t)match->captures[1];
    at = match->captures[0] == match->captures[1]
             ? vm_regexp_advance(v, end, unicode)
             : end;
  }
  return true;
}

// A template without patterns: text goes out as the matches come in.
static Value replace_plain(Isolate *iso, RegExpObject *r, String *s,
                           StringView v, String *text, RegExpMatch *match) {
  bool unicode = regexp_is_unicode(r);
  StringBuilder b;
  uint32_t next = 0;
  bool any = false;
  gc_store_word(iso->heap, &r->last_index, value_from_int(0));
  for (uint32_t at = 0; at <= v.length;) {
    Tri matched = vm_regexp_search(iso, r->program, v, at, match);
    if (matched == TRI_THREW) {
      if (any) vm_builder_discard(&b);
      return VALUE_EXCEPTION;
    }
    if (!matched) break;
    if (!any) vm_builder_init(&b, iso);
    any = true;
    regexp_remember(iso, r, s, match->captures[0]);
    uint32_t start = (uint32_t)match->captures[0];
    uint32_t end = (uint32_t)match->captures[1];
    vm_builder_append_range(&b, s, next, start);
    vm_builder_append(&b, text);
    next = end;
    at = start == end ? vm_regexp_advance(v, end, unicode) : end;
  }
  if (!any) return value_from_cell(s);
  vm_builder_append_range(&b, s, next, v.length);
  String *result = vm_builder_finish(&b);
  return result ? value_from_cell(result) : VALUE_EXCEPTION;
}

static Value replace_pristine(Isolate *iso, RegExpObject *r, String *s,
                              const Replacer *replacer) {
  StringView v;
  RegExpMatch match;
  if (!vm_string_view(iso, s, &v)) return VALUE_EXCEPTION;
  if (!vm_regexp_match_init(iso, &match, r->program)) return VALUE_EXCEPTION;
  if (value_is_undefined(replacer->function) && !replacer->has_patterns &&
      (regexp_object_flags(r) & REGEXP_GLOBAL)) {
    Value result = replace_plain(iso, r, s, v, replacer->text, &match);
    vm_regexp_match_free(&match);
    return result;
  }
  MatchList list = {0};
  StringBuilder b;
  vm_builder_init(&b, iso);
  Value result = VALUE_EXCEPTION;
  // A replacer may recompile the object; its groups are those of now.
  Foreign *owner = r->owner;
  if (!collect(iso, r, s, v, &match, &list)) goto done;
  if (!list.count) {
    result = value_from_cell(s);
    goto done;
  }
  uint32_t next = 0;
  for (size_t i = 0; i < list.count; i++) {
    RegExpMatch one = {.captures = list.bounds + i * 2 * (size_t)match.groups,
                       .groups = match.groups};
    vm_builder_append_range(&b, s, next, (uint32_t)one.captures[0]);
    Replacer now = *replacer;
    if (r->owner != owner) {
      // Names are read from a stand-in that still has the old program.
      now.regexp = vm_regexp_allocate(iso, NULL, r->source, owner);
    }
    if (!append_replacement(iso, &b, &now, s, &one)) goto done;
    next = (uint32_t)one.captures[1];
  }
  vm_builder_append_range(&b, s, next, v.length);
  String *text = vm_builder_finish(&b);
  result = text ? value_from_cell(text) : VALUE_EXCEPTION;
  free(list.bounds);
  vm_regexp_match_free(&match);
  return result;
done:
  vm_builder_discard(&b);
  free(list.bounds);
  vm_regexp_match_free(&match);
  return result;
}

// --------------------------------------------------------- the general way

// What one result object says: 22.2.6.11 steps 14.a to 14.i. Threw: false.
typedef struct ResultParts {
  String *matched;
  uint32_t position;
  ValueList *captures; // matched, then the groups
  Value groups;
} ResultParts;

static bool read_result(Isolate *iso, Object *result, String *s,
                        ResultParts *out) {
  double count, position;
  if (!vm_length_of_array_like(iso, result, &count)) return false;
  Value v = vm_get(iso, result, key_from_index(0));
  if (value_is_exception(v)) return false;
  out->matched = vm_to_string(iso, v);
  if (!out->matched) return false;
  v = vm_get(iso, result, KEY(index));
  if (value_is_exception(v) || !vm_to_integer_or_infinity(iso, v, &position)) {
    return false;
  }
  uint32_t length = string_length(s);
  out->position = position < 0        ? 0
                  : position > length ? length
                                      : (uint32_t)position;
  out->captures = NULL;
  if (!append_value(iso, &out->captures, value_from_cell(out->matched)))
    return false;
  for (double i = 1; i < count; i++) {
    PropertyKey key;
    if (!vm_to_property_key(iso, value_from_number(i), &key)) return false;
    v = vm_get(iso, result, key);
    if (value_is_exception(v)) return false;
    if (!value_is_undefined(v)) {
      String *text = vm_to_string(iso, v);
      if (!text) return false;
      v = value_from_cell(text);
    }
    if (!append_value(iso, &out->captures, v)) return false;
  }
  out->groups = vm_get(iso, result, KEY(groups));
  return !value_is_exception(out->groups);
}

// GetSubstitution with a matched text that need not be what the string has
// there: the template's own string is patched together from parts.
static bool append_substitution(Isolate *iso, StringBuilder *b, String *s,
                                const ResultParts *parts, String *text) {
  Value groups = parts->groups;
  if (!value_is_undefined(groups)) {
    Object *o = vm_to_object(iso, groups);
    if (!o) return false;
    groups = value_from_cell(o);
  }
  uint32_t matched_length = string_length(parts->matched);
  uint32_t length = string_length(s);
  String *subject = s;
  uint32_t tail = matched_length > length - parts->position
                      ? length
                      : parts->position + matched_length;
  String *there = vm_string_substring(iso, s, parts->position, tail);
  if (!there) return false;
  if (!vm_string_equals(iso, there, parts->matched)) {
    String *head = vm_string_substring(iso, s, 0, parts->position);
    String *rest = vm_string_substring(iso, s, tail, length);
    if (!head || !rest) return false;
    subject = vm_string_concat(iso, head, parts->matched);
    if (!subject || !(subject = vm_string_concat(iso, subject, rest))) {
      return false;
    }
  }
  return vm_get_substitution(iso, b, subject, parts->position, matched_length,
                             parts->captures->items + 1,
                             (uint32_t)parts->captures->count - 1, groups,
                             text);
}

static bool append_general(Isolate *iso, StringBuilder *b,
                           const Replacer *replacer, String *s,
                           ResultParts *parts) {
  if (value_is_undefined(replacer->function)) {
    return append_substitution(iso, b, s, parts, replacer->text);
  }
  if (!append_value(iso, &parts->captures,
                    value_from_uint32(parts->position)) ||
      !append_value(iso, &parts->captures, value_from_cell(s)) ||
      (!value_is_undefined(parts->groups) &&
       !append_value(iso, &parts->captures, parts->groups))) {
    return false;
  }
  return append_call(iso, b, replacer->function,
                     (uint32_t)parts->captures->count, parts->captures->items);
}

static Value replace_general(Isolate *iso, Object *o, String *s,
                             const Replacer *replacer) {
  Value flags_value = vm_get(iso, o, KEY(flags));
  if (value_is_exception(flags_value)) return flags_value;
  String *flags = vm_to_string(iso, flags_value);
  StringView v;
  if (!flags || !vm_string_view(iso, flags, &v)) return VALUE_EXCEPTION;
  bool global = vm_string_find_unit(v, 'g', 0) != STRING_NOT_FOUND;
  bool unicode = vm_string_find_unit(v, 'u', 0) != STRING_NOT_FOUND ||
                 vm_string_find_unit(v, 'v', 0) != STRING_NOT_FOUND;
  if (global && !vm_regexp_set_last_index(iso, o, value_from_int(0))) {
    return VALUE_EXCEPTION;
  }
  ValueList *results = NULL;
  for (;;) {
    Value result = vm_regexp_exec(iso, o, s);
    if (value_is_exception(result)) return result;
    if (value_is_null(result)) break;
    if (!append_value(iso, &results, result)) return VALUE_EXCEPTION;
    if (!global) break;
    Value first = vm_get(iso, value_as_object(result), key_from_index(0));
    if (value_is_exception(first)) return first;
    String *matched = vm_to_string(iso, first);
    if (!matched) return VALUE_EXCEPTION;
    if (string_length(matched)) continue;
    Value index = vm_get(iso, o, KEY(lastIndex));
    if (value_is_exception(index)) return index;
    index = vm_regexp_advance_value(iso, s, index, unicode);
    if (value_is_exception(index) || !vm_regexp_set_last_index(iso, o, index)) {
      return VALUE_EXCEPTION;
    }
  }
  StringBuilder b;
  vm_builder_init(&b, iso);
  uint32_t next = 0;
  for (uint64_t i = 0; results && i < results->count; i++) {
    ResultParts parts;
    // A replacement for a place that is behind is made but not used.
    StringBuilder part;
    if (!read_result(iso, value_as_object(results->items[i]), s, &parts)) {
      vm_builder_discard(&b);
      return VALUE_EXCEPTION;
    }
    vm_builder_init(&part, iso);
    if (!append_general(iso, &part, replacer, s, &parts)) {
      vm_builder_discard(&part);
      vm_builder_discard(&b);
      return VALUE_EXCEPTION;
    }
    String *replacement = vm_builder_finish(&part);
    if (!replacement) {
      vm_builder_discard(&b);
      return VALUE_EXCEPTION;
    }
    if (parts.position < next) continue;
    vm_builder_append_range(&b, s, next, parts.position);
    vm_builder_append(&b, replacement);
    // Past the end if the match claims to be longer than the string.
    next = parts.position + string_length(parts.matched);
  }
  if (next < string_length(s)) {
    vm_builder_append_range(&b, s, next, string_length(s));
  }
  String *result = vm_builder_finish(&b);
  return result ? value_from_cell(result) : VALUE_EXCEPTION;
}

// ECMA-262 22.2.6.11
Value vm_regexp_prototype_replace(Isolate *iso, const NativeCall *call) {
  Object *o = vm_regexp_receiver(iso, call, "@@replace");
  if (!o) return VALUE_EXCEPTION;
  String *s = vm_to_string(iso, native_argument(call, 0));
  if (!s) return VALUE_EXCEPTION;
  Replacer replacer = {.function = native_argument(call, 1)};
  if (!value_is_callable(replacer.function)) {
    replacer.text = vm_to_string(iso, replacer.function);
    StringView v;
    if (!replacer.text || !vm_string_view(iso, replacer.text, &v)) {
      return VALUE_EXCEPTION;
    }
    replacer.function = VALUE_UNDEFINED;
    replacer.has_patterns = vm_string_find_unit(v, '$', 0) != STRING_NOT_FOUND;
  }
  // valueOf of a strange lastIndex could do anything.
  RegExpObject *r = (RegExpObject *)o;
  if (vm_regexp_is_pristine(iso, o, true) && value_is_int(r->last_index)) {
    replacer.regexp = r;
    return replace_pristine(iso, r, s, &replacer);
  }
  return replace_general(iso, o, s, &replacer);
}
