// SPDX-License-Identifier: MIT
// The options of Intl.DateTimeFormat and the values that Unicode extension keys
// may have.
#ifndef RILL_VM_BUILTINS_INTL_DATE_H
#define RILL_VM_BUILTINS_INTL_DATE_H

#include <unicode/udat.h>
#include <unicode/udateintervalformat.h>

#include "vm/builtins/intl.h"

enum { INTL_ZONE_SIZE = 64, INTL_PATTERN_SIZE = 160 };

// Which components a method wants, and which it gives if none is asked for.
typedef enum {
  DATE_PARTS_DATE = 1,
  DATE_PARTS_TIME = 2,
  DATE_PARTS_ALL = 3
} DateParts;

// Table 16, in the order in which the options are read.
typedef enum {
  FIELD_WEEKDAY,
  FIELD_ERA,
  FIELD_YEAR,
  FIELD_MONTH,
  FIELD_DAY,
  FIELD_DAY_PERIOD,
  FIELD_HOUR,
  FIELD_MINUTE,
  FIELD_SECOND,
  FIELD_FRACTION,
  FIELD_ZONE_NAME,
  FIELD_COUNT,
} DateField;

typedef enum {
  HOUR_CYCLE_NONE = -1,
  HOUR_CYCLE_11,
  HOUR_CYCLE_12,
  HOUR_CYCLE_23,
  HOUR_CYCLE_24
} HourCycle;

typedef struct DateOptions {
  IntlLocale locale;
  char calendar[INTL_TYPE_SIZE], numbering_system[INTL_TYPE_SIZE];
  char zone[INTL_ZONE_SIZE];
  // Index into the field's texts, FIELD_FRACTION: a number; -1: undefined.
  int fields[FIELD_COUNT];
  HourCycle hour_cycle;       // of the pattern
  int date_style, time_style; // -1: undefined
  uint16_t pattern[INTL_PATTERN_SIZE];
  int32_t pattern_length;
} DateOptions;

// CreateDateTimeFormat (11.1.2) up to the pattern. Frees the list.
bool vm_intl_read_date_options(Isolate *, IntlLocaleList *, Value options,
                               DateParts required, DateParts defaults,
                               DateOptions *) VM_CHECKED;
Value vm_intl_date_resolved(Isolate *, const DateOptions *);

// SystemTimeZoneIdentifier: of the environment's TZ now. Any thread.
const char *vm_intl_system_zone(void);
// A time zone identifier or offset in the form that resolvedOptions shows.
bool vm_intl_zone(const char *text, char out[INTL_ZONE_SIZE]);
// What ICU calls it. The length.
int32_t vm_intl_icu_zone(const char *zone, uint16_t out[INTL_ZONE_SIZE]);
bool vm_intl_listed_zone(const char *locale, char *value);

bool vm_intl_calendar(const char *locale, char *value);
// An ICU name becomes the type that is shown.
bool vm_intl_listed_collation(const char *locale, char *value);

// Date.prototype.toLocaleString and its kin. `time` is a number.
Value vm_intl_date_to_locale_string(Isolate *, double time, DateParts,
                                    Value locales, Value options);
// String.prototype.localeCompare; the first two are strings.
Value vm_intl_compare_strings(Isolate *, Value a, Value b, Value locales,
                              Value options);

#endif
