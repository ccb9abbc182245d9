// SPDX-License-Identifier: MIT
// Intl.RelativeTimeFormat (ECMA-402 17).
#include <math.h>
#include <stdlib.h>

#include <unicode/uformattedvalue.h>
#include <unicode/unum.h>
#include <unicode/ureldatefmt.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/intl_number.h"
#include "vm/objects/operations.h"

typedef struct {
  IntlLocale locale;
  char numbering_system[INTL_TYPE_SIZE];
  int style, numeric;
  URelativeDateTimeFormatter *formatter;
} RelativeTimeFormat;

// In ICU's order.
static const char *const styles[] = {"long", "short", "narrow", NULL};
static const char *const numerics[] = {"always", "auto", NULL};
static const char *const units[] = {"year", "quarter", "month",  "week",
                                    "day",  "hour",    "minute", "second"};

static void close_format(void *data) {
  RelativeTimeFormat *f = data;
  ureldatefmt_close(f->formatter);
  free(f);
}

static bool read_options(Isolate *iso, IntlLocaleList *list, Object *options,
                         void *data) {
  RelativeTimeFormat *f = data;
  IntlKey key = {.key = "nu", .is_supported = vm_intl_numbering_system};
  if (!vm_intl_locale_matcher(iso, options) ||
      !vm_intl_type_option(iso, options, "numberingSystem", key.option)) {
    vm_intl_locale_list_free(list);
    return false;
  }
  vm_intl_resolve_locale(list, &key, 1, &f->locale);
  vm_intl_default_numbering(f->locale.icu, f->numbering_system);
  if (!vm_intl_choice(iso, options, "style", styles, 0, &f->style) ||
      !vm_intl_choice(iso, options, "numeric", numerics, 0, &f->numeric))
    return false;
  UErrorCode status = U_ZERO_ERROR;
  // The formatter that ICU would make groups all thousands; -2 is what the
  // locale wants.
  UNumberFormat *numbers =
      unum_open(UNUM_DECIMAL, NULL, 0, f->locale.icu, NULL, &status);
  if (U_SUCCESS(status))
    unum_setAttribute(numbers, UNUM_MINIMUM_GROUPING_DIGITS, -2);
  f->formatter = ureldatefmt_open(f->locale.icu, numbers,
                                  (UDateRelativeDateTimeFormatterStyle)f->style,
                                  UDISPCTX_CAPITALIZATION_NONE, &status);
  if (U_SUCCESS(status)) return true;
  vm_intl_throw_icu(iso, status);
  return false;
}

static const IntlClass class = {.name = "RelativeTimeFormat",
                                .type = INTL_RELATIVE_TIME_FORMAT,
                                .prototype =
                                    INTRINSIC_IntlRelativeTimeFormatPrototype,
                                .data_bytes = sizeof(RelativeTimeFormat),
                                .external_bytes = 16 << 10,
                                .coerces_options = true,
                                .needs_new = true,
                                .read = read_options,
                                .close = close_format};

// 17.1.1
static Value construct(Isolate *iso, const NativeCall *call) {
  return vm_intl_constructor(iso, call, &class);
}

// SingularRelativeTimeUnit (17.5.1): index into units, or -1 (threw).
static int unit_of(Isolate *iso, Value v) {
  size_t length;
  char *text = vm_to_utf8(iso, v, &length);
  if (text == NULL) return -1;
  for (int i = 0; i < 8; i++) {
    size_t n = strlen(units[i]);
    bool is_plural = length == n + 1 && text[n] == 's';
    if ((length == n || is_plural) && memcmp(text, units[i], n) == 0) {
      free(text);
      return i;
    }
  }
  vm_throw_range(iso, "Invalid unit argument for format() '%s'", text);
  free(text);
  return -1;
}

static const char *part_type(int field) {
  switch (field) {
  case UNUM_INTEGER_FIELD:
    return "integer";
  case UNUM_FRACTION_FIELD:
    return "fraction";
  case UNUM_DECIMAL_SEPARATOR_FIELD:
    return "decimal";
  case UNUM_GROUPING_SEPARATOR_FIELD:
    return "group";
  default:
    return "literal";
  }
}

static Value parts_of(Isolate *iso, const UFormattedValue *value,
                      const UChar *text, int32_t length, const char *unit) {
  enum { MAXIMUM_SPANS = 128 };
  IntlPart spans[MAXIMUM_SPANS];
  uint32_t count = 0;
  UErrorCode status = U_ZERO_ERROR;
  UConstrainedFieldPosition *position = ucfpos_open(&status);
  ucfpos_constrainCategory(position, UFIELD_CATEGORY_NUMBER, &status);
  while (count < MAXIMUM_SPANS &&
         ufmtval_nextPosition(value, position, &status)) {
    IntlPart *span = &spans[count++];
    span->type = part_type(ucfpos_getField(position, &status));
    span->source = NULL;
    ucfpos_getIndexes(position, &span->start, &span->end, &status);
  }
  ucfpos_close(position);
  return vm_intl_parts(iso, text, length, spans, count, unit);
}

// 17.3.3 format, 17.3.4 formatToParts (magic 1)
static Value format(Isolate *iso, const NativeCall *call) {
  bool to_parts = native_magic(call);
  IntlObject *o =
      vm_intl_this(iso, call->this_value, INTL_RELATIVE_TIME_FORMAT,
                   to_parts ? "Intl.RelativeTimeFormat.prototype.formatToParts"
                            : "Intl.RelativeTimeFormat.prototype.format");
  double number;
  if (o == NULL || !vm_to_double(iso, native_argument(call, 0), &number))
    return VALUE_EXCEPTION;
  int unit = unit_of(iso, native_argument(call, 1));
  if (unit < 0) return VALUE_EXCEPTION;
  if (!isfinite(number))
    return vm_throw_range(iso,
                          "Invalid number value for Intl.RelativeTimeFormat");
  const RelativeTimeFormat *f = o->data;
  UErrorCode status = U_ZERO_ERROR;
  UFormattedRelativeDateTime *result = ureldatefmt_openResult(&status);
  URelativeDateTimeUnit icu_unit = (URelativeDateTimeUnit)unit;
  if (f->numeric == 0) {
    ureldatefmt_formatNumericToResult(f->formatter, number, icu_unit, result,
                                      &status);
  } else {
    ureldatefmt_formatToResult(f->formatter, number, icu_unit, result, &status);
  }
  const UFormattedValue *value = ureldatefmt_resultAsValue(result, &status);
  int32_t length = 0;
  const UChar *text =
      U_SUCCESS(status) ? ufmtval_getString(value, &length, &status) : NULL;
  Value answer = U_FAILURE(status) ? vm_intl_throw_icu(iso, status)
                 : to_parts ? parts_of(iso, value, text, length, units[unit])
                            : vm_intl_text(iso, text, length);
  ureldatefmt_closeResult(result);
  return answer;
}

static Value resolved_options(Isolate *iso, const NativeCall *call) {
  IntlObject *o =
      vm_intl_this(iso, call->this_value, INTL_RELATIVE_TIME_FORMAT,
                   "Intl.RelativeTimeFormat.prototype.resolvedOptions");
  if (o == NULL) return VALUE_EXCEPTION;
  const RelativeTimeFormat *f = o->data;
  Object *result = vm_object_new(iso);
  return vm_intl_put_text(iso, result, "locale", f->locale.tag) &&
                 vm_intl_put_text(iso, result, "style", styles[f->style]) &&
                 vm_intl_put_text(iso, result, "numeric",
                                  numerics[f->numeric]) &&
                 vm_intl_put_text(iso, result, "numberingSystem",
                                  f->numbering_system)
             ? value_from_cell(result)
             : VALUE_EXCEPTION;
}

static const Builtin methods[] = {
    BUILTIN_MAGIC("format", format, 2, 0),
    BUILTIN_MAGIC("formatToParts", format, 2, 1),
    BUILTIN("resolvedOptions", resolved_options, 0),
    BUILTIN_TAG("Intl.RelativeTimeFormat"),
};

void vm_init_intl_relative_time_format(Isolate *iso, Realm *realm,
                                       Object *intl) {
  vm_intl_define(iso, realm, intl, "RelativeTimeFormat", construct, 0,
                 INTRINSIC_IntlRelativeTimeFormatPrototype, methods,
                 sizeof methods / sizeof methods[0]);
}
