// SPDX-License-Identifier: MIT
// Time values and civil dates (ECMA-262 21.4.1), local time, formatting.
#include "vm/objects/date_math.h"

#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

#include "vm/objects/utf.h"
#include "vm/objects/value.h"

// Days from 1970-01-01 to a civil date, and back; exact for any year that fits.
// Years are counted from March, so that the leap day ends a year.
static int64_t days_from_civil(int64_t year, int month, int day) {
  year -= month < 2;
  int64_t era = (year >= 0 ? year : year - 399) / 400;
  int64_t year_of_era = year - era * 400;
  int64_t day_of_year = (153 * ((month + 10) % 12) + 2) / 5 + day - 1;
  return era * 146097 + year_of_era * 365 + year_of_era / 4 -
         year_of_era / 100 + day_of_year - 719468;
}

void vm_date_fields(double time, DateFields *out) {
  int64_t ms = (int64_t)time;
  int64_t days = ms / 86400000;
  int32_t rest = (int32_t)(ms % 86400000);
  if (rest < 0) {
    rest += 86400000;
    days--;
  }
  out->millisecond = rest % 1000;
  rest /= 1000;
  out->second = rest % 60;
  rest /= 60;
  out->minute = rest % 60;
  out->hour = rest / 60;
  int32_t weekday = (int32_t)((days + 4) % 7);
  out->weekday = weekday < 0 ? weekday + 7 : weekday;

  int64_t z = days + 719468;
  int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  int32_t day_of_era = (int32_t)(z - era * 146097);
  int32_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                         day_of_era / 146096) /
                        365;
  int32_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int32_t march_month = (5 * day_of_year + 2) / 153;
  out->day = day_of_year - (153 * march_month + 2) / 5 + 1;
  out->month = march_month < 10 ? march_month + 2 : march_month - 10;
  out->year = (int32_t)(era * 400 + year_of_era + (out->month < 2));
}

// Numbers whose integer parts are exact in 64 bits, as are sums of them.
static inline bool is_moderate(double d) {
  return fabs(d) < 1e9;
}

// 21.4.1.27
double vm_make_time(double hour, double minute, double second, double ms) {
  if (likely(is_moderate(hour) && is_moderate(minute) && is_moderate(second) &&
             is_moderate(ms)))
    return (double)(((int64_t)hour * 60 + (int64_t)minute) * 60000 +
                    (int64_t)second * 1000 + (int64_t)ms);
  if (!isfinite(hour) || !isfinite(minute) || !isfinite(second) ||
      !isfinite(ms))
    return NAN;
  return trunc(hour) * MS_PER_HOUR + trunc(minute) * MS_PER_MINUTE +
         trunc(second) * MS_PER_SECOND + trunc(ms);
}

// 21.4.1.28
double vm_make_day(double year, double month, double day) {
  if (likely(fabs(year) <= 1e6 && month >= 0 && month < 12 && is_moderate(day)))
    return (double)(days_from_civil((int64_t)year, (int)month, 1) +
                    (int64_t)day - 1);
  if (!isfinite(year) || !isfinite(month) || !isfinite(day)) return NAN;
  double m = trunc(month);
  double whole_year = trunc(year) + floor(m / 12);
  // No time value lies further out, whatever the day.
  if (fabs(whole_year) > 1e6) return NAN;
  int month_of_year = (int)(m - floor(m / 12) * 12);
  return (double)days_from_civil((int64_t)whole_year, month_of_year, 1) +
         trunc(day) - 1;
}

// 21.4.1.29
double vm_make_date(double day, double time) {
  if (!isfinite(day) || !isfinite(time)) return NAN;
  double date = day * MS_PER_DAY + time;
  return isfinite(date) ? date : NAN;
}

// 21.4.1.30
double vm_make_full_year(double year) {
  if (isnan(year)) return NAN;
  double whole = trunc(year);
  return whole >= 0 && whole <= 99 ? 1900 + whole : whole + 0.0;
}

// 21.4.1.31
double vm_time_clip(double time) {
  if (!(fabs(time) <= DATE_MAX_TIME)) return NAN;
  return (double)(int64_t)time;
}

// Offsets are remembered for spans of time in which they do not change. A span
// is short enough that no zone changes twice within it and comes back.
#define SPAN_SECONDS (8 * 86400)
#define SPAN_COUNT 128
// The number of the span, plus one, above; the offset in seconds, shifted, and
// whether it is the same in all of the span below. 0: unused. Shared by all
// threads: an entry is one word, and any thread computes the same. Not
// thread-local, because a library with much of that cannot be loaded by dlopen.
static _Atomic uint64_t offset_spans[SPAN_COUNT];

static int32_t system_offset(int64_t seconds) {
  time_t t = (time_t)seconds;
  struct tm tm;
  return localtime_r(&t, &tm) != NULL ? (int32_t)tm.tm_gmtoff : 0;
}

double vm_local_offset(double utc) {
  int64_t seconds = (int64_t)floor(utc / 1000);
  int64_t span = seconds / SPAN_SECONDS - (seconds < 0);
  _Atomic uint64_t *place = &offset_spans[(uint64_t)span % SPAN_COUNT];
  uint64_t entry = atomic_load_explicit(place, memory_order_relaxed);
  if ((int32_t)(entry >> 32) != span + 1 || span == -1) {
    int64_t start = span * SPAN_SECONDS;
    int32_t first = system_offset(start);
    int32_t last = system_offset(start + SPAN_SECONDS);
    entry = (uint64_t)(span + 1) << 32 |
            ((uint32_t)first << 1 | (uint32_t)(first == last));
    atomic_store_explicit(place, entry, memory_order_relaxed);
  }
  bool is_uniform = (entry & 1) != 0;
  int32_t offset =
      is_uniform ? (int32_t)(uint32_t)entry >> 1 : system_offset(seconds);
  return offset * 1000.0;
}

// For names; NULL: not made yet.
static _Thread_local UCalendar *name_calendar;
// What ICU said, in and out of summer time, with and without an offset; NULL:
// not asked yet.
static _Thread_local char *zone_names[2][2];

void vm_time_zone_reset(void) {
  for (int i = 0; i < SPAN_COUNT; i++)
    atomic_store_explicit(&offset_spans[i], 0, memory_order_relaxed);
  for (int i = 0; i < 4; i++) {
    free(zone_names[i / 2][i % 2]);
    zone_names[i / 2][i % 2] = NULL;
  }
  tzset();
  UChar zone[128];
  UErrorCode status = U_ZERO_ERROR;
  int32_t length = ucal_getHostTimeZone(zone, 127, &status);
  if (U_SUCCESS(status)) {
    zone[length] = 0;
    ucal_setDefaultTimeZone(zone, &status);
  }
  ucal_close(name_calendar);
  name_calendar = NULL;
}

// 21.4.1.25
double vm_local_time(double utc) {
  return utc + vm_local_offset(utc);
}

// 21.4.1.26
double vm_utc_time(double local) {
  if (!isfinite(local) || fabs(local) > DATE_MAX_TIME + 2 * MS_PER_DAY)
    return NAN;
  double before = vm_local_offset(local - MS_PER_DAY);
  double after = vm_local_offset(local + MS_PER_DAY);
  if (before == after) return local - before;
  if (vm_local_offset(local - before) == before) return local - before;
  if (vm_local_offset(local - after) == after) return local - after;
  return local - before;
}

double vm_date_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (double)now.tv_sec * 1000 + (double)(now.tv_nsec / 1000000);
}

// ICU knows the long names; where it does not know the zone, the C library's
// abbreviation stands.
static void time_zone_name(double utc, char *out, size_t size) {
  time_t seconds = (time_t)floor(utc / 1000);
  struct tm tm;
  if (localtime_r(&seconds, &tm) == NULL) {
    snprintf(out, size, "UTC");
    return;
  }
  char **known = &zone_names[tm.tm_isdst > 0][tm.tm_gmtoff != 0];
  if (*known != NULL) {
    snprintf(out, size, "%s", *known);
    return;
  }
  UErrorCode status = U_ZERO_ERROR;
  if (name_calendar == NULL) {
    name_calendar = ucal_open(NULL, 0, "en", UCAL_GREGORIAN, &status);
    if (U_FAILURE(status)) name_calendar = NULL;
  }
  if (name_calendar != NULL) {
    UChar name[96];
    int32_t length = ucal_getTimeZoneDisplayName(
        name_calendar, tm.tm_isdst > 0 ? UCAL_DST : UCAL_STANDARD, "en", name,
        96, &status);
    if (U_SUCCESS(status) && length > 0) {
      if (length > 3 && name[0] == 'G' && name[1] == 'M' && name[2] == 'T' &&
          (name[3] == '+' || name[3] == '-') && tm.tm_gmtoff == 0) {
        length = 3;
      }
      size_t used, written = vm_utf8_from_utf16_into((const uint16_t *)name,
                                                     (size_t)length, out,
                                                     size - 1, &used);
      out[written] = 0;
      *known = strdup(out); // NULL: asked again
      return;
    }
  }
  snprintf(out, size, "%s", tm.tm_zone != NULL ? tm.tm_zone : "UTC");
}

static const char day_names[7][4] = {"Sun", "Mon", "Tue", "Wed",
                                     "Thu", "Fri", "Sat"};
static const char month_names[12][4] = {"Jan", "Feb", "Mar", "Apr",
                                        "May", "Jun", "Jul", "Aug",
                                        "Sep", "Oct", "Nov", "Dec"};

static char *put_digits(char *out, int32_t n, int width) {
  char scratch[12];
  int length = 0;
  do
    scratch[length++] = (char)('0' + n % 10);
  while ((n /= 10) != 0);
  while (length < width)
    scratch[length++] = '0';
  while (length > 0)
    *out++ = scratch[--length];
  return out;
}
static char *put_text(char *out, const char *text) {
  size_t length = strlen(text);
  memcpy(out, text, length);
  return out + length;
}
static char *put_year(char *out, int32_t year) {
  if (year < 0) *out++ = '-';
  return put_digits(out, year < 0 ? -year : year, 4);
}
static char *put_time(char *out, const DateFields *f) {
  out = put_digits(out, f->hour, 2);
  *out++ = ':';
  out = put_digits(out, f->minute, 2);
  *out++ = ':';
  return put_digits(out, f->second, 2);
}

// 21.4.4.41.1 to .3
static char *put_local_date(char *out, const DateFields *f) {
  out = put_text(out, day_names[f->weekday]);
  *out++ = ' ';
  out = put_text(out, month_names[f->month]);
  *out++ = ' ';
  out = put_digits(out, f->day, 2);
  *out++ = ' ';
  return put_year(out, f->year);
}
static char *put_local_time(char *out, const DateFields *f, double utc) {
  out = put_text(put_time(out, f), " GMT");
  int32_t minutes = (int32_t)(vm_local_offset(utc) / MS_PER_MINUTE);
  *out++ = minutes < 0 ? '-' : '+';
  if (minutes < 0) minutes = -minutes;
  out = put_digits(out, minutes / 60, 2);
  out = put_digits(out, minutes % 60, 2);
  out = put_text(out, " (");
  time_zone_name(utc, out, 120);
  out += strlen(out);
  *out++ = ')';
  return out;
}

size_t vm_date_format(double time, DateTextFormat format, char *start) {
  DateFields f;
  char *out = start;
  bool utc = format == DATE_TEXT_ISO || format == DATE_TEXT_UTC;
  vm_date_fields(utc ? time : vm_local_time(time), &f);
  switch (format) {
  case DATE_TEXT_ISO:
    if (f.year < 0 || f.year > 9999) {
      *out++ = f.year < 0 ? '-' : '+';
      out = put_digits(out, f.year < 0 ? -f.year : f.year, 6);
    } else {
      out = put_digits(out, f.year, 4);
    }
    *out++ = '-';
    out = put_digits(out, f.month + 1, 2);
    *out++ = '-';
    out = put_digits(out, f.day, 2);
    *out++ = 'T';
    out = put_time(out, &f);
    *out++ = '.';
    out = put_digits(out, f.millisecond, 3);
    *out++ = 'Z';
    break;
  case DATE_TEXT_UTC:
    out = put_text(out, day_names[f.weekday]);
    out = put_text(out, ", ");
    out = put_digits(out, f.day, 2);
    *out++ = ' ';
    out = put_text(out, month_names[f.month]);
    *out++ = ' ';
    out = put_year(out, f.year);
    *out++ = ' ';
    out = put_text(put_time(out, &f), " GMT");
    break;
  case DATE_TEXT_FULL:
    out = put_local_date(out, &f);
    *out++ = ' ';
    out = put_local_time(out, &f, time);
    break;
  case DATE_TEXT_DATE:
    out = put_local_date(out, &f);
    break;
  case DATE_TEXT_TIME:
    out = put_local_time(out, &f, time);
    break;
  }
  *out = 0;
  return (size_t)(out - start);
}
