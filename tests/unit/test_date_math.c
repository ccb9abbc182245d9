// SPDX-License-Identifier: MIT
// Dates (vm/objects/date_math.h). Runs in the zone of New York, whose rules
// cover transitions in both directions.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vm/objects/date_math.h"

static double parse(const char *text) {
  return vm_date_parse((const uint8_t *)text, strlen(text));
}

static void fields(void **state) {
  for (double day = -100000000; day <= 100000000; day += 9973) {
    DateFields f;
    double time = day * MS_PER_DAY + 12345678;
    vm_date_fields(time, &f);
    assert_true(vm_make_date(vm_make_day(f.year, f.month, f.day),
                             vm_make_time(f.hour, f.minute, f.second,
                                          f.millisecond)) == time);
  }
  DateFields f;
  vm_date_fields(-1, &f);
  assert_int_equal(f.year, 1969);
  assert_int_equal(f.month, 11);
  assert_int_equal(f.day, 31);
  assert_int_equal(f.millisecond, 999);
  assert_int_equal(f.weekday, 3);
}

static void making(void **state) {
  assert_true(vm_make_day(2000, 14, 1) == vm_make_day(2001, 2, 1));
  assert_true(vm_make_day(2000, -1, 1) == vm_make_day(1999, 11, 1));
  assert_true(vm_make_day(1970, 0, 1) == 0);
  assert_true(isnan(vm_make_day(NAN, 0, 1)));
  assert_true(isnan(vm_make_day(1e300, 0, 1)));
  assert_true(vm_time_clip(8.64e15) == 8.64e15);
  assert_true(isnan(vm_time_clip(8.64e15 + 1)));
  assert_false(signbit(vm_time_clip(-0.0)));
  assert_true(vm_make_full_year(99) == 1999);
  assert_true(vm_make_full_year(100) == 100);
  assert_true(vm_make_full_year(-1) == -1);
}

static void local(void **state) {
  double winter = 1705320000000.0, summer = 1721044800000.0;
  assert_true(vm_local_offset(winter) == -5 * MS_PER_HOUR);
  assert_true(vm_local_offset(summer) == -4 * MS_PER_HOUR);
  assert_true(vm_utc_time(vm_local_time(winter)) == winter);
  assert_true(vm_utc_time(vm_local_time(summer)) == summer);
  // 2024-03-10 02:30 does not exist: read with the offset before.
  double gap = vm_make_date(vm_make_day(2024, 2, 10), 2.5 * MS_PER_HOUR);
  assert_true(vm_utc_time(gap) == gap + 5 * MS_PER_HOUR);
  // 2024-11-03 01:30 comes twice: the first.
  double twice = vm_make_date(vm_make_day(2024, 10, 3), 1.5 * MS_PER_HOUR);
  assert_true(vm_utc_time(twice) == twice + 4 * MS_PER_HOUR);
}

static void formats(void **state) {
  char out[DATE_TEXT_SIZE];
  vm_date_format(1317826080000.0, DATE_TEXT_ISO, out);
  assert_string_equal(out, "2011-10-05T14:48:00.000Z");
  vm_date_format(-62198755200000.0, DATE_TEXT_ISO, out);
  assert_string_equal(out, "-000001-01-01T00:00:00.000Z");
  vm_date_format(8.64e15, DATE_TEXT_ISO, out);
  assert_string_equal(out, "+275760-09-13T00:00:00.000Z");
  vm_date_format(1317826080000.0, DATE_TEXT_UTC, out);
  assert_string_equal(out, "Wed, 05 Oct 2011 14:48:00 GMT");
  vm_date_format(1317826080000.0, DATE_TEXT_FULL, out);
  assert_string_equal(
      out, "Wed Oct 05 2011 10:48:00 GMT-0400 (Eastern Daylight Time)");
  vm_date_format(1317826080000.0, DATE_TEXT_DATE, out);
  assert_string_equal(out, "Wed Oct 05 2011");
}

static void parsing(void **state) {
  static const struct {
    const char *text;
    double time;
  } rows[] = {
      {"2011-10-05T14:48:00.000Z", 1317826080000.0},
      {"2011-10-05T14:48:00.0009Z", 1317826080000.0},
      {"2011-10-05T14:48:00.123456Z", 1317826080123.0},
      {"2011-10-05", 1317772800000.0},
      {"2011-10-05T10:48", 1317826080000.0},
      {"2011-10-05T16:48+02:00", 1317826080000.0},
      {"2011", 1293840000000.0},
      {"+002011-10", 1317427200000.0},
      {"2011-10-05T24:00Z", 1317859200000.0},
      {"Wed, 05 Oct 2011 14:48:00 GMT", 1317826080000.0},
      {"Wed Oct 05 2011 10:48:00 GMT-0400 (Eastern Daylight Time)",
       1317826080000.0},
      {"Wed Oct 05 2011 10:48:00", 1317826080000.0},
      {"Oct 5, 2011 10:48 AM", 1317826080000.0},
      {"5 October 2011 2:48 PM UTC", 1317826080000.0},
      {"10/5/2011 10:48", 1317826080000.0},
      {"2011/10/5 10:48", 1317826080000.0},
      {"2011-10-05 10:48:00", 1317826080000.0},
      {"Dec 25, 1995", 819867600000.0},
      {"Mon, 25 Dec 1995 13:30:00 +0430", 819882000000.0},
      {"Thu Jan 01 1970 00:00:00 GMT+0000", 0},
      {"Fri Jan 01 -0001 00:00:00 GMT+0000 (UTC)", -62198755200000.0},
      {"Thu, 01 Jan -0001 00:00:00 GMT", -62198755200000.0},
      {"Sat Sep 13 275760 00:00:00 GMT+0000", 8.64e15},
  };
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    double time = parse(rows[i].text);
    if (time != rows[i].time)
      print_error("%s: %.0f, expected %.0f\n", rows[i].text, time,
                  rows[i].time);
    assert_true(time == rows[i].time);
  }
  static const char *const bad[] = {
      "",           "x",           "2011-13-01",           "2011-10-05T25:00Z",
      "2011-02-30", "-000000",     "2011-10-05T10:48:60Z", "hello 2011x",
      "1/2/3/4",    "2011-10-05T",
  };
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    if (!isnan(parse(bad[i]))) print_error("%s parses\n", bad[i]);
    assert_true(isnan(parse(bad[i])));
  }
}

int main(void) {
  setenv("TZ", "America/New_York", 1);
  vm_time_zone_reset();
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fields),  cmocka_unit_test(making),
      cmocka_unit_test(local),   cmocka_unit_test(formats),
      cmocka_unit_test(parsing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
