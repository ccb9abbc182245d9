// SPDX-License-Identifier: MIT
// Jump threading: jumps to blocks that only go on elsewhere go there at once.
#include "jit-stub/ir.h"

// Where control that reaches block b ends up without having done anything.
static uint32_t final_target(JitGraph *g, uint32_t b) {
  for (uint32_t steps = 0; steps < 32; steps++) {
    const JitBlock *block = &g->blocks[b];
    uint32_t to;
    if (block->count == 0 && block->fallthrough != NO_BLOCK) {
      to = block->fallthrough;
    } else if (block->count == 1 && block->code[0].op == OP_JUMP) {
      to = block->code[0].target;
    } else {
      break;
    }
    if (to == b) break;
    b = to;
  }
  return b;
}

static uint32_t thread(JitGraph *g, uint32_t *target) {
  if (*target == NO_BLOCK) return 0;
  uint32_t to = final_target(g, *target);
  if (to == *target) return 0;
  *target = to;
  return 1;
}

uint32_t jit_pass_jumps(JitGraph *g) {
  uint32_t changes = 0;
  for (uint32_t b = 0; b < g->block_count; b++) {
    JitBlock *block = &g->blocks[b];
    for (uint32_t k = 0; k < block->count; k++) {
      JitInstruction *i = &block->code[k];
      // Back-edges keep their targets: OSR enters there.
      if (jit_is_jump(i) && !(jit_effects(i) & EFFECT_BACKEDGE))
        changes += thread(g, &i->target);
    }
    // A jump at the end is the fallthrough: the encoder puts it if it must.
    if (block->count != 0 && block->code[block->count - 1].op == OP_JUMP) {
      block->fallthrough = block->code[--block->count].target;
      changes++;
    }
    changes += thread(g, &block->fallthrough);
  }
  for (uint32_t n = 0; n < g->table_count; n++)
    for (uint32_t k = 0; k < g->tables[n].count; k++)
      changes += thread(g, &g->tables[n].targets[k]);
  jit_mark_reachable(g);
  return changes;
}
