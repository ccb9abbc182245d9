// SPDX-License-Identifier: MIT
#include "vm/interpreter/counters.h"

#ifdef RILL_COUNTERS
#include <stdlib.h>

#include "vm/bytecode/function_builder.h"

Counters vm_counters;
_Thread_local uint16_t vm_counted_last;

typedef struct Row {
  uint64_t count;
  uint16_t first, second; // instructions; of a pair, or the same one twice
} Row;

static int by_count(const void *a, const void *b) {
  const Row *x = a, *y = b;
  return (x->count < y->count) - (x->count > y->count);
}

static double share(uint64_t count, uint64_t all) {
  return all == 0 ? 0 : 100.0 * (double)count / (double)all;
}

static void print_instructions(FILE *out) {
  static Row rows[OP_COUNT];
  uint64_t all = 0;
  for (uint16_t op = 0; op < OP_COUNT; op++) {
    rows[op] = (Row){vm_counters.runs[op], op, op};
    all += rows[op].count;
  }
  qsort(rows, OP_COUNT, sizeof rows[0], by_count);
  fprintf(out,
          "%llu instructions; misses by the state of the cache\n"
          "%14s %6s %10s %11s %11s %11s  instruction\n",
          (unsigned long long)all, "runs", "%", "empty", "monomorphic",
          "polymorphic", "megamorphic");
  for (int i = 0; i < OP_COUNT && rows[i].count != 0; i++) {
    const uint64_t *misses = vm_counters.misses[rows[i].first];
    fprintf(out, "%14llu %6.2f %10llu %11llu %11llu %11llu  %s\n",
            (unsigned long long)rows[i].count, share(rows[i].count, all),
            (unsigned long long)misses[CACHE_STATE_EMPTY],
            (unsigned long long)misses[CACHE_STATE_MONOMORPHIC],
            (unsigned long long)misses[CACHE_STATE_POLYMORPHIC],
            (unsigned long long)misses[CACHE_STATE_MEGAMORPHIC],
            bytecode_info[rows[i].first].name);
  }
}

static void print_pairs(FILE *out) {
  enum { SHOWN = 40 };
  static Row rows[OP_COUNT * OP_COUNT];
  uint64_t all = 0;
  size_t count = 0;
  for (uint16_t first = 0; first < OP_COUNT; first++) {
    for (uint16_t second = 0; second < OP_COUNT; second++) {
      uint64_t runs = vm_counters.pairs[first][second];
      if (runs != 0) rows[count++] = (Row){runs, first, second};
      all += runs;
    }
  }
  qsort(rows, count, sizeof rows[0], by_count);
  fprintf(out, "%14s %6s  pair\n", "runs", "%");
  for (size_t i = 0; i < count && i < SHOWN; i++)
    fprintf(out, "%14llu %6.2f  %s %s\n", (unsigned long long)rows[i].count,
            share(rows[i].count, all), bytecode_info[rows[i].first].name,
            bytecode_info[rows[i].second].name);
}

void vm_counters_print(FILE *out) {
  print_instructions(out);
  print_pairs(out);
}
#else
void vm_counters_print(FILE *out) {
  (void)out;
}
#endif
