// SPDX-License-Identifier: MIT
// The methods of %String.prototype% that need to know characters: case, white
// space, normalization, collation. Latin-1 never leaves this process for ICU.
#include <stdlib.h>

#include "vm/builtins/intl_date.h"
#include "vm/builtins/string_builtins.h"
#include "vm/objects/charge.h"
#include "vm/objects/string_internal.h"
#include "vm/objects/unicode.h"

// UTF-16 units of a view, widened if need be; long ones in malloc'ed memory.
typedef struct WideUnits {
  const uint16_t *units;
  uint16_t *owned;
  uint16_t short_units[64];
} WideUnits;

static bool widen(Isolate *iso, StringView v, WideUnits *out) {
  out->owned = NULL;
  if (v.is_wide) {
    out->units = v.units;
    return true;
  }
  uint16_t *units = out->short_units;
  if (v.length > sizeof out->short_units / sizeof *units) {
    units = out->owned = malloc((size_t)v.length * sizeof *units);
    if (!units) {
      vm_throw_out_of_memory(iso);
      return false;
    }
  }
  string_copy_units(units, true, 0, v);
  out->units = units;
  return true;
}

// Takes over malloc'ed units.
static Value string_of_units(Isolate *iso, uint16_t *units, size_t length) {
  String *s = vm_string_from_utf16(iso, units, length);
  free(units);
  return string_or_exception(s);
}

// The language that decides the mapping (ECMA-402 20.1.2): the first of the
// locales; "": the root's.
static bool locale_of(Isolate *iso, Value locales, char *out, size_t size) {
  out[0] = 0;
  if (value_is_undefined(locales)) return true;
  IntlLocaleList list;
  if (!vm_intl_locale_list(iso, locales, &list)) return false;
  if (list.count > 0) {
    size_t length = strcspn(list.tags[0], "-");
    if (length < size) {
      memcpy(out, list.tags[0], length);
      out[length] = 0;
    }
  }
  vm_intl_locale_list_free(&list);
  return true;
}

static bool is_special_locale(const char *locale) {
  // The languages with case rules of their own.
  return strncmp(locale, "tr", 2) == 0 || strncmp(locale, "az", 2) == 0 ||
         strncmp(locale, "lt", 2) == 0;
}

static Value map_case(Isolate *iso, String *s, bool to_upper,
                      const char *locale) {
  StringView v;
  if (!vm_string_read(iso, s, &v)) return VALUE_EXCEPTION;
  if (!v.is_wide && !is_special_locale(locale)) {
    if (v.length == 0) return value_from_cell(s);
    uint8_t *units;
    String *result = vm_string_new_latin1(iso, v.length, &units);
    if (!result) return VALUE_EXCEPTION;
    bool changed = false, fits = true;
    if (to_upper)
      fits = vm_latin1_to_upper(v.units, v.length, units, &changed);
    else
      vm_latin1_to_lower(v.units, v.length, units, &changed);
    if (fits) {
      if (!changed) return value_from_cell(s);
      return value_from_cell(v.length == 1 ? vm_unit_atom(units[0]) : result);
    }
  }
  WideUnits wide;
  if (!vm_charge(iso, (size_t)v.length * CHARGE_ICU) || !widen(iso, v, &wide))
    return VALUE_EXCEPTION;
  uint16_t *units;
  size_t length;
  bool done =
      to_upper
          ? vm_utf16_to_upper(wide.units, v.length, locale, &units, &length)
          : vm_utf16_to_lower(wide.units, v.length, locale, &units, &length);
  free(wide.owned);
  return done ? string_of_units(iso, units, length)
              : vm_throw_out_of_memory(iso);
}

static Value convert_case(Isolate *iso, const NativeCall *call, bool to_upper,
                          const char *method) {
  String *s = string_this(iso, call, method);
  if (!s) return VALUE_EXCEPTION;
  char locale[32] = "";
  if (native_magic(call) &&
      !locale_of(iso, native_argument(call, 0), locale, sizeof locale))
    return VALUE_EXCEPTION;
  return map_case(iso, s, to_upper, locale);
}

// ECMA-262 22.1.3.28, 22.1.3.26; magic 1: by locale
Value vm_string_to_lower_case(Isolate *iso, const NativeCall *call) {
  return convert_case(iso, call, false,
                      native_magic(call) ? "toLocaleLowerCase" : "toLowerCase");
}

// ECMA-262 22.1.3.30, 22.1.3.27; magic 1: by locale
Value vm_string_to_upper_case(Isolate *iso, const NativeCall *call) {
  return convert_case(iso, call, true,
                      native_magic(call) ? "toLocaleUpperCase" : "toUpperCase");
}

// ECMA-262 22.1.3.32 to 22.1.3.34
Value vm_string_trim(Isolate *iso, const NativeCall *call) {
  unsigned where = native_magic(call);
  String *s = string_this(iso, call,
                          where == TRIM_START ? "trimStart"
                          : where == TRIM_END ? "trimEnd"
                                              : "trim");
  StringView v;
  if (!s || !vm_string_view(iso, s, &v)) return VALUE_EXCEPTION;
  uint32_t start = 0, end = v.length;
  if (where & TRIM_START)
    while (start < end && vm_unicode_is_trimmed(string_view_at(v, start)))
      start++;
  if (where & TRIM_END)
    while (end > start && vm_unicode_is_trimmed(string_view_at(v, end - 1)))
      end--;
  if (!vm_charge(iso, v.length - (end - start))) return VALUE_EXCEPTION;
  return string_or_exception(vm_string_substring(iso, s, start, end));
}

// ECMA-262 22.1.3.15
Value vm_string_normalize(Isolate *iso, const NativeCall *call) {
  String *s = string_this(iso, call, "normalize");
  if (!s) return VALUE_EXCEPTION;
  NormalizationForm form = NORMALIZE_NFC;
  Value argument = native_argument(call, 0);
  if (!value_is_undefined(argument)) {
    String *name = vm_to_string(iso, argument);
    StringView n;
    if (!name || !vm_string_view(iso, name, &n)) return VALUE_EXCEPTION;
    static const char *const forms[] = {"NFC", "NFD", "NFKC", "NFKD"};
    int i = 0;
    for (; i < 4; i++) {
      StringView f = {forms[i], (uint32_t)strlen(forms[i]), false};
      if (vm_string_views_equal(n, f)) break;
    }
    if (i == 4)
      return vm_throw_range(
          iso, "The normalization form should be one of NFC, NFD, NFKC, NFKD.");
    form = (NormalizationForm)i;
  }
  StringView v;
  if (!vm_string_view(iso, s, &v)) return VALUE_EXCEPTION;
  // All of Latin-1 is in NFC; ASCII is in every form.
  if (!v.is_wide && form == NORMALIZE_NFC) return value_from_cell(s);
  WideUnits wide;
  if (!vm_charge(iso, (size_t)v.length * CHARGE_ICU) || !widen(iso, v, &wide))
    return VALUE_EXCEPTION;
  uint16_t *units;
  size_t length;
  bool done = vm_utf16_normalize(form, wide.units, v.length, &units, &length);
  free(wide.owned);
  if (!done) return vm_throw_out_of_memory(iso);
  return units ? string_of_units(iso, units, length) : value_from_cell(s);
}

// The root collation's primary weight of ASCII letters and digits: digits come
// before letters, case does not count. 0: leave it to ICU.
static inline unsigned alphanumeric_weight(unsigned c) {
  if (c - '0' < 10) return c - '0' + 1;
  unsigned letter = (c | 0x20) - 'a';
  return c < 128 && letter < 26 ? letter + 11 : 0;
}

// Collates two texts of ASCII letters and digits: by primary weights, then
// lower case first. False: there is something else in them.
static bool collate_alphanumeric(StringView a, StringView b, int *order) {
  if (a.is_wide || b.is_wide) return false;
  const uint8_t *p = a.units, *q = b.units;
  uint32_t common = a.length < b.length ? a.length : b.length;
  int by_weight = 0, by_case = 0;
  for (uint32_t i = 0; i < common; i++) {
    unsigned x = alphanumeric_weight(p[i]), y = alphanumeric_weight(q[i]);
    if (x == 0 || y == 0) return false;
    if (by_weight == 0) by_weight = (int)x - (int)y;
    if (by_case == 0) by_case = (int)q[i] - (int)p[i];
  }
  const uint8_t *rest = a.length > common ? p : q;
  uint32_t longer = a.length > common ? a.length : b.length;
  for (uint32_t i = common; i < longer; i++)
    if (alphanumeric_weight(rest[i]) == 0) return false;
  if (by_weight == 0)
    by_weight = a.length < b.length ? -1 : a.length > b.length;
  *order = by_weight != 0 ? by_weight : by_case;
  return true;
}

// ECMA-262 22.1.3.12 and ECMA-402 20.1.1; en-US sorts by the root collation.
Value vm_string_locale_compare(Isolate *iso, const NativeCall *call) {
  String *s = string_this(iso, call, "localeCompare");
  String *that = s ? vm_to_string(iso, native_argument(call, 0)) : NULL;
  StringView a, b;
  if (!that || !vm_string_read(iso, s, &a) || !vm_string_read(iso, that, &b))
    return VALUE_EXCEPTION;
  Value locales = native_argument(call, 1), options = native_argument(call, 2);
  if (!vm_intl_is_plain_english(locales, options))
    return vm_intl_compare_strings(iso, value_from_cell(s),
                                   value_from_cell(that), locales, options);
  if (a.is_wide == b.is_wide && vm_string_views_equal(a, b))
    return value_from_int(0);
  int order;
  if (collate_alphanumeric(a, b, &order))
    return value_from_int(order < 0 ? -1 : order > 0);
  WideUnits wide_a, wide_b;
  if (!vm_charge(iso, ((size_t)a.length + b.length) * CHARGE_ICU))
    return VALUE_EXCEPTION;
  if (!widen(iso, a, &wide_a)) return VALUE_EXCEPTION;
  if (!widen(iso, b, &wide_b)) {
    free(wide_a.owned);
    return VALUE_EXCEPTION;
  }
  bool done =
      vm_utf16_collate(wide_a.units, a.length, wide_b.units, b.length, &order);
  free(wide_a.owned);
  free(wide_b.owned);
  return done ? value_from_int(order) : vm_throw_out_of_memory(iso);
}
