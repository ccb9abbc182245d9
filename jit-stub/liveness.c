// SPDX-License-Identifier: MIT
// Live registers, by iteration to the fixed point over the blocks.
//
// Besides its reads an instruction needs what its exception handler needs, if
// it can throw, and what the baseline needs, if it is a guard.
#include <string.h>

#include "jit-stub/ir.h"

static void add_all(uint64_t *to, const uint64_t *from, uint32_t words) {
  for (uint32_t i = 0; i < words; i++)
    to[i] |= from[i];
}

// The block's successors that the last instructions name.
typedef void Successor(JitGraph *, uint32_t block, void *data);
static void for_each_successor(JitGraph *g, const JitBlock *block,
                               Successor *visit, void *data) {
  if (block->fallthrough != NO_BLOCK) visit(g, block->fallthrough, data);
  for (uint32_t k = 0; k < block->count; k++) {
    const JitInstruction *i = &block->code[k];
    if (i->op == OP_JUMP_TABLE_OWN) {
      const JitTable *table = &g->tables[i->target];
      for (uint32_t n = 0; n < table->count; n++)
        if (table->targets[n] != NO_BLOCK) visit(g, table->targets[n], data);
    } else if (jit_is_jump(i)) {
      visit(g, i->target, data);
    }
    // A handler gets what its instructions can throw.
    if (jit_can_throw(i) && g->handler_of[i->baseline_pc] != NO_BLOCK)
      visit(g, g->handler_of[i->baseline_pc], data);
  }
}

typedef struct Work {
  uint32_t *stack, count;
} Work;
static void reach(JitGraph *g, uint32_t block, void *data) {
  Work *work = data;
  if (g->blocks[block].is_reachable) return;
  g->blocks[block].is_reachable = true;
  work->stack[work->count++] = block;
}

void jit_mark_reachable(JitGraph *g) {
  Work work = {jit_allocate(&g->arena, g->block_count * sizeof(uint32_t)), 0};
  for (uint32_t b = 0; b < g->block_count; b++)
    g->blocks[b].is_reachable = false;
  reach(g, 0, &work);
  while (work.count != 0)
    for_each_successor(g, &g->blocks[work.stack[--work.count]], reach, &work);
}

static void count_predecessor(JitGraph *g, uint32_t block, void *data) {
  JitBlock *to = &g->blocks[block];
  uint32_t from = *(const uint32_t *)data;
  // Several edges from one block are as good as one.
  to->only_predecessor =
      to->only_predecessor == NO_BLOCK || to->only_predecessor == from
          ? from
          : block; // itself: more than one
}

void jit_count_predecessors(JitGraph *g) {
  jit_mark_reachable(g);
  for (uint32_t b = 0; b < g->block_count; b++)
    g->blocks[b].only_predecessor = NO_BLOCK;
  for (uint32_t b = 0; b < g->block_count; b++)
    if (g->blocks[b].is_reachable)
      for_each_successor(g, &g->blocks[b], count_predecessor, &b);
  for (uint32_t b = 0; b < g->block_count; b++) {
    JitBlock *block = &g->blocks[b];
    if (block->only_predecessor == b || block->is_osr_entry ||
        block->is_handler || b == 0)
      block->only_predecessor = NO_BLOCK;
  }
}

// The set before an instruction, from the one after it.
static void step(JitGraph *g, const JitInstruction *i, uint64_t *live) {
  JitOperands o;
  jit_operands(g, i, &o);
  if (i->op == OP_JUMP_TABLE_OWN) {
    const JitTable *table = &g->tables[i->target];
    for (uint32_t n = 0; n < table->count; n++)
      if (table->targets[n] != NO_BLOCK)
        add_all(live, g->blocks[table->targets[n]].live_in, g->live_words);
  } else if (jit_is_jump(i)) {
    add_all(live, g->blocks[i->target].live_in, g->live_words);
  }
  for (uint32_t k = 0; k < o.def_count; k++)
    for (uint32_t r = 0; r < o.defs[k].count; r++)
      jit_set_remove(live, o.defs[k].first + r);
  if (jit_can_throw(i)) {
    uint32_t handler = g->handler_of[i->baseline_pc];
    if (handler != NO_BLOCK)
      add_all(live, g->blocks[handler].live_in, g->live_words);
  }
  if (jit_is_guard((Opcode)i->op))
    add_all(live, g->baseline_live[i->baseline_pc], g->baseline_words);
  for (uint32_t k = 0; k < o.use_count; k++)
    for (uint32_t r = 0; r < o.uses[k].count; r++)
      jit_set_add(live, o.uses[k].first + r);
}

static void block_end(const JitGraph *g, const JitBlock *block,
                      uint64_t *live) {
  size_t bytes = g->live_words * sizeof(uint64_t);
  if (block->fallthrough != NO_BLOCK) {
    memcpy(live, g->blocks[block->fallthrough].live_in, bytes);
  } else {
    memset(live, 0, bytes);
  }
}

void jit_walk_backwards(JitGraph *g, uint32_t b, JitVisitLive *visit,
                        void *data) {
  JitBlock *block = &g->blocks[b];
  uint64_t *live = jit_allocate(&g->arena, g->live_words * sizeof(uint64_t));
  block_end(g, block, live);
  uint32_t kept = block->count;
  for (uint32_t k = block->count; k-- > 0;) {
    JitInstruction i = block->code[k];
    if (visit(g, &i, live, data)) continue;
    step(g, &i, live);
    block->code[--kept] = i;
  }
  if (kept != 0) {
    block->count -= kept;
    memmove(block->code, block->code + kept,
            block->count * sizeof *block->code);
  }
}

void jit_compute_liveness(JitGraph *g) {
  uint32_t words = (g->register_count + 63) / 64;
  g->live_words = words;
  size_t bytes = words * sizeof(uint64_t);
  uint64_t *live = jit_allocate(&g->arena, bytes);
  for (uint32_t b = 0; b < g->block_count; b++)
    g->blocks[b].live_in = jit_allocate(&g->arena, bytes);
  bool changed = true;
  while (changed) {
    changed = false;
    for (uint32_t b = g->block_count; b-- > 0;) {
      JitBlock *block = &g->blocks[b];
      if (!block->is_reachable) continue;
      block_end(g, block, live);
      for (uint32_t k = block->count; k-- > 0;)
        step(g, &block->code[k], live);
      if (memcmp(live, block->live_in, bytes) != 0) {
        memcpy(block->live_in, live, bytes);
        changed = true;
      }
    }
  }
}
