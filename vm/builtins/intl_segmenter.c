// SPDX-License-Identifier: MIT
// Intl.Segmenter (ECMA-402 18): graphemes, words and sentences of a string.
//
// %Segments% keeps the string as `bound` and its units for ICU; its iterators
// keep the %Segments% object, whose units their break iterator reads.
#include <stdlib.h>

#include <unicode/ubrk.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/intl.h"
#include "vm/objects/charge.h"
#include "vm/objects/operations.h"

static const char *const granularities[] = {"grapheme", "word", "sentence",
                                            NULL};
enum { GRANULARITY_WORD = 1, ITERATOR_BYTES = 2 << 10 };

typedef struct {
  IntlLocale locale;
  int granularity;
  UBreakIterator *breaks; // of Segments and iterators: set to their text
  uint16_t *units;        // owned by Segments
} Segmenter;

static void close_segmenter(void *data) {
  Segmenter *s = data;
  ubrk_close(s->breaks);
  free(s->units);
  free(s);
}

// 18.1.1
static bool read_options(Isolate *iso, IntlLocaleList *list, Object *options,
                         void *data) {
  static const UBreakIteratorType types[] = {UBRK_CHARACTER, UBRK_WORD,
                                             UBRK_SENTENCE};
  Segmenter *s = data;
  if (!vm_intl_locale_matcher(iso, options)) {
    vm_intl_locale_list_free(list);
    return false;
  }
  vm_intl_resolve_locale(list, NULL, 0, &s->locale);
  if (!vm_intl_choice(iso, options, "granularity", granularities, 0,
                      &s->granularity))
    return false;
  UErrorCode status = U_ZERO_ERROR;
  s->breaks = ubrk_open(types[s->granularity], s->locale.icu, NULL, 0, &status);
  if (U_SUCCESS(status)) return true;
  vm_intl_throw_icu(iso, status);
  return false;
}

static const IntlClass class = {.name = "Segmenter",
                                .type = INTL_SEGMENTER,
                                .prototype = INTRINSIC_IntlSegmenterPrototype,
                                .data_bytes = sizeof(Segmenter),
                                .external_bytes = ITERATOR_BYTES,
                                .needs_new = true,
                                .read = read_options,
                                .close = close_segmenter};

static Value construct(Isolate *iso, const NativeCall *call) {
  return vm_intl_constructor(iso, call, &class);
}

// An object that walks the text of another with a break iterator of its own.
static IntlObject *derive(Isolate *iso, const Segmenter *from, IntlType type,
                          int prototype, Value kept) {
  UErrorCode status = U_ZERO_ERROR;
  Segmenter *s = calloc(1, sizeof *s);
  if (s == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  s->granularity = from->granularity;
  s->breaks = ubrk_clone(from->breaks, &status);
  if (U_FAILURE(status)) {
    close_segmenter(s);
    vm_intl_throw_icu(iso, status);
    return NULL;
  }
  IntlObject *o = vm_intl_object_new(iso, VALUE_UNDEFINED, prototype, type, s,
                                     close_segmenter, ITERATOR_BYTES);
  if (o != NULL) gc_store_word(iso->heap, &o->bound, kept);
  return o;
}

// 18.3.3 Intl.Segmenter.prototype.segment ( string )
static Value segment(Isolate *iso, const NativeCall *call) {
  IntlObject *segmenter = vm_intl_this(iso, call->this_value, INTL_SEGMENTER,
                                       "Intl.Segmenter.prototype.segment");
  String *string =
      segmenter != NULL ? vm_to_string(iso, native_argument(call, 0)) : NULL;
  if (string == NULL) return VALUE_EXCEPTION;
  IntlObject *o =
      derive(iso, segmenter->data, INTL_SEGMENTS,
             INTRINSIC_IntlSegmentsPrototype, value_from_cell(string));
  if (o == NULL) return VALUE_EXCEPTION;
  Segmenter *s = o->data;
  uint32_t length;
  const uint16_t *units = vm_intl_units(iso, string, &length, &s->units);
  if (units == NULL) return VALUE_EXCEPTION;
  UErrorCode status = U_ZERO_ERROR;
  ubrk_setText(s->breaks, units, (int32_t)length, &status);
  return U_SUCCESS(status) ? value_from_cell(o)
                           : vm_intl_throw_icu(iso, status);
}

// CreateSegmentDataObject (18.7.1); the iterator is at `end`.
static Value segment_data(Isolate *iso, const Segmenter *s, Value string,
                          int32_t start, int32_t end) {
  if (!vm_charge(iso, (size_t)(end - start) * CHARGE_ICU))
    return VALUE_EXCEPTION;
  String *text = vm_string_substring(iso, value_as_string(string),
                                     (uint32_t)start, (uint32_t)end);
  if (text == NULL) return VALUE_EXCEPTION;
  Object *o = vm_object_new(iso);
  vm_intl_put(iso, o, "segment", value_from_cell(text));
  vm_intl_put(iso, o, "index", value_from_int(start));
  vm_intl_put(iso, o, "input", string);
  if (s->granularity == GRANULARITY_WORD)
    vm_intl_put(
        iso, o, "isWordLike",
        value_from_bool(ubrk_getRuleStatus(s->breaks) >= UBRK_WORD_NONE_LIMIT));
  return value_from_cell(o);
}

static uint16_t unit_at(Isolate *iso, Value string, int32_t index) {
  StringView view;
  return vm_string_view(iso, value_as_string(string), &view)
             ? string_view_at(view, (uint32_t)index)
             : 0;
}

// 18.5.2.1 %SegmentsPrototype%.containing ( index )
static Value containing(Isolate *iso, const NativeCall *call) {
  IntlObject *o = vm_intl_this(iso, call->this_value, INTL_SEGMENTS,
                               "%SegmentsPrototype%.containing");
  double index;
  if (o == NULL ||
      !vm_to_integer_or_infinity(iso, native_argument(call, 0), &index))
    return VALUE_EXCEPTION;
  const Segmenter *s = o->data;
  double length = string_length(value_as_string(o->bound));
  if (index < 0 || index >= length) return VALUE_UNDEFINED;
  // No boundary is inside a surrogate pair; ICU looks at its start.
  int32_t at = (int32_t)index;
  uint16_t unit = unit_at(iso, o->bound, at);
  if (U16_IS_TRAIL(unit) && at > 0 &&
      U16_IS_LEAD(unit_at(iso, o->bound, at - 1)))
    at--;
  int32_t start =
      ubrk_isBoundary(s->breaks, at) ? at : ubrk_preceding(s->breaks, at);
  int32_t end = ubrk_following(s->breaks, at);
  if (start == UBRK_DONE) start = 0;
  if (end == UBRK_DONE) end = (int32_t)length;

  return segment_data(iso, s, o->bound, start, end);
}

// 18.5.2.2 %SegmentsPrototype% [ @@iterator ] ( )
static Value iterate(Isolate *iso, const NativeCall *call) {
  IntlObject *o = vm_intl_this(iso, call->this_value, INTL_SEGMENTS,
                               "%SegmentsPrototype%[Symbol.iterator]");
  if (o == NULL) return VALUE_EXCEPTION;
  IntlObject *iterator =
      derive(iso, o->data, INTL_SEGMENT_ITERATOR,
             INTRINSIC_IntlSegmentIteratorPrototype, value_from_cell(o));
  if (iterator == NULL) return VALUE_EXCEPTION;
  ubrk_first(((Segmenter *)iterator->data)->breaks);
  return value_from_cell(iterator);
}

// 18.6.2.1 %SegmentIteratorPrototype%.next ( )
static Value iterator_next(Isolate *iso, const NativeCall *call) {
  IntlObject *o = vm_intl_this(iso, call->this_value, INTL_SEGMENT_ITERATOR,
                               "%SegmentIteratorPrototype%.next");
  if (o == NULL) return VALUE_EXCEPTION;
  const Segmenter *s = o->data;
  Value string = ((IntlObject *)value_as_cell(o->bound))->bound;
  int32_t start = ubrk_current(s->breaks);
  int32_t end = ubrk_next(s->breaks);
  if (end == UBRK_DONE) return vm_iterator_result(iso, VALUE_UNDEFINED, true);
  Value data = segment_data(iso, s, string, start, end);
  return value_is_exception(data) ? data : vm_iterator_result(iso, data, false);
}

static Value resolved_options(Isolate *iso, const NativeCall *call) {
  IntlObject *o = vm_intl_this(iso, call->this_value, INTL_SEGMENTER,
                               "Intl.Segmenter.prototype.resolvedOptions");
  if (o == NULL) return VALUE_EXCEPTION;
  const Segmenter *s = o->data;
  Object *result = vm_object_new(iso);
  return vm_intl_put_text(iso, result, "locale", s->locale.tag) &&
                 vm_intl_put_text(iso, result, "granularity",
                                  granularities[s->granularity])
             ? value_from_cell(result)
             : VALUE_EXCEPTION;
}

static const Builtin methods[] = {
    BUILTIN("resolvedOptions", resolved_options, 0),
    BUILTIN("segment", segment, 1),
    BUILTIN_TAG("Intl.Segmenter"),
};
static const Builtin segments_methods[] = {
    BUILTIN("@@iterator", iterate, 0),
    BUILTIN("containing", containing, 1),
};
static const Builtin iterator_methods[] = {
    BUILTIN("next", iterator_next, 0),
    BUILTIN_TAG("Segmenter String Iterator"),
};

void vm_init_intl_segmenter(Isolate *iso, Realm *realm, Object *intl) {
  vm_intl_define(iso, realm, intl, "Segmenter", construct, 0,
                 INTRINSIC_IntlSegmenterPrototype, methods,
                 sizeof methods / sizeof methods[0]);
  Object *segments = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_IntlSegmentsPrototype, segments);
  VM_DEFINE_BUILTINS(iso, segments, segments_methods);
  Object *iterator =
      vm_object_new_with(iso, realm->intrinsics[INTRINSIC_IteratorPrototype]);
  vm_realm_set_intrinsic(realm, INTRINSIC_IntlSegmentIteratorPrototype,
                         iterator);
  VM_DEFINE_BUILTINS(iso, iterator, iterator_methods);
}
