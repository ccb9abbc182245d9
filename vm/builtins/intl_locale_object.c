// SPDX-License-Identifier: MIT
// Intl.Locale (ECMA-402 15): a language tag as an object.
#include <stdio.h>
#include <stdlib.h>

#include <unicode/ucal.h>
#include <unicode/ucol.h>
#include <unicode/udatpg.h>
#include <unicode/uenum.h>
#include <unicode/uloc.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/intl_date.h"
#include "vm/builtins/intl_locale_tag.h"
#include "vm/builtins/intl_number.h"
#include "vm/objects/operations.h"

typedef struct {
  char tag[INTL_TAG_SIZE];
} Locale;

// Getters of keywords, in the order of the options that set them.
static const struct {
  const char *option, *key;
} keywords[] = {{"calendar", "ca"},       {"collation", "co"},
                {"firstDayOfWeek", "fw"}, {"hourCycle", "hc"},
                {"caseFirst", "kf"},      {"numeric", "kn"},
                {"numberingSystem", "nu"}};
enum { KEY_FIRST_DAY = 2, KEY_HOUR_CYCLE, KEY_CASE_FIRST, KEY_NUMERIC };

static Value throw_invalid(Isolate *iso) {
  return vm_throw_range(iso, "Incorrect locale information provided");
}

static IntlObject *locale_new(Isolate *iso, Value new_target, const char *tag) {
  Locale *locale = malloc(sizeof *locale);
  if (locale == NULL) {
    vm_throw_out_of_memory(iso);
    return NULL;
  }
  strcpy(locale->tag, tag);
  return vm_intl_object_new(iso, new_target, INTRINSIC_IntlLocalePrototype,
                            INTL_LOCALE, locale, free, sizeof *locale);
}

const char *vm_intl_locale_tag(Value v) {
  if (!value_is_kind(v, CELL_INTL)) return NULL;
  const IntlObject *o = (IntlObject *)value_as_cell(v);
  return o->type == INTL_LOCALE ? ((Locale *)o->data)->tag : NULL;
}

// The options. `texts` holds the values that `changes` point to.
typedef struct {
  LocaleChange changes[12];
  char texts[12][INTL_TAG_SIZE];
  unsigned count;
} Changes;

static char *add_change(Changes *c, LocalePart part, const char *key) {
  c->changes[c->count] =
      (LocaleChange){.part = part, .key = key, .value = c->texts[c->count]};
  return c->texts[c->count++];
}

// UpdateLanguageId (15.1.2)
static bool read_parts(Isolate *iso, Object *options, Changes *c) {
  static const char *const names[] = {"language", "script", "region",
                                      "variants"};
  for (int i = 0; i < 4; i++) {
    char text[INTL_TAG_SIZE];
    Tri given = vm_intl_text_option(iso, options, names[i], text, sizeof text);
    if (given < 0) return false;
    if (given == 0) continue;
    // Valid if it stands in its place in a tag of an otherwise known form.
    char probe[INTL_TAG_SIZE + 16], canonical[INTL_TAG_SIZE];
    int n = snprintf(probe, sizeof probe, "%s%s%s", i > 0 ? "und-" : "", text,
                     i == 0   ? "-Latn"
                     : i == 1 ? "-001"
                              : "");
    bool is_valid = text[0] != 0 && n < INTL_TAG_SIZE &&
                    (i == 3 || strchr(text, '-') == NULL) &&
                    vm_intl_canonical_tag(probe, (size_t)n, canonical);
    size_t length = strlen(text);
    if (i == 1) is_valid &= length == 4;
    if (i == 2) is_valid &= length == 2 || length == 3;
    if (i == 3) is_valid &= vm_intl_is_type(text) && length >= 4;
    if (!is_valid) {
      throw_invalid(iso);
      return false;
    }
    strcpy(add_change(c, (LocalePart)i, NULL), text);
  }
  return true;
}

// WeekdayToString (15.5.6)
static void name_week_day(char *text) {
  static const char days[][4] = {"sun", "mon", "tue", "wed",
                                 "thu", "fri", "sat", "sun"};
  if (text[0] >= '0' && text[0] <= '7' && text[1] == 0)
    strcpy(text, days[text[0] - '0']);
}

static bool read_keywords(Isolate *iso, Object *options, Changes *c) {
  static const char *const hour_cycles[] = {"h11", "h12", "h23", "h24", NULL};
  static const char *const case_firsts[] = {"upper", "lower", "false", NULL};
  for (int i = 0; i < 7; i++) {
    char text[INTL_TYPE_SIZE] = "";
    int choice = -1;
    bool done;
    if (i == KEY_HOUR_CYCLE || i == KEY_CASE_FIRST) {
      const char *const *choices =
          i == KEY_HOUR_CYCLE ? hour_cycles : case_firsts;
      done = vm_intl_choice(iso, options, keywords[i].option, choices, -1,
                            &choice);
      if (choice >= 0) strcpy(text, choices[choice]);
    } else if (i == KEY_NUMERIC) {
      done =
          vm_intl_boolean_option(iso, options, keywords[i].option, -1, &choice);
      if (choice >= 0) strcpy(text, choice ? "true" : "false");
    } else if (i == KEY_FIRST_DAY) {
      Tri given = vm_intl_text_option(iso, options, keywords[i].option, text,
                                      sizeof text);
      done = given >= 0;
      if (given > 0) {
        name_week_day(text);
        if (!vm_intl_is_type(text)) {
          throw_invalid(iso);
          return false;
        }
      }
    } else {
      done = vm_intl_type_option(iso, options, keywords[i].option, text);
    }
    if (!done) return false;
    if (text[0] != 0)
      strcpy(add_change(c, LOCALE_KEYWORD, keywords[i].key), text);
  }
  return true;
}

// 15.1.1
static Value construct(Isolate *iso, const NativeCall *call) {
  if (value_is_undefined(call->new_target))
    return vm_throw_type(iso, "Constructor Intl.Locale requires 'new'");
  Value first = native_argument(call, 0);
  if (!value_is_string(first) && !value_is_object(first))
    return vm_throw_type(
        iso,
        "First argument to Intl.Locale constructor can't be empty or "
        "missing");
  // The prototype is asked for before the arguments are looked at.
  IntlObject *o = locale_new(iso, call->new_target, "und");
  IntlLocaleList list;
  Object *options;
  Array *one = vm_array_new(iso, 1);
  if (o == NULL || one == NULL || !vm_array_push(iso, one, first) ||
      !vm_intl_locale_list(iso, value_from_cell(one), &list))
    return VALUE_EXCEPTION;
  char tag[INTL_TAG_SIZE];
  strcpy(tag, list.tags[0]);
  vm_intl_locale_list_free(&list);
  Changes parts = {.count = 0};
  if (!vm_intl_options(iso, native_argument(call, 1), true, &options) ||
      !read_parts(iso, options, &parts) || !read_keywords(iso, options, &parts))
    return VALUE_EXCEPTION;
  if (!vm_icu_change_tag(tag, parts.changes, parts.count,
                         ((Locale *)o->data)->tag, INTL_TAG_SIZE))
    return throw_invalid(iso);
  return value_from_cell(o);
}

static const char *this_tag(Isolate *iso, const NativeCall *call,
                            const char *method) {
  IntlObject *o = vm_intl_this(iso, call->this_value, INTL_LOCALE, method);
  return o != NULL ? ((Locale *)o->data)->tag : NULL;
}

static Value text(Isolate *iso, const char *units, size_t length) {
  String *s = vm_string_from_latin1(iso, (const uint8_t *)units, length);
  return s != NULL ? value_from_cell(s) : VALUE_EXCEPTION;
}

// The accessors of keywords; magic: index into `keywords`
static Value get_keyword(Isolate *iso, const NativeCall *call) {
  unsigned which = native_magic(call);
  const char *tag = this_tag(iso, call, "get Intl.Locale.prototype accessor");
  char value[INTL_TYPE_SIZE];
  if (tag == NULL) return VALUE_EXCEPTION;
  bool has = vm_intl_extension_value(tag, keywords[which].key, value);
  bool is_true = has && strcmp(value, "true") == 0;
  if (which == KEY_NUMERIC) return value_from_bool(is_true);
  if (!has) return VALUE_UNDEFINED;
  return text(iso, value, is_true ? 0 : strlen(value));
}

// The parts of the base name; magic: LocalePart, or 4: all of it
static Value get_part(Isolate *iso, const NativeCall *call) {
  const char *tag = this_tag(iso, call, "get Intl.Locale.prototype accessor");
  if (tag == NULL) return VALUE_EXCEPTION;
  unsigned wanted = native_magic(call);
  size_t end = vm_intl_base_length(tag);
  if (wanted == 4) return text(iso, tag, end);
  size_t at = 0;
  for (unsigned part = LOCALE_LANGUAGE; at < end; part++) {
    size_t length = 0;
    while (at + length < end && tag[at + length] != '-')
      length++;
    const char *subtag = tag + at;
    bool is_digit = subtag[0] >= '0' && subtag[0] <= '9';
    if (part == LOCALE_SCRIPT && (length != 4 || is_digit)) part++;
    if (part == LOCALE_REGION && length != 2 && !(length == 3 && is_digit))
      part++;
    if (part >= LOCALE_VARIANTS)
      return wanted == LOCALE_VARIANTS ? text(iso, subtag, end - at)
                                       : VALUE_UNDEFINED;
    if (part == wanted) return text(iso, subtag, length);
    at += length + 1;
  }
  return VALUE_UNDEFINED;
}

// 15.3.2 maximize, minimize (magic 1)
static Value with_likely_subtags(Isolate *iso, const NativeCall *call) {
  const char *tag = this_tag(iso, call, "Intl.Locale.prototype.maximize");
  if (tag == NULL) return VALUE_EXCEPTION;
  char icu[INTL_TAG_SIZE + 64], changed[INTL_TAG_SIZE + 64];
  char out[INTL_TAG_SIZE], canonical[INTL_TAG_SIZE];
  UErrorCode status = U_ZERO_ERROR;
  uloc_forLanguageTag(tag, icu, sizeof icu, NULL, &status);
  if (native_magic(call)) {
    uloc_minimizeSubtags(icu, changed, sizeof changed, &status);
  } else {
    uloc_addLikelySubtags(icu, changed, sizeof changed, &status);
  }
  uloc_toLanguageTag(changed, out, sizeof out, true, &status);
  const char *result = tag;
  if (U_SUCCESS(status) && status != U_STRING_NOT_TERMINATED_WARNING &&
      vm_icu_canonical_tag(out, canonical, sizeof canonical))
    result = canonical;
  IntlObject *o = locale_new(iso, VALUE_UNDEFINED, result);
  return o != NULL ? value_from_cell(o) : VALUE_EXCEPTION;
}

static Value to_string(Isolate *iso, const NativeCall *call) {
  const char *tag = this_tag(iso, call, "Intl.Locale.prototype.toString");
  return tag != NULL ? text(iso, tag, strlen(tag)) : VALUE_EXCEPTION;
}

// Information (15.5) ----------------------------------------------------------

static bool push_text(Isolate *iso, Array *array, const char *value) {
  String *s = vm_string_from_c(iso, value);
  return s != NULL && vm_array_push(iso, array, value_from_cell(s));
}

// The calendars in use, in the order of preference.
static Value calendars(Isolate *iso, const char *icu) {
  UErrorCode status = U_ZERO_ERROR;
  UEnumeration *all =
      ucal_getKeywordValuesForLocale("calendar", icu, true, &status);
  Array *array = vm_array_new(iso, 0);
  const char *value;
  while (array != NULL && (value = uenum_next(all, NULL, &status)) != NULL) {
    const char *type = uloc_toUnicodeLocaleType("calendar", value);
    if (type != NULL && !push_text(iso, array, type)) array = NULL;
  }
  uenum_close(all);
  return array != NULL ? value_from_cell(array) : VALUE_EXCEPTION;
}

enum {
  LIST_CALENDARS,
  LIST_COLLATIONS,
  LIST_HOURS,
  LIST_NUMBERINGS,
  LIST_ZONES
};

// getCalendars and so on; magic: LIST_*
static Value list_of(Isolate *iso, const NativeCall *call) {
  static const char *const keys[] = {"ca", "co", "hc", "nu"};
  static const char *const hour_cycles[] = {"h11", "h12", "h23", "h24"};
  unsigned which = native_magic(call);
  const char *tag = this_tag(iso, call, "Intl.Locale.prototype method");
  if (tag == NULL) return VALUE_EXCEPTION;
  char value[INTL_TYPE_SIZE], icu[INTL_TAG_SIZE + 64];
  UErrorCode status = U_ZERO_ERROR;
  uloc_forLanguageTag(tag, icu, sizeof icu, NULL, &status);
  if (which == LIST_ZONES) {
    char region[8];
    if (uloc_getCountry(icu, region, sizeof region, &status) == 0)
      return VALUE_UNDEFINED;
    return vm_intl_sorted_values(
        iso,
        ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL, region, NULL,
                                       &status),
        vm_intl_listed_zone);
  }
  if (!vm_intl_extension_value(tag, keys[which], value)) {
    if (which == LIST_CALENDARS) return calendars(iso, icu);
    if (which == LIST_COLLATIONS)
      return vm_intl_sorted_values(
          iso, ucol_getKeywordValuesForLocale("collation", icu, true, &status),
          vm_intl_listed_collation);
    if (which == LIST_NUMBERINGS) {
      vm_intl_default_numbering(icu, value);
    } else {
      UDateTimePatternGenerator *generator = udatpg_open(icu, &status);
      UDateFormatHourCycle cycle =
          udatpg_getDefaultHourCycle(generator, &status);
      udatpg_close(generator);
      // ICU's order is 11, 12, 23, 24, too.
      strcpy(value, hour_cycles[U_SUCCESS(status) ? cycle : 2]);
    }
  }
  Array *array = vm_array_new(iso, 1);
  return array != NULL && push_text(iso, array, value) ? value_from_cell(array)
                                                       : VALUE_EXCEPTION;
}

static Value text_info(Isolate *iso, const NativeCall *call) {
  const char *tag = this_tag(iso, call, "Intl.Locale.prototype.getTextInfo");
  if (tag == NULL) return VALUE_EXCEPTION;
  Object *o = vm_object_new(iso);
  return vm_intl_put_text(iso, o, "direction",
                          uloc_isRightToLeft(tag) ? "rtl" : "ltr")
             ? value_from_cell(o)
             : VALUE_EXCEPTION;
}

static Value week_info(Isolate *iso, const NativeCall *call) {
  static const char days[][4] = {"mon", "tue", "wed", "thu",
                                 "fri", "sat", "sun"};
  const char *tag = this_tag(iso, call, "Intl.Locale.prototype.getWeekInfo");
  if (tag == NULL) return VALUE_EXCEPTION;
  char icu[INTL_TAG_SIZE + 64], first_day[INTL_TYPE_SIZE];
  UErrorCode status = U_ZERO_ERROR;
  uloc_forLanguageTag(tag, icu, sizeof icu, NULL, &status);
  UCalendar *calendar = ucal_open(NULL, 0, icu, UCAL_DEFAULT, &status);
  if (U_FAILURE(status)) return vm_intl_throw_icu(iso, status);
  // ICU counts from Sunday, 1; the answer from Monday, 1.
  int32_t first = ucal_getAttribute(calendar, UCAL_FIRST_DAY_OF_WEEK);
  first = first == 1 ? 7 : first - 1;
  if (vm_intl_extension_value(tag, "fw", first_day))
    for (int i = 0; i < 7; i++)
      if (strcmp(days[i], first_day) == 0) first = i + 1;
  Object *o = vm_object_new(iso);
  vm_intl_put(iso, o, "firstDay", value_from_int(first));
  Array *weekend = vm_array_new(iso, 2);
  bool done = weekend != NULL;
  for (int day = 1; done && day <= 7; day++) {
    UCalendarDaysOfWeek icu_day =
        (UCalendarDaysOfWeek)(day == 7 ? UCAL_SUNDAY : day + 1);
    if (ucal_getDayOfWeekType(calendar, icu_day, &status) != UCAL_WEEKDAY)
      done = vm_array_push(iso, weekend, value_from_int(day));
  }
  ucal_close(calendar);
  if (!done) return VALUE_EXCEPTION;
  vm_intl_put(iso, o, "weekend", value_from_cell(weekend));
  return value_from_cell(o);
}

#define GETTER(text, getter, index)                                            \
  {                                                                            \
    .name = text, .kind = BUILTIN_GETTER, .attributes = PROPERTY_CONFIGURABLE, \
    .magic = index, .code = getter                                             \
  }
static const Builtin methods[] = {
    GETTER("baseName", get_part, 4),
    GETTER("calendar", get_keyword, 0),
    GETTER("caseFirst", get_keyword, KEY_CASE_FIRST),
    GETTER("collation", get_keyword, 1),
    GETTER("firstDayOfWeek", get_keyword, KEY_FIRST_DAY),
    GETTER("hourCycle", get_keyword, KEY_HOUR_CYCLE),
    GETTER("language", get_part, LOCALE_LANGUAGE),
    GETTER("numberingSystem", get_keyword, 6),
    GETTER("numeric", get_keyword, KEY_NUMERIC),
    GETTER("region", get_part, LOCALE_REGION),
    GETTER("script", get_part, LOCALE_SCRIPT),
    GETTER("variants", get_part, LOCALE_VARIANTS),
    BUILTIN_MAGIC("getCalendars", list_of, 0, LIST_CALENDARS),
    BUILTIN_MAGIC("getCollations", list_of, 0, LIST_COLLATIONS),
    BUILTIN_MAGIC("getHourCycles", list_of, 0, LIST_HOURS),
    BUILTIN_MAGIC("getNumberingSystems", list_of, 0, LIST_NUMBERINGS),
    BUILTIN("getTextInfo", text_info, 0),
    BUILTIN_MAGIC("getTimeZones", list_of, 0, LIST_ZONES),
    BUILTIN("getWeekInfo", week_info, 0),
    BUILTIN_MAGIC("maximize", with_likely_subtags, 0, 0),
    BUILTIN_MAGIC("minimize", with_likely_subtags, 0, 1),
    BUILTIN("toString", to_string, 0),
    BUILTIN_TAG("Intl.Locale"),
};

void vm_init_intl_locale(Isolate *iso, Realm *realm, Object *intl) {
  Object *prototype = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_IntlLocalePrototype, prototype);
  NativeFunction *f =
      vm_define_constructor(iso, "%Locale", construct, 1, prototype, NULL);
  VM_DEFINE_BUILTINS(iso, prototype, methods);
  vm_define_value(iso, intl, vm_key_from_c("Locale"), value_from_cell(f),
         PROPERTY_HIDDEN);
}
