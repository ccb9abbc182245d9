// SPDX-License-Identifier: MIT
// What makes long matches linear: where the matcher has already chosen in vain.
//
// Without back references, whether the rest of a match can succeed depends on
// the instruction, the position, the counters of the loops around it, and for
// each loop around it that may be empty on whether this iteration has taken
// anything. So an instruction that chooses needs to run once for each such
// state: the second time it fails, as either the first one did or its
// remaining ways are still on the stack and come in their own time.
//
// What is inside of a lookaround depends on more once it has succeeded (on what
// follows it), so what was noted in there is forgotten then.
#ifndef RILL_VM_REGEXP_MEMO_H
#define RILL_VM_REGEXP_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct RegExpProgram RegExpProgram;

typedef enum {
  MEMO_EMPTY_CHECK, // register: where the iteration began
  MEMO_COUNTER,     // register: iterations, from `min` to `max`
  MEMO_LOOK,        // nothing outside matters
} MemoContextKind;

// Something around an instruction that its state depends on.
typedef struct MemoContext {
  MemoContextKind kind;
  uint32_t parent; // index + 1; 0: none
  uint32_t index;  // of the register
  uint32_t min, max;
} MemoContext;

// An instruction that chooses, by its place in the code.
typedef struct MemoPoint {
  uint32_t at;
  uint32_t context; // index + 1; 0: the position is all
} MemoPoint;

typedef struct Memo {
  // State s at position p has the number s * stride + p. Either a bit for each
  // number, or, where that were too many, a cache of numbers + 1: it may
  // forget, which costs time alone.
  uint64_t *bits, *cache;
  size_t stride;
  uint64_t *states;   // of each place in the code the first, and the end
  uint32_t *contexts; // of each place in the code
  const MemoContext *table;
  // Positions noted within lookarounds since the last one was forgotten.
  size_t look_low, look_high;
} Memo;

// False: no memory. With too many states it stays closed, and matching goes on
// without.
bool regexp_memo_open(Memo *, const RegExpProgram *, uint32_t length);
static inline bool regexp_memo_is_open(const Memo *memo) {
  return memo->states != NULL;
}
void regexp_memo_close(Memo *); // also one of zeros
// Notes the state of the instruction at a position; true if it was noted.
bool regexp_memo_visit_in_context(Memo *, uint32_t at, size_t position,
                                  const int32_t *registers);
// Forgets what instructions at [from, to), a lookaround that may be within
// another one, have noted.
void regexp_memo_forget(Memo *, uint32_t from, uint32_t to, bool is_nested);

static inline bool regexp_memo_visit(Memo *memo, uint32_t at, size_t position,
                                     const int32_t *registers) {
  if (memo->contexts[at] || !memo->bits) {
    return regexp_memo_visit_in_context(memo, at, position, registers);
  }
  size_t number = (size_t)memo->states[at] * memo->stride + position;
  uint64_t bit = UINT64_C(1) << (number & 63);
  uint64_t *word = &memo->bits[number >> 6];
  if (*word & bit) return true;
  *word |= bit;
  return false;
}

#endif
