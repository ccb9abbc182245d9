// SPDX-License-Identifier: MIT
// Source texts: views, conversion from UTF-8, and lines. Positions are code
// unit offsets; lines and columns are computed only when someone asks.
#include "vm/syntax/source_text.h"

#include <stdlib.h>
#include <string.h>

#include "vm/syntax/words.h"

enum { LARGEST_SOURCE = 0x7ffffffe };

SourceText syntax_source_latin1(const uint8_t *units, uint32_t length) {
  return (SourceText){.kind = SOURCE_LATIN1, .length = length, .units = units};
}

SourceText syntax_source_utf16(const uint16_t *units, uint32_t length) {
  return (SourceText){.kind = SOURCE_UTF16, .length = length, .units = units};
}

// Decodes one code point that starts with a non-ASCII byte. A malformed
// sequence gives U+FFFD for each maximal subpart, as the Encoding standard
// says.
static const uint8_t *decode(const uint8_t *at, const uint8_t *end,
                             uint32_t *result) {
  uint32_t lead = *at++;
  uint32_t low = 0x80, high = 0xbf, c;
  int more;
  if (lead >= 0xc2 && lead <= 0xdf) {
    more = 1;
    c = lead & 0x1f;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    more = 2;
    c = lead & 0xf;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    more = 3;
    c = lead & 7;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  } else {
    *result = 0xfffd;
    return at;
  }
  while (more--) {
    if (at == end || *at < low || *at > high) {
      *result = 0xfffd;
      return at;
    }
    c = (c << 6) | (*at++ & 0x3f);
    low = 0x80;
    high = 0xbf;
  }
  *result = c;
  return at;
}

static const uint8_t *skip_ascii(const uint8_t *at, const uint8_t *end) {
  while (end - at >= 8) {
    uint64_t word;
    memcpy(&word, at, 8);
    if (word & 0x8080808080808080u) break;
    at += 8;
  }
  while (at < end && *at < 0x80)
    at++;
  return at;
}

static bool convert_wide(SourceText *text, const uint8_t *at,
                         const uint8_t *end, size_t units) {
  uint16_t *copy = malloc(units * 2);
  if (!copy) return false;
  uint16_t *to = copy;
  while (at < end) {
    uint32_t c = *at;
    if (c < 0x80) {
      *to++ = (uint16_t)c;
      at++;
      continue;
    }
    at = decode(at, end, &c);
    if (c >= 0x10000) {
      *to++ = (uint16_t)(0xd800 + ((c - 0x10000) >> 10));
      c = 0xdc00 + ((c - 0x10000) & 0x3ff);
    }
    *to++ = (uint16_t)c;
  }
  *text = syntax_source_utf16(copy, (uint32_t)units);
  text->owned = true;
  return true;
}

static bool convert_narrow(SourceText *text, const uint8_t *at,
                           const uint8_t *end, size_t units) {
  uint8_t *copy = malloc(units);
  if (!copy) return false;
  uint8_t *to = copy;
  while (at < end) {
    uint32_t c = *at;
    if (c < 0x80)
      at++;
    else
      at = decode(at, end, &c);
    *to++ = (uint8_t)c;
  }
  *text = syntax_source_latin1(copy, (uint32_t)units);
  text->owned = true;
  return true;
}

bool syntax_source_from_utf8(SourceText *text, const char *bytes,
                             size_t length) {
  *text = syntax_source_latin1((const uint8_t *)"", 0);
  const uint8_t *start = (const uint8_t *)bytes, *end = start + length;
  if (length >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0) start += 3;
  const uint8_t *at = skip_ascii(start, end);
  if (at == end) {
    if (end - start > LARGEST_SOURCE) return false;
    *text = syntax_source_latin1(start, (uint32_t)(end - start));
    return true;
  }
  size_t units = (size_t)(at - start);
  uint32_t largest = 0;
  while (at < end) {
    uint32_t c;
    at = decode(at, end, &c);
    if (c > largest) largest = c;
    units += c >= 0x10000 ? 2 : 1;
    const uint8_t *next = skip_ascii(at, end);
    units += (size_t)(next - at);
    at = next;
  }
  if (units > LARGEST_SOURCE) return false;
  return largest < 0x100 ? convert_narrow(text, start, end, units)
                         : convert_wide(text, start, end, units);
}

void syntax_source_release(SourceText *text) {
  if (text->owned) free((void *)text->units);
  *text = syntax_source_latin1((const uint8_t *)"", 0);
}

// Length of the line terminator sequence at `index`, or 0.
static uint32_t terminator(const SourceText *text, uint32_t index) {
  uint16_t c = source_unit(text, index);
  if (c == '\n' || c == 0x2028 || c == 0x2029) return 1;
  if (c != '\r') return 0;
  return index + 1 < text->length && source_unit(text, index + 1) == '\n' ? 2
                                                                          : 1;
}

SourcePosition syntax_source_locate(const SourceText *text, uint32_t offset) {
  if (offset > text->length) offset = text->length;
  uint32_t line = 1, start = 0;
  for (uint32_t i = 0; i < offset;) {
    uint32_t size = terminator(text, i);
    i += size ? size : 1;
    if (size && i <= offset) {
      line++;
      start = i;
    }
  }
  return (SourcePosition){line, offset - start + 1};
}

// The first LF or CR of a Latin-1 text at or after `i`, or the end.
static uint32_t next_terminator(const SourceText *text, uint32_t i) {
  const uint8_t *units = text->units;
  for (; text->length - i >= 8; i += 8) {
    uint64_t word = word_load(units + i);
    uint64_t found = word_equal(word, '\n') | word_equal(word, '\r');
    if (found) return i + word_first(found);
  }
  while (i < text->length && units[i] != '\n' && units[i] != '\r')
    i++;
  return i;
}

bool syntax_line_table_build(LineTable *table, const SourceText *text,
                             Arena *arena) {
  uint32_t capacity = text->length / 32 + 1;
  *table = (LineTable){arena_try_alloc(arena, capacity * sizeof(uint32_t)), 0};
  if (!table->starts) return false;
  table->starts[table->count++] = 0;
  for (uint32_t i = 0; i < text->length;) {
    if (text->kind == SOURCE_LATIN1) {
      i = next_terminator(text, i);
      if (i == text->length) break;
    }
    uint32_t size = terminator(text, i);
    i += size ? size : 1;
    if (!size) continue;
    if (table->count == capacity) {
      size_t used = capacity * sizeof(uint32_t);
      uint32_t *more = arena_try_alloc(arena, 2 * used);
      if (!more) return false;
      table->starts = memcpy(more, table->starts, used);
      capacity *= 2;
    }
    table->starts[table->count++] = i;
  }
  return true;
}

SourcePosition syntax_line_table_locate(const LineTable *table,
                                        uint32_t offset) {
  uint32_t low = 0, high = table->count;
  while (high - low > 1) {
    uint32_t middle = low + (high - low) / 2;
    if (table->starts[middle] <= offset)
      low = middle;
    else
      high = middle;
  }
  return (SourcePosition){low + 1, offset - table->starts[low] + 1};
}
