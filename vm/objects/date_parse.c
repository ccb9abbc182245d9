// SPDX-License-Identifier: MIT
// Date.parse: the ISO format of ECMA-262 21.4.1.32 first; what it does not
// match goes to a forgiving reader of legacy forms, which collects numbers,
// month names, a time of day and a zone in any usual order.
#include <math.h>
#include <string.h>

#include "vm/objects/date_math.h"
#include "vm/objects/unicode.h"

typedef struct Reader {
  const uint8_t *p, *end;
} Reader;

static bool is_digit(const Reader *r) {
  return r->p < r->end && (unsigned)(*r->p - '0') < 10;
}
static bool take(Reader *r, uint8_t c) {
  if (r->p == r->end || *r->p != c) return false;
  r->p++;
  return true;
}
// Exactly `count` digits.
static bool digits(Reader *r, int count, double *out) {
  double n = 0;
  for (; count > 0; count--) {
    if (!is_digit(r)) return false;
    n = n * 10 + (*r->p++ - '0');
  }
  *out = n;
  return true;
}
// Digits after a point: the first three count.
static double fraction(Reader *r) {
  double ms = 0, scale = 100;
  for (; is_digit(r); r->p++) {
    if (scale >= 1) ms += (*r->p - '0') * scale;
    scale = scale >= 10 ? scale / 10 : scale == 1 ? 0.1 : 0;
  }
  return ms;
}

// Of a month from 1 to 12.
static int days_in_month(int year, int month) {
  bool is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 ? 28 + is_leap : 30 + ((month + (month >> 3)) & 1);
}

static bool parse_iso(Reader r, double *out) {
  double year, month = 1, day = 1, hour = 0, minute = 0, second = 0, ms = 0;
  double offset = 0;
  bool local = false;
  if (r.p < r.end && (*r.p == '+' || *r.p == '-')) {
    bool negative = *r.p++ == '-';
    if (!digits(&r, 6, &year) || (negative && year == 0)) return false;
    if (negative) year = -year;
  } else if (!digits(&r, 4, &year)) {
    return false;
  }
  if (take(&r, '-')) {
    if (!digits(&r, 2, &month)) return false;
    if (take(&r, '-') && !digits(&r, 2, &day)) return false;
  }
  if (r.p < r.end) {
    if (!take(&r, 'T') && !take(&r, 't')) return false;
    if (!digits(&r, 2, &hour) || !take(&r, ':') || !digits(&r, 2, &minute))
      return false;
    if (take(&r, ':')) {
      if (!digits(&r, 2, &second)) return false;
      if (take(&r, '.')) {
        if (!is_digit(&r)) return false;
        ms = fraction(&r);
      }
    }
    if (take(&r, 'Z') || take(&r, 'z')) {
    } else if (r.p < r.end && (*r.p == '+' || *r.p == '-')) {
      double sign = *r.p++ == '-' ? -1 : 1, hours, minutes;
      if (!digits(&r, 2, &hours)) return false;
      take(&r, ':');
      if (!digits(&r, 2, &minutes)) return false;
      if (hours > 23 || minutes > 59) return false;
      offset = sign * (hours * MS_PER_HOUR + minutes * MS_PER_MINUTE);
    } else {
      local = true;
    }
  }
  if (r.p != r.end) return false;
  // The form is right; illegal values in it are no date in any other form.
  *out = NAN;
  if (month < 1 || month > 12 || day < 1 ||
      day > days_in_month((int)year, (int)month))
    return true;
  if (hour > 24 || minute > 59 || second > 59 ||
      (hour == 24 && (minute != 0 || second != 0 || ms != 0)))
    return true;
  double time = vm_make_date(vm_make_day(year, month - 1, day),
                             vm_make_time(hour, minute, second, ms));
  *out = local ? vm_utc_time(time) : time - offset;
  return true;
}

// Where the legacy reader collects what it finds.
typedef struct Legacy {
  double numbers[3]; // date parts in their order
  int widths[3];     // digits of each
  int count;
  int month; // named; -1: none
  int month_position;
  bool year_negative;
  double hour, minute, second, ms;
  bool has_time;
  int meridiem; // 0: none, 1: AM, 2: PM
  bool has_zone;
  double zone;   // milliseconds east
  bool iso_like; // numbers joined by '-', year first
} Legacy;

static const struct {
  char name[4];
  int hours;
} zones[] = {{"utc", 0},  {"gmt", 0},  {"ut", 0},   {"z", 0},
             {"est", -5}, {"edt", -4}, {"cst", -6}, {"cdt", -5},
             {"mst", -7}, {"mdt", -6}, {"pst", -8}, {"pdt", -7}};
static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
static const char week_days[] = "sunmontuewedthufrisat";

// Index of the three letters in a row of such, or -1.
static int find_name(const char *row, const char *word) {
  for (int i = 0; row[i * 3] != 0; i++)
    if (memcmp(row + i * 3, word, 3) == 0) return i;
  return -1;
}

static bool read_word(Reader *r, Legacy *l) {
  char word[4] = {0};
  int length = 0;
  for (; r->p < r->end && (unsigned)((*r->p | 0x20) - 'a') < 26; r->p++)
    if (length++ < 3) word[length - 1] = (char)(*r->p | 0x20);
  take(r, '.');
  if (length >= 3) {
    int month = find_name(months, word);
    if (month >= 0) {
      if (l->month >= 0) return false;
      l->month = month;
      l->month_position = l->count;
      return true;
    }
    if (find_name(week_days, word) >= 0) return true;
  }
  if (length == 2 && word[1] == 'm' && (word[0] == 'a' || word[0] == 'p') &&
      l->has_time) {
    if (l->meridiem != 0) return false;
    l->meridiem = word[0] == 'a' ? 1 : 2;
    return true;
  }
  if (length <= 3) {
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
      if (strncmp(word, zones[i].name, 4) != 0 && length == 3) continue;
      if (strcmp(word, zones[i].name) != 0) continue;
      if (l->count == 0 && !l->has_time) return true;
      l->has_zone = true;
      l->zone = zones[i].hours * MS_PER_HOUR;
      return true;
    }
    if (length == 1 && word[0] == 't' && l->count > 0 && !l->has_time &&
        is_digit(r))
      return true;
  }
  // Words before the first number say nothing that matters.
  return l->count == 0 && l->month < 0 && !l->has_time;
}

static bool read_zone_offset(Reader *r, Legacy *l) {
  double sign = *r->p++ == '-' ? -1 : 1;
  double n = 0, minutes = 0;
  int width = 0;
  for (; is_digit(r); r->p++, width++)
    if (width < 6) n = n * 10 + (*r->p - '0');
  if (width == 0 || width > 4) return false;
  if (take(r, ':')) {
    if (!digits(r, 2, &minutes)) return false;
  } else if (width > 2) {
    minutes = fmod(n, 100);
    n = floor(n / 100);
  }
  if (n > 23 || minutes > 59) return false;
  l->has_zone = true;
  l->zone = sign * (n * MS_PER_HOUR + minutes * MS_PER_MINUTE);
  return true;
}

static bool read_number(Reader *r, Legacy *l, bool negative) {
  double n = 0;
  int width = 0;
  for (; is_digit(r); r->p++, width++)
    if (width < 10) n = n * 10 + (*r->p - '0');
  if (width > 9 || (negative && n == 0)) return false;
  if (take(r, ':')) {
    if (l->has_time) return false;
    l->has_time = true;
    l->hour = n;
    if (!is_digit(r)) return false;
    for (l->minute = 0; is_digit(r); r->p++)
      l->minute = fmin(l->minute * 10 + (*r->p - '0'), 1000);
    if (take(r, ':')) {
      if (!is_digit(r)) return false;
      for (l->second = 0; is_digit(r); r->p++)
        l->second = fmin(l->second * 10 + (*r->p - '0'), 1000);
      if (take(r, '.') || take(r, ',') || take(r, ':')) l->ms = fraction(r);
    }
    return true;
  }
  // "3 PM".
  if (!l->has_time && l->count > 0) {
    Reader ahead = *r;
    while (ahead.p < ahead.end && *ahead.p == ' ')
      ahead.p++;
    if (ahead.end - ahead.p >= 2 && (ahead.p[1] | 0x20) == 'm' &&
        ((ahead.p[0] | 0x20) == 'a' || (ahead.p[0] | 0x20) == 'p') &&
        (ahead.end - ahead.p == 2 ||
         (unsigned)((ahead.p[2] | 0x20) - 'a') >= 26)) {
      l->has_time = true;
      l->hour = n;
      return true;
    }
  }
  if (l->count == 3) return false;
  if (negative) l->year_negative = true;
  l->widths[l->count] = width;
  l->numbers[l->count++] = negative ? -n : n;
  return true;
}

static double legacy_year(double n, int width) {
  if (width > 2 || n < 0) return n;
  return n < 50 ? 2000 + n : n < 100 ? 1900 + n : n;
}

static bool finish_legacy(const Legacy *l, double *out) {
  double year = 2001, month, day = 1;
  const double *n = l->numbers;
  if (l->month >= 0) {
    month = l->month;
    if (l->count == 0 || l->count > 2) return false;
    // "1995 Dec 25", else the day comes first.
    bool year_first =
        l->count == 2 && (l->widths[0] > 2 || n[0] > 31 || n[0] < 0);
    if (l->count == 1) {
      if (l->widths[0] > 2 || n[0] > 31)
        year = legacy_year(n[0], l->widths[0]);
      else
        day = n[0];
    } else {
      day = n[year_first ? 1 : 0];
      year = legacy_year(n[year_first ? 0 : 1], l->widths[year_first ? 0 : 1]);
    }
  } else if (l->count == 3) {
    bool year_first = l->widths[0] > 2 || n[0] > 31;
    int at = year_first ? 1 : 0;
    month = n[at] - 1;
    day = n[at + 1];
    year = year_first ? legacy_year(n[0], l->widths[0])
                      : legacy_year(n[2], l->widths[2]);
  } else if (l->count == 2) {
    bool year_first = l->widths[0] > 2 || n[0] > 31;
    bool year_last = l->widths[1] > 2 || n[1] > 31;
    month = n[year_first ? 1 : 0] - 1;
    if (year_first)
      year = legacy_year(n[0], l->widths[0]);
    else if (year_last)
      year = legacy_year(n[1], l->widths[1]);
    else
      day = n[1];
  } else if (l->count == 1) {
    // A lone number is a month up to 12, else a year from 32 on.
    if (n[0] >= 1 && n[0] <= 12 && l->widths[0] <= 2) {
      month = n[0] - 1;
    } else if (n[0] > 31 || l->widths[0] > 2) {
      month = 0;
      year = legacy_year(n[0], l->widths[0]);
    } else {
      return false;
    }
  } else {
    return false;
  }
  if (month < 0 || month > 11 || day < 1 || day > 31) return false;
  double hour = l->hour;
  if (l->meridiem != 0) {
    if (hour < 1 || hour > 12) return false;
    hour = fmod(hour, 12) + (l->meridiem == 2 ? 12 : 0);
  }
  if (hour > 24 || l->minute > 59 || l->second > 59 ||
      (hour == 24 && (l->minute != 0 || l->second != 0 || l->ms != 0)))
    return false;
  double time = vm_make_date(vm_make_day(year, month, day),
                             vm_make_time(hour, l->minute, l->second, l->ms));
  *out = l->has_zone ? time - l->zone : vm_utc_time(time);
  return true;
}

static bool parse_legacy(Reader r, double *out) {
  Legacy l = {.month = -1};
  const uint8_t *start = r.p;
  while (r.p < r.end) {
    uint8_t c = *r.p;
    if ((unsigned)((c | 0x20) - 'a') < 26) {
      if (!read_word(&r, &l)) return false;
    } else if (is_digit(&r)) {
      if (!read_number(&r, &l, false)) return false;
    } else if (c == '(') {
      int depth = 0;
      do {
        if (*r.p == '(') depth++;
        if (*r.p == ')') depth--;
        r.p++;
      } while (r.p < r.end && depth > 0);
    } else if (c == '+' || c == '-') {
      bool after_digit = r.p + 1 < r.end && (unsigned)(r.p[1] - '0') < 10;
      bool after_space = r.p == start || vm_unicode_is_trimmed(r.p[-1]);
      if ((l.has_time || l.has_zone) && after_digit) {
        if (!read_zone_offset(&r, &l)) return false;
      } else if (c == '-' && after_digit && after_space &&
                 (l.count == 0 || l.month >= 0)) {
        // A negative year, as toString writes it.
        r.p++;
        if (!read_number(&r, &l, true)) return false;
      } else if (c == '-') {
        r.p++;
      } else {
        return false;
      }
    } else if (vm_unicode_is_trimmed(c) || c == ',' || c == '/' ||
               (c == '.' && l.count > 0 && !l.has_time)) {
      r.p++;
    } else if (l.count == 0 && l.month < 0 && !l.has_time) {
      r.p++;
    } else {
      return false;
    }
  }
  return finish_legacy(&l, out);
}

double vm_date_parse(const uint8_t *units, size_t length) {
  Reader r = {units, units + length};
  double time;
  if (!parse_iso(r, &time)) {
    while (r.p < r.end && vm_unicode_is_trimmed(*r.p))
      r.p++;
    while (r.p < r.end && vm_unicode_is_trimmed(r.end[-1]))
      r.end--;
    if (!parse_iso(r, &time) && !parse_legacy(r, &time)) return NAN;
  }
  return vm_time_clip(time);
}
