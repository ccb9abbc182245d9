// SPDX-License-Identifier: MIT
// What the sampler collects: a call tree whose nodes are (caller node, code),
// and the order in which nodes were seen.
#ifndef RILL_PROFILER_PROFILE_H
#define RILL_PROFILER_PROFILE_H

#include <pthread.h>
#include <stdatomic.h>

#include "profiler/sampler.h"
#include "vm/interpreter/code.h"
#include "vm/interpreter/frame.h"

enum { PROF_MAX_DEPTH = 512, PROF_ROOT = 0, PROF_IDLE = 1, PROF_PROGRAM = 2 };

typedef struct ProfNode {
  const Code *code; // NULL: root, idle or program
  uint32_t parent;
  uint32_t hits;
} ProfNode;

// Hits of a node by the place that was running there.
typedef struct ProfTick {
  uint32_t node;
  uint32_t count;
  const Instruction *pc;
} ProfTick;

typedef struct ProfSample {
  uint32_t node;
  uint32_t delta_us; // since the sample before
} ProfSample;

struct Profiler {
  Isolate *isolate;
  pthread_t thread;
  _Atomic bool stopping;
  uint32_t period_us;
  uint64_t start_us, end_us;
  bool out_of_memory; // what came later is missing
  ProfNode *nodes;
  uint32_t node_count, node_capacity;
  uint32_t *node_table; // open addressing: (parent, code) -> node
  uint32_t node_table_size;
  ProfTick *ticks; // open addressing: (node, pc) -> count
  uint32_t tick_table_size, tick_count;
  ProfSample *samples;
  size_t sample_count, sample_capacity;
};

// profile.c: the call tree. All grow it; false: out of memory.
bool prof_profile_init(Profiler *);
bool prof_add_sample(Profiler *, uint32_t node, const Instruction *pc,
                     uint32_t delta_us);
// The node of `code` called from `parent`; UINT32_MAX: out of memory.
uint32_t prof_node(Profiler *, uint32_t parent, const Code *code);
void prof_profile_free(Profiler *);

// describe.c: whom a node stands for.
typedef struct ProfFunction {
  char name[160];
  char url[512];
  uint32_t line, column; // 1-based; 0: none
} ProfFunction;
// False: the code is none that exists (a torn read).
bool prof_describe(Profiler *, const Code *, ProfFunction *out);
// The line of a place in a code; 0: unknown.
uint32_t prof_line(Profiler *, const Code *, const Instruction *pc);

#endif
