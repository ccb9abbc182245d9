// SPDX-License-Identifier: MIT
// Array.prototype methods that read their receiver and make something new.
// ECMA-262 23.1.3.
#include "vm/builtins/array_access.h"
#include "vm/builtins/object_builtins.h"
#include "vm/objects/elements.h"

// ECMA-262 23.1.3.1 Array.prototype.at ( index )
Value vm_array_at(Isolate *iso, const NativeCall *call) {
  double length, index;
  Object *o = array_this(iso, call, &length);
  if (o == NULL ||
      !vm_to_integer_or_infinity(iso, native_argument(call, 0), &index)) {
    return VALUE_EXCEPTION;
  }
  if (index < 0) index += length;
  if (index < 0 || index >= length) return VALUE_UNDEFINED;
  return array_get(iso, o, index);
}

// ECMA-262 23.1.3.2.1 IsConcatSpreadable
static Tri is_concat_spreadable(Isolate *iso, Value item) {
  if (!value_is_object(item)) return 0;
  Value spreadable =
      vm_get(iso, value_as_object(item), SYMBOL_KEY(isConcatSpreadable));
  if (value_is_exception(spreadable)) return TRI_THREW;
  if (!value_is_undefined(spreadable)) return vm_to_boolean(spreadable);
  return vm_is_array(iso, item);
}

static bool concat_spread(Isolate *iso, Object *a, double *n, Object *item) {
  double length;
  if (!vm_length_of_array_like(iso, item, &length)) return false;
  if (*n + length > ARRAY_LIKE_MAX_LENGTH) {
    vm_throw_type(iso, "Invalid array length");
    return false;
  }
  bool plain = vm_has_plain_elements(iso, item);
  double present =
      plain ? fmin(length, elements_length(item->elements)) : length;
  Array *list = plain ? array_plain(iso, a) : NULL;
  if (list != NULL && list->length == *n && *n + present <= UINT32_MAX - 1.0) {
    *n += length;
    return vm_array_append(iso, list, item->elements->values,
                           (uint32_t)present);
  }
  for (double k = 0; k < present; k++) {
    Value value = plain ? array_dense_element(item, k) : VALUE_EMPTY;
    if (value == VALUE_EMPTY) {
      Tri has = array_has(iso, item, k);
      if (has < 0) return false;
      if (!has) continue;
      value = array_get(iso, item, k);
      if (value_is_exception(value)) return false;
    }
    if (!array_create(iso, a, *n + k, value)) return false;
    if (((uint64_t)k & 1023) == 1023 && !vm_poll(iso, 1024)) return false;
  }
  *n += length;
  return true;
}

// ECMA-262 23.1.3.2 Array.prototype.concat ( ...items )
Value vm_array_concat(Isolate *iso, const NativeCall *call) {
  Object *o = vm_to_object(iso, call->this_value);
  if (o == NULL) return VALUE_EXCEPTION;
  Object *a = vm_array_species_create(iso, o, 0);
  if (a == NULL) return VALUE_EXCEPTION;
  double n = 0;
  for (uint32_t i = 0; i <= call->argc; i++) {
    Value item = i == 0 ? value_from_cell(o) : call->argv[i - 1];
    Tri spreadable = is_concat_spreadable(iso, item);
    if (spreadable < 0) return VALUE_EXCEPTION;
    if (spreadable) {
      if (!concat_spread(iso, a, &n, value_as_object(item))) {
        return VALUE_EXCEPTION;
      }
    } else {
      if (n >= ARRAY_LIKE_MAX_LENGTH) {
        return vm_throw_type(iso, "Invalid array length");
      }
      if (!array_create(iso, a, n++, item)) return VALUE_EXCEPTION;
    }
  }
  if (!array_set_length(iso, a, n)) return VALUE_EXCEPTION;
  return value_from_cell(a);
}

// Is it an Array without elements, of any length, that takes plain ones?
static bool may_be_filled(Isolate *iso, Object *a) {
  return object_kind(a) == CELL_ARRAY && vm_has_plain_elements(iso, a) &&
         elements_length(a->elements) == 0 &&
         !(a->cell.flags & OBJECT_LENGTH_READ_ONLY) &&
         !(a->shape->cell.flags & SHAPE_NOT_EXTENSIBLE);
}

// ECMA-262 23.1.3.28 Array.prototype.slice ( start, end )
Value vm_array_slice(Isolate *iso, const NativeCall *call) {
  double length, start, end;
  Object *o = array_this(iso, call, &length);
  if (o == NULL ||
      !vm_to_relative_index(iso, native_argument(call, 0), length, 0, &start) ||
      !vm_to_relative_index(iso, native_argument(call, 1), length, length,
                            &end)) {
    return VALUE_EXCEPTION;
  }
  double count = end > start ? end - start : 0;
  Value species;
  if (!vm_array_species(iso, o, &species)) return VALUE_EXCEPTION;
  if (value_is_undefined(species) && vm_has_plain_elements(iso, o) &&
      end <= elements_length(o->elements)) {
    Array *copy = vm_array_from(iso, o->elements->values + (uint32_t)start,
                                (uint32_t)count);
    return copy == NULL ? VALUE_EXCEPTION : value_from_cell(copy);
  }
  Object *a = vm_array_of_species(iso, species, count);
  if (a == NULL) return VALUE_EXCEPTION;
  if (a != o && vm_has_plain_elements(iso, o) && may_be_filled(iso, a) &&
      end <= UINT32_MAX - 1.0) {
    Array *list = (Array *)a;
    double present = fmin(end, elements_length(o->elements)) - start;
    list->length = 0;
    if (present > 0 &&
        !vm_array_append(iso, list, o->elements->values + (uint32_t)start,
                         (uint32_t)present)) {
      return VALUE_EXCEPTION;
    }
    list->length = (uint32_t)count;
    return value_from_cell(a);
  }
  double n = 0;
  for (double k = start; k < end; k++, n++) {
    Value value =
        object_kind(o) == CELL_ARRAY ? array_dense_element(o, k) : VALUE_EMPTY;
    if (value == VALUE_EMPTY) {
      Tri present = array_has(iso, o, k);
      if (present < 0) return VALUE_EXCEPTION;
      if (((uint64_t)n & 1023) == 1023 && !vm_poll(iso, 1024)) {
        return VALUE_EXCEPTION;
      }
      if (!present) continue;
      value = array_get(iso, o, k);
      if (value_is_exception(value)) return VALUE_EXCEPTION;
    }
    if (!array_create(iso, a, n, value)) return VALUE_EXCEPTION;
  }
  if (!array_set_length(iso, a, n)) return VALUE_EXCEPTION;
  return value_from_cell(a);
}

// Search in dense elements. What equals the target is one of a few words (a
// number has up to three), or strings of the same units.
typedef struct Target {
  Value words[3];
  String *string; // NULL: words say it all
} Target;

// False: equality is more than that (BigInts, NaN for `includes`).
static bool target_of(Value v, bool zero_equality, Target *out) {
  *out = (Target){{v, v, v}, NULL};
  if (value_is_number(v)) {
    double d = value_as_number(v);
    if (d != d) {
      // Found by `includes` only, in any of its forms.
      for (int i = 0; i < 3; i++)
        out->words[i] = VALUE_EXCEPTION;
      return !zero_equality;
    }
    out->words[1] = value_from_double(d);
    if (d == (double)(int32_t)fmin(fmax(d, INT32_MIN), INT32_MAX))
      out->words[2] = value_from_int((int32_t)d);
    if (d == 0) out->words[0] = value_from_double(-d);
    return true;
  }
  if (value_is_string(v)) out->string = value_as_string(v);
  return !value_is_bigint(v) && v != VALUE_EMPTY;
}

static bool is_target(Isolate *iso, Value v, const Target *target) {
  if (v == target->words[0] || v == target->words[1] || v == target->words[2])
    return true;
  return target->string != NULL && value_is_string(v) &&
         vm_string_equals(iso, value_as_string(v), target->string);
}

// Index of the first in [start, end), or end.
static uint32_t find_forwards(Isolate *iso, const Value *values, uint32_t start,
                              uint32_t end, const Target *target) {
  Value a = target->words[0], b = target->words[1], c = target->words[2];
  uint32_t i = start;
  if (target->string == NULL) {
    for (; end - i >= 4; i += 4) {
      unsigned found = 0;
      for (uint32_t k = i; k < i + 4; k++)
        found |= (values[k] == a) | (values[k] == b) | (values[k] == c);
      if (found) break;
    }
  }
  while (i < end && !is_target(iso, values[i], target))
    i++;
  return i;
}

// Whether a search of the elements is all there is to do: no hole shows
// something of a prototype.
static bool is_searchable(const Isolate *iso, const Object *o) {
  return object_kind(o) == CELL_ARRAY && !object_has_sparse_elements(o) &&
         !iso->indexed_prototypes &&
         !(o->shape->cell.flags & SHAPE_EXOTIC_ELEMENTS);
}

// Between two polls.
enum { SEARCH_STEP = 1 << 16 };

static Value search_dense(Isolate *iso, Object *o, double start, double length,
                          const Target *target, bool includes) {
  uint32_t end = elements_length(o->elements);
  if (length < end) end = (uint32_t)length;
  for (double k = start; k < end;) {
    uint32_t from = (uint32_t)k;
    uint32_t to = end - from < SEARCH_STEP ? end : from + SEARCH_STEP;
    uint32_t found = find_forwards(iso, o->elements->values, from, to, target);
    if (found < to)
      return includes ? VALUE_TRUE : value_from_number((double)found);
    k = to;
    if (to < end && !vm_poll(iso, SEARCH_STEP)) return VALUE_EXCEPTION;
  }
  return includes ? VALUE_FALSE : value_from_int(-1);
}

typedef bool (*SameTest)(Isolate *, Value, Value);

// Searches forwards; holes count as undefined only for `includes`.
static Value search_forwards(Isolate *iso, const NativeCall *call,
                             bool includes) {
  double length, start = 0;
  Object *o = array_this(iso, call, &length);
  if (o == NULL) return VALUE_EXCEPTION;
  Value not_found = includes ? VALUE_FALSE : value_from_int(-1);
  if (length == 0) return not_found;
  if (!vm_to_integer_or_infinity(iso, native_argument(call, 1), &start)) {
    return VALUE_EXCEPTION;
  }
  if (start < 0) start = fmax(length + start, 0);
  Value target = native_argument(call, 0);
  Target words;
  if (is_searchable(iso, o) && !(includes && value_is_undefined(target)) &&
      target_of(target, includes, &words)) {
    return search_dense(iso, o, start, length, &words, includes);
  }
  SameTest same = includes ? vm_same_value_zero : vm_strict_equals;
  for (double k = start; k < length; k++) {
    if (((uint64_t)k & 1023) == 1023 && !vm_poll(iso, 1024)) {
      return VALUE_EXCEPTION;
    }
    Value value =
        object_kind(o) == CELL_ARRAY ? array_dense_element(o, k) : VALUE_EMPTY;
    if (value == VALUE_EMPTY) {
      if (!includes) {
        Tri present = array_has(iso, o, k);
        if (present < 0) return VALUE_EXCEPTION;
        if (!present) continue;
      }
      value = array_get(iso, o, k);
      if (value_is_exception(value)) return VALUE_EXCEPTION;
    }
    if (same(iso, value, target)) {
      return includes ? VALUE_TRUE : value_from_number(k);
    }
  }
  return not_found;
}

// ECMA-262 23.1.3.16 Array.prototype.includes ( searchElement [ , fromIndex ])
Value vm_array_includes(Isolate *iso, const NativeCall *call) {
  return search_forwards(iso, call, true);
}

// ECMA-262 23.1.3.17 Array.prototype.indexOf ( searchElement [ , fromIndex ] )
Value vm_array_index_of(Isolate *iso, const NativeCall *call) {
  return search_forwards(iso, call, false);
}

// ECMA-262 23.1.3.20 Array.prototype.lastIndexOf ( searchElement [ , from ] )
Value vm_array_last_index_of(Isolate *iso, const NativeCall *call) {
  double length, start;
  Object *o = array_this(iso, call, &length);
  if (o == NULL) return VALUE_EXCEPTION;
  if (length == 0) return value_from_int(-1);
  start = length - 1;
  if (call->argc > 1) {
    if (!vm_to_integer_or_infinity(iso, call->argv[1], &start)) {
      return VALUE_EXCEPTION;
    }
    start = start < 0 ? length + start : fmin(start, length - 1);
  }
  Value target = native_argument(call, 0);
  Target words;
  if (is_searchable(iso, o) && target_of(target, false, &words)) {
    double last = (double)elements_length(o->elements) - 1;
    for (double k = fmin(start, last); k >= 0; k--) {
      if (is_target(iso, o->elements->values[(uint32_t)k], &words))
        return value_from_number(k);
      if (((uint64_t)k & (SEARCH_STEP - 1)) == 0 &&
          !vm_poll(iso, SEARCH_STEP)) {
        return VALUE_EXCEPTION;
      }
    }
    return value_from_int(-1);
  }
  for (double k = start; k >= 0; k--) {
    Tri present = array_has(iso, o, k);
    if (present < 0) return VALUE_EXCEPTION;
    if (((uint64_t)k & 1023) == 1023 && !vm_poll(iso, 1024)) {
      return VALUE_EXCEPTION;
    }
    if (!present) continue;
    Value value = array_get(iso, o, k);
    if (value_is_exception(value)) return VALUE_EXCEPTION;
    if (vm_strict_equals(iso, value, target)) return value_from_number(k);
  }
  return value_from_int(-1);
}

// Arrays that are being joined: a cyclic one joins to "" (as engines agree,
// though the specification would not end).
typedef struct JoinFrame {
  struct JoinFrame *outer;
  Object *object;
} JoinFrame;
static _Thread_local JoinFrame *joining;

// The usual case of join: the elements are flat Latin-1 strings. NULL: they are
// not, or there is no room; nothing was done.
static String *join_narrow_strings(Isolate *iso, Object *o, double length,
                                   String *separator) {
  StringView between = {NULL, 0, true};
  if (!string_is_rope(separator)) between = string_view_of(separator);
  if (between.is_wide || !vm_has_plain_elements(iso, o) ||
      length != elements_length(o->elements) || length == 0)
    return NULL;
  uint32_t count = (uint32_t)length;
  const Value *values = o->elements->values;
  uint64_t total = (uint64_t)(count - 1) * between.length;
  for (uint32_t k = 0; k < count; k++) {
    if (!value_is_string(values[k])) return NULL;
    const String *s = value_as_string(values[k]);
    if (s->cell.flags & (STRING_ROPE | STRING_WIDE)) return NULL;
    total += string_length(s);
  }
  // An atom, an error, or long enough to be polled for.
  enum { MOST = 1 << 20 };
  if (total < 2 || total > MOST) return NULL;
  uint8_t *to;
  String *joined = vm_string_new_latin1(iso, (size_t)total, &to);
  for (uint32_t k = 0; joined != NULL && k < count; k++) {
    if (k > 0) {
      if (between.length == 1)
        *to = *(const uint8_t *)between.units;
      else
        memcpy(to, between.units, between.length);
      to += between.length;
    }
    StringView v = string_view_of(value_as_string(values[k]));
    memcpy(to, v.units, v.length);
    to += v.length;
  }
  if (joined == NULL) vm_forget_exception(iso);
  return joined;
}

// `locale`: the call of toLocaleString, NULL: join.
static Value join_elements(Isolate *iso, Object *o, double length,
                           String *separator, const NativeCall *locale) {
  if (locale == NULL) {
    String *joined = join_narrow_strings(iso, o, length, separator);
    if (joined != NULL) return value_from_cell(joined);
  }
  StringBuilder out;
  vm_builder_init(&out, iso);
  for (double k = 0; k < length; k++) {
    if (k > 0) vm_builder_append(&out, separator);
    Value value = array_get(iso, o, k);
    if (value_is_number(value) && !locale) {
      vm_builder_append_number(&out, value);
    } else if (!value_is_exception(value) && !value_is_nullish(value)) {
      if (locale) {
        // ECMA-402 20.5.1: the locales and options are passed on.
        value = vm_invoke(iso, value, vm_key_from_c("toLocaleString"), 2,
                          (const Value[]){native_argument(locale, 0),
                                          native_argument(locale, 1)});
      }
      String *text =
          value_is_exception(value) ? NULL : vm_to_string(iso, value);
      if (text == NULL)
        value = VALUE_EXCEPTION;
      else
        vm_builder_append(&out, text);
    }
    if (value_is_exception(value) ||
        (((uint64_t)k & 255) == 255 && !vm_poll(iso, 256))) {
      vm_builder_discard(&out);
      return VALUE_EXCEPTION;
    }
    if (out.failed) break;
  }
  String *joined = vm_builder_finish(&out);
  return joined == NULL ? VALUE_EXCEPTION : value_from_cell(joined);
}

static Value join_guarded(Isolate *iso, Object *o, double length,
                          String *separator, const NativeCall *locale) {
  for (JoinFrame *f = joining; f != NULL; f = f->outer) {
    if (f->object == o) return ATOM_VALUE(empty);
  }
  if (!vm_check_stack(iso)) return VALUE_EXCEPTION;
  JoinFrame frame = {joining, o};
  joining = &frame;
  Value joined = join_elements(iso, o, length, separator, locale);
  joining = frame.outer;
  return joined;
}

// ECMA-262 23.1.3.18 Array.prototype.join ( separator )
Value vm_array_join(Isolate *iso, const NativeCall *call) {
  double length;
  Object *o = array_this(iso, call, &length);
  if (o == NULL) return VALUE_EXCEPTION;
  String *separator = value_is_undefined(native_argument(call, 0))
                          ? vm_atom_from_c(",")
                          : vm_to_string(iso, native_argument(call, 0));
  if (separator == NULL) return VALUE_EXCEPTION;
  return join_guarded(iso, o, length, separator, NULL);
}

// ECMA-262 23.1.3.32 Array.prototype.toLocaleString ( [ locales [ , options ] ]
// )
Value vm_array_to_locale_string(Isolate *iso, const NativeCall *call) {
  double length;
  Object *o = array_this(iso, call, &length);
  if (o == NULL) return VALUE_EXCEPTION;
  return join_guarded(iso, o, length, vm_atom_from_c(","), call);
}

// ECMA-262 23.1.3.36 Array.prototype.toString ( )
Value vm_array_to_string(Isolate *iso, const NativeCall *call) {
  Object *o = vm_to_object(iso, call->this_value);
  if (o == NULL) return VALUE_EXCEPTION;
  Value join = vm_get(iso, o, KEY(join));
  if (value_is_exception(join)) return VALUE_EXCEPTION;
  if (!value_is_callable(join)) {
    return vm_object_to_string(iso, value_from_cell(o));
  }
  return vm_call(iso, join, value_from_cell(o), 0, NULL);
}

// ECMA-262 23.1.3.13.1 FlattenIntoArray, without a mapper. False: threw.
static bool flatten_into(Isolate *iso, Object *target, double *to,
                         Object *source, double length, double depth) {
  if (!vm_check_stack(iso)) return false;
  for (double k = 0; k < length; k++) {
    Tri present = array_has(iso, source, k);
    if (present < 0) return false;
    if (((uint64_t)k & 1023) == 1023 && !vm_poll(iso, 1024)) return false;
    if (!present) continue;
    Value value = array_get(iso, source, k);
    if (value_is_exception(value)) return false;
    Tri flatten = depth > 0 ? vm_is_array(iso, value) : 0;
    if (flatten < 0) return false;
    if (flatten) {
      double inner;
      if (!vm_length_of_array_like(iso, value_as_object(value), &inner) ||
          !flatten_into(iso, target, to, value_as_object(value), inner,
                        depth - 1)) {
        return false;
      }
    } else {
      if (*to >= ARRAY_LIKE_MAX_LENGTH) {
        vm_throw_type(iso, "Invalid array length");
        return false;
      }
      if (!array_create(iso, target, (*to)++, value)) return false;
    }
  }
  return true;
}

// ECMA-262 23.1.3.13 Array.prototype.flat ( [ depth ] )
Value vm_array_flat(Isolate *iso, const NativeCall *call) {
  double length, depth = 1, to = 0;
  Object *o = array_this(iso, call, &length);
  if (o == NULL) return VALUE_EXCEPTION;
  if (!value_is_undefined(native_argument(call, 0)) &&
      !vm_to_integer_or_infinity(iso, call->argv[0], &depth)) {
    return VALUE_EXCEPTION;
  }
  Object *a = vm_array_species_create(iso, o, 0);
  if (a == NULL || !flatten_into(iso, a, &to, o, length, depth)) {
    return VALUE_EXCEPTION;
  }
  return value_from_cell(a);
}

// A new Array of o[from], o[from + step], ... ; NULL: threw.
static Array *copy_elements(Isolate *iso, Array *into, Object *o, double from,
                            double count, int step) {
  for (double n = 0; n < count; n++) {
    Value value = array_get(iso, o, from + n * step);
    if (value_is_exception(value) || !vm_array_push(iso, into, value)) {
      return NULL;
    }
    if (((uint64_t)n & 1023) == 1023 && !vm_poll(iso, 1024)) return NULL;
  }
  return into;
}

// ECMA-262 23.1.3.33 Array.prototype.toReversed ( )
Value vm_array_to_reversed(Isolate *iso, const NativeCall *call) {
  double length;
  Object *o = array_this(iso, call, &length);
  if (o == NULL) return VALUE_EXCEPTION;
  if (length > 4294967295.0) {
    return vm_throw_range(iso, "Invalid array length");
  }
  Array *a =
      copy_elements(iso, vm_array_new(iso, 0), o, length - 1, length, -1);
  return a == NULL ? VALUE_EXCEPTION : value_from_cell(a);
}

// ECMA-262 23.1.3.35 Array.prototype.toSpliced ( start, skipCount, ...items )
Value vm_array_to_spliced(Isolate *iso, const NativeCall *call) {
  double length, start, skip;
  Object *o = array_this(iso, call, &length);
  if (o == NULL || !array_splice_range(iso, call, length, &start, &skip)) {
    return VALUE_EXCEPTION;
  }
  uint32_t insert = call->argc > 2 ? call->argc - 2 : 0;
  double new_length = length + insert - skip;
  if (new_length > ARRAY_LIKE_MAX_LENGTH) {
    return vm_throw_type(iso, "Invalid array length");
  }
  if (new_length > 4294967295.0) {
    return vm_throw_range(iso, "Invalid array length");
  }
  Array *a = copy_elements(iso, vm_array_new(iso, 0), o, 0, start, 1);
  if (a == NULL) return VALUE_EXCEPTION;
  for (uint32_t i = 0; i < insert; i++) {
    if (!vm_array_push(iso, a, call->argv[2 + i])) return VALUE_EXCEPTION;
  }
  a = copy_elements(iso, a, o, start + skip, length - start - skip, 1);
  return a == NULL ? VALUE_EXCEPTION : value_from_cell(a);
}

// ECMA-262 23.1.3.39 Array.prototype.with ( index, value )
Value vm_array_with(Isolate *iso, const NativeCall *call) {
  double length, index;
  Object *o = array_this(iso, call, &length);
  if (o == NULL ||
      !vm_to_integer_or_infinity(iso, native_argument(call, 0), &index)) {
    return VALUE_EXCEPTION;
  }
  if (index < 0) index += length;
  if (index < 0 || index >= length) {
    return vm_throw_range(iso, "Invalid index : %.0f", index);
  }
  if (length > 4294967295.0) {
    return vm_throw_range(iso, "Invalid array length");
  }
  Array *a = copy_elements(iso, vm_array_new(iso, 0), o, 0, index, 1);
  if (a == NULL || !vm_array_push(iso, a, native_argument(call, 1))) {
    return VALUE_EXCEPTION;
  }
  a = copy_elements(iso, a, o, index + 1, length - index - 1, 1);
  return a == NULL ? VALUE_EXCEPTION : value_from_cell(a);
}
