// SPDX-License-Identifier: MIT
// Intl.DisplayNames (ECMA-402 12).
#include <stdio.h>
#include <stdlib.h>

#include <unicode/ucurr.h>
#include <unicode/udatpg.h>
#include <unicode/uldnames.h>
#include <unicode/uloc.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/intl.h"
#include "vm/objects/operations.h"

typedef enum {
  NAMES_LANGUAGE,
  NAMES_REGION,
  NAMES_SCRIPT,
  NAMES_CURRENCY,
  NAMES_CALENDAR,
  NAMES_FIELD,
} NamesType;

typedef struct {
  IntlLocale locale;
  int style, type, has_code_fallback, language_display;
  ULocaleDisplayNames *names;
  UDateTimePatternGenerator *fields; // of NAMES_FIELD
} DisplayNames;

static const char *const styles[] = {"narrow", "short", "long", NULL};
static const char *const types[] = {"language", "region",   "script",
                                    "currency", "calendar", "dateTimeField",
                                    NULL};
static const char *const fallbacks[] = {"none", "code", NULL};
static const char *const language_displays[] = {"standard", "dialect", NULL};

static void close_names(void *data) {
  DisplayNames *d = data;
  uldn_close(d->names);
  udatpg_close(d->fields);
  free(d);
}

// 12.1.1
static bool read_options(Isolate *iso, IntlLocaleList *list, Object *options,
                         void *data) {
  DisplayNames *d = data;
  bool done = options != NULL;
  if (!done) vm_throw_type(iso, "Intl.DisplayNames needs options");
  done = done && vm_intl_locale_matcher(iso, options) &&
         vm_intl_choice(iso, options, "style", styles, 2, &d->style) &&
         vm_intl_choice(iso, options, "type", types, -1, &d->type);
  if (done && d->type < 0) {
    vm_throw_type(iso, "Required option \"type\" must not be undefined");
    done = false;
  }
  done = done &&
         vm_intl_choice(iso, options, "fallback", fallbacks, 1,
                        &d->has_code_fallback) &&
         vm_intl_choice(iso, options, "languageDisplay", language_displays, 1,
                        &d->language_display);
  if (!done) {
    vm_intl_locale_list_free(list);
    return false;
  }
  vm_intl_resolve_locale(list, NULL, 0, &d->locale);
  UErrorCode status = U_ZERO_ERROR;
  UDisplayContext contexts[] = {
      d->language_display ? UDISPCTX_DIALECT_NAMES : UDISPCTX_STANDARD_NAMES,
      d->style == 2 ? UDISPCTX_LENGTH_FULL : UDISPCTX_LENGTH_SHORT,
      UDISPCTX_NO_SUBSTITUTE};
  d->names = uldn_openForContext(d->locale.icu, contexts, 3, &status);
  if (d->type == NAMES_FIELD) d->fields = udatpg_open(d->locale.icu, &status);
  if (U_SUCCESS(status)) return true;
  vm_intl_throw_icu(iso, status);
  return false;
}

static const IntlClass class = {.name = "DisplayNames",
                                .type = INTL_DISPLAY_NAMES,
                                .prototype =
                                    INTRINSIC_IntlDisplayNamesPrototype,
                                .data_bytes = sizeof(DisplayNames),
                                .external_bytes = 4 << 10,
                                .needs_new = true,
                                .read = read_options,
                                .close = close_names};

static Value construct(Isolate *iso, const NativeCall *call) {
  return vm_intl_constructor(iso, call, &class);
}

static bool is_letters(const char *code, size_t length) {
  if (strlen(code) != length) return false;
  for (size_t i = 0; i < length; i++)
    if ((unsigned)((code[i] | 0x20) - 'a') >= 26) return false;
  return true;
}

// CanonicalCodeForDisplayNames (12.5.1). False: no code of the type.
static bool canonical_code(NamesType type, const char *code,
                           char out[INTL_TAG_SIZE]) {
  char probe[INTL_TAG_SIZE + 8];
  size_t length = strlen(code);
  if (length + 8 >= INTL_TAG_SIZE) return false;
  switch (type) {
  case NAMES_LANGUAGE:
    if (!vm_intl_canonical_tag(code, length, out)) return false;
    return vm_intl_base_length(out) == strlen(out);
  case NAMES_REGION:
  case NAMES_SCRIPT:
    if (type == NAMES_SCRIPT ? !is_letters(code, 4)
                             : !is_letters(code, 2) && length != 3)
      return false;
    snprintf(probe, sizeof probe, "und-%s", code);
    if (!vm_intl_canonical_tag(probe, length + 4, out)) return false;
    // As it was asked for: an alias has a name of its own.
    strcpy(out, code);
    for (size_t i = 0; i < length; i++)
      if (is_letters((char[]){out[i], 0}, 1))
        out[i] = (char)(type == NAMES_REGION || i == 0 ? out[i] & ~0x20
                                                       : out[i] | 0x20);
    return true;
  case NAMES_CURRENCY:
    if (!is_letters(code, 3)) return false;
    for (size_t i = 0; i <= length; i++)
      out[i] = (char)(code[i] & ~0x20);
    return true;
  case NAMES_CALENDAR:
    if (!vm_intl_is_type(code)) return false;
    for (size_t i = 0; i <= length; i++)
      out[i] =
          code[i] >= 'A' && code[i] <= 'Z' ? (char)(code[i] | 0x20) : code[i];
    return true;
  case NAMES_FIELD:
    strcpy(out, code);
    return true;
  }
  return false;
}

static const struct {
  const char *name;
  UDateTimePatternField field;
} date_fields[] = {
    {"day", UDATPG_DAY_FIELD},
    {"dayPeriod", UDATPG_DAYPERIOD_FIELD},
    {"era", UDATPG_ERA_FIELD},
    {"hour", UDATPG_HOUR_FIELD},
    {"minute", UDATPG_MINUTE_FIELD},
    {"month", UDATPG_MONTH_FIELD},
    {"quarter", UDATPG_QUARTER_FIELD},
    {"second", UDATPG_SECOND_FIELD},
    {"timeZoneName", UDATPG_ZONE_FIELD},
    {"weekOfYear", UDATPG_WEEK_OF_YEAR_FIELD},
    {"weekday", UDATPG_WEEKDAY_FIELD},
    {"year", UDATPG_YEAR_FIELD},
};

enum { NAME_SIZE = 256 };

// The name, its length in the result; 0: there is none, -1: threw.
static int32_t name_of(Isolate *iso, const DisplayNames *d, const char *code,
                       UChar *out) {
  UErrorCode status = U_ZERO_ERROR;
  int32_t length = 0;
  char icu[INTL_TAG_SIZE];
  switch ((NamesType)d->type) {
  case NAMES_LANGUAGE:
    uloc_forLanguageTag(code, icu, sizeof icu, NULL, &status);
    length = uldn_localeDisplayName(d->names, icu, out, NAME_SIZE, &status);
    break;
  case NAMES_REGION:
    length = uldn_regionDisplayName(d->names, code, out, NAME_SIZE, &status);
    break;
  case NAMES_SCRIPT:
    length = uldn_scriptDisplayName(d->names, code, out, NAME_SIZE, &status);
    break;
  case NAMES_CURRENCY: {
    static const UCurrNameStyle name_styles[] = {
        UCURR_NARROW_SYMBOL_NAME, UCURR_SYMBOL_NAME, UCURR_LONG_NAME};
    UChar currency[4] = {(UChar)code[0], (UChar)code[1], (UChar)code[2], 0};
    UBool is_choice;
    const UChar *name =
        ucurr_getName(currency, d->locale.icu, name_styles[d->style],
                      &is_choice, &length, &status);
    if (U_FAILURE(status) || status == U_USING_DEFAULT_WARNING ||
        length > NAME_SIZE)
      return 0;
    memcpy(out, name, (size_t)length * sizeof *out);
    break;
  }
  case NAMES_CALENDAR: {
    const char *legacy = uloc_toLegacyType("calendar", code);
    length = uldn_keyValueDisplayName(d->names, "calendar",
                                      legacy != NULL ? legacy : code, out,
                                      NAME_SIZE, &status);
    break;
  }
  case NAMES_FIELD: {
    static const UDateTimePGDisplayWidth widths[] = {
        UDATPG_NARROW, UDATPG_ABBREVIATED, UDATPG_WIDE};
    for (size_t i = 0; i < sizeof date_fields / sizeof date_fields[0]; i++)
      if (strcmp(date_fields[i].name, code) == 0)
        return udatpg_getFieldDisplayName(d->fields, date_fields[i].field,
                                          widths[d->style], out, NAME_SIZE,
                                          &status);
    vm_throw_range(iso, "Invalid argument to Intl.DisplayNames.prototype.of");
    return -1;
  }
  }
  return U_SUCCESS(status) && length <= NAME_SIZE ? length : 0;
}

// 12.3.3
static Value of(Isolate *iso, const NativeCall *call) {
  IntlObject *o = vm_intl_this(iso, call->this_value, INTL_DISPLAY_NAMES,
                               "Intl.DisplayNames.prototype.of");
  size_t size;
  char *code =
      o != NULL ? vm_to_utf8(iso, native_argument(call, 0), &size) : NULL;
  if (code == NULL) return VALUE_EXCEPTION;
  const DisplayNames *d = o->data;
  char canonical[INTL_TAG_SIZE];
  bool is_valid = strlen(code) == size &&
                  canonical_code((NamesType)d->type, code, canonical);
  free(code);
  if (!is_valid)
    return vm_throw_range(iso,
                          "Invalid argument to Intl.DisplayNames.prototype.of");
  UChar name[NAME_SIZE];
  int32_t length = name_of(iso, d, canonical, name);
  if (length < 0) return VALUE_EXCEPTION;
  if (length > 0) return vm_intl_text(iso, name, length);
  if (!d->has_code_fallback) return VALUE_UNDEFINED;
  String *s = vm_string_from_c(iso, canonical);
  return s != NULL ? value_from_cell(s) : VALUE_EXCEPTION;
}

static Value resolved_options(Isolate *iso, const NativeCall *call) {
  IntlObject *o = vm_intl_this(iso, call->this_value, INTL_DISPLAY_NAMES,
                               "Intl.DisplayNames.prototype.resolvedOptions");
  if (o == NULL) return VALUE_EXCEPTION;
  const DisplayNames *d = o->data;
  Object *result = vm_object_new(iso);
  bool done = vm_intl_put_text(iso, result, "locale", d->locale.tag) &&
              vm_intl_put_text(iso, result, "style", styles[d->style]) &&
              vm_intl_put_text(iso, result, "type", types[d->type]) &&
              vm_intl_put_text(iso, result, "fallback",
                               fallbacks[d->has_code_fallback]) &&
              (d->type != NAMES_LANGUAGE ||
               vm_intl_put_text(iso, result, "languageDisplay",
                                language_displays[d->language_display]));
  return done ? value_from_cell(result) : VALUE_EXCEPTION;
}

static const Builtin methods[] = {
    BUILTIN("of", of, 1),
    BUILTIN("resolvedOptions", resolved_options, 0),
    BUILTIN_TAG("Intl.DisplayNames"),
};

void vm_init_intl_display_names(Isolate *iso, Realm *realm, Object *intl) {
  vm_intl_define(iso, realm, intl, "DisplayNames", construct, 2,
                 INTRINSIC_IntlDisplayNamesPrototype, methods,
                 sizeof methods / sizeof methods[0]);
}
