// SPDX-License-Identifier: MIT
// Classes of characters as the lexical grammar sees them (ECMA-262 12).
#ifndef RILL_VM_SYNTAX_CHARACTERS_H
#define RILL_VM_SYNTAX_CHARACTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "vm/objects/hex.h"

enum {
  CHARACTER_ID_START = 1,
  CHARACTER_ID_PART = 2,
  CHARACTER_SPACE = 4, // not a line terminator
  CHARACTER_DIGIT = 8
};

// Flags of the characters below 0x100.
extern const uint8_t syntax_characters[256];

// For code points from 0x100 on.
bool syntax_is_id_start_slow(uint32_t c);
bool syntax_is_id_part_slow(uint32_t c);
bool syntax_is_space_slow(uint32_t c);

static inline bool is_id_start(uint32_t c) {
  return c < 0x100 ? syntax_characters[c] & CHARACTER_ID_START
                   : syntax_is_id_start_slow(c);
}

static inline bool is_id_part(uint32_t c) {
  return c < 0x100 ? syntax_characters[c] & CHARACTER_ID_PART
                   : syntax_is_id_part_slow(c);
}

static inline bool is_digit(uint32_t c) {
  return c - '0' < 10;
}

static inline bool is_line_terminator(uint32_t c) {
  return c == '\n' || c == '\r' || c == 0x2028 || c == 0x2029;
}

#endif
