// SPDX-License-Identifier: MIT
// Intl.PluralRules (ECMA-402 16).
#include <stdlib.h>

#include <unicode/uenum.h>
#include <unicode/unumberrangeformatter.h>
#include <unicode/upluralrules.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/intl_number.h"
#include "vm/objects/operations.h"

typedef struct {
  NumberOptions options; // those that make the number's visible digits
  UNumberFormatter *formatter;
  UPluralRules *rules;
  int type;
} PluralRules;

static const char *const types[] = {"cardinal", "ordinal", NULL};

static void close_rules(void *data) {
  PluralRules *p = data;
  unumf_close(p->formatter);
  uplrules_close(p->rules);
  free(p);
}

// 16.1.2
static bool read_options(Isolate *iso, IntlLocaleList *list, Object *options,
                         void *data) {
  PluralRules *p = data;
  if (!vm_intl_locale_matcher(iso, options)) {
    vm_intl_locale_list_free(list);
    return false;
  }
  NumberOptions *o = &p->options;
  vm_intl_resolve_locale(list, NULL, 0, &o->locale);
  int notation;
  if (!vm_intl_choice(iso, options, "type", types, 0, &p->type) ||
      !vm_intl_choice(iso, options, "notation", vm_intl_notations,
                      NOTATION_STANDARD, &notation))
    return false;
  o->notation = (NumberNotation)notation;
  if (!vm_intl_choice(iso, options, "compactDisplay", vm_intl_compact_displays,
                      0, &o->compact_display) ||
      !vm_intl_read_digits(iso, options, 0, 3, notation == NOTATION_COMPACT,
                           &o->digits))
    return false;
  o->grouping = GROUPING_AUTO;
  p->formatter = vm_intl_open_number(iso, o);
  if (p->formatter == NULL) return false;
  UErrorCode status = U_ZERO_ERROR;
  p->rules = uplrules_openForType(
      o->locale.icu, p->type ? UPLURAL_TYPE_ORDINAL : UPLURAL_TYPE_CARDINAL,
      &status);
  if (U_SUCCESS(status)) return true;
  vm_intl_throw_icu(iso, status);
  return false;
}

static const IntlClass class = {.name = "PluralRules",
                                .type = INTL_PLURAL_RULES,
                                .prototype = INTRINSIC_IntlPluralRulesPrototype,
                                .data_bytes = sizeof(PluralRules),
                                .external_bytes = 24 << 10,
                                .coerces_options = true,
                                .needs_new = true,
                                .read = read_options,
                                .close = close_rules};

// 16.1.1
static Value construct(Isolate *iso, const NativeCall *call) {
  return vm_intl_constructor(iso, call, &class);
}

static const PluralRules *this_rules(Isolate *iso, const NativeCall *call,
                                     const char *method) {
  IntlObject *o =
      vm_intl_this(iso, call->this_value, INTL_PLURAL_RULES, method);
  return o != NULL ? o->data : NULL;
}

// 16.3.3
static Value select_category(Isolate *iso, const NativeCall *call) {
  const PluralRules *p =
      this_rules(iso, call, "Intl.PluralRules.prototype.select");
  if (p == NULL) return VALUE_EXCEPTION;
  Value number = vm_to_number(iso, native_argument(call, 0));
  if (value_is_exception(number)) return number;
  UErrorCode status = U_ZERO_ERROR;
  UFormattedNumber *result = unumf_openResult(&status);
  UChar keyword[32];
  int32_t length = 0;
  if (U_FAILURE(status)) return vm_intl_throw_icu(iso, status);
  if (!vm_intl_format_number(iso, p->formatter, number, result)) {
    unumf_closeResult(result);
    return VALUE_EXCEPTION;
  }
  length = uplrules_selectFormatted(p->rules, result, keyword, 32, &status);
  unumf_closeResult(result);
  return U_SUCCESS(status) ? vm_intl_text(iso, keyword, length)
                           : vm_intl_throw_icu(iso, status);
}

// 16.3.4
static Value select_range(Isolate *iso, const NativeCall *call) {
  const PluralRules *p =
      this_rules(iso, call, "Intl.PluralRules.prototype.selectRange");
  if (p == NULL) return VALUE_EXCEPTION;
  Value first = native_argument(call, 0), last = native_argument(call, 1);
  if (value_is_undefined(first) || value_is_undefined(last))
    return vm_throw_type(iso, "selectRange needs two numbers");
  double x, y;
  if (!vm_to_double(iso, first, &x) || !vm_to_double(iso, last, &y))
    return VALUE_EXCEPTION;
  if (x != x || y != y) return vm_throw_range(iso, "Invalid argument");
  UErrorCode status = U_ZERO_ERROR;
  UParseError where;
  static const UChar skeleton[] = {0};
  UNumberRangeFormatter *f =
      unumrf_openForSkeletonWithCollapseAndIdentityFallback(
          skeleton, 0, UNUM_RANGE_COLLAPSE_AUTO,
          UNUM_IDENTITY_FALLBACK_APPROXIMATELY, p->options.locale.icu, &where,
          &status);
  UFormattedNumberRange *range = unumrf_openResult(&status);
  UChar keyword[32];
  int32_t length = 0;
  if (U_SUCCESS(status)) unumrf_formatDoubleRange(f, x, y, range, &status);
  if (U_SUCCESS(status))
    length = uplrules_selectForRange(p->rules, range, keyword, 32, &status);
  unumrf_closeResult(range);
  unumrf_close(f);
  return U_SUCCESS(status) ? vm_intl_text(iso, keyword, length)
                           : vm_intl_throw_icu(iso, status);
}

// 16.3.5
static Value resolved_options(Isolate *iso, const NativeCall *call) {
  const PluralRules *p =
      this_rules(iso, call, "Intl.PluralRules.prototype.resolvedOptions");
  if (p == NULL) return VALUE_EXCEPTION;
  Object *result = vm_object_new(iso);
  if (!vm_intl_put_text(iso, result, "locale", p->options.locale.tag) ||
      !vm_intl_put_text(iso, result, "type", types[p->type]) ||
      !vm_intl_put_text(iso, result, "notation",
                        vm_intl_notations[p->options.notation]) ||
      (p->options.notation == NOTATION_COMPACT &&
       !vm_intl_put_text(iso, result, "compactDisplay",
                         vm_intl_compact_displays[p->options.compact_display])))
    return VALUE_EXCEPTION;

  vm_intl_put_digits(iso, result, &p->options.digits);
  static const char *const order[] = {"zero", "one",  "two",
                                      "few",  "many", "other"};
  UErrorCode status = U_ZERO_ERROR;
  unsigned known = 0;
  UEnumeration *keywords = uplrules_getKeywords(p->rules, &status);
  const char *text;
  while ((text = uenum_next(keywords, NULL, &status)) != NULL)
    for (unsigned i = 0; i < 6; i++)
      if (strcmp(text, order[i]) == 0) known |= 1u << i;
  uenum_close(keywords);
  Array *categories = vm_array_new(iso, 6);
  for (unsigned i = 0; i < 6; i++) {
    if (!(known >> i & 1)) continue;
    String *s = vm_string_from_c(iso, order[i]);
    if (s == NULL || !vm_array_push(iso, categories, value_from_cell(s)))
      return VALUE_EXCEPTION;
  }
  vm_intl_put(iso, result, "pluralCategories", value_from_cell(categories));
  return vm_intl_put_rounding(iso, result, &p->options.digits)
             ? value_from_cell(result)
             : VALUE_EXCEPTION;
}

static const Builtin methods[] = {
    BUILTIN("resolvedOptions", resolved_options, 0),
    BUILTIN("select", select_category, 1),
    BUILTIN("selectRange", select_range, 2),
    BUILTIN_TAG("Intl.PluralRules"),
};

void vm_init_intl_plural_rules(Isolate *iso, Realm *realm, Object *intl) {
  vm_intl_define(iso, realm, intl, "PluralRules", construct, 0,
                 INTRINSIC_IntlPluralRulesPrototype, methods,
                 sizeof methods / sizeof methods[0]);
}
