// SPDX-License-Identifier: MIT
// The Intl object (ECMA-402 8): a subset of its constructors, on ICU.
#include <stdlib.h>

#include <unicode/ucal.h>
#include <unicode/ucol.h>
#include <unicode/ucurr.h>
#include <unicode/unumsys.h>

#include "vm/builtins/builtins.h"
#include "vm/builtins/intl.h"
#include "vm/builtins/intl_date.h"
#include "vm/builtins/intl_number.h"
#include "vm/objects/operations.h"

void vm_intl_define(Isolate *iso, Realm *realm, Object *intl, const char *name,
                    NativeCode code, uint16_t length, int prototype_intrinsic,
                    const Builtin *methods, uint32_t count) {
  static const Builtin statics[] = {
      BUILTIN("supportedLocalesOf", vm_intl_supported_locales_of, 1),
  };
  char local[40] = "%";
  strcpy(local + 1, name);
  Object *prototype =
      vm_object_new_with(iso, realm->intrinsics[INTRINSIC_ObjectPrototype]);
  vm_realm_set_intrinsic(realm, prototype_intrinsic, prototype);
  NativeFunction *f =
      vm_define_constructor(iso, local, code, length, prototype, NULL);
  VM_DEFINE_BUILTINS(iso, &f->object, statics);
  vm_define_builtins(iso, prototype, methods, count);
  vm_define_value(iso, intl, vm_key_from_c(name), value_from_cell(f),
                  PROPERTY_HIDDEN);
}

// supportedValuesOf -----------------------------------------------------------

typedef struct {
  char (*texts)[INTL_TYPE_SIZE];
  uint32_t count, room;
} Texts;

static bool add_text(Texts *list, const char *text) {
  if (text == NULL || strlen(text) >= INTL_TYPE_SIZE) return true;
  if (list->count == list->room) {
    uint32_t room = list->room * 2 + 64;
    void *grown = realloc(list->texts, room * sizeof *list->texts);
    if (grown == NULL) return false;
    list->texts = grown;
    list->room = room;
  }
  strcpy(list->texts[list->count++], text);
  return true;
}
static int by_text(const void *a, const void *b) {
  return strcmp(a, b);
}

Value vm_intl_sorted_values(Isolate *iso, UEnumeration *all,
                            bool (*accepts)(const char *locale, char *value)) {
  UErrorCode status = U_ZERO_ERROR;
  Texts list = {0};
  const char *text;
  bool done = true;
  while (done && (text = uenum_next(all, NULL, &status)) != NULL) {
    char value[INTL_TYPE_SIZE];
    if (strlen(text) >= sizeof value) continue;
    strcpy(value, text);
    if (accepts == NULL || accepts("en", value)) done = add_text(&list, value);
  }
  uenum_close(all);
  if (!done) vm_throw_out_of_memory(iso);
  if (list.count > 1)
    qsort(list.texts, list.count, sizeof *list.texts, by_text);
  Array *array = done ? vm_array_new(iso, list.count) : NULL;
  for (uint32_t i = 0; array != NULL && i < list.count; i++) {
    if (i > 0 && strcmp(list.texts[i], list.texts[i - 1]) == 0) continue;
    String *s = vm_string_from_c(iso, list.texts[i]);
    if (s == NULL || !vm_array_push(iso, array, value_from_cell(s)))
      array = NULL;
  }
  free(list.texts);
  return array != NULL ? value_from_cell(array) : VALUE_EXCEPTION;
}

static Value unit_array(Isolate *iso) {
  Array *array = vm_array_new(iso, (uint32_t)vm_intl_unit_count);
  for (size_t i = 0; array != NULL && i < vm_intl_unit_count; i++) {
    String *s = vm_string_from_c(iso, vm_intl_units_sanctioned[i]);
    if (s == NULL || !vm_array_push(iso, array, value_from_cell(s)))
      array = NULL;
  }
  return array != NULL ? value_from_cell(array) : VALUE_EXCEPTION;
}

bool vm_intl_listed_collation(const char *locale, char *value) {
  const char *type = uloc_toUnicodeLocaleType("collation", value);
  if (type == NULL || strlen(type) >= INTL_TYPE_SIZE) return false;
  strcpy(value, type);
  return strcmp(type, "standard") != 0 && strcmp(type, "search") != 0 &&
         strncmp(type, "private-", 8) != 0;
}

// 8.3.2 Intl.supportedValuesOf ( key )
static Value supported_values_of(Isolate *iso, const NativeCall *call) {
  static const char *const keys[] = {"calendar",        "collation", "currency",
                                     "numberingSystem", "timeZone",  "unit"};
  size_t length;
  char *key = vm_to_utf8(iso, native_argument(call, 0), &length);
  if (key == NULL) return VALUE_EXCEPTION;
  size_t which = 0;
  while (which < 6 && (strlen(keys[which]) != length ||
                       memcmp(key, keys[which], length) != 0))
    which++;
  UErrorCode status = U_ZERO_ERROR;
  Value answer = VALUE_EXCEPTION;
  switch (which) {
  case 0:
    answer = vm_intl_sorted_values(
        iso, ucal_getKeywordValuesForLocale("calendar", "en", false, &status),
        vm_intl_calendar);
    break;
  case 1:
    answer =
        vm_intl_sorted_values(iso, ucol_getKeywordValues("collation", &status),
                              vm_intl_listed_collation);
    break;
  case 2:
    answer = vm_intl_sorted_values(
        iso, ucurr_openISOCurrencies(UCURR_ALL | UCURR_NON_DEPRECATED, &status),
        NULL);
    break;
  case 3:
    answer = vm_intl_sorted_values(iso, unumsys_openAvailableNames(&status),
                                   vm_intl_numbering_system);
    break;
  case 4:
    answer = vm_intl_sorted_values(
        iso,
        ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL, NULL, NULL,
                                       &status),
        vm_intl_listed_zone);
    break;
  case 5:
    answer = unit_array(iso);
    break;
  default:
    vm_throw_range(iso, "Invalid key : %s", key);
  }
  free(key);
  return answer;
}

static const Builtin intl_functions[] = {
    BUILTIN("getCanonicalLocales", vm_intl_get_canonical_locales, 1),
    BUILTIN("supportedValuesOf", supported_values_of, 1),
    BUILTIN_TAG("Intl"),
};

// The constructors. Most programs need none, and then not one of their members.
static void make_constructors(Isolate *iso, Object *intl) {
  Realm *realm = iso->realm;
  uint8_t flags = realm->cell.flags;
  realm->cell.flags |= REALM_IN_SETUP;
  vm_init_intl_collator(iso, realm, intl);
  vm_init_intl_date_time_format(iso, realm, intl);
  vm_init_intl_display_names(iso, realm, intl);
  vm_init_intl_list_format(iso, realm, intl);
  vm_init_intl_locale(iso, realm, intl);
  vm_init_intl_number_format(iso, realm, intl);
  vm_init_intl_plural_rules(iso, realm, intl);
  vm_init_intl_relative_time_format(iso, realm, intl);
  vm_init_intl_segmenter(iso, realm, intl);
  realm->cell.flags = flags;
}

void vm_init_intl(Isolate *iso, Realm *realm) {
  Object *intl = vm_object_new(iso);
  vm_realm_set_intrinsic(realm, INTRINSIC_Intl, intl);
  VM_DEFINE_BUILTINS(iso, intl, intl_functions);
  vm_define_action(iso, intl, make_constructors);
  vm_put(iso, realm->global, vm_key_from_c("Intl"), value_from_cell(intl),
         PROPERTY_HIDDEN);
}
