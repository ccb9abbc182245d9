// SPDX-License-Identifier: MIT
// The compiled form of a pattern: what the emitter makes and the matcher runs.
// One malloc'ed block holds everything; it never changes after compilation.
#ifndef RILL_VM_REGEXP_PROGRAM_H
#define RILL_VM_REGEXP_PROGRAM_H

#include <stdatomic.h>

#include "vm/regexp/memo.h"
#include "vm/regexp/pattern.h"
#include "vm/regexp/regexp.h"

typedef enum {
#define OPCODE(name) OP_##name,
#include "vm/regexp/opcodes.def"
#undef OPCODE
  OPCODE_COUNT
} Opcode;

#define OPERAND_MAX ((1u << 24) - 1)

enum { UPPER_NONE = 0, UPPER_ALL = 1, UPPER_RANGES = 2 };

enum {
  REFERENCE_IGNORE_CASE = 1,
  REFERENCE_BEHIND = 2,
  REFERENCE_UNICODE = 4,
};

// A set of characters ready to test: a byte for each Latin-1 unit, and sorted
// ranges above. As the table of a DISPATCH, the bytes are target numbers + 1
// (0: fail) and `upper` is the one of all units above 0xff.
typedef struct MatchSet {
  uint8_t latin1[256];
  uint32_t upper; // UPPER_*
  uint32_t range_count;
  const CharacterRange *ranges; // above 0xff only
} MatchSet;

typedef enum {
  SEARCH_ANY,    // try each position
  SEARCH_START,  // only the start of the input can match
  SEARCH_UNIT,   // every match begins with `prefix`, one unit long
  SEARCH_STRING, // every match begins with `prefix`, whose rarest unit is at
                 // `search_offset`
  SEARCH_SET,    // every match but one at the start of the input has a unit of
                 // set `search_set` at `search_offset`, and one of
                 // `second_set` at `second_offset`
  SEARCH_SET_OF_ONE, // the same, `search_set` being the unit
  SEARCH_SET_OF_TWO, // the same, being two units: FIRST | SECOND << 16
} SearchKind;

struct RegExpProgram {
  _Atomic uint32_t references;
  uint32_t flags;
  uint32_t group_count;
  uint32_t register_count; // captures first
  uint32_t code_count, set_count, name_count;
  uint32_t min_length; // units that any match has at least
  SearchKind search;
  uint32_t search_set, search_offset, second_set, second_offset;
  uint32_t required_set; // + 1: every match has a unit of it; 0: not known
  uint32_t prefix_length;
  bool prefix_is_latin1;
  bool is_literal; // the prefix is the whole pattern
  bool is_unicode;
  bool has_references; // so that memo.h does not apply
  uint32_t memo_point_count;
  const MemoPoint *memo_points; // in order of place
  const MemoContext *memo_contexts;
  size_t bytes;
  const uint32_t *code;
  const MatchSet *sets;
  const uint8_t *prefix_latin1;
  const uint16_t *prefix;
  const RegExpGroupName *names;
};

// Emits the program of a parsed pattern; leaves through the arena's exit if it
// is too large or memory is out.
RegExpProgram *regexp_emit(Parser *, Node *root, uint32_t flags);

// Matching at or after `start`, by the width of units.
RegExpResult regexp_match_latin1(const RegExpProgram *, const uint8_t *units,
                                 uint32_t length, uint32_t start,
                                 int32_t *captures, const RegExpHost *);
RegExpResult regexp_match_utf16(const RegExpProgram *, const uint16_t *units,
                                uint32_t length, uint32_t start,
                                int32_t *captures, const RegExpHost *);
RegExpResult regexp_match_code_points(const RegExpProgram *,
                                      const uint16_t *units, uint32_t length,
                                      uint32_t start, int32_t *captures,
                                      const RegExpHost *);

#endif
