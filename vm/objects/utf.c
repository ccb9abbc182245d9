// SPDX-License-Identifier: MIT
// Conversions between Latin-1, UTF-16 and UTF-8; the rules are in utf.h. Inner
// loops work on words so that ASCII costs a fraction of a cycle a byte.
#include "vm/objects/utf.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)
#define HIGH_BYTES UINT64_C(0xff00ff00ff00ff00)

size_t vm_ascii_prefix(const uint8_t *bytes, size_t length) {
  size_t i = 0;
  uint64_t w[4];
  for (; i + 32 <= length; i += 32) {
    memcpy(w, bytes + i, 32);
    if ((w[0] | w[1] | w[2] | w[3]) & HIGH_BITS) break;
  }
  for (; i + 8 <= length; i += 8) {
    memcpy(w, bytes + i, 8);
    if (w[0] & HIGH_BITS)
      return i + (size_t)__builtin_ctzll(w[0] & HIGH_BITS) / 8;
  }
  while (i < length && bytes[i] < 0x80)
    i++;
  return i;
}

bool vm_utf16_is_latin1(const uint16_t *units, size_t length) {
  size_t i = 0;
  uint64_t w[4];
  for (; i + 16 <= length; i += 16) {
    memcpy(w, units + i, 32);
    if ((w[0] | w[1] | w[2] | w[3]) & HIGH_BYTES) return false;
  }
  unsigned rest = 0;
  for (; i < length; i++)
    rest |= units[i];
  return rest < 0x100;
}

bool vm_utf16_is_well_formed(const uint16_t *units, size_t length) {
  for (size_t i = 0; i < length; i++) {
    if (!utf16_is_surrogate(units[i])) continue;
    if (!utf16_is_lead(units[i]) || i + 1 == length ||
        !utf16_is_trail(units[i + 1]))
      return false;
    i++;
  }
  return true;
}

size_t vm_utf8_size_of_latin1(const uint8_t *units, size_t length) {
  size_t size = length;
  for (size_t i = 0; i < length; i++)
    size += units[i] >> 7;
  return size;
}

size_t vm_utf8_size_of_utf16(const uint16_t *units, size_t length) {
  size_t size = 0;
  for (size_t i = 0; i < length;) {
    uint32_t c = utf16_next(units, length, &i);
    size += c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
  }
  return size;
}

size_t vm_utf8_from_latin1(const uint8_t *units, size_t length, char *out) {
  char *start = out;
  size_t i = 0;
  while (i < length) {
    size_t ascii = vm_ascii_prefix(units + i, length - i);
    memcpy(out, units + i, ascii);
    out += ascii;
    i += ascii;
    for (; i < length && units[i] >= 0x80; i++) {
      *out++ = (char)(0xc0 | units[i] >> 6);
      *out++ = (char)(0x80 | (units[i] & 0x3f));
    }
  }
  return (size_t)(out - start);
}

size_t vm_utf8_from_utf16(const uint16_t *units, size_t length, char *out,
                          UtfSurrogates surrogates) {
  char *start = out;
  for (size_t i = 0; i < length;) {
    if (units[i] < 0x80) {
      *out++ = (char)units[i++];
      continue;
    }
    uint32_t c = utf16_next(units, length, &i);
    if (utf16_is_surrogate(c) && surrogates == UTF_REPLACE_SURROGATES)
      c = UTF_REPLACEMENT;
    out += utf8_put(c, out);
  }
  return (size_t)(out - start);
}

size_t vm_utf8_from_utf16_into(const uint16_t *units, size_t length, char *out,
                               size_t capacity, size_t *read) {
  size_t written = 0, i = 0;
  while (i < length) {
    size_t next = i;
    uint32_t c = utf16_next(units, length, &next);
    if (utf16_is_surrogate(c)) c = UTF_REPLACEMENT;
    char bytes[4];
    unsigned count = utf8_put(c, bytes);
    if (count > capacity - written) break;
    memcpy(out + written, bytes, count);
    written += count;
    i = next;
  }
  *read = i;
  return written;
}

// Decodes one code point at *text < end, not ASCII, and moves *text behind it;
// a maximal ill-formed part gives UTF_REPLACEMENT and sets *bad.
static uint32_t decode(const uint8_t **text, const uint8_t *end,
                       UtfSurrogates surrogates, bool *bad) {
  const uint8_t *p = *text;
  uint32_t lead = *p++;
  uint8_t low = 0x80, high = 0xbf; // of the next byte (table 3-7 of Unicode)
  unsigned more;
  uint32_t c;
  if (lead >= 0xc2 && lead <= 0xdf) {
    more = 1;
    c = lead & 0x1f;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    more = 2;
    c = lead & 0x0f;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed && surrogates == UTF_REPLACE_SURROGATES) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    more = 3;
    c = lead & 0x07;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  } else {
    *text = p;
    *bad = true;
    return UTF_REPLACEMENT;
  }
  for (; more > 0; more--, low = 0x80, high = 0xbf) {
    if (p == end || *p < low || *p > high) {
      *text = p;
      *bad = true;
      return UTF_REPLACEMENT;
    }
    c = c << 6 | (*p++ & 0x3f);
  }
  *text = p;
  return c;
}

Utf8Scan vm_utf8_scan(const char *text, size_t length,
                      UtfSurrogates surrogates) {
  Utf8Scan scan = {0, true, false};
  const uint8_t *p = (const uint8_t *)text, *end = p + length;
  while (p < end) {
    size_t ascii = vm_ascii_prefix(p, (size_t)(end - p));
    p += ascii;
    scan.units += ascii;
    while (p < end && *p >= 0x80) {
      uint32_t c = decode(&p, end, surrogates, &scan.ill_formed);
      scan.units += c < 0x10000 ? 1 : 2;
      if (c > 0xff) scan.is_latin1 = false;
    }
  }
  return scan;
}

void vm_utf8_to_latin1(const char *text, size_t length, uint8_t *out) {
  const uint8_t *p = (const uint8_t *)text, *end = p + length;
  while (p < end) {
    size_t ascii = vm_ascii_prefix(p, (size_t)(end - p));
    memcpy(out, p, ascii);
    p += ascii;
    out += ascii;
    for (; p < end && *p >= 0x80; p += 2)
      *out++ = (uint8_t)(p[0] << 6 | (p[1] & 0x3f));
  }
}

void vm_utf8_to_utf16(const char *text, size_t length, uint16_t *out,
                      UtfSurrogates surrogates) {
  const uint8_t *p = (const uint8_t *)text, *end = p + length;
  bool bad;
  while (p < end) {
    if (*p < 0x80)
      *out++ = *p++;
    else
      out += utf16_put(decode(&p, end, surrogates, &bad), out);
  }
}
