// SPDX-License-Identifier: MIT
// RegExp.prototype [ %Symbol.match% ], matchAll, search and split: ECMA-262
// 22.2.6.8 ff., and RegExp string iterators (22.2.9). Objects that are as
// RegExp made them take ways on which no property is looked up.
#include "vm/builtins/regexp_builtins.h"
#include "vm/objects/iterator_object.h"
#include "vm/objects/string_search.h"

// Get(rx, "flags") as a string with a quick test for letters. NULL: threw.
static String *flags_string(Isolate *iso, Object *o) {
  Value flags = vm_get(iso, o, KEY(flags));
  return value_is_exception(flags) ? NULL : vm_to_string(iso, flags);
}

static bool has_letter(StringView v, char letter) {
  return vm_string_find_unit(v, (uint16_t)letter, 0) != STRING_NOT_FOUND;
}

// ----------------------------------------------------------------- match

// All matches of a global expression; lastIndex is known to be writable.
static Value match_all_pristine(Isolate *iso, RegExpObject *r, String *s) {
  StringView v;
  if (!vm_string_view(iso, s, &v)) return VALUE_EXCEPTION;
  RegExpMatch match;
  if (!vm_regexp_match_init(iso, &match, r->program)) return VALUE_EXCEPTION;
  Value result = VALUE_NULL;
  Array *array = NULL;
  bool unicode = regexp_is_unicode(r);
  gc_store_word(iso->heap, &r->last_index, value_from_int(0));
  for (uint32_t at = 0; at <= v.length;) {
    Tri matched = vm_regexp_search(iso, r->program, v, at, &match);
    if (matched == 0) break;
    if (matched == 1) regexp_remember(iso, r, s, match.captures[0]);
    Value part = matched == 1 ? vm_regexp_capture(iso, s, match.captures)
                              : VALUE_EXCEPTION;
    if (!array) array = vm_array_new(iso, 0);
    if (value_is_exception(part) || !vm_array_push(iso, array, part)) {
      result = VALUE_EXCEPTION;
      array = NULL;
      break;
    }
    uint32_t end = (uint32_t)match.captures[1];
    at = match.captures[0] == match.captures[1]
             ? vm_regexp_advance(v, end, unicode)
             : end;
  }
  vm_regexp_match_free(&match);
  return array ? value_from_cell(array) : result;
}

// ECMA-262 22.2.6.8
Value vm_regexp_prototype_match(Isolate *iso, const NativeCall *call) {
  Object *o = vm_regexp_receiver(iso, call, "@@match");
  if (!o) return VALUE_EXCEPTION;
  String *s = vm_to_string(iso, native_argument(call, 0));
  if (!s) return VALUE_EXCEPTION;
  if (vm_regexp_is_pristine(iso, o, true)) {
    RegExpObject *r = (RegExpObject *)o;
    return regexp_object_flags(r) & REGEXP_GLOBAL
               ? match_all_pristine(iso, r, s)
               : vm_regexp_builtin_exec(iso, r, s);
  }
  String *flags = flags_string(iso, o);
  StringView v;
  if (!flags || !vm_string_view(iso, flags, &v)) return VALUE_EXCEPTION;
  if (!has_letter(v, 'g')) return vm_regexp_exec(iso, o, s);
  bool unicode = has_letter(v, 'u') || has_letter(v, 'v');
  if (!vm_regexp_set_last_index(iso, o, value_from_int(0))) {
    return VALUE_EXCEPTION;
  }
  Array *array = NULL;
  for (;;) {
    Value result = vm_regexp_exec(iso, o, s);
    if (value_is_exception(result)) return result;
    if (value_is_null(result)) {
      return array ? value_from_cell(array) : VALUE_NULL;
    }
    Value first = vm_get(iso, value_as_object(result), key_from_index(0));
    if (value_is_exception(first)) return first;
    String *text = vm_to_string(iso, first);
    if (!text) return VALUE_EXCEPTION;
    if (!array) array = vm_array_new(iso, 0);
    if (!vm_array_push(iso, array, value_from_cell(text))) {
      return VALUE_EXCEPTION;
    }
    if (string_length(text)) continue;
    Value index = vm_get(iso, o, KEY(lastIndex));
    if (value_is_exception(index)) return index;
    index = vm_regexp_advance_value(iso, s, index, unicode);
    if (value_is_exception(index) || !vm_regexp_set_last_index(iso, o, index)) {
      return VALUE_EXCEPTION;
    }
  }
}

// -------------------------------------------------------------- matchAll

enum { ITERATOR_IS_GLOBAL = 1, ITERATOR_IS_UNICODE = 2 };

// ECMA-262 22.2.6.9
Value vm_regexp_prototype_match_all(Isolate *iso, const NativeCall *call) {
  Object *o = vm_regexp_receiver(iso, call, "@@matchAll");
  if (!o) return VALUE_EXCEPTION;
  String *s = vm_to_string(iso, native_argument(call, 0));
  if (!s) return VALUE_EXCEPTION;
  Value constructor = vm_species_constructor(
      iso, o, value_from_cell(INTRINSIC_OBJECT(iso, RegExp)));
  if (value_is_exception(constructor)) return constructor;
  String *flags = flags_string(iso, o);
  if (!flags) return VALUE_EXCEPTION;
  Value arguments[] = {value_from_cell(o), value_from_cell(flags)};
  Value matcher = vm_construct(iso, constructor, 2, arguments, constructor);
  if (value_is_exception(matcher)) return matcher;
  Value last_index = vm_get(iso, o, KEY(lastIndex));
  double index;
  if (value_is_exception(last_index) ||
      !vm_to_length(iso, last_index, &index)) {
    return VALUE_EXCEPTION;
  }
  if (!vm_regexp_set_last_index(iso, value_as_object(matcher),
                                value_from_number(index))) {
    return VALUE_EXCEPTION;
  }
  StringView v;
  if (!vm_string_view(iso, flags, &v)) return VALUE_EXCEPTION;
  IteratorObject *it = vm_iterator_object_new(
      iso, INTRINSIC_OBJECT(iso, RegExpStringIteratorPrototype),
      ITERATOR_REGEXP_STRING, ITERATE_VALUES, matcher);
  it->extra = value_from_cell(s);
  it->flags =
      (uint16_t)((has_letter(v, 'g') ? ITERATOR_IS_GLOBAL : 0) |
                 (has_letter(v, 'u') || has_letter(v, 'v') ? ITERATOR_IS_UNICODE
                                                           : 0));
  return value_from_cell(it);
}

static Value iterator_done(Isolate *iso, IteratorObject *it) {
  gc_store_word(iso->heap, &it->target, VALUE_UNDEFINED);
  gc_store_word(iso->heap, &it->extra, VALUE_UNDEFINED);
  return vm_iterator_result(iso, VALUE_UNDEFINED, true);
}

// ECMA-262 22.2.9.2.1 %RegExpStringIteratorPrototype%.next ( )
static Value iterator_next(Isolate *iso, const NativeCall *call) {
  IteratorObject *it = (IteratorObject *)value_as_cell(call->this_value);
  if (!value_is_kind(call->this_value, CELL_ITERATOR) ||
      it->family != ITERATOR_REGEXP_STRING) {
    return vm_throw_type_value(iso,
                               "next method called on incompatible receiver %s",
                               call->this_value);
  }
  if (value_is_undefined(it->target)) {
    return vm_iterator_result(iso, VALUE_UNDEFINED, true);
  }
  Object *o = value_as_object(it->target);
  String *s = value_as_string(it->extra);
  // A generator's body: an exception ends it.
  Value result = vm_regexp_exec(iso, o, s);
  if (value_is_exception(result)) goto threw;
  if (value_is_null(result)) return iterator_done(iso, it);
  if (!(it->flags & ITERATOR_IS_GLOBAL)) {
    gc_store_word(iso->heap, &it->target, VALUE_UNDEFINED);
    return vm_iterator_result(iso, result, false);
  }
  Value first = vm_get(iso, value_as_object(result), key_from_index(0));
  if (value_is_exception(first)) goto threw;
  String *text = vm_to_string(iso, first);
  if (!text) goto threw;
  if (!string_length(text)) {
    Value index = vm_get(iso, o, KEY(lastIndex));
    if (value_is_exception(index)) goto threw;
    index =
        vm_regexp_advance_value(iso, s, index, it->flags & ITERATOR_IS_UNICODE);
    if (value_is_exception(index) || !vm_regexp_set_last_index(iso, o, index)) {
      goto threw;
    }
  }
  return vm_iterator_result(iso, result, false);
threw:
  gc_store_word(iso->heap, &it->target, VALUE_UNDEFINED);
  return VALUE_EXCEPTION;
}

static const Builtin iterator_table[] = {
    BUILTIN("next", iterator_next, 0),
    BUILTIN_TAG("RegExp String Iterator"),
};

void vm_init_regexp_string_iterator(Isolate *iso, Realm *realm) {
  Object *prototype =
      vm_object_new_with(iso, realm->intrinsics[INTRINSIC_IteratorPrototype]);
  vm_realm_set_intrinsic(realm, INTRINSIC_RegExpStringIteratorPrototype,
                         prototype);
  VM_DEFINE_BUILTINS(iso, prototype, iterator_table);
}

// ---------------------------------------------------------------- search

// ECMA-262 22.2.6.12
Value vm_regexp_prototype_search(Isolate *iso, const NativeCall *call) {
  Object *o = vm_regexp_receiver(iso, call, "@@search");
  if (!o) return VALUE_EXCEPTION;
  String *s = vm_to_string(iso, native_argument(call, 0));
  if (!s) return VALUE_EXCEPTION;
  if (vm_regexp_is_pristine(iso, o, false)) {
    // lastIndex ends as it was.
    RegExpObject *r = (RegExpObject *)o;
    StringView v;
    RegExpMatch match;
    if (!vm_string_view(iso, s, &v) ||
        !vm_regexp_match_init(iso, &match, r->program)) {
      return VALUE_EXCEPTION;
    }
    Tri matched = vm_regexp_search(iso, r->program, v, 0, &match);
    int32_t index = matched == 1 ? match.captures[0] : -1;
    if (matched == 1) regexp_remember(iso, r, s, index);
    vm_regexp_match_free(&match);
    return matched == TRI_THREW ? VALUE_EXCEPTION : value_from_int(index);
  }
  Value previous = vm_get(iso, o, KEY(lastIndex));
  if (value_is_exception(previous)) return previous;
  if (!vm_same_value(iso, previous, value_from_int(0)) &&
      !vm_regexp_set_last_index(iso, o, value_from_int(0))) {
    return VALUE_EXCEPTION;
  }
  Value result = vm_regexp_exec(iso, o, s);
  if (value_is_exception(result)) return result;
  Value current = vm_get(iso, o, KEY(lastIndex));
  if (value_is_exception(current)) return current;
  if (!vm_same_value(iso, current, previous) &&
      !vm_regexp_set_last_index(iso, o, previous)) {
    return VALUE_EXCEPTION;
  }
  if (value_is_null(result)) return value_from_int(-1);
  return vm_get(iso, value_as_object(result), KEY(index));
}

// ----------------------------------------------------------------- split

static bool push_substring(Isolate *iso, Array *array, String *s,
                           uint32_t start, uint32_t end) {
  String *part = vm_string_substring(iso, s, start, end);
  return part && vm_array_push(iso, array, value_from_cell(part));
}

// Splits at the matches of the object's own program, searching instead of
// trying each position.
static Value split_pristine(Isolate *iso, RegExpObject *r, String *s,
                            uint32_t limit) {
  Array *array = vm_array_new(iso, 0);
  if (limit == 0) return value_from_cell(array);
  StringView v;
  RegExpMatch match;
  if (!vm_string_view(iso, s, &v) ||
      !vm_regexp_match_init(iso, &match, r->program)) {
    return VALUE_EXCEPTION;
  }
  bool unicode = regexp_is_unicode(r), ok = true;
  uint32_t last = 0, at = 0;
  if (v.length == 0) {
    Tri matched = vm_regexp_search(iso, r->program, v, 0, &match);
    ok = matched == 1 || (matched == 0 && push_substring(iso, array, s, 0, 0));
    goto done;
  }
  while (at < v.length) {
    Tri matched = vm_regexp_search(iso, r->program, v, at, &match);
    if (matched == TRI_THREW) goto threw;
    if (matched == 0 || (uint32_t)match.captures[0] >= v.length) break;
    regexp_remember(iso, r, s, match.captures[0]);
    uint32_t start = (uint32_t)match.captures[0];
    uint32_t end = (uint32_t)match.captures[1];
    if (end == last) {
      at = vm_regexp_advance(v, start, unicode);
      continue;
    }
    if (!push_substring(iso, array, s, last, start)) goto threw;
    if (array->length == limit) goto done;
    last = at = end;
    for (uint32_t i = 1; i < match.groups; i++) {
      Value part = vm_regexp_capture(iso, s, match.captures + 2 * i);
      if (value_is_exception(part) || !vm_array_push(iso, array, part)) {
        goto threw;
      }
      if (array->length == limit) goto done;
    }
  }
  ok = push_substring(iso, array, s, last, v.length);
  goto done;
threw:
  ok = false;
done:
  vm_regexp_match_free(&match);
  return ok ? value_from_cell(array) : VALUE_EXCEPTION;
}

// The rest of @@split, with a splitter that scripts may watch.
static Value split_generic(Isolate *iso, Object *splitter, String *s,
                           uint32_t limit, bool unicode) {
  Array *array = vm_array_new(iso, 0);
  if (limit == 0) return value_from_cell(array);
  uint32_t size = string_length(s), last = 0, at = 0;
  if (size == 0) {
    Value result = vm_regexp_exec(iso, splitter, s);
    if (value_is_exception(result)) return result;
    if (value_is_null(result) &&
        !vm_array_push(iso, array, value_from_cell(s))) {
      return VALUE_EXCEPTION;
    }
    return value_from_cell(array);
  }
  StringView v;
  if (!vm_string_view(iso, s, &v)) return VALUE_EXCEPTION;
  while (at < size) {
    if (!vm_regexp_set_last_index(iso, splitter, value_from_uint32(at))) {
      return VALUE_EXCEPTION;
    }
    Value result = vm_regexp_exec(iso, splitter, s);
    if (value_is_exception(result)) return result;
    if (value_is_null(result)) {
      at = vm_regexp_advance(v, at, unicode);
      continue;
    }
    Value index = vm_get(iso, splitter, KEY(lastIndex));
    double end;
    if (value_is_exception(index) || !vm_to_length(iso, index, &end)) {
      return VALUE_EXCEPTION;
    }
    if (end > size) end = size;
    if ((uint32_t)end == last) {
      at = vm_regexp_advance(v, at, unicode);
      continue;
    }
    if (!push_substring(iso, array, s, last, at)) return VALUE_EXCEPTION;
    if (array->length == limit) return value_from_cell(array);
    last = (uint32_t)end;
    Object *o = value_as_object(result);
    double count;
    if (!vm_length_of_array_like(iso, o, &count)) return VALUE_EXCEPTION;
    for (double i = 1; i < count; i++) {
      PropertyKey key;
      if (!vm_to_property_key(iso, value_from_number(i), &key)) {
        return VALUE_EXCEPTION;
      }
      Value part = vm_get(iso, o, key);
      if (value_is_exception(part) || !vm_array_push(iso, array, part)) {
        return VALUE_EXCEPTION;
      }
      if (array->length == limit) return value_from_cell(array);
    }
    at = last;
  }
  if (!push_substring(iso, array, s, last, size)) return VALUE_EXCEPTION;
  return value_from_cell(array);
}

// ECMA-262 22.2.6.14
Value vm_regexp_prototype_split(Isolate *iso, const NativeCall *call) {
  Object *o = vm_regexp_receiver(iso, call, "@@split");
  if (!o) return VALUE_EXCEPTION;
  String *s = vm_to_string(iso, native_argument(call, 0));
  if (!s) return VALUE_EXCEPTION;
  Value intrinsic = value_from_cell(INTRINSIC_OBJECT(iso, RegExp));
  Value constructor = vm_species_constructor(iso, o, intrinsic);
  if (value_is_exception(constructor)) return constructor;
  Value limit_value = native_argument(call, 1);
  uint32_t limit = UINT32_MAX;
  if (constructor == intrinsic && vm_regexp_is_pristine(iso, o, true) &&
      !(regexp_object_flags((RegExpObject *)o) & REGEXP_STICKY) &&
      (value_is_undefined(limit_value) || value_is_number(limit_value))) {
    if (!value_is_undefined(limit_value) &&
        !vm_to_uint32(iso, limit_value, &limit)) {
      return VALUE_EXCEPTION;
    }
    return split_pristine(iso, (RegExpObject *)o, s, limit);
  }
  String *flags = flags_string(iso, o);
  StringView v;
  if (!flags || !vm_string_view(iso, flags, &v)) return VALUE_EXCEPTION;
  bool unicode = has_letter(v, 'u') || has_letter(v, 'v');
  if (!has_letter(v, 'y')) {
    flags = vm_string_concat(iso, flags, vm_unit_atom('y'));
    if (!flags) return VALUE_EXCEPTION;
  }
  Value arguments[] = {value_from_cell(o), value_from_cell(flags)};
  Value splitter = vm_construct(iso, constructor, 2, arguments, constructor);
  if (value_is_exception(splitter)) return splitter;
  if (!value_is_undefined(limit_value) &&
      !vm_to_uint32(iso, limit_value, &limit)) {
    return VALUE_EXCEPTION;
  }
  return split_generic(iso, value_as_object(splitter), s, limit, unicode);
}
