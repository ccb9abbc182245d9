// SPDX-License-Identifier: MIT
// Intl.Collator (ECMA-402 10) and String.prototype.localeCompare with a locale
// or options (22.1.3.12).
#include <stdlib.h>

#include <unicode/ucol.h>
#include <unicode/uenum.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/intl.h"
#include "vm/builtins/intl_date.h"
#include "vm/objects/operations.h"
#include "vm/objects/unicode.h"

typedef struct {
  IntlLocale locale;
  UCollator *collator;
  char collation[INTL_TYPE_SIZE];
  int usage, sensitivity, numeric, case_first, ignores_punctuation;
} Collator;

static const char *const usages[] = {"sort", "search", NULL};
static const char *const sensitivities[] = {"base", "accent", "case", "variant",
                                            NULL};
static const char *const case_firsts[] = {"upper", "lower", "false", NULL};

static bool is_collation(const char *locale, char *value) {
  // Not for ECMA-402 (10.2.3); "default" is what no value means.
  if (strcmp(value, "standard") == 0 || strcmp(value, "search") == 0 ||
      strncmp(value, "private-", 8) == 0)
    return false;
  UErrorCode status = U_ZERO_ERROR;
  const char *legacy = uloc_toLegacyType("collation", value);
  if (legacy == NULL) return false;
  UEnumeration *all =
      ucol_getKeywordValuesForLocale("collation", locale, false, &status);
  const char *text;
  bool found = false;
  while (!found && (text = uenum_next(all, NULL, &status)) != NULL)
    found = strcmp(text, legacy) == 0;
  uenum_close(all);
  return found;
}
static bool is_boolean(const char *locale, char *value) {
  if (strcmp(value, "yes") == 0) strcpy(value, "true");
  return strcmp(value, "true") == 0 || strcmp(value, "false") == 0;
}
static bool is_case_first(const char *locale, char *value) {
  for (int i = 0; case_firsts[i] != NULL; i++)
    if (strcmp(case_firsts[i], value) == 0) return true;
  return false;
}

static void close_collator(void *data) {
  Collator *c = data;
  ucol_close(c->collator);
  free(c);
}

static bool open_collator(Isolate *iso, Collator *c) {
  UErrorCode status = U_ZERO_ERROR;
  char name[sizeof c->locale.icu + 24];
  strcpy(name, c->locale.icu);
  if (c->usage == 1)
    uloc_setKeywordValue("collation", "search", name, sizeof name, &status);
  c->collator = ucol_open(name, &status);
  if (U_FAILURE(status)) {
    vm_intl_throw_icu(iso, status);
    return false;
  }
  static const UColAttributeValue strengths[] = {UCOL_PRIMARY, UCOL_SECONDARY,
                                                 UCOL_PRIMARY, UCOL_TERTIARY};
  static const UColAttributeValue firsts[] = {UCOL_UPPER_FIRST,
                                              UCOL_LOWER_FIRST, UCOL_OFF};
  ucol_setAttribute(c->collator, UCOL_NORMALIZATION_MODE, UCOL_ON, &status);
  if (c->sensitivity >= 0) {
    ucol_setStrength(c->collator, strengths[c->sensitivity]);
    if (c->sensitivity == 2)
      ucol_setAttribute(c->collator, UCOL_CASE_LEVEL, UCOL_ON, &status);
  } else {
    c->sensitivity = 3;
  }
  ucol_setAttribute(c->collator, UCOL_NUMERIC_COLLATION,
                    c->numeric ? UCOL_ON : UCOL_OFF, &status);
  ucol_setAttribute(c->collator, UCOL_CASE_FIRST, firsts[c->case_first],
                    &status);
  if (c->ignores_punctuation >= 0) {
    ucol_setAttribute(
        c->collator, UCOL_ALTERNATE_HANDLING,
        c->ignores_punctuation ? UCOL_SHIFTED : UCOL_NON_IGNORABLE, &status);
  } else {
    c->ignores_punctuation =
        ucol_getAttribute(c->collator, UCOL_ALTERNATE_HANDLING, &status) ==
        UCOL_SHIFTED;
  }
  return true;
}

// 10.1.2
static bool read_options(Isolate *iso, IntlLocaleList *list, Object *options,
                         void *data) {
  Collator *c = data;
  IntlKey keys[] = {{.key = "co", .is_supported = is_collation},
                    {.key = "kf", .is_supported = is_case_first},
                    {.key = "kn", .is_supported = is_boolean}};
  int case_first;
  bool done =
      vm_intl_choice(iso, options, "usage", usages, 0, &c->usage) &&
      vm_intl_locale_matcher(iso, options) &&
      vm_intl_type_option(iso, options, "collation", keys[0].option) &&
      vm_intl_boolean_option(iso, options, "numeric", -1, &c->numeric) &&
      vm_intl_choice(iso, options, "caseFirst", case_firsts, -1, &case_first);
  if (!done) {
    vm_intl_locale_list_free(list);
    return false;
  }
  if (case_first >= 0) strcpy(keys[1].option, case_firsts[case_first]);
  if (c->numeric >= 0) strcpy(keys[2].option, c->numeric ? "true" : "false");
  vm_intl_resolve_locale(list, keys, 3, &c->locale);
  strcpy(c->collation, keys[0].value[0] != 0 ? keys[0].value : "default");
  c->numeric = strcmp(keys[2].value, "true") == 0;
  c->case_first = 2;
  for (int i = 0; i < 2; i++)
    if (strcmp(keys[1].value, case_firsts[i]) == 0) c->case_first = i;
  return vm_intl_choice(iso, options, "sensitivity", sensitivities, -1,
                        &c->sensitivity) &&
         vm_intl_boolean_option(iso, options, "ignorePunctuation", -1,
                                &c->ignores_punctuation) &&
         open_collator(iso, c);
}

static const IntlClass class = {.name = "Collator",
                                .type = INTL_COLLATOR,
                                .prototype = INTRINSIC_IntlCollatorPrototype,
                                .data_bytes = sizeof(Collator),
                                .external_bytes = 8 << 10,
                                .coerces_options = true,
                                .read = read_options,
                                .close = close_collator};

// 10.1.1
static Value construct(Isolate *iso, const NativeCall *call) {
  return vm_intl_constructor(iso, call, &class);
}

static Value compare(Isolate *iso, const IntlObject *o, Value x, Value y) {
  const Collator *c = o->data;
  String *a = vm_to_string(iso, x);
  String *b = a != NULL ? vm_to_string(iso, y) : NULL;
  if (b == NULL) return VALUE_EXCEPTION;
  uint32_t a_length, b_length;
  uint16_t *a_owned, *b_owned = NULL;
  const uint16_t *p = vm_intl_units(iso, a, &a_length, &a_owned);
  const uint16_t *q =
      p != NULL ? vm_intl_units(iso, b, &b_length, &b_owned) : NULL;
  Value order = VALUE_EXCEPTION;
  int sign;
  if (q != NULL)
    order = vm_utf16_strcoll(c->collator, p, a_length, q, b_length, &sign)
                ? value_from_int(sign)
                : vm_throw_out_of_memory(iso);
  free(a_owned);
  free(b_owned);
  return order;
}

// 10.3.3
static Value bound_compare(Isolate *iso, const NativeCall *call) {
  return compare(iso, (IntlObject *)value_as_cell(native_slot(call, 0)),
                 native_argument(call, 0), native_argument(call, 1));
}
static Value get_compare(Isolate *iso, const NativeCall *call) {
  IntlObject *o = vm_intl_this(iso, call->this_value, INTL_COLLATOR,
                               "get Intl.Collator.prototype.compare");
  return o != NULL ? vm_intl_bound(iso, o, bound_compare, 2) : VALUE_EXCEPTION;
}

// 10.3.4
static Value resolved_options(Isolate *iso, const NativeCall *call) {
  IntlObject *o = vm_intl_this(iso, call->this_value, INTL_COLLATOR,
                               "Intl.Collator.prototype.resolvedOptions");
  if (o == NULL) return VALUE_EXCEPTION;
  const Collator *c = o->data;
  Object *result = vm_object_new(iso);
  bool done = vm_intl_put_text(iso, result, "locale", c->locale.tag) &&
              vm_intl_put_text(iso, result, "usage", usages[c->usage]) &&
              vm_intl_put_text(iso, result, "sensitivity",
                               sensitivities[c->sensitivity]);
  if (!done) return VALUE_EXCEPTION;
  vm_intl_put(iso, result, "ignorePunctuation",
              value_from_bool(c->ignores_punctuation));
  if (!vm_intl_put_text(iso, result, "collation", c->collation))
    return VALUE_EXCEPTION;
  vm_intl_put(iso, result, "numeric", value_from_bool(c->numeric));
  done = vm_intl_put_text(iso, result, "caseFirst", case_firsts[c->case_first]);
  return done ? value_from_cell(result) : VALUE_EXCEPTION;
}

Value vm_intl_compare_strings(Isolate *iso, Value a, Value b, Value locales,
                              Value options) {
  Object **kept = &iso->realm->intrinsics[INTRINSIC_IntlKeptCollator];
  IntlObject *o = vm_intl_kept(iso, kept, locales, options);
  if (o == NULL) {
    o = vm_intl_construct(iso, &class, VALUE_UNDEFINED, locales, options);
    if (o == NULL) return VALUE_EXCEPTION;
    vm_intl_keep(iso, kept, o, locales, options);
  }
  return compare(iso, o, a, b);
}

static const Builtin methods[] = {
    BUILTIN_GET("compare", get_compare),
    BUILTIN("resolvedOptions", resolved_options, 0),
    BUILTIN_TAG("Intl.Collator"),
};

void vm_init_intl_collator(Isolate *iso, Realm *realm, Object *intl) {
  vm_intl_define(iso, realm, intl, "Collator", construct, 0,
                 INTRINSIC_IntlCollatorPrototype, methods,
                 sizeof methods / sizeof methods[0]);
}
