// SPDX-License-Identifier: MIT
// \p{...}: the properties that ECMA-262 22.2.2.9 names, with ICU's data. ICU
// looks names up loosely while ECMA-262 wants them spelled exactly, so every
// answer is checked against the canonical names.
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/uset.h>

#include "vm/objects/unicode_additions.h"
#include "vm/regexp/character_set.h"

// ECMA-262 table 67: binary properties of code points.
static const UProperty binary_properties[] = {
    UCHAR_ASCII_HEX_DIGIT,
    UCHAR_ALPHABETIC,
    UCHAR_BIDI_CONTROL,
    UCHAR_BIDI_MIRRORED,
    UCHAR_CASE_IGNORABLE,
    UCHAR_CASED,
    UCHAR_CHANGES_WHEN_CASEFOLDED,
    UCHAR_CHANGES_WHEN_CASEMAPPED,
    UCHAR_CHANGES_WHEN_LOWERCASED,
    UCHAR_CHANGES_WHEN_NFKC_CASEFOLDED,
    UCHAR_CHANGES_WHEN_TITLECASED,
    UCHAR_CHANGES_WHEN_UPPERCASED,
    UCHAR_DASH,
    UCHAR_DEFAULT_IGNORABLE_CODE_POINT,
    UCHAR_DEPRECATED,
    UCHAR_DIACRITIC,
    UCHAR_EMOJI,
    UCHAR_EMOJI_COMPONENT,
    UCHAR_EMOJI_MODIFIER,
    UCHAR_EMOJI_MODIFIER_BASE,
    UCHAR_EMOJI_PRESENTATION,
    UCHAR_EXTENDED_PICTOGRAPHIC,
    UCHAR_EXTENDER,
    UCHAR_GRAPHEME_BASE,
    UCHAR_GRAPHEME_EXTEND,
    UCHAR_HEX_DIGIT,
    UCHAR_IDS_BINARY_OPERATOR,
    UCHAR_IDS_TRINARY_OPERATOR,
    UCHAR_ID_CONTINUE,
    UCHAR_ID_START,
    UCHAR_IDEOGRAPHIC,
    UCHAR_JOIN_CONTROL,
    UCHAR_LOGICAL_ORDER_EXCEPTION,
    UCHAR_LOWERCASE,
    UCHAR_MATH,
    UCHAR_NONCHARACTER_CODE_POINT,
    UCHAR_PATTERN_SYNTAX,
    UCHAR_PATTERN_WHITE_SPACE,
    UCHAR_QUOTATION_MARK,
    UCHAR_RADICAL,
    UCHAR_REGIONAL_INDICATOR,
    UCHAR_S_TERM,
    UCHAR_SOFT_DOTTED,
    UCHAR_TERMINAL_PUNCTUATION,
    UCHAR_UNIFIED_IDEOGRAPH,
    UCHAR_UPPERCASE,
    UCHAR_VARIATION_SELECTOR,
    UCHAR_WHITE_SPACE,
    UCHAR_XID_CONTINUE,
    UCHAR_XID_START,
};

#if U_ICU_VERSION_MAJOR_NUM >= 70
// ECMA-262 table 68: binary properties of strings.
static const UProperty string_properties[] = {
    UCHAR_BASIC_EMOJI,
    UCHAR_EMOJI_KEYCAP_SEQUENCE,
    UCHAR_RGI_EMOJI_MODIFIER_SEQUENCE,
    UCHAR_RGI_EMOJI_FLAG_SEQUENCE,
    UCHAR_RGI_EMOJI_TAG_SEQUENCE,
    UCHAR_RGI_EMOJI_ZWJ_SEQUENCE,
    UCHAR_RGI_EMOJI,
};
static const char *const string_property_names[] = {
    "Basic_Emoji",
    "Emoji_Keycap_Sequence",
    "RGI_Emoji_Modifier_Sequence",
    "RGI_Emoji_Flag_Sequence",
    "RGI_Emoji_Tag_Sequence",
    "RGI_Emoji_ZWJ_Sequence",
    "RGI_Emoji",
};
#endif

static bool is_property_name(UProperty property, const char *name) {
  for (int choice = U_SHORT_PROPERTY_NAME;; choice++) {
    const char *known =
        u_getPropertyName(property, (UPropertyNameChoice)choice);
    if (known && !strcmp(known, name)) return true;
    if (!known && choice > U_LONG_PROPERTY_NAME) return false;
  }
}

static bool is_value_name(UProperty property, int32_t value, const char *name) {
  for (int choice = U_SHORT_PROPERTY_NAME;; choice++) {
    const char *known =
        u_getPropertyValueName(property, value, (UPropertyNameChoice)choice);
    if (known && !strcmp(known, name)) return true;
    if (!known && choice > U_LONG_PROPERTY_NAME) return false;
  }
}

// The set of a property, which the caller owns. NULL: it is not known, or
// memory is out.
static USet *category_set(const char *value) {
  int32_t mask = u_getPropertyValueEnum(UCHAR_GENERAL_CATEGORY_MASK, value);
  if (mask == UCHAR_INVALID_CODE ||
      !is_value_name(UCHAR_GENERAL_CATEGORY_MASK, mask, value)) {
    return NULL;
  }
  USet *set = uset_openEmpty();
  if (!set) return NULL;
  UErrorCode status = U_ZERO_ERROR;
  uset_applyIntPropertyValue(set, UCHAR_GENERAL_CATEGORY_MASK, mask, &status);
  vm_unicode_amend_categories(set, (uint32_t)mask);
  return set;
}

static USet *script_set(UProperty property, const char *value) {
  const char *code = vm_unicode_new_script(value);
  int32_t script = u_getPropertyValueEnum(UCHAR_SCRIPT, code ? code : value);
  if (!code) {
    if (script == UCHAR_INVALID_CODE ||
        !is_value_name(UCHAR_SCRIPT, script, value)) {
      return NULL;
    }
    code = u_getPropertyValueName(UCHAR_SCRIPT, script, U_SHORT_PROPERTY_NAME);
  }
  USet *set = uset_openEmpty();
  if (!set) return NULL;
  UErrorCode status = U_ZERO_ERROR;
  if (script != UCHAR_INVALID_CODE) {
    uset_applyIntPropertyValue(set, property, script, &status);
  }
  vm_unicode_amend_script(set, code, property == UCHAR_SCRIPT_EXTENSIONS);
  // ICU knows codes of ISO 15924 that no character has.
  if (uset_isEmpty(set) && script != USCRIPT_KATAKANA_OR_HIRAGANA) {
    uset_close(set);
    return NULL;
  }
  return set;
}

static USet *binary_set(UProperty property) {
  UErrorCode status = U_ZERO_ERROR;
  const USet *known = u_getBinaryPropertySet(property, &status);
  USet *set = U_FAILURE(status) ? NULL : uset_cloneAsThawed(known);
  if (set) vm_unicode_amend_binary(set, property);
  return set;
}

static USet *named_set(const char *name, bool *has_strings) {
  if (!strcmp(name, "Any")) return uset_open(0, CODE_POINT_MAX);
  if (!strcmp(name, "ASCII")) return uset_open(0, 127);
  if (!strcmp(name, "Assigned")) {
    USet *set = category_set("Cn");
    if (set) uset_complement(set);
    return set;
  }
  USet *set = category_set(name);
  if (set) return set;
  UProperty property = u_getPropertyEnum(name);
  size_t count = sizeof binary_properties / sizeof *binary_properties;
  for (size_t i = 0; i < count; i++) {
    if (binary_properties[i] != property) continue;
    return is_property_name(property, name) ? binary_set(property) : NULL;
  }
#if U_ICU_VERSION_MAJOR_NUM >= 70
  count = sizeof string_properties / sizeof *string_properties;
  for (size_t i = 0; i < count; i++) {
    if (strcmp(string_property_names[i], name)) continue;
    *has_strings = true;
    return binary_set(string_properties[i]);
  }
#endif
  return NULL;
}

static USet *make_set(const char *name, const char *value, bool *has_strings) {
  if (!value) return named_set(name, has_strings);
  if (!strcmp(name, "General_Category") || !strcmp(name, "gc")) {
    return category_set(value);
  }
  if (!strcmp(name, "Script") || !strcmp(name, "sc")) {
    return script_set(UCHAR_SCRIPT, value);
  }
  if (!strcmp(name, "Script_Extensions") || !strcmp(name, "scx")) {
    return script_set(UCHAR_SCRIPT_EXTENSIONS, value);
  }
  return NULL;
}

// Sets that have been asked for, newest first. ICU takes milliseconds for some,
// and there are a few hundred spellings at most, so they stay.
typedef struct KnownProperty {
  const struct KnownProperty *next;
  USet *set;
  bool has_strings;
  char key[]; // NAME, or NAME=VALUE
} KnownProperty;
static const KnownProperty *_Atomic known_properties;

static const KnownProperty *find_property(const char *name, const char *value) {
  size_t length = strlen(name);
  for (const KnownProperty *known = known_properties; known;
       known = known->next) {
    if (strncmp(known->key, name, length)) continue;
    const char *rest = known->key + length;
    if (value ? *rest == '=' && !strcmp(rest + 1, value) : !*rest) return known;
  }
  bool has_strings = false;
  USet *set = make_set(name, value, &has_strings);
  if (!set) return NULL;
  size_t bytes = length + (value ? strlen(value) + 1 : 0) + 1;
  KnownProperty *made = malloc(sizeof *made + bytes);
  if (!made) {
    uset_close(set);
    return NULL;
  }
  uset_compact(set);
  made->set = set;
  made->has_strings = has_strings;
  snprintf(made->key, bytes, "%s%s%s", name, value ? "=" : "",
           value ? value : "");
  // Two threads may each add the same one.
  made->next = known_properties;
  while (!atomic_compare_exchange_weak(&known_properties, &made->next, made)) {
  }
  return made;
}

static void add_set(Arena *arena, CharacterSet *out, ClassString **strings,
                    const USet *set) {
  int32_t count = uset_getItemCount(set);
  for (int32_t i = 0; i < count; i++) {
    UChar32 first, last;
    UChar text[64];
    UErrorCode status = U_ZERO_ERROR;
    int32_t length = uset_getItem(set, i, &first, &last, text, 64, &status);
    if (U_FAILURE(status)) continue;
    if (length == 0) {
      character_set_add(arena, out, (uint32_t)first, (uint32_t)last);
      continue;
    }
    ClassString *string = regexp_allocate(
        arena, sizeof *string + (size_t)length * sizeof(uint32_t));
    string->length = 0;
    for (int32_t at = 0; at < length;) {
      UChar32 c;
      U16_NEXT(text, at, length, c);
      string->code_points[string->length++] = (uint32_t)c;
    }
    string->next = *strings;
    *strings = string;
  }
}

bool regexp_property_set(Arena *arena, const char *name, const char *value,
                         bool allow_strings, CharacterSet *out,
                         ClassString **strings, bool *has_strings) {
  const KnownProperty *known = find_property(name, value);
  if (!known || (known->has_strings && !allow_strings)) return false;
  *has_strings = known->has_strings;
  add_set(arena, out, strings, known->set);
  return true;
}
