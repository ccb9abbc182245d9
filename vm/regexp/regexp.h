// SPDX-License-Identifier: MIT
// Regular expressions: pattern text to compiled program to match positions.
//
// Nothing here touches the garbage-collected heap. A program is malloc'ed,
// reference-counted, immutable after compilation and may be used by several
// threads at once. Positions are indices of UTF-16 code units throughout, also
// in unicode mode; subjects are Latin-1 or UTF-16 units.
#ifndef RILL_VM_REGEXP_REGEXP_H
#define RILL_VM_REGEXP_REGEXP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/work_watch.h"

// Flags of a RegExp, in the order of ECMA-262's `flags` getter.
enum {
  REGEXP_HAS_INDICES = 1 << 0,  // d: the caller's business
  REGEXP_GLOBAL = 1 << 1,       // g: the caller's business
  REGEXP_IGNORE_CASE = 1 << 2,  // i
  REGEXP_MULTILINE = 1 << 3,    // m
  REGEXP_DOT_ALL = 1 << 4,      // s
  REGEXP_UNICODE = 1 << 5,      // u
  REGEXP_UNICODE_SETS = 1 << 6, // v
  REGEXP_STICKY = 1 << 7,       // y: matches only at the start index
};

typedef struct RegExpProgram RegExpProgram;

typedef enum {
  REGEXP_ERROR_NONE,
  REGEXP_ERROR_SYNTAX,        // SyntaxError with the message
  REGEXP_ERROR_OUT_OF_MEMORY, // while compiling
} RegExpErrorKind;

typedef struct RegExpError {
  RegExpErrorKind kind;
  const char *message; // static text, e.g. "Unterminated group"
  size_t offset;       // unit of the pattern where what is wrong begins
} RegExpError;

// A group's name. A name can stand for several groups when they are in
// different alternatives: one row for each, in order of group index.
typedef struct RegExpGroupName {
  const uint16_t *units; // owned by the program
  uint32_t length;
  uint32_t group; // 1 and up
} RegExpGroupName;

// Parses flags ("giu"). False: a character is unknown or repeated, or u and v
// are both there.
bool regexp_parse_flags(const void *units, size_t length, bool is_wide,
                        uint32_t *flags);

// Checks a pattern as a literal's early errors need it. Any thread. False:
// *error says why. Never allocates on a heap; malloc only.
bool regexp_validate(const void *units, size_t length, bool is_wide,
                     uint32_t flags, const WorkWatch *, RegExpError *error);

// Compiles. NULL: *error says why. The caller owns one reference.
RegExpProgram *regexp_compile(const void *units, size_t length, bool is_wide,
                              uint32_t flags, const WorkWatch *,
                              RegExpError *error);
RegExpProgram *regexp_retain(RegExpProgram *);
void regexp_release(RegExpProgram *); // NULL is allowed

uint32_t regexp_flags(const RegExpProgram *);
// Groups with group 0, the whole match: the length of a result array.
uint32_t regexp_group_count(const RegExpProgram *);
// Named groups in order of group index; NULL and 0 when there are none.
const RegExpGroupName *regexp_group_names(const RegExpProgram *,
                                          uint32_t *count);
// Bytes held by the program: for the owner's memory accounting.
size_t regexp_program_bytes(const RegExpProgram *);

typedef enum {
  REGEXP_NO_MATCH = 0,
  REGEXP_MATCH = 1,
  REGEXP_INTERRUPTED = -1,   // the poll hook said stop
  REGEXP_OUT_OF_MEMORY = -2, // malloc failed
  REGEXP_TOO_COMPLEX = -3,   // the backtrack stack passed its limit
} RegExpResult;

// Lets the host stop a long match. `poll` runs about every `1 << 16` steps
// with the steps done since; false: stop with REGEXP_INTERRUPTED.
typedef struct RegExpHost {
  bool (*poll)(void *data, uint32_t steps);
  void *data;
  uint32_t *steps;        // out: those done that poll was not told of; or NULL
  size_t max_stack_bytes; // backtrack stack; 0: 64 MiB
} RegExpHost;

#define REGEXP_UNSET (-1)

// Searches from start (at that index only, if sticky); start <= length. On a
// match, captures[2 * g] and captures[2 * g + 1] are the bounds of group g or
// REGEXP_UNSET; the array holds 2 * regexp_group_count entries and its content
// is unspecified after any other result. host may be NULL. Any thread; not
// re-entrant through poll with the same captures.
RegExpResult regexp_match(const RegExpProgram *, const void *units,
                          size_t length, bool is_wide, size_t start,
                          int32_t *captures, const RegExpHost *host);

#endif
