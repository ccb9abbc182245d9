// SPDX-License-Identifier: MIT
// Intl.NumberFormat (ECMA-402 15) on ICU's number formatter, which is told what
// to do by a skeleton: a text of the options.
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <unicode/ufieldpositer.h>
#include <unicode/unum.h>
#include <unicode/unumberrangeformatter.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/intl_number.h"
#include "vm/objects/bigint.h"
#include "vm/objects/operations.h"
#include "vm/objects/unicode.h"

// Skeletons -------------------------------------------------------------------

typedef struct {
  char text[640];
  size_t length;
} Skeleton;

__attribute__((format(printf, 2, 3))) static void add(Skeleton *s,
                                                      const char *format, ...) {
  va_list list;
  va_start(list, format);
  int n =
      vsnprintf(s->text + s->length, sizeof s->text - s->length, format, list);
  va_end(list);
  if (n > 0 && s->length + (size_t)n < sizeof s->text) s->length += (size_t)n;
}
static void repeat(Skeleton *s, char c, int count) {
  while (count-- > 0)
    add(s, "%c", c);
}

static void add_digits(Skeleton *s, const NumberDigits *d) {
  static const char *const modes[] = {"ceiling", "floor",        "up",
                                      "down",    "half-ceiling", "half-floor",
                                      "half-up", "half-down",    "half-even"};
  if (d->increment != 1) {
    // The increment counts in units of the last fraction digit.
    char digits[128];
    int n = snprintf(digits, sizeof digits, "%0*d", d->maximum_fraction + 1,
                     d->increment);
    int whole = n - d->maximum_fraction;
    add(s, " precision-increment/%.*s", whole, digits);
    if (d->maximum_fraction > 0) add(s, ".%s", digits + whole);
  } else {
    add(s, " ");
    if (d->has_fraction) {
      add(s, ".");
      repeat(s, '0', d->minimum_fraction);
      repeat(s, '#', d->maximum_fraction - d->minimum_fraction);
    }
    if (d->has_significant) {
      if (d->has_fraction) add(s, "/");
      repeat(s, '@', d->minimum_significant);
      repeat(s, '#', d->maximum_significant - d->minimum_significant);
      if (d->has_fraction)
        add(s, "%c", d->priority == PRIORITY_LESS ? 's' : 'r');
    }
  }
  if (d->trailing_zeros) add(s, "/w");
  if (d->minimum_integer > 1) {
    add(s, " integer-width/+");
    repeat(s, '0', d->minimum_integer);
  }
  add(s, " rounding-mode-%s", modes[d->rounding_mode]);
}

static void make_skeleton(Skeleton *s, const NumberOptions *o) {
  static const char *const notations[] = {"", "scientific", "engineering", ""};
  static const char *const currency_widths[] = {"short", "narrow", "iso-code",
                                                "full-name"};
  static const char *const unit_widths[] = {"short", "narrow", "full-name"};
  static const char *const groups[] = {"min2", "auto", "on-aligned", "off"};
  static const char *const signs[][2] = {
      {"auto", "accounting"},
      {"never", "never"},
      {"always", "accounting-always"},
      {"except-zero", "accounting-except-zero"},
      {"negative", "accounting-negative"}};
  switch (o->style) {
  case STYLE_DECIMAL:
    break;
  case STYLE_PERCENT:
    add(s, " percent scale/100");
    break;
  case STYLE_CURRENCY:
    add(s, " currency/%s unit-width-%s", o->currency,
        currency_widths[o->currency_display]);
    break;
  case STYLE_UNIT:
    add(s, " unit/%s unit-width-%s", o->unit, unit_widths[o->unit_display]);
    break;
  }
  if (o->notation == NOTATION_COMPACT) {
    add(s, " compact-%s", o->compact_display ? "long" : "short");
  } else {
    add(s, " %s", notations[o->notation]);
  }
  add_digits(s, &o->digits);
  bool is_accounting = o->style == STYLE_CURRENCY && o->currency_sign;
  add(s, " group-%s sign-%s", groups[o->grouping],
      signs[o->sign_display][is_accounting]);
}

UNumberFormatter *vm_intl_open_number(Isolate *iso, const NumberOptions *o) {
  Skeleton s = {.length = 0};
  make_skeleton(&s, o);
  UChar units[sizeof s.text];
  for (size_t i = 0; i < s.length; i++)
    units[i] = (UChar)s.text[i];
  UErrorCode status = U_ZERO_ERROR;
  UNumberFormatter *f = unumf_openForSkeletonAndLocale(units, (int32_t)s.length,
                                                       o->locale.icu, &status);
  if (U_SUCCESS(status)) return f;
  unumf_close(f);
  vm_intl_throw_icu(iso, status);
  return NULL;
}

// Numbers ---------------------------------------------------------------------

// A string that is a StrDecimalLiteral, trimmed, into `out`: it is formatted
// with all its digits. False: let ToNumber decide.
static bool decimal_text(StringView view, char *out, size_t size) {
  uint32_t start = 0, end = view.length;
  while (start < end && vm_unicode_is_trimmed(string_view_at(view, start)))
    start++;
  while (end > start && vm_unicode_is_trimmed(string_view_at(view, end - 1)))
    end--;
  if (end - start >= size || end == start) return false;
  bool has_digit = false;
  for (uint32_t i = start; i < end; i++) {
    uint16_t c = string_view_at(view, i);
    bool is_digit = (unsigned)(c - '0') < 10;
    has_digit |= is_digit;
    if (!is_digit && (c > 127 || strchr("+-.eE", c) == NULL)) return false;
    // An exponent that no number needs would make ICU write it out.
    if ((c | 0x20) == 'e' && end - i > 4) return false;
    out[i - start] = (char)c;
  }
  out[end - start] = 0;
  return has_digit;
}

bool vm_intl_format_number(Isolate *iso, const UNumberFormatter *f, Value v,
                           UFormattedNumber *result) {
  UErrorCode status = U_ZERO_ERROR;
  v = vm_to_primitive(iso, v, HINT_NUMBER);
  if (value_is_exception(v)) return false;
  if (value_is_bigint(v)) {
    size_t length;
    char *text = vm_to_utf8(iso, v, &length);
    if (text == NULL) return false;
    unumf_formatDecimal(f, text, (int32_t)length, result, &status);
    free(text);
  } else {
    char text[512];
    StringView view = {0};
    double d;
    if (value_is_string(v) && !vm_string_view(iso, value_as_string(v), &view))
      return false;
    Value number = vm_to_number(iso, v);
    if (value_is_exception(number)) return false;
    d = value_as_number(number);
    if (value_is_string(v) && isfinite(d) &&
        decimal_text(view, text, sizeof text)) {
      unumf_formatDecimal(f, text, (int32_t)strlen(text), result, &status);
    } else {
      unumf_formatDouble(f, d, result, &status);
    }
  }
  if (U_SUCCESS(status)) return true;
  vm_intl_throw_icu(iso, status);
  return false;
}

// The text of a result; valid as long as it.
static const UChar *text_of(Isolate *iso, const UFormattedValue *value,
                            int32_t *length) {
  UErrorCode status = U_ZERO_ERROR;
  const UChar *text = ufmtval_getString(value, length, &status);
  if (U_SUCCESS(status)) return text;
  vm_intl_throw_icu(iso, status);
  return NULL;
}

static const char *part_type(int field, const UChar *text, int32_t start) {
  switch (field) {
  case UNUM_INTEGER_FIELD:
    // Infinity and NaN are integers to ICU.
    return "integer";
  case UNUM_FRACTION_FIELD:
    return "fraction";
  case UNUM_DECIMAL_SEPARATOR_FIELD:
    return "decimal";
  case UNUM_EXPONENT_SYMBOL_FIELD:
    return "exponentSeparator";
  case UNUM_EXPONENT_SIGN_FIELD:
    return "exponentMinusSign";
  case UNUM_EXPONENT_FIELD:
    return "exponentInteger";
  case UNUM_GROUPING_SEPARATOR_FIELD:
    return "group";
  case UNUM_CURRENCY_FIELD:
    return "currency";
  case UNUM_PERCENT_FIELD:
    return "percentSign";
  case UNUM_SIGN_FIELD:
    return text[start] == '+' || text[start] == 0x61c ||
                   (text[start] == 0x200e && text[start + 1] == '+')
               ? "plusSign"
               : "minusSign";
  case UNUM_MEASURE_UNIT_FIELD:
    return "unit";
  case UNUM_COMPACT_FIELD:
    return "compact";
  case UNUM_APPROXIMATELY_SIGN_FIELD:
    return "approximatelySign";
  default:
    return "literal";
  }
}

enum { MAXIMUM_SPANS = 512 };

// The fields of a formatted value as spans; a range's have a source.
static uint32_t spans_of(const UFormattedValue *value, const UChar *text,
                         const char *special, bool is_unit, IntlPart *spans) {
  UErrorCode status = U_ZERO_ERROR;
  UConstrainedFieldPosition *position = ucfpos_open(&status);
  uint32_t count = 0;
  while (U_SUCCESS(status) && count < MAXIMUM_SPANS &&
         ufmtval_nextPosition(value, position, &status)) {
    IntlPart *span = &spans[count];
    int32_t category = ucfpos_getCategory(position, &status);
    int32_t field = ucfpos_getField(position, &status);
    ucfpos_getIndexes(position, &span->start, &span->end, &status);
    if (category == UFIELD_CATEGORY_NUMBER_RANGE_SPAN) {
      span->type = "literal";
      span->source = field == 0 ? "startRange" : "endRange";
    } else {
      span->type = part_type(field, text, span->start);
      span->source = NULL;
      if (field == UNUM_INTEGER_FIELD && special != NULL) span->type = special;
      if (field == UNUM_PERCENT_FIELD && is_unit) span->type = "unit";
    }
    count++;
  }
  ucfpos_close(position);
  return count;
}

// Methods ---------------------------------------------------------------------

typedef struct {
  NumberOptions options;
  UNumberFormatter *formatter;
} NumberFormat;

static void close_format(void *data) {
  NumberFormat *format = data;
  unumf_close(format->formatter);
  free(format);
}

static bool read_format(Isolate *iso, IntlLocaleList *list, Object *options,
                        void *data) {
  NumberFormat *format = data;
  if (!vm_intl_read_number_options(iso, list, options, &format->options))
    return false;
  format->formatter = vm_intl_open_number(iso, &format->options);
  return format->formatter != NULL;
}

static const IntlClass class = {.name = "NumberFormat",
                                .type = INTL_NUMBER_FORMAT,
                                .prototype =
                                    INTRINSIC_IntlNumberFormatPrototype,
                                .data_bytes = sizeof(NumberFormat),
                                .external_bytes = 16 << 10,
                                .coerces_options = true,
                                .read = read_format,
                                .close = close_format};

// 15.1.1, without the legacy constructor's dance.
static Value construct(Isolate *iso, const NativeCall *call) {
  return vm_intl_constructor(iso, call, &class);
}

// Formats a value; *result is to be closed. NULL: threw.
static const UChar *format_value(Isolate *iso, const NumberFormat *format,
                                 Value v, UFormattedNumber **result,
                                 int32_t *length) {
  UErrorCode status = U_ZERO_ERROR;
  *result = unumf_openResult(&status);
  if (U_FAILURE(status)) {
    vm_intl_throw_icu(iso, status);
    return NULL;
  }
  const UChar *text = NULL;
  if (vm_intl_format_number(iso, format->formatter, v, *result))
    text = text_of(iso, unumf_resultAsValue(*result, &status), length);
  if (text == NULL) unumf_closeResult(*result);
  return text;
}

static Value format_to_string(Isolate *iso, const NumberFormat *format,
                              Value v) {
  UFormattedNumber *result;
  int32_t length;
  const UChar *text = format_value(iso, format, v, &result, &length);
  if (text == NULL) return VALUE_EXCEPTION;
  Value string = vm_intl_text(iso, text, length);
  unumf_closeResult(result);
  return string;
}

static const NumberFormat *this_format(Isolate *iso, const NativeCall *call,
                                       const char *method) {
  IntlObject *o =
      vm_intl_this(iso, call->this_value, INTL_NUMBER_FORMAT, method);
  return o != NULL ? o->data : NULL;
}

// 15.3.3: the function of the getter `format`
static Value bound_format(Isolate *iso, const NativeCall *call) {
  const IntlObject *o = (IntlObject *)value_as_cell(native_slot(call, 0));
  return format_to_string(iso, o->data, native_argument(call, 0));
}
static Value get_format(Isolate *iso, const NativeCall *call) {
  IntlObject *o = vm_intl_this(iso, call->this_value, INTL_NUMBER_FORMAT,
                               "get Intl.NumberFormat.prototype.format");
  return o != NULL ? vm_intl_bound(iso, o, bound_format, 1) : VALUE_EXCEPTION;
}

// 15.3.4
static Value format_to_parts(Isolate *iso, const NativeCall *call) {
  const NumberFormat *format =
      this_format(iso, call, "Intl.NumberFormat.prototype.formatToParts");
  if (format == NULL) return VALUE_EXCEPTION;
  Value v = vm_to_primitive(iso, native_argument(call, 0), HINT_NUMBER);
  if (value_is_exception(v)) return v;
  const char *special = NULL;
  if (!value_is_bigint(v)) {
    Value number = vm_to_number(iso, v);
    if (value_is_exception(number)) return number;
    double d = value_as_number(number);
    special = isnan(d) ? "nan" : isinf(d) ? "infinity" : NULL;
  }
  UFormattedNumber *result;
  int32_t length;
  const UChar *text = format_value(iso, format, v, &result, &length);
  if (text == NULL) return VALUE_EXCEPTION;
  UErrorCode status = U_ZERO_ERROR;
  IntlPart spans[MAXIMUM_SPANS];
  uint32_t count =
      spans_of(unumf_resultAsValue(result, &status), text,

               special, format->options.style == STYLE_UNIT, spans);
  Value parts = vm_intl_parts(iso, text, length, spans, count, NULL);
  unumf_closeResult(result);
  return parts;
}

// Decimal text of an end of a range. NULL: threw; to be freed.
static char *range_end(Isolate *iso, Value v) {
  v = vm_to_primitive(iso, v, HINT_NUMBER);
  if (value_is_exception(v)) return NULL;
  if (value_is_string(v)) {
    char text[512];
    StringView view;
    if (!vm_string_view(iso, value_as_string(v), &view)) return NULL;
    if (decimal_text(view, text, sizeof text)) {
      char *copy = strdup(text);
      if (copy == NULL) vm_throw_out_of_memory(iso);
      return copy;
    }
  }
  if (!value_is_bigint(v)) {
    double d;
    if (!vm_to_double(iso, v, &d)) return NULL;
    if (isnan(d)) {
      vm_throw_range(iso, "Invalid argument");
      return NULL;
    }
    v = value_from_number(d);
  }
  return vm_to_utf8(iso, v, NULL);
}

// 15.3.5 and 15.3.6 formatRange, formatRangeToParts (magic 1)
static Value format_range(Isolate *iso, const NativeCall *call) {
  const NumberFormat *format = this_format(
      iso, call,
      native_magic(call) ? "Intl.NumberFormat.prototype.formatRangeToParts"
                         : "Intl.NumberFormat.prototype.formatRange");
  if (format == NULL) return VALUE_EXCEPTION;
  if (value_is_undefined(native_argument(call, 0)) ||
      value_is_undefined(native_argument(call, 1)))
    return vm_throw_type(iso, "formatRange needs two values");
  char *start = range_end(iso, call->argv[0]);
  char *end = start != NULL ? range_end(iso, call->argv[1]) : NULL;
  if (end == NULL) {
    free(start);
    return VALUE_EXCEPTION;
  }
  Skeleton s = {.length = 0};
  make_skeleton(&s, &format->options);
  UChar units[sizeof s.text];
  for (size_t i = 0; i < s.length; i++)
    units[i] = (UChar)s.text[i];
  UErrorCode status = U_ZERO_ERROR;
  UParseError where;
  UNumberRangeFormatter *f =
      unumrf_openForSkeletonWithCollapseAndIdentityFallback(
          units, (int32_t)s.length, UNUM_RANGE_COLLAPSE_AUTO,
          UNUM_IDENTITY_FALLBACK_APPROXIMATELY, format->options.locale.icu,
          &where, &status);
  UFormattedNumberRange *result = unumrf_openResult(&status);
  if (U_SUCCESS(status))
    unumrf_formatDecimalRange(f, start, (int32_t)strlen(start), end,
                              (int32_t)strlen(end), result, &status);
  free(start);
  free(end);
  Value answer = VALUE_EXCEPTION;
  if (U_FAILURE(status)) {
    vm_intl_throw_icu(iso, status);
  } else {
    const UFormattedValue *value = unumrf_resultAsValue(result, &status);
    int32_t length;
    const UChar *text = text_of(iso, value, &length);
    if (text != NULL && !native_magic(call)) {
      answer = vm_intl_text(iso, text, length);
    } else if (text != NULL) {
      IntlPart spans[MAXIMUM_SPANS];
      uint32_t count = spans_of(value, text, NULL,
                                format->options.style == STYLE_UNIT, spans);
      // What is inside a range's end belongs to it, the rest is shared.
      for (uint32_t i = 0; i < count; i++) {
        const char *source = spans[i].source;
        for (uint32_t k = 0; source == NULL && k < count; k++)
          if (strcmp(spans[k].type, "literal") == 0 &&
              spans[k].start <= spans[i].start && spans[k].end >= spans[i].end)
            source = spans[k].source;
        spans[i].source = source != NULL ? source : "shared";
      }
      answer = vm_intl_parts(iso, text, length, spans, count, NULL);
    }
  }
  unumrf_closeResult(result);
  unumrf_close(f);
  return answer;
}

// 15.3.7
static Value resolved_options(Isolate *iso, const NativeCall *call) {
  const NumberFormat *format =
      this_format(iso, call, "Intl.NumberFormat.prototype.resolvedOptions");
  return format != NULL ? vm_intl_number_resolved(iso, &format->options)
                        : VALUE_EXCEPTION;
}

// 19.1.1, 19.2.1
Value vm_intl_number_to_locale_string(Isolate *iso, Value x, Value locales,
                                      Value options) {
  Object **kept = &iso->realm->intrinsics[INTRINSIC_IntlKeptNumberFormat];
  IntlObject *o = vm_intl_kept(iso, kept, locales, options);
  if (o == NULL) {
    o = vm_intl_construct(iso, &class, VALUE_UNDEFINED, locales, options);
    if (o == NULL) return VALUE_EXCEPTION;
    vm_intl_keep(iso, kept, o, locales, options);
  }
  return format_to_string(iso, o->data, x);
}

static const Builtin methods[] = {
    BUILTIN_GET("format", get_format),
    BUILTIN_MAGIC("formatRange", format_range, 2, 0),
    BUILTIN_MAGIC("formatRangeToParts", format_range, 2, 1),
    BUILTIN("formatToParts", format_to_parts, 1),
    BUILTIN("resolvedOptions", resolved_options, 0),
    BUILTIN_TAG("Intl.NumberFormat"),
};

void vm_init_intl_number_format(Isolate *iso, Realm *realm, Object *intl) {
  vm_intl_define(iso, realm, intl, "NumberFormat", construct, 0,
                 INTRINSIC_IntlNumberFormatPrototype, methods,
                 sizeof methods / sizeof methods[0]);
}
