// SPDX-License-Identifier: MIT
// Source text as code units. The parser reads Latin-1 or UTF-16 only; UTF-8
// files are converted once, to Latin-1 whenever every character fits. All
// positions in the tree are code unit offsets into this text.
#ifndef RILL_VM_SYNTAX_SOURCE_TEXT_H
#define RILL_VM_SYNTAX_SOURCE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/syntax/arena.h"

typedef enum SourceKind { SOURCE_LATIN1, SOURCE_UTF16 } SourceKind;

// A view: it owns `units` only when `owned` is set (see
// syntax_source_from_utf8). The units must outlive every ParseResult made
// from them: names and literals without escapes point straight into them.
typedef struct SourceText {
  SourceKind kind;
  uint32_t length; // in code units
  const void *units;
  bool owned;
} SourceText;

// One place in a text, both counted from 1; the column is in code units.
typedef struct SourcePosition {
  uint32_t line;
  uint32_t column;
} SourcePosition;

// Offsets at which each line starts, to locate many offsets cheaply.
typedef struct LineTable {
  uint32_t *starts;
  uint32_t count;
} LineTable;

// Code unit at `index`, which must be below text->length.
static inline uint16_t source_unit(const SourceText *text, uint32_t index) {
  return text->kind == SOURCE_LATIN1 ? ((const uint8_t *)text->units)[index]
                                     : ((const uint16_t *)text->units)[index];
}

// Views over units that the caller keeps.
SourceText syntax_source_latin1(const uint8_t *units, uint32_t length);
SourceText syntax_source_utf16(const uint16_t *units, uint32_t length);

// Converts UTF-8. A leading byte order mark is dropped; malformed sequences
// become U+FFFD, as the Encoding standard says. Pure ASCII is not copied: then
// the result views `bytes`, which must outlive it. False when memory is short
// or the text has more than 2^31-2 units; the text is then empty.
// Free with syntax_source_release.
bool syntax_source_from_utf8(SourceText *text, const char *bytes,
                             size_t length);

void syntax_source_release(SourceText *text);

// Line and column of one offset, by a scan from the start. Line terminators
// are LF, CR, CRLF, LS and PS.
SourcePosition syntax_source_locate(const SourceText *text, uint32_t offset);

// Builds the line table in the arena. False when memory is short.
bool syntax_line_table_build(LineTable *table, const SourceText *text,
                             Arena *arena);
SourcePosition syntax_line_table_locate(const LineTable *table,
                                        uint32_t offset);

#endif
