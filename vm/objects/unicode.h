// SPDX-License-Identifier: MIT
// Properties of characters that the language asks for, case mapping and
// normalization. Latin-1 is answered from tables here, all else by ICU with the
// root locale. Any thread.
#ifndef RILL_VM_OBJECTS_UNICODE_H
#define RILL_VM_OBJECTS_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  UNICODE_ID_START = 1 << 0, // or $ and _
  UNICODE_ID_PART = 1 << 1,  // ID_Continue, or $, U+200C, U+200D
  UNICODE_SPACE = 1 << 2,    // WhiteSpace
  UNICODE_LINE_END = 1 << 3, // LineTerminator
  UNICODE_DIGIT = 1 << 4,    // 0-9
  UNICODE_HEX = 1 << 5,      // 0-9 a-f A-F
};
// UNICODE_* of each Latin-1 character.
extern const uint8_t vm_latin1_classes[256];

bool vm_unicode_is_id_start_beyond(uint32_t code_point);
bool vm_unicode_is_id_part_beyond(uint32_t code_point);
bool vm_unicode_is_space_beyond(uint32_t code_point);

// IdentifierStartChar and IdentifierPartChar (12.7).
static inline bool vm_unicode_is_id_start(uint32_t c) {
  return c < 256 ? (vm_latin1_classes[c] & UNICODE_ID_START) != 0
                 : vm_unicode_is_id_start_beyond(c);
}
static inline bool vm_unicode_is_id_part(uint32_t c) {
  return c < 256 ? (vm_latin1_classes[c] & UNICODE_ID_PART) != 0
                 : vm_unicode_is_id_part_beyond(c);
}
// WhiteSpace (12.2), without line terminators.
static inline bool vm_unicode_is_space(uint32_t c) {
  return c < 256 ? (vm_latin1_classes[c] & UNICODE_SPACE) != 0
                 : vm_unicode_is_space_beyond(c);
}
// LineTerminator (12.3): LF, CR, LS, PS.
static inline bool vm_unicode_is_line_end(uint32_t c) {
  return c == 0x0a || c == 0x0d || (c & ~UINT32_C(1)) == 0x2028;
}
// What String.prototype.trim strips.
static inline bool vm_unicode_is_trimmed(uint32_t c) {
  return c < 256
             ? (vm_latin1_classes[c] & (UNICODE_SPACE | UNICODE_LINE_END)) != 0
             : vm_unicode_is_line_end(c) || vm_unicode_is_space_beyond(c);
}
// 0 to 35 for 0-9, a-z, A-Z; else 255.
static inline unsigned vm_unicode_digit_value(uint32_t c) {
  if (c - '0' < 10) return c - '0';
  uint32_t letter = (c | 0x20) - 'a';
  return c < 128 && letter < 26 ? letter + 10 : 255;
}

// Simple case folding, which is Canonicalize (22.2.2.7.3) with u or v.
uint32_t vm_unicode_simple_fold(uint32_t code_point);
// Canonicalize without u: full toUppercase if it is one unit and does not fold
// a non-ASCII character into ASCII; else the character itself.
uint16_t vm_unicode_canonicalize(uint16_t unit);

// Full case mapping (22.1.3.28, 22.1.3.30) with SpecialCasing, context
// included (final sigma).
//
// Latin-1: lower case never leaves Latin-1. Upper case does for three
// characters (sharp s, micro, y with diaeresis): false then, *out undefined.
// *changed tells whether any unit differs. `out` may be `units`.
void vm_latin1_to_lower(const uint8_t *units, size_t length, uint8_t *out,
                        bool *changed);
bool vm_latin1_to_upper(const uint8_t *units, size_t length, uint8_t *out,
                        bool *changed);
// UTF-16: *out is malloc'ed, the caller frees. `locale`: "" for the root, or a
// BCP 47 language for toLocaleLowerCase. False: out of memory.
bool vm_utf16_to_lower(const uint16_t *units, size_t length, const char *locale,
                       uint16_t **out, size_t *out_length);
bool vm_utf16_to_upper(const uint16_t *units, size_t length, const char *locale,
                       uint16_t **out, size_t *out_length);

typedef enum {
  NORMALIZE_NFC,
  NORMALIZE_NFD,
  NORMALIZE_NFKC,
  NORMALIZE_NFKD,
} NormalizationForm;
// *out is malloc'ed, the caller frees; NULL there (and true returned): the text
// is normalized already. False: out of memory.
bool vm_utf16_normalize(NormalizationForm, const uint16_t *units, size_t length,
                        uint16_t **out, size_t *out_length);
// The text with long runs of combining marks decomposed and in canonical order,
// for ICU's sake: *out is malloc'ed, or NULL: there are none. False: no memory,
// *out is NULL.
bool vm_utf16_order_marks(const uint16_t *units, size_t length, uint16_t **out,
                          size_t *out_length);
// ucol_strcoll, *order: -1, 0 or 1. False: out of memory.
struct UCollator;
bool vm_utf16_strcoll(const struct UCollator *, const uint16_t *a,
                      size_t a_length, const uint16_t *b, size_t b_length,
                      int *order);
// The same by the root collation after canonical decomposition
// (String.prototype.localeCompare).
bool vm_utf16_collate(const uint16_t *a, size_t a_length, const uint16_t *b,
                      size_t b_length, int *order);

#endif
