// SPDX-License-Identifier: MIT
// Time values and civil dates: ECMA-262 21.4.1, local time, parsing and
// formatting of date strings. Pure but for the local time zone, which is read
// from the environment (TZ) on first use and cached per thread. Any thread.
#ifndef RILL_VM_OBJECTS_DATE_MATH_H
#define RILL_VM_OBJECTS_DATE_MATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MS_PER_SECOND 1000.0
#define MS_PER_MINUTE 60000.0
#define MS_PER_HOUR 3600000.0
#define MS_PER_DAY 86400000.0
#define DATE_MAX_TIME 8.64e15

typedef struct DateFields {
  int32_t year;
  int32_t month; // 0 to 11
  int32_t day;   // 1 to 31
  int32_t hour, minute, second, millisecond;
  int32_t weekday; // 0: Sunday
} DateFields;

// The fields of a finite time value, no time zone applied.
void vm_date_fields(double time, DateFields *out);
// MakeTime, MakeDay, MakeDate, MakeFullYear, TimeClip (21.4.1.27 ff.): take any
// Number, NaN included.
double vm_make_time(double hour, double minute, double second, double ms);
double vm_make_day(double year, double month, double day);
double vm_make_date(double day, double time);
double vm_make_full_year(double year);
double vm_time_clip(double time);

// LocalTime(t) and UTC(t): a finite time value, from UTC and to UTC. In a gap
// or an overlap UTC() takes the offset before the transition, as required.
double vm_local_time(double utc);
double vm_utc_time(double local);
// Offset of local time at a UTC time, in milliseconds east of Greenwich.
double vm_local_offset(double utc);
// TZ has changed: forgets what was cached of the zone. Other threads' isolates
// keep the one they have.
void vm_time_zone_reset(void);

// Now, in milliseconds since the epoch, whole.
double vm_date_now(void);

// Date.parse on Latin-1 units (a wide string is no date): the ISO format of
// 21.4.1.32, what toString and toUTCString produce, and the forgiving legacy
// forms ("Dec 25, 1995 13:30 GMT+1", "12/25/1995", "25 December 1995"). NaN:
// none of these. Not clipped beyond the time range: gives NaN there.
double vm_date_parse(const uint8_t *units, size_t length);

// Formatting; the time is finite. `out` has DATE_TEXT_SIZE bytes; the length is
// returned.
#define DATE_TEXT_SIZE 192
typedef enum {
  DATE_TEXT_ISO,  // 2011-10-05T14:48:00.000Z, years beyond 0-9999 signed
  DATE_TEXT_UTC,  // Wed, 05 Oct 2011 14:48:00 GMT
  DATE_TEXT_FULL, // Wed Oct 05 2011 16:48:00 GMT+0200 (CEST's name)
  DATE_TEXT_DATE, // Wed Oct 05 2011
  DATE_TEXT_TIME, // 16:48:00 GMT+0200 (CEST's name)
} DateTextFormat;
size_t vm_date_format(double time, DateTextFormat, char *out);

#endif
