// SPDX-License-Identifier: MIT
#include "vm/regexp/memo.h"

#include <stdlib.h>
#include <string.h>

#include "vm/regexp/program.h"

enum { CACHE_BITS = 20 };
static const uint64_t max_bits = UINT64_C(512) << 20;
static const uint64_t max_number = UINT64_C(1) << 60;

// How many values of a counter there are to tell apart. Beyond a minimum
// without a maximum all are alike; and each iteration after the minimum takes
// something, so there are no more of these than units.
static uint64_t count_values(const MemoContext *c, size_t stride) {
  uint64_t reached = (uint64_t)c->min + stride;
  uint64_t apart = c->max == REPEAT_INFINITE ? c->min : c->max;
  return (reached < apart ? reached : apart) + 2;
}

// How many states an instruction has in its context, at one position. More
// than `limit` if that is passed.
static uint64_t count_states(const MemoContext *table, uint32_t context,
                             size_t stride, uint64_t limit) {
  uint64_t count = 1, empty_checks = 0;
  for (; context; context = table[context - 1].parent) {
    const MemoContext *c = &table[context - 1];
    if (c->kind == MEMO_LOOK) break;
    if (c->kind == MEMO_EMPTY_CHECK) {
      empty_checks++;
    } else if (count > limit / count_values(c, stride)) {
      return limit + 1;
    } else {
      count *= count_values(c, stride);
    }
  }
  return count > limit / (empty_checks + 1) ? limit + 1
                                            : count * (empty_checks + 1);
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
  bool has_memory = false;
  if (!memo->states || !memo->contexts) goto closed;
  has_memory = true;
  const uint64_t max_states = max_number / memo->stride;
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
    states += count_states(memo->table, context, memo->stride, max_states);
    if (states > max_states) goto closed;
  }
  uint64_t numbers = states * memo->stride;
  if (numbers <= max_bits) {
    memo->bits = calloc((size_t)numbers / 64 + 1, sizeof *memo->bits);
  } else {
    memo->cache = calloc((size_t)1 << CACHE_BITS, sizeof *memo->cache);
  }
  if (memo->bits || memo->cache) return true;
  has_memory = false;
closed:
  regexp_memo_close(memo);
  return has_memory;
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
      uint64_t values = count_values(c, memo->stride);
      state = state * values + (value < values ? value : values - 1);
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
