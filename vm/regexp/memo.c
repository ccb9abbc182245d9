// SPDX-License-Identifier: MIT
#include "vm/regexp/memo.h"

#include <stdlib.h>
#include <string.h>

#include "vm/regexp/program.h"

enum { CACHE_BITS = 20 };
static const uint64_t max_bits = UINT64_C(512) << 20;
static const uint64_t max_states = UINT64_C(1) << 31;

// How many states an instruction has in its context, at one position.
static uint64_t count_states(const MemoContext *table, uint32_t context) {
  uint64_t count = 1, empty_checks = 0;
  for (; context && count < max_states; context = table[context - 1].parent) {
    const MemoContext *c = &table[context - 1];
    if (c->kind == MEMO_LOOK) break;
    if (c->kind == MEMO_COUNTER) {
      count *= c->limit;
    } else {
      empty_checks++;
    }
  }
  return count * (empty_checks + 1);
}

bool regexp_memo_open(Memo *memo, const RegExpProgram *program,
                      uint32_t length) {
  *memo = (Memo){
      .stride = (size_t)length + 1,
      .table = program->memo_contexts,
      .look_low = SIZE_MAX,
  };
  size_t count = (size_t)program->code_count + 1;
  memo->states = malloc(count * sizeof *memo->states);
  memo->contexts = calloc(count, sizeof *memo->contexts);
  if (!memo->states || !memo->contexts) goto failed;
  uint64_t states = 0;
  uint32_t next = 0;
  for (uint32_t at = 0; at < count; at++) {
    memo->states[at] = states;
    if (next == program->memo_point_count ||
        program->memo_points[next].at != at) {
      continue;
    }
    uint32_t context = program->memo_points[next++].context;
    memo->contexts[at] = context;
    states += count_states(memo->table, context);
    if (states > max_states) goto failed;
  }
  uint64_t bits = states * memo->stride;
  if (bits <= max_bits) {
    memo->bits = calloc((size_t)bits / 64 + 1, sizeof *memo->bits);
  } else {
    memo->cache = calloc((size_t)1 << CACHE_BITS, sizeof *memo->cache);
  }
  if (memo->bits || memo->cache) return true;
failed:
  regexp_memo_close(memo);
  return false;
}

void regexp_memo_close(Memo *memo) {
  free(memo->bits);
  free(memo->cache);
  free(memo->states);
  free(memo->contexts);
  *memo = (Memo){0};
}

bool regexp_memo_visit_in_context(Memo *memo, uint32_t at, size_t position,
                                  const int32_t *registers) {
  uint64_t state = 0;
  // Loops that may be empty, from within: if this iteration of one has taken
  // something, so has that of all around it.
  uint32_t empty_checks = 0, unmoved = 0;
  for (uint32_t context = memo->contexts[at]; context;) {
    const MemoContext *c = &memo->table[context - 1];
    if (c->kind == MEMO_LOOK) {
      if (!memo->bits) return false;
      if (position < memo->look_low) memo->look_low = position;
      if (position > memo->look_high) memo->look_high = position;
      break;
    }
    uint32_t value = (uint32_t)registers[c->index];
    if (c->kind == MEMO_COUNTER) {
      state = state * c->limit + (value < c->limit ? value : c->limit - 1);
    } else {
      if (unmoved == empty_checks && value == position) unmoved++;
      empty_checks++;
    }
    context = c->parent;
  }
  state = memo->states[at] + state * (empty_checks + 1) + unmoved;
  uint64_t number = state * memo->stride + position;
  if (!memo->bits) {
    uint64_t hash = number * UINT64_C(0x9e3779b97f4a7c15);
    uint64_t *entry = &memo->cache[hash >> (64 - CACHE_BITS)];
    if (*entry == number + 1) return true;
    *entry = number + 1;
    return false;
  }
  uint64_t bit = UINT64_C(1) << (number & 63);
  uint64_t *word = &memo->bits[number >> 6];
  if (*word & bit) return true;
  *word |= bit;
  return false;
}

void regexp_memo_forget(Memo *memo, uint32_t from, uint32_t to,
                        bool is_nested) {
  if (memo->look_low > memo->look_high) return;
  for (uint64_t s = memo->states[from]; s < memo->states[to]; s++) {
    // Whole words: a neighbour's bits that go with them cost time alone.
    size_t first = ((size_t)s * memo->stride + memo->look_low) >> 6;
    size_t last = ((size_t)s * memo->stride + memo->look_high) >> 6;
    memset(memo->bits + first, 0, (last - first + 1) * sizeof *memo->bits);
  }
  if (is_nested) return; // the outer one has noted at these positions, too
  memo->look_low = SIZE_MAX;
  memo->look_high = 0;
}
