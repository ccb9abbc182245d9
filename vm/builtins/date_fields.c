// SPDX-License-Identifier: MIT
// Getters and setters of Date.prototype, ECMA-262 21.4.4.2 to 21.4.4.34 and
// annex B.2.3. One C function serves all getters, one all setters: the row's
// magic says which field and whether in local time.
#include <math.h>

#include "vm/builtins/date_builtins.h"
#include "vm/objects/date_math.h"
#include "vm/objects/operations.h"

typedef enum {
  FIELD_YEAR,
  FIELD_MONTH,
  FIELD_DAY,
  FIELD_HOUR,
  FIELD_MINUTE,
  FIELD_SECOND,
  FIELD_MILLISECOND,
  FIELD_WEEKDAY,
  FIELD_SHORT_YEAR, // getYear
  FIELD_UTC = 16,
} DateField;

DateObject *vm_this_date(Isolate *iso, const NativeCall *call) {
  if (value_is_kind(call->this_value, CELL_DATE))
    return (DateObject *)value_as_cell(call->this_value);
  vm_throw_type(iso, "this is not a Date object.");
  return NULL;
}

static Value date_get(Isolate *iso, const NativeCall *call) {
  DateObject *date = vm_this_date(iso, call);
  if (date == NULL) return VALUE_EXCEPTION;
  double time = date->time;
  if (isnan(time)) return value_from_double(NAN);
  unsigned field = native_magic(call);
  if (!(field & FIELD_UTC)) time = vm_local_time(time);
  DateFields f;
  vm_date_fields(time, &f);
  switch (field & ~FIELD_UTC) {
  case FIELD_YEAR:
    return value_from_int(f.year);
  case FIELD_MONTH:
    return value_from_int(f.month);
  case FIELD_DAY:
    return value_from_int(f.day);
  case FIELD_HOUR:
    return value_from_int(f.hour);
  case FIELD_MINUTE:
    return value_from_int(f.minute);
  case FIELD_SECOND:
    return value_from_int(f.second);
  case FIELD_MILLISECOND:
    return value_from_int(f.millisecond);
  case FIELD_WEEKDAY:
    return value_from_int(f.weekday);
  default:
    return value_from_int(f.year - 1900);
  }
}

// 21.4.4.10 getTime, 21.4.4.44 valueOf
static Value date_get_time(Isolate *iso, const NativeCall *call) {
  DateObject *date = vm_this_date(iso, call);
  if (date == NULL) return VALUE_EXCEPTION;
  return value_from_number(date->time);
}

// 21.4.4.11
static Value date_get_timezone_offset(Isolate *iso, const NativeCall *call) {
  DateObject *date = vm_this_date(iso, call);
  if (date == NULL) return VALUE_EXCEPTION;
  if (isnan(date->time)) return value_from_double(NAN);
  // Whole minutes, as everywhere: programs do not expect the seconds that local
  // mean times had.
  return value_from_number(
      0 - trunc(vm_local_offset(date->time) / MS_PER_MINUTE));
}

// 21.4.4.27
static Value date_set_time(Isolate *iso, const NativeCall *call) {
  DateObject *date = vm_this_date(iso, call);
  double time;
  if (date == NULL || !vm_to_double(iso, native_argument(call, 0), &time))
    return VALUE_EXCEPTION;
  date->time = vm_time_clip(time);
  return value_from_number(date->time);
}

// setMilliseconds to setFullYear: the first argument is for the field, further
// ones for those after it, up to the last of the date or of the time. All are
// converted before a NaN time value ends the matter, but the time is read
// before the conversions.
static Value date_set(Isolate *iso, const NativeCall *call) {
  static const uint8_t most_arguments[] = {3, 2, 1, 4, 3, 2, 1};
  DateObject *date = vm_this_date(iso, call);
  if (date == NULL) return VALUE_EXCEPTION;
  unsigned field = native_magic(call) & ~FIELD_UTC;
  bool utc = (native_magic(call) & FIELD_UTC) != 0;
  double time = date->time;
  double given[4];
  unsigned count =
      call->argc < most_arguments[field] ? call->argc : most_arguments[field];
  if (count == 0) {
    count = 1;
    given[0] = NAN;
  }
  for (unsigned i = 0; i < count && i < call->argc; i++)
    if (!vm_to_double(iso, call->argv[i], &given[i])) return VALUE_EXCEPTION;
  if (isnan(time)) {
    // setFullYear alone starts again from +0.
    if (field != FIELD_YEAR) return value_from_double(NAN);
    time = 0;
  } else if (!utc) {
    time = vm_local_time(time);
  }
  DateFields f;
  vm_date_fields(time, &f);
  double n[7] = {f.year,   f.month,  f.day,        f.hour,
                 f.minute, f.second, f.millisecond};
  for (unsigned i = 0; i < count; i++)
    n[field + i] = given[i];
  time = vm_make_date(vm_make_day(n[0], n[1], n[2]),
                      vm_make_time(n[3], n[4], n[5], n[6]));
  if (!utc) time = vm_utc_time(time);
  date->time = vm_time_clip(time);
  return value_from_number(date->time);
}

// B.2.3.2
static Value date_set_year(Isolate *iso, const NativeCall *call) {
  DateObject *date = vm_this_date(iso, call);
  double year;
  if (date == NULL || !vm_to_double(iso, native_argument(call, 0), &year))
    return VALUE_EXCEPTION;
  if (isnan(year)) {
    date->time = NAN;
    return value_from_double(NAN);
  }
  double time = isnan(date->time) ? 0 : vm_local_time(date->time);
  DateFields f;
  vm_date_fields(time, &f);
  double day = vm_make_day(vm_make_full_year(year), f.month, f.day);
  double within = vm_make_time(f.hour, f.minute, f.second, f.millisecond);
  date->time = vm_time_clip(vm_utc_time(vm_make_date(day, within)));
  return value_from_number(date->time);
}

#define GET(name, field)                                                       \
  BUILTIN_MAGIC("get" name, date_get, 0, field),                               \
      BUILTIN_MAGIC("getUTC" name, date_get, 0, (field) | FIELD_UTC)
#define SET(name, field, length)                                               \
  BUILTIN_MAGIC("set" name, date_set, length, field),                          \
      BUILTIN_MAGIC("setUTC" name, date_set, length, (field) | FIELD_UTC)

static const Builtin date_field_table[] = {
    GET("Date", FIELD_DAY),
    GET("Day", FIELD_WEEKDAY),
    GET("FullYear", FIELD_YEAR),
    GET("Hours", FIELD_HOUR),
    GET("Milliseconds", FIELD_MILLISECOND),
    GET("Minutes", FIELD_MINUTE),
    GET("Month", FIELD_MONTH),
    GET("Seconds", FIELD_SECOND),
    BUILTIN("getTime", date_get_time, 0),
    BUILTIN("getTimezoneOffset", date_get_timezone_offset, 0),
    BUILTIN_MAGIC("getYear", date_get, 0, FIELD_SHORT_YEAR),
    SET("Date", FIELD_DAY, 1),
    SET("FullYear", FIELD_YEAR, 3),
    SET("Hours", FIELD_HOUR, 4),
    SET("Milliseconds", FIELD_MILLISECOND, 1),
    SET("Minutes", FIELD_MINUTE, 3),
    SET("Month", FIELD_MONTH, 2),
    SET("Seconds", FIELD_SECOND, 2),
    BUILTIN("setTime", date_set_time, 1),
    BUILTIN("setYear", date_set_year, 1),
    BUILTIN("valueOf", date_get_time, 0),
};

void vm_define_date_fields(Isolate *iso, Object *prototype) {
  VM_DEFINE_BUILTINS(iso, prototype, date_field_table);
}
