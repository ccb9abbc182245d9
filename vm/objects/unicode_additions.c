// SPDX-License-Identifier: MIT
#include "vm/objects/unicode_additions.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/utf16.h>

enum { DATA_VERSION = 17 };

static bool icu_is_older(void) {
  UVersionInfo version;
  u_getUnicodeVersion(version);
  return version[0] < DATA_VERSION;
}

typedef struct CategoryRow {
  uint32_t mask;
  const char *ranges;
} CategoryRow;
static const CategoryRow categories[] = {
#define CATEGORY(category, ranges) {U_GC_##category##_MASK, ranges},
#include "vm/objects/unicode_additions.def"
};

typedef struct ScriptRow {
  const char *code;
  const char *text; // a name, or ranges
} ScriptRow;
static const ScriptRow new_scripts[] = {
#define NEW_SCRIPT(code, name) {#code, #name},
#include "vm/objects/unicode_additions.def"
};
static const ScriptRow scripts[] = {
#define SCRIPT(code, ranges) {#code, ranges},
#include "vm/objects/unicode_additions.def"
};

typedef struct ExtensionsRow {
  const char *ranges;
  const char *codes; // of four letters each, with spaces between
} ExtensionsRow;
static const ExtensionsRow script_extensions[] = {
#define EXTENSIONS(ranges, codes) {ranges, codes},
#include "vm/objects/unicode_additions.def"
};

typedef struct BinaryRow {
  UProperty property;
  bool has;
  const char *ranges;
} BinaryRow;
static const BinaryRow binary_properties[] = {
#define BINARY(property, ranges) {UCHAR_##property, true, ranges},
#define BINARY_NOT(property, ranges) {UCHAR_##property, false, ranges},
#include "vm/objects/unicode_additions.def"
};

typedef struct CasePairs {
  uint32_t first_upper, last_upper, first_lower;
} CasePairs;
static const CasePairs case_pairs[] = {
#define CASE_PAIRS(first_upper, last_upper, first_lower)                       \
  {first_upper, last_upper, first_lower},
#include "vm/objects/unicode_additions.def"
};

#if U_ICU_VERSION_MAJOR_NUM >= 70
typedef struct EmojiRow {
  UProperty property;
  const char *sequences;
} EmojiRow;
static const EmojiRow emoji[] = {
#define EMOJI(property, sequences) {UCHAR_##property, sequences},
#include "vm/objects/unicode_additions.def"
};
#endif

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define ALL_LETTERS (U_GC_L_MASK | U_GC_NL_MASK)
#define ALL_PARTS                                                              \
  (ALL_LETTERS | U_GC_MN_MASK | U_GC_MC_MASK | U_GC_ND_MASK | U_GC_PC_MASK)

// The categories whose characters have a binary property (UAX #44, derived
// properties); 0: it does not depend on them.
static uint32_t categories_of(UProperty property) {
  switch (property) {
  case UCHAR_ID_START:
  case UCHAR_XID_START:
  case UCHAR_ALPHABETIC:
    return ALL_LETTERS;
  case UCHAR_ID_CONTINUE:
  case UCHAR_XID_CONTINUE:
    return ALL_PARTS;
  case UCHAR_UPPERCASE:
    return U_GC_LU_MASK;
  case UCHAR_LOWERCASE:
    return U_GC_LL_MASK;
  case UCHAR_CASED:
    return U_GC_LC_MASK;
  case UCHAR_CASE_IGNORABLE:
    return U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK | U_GC_LM_MASK |
           U_GC_SK_MASK;
  case UCHAR_GRAPHEME_EXTEND:
    return U_GC_MN_MASK | U_GC_ME_MASK;
  case UCHAR_GRAPHEME_BASE:
    return ~(uint32_t)(U_GC_MN_MASK | U_GC_ME_MASK | U_GC_C_MASK |
                       U_GC_ZL_MASK | U_GC_ZP_MASK);
  case UCHAR_MATH:
    return U_GC_SM_MASK;
  case UCHAR_DASH:
    return U_GC_PD_MASK;
  default:
    return 0;
  }
}

// Reads "FIRST" or "FIRST-LAST"; what follows it, or NULL at the end.
static const char *next_range(const char *text, uint32_t *first,
                              uint32_t *last) {
  if (!*text) return NULL;
  char *end;
  *first = *last = (uint32_t)strtoul(text, &end, 16);
  if (*end == '-') *last = (uint32_t)strtoul(end + 1, &end, 16);
  return *end ? end + 1 : end;
}

static void put_ranges(USet *set, const char *ranges, bool add) {
  uint32_t first, last;
  while ((ranges = next_range(ranges, &first, &last)) != NULL) {
    if (add) {
      uset_addRange(set, (UChar32)first, (UChar32)last);
    } else {
      uset_removeRange(set, (UChar32)first, (UChar32)last);
    }
  }
}

static bool in_ranges(uint32_t c, const char *ranges) {
  uint32_t first, last;
  while ((ranges = next_range(ranges, &first, &last)) != NULL) {
    if (first <= c && c <= last) return true;
  }
  return false;
}

void vm_unicode_amend_categories(USet *set, uint32_t mask) {
  if (!icu_is_older()) return;
  for (size_t i = 0; i < COUNT(categories); i++) {
    put_ranges(set, categories[i].ranges, categories[i].mask & mask);
  }
}

void vm_unicode_amend_script(USet *set, const char *code, bool extensions) {
  if (!icu_is_older()) return;
  for (size_t i = 0; i < COUNT(scripts); i++) {
    put_ranges(set, scripts[i].text, !strcmp(scripts[i].code, code));
  }
  for (size_t i = 0; extensions && i < COUNT(script_extensions); i++) {
    const ExtensionsRow *row = &script_extensions[i];
    put_ranges(set, row->ranges, strstr(row->codes, code) != NULL);
  }
}

const char *vm_unicode_new_script(const char *name) {
  if (!icu_is_older()) return NULL;
  for (size_t i = 0; i < COUNT(new_scripts); i++) {
    if (!strcmp(name, new_scripts[i].code) ||
        !strcmp(name, new_scripts[i].text)) {
      return new_scripts[i].code;
    }
  }
  return NULL;
}

#if U_ICU_VERSION_MAJOR_NUM >= 70
enum { MAX_SEQUENCE = 16, TONE_FIRST = 0x1f3fb, TONE_LAST = 0x1f3ff };

// Adds what the rest of a sequence stands for, after units that stand already.
static void add_sequence(USet *set, const char *text, UChar *units,
                         int32_t length, uint32_t tone) {
  while (*text && *text != ';') {
    uint32_t c;
    if (*text == 'T' || *text == 'U') {
      bool optional = text[1] == '?';
      const char *rest = text + 1 + optional;
      rest += *rest == ' ';
      if (optional) add_sequence(set, rest, units, length, 0);
      for (uint32_t t = TONE_FIRST; t <= TONE_LAST; t++) {
        if (*text == 'U' && t == tone) continue;
        int32_t end = length;
        U16_APPEND_UNSAFE(units, end, t);
        add_sequence(set, rest, units, end, t);
      }
      return;
    }
    char *end;
    c = (uint32_t)strtoul(text, &end, 16);
    text = end + (*end == ' ');
    U16_APPEND_UNSAFE(units, length, c);
  }
  uset_addString(set, units, length);
}

static void amend_emoji(USet *set, UProperty property) {
  for (size_t i = 0; i < COUNT(emoji); i++) {
    if (property != emoji[i].property && property != UCHAR_RGI_EMOJI) continue;
    const char *text = emoji[i].sequences;
    while (text) {
      UChar units[2 * MAX_SEQUENCE];
      add_sequence(set, text, units, 0, 0);
      text = strchr(text, ';');
      if (text) text += strlen("; ");
    }
  }
}
#else
static void amend_emoji(USet *set, UProperty property) {
  (void)set;
  (void)property;
}
#endif

void vm_unicode_amend_binary(USet *set, UProperty property) {
  if (!icu_is_older()) return;
  uint32_t mask = categories_of(property);
  if (mask) vm_unicode_amend_categories(set, mask);
  for (size_t i = 0; i < COUNT(binary_properties); i++) {
    const BinaryRow *row = &binary_properties[i];
    if (row->property == property) put_ranges(set, row->ranges, row->has);
  }
  amend_emoji(set, property);
}

bool vm_unicode_has_new_property(uint32_t c, UProperty property) {
  if (!icu_is_older()) return false;
  uint32_t mask = categories_of(property);
  for (size_t i = 0; i < COUNT(categories); i++) {
    if (categories[i].mask & mask && in_ranges(c, categories[i].ranges)) {
      return true;
    }
  }
  for (size_t i = 0; i < COUNT(binary_properties); i++) {
    const BinaryRow *row = &binary_properties[i];
    if (row->property == property && row->has && in_ranges(c, row->ranges)) {
      return true;
    }
  }
  return false;
}

// Whether there are pairs among the 256 code points around: quickly no for
// nearly all text.
static bool has_new_case(uint32_t c) {
  uint32_t page = c >> 8;
  return (false
#define CASE_PAIRS(first_upper, last_upper, first_lower)                       \
  || page == (first_upper) >> 8 || page == (first_lower) >> 8
#include "vm/objects/unicode_additions.def"
          ) &&
         icu_is_older();
}

uint32_t vm_unicode_new_upper(uint32_t c) {
  if (!has_new_case(c)) return c;
  for (size_t i = 0; i < COUNT(case_pairs); i++) {
    const CasePairs *pairs = &case_pairs[i];
    uint32_t at = c - pairs->first_lower;
    if (at <= pairs->last_upper - pairs->first_upper) {
      return pairs->first_upper + at;
    }
  }
  return c;
}

uint32_t vm_unicode_new_lower(uint32_t c) {
  if (!has_new_case(c)) return c;
  for (size_t i = 0; i < COUNT(case_pairs); i++) {
    const CasePairs *pairs = &case_pairs[i];
    if (pairs->first_upper <= c && c <= pairs->last_upper) {
      return pairs->first_lower + (c - pairs->first_upper);
    }
  }
  return c;
}

uint32_t vm_unicode_new_fold(uint32_t c) {
  if (!icu_is_older()) return c;
  switch (c) {
#define FOLDING(from, to)                                                      \
  case from:                                                                   \
    return to;
#include "vm/objects/unicode_additions.def"
  default:
    return vm_unicode_new_lower(c);
  }
}

void vm_unicode_map_new(uint16_t *units, int32_t length,
                        uint32_t (*mapping)(uint32_t)) {
  if (!icu_is_older()) return;
  for (int32_t i = 0; i < length;) {
    int32_t start = i;
    UChar32 c;
    U16_NEXT(units, i, length, c);
    uint32_t mapped = mapping((uint32_t)c);
    // A pair's partners are of the same width.
    if (mapped != (uint32_t)c) U16_APPEND_UNSAFE(units, start, mapped);
  }
}
