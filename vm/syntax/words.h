// SPDX-License-Identifier: MIT
// Looking at eight Latin-1 units at once.
#ifndef RILL_VM_SYNTAX_WORDS_H
#define RILL_VM_SYNTAX_WORDS_H

#include <stdint.h>
#include <string.h>

#define WORD_ONES UINT64_C(0x0101010101010101)

static inline uint64_t word_load(const uint8_t *units) {
  uint64_t word;
  memcpy(&word, units, 8);
  return word;
}

// The highest bit of each byte that is `c`.
static inline uint64_t word_equal(uint64_t word, uint8_t c) {
  const uint64_t low = WORD_ONES * 0x7f;
  uint64_t x = word ^ c * WORD_ONES;
  return ~(((x & low) + low) | x | low);
}

// The index of the lowest byte whose highest bit is set; `bits` is not 0.
static inline uint32_t word_first(uint64_t bits) {
  return (uint32_t)__builtin_ctzll(bits) / 8;
}

#endif
