// SPDX-License-Identifier: MIT
// Reading the options of Intl.DateTimeFormat (ECMA-402 11.1.2) and turning them
// into the pattern that the locale has for them.
#include <stdlib.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/udatpg.h>
#include <unicode/uenum.h>
#include <unicode/uloc.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/intl_date.h"
#include "vm/builtins/intl_number.h"
#include "vm/objects/operations.h"

static const char *const widths[] = {"narrow", "short", "long", NULL};
static const char *const two_digits[] = {"2-digit", "numeric", NULL};
static const char *const months[] = {"2-digit", "numeric", "narrow",
                                     "short",   "long",    NULL};
static const char *const zone_names[] = {
    "short",        "long",        "shortOffset", "longOffset",
    "shortGeneric", "longGeneric", NULL};
static const char *const date_time_styles[] = {"full", "long", "medium",
                                               "short", NULL};
static const char *const hour_cycles[] = {"h11", "h12", "h23", "h24", NULL};
static const char hour_letters[] = "KhHk";

// A component: its texts and what each is in a skeleton.
static const struct {
  const char *name;
  const char *const *choices;
  const char *skeletons[6];
} fields[FIELD_COUNT] = {
    [FIELD_WEEKDAY] = {"weekday", widths, {"EEEEE", "EEE", "EEEE"}},
    [FIELD_ERA] = {"era", widths, {"GGGGG", "G", "GGGG"}},
    [FIELD_YEAR] = {"year", two_digits, {"yy", "y"}},
    [FIELD_MONTH] = {"month", months, {"MM", "M", "MMMMM", "MMM", "MMMM"}},
    [FIELD_DAY] = {"day", two_digits, {"dd", "d"}},
    [FIELD_DAY_PERIOD] = {"dayPeriod", widths, {"BBBBB", "B", "BBBB"}},
    [FIELD_HOUR] = {"hour", two_digits, {"jj", "j"}},
    [FIELD_MINUTE] = {"minute", two_digits, {"mm", "m"}},
    [FIELD_SECOND] = {"second", two_digits, {"ss", "s"}},
    [FIELD_FRACTION] = {"fractionalSecondDigits", NULL, {NULL}},
    [FIELD_ZONE_NAME] = {"timeZoneName",
                         zone_names,
                         {"z", "zzzz", "O", "OOOO", "v", "vvvv"}},
};

// Extension values ------------------------------------------------------------

bool vm_intl_calendar(const char *locale, char *value) {
  const char *type = uloc_toUnicodeLocaleType("calendar", value);
  if (type == NULL || strlen(type) >= INTL_TYPE_SIZE) return false;
  UErrorCode status = U_ZERO_ERROR;
  UEnumeration *all =
      ucal_getKeywordValuesForLocale("calendar", "und", false, &status);
  const char *text;
  bool found = false;
  while (!found && (text = uenum_next(all, NULL, &status)) != NULL) {
    const char *known = uloc_toUnicodeLocaleType("calendar", text);
    found = known != NULL && strcmp(known, type) == 0;
  }
  uenum_close(all);
  if (found) strcpy(value, type);
  return found;
}
static bool is_hour_cycle(const char *locale, char *value) {
  for (int i = 0; hour_cycles[i] != NULL; i++)
    if (strcmp(hour_cycles[i], value) == 0) return true;
  return false;
}

static void default_calendar(const char *icu, char out[INTL_TYPE_SIZE]) {
  strcpy(out, "gregory");
  UErrorCode status = U_ZERO_ERROR;
  UCalendar *calendar = ucal_open(NULL, 0, icu, UCAL_DEFAULT, &status);
  if (U_FAILURE(status)) return;
  const char *type =
      uloc_toUnicodeLocaleType("calendar", ucal_getType(calendar, &status));
  if (U_SUCCESS(status) && type != NULL && strlen(type) < INTL_TYPE_SIZE)
    strcpy(out, type);
  ucal_close(calendar);
}

// Patterns --------------------------------------------------------------------

// Does the letter stand for a field, not inside quotes? Steps over quotes.
typedef struct {
  const UChar *text;
  int32_t at, length;
  bool is_quoted;
} PatternWalk;
static bool next_letter(PatternWalk *w, UChar *letter, int32_t *run) {
  while (w->at < w->length) {
    UChar c = w->text[w->at];
    if (c == '\'') w->is_quoted = !w->is_quoted;
    bool is_letter = c < 128 && ((c | 0x20) - 'a') < 26 && (c | 0x20) >= 'a';
    if (w->is_quoted || !is_letter) {
      w->at++;
      continue;
    }
    *letter = c;
    for (*run = 0; w->at < w->length && w->text[w->at] == c; w->at++)
      ++*run;
    return true;
  }
  return false;
}

static HourCycle cycle_of_letter(UChar c) {
  const char *p = c < 128 && c != 0 ? strchr(hour_letters, c) : NULL;
  return p != NULL ? (HourCycle)(p - hour_letters) : HOUR_CYCLE_NONE;
}

// Makes the hours of the pattern those of the cycle.
static void set_hour_letters(UChar *text, int32_t length, HourCycle cycle) {
  PatternWalk w = {text, 0, length, false};
  UChar c;
  int32_t run;
  while (next_letter(&w, &c, &run))
    if (cycle_of_letter(c) != HOUR_CYCLE_NONE)
      for (int32_t i = 1; i <= run; i++)
        text[w.at - i] = (UChar)hour_letters[cycle];
}

static HourCycle pattern_cycle(const UChar *text, int32_t length) {
  PatternWalk w = {text, 0, length, false};
  UChar c;
  int32_t run;
  while (next_letter(&w, &c, &run))
    if (cycle_of_letter(c) != HOUR_CYCLE_NONE) return cycle_of_letter(c);
  return HOUR_CYCLE_NONE;
}

// What resolvedOptions tells: the components of the pattern.
static void read_pattern(DateOptions *o) {
  PatternWalk w = {o->pattern, 0, o->pattern_length, false};
  UChar c;
  int32_t run;
  while (next_letter(&w, &c, &run)) {
    int width = run == 5 ? 0 : run == 4 ? 2 : 1;
    int digits = run == 2 ? 0 : 1;
    switch (c) {
    case 'E':
    case 'c':
    case 'e':
      o->fields[FIELD_WEEKDAY] = width;
      break;
    case 'G':
      o->fields[FIELD_ERA] = width;
      break;
    case 'y':
    case 'u':
    case 'U':
    case 'r':
      o->fields[FIELD_YEAR] = digits;
      break;
    case 'M':
    case 'L':
      o->fields[FIELD_MONTH] = run > 2 ? (run == 5 ? 2 : run) : digits;
      break;
    case 'd':
      o->fields[FIELD_DAY] = digits;
      break;
    case 'B':
      o->fields[FIELD_DAY_PERIOD] = width;
      break;
    case 'h':
    case 'H':
    case 'k':
    case 'K':
      o->fields[FIELD_HOUR] = digits;
      break;
    case 'm':
      o->fields[FIELD_MINUTE] = digits;
      break;
    case 's':
      o->fields[FIELD_SECOND] = digits;
      break;
    case 'S':
      o->fields[FIELD_FRACTION] = run;
      break;
    case 'z':
      o->fields[FIELD_ZONE_NAME] = run == 4;
      break;
    case 'O':
      o->fields[FIELD_ZONE_NAME] = 2 + (run == 4);
      break;
    case 'v':
      o->fields[FIELD_ZONE_NAME] = 4 + (run == 4);
      break;
    }
  }
}

// A skeleton as ICU's generator takes it, and its pattern.
static bool pattern_of(Isolate *iso, UDateTimePatternGenerator *generator,
                       const UChar *skeleton, int32_t length, DateOptions *o) {
  UErrorCode status = U_ZERO_ERROR;
  o->pattern_length = udatpg_getBestPatternWithOptions(
      generator, skeleton, length, UDATPG_MATCH_HOUR_FIELD_LENGTH, o->pattern,
      INTL_PATTERN_SIZE, &status);
  if (U_SUCCESS(status)) return true;
  vm_intl_throw_icu(iso, status);
  return false;
}

static bool is_twelve(HourCycle cycle) {
  return cycle <= HOUR_CYCLE_12;
}

static int32_t components_skeleton(const DateOptions *o, HourCycle cycle,
                                   UChar *out) {
  int32_t n = 0;
  for (int i = 0; i < FIELD_COUNT; i++) {
    int choice = o->fields[i];
    if (choice < 0) continue;
    if (i == FIELD_FRACTION) {
      for (int k = 0; k < choice; k++)
        out[n++] = 'S';
      continue;
    }
    for (const char *p = fields[i].skeletons[choice]; *p != 0; p++)
      out[n++] = *p != 'j' ? (UChar)*p : is_twelve(cycle) ? 'h' : 'H';
  }
  return n;
}

// The pattern of dateStyle and timeStyle.
static bool style_pattern(Isolate *iso, UDateTimePatternGenerator *generator,
                          HourCycle cycle, DateOptions *o) {
  static const UDateFormatStyle styles[] = {UDAT_NONE, UDAT_FULL, UDAT_LONG,
                                            UDAT_MEDIUM, UDAT_SHORT};
  UErrorCode status = U_ZERO_ERROR;
  UDateFormat *format =
      udat_open(styles[o->time_style + 1], styles[o->date_style + 1],
                o->locale.icu, NULL, 0, NULL, 0, &status);
  if (U_SUCCESS(status))
    o->pattern_length =
        udat_toPattern(format, false, o->pattern, INTL_PATTERN_SIZE, &status);
  udat_close(format);
  if (U_FAILURE(status)) {
    vm_intl_throw_icu(iso, status);
    return false;
  }
  HourCycle own = pattern_cycle(o->pattern, o->pattern_length);
  if (own == HOUR_CYCLE_NONE || is_twelve(own) == is_twelve(cycle)) return true;
  // Twelve hours for twenty-four need another pattern, with the same fields.
  UChar skeleton[INTL_PATTERN_SIZE];
  int32_t length = udatpg_getSkeleton(NULL, o->pattern, o->pattern_length,
                                      skeleton, INTL_PATTERN_SIZE, &status);
  if (U_FAILURE(status)) {
    vm_intl_throw_icu(iso, status);
    return false;
  }
  int32_t n = 0;
  for (int32_t i = 0; i < length; i++) {
    if (skeleton[i] == 'a' || skeleton[i] == 'b' || skeleton[i] == 'B')
      continue;
    skeleton[n++] = cycle_of_letter(skeleton[i]) == HOUR_CYCLE_NONE
                        ? skeleton[i]
                    : is_twelve(cycle) ? 'h'
                                       : 'H';
  }
  return pattern_of(iso, generator, skeleton, n, o);
}

// The locale's pattern generator, kept because making one takes longer than all
// the rest of a format. NULL: *status says why.
static UDateTimePatternGenerator *generator_of(const char *icu,
                                               UErrorCode *status) {
  enum { KEPT = 4 };
  static _Thread_local struct {
    char *icu;
    UDateTimePatternGenerator *generator;
  } kept[KEPT];
  static _Thread_local unsigned oldest;
  for (unsigned i = 0; i < KEPT; i++)
    if (kept[i].generator != NULL && strcmp(kept[i].icu, icu) == 0)
      return kept[i].generator;
  UDateTimePatternGenerator *generator = udatpg_open(icu, status);
  char *copy = strdup(icu);
  if (copy == NULL && U_SUCCESS(*status)) *status = U_MEMORY_ALLOCATION_ERROR;
  if (U_FAILURE(*status)) {
    udatpg_close(generator);
    free(copy);
    return NULL;
  }
  unsigned at = oldest++ % KEPT;
  udatpg_close(kept[at].generator);
  free(kept[at].icu);
  kept[at].generator = generator;
  kept[at].icu = copy;
  return generator;
}

// hour12: -1 undefined

static bool make_pattern(Isolate *iso, HourCycle wanted, int hour12,
                         DateOptions *o) {
  UErrorCode status = U_ZERO_ERROR;
  UDateTimePatternGenerator *generator = generator_of(o->locale.icu, &status);
  if (generator == NULL) {
    vm_intl_throw_icu(iso, status);
    return false;
  }

  static const HourCycle cycles[] = {HOUR_CYCLE_11, HOUR_CYCLE_12,
                                     HOUR_CYCLE_23, HOUR_CYCLE_24};
  UDateFormatHourCycle icu_cycle =
      udatpg_getDefaultHourCycle(generator, &status);
  HourCycle cycle = U_SUCCESS(status) ? cycles[icu_cycle] : HOUR_CYCLE_23;
  if (hour12 == 1) {
    bool is_japanese = strncmp(o->locale.base, "ja", 2) == 0;
    if (!is_twelve(cycle)) cycle = is_japanese ? HOUR_CYCLE_11 : HOUR_CYCLE_12;
  } else if (hour12 == 0) {
    if (is_twelve(cycle)) cycle = HOUR_CYCLE_23;
  } else if (wanted != HOUR_CYCLE_NONE) {
    cycle = wanted;
  }
  bool done;
  if (o->date_style >= 0 || o->time_style >= 0) {
    done = style_pattern(iso, generator, cycle, o);
  } else {
    UChar skeleton[128];
    int32_t length = components_skeleton(o, cycle, skeleton);
    done = pattern_of(iso, generator, skeleton, length, o);
  }
  if (!done) return false;
  o->hour_cycle = pattern_cycle(o->pattern, o->pattern_length);
  if (o->hour_cycle != HOUR_CYCLE_NONE) {
    set_hour_letters(o->pattern, o->pattern_length, cycle);
    o->hour_cycle = cycle;
  }
  if (o->date_style < 0 && o->time_style < 0) {
    for (int i = 0; i < FIELD_COUNT; i++)
      o->fields[i] = -1;
    read_pattern(o);
  }
  return true;
}

// Options ---------------------------------------------------------------------

static bool read_zone(Isolate *iso, Object *options, DateOptions *o) {
  Value v = options != NULL ? vm_get(iso, options, vm_key_from_c("timeZone"))
                            : VALUE_UNDEFINED;
  if (value_is_exception(v)) return false;
  if (value_is_undefined(v)) {
    strcpy(o->zone, vm_intl_system_zone());
    return true;
  }
  String *s = vm_to_string(iso, v);
  StringView view;
  if (s == NULL || !vm_string_view(iso, s, &view)) return false;
  char text[INTL_ZONE_SIZE] = "";
  bool is_ascii = view.length < sizeof text;
  for (uint32_t i = 0; is_ascii && i < view.length; i++) {
    uint16_t unit = string_view_at(view, i);
    is_ascii = unit != 0 && unit < 128;
    text[i] = (char)unit;
  }
  if (is_ascii && vm_intl_zone(text, o->zone)) return true;
  vm_throw_range(iso, "Invalid time zone specified: %s",
                 is_ascii ? text : "not ASCII");
  return false;
}

// The components; *explicit is the first that was given, or -1.
static bool read_fields(Isolate *iso, Object *options, DateOptions *o,
                        int *explicit) {
  *explicit = -1;
  for (int i = 0; i < FIELD_COUNT; i++) {
    bool done = i == FIELD_FRACTION
                    ? vm_intl_number_option(iso, options, fields[i].name, 1, 3,
                                            -1, &o->fields[i])
                    : vm_intl_choice(iso, options, fields[i].name,
                                     fields[i].choices, -1, &o->fields[i]);
    if (!done) return false;
    if (*explicit < 0 && o->fields[i] >= 0) *explicit = i;
  }
  return true;
}

static void apply_defaults(DateParts required, DateParts defaults,
                           DateOptions *o) {
  static const DateField date_fields[] = {FIELD_WEEKDAY, FIELD_YEAR,
                                          FIELD_MONTH, FIELD_DAY};
  static const DateField time_fields[] = {
      FIELD_DAY_PERIOD, FIELD_HOUR, FIELD_MINUTE, FIELD_SECOND, FIELD_FRACTION};
  for (int i = 0; required & DATE_PARTS_DATE && i < 4; i++)
    if (o->fields[date_fields[i]] >= 0) return;
  for (int i = 0; required & DATE_PARTS_TIME && i < 5; i++)
    if (o->fields[time_fields[i]] >= 0) return;
  enum { NUMERIC = 1 };
  for (int i = 1; defaults & DATE_PARTS_DATE && i < 4; i++)
    o->fields[date_fields[i]] = NUMERIC;
  for (int i = 1; defaults & DATE_PARTS_TIME && i < 4; i++)
    o->fields[time_fields[i]] = NUMERIC;
}

bool vm_intl_read_date_options(Isolate *iso, IntlLocaleList *list,
                               Value options_value, DateParts required,
                               DateParts defaults, DateOptions *o) {
  static const char *const matchers[] = {"basic", "best fit", NULL};
  IntlKey keys[] = {{.key = "ca", .is_supported = vm_intl_calendar},
                    {.key = "hc", .is_supported = is_hour_cycle},
                    {.key = "nu", .is_supported = vm_intl_numbering_system}};
  Object *options;
  int hour12, cycle;
  *o = (DateOptions){0};
  bool done =
      vm_intl_options(iso, options_value, true, &options) &&
      vm_intl_locale_matcher(iso, options) &&
      vm_intl_type_option(iso, options, "calendar", keys[0].option) &&
      vm_intl_type_option(iso, options, "numberingSystem", keys[2].option) &&
      vm_intl_boolean_option(iso, options, "hour12", -1, &hour12) &&
      vm_intl_choice(iso, options, "hourCycle", hour_cycles, -1, &cycle);
  if (!done) {
    vm_intl_locale_list_free(list);
    return false;
  }
  if (cycle >= 0 && hour12 < 0) strcpy(keys[1].option, hour_cycles[cycle]);
  // hour12 overrides the cycle, that of the locale included.
  unsigned count = 3;
  if (hour12 >= 0) keys[1] = keys[--count];
  vm_intl_resolve_locale(list, keys, count, &o->locale);
  HourCycle wanted = HOUR_CYCLE_NONE;
  for (int i = 0; i < 4; i++)
    if (strcmp(keys[1].value, hour_cycles[i]) == 0) wanted = (HourCycle)i;
  const char *numbering = keys[count - 1].value;
  if (keys[0].value[0] != 0) {
    strcpy(o->calendar, keys[0].value);
  } else {
    default_calendar(o->locale.icu, o->calendar);
  }
  if (numbering[0] != 0) {
    strcpy(o->numbering_system, numbering);
  } else {
    vm_intl_default_numbering(o->locale.icu, o->numbering_system);
  }
  int matcher, explicit;
  if (!read_zone(iso, options, o) || !read_fields(iso, options, o, &explicit) ||
      !vm_intl_choice(iso, options, "formatMatcher", matchers, 1, &matcher) ||
      !vm_intl_choice(iso, options, "dateStyle", date_time_styles, -1,
                      &o->date_style) ||
      !vm_intl_choice(iso, options, "timeStyle", date_time_styles, -1,
                      &o->time_style))
    return false;
  if (o->date_style < 0 && o->time_style < 0) {
    apply_defaults(required, defaults, o);
  } else if (explicit >= 0) {
    vm_throw_type(iso, "Can't set option %s when %s is used",
                  fields[explicit].name,
                  o->date_style >= 0 ? "dateStyle" : "timeStyle");
    return false;
  } else if ((required == DATE_PARTS_DATE && o->time_style >= 0) ||
             (required == DATE_PARTS_TIME && o->date_style >= 0)) {
    vm_throw_type(iso, "Invalid option : %s",
                  required == DATE_PARTS_DATE ? "timeStyle" : "dateStyle");
    return false;
  }
  return make_pattern(iso, wanted, hour12, o);
}

// 11.3.7
Value vm_intl_date_resolved(Isolate *iso, const DateOptions *o) {
  Object *result = vm_object_new(iso);
#define PUT(name, text) vm_intl_put_text(iso, result, name, text)
  bool done = PUT("locale", o->locale.tag) && PUT("calendar", o->calendar) &&
              PUT("numberingSystem", o->numbering_system) &&
              PUT("timeZone", o->zone);
  if (done && o->hour_cycle != HOUR_CYCLE_NONE) {
    done = PUT("hourCycle", hour_cycles[o->hour_cycle]);
    vm_intl_put(iso, result, "hour12",
                value_from_bool(is_twelve(o->hour_cycle)));
  }
  bool has_style = o->date_style >= 0 || o->time_style >= 0;
  for (int i = 0; done && !has_style && i < FIELD_COUNT; i++) {
    if (o->fields[i] < 0) continue;
    if (i == FIELD_FRACTION) {
      vm_intl_put(iso, result, fields[i].name, value_from_int(o->fields[i]));
    } else {
      done = PUT(fields[i].name, fields[i].choices[o->fields[i]]);
    }
  }
  if (done && o->date_style >= 0)
    done = PUT("dateStyle", date_time_styles[o->date_style]);
  if (done && o->time_style >= 0)
    done = PUT("timeStyle", date_time_styles[o->time_style]);
#undef PUT
  return done ? value_from_cell(result) : VALUE_EXCEPTION;
}
