// SPDX-License-Identifier: MIT
// Unicode properties, case mapping, normalization: Latin-1 from a table, the
// rest from ICU.
#include "vm/objects/unicode.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/ucol.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include "vm/objects/unicode_additions.h"
#include "vm/objects/utf.h"

#define START (UNICODE_ID_START | UNICODE_ID_PART)
#define DECIMAL (UNICODE_ID_PART | UNICODE_DIGIT | UNICODE_HEX)
const uint8_t vm_latin1_classes[256] = {
    ['\t'] = UNICODE_SPACE,
    ['\v'] = UNICODE_SPACE,
    ['\f'] = UNICODE_SPACE,
    [' '] = UNICODE_SPACE,
    [0xa0] = UNICODE_SPACE,
    ['\n'] = UNICODE_LINE_END,
    ['\r'] = UNICODE_LINE_END,
    ['$'] = START,
    ['_'] = START,
    ['0' ... '9'] = DECIMAL,
    ['A' ... 'F'] = START | UNICODE_HEX,
    ['G' ... 'Z'] = START,
    ['a' ... 'f'] = START | UNICODE_HEX,
    ['g' ... 'z'] = START,
    [0xaa] = START,
    [0xb5] = START,
    [0xb7] = UNICODE_ID_PART,
    [0xba] = START,
    [0xc0 ... 0xd6] = START,
    [0xd8 ... 0xf6] = START,
    [0xf8 ... 0xff] = START,
};

bool vm_unicode_is_id_start_beyond(uint32_t c) {
  return u_hasBinaryProperty((UChar32)c, UCHAR_ID_START) ||
         vm_unicode_has_new_property(c, UCHAR_ID_START);
}

bool vm_unicode_is_id_part_beyond(uint32_t c) {
  return u_hasBinaryProperty((UChar32)c, UCHAR_ID_CONTINUE) || c == 0x200c ||
         c == 0x200d || vm_unicode_has_new_property(c, UCHAR_ID_CONTINUE);
}

bool vm_unicode_is_space_beyond(uint32_t c) {
  // ZWNBSP and the category Zs.
  return c == 0xfeff || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
         c == 0x202f || c == 0x205f || c == 0x3000;
}

uint32_t vm_unicode_simple_fold(uint32_t c) {
  uint32_t folded = (uint32_t)u_foldCase((UChar32)c, U_FOLD_CASE_DEFAULT);
  return folded == c && c > 0xff ? vm_unicode_new_fold(c) : folded;
}

// 22.2.2.7.3 Canonicalize, steps for neither u nor v.
uint16_t vm_unicode_canonicalize(uint16_t unit) {
  if (unit < 128) return (unsigned)(unit - 'a') < 26 ? unit - 32 : unit;
  if (utf16_is_surrogate(unit)) return unit;
  UChar source = unit, upper[4];
  UErrorCode status = U_ZERO_ERROR;
  int32_t length = u_strToUpper(upper, 4, &source, 1, "", &status);
  if (U_FAILURE(status) || length != 1 || upper[0] < 128) return unit;
  return upper[0] == unit ? (uint16_t)vm_unicode_new_upper(unit) : upper[0];
}

static bool is_upper_latin1(uint8_t c) {
  return ((uint8_t)(c - 'A') < 26) |
         (((uint8_t)(c - 0xc0) < 0x1f) & (c != 0xd7));
}
static bool is_lower_latin1(uint8_t c) {
  return ((uint8_t)(c - 'a') < 26) |
         (((uint8_t)(c - 0xe0) < 0x1f) & (c != 0xf7));
}

void vm_latin1_to_lower(const uint8_t *units, size_t length, uint8_t *out,
                        bool *changed) {
  // Bytes throughout, so that a step of the loop takes many of them.
  uint8_t any = 0;
  for (size_t i = 0; i < length; i++) {
    uint8_t c = units[i];
    uint8_t bit = (uint8_t)(is_upper_latin1(c) << 5);
    out[i] = c | bit;
    any = (uint8_t)(any | bit);
  }
  *changed = any != 0;
}

bool vm_latin1_to_upper(const uint8_t *units, size_t length, uint8_t *out,
                        bool *changed) {
  uint8_t any = 0, leaves = 0;
  for (size_t i = 0; i < length; i++) {
    uint8_t c = units[i];
    uint8_t bit = (uint8_t)(is_lower_latin1(c) << 5);
    uint8_t leaving = (uint8_t)((c == 0xdf) | (c == 0xb5) | (c == 0xff));
    leaves = (uint8_t)(leaves | leaving);
    out[i] = c & (uint8_t)~bit;
    any = (uint8_t)(any | bit);
  }
  *changed = any != 0;
  return leaves == 0;
}

typedef int32_t CaseMapper(UChar *, int32_t, const UChar *, int32_t,
                           const char *, UErrorCode *);

static bool map_case(CaseMapper *mapper, uint32_t (*map_new)(uint32_t),
                     const uint16_t *units, size_t length, const char *locale,
                     uint16_t **out, size_t *out_length) {
  size_t capacity = length + 16;
  for (;;) {
    UChar *buffer = malloc(capacity * sizeof *buffer);
    if (buffer == NULL) return false;
    UErrorCode status = U_ZERO_ERROR;
    int32_t needed = mapper(buffer, (int32_t)capacity, units, (int32_t)length,
                            locale, &status);
    if (U_SUCCESS(status)) {
      vm_unicode_map_new(buffer, needed, map_new);
      *out = buffer;
      *out_length = (size_t)needed;
      return true;
    }
    free(buffer);
    if (status != U_BUFFER_OVERFLOW_ERROR) return false;
    capacity = (size_t)needed + 1;
  }
}

bool vm_utf16_to_lower(const uint16_t *units, size_t length, const char *locale,
                       uint16_t **out, size_t *out_length) {
  return map_case(u_strToLower, vm_unicode_new_lower, units, length, locale,
                  out, out_length);
}

bool vm_utf16_to_upper(const uint16_t *units, size_t length, const char *locale,
                       uint16_t **out, size_t *out_length) {
  return map_case(u_strToUpper, vm_unicode_new_upper, units, length, locale,
                  out, out_length);
}

static const UNormalizer2 *normalizer(NormalizationForm form,
                                      UErrorCode *status) {
  switch (form) {
  case NORMALIZE_NFC:
    return unorm2_getNFCInstance(status);
  case NORMALIZE_NFD:
    return unorm2_getNFDInstance(status);
  case NORMALIZE_NFKC:
    return unorm2_getNFKCInstance(status);
  case NORMALIZE_NFKD:
    return unorm2_getNFKDInstance(status);
  }
  *status = U_ILLEGAL_ARGUMENT_ERROR;
  return NULL;
}

static bool normalize(NormalizationForm form, const uint16_t *units,
                      size_t length, uint16_t **out, size_t *out_length) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *n = normalizer(form, &status);
  if (U_FAILURE(status)) return false;
  *out = NULL;
  *out_length = length;
  int32_t stable = unorm2_spanQuickCheckYes(n, units, (int32_t)length, &status);
  if (U_SUCCESS(status) && (size_t)stable == length) return true;
  size_t capacity = length + length / 2 + 16;
  for (;;) {
    UChar *buffer = malloc(capacity * sizeof *buffer);
    if (buffer == NULL) return false;
    status = U_ZERO_ERROR;
    int32_t needed = unorm2_normalize(n, units, (int32_t)length, buffer,
                                      (int32_t)capacity, &status);
    if (U_SUCCESS(status)) {
      *out = buffer;
      *out_length = (size_t)needed;
      return true;
    }
    free(buffer);
    if (status != U_BUFFER_OVERFLOW_ERROR) return false;
    capacity = (size_t)needed + 1;
  }
}

bool vm_utf16_normalize(NormalizationForm form, const uint16_t *units,
                        size_t length, uint16_t **out, size_t *out_length) {
  uint16_t *ordered;
  size_t ordered_length;
  if (!vm_utf16_order_marks(units, length, &ordered, &ordered_length))
    return false;
  if (ordered == NULL) return normalize(form, units, length, out, out_length);
  bool done = normalize(form, ordered, ordered_length, out, out_length);
  if (done && *out == NULL)
    *out = ordered;
  else
    free(ordered);
  return done;
}

bool vm_utf16_strcoll(const struct UCollator *collator, const uint16_t *a,
                      size_t a_length, const uint16_t *b, size_t b_length,
                      int *order) {
  uint16_t *p = NULL, *q = NULL;
  // ICU would put long runs of marks in order in quadratic time.
  bool done = vm_utf16_order_marks(a, a_length, &p, &a_length) &&
              vm_utf16_order_marks(b, b_length, &q, &b_length);
  if (done) {
    UCollationResult result =
        ucol_strcoll(collator, p != NULL ? p : a, (int32_t)a_length,
                     q != NULL ? q : b, (int32_t)b_length);
    *order = result == UCOL_LESS ? -1 : result == UCOL_GREATER;
  }
  free(p);
  free(q);
  return done;
}

bool vm_utf16_collate(const uint16_t *a, size_t a_length, const uint16_t *b,
                      size_t b_length, int *order) {
  // Opening the root collator costs far more than a comparison.
  static _Thread_local UCollator *collator;
  if (collator == NULL) {
    UErrorCode status = U_ZERO_ERROR;
    collator = ucol_open("", &status);
    if (U_SUCCESS(status))
      ucol_setAttribute(collator, UCOL_NORMALIZATION_MODE, UCOL_ON, &status);
    else
      collator = NULL;
  }
  if (collator == NULL) {
    int difference =
        u_strCompare(a, (int32_t)a_length, b, (int32_t)b_length, true);
    *order = difference < 0 ? -1 : difference > 0;
    return true;
  }
  return vm_utf16_strcoll(collator, a, a_length, b, b_length, order);
}
