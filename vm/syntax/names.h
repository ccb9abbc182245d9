// SPDX-License-Identifier: MIT
// The intern table of one parse: equal names are one pointer. Keywords are
// interned first and carry their token type.
#ifndef RILL_VM_SYNTAX_NAMES_H
#define RILL_VM_SYNTAX_NAMES_H

#include "vm/syntax/arena.h"
#include "vm/syntax/scope.h"

// A row is a name's distance from `base` and above it the upper half of its
// hash, or 0: a search touches one line of the table and one of the name, whose
// units lie behind it when it is short. With distances, the rows of all tables
// begin the same.
typedef struct NameTable {
  Arena *arena;
  const char *base;
  uint64_t *rows;
  uint32_t mask;
  uint32_t count;
} NameTable;

typedef struct WellKnownNames {
#define KNOWN_NAME(field, text) Name *field;
#include "vm/syntax/known_names.def"
#undef KNOWN_NAME
} WellKnownNames;

// A table of the keywords and the well-known names, which it fills in.
void syntax_names_init(NameTable *table, Arena *arena, WellKnownNames *known);

// Interns units that stay where they are as long as the parse lives.
Name *syntax_intern_latin1(NameTable *table, const uint8_t *units,
                           uint32_t length);
// Interns UTF-16 units that are all below 0x100; copied when new.
Name *syntax_intern_narrow(NameTable *table, const uint16_t *units,
                           uint32_t length);
// Interns UTF-16 units, which are copied when the name is narrow and kept in
// place when `stable`, copied otherwise.
Name *syntax_intern_utf16(NameTable *table, const uint16_t *units,
                          uint32_t length, bool stable);
// Interns a C string literal.
Name *syntax_intern_text(NameTable *table, const char *text);

// Code unit at `index`.
static inline uint16_t name_unit(const Name *name, uint32_t index) {
  return name->wide ? ((const uint16_t *)name->units)[index]
                    : ((const uint8_t *)name->units)[index];
}

// Writes the name as UTF-8, shortened to fit; always terminated.
void syntax_name_to_utf8(const Name *name, char *buffer, size_t capacity);

#endif
