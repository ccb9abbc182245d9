// SPDX-License-Identifier: MIT
// The options of Intl.NumberFormat and Intl.PluralRules, and the ICU formatter
// made from them.
#ifndef RILL_VM_BUILTINS_INTL_NUMBER_H
#define RILL_VM_BUILTINS_INTL_NUMBER_H

#include <unicode/unumberformatter.h>

#include "vm/builtins/intl.h"

// The order of each is that of its table of texts in intl_number_options.c.
typedef enum {
  STYLE_DECIMAL,
  STYLE_PERCENT,
  STYLE_CURRENCY,
  STYLE_UNIT
} NumberStyle;
typedef enum {
  NOTATION_STANDARD,
  NOTATION_SCIENTIFIC,
  NOTATION_ENGINEERING,
  NOTATION_COMPACT
} NumberNotation;
typedef enum { PRIORITY_AUTO, PRIORITY_MORE, PRIORITY_LESS } RoundingPriority;
typedef enum {
  GROUPING_MIN2,
  GROUPING_AUTO,
  GROUPING_ALWAYS,
  GROUPING_FALSE
} UseGrouping;

// SetNumberFormatDigitOptions (15.1.3), resolved.
typedef struct NumberDigits {
  int minimum_integer, minimum_fraction, maximum_fraction;
  int minimum_significant, maximum_significant;
  bool has_fraction, has_significant; // which of them count
  RoundingPriority priority;          // used if both do
  bool is_compact;                    // [[RoundingType]] of compact notation
  int increment, rounding_mode, trailing_zeros;
} NumberDigits;

typedef struct NumberOptions {
  IntlLocale locale;
  char numbering_system[INTL_TYPE_SIZE];
  NumberStyle style;
  char currency[4];
  char unit[80];
  int currency_display, currency_sign, unit_display;
  NumberNotation notation;
  int compact_display;
  UseGrouping grouping;
  int sign_display;
  NumberDigits digits;
} NumberOptions;

extern const char *const vm_intl_notations[];
extern const char *const vm_intl_compact_displays[];

extern const char *const vm_intl_units_sanctioned[]; // table 2, sorted
extern const size_t vm_intl_unit_count;

// Reads the digits' options. `default_*`: for the style.
bool vm_intl_read_digits(Isolate *, Object *options, int default_minimum,
                         int default_maximum, bool is_compact,
                         NumberDigits *) VM_CHECKED;
// Their parts of resolvedOptions.
void vm_intl_put_digits(Isolate *, Object *, const NumberDigits *);
bool vm_intl_put_rounding(Isolate *, Object *, const NumberDigits *);
// The constructor's steps (15.1.2) after the locales are read.
bool vm_intl_read_number_options(Isolate *, IntlLocaleList *, Object *options,
                                 NumberOptions *) VM_CHECKED;
// A formatter for them. NULL: threw.
UNumberFormatter *vm_intl_open_number(Isolate *,
                                      const NumberOptions *) VM_CHECKED;
// resolvedOptions
Value vm_intl_number_resolved(Isolate *, const NumberOptions *);

// Is it a numbering system ICU has digits for?
bool vm_intl_numbering_system(const char *locale, char *value);
// The locale's own; `icu`: an ICU locale with keywords.
void vm_intl_default_numbering(const char *icu, char out[INTL_TYPE_SIZE]);

// ToIntlMathematicalValue (15.5.16), formatted into `result`.
bool vm_intl_format_number(Isolate *, const UNumberFormatter *, Value,
                           UFormattedNumber *result) VM_CHECKED;

// x.toLocaleString (locales, options) of a Number or BigInt.
Value vm_intl_number_to_locale_string(Isolate *, Value x, Value locales,
                                      Value options);

#endif
