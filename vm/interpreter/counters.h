// SPDX-License-Identifier: MIT
// How often each instruction runs, what it follows, and how often its inline
// cache does not know the answer: in builds with -Dcounters=true, for whoever
// makes the interpreter faster. Other builds count nothing and pay nothing.
//
// The counters are of the process. Threads that count at once may lose some.
#ifndef RILL_VM_INTERPRETER_COUNTERS_H
#define RILL_VM_INTERPRETER_COUNTERS_H

#include <stdio.h>

#include "vm/interpreter/frame.h"
#include "vm/interpreter/inline_cache.h"

// Writes the counters as text: instructions by how often they ran, misses by
// the state that the cache was in, and the most frequent pairs.
void vm_counters_print(FILE *);

#ifdef RILL_COUNTERS
enum {
  VM_IS_COUNTING = true,
  CACHE_STATE_COUNT = CACHE_STATE_MEGAMORPHIC + 1,
};
typedef struct Counters {
  uint64_t runs[OP_COUNT];
  uint64_t pairs[OP_COUNT][OP_COUNT]; // the first, then the second
  uint64_t misses[OP_COUNT][CACHE_STATE_COUNT];
} Counters;
extern Counters vm_counters;
extern _Thread_local uint16_t vm_counted_last;

static inline void count_instruction(const Instruction *pc) {
  vm_counters.runs[pc->op]++;
  vm_counters.pairs[vm_counted_last][pc->op]++;
  vm_counted_last = pc->op;
}
// By the instruction at the frame's pc.
static inline void count_cache_miss(const Isolate *iso, const InlineCache *ic) {
  vm_counters.misses[iso->frame->pc->op][ic->state]++;
}
#else
enum { VM_IS_COUNTING = false };
static inline void count_instruction(const Instruction *pc) {
  (void)pc;
}
static inline void count_cache_miss(const Isolate *iso, const InlineCache *ic) {
  (void)iso, (void)ic;
}
#endif
#endif
