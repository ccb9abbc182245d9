// SPDX-License-Identifier: MIT
// Intl.DateTimeFormat (ECMA-402 11) on ICU's date formats.
#include <math.h>
#include <stdlib.h>

#include <unicode/ucal.h>
#include <unicode/udatpg.h>
#include <unicode/ufieldpositer.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/intl_date.h"
#include "vm/objects/date_math.h"
#include "vm/objects/date_object.h"
#include "vm/objects/operations.h"

typedef struct {
  DateOptions options;
  UDateFormat *format;
  UDateIntervalFormat *interval; // NULL: no range was formatted yet
} DateTimeFormat;

enum { FORMAT_BYTES = 32 << 10, TEXT_SIZE = 256, MAXIMUM_SPANS = 64 };

static void close_format(void *data) {
  DateTimeFormat *f = data;
  udat_close(f->format);
  udtitvfmt_close(f->interval);
  free(f);
}

static bool open_format(Isolate *iso, DateTimeFormat *f) {
  const DateOptions *o = &f->options;
  UErrorCode status = U_ZERO_ERROR;
  UChar zone[INTL_ZONE_SIZE];
  int32_t zone_length = vm_intl_icu_zone(o->zone, zone);
  f->format = udat_open(UDAT_PATTERN, UDAT_PATTERN, o->locale.icu, zone,
                        zone_length, o->pattern, o->pattern_length, &status);
  if (U_FAILURE(status)) {
    vm_intl_throw_icu(iso, status);
    return false;
  }
  // The language's calendar is Gregorian for all time (21.4.1).
  UCalendar *calendar = (UCalendar *)udat_getCalendar(f->format);
  ucal_setGregorianChange(calendar, -8.65e15, &status);
  return true;
}

static IntlObject *format_new(Isolate *iso, Value new_target, Value locales,
                              Value options, DateParts required,
                              DateParts defaults) {
  IntlLocaleList list;
  if (!vm_intl_locale_list(iso, locales, &list)) return NULL;
  DateTimeFormat *f = calloc(1, sizeof *f);
  if (f == NULL) {
    vm_intl_locale_list_free(&list);
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  if (!vm_intl_read_date_options(iso, &list, options, required, defaults,
                                 &f->options) ||
      !open_format(iso, f)) {
    free(f);
    return NULL;
  }
  return vm_intl_object_new(
      iso, new_target, INTRINSIC_IntlDateTimeFormatPrototype,
      INTL_DATE_TIME_FORMAT, f, close_format, FORMAT_BYTES);
}

// 11.1.1, without the legacy constructor's dance.
static Value construct(Isolate *iso, const NativeCall *call) {
  Value new_target =
      value_is_undefined(call->new_target) ? call->callee : call->new_target;
  IntlObject *o =
      format_new(iso, new_target, native_argument(call, 0),
                 native_argument(call, 1), DATE_PARTS_ALL, DATE_PARTS_DATE);
  return o != NULL ? value_from_cell(o) : VALUE_EXCEPTION;
}

// Times -----------------------------------------------------------------------

// A time value of an argument; undefined: now. False: threw.
static bool time_of(Isolate *iso, Value v, double *out) {
  if (value_is_undefined(v)) {
    *out = iso->hooks != NULL && iso->hooks->wall_milliseconds != NULL
               ? floor(iso->hooks->wall_milliseconds(iso->host))
               : vm_date_now();
  } else if (value_is_kind(v, CELL_DATE)) {
    *out = ((DateObject *)value_as_cell(v))->time;
  } else if (!vm_to_double(iso, v, out)) {
    return false;
  }
  *out = vm_time_clip(*out);
  if (!isnan(*out)) return true;
  vm_throw_range(iso, "Invalid time value");
  return false;
}

// The narrow no-break space of newer locale data broke too many programs that
// compare or parse times: engines write a space.
static void plain_spaces(UChar *text, int32_t length) {
  for (int32_t i = 0; i < length; i++)
    if (text[i] == 0x202f) text[i] = ' ';
}

static Value format_time(Isolate *iso, const DateTimeFormat *f, double time) {
  UChar text[TEXT_SIZE];
  UErrorCode status = U_ZERO_ERROR;
  int32_t length = udat_format(f->format, time, text, TEXT_SIZE, NULL, &status);
  if (U_FAILURE(status)) return vm_intl_throw_icu(iso, status);
  plain_spaces(text, length);
  return vm_intl_text(iso, text, length);
}

static const char *part_type(int field) {
  switch (field) {
  case UDAT_ERA_FIELD:
    return "era";
  case UDAT_YEAR_FIELD:
  case UDAT_YEAR_WOY_FIELD:
  case UDAT_EXTENDED_YEAR_FIELD:
    return "year";
  case UDAT_YEAR_NAME_FIELD:
    return "yearName";
  case UDAT_RELATED_YEAR_FIELD:
    return "relatedYear";
  case UDAT_MONTH_FIELD:
  case UDAT_STANDALONE_MONTH_FIELD:
    return "month";
  case UDAT_DATE_FIELD:
    return "day";
  case UDAT_HOUR_OF_DAY1_FIELD:
  case UDAT_HOUR_OF_DAY0_FIELD:
  case UDAT_HOUR1_FIELD:
  case UDAT_HOUR0_FIELD:
    return "hour";
  case UDAT_MINUTE_FIELD:
    return "minute";
  case UDAT_SECOND_FIELD:
    return "second";
  case UDAT_FRACTIONAL_SECOND_FIELD:
    return "fractionalSecond";
  case UDAT_DAY_OF_WEEK_FIELD:
  case UDAT_DOW_LOCAL_FIELD:
  case UDAT_STANDALONE_DAY_FIELD:
    return "weekday";
  case UDAT_AM_PM_FIELD:
  case UDAT_AM_PM_MIDNIGHT_NOON_FIELD:
  case UDAT_FLEXIBLE_DAY_PERIOD_FIELD:
    return "dayPeriod";
  case UDAT_TIMEZONE_FIELD:
  case UDAT_TIMEZONE_RFC_FIELD:
  case UDAT_TIMEZONE_GENERIC_FIELD:
  case UDAT_TIMEZONE_SPECIAL_FIELD:
  case UDAT_TIMEZONE_LOCALIZED_GMT_OFFSET_FIELD:
  case UDAT_TIMEZONE_ISO_FIELD:
  case UDAT_TIMEZONE_ISO_LOCAL_FIELD:
    return "timeZoneName";
  default:
    return "literal";
  }
}

static IntlObject *this_format(Isolate *iso, const NativeCall *call,
                               const char *method) {
  return vm_intl_this(iso, call->this_value, INTL_DATE_TIME_FORMAT, method);
}

// 11.3.3: the function of the getter `format`
static Value bound_format(Isolate *iso, const NativeCall *call) {
  const IntlObject *o = (IntlObject *)value_as_cell(native_slot(call, 0));
  double time;
  if (!time_of(iso, native_argument(call, 0), &time)) return VALUE_EXCEPTION;
  return format_time(iso, o->data, time);
}
static Value get_format(Isolate *iso, const NativeCall *call) {
  IntlObject *o =
      this_format(iso, call, "get Intl.DateTimeFormat.prototype.format");
  return o != NULL ? vm_intl_bound(iso, o, bound_format, 1) : VALUE_EXCEPTION;
}

// The parts of a time; `source`: all of them have it, unless it is NULL.
static Value time_parts(Isolate *iso, const DateTimeFormat *f, double time,
                        const char *source) {
  UErrorCode status = U_ZERO_ERROR;
  UFieldPositionIterator *fields = ufieldpositer_open(&status);
  UChar text[TEXT_SIZE];
  int32_t length =
      udat_formatForFields(f->format, time, text, TEXT_SIZE, fields, &status);
  IntlPart spans[MAXIMUM_SPANS];
  uint32_t count = 0;
  if (U_SUCCESS(status)) {
    int32_t start, end, field;
    while (count < MAXIMUM_SPANS &&
           (field = ufieldpositer_next(fields, &start, &end)) >= 0)
      spans[count++] = (IntlPart){part_type(field), start, end, source};
  }
  ufieldpositer_close(fields);
  if (U_FAILURE(status)) return vm_intl_throw_icu(iso, status);
  plain_spaces(text, length);
  return vm_intl_parts(iso, text, length, spans, count, NULL);
}

// 11.3.4
static Value format_to_parts(Isolate *iso, const NativeCall *call) {
  IntlObject *o =
      this_format(iso, call, "Intl.DateTimeFormat.prototype.formatToParts");
  double time;
  if (o == NULL || !time_of(iso, native_argument(call, 0), &time))
    return VALUE_EXCEPTION;
  return time_parts(iso, o->data, time, NULL);
}

// Ranges ----------------------------------------------------------------------

static bool open_interval(Isolate *iso, DateTimeFormat *f) {
  if (f->interval != NULL) return true;
  const DateOptions *o = &f->options;
  UErrorCode status = U_ZERO_ERROR;
  UChar skeleton[INTL_PATTERN_SIZE], zone[INTL_ZONE_SIZE];
  int32_t length = udatpg_getSkeleton(NULL, o->pattern, o->pattern_length,
                                      skeleton, INTL_PATTERN_SIZE, &status);
  int32_t zone_length = vm_intl_icu_zone(o->zone, zone);
  f->interval = udtitvfmt_open(o->locale.icu, skeleton, length, zone,
                               zone_length, &status);
  if (U_SUCCESS(status)) return true;
  udtitvfmt_close(f->interval);
  f->interval = NULL;
  vm_intl_throw_icu(iso, status);
  return false;
}

// The spans of a formatted range; false: both ends look the same.
static bool range_spans(const UFormattedValue *value, IntlPart *spans,
                        uint32_t *count) {
  UErrorCode status = U_ZERO_ERROR;
  UConstrainedFieldPosition *position = ucfpos_open(&status);
  IntlPart ends[2];
  unsigned end_count = 0;
  *count = 0;
  while (U_SUCCESS(status) && *count < MAXIMUM_SPANS &&
         ufmtval_nextPosition(value, position, &status)) {
    IntlPart part = {.source = "shared"};
    int32_t category = ucfpos_getCategory(position, &status);
    int32_t field = ucfpos_getField(position, &status);
    ucfpos_getIndexes(position, &part.start, &part.end, &status);
    if (category == UFIELD_CATEGORY_DATE_INTERVAL_SPAN) {
      part.type = "literal";
      part.source = field == 0 ? "startRange" : "endRange";
      if (end_count < 2) ends[end_count++] = part;
    } else {
      part.type = part_type(field);
    }
    spans[(*count)++] = part;
  }
  ucfpos_close(position);
  for (uint32_t i = 0; i < *count; i++)
    for (unsigned k = 0; k < end_count; k++)
      if (spans[i].start >= ends[k].start && spans[i].end <= ends[k].end)
        spans[i].source = ends[k].source;
  return end_count != 0;
}

// 11.3.5 and 11.3.6: formatRange, formatRangeToParts (magic 1)
static Value format_range(Isolate *iso, const NativeCall *call) {
  bool to_parts = native_magic(call);
  IntlObject *o =
      this_format(iso, call,
                  to_parts ? "Intl.DateTimeFormat.prototype.formatRangeToParts"
                           : "Intl.DateTimeFormat.prototype.formatRange");
  if (o == NULL) return VALUE_EXCEPTION;
  Value first = native_argument(call, 0), last = native_argument(call, 1);
  double from, to;
  if (value_is_undefined(first) || value_is_undefined(last))
    return vm_throw_type(iso, "startDate or endDate cannot be undefined");
  if (!vm_to_double(iso, first, &from) || !vm_to_double(iso, last, &to) ||
      !time_of(iso, value_from_number(from), &from) ||
      !time_of(iso, value_from_number(to), &to) || !open_interval(iso, o->data))
    return VALUE_EXCEPTION;
  const DateTimeFormat *f = o->data;
  UErrorCode status = U_ZERO_ERROR;
  UFormattedDateInterval *result = udtitvfmt_openResult(&status);
  if (U_SUCCESS(status))
    udtitvfmt_formatToResult(f->interval, from, to, result, &status);
  const UFormattedValue *value =
      U_SUCCESS(status) ? udtitvfmt_resultAsValue(result, &status) : NULL;
  int32_t length = 0;
  const UChar *text =
      U_SUCCESS(status) ? ufmtval_getString(value, &length, &status) : NULL;
  Value answer = VALUE_EXCEPTION;
  UChar *copy = NULL;
  IntlPart spans[MAXIMUM_SPANS];
  uint32_t count;
  if (U_FAILURE(status)) {
    vm_intl_throw_icu(iso, status);
  } else if (!range_spans(value, spans, &count)) {
    answer = to_parts ? time_parts(iso, f, from, "shared")
                      : format_time(iso, f, from);
  } else if ((copy = malloc(((size_t)length + 1) * sizeof *copy)) == NULL) {
    vm_throw_out_of_memory(iso);
  } else {
    memcpy(copy, text, (size_t)length * sizeof *copy);
    plain_spaces(copy, length);
    answer = to_parts ? vm_intl_parts(iso, copy, length, spans, count, NULL)
                      : vm_intl_text(iso, copy, length);
  }
  free(copy);

  udtitvfmt_closeResult(result);
  return answer;
}

static Value resolved_options(Isolate *iso, const NativeCall *call) {
  IntlObject *o =
      this_format(iso, call, "Intl.DateTimeFormat.prototype.resolvedOptions");
  if (o == NULL) return VALUE_EXCEPTION;
  const DateTimeFormat *f = o->data;
  return vm_intl_date_resolved(iso, &f->options);
}

// 21.4.4.38 to 40 with ECMA-402. What is kept is of no use once TZ has changed.
Value vm_intl_date_to_locale_string(Isolate *iso, double time, DateParts parts,
                                    Value locales, Value options) {
  Object **kept =
      &iso->realm
           ->intrinsics[INTRINSIC_IntlKeptDateFormat + parts - DATE_PARTS_DATE];
  IntlObject *o = vm_intl_kept(iso, kept, locales, options);
  if (o != NULL) {
    const DateTimeFormat *f = o->data;
    if (strcmp(f->options.zone, vm_intl_system_zone()) != 0) o = NULL;
  }
  if (o == NULL) {
    o = format_new(iso, VALUE_UNDEFINED, locales, options, parts, parts);
    if (o == NULL) return VALUE_EXCEPTION;
    vm_intl_keep(iso, kept, o, locales, options);
  }
  return format_time(iso, o->data, time);
}

static const Builtin methods[] = {
    BUILTIN_GET("format", get_format),
    BUILTIN_MAGIC("formatRange", format_range, 2, 0),
    BUILTIN_MAGIC("formatRangeToParts", format_range, 2, 1),
    BUILTIN("formatToParts", format_to_parts, 1),
    BUILTIN("resolvedOptions", resolved_options, 0),
    BUILTIN_TAG("Intl.DateTimeFormat"),
};

void vm_init_intl_date_time_format(Isolate *iso, Realm *realm, Object *intl) {
  vm_intl_define(iso, realm, intl, "DateTimeFormat", construct, 0,
                 INTRINSIC_IntlDateTimeFormatPrototype, methods,
                 sizeof methods / sizeof methods[0]);
}
