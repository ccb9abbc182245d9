// SPDX-License-Identifier: MIT
// The compiler's view of one function: basic blocks of instructions over the
// frame's own registers.
//
// Every value stays in the register where the baseline keeps it, so that going
// back to the baseline is a change of pc: a pass may drop a write only if the
// baseline never reads it afterwards, too. New registers (above the baseline's)
// may hold what passes like.
//
// Blocks that OSR enters or that handle exceptions can be reached with any
// values: passes assume nothing there. All memory comes from the job's arena.
#ifndef RILL_JIT_STUB_IR_H
#define RILL_JIT_STUB_IR_H

#include <setjmp.h>

#include "vm/bytecode/function_builder.h"
#include "vm/interpreter/optimized.h"

#define NO_BLOCK UINT32_MAX

typedef struct JitArena {
  struct JitChunk *chunks;
  size_t used, capacity;
  jmp_buf escape; // where to when memory runs out
} JitArena;
// Zeroed. Never NULL: jumps to arena->escape instead.
void *jit_allocate(JitArena *, size_t bytes);
void jit_arena_free(JitArena *);

typedef struct JitInstruction {
  uint16_t op, a;
  union {
    struct {
      uint16_t b, c;
    };
    int32_t imm;
  };
  uint64_t x;           // the second word, but for jumps
  uint32_t baseline_pc; // deoptimization, exceptions and positions go by it
  bool loads_own;       // its cache knew one shape, an own in-object property
  uint32_t site;        // inlined: index + 1 in graph->sites; 0: not
  uint32_t site_pc;     // then the word of the callee's baseline
  uint32_t target;      // jumps: block; JUMP_TABLE: index in graph->tables
} JitInstruction;

typedef struct JitBlock {
  JitInstruction *code;
  uint32_t count, capacity;
  uint32_t next;        // in the order of the code; NO_BLOCK: the last
  uint32_t fallthrough; // block, or NO_BLOCK
  // The one block that leads here; NO_BLOCK: none, several, or anything. By
  // jit_count_predecessors.
  uint32_t only_predecessor;
  uint32_t baseline_pc; // of its start
  bool is_osr_entry;    // the target of a back-edge
  bool is_handler;
  bool is_reachable;
  uint64_t *live_in; // registers; by jit_compute_liveness
} JitBlock;

typedef struct JitTable {
  uint32_t count, record;
  uint32_t *targets; // blocks; NO_BLOCK: fall through
} JitTable;

// A call whose callee was known when the job was queued. Code and caches are
// addresses to emit, not to follow; the job keeps them alive.
typedef struct JitCallee JitCallee;
struct JitCallee {
  JitCallee *next;
  uint32_t pc; // of the call, in the caller's baseline
  Code *code;
  const Template *template;
  uintptr_t caches;
  uint8_t *loads_own; // by cache
  JitCallee *callees; // of the callee
};

typedef struct JitGraph {
  JitArena arena;
  const Template *template; // the baseline
  const JitCallee *callees;
  const uint64_t *doubles; // registers that held doubles when it was queued
  uint32_t doubles_count;
  const uint8_t *loads_own; // by cache
  InlineSite *sites;
  uint32_t site_count;
  const uint8_t *no_guards; // by baseline word; or NULL
  JitBlock *blocks;
  uint32_t block_count, block_capacity;
  JitTable *tables;
  uint32_t table_count;
  uint32_t register_count; // the baseline's, and those passes added
  uint32_t live_words;     // words of a register set
  uint32_t baseline_words; // of those in baseline_live
  // Live registers before each baseline instruction: what deoptimization there
  // needs. By word; NULL where no instruction starts.
  uint64_t **baseline_live;
  // The handler block of each baseline word, innermost; NO_BLOCK: none.
  uint32_t *handler_of;
  const char *failure; // why this cannot be compiled, or NULL
} JitGraph;

// Bytecode -> graph. False: graph->failure says why.
bool jit_decode(JitGraph *, const Template *);
// Graph -> bytecode; NULL: failure.
OptimizedCode *jit_encode(JitGraph *, Template *baseline);
void jit_print(const JitGraph *);

// A block that is laid out nowhere yet. Pointers to blocks do not survive it.
uint32_t jit_block_new(JitGraph *);
JitInstruction *jit_append(JitGraph *, uint32_t block, JitInstruction);

// Registers that an instruction reads and writes, in runs.
typedef struct JitRun {
  uint16_t first, count;
} JitRun;
typedef struct JitOperands {
  JitRun uses[4], defs[2];
  uint8_t use_count, def_count;
} JitOperands;
// False: the table does not know the instruction; see jit_operands_known.
bool jit_operands(const JitGraph *, const JitInstruction *, JitOperands *);
bool jit_operands_known(Opcode);
static inline unsigned jit_effects(const JitInstruction *i) {
  return bytecode_info[i->op].effects;
}
static inline bool jit_can_throw(const JitInstruction *i) {
  return (jit_effects(i) & EFFECT_THROWS) != 0;
}
// Has it a target block (other than a table's)?
bool jit_is_jump(const JitInstruction *);
// A guard: may go back to the baseline.
bool jit_is_guard(Opcode);

// Recomputes is_reachable and drops nothing.
void jit_mark_reachable(JitGraph *);
void jit_count_predecessors(JitGraph *); // and marks what is reachable
void jit_compute_liveness(JitGraph *);
// Calls `visit` with the live set after each instruction of a block, from last
// to first; the set may be changed by nobody. Needs jit_compute_liveness.
typedef bool JitVisitLive(JitGraph *, JitInstruction *, const uint64_t *after,
                          void *data); // true: the instruction goes away
void jit_walk_backwards(JitGraph *, uint32_t block, JitVisitLive *, void *data);

static inline bool jit_set_has(const uint64_t *set, uint32_t i) {
  return set[i / 64] >> (i % 64) & 1;
}
static inline void jit_set_add(uint64_t *set, uint32_t i) {
  set[i / 64] |= (uint64_t)1 << (i % 64);
}
static inline void jit_set_remove(uint64_t *set, uint32_t i) {
  set[i / 64] &= ~((uint64_t)1 << (i % 64));
}

// Passes: each changes the graph and returns how many changes it made.
typedef struct JitPass {
  const char *name;
  uint32_t (*run)(JitGraph *);
} JitPass;
extern const JitPass jit_passes[];
extern const uint32_t jit_pass_count;
enum { JIT_MAX_PASSES = 16 };

uint32_t jit_pass_inline(JitGraph *);
uint32_t jit_pass_constants(JitGraph *);
uint32_t jit_pass_copies(JitGraph *);
uint32_t jit_pass_dead_stores(JitGraph *);
uint32_t jit_pass_jumps(JitGraph *);
uint32_t jit_pass_fusion(JitGraph *);

#endif
