// SPDX-License-Identifier: MIT
// Sets of code points: sorted, disjoint, non-adjacent inclusive ranges. Adding
// may leave a set unsorted for a while; every function that reads one restores
// the invariant first.
#ifndef RILL_VM_REGEXP_CHARACTER_SET_H
#define RILL_VM_REGEXP_CHARACTER_SET_H

#include "vm/regexp/arena.h"

#define CODE_POINT_MAX 0x10ffff

typedef struct CharacterRange {
  uint32_t first, last;
} CharacterRange;

typedef struct CharacterSet {
  CharacterRange *ranges;
  uint32_t count, capacity;
  bool sorted;
} CharacterSet;

CharacterSet *character_set_new(Arena *);
CharacterSet *character_set_copy(Arena *, CharacterSet *);
void character_set_add(Arena *, CharacterSet *, uint32_t first, uint32_t last);
void character_set_add_all(Arena *, CharacterSet *, CharacterSet *other);
void character_set_normalize(CharacterSet *);
// Fresh results; the operands keep their content.
CharacterSet *character_set_invert(Arena *, CharacterSet *);
CharacterSet *character_set_intersect(Arena *, CharacterSet *a,
                                      CharacterSet *b);
CharacterSet *character_set_subtract(Arena *, CharacterSet *a, CharacterSet *b);

// The sets behind \d, \s, \w and the dot. `extended`: \w under both i and u,
// which has U+017F and U+212A too (ECMA-262 22.2.2.7.4 WordCharacters).
CharacterSet *character_set_digits(Arena *);
CharacterSet *character_set_spaces(Arena *);
CharacterSet *character_set_words(Arena *, bool extended);
CharacterSet *character_set_line_terminators(Arena *);

// Case, as ECMA-262 22.2.2.7.3 Canonicalize has it: simple case folding in
// unicode mode, else the upper case of single code units.
uint32_t regexp_canonicalize(uint32_t code_point, bool unicode);
// Adds all code points that canonicalize like a member.
CharacterSet *character_set_close_case(Arena *, CharacterSet *, bool unicode);
// Makes the tables behind regexp_canonicalize; false: out of memory. Compiling
// a case-insensitive pattern calls it, so that matching cannot fail there.
bool regexp_case_tables_prepare(void);

// A string of code points in a class of unicode sets mode.
typedef struct ClassString {
  struct ClassString *next;
  uint32_t length;
  uint32_t code_points[];
} ClassString;

// \p{name} or \p{name=value}, by ASCII text. False: no such property.
// `strings` gets the strings of a property of strings (only if allowed).
bool regexp_property_set(Arena *, const char *name, const char *value,
                         bool allow_strings, CharacterSet *out,
                         ClassString **strings, bool *has_strings);

#endif
