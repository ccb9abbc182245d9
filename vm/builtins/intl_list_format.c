// SPDX-License-Identifier: MIT
// Intl.ListFormat (ECMA-402 14).
#include <stdlib.h>

#include <unicode/uformattedvalue.h>
#include <unicode/ulistformatter.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/intl.h"
#include "vm/objects/array.h"
#include "vm/objects/operations.h"

typedef struct {
  IntlLocale locale;
  int type, style;
  UListFormatter *formatter;
} ListFormat;

// In ICU's order.
static const char *const types[] = {"conjunction", "disjunction", "unit", NULL};
static const char *const styles[] = {"long", "short", "narrow", NULL};

static void close_format(void *data) {
  ListFormat *f = data;
  ulistfmt_close(f->formatter);
  free(f);
}

static bool read_options(Isolate *iso, IntlLocaleList *list, Object *options,
                         void *data) {
  ListFormat *f = data;
  if (!vm_intl_locale_matcher(iso, options)) {
    vm_intl_locale_list_free(list);
    return false;
  }
  vm_intl_resolve_locale(list, NULL, 0, &f->locale);
  if (!vm_intl_choice(iso, options, "type", types, 0, &f->type) ||
      !vm_intl_choice(iso, options, "style", styles, 0, &f->style))
    return false;
  UErrorCode status = U_ZERO_ERROR;
  f->formatter =
      ulistfmt_openForType(f->locale.icu, (UListFormatterType)f->type,
                           (UListFormatterWidth)f->style, &status);
  if (U_SUCCESS(status)) return true;
  vm_intl_throw_icu(iso, status);
  return false;
}

static const IntlClass class = {.name = "ListFormat",
                                .type = INTL_LIST_FORMAT,
                                .prototype = INTRINSIC_IntlListFormatPrototype,
                                .data_bytes = sizeof(ListFormat),
                                .external_bytes = 2 << 10,
                                .needs_new = true,
                                .read = read_options,
                                .close = close_format};

// 14.1.1
static Value construct(Isolate *iso, const NativeCall *call) {
  return vm_intl_constructor(iso, call, &class);
}

// StringListFromIterable (14.5.5). NULL: threw.
static Array *string_list(Isolate *iso, Value iterable) {
  Array *list = vm_array_new(iso, 0);
  IteratorRecord record;
  if (list == NULL || value_is_undefined(iterable)) return list;
  if (!vm_get_iterator(iso, iterable, &record)) return NULL;
  for (;;) {
    Value v;
    Tri more = vm_iterator_step(iso, &record, &v);
    if (more == 0) return list;
    if (more < 0) return NULL;
    if (!value_is_string(v)) {
      vm_throw_type(iso, "Iterable yielded a value that is not a string");
      (void)!vm_iterator_close(iso, &record);
      return NULL;
    }
    if (!vm_array_push(iso, list, v)) return NULL;
  }
}

// Formats; *result is to be closed. False: threw.
static bool format_list(Isolate *iso, const ListFormat *f, Array *list,
                        UFormattedList **result) {
  uint32_t count = list->length;
  const UChar **texts = calloc(count + 1, sizeof *texts);
  int32_t *lengths = calloc(count + 1, sizeof *lengths);
  uint16_t **owned = calloc(count + 1, sizeof *owned);
  bool done = texts != NULL && lengths != NULL && owned != NULL;
  if (!done) vm_throw_out_of_memory(iso);
  for (uint32_t i = 0; done && i < count; i++) {
    uint32_t length = 0;
    texts[i] =
        vm_intl_units(iso, value_as_string(list->object.elements->values[i]),
                      &length, &owned[i]);
    lengths[i] = (int32_t)length;
    done = texts[i] != NULL;
  }
  if (done) {
    UErrorCode status = U_ZERO_ERROR;
    *result = ulistfmt_openResult(&status);
    ulistfmt_formatStringsToResult(f->formatter, texts, lengths, (int32_t)count,
                                   *result, &status);
    done = U_SUCCESS(status);
    if (!done) {
      ulistfmt_closeResult(*result);
      vm_intl_throw_icu(iso, status);
    }
  }
  for (uint32_t i = 0; owned != NULL && i < count; i++)
    free(owned[i]);
  free(owned);
  free(texts);
  free(lengths);
  return done;
}

// 14.3.3 format, 14.3.4 formatToParts (magic 1)
static Value format(Isolate *iso, const NativeCall *call) {
  bool to_parts = native_magic(call);
  IntlObject *o =
      vm_intl_this(iso, call->this_value, INTL_LIST_FORMAT,
                   to_parts ? "Intl.ListFormat.prototype.formatToParts"
                            : "Intl.ListFormat.prototype.format");
  Array *list = o != NULL ? string_list(iso, native_argument(call, 0)) : NULL;
  UFormattedList *result;
  if (list == NULL || !format_list(iso, o->data, list, &result))
    return VALUE_EXCEPTION;
  UErrorCode status = U_ZERO_ERROR;
  const UFormattedValue *value = ulistfmt_resultAsValue(result, &status);
  int32_t length = 0;
  const UChar *text = ufmtval_getString(value, &length, &status);
  Value answer = VALUE_EXCEPTION;
  IntlPart *spans = to_parts ? calloc(list->length + 1, sizeof *spans) : NULL;
  if (U_FAILURE(status)) {
    vm_intl_throw_icu(iso, status);
  } else if (!to_parts) {
    answer = vm_intl_text(iso, text, length);
  } else if (spans == NULL) {
    vm_throw_out_of_memory(iso);
  } else {
    UConstrainedFieldPosition *position = ucfpos_open(&status);
    ucfpos_constrainField(position, UFIELD_CATEGORY_LIST,
                          ULISTFMT_ELEMENT_FIELD, &status);
    uint32_t count = 0;
    while (count < list->length &&
           ufmtval_nextPosition(value, position, &status)) {
      spans[count].type = "element";
      ucfpos_getIndexes(position, &spans[count].start, &spans[count].end,
                        &status);
      count++;
    }
    ucfpos_close(position);
    answer = vm_intl_parts(iso, text, length, spans, count, NULL);
  }
  free(spans);
  ulistfmt_closeResult(result);
  return answer;
}

static Value resolved_options(Isolate *iso, const NativeCall *call) {
  IntlObject *o = vm_intl_this(iso, call->this_value, INTL_LIST_FORMAT,
                               "Intl.ListFormat.prototype.resolvedOptions");
  if (o == NULL) return VALUE_EXCEPTION;
  const ListFormat *f = o->data;
  Object *result = vm_object_new(iso);
  return vm_intl_put_text(iso, result, "locale", f->locale.tag) &&
                 vm_intl_put_text(iso, result, "type", types[f->type]) &&
                 vm_intl_put_text(iso, result, "style", styles[f->style])
             ? value_from_cell(result)
             : VALUE_EXCEPTION;
}

static const Builtin methods[] = {
    BUILTIN_MAGIC("format", format, 1, 0),
    BUILTIN_MAGIC("formatToParts", format, 1, 1),
    BUILTIN("resolvedOptions", resolved_options, 0),
    BUILTIN_TAG("Intl.ListFormat"),
};

void vm_init_intl_list_format(Isolate *iso, Realm *realm, Object *intl) {
  vm_intl_define(iso, realm, intl, "ListFormat", construct, 0,
                 INTRINSIC_IntlListFormatPrototype, methods,
                 sizeof methods / sizeof methods[0]);
}
