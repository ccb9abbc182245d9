// SPDX-License-Identifier: MIT
// \p{...}: the properties that ECMA-262 22.2.2.9 names, with ICU's data. ICU
// looks names up loosely while ECMA-262 wants them spelled exactly, so every
// answer is checked against the canonical names.
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/uset.h>

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
    } else if (strings) {
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
}

static bool int_property_set(Arena *arena, UProperty property, int32_t value,
                             CharacterSet *out) {
  USet *set = uset_openEmpty();
  if (!set) {
    regexp_fail(arena, REGEXP_ERROR_OUT_OF_MEMORY, "Out of memory", 0);
  }
  UErrorCode status = U_ZERO_ERROR;
  uset_applyIntPropertyValue(set, property, value, &status);
  bool found = U_SUCCESS(status);
  // If memory runs out in here the exit jumps over uset_close: the set leaks.
  if (found) add_set(arena, out, NULL, set);
  uset_close(set);
  return found;
}

static bool category_set(Arena *arena, const char *value, CharacterSet *out) {
  int32_t mask = u_getPropertyValueEnum(UCHAR_GENERAL_CATEGORY_MASK, value);
  return mask != UCHAR_INVALID_CODE &&
         is_value_name(UCHAR_GENERAL_CATEGORY_MASK, mask, value) &&
         int_property_set(arena, UCHAR_GENERAL_CATEGORY_MASK, mask, out);
}

static bool script_set(Arena *arena, UProperty property, const char *value,
                       CharacterSet *out) {
  int32_t script = u_getPropertyValueEnum(UCHAR_SCRIPT, value);
  return script != UCHAR_INVALID_CODE &&
         is_value_name(UCHAR_SCRIPT, script, value) &&
         int_property_set(arena, property, script, out) &&
         // ICU knows codes of ISO 15924 that no character has.
         (out->count || script == USCRIPT_KATAKANA_OR_HIRAGANA);
}

bool regexp_property_set(Arena *arena, const char *name, const char *value,
                         bool allow_strings, CharacterSet *out,
                         ClassString **strings, bool *has_strings) {
  *has_strings = false;
  if (value) {
    if (!strcmp(name, "General_Category") || !strcmp(name, "gc")) {
      return category_set(arena, value, out);
    }
    if (!strcmp(name, "Script") || !strcmp(name, "sc")) {
      return script_set(arena, UCHAR_SCRIPT, value, out);
    }
    if (!strcmp(name, "Script_Extensions") || !strcmp(name, "scx")) {
      return script_set(arena, UCHAR_SCRIPT_EXTENSIONS, value, out);
    }
    return false;
  }
  if (!strcmp(name, "Any")) {
    character_set_add(arena, out, 0, CODE_POINT_MAX);
    return true;
  }
  if (!strcmp(name, "ASCII")) {
    character_set_add(arena, out, 0, 127);
    return true;
  }
  if (!strcmp(name, "Assigned")) {
    CharacterSet *unassigned = character_set_new(arena);
    if (!int_property_set(arena, UCHAR_GENERAL_CATEGORY_MASK, U_GC_CN_MASK,
                          unassigned)) {
      return false;
    }
    character_set_add_all(arena, out, character_set_invert(arena, unassigned));
    return true;
  }
  if (category_set(arena, name, out)) return true;
  UErrorCode status = U_ZERO_ERROR;
  UProperty property = u_getPropertyEnum(name);
  size_t count = sizeof binary_properties / sizeof *binary_properties;
  for (size_t i = 0; i < count; i++) {
    if (binary_properties[i] != property) continue;
    if (!is_property_name(property, name)) return false;
    const USet *set = u_getBinaryPropertySet(property, &status);
    if (U_FAILURE(status)) return false;
    add_set(arena, out, NULL, set);
    return true;
  }
#if U_ICU_VERSION_MAJOR_NUM >= 70
  count = sizeof string_properties / sizeof *string_properties;
  for (size_t i = 0; allow_strings && i < count; i++) {
    if (strcmp(string_property_names[i], name)) continue;
    const USet *set = u_getBinaryPropertySet(string_properties[i], &status);
    if (U_FAILURE(status)) return false;
    add_set(arena, out, strings, set);
    *has_strings = true;
    return true;
  }
#endif
  return false;
}
