// SPDX-License-Identifier: MIT
// Conversions between Latin-1, UTF-16 and UTF-8. Pure functions on buffers of
// the caller; any thread.
//
// Decoding UTF-8 follows the WHATWG Encoding standard: each maximal ill-formed
// part becomes one U+FFFD; encoded surrogates (WTF-8) are ill-formed. Encoding
// writes a lone surrogate as U+FFFD, or, with UTF_KEEP_SURROGATES, as its
// three WTF-8 bytes (text that only this process reads back, through the same
// flag of the decoder).
#ifndef RILL_VM_OBJECTS_UTF_H
#define RILL_VM_OBJECTS_UTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef enum { UTF_REPLACE_SURROGATES, UTF_KEEP_SURROGATES } UtfSurrogates;

#define UTF_REPLACEMENT 0xfffd

static inline bool utf16_is_lead(uint32_t unit) {
  return (unit & 0xfffffc00) == 0xd800;
}
static inline bool utf16_is_trail(uint32_t unit) {
  return (unit & 0xfffffc00) == 0xdc00;
}
static inline bool utf16_is_surrogate(uint32_t unit) {
  return (unit & 0xfffff800) == 0xd800;
}
static inline uint32_t utf16_combine(uint32_t lead, uint32_t trail) {
  return (lead << 10) + trail - ((0xd800u << 10) + 0xdc00u - 0x10000u);
}
// Writes one or two units; returns how many.
static inline unsigned utf16_put(uint32_t code_point, uint16_t out[2]) {
  if (code_point < 0x10000) {
    out[0] = (uint16_t)code_point;
    return 1;
  }
  out[0] = (uint16_t)(0xd7c0 + (code_point >> 10));
  out[1] = (uint16_t)(0xdc00 | (code_point & 0x3ff));
  return 2;
}
// The code point at *index (a lone surrogate is one); moves *index behind it.
static inline uint32_t utf16_next(const uint16_t *units, size_t length,
                                  size_t *index) {
  uint32_t unit = units[(*index)++];
  if (utf16_is_lead(unit) && *index < length && utf16_is_trail(units[*index]))
    return utf16_combine(unit, units[(*index)++]);
  return unit;
}
// Writes 1 to 4 bytes (surrogates as WTF-8); returns how many.
static inline unsigned utf8_put(uint32_t c, char *out) {
  if (c < 0x80) {
    out[0] = (char)c;
    return 1;
  }
  if (c < 0x800) {
    out[0] = (char)(0xc0 | c >> 6);
    out[1] = (char)(0x80 | (c & 0x3f));
    return 2;
  }
  if (c < 0x10000) {
    out[0] = (char)(0xe0 | c >> 12);
    out[1] = (char)(0x80 | (c >> 6 & 0x3f));
    out[2] = (char)(0x80 | (c & 0x3f));
    return 3;
  }
  out[0] = (char)(0xf0 | c >> 18);
  out[1] = (char)(0x80 | (c >> 12 & 0x3f));
  out[2] = (char)(0x80 | (c >> 6 & 0x3f));
  out[3] = (char)(0x80 | (c & 0x3f));
  return 4;
}

// How many leading bytes are ASCII.
size_t vm_ascii_prefix(const uint8_t *bytes, size_t length);
static inline bool vm_is_ascii(const uint8_t *bytes, size_t length) {
  return vm_ascii_prefix(bytes, length) == length;
}
// True if every unit is below 0x100.
bool vm_utf16_is_latin1(const uint16_t *units, size_t length);
// No lone surrogate inside (String.prototype.isWellFormed).
bool vm_utf16_is_well_formed(const uint16_t *units, size_t length);

// Bytes that the encoders below write (no terminator).
size_t vm_utf8_size_of_latin1(const uint8_t *units, size_t length);
size_t vm_utf8_size_of_utf16(const uint16_t *units, size_t length);
// Encode; `out` has room for the size above. Return the bytes written.
size_t vm_utf8_from_latin1(const uint8_t *units, size_t length, char *out);
size_t vm_utf8_from_utf16(const uint16_t *units, size_t length, char *out,
                          UtfSurrogates);
// Encodes what fits whole into `capacity` bytes (TextEncoder.encodeInto):
// *read gets the units consumed. Returns the bytes written.
size_t vm_utf8_from_utf16_into(const uint16_t *units, size_t length, char *out,
                               size_t capacity, size_t *read);

// What a UTF-8 text will become.
typedef struct Utf8Scan {
  size_t units;    // UTF-16 (or Latin-1) units it decodes to
  bool is_latin1;  // every unit is below 0x100
  bool ill_formed; // some part becomes U+FFFD
} Utf8Scan;
Utf8Scan vm_utf8_scan(const char *text, size_t length, UtfSurrogates);
// Decode; `out` has room for scan.units. The Latin-1 form only if
// scan.is_latin1.
void vm_utf8_to_latin1(const char *text, size_t length, uint8_t *out);
void vm_utf8_to_utf16(const char *text, size_t length, uint16_t *out,
                      UtfSurrogates);

#endif
