// SPDX-License-Identifier: MIT
// The matcher's instances, and what they share whatever the width of units.
#include <stdlib.h>
#include <string.h>

#include "vm/regexp/program.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

enum { INLINE_REGISTERS = 64, INLINE_RECORDS = 256, POLL_STEPS = 1 << 16 };
// Steps for each unit of the subject that a match may take before it looks as
// if it were not linear, so that a memo is worth its memory.
enum { STEPS_PER_UNIT = 4 };

#define RECORD_UNDO 0x80000000u  // what: register; value: what it held
#define RECORD_BOUND 0x40000000u // value: belongs to the record above
#define DEFAULT_STACK_BYTES ((size_t)64 << 20)

typedef struct Record {
  uint32_t what; // instruction to go on with, or RECORD_*
  int32_t value; // position
} Record;

typedef struct Stack {
  Record *base, *limit;
  size_t max_records;
  bool too_large;
  Record inline_records[INLINE_RECORDS];
} Stack;

static inline void init_stack(Stack *stack, const RegExpHost *host) {
  stack->base = stack->inline_records;
  stack->limit = stack->base + INLINE_RECORDS;
  size_t bytes = host && host->max_stack_bytes ? host->max_stack_bytes
                                               : DEFAULT_STACK_BYTES;
  stack->max_records = bytes / sizeof(Record);
  stack->too_large = false;
}

static inline void free_stack(Stack *stack) {
  if (stack->base != stack->inline_records) free(stack->base);
}

// Doubles the stack; the new top, or NULL.
static __attribute__((noinline, cold)) Record *grow_stack(Stack *stack,
                                                          Record *sp) {
  size_t used = (size_t)(sp - stack->base);
  size_t capacity = 2 * (size_t)(stack->limit - stack->base);
  if (capacity > stack->max_records) {
    stack->too_large = true;
    return NULL;
  }
  Record *grown;
  if (stack->base == stack->inline_records) {
    grown = malloc(capacity * sizeof *grown);
    if (grown) memcpy(grown, stack->base, used * sizeof *grown);
  } else {
    grown = realloc(stack->base, capacity * sizeof *grown);
  }
  if (!grown) return NULL;
  stack->base = grown;
  stack->limit = grown + capacity;
  return grown + used;
}

// Leaves only undo records above `bottom`; the new top.
static Record *drop_choices(Record *bottom, const Record *sp) {
  Record *kept = bottom;
  for (const Record *r = bottom; r < sp; r++) {
    if (r->what & RECORD_UNDO) *kept++ = *r;
  }
  return kept;
}

// Units that a scan passes for one step.
enum { SCAN_SHIFT = 4 };

static inline void tell_steps(const RegExpHost *host, uint32_t steps) {
  if (host && host->steps) *host->steps = steps;
}

static bool poll_host(const RegExpHost *host, uint32_t steps) {
  return !host || !host->poll || host->poll(host->data, steps);
}

static __attribute__((noinline)) bool range_lookup(const MatchSet *set,
                                                   uint32_t c) {
  const CharacterRange *ranges = set->ranges;
  uint32_t low = 0, high = set->range_count;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (c > ranges[middle].last) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < set->range_count && ranges[low].first <= c;
}

static inline uint32_t load_word(const void *bytes) {
  uint32_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

// memchr for 16-bit units: eight at a time.
static const uint16_t *find_unit(const uint16_t *p, const uint16_t *end,
                                 uint16_t unit) {
  typedef uint16_t Units __attribute__((vector_size(16)));
  const Units wanted = {unit, unit, unit, unit, unit, unit, unit, unit};
  for (; end - p >= 8; p += 8) {
    union {
      Units units;
      uint64_t words[2];
    } equal;
    memcpy(&equal.units, p, sizeof equal.units);
    equal.units = (Units)(equal.units == wanted);
    if (equal.words[0] | equal.words[1]) break;
  }
  for (; p < end; p++) {
    if (*p == unit) return p;
  }
  return NULL;
}

static const bool word_characters[128] = {
    ['0' ... '9'] = true,
    ['A' ... 'Z'] = true,
    ['_'] = true,
    ['a' ... 'z'] = true,
};

#define MATCHER_NAME latin1
#define UNIT uint8_t
#define IS_WIDE 0
#define IS_UNICODE 0
#include "vm/regexp/matcher_template.h"
#undef MATCHER_NAME
#undef UNIT
#undef IS_WIDE
#undef IS_UNICODE

#define MATCHER_NAME utf16
#define UNIT uint16_t
#define IS_WIDE 1
#define IS_UNICODE 0
#include "vm/regexp/matcher_template.h"
#undef MATCHER_NAME
#undef IS_UNICODE

#define MATCHER_NAME code_points
#define IS_UNICODE 1
#include "vm/regexp/matcher_template.h"
