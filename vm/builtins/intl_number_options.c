// SPDX-License-Identifier: MIT
// Reading the options of Intl.NumberFormat (ECMA-402 15.1.1 to 15.1.3), in the
// order in which scripts can see it, and showing them again.
#include <math.h>

#include <unicode/ucurr.h>
#include <unicode/unumsys.h>

#include "vm/builtins/intl_number.h"
#include "vm/objects/array.h"
#include "vm/objects/operations.h"

static const char *const styles[] = {"decimal", "percent", "currency", "unit",
                                     NULL};
static const char *const currency_displays[] = {"symbol", "narrowSymbol",
                                                "code", "name", NULL};
static const char *const currency_signs[] = {"standard", "accounting", NULL};
static const char *const unit_displays[] = {"short", "narrow", "long", NULL};
const char *const vm_intl_notations[] = {"standard", "scientific",
                                         "engineering", "compact", NULL};
const char *const vm_intl_compact_displays[] = {"short", "long", NULL};
static const char *const groupings[] = {"min2", "auto",  "always",
                                        "true", "false", NULL};
static const char *const sign_displays[] = {"auto",       "never",    "always",
                                            "exceptZero", "negative", NULL};
static const char *const priorities[] = {"auto", "morePrecision",
                                         "lessPrecision", NULL};
static const char *const rounding_modes[] = {
    "ceil",      "floor",      "expand",    "trunc",    "halfCeil",
    "halfFloor", "halfExpand", "halfTrunc", "halfEven", NULL};
static const char *const trailing_zeros[] = {"auto", "stripIfInteger", NULL};
static const int increments[] = {1,   2,   5,   10,   20,   25,   50,  100,
                                 200, 250, 500, 1000, 2000, 2500, 5000};

// Units that ECMA-402 sanctions (table 2).
const char *const vm_intl_units_sanctioned[] = {
    "acre",        "bit",         "byte",        "celsius",
    "centimeter",  "day",         "degree",      "fahrenheit",
    "fluid-ounce", "foot",        "gallon",      "gigabit",
    "gigabyte",    "gram",        "hectare",     "hour",
    "inch",        "kilobit",     "kilobyte",    "kilogram",
    "kilometer",   "liter",       "megabit",     "megabyte",
    "meter",       "microsecond", "mile",        "mile-scandinavian",
    "milliliter",  "millimeter",  "millisecond", "minute",
    "month",       "nanosecond",  "ounce",       "percent",
    "petabyte",    "pound",       "second",      "stone",
    "terabit",     "terabyte",    "week",        "yard",
    "year"};
const size_t vm_intl_unit_count =
    sizeof vm_intl_units_sanctioned / sizeof vm_intl_units_sanctioned[0];

bool vm_intl_numbering_system(const char *locale, char *value) {
  // "native", "traditio" and "finance" are not for ECMA-402 (6.x).
  if (strcmp(value, "native") == 0 || strcmp(value, "traditio") == 0 ||
      strcmp(value, "finance") == 0)
    return false;
  UErrorCode status = U_ZERO_ERROR;
  UNumberingSystem *system = unumsys_openByName(value, &status);
  if (U_FAILURE(status)) return false;
  bool has_digits = !unumsys_isAlgorithmic(system);
  unumsys_close(system);
  return has_digits;
}

void vm_intl_default_numbering(const char *icu, char out[INTL_TYPE_SIZE]) {
  strcpy(out, "latn");
  UErrorCode status = U_ZERO_ERROR;
  UNumberingSystem *system = unumsys_open(icu, &status);
  if (U_FAILURE(status)) return;
  const char *name = unumsys_getName(system);
  if (strlen(name) < INTL_TYPE_SIZE) strcpy(out, name);
  unumsys_close(system);
}

// Digits ----------------------------------------------------------------------

bool vm_intl_read_digits(Isolate *iso, Object *options, int default_minimum,
                         int default_maximum, bool is_compact,
                         NumberDigits *d) {
  Value given[4];
  static const char *const names[] = {
      "minimumFractionDigits", "maximumFractionDigits",
      "minimumSignificantDigits", "maximumSignificantDigits"};
  *d = (NumberDigits){0};
  if (!vm_intl_number_option(iso, options, "minimumIntegerDigits", 1, 21, 1,
                             &d->minimum_integer))
    return false;
  for (int i = 0; i < 4; i++) {
    given[i] = options != NULL ? vm_get(iso, options, vm_key_from_c(names[i]))
                               : VALUE_UNDEFINED;
    if (value_is_exception(given[i])) return false;
  }
  int priority;
  if (!vm_intl_number_option(iso, options, "roundingIncrement", 1, 5000, 1,
                             &d->increment))
    return false;
  bool is_known = false;
  for (size_t i = 0; i < sizeof increments / sizeof increments[0]; i++)
    is_known |= increments[i] == d->increment;
  if (!is_known) {
    vm_throw_range(iso, "roundingIncrement value is out of range.");
    return false;
  }
  if (!vm_intl_choice(iso, options, "roundingMode", rounding_modes, 6,
                      &d->rounding_mode) ||
      !vm_intl_choice(iso, options, "roundingPriority", priorities,
                      PRIORITY_AUTO, &priority) ||
      !vm_intl_choice(iso, options, "trailingZeroDisplay", trailing_zeros, 0,
                      &d->trailing_zeros))
    return false;
  d->priority = (RoundingPriority)priority;
  if (d->increment != 1) default_maximum = default_minimum;
  bool has_fraction =
      !value_is_undefined(given[0]) || !value_is_undefined(given[1]);
  bool has_significant =
      !value_is_undefined(given[2]) || !value_is_undefined(given[3]);
  bool need_fraction = true, need_significant = true;
  if (d->priority == PRIORITY_AUTO) {
    need_significant = has_significant;
    if (need_significant || (!has_fraction && is_compact))
      need_fraction = false;
  }
  if (need_significant) {
    d->minimum_significant = 1;
    d->maximum_significant = 21;
    if (has_significant &&
        (!vm_intl_default_number(iso, given[2], names[2], 1, 21, 1,
                                 &d->minimum_significant) ||
         !vm_intl_default_number(iso, given[3], names[3],
                                 d->minimum_significant, 21, 21,
                                 &d->maximum_significant)))
      return false;
  }
  if (need_fraction) {
    d->minimum_fraction = default_minimum;
    d->maximum_fraction = default_maximum;
    if (has_fraction) {
      int minimum, maximum;
      if (!vm_intl_default_number(iso, given[0], names[0], 0, 100, -1,
                                  &minimum) ||
          !vm_intl_default_number(iso, given[1], names[1], 0, 100, -1,
                                  &maximum))
        return false;
      if (minimum < 0) {
        minimum = default_minimum < maximum ? default_minimum : maximum;
      } else if (maximum < 0) {
        maximum = default_maximum > minimum ? default_maximum : minimum;
      } else if (minimum > maximum) {
        vm_throw_range(iso, "maximumFractionDigits value is out of range.");
        return false;
      }
      d->minimum_fraction = minimum;
      d->maximum_fraction = maximum;
    }
  }
  if (!need_significant && !need_fraction) {
    d->maximum_fraction = 0;
    d->minimum_significant = 1;
    d->maximum_significant = 2;
    d->priority = PRIORITY_MORE;
    d->is_compact = true;
    need_fraction = need_significant = true;
  }
  d->has_fraction = need_fraction;
  d->has_significant = need_significant;
  if (d->increment != 1) {
    if (need_significant || d->priority != PRIORITY_AUTO) {
      vm_throw_type(iso, "roundingIncrement needs fraction digits");
      return false;
    }
    if (d->maximum_fraction != d->minimum_fraction) {
      vm_throw_range(iso, "roundingIncrement needs equal fraction digits");
      return false;
    }
  }
  return true;
}

static void put_int(Isolate *iso, Object *o, const char *name, int value) {
  vm_intl_put(iso, o, name, value_from_int(value));
}

void vm_intl_put_digits(Isolate *iso, Object *o, const NumberDigits *d) {
  put_int(iso, o, "minimumIntegerDigits", d->minimum_integer);
  if (d->has_fraction) {
    put_int(iso, o, "minimumFractionDigits", d->minimum_fraction);
    put_int(iso, o, "maximumFractionDigits", d->maximum_fraction);
  }
  if (d->has_significant) {
    put_int(iso, o, "minimumSignificantDigits", d->minimum_significant);
    put_int(iso, o, "maximumSignificantDigits", d->maximum_significant);
  }
}

bool vm_intl_put_rounding(Isolate *iso, Object *o, const NumberDigits *d) {
  put_int(iso, o, "roundingIncrement", d->increment);
  return vm_intl_put_text(iso, o, "roundingMode",
                          rounding_modes[d->rounding_mode]) &&
         vm_intl_put_text(iso, o, "roundingPriority",
                          priorities[d->priority]) &&
         vm_intl_put_text(iso, o, "trailingZeroDisplay",
                          trailing_zeros[d->trailing_zeros]);
}

// Style -----------------------------------------------------------------------

static bool is_simple_unit(const char *text, size_t length) {
  for (size_t i = 0; i < vm_intl_unit_count; i++)
    if (strlen(vm_intl_units_sanctioned[i]) == length &&
        memcmp(vm_intl_units_sanctioned[i], text, length) == 0)
      return true;
  return false;
}

// IsWellFormedUnitIdentifier (6.6.1)
static bool is_unit(const char *text) {
  if (is_simple_unit(text, strlen(text))) return true;
  const char *per = strstr(text, "-per-");
  return per != NULL && is_simple_unit(text, (size_t)(per - text)) &&
         is_simple_unit(per + 5, strlen(per + 5));
}

// IsWellFormedCurrencyCode (6.3.1), made upper case.
static bool is_currency(char *code) {
  if (strlen(code) != 3) return false;
  for (int i = 0; i < 3; i++) {
    if ((unsigned)((code[i] | 0x20) - 'a') >= 26) return false;
    code[i] = (char)(code[i] & ~0x20);
  }
  return true;
}

// SetNumberFormatUnitOptions (15.1.4)
static bool read_style(Isolate *iso, Object *options, NumberOptions *o) {
  char currency[16];
  int style;
  if (!vm_intl_choice(iso, options, "style", styles, STYLE_DECIMAL, &style))
    return false;
  Tri has_currency =
      vm_intl_text_option(iso, options, "currency", currency, sizeof currency);
  if (has_currency < 0) return false;
  if (has_currency && !is_currency(currency)) {
    vm_throw_range(iso, "Invalid currency code : %s", currency);
    return false;
  }
  if (!has_currency && style == STYLE_CURRENCY) {
    vm_throw_type(iso, "Currency code is required with currency style.");
    return false;
  }
  if (!vm_intl_choice(iso, options, "currencyDisplay", currency_displays, 0,
                      &o->currency_display) ||
      !vm_intl_choice(iso, options, "currencySign", currency_signs, 0,
                      &o->currency_sign))
    return false;
  Tri has_unit =
      vm_intl_text_option(iso, options, "unit", o->unit, sizeof o->unit);
  if (has_unit < 0) return false;
  if (has_unit && !is_unit(o->unit)) {
    vm_throw_range(iso, "Invalid unit argument for Intl.NumberFormat() '%s'",
                   o->unit);
    return false;
  }
  if (!has_unit && style == STYLE_UNIT) {
    vm_throw_type(iso, "Required unit argument is missing");
    return false;
  }
  if (!vm_intl_choice(iso, options, "unitDisplay", unit_displays, 0,
                      &o->unit_display))
    return false;
  o->style = (NumberStyle)style;
  if (style == STYLE_CURRENCY) memcpy(o->currency, currency, 4);
  return true;
}

// GetBooleanOrStringNumberFormatOption of useGrouping
static bool read_grouping(Isolate *iso, Object *options, NumberOptions *o) {
  UseGrouping fallback =
      o->notation == NOTATION_COMPACT ? GROUPING_MIN2 : GROUPING_AUTO;
  o->grouping = fallback;
  Value v = options != NULL ? vm_get(iso, options, vm_key_from_c("useGrouping"))
                            : VALUE_UNDEFINED;
  if (value_is_exception(v)) return false;
  if (value_is_undefined(v)) return true;
  if (v == VALUE_TRUE) {
    o->grouping = GROUPING_ALWAYS;
    return true;
  }
  if (!vm_to_boolean(v)) {
    o->grouping = GROUPING_FALSE;
    return true;
  }
  // Its text again, as if it had been read as a string.
  Object *wrapper = vm_object_new_with(iso, NULL);
  vm_intl_put(iso, wrapper, "useGrouping", v);
  int choice;
  if (!vm_intl_choice(iso, wrapper, "useGrouping", groupings, 0, &choice))
    return false;
  o->grouping = choice > GROUPING_ALWAYS ? fallback : (UseGrouping)choice;
  return true;
}

bool vm_intl_read_number_options(Isolate *iso, IntlLocaleList *list,
                                 Object *options, NumberOptions *o) {
  *o = (NumberOptions){0};
  IntlKey key = {.key = "nu", .is_supported = vm_intl_numbering_system};
  bool done = vm_intl_locale_matcher(iso, options) &&
              vm_intl_type_option(iso, options, "numberingSystem", key.option);
  if (!done) {
    vm_intl_locale_list_free(list);
    return false;
  }
  vm_intl_resolve_locale(list, &key, 1, &o->locale);
  if (key.value[0] != 0) {
    strcpy(o->numbering_system, key.value);
  } else {
    vm_intl_default_numbering(o->locale.icu, o->numbering_system);
  }
  int notation, minimum = 0, maximum = 3;
  if (!read_style(iso, options, o) ||
      !vm_intl_choice(iso, options, "notation", vm_intl_notations,
                      NOTATION_STANDARD, &notation))
    return false;
  o->notation = (NumberNotation)notation;
  if (o->style == STYLE_PERCENT) maximum = 0;
  if (o->style == STYLE_CURRENCY && o->notation == NOTATION_STANDARD) {
    UErrorCode status = U_ZERO_ERROR;
    UChar code[4] = {(UChar)o->currency[0], (UChar)o->currency[1],
                     (UChar)o->currency[2], 0};
    int32_t places = ucurr_getDefaultFractionDigits(code, &status);
    minimum = maximum = U_SUCCESS(status) ? places : 2;
  }
  return vm_intl_read_digits(iso, options, minimum, maximum,
                             o->notation == NOTATION_COMPACT, &o->digits) &&
         vm_intl_choice(iso, options, "compactDisplay",
                        vm_intl_compact_displays, 0, &o->compact_display) &&
         read_grouping(iso, options, o) &&
         vm_intl_choice(iso, options, "signDisplay", sign_displays, 0,
                        &o->sign_display);
}

Value vm_intl_number_resolved(Isolate *iso, const NumberOptions *o) {
  const NumberDigits *d = &o->digits;
  Object *result = vm_object_new(iso);
#define PUT(name, text) vm_intl_put_text(iso, result, name, text)
  bool done = PUT("locale", o->locale.tag) &&
              PUT("numberingSystem", o->numbering_system) &&
              PUT("style", styles[o->style]);
  if (done && o->style == STYLE_CURRENCY)
    done = PUT("currency", o->currency) &&
           PUT("currencyDisplay", currency_displays[o->currency_display]) &&
           PUT("currencySign", currency_signs[o->currency_sign]);
  if (done && o->style == STYLE_UNIT)
    done = PUT("unit", o->unit) &&
           PUT("unitDisplay", unit_displays[o->unit_display]);
  if (done) vm_intl_put_digits(iso, result, d);
  if (done && o->grouping == GROUPING_FALSE)
    vm_intl_put(iso, result, "useGrouping", VALUE_FALSE);
  else if (done)
    done = PUT("useGrouping", groupings[o->grouping]);
  done = done && PUT("notation", vm_intl_notations[o->notation]);
  if (done && o->notation == NOTATION_COMPACT)
    done = PUT("compactDisplay", vm_intl_compact_displays[o->compact_display]);
  done = done && PUT("signDisplay", sign_displays[o->sign_display]);
#undef PUT
  return done && vm_intl_put_rounding(iso, result, d) ? value_from_cell(result)
                                                      : VALUE_EXCEPTION;
}
